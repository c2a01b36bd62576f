"""Makes a figure's SVG fit to stand inside a page: own ids, colours that follow the theme."""

from __future__ import annotations

import re
from html import escape

THEMED = {  # house colour -> CSS variable, so that dark pages stay readable
    "#1f2933": "--ink", "#66727f": "--muted", "#e3e7eb": "--line", "#333840": "--grid-power",
    "#111111": "--load", "#0b6e4f": "--accent", "#8793a3": "--axis", "#b3261e": "--fail",
    "#1b7f5c": "--ok", "#b86e00": "--warn",
}  # fmt: skip
CASING = "#ffffff"
TAG = re.compile(r"<[^<>]*>")
ID = re.compile(r'\s?\bid="([^"]*)"')
REFERENCE = re.compile(r'(url\(#|href="#)')
LONG = re.compile(r"-?\d+\.\d{3,}")
GEOMETRY = re.compile(r'\b(d|x|y|points|width|height|transform)="([^"]*)"')
STYLE = re.compile(r'style="([^"]*)"')
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
STRAIGHT = re.compile(r"([MLz])\s*(?:(-?[\d.]+)\s+(-?[\d.]+))?\s*")
USED = re.compile(r"#([\w-]+)")
EMPTY = re.compile(r"<g\s*/>")
BETWEEN = re.compile(r">\s+<")
FINE = 100
"""Places per point [pt] that geometry is told in."""


def tidy(source: str) -> str:
    """A figure file: geometry rounded to 0.01 pt and written shortly, texts left alone."""
    used = set(USED.findall(source))
    brief = TAG.sub(lambda tag: _brief(tag[0], used), source)
    return BETWEEN.sub(">\n<", EMPTY.sub("", brief))


def _brief(tag: str, used: set[str]) -> str:
    tag = GEOMETRY.sub(_rounded, tag)
    return ID.sub(lambda name: name[0] if name[1] in used else "", tag)


def _rounded(match: re.Match[str]) -> str:
    if match[1] == "d" and not STRAIGHT.sub("", match[2]):
        return f'd="{_straight(match[2])}"'
    short = LONG.sub(lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), match[2])
    return f'{match[1]}="{short}"'


def _straight(path: str) -> str:
    """A path of straight lines by its moves from corner to corner."""
    out: list[str] = []
    here = start = (0, 0)
    along = (0, 0)  # what is still to be written of a line that goes on in its direction
    for name, x, y in [*STRAIGHT.findall(path), ("", "", "")]:
        there = (round(FINE * float(x)), round(FINE * float(y))) if x else start
        step = (there[0] - here[0], there[1] - here[1]) if name == "L" else (0, 0)
        if name == "L" and 0 in step and _go_on(along, step):
            along = along[0] + step[0], along[1] + step[1]
        else:
            out.append(_move(along))
            along = step
        if name == "M":
            out.append(f"M{_places(there[0])} {_places(there[1])}")
            start = there
        elif name == "z":
            out.append("z")
        here = there
    return "".join(out)


def _go_on(along: tuple[int, int], step: tuple[int, int]) -> bool:
    """Whether a step along an axis only makes the line before it longer, or is none."""
    return step == (0, 0) or any(
        along[k] * step[k] > 0 and along[1 - k] == step[1 - k] == 0 for k in (0, 1)
    )


def _move(step: tuple[int, int]) -> str:
    right, down = step
    if right and down:
        return f"l{_places(right)} {_places(down)}"
    return f"h{_places(right)}" if right else f"v{_places(down)}" if down else ""


def _places(number: int) -> str:
    """Hundredths as a number without needless digits."""
    text = f"{number / FINE:.2f}".rstrip("0").rstrip(".")
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def inline(source: str, prefix: str, alt: str) -> str:
    """The SVG as a page fragment with ids under `prefix` and `alt` as its accessible name."""
    body = source[source.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.S)
    body = TAG.sub(lambda tag: _themed(tag[0], prefix), body)
    head_end = body.index(">")
    head = body[:head_end]
    box = re.search(r'viewBox="[^"]*"', head)
    opening = (f'<svg {box[0] if box else ""} xmlns:xlink="http://www.w3.org/1999/xlink" '
               f'role="img" aria-label="{escape(alt)}" focusable="false"')  # fmt: skip
    return opening + body[head_end:]


def _themed(tag: str, prefix: str) -> str:
    tag = ID.sub(lambda m: f' id="{prefix}-{m[1]}"', tag)
    tag = REFERENCE.sub(lambda m: f"{m[1]}{prefix}-", tag)
    return STYLE.sub(lambda m: f'style="{COLOUR.sub(_variable, m[1])}"', tag)


def _variable(match: re.Match[str]) -> str:
    if match[0] == CASING:
        return "var(--paper)"
    name = THEMED.get(match[0])
    return f"var({name})" if name else match[0]

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
ID = re.compile(r' id="([^"]*)"')
USE = re.compile(r'(?:url\(|href=")#([^")]*)')
BETWEEN = re.compile(r">\s+<")
ALONE = re.compile(r"<g>(<(?:path|use)\b[^<>]*/>)</g>")
"""A group that adds nothing to the one mark in it."""
FONT = re.compile(r"font-family: [^;]*;\s*")
UPRIGHT = re.compile(r' transform="rotate\(-?0 [^"]*"')
REFERENCE = re.compile(r'(url\(#|href="#)')
PATH = re.compile(r'\bd="([^"]*)"')
PART = re.compile(r"([MLQCz])([^MLQCz]*)")
LONG_PATH = 2_000
OTHER = re.compile(r"[^MLQCz\d\s.+-]")
LONG = re.compile(r"-?\d+\.\d{3,}")
GEOMETRY = re.compile(r'\b(d|x|y|points|width|height|transform)="([^"]*)"')
STYLE = re.compile(r'style="([^"]*)"')
COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def tidy(source: str) -> str:
    """A figure file: geometry rounded to 0.01 pt, paths written short, texts left alone."""
    return TAG.sub(lambda tag: PATH.sub(_short_path, GEOMETRY.sub(_rounded, tag[0])), source)


def _short_path(match: re.Match[str]) -> str:
    """A path of absolute lines and curves as steps from point to point, in a third of the room.

    Steps are differences of rounded points, so that errors do not add up. A path of very many
    points, the outline of a year or week, is rounded to 0.1 pt, others to 0.01 pt.
    """
    if OTHER.search(match[1]):
        return match[0]
    out: list[str] = []
    grain = 10 if len(match[1]) > LONG_PATH else 1
    here = first = (0, 0)
    for letter, numbers in PART.findall(match[1]):
        whole = [grain * round(100 / grain * float(number)) for number in numbers.split()]
        points = list(zip(whole[::2], whole[1::2], strict=True))
        if letter == "z":
            out.append("z")
            here = first
        elif letter == "M":
            out.append(f"M{_hundredths(*points[0])}")
            here = first = points[0]
        else:
            steps = [(x - here[0], y - here[1]) for x, y in points]
            out.append(_step(letter, steps))
            here = points[-1]
    return f'd="{"".join(out)}"'


def _step(letter: str, steps: list[tuple[int, int]]) -> str:
    (dx, dy), *more = steps
    if not more and dy == 0:
        return f"h{_hundredths(dx)}"
    if not more and dx == 0:
        return f"v{_hundredths(dy)}"
    return letter.lower() + " ".join(_hundredths(*step) for step in steps).replace(" -", "-")


def _hundredths(*values: int) -> str:
    """Whole hundredths as decimals, such as .5 for 50."""
    texts = (f"{value / 100:.2f}".rstrip("0").rstrip(".") for value in values)
    short = (text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
             for text in texts)  # fmt: skip
    return " ".join(short).replace(" -", "-")


def _rounded(match: re.Match[str]) -> str:
    short = LONG.sub(lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), match[2])
    return f'{match[1]}="{short}"'


def inline(source: str, prefix: str, alt: str) -> str:
    """The SVG as a page fragment with ids under `prefix` and `alt` as its accessible name.

    What a page has anyway or nobody names (font, ids without a use, empty groups) is left out.
    """
    body = source[source.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
    body = re.sub(r"<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", body, flags=re.S)
    used = set(USE.findall(body))
    body = TAG.sub(lambda tag: _themed(tag[0], prefix, used), BETWEEN.sub("><", body))
    body = ALONE.sub(r"\1", body.replace("<g/>", ""))
    head_end = body.index(">")
    head = body[:head_end]
    box = re.search(r'viewBox="[^"]*"', head)
    opening = (f'<svg {box[0] if box else ""} xmlns:xlink="http://www.w3.org/1999/xlink" '
               f'role="img" aria-label="{escape(alt)}" focusable="false"')  # fmt: skip
    return opening + body[head_end:]


def _themed(tag: str, prefix: str, used: set[str]) -> str:
    tag = ID.sub(lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", tag)
    tag = UPRIGHT.sub("", tag)
    tag = REFERENCE.sub(lambda m: f"{m[1]}{prefix}-", tag)
    return STYLE.sub(lambda m: f'style="{COLOUR.sub(_variable, FONT.sub("", m[1]))}"', tag)


def _variable(match: re.Match[str]) -> str:
    if match[0] == CASING:
        return "var(--paper)"
    name = THEMED.get(match[0])
    return f"var({name})" if name else match[0]

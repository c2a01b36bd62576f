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
ID = re.compile(r'\bid="([^"]*)"')
REFERENCE = re.compile(r'(url\(#|href="#)')
LONG = re.compile(r"-?\d+\.\d{3,}")
GEOMETRY = re.compile(r'\b(d|x|y|points|width|height|transform)="([^"]*)"')
STYLE = re.compile(r'style="([^"]*)"')
COLOUR = re.compile(r"#[0-9a-f]{6}\b")


def tidy(source: str) -> str:
    """A figure file: geometry rounded to 0.01 pt, texts left alone."""
    return TAG.sub(lambda tag: GEOMETRY.sub(_rounded, tag[0]), source)


def _rounded(match: re.Match[str]) -> str:
    short = LONG.sub(lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), match[2])
    return f'{match[1]}="{short}"'


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
    tag = ID.sub(lambda m: f'id="{prefix}-{m[1]}"', tag)
    tag = REFERENCE.sub(lambda m: f"{m[1]}{prefix}-", tag)
    return STYLE.sub(lambda m: f'style="{COLOUR.sub(_variable, m[1])}"', tag)


def _variable(match: re.Match[str]) -> str:
    if match[0] == CASING:
        return "var(--paper)"
    name = THEMED.get(match[0])
    return f"var({name})" if name else match[0]

"""The one font: which characters it has, and the small copy of it that a page carries."""

from __future__ import annotations

import io
import logging
from functools import cache
from typing import Any

from coplan.report.style import FAMILY, font_file

MISSING_MARK = "□"
LATIN = "".join(map(chr, range(32, 127)))
SUBSCRIPT_TWO = "₂"  # not in the font: shown by markup, drawn by the fall-back font in figures


@cache
def _face() -> int:
    from fontTools.ttLib import TTCollection

    with TTCollection(font_file(), lazy=True) as collection:
        names = [face["name"].getDebugName(1) for face in collection.fonts]
    return names.index(FAMILY)


def _open() -> Any:
    from fontTools.ttLib import TTFont

    return TTFont(font_file(), fontNumber=_face(), lazy=True, recalcBBoxes=False)


@cache
def characters() -> frozenset[int]:
    """Code points the font can show."""
    with _open() as font:
        return frozenset(font.getBestCmap())


def missing(text: str) -> set[str]:
    """Characters of the text that the font cannot show, control characters apart."""
    known = characters()
    return {c for c in set(text) if ord(c) not in known and c not in "\n\r\t" + SUBSCRIPT_TWO}


def visible(text: str) -> str:
    """The text with every character the font lacks replaced by a visible mark, and a log line."""
    lacking = missing(text)
    if not lacking:
        return text
    codes = ", ".join(f"U+{ord(c):04X}" for c in sorted(lacking))
    logging.getLogger(__name__).warning("characters the report font lacks: %s", codes)
    return text.translate({ord(c): MISSING_MARK for c in lacking})


@cache
def _subset(wanted: str) -> bytes:
    from fontTools import subset

    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.name_IDs = [1, 2]
    options.drop_tables += ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx"]
    with _open() as font:
        font.recalcTimestamp = False
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=wanted)
        subsetter.subset(font)
        font.flavor = "woff2"
        out = io.BytesIO()
        font.save(out, reorderTables=None)
    return out.getvalue()


def woff2(text: str) -> bytes:
    """A WOFF2 with the glyphs of the text (and ASCII), the same bytes for the same characters."""
    return _subset("".join(sorted(set(text + LATIN + MISSING_MARK))))

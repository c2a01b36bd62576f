"""One report in one language as plain lists, dicts and strings, the same for both templates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from coplan.report.catalogue import SYMBOLS, Locale
from coplan.report.model import (
    Block,
    Delta,
    Explorer,
    Figure,
    Item,
    Listing,
    Name,
    Paragraph,
    Report,
    Section,
    Status,
    Table,
)  # fmt: skip
from coplan.report.numbers import Amount
from coplan.report.pdf import LOGO

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle


def resolve(report: Report, locale: Locale, house: HouseStyle | None = None) -> dict[str, Any]:
    """The report as JSON-ready data: every text final, figures and tables numbered.

    "house" is None without a template.
    """
    count = {"figure": 0, "table": 0}
    words = ("skip", "contents", "theme", "data", "made")
    sections = [_section(section, locale, count) for section in report.sections]
    places = _anchored([block for section in sections for block in section["blocks"]])
    return {
        "lang": locale.lang,
        "house": _house(house, locale) if house is not None else None,
        "language_tag": locale.text("page.lang"),
        "title": locale.show(report.title),
        "subtitle": locale.show(report.subtitle),
        "identity": locale.show(report.identity),
        "status": _cell(report.status, locale),
        "cards": [
            {"label": locale.show(card.label), "value": locale.show(card.value),
             "remark": locale.show(card.remark), "level": card.level,
             "symbol": "" if card.level == "none" else SYMBOLS[card.level],
             "source": _place(card.source, places)}
            for card in report.cards
        ],
        "notices": [_block(notice, locale, count) for notice in report.notices],
        "sections": sections,
        "words": {word: locale.text(f"page.{word}") for word in words}
        | {"contents_title": locale.text("cover.contents"),
           "script": {k: locale.text(f"page.{k}") for k in ("sort", "filter", "rows", "change")}
           | {"time": locale.text("table.time")},
           "year": {k: locale.text(f"figure.year.{k}") for k in (
               "caption", "alt", "whole", "month", "week", "day", "earlier", "later", "closer",
               "wider", "keyboard", "series", "without")},
           "explorer": {k: locale.text(f"figure.explorer.{k}") for k in (
               "caption", "alt", "variants", "all", "none", "x", "y", "closer", "wider", "fit",
               "keyboard", "without")}},
    }  # fmt: skip


def _house(house: HouseStyle, locale: Locale) -> dict[str, Any]:
    """Texts, colours and the name of the logo's file; what a template leaves out is empty."""
    about = house.template

    def name(entry: Any) -> str:
        return locale.show(Name(entry.zh, entry.en)) if entry is not None else ""

    lines = [name(about.department)] if about.department else []
    if about.authors:
        lines.append(locale.text("house.authors", list=Listing(about.authors)))
    number = about.document_number or ""
    if number:
        number = locale.text("house.number", number=number)
        lines.append(number)
    return {"organisation": name(about.organisation), "lines": lines, "number": number,
            "confidentiality": name(about.confidentiality),
            "accent": about.accent, "accent_dark": house.accent_dark,
            "logo": f"{LOGO}.{house.logo.form}" if house.logo else ""}  # fmt: skip


def _anchored(blocks: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Gives figures and tables their anchors, and rows the place of their source; id -> place."""
    places: dict[str, dict[str, str]] = {}
    taken: set[str] = set()
    for block in sorted((b for b in blocks if "number" in b), key=lambda b: b["kind"]):
        name = anchor = f"{block['kind']}-{block['id']}"
        while anchor in taken:
            anchor = f"{name}-{len(taken)}"
        taken.add(anchor)
        block["anchor"] = anchor
        places.setdefault(block["id"], {"anchor": anchor, "number": block["number"]})
    for block in blocks:
        if block["kind"] == "table":
            for row, ids in block.pop("sources").items():
                block["rows"][row][0]["source"] = _place(ids, places)
    return places


def _place(ids: Sequence[str], places: dict[str, dict[str, str]]) -> dict[str, str] | None:
    return next((places[one] for one in ids if one in places), None)


def _section(section: Section, locale: Locale, count: dict[str, int]) -> dict[str, Any]:
    return {"id": section.id, "title": locale.show(section.title),
            "blocks": [_block(block, locale, count) for block in section.blocks]}  # fmt: skip


def _block(block: Block, locale: Locale, count: dict[str, int]) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": locale.show(block.text), "tone": block.tone}
    if isinstance(block, Table):
        count["table"] += 1
        return _table(block, locale, f"{locale.text('cover.table')} {count['table']}")
    if isinstance(block, Figure):
        count["figure"] += 1
        return {
            "kind": "figure", "id": block.id,
            "number": f"{locale.text('cover.figure')} {count['figure']}",
            "title": locale.show(block.title), "caption": locale.show(block.caption),
            "alt": f"{locale.show(block.title)} {locale.show(block.alt)}",
            "file": f"figures/{block.id}.{locale.lang}.svg",
            "data_file": f"figures/{block.id}.csv",
        }  # fmt: skip
    if isinstance(block, Explorer):
        return _explorer(block, locale)
    return {"kind": "year"}


def _explorer(block: Explorer, locale: Locale) -> dict[str, Any]:
    """The variants and their figures as the page's script reads them."""
    figures = [
        {"id": one.id, "name": locale.show(one.name),
         "values": [value.value if math.isfinite(value.value) else None for value in one.values],
         "texts": [locale.show(value) for value in one.values]}
        for one in block.figures
    ]  # fmt: skip
    return {"kind": "explorer", "x": block.x, "y": block.y, "figures": figures,
            "variants": [locale.show(name) for name in block.variants]}  # fmt: skip


def _table(table: Table, locale: Locale, number: str) -> dict[str, Any]:
    return {
        "kind": "table", "id": table.id, "number": number, "title": locale.show(table.title),
        "columns": [
            {"title": locale.show(column.title), "unit": locale.show(column.unit),
             "numeric": column.numeric, "width": column.width}
            for column in table.columns
        ],
        "rows": [[_cell(cell, locale) for cell in row] for row in table.rows],
        "totals": sorted(table.totals), "note": locale.show(table.note), "small": table.small,
        "grouped": table.grouped, "across": table.across,
        "sources": table.sources, "variants": table.variants,
    }  # fmt: skip


def _cell(item: Item, locale: Locale) -> dict[str, Any]:
    out: dict[str, Any] = {"text": locale.show(item), "sort": None, "level": None, "delta": None,
                           "source": None}  # fmt: skip
    if isinstance(item, Amount) and math.isfinite(item.value):
        out["sort"] = float(f"{item.value:.12g}")
    if isinstance(item, Status):
        out["level"] = item.level
    if isinstance(item, Delta):
        out = _cell(item.value, locale)
        out |= {"delta": locale.show(item.change), "level": item.level}
    return out

"""The plan for people who live in spreadsheets: report.<lang>.xlsx, one sheet for each subject.

Text is always written as text: no name becomes a formula or a link. What is not a number is an
empty cell. The same plan gives the same bytes.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from coplan.plan import tables
from coplan.plan.cashflow import cash_flow
from coplan.report.card_values import in_both
from coplan.report.catalogue import Locale, entries, month_and_day
from coplan.report.clauses import clause_name
from coplan.report.facts import Facts
from coplan.report.model import Item, Message, Paragraph, say
from coplan.report.money import label_text
from coplan.report.sections import summary

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 150_000
"""Of the hourly sheet by site; above it the sites are added up (Excel takes 1,048,576 rows)."""
MOST_TEXT = 32_767
"""Characters that a cell may hold."""
A4 = 9
"""The number Excel has for this paper."""
WIDEST, LOOKED_AT = 46, 200
WRITTEN = datetime.datetime(2000, 1, 1)
"""Date in the file's properties: fixed, so that the bytes are the same."""
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")

FORMATS = {
    "text": "@", "whole": "0", "number": "#,##0.0##", "power": "#,##0.00", "energy": "#,##0.0",
    "money": "#,##0", "share": "0.00%", "ratio": "0.0000",
}  # fmt: skip
UNITS = (  # (end of a key, format, unit)
    ("_cny_per_mwh_it", "number", "CNY/MWh"), ("_cny_per_mwh", "number", "CNY/MWh"),
    ("_cny_per_p_hour", "ratio", "CNY/(P·h)"), ("_cny", "money", "CNY"),
    ("_cny_per_year", "money", "CNY"), ("_cny_per_unit", "money", "CNY"),
    ("_mwh", "energy", "MWh"), ("_mw", "power", "MW"), ("_p", "number", "P"),
    ("_gb", "energy", "GB"), ("_years", "number", "a"), ("_share", "share", "%"),
    ("domestic_share_of_additions", "share", "%"), ("occupancy", "share", "%"),
    ("irr", "share", "%"), ("irr_after_tax", "share", "%"),
    ("irr_equity", "share", "%"), ("gap", "share", "%"), ("gap_energy", "share", "%"),
    ("carbon_t_location", "energy", "t"), ("carbon_t_market", "energy", "t"),
    ("carbon_t_embodied", "energy", "t"), ("_t", "energy", "t"), ("pue", "ratio", ""),
    ("ere", "ratio", ""), ("cue", "ratio", "t/MWh"), ("wue", "ratio", "L/kWh"),
)  # fmt: skip
WHOLE = frozenset({"period", "time", "month", "day", "hour", "year", "calendar_year"})
LEFT_OUT = ("seconds_build", "seconds_solve", "seconds_total", "peak_memory_mb")
"""Key figures that differ from run to run."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: the columns' keys in the catalogue, and rows of numbers, texts and items."""

    id: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Shown:
    """A number with a format of its own, where a column holds several kinds."""

    value: float
    form: str


def write(facts: Facts, locale: Locale, path: Path) -> None:
    """Write the workbook of a plan: about, key figures, sizes, months, hours, account, cash flow,
    compliance and parameters."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False, "nan_inf_to_errors": False,
    })  # fmt: skip
    book.set_properties({"title": _clean(locale.show(facts.title)), "author": "coplan",
                         "created": WRITTEN})  # fmt: skip
    forms = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
    forms["head"] = book.add_format({"bold": True, "text_wrap": True, "valign": "top",
                                     "bottom": 1, "bg_color": "#F1F5F4"})  # fmt: skip
    forms["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    found = sheets(facts)
    _about(book.add_worksheet(locale.text("workbook.about")), facts, found, locale, forms)
    for sheet in found:
        _write(book.add_worksheet(locale.text(f"workbook.{sheet.id}")), sheet, locale, forms)
    book.close()


def sheets(facts: Facts) -> list[Sheet]:
    """Every sheet but the first; no sheet for a cash flow that cannot be told."""
    out = [_key_figures(facts), _sizes(facts), _monthly(facts), _hourly(facts), _account(facts)]
    flow = cash_flow(facts.plan)
    if flow is not None:
        out.append(Sheet("cashflow", list(flow), _rows(flow)))
    return [*out, _compliance(facts), _parameters(facts)]


def _key_figures(facts: Facts) -> Sheet:
    rows: list[list[Any]] = []
    for key, value in facts.kpis.items():
        if key in LEFT_OUT:
            continue
        stem, year = _year_of(key, facts.periods)
        form, unit = _form(stem)
        label = stem.removeprefix("compute_p_")
        name: Item = key
        if f"workbook.kpi.{stem}" in entries():
            name = say(f"workbook.kpi.{stem}")
        elif label != stem:
            name, unit = say("compliance.compute", label=facts.label_name(label)), "P"
        shown = Shown(float(value), form) if isinstance(value, int | float) else value
        rows.append([name, key, year, shown, unit])
    return Sheet("kpis", ("figure", "key", "period", "value", "unit"), rows)


def _year_of(key: str, periods: Sequence[int]) -> tuple[str, int | None]:
    """A key figure's name without the planning period at its end, and the period."""
    for year in periods:
        if key.endswith(f"_{year}"):
            return key.removesuffix(f"_{year}"), year
    return key, None


def _sizes(facts: Facts) -> Sheet:
    table = tables.capacity_table(facts.plan)
    for column in ("id", "site"):
        table.insert(len(table.columns) - 3, f"{column}_name", _named(facts, table[column]))
    table["quantity"] = [say(f"workbook.size.{name}") for name in table["quantity"]]
    table["kind"] = _worded("workbook.kind", table["kind"])
    table["unit"] = _worded("workbook.unit", table["unit"])
    return Sheet("sizes", list(table), _rows(table))


def _monthly(facts: Facts) -> Sheet:
    table = tables.monthly_table(facts.plan)
    table["weather"] = _named(facts, table["weather"])
    table.insert(3, "site_name", _named(facts, table["site"]))
    return Sheet("monthly", list(table), _rows(table))


def _hourly(facts: Facts) -> Sheet:
    table = tables.hourly_table(facts.plan)
    names: list[Item]
    keys = ["period", "weather", "time"]
    if len(table) > MOST_ROWS:
        table = table.drop(columns=["site", "energy_price_cny_per_mwh"])
        table = table.groupby(keys, sort=False).sum().reset_index()
        names = [say("carrier.fleet")] * len(table)
    else:
        names = _named(facts, table.pop("site"))
    table["weather"] = _named(facts, table["weather"])
    table.insert(2, "site_name", names)
    step = table.pop("time").to_numpy()
    dates = [month_and_day(day) for day in facts.day]
    for at, (name, values) in enumerate((
        ("time", range(len(dates))), ("month", [month for month, _ in dates]),
        ("day", [day for _, day in dates]), ("hour", facts.hour.tolist()),
    )):  # fmt: skip
        table.insert(3 + at, name, pd.Series(values).to_numpy()[step])
    return Sheet("hourly", list(table), _rows(table))


def _account(facts: Facts) -> Sheet:
    table = tables.account_table(facts.plan)
    table.insert(1, "line", [label_text(name) for name in table["label"]])
    table.insert(3, "place_name", _named(facts, table["place"]))
    table["book"] = _worded("workbook.book", table["book"])
    return Sheet("account", list(table), _rows(table))


def _compliance(facts: Facts) -> Sheet:
    table = tables.compliance_table(facts.plan)
    rows = {(str(one["id"]), int(one["period"])): one for one in facts.clauses}
    names: list[Item] = []
    for one, period in zip(table["id"], table["period"], strict=True):
        row = None if pd.isna(period) else rows.get((one, int(period)))
        names.append(clause_name(facts, row) if row else one)
    table.insert(1, "clause", names)
    table["status"] = _worded("compliance", table["status"])
    table["kind"] = _worded("compliance", table["kind"])
    table["shadow_unit"] = _worded("workbook.shadow", table["shadow_unit"])
    return Sheet("compliance", list(table), _rows(table))


def _parameters(facts: Facts) -> Sheet:
    keys = ("card", "key", "value", "unit", "source", "confidence", "note")
    table = pd.DataFrame([[one.get(key) for key in keys] for one in facts.assumptions],
                         columns=list(keys), dtype=object)  # fmt: skip
    for name in ("source", "note"):
        table[name] = pd.Series([in_both(text) for text in table[name]], dtype=object)
    table["value"] = pd.Series([_number(value) for value in table["value"]], dtype=object)
    table["confidence"] = _worded("assumptions", table["confidence"])
    return Sheet("parameters", keys, _rows(table))


def _number(value: Any) -> Any:
    """A number where a text is one, as cards hold them."""
    return float(value) if isinstance(value, str) and NUMBER.fullmatch(value) else value


def _worded(section: str, words: Iterable[Any]) -> list[Item]:
    """What the catalogue calls these words; as they are where it has none."""
    known = {key: text for key, text in entries().items() if "{" not in text["en"]}
    out: list[Item] = []
    for word in words:
        exact = f"{section}.{str(word).replace('.', '_')}"
        found = [key for key in (exact, exact.lower().replace(" ", "_")) if key in known]
        out.append(say(found[0]) if found else word)
    return out


def _named(facts: Facts, ids: Iterable[Any]) -> list[Item]:
    return [facts.name(str(one)) if one else "" for one in ids]


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[name].tolist() for name in table), strict=True)


def _form(key: str) -> tuple[str, str]:
    """Number format and unit of what stands under a key."""
    if key in WHOLE:
        return "whole", ""
    if "green_share" in key:  # with its matching at the end
        return "share", "%"
    for end, form, unit in UNITS:
        if key == end or (end.startswith("_") and key.endswith(end)):
            return form, unit
    return "number", ""


def _about(sheet: Worksheet, facts: Facts, found: list[Sheet], locale: Locale,
           forms: dict[str, Format]) -> None:  # fmt: skip
    """The first sheet: which plan, its status and remarks, what the others hold."""
    state = summary.status(facts)
    marks = {"warn": "! ", "fail": "× "}
    notices = [p for p in summary.notices(facts) if isinstance(p, Paragraph)]
    rows: list[tuple[str, str]] = [
        (locale.text("workbook.plan"), locale.show(facts.title)),
        ("", locale.show(summary.identity(facts))), ("", locale.show(state)),
        *(("", marks.get(p.tone, "") + locale.show(p.text)) for p in notices),
        *((locale.text(f"workbook.{one.id}"), locale.show(_holds(one, facts))) for one in found),
    ]  # fmt: skip
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, _clean(text), forms["wrap"])


def _holds(sheet: Sheet, facts: Facts) -> Message:
    if sheet.id == "hourly" and "energy_price_cny_per_mwh" not in sheet.columns:
        return say("workbook.holds_hourly_fleet")
    return say(f"workbook.holds_{sheet.id}")


def _write(sheet: Worksheet, content: Sheet, locale: Locale, forms: dict[str, Format]) -> None:
    """Heading, rows, frozen heading, filter and widths of one sheet."""
    heads = [locale.text(f"workbook.column.{name}") for name in content.columns]
    column_forms = [_form(name)[0] for name in content.columns]
    widths = [min(14.0, _width(head)) for head in heads]
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, forms["head"])
    last = 0
    for last, cells in enumerate(content.rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, float | int) and not isinstance(cell, bool):
                if math.isfinite(cell):
                    sheet.write_number(last, column, cell, forms[column_forms[column]])
                continue
            if isinstance(cell, Shown):
                if math.isfinite(cell.value):
                    sheet.write_number(last, column, cell.value, forms[cell.form])
                continue
            text = _text(cell, locale)
            if text:
                sheet.write_string(last, column, text, forms["text"])
                if last < LOOKED_AT:
                    widths[column] = max(widths[column], min(WIDEST, _width(text)))
    sheet.freeze_panes(1, 0)
    sheet.set_paper(A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # as wide as a page, as long as it takes
    sheet.repeat_rows(0)
    if heads:
        sheet.autofilter(0, 0, last, len(heads) - 1)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)


def _text(cell: Any, locale: Locale) -> str:
    if cell is None or cell is pd.NA:
        return ""
    if isinstance(cell, bool):
        return locale.text("word.yes" if cell else "word.no")
    return _clean(locale.show(cell))


def _clean(text: str) -> str:
    """Text as a cell can hold it."""
    text = NOT_XML.sub("\ufffd", text)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def _width(text: str) -> float:
    """Width in characters; a Chinese one is about two."""
    return max(sum(2.0 if ord(c) > 0x2E7F else 1.1 for c in line) for line in text.split("\n"))

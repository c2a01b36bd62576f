"""Writes the report of one plan: HTML and PDF in each language, figures with their data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coplan.plan.tables import quoted
from coplan.report import application, chart, fonts, html, pdf, style, svg, workbook
from coplan.report.catalogue import Locale
from coplan.report.facts import Facts
from coplan.report.model import Figure, Report, YearChart
from coplan.report.resolve import resolve
from coplan.report.sections import (
    alternatives,
    appendix,
    assumptions,
    compute,
    finance,
    flows,
    operation,
    power,
    prices,
    summary,
    verdict,
)

if TYPE_CHECKING:
    import xarray as xr

    from coplan.report.house import HouseStyle


def build(plan: xr.Dataset, kpis: dict[str, Any], audit: dict[str, Any]) -> tuple[Report, Facts]:
    """The language-neutral report of a plan, and the facts it came from."""
    facts = Facts(plan, kpis, audit)
    made = [
        summary.section(facts), alternatives.section(facts), compute.section(facts),
        flows.section(facts), power.section(facts), operation.cooling(facts),
        operation.section(facts), verdict.money(facts), finance.section(facts),
        verdict.compliance(facts), prices.section(facts), assumptions.section(facts),
        verdict.proof(facts), appendix.section(facts),
    ]  # fmt: skip
    report = Report(
        title=facts.title, subtitle=summary.subtitle(), identity=summary.identity(facts),
        status=summary.status(facts), cards=summary.cards(facts),
        notices=summary.notices(facts), sections=[one for one in made if one],
    )  # fmt: skip
    return report, facts


def write_report(
    plan: xr.Dataset, kpis: dict[str, Any], audit: dict[str, Any], folder: str | Path,
    languages: Iterable[str] = ("zh", "en"), house: HouseStyle | None = None,
    with_workbook: bool = False, packs: Iterable[str] = (),
) -> None:  # fmt: skip
    """Write report.<lang>.html, report.<lang>.pdf and figures/ (SVG and CSV) into `folder`.

    `kpis` are those of kpis.json, `audit` the verifier's record. With a workbook also
    report.<lang>.xlsx; packs are written in place of the ordinary report.
    Raises CatalogueError for an unknown language, InputError for an unknown pack.
    """
    names = list(dict.fromkeys(application.pack_named(one) for one in packs))
    languages = tuple(languages)
    report, facts = build(plan, kpis, audit)
    for name in names:
        pack = application.build(name, report, facts)
        write(pack, Path(folder), f"report-{name}", languages, facts, house)
    if not names:
        write(report, Path(folder), "report", languages, facts, house)
    if with_workbook:
        for lang in languages:
            workbook.write(facts, Locale(lang), Path(folder) / f"report.{lang}.xlsx")


def write(report: Report, folder: Path, stem: str, languages: Iterable[str],
          facts: Facts | None = None, house: HouseStyle | None = None) -> None:  # fmt: skip
    """Write a report under the file name `stem`; with facts, HTML gets the full-year chart."""
    locales = [Locale(lang) for lang in languages]
    pictures = figures_of(report)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    tables = {figure.id: _csv(figure) for figure in pictures}
    for name, table in tables.items():
        path = folder / "figures" / f"{name}.csv"
        path.write_text(table, encoding="utf-8", newline="")
    has_year = any(isinstance(b, YearChart) for s in report.sections for b in s.blocks)
    pages = {}
    for locale in locales:
        data = _checked(resolve(report, locale, house))
        drawn = _draw(pictures, locale)
        for name, source in drawn.items():
            path = folder / "figures" / f"{name}.{locale.lang}.svg"
            path.write_text(source, encoding="utf-8", newline="\n")
        pdf.write(data, drawn, folder / f"{stem}.{locale.lang}.pdf", house)
        year = chart.document(facts, locale) if facts and has_year else None
        pages[locale.lang] = (data, drawn, year)
    text = "".join(json.dumps([data, (year or {}) | {"values": ""}], ensure_ascii=False)
                   + "".join(drawn.values()) for data, drawn, year in pages.values())  # fmt: skip
    font = fonts.woff2("".join(set(text) - fonts.missing(text)))
    for lang, (data, drawn, year) in pages.items():
        page = html.page(data, drawn, tables, year, font, house)
        (folder / f"{stem}.{lang}.html").write_text(page, encoding="utf-8", newline="\n")


def figures_of(report: Report) -> list[Figure]:
    """All figures of a report in order."""
    return [b for s in report.sections for b in s.blocks if isinstance(b, Figure)]


def _draw(pictures: list[Figure], locale: Locale) -> dict[str, str]:
    with style.applied():
        return {f.id: svg.tidy(fonts.visible(style.draw(f, locale))) for f in pictures}


def _checked(value: Any) -> Any:
    """The same data with characters that the font lacks made visible."""
    if isinstance(value, str):
        return fonts.visible(value)
    if isinstance(value, dict):
        return {key: _checked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_checked(item) for item in value]
    return value


def _csv(figure: Figure) -> str:
    """The data of a figure as CSV text."""
    file = io.StringIO(newline="")
    out = csv.writer(file, lineterminator="\n")
    out.writerow(quoted(name) for name in figure.data)
    for row in zip(*figure.data.values(), strict=True):
        out.writerow(quoted(x.item() if hasattr(x, "item") else x) for x in row)
    return file.getvalue()

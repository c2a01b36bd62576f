"""Several finished plans side by side: one table with signed changes, two figures, one CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coplan.plan.tables import quoted
from coplan.report import prose, writer
from coplan.report.facts import Facts
from coplan.report.figures import compare as figure
from coplan.report.model import (
    Block,
    Column,
    Delta,
    Item,
    Level,
    Name,
    Paragraph,
    Report,
    Section,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount
from coplan.report.sections.summary import is_stopped

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True)
class Line:
    """One row: text, key of kpis.json, factor to the unit shown, digits, which way is better."""

    text: str
    key: str
    factor: float = 1.0
    digits: int = 0
    better: int = 0


LINES = (
    Line("wind", "wind_mw", digits=1), Line("pv", "pv_mw", digits=1),
    Line("storage_mw", "storage_mw", digits=1), Line("storage_mwh", "storage_mwh", digits=1),
    Line("grid", "grid_connection_mw", digits=1),
    Line("contract_mwh", "contract_mwh", 1e-3, 1), Line("retail_mwh", "retail_mwh", 1e-3, 1, -1),
    Line("servers", "servers_mw", digits=1), Line("investment", "investment_cny", 1e-8, 2, -1),
    Line("cost", "cost_cny", 1e-8, 3, -1), Line("energy_cost", "energy_cost_per_mwh", 1.0, 1, -1),
    Line("npv", "npv_cny", 1e-8, 2, 1), Line("irr", "irr", 100.0, 2, 1),
    Line("green", "green_share", 100.0, 1, 1), Line("hourly", "green_share_hourly", 100.0, 1, 1),
    Line("curtailment", "curtailment_share", 100.0, 1, -1), Line("pue", "pue", 1.0, 3, -1),
    Line("carbon", "carbon_t_location", 1e-4, 2, -1), Line("gap", "gap", 100.0, 3),
)  # fmt: skip


def write_comparison(
    plans: list[tuple[str, xr.Dataset, dict[str, Any]]], folder: str | Path,
    languages: Iterable[str] = ("zh", "en"),
) -> None:  # fmt: skip
    """Write compare.<lang>.html, compare.<lang>.pdf and comparison.csv into `folder`.

    `plans` are (name, plan, kpis); changes are against the first.
    Raises ValueError when no plan is given.
    """
    if not plans:
        raise ValueError("a comparison needs at least one plan")
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    everyone = [Facts(plan, kpis, {}) for _, plan, kpis in plans]
    rows = [_numbers(facts) for facts in everyone]
    names = [Name(str(name), str(name)) for name, _, _ in plans]
    _write_csv(names, rows, place / "comparison.csv")
    writer.write(_report(names, everyone, rows), place, "compare", languages)


def _numbers(facts: Facts) -> dict[str, float]:
    out = {line.key: prose.number(facts.kpis.get(line.key)) for line in LINES}
    out["investment_cny"] = prose.investment(facts)
    out["energy_cost_per_mwh"] = prose.energy_cost(facts)
    return out


def _report(names: list[Name], everyone: list[Facts], rows: list[dict[str, float]]) -> Report:
    stopped = any(is_stopped(facts) for facts in everyone)
    gaps = [row["gap"] for row in rows if math.isfinite(row["gap"])]
    gap = Amount(max(gaps, default=math.nan), "percent", digits=2)
    blocks: list[Block] = []
    known = [i for i, row in enumerate(rows) if math.isfinite(row["energy_cost_per_mwh"])]
    if known:
        cheap = min(known, key=lambda i: rows[i]["energy_cost_per_mwh"])
        green = max(known, key=lambda i: rows[i]["green_share"])
        blocks.append(Paragraph(say(
            "compare.intro", count=Amount(len(rows), "count"), cheap=names[cheap],
            cost=Amount(rows[cheap]["energy_cost_per_mwh"], "price"), green=names[green],
            share=Amount(rows[green]["green_share"], "percent")), "lead"))  # fmt: skip
    blocks.append(_table(names, rows))
    pictures = (
        figure.cost_and_share(names, [r["green_share"] for r in rows],
                              [r["energy_cost_per_mwh"] for r in rows]),
        figure.sizes(names, rows),
    )  # fmt: skip
    blocks += [picture for picture in pictures if picture]
    key = "cover.status_stopped" if stopped else "cover.status_ok"
    title = say("compare.title")
    return Report(
        title=title, subtitle=say("compare.subtitle", name=names[0]),
        identity=say("compare.identity", count=Amount(len(rows), "count")),
        status=Status("warn" if stopped else "ok", say(key, gap=gap)), cards=(), notices=(),
        sections=[Section("compare", say("compare.section"), blocks)],
    )  # fmt: skip


def _table(names: list[Name], rows: list[dict[str, float]]) -> Table:
    cells: list[list[Item]] = []
    for line in LINES:
        values = [row[line.key] * line.factor for row in rows]
        if not any(math.isfinite(v) and v for v in values):
            continue
        first = Amount(values[0], "number", line.digits)
        cells.append([say(f"compare.{line.text}"), first,
                      *(delta(v, values[0], line) for v in values[1:])])  # fmt: skip
    columns = [Column(say("table.item"), numeric=False, width=2.2), *(Column(n) for n in names)]
    return Table("comparison", say("compare.table"), columns, cells, small=len(names) > 4)


def delta(value: float, base: float, line: Line) -> Delta:
    """A value with its signed change, in the unit shown; marked where more is better or worse."""
    change = value - base
    level: Level = "none"
    if line.better and math.isfinite(change) and round(change, line.digits):
        level = "ok" if change * line.better > 0 else "fail"
    return Delta(Amount(value, "number", line.digits),
                 Amount(change, "number", line.digits, signed=True), level)  # fmt: skip


def _write_csv(names: list[Name], rows: list[dict[str, float]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["key", *(quoted(name.zh) for name in names),
                      *(f"change {name.zh}" for name in names[1:])])  # fmt: skip
        for line in LINES:
            values = [row[line.key] for row in rows]
            changes = [value - values[0] for value in values[1:]]
            out.writerow([line.key, *(_plain(v) for v in (*values, *changes))])


def _plain(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else ""

"""The report of a study: variants with signed changes, ladder, tornado, compliance."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import writer
from coplan.report.catalogue import entries
from coplan.report.comparison import LINES, Line, delta
from coplan.report.differences import FEW, differences
from coplan.report.explorer import explorer
from coplan.report.figures import compare as picture
from coplan.report.figures import studies as figure
from coplan.report.front import front
from coplan.report.model import (
    Block,
    Column,
    Item,
    Level,
    Message,
    Name,
    Paragraph,
    Report,
    Section,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.near_optimal import near_optimal
from coplan.report.numbers import Amount
from coplan.report.priorities import priorities

if TYPE_CHECKING:
    import xarray as xr

    from coplan.report.house import HouseStyle

BY_KEY = {line.key: line for line in LINES}
COST = (
    *(BY_KEY[key] for key in ("energy_cost", "cost_cny", "green_share", "green_share_hourly", "pue",
                              "carbon_t_location", "gap")),
)  # fmt: skip
SIZE = tuple(
    BY_KEY[key] for key in ("wind_mw", "pv_mw", "storage_mw", "storage_mwh", "contract_mwh",
                            "retail_mwh", "grid_connection_mw")
)  # fmt: skip
STATUS: dict[str, tuple[Level, str]] = {
    "optimal within gap": ("ok", "study.optimal"), "stopped at limit": ("warn", "study.stopped"),
    "infeasible": ("fail", "study.infeasible"), "failed": ("fail", "study.failed"),
}  # fmt: skip
CLAUSE: dict[str, tuple[Level, str]] = {
    "met": ("ok", "compliance.met"), "missed": ("warn", "compliance.missed"),
    "violated": ("fail", "compliance.violated"),
}  # fmt: skip
MOST_CLAUSES = 6
"""Columns of the compliance matrix; those not met somewhere come first."""
MOST_CAUSE = 600
MOST_ROWS = 200
"""Variants that the tables list: the base and those of least energy cost; files hold all."""


def write_study_report(
    data: xr.Dataset, folder: str | Path, languages: Iterable[str] = ("zh", "en"),
    house: HouseStyle | None = None,
) -> None:  # fmt: skip
    """Write compare.<lang>.html, compare.<lang>.pdf and figures/; changes are against the base."""
    writer.write(report_of(data), Path(folder), "compare", languages, house=house)


def report_of(data: xr.Dataset) -> Report:
    """The language-neutral report of a comparison (see coplan.study.gather)."""
    data = with_energy_cost(data)
    status = data["status"].values.astype(str)
    states = {name: int((status == name).sum()) for name in STATUS}
    planned = states["optimal within gap"] + states["stopped at limit"]
    numbers = {"count": Amount(status.size, "count"), "planned": Amount(planned, "count")}
    gaps = data["gap"].values if "gap" in data else np.array([np.nan])
    gap = Amount(float(np.nanmax(gaps)) if np.isfinite(gaps).any() else np.nan, "percent", digits=2)
    whole = states["optimal within gap"] + states["infeasible"] == status.size
    word = say("cover.status_ok", gap=gap) if whole else say("cover.status_stopped", gap=gap)
    shown = _listed(data)
    sections = [Section("compare", say("study.results"), _results(data, shown, states, numbers))]
    found = {
        "priorities": priorities(data), "ladder": _ladder(data), "front": front(data),
        "near_optimal": near_optimal(data), "tornado": _tornado(data), "clauses": _clauses(shown),
        "differences": differences(shown), "no_plan": _no_plan(data),
    }  # fmt: skip
    for name, blocks in found.items():
        if blocks:
            sections.append(Section(name, say(f"study.{name}"), blocks))
    return Report(
        title=Name(data.attrs["title_zh"], data.attrs["title_en"]),
        subtitle=say("compare.subtitle", name=_names(data)[0]),
        identity=say("study.identity", **numbers), status=Status("ok" if whole else "warn", word),
        cards=(), notices=(), sections=sections,
    )  # fmt: skip


def with_energy_cost(data: xr.Dataset) -> xr.Dataset:
    """The comparison with the energy cost per MWh of IT energy [CNY/MWh]; NaN without a plan."""
    if "energy_cost_cny" not in data:
        return data.assign(energy_cost=("variant", np.full(data.sizes["variant"], np.nan)))
    return data.assign(energy_cost=data["energy_cost_cny"] / data["it_mwh"])


def _listed(data: xr.Dataset) -> xr.Dataset:
    """The variants that the tables list, in their order."""
    if data.sizes["variant"] <= MOST_ROWS:
        return data
    cost = np.where(np.isfinite(data["energy_cost"].values), data["energy_cost"].values, np.inf)
    cost[0] = -np.inf  # the base is always told
    return data.isel(variant=np.sort(np.argsort(cost, kind="stable")[:MOST_ROWS]))


def _names(data: xr.Dataset) -> list[Name]:
    return [Name(str(zh), str(en)) for zh, en in
            zip(data["title_zh"].values, data["title_en"].values, strict=True)]  # fmt: skip


def _results(
    data: xr.Dataset, shown: xr.Dataset, states: dict[str, int], numbers: dict[str, Amount]
) -> list[Block]:
    lead = say("study.intro", infeasible=Amount(states["infeasible"], "count"),
               failed=Amount(states["failed"], "count"), **numbers)  # fmt: skip
    blocks: list[Block] = [Paragraph(lead, "lead")]
    cost = data["energy_cost"].values
    if np.isfinite(cost).any():
        names, carbon = _names(data), data["carbon_t_location"].values
        cheap, clean = int(np.nanargmin(cost)), int(np.nanargmin(carbon))
        blocks.append(Paragraph(say(
            "study.best", cheap=names[cheap], cost=Amount(float(cost[cheap]), "price"),
            clean=names[clean], carbon=Amount(float(carbon[clean]), "mass"))))  # fmt: skip
    chosen = explorer(shown)
    blocks += [chosen] if chosen else []
    if data.sizes["variant"] <= FEW:
        return [*blocks, _few(data), *_pictures(data)]
    if shown.sizes["variant"] < data.sizes["variant"]:
        listed = Amount(shown.sizes["variant"], "count")
        blocks.append(Paragraph(say("study.listed", listed=listed, **numbers), "note"))
    return [*blocks, _table(shown, "costs", "study.cost_table", COST),
            _table(shown, "sizes", "study.size_table", SIZE)]  # fmt: skip


def _few(data: xr.Dataset) -> Table:
    """Few variants: key figures as rows, variants as columns."""
    cells: list[list[Item]] = [
        [say("study.status"), *(_status(str(one)) for one in data["status"].values)]
    ]
    cells += [
        [say(f"compare.{line.text}"), *(_figure(data, i, line) for i in range(len(cells[0]) - 1))]
        for line in LINES
        if line.key in data and np.nanmax(np.abs(data[line.key].values), initial=0.0) > 0
    ]
    columns = [Column(say("table.item"), numeric=False, width=2.2),
               *(Column(name) for name in _names(data))]  # fmt: skip
    return Table("comparison", say("compare.table"), columns, cells, small=len(columns) > 5,
                 variants="columns")  # fmt: skip


def _pictures(data: xr.Dataset) -> list[Block]:
    """Cost against green share, and what is built, of the variants that have a plan."""
    planned = data.isel(variant=np.flatnonzero(np.isfinite(data["energy_cost"].values)))
    if not planned.sizes["variant"] or "green_share" not in data:
        return []
    names = _names(planned)
    sizes = [{key: float(planned[key].values[i]) for key in picture.BUILT if key in planned}
             for i in range(len(names))]  # fmt: skip
    drawn = (
        picture.cost_and_share(names, planned["green_share"].values.tolist(),
                               planned["energy_cost"].values.tolist()),
        picture.sizes(names, sizes),
    )  # fmt: skip
    return [one for one in drawn if one]


def _table(data: xr.Dataset, name: str, title: str, lines: tuple[Line, ...]) -> Table:
    """Variants as rows, key figures as columns, each with its change against the base."""
    shown = [line for line in lines
             if line.key in data and np.isfinite(data[line.key].values).any()]  # fmt: skip
    rows: list[list[Item]] = []
    for position, variant in enumerate(_names(data)):
        row: list[Item] = [variant]
        row += [_status(str(data["status"].values[position]))] if name == "costs" else []
        row += [_figure(data, position, line) for line in shown]
        rows.append(row)
    columns = [Column(say("study.variant"), numeric=False, width=2.4)]
    columns += [Column(say("study.status"), numeric=False, width=1.5)] if name == "costs" else []
    columns += [Column(say(f"compare.{line.text}")) for line in shown]
    return Table(name, say(title), columns, rows, small=True, variants="rows")


def _figure(data: xr.Dataset, position: int, line: Line) -> Item:
    values = data[line.key].values * line.factor
    value, base = float(values[position]), float(values[0])
    if position == 0 or not np.isfinite(value - base):
        return Amount(value, "number", line.digits)
    return delta(value, base, line)


def _status(name: str) -> Status:
    level, key = STATUS[name]
    return Status(level, say(key))


def _ladder(data: xr.Dataset) -> list[Block]:
    """Figure and table of the green-share ladder; nothing without one."""
    steps = figure.ladder_steps(data)
    if not steps:
        return []
    rows: list[list[Item]] = [
        [say("study.taken", step=say(f"study.{step.matching}")) if step.is_stricter
         else say(f"study.{step.matching}"), Amount(step.share, "percent_limit"),
         Amount(step.energy_cost, "number", 1), Amount(step.hourly_share, "percent"),
         Amount(step.shadow_price * 1e-4, "number", 1)]
        for step in steps
    ]  # fmt: skip
    columns = [Column(say("study.ladder"), numeric=False, width=1.6),
               *(Column(say(text)) for text in ("study.required", "compare.energy_cost",
                                                "study.hourly_share", "study.shadow"))]  # fmt: skip
    drawn = figure.ladder(steps)
    note = say("study.stricter") if any(step.is_stricter for step in steps) else None
    table = Table("ladder", say("study.ladder_table"), columns, rows, note=note)
    return [drawn, table] if drawn else [table]


def _tornado(data: xr.Dataset) -> list[Block]:
    drawn = figure.tornado(data)
    return [drawn] if drawn else []


def _clauses(data: xr.Dataset) -> list[Block]:
    """Variants against clauses; those that are not met somewhere first."""
    status = data["clause_status"].values.astype(str)
    kept = np.isin(status, list(CLAUSE)).any(axis=0)
    bad = np.isin(status, ["missed", "violated"]).any(axis=0)
    order = [*np.flatnonzero(bad), *np.flatnonzero(kept & ~bad)][:MOST_CLAUSES]
    if not order:
        return []
    rows: list[list[Item]] = []
    for position, name in enumerate(_names(data)):
        cells: list[Item] = [None if status[position, j] not in CLAUSE
                             else _clause_status(status[position, j]) for j in order]  # fmt: skip
        rows.append([name, *cells])
    labels, kinds = (data[name].values.astype(str) for name in ("clause", "clause_kind"))
    periods = len({label.rpartition(", ")[2] for label in labels}) > 1
    titles = [_clause_name(labels[j], kinds[j], periods) for j in order]
    columns = [Column(say("study.variant"), numeric=False, width=2.0),
               *(Column(title, numeric=False) for title in titles)]  # fmt: skip
    return [Table("clauses", say("study.clause_table"), columns, rows,
                  note=say("study.clause_note"), small=True, variants="rows")]  # fmt: skip


def _clause_name(label: str, kind: str, with_period: bool) -> Item:
    """Kind of a clause in words, with its own name where that says more, and its year."""
    own, _, period = label.rpartition(", ")
    if kind == "compute":
        text = own.removeprefix("compute_").upper()
        title: Item = say("compliance.compute", label=Name(text, text))
    elif f"compliance.{kind}" not in entries():
        return Name(label, label)
    elif own == kind:
        title = say(f"compliance.{kind}")
    else:
        title = say("compliance.named", kind=say(f"compliance.{kind}"), name=Name(own, own))
    return say("study.in_year", clause=title, year=Name(period, period)) if with_period else title


def _clause_status(name: str) -> Status:
    level, key = CLAUSE[name]
    return Status(level, say(key))


def _no_plan(data: xr.Dataset) -> list[Block]:
    """Why each variant without a plan has none."""
    status = data["status"].values.astype(str)
    causes = data["cause"].values.astype(str)
    rows: list[list[Item]] = [
        [name, _status(status[i]), _cause(causes[i])]
        for i, name in enumerate(_names(data)) if status[i] in ("infeasible", "failed")
    ]  # fmt: skip
    columns = [Column(say("study.variant"), numeric=False, width=1.4),
               Column(say("study.status"), numeric=False),
               Column(say("study.cause"), numeric=False, width=3.0)]  # fmt: skip
    title: Message = say("study.no_plan")
    return [Table("no_plan", title, columns, rows[:MOST_ROWS])] if rows else []


def _cause(text: str) -> Name:
    """The cause in each language where it is told in both, one after the other."""
    lines = [line.strip(" -") for line in text.splitlines() if line.strip()]
    zh = [line for line in lines if any("\u4e00" <= c <= "\u9fff" for c in line)]
    en = [line for line in lines if line not in zh]
    return Name(" ".join(zh or en)[:MOST_CAUSE], " ".join(en or zh)[:MOST_CAUSE])

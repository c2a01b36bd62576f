"""What an office asks of a direct connection: the three ratios, the months, the exchange.

The thresholds are those of the plan's own clauses. A ratio that no clause asks for is shown
without a verdict.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from coplan.elements.targets.scope import sites_in_scope
from coplan.plan import compliance, connection_clauses
from coplan.plan.tables import site_flows
from coplan.report import prose
from coplan.report.catalogue import month_and_day
from coplan.report.clauses import article
from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.model import (
    Block,
    Column,
    Day,
    Item,
    Listing,
    Message,
    Paragraph,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

RATIOS: dict[str, Callable[[xr.Dataset, dict[str, Any]], xr.DataArray]] = {
    "self_use_share": connection_clauses.self_use_share,
    "own_supply_share": connection_clauses.own_supply_share,
    "export_share": connection_clauses.export_share,
}
EXCHANGE = ("grid_connection", "max_exchange", "ramp_limit")
STORAGE = ("storage_share", "peak_valley_rate", "no_reverse_flow_hours", "utilisation")
BALANCE = ("wind_mw", "pv_mw", "facility_mw", "charge_mw", "discharge_mw", "curtailed_mw",
           "bought_mw", "export_mw")  # fmt: skip
HEADS = {"wind_mw": "carrier.wind", "pv_mw": "carrier.pv", "facility_mw": "table.facility",
         "charge_mw": "carrier.charge", "discharge_mw": "carrier.discharge",
         "curtailed_mw": "carrier.curtailment", "bought_mw": "application.bought",
         "export_mw": "carrier.export"}  # fmt: skip
WIDE = {"discharge_mw": 1.2, "curtailed_mw": 1.35, "bought_mw": 1.1}


def _plants_mw(facts: Facts) -> float:
    return float(facts.values("plant_capacity_mw").max(initial=0.0))


def has_line_of(facts: Facts, least_kv: float) -> bool:
    """Whether a direct line of at least this voltage was built."""
    if not facts.ids("direct_line"):
        return False
    built = facts.values("line_circuits").max(axis=0) > 0.5
    return bool((facts.values("direct_line_voltage_kv")[built] >= least_kv).any())


def applies(facts: Facts) -> list[Block]:
    """Whether this plan is a direct connection at all, in one paragraph."""
    if _plants_mw(facts) <= SMALL_MW:
        return [Paragraph(say("application.no_plants"), "warn")]
    lines = facts.values("line_mw", facts.period) if facts.ids("direct_line") else np.zeros(0)
    if float(lines.max(initial=0.0)) <= SMALL_MW:
        return [Paragraph(say("application.no_line"), "warn")]
    return [Paragraph(say("application.has_line", year=Amount(facts.periods[facts.period], "year"),
                          count=Amount(int((lines > SMALL_MW).sum()), "count"),
                          power=Amount(float(lines.sum()), "power")))]  # fmt: skip


def projects(facts: Facts) -> list[Array]:
    """Sites of every project that a ratio is about, as masks over site; all where none is named."""
    asked = [t for t in facts.targets if t["kind"] in RATIOS]
    masks = [tuple(sites_in_scope(target, facts.plan) > 0) for target in asked]
    everything = (True,) * len(facts.ids("site"))
    return [np.array(mask) for mask in dict.fromkeys(masks or [everything])]


def _project_name(facts: Facts, mask: Array) -> Item:
    if mask.all():
        return say("carrier.fleet") if len(mask) > 1 else facts.name(facts.ids("site")[0])
    sites = zip(facts.ids("site"), mask, strict=True)
    return Listing(tuple(facts.name(site) for site, inside in sites if inside))


def ratios(facts: Facts) -> list[Block]:
    """The three ratios of every year against the clauses of the plan."""
    if _plants_mw(facts) <= SMALL_MW:
        return [Paragraph(say("application.no_ratio"))]
    rows: list[list[Item]] = []
    for p, year in enumerate(facts.periods):
        for kind, share in RATIOS.items():
            mine = [row for row in facts.clauses
                    if str(row["kind"]) == kind and int(row["period"]) == year]  # fmt: skip
            rows += [_judged(facts, row) for row in mine]
            if not mine:
                value = float(share(facts.plan, {}).isel(period=p))
                rows.append([say(f"compliance.{kind}"), Amount(year, "year"), say("word.none"),
                             say("application.no_clause"), Amount(value, "percent"),
                             say("application.not_judged")])  # fmt: skip
    columns = _columns("application.ratio")
    table = Table("direct_ratios", say("application.ratio_table"), columns, rows,
                  note=say("application.ratio_note"))  # fmt: skip
    asked = any(str(row["kind"]) in RATIOS for row in facts.clauses)
    return [table] if asked else [Paragraph(say("application.no_clauses"), "warn"), table]


def _judged(facts: Facts, row: dict[str, Any]) -> list[Item]:
    """Clause, period, what is required, article, what is achieved, status."""
    kind = str(row["kind"])
    value = prose.FORMAT[kind][0]
    required = say("word.bound", sign=prose.bound_sign(facts, row),
                   value=Amount(prose.number(row["required"]), value))  # fmt: skip
    achieved = Amount(prose.number(row["achieved"]), prose.ACHIEVED.get(kind, value))
    basis = article(facts, str(row["id"])) or say("application.own_target")
    return [_clause_name(facts, row), Amount(int(row["period"]), "year"), required, basis,
            achieved, prose.clause_status(row)]  # fmt: skip


def _clause_name(facts: Facts, row: dict[str, Any]) -> Item:
    """What a clause is about, with its sites where it names some."""
    target = next((t for t in facts.targets if t.get("id") == str(row["id"])), {})
    kind = say(f"compliance.{row['kind']}")
    if target.get("sites") is None:
        return kind
    sites = Listing(tuple(facts.name(site) for site in target["sites"]))
    return say("compliance.named", kind=kind, name=sites)


def exchange_clauses(facts: Facts) -> list[Block]:
    """Clauses on what is taken from and fed into the grid."""
    return _clauses(facts, "exchange", EXCHANGE)


def storage_clauses(facts: Facts) -> list[Block]:
    """Clauses on storage and on the shape of the exchange."""
    return _clauses(facts, "storage", STORAGE)


def _clauses(facts: Facts, name: str, kinds: tuple[str, ...]) -> list[Block]:
    rows = [_judged(facts, row) for row in facts.clauses if str(row["kind"]) in kinds]
    if not rows:
        kinds_named = Listing(tuple(say(f"compliance.{kind}") for kind in kinds))
        return [Paragraph(say("application.none_set", list=kinds_named))]
    title = say(f"application.{name}_table")
    return [Table(f"clauses_{name}", title, _columns("table.clause"), rows)]


def _columns(first: str) -> list[Column]:
    """Headings of the rows of `_judged`; `first` is the text of the first."""
    return [
        Column(say(first), numeric=False, width=2.4), Column(say("table.period"), width=0.7),
        Column(say("table.required"), width=1.0),
        Column(say("application.clause"), numeric=False, width=2.2),
        Column(say("table.achieved"), width=1.0),
        Column(say("table.status"), numeric=False, width=1.2),
    ]  # fmt: skip


def power_flows(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Flows of every site [MW] as applications list them; bought is retail and contracts."""
    flows = site_flows(plan)
    flows["bought_mw"] = flows["retail_mw"] + flows["contract_mw"]
    return flows


def months(facts: Facts) -> list[Block]:
    """Balance and ratios by month, of every project and year."""
    if _plants_mw(facts) <= SMALL_MW:
        return []
    flows, plan = power_flows(facts.plan), facts.plan
    could = compliance.at_site(plan, plan["capacity_factor"] * plan["plant_capacity_mw"], "plant")
    likely = plan["weather_probability"]
    energy = {
        name: xr.dot(compliance.monthly(plan, power), likely, dim="weather")
        for name, power in {**{n: flows[n] for n in BALANCE}, "own": flows["generation_mw"],
                            "could": could}.items()
    }  # fmt: skip
    out: list[Block] = []
    for p in range(len(facts.periods)):
        for number, mask in enumerate(projects(facts)):
            inside = xr.DataArray(mask.astype(float), dims="site")
            parts = {name: np.asarray(xr.dot(value.isel(period=p), inside, dim="site").values)
                     for name, value in energy.items()}  # fmt: skip
            out.append(_months_table(facts, p, number, mask, parts))
    return out


def _months_table(
    facts: Facts, p: int, number: int, mask: Array, parts: dict[str, Array]
) -> Table:
    def row(name: Item, mwh: dict[str, float]) -> list[Item]:
        used = mwh["own"] - mwh["export_mw"]
        shares = ((used, mwh["could"]), (used, mwh["facility_mw"]),
                  (mwh["export_mw"], mwh["could"]))  # fmt: skip
        return [name, *(Amount(mwh[n] / 1e3, "number") for n in BALANCE),
                *(Amount(part / whole if whole > 0 else np.nan, "percent")
                  for part, whole in shares)]  # fmt: skip

    rows = [row(say(f"month.m{int(month)}"), {n: float(v[i]) for n, v in parts.items()})
            for i, month in enumerate(facts.plan["month"].values)]  # fmt: skip
    rows.append(row(say("word.all"), {n: float(v.sum()) for n, v in parts.items()}))
    columns = [Column(say("table.month"), numeric=False, width=0.8),
               *(Column(say(HEADS[n]), say("unit.gwh"), width=WIDE.get(n, 1.0)) for n in BALANCE),
               *(Column(say(f"application.short_{kind}"), "%") for kind in RATIOS)]  # fmt: skip
    year = facts.periods[p]
    title = say("application.month_table", year=Amount(year, "year"),
                project=_project_name(facts, mask))  # fmt: skip
    return Table(f"direct_months_{year}_{number}", title, columns, rows,
                 frozenset({len(rows) - 1}), say("application.month_note"), small=True)  # fmt: skip


def exchange(facts: Facts) -> list[Block]:
    """Largest power taken from and fed into the grid, by month, of every project and year."""
    flows = power_flows(facts.plan)
    out: list[Block] = []
    for p, year in enumerate(facts.periods):
        for number, mask in enumerate(projects(facts)):
            taken, fed = (flows[n].isel(period=p, site=mask).sum("site")
                          .transpose("weather", "time").values for n in ("bought_mw", "export_mw"))
            size = float(facts.values("grid_connection_mw", p)[mask].sum())
            name = _project_name(facts, mask)
            out += [Paragraph(_exchange_text(facts, year, name, taken, fed, size)),
                    _exchange_table(facts, year, number, name, taken, fed)]  # fmt: skip
    return out


def _exchange_text(
    facts: Facts, year: int, name: Item, taken: Array, fed: Array, size: float
) -> Message:
    step = int(taken.max(axis=0).argmax())
    values = {
        "year": Amount(year, "year"), "project": name,
        "taken": Amount(float(taken.max(initial=0.0)), "power"),
        "day": Day(int(facts.day[step])), "hour": Amount(int(facts.hour[step]), "count"),
        "size": Amount(size, "power"), "fed": Amount(float(fed.max(initial=0.0)), "power"),
    }  # fmt: skip
    key = "exchange" if fed.max(initial=0.0) > SMALL_MW else "exchange_no_export"
    return say(f"application.{key}", **values)


def _exchange_table(
    facts: Facts, year: int, number: int, name: Item, taken: Array, fed: Array
) -> Table:
    rows: list[list[Item]] = []
    for month in facts.months:
        here = facts.month == month
        rows.append([say(f"month.m{month}"), *_peak(facts, taken, here), *_peak(facts, fed, here)])
    everywhere = np.ones(len(facts.month), dtype=bool)
    rows.append([say("application.whole_year"), *_peak(facts, taken, everywhere),
                 *_peak(facts, fed, everywhere)])  # fmt: skip
    mw = say("unit.mw")
    columns = [Column(say("table.month"), numeric=False),
               Column(say("application.most_taken"), mw),
               Column(say("application.when"), numeric=False),
               Column(say("application.most_fed"), mw),
               Column(say("application.when"), numeric=False)]  # fmt: skip
    title = say("application.exchange_months", year=Amount(year, "year"), project=name)
    return Table(f"exchange_{year}_{number}", title, columns, rows, frozenset({len(rows) - 1}),
                 say("application.exchange_note"))  # fmt: skip


def _peak(facts: Facts, power: Array, here: Array) -> list[Item]:
    """Largest power of the steps and when it is reached first."""
    steps = np.flatnonzero(here)
    over_years = power[:, steps].max(axis=0)
    value = float(over_years.max(initial=0.0))
    if value <= SMALL_MW:
        return [Amount(0.0, "number"), say("word.none")]
    step = int(steps[int(over_years.argmax())])
    month, day = month_and_day(int(facts.day[step]))
    when = say("application.at_hour", month=say(f"month.m{month}"), day=Amount(day, "count"),
               hour=Amount(int(facts.hour[step]), "count"))  # fmt: skip
    return [Amount(value, "number"), when]

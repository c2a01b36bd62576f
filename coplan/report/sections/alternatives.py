"""The plan beside the same load supplied by the grid alone: only what the plan itself proves."""

from __future__ import annotations

import numpy as np

from coplan.plan import emissions
from coplan.plan.cashflow import (
    OF_THE_LOAD,
    Project,
    connection_needed_mw,
    expected,
    load_mw,
    project,
)  # fmt: skip
from coplan.plan.compliance import yearly
from coplan.report import prose
from coplan.report.facts import SMALL_MW, Facts
from coplan.report.model import (
    Block,
    Column,
    Delta,
    Item,
    Level,
    Paragraph,
    Section,
    Sentences,
    Table,
    say,
)  # fmt: skip
from coplan.report.money import by_label, energy_labels
from coplan.report.numbers import Amount


def section(facts: Facts) -> Section | None:
    """The chapter on alternatives; None where the plan itself is supply by the grid alone."""
    built, _ = prose.mix(facts, facts.period)
    found = project(facts.plan)
    if found is None or not built or facts.yearly(facts.period)["facility"] <= 0:
        return None
    blocks: list[Block] = [Paragraph(_lead(facts, found)), _table(facts, found),
                           Paragraph(say("alternatives.more"), "note")]  # fmt: skip
    return Section("alternatives", say("section.alternatives"), blocks)


def _costs(facts: Facts, found: Project) -> tuple[float, float]:
    """Yearly cost of energy with the grid alone and as planned, investment as annuities [CNY]."""
    p = facts.period
    rates = facts.values("connection_annuity_cny_per_mw_year")
    more = connection_needed_mw(facts.plan)[p] - facts.values("connection_min_mw")
    account = energy_labels(by_label(facts, facts.periods[p]))
    kept = sum(cny - (found.paid[label][p] if label in found.paid else 0.0)
               for label, cny in account.items() if label in OF_THE_LOAD)  # fmt: skip
    return float(found.avoided_cny[p] + (more * rates).sum() + kept), sum(account.values())


def _lead(facts: Facts, found: Project) -> Sentences:
    alone, planned = _costs(facts, found)
    key = "alternatives.cheaper" if planned < alone else "alternatives.dearer"
    energy = facts.yearly(facts.period)
    first = say(
        key, alone=Amount(alone, "money"), planned=Amount(planned, "money"),
        money=Amount(abs(alone - planned), "money"), grid=Amount(energy["facility"], "energy"),
        kept=Amount(energy["retail"], "energy"),
    )  # fmt: skip
    is_asked = planned > alone and bool(facts.clauses)
    return Sentences((first, *((say("alternatives.asked"),) if is_asked else ())))


def _carbon(facts: Facts) -> tuple[float, float]:
    """Location-based emissions of a year with the grid alone and as planned [t]."""
    plan, p = facts.plan, facts.period
    alone = yearly(plan, load_mw(plan) * plan["emission_factor_t_per_mwh"]).sum("site")
    return float(expected(plan, alone)[p]), float(expected(plan, emissions.from_grid_t(plan))[p])


def _table(facts: Facts, found: Project) -> Table:
    p, energy = facts.period, facts.yearly(facts.period)
    alone, planned = _costs(facts, found)
    it = energy["it"]
    needed = float(connection_needed_mw(facts.plan)[p].sum())
    connection = float(facts.values("grid_connection_mw", p).sum())
    carbon = _carbon(facts)
    share = 1 - energy["retail"] / energy["facility"]
    lines: list[tuple[str, str, float, float, int]] = [
        ("grid_energy", "energy", energy["facility"], energy["retail"], -1),
        ("hourly_share", "percent", 0.0, share, 1),
        ("connection", "power", needed, connection, -1),
        ("energy_cost", "money", alone, planned, -1),
        ("unit_cost", "price", alone / it if it > 0 else np.nan,
         planned / it if it > 0 else np.nan, -1),
        ("carbon", "mass", *carbon, -1),
    ]  # fmt: skip
    rows: list[list[Item]] = _sizes(facts)
    for name, kind, base, value, better in lines:
        change = value - base
        level: Level = "none"
        if abs(change) > 1e-6 * max(abs(base), abs(value)):
            level = "ok" if change * better > 0 else "warn"
        signed = Amount(change, "points" if kind == "percent" else kind, signed=True)
        rows.append([say(f"alternatives.{name}"), Amount(base, kind),
                     Delta(Amount(value, kind), signed, level)])  # fmt: skip
    columns = [Column(say("table.item"), numeric=False, width=2.4),
               Column(say("alternatives.grid_alone"), width=1.4),
               Column(say("alternatives.plan"), width=1.4)]  # fmt: skip
    title = say("alternatives.table", year=Amount(facts.periods[p], "year"))
    return Table("alternatives", title, columns, rows, note=say("alternatives.note"))


def _sizes(facts: Facts) -> list[list[Item]]:
    """What is built, against nothing."""
    p, none = facts.period, say("word.none")
    kind, size = facts.labels("plant_kind"), facts.values("plant_capacity_mw", p)
    sizes = {name: float(size[[k == name for k in kind]].sum()) for name in ("wind", "pv")}
    sizes["storage"] = float(facts.values("storage_power_mw", p).sum())
    sizes["contract"] = float(facts.values("contract_volume_mw", p).sum())
    return [[say(f"carrier.{name}"), none, Amount(power, "power")]
            for name, power in sizes.items() if power > SMALL_MW]  # fmt: skip

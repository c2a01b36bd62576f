"""What becomes of the stock, which measures are taken, what heat is sold, what a failure asks."""

from __future__ import annotations

from coplan.plan.failures import failures_table
from coplan.report.facts import SMALL_MW, Facts
from coplan.report.model import Block, Column, Item, Name, Table, say
from coplan.report.numbers import Amount

WHOLE = 0.5


def tables(facts: Facts) -> list[Block]:
    """Tables of the last period on what the plan changes; none where nothing changes."""
    p = len(facts.periods) - 1
    found = (_stock(facts, p), _measures(facts, p), _plant_beside(facts, p), _failures(facts, p))
    return [table for table in found if table]


def _joined(facts: Facts, start: str, end: str) -> Item:
    return say("changes.to", start=facts.name(start), end=facts.name(end))


def _stock(facts: Facts, p: int) -> Table | None:
    """Halls closed and converted, servers that moved."""
    rows: list[list[Item]] = []
    it = dict(zip(facts.ids("hall"), facts.values("hall_it_mw"), strict=True))
    for name, count in zip(facts.ids("hall"), facts.values("halls_closed", p), strict=True):
        if count >= WHOLE:
            rows.append([say("changes.closed"), facts.name(name), Amount(float(count), "count"),
                         Amount(float(count * it[name]), "number")])  # fmt: skip
    starts, ends = facts.labels("conversion_from"), facts.labels("conversion_to")
    for i in range(len(facts.ids("conversion"))):
        count = float(facts.values("halls_converted", p)[i])
        if count >= WHOLE:
            pair = _joined(facts, starts[i], ends[i])
            rows.append([say("changes.converted"), pair, Amount(count, "count"),
                         Amount(count * it[ends[i]], "number")])  # fmt: skip
    starts, ends = facts.labels("relocation_from"), facts.labels("relocation_to")
    for i in range(len(facts.ids("relocation"))):
        moved = float(facts.values("servers_relocated_mw", p)[i])
        if moved > SMALL_MW:
            rows.append([say("changes.relocated"), _joined(facts, starts[i], ends[i]),
                         say("word.none"), Amount(moved, "number")])  # fmt: skip
    if not rows:
        return None
    columns = [Column(say("table.change"), numeric=False, width=1.2),
               Column(say("table.hall"), numeric=False, width=3.0), Column(say("table.count")),
               Column("IT", say("unit.mw"))]  # fmt: skip
    title = say("changes.stock_table", year=Amount(facts.periods[p], "year"))
    return Table("stock_changes", title, columns, rows, note=say("changes.stock_note"))


def _measures(facts: Facts, p: int) -> Table | None:
    """Efficiency measures, taken or not."""
    if not facts.ids("measure"):
        return None
    taken = facts.values("is_chosen", p) >= WHOLE
    rows: list[list[Item]] = [
        [facts.name(site), facts.name(name), Amount(float(share), "percent"),
         Amount(float(cost), "money_column"), say("word.yes" if yes else "word.no")]
        for site, name, share, cost, yes in zip(
            facts.labels("measure_site"), facts.ids("measure"),
            facts.values("measure_saving_share"), facts.values("measure_cost_cny_per_year"),
            taken, strict=True,
        )
    ]  # fmt: skip
    columns = [Column(say("table.site"), numeric=False, width=1.4),
               Column(say("table.measure"), numeric=False, width=2.0),
               Column(say("table.saving")), Column(say("table.annual"), say("unit.money")),
               Column(say("table.taken"), numeric=False)]  # fmt: skip
    title = say("changes.measures_table", year=Amount(facts.periods[p], "year"))
    return Table("measures", title, columns, rows)


def _plant_beside(facts: Facts, p: int) -> Table | None:
    """Cold-water tanks, heat pumps and backup that were built."""
    rows: list[list[Item]] = []
    kinds = (("tank", "cold_capacity_mwh", "MWh"), ("heat", "heat_capacity_mw", "MW"),
             ("backup", "backup_mw", "MW"))  # fmt: skip
    for dim, size, unit in kinds:
        if not facts.ids(dim):
            continue
        for name, value in zip(facts.ids(dim), facts.values(size, p), strict=True):
            if value > SMALL_MW:
                rows.append([say(f"changes.{dim}"), facts.name(name),
                             Amount(float(value), "number"), unit])  # fmt: skip
    if not rows:
        return None
    columns = [Column(say("table.item"), numeric=False, width=1.4),
               Column(say("table.place"), numeric=False, width=2.4),
               Column(say("table.size")), Column(say("table.unit"), numeric=False)]  # fmt: skip
    title = say("changes.beside_table", year=Amount(facts.periods[p], "year"))
    return Table("plant_beside", title, columns, rows)


def _failures(facts: Facts, p: int) -> Table | None:
    """Critical work at every site under the failure that asks most of it, and its firm supply."""
    if not facts.ids("failure") or "critical_load_mw" not in facts.plan:
        return None
    frame = failures_table(facts.plan)
    frame = frame[frame["period"] == facts.periods[p]]
    rows: list[list[Item]] = []
    for site, part in frame.groupby("site", sort=False):
        hardest = part.loc[part["critical_facility_mw"].idxmax()]
        if float(hardest["critical_it_mw"]) <= SMALL_MW:
            continue
        rows.append([
            facts.name(str(site)), _failure_name(facts, str(hardest["failure"])),
            *(Amount(float(hardest[key]), "number")
              for key in ("critical_it_mw", "critical_facility_mw", "firm_supply_mw")),
        ])  # fmt: skip
    if not rows:
        return None
    mw = say("unit.mw")
    columns = [Column(say("table.site"), numeric=False, width=1.6),
               Column(say("table.failure"), numeric=False, width=1.6),
               Column(say("table.critical_it"), mw), Column(say("table.critical_facility"), mw),
               Column(say("table.firm_supply"), mw)]  # fmt: skip
    title = say("changes.failures_table", year=Amount(facts.periods[p], "year"))
    return Table("failures", title, columns, rows, note=say("changes.failures_note"))


def _failure_name(facts: Facts, failure: str) -> Item:
    known: Name = facts.name(failure)
    return say("changes.no_failure") if failure == "none" else known



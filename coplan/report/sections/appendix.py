"""Results by month of every site and period, typical days, and the configuration."""

from __future__ import annotations

import numpy as np

from coplan.report.facts import Array, Facts
from coplan.report.model import Block, Column, Item, Section, Table, say
from coplan.report.numbers import Amount
from coplan.report.sections import configuration, days

ENERGY = ("it", "facility", "wind", "pv", "contract", "retail", "export", "curtailment")


def section(facts: Facts) -> Section:
    """The appendix."""
    blocks: list[Block] = []
    for p in range(len(facts.periods)):
        if len(facts.ids("site")) > 1:
            blocks.append(_sites(facts, p))
        blocks += [_months(facts, p, site) for site in facts.busy_sites(p)]
    blocks += days.blocks(facts)
    settings = configuration.table(facts)
    blocks += [settings] if settings else []
    return Section("appendix", say("section.appendix"), blocks)


def _peak(facts: Facts, p: int, site: str) -> Array:
    """Largest import of each month over all weather years, (month,) MW."""
    index = facts.ids("site").index(site)
    peaks = [facts.values("peak_mw", p, w)[index] for w in range(len(facts.probability))]
    return np.max(peaks, axis=0)


def _columns(first: Item, used: list[str]) -> list[Column]:
    heads = {"it": "table.it", "facility": "table.facility"}
    energy = [Column(say(heads.get(n, f"carrier.{n}"))) for n in used]
    return [Column(first, numeric=False, width=1.1), *energy, Column("PUE"),
            Column(say("table.green")),
            Column(say("table.peak_import"), say("unit.mw"))]  # fmt: skip


def _row(name: Item, energy: dict[str, float], used: list[str], peak: float) -> list[Item]:
    load, it = energy["facility"], energy["it"]
    pue = load / it if it > 0 else np.nan
    green = 1 - energy["retail"] / load if load > 0 else np.nan
    return [name, *(Amount(energy[n] / 1e3, "number", digits=2) for n in used),
            Amount(pue, "pue"), Amount(green, "percent"), Amount(peak, "number")]  # fmt: skip


def _used(energy: dict[str, float]) -> list[str]:
    return [n for n in ENERGY if n in ("it", "facility") or energy[n] > 1.0]


def _months(facts: Facts, p: int, site: str) -> Table:
    months, year = facts.monthly(p, site), facts.yearly(p, site)
    used, peak = _used(year), _peak(facts, p, site)
    rows = [
        _row(say(f"month.m{month}"), {n: float(v[i]) for n, v in months.items()}, used,
             float(peak[i]))
        for i, month in enumerate(facts.months)
    ]  # fmt: skip
    rows.append(_row(say("word.all"), year, used, float(peak.max())))
    title = say("appendix.table", site=facts.name(site), year=Amount(facts.periods[p], "year"))
    return Table(f"months_{facts.periods[p]}_{site}", title, _columns(say("table.month"), used),
                 rows, frozenset({len(rows) - 1}), say("appendix.note"), small=True)  # fmt: skip


def _sites(facts: Facts, p: int) -> Table:
    used = _used(facts.yearly(p))
    rows = [_row(facts.name(site), facts.yearly(p, site), used, float(_peak(facts, p, site).max()))
            for site in facts.ids("site")]  # fmt: skip
    title = say("appendix.sites_table", year=Amount(facts.periods[p], "year"))
    return Table(f"sites_{facts.periods[p]}", title, _columns(say("table.site"), used), rows,
                 note=say("appendix.note"), small=True)  # fmt: skip

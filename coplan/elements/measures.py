"""Efficiency measures of a site: each saves a share of IT energy at a yearly cost.

    Σ_{m in group} chosen[m] ≤ 1                                             per group       [1]
    saved[v,t] ≤ saving[m] · it_before[u,t]                         v = (measure m, hall u)  [MW]
    saved[v,t] ≤ saving[m] · hall_it_max[u] · chosen[m]                                      [MW]

What a hall saves is not cooled either. Fixed loads save by data times choice (`loads`), without a
column per step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.card import Entry, Share, Slug
from coplan.elements.index import KILO, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.units import quantity


class MeasureEntry(Entry):
    """A measure that a site may take: newer power supplies, power capping, better utilisation."""

    saving_share: Share
    """Share of the site's IT energy that it saves."""
    cost_cny_per_year: quantity("CNY/year", ge=0, le=1e12)
    """What it costs a year, annuity and upkeep together."""
    group: Slug | None = None
    """Of the measures of one group at a site at most one is taken; none: independent."""
    required: bool = False
    """It is taken in any case."""


def table(measures: dict[str, tuple[str, MeasureEntry]], halls: dict[str, tuple]) -> dict:
    """Measures, and the pairs of measure and hall they act on, as dataset fields."""
    entries = [entry for _, entry in measures.values()]
    pairs = [
        (name, unit)
        for name, (site, _) in measures.items()
        for unit, (place, *_) in halls.items()
        if place == site
    ]

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("measure",), np.array(values, dtype=float), units, long_name)

    groups = [
        f"{site}_{entry.group}" if entry.group else name
        for name, (site, entry) in measures.items()
    ]
    return {
        "measure_site": Field(("measure",), [site for site, _ in measures.values()], "", "site"),
        "measure_group": Field(("measure",), groups, "", "group of which one at most is taken"),
        "measure_saving_share": field([e.saving_share for e in entries], "1", "share of IT saved"),
        "measure_cost_cny_per_year": field(
            [e.cost_cny_per_year for e in entries], "CNY/year", "yearly cost"
        ),
        "measure_required": field([e.required for e in entries], "1", "1 where taken in any case"),
        "saving": Field(("saving",), [f"{name}@{unit}" for name, unit in pairs], "", "pair"),
        "saving_measure": Field(("saving",), [name for name, _ in pairs], "", "measure"),
        "saving_hall": Field(("saving",), [unit for _, unit in pairs], "", "hall"),
    }


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare which measures are taken in a period, and book their cost."""
    b = algebra.block(sizes, "measures", doc="efficiency measures")
    sites, groups = names(data, "measure_site"), names(data, "measure_group")
    b.measures = algebra.index(names(data, "measure"), dim="measure", doc="efficiency measures")
    b.is_chosen = algebra.variable(
        b.measures, lower=data["measure_required"].values, upper=1.0, integer=True, unit="1",
        doc="1 where a measure is taken",
    )  # fmt: skip
    b.cost = algebra.param(b.measures, values=KILO * data["measure_cost_cny_per_year"].values)
    crowded = [g for g in dict.fromkeys(groups) if groups.count(g) > 1]
    b.groups = algebra.index(crowded, dim="measure_group", doc="groups of measures")
    member = np.array([[float(group == g) for group in groups] for g in crowded])
    b.member = algebra.param(
        b.groups, b.measures, values=member.reshape(len(crowded), len(groups))
    )

    @algebra.constraint(b, b.groups, doc="of a group at most one measure is taken")
    def choice_limit(b, g):
        return sum(b.member[g, m] * b.is_chosen[m] for m in b.measures) <= 1

    @algebra.expression(b, b.measures, unit="kCNY/year", doc="cost of a measure")
    def measure_kcny(b, m):
        return b.cost[m] * b.is_chosen[m]

    ledger.book("measures", "efficiency measures", b.measure_kcny, b.measures, sites)


def operate(y: Any, index: Index, data: Any) -> None:
    """Declare what measures save in halls, before compute takes it off their IT power."""
    b = algebra.block(y, "measures", doc="what efficiency measures save in halls")
    halls, measures = names(data, "hall"), names(data, "measure")
    mine, units = names(data, "saving_measure"), names(data, "saving_hall")
    at = incidence(units, halls)
    share = incidence(mine, measures) @ data["measure_saving_share"].values
    it_max = data["servers_max_mw"].values * (1.0 + data["storage_share"].values)
    most = share * (at @ it_max)
    b.savings = algebra.index(names(data, "saving"), dim="saving", doc="measures at halls")
    b.share = algebra.param(b.savings, values=share)
    b.most = algebra.param(b.savings, values=most)
    b.at = algebra.param(b.savings, index.halls, values=at)
    b.measure_of = algebra.param(b.savings, values=np.array(mine, dtype=object))
    b.hall_of = algebra.param(b.savings, values=np.array(units, dtype=object))
    b.saved_mw = algebra.variable(
        b.savings, index.times, upper=most[:, None], unit="MW", doc="IT power a measure saves"
    )


def close(y: Any, index: Index, sizes: Any) -> None:
    """What is saved is a share of what the hall would draw, and only by measures that are taken."""
    b, times = y.measures, index.times

    @algebra.constraint(b, b.savings, times, doc="a measure saves its share of a hall's IT power")
    def share_limit(b, v, t):
        return b.saved_mw[v, t] <= b.share[v] * y.compute.gross_it_mw[b.hall_of[v], t]

    @algebra.constraint(b, b.savings, times, doc="only a measure that is taken saves")
    def choice_link(b, v, t):
        return b.saved_mw[v, t] <= b.most[v] * sizes.measures.is_chosen[b.measure_of[v]]

"""Limits on what halls use: PUE of the fleet or of every site, energy that stock releases."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import Index, incidence, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.targets.scope import halls_in_scope
from coplan.elements.targets.soft import relief, relief_of


def pue(b: Any, index: Index, target: dict, ledger: Ledger) -> None:
    """Facility energy of the fleet, or of every site, stays within PUE times IT energy."""
    it, facility = ledger.pick("it"), ledger.pick("facility")
    sites, times, hours, limit = index.sites, index.times, index.hours, target["value"]

    def excess(s, t):  # postings are negative: what a site takes
        return hours[t] * (limit * sum_postings(it, s, t) - sum_postings(facility, s, t))

    if target["scope"] == "fleet":
        b.pue_relief = relief_of(b, target["id"])

        @algebra.constraint(b, doc="facility energy of the fleet stays within PUE times IT energy")
        def pue_limit(b):
            missed = sum(b.pue_relief[k] * b.missed_soft[k] for k in b.soft)
            return sum(excess(s, t) for s in sites for t in times) - missed <= 0
    else:

        @algebra.constraint(b, sites, doc="facility energy stays within PUE times IT energy")
        def pue_limit(b, s):
            return sum(excess(s, t) for t in times) <= 0

    ledger.promise(target["id"], (b.pue_limit, None), "it", -0.01, "CNY/year per 0.01 PUE")


def energy_pools(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """New and converted halls use no more energy than closed and converted stock released."""
    asked = [target for target in targets if target["kind"] == "energy_pool"]
    if not asked:
        return
    b, halls, times, hours = y.targets, index.halls, index.times, index.hours
    inside = np.array([halls_in_scope(target, data) for target in asked])
    credit = np.array([target["value"] for target in asked])[:, None]
    metered = data["metered_mwh_per_hall"].values
    source = incidence(names(data, "conversion_from"), names(data, "hall"))
    user = inside * (1.0 - data["hall_may_change"].values) * (data["halls_min"].values == 0)
    b.pools_of_energy = algebra.index([t["id"] for t in asked], dim="energy_pool", doc="pools")
    b.draws = algebra.param(b.pools_of_energy, halls, values=user)
    b.freed_by_closing = algebra.param(b.pools_of_energy, halls, values=inside * metered * credit)
    b.freed_by_converting = algebra.param(
        b.pools_of_energy, index.conversions, values=(inside * metered * credit) @ source.T
    )
    b.pool_relief = relief(b, b.pools_of_energy, [t["id"] for t in asked])
    built, cooling, it = sizes.compute, y.cooling, y.compute.it_mw

    @algebra.constraint(b, b.pools_of_energy, doc="energy of new halls within what stock released")
    def energy_pool_limit(b, e):
        used = sum(
            b.draws[e, u] * hours[t] * (it[u, t] + cooling.cooling_mw[u, t] + cooling.loss_mw[u, t])
            for u in halls for t in times
        )  # fmt: skip
        closed = sum(b.freed_by_closing[e, u] * built.halls_closed[u] for u in halls)
        changed = sum(
            b.freed_by_converting[e, v] * built.halls_converted[v] for v in index.conversions
        )
        missed = sum(b.pool_relief[e, k] * b.missed_soft[k] for k in b.soft)
        return used - missed <= closed + changed

    for target in asked:
        place = (b.energy_pool_limit, target["id"])
        ledger.promise(target["id"], place, "mwh", -1.0, "CNY/year per MWh")

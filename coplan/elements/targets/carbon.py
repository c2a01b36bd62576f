"""Carbon usage effectiveness: location-based carbon of grid energy over IT energy.

    Σ factor · grid ≤ limit · Σ it                                                  [kt CO2]

Grid energy is all that comes through the grid, bought at retail or delivered by a contract: where
a plant's output is claimed does not change what the grid of the place emits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Index
from coplan.elements.ledger import Ledger, sum_postings

PER_HUNDREDTH = "CNY/year per 0.01 kg/kWh"


def limit_carbon(y: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger) -> None:
    """Keep the carbon of the fleet's grid energy within each limit times IT energy."""
    asked = [target for target in targets if target["kind"] == "cue"]
    if not asked:
        return
    b, sites, times, hours = y.targets, index.sites, index.times, index.hours
    grid, it = ledger.pick("grid"), ledger.pick("it")
    factor = data["emission_factor_t_per_mwh"]
    b.carbon_limits = algebra.index([t["id"] for t in asked], dim="carbon_limit", doc="CUE")
    b.grid_factor = algebra.param(sites, times, values=factor.values)
    b.cue_most = algebra.param(b.carbon_limits, values=np.array([t["value"] for t in asked]))

    @algebra.constraint(b, b.carbon_limits, doc="carbon of grid energy within CUE times IT energy")
    def cue_limit(b, c):  # postings of IT are negative: what a site takes
        return sum(
            KILO * hours[t] * (
                b.grid_factor[s, t] * sum_postings(grid, s, t)
                + b.cue_most[c] * sum_postings(it, s, t)
            )
            for s in sites for t in times
        ) <= 0  # fmt: skip

    for target in asked:
        place = (b.cue_limit, target["id"])
        ledger.promise(target["id"], place, "it", -0.01 * KILO, PER_HUNDREDTH)

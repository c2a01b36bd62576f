"""Plans that cost hardly more than the cheapest: some sizes as small, others as large as can be.

    Σ cost + penalties ≤ (1 + within) · cheapest                                    budget  [kCNY]
    minimise  money + Σ weight[u] · size[u] + Σ weight[v] · (largest[v] − size[v])          [kCNY]

with u the sizes that are to be small and v those that are to be large. A weight is such that a
thousandth of the largest size is worth all that the budget leaves: the distance found is at most
that much above the least there is, and money decides between plans that are equal in it.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Entry, Share, Slug
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger
from coplan.units import quantity

PRECISION = 1e-3
"""Share of a largest size that is worth the whole room of the budget."""
WORTH = 1e-6
"""Least room, relative to the cheapest plan: below it the budget is the cost of one plan."""
COUNTED = ("cost", "penalty")

EXPLORED = {
    "plant_capacity_mw": ("supply", "plant", "plant_capacity_max_mw"),
    "storage_power_mw": ("storage", "battery", "storage_power_max_mw"),
    "storage_energy_mwh": ("storage", "battery", "storage_energy_max_mwh"),
    "grid_connection_mw": ("network", "site", "connection_max_mw"),
    "contract_volume_mw": ("trading", "contract", "contract_volume_max_mw"),
    "halls_built": ("compute", "hall", "halls_max"),
    "servers_mw": ("compute", "hall", "servers_max_mw"),
}
"""Sizes that can be explored: their element, dim, and the largest they can be."""


class Sizes(Entry):
    """Sizes of the last period by the ids of what has them, as in tables/capacities.csv."""

    plant_capacity_mw: tuple[Slug, ...] = ()
    """Wind and PV plants."""
    storage_power_mw: tuple[Slug, ...] = ()
    """Power of batteries."""
    storage_energy_mwh: tuple[Slug, ...] = ()
    """Energy of batteries."""
    grid_connection_mw: tuple[Slug, ...] = ()
    """Grid connections of sites."""
    contract_volume_mw: tuple[Slug, ...] = ()
    """Green-power contracts."""
    halls_built: tuple[Slug, ...] = ()
    """Halls."""
    servers_mw: tuple[Slug, ...] = ()
    """Servers of halls."""


class NearOptimal(Entry):
    """Look within a budget for other sizes than those of the cheapest plan."""

    of_cny: quantity("CNY/year", ge=-1e13, le=1e13)
    """Yearly cost with penalties of the cheapest plan."""
    within: Share
    """How much dearer a plan may be, relative."""
    least: Sizes = Sizes()
    """Sizes to be as small as they can be."""
    most: Sizes = Sizes()
    """Sizes to be as large as they can be."""

    @pydantic.model_validator(mode="after")
    def _wants_one_thing(self) -> NearOptimal:
        for name in EXPLORED:
            both = sorted(set(getattr(self.least, name)) & set(getattr(self.most, name)))
            if both:
                raise ValueError(f"{name} of {both[0]} cannot be least and most at once")
        return self


def record(asked: NearOptimal, data: Any) -> dict[str, Any]:
    """What the model and the audit need: budget, weights by quantity and id, a constant [kCNY].

    `data` is the dataset; sizes that can only be zero have no weight.
    """
    cheapest = KILO * asked.of_cny
    room = max(asked.within, WORTH) * abs(cheapest)
    weights: dict[str, dict[str, float]] = {}
    constant = 0.0
    for name, (_, dim, largest) in EXPLORED.items():
        sizes = data[largest].values.reshape(-1, data.sizes[dim])[-1]
        for unit, most in zip(names(data, dim), sizes.tolist(), strict=True):
            sign = (unit in getattr(asked.least, name)) - (unit in getattr(asked.most, name))
            if sign and most > 0:
                weight = float(f"{room / (PRECISION * most):.6g}")
                weights.setdefault(name, {})[unit] = sign * weight
                constant += weight * most if sign < 0 else 0.0
    return {"budget_kcny": cheapest + asked.within * abs(cheapest), "weights": weights,
            "constant_kcny": constant}  # fmt: skip


def keep_budget(
    m: Any, index: Index, sizes: Any, data: Any, books: list[tuple[float, Ledger]]
) -> Any:
    """Keep the cost within the budget; returns the distance from the sizes that are wanted, kCNY.

    `sizes` is the block of the last period. None where nothing is explored.
    """
    asked = json.loads(data.attrs.get("near_optimal", "{}"))
    if not asked:
        return None
    b = algebra.block(m, "near_optimal", doc="budget of a plan that is nearly the cheapest")
    budget, constant = float(asked["budget_kcny"]), float(asked["constant_kcny"])
    of_dim = {"plant": index.plants, "battery": index.batteries, "site": index.sites,
              "contract": index.contracts, "hall": index.halls}  # fmt: skip
    wanted = []
    for name, weights in asked["weights"].items():
        element, dim, _ = EXPLORED[name]
        units = of_dim[dim]
        each = np.array([weights.get(unit, 0.0) for unit in names(data, dim)])
        b.add_component(f"{name}_weight", weight := algebra.param(units, values=each))
        wanted.append((weight, getattr(getattr(sizes, element), name), units))

    @algebra.constraint(b, doc="cost and penalties within the budget")
    def cost_budget_limit(b):
        total = 0
        for worth, ledger in books:
            for booking in ledger.bookings:
                if booking.book in COUNTED:
                    total = total + worth * sum(booking.expression[u] for u in booking.units)
        return total <= budget

    @algebra.expression(b, unit="kCNY/year", doc="distance from the sizes that are wanted")
    def distance_kcny(b):
        total = constant
        for weight, size, units in wanted:
            total = total + sum(weight[u] * size[u] for u in units)
        return total

    return b.distance_kcny


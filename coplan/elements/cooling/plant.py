"""Cooling plant, losses and water of halls in one operating year."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.cooling import tank
from coplan.elements.cooling.cards import CoolingCard
from coplan.elements.index import KILO, Field, Index, incidence, names
from coplan.elements.ledger import Ledger


def table(halls: dict[str, CoolingCard]) -> dict[str, Field]:
    """Part-load laws of hall units as dataset fields; `halls` is unit → cooling card.

    A bend is a line of a hall's law beyond its first: what it has more in slope and fixed part.
    """
    bends = [
        (unit, f"{unit}_{number}", slope - first[0], fixed - first[1])
        for unit, card in halls.items()
        for first, *others in [card.segments()]
        for number, (slope, fixed) in enumerate(others, start=2)
    ]
    return {
        "bend": Field(("bend",), [name for _, name, _, _ in bends], "", "line of a law"),
        "bend_hall": Field(("bend",), [unit for unit, _, _, _ in bends], "", "hall"),
        "bend_slope": Field(
            ("bend",), np.array([a for _, _, a, _ in bends], dtype=float), "1",
            "slope over rated cooling beyond the first line's",
        ),
        "bend_fixed": Field(
            ("bend",), np.array([b for _, _, _, b in bends], dtype=float), "1",
            "fixed part over rated cooling beyond the first line's",
        ),
    }  # fmt: skip


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare cooling and loss power of one operating year and post them as facility load."""
    b = algebra.block(y, "cooling", doc="cooling and electrical losses of halls")
    units, times = index.halls, index.times
    hall_it = data["hall_it_mw"].values
    b.cooling_slope = algebra.param(units, times, values=data["cooling_slope"].values)
    b.cooling_fixed = algebra.param(
        units, times, values=data["cooling_fixed"].values * hall_it[:, None]
    )
    b.loss_slope = algebra.param(units, values=data["loss_slope"].values)
    b.loss_fixed = algebra.param(units, values=data["loss_fixed"].values * hall_it)
    _bend(b, y, index, sizes, data)
    tank.operate(b, y, index, sizes, data)

    @algebra.expression(b, units, times, unit="MW", doc="power of the cooling plant")
    def cooling_mw(b, u, t):
        return (
            b.cooling_slope[u, t] * y.compute.it_mw[u, t]
            + b.cooling_fixed[u, t] * sizes.compute.halls_built[u]
            + sum(b.curved_at[c, u] * b.extra_cooling_mw[c, t] for c in b.curved)
            + sum(b.tank_at[k, u] * b.cold_power_mw[k, t] for k in index.tanks)
        )

    @algebra.expression(b, units, times, unit="MW", doc="losses of UPS, transformers, cables")
    def loss_mw(b, u, t):
        return (
            b.loss_slope[u] * y.compute.it_mw[u, t]
            + b.loss_fixed[u] * sizes.compute.halls_built[u]
        )

    ledger.post("cooling", b.cooling_mw, -1, units, y.compute.at, "facility")
    ledger.post("electrical losses", b.loss_mw, -1, units, y.compute.at, "facility")
    _use_water(b, y, index, data, ledger)


def _bend(b: Any, y: Any, index: Index, sizes: Any, data: Any) -> None:
    """What the other lines of a bent part-load law add to the first."""
    halls, owners = names(data, "hall"), names(data, "bend_hall")
    curved = [unit for unit in halls if unit in owners]
    hall_it, factor = data["hall_it_mw"].values, data["cooling_load_factor"].values
    rows = [halls.index(unit) for unit in owners]
    slope, fixed = data["bend_slope"].values[:, None], data["bend_fixed"].values[:, None]
    most = (data["servers_max_mw"].values * (1.0 + data["storage_share"].values))[:, None]
    room = (data["halls_max"].values * hall_it)[:, None]
    above = np.maximum(slope, 0.0) * most[rows] + np.maximum(fixed, 0.0) * room[rows]
    upper = np.zeros((len(curved), factor.shape[1]))
    for row, unit in enumerate(owners):
        place = curved.index(unit)
        upper[place] = np.maximum(upper[place], factor[rows[row]] * above[row])
    b.curved = algebra.index(curved, dim="curved", doc="halls whose part-load law bends")
    b.bends = algebra.index(names(data, "bend"), dim="bend", doc="further lines of the laws")
    b.curved_at = algebra.param(b.curved, index.halls, values=incidence(curved, halls))
    b.bend_curved = algebra.param(b.bends, values=np.array(owners, dtype=object))
    b.bend_slope = algebra.param(b.bends, index.times, values=slope * factor[rows])
    b.bend_fixed = algebra.param(
        b.bends, index.times, values=fixed * factor[rows] * hall_it[rows][:, None]
    )
    b.extra_cooling_mw = algebra.variable(
        b.curved, index.times, upper=upper, unit="MW",
        doc="cooling beyond the first line of the part-load law",
    )  # fmt: skip

    @algebra.constraint(b, b.bends, index.times, doc="cooling is at least what every line asks")
    def part_load_floor(b, j, t):
        u = b.bend_curved[j]
        more = (
            b.bend_slope[j, t] * y.compute.it_mw[u, t]
            + b.bend_fixed[j, t] * sizes.compute.halls_built[u]
        )
        return b.extra_cooling_mw[u, t] >= more


def _use_water(b: Any, y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Book the water that halls evaporate; L per kWh is m³ per MWh."""
    units, times = index.halls, index.times
    price = incidence(names(data, "hall_site"), names(data, "site"))
    b.wue = algebra.param(units, times, values=data["water_l_per_kwh"].values)
    b.water_price = algebra.param(
        units, values=KILO * (price @ data["water_price_cny_per_m3"].values)
    )

    @algebra.expression(b, units, unit="m3", doc="water of the cooling plant")
    def water_m3(b, u):
        return sum(index.hours[t] * b.wue[u, t] * y.compute.it_mw[u, t] for t in times)

    @algebra.expression(b, units, unit="kCNY/year", doc="water")
    def water_kcny(b, u):
        return b.water_price[u] * b.water_m3[u]

    ledger.book("cooling", "water", b.water_kcny, units, names(data, "hall_site"))

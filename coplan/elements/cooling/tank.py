"""Cold-water tanks: cold made in one step and used in another, inside facility energy and PUE.

    cold[k,t] = kept · cold[k,t−1] + step_h · (charge[k,t] − discharge[k,t])                 [MWh]
    discharge[k,t] ≤ it[u,t],  charge[k,t] ≤ room[u] − it[u,t]       need and spare chillers  [MW]

Cold is counted as heat taken from the halls, so that one MWh of it is worth the mechanical part of
the hour's cooling load factor in electricity.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.cooling.cards import ColdTankCard, ColdTankEntry
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.physics.money import annuity_factor

Tanks = dict[str, tuple[str, ColdTankEntry, ColdTankCard]]


def table(tanks: Tanks, wacc: float) -> dict[str, Field]:
    """Parameters of all tanks as dataset fields; `tanks` is id → (site, entry, card)."""
    rows = list(tanks.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(entry, card) for _, entry, card in rows], dtype=float)
        return Field(("tank",), values, units, long_name)

    return {
        "tank_site": Field(("tank",), [site for site, _, _ in rows], "", "site"),
        "tank_hall": Field(("tank",), [f"{s}_{e.hall}" for s, e, _ in rows], "", "hall unit"),
        "cold_max_mwh": field(lambda e, c: e.max_mwh, "MWh", "most cold held"),
        "cold_kept_per_step": field(
            lambda e, c: 1.0 - c.loss_share_per_hour, "1", "cold that is still there an hour later"
        ),
        "cold_mechanical_share": field(
            lambda e, c: c.mechanical_share, "1", "cooling power that may be moved in time"
        ),
        "cold_hours": field(lambda e, c: c.hours_to_empty, "h", "shortest time to fill or empty"),
        "cold_annuity_cny_per_mwh_year": field(
            lambda e, c: KILO_TO_MEGA * c.capex_cny_per_kwh * annuity_factor(wacc, c.life_years),
            "CNY/MWh/year", "annuity of tanks",
        ),
        "cold_life_years": field(lambda e, c: c.life_years, "year", "economic life"),
        "cold_om_cny_per_mwh_year": field(
            lambda e, c: KILO_TO_MEGA * c.om_cny_per_kwh_year, "CNY/MWh/year", "O&M of tanks"
        ),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare the tanks of one period and book what they cost."""
    b = algebra.block(sizes, "cooling", doc="cold-water tanks: sizes")
    sites = names(data, "tank_site")
    b.cold_capacity_mwh = algebra.variable(
        index.tanks, upper=data["cold_max_mwh"].values, unit="MWh", doc="cold that a tank holds"
    )
    for name in ("annuity", "om"):
        cost = KILO * data[f"cold_{name}_cny_per_mwh_year"].values
        b.add_component(name, algebra.param(index.tanks, values=cost))

    @algebra.expression(b, index.tanks, unit="kCNY/year", doc="capital cost of a tank")
    def tank_annuity_kcny(b, k):
        return b.annuity[k] * b.cold_capacity_mwh[k]

    @algebra.expression(b, index.tanks, unit="kCNY/year", doc="O&M of a tank")
    def tank_om_kcny(b, k):
        return b.om[k] * b.cold_capacity_mwh[k]

    ledger.book("cooling", "cold tank", b.tank_annuity_kcny, index.tanks, sites)
    ledger.book("cooling", "cold tank O&M", b.tank_om_kcny, index.tanks, sites)


def operate(b: Any, y: Any, index: Index, sizes: Any, data: Any) -> None:
    """Declare charge, discharge and cold of tanks on the block `b` of cooling."""
    tanks, times, halls = index.tanks, index.times, names(data, "hall")
    owners = names(data, "tank_hall")
    rows = [halls.index(unit) for unit in owners]
    most = data["cold_max_mwh"].values
    power = (most / data["cold_hours"].values)[:, None]
    worth = data["cold_mechanical_share"].values[:, None] * data["cooling_load_factor"].values[rows]
    b.tank_at = algebra.param(tanks, index.halls, values=incidence(owners, halls))
    b.tank_hall = algebra.param(tanks, values=np.array(owners, dtype=object))
    b.cold_worth = algebra.param(tanks, times, values=worth)
    b.cold_kept = algebra.param(tanks, values=data["cold_kept_per_step"].values)
    b.cold_hours = algebra.param(tanks, values=data["cold_hours"].values)
    b.hall_room = algebra.param(index.halls, values=data["hall_it_mw"].values)
    b.cold_charge_mw = algebra.variable(tanks, times, upper=power, unit="MW", doc="cold put in")
    b.cold_discharge_mw = algebra.variable(tanks, times, upper=power, unit="MW", doc="cold taken")
    b.cold_mwh = algebra.variable(
        tanks, times, upper=most[:, None], unit="MWh", doc="cold held at the end of the step"
    )
    size, it = sizes.cooling.cold_capacity_mwh, y.compute.it_mw

    @algebra.expression(b, tanks, times, unit="MW", doc="cooling power that a tank adds or saves")
    def cold_power_mw(b, k, t):
        return b.cold_worth[k, t] * (b.cold_charge_mw[k, t] - b.cold_discharge_mw[k, t])

    @algebra.constraint(b, tanks, times, doc="cold carries over from step to step, less losses")
    def cold_balance(b, k, t):
        before = b.cold_kept[k] * b.cold_mwh[k, index.previous_step[t]]
        gain = index.step_h * (b.cold_charge_mw[k, t] - b.cold_discharge_mw[k, t])
        return b.cold_mwh[k, t] == before + gain

    @algebra.constraint(b, tanks, times, doc="a tank holds no more than its size")
    def cold_limit(b, k, t):
        return b.cold_mwh[k, t] <= size[k]

    @algebra.constraint(b, tanks, times, doc="a tank is filled and emptied in its shortest time")
    def cold_power_limit(b, k, t):
        flow = b.cold_charge_mw[k, t] + b.cold_discharge_mw[k, t]
        return b.cold_hours[k] * flow <= size[k]

    @algebra.constraint(b, tanks, times, doc="no more cold is taken than the halls need")
    def cold_need_limit(b, k, t):
        return b.cold_discharge_mw[k, t] <= it[b.tank_hall[k], t]

    @algebra.constraint(b, tanks, times, doc="a tank is filled by chillers that are free")
    def cold_spare_limit(b, k, t):
        u = b.tank_hall[k]
        return b.cold_charge_mw[k, t] <= b.hall_room[u] * sizes.compute.halls_built[u] - it[u, t]

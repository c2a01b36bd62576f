"""Every reported shadow price is what one unit more of the promise costs, the halls as they are.

With whole numbers fixed the cost is a continuous function of a target's value: where it is smooth
its slope, by a finite difference to both sides, is the price; where it bends the price lies between
both slopes. Nothing here can be seen by eye: sites that trade, store, cool, wait and pay for peaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tests.sampling import one_in
from tests.toys import battery, solved_held, two_sites, work, world

STEPS = 6
STEP = 1e-4
"""Of the unit of the price: how far the target moves."""


def campus(target: dict[str, Any]) -> xr.Dataset:
    """Two sites, wind, a battery, a contract, two weather years, whole halls."""
    rng = np.random.default_rng(3)
    sites = two_sites(rng.uniform(30, 90, STEPS), rng.uniform(90, 150, STEPS))
    sites["coords"] = sites["coords"] | {"month": [1, 2], "weather": ["calm", "windy"]}
    return world(
        STEPS, targets=[target | {"id": "c"}], **sites,
        **work(rng.integers(2, 5, STEPS).astype(float), 2.0),
        weather_probability=[0.4, 0.6], month_of_step=[1, 1, 1, 2, 2, 2],
        capacity_factor=rng.uniform(0.1, 0.7, (2, 1, STEPS)),
        contract_profile=rng.uniform(0.1, 0.7, (2, 1, STEPS)),
        plant_capacity_max_mw=9.0, plant_annuity_cny_per_mw_year=190.0,
        contract_volume_max_mw=30.0, contract_price_cny_per_mwh=130.0,
        storage_power_max_mw=4.0, storage_energy_max_mwh=9.0, charge_efficiency=0.95,
        discharge_efficiency=0.95, storage_energy_annuity_cny_per_mwh_year=35.0,
        export_price_cny_per_mwh=20.0, export_max_mw=3.0, halls_min=4.0, halls_max=4.0,
        servers_max_mw=4.0, idle_share=0.3,
        server_capex_counts=1.0, server_annuity_cny_per_mw_year=np.array([20.0, 24.0]),
        cooling_slope=np.array([[[0.4], [0.15]]]), cooling_fixed=0.05,
        water_l_per_kwh=np.array([[[1.5], [0.4]]]), demand_price_cny_per_mw_month=5.0,
        emission_factor_t_per_mwh=np.array([[[0.9], [0.5]]]),
    )  # fmt: skip


def priced(data: xr.Dataset) -> tuple[float, float, str]:
    """Cost [CNY] with whole numbers fixed, the price of clause "c", and the price's unit.

    The halls are what the world says; a meter imports in every step.
    """
    cost, plan = solved_held(data)
    price = float(plan["clause_shadow_price"].values[0])
    return cost, price, str(plan["clause_shadow_unit"].values[0])


def both_sides(world_at: Callable[[float], xr.Dataset], value: float, unit: float) -> Any:
    """What a unit less and a unit more of a promise cost at `value`, and the reported price."""
    cost, price, text = priced(world_at(value))
    looser = priced(world_at(value - STEP * unit))[0]
    tighter = priced(world_at(value + STEP * unit))[0]
    return (cost - looser) / STEP, price, (tighter - cost) / STEP, text


GREEN = {"kind": "green_share", "unbundled_max_share": 0.0}
TARGETS: dict[str, tuple[dict[str, Any], float, float, str]] = {
    "green share by the hour": (GREEN | {"matching": "hourly"}, 0.85, 0.01, "percentage point"),
    "PUE": ({"kind": "pue", "scope": "fleet"}, 1.38, -0.01, "0.01 lower"),
    "capacity": (
        {"kind": "capacity", "label": "fp16", "additions_only": False, "at_most": False},
        700.0, 1.0, "per P"),
    "exchange with the grid": ({"kind": "max_exchange"}, 2.0, -1.0, "per MW"),
    "green share over the year": (GREEN | {"matching": "annual"}, 0.85, 0.01, "percentage point"),
    "green share by the month": (GREEN | {"matching": "monthly"}, 0.85, 0.01, "percentage point"),
    "PUE of new halls": ({"kind": "pue_limits"}, 1.38, -0.01, "0.01 lower"),
    "water": ({"kind": "water"}, 20.0, -1.0, "per m3"),
    "CUE": ({"kind": "cue"}, 0.25, -0.01, "0.01 kg/kWh lower"),
    "carbon by place": ({"kind": "carbon_cap", "basis": "location"}, 6.0, -1.0, "per t"),
    "carbon by market": ({"kind": "carbon_cap", "basis": "market"}, 6.0, -1.0, "per t"),
    "own supply": ({"kind": "own_supply_share"}, 0.6, 0.01, "percentage point"),
}  # fmt: skip
"""Target, value, the unit of its price in the direction that is tighter, words of the unit."""
QUICK = 1


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if i < QUICK else pytest.mark.slow)
     for i, name in enumerate(TARGETS)],
)  # fmt: skip
def test_the_price_is_what_a_unit_more_costs_on_both_sides(name: str) -> None:
    target, value, unit, words = TARGETS[name]
    looser, price, tighter, text = both_sides(
        lambda at: campus(target | {"value": at}), value, unit
    )
    assert words in text
    assert price > 0.1
    assert looser == pytest.approx(price, rel=2e-4)
    assert tighter == pytest.approx(price, rel=2e-4)


def two_contracts(share: float) -> xr.Dataset:
    """1 MW at 100 CNY/MWh for two hours; a contract at 110 gives at most half of it, one at 150
    the rest: a point of the share is 0.02 MWh, 0.2 dearer below a half and 1.0 above."""
    return world(
        targets=[GREEN | {"id": "c", "value": share, "matching": "annual"}],
        coords={"contract": ["cheap", "dear"]}, contract_profile=0.5, halls_min=10.0,
        contract_price_cny_per_mwh=[110.0, 150.0], contract_volume_max_mw=[1.0, 10.0],
    )  # fmt: skip


def two_halls(p: float) -> xr.Dataset:
    """Servers of 100 P/MW: 4 MW at 20 CNY/MW, 10 MW at 30: 0.2 a P below 400 P and 0.3 above."""
    return world(
        targets=[{"id": "c", "kind": "capacity", "label": "fp16", "value": p,
                  "additions_only": False, "at_most": False}],
        coords={"hall": ["cheap", "dear"]}, server_annuity_cny_per_mw_year=[20.0, 30.0],
        server_capex_counts=1.0, servers_max_mw=[4.0, 10.0], halls_min=10.0,
    )  # fmt: skip


def cheap_first_hour(most_mw: float) -> xr.Dataset:
    """3 MW and 1 MW of load at 100 and 150 CNY/MWh and a free battery: all four MWh are bought in
    the first hour where the meter lets them; below, a MW less is a MWh that costs 50 more."""
    return world(
        targets=[{"id": "c", "kind": "max_exchange", "value": most_mw}],
        retail_price_cny_per_mwh=[100.0, 150.0], **work(np.array([3.0, 1.0])), **battery(),
        halls_min=10.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("world_at", "value", "unit", "below", "above"),
    one_in(3, [
        (two_contracts, 0.5, 0.01, 0.2, 1.0),
        (two_halls, 400.0, 1.0, 0.2, 0.3),
        (cheap_first_hour, 4.0, -1.0, 0.0, 50.0),
    ]),
)
def test_where_the_cost_bends_the_price_lies_between_both_slopes(
    world_at: Any, value: float, unit: float, below: float, above: float
) -> None:
    looser, price, tighter, _ = both_sides(world_at, value, unit)
    assert looser == pytest.approx(below, abs=1e-6)
    assert tighter == pytest.approx(above, rel=1e-6)
    assert below - 1e-6 <= price <= above + 1e-6
    assert priced(world_at(value + unit))[1] == pytest.approx(above)
    assert priced(world_at(value - unit))[1] == pytest.approx(below, abs=1e-9)

"""What must hold whatever the numbers: more wishes cost more, more choice costs less.

Money, units, order, halves and hours turned are in tests/trust/test_relations.py.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coplan.plan.polish import polish
from coplan.planning import Stopwatch, record
from coplan.verify import audit
from tests import toys
from tests.sampling import one_in
from tests.toys import Answer, compute, green, pue, solved, two_sites, work, world

STEPS = 4
few = settings(
    max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
)


def series(least: int, most: int) -> st.SearchStrategy[np.ndarray]:
    """One whole number for each step."""
    return st.lists(st.integers(least, most), min_size=STEPS, max_size=STEPS).map(
        lambda values: np.array(values, dtype=float)
    )


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """Two sites that trade, store, cool and compute, with whole numbers throughout."""
    sites = two_sites(draw(series(10, 150)), draw(series(10, 150)))
    sites["coords"] = sites["coords"] | {"month": [1, 2]}
    return sites | work(draw(series(1, 3)), float(draw(st.integers(0, 2)))) | {
        "month_of_step": [1, 1, 2, 2],
        "capacity_factor": draw(series(0, 5)) / 10, "contract_profile": draw(series(1, 6)) / 10,
        "plant_capacity_max_mw": 3.0, "plant_annuity_cny_per_mw_year": 90.0,
        "contract_volume_max_mw": 30.0, "contract_adder_cny_per_mwh": 10.0,
        "contract_price_cny_per_mwh": float(draw(st.integers(50, 150))),
        "storage_power_max_mw": 1.0, "storage_energy_max_mwh": 2.0, "charge_efficiency": 0.9,
        "storage_energy_annuity_cny_per_mwh_year": float(draw(st.integers(5, 40))),
        "discharge_efficiency": 0.9, "export_price_cny_per_mwh": 5.0, "export_max_mw": 3.0,
        "halls_max": 3.0, "servers_max_mw": 3.0, "idle_share": 0.3,
        "hall_annuity_cny_per_mw_year": np.array([40.0, 45.0]),
        "cooling_slope": np.array([[[0.4], [draw(st.integers(0, 5)) / 10]]]),
        "cooling_fixed": 0.05, "demand_price_cny_per_mw_month": 1.0,
        "carbon_price_cny_per_t": 20.0, "certificate_max_mwh": 5.0,
    }  # fmt: skip


def cost_of(answer: Answer) -> float:
    """The cost, infinite where no plan keeps every rule."""
    return answer.cost_cny if answer.is_planned else math.inf


def assert_no_dearer(choice: Answer, other: Answer) -> None:
    """The plan of `choice` costs no more than that of `other`, by proof: bound against cost."""
    if other.is_planned:
        assert choice.is_planned
        assert choice.bound_cny <= other.cost_cny * (1 + 1e-9) + 1e-6
        assert choice.cost_cny <= other.cost_cny * (1 + 1e-7) + 1e-6


TIGHTER = {
    "green by the hour": (green(0.5, "hourly"), green(0.6, "hourly")),
    "green by the month": (green(0.7, "monthly"), green(0.9, "monthly")),
    "green over the year": (green(0.7, "annual"), green(0.9, "annual")),
    "fewer certificates": (green(0.8, "annual", 0.3), green(0.8, "annual", 0.1)),
    "year, then month": (green(0.8, "annual"), green(0.8, "monthly")),
    "month, then hour": (green(0.6, "monthly"), green(0.6, "hourly")),
    "PUE": (pue(1.5), pue(1.3)),
    "PUE of every site": (pue(1.45, "fleet"), pue(1.45, "site")),
    "compute": (compute(200.0), compute(450.0)),
}


@pytest.mark.parametrize("kind", one_in(3, TIGHTER))
@few
@given(draws=changes())
def test_a_tighter_target_never_costs_less(kind: str, draws: dict[str, Any]) -> None:
    loose, tight = (solved(world(STEPS, targets=target, **draws)) for target in TIGHTER[kind])
    assert_no_dearer(loose, tight)


WIDER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "more plants": ({"plant_capacity_max_mw": 1.0}, {"plant_capacity_max_mw": 6.0}),
    "more storage": ({"storage_power_max_mw": 0.0}, {"storage_power_max_mw": 2.0}),
    "more contracts": ({"contract_volume_max_mw": 20.0}, {"contract_volume_max_mw": 40.0}),
    "more halls": ({"halls_max": 3.0}, {"halls_max": 5.0, "servers_max_mw": 5.0}),
    "smaller halls": ({"hall_it_mw": 1.0}, {"hall_it_mw": 0.5, "halls_max": 6.0}),
    "export": ({"export_max_mw": 0.0}, {"export_max_mw": 5.0}),
    "longer delay": (
        {"demand_delay_h": 0.0, "pool_delay_h": 0.0}, {"demand_delay_h": 2.0, "pool_delay_h": 2.0}
    ),
    "wider reach": (
        {"demand_reach": [1.0, 0.0], "pool_reach": [1.0, 0.0]},
        {"demand_reach": 1.0, "pool_reach": 1.0},
    ),
    "a larger connection": ({"connection_max_mw": 3.0}, {"connection_max_mw": 30.0}),
    "a contract without minimum": (
        {"contract_volume_min_mw": 2.0}, {"contract_volume_min_mw": 0.0}
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", one_in(3, WIDER))
@few
@given(draws=changes())
def test_a_wider_choice_never_costs_more(kind: str, draws: dict[str, Any]) -> None:
    narrow, wide = (
        solved(world(STEPS, targets=green(0.6, "monthly"), **draws | part)) for part in WIDER[kind]
    )
    assert_no_dearer(wide, narrow)


def assert_same_cost(first: xr.Dataset, second: xr.Dataset) -> None:
    assert cost_of(solved(second)) == pytest.approx(cost_of(solved(first)), rel=1e-7)


@few
@given(draws=changes(), shares=st.tuples(st.integers(1, 9), st.integers(1, 9)))
def test_demand_in_two_pools_is_as_good(draws, shares) -> None:
    data = world(STEPS, **draws)
    first = shares[0] / sum(shares)
    part = np.array([first, 1.0 - first])[None, :, None]
    halves = data.isel(pool=[0, 0], demand=[0, 0])
    halves = halves.assign_coords(
        pool=["q", "r"], demand=["d", "e"], demand_pool=("demand", ["q", "r"])
    )
    for name in ("pool_demand_mw", "demand_mw"):
        halves[name] = halves[name] * part
    assert_same_cost(data, halves)


@pytest.mark.slow
def test_weather_years_that_are_all_alike_are_as_good_as_one() -> None:
    assert_same_cost(
        toys.everything(capacity_factor=0.3, contract_profile=0.4),
        toys.everything(capacity_factor=0.3, contract_profile=0.4).isel(weather=[0]).assign(
            weather_probability=("weather", [1.0])
        ),
    )  # fmt: skip


@few
@given(draws=changes(), matching=st.sampled_from(["hourly", "monthly", "annual"]))
def test_the_audit_finds_nothing_in_a_cheapest_plan(draws, matching) -> None:
    weight = 8760.0 / STEPS
    for name in draws:  # yearly costs on the scale of the year that four steps stand for
        if name.endswith("_year") or name.endswith("_month"):
            draws[name] = draws[name] * weight
    targets = green(0.6, matching, 0.1)
    data = world(STEPS, targets=targets, step_weight=weight, **draws)
    answer = solved(data)
    if answer.is_planned:
        x = polish(answer.model, answer.compiled, data, answer.found.x.copy())
        plan = toys.assemble(answer.model, answer.compiled, data, x, answer.found.y)
        clock = Stopwatch()
        clock.lap("build")
        clock.lap("solve")
        plan.attrs["run"] = json.dumps(record(plan, answer.found, answer.compiled, clock, 1e-3))
        report = audit(data, plan, digests=False)
        assert report.failures() == []

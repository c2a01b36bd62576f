"""Plans that cost hardly more than the cheapest, with other sizes.

1 MW of load in two hours, grid energy at 100 CNY/MWh: 200 CNY. Wind at half its capacity gives
1 MWh a MW and costs 110, so the cheapest plan has none; every MW of it costs 10 more.
"""

from __future__ import annotations

import json
from typing import Any

import pydantic
import pytest
import xarray as xr

from coplan.elements.near_optimal import NearOptimal, record
from coplan.planning import Stopwatch
from coplan.planning import record as record_of_run
from coplan.verify import audit
from tests.toys import Answer, plant, solved, world

CHEAPEST = 200.0


def near(data: xr.Dataset, within: float, **wanted: dict[str, list[str]]) -> xr.Dataset:
    """A world in which sizes near those of the cheapest plan are looked for."""
    asked = NearOptimal.model_validate({"of_cny": CHEAPEST, "within": within, **wanted})
    found = record(asked, data)
    return data.assign_attrs(objective="near_optimal", near_optimal=json.dumps(found))


def explored(within: float, **wanted: dict[str, list[str]]) -> Answer:
    """The plan found, which the audit passes but for its run record."""
    data = near(world(**plant(annuity=110.0)), within, **wanted)
    answer = solved(data)
    checks = {one.name_en: one.passed for one in audit(data, answer.plan, digests=False).checks}
    assert checks["budget"]
    return answer


def cost(answer: Answer) -> float:
    plan = answer.plan
    return float(plan["account_cny"].values[plan["account_book"].values == "cost"].sum())


def test_no_more_is_built_than_the_budget_pays_for() -> None:
    # 5 % of 200 are 10: one MW
    answer = explored(0.05, most={"plant_capacity_mw": ["s_wind"]})
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert cost(answer) == pytest.approx(210.0)
    # no more than 2 MW can be used: the room of 20 % is not needed to the full
    wide = explored(
        0.2, most={"plant_capacity_mw": ["s_wind"]}, least={"grid_connection_mw": ["s"]}
    )  # fmt: skip
    assert wide.of("plant_capacity_mw") >= 2.0 - 1e-6


def test_a_size_is_as_small_as_the_budget_lets_it_be() -> None:
    # 1 MW of wind takes half a MW off the connection
    answer = explored(0.05, least={"grid_connection_mw": ["s"]})
    assert answer.of("grid_connection_mw") == pytest.approx(0.5)
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)


def test_among_plans_as_near_to_what_is_wanted_the_cheapest_is_found() -> None:
    answer = explored(0.5, least={"plant_capacity_mw": ["s_wind"]})
    assert answer.of("plant_capacity_mw") == pytest.approx(0.0)
    assert cost(answer) == pytest.approx(CHEAPEST)


def test_prices_of_limits_and_clauses_are_not_told_since_cost_is_not_minimised() -> None:
    answer = explored(0.05, most={"plant_capacity_mw": ["s_wind"]})
    assert answer.plan.sizes["limit"] == 0


def test_the_audit_finds_a_plan_above_its_budget() -> None:
    plan = explored(0.05, most={"plant_capacity_mw": ["s_wind"]}).plan
    tighter = near(world(**plant(annuity=110.0)), 0.04, most={"plant_capacity_mw": ["s_wind"]})
    checks = {one.name_en: one.passed for one in audit(tighter, plan, digests=False).checks}
    assert not checks["budget"]


def test_the_audit_recomputes_what_was_looked_for_and_its_proof() -> None:
    answer = explored(0.05, most={"plant_capacity_mw": ["s_wind"]})
    clock = Stopwatch()
    clock.laps = {"build": 0.0, "solve": 0.0}
    told = record_of_run(answer.plan, answer.found, answer.compiled, clock, 0.01)
    # 210 CNY, and 10 − 1 MW too little at 10 CNY for 0.01 MW
    assert told["explored_cny"] == pytest.approx(210.0 + 9000.0)
    assert told["bound_cny"] is None
    faults = {}
    for key, factor in (("explored_cny", 1.0), ("explored_cny", 1.001),
                        ("explored_bound_cny", 1.001)):  # fmt: skip
        run = told | {key: factor * told[key]}
        plan = answer.plan.assign_attrs(run=json.dumps(run))
        checks = {one.name_en: one.passed for one in audit(answer.data, plan, digests=False).checks}
        faults[key, factor] = checks["totals and objective"], checks["bound and gap"]
    assert list(faults.values()) == [(True, True), (False, False), (True, False)]


def test_a_thousandth_of_the_largest_size_is_worth_the_room() -> None:
    found = json.loads(near(world(**plant(most_mw=10.0)), 0.05,
                            most={"plant_capacity_mw": ["s_wind"]},
                            least={"storage_energy_mwh": ["s_lfp"]}).attrs["near_optimal"])
    # 10 CNY for 0.01 MW; a battery that cannot be built has no weight
    assert found["weights"] == {"plant_capacity_mw": {"s_wind": -1.0}}
    assert found["constant_kcny"] == pytest.approx(10.0)
    assert found["budget_kcny"] == pytest.approx(0.21)


@pytest.mark.parametrize("wrong", [
    {"within": 1.5}, {"of_cny": None},
    {"least": {"halls_built": ["a"]}, "most": {"halls_built": ["a"]}},
    {"least": {"wind_mw": ["a"]}},
])  # fmt: skip
def test_what_means_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(pydantic.ValidationError):
        NearOptimal.model_validate({"of_cny": 1.0, "within": 0.1} | wrong)

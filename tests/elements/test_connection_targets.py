"""Shares of own generation, exchange with the grid, batteries with plants, carbon, standard coal.

A world has 1 MW of load in every hour, grid energy at 100 CNY/MWh and wind at half its capacity.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pydantic
import pytest

from coplan.elements.targets import Targets
from coplan.verify import audit
from tests.sampling import one_in
from tests.toys import Answer, battery, contract, plant, solved, two_sites, work, world

SELLS = {"export_max_mw": 10.0, "export_price_cny_per_mwh": 50.0}


def clause(kind: str, value: float = 0.0, **more: Any) -> dict:
    return {"id": "c", "kind": kind, "value": value} | more


def planned(target: dict, **changes: Any) -> Answer:
    """The cheapest plan under one clause; the audit agrees with what it says of the clause."""
    data = world(changes.pop("steps", 2), targets=[target], **changes)
    answer = solved(data)
    assert answer.of("clause_status") in ("met", "missed")
    found = {one.name_en: one.passed for one in audit(data, answer.plan, digests=False).checks}
    for check in ("every target is kept", "compliance figures", "compliance status"):
        assert found[check], check
    assert found.get("penalties of soft clauses", True)
    return answer


def test_so_much_of_what_is_available_is_used_by_the_project() -> None:
    # 2 MWh of load are 40 % of 5 MWh: 5 MW give 5 MWh, 3 are sold at 50
    answer = planned(clause("self_use_share", 0.4), **plant(), **SELLS)
    assert answer.cost_cny == pytest.approx(-150.0)
    assert answer.of("plant_capacity_mw") == pytest.approx(5.0)
    # share x: 2/x MWh are available, 50 · (2/x − 2) earned: 100/x² a unit of x
    assert answer.price_cny("c") == pytest.approx(0.01 * 100.0 / 0.4**2)


def test_curtailed_energy_counts_as_available() -> None:
    # 10 MW that stand give 10 MWh; the project uses 2 whatever it curtails
    stands = plant(least_mw=10.0)
    assert not solved(world(targets=[clause("self_use_share", 0.21)], **stands)).is_planned
    assert planned(clause("self_use_share", 0.2), **stands).cost_cny == pytest.approx(0.0)


def test_so_much_of_the_load_comes_from_own_plants() -> None:
    # half of 2 MWh from 1 MW at 200 CNY, the rest from the grid at 100
    answer = planned(clause("own_supply_share", 0.5), **plant(annuity=200.0))
    assert answer.cost_cny == pytest.approx(200.0 + 100.0)
    assert answer.price_cny("c") == pytest.approx(0.02 * (200.0 - 100.0))


def test_what_is_sold_is_no_own_supply() -> None:
    # wind blows in the first hour alone: of 2 MWh only 1 is used, whatever else is sold
    windy = {**plant(), "capacity_factor": [[[1.0, 0.0]]], **SELLS}
    assert not solved(world(targets=[clause("own_supply_share", 0.51)], **windy)).is_planned
    assert planned(clause("own_supply_share", 0.5), **windy).is_planned


def test_no_more_than_its_share_is_fed_into_the_grid() -> None:
    # 10 MWh available, 2 used, 2 sold at 50, the rest curtailed
    answer = planned(clause("export_share", 0.2), **plant(least_mw=10.0), **SELLS)
    assert answer.cost_cny == pytest.approx(-100.0)
    assert answer.price_cny("c") == pytest.approx(0.01 * 10.0 * 50.0)


def test_plants_may_curtail_only_so_much() -> None:
    # 4 MWh available and 2 used: 1.6 more are fed in at a loss of 30 to use 90 %
    lossy = {"export_max_mw": 10.0, "export_price_cny_per_mwh": -30.0}
    answer = planned(clause("utilisation", 0.9), **plant(least_mw=4.0, most_mw=4.0), **lossy)
    assert answer.cost_cny == pytest.approx(1.6 * 30.0)
    assert answer.price_cny("c") == pytest.approx(0.04 * 30.0)


def test_nothing_is_fed_in_at_the_hours_named() -> None:
    # 1 MW of surplus in both hours; at 11 it is curtailed
    day = {"hour_of_day": [10, 11]}
    answer = planned(
        clause("no_reverse_flow_hours", hours=[11]), **plant(most_mw=4.0), **SELLS, **day
    )
    assert answer.of("export_mw") == pytest.approx([1.0, 0.0])
    assert answer.cost_cny == pytest.approx(-50.0)
    assert answer.price_cny("c") == pytest.approx(50.0)


def near_or_far(target: dict, **changes: Any) -> Answer:
    """2 MWh of work: 10 CNY/MWh near and 100 far, no cooling power unless asked for."""
    return planned(target, **(two_sites(10.0, 100.0) | changes))


def test_an_energy_budget_counts_the_facility_as_coal() -> None:
    # 0.6 tce at 1 t/MWh near: PUE 1.5 leaves 0.4 MWh of IT there, 1.6 run far at PUE 1.1
    answer = near_or_far(
        clause("energy_budget", 0.6, coal_factor_kg_per_kwh=1.0, sites=["near"]),
        cooling_slope=np.array([[[0.5], [0.1]]]),
    )
    assert answer.cost_cny == pytest.approx(0.6 * 10.0 + 1.6 * 1.1 * 100.0)
    assert answer.price_cny("c") == pytest.approx(1.1 * 100.0 / 1.5 - 10.0)


def test_a_coal_factor_of_a_half_lets_twice_as_much_run() -> None:
    half = clause("energy_budget", 0.6, coal_factor_kg_per_kwh=0.5, sites=["near"])
    assert near_or_far(half).cost_cny == pytest.approx(1.2 * 10.0 + 0.8 * 100.0)


def cheap_first(target: dict, **changes: Any) -> Answer:
    """Energy at 10 in the first hour and 100 in the second, and a battery without losses."""
    prices = {"retail_price_cny_per_mwh": [[10.0, 100.0]]}
    return planned(target, **(prices | battery() | changes))


def test_no_more_is_imported_than_the_largest_exchange() -> None:
    # 1.5 MWh in the cheap hour, the other half in the dear one
    answer = cheap_first(clause("max_exchange", 1.5))
    assert answer.cost_cny == pytest.approx(15.0 + 50.0)
    assert answer.price_cny("c") == pytest.approx(90.0)


def test_no_more_is_exported_than_the_largest_exchange() -> None:
    # 1 MW of surplus, a quarter of it sold in both hours
    answer = planned(clause("max_exchange", 0.25), **plant(most_mw=4.0, least_mw=4.0), **SELLS)
    assert answer.cost_cny == pytest.approx(-2 * 0.25 * 50.0)
    assert answer.of("clause_achieved") == pytest.approx(0.25)


def three_hours(*prices: float) -> Answer:
    """3 MWh of load with a battery, a ramp of 1.5 MW per hour, the year being cyclic."""
    return cheap_first(
        clause("ramp_limit", 1.5), steps=3, retail_price_cny_per_mwh=[list(prices)]
    )


def test_the_exchange_rises_only_so_fast() -> None:
    # 1.5, 0, 1.5; rising by more, 0.75, 0, 2.25 would cost 52.5
    answer = three_hours(40.0, 100.0, 10.0)
    assert answer.of("retail_mw") == pytest.approx([1.5, 0.0, 1.5])
    assert answer.cost_cny == pytest.approx(75.0)


def test_the_exchange_falls_only_so_fast() -> None:
    # 0, 1.5, 1.5; falling by more, 0, 0.75, 2.25 would cost 52.5
    answer = three_hours(100.0, 40.0, 10.0)
    assert answer.of("retail_mw") == pytest.approx([0.0, 1.5, 1.5])
    assert answer.cost_cny == pytest.approx(75.0)


def test_a_ramp_is_per_hour() -> None:
    # quarters of an hour: 0.5 MW from step to step at 2 MW per hour, so 1.25 and 0.75 MW
    quarters = {"step_h": 0.25, **battery()}
    answer = cheap_first(clause("ramp_limit", 2.0), **quarters)
    assert answer.of("retail_mw") == pytest.approx([1.25, 0.75])


def test_the_valley_of_the_exchange_is_so_much_of_its_peak() -> None:
    # x and 2 − x with 2 − x = x / 2: 4/3 MWh at 10, 2/3 at 100
    answer = cheap_first(clause("peak_valley_rate", 0.5, per="day"))
    assert answer.cost_cny == pytest.approx(80.0)
    assert answer.of("clause_achieved") == pytest.approx(0.5)
    # at rate v the first hour takes 2 / (2 − v): 90 · 2 / (2 − v)² a unit of v
    assert answer.price_cny("c") == pytest.approx(0.01 * 90.0 * 2 / 1.5**2)


def test_a_rate_of_the_year_sees_the_days_together() -> None:
    # 1 MW on one day, 3 on the next: level within days; the year lacks 0.5 · 3 − 1 = 0.5 MW
    days = {"steps": 4, "day_of_year": [1, 1, 2, 2], **work([[[1.0, 1.0, 3.0, 3.0]]])}
    assert planned(clause("peak_valley_rate", 0.0, per="day"), **days).is_planned
    year = clause("peak_valley_rate", 0.5, per="year", penalty_cny_per_mw=8.0)
    answer = planned(year, **days)
    assert answer.of("clause_achieved") == pytest.approx(2.0 / 3.0)
    assert answer.line_cny("soft clauses", "penalty") == pytest.approx(0.5 * 8.0)


def test_no_rate_lets_the_project_feed_in() -> None:
    answer = planned(
        clause("peak_valley_rate", 1.0, per="day"), **plant(most_mw=4.0, least_mw=4.0), **SELLS
    )
    assert answer.of("export_mw") == pytest.approx([0.0, 0.0])


def test_batteries_go_with_the_plants() -> None:
    # 15 % of 4 MW for 4 h: 0.6 MW at 5 and 2.4 MWh at 3
    dear = {"storage_power_annuity_cny_per_mw_year": 5.0,
            "storage_energy_annuity_cny_per_mwh_year": 3.0}  # fmt: skip
    answer = planned(
        clause("storage_share", 0.15, hours=4.0), **plant(least_mw=4.0), **battery(), **dear
    )
    assert answer.of("storage_power_mw") == pytest.approx(0.6)
    assert answer.cost_cny == pytest.approx(0.6 * 5.0 + 2.4 * 3.0)
    # one point is 0.04 MW with 0.16 MWh
    assert answer.price_cny("c") == pytest.approx(0.04 * 5.0 + 0.16 * 3.0)


FACTORS = {"emission_factor_t_per_mwh": [[[1.0], [0.2]]]}


def test_a_cap_on_carbon_moves_work_to_where_the_grid_is_cleaner() -> None:
    # n near: n + 0.2 · (2 − n) = 1.2, so one MWh each
    answer = near_or_far(clause("carbon_cap", 1.2, basis="location"), **FACTORS)
    assert answer.cost_cny == pytest.approx(10.0 + 100.0)
    assert answer.price_cny("c") == pytest.approx(90.0 / 0.8)


def test_test_runs_of_backup_count_in_the_cap() -> None:
    # 0.4 MW run 1 h a year at 0.5 t/MWh: 0.2 t, so 0.25 MWh more run far
    backup = {
        "backup_site": "near", "backup_min_mw": 0.4, "backup_max_mw": 0.4,
        "backup_tested_mwh_per_mw_year": 1.0, "backup_emission_t_per_mwh": 0.5,
    }  # fmt: skip
    coords = two_sites()["coords"] | {"backup": ["near_backup"]}
    answer = near_or_far(
        clause("carbon_cap", 1.2, basis="location"), **FACTORS, **backup, coords=coords
    )
    assert answer.cost_cny == pytest.approx(0.75 * 10.0 + 1.25 * 100.0)


def test_a_cap_over_the_life_counts_the_making_of_plants() -> None:
    # w MW of wind give w MWh and take 0.2 w t to make: 2 − w + 0.2 w = 1.2 t at 1 t/MWh
    made = {"emission_factor_t_per_mwh": 1.0, "plant_embodied_t_per_mw_year": 0.2,
            "storage_embodied_t_per_mwh_year": 9.0}  # fmt: skip
    answer = planned(clause("carbon_cap", 1.2, basis="lifecycle"), **plant(annuity=150.0), **made)
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(100.0 + 150.0)
    assert answer.price_cny("c") == pytest.approx(50.0 / 0.8)
    by_place = planned(clause("carbon_cap", 1.2, basis="location"), **plant(annuity=150.0), **made)
    assert by_place.cost_cny == pytest.approx(120.0 + 0.8 * 150.0)
    # a battery of 0.1 MWh takes 0.9 t to make and saves 0.1 MWh at 90 CNY: half of it is allowed
    moved = {**battery(energy_mwh=0.1), "retail_price_cny_per_mwh": [[10.0, 100.0]]}
    held = planned(clause("carbon_cap", 2.45, basis="lifecycle"), **made, **moved)
    assert held.of("storage_energy_mwh") == pytest.approx(0.05)
    assert held.cost_cny == pytest.approx(10.0 + 100.0 - 0.05 * 90.0)


def test_grid_connections_together_stay_within_their_limit() -> None:
    # 3 MW in one hour and 1 MW in the other: a free battery levels them at 2 MW, at 10 and 100
    changes = {**work(np.array([3.0, 1.0])), **battery(), "halls_min": 10.0,
               "retail_price_cny_per_mwh": [[10.0, 100.0]]}  # fmt: skip
    answer = planned(clause("grid_connection", 2.5), **changes)
    assert answer.of("grid_connection_mw") == pytest.approx(2.5)
    assert answer.cost_cny == pytest.approx(2.5 * 10.0 + 1.5 * 100.0)
    assert answer.price_cny("c") == pytest.approx(90.0)
    soft = planned(clause("grid_connection", 2.5, penalty_cny_per_mw=20.0), **changes)
    assert soft.cost_cny == pytest.approx(4 * 10.0 + 1.5 * 20.0)  # penalty and cost


def test_by_market_only_what_nothing_green_covers_counts() -> None:
    # 0.6 t at the residual factor of 0.6 are 1 MWh of grey; the other costs 120 by contract
    by_market = clause("carbon_cap", 0.6, basis="market")
    answer = planned(by_market, **contract(120.0, profile=1.0))
    assert answer.cost_cny == pytest.approx(100.0 + 120.0)
    assert answer.price_cny("c") == pytest.approx(20.0 / 0.6)
    # a certificate at 5 covers a MWh too
    paper = {"certificate_max_mwh": 10.0, "certificate_price_cny_per_mwh": 5.0}
    assert planned(by_market, **paper).cost_cny == pytest.approx(200.0 + 5.0)
    # one of 2020 covers nothing: the contract does
    old = paper | {"certificate_vintage": 2020.0} | contract(120.0, profile=1.0)
    assert planned(by_market, **old).cost_cny == pytest.approx(100.0 + 120.0)


def test_by_market_paid_energy_of_another_hour_covers() -> None:
    # 2 MWh produced in the first hour at 60: one is used, one covers the grid energy of the second
    twice = contract(60.0, profile=[[[2.0, 0.0]]], most_mw=1.0)
    answer = planned(clause("carbon_cap", 0.0, basis="market"), **twice)
    assert answer.cost_cny == pytest.approx(120.0 + 100.0)


BOUGHT = [
    (clause("own_supply_share", 0.5), 0.1, plant(annuity=200.0)),
    (clause("utilisation", 0.5), 0.1, plant(least_mw=4.0, most_mw=4.0)),
    (clause("storage_share", 0.1, hours=1.0), 0.1, {**plant(least_mw=4.0), **battery(),
     "storage_power_annuity_cny_per_mw_year": 5.0}),
    (clause("max_exchange", 1.0), -0.1, {}),
    (clause("grid_connection", 1.0), -0.1, {}),
    (clause("carbon_cap", 1.0, basis="lifecycle"), -0.1, {}),
    (clause("carbon_cap", 1.0, basis="location"), -0.1, {}),
    (clause("carbon_cap", 1.2, basis="market"), -0.1, {}),
    (clause("energy_budget", 2.0, coal_factor_kg_per_kwh=1.0), -0.1, {}),
    (clause("export_share", 0.5), -0.1, {**plant(least_mw=4.0, most_mw=4.0), **SELLS}),
    (clause("self_use_share", 0.5), 0.1, {**plant(least_mw=4.0, most_mw=4.0), **SELLS}),
    (clause("ramp_limit", 2.0), -0.1,
     {**battery(), "retail_price_cny_per_mwh": [[10.0, 100.0]]}),
    (clause("peak_valley_rate", 0.5, per="day"), -0.1,
     {**battery(), "retail_price_cny_per_mwh": [[10.0, 100.0]]}),
]  # fmt: skip


@pytest.mark.parametrize(("loose", "tighter", "changes"), one_in(4, BOUGHT),
                         ids=[one[0]["kind"] for one in BOUGHT])  # fmt: skip
def test_the_audit_finds_a_clause_that_is_not_kept(
    loose: dict, tighter: float, changes: dict
) -> None:
    # the plan of a loose clause, which it keeps to the full, claims a stricter one
    strict = loose | {"value": loose["value"] + tighter}
    plan = solved(world(targets=[loose], **changes)).plan
    for target, kept in ((loose, True), (strict, False)):
        checks = audit(world(targets=[target], **changes), plan, digests=False).checks
        assert {one.name_en: one.passed for one in checks}["every target is kept"] is kept


def test_the_audit_finds_export_in_a_closed_hour() -> None:
    sold = {**plant(least_mw=4.0, most_mw=4.0), **SELLS, "hour_of_day": [10, 11]}
    plan = solved(world(targets=[clause("no_reverse_flow_hours", hours=[3])], **sold)).plan
    data = world(targets=[clause("no_reverse_flow_hours", hours=[10])], **sold)
    checks = {one.name_en: one.passed for one in audit(data, plan, digests=False).checks}
    assert not checks["every target is kept"]


@pytest.mark.parametrize("wrong", [
    {"self_use_share": {"x": {"value": 1.2}}}, {"peak_valley_rate": {"x": {"value": 1.1}}},
    {"no_reverse_flow_hours": {"x": {"hours": [24]}}},
    {"no_reverse_flow_hours": {"x": {"hours": [3, 3]}}},
    {"no_reverse_flow_hours": {"x": {"hours": []}}},
    {"storage_share": {"x": {"value": 0.1}}}, {"max_exchange": {"x": {"value": "5 GWh"}}},
    {"carbon_cap": {"x": {"value": 1.0, "basis": "market", "sites": ["s"]}}},
    {"carbon_cap": {"x": {"value": -1.0}}}, {"energy_budget": {"x": {"value": 1.0}}},
])  # fmt: skip
def test_an_impossible_clause_is_refused(wrong: dict) -> None:
    with pytest.raises(pydantic.ValidationError):
        Targets.model_validate(wrong)

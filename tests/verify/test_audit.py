"""A right plan passes; a plan that breaks one rule fails by that rule, named with its place."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from coplan.verify import audit, plan_digests
from tests.plan.toy_plan import seal, toy_plan


@pytest.fixture(scope="module")
def world():
    return toy_plan("monthly")


def failed(data, plan):
    return {check.name_en: check for check in audit(data, plan, digests=False).failures()}


def altered(plan, **changes):
    """A copy of the plan with amounts added: name=(where, amount)."""
    other = plan.copy()
    for name, (where, amount) in changes.items():
        values = plan[name].copy()
        values[where] = values[where] + amount
        other[name] = values
    return other


@pytest.mark.parametrize("matching", ["monthly", "annual", "hourly"])
def test_a_right_plan_passes_with_room_to_spare(matching):
    report = audit(*toy_plan(matching))
    assert report.failures() == []
    assert report.passed
    assert report.largest_violation < 1e-12
    assert report.rows_checked > 30000


def test_a_world_without_plants_batteries_and_contracts_passes():
    assert audit(*toy_plan("annual", bare=True)).failures() == []


def test_a_report_of_an_audit_is_plain_json(world):
    found = json.loads(json.dumps(audit(*world).as_dict()))
    assert found["passed"] is True
    assert set(found["checks"][0]) == {
        "name_zh", "name_en", "rows", "largest", "passed", "worst",
    }  # fmt: skip


def test_reports_add_up_and_one_failure_fails_both(world):
    data, plan = world
    good, bad = audit(data, plan), audit(data, altered(plan, soc_mwh=((0, 0, 0, 3), 1.0)))
    both = good.extended(bad)
    assert not both.passed
    assert both.rows_checked == good.rows_checked + bad.rows_checked
    assert both.failures() == bad.failures()


def test_the_worst_row_is_named_by_site_and_hour(world):
    data, plan = world
    other = altered(plan, retail_mw=((0, 1, 1, 40), 2.0))
    assert failed(data, other)["power balance"].worst == "2025, poor, langfang, hour 40"


def test_an_empty_plan_fails_and_says_what_is_missing(world):
    data, plan = world
    report = audit(data, plan.drop_vars("soc_mwh"), digests=False)
    assert [check.worst for check in report.failures()] == ["plan: soc_mwh is missing"]


def test_a_plan_without_digests_fails_only_when_they_are_asked_for(world):
    data, plan = world
    other = plan.copy()
    del other.attrs["digests"]
    assert audit(data, other, digests=False).passed
    assert not audit(data, other).passed


def test_energy_burnt_by_charging_and_discharging_at_once_is_named(world):
    data, plan = world
    spot = (1, 0, 0, 2)
    assert float(plan["charge_mw"][spot]) == float(plan["discharge_mw"][spot]) == 0.0
    assert float(plan["retail_mw"][1, 0, 0, 2]) > 2.0
    lost = 2.0 - 2.0 * 0.95 * 0.95
    month = plan["peak_mw"][1, 0, 0, 0]
    other = altered(
        plan, charge_mw=(spot, 2.0), discharge_mw=(spot, 2.0 * 0.95 * 0.95),
        retail_mw=((1, 0, 0, 2), lost),
    )  # fmt: skip
    broken = failed(data, other)
    assert "no charge and discharge at once" in broken
    assert "state of charge carries over" not in broken
    assert "power balance" not in broken
    assert float(month) == float(plan["peak_mw"][1, 0, 0, 0])


def test_work_that_waits_longer_than_allowed_is_named_though_its_books_balance(world):
    data, plan = world
    demand = plan["pool_demand_mw"].values[0, 0]
    served, backlog = plan["served_mw"].copy(), plan["backlog_mwh"].copy()
    served[0, :, 0] = demand
    served[0, :, 0, 5:10] = 0.0
    served[0, :, 0, 10] += demand[5:10].sum()  # the first of it is five hours old; four may be
    backlog[0, :, 0] = 0.0
    backlog[0, :, 0, 5:10] = np.cumsum(demand[5:10])
    late = demand[5] / max(np.roll(demand, -hour)[:4].sum() for hour in range(48))
    broken = failed(data, plan.assign(served_mw=served, backlog_mwh=backlog))
    assert broken["work is done within its delay"].largest == pytest.approx(late)
    assert "backlog carries over" not in broken
    # a backlog that hides the delay does not hide it from the sums of arrivals and work
    broken = failed(data, plan.assign(served_mw=served, backlog_mwh=0.0 * backlog))
    assert broken["work is done within its delay"].largest == pytest.approx(late)
    assert "backlog within the last arrivals" not in broken


def test_work_served_just_in_time_is_not_late(world):
    data, plan = world
    demand = plan["pool_demand_mw"].values[0, 0]
    served, backlog = plan["served_mw"].copy(), plan["backlog_mwh"].copy()
    served[0, :, 0] = demand
    served[0, :, 0, 5] = 0.0
    served[0, :, 0, 9] += demand[5]
    backlog[0, :, 0] = 0.0
    backlog[0, :, 0, 5:9] = demand[5]
    broken = failed(data, plan.assign(served_mw=served, backlog_mwh=backlog))
    assert "work is done within its delay" not in broken
    assert "backlog carries over" not in broken


def test_work_that_runs_before_it_arrives_is_named(world):
    data, plan = world
    served = plan["served_mw"].copy()
    served[0, :, 0] = plan["pool_demand_mw"].values[0, 0]
    backlog = plan["backlog_mwh"].copy()
    backlog[0, :, 0] = 0.0
    # 70 MWh are run at once and "arrive" during the hours after: more than four hours hold
    served[0, :, 0, 5] += 70.0
    served[0, :, 0, 6:41] -= 2.0
    broken = failed(data, plan.assign(served_mw=served, backlog_mwh=backlog))
    assert "work is done within its delay" in broken


def test_work_beyond_its_latency_limit_is_named(world):
    data, plan = world
    other = altered(plan, routed_mw=((0, 0, 1, 0, 7), 1.0))
    other["routed_mw"][0, 0, 1, 1, 7] -= 1.0
    broken = failed(data, other)
    assert broken["work runs within reach"].worst == "2025, fair, fp16_now, zhangbei, hour 7"
    assert "what is sent adds up to what is served" not in broken


def test_half_a_hall_is_named(world):
    data, plan = world
    assert "whole halls and signatures" in failed(
        data, altered(plan, halls_built=((1, 0), 0.5))
    )


def test_a_plant_that_vanishes_between_periods_is_named(world):
    data, plan = world
    broken = failed(data, altered(plan, plant_capacity_mw=((1, 0), -20.0)))
    assert broken["what was built stays"].worst == "plant_capacity_mw, 2025, zhangbei_wind"


def test_a_meter_that_imports_and_exports_at_once_is_named(world):
    data, plan = world
    hour = int(np.argmax(plan["retail_mw"].values[0, 0, 0]))
    other = altered(
        plan, retail_mw=((0, 0, 0, hour), 1.0), export_mw=((0, 0, 0, hour), 1.0)
    )
    broken = failed(data, other)
    assert "no import and export at once" in broken
    assert "power balance" not in broken


def test_a_surplus_that_helps_another_month_is_named_under_monthly_matching(world):
    data, plan = world
    other = altered(plan, netted_mwh=((0, 0, 1), 5000.0))
    other["netted_mwh"][0, 0, 0] -= 5000.0
    assert "nothing is netted twice" in failed(data, other)


def test_a_contract_settled_by_the_hour_leaves_nothing_to_net(world):
    data, plan = world
    settled = ("contract", np.array(["hourly", "hourly"]))
    hourly = data.assign_coords(contract_settlement=settled)
    broken = failed(hourly, plan.assign_coords(contract_settlement=settled))
    assert {"nothing is netted twice", "every target is kept"} <= set(broken)


def test_a_bill_that_forgets_what_was_not_delivered_is_named(world):
    data, plan = world
    line = int(np.flatnonzero(plan["account_label"].values == "contract energy")[1])
    other = altered(plan, account_cny=(line, -0.5 * float(plan["account_cny"][line])))
    broken = failed(data, other)
    assert broken["every cost line"].worst.startswith("contract energy, 2025, langfang")
    assert "totals and objective" in broken


def test_a_bound_above_the_objective_is_named(world):
    data, plan = world
    run = json.loads(plan.attrs["run"])
    run["bound_cny"] = run["objective_cny"] * 1.001
    run["gap"], run["gap_energy"] = -0.001, -0.001 * run["objective_cny"] / run["energy_cost_cny"]
    other = plan.copy()
    other.attrs["run"] = json.dumps(run)
    assert list(failed(data, other)) == ["bound and gap"]


def test_inputs_are_judged_against_the_raw_data_not_the_plan(world):
    data, plan = world
    cheaper = data["retail_price_cny_per_mwh"] * 0.9
    broken = failed(data, plan.assign(retail_price_cny_per_mwh=cheaper))
    assert list(broken) == ["inputs equal the raw data"]
    broken = failed(data.assign(retail_price_cny_per_mwh=cheaper), plan)
    assert {"inputs equal the raw data", "every cost line"} <= set(broken)


def test_bad_raw_data_are_named(world):
    data, plan = world
    late = data["latency_one_way_ms"].copy()
    late[2, 1] = 6.0
    broken = failed(data.assign(latency_one_way_ms=late), plan)
    assert broken["reach only within the latency limit"].worst == "beijing_inference, langfang"


def test_a_promise_with_room_has_no_price(world):
    data, plan = world
    other = altered(plan, clause_shadow_price=(2, 1e6))
    assert "signs of the shadow prices" in failed(data, other)


def test_tolerance_lets_a_solver_round(world):
    data, plan = world
    other = altered(plan, retail_mw=((0, 0, 1, 3), 1e-7), soc_mwh=((0, 0, 0, 12), 1e-7))
    report = audit(data, other, digests=False)
    assert report.passed
    assert 0 < report.largest_violation <= 1e-6


def test_digests_outlive_netcdf(world, tmp_path):
    plan = world[1]
    plan.to_netcdf(tmp_path / "plan.nc", engine="netcdf4")
    with xr.open_dataset(tmp_path / "plan.nc", engine="netcdf4") as opened:
        assert plan_digests(opened.load()) == plan_digests(plan)


def test_digests_see_dims_type_and_the_smallest_change(world):
    plan = world[1]
    one = plan_digests(plan)["retail_mw"]
    nudged = plan["retail_mw"] * (1 + 1e-15)
    assert plan_digests(plan.assign(retail_mw=nudged))["retail_mw"] != one
    turned = plan["retail_mw"].transpose("site", "period", "weather", "time")
    assert plan_digests(plan.assign(retail_mw=turned))["retail_mw"] != one


def test_the_order_of_dims_does_not_matter_to_the_rules(world):
    data, plan = world
    assert audit(data, seal(plan.transpose(*reversed(list(plan.dims))))).passed

"""Every clause says what it asks, what is achieved, and what one unit more would cost."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coplan.plan.clauses import clause_rows, power_usage
from coplan.plan.compliance import green_share, netted_by_month
from tests.plan.toy_plan import toy_plan


@pytest.fixture
def plan():
    return toy_plan("monthly")[1].copy(deep=True)


def rows_of(plan, target, prices=None):
    plan.attrs["targets"] = json.dumps([target])
    return clause_rows(plan, prices or {})


def test_the_worst_weather_year_counts(plan):
    share = green_share(plan, "hourly")
    rows = rows_of(plan, {"id": "g", "kind": "green_share", "value": 0.5, "matching": "hourly"})
    np.testing.assert_allclose(rows["clause_achieved"], share.min("weather"))
    assert list(rows["clause_period"]) == [2025, 2030]
    assert list(rows["clause_status"]) == ["met", "met"]


def test_slack_is_positive_where_there_is_room(plan):
    share = rows_of(plan, {"id": "g", "kind": "green_share", "value": 0.5, "matching": "annual"})
    usage = rows_of(plan, {"id": "p", "kind": "pue", "value": 1.5, "scope": "fleet"})
    compute = rows_of(plan, {"id": "c", "kind": "compute", "label": "fp16", "value": 1.0})
    for rows in (share, usage, compute):
        assert (rows["clause_slack"] > 0).all()
    assert compute["clause_achieved"][1] == pytest.approx(26 * 400 + 42 * 320)


def test_one_site_may_break_a_limit_that_the_fleet_keeps(plan):
    fleet = float(power_usage(plan, "fleet").max())
    site = float(power_usage(plan, "site").max())
    assert fleet < site
    value = 0.5 * (fleet + site)
    kept = rows_of(plan, {"id": "p", "kind": "pue", "value": value, "scope": "fleet"})
    broken = rows_of(plan, {"id": "p", "kind": "pue", "value": value, "scope": "site"})
    assert set(kept["clause_status"]) == {"met"}
    assert "violated" in set(broken["clause_status"])


def test_a_target_met_to_a_millionth_is_met(plan):
    reached = float(green_share(plan, "annual").min())
    goal = {"id": "g", "kind": "green_share", "matching": "annual"}
    near = rows_of(plan, goal | {"value": reached * (1 + 5e-7)})
    far = rows_of(plan, goal | {"value": reached * (1 + 5e-6)})
    assert set(near["clause_status"]) == {"met"}
    assert "violated" in set(far["clause_status"])


def test_prices_are_taken_by_target_and_period(plan):
    goal = {"id": "p", "kind": "pue", "value": 1.5, "scope": "fleet"}
    rows = rows_of(plan, goal, {("p", 2030): 7.0})
    assert list(rows["clause_shadow_price"]) == [0.0, 7.0]
    assert set(rows["clause_shadow_unit"]) == {"CNY per year for 0.01 lower"}


def test_a_binding_clause_without_a_price_says_so(plan):
    value = float(power_usage(plan, "fleet").isel(period=0).max())
    rows = rows_of(plan, {"id": "p", "kind": "pue", "value": value, "scope": "fleet"})
    assert np.isnan(rows["clause_shadow_price"][0])


def test_a_pue_without_it_energy_is_not_applicable(plan):
    plan["site_it_mw"].values[...] = 0.0
    rows = rows_of(plan, {"id": "p", "kind": "pue", "value": 1.2, "scope": "site"})
    assert set(rows["clause_status"]) == {"not applicable"}


def test_a_kind_that_the_model_does_not_know_is_not_represented(plan):
    rows = rows_of(plan, {"id": "n", "kind": "noise", "value": 1.8})
    assert set(rows["clause_status"]) == {"not represented"}


def test_a_plan_without_targets_has_no_clauses(plan):
    plan.attrs["targets"] = "[]"
    assert all(len(values) == 0 for values in clause_rows(plan, {}).values())


@pytest.mark.parametrize("matching", ["monthly", "hourly"])
def test_netting_by_month_is_all_that_the_matching_allows(matching):
    plan = toy_plan(matching)[1]
    stated = plan["netted_mwh"] * (matching == "monthly")
    np.testing.assert_allclose(netted_by_month(plan), stated)


def test_annual_netting_stands_in_the_months_that_left_energy_unspent():
    plan = toy_plan("annual")[1]
    found = netted_by_month(plan).transpose("period", "weather", "month")
    np.testing.assert_allclose(found.sum("month"), plan["netted_mwh"].sum("month"))
    assert (found.values[..., 1] < found.values[..., 0]).all()  # the contract is strong in winter

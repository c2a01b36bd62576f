"""Planted infeasibilities: the promise or limit that was made impossible is named first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model, hall_groups
from coplan.scenario.reader import read_scenario
from coplan.solve.conflicts import Conflict, conflicts, message
from coplan.solve.search import search
from tests import toys
from tests.sampling import one_in

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
CAMPUS = "cards.systems/zhangbei-campus"
SITE = f"{CAMPUS}.sites.zhangbei"
NO_CONTRACT = tuple(f"{SITE}.contracts.wind-contract.{key}=0" for key in ("max_mw", "min_mw"))
NO_TARGETS = ("targets.green_share=", "targets.pue=", "targets.compute={}")
GREEN_60 = "targets.green_share.value=0.6"


def why_not(data: Any) -> list[Conflict]:
    """Conflicts of a dataset, after the search has called it infeasible."""
    model = build_model(data)
    compiled = algebra.compile(model.pyomo)
    found = search(compiled, hall_groups(model, compiled, data), gap=0.01, time_limit=60.0)
    assert found.status == "infeasible"
    return conflicts(model, compiled, data, time_limit=60.0)


@cache
def of_quickstart(*overrides: str, name: str = "quickstart") -> list[Conflict]:
    """Conflicts of a week of a shipped scenario with something made impossible."""
    scenario = read_scenario(SCENARIOS / f"{name}.yaml", ["options.hours=168", *overrides])
    return why_not(build_dataset(scenario))


def green(value: float, matching: str = "hourly") -> dict[str, Any]:
    return {"id": "green_share", "kind": "green_share", "value": value, "matching": matching,
            "unbundled_max_share": 0.0}  # fmt: skip


def pue(value: float, scope: str = "fleet") -> dict[str, Any]:
    return {"id": "pue", "kind": "pue", "value": value, "scope": scope}


def compute(value: float) -> dict[str, Any]:
    return {"id": "compute_fp16", "kind": "compute", "label": "fp16", "value": value}


PLANTED = {
    "PUE below what the climate allows": (
        ["targets.pue.value=1.05", GREEN_60], "pue", 0.072, ""),
    "PUE of 1": (["targets.pue.value=1", GREEN_60], "pue", 0.122, ""),
    "PUE of every site": (
        ["targets.pue.value=1.05", "targets.pue.scope=site", GREEN_60], "pue", 0.072, ""),
    "a calm week": (
        [f"{SITE}.contracts.wind-contract.max_mw=80"], "green_share", 1.74, "percentage points"),
    "all green without contracts": (
        ["targets.green_share.value=1", *NO_CONTRACT], "green_share", 68.6, "percentage points"),
    "all green by the hour without contracts": (
        ["targets.green_share.value=1", "targets.green_share.matching=hourly", *NO_CONTRACT],
        "green_share", 68.6, "percentage points"),
    "more compute than the site may hold": (
        ["targets.compute.fp16=30000", GREEN_60], "compute_fp16", 7200.0, "P"),
    "compute ten times over": (
        ["targets.compute.fp16=188000", GREEN_60], "compute_fp16", 165200.0, "P"),
    "a connection too small": (
        [GREEN_60, f"{SITE}.connection.max_mw=20"], "grid_connection_mw", 14.3, "MW"),
    "a connection too small with grid power alone": (
        [*NO_TARGETS, f"{SITE}.connection.max_mw=10"], "grid_connection_mw", None, "MW"),
    "less room than the demand needs": (
        [GREEN_60, "targets.compute={}", f"{SITE}.it_max_mw=30"], "site_it_limit", None, "MW"),
    "more demand than there is room for": (
        [*NO_TARGETS, f"{CAMPUS}.demand.beijing_training.mean_p.2027=20000"],
        "site_it_limit", 20.5, "MW"),
    "whole halls that do not fit": (
        [GREEN_60, f"{SITE}.it_max_mw=54", "targets.compute.fp16=20100"],
        "whole_halls", 0.2, "halls"),
}  # fmt: skip
"""What was made impossible → overrides, cause, amount, unit."""


@pytest.mark.parametrize(("overrides", "cause", "amount", "unit"), one_in(3, PLANTED.values()),
                         ids=PLANTED)  # fmt: skip
def test_the_planted_cause_is_named_first_with_its_amount(overrides, cause, amount, unit):
    first = of_quickstart(*overrides)[0]
    assert (first.cause, first.unit) == (cause, unit)
    if amount is not None:
        assert first.amount == pytest.approx(amount, rel=0.02)


TOYS: dict[str, tuple[list[dict], dict[str, Any], str, float]] = {
    "green without any source": ([green(0.5)], {}, "green_share", 50.0),
    "green by the month": ([green(0.25, "monthly")], {}, "green_share", 25.0),
    "green by the year": ([green(1.0, "annual")], {}, "green_share", 100.0),
    "wind for half the load": (
        [green(0.8)], {"plant_capacity_max_mw": 1.0}, "green_share", 30.0),
    "cooling that takes a fifth": ([pue(1.1)], {"cooling_slope": 0.2}, "pue", 0.1),
    "cooling of one site": ([pue(1.1, "site")], {"cooling_slope": 0.3}, "pue", 0.2),
    "losses alone": ([pue(1.01)], {"loss_slope": 0.05}, "pue", 0.04),
    "compute above the halls": ([compute(2000.0)], {}, "compute_fp16", 1000.0),
    "compute above the servers": (
        [compute(1000.0)], {"servers_max_mw": 4.0}, "compute_fp16", 600.0),
    "compute above the land": ([compute(900.0)], {"site_it_max_mw": 6.0}, "compute_fp16", 300.0),
    "green is short, PUE is kept": (
        [pue(1.3), green(0.4)], {"cooling_slope": 0.2}, "green_share", 40.0),
    "PUE is short, green is kept": (
        [pue(1.1), green(0.4)], {"cooling_slope": 0.2, "plant_capacity_max_mw": 2.0}, "pue", 0.1),
    "own plants for half the load, GWh": (
        [{"id": "own", "kind": "own_supply_share", "value": 0.5}], {}, "own", 1e-3),
    "an exchange of a quarter of the load": (
        [{"id": "grid", "kind": "max_exchange", "value": 0.25}], {}, "grid", 0.75),
    "a cap of half the carbon, kt": (
        [{"id": "cap", "kind": "carbon_cap", "value": 0.5, "basis": "location"}], {}, "cap", 5e-4),
    "a connection of half the load": ([], {"connection_max_mw": 0.5}, "grid_connection_mw", 0.5),
    "no connection": ([], {"connection_max_mw": 0.0}, "grid_connection_mw", 1.0),
    "halls for half the demand": (
        [], {"demand_mw": 20.0, "pool_demand_mw": 20.0}, "halls_built", 10.0),
    "land for half the demand": (
        [], {"demand_mw": 8.0, "pool_demand_mw": 8.0, "site_it_max_mw": 4.0}, "site_it_limit", 4.0),
    "servers for half the demand": (
        [], {"demand_mw": 8.0, "pool_demand_mw": 8.0, "servers_max_mw": 4.0}, "servers_mw", 4.0),
    "stock that cannot grow": (
        [], {"demand_mw": 3.0, "pool_demand_mw": 3.0, "halls_min": 1.0, "halls_max": 1.0,
             "servers_max_mw": 1.0}, "work_balance", 2.0),
}  # fmt: skip


@pytest.mark.parametrize(("targets", "changes", "cause", "amount"), TOYS.values(), ids=TOYS)
def test_a_small_world_names_what_is_missing(targets, changes, cause, amount):
    first = why_not(toys.world(targets=targets, **changes))[0]
    assert first.cause == cause
    assert first.amount == pytest.approx(amount, rel=1e-3)


def test_two_promises_that_fight_are_offered_as_alternatives():
    wind_for_one = {"plant_capacity_max_mw": 2.0, "idle_share": 1.0}
    both = why_not(toys.world(targets=[green(1.0), compute(300.0)], **wind_for_one))
    assert {(one.cause, one.is_instead) for one in both} == {
        ("green_share", False), ("compute_fp16", True)}  # fmt: skip
    text = message(both)
    assert "or instead" in text
    assert "或者" in text


def test_a_promise_that_fails_by_itself_has_no_alternative():
    found = why_not(toys.world(targets=[green(0.5), compute(300.0)]))
    assert [(one.cause, one.is_instead) for one in found] == [("green_share", False)]


def test_every_period_and_year_that_fails_is_told_once_with_its_worst():
    coords = {"period": [2027, 2030], "weather": ["a", "b"]}
    factor = np.array([0.5, 0.25])[:, None, None] * np.ones((2, 1, toys.STEPS))
    found = why_not(toys.world(
        coords=coords, targets=[green(1.0)], capacity_factor=factor, plant_capacity_max_mw=1.0,
        weather_probability=0.5, discount_factor=0.5,
    ))  # fmt: skip
    assert [one.cause for one in found] == ["green_share"]
    assert found[0].amount == pytest.approx(75.0)
    assert "b)" in found[0].en


def test_the_text_names_asked_missing_and_reachable_in_both_languages():
    text = message(of_quickstart("targets.pue.value=1.05", GREEN_60))
    for words in ("PUE of at most 1.05", "0.0719 above", "about 1.1219 can be reached",
                  "PUE 不高于 1.05", "高出 0.0719"):  # fmt: skip
        assert words in text


def test_a_limit_is_told_with_its_site_and_the_key_that_holds_it():
    text = message(of_quickstart(GREEN_60, f"{SITE}.connection.max_mw=20"))
    for words in ("grid connection (Zhangbei)", "more than the 20 MW allowed",
                  "connection.max_mw", "接入容量 (张北)"):  # fmt: skip
        assert words in text


def test_any_rule_is_told_with_its_unit_and_month():
    data = toys.world(
        demand_mw=3.0, pool_demand_mw=3.0, halls_min=1.0, halls_max=1.0, servers_max_mw=1.0
    )
    first = why_not(data)[0]
    assert (first.unit, first.place) == ("MW", "fp16")
    assert "broken by up to 2 MW in 2 rows" in first.en
    assert "month 1" in first.en


def test_without_time_nothing_is_claimed():
    data = toys.world(targets=[green(0.5)])
    model = build_model(data)
    found = conflicts(model, algebra.compile(model.pyomo), data, time_limit=0.0)
    assert found == []
    assert "not found" in message(found)

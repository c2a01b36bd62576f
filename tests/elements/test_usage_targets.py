"""Limits on what halls use: PUE of a scope, PUE by size of a project, water."""

from __future__ import annotations

from typing import Any

import numpy as np
import pydantic
import pytest

from coplan.elements.targets import Targets
from coplan.verify import audit
from tests.toys import Answer, contract, solved, two_sites, world


def near_or_far(*targets: dict, **changes: Any) -> Answer:
    """2 MWh of work: cheap energy and poor cooling near (10 CNY/MWh, PUE 1.5), far 100 and 1.1."""
    slope = np.array([[[0.5], [0.1]]])
    changes = {"cooling_slope": slope, **two_sites(10.0, 100.0)} | changes
    return solved(world(targets=list(targets), **changes))


def cost(share_near: float) -> float:
    """CNY of running this share of the work near."""
    return 2 * (share_near * 1.5 * 10.0 + (1.0 - share_near) * 1.1 * 100.0)


def limit(value: float, **scope: Any) -> dict:
    return {"id": "scope", "kind": "pue_limits", "value": value} | scope


def project(threshold_tce: float) -> dict:
    """PUE 1.4, and 1.2 above the threshold; a tonne of coal is a MWh here."""
    return {
        "id": "project", "kind": "conditional_pue", "value": 1.0, "below": 1.4, "above": 1.2,
        "threshold_tce": threshold_tce, "coal_factor_kg_per_kwh": 1.0,
    }  # fmt: skip


def test_a_limit_on_some_sites_closes_the_poor_one() -> None:
    assert near_or_far(limit(1.3, sites=["near"])).cost_cny == pytest.approx(cost(0.0))


def test_a_limit_on_other_sites_changes_nothing() -> None:
    assert near_or_far(limit(1.3, sites=["far"])).cost_cny == pytest.approx(cost(1.0))


def test_stock_may_be_worse_than_what_is_new() -> None:
    stands = {"halls_min": [1.0, 0.0], "hall_is_stock": [1.0, 0.0]}
    new = near_or_far(limit(1.3, stands="new"), **stands)
    assert new.cost_cny == pytest.approx(cost(1.0))
    stock = near_or_far(limit(1.3, stands="stock"), **stands)
    assert stock.cost_cny == pytest.approx(cost(0.0))


def test_a_small_project_keeps_the_milder_limit() -> None:
    # three quarters near: 0.75 · 1.5 + 0.25 · 1.1 = 1.4, 2.8 MWh and so below 10
    answer = near_or_far(project(10.0))
    assert answer.cost_cny == pytest.approx(cost(0.75))
    assert answer.of("clause_status") == "met"


def test_a_large_project_keeps_the_stricter_limit() -> None:
    # 2.2 MWh at the least are above 1: PUE 1.2 with a quarter near
    answer = near_or_far(project(1.0))
    assert answer.cost_cny == pytest.approx(cost(0.25))
    assert answer.of("clause_achieved") == pytest.approx(1.0)


def test_a_project_may_save_energy_to_stay_small() -> None:
    # 2.7 MWh are PUE 1.35: five eighths near, cheaper than PUE 1.2
    assert near_or_far(project(2.7)).cost_cny == pytest.approx(cost(0.625))


def test_a_cap_on_water_moves_work_to_where_none_is_needed() -> None:
    # 1 m³ at 1.5 m³/MWh lets two thirds of a MWh run near, the other four thirds run far
    cap = {"id": "thirst", "kind": "water", "value": 1.0}
    wue = np.array([[[1.5], [0.0]]])
    answer = near_or_far(cap, cooling_slope=0.0, water_l_per_kwh=wue)
    assert answer.cost_cny == pytest.approx(2 / 3 * 10.0 + 4 / 3 * 100.0)
    assert answer.of("clause_achieved") == pytest.approx(1.0)
    assert answer.price_cny("thirst") == pytest.approx(90.0 / 1.5)


def test_a_cue_moves_work_to_where_the_grid_is_cleaner() -> None:
    # 2 MWh of IT, no cooling power: 1.0 t/MWh near and 0.2 far; 0.6 on average with half near
    answer = near_or_far(
        {"id": "cue", "kind": "cue", "value": 0.6}, cooling_slope=0.0,
        emission_factor_t_per_mwh=[[[1.0], [0.2]]],
    )  # fmt: skip
    assert answer.cost_cny == pytest.approx(1 * 10.0 + 1 * 100.0)
    assert answer.of("clause_achieved") == pytest.approx(0.6)
    # 0.01 lower is 0.02 t less: 0.025 MWh more run far, 90 CNY/MWh dearer
    assert answer.price_cny("cue") == pytest.approx(0.025 * 90.0)


def test_a_cue_counts_what_contracts_deliver_through_the_grid() -> None:
    # a free contract covers the load, yet the grid of the place emits 0.5 t/MWh
    cue = {"id": "cue", "kind": "cue", "value": 0.4}
    free = contract(0.0, profile=1.0)
    assert solved(world(targets=[cue | {"value": 0.5}], **free)).is_planned
    assert not solved(world(targets=[cue], **free)).is_planned


@pytest.mark.parametrize("value", [-0.1, 4.0, "clean"])
def test_an_impossible_cue_is_refused(value: object) -> None:
    with pytest.raises(pydantic.ValidationError):
        Targets.model_validate({"cue": {"value": value}})


def test_the_audit_finds_a_cue_that_is_not_kept() -> None:
    # the plan of a loose limit claims a stricter one
    cue = {"id": "cue", "kind": "cue", "value": 0.6}
    loose, strict = (world(targets=[cue | {"value": value}]) for value in (0.6, 0.4))
    plan = solved(loose).plan
    assert plan is not None
    found = {check.name_en: check.passed for check in audit(loose, plan, digests=False).checks}
    assert found["every target is kept"]
    found = {check.name_en: check.passed for check in audit(strict, plan, digests=False).checks}
    assert not found["every target is kept"]


@pytest.mark.parametrize("target", [
    project(1.0), {"id": "c", "kind": "clusters", "label": "fp16", "block_p": 100.0, "value": 1},
    {"id": "c", "kind": "peak_valley_rate", "value": 0.5, "per": "day"},
], ids=["project", "clusters", "rate"])  # fmt: skip
def test_a_clause_with_decisions_of_its_own_may_begin_later(target: dict) -> None:
    later = target | {"id": "later", "from_year": 2030}
    years = {"coords": {"period": [2027, 2030]}}
    answer = solved(world(targets=[later], **years))
    assert answer.of("clause_status").tolist() == ["not applicable", "met"]
    both = solved(world(targets=[target, later], **years))
    assert both.of("clause_status").tolist() == ["met", "met", "not applicable", "met"]

"""The audit is not blind: a small lie about a right plan is found."""

from __future__ import annotations

import itertools
import json

import pytest

from coplan.verify import audit
from tests.plan.toy_plan import toy_plan
from tests.verify import mutations
from tests.verify.mutations import UNCHECKABLE


@pytest.fixture(scope="module")
def world():
    return toy_plan("monthly")


def physical(plan, *kinds):
    """Mutations of everything that some law of physics or of arithmetic can check."""
    return [
        (name, mutant)
        for name, mutant in itertools.chain(*kinds)
        if not name.startswith(UNCHECKABLE)
    ]


def undetected(data, mutants, digests):
    return [name for name, mutant in mutants if audit(data, mutant, digests=digests).passed]


@pytest.mark.slow
def test_one_value_moved_by_a_five_thousandth_of_its_scale_is_found(world):
    data, plan = world
    told = physical(plan, mutations.one_value(plan, 1, (2e-4,)))
    missed = undetected(data, told, digests=False)
    assert len(told) > 100
    assert len(missed) <= 0.01 * len(told), missed


@pytest.mark.slow
def test_one_value_moved_by_a_hundredth_of_its_scale_is_always_found(world):
    data, plan = world
    told = physical(plan, mutations.one_value(plan, 2, (1e-2,)))
    assert undetected(data, told, digests=False) == []


@pytest.mark.slow
def test_one_sign_turned_is_found(world):
    data, plan = world
    assert undetected(data, physical(plan, mutations.one_sign(plan, 3)), digests=False) == []


def test_a_series_that_is_one_hour_late_is_found(world):
    data, plan = world
    assert undetected(data, physical(plan, mutations.one_hour(plan)), digests=False) == []


@pytest.mark.slow
def test_a_variable_in_thousandths_of_its_unit_is_found(world):
    data, plan = world
    assert undetected(data, physical(plan, mutations.one_unit(plan)), digests=False) == []


@pytest.mark.slow
def test_a_number_that_is_lost_is_found_even_among_prices(world):
    data, plan = world
    assert undetected(data, mutations.one_number_lost(plan), digests=False) == []


def test_a_changed_word_is_found(world):
    data, plan = world
    assert undetected(data, physical(plan, mutations.one_word(plan)), digests=False) == []


@pytest.mark.slow
def test_digests_guard_what_no_law_can_check(world):
    data, plan = world
    every = itertools.chain(
        mutations.one_value(plan, 4, (1e-9,)), mutations.one_sign(plan, 5),
        mutations.one_word(plan),
    )  # fmt: skip
    told = [one for one in every if one[0].startswith((*UNCHECKABLE, "netted", "peak", "account"))]
    assert len(told) > 12
    assert undetected(data, told, digests=True) == []


@pytest.mark.parametrize(
    "key", ["objective_cny", "bound_cny", "cost_cny", "penalties_cny", "energy_cost_cny", "gap",
            "gap_energy"],
)  # fmt: skip
def test_a_changed_figure_of_the_run_record_is_found(world, key):
    data, plan = world
    run = json.loads(plan.attrs["run"])
    other = plan.copy()
    scale = run["cost_cny"] if key.endswith("cny") else 1.0
    other.attrs["run"] = json.dumps(run | {key: run[key] + 2e-4 * scale})
    assert not audit(data, other, digests=False).passed


def test_a_softened_target_is_found(world):
    data, plan = world
    targets = json.loads(plan.attrs["targets"])
    targets[0]["value"] -= 0.01
    other = plan.copy()
    other.attrs["targets"] = json.dumps(targets)
    assert not audit(data, other, digests=False).passed

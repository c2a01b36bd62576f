"""Rewards of projects: terms, caps, gates, one of them and once, each worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coplan.plan.rewards import settle
from tests.elements.test_stock import converted
from tests.toys import Answer, solved, world


def rewarded(annuity: float = 150.0, rules: int = 1, **changes: Any):
    """Two old halls of 100 racks may become new ones, at so much a hall; each saves 100 a year.

    Without a reward they stay: 600 CNY. The reward counts in full in the year (annuity 1).
    """
    coords = {"reward": [f"r/{n}@s_new" for n in range(rules)]} | changes.pop("coords", {})
    found = converted(annuity)
    found["coords"] |= coords
    found |= {"rack_kw": 10.0, "reward_hall": "s_new", "conversion_capex_cny_per_mw": 500.0}
    found |= {"attrs": {}} | changes
    attrs = found.pop("attrs")
    return world(**found).assign_attrs(attrs)


def paid_cny(answer: Answer) -> float:
    return 1e3 * float(np.sum(answer.of("reward_kcny")))


def test_a_rack_earns_its_rate() -> None:
    # 2 · 150 for the retrofit, 200 racks at 1 CNY: 400 + 300 − 200
    answer = solved(rewarded(reward_cny_per_rack=1.0))
    assert paid_cny(answer) == pytest.approx(200.0)
    assert answer.line_cny("subsidies") == pytest.approx(-200.0)
    assert answer.cost_cny == pytest.approx(500.0)


def test_a_reward_is_capped_by_project() -> None:
    answer = solved(rewarded(annuity=120.0, reward_cny_per_rack=1.0, reward_most_cny=150.0))
    assert paid_cny(answer) == pytest.approx(150.0)
    assert answer.cost_cny == pytest.approx(400.0 + 240.0 - 150.0)


def test_a_reward_too_small_moves_nothing() -> None:
    answer = solved(rewarded(reward_cny_per_rack=0.4))
    assert answer.of("halls_converted") == pytest.approx(0.0)
    assert answer.cost_cny == pytest.approx(600.0)


def test_only_so_much_of_the_investment_is_rewarded() -> None:
    # 2 halls of 1 MW at 500 CNY/MW: 15 % are 150
    answer = solved(rewarded(annuity=120.0, reward_investment_share=0.15, reward_cny_per_rack=9.0))
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert paid_cny(answer) == pytest.approx(150.0)


def test_a_project_with_too_few_racks_gets_nothing() -> None:
    gate = {"reward_cny_per_rack": 1.0, "annuity": 10.0}
    assert paid_cny(solved(rewarded(reward_min_racks=200.0, **gate))) == pytest.approx(200.0)
    answer = solved(rewarded(reward_min_racks=201.0, **gate))
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert paid_cny(answer) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("slope", "paid"), [(0.24, 200.0), (0.25, 0.0), (0.30, 0.0)])
def test_a_project_is_rewarded_strictly_below_a_pue(slope: float, paid: float) -> None:
    answer = solved(rewarded(
        annuity=10.0, reward_cny_per_rack=1.0, reward_pue_below=1.25,
        cooling_slope=[[[0.5], [slope]]],
    ))  # fmt: skip
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert paid_cny(answer) == pytest.approx(paid, abs=1e-6)


def test_a_pue_at_the_gate_is_not_below_it() -> None:
    test_a_project_is_rewarded_strictly_below_a_pue(0.25, 0.0)


def test_a_small_project_at_the_gate_is_paid_nothing_after_the_solve_either() -> None:
    """What is due after the solve allowed the gate a slack of a MWh a year, whatever the size: a
    project of 4 MWh with a PUE of 1.25 at a gate of 1.25 was paid. The audit rejected the plan."""
    answer = solved(rewarded(
        annuity=10.0, reward_cny_per_rack=1.0, reward_pue_below=1.25,
        cooling_slope=[[[0.5], [0.25]]],
    ))  # fmt: skip
    x = answer.found.x.copy()
    settle(answer.model, answer.compiled, answer.data, x)
    reward = answer.model.pyomo.sizes[2027].subsidies.reward_kcny
    assert answer.compiled.values(reward, x) == pytest.approx([0.0])


@pytest.mark.parametrize(("storage", "paid"), [(0.4, 200.0), (0.5, 0.0)])
def test_a_project_of_storage_gets_nothing(storage: float, paid: float) -> None:
    # 1 / 1.4 is above 70 %, 1 / 1.5 below; the old halls are no choice
    answer = solved(rewarded(
        annuity=10.0, reward_cny_per_rack=1.0, reward_computing_share_above=0.7,
        storage_share=[0.0, storage], halls_max=[2.0, 8.0], conversion_keeps_servers=0.0,
        cooling_slope=[[[20.0], [0.0]]], server_annuity_cny_per_mw_year=0.0,
    ))  # fmt: skip
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert paid_cny(answer) == pytest.approx(paid, abs=1e-6)


def test_energy_saved_is_rewarded() -> None:
    # 2 halls took 3 MWh each, now 4 in all: 2 MWh · 0.5 t/MWh · 100 CNY/t
    saving = {"reward_cny_per_tce": 100.0, "reward_t_per_mwh": 0.5, "metered_mwh_per_hall": 3.0}
    answer = solved(rewarded(annuity=120.0, **saving))
    assert paid_cny(answer) == pytest.approx(100.0)
    none = solved(rewarded(annuity=10.0, **saving | {"metered_mwh_per_hall": 1.5}))
    assert none.of("halls_converted") == pytest.approx(2.0)
    assert paid_cny(none) == pytest.approx(0.0, abs=1e-6)


def test_a_project_gets_the_best_reward_and_no_other() -> None:
    answer = solved(rewarded(rules=2, reward_cny_per_rack=[0.9, 1.1]))
    assert paid_cny(answer) == pytest.approx(220.0)
    assert answer.of("is_rewarded") == pytest.approx([0.0, 1.0])


def test_a_project_is_rewarded_once() -> None:
    # 200 paid in the first of two periods count in both, 200 more do not come
    two = {"coords": {"period": [2025, 2030]}, "period_years": 5.0, "discount_factor": 0.1}
    answer = solved(rewarded(reward_cny_per_rack=1.0, **two))
    assert answer.of("reward_kcny") == pytest.approx([0.2, 0.0])
    for period in (2025, 2030):
        assert answer.line_cny("subsidies", period=period) == pytest.approx(-200.0)


def test_a_rule_out_of_force_pays_nothing() -> None:
    two = {"coords": {"period": [2025, 2030]}, "period_years": 5.0, "discount_factor": 0.1}
    answer = solved(rewarded(
        annuity=10.0, reward_cny_per_rack=1.0, reward_in_force=[[0.0], [1.0]], **two
    ))  # fmt: skip
    assert answer.of("reward_kcny") == pytest.approx([0.0, 0.2])


def test_domestic_servers_are_rewarded_by_their_price() -> None:
    # 1 MW bought at 5000 CNY/MW for an annuity of 40: 1 % is 50; imported ones get nothing
    def bought(domestic: float) -> Answer:
        return solved(world(
            coords={"reward": ["r/d@s_hall"]}, reward_is_retrofit=0.0, reward_is_sure=1.0,
            reward_investment_share=0.01, server_capex_cny_per_mw=5000.0, domestic=domestic,
            server_annuity_cny_per_mw_year=40.0, server_capex_counts=1.0, servers_max_mw=1.0,
        ))  # fmt: skip

    assert bought(1.0).cost_cny == pytest.approx(200.0 + 40.0 - 50.0)
    assert bought(0.0).cost_cny == pytest.approx(240.0)


def test_a_sum_paid_once_counts_by_its_annuity() -> None:
    answer = solved(rewarded(
        annuity=120.0, reward_cny_per_rack=1.0, reward_annuity_per_year=0.25
    ))  # fmt: skip
    assert answer.line_cny("subsidies") == pytest.approx(-50.0)
    assert answer.cost_cny == pytest.approx(400.0 + 240.0 - 50.0)


@pytest.mark.parametrize(("seen", "sign"), [("system", -1.0), ("government", 1.0)])
def test_transfers_steer_no_plan_but_the_operators(seen: str, sign: float) -> None:
    attrs = {"attrs": {"perspective": seen}}
    assert solved(rewarded(reward_cny_per_rack=1.0, **attrs)).cost_cny == pytest.approx(600.0)
    answer = settled(rewarded(annuity=10.0, reward_cny_per_rack=1.0, **attrs))
    assert answer.cost_cny == pytest.approx(420.0)
    assert answer.line_cny("subsidies") == 0.0
    assert answer.line_cny("subsidies", "transfer") == pytest.approx(sign * 200.0)


def settled(data: Any) -> Answer:
    """The answer with its rewards as the rules say, whatever the solver left of them."""
    answer = solved(data)
    settle(answer.model, answer.compiled, data, answer.found.x)
    return answer


def test_what_the_solver_leaves_open_is_paid_by_rule() -> None:
    # both rules give the same racks; nothing in the objective asks for either
    answer = settled(rewarded(
        annuity=10.0, rules=2, reward_cny_per_rack=[0.9, 1.1], reward_min_racks=200.0,
        attrs={"perspective": "system"},
    ))  # fmt: skip
    assert answer.of("reward_kcny") == pytest.approx([0.0, 0.22])

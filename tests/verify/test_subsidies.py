"""The audit of rewards and vouchers: right plans pass, every lie is found."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.elements.test_subsidies import rewarded, settled
from tests.toys import solved, world
from tests.verify.test_stock import broken

TWO = {"coords": {"period": [2025, 2030]}, "period_years": 5.0, "discount_factor": 0.1}
USERS = {
    "coords": {"voucher_user": ["a", "b"], "voucher_year": [2025, 2026]},
    "voucher_is_lead": 1.0, "voucher_cost_cny": [1e6, 3e6], "voucher_settles_in": [2026.0, 0.0],
    "voucher_budget_cny": 1.5e6,
}  # fmt: skip

WORLDS = {
    "racks": lambda: rewarded(reward_cny_per_rack=1.0, reward_min_racks=200.0),
    "rivals": lambda: rewarded(rules=2, reward_cny_per_rack=[0.9, 1.1]),
    "pue": lambda: rewarded(annuity=10.0, reward_cny_per_rack=1.0, reward_pue_below=1.25,
                            cooling_slope=[[[0.5], [0.3]]]),
    "saving": lambda: rewarded(annuity=10.0, reward_cny_per_tce=100.0, reward_t_per_mwh=0.5,
                               metered_mwh_per_hall=3.0),
    "share": lambda: rewarded(annuity=120.0, reward_investment_share=0.15),
    "storage": lambda: rewarded(annuity=10.0, reward_cny_per_rack=1.0,
                                reward_computing_share_above=0.7,
                                storage_share=[0.0, 0.5], halls_max=[2.0, 8.0]),
    "twice": lambda: rewarded(reward_cny_per_rack=1.0, **TWO),
    "servers": lambda: world(
        coords={"reward": ["r/d@s_hall"]}, reward_is_retrofit=0.0, reward_is_sure=1.0,
        reward_investment_share=0.01, server_capex_cny_per_mw=5000.0, domestic=1.0,
        servers_max_mw=1.0,
    ),
    "vouchers": lambda: world(**USERS),
}  # fmt: skip


@pytest.fixture(scope="module")
def plans() -> dict[str, Any]:
    return {name: (data, solved(data).plan) for name in WORLDS for data in [WORLDS[name]()]}


@pytest.mark.parametrize("name", WORLDS)
def test_a_right_plan_breaks_no_law(name: str, plans: dict[str, Any]) -> None:
    assert broken(*plans[name]) == set()


@pytest.mark.parametrize("seen", ["operator", "system", "government"])
def test_every_perspective_is_audited(seen: str) -> None:
    data = rewarded(annuity=10.0, reward_cny_per_rack=1.0, attrs={"perspective": seen})
    assert broken(data, settled(data).plan) == set()


AMOUNT, ONCE = "rewards as their rules give them", "one reward for a project, the best, once"


@pytest.mark.parametrize(
    ("name", "quantity", "place", "value", "law"),
    [
        ("racks", "reward_kcny", (0, 0), 0.3, AMOUNT),
        ("racks", "reward_kcny", (0, 0), 0.1, AMOUNT),
        ("racks", "reward_kcny", (0, 0), 0.3, "every cost line"),
        ("racks", "is_rewarded", (0, 0), 0.0, AMOUNT),
        ("racks", "reward_kcny", (0, 0), 0.0, ONCE),
        ("rivals", "reward_kcny", (0, 0), 0.18, ONCE),
        ("rivals", "reward_kcny", (0, 1), 0.0, ONCE),
        ("pue", "reward_kcny", (0, 0), 0.2, AMOUNT),
        ("saving", "reward_kcny", (0, 0), 0.12, AMOUNT),
        ("share", "reward_kcny", (0, 0), 0.2, AMOUNT),
        ("storage", "reward_kcny", (0, 0), 0.2, AMOUNT),
        ("twice", "reward_kcny", (1, 0), 0.2, ONCE),
        ("servers", "reward_kcny", (0, 0), 0.06, AMOUNT),
        ("vouchers", "voucher_cny", (1, 0), 8e5, "compute vouchers as the rule gives them"),
    ],
)
def test_what_was_changed_is_found(
    name: str, quantity: str, place: tuple, value: float, law: str, plans: dict[str, Any]
) -> None:
    data, plan = plans[name]
    lie = plan.copy()
    values = lie[quantity].values.astype(float).copy()
    values[place] = value
    lie[quantity] = (lie[quantity].dims, values)
    assert law in broken(data, lie)


def test_the_worse_of_two_rewards_is_found(plans: dict[str, Any]) -> None:
    data, plan = plans["rivals"]
    lie = plan.copy()
    lie["reward_kcny"] = (plan["reward_kcny"].dims, np.array([[0.18, 0.0]]))
    lie["is_rewarded"] = (plan["is_rewarded"].dims, np.array([[1.0, 0.0]]))
    assert ONCE in broken(data, lie)

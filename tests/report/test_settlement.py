"""The settlement as a reader meets it: rewards, vouchers and payments in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from coplan.report.catalogue import LANGUAGES, Locale
from coplan.report.facts import Facts
from coplan.report.model import Table
from coplan.report.sections import settlement
from tests.elements.test_subsidies import rewarded, settled


def plan_with_money(seen: str = "operator", users: int = 1, **changes: Any):
    """A retrofit with a reward of 200 M CNY, and so many users of 1 M CNY vouchers each."""
    coords = {"voucher_user": [f"u{n}" for n in range(users)], "voucher_year": [2026]}
    data = rewarded(annuity=10.0, reward_cny_per_rack=1e6, coords=coords, voucher_is_lead=1.0,
                    voucher_cost_cny=5e6, attrs={"perspective": seen}, **changes)  # fmt: skip
    return settled(data).plan


def tables(plan: Any) -> dict[str, Table]:
    return {b.id: b for b in settlement.blocks(Facts(plan, {}, {})) if isinstance(b, Table)}


@pytest.mark.parametrize("seen", ["operator", "system", "government"])
def test_rewards_and_vouchers_have_their_tables(seen: str) -> None:
    found = tables(plan_with_money(seen))
    assert set(found) == {"settlement_2027", "rewards", "vouchers"}
    for lang in LANGUAGES:
        locale = Locale(lang)
        cells = [[locale.show(cell) for cell in row] for row in found["rewards"].rows]
        assert cells[0][3] == {"zh": "20,000", "en": "200.00"}[lang]
        assert "2027" in cells[0][2]
        assert locale.show(found["rewards"].note)


def test_a_project_behind_a_closed_gate_says_so() -> None:
    row = tables(plan_with_money(reward_min_racks=201.0))["rewards"].rows[0]
    assert Locale("en").show(row[2]) == "gate not passed, or a better rule"
    row = tables(plan_with_money(reward_in_force=0.0))["rewards"].rows[0]
    assert Locale("zh").show(row[2]) == "不在有效期"


def test_many_users_are_one_line_of_the_settlement() -> None:
    few, many = (tables(plan_with_money(users=n))["settlement_2027"].rows for n in (2, 7))
    assert sum(Locale("en").show(row[2]) == "Compute vouchers" for row in few) == 2
    mine = [row for row in many if Locale("en").show(row[2]) == "Compute vouchers"]
    assert [Locale("en").show(mine[0][k]) for k in (1, 3)] == ["Voucher users", "7.00"]

"""Vouchers and rewards with round numbers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from coplan.physics.subsidy import VoucherRates, in_force, reward, vouchers_asked, within_budget

BAODING = VoucherRates(0.6, 0.5, 1e6, 5e5, 1e7)


def asked(cost: float, fee: float, lead: bool, platform: bool, settles: bool = False) -> float:
    return float(vouchers_asked([cost], [fee], [lead], [platform], [settles], BAODING)[0])


@pytest.mark.parametrize(
    ("cost", "fee", "lead", "platform", "cny"),
    [
        (1e6, 1e6, True, True, 6e5),  # 0.6 of the cost is more than 0.5 of the fee
        (1e6, 1.4e6, True, True, 7e5),  # 0.5 of the fee is more; never both
        (1e6, 1.4e6, True, False, 6e5),
        (1e6, 1.4e6, False, True, 7e5),
        (1e6, 1.4e6, False, False, 0.0),
        (2e6, 0.0, True, False, 1e6),  # 1.2 M, capped
    ],
)
def test_the_higher_of_two_rates_counts_up_to_the_cap(cost, fee, lead, platform, cny) -> None:
    assert asked(cost, fee, lead, platform) == pytest.approx(cny)


def test_the_one_off_comes_in_the_year_of_settling_beside_the_cap() -> None:
    assert asked(0.0, 0.0, False, False, settles=True) == pytest.approx(5e5)
    assert asked(9e6, 0.0, True, False, settles=True) == pytest.approx(1.5e6)


def test_a_short_budget_is_shared_in_proportion() -> None:
    claims = np.full((2, 20), 1e6)
    claims[1, 10:] = 0.0
    got = within_budget(claims, 1e7)
    assert got[0] == pytest.approx(np.full(20, 5e5))
    assert got[1].sum() == pytest.approx(1e7)
    assert got[1, 0] == pytest.approx(1e6)
    assert within_budget(np.zeros((1, 3)), 0.0) == pytest.approx(np.zeros((1, 3)))


def test_a_thousand_racks_reach_the_cap() -> None:
    rule = {"cny_per_rack": 1000.0, "most_cny": 1e6}
    assert reward(999, 0.0, 0.0, **rule) == pytest.approx(999e3)
    assert reward(1000, 0.0, 0.0, **rule) == pytest.approx(1e6)
    assert reward(5000, 0.0, 0.0, **rule) == pytest.approx(1e6)


@pytest.mark.parametrize(
    ("tce", "invested", "cny"),
    [(1000.0, 1e8, 1.2e6), (1000.0, 2e6, 6e5), (50000.0, 1e9, 3e7), (-5.0, 1e8, 0.0)],
)
def test_the_least_of_all_terms_is_paid(tce: float, invested: float, cny: float) -> None:
    got = reward(0.0, tce, invested, cny_per_tce=1200.0, investment_share=0.3, most_cny=3e7)
    assert got == pytest.approx(cny)


def test_a_rule_without_a_term_pays_nothing() -> None:
    assert reward(1000.0, 1000.0, 1e9, most_cny=1e6) == 0.0


def test_three_years_from_january_are_three_years() -> None:
    years = [y for y in range(2023, 2029) if in_force(y, date(2024, 1, 25), date(2027, 1, 24))]
    assert years == [2024, 2025, 2026]

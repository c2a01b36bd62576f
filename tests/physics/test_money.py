"""Annuities a planner can check with a pocket calculator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coplan.physics.money import annuity_factor


def test_six_per_cent_over_twenty_years():
    assert annuity_factor(0.06, 20) == pytest.approx(0.0871846, abs=1e-7)


def test_without_interest_a_loan_is_paid_in_equal_parts():
    assert annuity_factor(0.0, 25) == pytest.approx(0.04)


def test_one_year_pays_back_everything_with_interest():
    assert annuity_factor(0.08, 1) == pytest.approx(1.08)


def test_several_lives_at_once():
    assert annuity_factor([0.0, 0.1], [10, 1]) == pytest.approx([0.1, 1.1])


@given(st.floats(1e-12, 0.3), st.floats(1, 60))
def test_payments_repay_the_investment(rate, life):
    factor = float(annuity_factor(rate, life))
    assert 1 / life - 1e-12 <= factor <= 1 / life + rate + 1e-12


def test_a_tiny_rate_is_as_good_as_none():
    assert annuity_factor(1e-12, 25) == pytest.approx(0.04, rel=1e-9)


@pytest.mark.parametrize(("rate", "life"), [(0.06, 0), (0.06, -5), (-1.0, 20)])
def test_impossible_loans_are_refused(rate, life):
    with pytest.raises(ValueError, match="must be"):
        annuity_factor(rate, life)

"""Cash flows against answers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coplan.physics.cashflow import (
    annuities_left,
    asset_flows,
    income_tax,
    loan_schedule,
    payback_years,
    present_value,
    rate_of_return,
    rates_of_return,
)
from coplan.physics.money import annuity_factor


def test_ten_years_with_two_flows():
    # 100 spent today, 200 earned after ten years
    flows = np.zeros(11)
    flows[0], flows[10] = -100.0, 200.0
    assert present_value(flows, 0.0) == pytest.approx(100.0)
    assert present_value(flows, 0.05) == pytest.approx(-100.0 + 200.0 / 1.05**10)
    assert rate_of_return(flows) == pytest.approx(2.0**0.1 - 1.0, abs=1e-12)
    # the last year earns 200: half of it pays the 100 back
    assert payback_years(flows) == pytest.approx(9.5)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-100, 110], 0.10),
        ([-100, 60, 60], 0.130662386),  # 60 x + 60 x^2 = 100, x = (sqrt(1 + 20/3) - 1) / 2
        ([-1000, 300, 420, 680], 0.163405601),
        ([-100, 40, 40], 2.0 / (math.sqrt(11.0) - 1.0) - 1.0),  # less comes back than was spent
    ],
)
def test_the_rate_of_textbook_series(flows, rate):
    assert rate_of_return(flows) == pytest.approx(rate, abs=1e-6)
    assert present_value(flows, rate_of_return(flows)) == pytest.approx(0.0, abs=1e-9)


def test_a_series_without_a_rate_has_none():
    for flows in ([-100, -10, -10], [0, 0, 0], [100, 10]):
        assert len(rates_of_return(flows)) == 0
        assert math.isnan(rate_of_return(flows))


def test_a_series_with_two_rates_has_no_single_one():
    assert rates_of_return([-100, 230, -132]) == pytest.approx([0.1, 0.2])
    assert math.isnan(rate_of_return([-100, 230, -132]))


def test_payback_lies_between_two_years():
    assert payback_years([-100, 40, 40, 40]) == pytest.approx(2.5)
    # discounted at 10 %: 36.36, 33.06 and 30.05 come in; 30.58 is missing after two years
    assert math.isnan(payback_years([-100, 40, 40, 40], 0.1))
    found = payback_years([-100, 40, 40, 40, 40], 0.1)
    assert found == pytest.approx(3 + (100 - 40 * (1 / 1.1 + 1 / 1.21 + 1 / 1.331)) * 1.1**4 / 40)


def test_what_a_replacement_takes_away_is_not_paid_back():
    # even after year 2, under water again in year 3, even for good in the middle of year 5
    assert payback_years([-100, 60, 60, -50, 20, 20]) == pytest.approx(4.5)


def test_without_outlay_there_is_no_payback():
    assert math.isnan(payback_years([0, 10, 10]))
    assert math.isnan(payback_years([0, 0]))


def test_a_loan_with_equal_principal():
    principal, interest = loan_schedule(100.0, 0.05, 4)
    assert principal == pytest.approx([25, 25, 25, 25])
    assert interest == pytest.approx([5.0, 3.75, 2.5, 1.25])


def test_a_loan_with_equal_payments():
    principal, interest = loan_schedule(100.0, 0.05, 2, equal_principal=False)
    payment = 100 * 0.05 / (1 - 1.05**-2)
    assert principal + interest == pytest.approx([payment, payment])
    assert interest == pytest.approx([5.0, 0.05 * (105.0 - payment)])
    assert principal.sum() == pytest.approx(100.0)
    assert loan_schedule(90.0, 0.0, 3, equal_principal=False)[0] == pytest.approx([30, 30, 30])


def test_a_loan_is_worth_what_was_lent_at_its_own_rate():
    for equal in (True, False):
        flows = np.concatenate([[0.0], sum(loan_schedule(80.0, 0.035, 15, equal))])
        assert present_value(flows, 0.035) == pytest.approx(80.0)


def test_losses_are_set_against_the_profits_of_the_next_years():
    # 40 of profit use 40 of the loss of 100, the next 80 use the other 60
    assert income_tax([-100, 40, 80], 0.25, 5) == pytest.approx([0, 0, 5])
    # two years on the rest of the loss is void
    assert income_tax([-100, 40, 0, 80], 0.25, 2) == pytest.approx([0, 0, 0, 20])
    # the oldest loss is used first
    assert income_tax([-30, -30, 30, 30], 0.25, 2) == pytest.approx([0, 0, 0, 0])
    assert income_tax([-100, 100], 0.25, 0) == pytest.approx([0, 25])


def test_an_asset_is_bought_again_at_the_end_of_its_life():
    flows = asset_flows(90.0, start=0, life_years=3, years=5, depreciation_years=10,
                        salvage_share=0.1)  # fmt: skip
    assert flows.investment == pytest.approx([90, 0, 0, 0, 0, 0])
    assert flows.replacement == pytest.approx([0, 0, 0, 90, 0, 0])
    assert flows.depreciation == pytest.approx([0, 27, 27, 27, 27, 27])
    # the first is sold for 9; of the second 90 - 2 x 27 are still in the books
    assert flows.residual == pytest.approx([0, 0, 0, 9, 0, 36])


def test_what_is_written_off_sooner_than_it_wears_out_is_worth_its_salvage():
    flows = asset_flows(100.0, start=1, life_years=30, years=25, depreciation_years=20,
                        salvage_share=0.05)  # fmt: skip
    assert flows.depreciation.sum() == pytest.approx(95.0)
    assert flows.depreciation[2:22] == pytest.approx(np.full(20, 4.75))
    assert flows.residual[25] == pytest.approx(5.0)
    assert flows.investment[1] == 100.0


def test_an_asset_whose_life_ends_with_the_project_is_not_bought_again():
    flows = asset_flows(100.0, start=0, life_years=5, years=10, depreciation_years=5,
                        salvage_share=0.0)  # fmt: skip
    assert flows.replacement.nonzero()[0].tolist() == [5]
    assert flows.residual.sum() == 0.0


@pytest.mark.parametrize("rate", [0.0, 0.06])
@pytest.mark.parametrize(("start", "life"), [(0, 15), (0, 25), (0, 30), (3, 20), (24, 30)])
def test_buying_and_replacing_less_what_is_left_is_the_annuity(rate, start, life):
    years, cost = 25, 1000.0
    flows = asset_flows(cost, start, life, years, 20, 0.0)
    paid = flows.investment + flows.replacement
    paid[years] -= annuities_left(cost, start, life, years, rate)
    annuities = np.where(np.arange(years + 1) > start, cost * annuity_factor(rate, life), 0.0)
    assert present_value(paid, rate) == pytest.approx(present_value(annuities, rate), rel=1e-12)


def test_an_asset_that_comes_after_the_project_is_never_bought():
    flows = asset_flows(100.0, 25, 10, 25, 20, 0.0)
    assert sum(part.sum() for part in flows) == 0.0
    assert annuities_left(100.0, 25, 10, 25, 0.06) == 0.0

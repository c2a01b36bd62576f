"""Demand response: a site that sold a reduction imports so much less than its baseline."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.elements.flexibility import CallWindow, called
from coplan.verify import audit
from tests.toys import battery, solved, world

ONE = {"coords": {"response": ["s_response"]}}


def test_a_called_site_draws_less_than_its_baseline_by_what_it_sold() -> None:
    # 1 MW of load, called in the second hour, baseline 1 MW. A battery that loses half carries
    # the MWh: 2 MWh at 100 instead of 1. It earns 70 for standing ready and 1 h x 50: 120 > 100.
    answer = solved(
        world(
            **ONE, response_called=[0.0, 1.0], response_availability_cny_per_mw_year=70.0,
            response_energy_cny_per_mwh=50.0, **battery() | {"charge_efficiency": 0.5},
        )
    )  # fmt: skip
    assert answer.of("response_mw") == pytest.approx(1.0)
    assert answer.of("retail_mw") == pytest.approx([3.0, 0.0], abs=1e-9)
    assert answer.line_cny("flexibility revenue") == pytest.approx(-120.0)
    assert answer.cost_cny == pytest.approx(300.0 - 120.0)


def test_a_reduction_that_costs_more_than_it_earns_is_not_sold() -> None:
    answer = solved(
        world(
            **ONE, response_called=[0.0, 1.0], response_availability_cny_per_mw_year=90.0,
            **battery() | {"charge_efficiency": 0.5},
        )
    )  # fmt: skip
    assert answer.of("response_mw") == pytest.approx(0.0, abs=1e-9)
    assert answer.cost_cny == pytest.approx(200.0)


def test_a_baseline_is_kept_only_by_who_sells_something() -> None:
    # The load is 1 MW, the baseline 0.8 MW: to sell 0.1 MW at 100 the battery would have to carry
    # 0.3 MWh, which takes 0.6 (30 more). It earns 10, so nothing is sold and nothing is kept.
    answer = solved(
        world(
            **ONE, response_called=[0.0, 1.0], response_baseline_mw=0.8, response_max_mw=0.1,
            response_availability_cny_per_mw_year=100.0,
            **battery() | {"charge_efficiency": 0.5},
        )
    )  # fmt: skip
    assert answer.of("retail_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(200.0)


def test_running_more_at_other_times_sells_nothing() -> None:
    # a baseline that followed the meter could be lifted by burning in the first, paid hour
    answer = solved(
        world(
            **ONE, response_called=[0.0, 1.0], response_availability_cny_per_mw_year=1000.0,
            retail_price_cny_per_mwh=[-10.0, 100.0],
        )
    )  # fmt: skip
    assert answer.of("response_mw") == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("response_mw", 1.01), ("is_responding", 0.5), ("retail_mw", 1.01)],
)
def test_the_audit_finds_a_promise_that_is_not_kept(name: str, factor: float) -> None:
    data = world(
        **ONE, response_called=[0.0, 1.0], response_availability_cny_per_mw_year=200.0,
        response_max_mw=0.5, **battery(),
    )
    plan = solved(data).plan
    names = {"demand response is delivered"}
    failed = {c.name_en for c in audit(data, plan, digests=False).checks if not c.passed}
    assert not names & failed
    other = plan.assign({name: plan[name] * factor})
    failed = {c.name_en for c in audit(data, other, digests=False).checks if not c.passed}
    assert names & failed


def test_windows_name_months_hours_and_days() -> None:
    # July and August have 31 days: of two the 8th (0.5 * 31 / 2 = 7.75) and the 24th (23.25)
    month = np.repeat([6, 7, 8, 9], np.array([30, 31, 31, 30]) * 24)
    day = np.repeat(np.arange(152, 274), 24)
    hour = np.tile(np.arange(24), 122)
    window = CallWindow(months=(7, 8), hours=((18, 20),), days_per_month=2)
    found = called((window,), month, day, hour)
    assert found.sum() == 2 * 2 * 2
    assert sorted(set(day[found > 0])) == [181 + 8, 181 + 24, 212 + 8, 212 + 24]
    assert set(hour[found > 0]) == {18, 19}
    every = called((CallWindow(months=(7,), hours=((0, 24),)),), month, day, hour)
    assert every.sum() == 31 * 24

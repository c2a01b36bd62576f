"""Deferral is causal at every site: checked by the audit from raw arrivals, on random worlds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coplan.plan.polish import polish
from coplan.verify import compute, power, work
from coplan.verify.case import Case
from tests import toys
from tests.elements.test_work_state import SEASONS, split
from tests.sampling import one_in
from tests.toys import solved, two_sites, world
from tests.work_toys import placed, state

STEPS = 8
few = settings(
    max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate]
)
CHECKS = (
    compute.work_is_run, compute.work_goes_where_it_may, compute.deadlines, work.keeps_pace,
    work.placed_work, work.migration, work.links, power.balance,
)  # fmt: skip


@st.composite
def series(draw: st.DrawFn, least: int, most: int) -> np.ndarray:
    values = st.lists(st.integers(least, most), min_size=STEPS, max_size=STEPS)
    return np.array(draw(values), dtype=float)


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Two sites and three pools: placed with state, in one queue with state, and at once."""
    sites = two_sites(draw(series(10, 150)), draw(series(10, 150)))
    own = placed("held", ["near", "far"], 4.0, STEPS, placed_gb_per_mw=20.0, placed_cny_per_gb=1.0)
    sites["coords"] |= own.pop("coords") | {
        "pool": ["held", "queue", "now"], "demand": ["d", "e", "f"],
        "state_pool": ["held", "queue"],
    }  # fmt: skip
    asked = np.stack([draw(series(1, 3)), draw(series(0, 3)), draw(series(0, 2))])[None]
    delay = [float(draw(st.integers(1, 4))), float(draw(st.integers(1, 6))), 0.0]
    return sites | own | toys.work(asked, delay) | state(again_h=draw(st.integers(0, 4)) / 10) | {
        "demand_pool": ["held", "queue", "now"], "servers_max_mw": 12.0, "halls_max": 12.0,
        "hall_om_cny_per_mw_year": 5.0, "idle_share": 0.2,
    }  # fmt: skip


def polished(answer: toys.Answer):
    """The plan as a run writes it."""
    x = polish(answer.model, answer.compiled, answer.data, answer.found.x.copy())
    return toys.assemble(answer.model, answer.compiled, answer.data, x, answer.found.y)


@few
@given(draws=worlds())
def test_no_work_is_late_or_early_at_any_site(draws) -> None:
    data = world(STEPS, **draws)
    answer = solved(data)
    case = Case(data, polished(answer))
    assert [check for rule in CHECKS for check in rule(case) if not check.passed] == []
    for name in ("backlog_mwh", "placed_backlog_mwh"):
        assert case.found(name).min() >= -1e-6


def cheaper_or_equal(choice: toys.Answer, other: toys.Answer) -> bool:
    return choice.bound_cny <= other.cost_cny * (1 + 1e-7) + 1e-5


@few
@given(draws=worlds())
def test_less_state_never_costs_more(draws) -> None:
    held = solved(world(STEPS, **draws))
    free = solved(world(STEPS, **draws | {"state_checkpoint_h": 0.0, "placed_cny_per_gb": 0.0}))
    daily = solved(world(STEPS, **draws | {"placed_block_h": 8.0}))
    assert cheaper_or_equal(free, held)
    assert cheaper_or_equal(held, daily)


@few
@given(draws=worlds())
def test_more_delay_never_costs_more(draws) -> None:
    delay = np.array(draws["pool_delay_h"])
    longer = np.minimum(np.add(delay, [1.0, 1.0, 0.0]), 4.0)
    more = draws | {"pool_delay_h": longer, "demand_delay_h": longer}
    fewer = draws | {"pool_delay_h": np.minimum(delay, longer)}
    assert cheaper_or_equal(solved(world(STEPS, **more)), solved(world(STEPS, **fewer)))


@few
@given(draws=worlds())
def test_a_wait_of_no_hours_is_work_that_cannot_wait(draws) -> None:
    calm = draws | {"state_checkpoint_h": 0.0}
    fixed = solved(world(STEPS, **calm | {"pool_delay_h": 0.0}))
    short = solved(world(STEPS, **calm | {"pool_delay_h": [0.5, 0.5, 0.0]}))
    assert short.cost_cny == pytest.approx(fixed.cost_cny, rel=1e-7)


LIES = {
    "served_mw": 0.2, "backlog_mwh": 0.2, "paused_mw": -0.2, "placed_share": 0.1,
    "placed_backlog_mwh": 0.2, "placed_paused_mw": -0.2, "migrated_share": -0.2,
    "routed_mw": 0.2, "migration_mw": 0.2, "transfer_mw": 0.2, "link_gbit": -0.05,
}  # fmt: skip
"""Decision → what is added where it is largest: each breaks a rule of its own."""


@pytest.fixture(scope="module")
def plans():
    """The world with everything on, and one in which work moves and is carried."""
    moving = split(
        *SEASONS, placed_gb_per_mw=50.0, placed_cny_per_gb=0.5, placed_kwh_per_gb=10.0,
        coords={"link": ["l"], "stream": ["one"]}, link_site="far", stream_gbit_per_mw=0.5,
        stream_gb_per_mw=2.0, link_energy_kwh_per_gb=20.0, link_annuity_cny_per_gbit_year=1.0,
    )  # fmt: skip
    return [(data, polished(solved(data, gap=1e-6))) for data in (toys.everything(), moving)]


@pytest.mark.parametrize("name", one_in(3, LIES))
def test_a_lie_about_work_is_found(plans, name: str) -> None:
    used = [(data, plan) for data, plan in plans if plan[name].values.max(initial=0.0) > 1e-3]
    assert used, "one of the worlds uses it"
    data, plan = used[-1]
    false = plan.copy()
    values = plan[name].values.copy()
    values[np.unravel_index(values.argmax(), values.shape)] += LIES[name]
    false[name] = (plan[name].dims, values)
    right, wrong = Case(data, plan), Case(data, false)
    assert all(check.passed for rule in CHECKS for check in rule(right))
    assert not all(check.passed for rule in CHECKS for check in rule(wrong))


HOMES = ("east", "north", "west")


def shifting(prices: np.ndarray, asked: np.ndarray, moves: bool, waits: bool) -> toys.Answer:
    """Three sites with work of their own, which may run at any of them, within the day, or both.

    `prices` (site, time) [CNY/MWh], `asked` (site, time) [MW]; no delay on the way, no cost of
    moving, PUE 1.
    """
    steps = prices.shape[1]
    reach = np.ones((3, 3)) if moves else np.eye(3)
    halls = [f"{site}_hall" for site in HOMES]
    return solved(world(
        steps, coords={"site": list(HOMES), "hall": halls, "pool": list(HOMES),
                       "demand": list(HOMES)},
        hall_site=list(HOMES), plant_site="east", battery_site="east", contract_site="east",
        retail_price_cny_per_mwh=prices, demand_pool=list(HOMES),
        **toys.work(asked[None], [24.0 * waits] * 3, reach),
        servers_max_mw=2.0 * asked.max(), halls_max=2.0 * asked.max(), placed_site="east",
        link_site="east",
    ))  # fmt: skip


@few
@given(seed=st.integers(0, 10_000))
def test_joint_shifting_never_saves_less_than_space_or_time_alone(seed: int) -> None:
    """Sun at different hours, wind at different sites: each kind of freedom finds another price."""
    rng = np.random.default_rng(seed)
    hour = np.arange(24)
    sun = np.array([np.clip(np.cos((hour - noon) * np.pi / 12), 0, 1) for noon in (11, 12, 14)])
    prices = 500.0 - 300.0 * sun * rng.uniform(0.3, 1.0, (3, 1)) + rng.uniform(0, 120, (3, 24))
    asked = rng.uniform(1.0, 4.0, (3, 24))
    cost = {(moves, waits): shifting(prices, asked, moves, waits).cost_cny
            for moves in (False, True) for waits in (False, True)}  # fmt: skip
    fixed = cost[False, False]
    assert fixed == pytest.approx(float((prices * asked).sum()) * 1.0, rel=1e-6)
    saved = {key: fixed - each for key, each in cost.items()}
    assert min(saved[True, False], saved[False, True]) > 0.0
    assert saved[True, True] >= max(saved[True, False], saved[False, True]) - 1e-6 * fixed

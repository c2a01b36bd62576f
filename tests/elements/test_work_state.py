"""Work with state keeps its pace and its place; links carry it; some sites come first."""

from __future__ import annotations

import numpy as np
import pytest

from tests import toys
from tests.toys import solved, two_sites, work, world
from tests.work_toys import placed, priority, state

SWING = [90.0, 10.0, 90.0, 10.0]
"""Prices of grid energy, CNY/MWh: work that may wait an hour wants every second hour only."""


def alone(**changes):
    """One MW of work an hour that may wait an hour, with state, where every second hour is dear."""
    coords = {"coords": {"state_pool": ["q"]}}
    return world(4, retail_price_cny_per_mwh=SWING, **coords, **work(1.0, 1.0), **state(**changes))


def test_without_limits_work_jumps_to_the_cheap_hours() -> None:
    assert solved(alone()).cost_cny == pytest.approx(2 * 2 * 10.0)


def test_work_with_state_changes_only_so_fast() -> None:
    # 1 MWh an hour, hour 2 is cheap. By at most 0.5 MW an hour up into it and down after it:
    # x, x, x + 0.5 with a sum of 3. With one of the two limits alone it were 0.5, 1 and 1.5.
    data = world(
        3, retail_price_cny_per_mwh=[90.0, 90.0, 10.0], coords={"state_pool": ["q"]},
        **work(1.0, 2.0), **state(ramp=0.5),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("served_mw") == pytest.approx([5 / 6, 5 / 6, 4 / 3], abs=1e-6)
    assert answer.cost_cny == pytest.approx(2 * 75.0 + 40.0 / 3)


def test_work_with_state_never_stops() -> None:
    # at least 60 % of its mean in the dear hours, what is left in the cheap ones
    answer = solved(alone(running=0.6))
    assert answer.of("served_mw")[::2] == pytest.approx([0.6, 0.6], abs=1e-6)
    assert answer.of("served_mw")[1::2].sum() == pytest.approx(2.8, abs=1e-6)
    assert answer.cost_cny == pytest.approx(2 * (0.6 * 90.0 + 1.4 * 10.0))


def test_what_pauses_is_partly_done_again_and_not_late() -> None:
    # a MW in dear hours, b in cheap ones; every fall by b − a costs half an hour of it again:
    # a + b = 2 + 0.5 (b − a). In a dear hour 1 MWh arrives and 0.5 (b − a) comes back; what waits
    # is at most that hour's arrival: 1 − a + 0.5 (b − a) ≤ 1. So b = 3a and a = 2/3, b = 2.
    answer = solved(alone(again_h=0.5))
    assert answer.of("served_mw") == pytest.approx([2 / 3, 2.0, 2 / 3, 2.0], abs=1e-6)
    assert answer.of("paused_mw") == pytest.approx([4 / 3, 0.0, 4 / 3, 0.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(2 * (60.0 + 20.0))


def test_pausing_does_not_pay_for_a_small_difference_of_prices() -> None:
    data = alone(again_h=0.5)
    data["retail_price_cny_per_mwh"][:] = [50.0, 40.0, 50.0, 40.0]
    assert solved(data).of("served_mw") == pytest.approx(np.ones(4), abs=1e-6)


def split(near, far, delay_h: float = 0.0, block_h: float = 2.0, **changes):
    """A MW of work whose split over "near" and "far" is fixed for blocks of two of four hours."""
    sites, own = two_sites(near, far), placed("q", ["near", "far"], block_h, 4)
    sites["coords"] = sites["coords"] | own.pop("coords") | changes.pop("coords", {})
    return world(4, **sites, **own, **work(changes.pop("mw", 1.0), delay_h), **changes)


def test_placed_work_does_not_change_its_site_within_a_block() -> None:
    # by the hour 10, 40, 10, 40; for a block of two hours near costs 100 and far 80
    answer = solved(split([10.0, 90.0, 10.0, 90.0], [40.0] * 4))
    assert answer.of("routed_mw", site="far") == pytest.approx(np.ones(4), abs=1e-6)
    assert answer.of("placed_share", placed="q@far") == pytest.approx([1.0, 1.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(160.0)


def test_placed_work_follows_the_cheap_site_from_block_to_block() -> None:
    answer = solved(split([10.0, 10.0, 90.0, 90.0], [50.0] * 4))
    assert answer.of("routed_mw", site="near") == pytest.approx([1.0, 1.0, 0.0, 0.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(20.0 + 100.0)


def test_placed_work_waits_where_it_was_placed() -> None:
    # all of it near, and there in the cheap hours: 2 MWh in each of them
    answer = solved(split(SWING, [30.0] * 4, delay_h=1.0))
    assert answer.of("routed_mw", site="near") == pytest.approx([0.0, 2.0, 0.0, 2.0], abs=1e-6)
    assert answer.of("backlog_mwh") == pytest.approx([1.0, 0.0, 1.0, 0.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(40.0)


def test_placed_work_is_late_nowhere() -> None:
    # Near is cheap in hour 1, far in hour 2. The first block (hours 0, 1) goes near: 2 MWh at 10.
    # Of the second block, placed far, hour 2 runs at once at 10; hour 3 may wait for hour 0 only
    # and costs 100. Were it allowed to queue while others arrive near, it would wait for hour 2.
    near, far = [100.0, 10.0, 100.0, 100.0], [100.0, 100.0, 10.0, 100.0]
    assert solved(split(near, far, delay_h=1.0)).cost_cny == pytest.approx(20.0 + 10.0 + 100.0)


def test_placed_work_that_pauses_at_a_site_is_partly_done_again_there() -> None:
    # as for work in one queue: 2/3 and 2 MW in turn, all near
    answer = solved(
        split(SWING, [1000.0] * 4, delay_h=1.0, coords={"state_pool": ["q"]}, **state(again_h=0.5))
    )
    assert answer.of("routed_mw", site="near") == pytest.approx([2 / 3, 2, 2 / 3, 2], abs=1e-6)
    assert answer.of("placed_paused_mw", placed="q@near")[0] == pytest.approx(4 / 3, abs=1e-6)
    assert answer.cost_cny == pytest.approx(160.0)


SEASONS = ([10.0, 10.0, 90.0, 90.0], [90.0, 90.0, 10.0, 10.0])
"""Near is cheap in the first block, far in the second."""


def test_work_moves_where_moving_its_data_costs_less_than_staying() -> None:
    # staying costs 20 + 180; moving twice a year 50 GB at 1 CNY each leaves 40 + 100
    answer = solved(split(*SEASONS, placed_gb_per_mw=50.0, placed_cny_per_gb=1.0))
    assert answer.line_cny("migration") == pytest.approx(100.0)
    assert answer.cost_cny == pytest.approx(140.0)


def test_work_stays_where_moving_its_data_is_dearer() -> None:
    answer = solved(split(*SEASONS, placed_gb_per_mw=50.0, placed_cny_per_gb=4.0))
    assert answer.line_cny("migration") == pytest.approx(0.0, abs=1e-4)
    assert answer.cost_cny == pytest.approx(200.0)


def test_moving_data_takes_energy_at_the_site_it_moves_to() -> None:
    # 50 GB at 20 kWh each are 1 MWh over the two hours of each block, at 10 CNY
    answer = solved(split(*SEASONS, placed_gb_per_mw=50.0, placed_kwh_per_gb=20.0))
    assert answer.of("migration_mw", placed="q@near")[:2] == pytest.approx([0.5, 0.5], abs=1e-5)
    assert answer.of("facility_mw", site="near")[0] == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(40.0 + 20.0)


def test_moving_data_takes_bandwidth_of_the_link() -> None:
    # 900 GB over two hours are 1 Gbit/s, the work itself takes 0.1: 0.6 let 0.6/1.1 MW move near
    answer = solved(split(
        *SEASONS, placed_gb_per_mw=900.0, coords={"link": ["l"], "stream": ["one"]},
        link_site="near", link_min_gbit=0.6, link_max_gbit=0.6, stream_gbit_per_mw=0.1,
    ))  # fmt: skip
    moved = 0.6 / 1.1
    assert answer.of("migrated_share", placed="q@near")[0] == pytest.approx(moved, abs=1e-6)
    assert answer.cost_cny == pytest.approx(200.0 - 160.0 * moved)


def linked(near=100.0, far=10.0, gbit: float = 1.0, gb: float = 0.0, **changes):
    """A MW of work near or far, and a link to the far site that is not there yet."""
    sites = two_sites(near, far)
    sites["coords"] = sites["coords"] | {"link": ["l"], "stream": ["one"]}
    sites["coords"] |= changes.pop("coords", {})
    return world(
        **sites, link_site="far", stream_gbit_per_mw=gbit, stream_gb_per_mw=gb,
        **({"link_max_gbit": 1.0} | changes),
    )  # fmt: skip


def test_work_stays_within_the_bandwidth_of_its_link() -> None:
    # a quarter of the work fits through the link to the cheap site
    answer = solved(linked(link_min_gbit=0.25, link_max_gbit=0.25))
    assert answer.of("routed_mw", site="far") == pytest.approx([0.25, 0.25], abs=1e-6)
    assert answer.cost_cny == pytest.approx(2 * (75.0 + 2.5))


@pytest.mark.parametrize(("annuity", "cost_cny"), [(100.0, 120.0), (300.0, 200.0)])
def test_a_new_link_is_built_where_it_pays(annuity: float, cost_cny: float) -> None:
    # it saves 2 MWh · 90 CNY
    assert solved(linked(link_new_annuity_cny_per_year=annuity)).cost_cny == pytest.approx(cost_cny)


def test_a_new_link_is_paid_before_it_carries_anything() -> None:
    answer = solved(linked(link_new_annuity_cny_per_year=100.0))
    assert answer.of("is_linked") == pytest.approx(1.0)
    assert answer.line_cny("fibre links") == pytest.approx(100.0)


def test_a_link_that_was_built_still_stands() -> None:
    # far is cheap in the first period only; the second still pays for the bandwidth
    prices = np.array([[[100.0], [10.0]], [[100.0], [1000.0]]])
    answer = solved(
        linked(
            coords={"period": [2027, 2030]}, link_annuity_cny_per_gbit_year=10.0,
        ).assign(retail_price_cny_per_mwh=(
            ("period", "site", "time"), np.broadcast_to(prices, (2, 2, 2)).copy()
        ))
    )  # fmt: skip
    assert answer.line_cny("fibre links", period=2030) == pytest.approx(10.0)


def test_data_sent_cost_money_and_energy_at_the_site() -> None:
    # 5 GB for each MWh of work at 2 CNY and 0.1 kWh: 10 CNY and 0.5 kWh
    answer = solved(
        linked(gb=5.0, link_price_cny_per_gb=2.0, link_energy_kwh_per_gb=0.1)
    )
    assert answer.line_cny("data transfer") == pytest.approx(20.0)
    assert answer.of("transfer_mw") == pytest.approx([5e-4, 5e-4])
    assert answer.cost_cny == pytest.approx(20.0 + 20.0 + 2 * 5e-4 * 10.0)


def pools_of_two_regions():
    """Inference of one region at once, training of another that may wait; energy is cheap far."""
    sites = two_sites(100.0, 10.0)
    sites["coords"] |= {"pool": ["now", "later"], "demand": ["d", "e"]}
    asked = np.array([[[1.0], [3.0]]])
    return world(
        demand_pool=["now", "later"], demand_province=["beijing", "hebei"],
        demand_use=["inference", "training"], **sites, **work(asked, [0.0, 1.0]),
    )  # fmt: skip


def preferred(**asked):
    """A MW of work, cheap near and dear far, and a priority for far."""
    sites = two_sites(10.0, 100.0)
    sites["coords"] = sites["coords"] | {"preference": ["first_q"]}
    return world(targets=priority(**asked), **sites)


def test_so_much_of_the_work_runs_at_the_sites_that_come_first() -> None:
    answer = solved(preferred(value=0.5))
    assert answer.cost_cny == pytest.approx(2 * (5.0 + 50.0))
    assert answer.of("clause_achieved") == pytest.approx(0.5)
    assert answer.price_cny("first") == pytest.approx(0.01 * 2 * 90.0)


def test_a_priority_that_asks_for_no_share_promises_nothing() -> None:
    """It read "met" at 0 % in the compliance table of the shipped scenario of the region."""
    answer = solved(preferred(penalty=0.5))
    assert answer.of("clause_achieved") == pytest.approx(0.0, abs=1e-6)
    assert answer.of("clause_status") == "KPI only"
    assert answer.price_cny("first") == 0.0
    assert solved(preferred(value=0.5)).of("clause_status") == "met"


@pytest.mark.parametrize(("penalty", "at_far"), [(0.5, 0.0), (1.0, 1.0)])
def test_a_penalty_on_other_sites_is_weighed_against_the_cost(penalty, at_far) -> None:
    # 100 P per MW: 50 or 100 CNY for each MWh that runs near, against 90 more for energy
    answer = solved(preferred(penalty=penalty))
    assert answer.of("routed_mw", site="far", time=0) == pytest.approx(at_far, abs=1e-6)
    paid = answer.line_cny("priority", "penalty")
    assert paid == pytest.approx(2 * 100.0 * penalty * (1 - at_far), abs=1e-4)


def test_a_wait_shorter_than_a_step_is_no_wait() -> None:
    fixed = solved(split([10.0, 90.0, 10.0, 90.0], [40.0] * 4))
    short = solved(split([10.0, 90.0, 10.0, 90.0], [40.0] * 4, delay_h=0.5))
    assert short.cost_cny == pytest.approx(fixed.cost_cny)
    assert short.of("routed_mw") == pytest.approx(fixed.of("routed_mw"), abs=1e-6)


def test_state_of_everything_is_kept_in_the_plan() -> None:
    plan = solved(toys.everything(), gap=1e-6).plan
    assert plan["placed_share"].sum("placed").values == pytest.approx(2.0)  # of two pools
    assert plan["paused_mw"].dims == ("period", "weather", "state_pool", "time")

"""Cooling and losses: what halls need on top of their IT load."""

from __future__ import annotations

import pytest

from tests.toys import solved, two_sites, work, world


def test_cooling_follows_the_load_and_the_weather_of_the_hour() -> None:
    answer = solved(world(cooling_slope=[0.2, 0.4]))
    assert answer.of("cooling_mw") == pytest.approx([0.2, 0.4])
    assert answer.of("facility_mw") == pytest.approx([1.2, 1.4])
    assert answer.cost_cny == pytest.approx(260.0)


def test_the_fixed_part_is_that_of_every_hall_that_stands() -> None:
    # 3 MW need two halls of 2 MW; fans turn for 4 MW: 0.1 x 4 = 0.4 MW
    answer = solved(world(cooling_fixed=0.1, hall_it_mw=2.0, **work(3.0)))
    assert answer.of("cooling_mw") == pytest.approx([0.4, 0.4])
    assert answer.cost_cny == pytest.approx(2 * 3.4 * 100.0)


def test_a_hall_too_many_is_not_built_because_its_fans_cost() -> None:
    answer = solved(world(cooling_fixed=0.1, **work(3.0)))
    assert answer.of("halls_built") == pytest.approx(3.0)


def test_losses_are_kept_apart_from_cooling() -> None:
    answer = solved(world(loss_slope=0.05, loss_fixed=0.02, cooling_slope=0.1, hall_it_mw=2.0))
    assert answer.of("loss_mw") == pytest.approx([0.09, 0.09])  # 0.05 x 1 + 0.02 x 2
    assert answer.of("cooling_mw") == pytest.approx([0.1, 0.1])
    assert answer.cost_cny == pytest.approx(2 * 1.19 * 100.0)


def test_cooling_follows_the_power_of_servers_and_not_their_work() -> None:
    # 2 MW of servers, idle at 20 %, running 1 MW: 0.2 x 2 + 0.8 x 1 = 1.2 MW of IT power
    answer = solved(world(idle_share=0.2, servers_min_mw=2.0, cooling_slope=0.5))
    assert answer.of("it_mw") == pytest.approx([1.2, 1.2])
    assert answer.of("cooling_mw") == pytest.approx([0.6, 0.6])


def test_work_goes_where_cooling_is_cheap_hour_by_hour() -> None:
    slope = [[[0.1, 0.6], [0.3, 0.3]]]  # near: cold first hour, hot second; far: always mild
    answer = solved(world(cooling_slope=slope, **two_sites()))
    assert answer.of("load_mw", hall="near_hall") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(110.0 + 130.0)

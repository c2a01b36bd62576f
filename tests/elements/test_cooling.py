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


def bent(**changes):
    """Changes: cooling of 0.2 at full load; the upper line falls by 0.3 per unit below half load.

    First line 0.2 · (0.5 · it + 0 · cap), second 0.2 · (1.5 · it − 0.5 · cap): they cross at half
    load and meet 0.2 at full load of 1 MW.
    """
    found = {
        "coords": {"bend": ["s_hall_2"]}, "bend_hall": "s_hall", "bend_slope": 1.0,
        "bend_fixed": -0.5, "cooling_load_factor": 0.2, "cooling_slope": 0.1,
        "halls_max": 1.0, "servers_max_mw": 1.0,
    }  # fmt: skip
    return found | changes


def test_cooling_follows_the_highest_line_of_its_part_load_law() -> None:
    # 1 MW: 0.2; 0.6 MW: 0.2 · (0.9 − 0.5) = 0.08; 0.3 MW: 0.1 · 0.3 = 0.03
    answer = solved(world(3, **bent(), **work([1.0, 0.6, 0.3])))
    assert answer.of("cooling_mw") == pytest.approx([0.2, 0.08, 0.03], abs=1e-6)
    assert answer.cost_cny == pytest.approx(100.0 * (1.9 + 0.31))


def test_storage_systems_draw_power_and_take_room() -> None:
    # 10 % of the servers' power for storage: 1.1 MW of IT; 1 MW of servers needs two halls of 1 MW
    answer = solved(world(storage_share=0.1, hall_annuity_cny_per_mw_year=1.0))
    assert answer.of("it_mw") == pytest.approx([1.1, 1.1])
    assert answer.of("halls_built") == pytest.approx(2.0)


def test_water_is_paid_by_what_it_cools() -> None:
    # 1.5 L/kWh · 1 MWh = 1.5 m³ in each of two hours, at 4 CNY
    answer = solved(world(water_l_per_kwh=1.5, water_price_cny_per_m3=4.0))
    assert answer.line_cny("water") == pytest.approx(12.0)


def cold(**changes):
    """Changes: 1 MW of work in two steps at 10 and 110 CNY/MWh, cooling 0.4, a free cold tank.

    Two halls of 1 MW stand, so that 1 MW of chillers is free.
    """
    found = {
        "coords": {"tank": ["k"]}, "tank_site": "s", "tank_hall": "s_hall",
        "cooling_load_factor": 0.4, "cooling_slope": 0.4, "halls_min": 2.0, "halls_max": 2.0,
        "retail_price_cny_per_mwh": [10.0, 110.0],
    }  # fmt: skip
    return found | changes


def taken(answer):
    """Cold taken from the tank less cold put in, MW."""
    return answer.of("cold_discharge_mw") - answer.of("cold_charge_mw")


def test_cold_made_in_the_cheap_hour_cools_the_dear_one() -> None:
    # 1 MWh of cold moves 0.4 MWh of electricity: (1 + 0.8) · 10 + 1 · 110
    answer = solved(world(**cold()))
    assert taken(answer) == pytest.approx([-1.0, 1.0], abs=1e-6)
    assert answer.of("cooling_mw") == pytest.approx([0.8, 0.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(128.0)


def test_cold_that_is_kept_gets_less() -> None:
    # half is lost in an hour, and half again on the way back: 1 MWh in, 0.5 out
    answer = solved(world(**cold(cold_kept_per_step=0.5)))
    assert taken(answer)[1] == pytest.approx(0.5)
    assert answer.cost_cny == pytest.approx(18.0 + 110.0 * 1.2)


def test_a_tank_holds_what_was_built() -> None:
    # 0.5 MWh of tank at 8 CNY saves 0.5 · 0.4 · 100 = 20
    changes = cold(cold_max_mwh=0.5, cold_annuity_cny_per_mwh_year=16.0, cold_hours=0.1)
    answer = solved(world(**changes))
    assert answer.of("cold_capacity_mwh") == pytest.approx(0.5)
    assert answer.line_cny("cold tank") == pytest.approx(8.0)
    assert answer.cost_cny == pytest.approx(14.0 + 154.0 - 20.0 + 8.0)


def test_a_tank_takes_its_time_to_fill() -> None:
    # four hours to fill: 1 MW needs 4 MWh of tank at 5 each, and moves 0.4 MWh worth 40
    answer = solved(world(**cold(cold_hours=4.0, cold_annuity_cny_per_mwh_year=5.0)))
    assert answer.of("cold_capacity_mwh") == pytest.approx(4.0)
    assert answer.cost_cny == pytest.approx(128.0 + 20.0)


def test_no_more_cold_is_taken_than_the_halls_need() -> None:
    # 3 MW of chillers are free, but the dear hour needs 1 MWh of cold only
    answer = solved(world(**cold(halls_min=4.0, halls_max=4.0)))
    assert taken(answer)[1] == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(128.0)


def test_only_free_chillers_fill_a_tank() -> None:
    # 1.2 MW of halls leave 0.2 MW free
    answer = solved(world(**cold(halls_min=2.0, halls_max=2.0, hall_it_mw=0.6)))
    assert taken(answer)[0] == pytest.approx(-0.2)


def test_a_tank_still_stands_in_the_next_period() -> None:
    # worth having in 2025 only; it is paid for in 2030 all the same
    price = [[[10.0, 110.0]], [[60.0, 60.0]]]
    changes = cold(retail_price_cny_per_mwh=price, cold_annuity_cny_per_mwh_year=10.0)
    changes["coords"] = changes["coords"] | {"period": [2025, 2030]}
    answer = solved(world(discount_factor=[0.5, 0.5], **changes))
    assert answer.of("cold_capacity_mwh") == pytest.approx([1.0, 1.0])

"""N−1 by hand: what stands ready for the loss of a site, a route or a feed, and what it costs."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.toys import solved, two_sites, work, world


def failing(critical_mw: Any = 1.0, lost: tuple[str, ...] = ("near",), **changes: Any) -> Any:
    """A world of two sites with 1 MW of work in two steps, of which some is critical.

    Energy costs 100 CNY/MWh near and 200 far, so that all work is done near unless something
    fails; the sites in `lost` may fail. Servers cost 10 CNY/MW a year, halls nothing.
    """
    found: dict[str, Any] = two_sites(100.0, 200.0) | work(1.0)
    found |= {"server_annuity_cny_per_mw_year": 10.0, "server_capex_counts": 1.0}
    found |= {"critical_mw": critical_mw, "failure_site": ["", *lost]}
    found["coords"] |= {"failure": ["none", *lost]} | changes.pop("coords", {})
    return world(**found | changes)


def test_a_second_site_stands_ready_for_the_first() -> None:
    # 1 MW near does the work at 2 · 100; 1 MW far is there in case: 200 + (1 + 1) · 10
    answer = solved(failing())
    assert answer.of("servers_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(220.0)
    flow = answer.of("critical_flow_mw", failure="near")
    assert flow == pytest.approx([0.0, 1.0])


def test_nothing_stands_ready_where_nothing_may_fail() -> None:
    # with no site lost the 1 MW near is enough: 200 + 10
    answer = solved(failing(lost=()))
    assert answer.of("servers_mw") == pytest.approx([1.0, 0.0])
    assert answer.cost_cny == pytest.approx(210.0)


def test_only_the_critical_share_is_kept_twice() -> None:
    # 0.6 of 1 MW is critical: near holds 1 MW for its work, far 0.6 MW
    answer = solved(failing(critical_mw=0.6))
    assert answer.of("servers_mw") == pytest.approx([1.0, 0.6])
    assert answer.cost_cny == pytest.approx(200.0 + 16.0)


def test_servers_out_of_order_do_not_take_over_critical_work() -> None:
    # four of five servers run: 1 / 0.8 = 1.25 MW near for the work, 0.6 / 0.8 = 0.75 MW far
    answer = solved(failing(critical_mw=0.6, availability=0.8))
    assert answer.of("servers_mw") == pytest.approx([1.25, 0.75])


def test_whichever_of_the_sites_fails_the_other_takes_over() -> None:
    # near does all the work and far stands ready for near, and near for far with what it has
    answer = solved(failing(lost=("near", "far")))
    assert answer.of("servers_mw") == pytest.approx([1.0, 1.0])
    assert answer.of("critical_flow_mw", failure="far") == pytest.approx([1.0, 0.0])


def test_a_spare_is_not_counted_for_two_demands_at_once() -> None:
    # two demands of 0.5 MW critical work each: 0.5 MW far is not enough for both
    answer = solved(failing(0.5, coords={"demand": ["d", "e"]}, demand_mw=0.5))
    assert answer.of("servers_mw", hall="far_hall") == pytest.approx(1.0)


def test_a_spare_is_there_for_one_failure_at_a_time() -> None:
    """Three sites; "near" must serve d and "mid" must serve e, each 1 MW, 1 h to anywhere else.

    "far" reaches both demands. When near fails d goes to far, when mid fails e goes to far: the
    same 1 MW of servers far is enough for either: 3 MW stand, not 4.
    """
    sites = ["near", "mid", "far"]
    reach = [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    answer = solved(world(
        coords={"site": sites, "hall": [f"{s}_hall" for s in sites], "demand": ["d", "e"],
                "pool": ["p", "q"], "failure": ["near", "mid"]},
        hall_site=sites, plant_site="near", battery_site="near", contract_site="near",
        retail_price_cny_per_mwh=[[[100.0], [100.0], [900.0]]], demand_pool=["p", "q"],
        server_annuity_cny_per_mw_year=10.0, server_capex_counts=1.0, critical_mw=1.0,
        failure_site=["near", "mid"],
        **work(1.0, reach=reach),
    ))  # fmt: skip
    assert answer.of("servers_mw") == pytest.approx([1.0, 1.0, 1.0])


def test_a_lost_route_cuts_off_its_region_only() -> None:
    # only work of region r loses its way to near: 0.5 of 1 MW stands ready far
    answer = solved(failing(
        0.5, coords={"demand": ["d", "e"]}, demand_mw=0.5, demand_region=["r", "q"],
        failure_region=["", "r"],
    ))  # fmt: skip
    assert answer.of("servers_mw") == pytest.approx([1.0, 0.5])
    flow = answer.of("critical_flow_mw", failure="near", demand="d")
    assert flow == pytest.approx([0.0, 0.5])


def fed(**changes: Any) -> Any:
    """A world in which half a connection is left far without one feed; 7 CNY/MW of connection.

    Cooling takes 0.1 and 0.2 of the IT power in the two steps: 1.2 MW of facility power at worst.
    """
    found: dict[str, Any] = {
        "connection_annuity_cny_per_mw_year": 7.0, "connection_firm_share": 0.5,
        "cooling_slope": [[[0.1, 0.2]]],
    }  # fmt: skip
    return failing(**found | changes)


def test_one_feed_carries_critical_work_in_the_worst_hour() -> None:
    # near imports 1.2 MW; far has 2.4 MW of connection for 1.2 MW with one feed
    answer = solved(fed())
    assert answer.of("grid_connection_mw") == pytest.approx([1.2, 2.4])
    assert answer.line_cny("grid connection") == pytest.approx(7.0 * 3.6)


def backed(**changes: Any) -> Any:
    """A world in which backup may stand far: 3 + 1 CNY/MW a year and 2 h of tests a year."""
    coords = {"backup": ["far_backup"]}
    found: dict[str, Any] = {
        "backup_site": "far", "backup_annuity_cny_per_mw_year": 3.0,
        "backup_om_cny_per_mw_year": 1.0, "backup_tested_mwh_per_mw_year": 2.0,
        "backup_fuel_cny_per_mwh": 0.5, "backup_emission_t_per_mwh": 0.1,
    }  # fmt: skip
    return fed(**found | {"coords": coords | changes.pop("coords", {})} | changes)


def test_backup_is_bought_where_it_is_cheaper_than_a_second_feed() -> None:
    # a firm MW costs 3 + 1 + 2 · 0.5 = 5 as backup and 7 / 0.5 = 14 as connection
    answer = solved(backed())
    assert answer.of("backup_mw") == pytest.approx(1.2)
    assert answer.of("grid_connection_mw") == pytest.approx([1.2, 0.0], abs=1e-6)
    assert answer.line_cny("backup", place="far") == pytest.approx(3.6)
    assert answer.line_cny("backup O&M", place="far") == pytest.approx(1.2)
    assert answer.line_cny("backup fuel", place="far") == pytest.approx(1.2)


def test_backup_is_left_where_it_is_dearer() -> None:
    answer = solved(backed(backup_annuity_cny_per_mw_year=13.0))
    assert answer.of("backup_mw") == pytest.approx(0.0, abs=1e-6)
    assert answer.of("grid_connection_mw") == pytest.approx([1.2, 2.4])


def test_tests_of_backup_pay_the_price_of_carbon() -> None:
    # 1.2 MW · 2 h · 0.1 t/MWh · 10 CNY/t = 2.4 CNY; the grid emits nothing here
    answer = solved(backed(carbon_price_cny_per_t=10.0, emission_factor_t_per_mwh=0.0))
    assert answer.line_cny("carbon", place="far") == pytest.approx(2.4)


def test_backup_that_stands_costs_its_upkeep_and_tests_only() -> None:
    answer = solved(backed(backup_min_mw=2.0))
    assert answer.of("backup_mw") == pytest.approx(2.0)
    assert answer.line_cny("backup") == pytest.approx(0.0, abs=1e-6)
    assert answer.line_cny("backup O&M") == pytest.approx(2.0)


def test_backup_that_was_bought_still_stands() -> None:
    # critical work of the first period only; its 1.2 MW of backup stay
    answer = solved(backed(coords={"period": [2027, 2030]}, critical_mw=[[1.0], [0.0]]))
    assert answer.of("backup_mw") == pytest.approx([1.2, 1.2])


def kept_ready(**changes: Any) -> Any:
    """A world in which a battery far may be kept ready: 1 CNY/MW and 0.5 CNY/MWh a year."""
    return fed(
        coords={"reserve": ["s_lfp"]}, reserve_battery="s_lfp", battery_site="far",
        storage_power_max_mw=10.0, storage_energy_max_mwh=20.0,
        storage_power_annuity_cny_per_mw_year=1.0,
        storage_energy_annuity_cny_per_mwh_year=0.5, **changes,
    )  # fmt: skip


def test_a_battery_is_firm_up_to_its_power() -> None:
    # 1.2 MW and, at its shortest duration of 1 h, 1.2 MWh, of which half an hour is kept
    answer = solved(kept_ready(reserve_h=0.5))
    assert answer.of("storage_power_mw") == pytest.approx(1.2)
    assert answer.of("grid_connection_mw", site="far") == pytest.approx(0.0, abs=1e-6)
    assert answer.of("firm_power_mw") == pytest.approx(1.2)


def test_a_firm_battery_holds_its_reserve_in_every_step() -> None:
    # 1.2 MW for 2 h through an efficiency of 0.8: 3 MWh held, 1.2 · 1 + 3 · 0.5 < 1.2 · 14
    answer = solved(kept_ready(reserve_h=2.0, discharge_efficiency=0.8))
    assert answer.of("storage_energy_mwh") == pytest.approx(3.0)
    assert answer.of("soc_mwh") == pytest.approx([3.0, 3.0])


def test_more_critical_work_never_costs_less() -> None:
    # each further 0.2 MW of critical work needs 0.2 MW of servers and 0.24 MW of backup far
    costs = [solved(backed(critical_mw=share)).cost_cny for share in (0.0, 0.2, 0.4, 0.6)]
    steps = [later - earlier for earlier, later in itertools.pairwise(costs)]
    assert steps == pytest.approx([0.2 * 10.0 + 0.24 * 5.0] * 3, rel=1e-4)


def test_no_plan_where_the_last_site_in_reach_may_fail() -> None:
    assert not solved(failing(demand_reach=[[1.0, 0.0]])).is_planned

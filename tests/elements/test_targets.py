"""Targets: green share by hour, month and year, PUE and compute, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sampling import one_in
from tests.toys import (
    battery,
    compute,
    contract,
    green,
    plant,
    pue,
    solved,
    two_sites,
    work,
    world,
)

FIRST_HOUR_ONLY = [1.0, 0.0]


def test_by_the_hour_only_what_is_green_in_its_hour_counts() -> None:
    # 2 MW come in the first hour, none in the second: half of the load is green, no more
    def with_target(share: float):
        return world(targets=green(share, "hourly"), **contract(150.0, [2.0, 0.0]))

    answer = solved(with_target(0.5))
    assert answer.of("delivered_mw") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(150.0 + 100.0)
    assert not solved(with_target(0.51)).is_planned


def test_a_surplus_of_the_month_helps_its_own_month() -> None:
    # the spilled MWh of the first hour covers the grey MWh of the second
    answer = solved(world(targets=green(1.0, "monthly"), **contract(150.0, [2.0, 0.0])))
    assert answer.of("delivered_mw") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(2 * 150.0 + 100.0)


def two_months(matching: str, **changes):
    """100 % green where contracts give power in January, in February or dear in dull hours."""
    profile = np.array([[[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 1.0]]])
    return world(
        4, targets=green(1.0, matching),
        coords={"month": [1, 2], "contract": ["january", "february", "dull"]},
        month_of_step=[1, 1, 2, 2], **contract([150.0, 260.0, 400.0], profile), **changes,
    )  # fmt: skip


def test_over_the_year_the_cheapest_contract_covers_everything() -> None:
    # 4 MWh at 150, of which one is delivered; three MWh are bought and netted
    answer = solved(two_months("annual"))
    assert answer.of("contract_volume_mw") == pytest.approx([4.0, 0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(600.0 + 300.0)


def test_a_surplus_never_helps_another_month() -> None:
    # each month nets its own: 2 MWh at 150 and 2 MWh at 260, one MWh bought in each
    answer = solved(two_months("monthly"))
    assert answer.of("contract_volume_mw") == pytest.approx([2.0, 2.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(300.0 + 520.0 + 200.0)


def test_by_the_hour_every_hour_is_covered_in_its_own_step() -> None:
    answer = solved(two_months("hourly"))
    assert answer.of("contract_volume_mw") == pytest.approx([1.0, 1.0, 1.0])
    assert answer.cost_cny == pytest.approx(150.0 + 260.0 + 800.0)


def test_finer_matching_never_costs_less() -> None:
    annual, monthly, hourly = (
        solved(two_months(matching)).cost_cny for matching in ("annual", "monthly", "hourly")
    )
    assert annual == pytest.approx(900.0)
    assert annual < monthly < hourly


def test_a_contract_settled_by_the_hour_keeps_nothing_to_net() -> None:
    changes = contract(150.0, [2.0, 0.0]) | {"contract_settlement": "hourly"}
    assert not solved(world(targets=green(0.51, "annual"), **changes)).is_planned
    assert solved(world(targets=green(0.5, "annual"), **changes)).cost_cny == pytest.approx(250.0)


def test_a_mwh_counts_once() -> None:
    # one MWh a year in all: delivered or netted, it makes half of two MWh green
    def with_target(share: float):
        changes = contract(150.0, [1.0, 0.0], most_mw=1.0)
        return world(targets=green(share), **changes)

    assert solved(with_target(0.5)).is_planned
    assert not solved(with_target(0.51)).is_planned


def test_a_mwh_of_another_site_covers_grey_energy_of_the_fleet() -> None:
    sites = two_sites()
    data = world(
        targets=green(1.0), servers_max_mw=1.0, **sites, **work(2.0), **contract(150.0, 1.0)
    )
    answer = solved(data)
    assert answer.cost_cny == pytest.approx(4 * 150.0 + 200.0)


def test_own_energy_is_green_by_the_hour_and_a_battery_carries_it() -> None:
    # 2 MW of plant fill the battery in the first hour for the second
    data = world(
        targets=green(1.0, "hourly"), capacity_factor=FIRST_HOUR_ONLY, **plant(annuity=300.0),
        **battery(),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("plant_capacity_mw") == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(600.0)


def test_the_load_that_must_be_green_includes_cooling() -> None:
    data = world(targets=green(0.5), cooling_slope=0.5, **contract(150.0))
    # half of 3 MWh at 50 above grid energy
    assert solved(data).cost_cny == pytest.approx(300.0 + 1.5 * 50.0)


def certificates(share: float, unbundled: float):
    """A target that certificates at 5 CNY may help with, or a contract 50 above the grid."""
    return world(
        targets=green(share, unbundled=unbundled), certificate_max_mwh=100.0, **contract(150.0)
    )


def test_certificates_cover_at_most_their_share_of_the_load() -> None:
    # 1.6 of 2 MWh: one MWh by certificates, the other 0.6 by contract
    answer = solved(certificates(0.8, 0.5))
    assert answer.of("certificates_mwh") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(200.0 + 5.0 + 0.6 * 50.0)


def test_a_certificate_is_bought_before_it_is_used() -> None:
    answer = solved(certificates(0.4, 0.5))
    assert answer.of("certificates_mwh") == pytest.approx(0.8)
    assert answer.cost_cny == pytest.approx(200.0 + 0.8 * 5.0)


def test_certificates_do_not_count_unless_the_target_says_so() -> None:
    answer = solved(certificates(0.4, 0.0))
    assert answer.of("certificates_mwh") == pytest.approx(0.0, abs=1e-9)
    assert answer.cost_cny == pytest.approx(200.0 + 0.8 * 50.0)


def test_certificates_never_count_by_the_hour() -> None:
    data = world(targets=green(0.4, "hourly", 0.5), certificate_max_mwh=100.0, **contract(150.0))
    assert solved(data).cost_cny == pytest.approx(200.0 + 0.8 * 50.0)


def test_the_green_share_holds_in_every_weather_year() -> None:
    # the calm year gives half of the windy one and decides the volume: 2 MW x 0.5 x 2 h = 2 MWh
    data = world(
        targets=green(1.0), coords={"weather": ["calm", "windy"]}, weather_probability=[0.5, 0.5],
        **contract(150.0, np.array([[[0.5]], [[1.0]]])),
    )  # fmt: skip
    assert solved(data).of("contract_volume_mw") == pytest.approx(2.0)


def near_or_far(limit: float, scope: str = "fleet"):
    """Cheap energy with poor cooling at "near" (PUE 1.5), dear and good at "far" (PUE 1.1)."""
    slope = np.array([[[0.5], [0.1]]])
    return world(targets=pue(limit, scope), cooling_slope=slope, **two_sites(10.0, 100.0))


def test_the_fleet_mixes_halls_to_keep_its_pue() -> None:
    # a share of 1/2 near: 0.5 x 1.5 + 0.5 x 1.1 = 1.3
    answer = solved(near_or_far(1.3))
    load = answer.of("load_mw")
    assert load.sum(axis=1) == pytest.approx([1.0, 1.0])  # half of 2 MWh at each
    assert answer.cost_cny == pytest.approx(1.5 * 10.0 + 1.1 * 100.0)


def test_a_limit_for_every_site_closes_the_poor_one() -> None:
    answer = solved(near_or_far(1.3, "site"))
    assert answer.of("load_mw", hall="near_hall") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(2 * 1.1 * 100.0)


def test_a_pue_that_no_hall_reaches_cannot_be_planned() -> None:
    assert not solved(near_or_far(1.05)).is_planned


def test_pue_is_that_of_the_year_and_not_of_the_hour() -> None:
    # PUE 1.2 and 1.4 in the two hours make 1.3
    assert solved(world(targets=pue(1.3), cooling_slope=[0.2, 0.4001])).is_planned is False
    assert solved(world(targets=pue(1.3), cooling_slope=[0.2, 0.4])).is_planned


@pytest.mark.parametrize(("limit", "loss"), [(1.3, 0.2), (1.4, 0.3), (1.25, 0.15), (1.1, 0.0)])
def test_a_hall_whose_pue_is_exactly_the_limit_can_be_planned(limit: float, loss: float) -> None:
    # its entries in the row cancel, but for what rounding leaves
    data = world(targets=pue(limit), cooling_slope=0.1, loss_slope=loss, idle_share=0.3)
    assert solved(data).cost_cny == pytest.approx(200.0 * limit)


def test_work_of_a_label_without_halls_cannot_be_planned() -> None:
    # its row has no entries at all: 0 = 1
    data = world(
        coords={"label": ["fp16", "fp64"], "pool": ["q", "r"], "demand": ["d", "e"]},
        pool_label=["fp16", "fp64"], demand_label=["fp16", "fp64"], demand_pool=["q", "r"],
    )  # fmt: skip
    assert solved(data).found.status == "infeasible"


def servers(value_p: float, **changes):
    """A compute target where a P costs 0.07 CNY of servers (7 CNY/MW, 100 P/MW)."""
    return world(
        targets=compute(value_p), server_annuity_cny_per_mw_year=7.0, server_capex_counts=1.0,
        **changes,
    )  # fmt: skip


def test_servers_reach_the_compute_asked_for() -> None:
    answer = solved(servers(1000.0))
    assert answer.of("servers_mw") == pytest.approx(10.0)
    assert answer.cost_cny == pytest.approx(200.0 + 70.0)


def test_servers_of_half_the_density_reach_half_the_compute() -> None:
    answer = solved(servers(400.0, density_p_per_mw=50.0, density_ratio=0.5))
    assert answer.of("servers_mw") == pytest.approx(8.0)


def test_a_compute_target_needs_so_many_whole_halls() -> None:
    # 950 P are 9.5 MW: relaxed 2.375 halls of 4 MW at 400 each, whole three
    changes = {"hall_it_mw": 4.0, "hall_annuity_cny_per_mw_year": 100.0}
    answer = solved(servers(950.0, **changes))
    assert answer.root_bound_cny == pytest.approx(200.0 + 66.5 + 1200.0, rel=1e-5)
    assert answer.cost_cny == pytest.approx(200.0 + 66.5 + 1200.0)
    bare = solved(servers(950.0, **changes), without=["compute.target_halls_floor"])
    assert bare.root_bound_cny == pytest.approx(200.0 + 66.5 + 950.0, rel=1e-5)
    assert bare.cost_cny == pytest.approx(answer.cost_cny)


def test_the_price_of_green_is_what_one_point_more_costs() -> None:
    # 1 % of 2 MWh at 50 above grid energy
    def plan(share: float):
        return solved(world(targets=green(share), **contract(150.0)))

    at, more = plan(0.60), plan(0.61)
    assert at.price_cny("green_share") == pytest.approx(1.0)
    assert more.cost_cny - at.cost_cny == pytest.approx(at.price_cny("green_share"))


@pytest.mark.parametrize("matching", one_in(3, ["hourly", "monthly", "annual"]))
def test_the_price_of_green_is_confirmed_by_a_finite_difference(matching: str) -> None:
    # two weather years, two periods, a battery: nothing here can be seen by eye
    rng = np.random.default_rng(7)

    def plan(share: float):
        return solved(
            world(
                6, targets=green(share, matching),
                coords={"month": [1, 2], "period": [2025, 2030], "weather": ["calm", "windy"]},
                month_of_step=[1, 1, 1, 2, 2, 2], weather_probability=[0.3, 0.7],
                period_years=1.0, discount_factor=[0.6, 0.4], cooling_slope=0.2,
                capacity_factor=factor, contract_profile=profile, contract_volume_max_mw=20.0,
                contract_price_cny_per_mwh=150.0, charge_efficiency=0.9,
                storage_energy_annuity_cny_per_mwh_year=20.0, **plant(annuity=400.0), **battery(),
            )
        )  # fmt: skip

    factor = rng.uniform(0.1, 0.6, (2, 1, 6))
    profile = rng.uniform(0.1, 0.6, (2, 1, 6))
    at, more = plan(0.60), plan(0.6001)
    weights = at.data["period_years"].values * at.data["discount_factor"].values
    mine = at.plan["clause_id"].values == "green_share"
    price = float(weights @ at.plan["clause_shadow_price"].values[mine])
    assert price > 1.0
    assert 100 * (more.cost_cny - at.cost_cny) == pytest.approx(price, rel=1e-4)


def test_the_price_of_pue_is_what_a_hundredth_less_costs() -> None:
    at, less = solved(near_or_far(1.30)), solved(near_or_far(1.29))
    assert at.price_cny("pue") == pytest.approx(less.cost_cny - at.cost_cny)
    assert at.price_cny("pue") > 0.5


def test_the_price_of_pue_adds_up_over_the_sites_that_keep_it() -> None:
    # at both sites poor halls (PUE 1.5) and good ones (1.1) whose servers cost 150 a MW more; a
    # hundredth less moves 2.5 % of 2 MW: 7.5 more for servers, 4 less for energy
    def plan(limit: float):
        sites = two_sites()
        sites["coords"] = sites["coords"] | {"hall": ["n_poor", "n_good", "f_poor", "f_good"]}
        sites["hall_site"] = ["near", "near", "far", "far"]
        slope = np.array([[[0.5], [0.1], [0.5], [0.1]]])
        return solved(
            world(
                targets=pue(limit, "site"), cooling_slope=slope, server_capex_counts=1.0,
                server_annuity_cny_per_mw_year=[0.0, 150.0, 0.0, 150.0], **sites, **work(2.0),
            )
        )  # fmt: skip

    at, less = plan(1.30), plan(1.29)
    assert at.price_cny("pue") == pytest.approx(3.5)
    assert less.cost_cny - at.cost_cny == pytest.approx(3.5)


def test_the_price_of_compute_is_what_one_p_more_costs() -> None:
    assert solved(servers(1000.0)).price_cny("compute_fp16") == pytest.approx(0.07)


def test_a_target_with_room_has_no_price() -> None:
    answer = solved(world(targets=green(0.5), **plant()))  # free wind covers everything
    assert answer.price_cny("green_share") == pytest.approx(0.0, abs=1e-9)
    assert answer.of("clause_status") == "met"

"""Grid connection, tariff and power balance of a site."""

from __future__ import annotations

import pytest

from tests.toys import battery, plant, solved, two_sites, work, world


def test_what_flows_in_equals_what_flows_out() -> None:
    answer = solved(world(retail_price_cny_per_mwh=[100.0, 50.0], **work([1.0, 2.0])))
    assert answer.of("retail_mw") == pytest.approx([1.0, 2.0])
    assert answer.line_cny("grid energy") == pytest.approx(100.0 + 100.0)
    assert answer.cost_cny == pytest.approx(200.0)


def test_the_price_of_energy_is_that_of_the_next_mwh() -> None:
    answer = solved(world(retail_price_cny_per_mwh=[100.0, 50.0], step_weight=[1.0, 4.0]))
    assert answer.of("energy_price_cny_per_mwh") == pytest.approx([100.0, 50.0])


def test_every_site_has_its_own_meter() -> None:
    answer = solved(world(servers_max_mw=[1.0, 2.0], **two_sites(60.0, 10.0), **work(3.0)))
    assert answer.of("retail_mw", time=0) == pytest.approx([1.0, 2.0])
    assert answer.line_cny("grid energy", place="near") == pytest.approx(2 * 60.0)
    assert answer.line_cny("grid energy", place="far") == pytest.approx(2 * 2 * 10.0)


def test_the_largest_import_of_the_month_is_paid() -> None:
    # the horizon has one month, which stands for twelve: 12 x 10 CNY/MW x 2 MW
    answer = solved(world(demand_price_cny_per_mw_month=10.0, **work([1.0, 2.0])))
    assert answer.of("peak_mw") == pytest.approx(2.0)
    assert answer.line_cny("demand charge") == pytest.approx(240.0)
    assert answer.cost_cny == pytest.approx(300.0 + 240.0)


def test_every_month_has_its_own_peak() -> None:
    answer = solved(
        world(
            coords={"month": [1, 2]}, month_of_step=[1, 2], demand_price_cny_per_mw_month=10.0,
            **work([1.0, 2.0]),
        )
    )  # fmt: skip
    assert answer.of("peak_mw") == pytest.approx([1.0, 2.0])
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * (1.0 + 2.0))


def test_a_battery_shaves_the_peak() -> None:
    answer = solved(world(demand_price_cny_per_mw_month=10.0, **battery(), **work([1.0, 2.0])))
    assert answer.of("peak_mw") == pytest.approx(1.5)
    assert answer.cost_cny == pytest.approx(300.0 + 12 * 10.0 * 1.5)


def test_contract_energy_comes_through_the_meter_and_makes_peaks() -> None:
    answer = solved(
        world(
            demand_price_cny_per_mw_month=10.0, contract_volume_max_mw=2.0,
            contract_price_cny_per_mwh=1.0, contract_profile=[1.0, 0.0], **work([2.0, 1.0]),
        )
    )  # fmt: skip
    assert answer.of("delivered_mw") == pytest.approx([2.0, 0.0], abs=1e-9)
    assert answer.of("peak_mw") == pytest.approx(2.0)


def test_own_plants_save_peaks() -> None:
    answer = solved(
        world(demand_price_cny_per_mw_month=10.0, **plant(most_mw=1.0), **work([1.0, 2.0]))
    )
    assert answer.of("peak_mw") == pytest.approx(1.5)


def test_the_connection_is_as_large_as_the_largest_peak() -> None:
    answer = solved(world(connection_annuity_cny_per_mw_year=30.0, **work([1.0, 2.0])))
    assert answer.of("grid_connection_mw") == pytest.approx(2.0)
    assert answer.line_cny("grid connection") == pytest.approx(60.0)
    assert answer.cost_cny == pytest.approx(300.0 + 60.0)


def test_a_connection_that_stands_costs_nothing_more() -> None:
    answer = solved(
        world(
            connection_annuity_cny_per_mw_year=30.0, connection_min_mw=1.5, **work([1.0, 2.0])
        )
    )
    assert answer.line_cny("grid connection") == pytest.approx(15.0)


def test_transformers_are_charged_by_installed_capacity() -> None:
    # 2 MW x 2 MVA/MW x 5 CNY/MVA/month x 12
    answer = solved(world(capacity_price_cny_per_mva_month=5.0, **work([1.0, 2.0])))
    assert answer.line_cny("capacity charge") == pytest.approx(240.0)
    assert answer.cost_cny == pytest.approx(300.0 + 240.0)


def test_no_more_is_imported_than_the_grid_allows() -> None:
    assert not solved(world(connection_max_mw=0.5)).is_planned
    answer = solved(world(connection_max_mw=0.5, **plant(annuity=1000.0)))
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.of("retail_mw") == pytest.approx([0.5, 0.5])


def test_surplus_is_sold_where_export_is_allowed() -> None:
    # 2 MW of generation, 1 MW used
    answer = solved(
        world(export_max_mw=10.0, export_price_cny_per_mwh=50.0, **plant(0.0, 4.0, 4.0))
    )
    assert answer.of("export_mw") == pytest.approx([1.0, 1.0])
    assert answer.line_cny("export revenue") == pytest.approx(-100.0)
    assert answer.cost_cny == pytest.approx(-100.0)


def test_surplus_is_lost_where_export_is_not_allowed() -> None:
    answer = solved(world(export_price_cny_per_mwh=50.0, **plant(0.0, 4.0, 4.0)))
    assert answer.of("export_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.of("generation_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(0.0, abs=1e-9)


def test_export_stays_within_what_the_line_takes() -> None:
    answer = solved(
        world(export_max_mw=0.25, export_price_cny_per_mwh=50.0, **plant(0.0, 4.0, 4.0))
    )
    assert answer.cost_cny == pytest.approx(-2 * 0.25 * 50.0)


def test_only_own_generation_is_fed_in() -> None:
    # the battery could buy at 10 and sell at 90; grid energy may not go back
    answer = solved(
        world(
            retail_price_cny_per_mwh=[10.0, 100.0], export_max_mw=10.0,
            export_price_cny_per_mwh=[0.0, 90.0], **battery(),
        )
    )  # fmt: skip
    assert answer.of("export_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(20.0)


def test_a_site_that_needs_all_its_energy_sells_none_however_dear() -> None:
    # 0.5 MW of wind would earn 150 while grid energy costs 100; but one meter shows only the net
    changes = {"export_max_mw": 10.0, "export_price_cny_per_mwh": 150.0}
    answer = solved(world(**changes, **plant(0.0, 1.0, 1.0)))
    assert answer.of("export_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(2 * 0.5 * 100.0)


def test_a_site_sells_what_it_does_not_need_and_buys_nothing_beside_it() -> None:
    # 2 MW of wind, 1 MW used: the other is sold at 150, not both of them; nor by work that may wait
    # for an hour in which all the wind is sold
    changes = {"export_max_mw": 10.0, "export_price_cny_per_mwh": 150.0}
    for delay_h in (0.0, 1.0):
        answer = solved(world(**changes, **plant(0.0, 4.0, 4.0), **work(1.0, delay_h)))
        assert answer.of("retail_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
        assert answer.cost_cny == pytest.approx(-2 * 150.0)


def test_stored_energy_frees_own_generation_for_export() -> None:
    # 1 MW of wind in the dear hour goes out while the battery serves the site
    answer = solved(
        world(
            retail_price_cny_per_mwh=[10.0, 100.0], export_max_mw=10.0,
            export_price_cny_per_mwh=[0.0, 90.0], capacity_factor=[0.0, 0.5],
            **battery(), **plant(0.0, 2.0, 2.0),
        )
    )  # fmt: skip
    assert answer.of("export_mw") == pytest.approx([0.0, 1.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(20.0 - 90.0)

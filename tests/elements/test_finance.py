"""Money: carbon price, several periods, several weather years, and the account."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.elements.finance import COUNTED_BOOKS
from tests.toys import battery, contract, green, plant, solved, work, world

TWO_PERIODS = {"coords": {"period": [2025, 2030]}, "period_years": 5.0, "discount_factor": 0.1}


def by_period(first: float, second: float) -> np.ndarray:
    """One number for each of two periods, for every unit and step."""
    return np.array([[[first]], [[second]]])


def test_carbon_is_paid_on_grid_energy_and_not_on_wind() -> None:
    # 0.5 t/MWh x 50 CNY/t x 1.5 MWh bought
    data = world(
        carbon_price_cny_per_t=50.0, contract_volume_max_mw=1.0, contract_profile=[0.5, 0.0]
    )
    answer = solved(data)
    assert answer.line_cny("carbon") == pytest.approx(37.5)
    assert answer.cost_cny == pytest.approx(150.0 + 37.5)


def test_a_carbon_price_makes_wind_worth_building() -> None:
    # a MW saves 1 MWh of grid energy a year: 100, and 25 of carbon
    assert solved(world(**plant(annuity=120.0))).of("plant_capacity_mw") < 1e-9
    data = world(carbon_price_cny_per_t=50.0, **plant(annuity=120.0))
    assert solved(data).of("plant_capacity_mw") == pytest.approx(2.0)


def test_every_period_counts_by_its_years_and_discount() -> None:
    changes = TWO_PERIODS | {"period_years": [6.0, 2.0], "discount_factor": [0.1, 0.2]}
    answer = solved(world(**changes, **work(by_period(1.0, 3.0))))
    assert answer.cost_cny == pytest.approx(0.6 * 200.0 + 0.4 * 600.0)
    assert answer.line_cny("grid energy", period=2030) == pytest.approx(600.0)


def test_sizes_are_shared_by_weather_years_and_their_cost_is_expected() -> None:
    # windy a quarter of the time: a MW saves 0.25 x 200 = 50 a year
    def weathers(annuity: float):
        return world(
            coords={"weather": ["calm", "windy"]}, weather_probability=[0.75, 0.25],
            capacity_factor=np.array([[[0.0]], [[1.0]]]), **plant(annuity),
        )  # fmt: skip

    answer = solved(weathers(40.0))
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.line_cny("grid energy") == pytest.approx(0.75 * 200.0)
    assert answer.cost_cny == pytest.approx(40.0 + 150.0)
    assert solved(weathers(60.0)).of("plant_capacity_mw") < 1e-9


def test_a_plant_that_was_built_still_stands() -> None:
    # worth 100 - 30 a year and MW in the first period, nothing in the second, but still paid
    prices = by_period(100.0, 0.0)
    answer = solved(world(retail_price_cny_per_mwh=prices, **TWO_PERIODS, **plant(30.0)))
    assert answer.of("plant_capacity_mw") == pytest.approx([2.0, 2.0])
    assert answer.cost_cny == pytest.approx(60.0)


def dear_second_hour_at_first(**changes):
    """A battery saves 80 a year in the first period and nothing in the second."""
    prices = np.array([[[10.0, 90.0]], [[10.0, 10.0]]])
    return world(retail_price_cny_per_mwh=prices, **TWO_PERIODS, **battery(), **changes)


def test_the_power_of_a_battery_still_stands() -> None:
    # 20 of energy in each period; 1 MW at 30 in both although only the first needs it
    answer = solved(
        dear_second_hour_at_first(
            storage_power_annuity_cny_per_mw_year=30.0, storage_duration_min_h=0.5
        )
    )
    assert answer.of("storage_power_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(20.0 + 30.0)


def test_the_energy_of_a_battery_still_stands() -> None:
    # 1 MW needs half a MWh at least, so only what was built keeps it at one
    answer = solved(
        dear_second_hour_at_first(
            storage_energy_annuity_cny_per_mwh_year=30.0, storage_duration_min_h=0.5
        )
    )
    assert answer.of("storage_energy_mwh") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(20.0 + 30.0)


def test_halls_that_were_built_still_stand() -> None:
    # three halls for 3 MW, then for 1 MW; 50 each
    data = world(hall_annuity_cny_per_mw_year=50.0, **TWO_PERIODS, **work(by_period(3.0, 1.0)))
    answer = solved(data)
    assert answer.of("halls_built") == pytest.approx([3.0, 3.0])
    assert answer.cost_cny == pytest.approx(0.5 * (600.0 + 150.0) + 0.5 * (200.0 + 150.0))


def test_a_grid_connection_that_was_built_still_stands() -> None:
    data = world(
        connection_annuity_cny_per_mw_year=30.0, **TWO_PERIODS, **work(by_period(3.0, 1.0))
    )
    answer = solved(data)
    assert answer.of("grid_connection_mw") == pytest.approx([3.0, 3.0])
    assert answer.cost_cny == pytest.approx(0.5 * 600.0 + 0.5 * 200.0 + 90.0)


def test_servers_that_were_bought_are_kept() -> None:
    # 3 MW for the first period at 10 each; replaced like for like, they stand in the second too
    data = world(
        server_annuity_cny_per_mw_year=10.0, server_capex_counts=1.0, **TWO_PERIODS,
        **work(by_period(3.0, 1.0)),
    )  # fmt: skip
    assert solved(data).of("servers_mw") == pytest.approx([3.0, 3.0])


def test_servers_count_only_where_the_scenario_asks() -> None:
    beside = solved(world(server_annuity_cny_per_mw_year=70.0, servers_max_mw=1.0))
    assert beside.line_cny("servers", book="server") == pytest.approx(70.0)
    assert beside.line_cny("servers") == 0.0
    assert beside.cost_cny == pytest.approx(200.0)
    inside = solved(world(server_annuity_cny_per_mw_year=70.0, server_capex_counts=1.0))
    assert inside.line_cny("servers") == pytest.approx(70.0)
    assert inside.cost_cny == pytest.approx(270.0)


def test_servers_that_stand_are_paid_for_already() -> None:
    data = world(
        server_annuity_cny_per_mw_year=70.0, server_capex_counts=1.0, servers_min_mw=1.0,
        **work(3.0),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("servers_mw") == pytest.approx(3.0)
    assert answer.line_cny("servers") == pytest.approx(2 * 70.0)


def test_the_lines_of_the_account_add_up_to_the_objective() -> None:
    changes = TWO_PERIODS | {"period_years": [6.0, 2.0], "discount_factor": [0.1, 0.2]}
    answer = solved(
        world(
            targets=green(0.7), carbon_price_cny_per_t=20.0, demand_price_cny_per_mw_month=3.0,
            capacity_price_cny_per_mva_month=2.0, connection_annuity_cny_per_mw_year=7.0,
            plant_om_cny_per_mw_year=3.0, plant_use_fee_cny_per_mwh=11.0, export_max_mw=5.0,
            export_price_cny_per_mwh=20.0, hall_annuity_cny_per_mw_year=13.0,
            hall_om_cny_per_mw_year=2.0, contract_adder_cny_per_mwh=9.0,
            server_annuity_cny_per_mw_year=900.0, storage_om_cny_per_mw_year=1.0,
            retail_price_cny_per_mwh=[10.0, 190.0], **changes, **plant(30.0, 1.0),
            **battery(0.5, 2.0, wear=2.0), **contract(120.0), **work(by_period(1.0, 3.0)),
        )
    )  # fmt: skip
    weights = dict(zip([2025, 2030], [0.6, 0.4], strict=True))
    total = sum(
        weights[int(period)] * value
        for period, book, value in zip(
            answer.plan["account_period"].values, answer.plan["account_book"].values,
            answer.plan["account_cny"].values, strict=True,
        )
        if book in COUNTED_BOOKS
    )  # fmt: skip
    assert total == pytest.approx(answer.cost_cny, rel=1e-9)

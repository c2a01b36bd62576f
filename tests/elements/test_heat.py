"""Waste heat and the differential tariff, with answers worked out by hand."""

from __future__ import annotations

import pytest

from tests.toys import solved, world


def heat(price: float, **changes):
    """1 MW of IT, half of it recoverable; energy at 100 CNY/MWh, a heat pump of COP 4."""
    coords = {"heat": ["s_heat"]} | changes.pop("coords", {})
    return world(coords=coords, heat_price_cny_per_mwh=price, recoverable_heat_share=0.5,
                 **{"heat_demand_mw": 9.0} | changes)  # fmt: skip


def tiers(slope: float, **changes):
    """1 MW of work for two hours, PUE 1 + slope; 200 CNY/MWh above 1.35, 500 above 2.7."""
    return world(
        coords={"surcharge": ["s_1", "s_2"]} | changes.pop("coords", {}),
        surcharge_above_pue=[1.35, 2.7], surcharge_cny_per_mwh=[200.0, 300.0],
        cooling_slope=slope, **changes,
    )  # fmt: skip


def test_no_more_heat_is_sold_than_halls_give_away() -> None:
    # 0.5 MW from halls is 3/4 of the heat: 2/3 MW of heat with 1/6 MW of electricity
    answer = solved(heat(60.0))
    assert answer.of("heat_mw") == pytest.approx([2 / 3, 2 / 3])
    assert answer.of("heat_pump_mw") == pytest.approx([1 / 6, 1 / 6])
    assert answer.of("facility_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(200.0 + 2 * (100.0 / 6 - 60.0 * 2 / 3))


def test_heat_that_earns_less_than_its_electricity_is_not_sold() -> None:
    # a quarter of a MWh of electricity is 25 for a MWh of heat
    assert solved(heat(24.0)).of("heat_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert solved(heat(26.0)).of("heat_mw") == pytest.approx([2 / 3, 2 / 3])


def test_no_more_heat_is_sold_than_the_network_takes_in_the_season() -> None:
    answer = solved(heat(60.0, heat_demand_mw=[[0.25, 0.0]]))
    assert answer.of("heat_mw") == pytest.approx([0.25, 0.0])


def test_a_heat_pump_is_paid_for_its_power() -> None:
    # a MW for 40: earns 35 in each hour, so the first hour's 0.5 MW and both hours' 0.25 MW count
    answer = solved(heat(60.0, heat_demand_mw=[[0.5, 0.25]], heat_annuity_cny_per_mw_year=40.0))
    assert answer.of("heat_capacity_mw") == pytest.approx(0.25)
    assert answer.line_cny("heat pump") == pytest.approx(10.0)
    assert answer.line_cny("heat revenue") == pytest.approx(-2 * 0.25 * 60.0)


def test_a_heat_pump_that_was_built_still_stands() -> None:
    # each period counts half: 70 in the first, nothing in the second, at 30 in both
    answer = solved(heat(
        60.0, coords={"period": [2025, 2030]}, period_years=5.0, discount_factor=0.1,
        retail_price_cny_per_mwh=[[[100.0] * 2], [[1000.0] * 2]],
        heat_annuity_cny_per_mw_year=30.0,
    ))  # fmt: skip
    assert answer.of("heat_capacity_mw") == pytest.approx([2 / 3, 2 / 3])
    assert answer.of("heat_mw")[1] == pytest.approx([0.0, 0.0], abs=1e-9)


@pytest.mark.parametrize(
    ("slope", "paid"),
    [(0.3, 0.0), (0.45, 0.2 * 200.0), (2.0, 2 * (1.65 * 200.0 + 0.3 * 300.0))],
)
def test_energy_above_a_pue_pays_more_in_tiers(slope, paid) -> None:
    # 2 MWh of IT: 0.1 above 1.35 is 0.2 MWh; at PUE 3 the part above 2.7 pays 500
    assert solved(tiers(slope)).line_cny("differential tariff") == pytest.approx(paid)


def test_the_year_is_judged_and_not_the_hour() -> None:
    # 1.2 in one hour and 1.5 in the other is 1.35 in the year
    answer = solved(tiers([[[0.2, 0.5]]]))
    assert answer.line_cny("differential tariff") == pytest.approx(0.0, abs=1e-6)


def test_energy_above_the_threshold_is_paid() -> None:
    assert solved(tiers(0.45)).cost_cny == pytest.approx(290.0 + 0.2 * 200.0)

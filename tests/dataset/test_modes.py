"""Where prices could pay for two opposite flows at once, and how much can be fed in there."""

from __future__ import annotations

import pytest

from coplan.dataset.modes import cheapest_import_cny_per_mwh, least_load_mw
from tests.toys import battery, contract, plant, two_sites, work, world

SELLS = {"export_max_mw": 10.0, **plant(most_mw=4.0)}


def needed(**changes) -> list[float]:
    """Steps of site "s" that need a mode for its meter."""
    return world(**changes)["exchange_needs_mode"].values[0].tolist()


def test_a_meter_needs_a_mode_where_export_earns_what_import_costs() -> None:
    prices = {"retail_price_cny_per_mwh": [50.0, 100.0]}
    assert needed(**prices, export_price_cny_per_mwh=49.0, **SELLS) == [0.0, 0.0]
    assert needed(**prices, export_price_cny_per_mwh=50.0, **SELLS) == [1.0, 0.0]
    # what is fed in is spared the fee of own use
    fee = {"plant_use_fee_cny_per_mwh": 10.0}
    assert needed(**prices, export_price_cny_per_mwh=41.0, **SELLS, **fee) == [1.0, 0.0]
    assert needed(**prices, export_price_cny_per_mwh=41.0) == [0.0, 0.0]  # nothing to feed in


def test_the_cheapest_way_to_import_is_that_of_any_scheme_tier_or_contract() -> None:
    alone = world(retail_price_cny_per_mwh=100.0)
    assert cheapest_import_cny_per_mwh(alone)[0] == pytest.approx([100.0, 100.0])
    other = world(
        coords={"alternative": ["s_direct"]}, alternative_price_cny_per_mwh=[[80.0, 120.0]]
    )
    assert cheapest_import_cny_per_mwh(other)[0] == pytest.approx([80.0, 100.0])
    bulk = world(coords={"energy_tier": ["s_1"]}, energy_tier_more_cny_per_mwh=-15.0)
    assert cheapest_import_cny_per_mwh(bulk)[0] == pytest.approx([85.0, 85.0])
    # all that the contract's plant produces is paid: taking it costs its fees alone
    signed = world(contract_adder_cny_per_mwh=20.0, **contract(300.0))
    assert cheapest_import_cny_per_mwh(signed)[0] == pytest.approx([20.0, 20.0])


def test_a_well_used_transformer_needs_modes_whatever_the_price() -> None:
    lossy = battery() | {"charge_efficiency": 0.9}
    data = world(coords={"discount": ["s_discount"]}, **SELLS, **lossy)
    assert data["exchange_needs_mode"].values.tolist() == [[1.0, 1.0]]
    assert data["battery_needs_mode"].values.tolist() == [[1.0, 1.0]]


def test_the_room_for_export_is_what_the_least_load_leaves() -> None:
    # 1 and 2 MW that cannot wait, less 10 % that a measure may save; 2 MW of wind, 0.5 MW discharge
    data = world(
        coords={"measure": ["s_m"]}, measure_saving_share=0.1, **work([1.0, 2.0]), **SELLS,
        **battery(power_mw=0.5),
    )  # fmt: skip
    assert least_load_mw(data).squeeze() == pytest.approx([0.9, 1.8])
    assert data["export_room_mw"].values.squeeze() == pytest.approx([1.6, 0.7])


def test_work_that_waits_or_may_run_elsewhere_is_no_least_load() -> None:
    assert least_load_mw(world(**work(2.0, delay_h=4.0))).max() == 0.0
    assert least_load_mw(world(**two_sites(), **work(2.0))).max() == 0.0
    here = least_load_mw(world(**two_sites(), **work(2.0, reach=[[1.0, 0.0]])))
    assert here[0].tolist() == [[2.0, 2.0], [0.0, 0.0]]

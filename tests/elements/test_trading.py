"""Green-power contracts, paid as produced, and certificates."""

from __future__ import annotations

import numpy as np
import pytest

from tests.toys import contract, green, solved, world


def test_a_cheap_contract_replaces_grid_energy() -> None:
    # 1 MW of a plant that gives [1, 0.5] MW: 1.5 MWh at 40, delivered with fees of 30
    data = world(contract_adder_cny_per_mwh=30.0, **contract(40.0, [1.0, 0.5], most_mw=1.0))
    answer = solved(data)
    assert answer.of("delivered_mw") == pytest.approx([1.0, 0.5])
    assert answer.line_cny("contract energy") == pytest.approx(60.0)
    assert answer.line_cny("contract grid fees") == pytest.approx(45.0)
    assert answer.cost_cny == pytest.approx(60.0 + 45.0 + 50.0)


def test_a_contract_delivers_no_more_than_its_share_produces() -> None:
    # 1 MW of volume gives 0.5 MW: two MW are signed for a load of 1 MW
    answer = solved(world(**contract(40.0, 0.5)))
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(2 * 40.0)


def test_all_produced_energy_is_paid_delivered_or_not() -> None:
    # 2 MW come in the first hour and 1 MW in the second, where it is needed; both are paid
    data = world(contract_adder_cny_per_mwh=5.0, **contract(20.0, [1.0, 0.5]))
    answer = solved(data)
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.of("delivered_mw") == pytest.approx([1.0, 1.0])
    assert answer.line_cny("contract energy") == pytest.approx(3 * 20.0)
    assert answer.line_cny("contract grid fees") == pytest.approx(2 * 5.0)


@pytest.mark.parametrize(("price", "volume_mw"), [(33.0, 2), (34.0, 1), (99.0, 1), (101.0, 0)])
def test_volume_is_signed_as_long_as_it_saves_more_than_it_costs(price, volume_mw) -> None:
    # the first MW gives 1.5 MWh that are all used: worth 100 each; of the 1.5 MWh of the second
    # only 0.5 are used: worth 33.3 each
    answer = solved(world(**contract(price, [1.0, 0.5])))
    assert answer.of("contract_volume_mw") == pytest.approx(volume_mw, abs=1e-9)


def test_fees_on_delivered_energy_can_make_it_too_dear_to_take() -> None:
    answer = solved(world(contract_adder_cny_per_mwh=130.0, **contract(0.0)))
    assert answer.of("delivered_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(200.0)


def minimum(price: float):
    """A contract of at least 2 MW for a load of 1 MW."""
    return world(contract_volume_min_mw=2.0, **contract(price, 1.0, most_mw=4.0))


def test_a_signed_contract_has_its_minimum_volume() -> None:
    # 2 MW for two hours at 30 cost 120, 1 MW of it is used and saves 200
    answer = solved(minimum(30.0))
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.of("is_contracted") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(120.0)


def test_a_contract_whose_minimum_is_too_dear_is_not_signed() -> None:
    # 1 MW at 60 would save 80, but 2 MW cost 240
    answer = solved(minimum(60.0))
    assert answer.of("contract_volume_mw") == pytest.approx(0.0, abs=1e-9)
    assert answer.of("is_contracted") == pytest.approx(0.0)
    assert answer.cost_cny == pytest.approx(200.0)


def test_a_contract_signed_already_is_paid_even_where_it_is_too_dear() -> None:
    # 1 MW at 60 would save 80, 2 MW cost 240 and save the 200 of grid energy
    answer = solved(minimum(60.0).assign(contract_committed=("contract", [1.0])))
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(240.0)


def test_each_contract_is_signed_or_not_by_itself() -> None:
    data = world(
        coords={"contract": ["c_min", "c_free"]}, contract_volume_min_mw=[2.0, 0.0],
        **contract([60.0, 70.0], 1.0, most_mw=4.0),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("contract_volume_mw") == pytest.approx([0.0, 1.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(140.0)


def test_certificates_cover_what_a_target_lets_them_cover() -> None:
    # half of 2 MWh by certificates at 5 CNY
    data = world(targets=green(0.5, unbundled=0.5), certificate_max_mwh=100.0)
    answer = solved(data)
    assert answer.of("certificates_mwh") == pytest.approx(1.0)
    assert answer.line_cny("certificates") == pytest.approx(5.0)
    assert answer.cost_cny == pytest.approx(205.0)


def test_no_more_certificates_are_bought_than_there_are() -> None:
    dear = contract(150.0)
    data = world(targets=green(0.5, unbundled=0.5), certificate_max_mwh=0.25, **dear)
    answer = solved(data)
    assert answer.of("certificates_mwh") == pytest.approx(0.25)
    # the other 0.75 MWh come by contract, at 50 above grid energy
    assert answer.cost_cny == pytest.approx(200.0 + 0.25 * 5.0 + 0.75 * 50.0)


def test_deliveries_of_every_weather_year_are_paid_as_produced() -> None:
    data = world(
        coords={"weather": ["calm", "windy"]}, weather_probability=[0.75, 0.25],
        contract_volume_max_mw=1.0, contract_price_cny_per_mwh=40.0,
        contract_profile=np.array([[[0.5]], [[1.0]]]),
    )  # fmt: skip
    answer = solved(data)
    assert answer.line_cny("contract energy") == pytest.approx(40.0 * 2 * (0.75 * 0.5 + 0.25))
    assert answer.line_cny("grid energy") == pytest.approx(0.75 * 100.0)

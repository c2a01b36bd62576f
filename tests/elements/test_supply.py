"""Wind and PV plants: what the weather gives, within what was approved."""

from __future__ import annotations

import numpy as np
import pytest

from tests import toys
from tests.toys import plant, solved, world


def test_a_plant_gives_no_more_than_its_weather() -> None:
    # 1 MW in both hours; a MW of plant costs 10 and saves 2 h x 0.5 MW x 100 CNY/MWh = 100:
    # 2 MW are built, which carry the whole load
    answer = solved(world(**plant(annuity=10.0)))
    assert answer.of("plant_capacity_mw") == pytest.approx(2.0)
    assert answer.of("generation_mw") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(20.0)


def test_what_the_weather_does_not_give_is_bought() -> None:
    data = world(capacity_factor=[0.25, 0.1], **plant(most_mw=4.0, least_mw=4.0))
    answer = solved(data)
    assert answer.of("generation_mw") == pytest.approx([1.0, 0.4])
    assert answer.of("retail_mw") == pytest.approx([0.0, 0.6], abs=1e-9)
    assert answer.cost_cny == pytest.approx(60.0)


def test_what_nobody_can_use_is_curtailed() -> None:
    answer = solved(world(**plant(most_mw=8.0, least_mw=8.0)))
    assert answer.of("generation_mw") == pytest.approx([1.0, 1.0])  # of 4 MW available
    assert answer.cost_cny == pytest.approx(0.0, abs=1e-9)


def test_no_more_is_built_than_was_approved() -> None:
    answer = solved(world(**plant(annuity=10.0, most_mw=1.0)))
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(10.0 + 100.0)


def test_a_committed_plant_is_built_however_dear() -> None:
    answer = solved(world(**plant(annuity=1000.0, least_mw=1.0)))
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(1000.0 + 100.0)


@pytest.mark.parametrize(("annuity", "built_mw"), [(99.0, 2.0), (101.0, 0.0)])
def test_a_plant_is_built_when_it_saves_more_than_it_costs(annuity, built_mw) -> None:
    answer = solved(world(**plant(annuity)))
    assert answer.of("plant_capacity_mw") == pytest.approx(built_mw, abs=1e-9)


def test_own_use_pays_fees_on_energy_used_and_om_on_capacity() -> None:
    changes = plant(most_mw=8.0, least_mw=8.0)
    answer = solved(
        world(plant_use_fee_cny_per_mwh=30.0, plant_om_cny_per_mw_year=5.0, **changes)
    )
    assert answer.line_cny("own-use fees") == pytest.approx(2 * 30.0)
    assert answer.line_cny("plant O&M") == pytest.approx(8 * 5.0)
    assert answer.cost_cny == pytest.approx(100.0)


def test_energy_fed_in_pays_no_fee_of_own_use() -> None:
    # 4 MW are generated: 1 MW is used and pays 30, 3 MW are fed in at 50 and pay nothing
    answer = solved(
        world(plant_use_fee_cny_per_mwh=30.0, export_max_mw=10.0, export_price_cny_per_mwh=50.0,
              **plant(most_mw=8.0, least_mw=8.0))
    )  # fmt: skip
    assert answer.of("export_mw") == pytest.approx([3.0, 3.0])
    assert answer.line_cny("own-use fees") == pytest.approx(2 * 30.0)
    assert answer.cost_cny == pytest.approx(2 * (30.0 - 150.0))


def test_of_two_fees_at_a_site_what_is_fed_in_is_spared_the_lesser() -> None:
    # 4 MW each at 10 and at 30 CNY/MWh: 80 + 240 less 10 for each of the 2 x 7 MWh fed in
    answer = solved(
        world(
            coords={"plant": ["s_wind", "s_pv"]}, plant_use_fee_cny_per_mwh=[10.0, 30.0],
            export_max_mw=10.0, export_price_cny_per_mwh=50.0, **plant(most_mw=8.0, least_mw=8.0),
        )
    )  # fmt: skip
    assert answer.of("export_mw") == pytest.approx([7.0, 7.0])
    assert answer.line_cny("own-use fees") == pytest.approx(80.0 + 240.0 - 140.0)


def test_a_fee_above_the_grid_price_leaves_the_plant_idle() -> None:
    changes = plant(most_mw=8.0, least_mw=8.0)
    answer = solved(world(plant_use_fee_cny_per_mwh=130.0, **changes))
    assert answer.of("generation_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(200.0)


def test_wind_and_pv_each_follow_their_own_weather() -> None:
    data = world(
        coords={"plant": ["s_wind", "s_pv"]}, plant_kind=["wind", "pv"],
        capacity_factor=np.array([[[1.0, 0.0], [0.0, 0.5]]]),
        **plant(annuity=[20.0, 30.0]),
    )  # fmt: skip
    answer = solved(data)
    assert answer.of("plant_capacity_mw") == pytest.approx([1.0, 2.0])
    assert answer.line_cny("wind plant") == pytest.approx(20.0)
    assert answer.line_cny("pv plant") == pytest.approx(60.0)


def test_a_plant_feeds_only_its_own_site() -> None:
    # both sites run 1 MW; the plant at "near" cannot help "far"
    changes = toys.two_sites() | toys.plant(most_mw=8.0, least_mw=8.0)
    answer = solved(world(servers_max_mw=1.0, **changes, **toys.work(2.0)))
    assert answer.of("retail_mw", site="near") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.of("retail_mw", site="far") == pytest.approx([1.0, 1.0])

"""Fixed loads, efficiency measures and emissions as the objective, with answers worked by hand."""

from __future__ import annotations

import pytest

from tests.toys import plant, solved, work, world


def measures(saving: list[float], cost: list[float], groups: list[str] | None = None, **changes):
    """1 MW of work for two hours at 100 CNY/MWh in a hall, and measures m0, m1 … at its site."""
    ids = [f"m{k}" for k in range(len(saving))]
    coords = {"measure": ids, "saving": [f"{m}@s_hall" for m in ids]}
    return {
        "coords": coords | changes.pop("coords", {}), "measure_saving_share": saving,
        "measure_cost_cny_per_year": cost, "measure_group": groups or ids,
        "saving_measure": ids, "saving_hall": "s_hall", **changes,
    }  # fmt: skip


def fixed(power: list[float], **changes):
    """A world without work, with a fixed load."""
    coords = {"fixed_load": ["s_load"]} | changes.pop("coords", {})
    return {"coords": coords, "fixed_load_mw": [power]} | work(0.0) | changes


def test_a_fixed_load_is_bought_and_counts_as_it_or_not() -> None:
    for is_it in (1.0, 0.0):
        answer = solved(world(fixed_load_is_it=is_it, **fixed([1.0, 3.0])))
        assert answer.cost_cny == pytest.approx(4 * 100.0)
        assert answer.of("facility_mw") == pytest.approx([1.0, 3.0])
        assert answer.of("site_it_mw") == pytest.approx([is_it * 1.0, is_it * 3.0])


def test_a_measure_saves_its_share_of_a_fixed_load() -> None:
    # 4 MWh cost 400; a quarter less at 60 a year is 360
    change = measures([0.25], [60.0], coords={"fixed_load": ["s_load"], "saving": []},
                      saving_measure="", saving_hall="")  # fmt: skip
    answer = solved(world(**work(0.0) | change | {"fixed_load_mw": [[1.0, 3.0]]}))
    assert answer.of("is_chosen") == pytest.approx(1.0)
    assert answer.of("drawn_mw") == pytest.approx([0.75, 2.25])
    assert answer.cost_cny == pytest.approx(300.0 + 60.0)


def test_a_measure_saves_its_share_of_a_hall_and_of_its_cooling() -> None:
    # 2 MWh of IT and 0.2 of cooling cost 220; a quarter less at 30 a year is 195
    answer = solved(world(cooling_slope=0.1, **measures([0.25], [30.0])))
    assert answer.of("it_mw") == pytest.approx([0.75, 0.75])
    assert answer.line_cny("grid energy") == pytest.approx(0.75 * 220.0)
    assert answer.cost_cny == pytest.approx(0.75 * 220.0 + 30.0)


def test_a_measure_that_costs_more_than_it_saves_is_not_taken() -> None:
    answer = solved(world(**measures([0.25], [51.0])))
    assert answer.of("is_chosen") == pytest.approx(0.0)
    assert answer.cost_cny == pytest.approx(200.0)


def test_a_required_measure_is_taken_in_any_case() -> None:
    answer = solved(world(measure_required=1.0, **measures([0.25], [51.0])))
    assert answer.cost_cny == pytest.approx(150.0 + 51.0)


def test_of_a_group_one_measure_is_taken() -> None:
    # 20 % for 10 or 40 % for 20 of 200: both save, the second more
    answer = solved(world(**measures([0.2, 0.4], [10.0, 20.0], ["g", "g"])))
    assert answer.of("is_chosen") == pytest.approx([0.0, 1.0])
    assert answer.cost_cny == pytest.approx(120.0 + 20.0)


def test_measures_of_no_group_save_together() -> None:
    # 20 % for 10 and 40 % for 20 of 200: 60 % for 30
    answer = solved(world(**measures([0.2, 0.4], [10.0, 20.0])))
    assert answer.of("is_chosen") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(80.0 + 30.0)


def test_a_measure_once_taken_stays() -> None:
    # worth 50 of the first period's energy for 20; in the second energy is all but free
    answer = solved(world(
        period_years=5.0, discount_factor=0.1,
        retail_price_cny_per_mwh=[[[100.0] * 2], [[1.0] * 2]],
        **measures([0.25], [20.0], coords={"period": [2025, 2030]}),
    ))  # fmt: skip
    assert answer.of("is_chosen") == pytest.approx([1.0, 1.0])


def test_the_least_emissions_are_bought_at_any_price() -> None:
    # 2 MW of wind, half of it blowing, for 1 kCNY: 0.2 t to make, 0.5 t/MWh x 2 MWh avoided
    data = world(plant_embodied_t_per_mw_year=0.1, **plant(500.0))
    data.attrs["objective"] = "emissions"
    answer = solved(data)
    assert answer.of("plant_capacity_mw") == pytest.approx(2.0)
    assert answer.found.objective == pytest.approx(1e3 * 0.2 + 1e-3 * 1.0, rel=1e-9)
    assert answer.of("energy_price_cny_per_mwh") == pytest.approx([0.0, 0.0])


def test_making_what_avoids_less_than_it_emits_is_left() -> None:
    data = world(plant_embodied_t_per_mw_year=0.6, **plant())
    data.attrs["objective"] = "emissions"
    answer = solved(data)
    assert answer.of("plant_capacity_mw") == pytest.approx(0.0, abs=1e-9)
    assert answer.of("retail_mw") == pytest.approx([1.0, 1.0])


def test_money_decides_between_plans_that_emit_the_same() -> None:
    # nothing but the grid emits, and the same in both hours: work that may wait runs when cheap
    data = world(retail_price_cny_per_mwh=[100.0, 10.0],
                 **work([1.0, 0.0], 1.0))  # fmt: skip
    data.attrs["objective"] = "emissions"
    answer = solved(data)
    assert answer.of("load_mw") == pytest.approx([0.0, 1.0], abs=1e-6)

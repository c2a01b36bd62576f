"""The price of a limit is what one unit more of it saves, whole numbers held, by both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from tests.sampling import one_in
from tests.toys import (
    battery,
    contract,
    plant,
    solved,
    solved_held,
    two_sites,
    work,
    world,
)

STEP = 1e-3
"""Of a unit: how far a limit moves."""


def told(plan: xr.Dataset) -> dict[tuple[str, str], float]:
    """Saving by (limit, place), summed over periods."""
    found: dict[tuple[str, str], float] = {}
    for name, place, saving in zip(plan["limit_name"].values, plan["limit_place"].values,
                                   plan["limit_saving_cny"].values, strict=True):  # fmt: skip
        key = (str(name), str(place))
        found[key] = found.get(key, 0.0) + float(saving)
    return found


def meter(most: float = 2.0) -> xr.Dataset:
    """1 MW and 2 MW of load at 100 and 150 CNY/MWh and a free battery: a MW more of the meter
    carries a MWh from the dear hour into the cheap one and saves 50."""
    return world(
        retail_price_cny_per_mwh=[100.0, 150.0], connection_max_mw=most,
        **work(np.array([1.0, 2.0])), **battery(), halls_min=10.0,
    )  # fmt: skip


def wind(most: float = 1.0) -> xr.Dataset:
    """A MW of wind gives half a MWh in both hours in place of grid energy at 100: 100 a year, and
    costs 30: a MW more saves 70."""
    return world(**plant(annuity=30.0, most_mw=most), halls_min=10.0)


def stored(most: float = 1.0) -> xr.Dataset:
    """A MWh of battery carries a MWh from 100 to 160 CNY/MWh, wear aside: 60."""
    return world(
        retail_price_cny_per_mwh=[100.0, 160.0], **work(3.0), **battery(10.0, most), halls_min=10.0
    )


def signed(most: float = 1.0) -> xr.Dataset:
    """A MW of contract gives half a MWh in both hours at 60 in place of 100: 40."""
    return world(**contract(60.0, most_mw=most), halls_min=10.0)


def fed_in(most: float = 1.0) -> xr.Dataset:
    """4 MW of free wind give 2 MW, of which 1 MW is used: 20 CNY/MWh in two hours for a MW."""
    return world(
        **plant(most_mw=4.0, least_mw=4.0), export_price_cny_per_mwh=20.0, export_max_mw=most,
        halls_min=10.0,
    )  # fmt: skip


def headroom(most: float = 3.0) -> xr.Dataset:
    """Work of 4 MW at two sites of one zone; 1 MW that the grid cannot bring takes 2 MW of wind at
    400, 800 in all, where two hours of grid energy cost 200: a MW saves 600."""
    return world(
        **two_sites() | {"coords": two_sites()["coords"] | {"import_zone": ["z"]}},
        **work(4.0), **plant(annuity=400.0, most_mw=9.0), import_headroom_mw=most, halls_min=10.0,
    )  # fmt: skip


def forced(least: float = 2.0) -> xr.Dataset:
    """A MW of wind gives half a MWh in both hours in place of grid energy at 100: 100 a year; it
    costs 130, so that every MW that must be built costs 30."""
    return world(**plant(annuity=130.0, most_mw=9.0, least_mw=least), **work(3.0), halls_min=10.0)


WORLDS: dict[str, tuple[Callable[..., xr.Dataset], float, tuple[str, str], float]] = {
    "grid connection": (meter, 2.0, ("grid_connection_mw", "s"), 50.0),
    "wind": (wind, 1.0, ("plant_capacity_mw", "s_wind"), 70.0),
    "battery": (stored, 1.0, ("storage_energy_mwh", "s_lfp"), 60.0),
    "contract": (signed, 1.0, ("contract_volume_mw", "s_pap"), 40.0),
    "export": (fed_in, 0.5, ("export_mw", "s"), 40.0),
    "headroom of a zone": (headroom, 3.0, ("headroom_limit", "z"), 600.0),
}  # fmt: skip
"""World by its limit, the limit, its name and place, saving by one unit more by hand."""


def test_a_least_size_costs_what_a_unit_less_of_it_saves() -> None:
    cost, plan = solved_held(forced())
    assert told(plan) == pytest.approx({("plant_least_mw", "s_wind"): 30.0})
    less, more = (solved_held(forced(2.0 + step))[0] for step in (-STEP, STEP))
    assert (cost - less) / STEP == pytest.approx(30.0, rel=1e-5)
    assert (more - cost) / STEP == pytest.approx(30.0, rel=1e-5)
    assert told(solved_held(forced(0.0))[1]) == {}


def test_a_least_volume_costs_what_a_unit_less_of_it_saves() -> None:
    # signed already: a MW of contract gives a MWh at 160 in place of grid energy at 100
    def committed(least: float = 2.0) -> xr.Dataset:
        return world(**contract(160.0, most_mw=9.0), contract_volume_min_mw=least, **work(3.0),
                     contract_committed=1.0, halls_min=10.0)  # fmt: skip

    cost, plan = solved_held(committed())
    assert told(plan) == pytest.approx({("contract_least_mw", "s_pap"): 60.0})
    assert (cost - solved_held(committed(2.0 - STEP))[0]) / STEP == pytest.approx(60.0, rel=1e-5)


def test_a_hall_more_saves_what_a_whole_hall_more_saves() -> None:
    """Limits on whole numbers had no price; servers that only follow the halls were told instead.

    Work of 3 MW, 1 MW of it in the one hall at the cheap site: a hall of 1 MW more moves 2 MWh
    from 150 to 100 CNY/MWh, 100 a year, and costs 30 itself.
    """

    def campus(halls: float = 1.0) -> xr.Dataset:
        sites = two_sites(100.0, 150.0)
        most = [[halls, 10.0]]
        return world(**sites, **work(3.0), halls_max=most, servers_max_mw=most,
                     hall_annuity_cny_per_mw_year=[30.0, 0.0])  # fmt: skip

    first, second = solved(campus()), solved(campus(2.0))
    assert told(first.plan) == pytest.approx({("halls_built", "near_hall"): 70.0}, abs=1e-3)
    assert first.cost_cny - second.cost_cny == pytest.approx(70.0, abs=1e-3)


def test_a_megawatt_more_at_a_site_saves_what_its_halls_save_with_it() -> None:
    """What land and planning allow at a site bound plans and had no price.

    As above, but it is the site that holds no more than one hall of 1 MW.
    """

    def campus(most_mw: float = 1.0) -> xr.Dataset:
        return world(**two_sites(100.0, 150.0), **work(3.0), halls_max=5.0, servers_max_mw=5.0,
                     site_it_max_mw=[[most_mw, 100.0]],
                     hall_annuity_cny_per_mw_year=[30.0, 0.0])  # fmt: skip

    first, second = solved(campus()), solved(campus(2.0))
    assert told(first.plan) == pytest.approx({("site_it_limit", "near"): 70.0}, abs=1e-3)
    assert first.cost_cny - second.cost_cny == pytest.approx(70.0, abs=1e-3)


@pytest.mark.parametrize("name", one_in(3, WORLDS))
def test_a_unit_more_of_a_limit_saves_its_price_on_both_sides(name: str) -> None:
    world_at, most, key, by_hand = WORLDS[name]
    cost, plan = solved_held(world_at(most))
    assert told(plan)[key] == pytest.approx(by_hand, rel=1e-6)
    less, more = (solved_held(world_at(most + step))[0] for step in (-STEP, STEP))
    assert (cost - more) / STEP == pytest.approx(by_hand, rel=1e-5)
    assert (less - cost) / STEP == pytest.approx(by_hand, rel=1e-5)


def trio(wind_mw: float = 1.0, volume_mw: float = 1.0, meter_mw: float = 3.0) -> xr.Dataset:
    """Three limits that bind at once: wind, contract and meter, with prices that change by hour."""
    return world(
        4, retail_price_cny_per_mwh=[80.0, 100.0, 150.0, 300.0], connection_max_mw=meter_mw,
        **work(np.array([2.0, 3.0, 4.0, 4.0])), **battery(9.0, 9.0),
        capacity_factor=np.array([0.2, 0.4, 0.6, 0.5]), halls_min=10.0,
        **contract(70.0, np.array([0.5, 0.1, 0.4, 0.2]), volume_mw), **plant(40.0, wind_mw),
    )  # fmt: skip


def test_the_three_dearest_limits_are_confirmed_by_finite_differences() -> None:
    at: dict[tuple[str, str], Any] = {
        ("plant_capacity_mw", "s_wind"): lambda d: trio(wind_mw=1.0 + d),
        ("contract_volume_mw", "s_pap"): lambda d: trio(volume_mw=1.0 + d),
        ("grid_connection_mw", "s"): lambda d: trio(meter_mw=3.0 + d),
    }
    cost, plan = solved_held(trio())
    savings = told(plan)
    assert set(list(savings)[:3]) == set(at)
    assert list(savings.values()) == sorted(savings.values(), reverse=True)
    for key, world_at in at.items():
        more, less = (solved_held(world_at(step))[0] for step in (STEP, -STEP))
        assert (cost - more) / STEP == pytest.approx(savings[key], rel=1e-4), key
        assert (less - cost) / STEP == pytest.approx(savings[key], rel=1e-4), key


def test_a_limit_that_is_not_reached_has_no_price() -> None:
    assert told(solved(meter(4.0)).plan) == {}


def test_prices_are_of_one_year_whatever_a_period_stands_for() -> None:
    data = meter()
    data["period_years"][:], data["discount_factor"][:] = 5.0, 0.5
    assert told(solved_held(data)[1]) == pytest.approx({("grid_connection_mw", "s"): 50.0})


def test_a_world_without_certificates_has_prices_too() -> None:
    data = world(**plant(annuity=30.0, most_mw=1.0), halls_min=10.0, coords={"certificate": []})
    assert told(solved(data).plan) == pytest.approx({("plant_capacity_mw", "s_wind"): 70.0})


def test_a_plan_of_least_emissions_has_no_prices_in_money() -> None:
    data = wind()
    data.attrs["objective"] = "emissions"
    assert told(solved(data).plan) == {}

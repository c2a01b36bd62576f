"""What a site allows as a whole: land, a size band, phases; storage systems take room and power."""

from __future__ import annotations

import pytest

from coplan.plan.kpis import kpis
from tests.toys import solved, two_sites, work, world


def test_halls_stand_on_the_land_of_their_site() -> None:
    # 250 m2 at the cheap site hold two halls of 100 m2; the third MW of work goes far:
    # two steps · (2 MW · 100 + 1 MW · 200), and 3 for the halls
    changes = two_sites(100.0, 200.0) | work(3.0)
    changes["hall_om_cny_per_mw_year"] = 1.0
    data = world(hall_land_m2=100.0, site_land_m2=[250.0, 2000.0], **changes)
    answer = solved(data)
    assert answer.of("halls_built") == pytest.approx([2.0, 1.0])
    assert answer.cost_cny == pytest.approx(803.0)


def banded(least: float, annuity: float = 10.0, **changes: object) -> dict:
    """Changes: 1 MW of work; "near" has cheap energy but is only worth opening with `least` MW."""
    return two_sites(100.0, 120.0) | {
        "site_it_least_mw": [least, 0.0], "hall_annuity_cny_per_mw_year": annuity,
        "site_it_max_mw": 8.0,
    } | changes  # fmt: skip


def test_a_site_that_is_used_has_its_least_capacity() -> None:
    # one hall near would cost 10 + 200; three are asked for: 30 + 200 is less than 10 + 240 far
    answer = solved(world(**banded(3.0)))
    assert answer.of("halls_built") == pytest.approx([3.0, 0.0])
    assert answer.cost_cny == pytest.approx(230.0)


def test_a_site_too_small_for_its_band_is_left() -> None:
    # eight halls near cost 80 + 200, more than 10 + 240 far
    answer = solved(world(**banded(8.0)))
    assert answer.of("halls_built") == pytest.approx([0.0, 1.0])
    assert answer.cost_cny == pytest.approx(250.0)


def test_limits_grow_in_phases() -> None:
    # 2 MW of work; the cheap site may hold 1 MW in 2025 and all of it in 2030; each step:
    # 2025 100 + 200, 2030 200, half weight each
    changes = two_sites(100.0, 200.0) | work(2.0) | {"discount_factor": [0.5, 0.5]}
    changes["coords"] = changes["coords"] | {"period": [2025, 2030]}
    data = world(site_it_max_mw=[[1.0, 9.0], [2.0, 9.0]], **changes)
    answer = solved(data)
    assert answer.cost_cny == pytest.approx(0.5 * 600.0 + 0.5 * 400.0)


def test_storage_systems_take_room_and_power() -> None:
    # 3 MW of servers with a quarter of that in storage: 3.75 MW at every hour, in four halls of
    # 1 MW; the work itself runs on 3 MW. Two steps · 3.75 MW · 100, and 4 · 10 for the halls
    data = world(storage_share=0.25, hall_annuity_cny_per_mw_year=10.0, **work(3.0))
    answer = solved(data)
    assert answer.of("it_mw") == pytest.approx([3.75, 3.75])
    assert answer.cost_cny == pytest.approx(750.0 + 40.0)


def test_servers_are_counted() -> None:
    data = world(server_kw=8.0, storage_share=0.25, hall_om_cny_per_mw_year=1.0, **work(2.0))
    found = kpis(solved(data).plan)
    assert found["server_count"] == pytest.approx(250.0)
    assert found["standard_racks"] == pytest.approx(1000.0)
    assert found["occupancy"] == pytest.approx(2.5 / 3.0)
    assert kpis(solved(world()).plan)["server_count"] is None

"""Random worlds with stock that closes, converts and moves: the optimum is found, and is sound."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.solve.random_programs import branch_and_bound
from tests.toys import solved, work, world
from tests.verify.test_stock import broken

QUICK = 3  # worlds; the others run with the longer tests


def stock_world(seed: int) -> Any:
    """Two sites, two periods; old halls that may close or become one of two others or be emptied.

    Prices are drawn so that each of the changes pays in some of the worlds.
    """
    r = np.random.default_rng(seed)
    near, far = float(r.integers(1, 5)), float(r.integers(0, 3))
    size = {
        "site": ["near", "far"], "period": [2025, 2030], "conversion": ["v", "x"],
        "hall": ["near_old", "near_new", "near_other", "far_old", "far_new"], "relocation": ["r"],
    }  # fmt: skip
    old, price = r.uniform(0.3, 0.9, 2), r.uniform(60.0, [120.0, 160.0])
    return world(
        coords=size, hall_site=["near"] * 3 + ["far"] * 2, plant_site="near", battery_site="near",
        contract_site="near", halls_min=[near, 0.0, 0.0, far, 0.0],
        halls_max=[near, 4.0, 4.0, far, 4.0], servers_max_mw=[near, 4.0, 6.0, far, 5.2],
        servers_min_mw=[0.8 * near, 0.0, 0.0, 0.7 * far, 0.0], hall_it_mw=[1.0, 1.0, 1.5, 1.0, 1.3],
        hall_may_change=[1.0, 0.0, 0.0, 1.0, 0.0],
        hall_may_close=[float(r.integers(2)), 0.0, 0.0, float(r.integers(2)), 0.0],
        closure_annuity_cny_per_mw_year=r.uniform(0.0, 30.0),
        hall_om_cny_per_mw_year=r.uniform(0.0, 60.0, 5),
        hall_annuity_cny_per_mw_year=r.uniform(20.0, 120.0, 5), server_capex_counts=1.0,
        server_annuity_cny_per_mw_year=r.uniform(50.0, 200.0),
        cooling_slope=[[[old[0]], [0.1], [0.05], [old[1]], [0.1]]], conversion_from="near_old",
        conversion_to=["near_new", "near_other"], conversion_keeps_servers=[1.0, 0.0],
        conversion_annuity_cny_per_mw_year=r.uniform(-10.0, 60.0, 2),
        conversion_lost_share=r.uniform(0.0, 0.5), relocation_from="far_old",
        relocation_to="near_new", relocation_annuity_cny_per_mw_year=r.uniform(-10.0, 60.0),
        retail_price_cny_per_mwh=price[None, :, None], discount_factor=[0.6, 0.4],
        site_it_least_mw=[0.0, r.choice([0.0, 2.0])], site_it_max_mw=8.0,
        **work(r.uniform(0.5, 3.0, (2, 1, 2))),
    )  # fmt: skip


@cache
def best(seed: int) -> Any:
    """The cheapest plan of a world, worked out once for all tests."""
    return solved(stock_world(seed), gap=1e-6)


@pytest.mark.parametrize(
    "seed", [pytest.param(i, marks=[] if i < QUICK else pytest.mark.slow) for i in range(30)]
)
def test_the_optimum_of_branch_and_bound_is_reached(seed: int) -> None:
    answer = best(seed)
    data = answer.data
    status, optimum = branch_and_bound(answer.compiled)
    assert (status, answer.found.status) == ("kOptimal", "optimal within gap")
    optimum += answer.compiled.offset
    assert answer.found.objective == pytest.approx(optimum, abs=2e-6)
    assert answer.found.bound <= optimum + 1e-9
    assert broken(data, answer.plan) == set()


@pytest.mark.slow
def test_every_change_pays_in_some_world() -> None:
    changes = ("halls_converted", "halls_closed", "servers_relocated_mw", "servers_retired_mw")
    plans = [best(seed).plan for seed in range(30)]
    for name in changes:
        happens = [plan[name].values.max() > 1e-3 for plan in plans]
        assert any(happens), name
        assert not all(happens), name

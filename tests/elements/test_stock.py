"""What becomes of stock: closed, converted, moved; where it pays and where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest

from coplan.plan.kpis import kpis
from tests.toys import solved, work, world


def old_and_new(**changes: Any) -> dict[str, Any]:
    """Changes: two stock halls "old" with 1 MW of servers each, and a hall type "new".

    Old halls lose half of the IT power in cooling, new ones none. 2 MW of work in two steps at
    100 CNY/MWh: the old halls cost 2 · 2 · 1.5 · 100 = 600, new ones 400.
    """
    found: dict[str, Any] = {
        "coords": {"hall": ["s_old", "s_new"]}, "halls_min": [2.0, 0.0], "halls_max": [2.0, 4.0],
        "servers_min_mw": [2.0, 0.0], "servers_max_mw": [2.0, 4.0],
        "cooling_slope": [[[0.5], [0.0]]], "hall_annuity_cny_per_mw_year": [0.0, 1000.0],
        "server_annuity_cny_per_mw_year": 300.0, "server_capex_counts": 1.0,
    } | work(2.0)  # fmt: skip
    found["coords"] |= changes.pop("coords", {})
    return found | changes


def converted(annuity: float = 10.0, keeps: float = 1.0, **changes: Any) -> dict[str, Any]:
    """Changes: the old halls may become new ones."""
    return old_and_new(
        coords={"conversion": ["v"]}, hall_may_change=[1.0, 0.0], conversion_from="s_old",
        conversion_to="s_new", conversion_annuity_cny_per_mw_year=annuity,
        conversion_keeps_servers=keeps, **changes,
    )  # fmt: skip


def test_a_retrofit_that_pays_is_made() -> None:
    # each hall saves 100 a year and costs 10
    answer = solved(world(**converted()))
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert answer.of("halls_built") == pytest.approx([0.0, 2.0])
    assert answer.of("servers_bought_mw") == pytest.approx([0.0, 0.0], abs=1e-6)
    assert answer.line_cny("hall conversion") == pytest.approx(20.0)
    assert kpis(answer.plan)["halls_converted"] == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(420.0)


def test_a_retrofit_that_does_not_pay_is_left() -> None:
    answer = solved(world(**converted(annuity=110.0)))
    assert answer.of("halls_converted") == pytest.approx(0.0)
    assert answer.cost_cny == pytest.approx(600.0)


def test_no_more_stock_is_converted_than_stands() -> None:
    # three conversions would be paid for (a second target beside the first); two halls stand
    answer = solved(world(**converted(annuity=-10.0)))
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert answer.of("halls_closed") == pytest.approx([0.0, 0.0], abs=1e-6)


def two_ways(**changes: Any) -> dict[str, Any]:
    """Changes: the old halls may become "new" or "other", both at a gain of 10 each."""
    both = {
        "coords": {"hall": ["s_old", "s_new", "s_other"], "conversion": ["v", "x"]},
        "halls_min": [2.0, 0.0, 0.0], "halls_max": [2.0, 4.0, 4.0],
        "servers_min_mw": [2.0, 0.0, 0.0], "servers_max_mw": [2.0, 4.0, 4.0],
        "hall_may_change": [1.0, 0.0, 0.0], "conversion_from": "s_old",
        "conversion_to": ["s_new", "s_other"], "conversion_annuity_cny_per_mw_year": -10.0,
        "conversion_keeps_servers": 1.0,
        "server_annuity_cny_per_mw_year": 300.0, "server_capex_counts": 1.0,
    } | work(2.0)  # fmt: skip
    return both | changes


def test_a_hall_is_converted_once() -> None:
    # both conversions are paid 10 a hall: 2 halls earn 20, not 40
    answer = solved(world(**two_ways()))
    assert answer.of("halls_converted").sum() == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(400.0 - 20.0)


def test_converted_halls_stand() -> None:
    # both earn 10 by being converted, though nothing is left to run in them: they stand all the
    # same and are kept up at 3 each
    changes = two_ways(hall_om_cny_per_mw_year=[0.0, 3.0, 3.0], conversion_keeps_servers=0.0)
    answer = solved(world(**changes | work(0.0)))
    assert answer.of("halls_built").sum() == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(6.0 - 20.0)


def test_servers_stay_only_in_halls_that_are_converted() -> None:
    # converting is dear; without it the servers would slip into a new hall for nothing
    changes = converted(annuity=500.0, hall_om_cny_per_mw_year=[1.0, 0.0])
    changes["hall_annuity_cny_per_mw_year"] = [0.0, 0.0]
    answer = solved(world(**changes))
    assert answer.of("servers_converted_mw") == pytest.approx(0.0, abs=1e-6)
    assert answer.cost_cny == pytest.approx(602.0)


def test_a_retrofit_that_replaces_servers_buys_new_ones() -> None:
    # 2 MW of servers at 30 each: 400 + 20 + 60 is less than 600
    data = world(**converted(keeps=0.0) | {"server_annuity_cny_per_mw_year": 30.0})
    answer = solved(data)
    assert answer.of("servers_bought_mw") == pytest.approx([0.0, 2.0])
    assert answer.of("servers_retired_mw") == pytest.approx([2.0, 0.0])
    assert answer.cost_cny == pytest.approx(480.0)


def test_a_converted_hall_loses_time() -> None:
    # half of the period lost: 2 MW of converted halls run 1 MW, so one hall stays as it is and
    # one is converted: 0.5 + 1 MW < 2 MW; nothing is converted, although each would save 90
    answer = solved(world(**converted(conversion_lost_share=0.5)))
    assert answer.of("halls_converted") == pytest.approx(0.0)
    less = converted(conversion_lost_share=0.5) | work(1.0)
    # 1 MW of work: both are converted and run at half time (2 halls · 10); one alone loses 0.5
    answer = solved(world(**less))
    assert answer.of("halls_converted") == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(200.0 + 20.0)


def closing(may: float = 1.0, **changes: Any) -> dict[str, Any]:
    """Changes: the old halls may be closed at 5 each; 1 MW of work fits into a new hall."""
    return old_and_new(
        hall_may_change=[1.0, 0.0], hall_may_close=[may, 0.0],
        closure_annuity_cny_per_mw_year=[5.0, 0.0], hall_om_cny_per_mw_year=[40.0, 0.0],
        **changes,
    ) | {"hall_annuity_cny_per_mw_year": [0.0, 100.0], "server_capex_counts": 0.0} | work(1.0)


def test_halls_that_are_not_worth_their_upkeep_are_closed() -> None:
    # work runs in one new hall (100 + 200); the old ones cost 40 a year to keep, 5 to close
    answer = solved(world(**closing()))
    assert answer.of("halls_closed") == pytest.approx([2.0, 0.0])
    assert answer.line_cny("hall closure") == pytest.approx(10.0)
    assert answer.cost_cny == pytest.approx(100.0 + 200.0 + 10.0)


def test_halls_that_may_not_close_stay() -> None:
    # kept up at 80: the old halls run the work for 300, cheaper than 80 + 300 in a new one
    answer = solved(world(**closing(may=0.0)))
    assert answer.of("halls_closed") == pytest.approx([0.0, 0.0], abs=1e-6)
    assert answer.cost_cny == pytest.approx(80.0 + 300.0)


def test_halls_worth_their_upkeep_stay() -> None:
    # 5 a year to keep one: 300 + 5 + 5 for the other, closed
    answer = solved(world(**closing() | {"hall_om_cny_per_mw_year": [5.0, 0.0]}))
    assert answer.of("halls_closed").sum() <= 1.0 + 1e-6
    assert answer.cost_cny == pytest.approx(310.0)


def scattered(cost: float = 3.0, **changes: Any) -> dict[str, Any]:
    """Changes: a small site "far" with one old hall, dear energy; its servers may move "near"."""
    found: dict[str, Any] = {
        "coords": {"site": ["near", "far"], "hall": ["near_hall", "far_old"], "relocation": ["r"]},
        "hall_site": ["near", "far"], "plant_site": "near", "battery_site": "near",
        "contract_site": "near", "retail_price_cny_per_mwh": [[[100.0], [200.0]]],
        "halls_min": [0.0, 1.0], "halls_max": [4.0, 1.0], "servers_min_mw": [0.0, 1.0],
        "servers_max_mw": [4.0, 1.0], "hall_may_change": [0.0, 1.0], "hall_may_close": [0.0, 1.0],
        "hall_om_cny_per_mw_year": [0.0, 50.0], "hall_annuity_cny_per_mw_year": [60.0, 0.0],
        "relocation_from": "far_old", "relocation_to": "near_hall",
        "relocation_annuity_cny_per_mw_year": cost, "server_capex_counts": 1.0,
        "server_annuity_cny_per_mw_year": 500.0,
    }  # fmt: skip
    return found | changes


def test_small_sites_are_consolidated_where_it_pays() -> None:
    # far: 2 · 200 + 50 = 450; near: 200 + 60 + 3 for moving the servers
    answer = solved(world(**scattered()))
    assert answer.of("servers_relocated_mw") == pytest.approx(1.0)
    assert answer.of("halls_closed") == pytest.approx([0.0, 1.0])
    assert answer.line_cny("server relocation") == pytest.approx(3.0)
    assert answer.cost_cny == pytest.approx(263.0)


def test_small_sites_stay_where_moving_is_dear() -> None:
    answer = solved(world(**scattered(cost=200.0)))
    assert answer.of("servers_relocated_mw") == pytest.approx(0.0, abs=1e-6)
    assert answer.cost_cny == pytest.approx(450.0)


def test_no_more_servers_move_than_stand() -> None:
    # moving earns 10 per MW: it still moves only what stands, and only once
    answer = solved(world(**scattered(cost=-10.0, hall_may_close=[0.0, 0.0])))
    assert answer.of("servers_relocated_mw") == pytest.approx(1.0)
    assert answer.of("servers_mw") == pytest.approx([1.0, 0.0], abs=1e-6)


def test_servers_that_move_in_are_there() -> None:
    # no work after the move pays for a hall near (60), but the move earns 70: it takes the hall
    changes = scattered(cost=-70.0, hall_may_close=[0.0, 0.0]) | work(0.0)
    answer = solved(world(**changes))
    assert answer.of("halls_built") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(-70.0 + 60.0 + 50.0)


def later(name: str, unit: str, least: float, changes: dict[str, Any], **more: Any) -> np.ndarray:
    """A quantity of `unit` in two periods, where the first has at least so much of it.

    Whatever the reason was in 2025 (the extra row stands for it), in 2030 it would be undone.
    """

    def ask(m: Any) -> None:
        quantity = getattr(m.sizes[2025].compute, name)
        m.reason = pyo.Constraint(expr=quantity[unit] >= least)

    changes = dict(changes) | more | {"discount_factor": [0.5, 0.5]}
    changes["coords"] = changes.get("coords", {}) | {"period": [2025, 2030]}
    answer = solved(world(**changes), change=ask)
    block = answer.model.pyomo.sizes
    return np.array([
        float(np.ravel(answer.compiled.evaluate(getattr(block[p].compute, name), answer.found.x))[
            list(getattr(block[p].compute, name).index_set()).index(unit)
        ]) for p in (2025, 2030)
    ])  # fmt: skip


def test_halls_that_were_built_still_stand() -> None:
    halls = later("halls_new", "s_hall", 3.0, {}, hall_om_cny_per_mw_year=50.0)
    assert halls == pytest.approx([3.0, 3.0])


def test_a_closed_hall_stays_closed() -> None:
    # closing costs 500 a year here and nobody would do it twice
    changes = closing(may=1.0) | {"closure_annuity_cny_per_mw_year": [500.0, 0.0]}
    assert later("halls_closed", "s_old", 1.0, changes) == pytest.approx([1.0, 1.0])


def test_a_converted_hall_stays_converted() -> None:
    changes = converted(annuity=500.0, keeps=0.0) | work(0.0)
    assert later("halls_converted", "v", 1.0, changes) == pytest.approx([1.0, 1.0])


def test_servers_that_were_bought_are_kept() -> None:
    changes = {"server_annuity_cny_per_mw_year": 10.0, "server_capex_counts": 1.0}
    assert later("servers_bought_mw", "s_hall", 3.0, changes) == pytest.approx([3.0, 3.0])


def test_a_retired_server_stays_retired() -> None:
    # 1 MW of work needs one old server; the other comes back in 2030, when there are 2 MW
    changes = closing(may=0.0) | work(np.array([[[1.0]], [[2.0]]]))
    assert later("servers_retired_mw", "s_old", 1.0, changes) == pytest.approx([1.0, 1.0])


def test_servers_kept_in_a_converted_hall_stay() -> None:
    # servers kept idle at half power: without work in 2030 nobody would keep them
    changes = converted() | {"idle_share": 0.5} | work(np.array([[[2.0]], [[0.0]]]))
    assert later("servers_converted_mw", "v", 2.0, changes) == pytest.approx([2.0, 2.0])


def test_moved_servers_stay_moved() -> None:
    changes = scattered(cost=700.0)
    assert later("servers_relocated_mw", "r", 1.0, changes) == pytest.approx([1.0, 1.0])

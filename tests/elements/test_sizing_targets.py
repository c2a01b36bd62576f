"""Clauses on what is built: by type, owner, tier and site; shares, occupancy, clusters, energy."""

from __future__ import annotations

from typing import Any

import pytest

from coplan.elements.targets import Targets, listed
from tests.toys import solved, work, world


def ask(kind: str, **clause: Any) -> list[dict]:
    """One clause "c" as the records that the dataset holds."""
    return listed(Targets(**{kind: {"c": clause}}))


def two_kinds(**changes: Any) -> dict[str, Any]:
    """Changes: general and intelligent halls of one label at sites "near" and "far", 1 MW of work.

    General servers cost 10 per MW a year, intelligent ones 30; halls cost nothing.
    """
    found: dict[str, Any] = {
        "coords": {"site": ["near", "far"],
                   "hall": ["near_gen", "near_ai", "far_gen", "far_ai"]},
        "hall_site": ["near", "near", "far", "far"], "plant_site": "near", "battery_site": "near",
        "contract_site": "near", "server_capex_counts": 1.0,
        "server_type_kind": ["general", "intelligent"] * 2, "site_tier": ["centre", "edge"],
        "server_annuity_cny_per_mw_year": [10.0, 30.0, 10.0, 30.0],
        "domestic": [1.0, 0.0, 1.0, 0.0], "hall_owner": ["", "", "", "beijing"],
    }  # fmt: skip
    return found | changes


def test_compute_of_one_type_is_reached() -> None:
    # 200 P of intelligent compute at 100 P/MW: 2 MW at 30; they run the work too
    data = world(targets=ask("capacity", label="fp16", value=200.0, compute_kind="intelligent"),
                 **two_kinds())  # fmt: skip
    answer = solved(data)
    assert answer.line_cny("servers") == pytest.approx(60.0)
    assert answer.price_cny("c") == pytest.approx(0.3)  # one P more: 10 kW at 30 a year per MW
    assert answer.of("clause_status") == "met"


def test_an_owner_has_its_share_wherever_it_stands() -> None:
    data = world(targets=ask("capacity", label="fp16", value=50.0, owner="beijing"), **two_kinds())
    assert solved(data).of("servers_mw", hall="far_ai") == pytest.approx(0.5)


def test_compute_at_a_site_stays_below_its_most() -> None:
    # the work would take 100 P of cheap servers anywhere; "near" may have 30 P, so "far" gets 70
    clause = ask("capacity", label="fp16", value=30.0, sites=["near"], at_most=True)
    data = world(targets=clause, **two_kinds(retail_price_cny_per_mwh=[[[100.0], [200.0]]]))
    answer = solved(data)
    assert answer.of("servers_mw").reshape(2, 2).sum(axis=1) == pytest.approx([0.3, 0.7])


def test_additions_are_counted_without_the_stock() -> None:
    clause = ask("capacity", label="fp16", value=100.0, additions_only=True)
    data = world(targets=clause, servers_min_mw=1.0, server_capex_counts=1.0,
                 server_annuity_cny_per_mw_year=10.0)  # fmt: skip
    assert solved(data).of("servers_mw") == pytest.approx(2.0)


def test_about_a_third_is_within_a_band() -> None:
    # 1 MW of work on cheap general servers; a quarter of all, at least, is intelligent
    clause = ask("intelligent_share", value=0.35, tolerance=0.1)
    answer = solved(world(targets=clause, **two_kinds()))
    assert answer.line_cny("servers") == pytest.approx(0.75 * 10.0 + 0.25 * 30.0)
    assert answer.of("clause_achieved") == pytest.approx(0.25)
    assert answer.of("clause_status") == "met"
    cheap = two_kinds(server_annuity_cny_per_mw_year=[30.0, 10.0, 30.0, 10.0])
    assert solved(world(targets=clause, **cheap)).of("clause_achieved") == pytest.approx(0.45)


def test_a_share_without_a_band_is_a_least() -> None:
    clause = ask("intelligent_share", value=0.35, label="fp16")
    answer = solved(world(targets=clause, **two_kinds()))
    assert answer.of("clause_achieved") == pytest.approx(0.35)
    # one point more: 10 kW of servers at 20 more a year per MW
    assert answer.price_cny("c") == pytest.approx(0.2)


def test_most_of_what_is_bought_is_domestic() -> None:
    # foreign servers are cheaper here; 60 % of 1 MW are domestic all the same
    dear = two_kinds(server_annuity_cny_per_mw_year=[30.0, 10.0, 30.0, 10.0])
    answer = solved(world(targets=ask("domestic_share", value=0.6), **dear))
    assert answer.line_cny("servers") == pytest.approx(0.6 * 30.0 + 0.4 * 10.0)


def test_stock_does_not_count_as_an_addition() -> None:
    # 1 MW of foreign stock runs the work: nothing is bought, no share is asked of nothing
    data = world(targets=ask("domestic_share", value=1.0), servers_min_mw=1.0, domestic=0.0)
    assert solved(data).of("clause_status") == "not applicable"


def test_halls_are_filled_as_asked() -> None:
    # halls of 4 MW, 5 MW of work: 80 % of 8 MW are 6.4 MW of servers
    data = world(targets=ask("occupancy", value=0.8), hall_it_mw=4.0, server_capex_counts=1.0,
                 server_annuity_cny_per_mw_year=10.0, **work(5.0))  # fmt: skip
    answer = solved(data)
    assert answer.of("servers_mw") == pytest.approx(6.4)
    assert answer.cost_cny == pytest.approx(1000.0 + 64.0)


def test_racks_of_the_edge_are_strong_enough() -> None:
    # average of at least 8 kW at the edge site: racks of 4 kW may take a third of the power in
    # 12 kW racks' company: (1 − 8/4) · a + (1 − 8/12) · b = 0, so b = 3 a
    changes = two_kinds(rack_kw=[10.0, 10.0, 4.0, 12.0],
                        retail_price_cny_per_mwh=[[[200.0], [100.0]]])  # fmt: skip
    answer = solved(world(targets=ask("rack_power", value=8.0, tier="edge"), **changes))
    assert answer.of("servers_mw") == pytest.approx([0.0, 0.0, 0.25, 0.75], abs=1e-6)


def test_nothing_new_of_a_type_is_built_where_it_must_not() -> None:
    # general servers are cheaper and "near" has the cheap energy: they go "far" or are not bought
    clause = ask("no_new", compute_kind="general", sites=["near"])
    changes = two_kinds(retail_price_cny_per_mwh=[[[100.0], [105.0]]])
    answer = solved(world(targets=clause, **changes))
    assert answer.of("servers_mw") == pytest.approx([0.0, 0.0, 1.0, 0.0], abs=1e-6)
    assert answer.of("clause_status") == "met"


def test_a_cluster_stands_at_one_site() -> None:
    # two blocks of 100 P. 1 MW of work at "near" (cheap energy) and 1 MW of room each: one block
    # at each site, not half blocks; the second block's servers cost 10
    clause = ask("clusters", label="fp16", block_p=100.0, value=2)
    changes = two_kinds(servers_max_mw=0.5, retail_price_cny_per_mwh=[[[100.0], [200.0]]])
    answer = solved(world(targets=clause, **changes))
    assert answer.of("servers_mw").reshape(2, 2).sum(axis=1) == pytest.approx([1.0, 1.0])


def test_so_many_clusters_are_asked_for() -> None:
    clause = ask("clusters", label="fp16", block_p=300.0, value=2)
    answer = solved(world(targets=clause, server_capex_counts=1.0,
                          server_annuity_cny_per_mw_year=10.0))  # fmt: skip
    assert answer.of("servers_mw") == pytest.approx(6.0)


def test_whole_halls_of_a_cluster_lift_the_bound_before_any_branching() -> None:
    # 250 P need 2.5 MW of servers and so three halls of 1 MW at 100 a year, not two and a half
    clause = ask("clusters", label="fp16", block_p=250.0, value=1)
    data = world(targets=clause, hall_annuity_cny_per_mw_year=100.0, **work(0.0))
    assert solved(data).root_bound_cny == pytest.approx(300.0, rel=1e-3)


def test_new_halls_live_on_the_energy_that_stock_releases() -> None:
    # two old halls, metered with 3 MWh each. New halls would run the 2 MW of work with 4 MWh, so
    # two old halls have to close (5 each), although one (5 a year cheaper to keep) would do
    changes: dict[str, Any] = {
        "coords": {"hall": ["s_old", "s_new"]}, "halls_min": [2.0, 0.0], "halls_max": [2.0, 4.0],
        "servers_min_mw": [2.0, 0.0], "servers_max_mw": [2.0, 4.0],
        "cooling_slope": [[[1.0], [0.0]]], "hall_may_change": [1.0, 0.0],
        "hall_may_close": [1.0, 0.0], "closure_annuity_cny_per_mw_year": [5.0, 0.0],
        "metered_mwh_per_hall": [3.0, 0.0],
    } | work(2.0)  # fmt: skip
    free = solved(world(**changes))
    assert free.cost_cny == pytest.approx(400.0)
    pooled = solved(world(targets=ask("energy_pool"), **changes))
    assert pooled.of("halls_closed", hall="s_old") == pytest.approx(2.0)
    assert pooled.cost_cny == pytest.approx(410.0)


def test_two_clauses_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id: c"):
        Targets(no_new={"c": {"sites": ["s"]}}, occupancy={"c": {"value": 0.5}})

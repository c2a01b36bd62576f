"""Work with state, work on links and work that a target prefers somewhere, as flat lists.

Every list is empty where nothing of its kind is asked for, and then changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.elements.compute import links
from coplan.elements.compute.demand import block_of_step
from coplan.elements.index import Field
from coplan.physics.network import great_circle_km

BLOCK_HOURS = {"day": 24.0, "week": 168.0}


def has_state(card: Any) -> bool:
    """Whether work of a class depends on what ran before."""
    return (
        card.ramp_limit is not None
        or card.minimum_running_share > 0
        or card.checkpoint_h > 0
        or card.placement != "free"
    )


def preferred_by(scenario: Any, entry: Any, card: Any) -> tuple[str, ...]:
    """Ids of the priority targets that a demand falls under."""
    return tuple(
        name
        for name, target in scenario.spec.targets.priority.items()
        if entry.region in target.regions and card.kind == target.kind
    )


def pool_marks(scenario: Any) -> list[tuple]:
    """What keeps each demand apart from others of equal label, reach and delay.

    Work with state pools within its class only; work of a region with listed links within the
    region and its need of bandwidth and data; work under a priority with its like.
    """
    linked = {link.region for link in scenario.system.network.links.values()}
    marks = []
    for entry in scenario.system.demand.values():
        card = scenario.cards["workloads"][entry.workload]
        marks.append(
            (
                entry.workload if has_state(card) else "",
                (entry.region, card.gbit_per_p, card.data_gb_per_p_h)
                if entry.region in linked
                else (),
                preferred_by(scenario, entry, card),
            )
        )
    return marks


def place_fields(scenario: Any) -> dict[str, Field]:
    """Where demands come from and what they are for; provinces of sites."""
    system, cards = scenario.system, scenario.cards
    entries = list(system.demand.values())
    classes = [cards["workloads"][entry.workload] for entry in entries]
    regions = [cards["regions"][system.regions[entry.region]].province for entry in entries]
    sites = [cards["sites"][entry.site].province for entry in system.sites.values()]
    return {
        "demand_province": Field(("demand",), regions, "", "province the work comes from"),
        "demand_use": Field(("demand",), [card.use for card in classes], "", "what it is for"),
        "demand_kind": Field(("demand",), [card.kind for card in classes], "", "type of compute"),
        "site_province": Field(("site",), sites, "", "province of a site"),
    }


def work_fields(
    scenario: Any, halls: dict[str, tuple], horizon: Horizon, pools: dict[str, Field], wacc: float
) -> dict[str, Field]:
    """Everything about state, links and priorities; `pools` are the fields of the pools."""
    members = _members(scenario, pools)
    offers = {(site, server.label) for site, _, _, server in halls.values()}
    candidates = {
        pool: [
            site
            for s, site in enumerate(scenario.system.sites)
            if pools["pool_reach"].values[q, s] > 0
            and (site, pools["pool_label"].values[q]) in offers
        ]
        for q, pool in enumerate(pools["pool"].values)
    }
    reference = {
        pool: max(
            server.density_p_per_mw
            for _, _, _, server in halls.values()
            if server.label == pools["pool_label"].values[q]
        )
        for q, pool in enumerate(pools["pool"].values)
    }
    return (
        _state(members)
        | _placed(scenario, members, candidates, reference, horizon)
        | links.table(scenario.system.network.links, _lengths_km(scenario), wacc)
        | _streams(scenario, members, candidates, reference)
        | _preferences(scenario, members)
    )


def _members(scenario: Any, pools: dict[str, Field]) -> dict[str, list[tuple]]:
    """Demand entries with their classes, by pool."""
    found: dict[str, list[tuple]] = {pool: [] for pool in pools["pool"].values}
    entries = scenario.system.demand.values()
    for entry, pool in zip(entries, pools["demand_pool"].values, strict=True):
        found[pool].append((entry, scenario.cards["workloads"][entry.workload]))
    return found


def _state(members: dict[str, list[tuple]]) -> dict[str, Field]:
    own = {pool: found[0][1] for pool, found in members.items() if has_state(found[0][1])}
    cards = list(own.values())
    ramps = [np.inf if card.ramp_limit is None else card.ramp_limit for card in cards]
    return {
        "state_pool": Field(("state_pool",), list(own), "", "work that depends on what ran before"),
        "state_ramp_per_h": Field(
            ("state_pool",), np.array(ramps, dtype=float), "1/h", "most change over the mean"
        ),
        "state_running_share": Field(
            ("state_pool",), np.array([card.minimum_running_share for card in cards], dtype=float),
            "1", "least work over the mean",
        ),
        "state_checkpoint_h": Field(
            ("state_pool",), np.array([card.checkpoint_h for card in cards], dtype=float),
            "h", "work done again after a pause",
        ),
    }  # fmt: skip


def _placed(
    scenario: Any, members: dict, candidates: dict, reference: dict, horizon: Horizon
) -> dict[str, Field]:
    """Pairs of pool and site of placed work that has a choice of sites."""
    pairs = [
        (pool, site, found[0][1])
        for pool, found in members.items()
        if found[0][1].placement != "free" and len(candidates[pool]) > 1
        for site in candidates[pool]
    ]
    hours = [BLOCK_HOURS[card.placement] for _, _, card in pairs]
    gb = [
        np.mean([card.data_gb_per_p for _, card in members[pool]]) * reference[pool]
        for pool, _, _ in pairs
    ]
    steps = len(horizon.hour_of_year)
    blocks = [block_of_step(block_h, horizon.step_h, steps).max() + 1 for block_h in hours]
    network = scenario.system.network
    return {
        "placed": Field(
            ("placed",), [f"{pool}@{site}" for pool, site, _ in pairs], "", "pool and site"
        ),
        "placed_pool": Field(("placed",), [pool for pool, _, _ in pairs], "", "pool"),
        "placed_site": Field(("placed",), [site for _, site, _ in pairs], "", "site"),
        "placed_block_h": Field(
            ("placed",), np.array(hours, dtype=float), "h", "how long a split is fixed"
        ),
        "placed_gb_per_mw": Field(
            ("placed",), np.array(gb, dtype=float), "GB/MW", "data that move with work"
        ),
        "block": Field(("block",), np.arange(max(blocks, default=0)), "", "block of one split"),
        "placed_cny_per_gb": Field(
            ("placed",), np.full(len(pairs), network.migration_cny_per_gb), "CNY/GB",
            "price of data that move with work",
        ),
        "placed_kwh_per_gb": Field(
            ("placed",), np.full(len(pairs), network.migration_kwh_per_gb), "kWh/GB",
            "energy of data that move with work",
        ),
    }


def _streams(
    scenario: Any, members: dict, candidates: dict, reference: dict
) -> dict[str, Field]:
    """Pairs of link and pool: the work of the pool at the link's site goes through the link."""
    rows = [
        (name, pool, card.gbit_per_p * reference[pool], card.data_gb_per_p_h * reference[pool])
        for name, link in scenario.system.network.links.items()
        for pool, found in members.items()
        for entry, card in found[:1]
        if entry.region == link.region and link.site in candidates[pool]
    ]
    return {
        "stream_link": Field(("stream",), [row[0] for row in rows], "", "link"),
        "stream_pool": Field(("stream",), [row[1] for row in rows], "", "pool"),
        "stream_gbit_per_mw": Field(
            ("stream",), np.array([row[2] for row in rows], dtype=float), "Gbit/s/MW", "bandwidth"
        ),
        "stream_gb_per_mw": Field(
            ("stream",), np.array([row[3] for row in rows], dtype=float), "GB/MWh", "data sent"
        ),
    }


def _preferences(scenario: Any, members: dict) -> dict[str, Field]:
    """Pairs of priority target and pool that falls under it."""
    rows = [
        (target, pool)
        for pool, found in members.items()
        for target in preferred_by(scenario, *found[0])
    ]
    return {
        "preference_target": Field(("preference",), [row[0] for row in rows], "", "target"),
        "preference_pool": Field(("preference",), [row[1] for row in rows], "", "pool"),
    }


def _lengths_km(scenario: Any) -> list[float]:
    """Fibre length of every link, as given or by the route factor."""
    system, cards = scenario.system, scenario.cards
    found = []
    for link in system.network.links.values():
        region = cards["regions"][system.regions[link.region]]
        site = cards["sites"][system.sites[link.site].site]
        straight = great_circle_km(
            region.latitude_deg, region.longitude_deg, site.latitude_deg, site.longitude_deg
        )
        given = link.length_km
        found.append(float(straight) * system.network.route_factor if given is None else given)
    return found

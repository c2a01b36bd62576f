"""Arrays that say what work there is, where it may run and how much can run at most."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from coplan.elements.index import incidence, names


def label_ratio(data: Any) -> np.ndarray:
    """Matrix [hall, label]: MW-equivalent of the label per MW of the hall's servers."""
    match = incidence(names(data, "hall_label"), names(data, "label"))
    return match * data["density_ratio"].values[:, None]


def fixed_demand(data: Any) -> np.ndarray:
    """Work that must run in its own step, [label, time], MW-equivalent."""
    now = (data["pool_delay_h"].values == 0)[:, None] * data["pool_demand_mw"].values
    return pool_labels(data).T @ now


def fitting_sites(data: Any, pool: int) -> np.ndarray:
    """Which sites have halls that can run the work of a pool, true or false."""
    offers = incidence(names(data, "hall_site"), names(data, "site")).T @ (label_ratio(data) > 0)
    return offers[:, names(data, "label").index(str(data["pool_label"].values[pool]))] > 0


def restricted_routes(data: Any) -> list[tuple[str, str]]:
    """Pairs (pool, group of sites) of the pools whose site matters; the others are free to go.

    It matters where not every site with fitting halls may run the work, where a link carries it,
    where a target prefers some sites, and where it has state. Work with state that may not wait
    has no route of its own: its share says where it runs.
    """
    bound = _bound_pools(data)
    labels = names(data, "pool_label")
    groups = {label: _alike(data, label, bound) for label in dict.fromkeys(labels)}
    return [
        (names(data, "pool")[q], SITES_APART.join(names(data, "site")[s] for s in group))
        for q in bound
        for group in groups[labels[q]]
        if (fitting_sites(data, q) & (data["pool_reach"].values[q] > 0))[group[0]]
    ]


SITES_APART = "+"
"""Stands between the sites of a group in the name of a route: pool@site+site."""


def _bound_pools(data: Any) -> list[int]:
    """Rows of the pools whose site matters."""
    told = {*names(data, "stream_pool"), *names(data, "preference_pool")}
    placed = names(data, "placed_pool")
    found = []
    for q, pool in enumerate(names(data, "pool")):
        beyond = fitting_sites(data, q) & (data["pool_reach"].values[q] <= 0)
        waits = data["pool_delay_h"].values[q] > 0
        if (pool in placed and waits) or (pool not in placed and (beyond.any() or pool in told)):
            found.append(q)
    return found


def _alike(data: Any, label: str, bound: list[int]) -> list[list[int]]:
    """Sites that no bound work of a label can tell apart, as lists of site rows.

    Work sent to such a group may be split over its sites in any way that fits what they run, so
    one route serves them all. Work with state and links know single sites.
    """
    mine = [q for q in bound if str(data["pool_label"].values[q]) == label]
    single = {*names(data, "stream_pool"), *names(data, "placed_pool")}
    known = any(
        pool in single and str(data["pool_label"].values[q]) == label
        for q, pool in enumerate(names(data, "pool"))
    )
    first = [
        set(target["sites"]) for target in json.loads(data.attrs["targets"])
        if target["kind"] == "priority"
    ]  # fmt: skip
    groups: dict[tuple, list[int]] = {}
    for row, site in enumerate(names(data, "site")):
        reached = tuple(bool(data["pool_reach"].values[q][row] > 0) for q in mine)
        fits = bool(mine) and bool(fitting_sites(data, mine[0])[row])
        preferred = tuple(site in sites for sites in first)
        groups.setdefault((fits, reached, preferred, site if known else ""), []).append(row)
    return list(groups.values())


def block_of_step(block_h: float, step_h: float, steps: int) -> np.ndarray:
    """Number of the block of `block_h` hours that each step belongs to; the last takes the rest."""
    length = max(1, round(block_h / step_h))
    return np.minimum(np.arange(steps) // length, max(1, steps // length) - 1)


def split_windows(data: Any, step_h: float, pairs: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Arrivals of the last L hours at every step, in the running block and before it [MWh].

    `pairs` are labels of `placed`; a wait is at most as long as a block. Cyclic.
    """
    known, demand = names(data, "placed"), data["pool_demand_mw"].values
    now, before = np.zeros((2, len(pairs), demand.shape[1]))
    for row, pair in enumerate(pairs):
        spot = known.index(pair)
        pool = names(data, "pool").index(names(data, "placed_pool")[spot])
        steps = int(data["pool_delay_h"].values[pool] / step_h)
        window = step_h * window_sum(demand[pool], steps)
        block = block_of_step(float(data["placed_block_h"].values[spot]), step_h, demand.shape[1])
        if block[-1] == 0:  # one block: all of the window is its own
            now[row] = window
            continue
        within = np.arange(len(block)) - np.searchsorted(block, block) + 1
        total = np.concatenate([[0.0], np.cumsum(step_h * demand[pool])])
        ends = np.arange(len(block)) + 1
        now[row] = total[ends] - total[ends - np.minimum(within, steps)]
        before[row] = np.where(within < steps, np.maximum(window - now[row], 0.0), 0.0)
    return now, before


def pool_rows(data: Any, pools: list[str]) -> list[int]:
    """Places of the pools named among all pools."""
    known = names(data, "pool")
    return [known.index(pool) for pool in pools]


def window_sum(arrivals: np.ndarray, steps: int) -> np.ndarray:
    """Sum over the last `steps` steps, cyclic: what may still wait at the end of each step."""
    steps = min(steps, len(arrivals))
    padded = np.concatenate([arrivals[len(arrivals) - steps :], arrivals])
    total = np.concatenate([[0.0], np.cumsum(padded)])
    ends = np.arange(len(arrivals)) + steps + 1
    return total[ends] - total[ends - steps]


def pool_labels(data: Any) -> np.ndarray:
    """Matrix [pool, label] with 1 where the pool's work is counted in the label."""
    return incidence(names(data, "pool_label"), names(data, "label"))


def most_work(data: Any) -> np.ndarray:
    """Most work of each pool's label that all servers together can run, MW-equivalent."""
    servers = data["availability"].values * data["servers_max_mw"].values
    return pool_labels(data) @ (label_ratio(data).T @ servers)

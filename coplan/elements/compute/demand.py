"""Arrays that say what work there is, where it may run and how much can run at most."""

from __future__ import annotations

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


def restricted_routes(data: Any) -> list[tuple[str, str]]:
    """Pairs (pool, site) of the pools that not every site with fitting halls may run."""
    offers = incidence(names(data, "hall_site"), names(data, "site")).T @ (label_ratio(data) > 0)
    labels = names(data, "label")
    routes = []
    for q, pool in enumerate(names(data, "pool")):
        fitting = offers[:, labels.index(str(data["pool_label"].values[q]))] > 0
        reach = data["pool_reach"].values[q] > 0
        if (fitting & ~reach).any():
            sites = names(data, "site")
            routes += [(pool, sites[s]) for s in np.flatnonzero(fitting & reach)]
    return routes


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

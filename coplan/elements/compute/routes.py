"""Work whose site matters is sent there; a site runs at least what is sent to it.

    Σ_s work[q,s,t] = served[q,t]                   per pool bound to sites       [MW-equivalent]
    Σ_u ratio[u] · load[u,t] ≥ Σ_q work[q,s,t]      per label and site
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.demand import (
    SITES_APART,
    label_ratio,
    most_work,
    pool_rows,
    restricted_routes,
)
from coplan.elements.index import Index, incidence, names


def send(b: Any, index: Index, data: Any) -> None:
    """Declare routes of work that is bound to sites, linked, preferred or placed."""
    times, routes = index.times, restricted_routes(data)
    b.routes = algebra.index([f"{q}@{s}" for q, s in routes], dim="route", doc="pool and site")
    most = most_work(data)[pool_rows(data, [q for q, _ in routes])][:, None]
    b.route_work_mw = algebra.variable(
        b.routes, times, upper=most, unit="MW", doc="work of a pool sent to a site (MW-equivalent)"
    )
    if routes:
        _bind(b, index, data, routes)
    if routes or len(b.placed_now):
        _site_floors(b, index, data, routes)


def _bind(b: Any, index: Index, data: Any, routes: list[tuple[str, str]]) -> None:
    """All bound work is sent somewhere, in the step in which it runs."""
    pools = sorted({pool for pool, _ in routes})
    rows = pool_rows(data, pools)
    fixed = data["pool_demand_mw"].values[rows] * (data["pool_delay_h"].values[rows] == 0)[:, None]
    b.bound_pools = algebra.index(pools, dim="bound_pool", doc="work bound to some sites")
    b.bound_fixed = algebra.param(b.bound_pools, index.times, values=fixed)
    b.bound_flexible = algebra.param(
        b.flexible, b.bound_pools,
        values=np.array([[float(q == p) for p in pools] for q in b.flexible]).reshape(
            len(b.flexible), len(pools)
        ),
    )  # fmt: skip
    b.route_pool = algebra.param(
        b.routes, b.bound_pools, values=incidence([q for q, _ in routes], pools)
    )

    @algebra.constraint(b, b.bound_pools, index.times, doc="bound work is sent to sites in reach")
    def route_balance(b, q, t):
        sent = sum(b.route_pool[r, q] * b.route_work_mw[r, t] for r in b.routes)
        later = sum(b.bound_flexible[f, q] * b.served_mw[f, t] for f in b.flexible)
        return sent - later == b.bound_fixed[q, t]


def _site_floors(b: Any, index: Index, data: Any, routes: list[tuple[str, str]]) -> None:
    """A site, or a group of sites that are alike, runs at least what is sent to it, by label."""
    labels = dict(zip(names(data, "pool"), names(data, "pool_label"), strict=True))
    placed = [tuple(pair.rsplit("@", 1)) for pair in b.placed_now]
    floors = sorted({(labels[pool], site) for pool, site in [*routes, *placed]})
    b.floors = algebra.index([f"{k}@{s}" for k, s in floors], dim="floor", doc="label and site")

    def sent_to(pairs: Any) -> np.ndarray:
        found = [[float((labels[q], s) == f) for f in floors] for q, s in pairs]
        return np.array(found).reshape(len(found), len(floors))

    b.route_floor = algebra.param(b.routes, b.floors, values=sent_to(routes))
    b.placed_floor = algebra.param(b.placed_now, b.floors, values=sent_to(placed))
    ratio, kinds = label_ratio(data), names(data, "label")
    sites = np.array(names(data, "hall_site"))
    inside = [np.isin(sites, group.split(SITES_APART)) for _, group in floors]
    b.hall_floor = algebra.param(
        index.halls, b.floors,
        values=np.stack(
            [ratio[:, kinds.index(k)] * mine
             for (k, _), mine in zip(floors, inside, strict=True)], 1
        ),
    )  # fmt: skip

    @algebra.constraint(b, b.floors, index.times, doc="a site runs at least what is bound to it")
    def site_work_floor(b, f, t):
        run = sum(b.hall_floor[u, f] * b.load_mw[u, t] for u in index.halls)
        sent = sum(b.route_floor[r, f] * b.route_work_mw[r, t] for r in b.routes)
        placed = sum(b.placed_floor[p, f] * b.fixed_work_mw[p, t] for p in b.placed_now)
        return run >= sent + placed

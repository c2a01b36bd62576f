"""Work of an operating year: run in its hour, kept waiting, or sent to a site in reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.demand import (
    fixed_demand,
    label_ratio,
    most_work,
    pool_labels,
    restricted_routes,
    window_sum,
)
from coplan.elements.index import Index, incidence, names
from coplan.elements.ledger import Ledger


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare the work of one operating year: run, deferred, routed; post its IT power."""
    b = algebra.block(y, "compute", doc="work and servers")
    units, times = index.halls, index.times
    size = sizes.compute
    availability = data["availability"].values
    idle = data["idle_share"].values
    b.at = algebra.param(
        units, index.sites, values=incidence(names(data, "hall_site"), list(index.sites))
    )
    b.idle = algebra.param(units, values=idle)
    b.always_on = algebra.param(units, values=idle + data["storage_share"].values)
    b.availability = algebra.param(units, values=availability)
    b.running = algebra.param(units, values=data["minimum_running_share"].values)
    load_max = (availability * data["servers_max_mw"].values)[:, None]
    b.load_mw = algebra.variable(
        units, times, upper=load_max, unit="MW", doc="work run, power of its own servers"
    )

    @algebra.constraint(b, units, times, doc="work runs on servers that are available")
    def load_limit(b, u, t):
        working = size.servers_mw[u] - size.out_of_service_mw[u]
        return b.load_mw[u, t] <= b.availability[u] * working

    kept_busy = data["minimum_running_share"].values > 0
    if kept_busy.any():
        b.kept_busy = algebra.index(
            [u for u, busy in zip(index.halls, kept_busy, strict=True) if busy],
            dim="hall", doc="halls that never stop",
        )  # fmt: skip

        @algebra.constraint(b, b.kept_busy, times, doc="some work never stops")
        def load_floor(b, u, t):
            return b.load_mw[u, t] >= b.running[u] * size.servers_mw[u]

    _serve(b, index, data)
    _route(b, index, data)

    @algebra.expression(b, units, times, unit="MW", doc="IT power of a hall")
    def it_mw(b, u, t):
        return b.always_on[u] * size.servers_mw[u] + (1 - b.idle[u]) * b.load_mw[u, t]

    ledger.post("IT load", b.it_mw, -1, units, b.at, "facility it")


def _serve(b: Any, index: Index, data: Any) -> None:
    """Every label's work is run: the inflexible in its hour, the rest within its delay."""
    times = index.times
    delay = data["pool_delay_h"].values
    demand = data["pool_demand_mw"].values
    waits = delay > 0
    pools = [pool for pool, wait in zip(index.pools, waits, strict=True) if wait]
    b.flexible = algebra.index(pools, dim="pool", doc="work that may wait")
    b.demand = algebra.param(b.flexible, times, values=demand[waits])
    arrivals = np.array(
        [window_sum(demand[q], int(delay[q] / index.step_h)) for q in np.flatnonzero(waits)]
    ).reshape(waits.sum(), demand.shape[1])
    b.backlog_mwh = algebra.variable(
        b.flexible, times, upper=index.step_h * arrivals, unit="MWh",
        doc="work that arrived and was not yet run, at the end of the step (MW-equivalent h)",
    )  # fmt: skip
    b.served_mw = algebra.variable(
        b.flexible, times, unit="MW", doc="deferrable work run (MW-equivalent)",
        upper=most_work(data)[waits][:, None],
    )  # fmt: skip
    b.ratio = algebra.param(index.halls, index.labels, values=label_ratio(data))
    b.fixed = algebra.param(index.labels, times, values=fixed_demand(data))
    b.flexible_label = algebra.param(
        b.flexible, index.labels, values=pool_labels(data)[waits]
    )

    @algebra.constraint(b, b.flexible, times, doc="work waits from step to step until it is run")
    def backlog_balance(b, q, t):
        waiting = b.backlog_mwh[q, index.previous_step[t]]
        change = index.step_h * (b.demand[q, t] - b.served_mw[q, t])
        return b.backlog_mwh[q, t] == waiting + change

    @algebra.constraint(b, index.labels, times, doc="all work of a label is run somewhere")
    def work_balance(b, label, t):
        run = sum(b.ratio[u, label] * b.load_mw[u, t] for u in index.halls)
        later = sum(b.flexible_label[q, label] * b.served_mw[q, t] for q in b.flexible)
        return run - later == b.fixed[label, t]


def _route(b: Any, index: Index, data: Any) -> None:
    """Work that only some sites may run is routed; a site runs at least what is routed to it."""
    times = index.times
    routes = restricted_routes(data)
    pools = sorted({pool for pool, _ in routes})
    labels = dict(zip(names(data, "pool"), names(data, "pool_label"), strict=True))
    floors = sorted({(labels[pool], site) for pool, site in routes})
    if not routes:
        return
    rows = [names(data, "pool").index(pool) for pool in pools]
    fixed = data["pool_demand_mw"].values[rows] * (data["pool_delay_h"].values[rows] == 0)[:, None]
    b.bound_pools = algebra.index(pools, dim="bound_pool", doc="work bound to some sites")
    b.routes = algebra.index([f"{q}@{s}" for q, s in routes], dim="route", doc="pool and site")
    b.floors = algebra.index([f"{k}@{s}" for k, s in floors], dim="floor", doc="label and site")
    b.bound_fixed = algebra.param(b.bound_pools, times, values=fixed)
    b.bound_flexible = algebra.param(
        b.flexible, b.bound_pools,
        values=np.array([[float(q == p) for p in pools] for q in b.flexible]).reshape(
            len(b.flexible), len(pools)
        ),
    )  # fmt: skip
    b.route_pool = algebra.param(
        b.routes, b.bound_pools, values=incidence([q for q, _ in routes], pools)
    )
    b.route_floor = algebra.param(
        b.routes, b.floors,
        values=np.array([[float((labels[q], s) == f) for f in floors] for q, s in routes]),
    )  # fmt: skip
    ratio, at = label_ratio(data), incidence(names(data, "hall_site"), list(index.sites))
    places, kinds = list(index.sites), names(data, "label")
    b.hall_floor = algebra.param(
        index.halls, b.floors,
        values=np.stack([ratio[:, kinds.index(k)] * at[:, places.index(s)] for k, s in floors], 1),
    )  # fmt: skip
    most = dict(zip(names(data, "pool"), most_work(data), strict=True))
    b.route_work_mw = algebra.variable(
        b.routes, times, upper=np.array([most[q] for q, _ in routes])[:, None], unit="MW",
        doc="work of a pool sent to a site (MW-equivalent)",
    )  # fmt: skip

    @algebra.constraint(b, b.bound_pools, times, doc="bound work is sent to sites within reach")
    def route_balance(b, q, t):
        sent = sum(b.route_pool[r, q] * b.route_work_mw[r, t] for r in b.routes)
        later = sum(b.bound_flexible[f, q] * b.served_mw[f, t] for f in b.flexible)
        return sent - later == b.bound_fixed[q, t]

    @algebra.constraint(b, b.floors, times, doc="a site runs at least what is bound to it")
    def site_work_floor(b, f, t):
        run = sum(b.hall_floor[u, f] * b.load_mw[u, t] for u in index.halls)
        sent = sum(b.route_floor[r, f] * b.route_work_mw[r, t] for r in b.routes)
        return run >= sent

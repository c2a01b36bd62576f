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
    pool_rows,
    window_sum,
)
from coplan.elements.compute.links import carry
from coplan.elements.compute.pace import keep_pace
from coplan.elements.compute.placement import (
    checkpoint_hours,
    declare_shares,
    declare_waiting,
    migrate,
)
from coplan.elements.compute.routes import send
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
    _wait(b, index, data)
    keep_pace(b, index, data)
    declare_shares(b, index, data)
    send(b, index, data)
    declare_waiting(b, index, data)
    migrate(b, index, data, ledger)
    carry(b, index, sizes, data, ledger)

    @algebra.expression(b, units, times, unit="MW", doc="IT power before measures save of it")
    def gross_it_mw(b, u, t):
        return b.always_on[u] * size.servers_mw[u] + (1 - b.idle[u]) * b.load_mw[u, t]

    @algebra.expression(b, units, times, unit="MW", doc="IT power of a hall")
    def it_mw(b, u, t):
        saves = y.measures
        saved = sum(saves.at[v, u] * saves.saved_mw[v, t] for v in saves.savings)
        return b.gross_it_mw[u, t] - saved

    ledger.post("IT load", b.it_mw, -1, units, b.at, "facility it")


def _serve(b: Any, index: Index, data: Any) -> None:
    """Every label's work is run: the inflexible in its hour, the rest within its delay."""
    times = index.times
    waits = data["pool_delay_h"].values > 0
    pools = [pool for pool, wait in zip(index.pools, waits, strict=True) if wait]
    b.flexible = algebra.index(pools, dim="pool", doc="work that may wait")
    b.demand = algebra.param(b.flexible, times, values=data["pool_demand_mw"].values[waits])
    b.served_mw = algebra.variable(
        b.flexible, times, unit="MW", doc="deferrable work run (MW-equivalent)",
        upper=most_work(data)[waits][:, None],
    )  # fmt: skip
    b.ratio = algebra.param(index.halls, index.labels, values=label_ratio(data))
    b.fixed = algebra.param(index.labels, times, values=fixed_demand(data))
    b.flexible_label = algebra.param(
        b.flexible, index.labels, values=pool_labels(data)[waits]
    )

    @algebra.constraint(b, index.labels, times, doc="all work of a label is run somewhere")
    def work_balance(b, label, t):
        run = sum(b.ratio[u, label] * b.load_mw[u, t] for u in index.halls)
        later = sum(b.flexible_label[q, label] * b.served_mw[q, t] for q in b.flexible)
        return run - later == b.fixed[label, t]


def _wait(b: Any, index: Index, data: Any) -> None:
    """Work that may wait and has no fixed place waits in one queue, whatever its site."""
    times, step_h = index.times, index.step_h
    delay, demand = data["pool_delay_h"].values, data["pool_demand_mw"].values
    placed = names(data, "placed_pool")
    queued = [pool for pool in b.flexible if pool not in placed]
    rows = pool_rows(data, queued)
    arrivals = np.array([window_sum(demand[q], int(delay[q] / step_h)) for q in rows])
    b.queued = algebra.index(queued, dim="pool", doc="work that waits in one queue")
    b.backlog_mwh = algebra.variable(
        b.queued, times, upper=step_h * arrivals.reshape(len(rows), demand.shape[1]), unit="MWh",
        doc="work that arrived and was not yet run, at the end of the step (MW-equivalent h)",
    )  # fmt: skip
    pausing = [pool for pool in queued if checkpoint_hours(data, [pool])[0] > 0]
    b.pausing = algebra.index(pausing, dim="state_pool", doc="work that pauses at a cost")
    b.paused_mw = algebra.variable(
        b.pausing, times, upper=most_work(data)[pool_rows(data, pausing)][:, None], unit="MW",
        doc="work that stops and is partly done again (MW-equivalent)",
    )  # fmt: skip
    again = incidence(pausing, queued) * checkpoint_hours(data, queued)[None, :]
    b.redo = algebra.param(b.pausing, b.queued, values=again)

    @algebra.constraint(b, b.queued, times, doc="work waits from step to step until it is run")
    def backlog_balance(b, q, t):
        waiting = b.backlog_mwh[q, index.previous_step[t]]
        change = step_h * (b.demand[q, t] - b.served_mw[q, t])
        again = sum(b.redo[c, q] * b.paused_mw[c, t] for c in b.pausing)
        return b.backlog_mwh[q, t] == waiting + change + again

    if pausing:

        @algebra.constraint(b, b.pausing, times, doc="work that falls has paused")
        def pause_floor(b, c, t):
            fallen = b.served_mw[c, index.previous_step[t]] - b.served_mw[c, t]
            return b.paused_mw[c, t] >= fallen

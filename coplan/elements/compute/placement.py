"""Work with state: its split over sites is fixed for a day or a week, and moving it costs.

    Σ_s share[q,s,k] = 1                                             per pool and block k
    queue[q,s,t] = queue[q,s,t−1] + step_h · (demand[q,t] · share[q,s,k(t)] − work[q,s,t]) + redo
    0 ≤ queue[q,s,t] ≤ now[q,t] · share[q,s,k(t)] + before[q,t] · share[q,s,k(t)−1]        [MWh]
    redo = checkpoint_h · paused[q,s,t],  paused[q,s,t] ≥ work[q,s,t−1] − work[q,s,t]
    migrated[q,s,k] ≥ share[q,s,k] − share[q,s,k−1]

`now` and `before` split the arrivals of the last L hours into those of the running block and of
the one before: nothing is late, at any site. A wait of no hours needs no backlog: the work of a
site is its share of the demand.

What moves is the *share*, not `served_t − served_{t−1} − new arrivals`: in a steady state new
arrivals cover all that is served, so by that rule moving would be free. Work stays where it was
placed when it arrived; a site that loses share pauses that much, which is the work done again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.demand import block_of_step, most_work, pool_rows, split_windows
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger

GBIT_PER_GB = 8.0


def declare_shares(b: Any, index: Index, data: Any) -> None:
    """Declare the split over sites by block, and the work that may not wait as its share."""
    times = index.times
    pairs, pools = names(data, "placed"), names(data, "placed_pool")
    blocks, before = _block_maps(index, data)
    used = np.array([np.isin(data["block"].values, row) for row in blocks], dtype=float)
    used = used.reshape(len(pairs), data.sizes["block"])
    own = list(dict.fromkeys(pools))
    delay = data["pool_delay_h"].values[pool_rows(data, pools)]
    now = delay == 0
    b.placed = algebra.index(pairs, dim="placed", doc="pool and site of work with state")
    b.placed_now = algebra.index(_kept(pairs, now), dim="placed", doc="placed, may not wait")
    b.placed_waiting = algebra.index(_kept(pairs, ~now), dim="placed", doc="placed, may wait")
    b.placed_pools = algebra.index(own, dim="placed_pool", doc="work with state")
    b.blocks = algebra.index(data.sizes["block"], dim="block", doc="days or weeks of one split")
    b.placed_share = algebra.variable(
        b.placed, b.blocks, upper=used, unit="1", doc="share of a pool placed at a site"
    )
    b.block_now = algebra.param(b.placed, times, values=blocks)
    b.block_before = algebra.param(b.placed, times, values=before)
    b.of_pool = algebra.param(b.placed, b.placed_pools, values=incidence(pools, own))
    first = [pools.index(pool) for pool in own]
    b.used = algebra.param(b.placed_pools, b.blocks, values=used[first])
    demand = data["pool_demand_mw"].values[pool_rows(data, pools)]
    b.placed_demand = algebra.param(b.placed, times, values=demand)

    @algebra.expression(b, b.placed_now, times, unit="MW", doc="placed work that may not wait")
    def fixed_work_mw(b, p, t):
        return b.placed_demand[p, t] * b.placed_share[p, b.block_now[p, t]]

    if not pairs:
        return

    @algebra.constraint(b, b.placed_pools, b.blocks, doc="all work with state has its place")
    def share_balance(b, q, k):
        return sum(b.of_pool[p, q] * b.placed_share[p, k] for p in b.placed) == b.used[q, k]


def declare_waiting(b: Any, index: Index, data: Any) -> None:
    """Placed work that may wait: where it waits, in time, and done again after a pause."""
    times, pairs = index.times, names(data, "placed")
    waiting = [pairs.index(pair) for pair in b.placed_waiting]
    pools = [names(data, "placed_pool")[row] for row in waiting]
    now, before = split_windows(data, index.step_h, list(b.placed_waiting))
    again = checkpoint_hours(data, pools)
    pausing = [pair for pair, hours in zip(b.placed_waiting, again, strict=True) if hours > 0]
    b.placed_pausing = algebra.index(pausing, dim="placed", doc="placed work that pauses at a cost")
    b.placed_backlog_mwh = algebra.variable(
        b.placed_waiting, times, upper=now + before, unit="MWh",
        doc="work waiting at a site at the end of the step (MW-equivalent h)",
    )  # fmt: skip
    most = most_work(data)[pool_rows(data, _kept(pools, again > 0))]
    b.placed_paused_mw = algebra.variable(
        b.placed_pausing, times, upper=most.reshape(-1, 1), unit="MW",
        doc="placed work that stops at a site (MW-equivalent)",
    )  # fmt: skip
    b.window_now = algebra.param(b.placed_waiting, times, values=now)
    b.window_before = algebra.param(b.placed_waiting, times, values=before)
    redo = incidence(pausing, list(b.placed_waiting)) * again[None, :]
    b.placed_redo = algebra.param(b.placed_pausing, b.placed_waiting, values=redo)
    if not waiting:
        return

    @algebra.constraint(b, b.placed_waiting, times, doc="work waits at the site it was placed at")
    def placed_backlog_balance(b, p, t):
        waited = b.placed_backlog_mwh[p, index.previous_step[t]]
        arrived = b.placed_demand[p, t] * b.placed_share[p, b.block_now[p, t]]
        change = index.step_h * (arrived - b.route_work_mw[p, t])
        again = sum(b.placed_redo[c, p] * b.placed_paused_mw[c, t] for c in b.placed_pausing)
        return b.placed_backlog_mwh[p, t] == waited + change + again

    @algebra.constraint(b, b.placed_waiting, times, doc="no work is late at its site")
    def placed_backlog_limit(b, p, t):
        now = b.window_now[p, t] * b.placed_share[p, b.block_now[p, t]]
        before = b.window_before[p, t] * b.placed_share[p, b.block_before[p, t]]
        return b.placed_backlog_mwh[p, t] <= now + before

    if not pausing:
        return

    @algebra.constraint(b, b.placed_pausing, times, doc="what falls at a site has paused there")
    def placed_pause_floor(b, c, t):
        fallen = b.route_work_mw[c, index.previous_step[t]] - b.route_work_mw[c, t]
        return b.placed_paused_mw[c, t] >= fallen


def migrate(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Charge for the data that move when a site gains share: money, energy and, where the link of
    its region is limited, bandwidth, spread over the block."""
    times = index.times
    pairs, moved_gb = names(data, "placed"), data["placed_gb_per_mw"].values
    price, energy = data["placed_cny_per_gb"].values, data["placed_kwh_per_gb"].values
    limited = np.array([pair in limited_flows(data) for pair in pairs], dtype=bool)
    rows = np.flatnonzero((moved_gb > 0) & ((price + energy > 0) | limited))
    pools, sites = names(data, "placed_pool"), names(data, "placed_site")
    mean = data["pool_demand_mw"].values.mean(axis=1)[pool_rows(data, pools)]
    gb = (moved_gb * mean)[rows]
    blocks, _ = _block_maps(index, data)
    b.migrating = algebra.index([pairs[row] for row in rows], dim="placed", doc="work that moves")
    count = data.sizes["block"]
    b.migrated_share = algebra.variable(
        b.migrating, b.blocks, upper=1.0, unit="1", doc="share of a pool that moves to a site"
    )
    used = np.array([blocks[row].max() + 1 for row in rows], dtype=int)
    before = [[(k - 1) % n if k < n else k for k in range(count)] for n in used]
    b.share_before = algebra.param(
        b.migrating, b.blocks, values=np.array(before, dtype=int).reshape(len(rows), count)
    )
    at = incidence([sites[row] for row in rows], list(index.sites))
    b.migrating_at = algebra.param(b.migrating, index.sites, values=at)
    weight = float(data["step_weight"].values.mean())
    b.migration_cost = algebra.param(b.migrating, values=KILO * weight * price[rows] * gb)
    length = np.array([np.bincount(blocks[row])[blocks[row]] for row in rows]) * index.step_h
    per_hour = gb[:, None] / length.reshape(len(rows), len(times))
    b.migration_rate = algebra.param(
        b.migrating, times, values=1e-3 * energy[rows][:, None] * per_hour
    )
    b.migration_gbit = algebra.param(b.migrating, times, values=GBIT_PER_GB * per_hour / 3600.0)

    @algebra.expression(b, b.migrating, times, unit="MW", doc="energy of work that moves to a site")
    def migration_mw(b, p, t):
        return b.migration_rate[p, t] * b.migrated_share[p, b.block_now[p, t]]

    if not rows.size:
        return

    @algebra.constraint(b, b.migrating, b.blocks, doc="a site that gains share is moved to")
    def migration_floor(b, p, k):
        risen = b.placed_share[p, k] - b.placed_share[p, b.share_before[p, k]]
        return b.migrated_share[p, k] >= risen

    @algebra.expression(b, b.migrating, unit="kCNY/year", doc="price of data that move with work")
    def migration_kcny(b, p):
        return b.migration_cost[p] * sum(b.migrated_share[p, k] for k in b.blocks)

    places = [sites[row] for row in rows]
    ledger.book("compute", "migration", b.migration_kcny, b.migrating, places)
    ledger.post("migration", b.migration_mw, -1, b.migrating, b.migrating_at)


def limited_flows(data: Any) -> set[str]:
    """Pool and site, as "pool@site", of work whose link has a limit on bandwidth."""
    where = dict(zip(names(data, "link"), names(data, "link_site"), strict=True))
    streams = zip(names(data, "stream_pool"), names(data, "stream_link"),
                  data["stream_gbit_per_mw"].values, strict=True)  # fmt: skip
    return {f"{pool}@{where[link]}" for pool, link, gbit in streams if gbit > 0}


def checkpoint_hours(data: Any, pools: list[str]) -> np.ndarray:
    """Hours of work done again per MW that pauses, for each of the pools named."""
    known = dict(zip(names(data, "state_pool"), data["state_checkpoint_h"].values, strict=True))
    return np.array([float(known.get(pool, 0.0)) for pool in pools])


def _block_maps(index: Index, data: Any) -> tuple[np.ndarray, np.ndarray]:
    """Block of every step, and the block before it, for every placed pair (integers)."""
    steps = len(data["step_weight"].values)
    found = [block_of_step(h, index.step_h, steps) for h in data["placed_block_h"].values]
    now = np.array(found, dtype=int).reshape(len(found), steps)
    count = now.max(axis=1, keepdims=True, initial=0) + 1
    return now, (now - 1) % count


def _kept(labels: list[str], keep: np.ndarray) -> list[str]:
    return [label for label, one in zip(labels, keep, strict=True) if one]

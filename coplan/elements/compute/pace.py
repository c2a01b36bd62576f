"""Work with state keeps its pace: it neither jumps within an hour nor stops altogether.

    |served[q,t] − served[q,t−1]| ≤ ramp · mean · step_h
    served[q,t] ≥ least share · mean

Only work of one class is pooled here: with arrivals of one shape the pool keeps its limits
exactly when each of its demands does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.demand import pool_rows
from coplan.elements.index import Index, names


def keep_pace(b: Any, index: Index, data: Any) -> None:
    """Limit how fast the deferrable work of a class may change, and how low it may fall."""
    times, pools = index.times, names(data, "state_pool")
    mean = data["pool_demand_mw"].values.mean(axis=1)[pool_rows(data, pools)]
    ramp = data["state_ramp_per_h"].values
    least = data["state_running_share"].values * mean
    limited = np.flatnonzero(np.isfinite(ramp))
    running = np.flatnonzero(least > 0)
    b.ramped = algebra.index([pools[row] for row in limited], dim="pool", doc="ramp-limited work")
    b.running_pools = algebra.index([pools[row] for row in running], dim="pool", doc="never stops")
    b.ramp_mw = algebra.param(b.ramped, values=(ramp[limited] * mean[limited]) * index.step_h)
    b.least_mw = algebra.param(b.running_pools, values=least[running])
    if limited.size:

        @algebra.constraint(b, b.ramped, times, doc="work with state rises only so fast")
        def ramp_up_limit(b, q, t):
            change = b.served_mw[q, t] - b.served_mw[q, index.previous_step[t]]
            return change <= b.ramp_mw[q]

        @algebra.constraint(b, b.ramped, times, doc="work with state falls only so fast")
        def ramp_down_limit(b, q, t):
            change = b.served_mw[q, index.previous_step[t]] - b.served_mw[q, t]
            return change <= b.ramp_mw[q]

    if running.size:

        @algebra.constraint(b, b.running_pools, times, doc="work with state never stops")
        def running_floor(b, q, t):
            return b.served_mw[q, t] >= b.least_mw[q]

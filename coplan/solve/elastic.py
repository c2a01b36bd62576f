"""How far the promises are from being kept: rows may be broken, at one per unit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coplan.solve.bound import weak_duality_bound
from coplan.solve.highs import solve_linear
from coplan.solve.program import Array, LinearProgram

PROVEN = 1e-6  # a certified least violation above this is an infeasibility, not noise


@dataclass(frozen=True)
class Elastic:
    """The cheapest repair: `violations` per row (+ over its upper side, − short of its lower).

    `total` is the weighted sum found; `least` no repair is below (certified). `x` may be None.
    """

    violations: Array
    total: float
    least: float
    status: str
    x: Array | None
    seconds: float

    @property
    def is_infeasible(self) -> bool:
        """Whether it is proven that the rows cannot all be kept."""
        return self.least > PROVEN

    @property
    def is_feasible(self) -> bool:
        """Whether a point that keeps every row was found."""
        return self.x is not None and self.total <= PROVEN


def elastic(
    compiled: Any,
    rows: Array | None = None,
    weights: Array | None = None,
    time_limit: float = float("inf"),
    threads: int = 1,
    algorithm: str = "auto",
) -> Elastic:
    """Minimise the weighted sum of violations of `rows` (numbers; all rows by default).

    `compiled`: a `Compiled` model (integers may be fractional) or a LinearProgram.

    `weights` (one per relaxed row, default 1) price one unit of violation. The program's own
    cost plays no part. Rows outside `rows` are kept.
    """
    program = LinearProgram.of(compiled)
    rows = np.arange(program.n_rows) if rows is None else np.asarray(rows, dtype=np.int64)
    weights = np.ones(rows.size) if weights is None else np.asarray(weights, dtype=float)
    relaxed = _with_slack(program, rows, weights)
    found = solve_linear(
        relaxed, algorithm=algorithm, tolerance=1e-8, time_limit=time_limit, threads=threads
    )
    n = program.n_columns
    violations = np.zeros(program.n_rows)
    total = float("inf")
    x = None
    if found.x is not None:
        clipped = np.clip(found.x, relaxed.lower, relaxed.upper)
        violations[rows] = clipped[n + rows.size :] - clipped[n : n + rows.size]
        x, total = clipped[:n], float(relaxed.cost @ clipped)
    y = np.zeros(program.n_rows) if found.row_dual is None else found.row_dual
    least = weak_duality_bound(relaxed, y)
    return Elastic(violations, total, least, found.status, x, found.seconds)


def _with_slack(program: LinearProgram, rows: Array, weights: Array) -> LinearProgram:
    """Two columns more for each row of `rows`: what is missing, and what is too much."""
    least, most = program.activity_range()
    short = np.where(np.isfinite(program.row_lower), program.row_lower - least, 0.0)[rows]
    over = np.where(np.isfinite(program.row_upper), most - program.row_upper, 0.0)[rows]
    first, k = program.n_columns, rows.size
    ends = program.start[rows + 1]
    # the two of a row side by side: rows without entries end where the row before them ends
    pairs = np.stack([first + np.arange(k), first + k + np.arange(k)], axis=1).reshape(-1)
    column = np.insert(program.column, np.repeat(ends, 2), pairs)
    value = np.insert(program.value, np.repeat(ends, 2), np.tile([1.0, -1.0], k))
    counts = np.diff(program.start).astype(np.int64)
    counts[rows] += 2
    return replace(
        program,
        start=np.r_[0, np.cumsum(counts)].astype(np.int32),
        column=column.astype(np.int32),
        value=value,
        cost=np.r_[np.zeros(first), weights, weights],
        offset=0.0,
        lower=np.r_[program.lower, np.zeros(2 * k)],
        upper=np.r_[program.upper, np.maximum(short, 0.0), np.maximum(over, 0.0)],
    )

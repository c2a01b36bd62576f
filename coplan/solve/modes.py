"""Yes-or-no columns that say which of two opposite flows may run: settled by what the LP does.

There may be one for every hour of a year. The bounding LPs leave them relaxed; a plan takes, in
every step in which the LP uses both flows, the larger one, and is solved again. The bound stays
that of the relaxed LP, so that the gap tells what the rounding costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from coplan.solve.highs import LinearResult
from coplan.solve.program import Array, LinearProgram

CLASH = 1e-6  # of the largest flow: the lesser of two flows below it is what an LP leaves behind
ROUNDS = 3  # LPs in which single steps are settled; the next one settles all


def _none() -> Array:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Modes:
    """Columns x with rows `on − M·x ≤ 0` and `off + M·x ≤ M`, in the same order."""

    columns: Array = field(default_factory=_none)
    on_rows: Array = field(default_factory=_none)
    off_rows: Array = field(default_factory=_none)

    def flows(self, program: LinearProgram, x: Array) -> tuple[Array, Array]:
        """Both flows of every mode at x, as shares of the most they may be."""
        without, alone = x.copy(), np.zeros(x.size)
        without[self.columns], alone[self.columns] = 0.0, 1.0
        now, room = program.activity(without), program.activity(alone)
        on, off = now[self.on_rows], now[self.off_rows]
        return on / -room[self.on_rows], off / room[self.off_rows]

    def clash(self, program: LinearProgram, x: Array) -> Array:
        """The lesser of both flows of every mode, as a share of the most it may be."""
        if not self.columns.size:
            return np.zeros(0)
        return np.minimum(*self.flows(program, x))

    def settle(
        self,
        program: LinearProgram,
        found: LinearResult,
        solve: Callable[[LinearProgram], LinearResult],
    ) -> tuple[LinearProgram, LinearResult]:
        """The program with one way only wherever `found` uses both, and what it gives."""
        if not self.columns.size:
            return program, found
        for attempt in range(ROUNDS + 1):
            if found.x is None:
                return program, found
            both = self.clash(program, found.x) > CLASH
            on, off = self.flows(program, found.x)
            way = (on > off).astype(float)
            free = program.lower[self.columns] < program.upper[self.columns]
            if not (both & free).any():
                x = found.x.copy()
                x[self.columns] = np.where(free, way, program.lower[self.columns])
                return program, replace(found, x=x)
            now = free if attempt == ROUNDS - 1 else both & free
            lower, upper = program.lower.copy(), program.upper.copy()
            lower[self.columns[now]] = upper[self.columns[now]] = way[now]
            program = program.with_bounds(lower, upper)
            found = solve(program)
        return program, found

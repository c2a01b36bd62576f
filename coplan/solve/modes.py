"""Yes-or-no columns that say which of two opposite flows may run: settled by what the LP does.

There may be one for every hour of a year. The bounding LPs leave them relaxed. A plan takes, in
every step in which the LP uses both flows, the larger one, and is solved again: what a meter
shows is the net of both, which the plan can do as well. The bound stays that of the relaxed LP,
so that the gap tells what the rounding costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from coplan.solve.highs import LinearResult
from coplan.solve.program import Array, LinearProgram

CLASH = 1e-6  # of the largest flow: the lesser of two flows below it is what an LP leaves behind
MODES_BRANCHED = 48  # more ways of running than these are rounded, never branched on
ROUNDS = 3  # LPs in which single steps are settled; the next one settles all


def _none() -> Array:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Modes:
    """Columns x with rows `on − M·x ≤ 0` and `off + M·x ≤ M`, in the same order.

    `implied`: 1 where both rows add nothing while x is between 0 and 1, since another row limits
    the sum of both flows (a battery's power).
    """

    columns: Array = field(default_factory=_none)
    on_rows: Array = field(default_factory=_none)
    off_rows: Array = field(default_factory=_none)
    implied: Array = field(default_factory=_none)

    def loosened(self, program: LinearProgram) -> LinearProgram:
        """The same program without rows that add nothing to it: quicker where they are many."""
        free = program.lower[self.columns] < program.upper[self.columns]
        if self.columns.size <= MODES_BRANCHED or not (free & (self.implied > 0)).any():
            return program
        loose = free & (self.implied > 0)
        rows = np.concatenate([self.on_rows[loose], self.off_rows[loose]])
        row_lower, row_upper = program.row_lower.copy(), program.row_upper.copy()
        row_lower[rows], row_upper[rows] = -np.inf, np.inf
        return program.with_sides(row_lower, row_upper)

    def flows(self, program: LinearProgram, x: Array) -> tuple[Array, Array]:
        """Both flows of every mode at x: where its column is 1, and where it is 0."""
        without = x.copy()
        without[self.columns] = 0.0
        now = program.activity(without)
        return now[self.on_rows], now[self.off_rows]

    def clash(self, program: LinearProgram, x: Array) -> Array:
        """The lesser of both flows of every mode, as a share of the most it may be."""
        if not self.columns.size:
            return np.zeros(0)
        alone = np.zeros(x.size)
        alone[self.columns] = 1.0
        room = program.activity(alone)
        on, off = self.flows(program, x)
        most_on, most_off = -room[self.on_rows], room[self.off_rows]
        shares = [
            np.divide(flow, most, out=np.zeros(most.size), where=most > 0)
            for flow, most in ((on, most_on), (off, most_off))
        ]
        return np.minimum(*shares)

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

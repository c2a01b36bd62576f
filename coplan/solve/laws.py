"""Columns that follow a law from above: no more than the most their rows ask, or nothing.

A pause, or cooling beyond a first line, is modelled as "at least". Where energy is free and load
counts for a green share, more than the law asks could pay: a pause that never was, whose work is
done again on surplus wind. A plan in which that happens is solved again with the law made exact
where it was overshot, then everywhere. The bound stays that of the relaxed LP, so that the gap
tells what honesty costs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from coplan.solve.highs import LinearResult
from coplan.solve.program import Array, LinearProgram

OVERSHOT = 1e-4  # of the most that all columns may be together: less is left as it is


def _none() -> Array:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Laws:
    """Rows that each ask at least something of one column; the column of each row."""

    rows: Array = field(default_factory=_none)
    columns: Array = field(default_factory=_none)

    def overshoot(self, program: LinearProgram, x: Array) -> tuple[Array, Array]:
        """The columns of the laws, and how much each is above what its law asks at x."""
        columns, owner = np.unique(self.columns, return_inverse=True)
        over = np.maximum(x[columns] - program.lower[columns], 0.0)
        np.minimum.at(over, owner, self._slack(program, x))
        return columns, np.maximum(over, 0.0)

    def settle(
        self,
        program: LinearProgram,
        found: LinearResult,
        solve: Callable[[LinearProgram], LinearResult],
    ) -> tuple[LinearProgram, LinearResult]:
        """The program with exact laws where `found` overshoots them, and what it gives.

        What was found stays where no plan keeps the laws exactly in the way it goes.
        """
        if not self.rows.size:
            return program, found
        best = program, found
        for is_last in (False, True):
            program, found = best
            if found.x is None:
                return best
            columns, over = self.overshoot(program, found.x)
            if over.sum() <= OVERSHOT * (program.upper[columns] - program.lower[columns]).sum():
                return best
            now = np.ones(columns.size, bool) if is_last else over > OVERSHOT * over.max()
            exact = self._exact(program, found.x, columns[now])
            again = solve(exact)
            if again.x is None or again.status == "infeasible":
                return best
            best = exact, again
        return best

    def _slack(self, program: LinearProgram, x: Array) -> Array:
        """By how much each row's column is above what the row asks."""
        activity = program.activity(x)[self.rows]
        low, high = program.row_lower[self.rows], program.row_upper[self.rows]
        return np.where(np.isfinite(high), high - activity, activity - low)

    def _exact(self, program: LinearProgram, x: Array, columns: Array) -> LinearProgram:
        """The columns are what asks most of them at x: a row, or their lower bound."""
        upper = program.upper.copy()
        row_lower, row_upper = program.row_lower.copy(), program.row_upper.copy()
        slack = self._slack(program, x)
        order = np.lexsort((slack, self.columns))  # of each column's rows the tightest comes first
        owners, first = np.unique(self.columns[order], return_index=True)
        tightest = order[first]
        chosen = np.isin(owners, columns)
        rests = x[owners] - program.lower[owners] <= slack[tightest]
        upper[owners[chosen & rests]] = program.lower[owners[chosen & rests]]
        rows = self.rows[tightest[chosen & ~rests]]
        side = np.where(np.isfinite(row_upper[rows]), row_upper[rows], row_lower[rows])
        row_lower[rows] = row_upper[rows] = side
        return program.with_bounds(program.lower, upper).with_sides(row_lower, row_upper)

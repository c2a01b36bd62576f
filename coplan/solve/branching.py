"""Numbers to branch on: totals of groups first, then single columns, then ways of running."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from coplan.solve.modes import MODES_BRANCHED, Modes
from coplan.solve.program import Array, LinearProgram
from coplan.solve.rounding import Group

FRACTIONAL = 1e-5  # a total further than this from whole is branched on


@dataclass(order=True)
class Open:
    """A node that may be split: its certified bound, its point, and the totals it is held to."""

    bound: float
    number: int
    """Of the LP in the log."""
    x: Array = field(compare=False)
    low: dict[int, float] = field(compare=False)
    high: dict[int, float] = field(compare=False)


class Branches:
    """What a node may be split on; number i of `columns` has a total row in the program."""

    def __init__(
        self, groups: Sequence[Group], integers: Array, modes: Modes, name: Callable[[int], str]
    ):
        grouped = [group for group in groups if group.columns.size > 1]
        last = modes.columns if modes.columns.size <= MODES_BRANCHED else modes.columns[:0]
        singles = [np.array([column]) for column in (*integers, *last)]
        # totals first: branching on how many beats branching on which
        self.columns = [np.asarray(group.columns) for group in grouped] + singles
        self.names = [group.name for group in grouped]
        self.names += [name(int(column)) for column in (*integers, *last)]
        self.modes = modes
        first = len(self.columns) - last.size
        self.tiers = (
            range(len(grouped)), range(len(grouped), first), range(first, len(self.columns))
        )

    def choose(
        self, program: LinearProgram, x: Array, low: dict[int, float], high: dict[int, float]
    ) -> tuple[int, float] | None:
        """The most fractional total of the first tier that has one, and its value at x."""
        totals = [float(x[columns].sum()) for columns in self.columns]
        away = [min(total - math.floor(total), math.ceil(total) - total) for total in totals]
        if self.tiers[2]:  # a way of running is open only where both ways are used
            away[self.tiers[2].start :] = self.modes.clash(program, x).tolist()
            for i in (i for i in self.tiers[2] if i in low or i in high):
                away[i] = 0.0
        for tier in self.tiers:
            parts = [
                (away[i], i)
                for i in tier
                if low.get(i, -math.inf) < high.get(i, math.inf)
            ]
            if parts:
                part, i = max(parts, key=lambda pair: (pair[0], -pair[1]))
                if part > FRACTIONAL:
                    return i, totals[i]
        return None

    def modes_within(
        self, low: dict[int, float], high: dict[int, float]
    ) -> dict[int, float]:
        """Column → value of the ways of running that a node has settled."""
        found = {int(self.columns[i][0]): low[i] for i in self.tiers[2] if i in low}
        return found | {int(self.columns[i][0]): high[i] for i in self.tiers[2] if i in high}

"""What a search reports while it runs and when it ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

from coplan.solve.program import Array


@dataclass(frozen=True)
class Progress:
    """Where a search stands: what runs, iterations of that LP, seconds since the start."""

    stage: str
    iterations: int
    seconds: float
    objective: float | None
    bound: float | None


@dataclass(frozen=True)
class Node:
    """One LP of the search, for the log."""

    number: int
    stage: str
    status: str
    objective: float
    bound: float
    iterations: int
    seconds: float
    algorithm: str
    branch: str = ""


@dataclass(frozen=True)
class Solution:
    """The best plan found. `x`, `y` None when there is none; `y` with the integers fixed.

    `status`: "optimal within gap", "stopped at limit", "infeasible" or "unknown".
    `gap` = (objective − bound)/|objective|.
    """

    status: str
    x: Array | None
    y: Array | None
    objective: float
    bound: float
    gap: float
    log: list[Node]
    seconds: float
    algorithms: tuple[str, ...]
    message: str = ""


def relative_gap(objective: float, bound: float) -> float:
    """(objective − bound)/|objective|, never below 0; infinite without a plan."""
    if not math.isfinite(objective):
        return math.inf
    return max(objective - bound, 0.0) / max(abs(objective), 1e-12)

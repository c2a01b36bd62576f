"""Best plan with whole halls: a root LP, rounding, and branching on how many a site has.

Every node is one LP solved by an interior point; its certified bound comes from its duals, so a
solve that stalls still counts. Two LPs run at a time in rounds that wait for both, so that the
answer does not depend on timing: the root with the plan of a guess, the two children of a node.
"""

from __future__ import annotations

import heapq
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from coplan.solve.bound import box_bound, weak_duality_bound
from coplan.solve.branching import Branches, Open
from coplan.solve.elastic import elastic
from coplan.solve.highs import LinearResult, solve_linear
from coplan.solve.laws import Laws
from coplan.solve.modes import Modes
from coplan.solve.program import Array, LinearProgram, shared_matrix
from coplan.solve.rounding import Group, candidates, dives
from coplan.solve.solution import Node, Progress, Solution, relative_gap

BOUND_TOLERANCE = 1e-4  # of LPs that bound and are branched on: within 5e-5 of the optimum
ROW_TOLERANCE = 1e-5  # relative; a point that breaks a row by more is no plan


def search(
    compiled: Any,
    groups: Sequence[Group | Sequence[object]] = (),
    gap: float = 1e-3,
    time_limit: float = math.inf,
    tolerance: float = 1e-6,
    progress: Callable[[Progress], None] | None = None,
    accept: Callable[[Array], bool] | None = None,
    threads: int = 1,
    algorithm: str = "auto",
    floor: tuple[Array, Array] | None = None,
    guess: Array | None = None,
    modes: Sequence[Array] = (),
    laws: Sequence[Array] = (),
) -> Solution:
    """Minimise a `Compiled` model to a relative `gap` within `time_limit` seconds.

    `groups`: see `rounding.Group`. `accept(x)` may refuse a plan. `floor` = (rows, least
    activity): lower sides that hold in the bounding LPs only, to keep the interior point from
    stalling; bounds and plans are those of the problem without them. `guess`: whole numbers for
    the integer columns but `modes`, tried beside the root. See `modes.Modes` and `laws.Laws`.
    """
    run = _Search(
        compiled, [Group.of(entry) for entry in groups], gap, time_limit, tolerance, progress,
        accept, threads, algorithm, floor, guess, Modes(*modes), Laws(*laws),
    )  # fmt: skip
    return run.solve()


class _Search:
    def __init__(
        self, compiled: Any, groups: list[Group], gap: float, time_limit: float, tolerance: float,
        progress: Callable[[Progress], None] | None, accept: Callable[[Array], bool] | None,
        threads: int, algorithm: str, floor: tuple[Array, Array] | None, guess: Array | None,
        modes: Modes, laws: Laws,
    ) -> None:  # fmt: skip
        self.started = time.perf_counter()
        self.groups = groups
        self.gap, self.time_limit, self.tolerance = gap, time_limit, tolerance
        self.progress, self.accept = progress, accept
        self.threads, self.algorithm, self.floor, self.guess = threads, algorithm, floor, guess
        self.modes, self.laws = modes, laws
        self.integers = np.setdiff1d(np.flatnonzero(compiled.integrality), modes.columns)
        self.is_linear = not self.integers.size and not modes.columns.size
        self.branches = Branches(groups, self.integers, modes, compiled.column_name)
        self.program, self.base = shared_matrix(compiled, self.branches.columns)
        self.log: list[Node] = []
        self.best: tuple[float, Array, Array] | None = None
        self.bound = -math.inf
        self.tried: set[bytes] = set()
        self.leaves: list[float] = []
        self.heap: list[Open] = []
        self.to_corners = False
        self.message = ""

    def left(self) -> float:
        return self.time_limit - (time.perf_counter() - self.started)

    def objective(self) -> float:
        return self.best[0] if self.best else math.inf

    def is_done(self) -> bool:
        return relative_gap(self.objective(), self.bound) <= self.gap

    def run_linear(
        self, program: LinearProgram, stage: str, tolerance: float | None = None
    ) -> LinearResult:
        known = self.best[0] if self.best else None
        bound = self.bound if math.isfinite(self.bound) else None

        def report(iterations: int, _: float) -> None:
            assert self.progress is not None
            seconds = time.perf_counter() - self.started
            self.progress(Progress(stage, iterations, seconds, known, bound))

        if tolerance is None:
            bounds = stage.startswith(("root", "node"))
            tolerance = self.bound_tolerance(stage) if bounds else self.tolerance
        return solve_linear(
            self.modes.loosened(program),
            "ipx" if self.to_corners else self.algorithm,
            tolerance,
            self.left(),
            self.threads,
            crossover=self.to_corners,
            progress=report if self.progress else None,
        )

    def bound_tolerance(self, stage: str) -> float:
        """Well below the gap asked for; looser where the bound is all, beside a guess's plan."""
        only_bounds = stage == "root" and self.guess is not None
        return max(self.tolerance, min(1.0 if only_bounds else BOUND_TOLERANCE, 0.1 * self.gap))

    def together(self, *programs: tuple[LinearProgram, str]) -> list[LinearResult]:
        """Solve several LPs side by side, or in turn where the process is to keep to one thread."""
        alone = os.environ.get("OMP_NUM_THREADS") == "1"  # as in the workers of a study
        with ThreadPoolExecutor(max_workers=1 if alone else len(programs)) as pool:
            return list(pool.map(lambda pair: self.run_linear(*pair), programs))

    def note(self, stage: str, found: LinearResult, bound: float, branch: str = "") -> int:
        number = len(self.log)
        self.log.append(
            Node(number, stage, found.status, found.objective, bound, found.iterations,
                 found.seconds, found.algorithm, branch)
        )
        return number

    def certified(self, program: LinearProgram, found: LinearResult) -> float:
        """The bound on `program` from the duals of whatever was solved for it."""
        if found.row_dual is None:
            return box_bound(program)
        return max(box_bound(program), weak_duality_bound(program, found.row_dual))

    def solve(self) -> Solution:
        if self.is_linear:
            return self.solve_continuous()
        program = self.sided({}, {})
        wanted = [(self.floored(program), "root")]
        guessed = self.fixed(self.guess) if self.guess is not None else None
        if guessed is not None:
            wanted.append((guessed, "plan"))
        root, *plans = self.together(*wanted)
        if guessed is not None:  # a plan is a plan, whatever becomes of the root
            self.take(guessed, plans[0], "plan")
        if root.x is None and root.status in ("error", "unknown") and self.left() > 0.0:
            root = solve_linear(program, "ipx", self.tolerance, self.left(), self.threads)
        if root.status == "infeasible" and self.floor is not None:
            self.floor = None
            root = self.run_linear(program, "root without floor")
        if root.status == "infeasible":
            self.note("root", root, math.nan)
            return self.infeasible() if self.best is None else self.finish()
        self.bound = self.certified(program, root)
        number = self.note("root", root, self.bound)
        if root.x is None:
            self.message = f"root LP: {root.message}"
            stopped = self.left() <= 0.0 or self.best is not None
            return self.finish("stopped at limit" if stopped else "unknown")
        self.heap = [Open(self.bound, number, root.x, {}, {})]
        if not self.is_done():
            self.round(root.x, thorough=True)
        while self.heap and not self.is_done() and self.left() > 0.0:
            self.branch(heapq.heappop(self.heap))
        return self.finish()

    def solve_continuous(self) -> Solution:
        found = self.run_linear(self.base, "plan")
        if found.status == "infeasible":
            self.note("plan", found, math.nan)
            return self.infeasible()
        self.take(self.base, found, "plan")
        if not self.is_done() and self.left() > 0.0:  # the interior point stopped too early
            self.to_corners = found.status == "unknown"
            again = self.run_linear(self.base, "plan, tighter", self.tolerance * 1e-2)
            self.take(self.base, again, "plan, tighter")
        self.message = self.message or f"plan LP: {found.message}"
        return self.finish()

    def take(self, program: LinearProgram, found: LinearResult, stage: str) -> bool:
        """Keep a solved plan if it holds and is the best; for an LP its bound counts too."""
        bound = self.certified(program, found) if self.is_linear else math.nan
        program, found = self.settled_plan(program, found, stage)
        self.note(stage, found, bound)
        if math.isfinite(bound):
            self.bound = max(self.bound, bound)
        if found.x is None or found.row_dual is None:
            return False
        x = np.clip(found.x, program.lower, program.upper) + 0.0  # no negative zeros
        if program.worst_violation(x) > ROW_TOLERANCE:
            self.message = f"{stage}: the solver's point breaks a row ({found.message})"
            return False
        if self.accept is not None and not self.accept(x):
            return False
        value = float(program.cost @ x) + program.offset
        if value < self.objective():
            self.best = (value, x, found.row_dual[: self.base.n_rows])
        return True

    def settled_plan(
        self, program: LinearProgram, found: LinearResult, stage: str
    ) -> tuple[LinearProgram, LinearResult]:
        """What was found with flows one way at a time and, for the best plan, exact laws."""
        program, found = self.modes.settle(
            program, found, lambda settled: self.run_linear(settled, stage)
        )
        if found.x is None or float(program.cost @ found.x) + program.offset >= self.objective():
            return program, found
        return self.laws.settle(
            program, found, lambda exact: self.run_linear(exact, f"{stage}, exact")
        )

    def sided(self, low: dict[int, float], high: dict[int, float]) -> LinearProgram:
        """The program of a node: totals between the given numbers."""
        row_lower, row_upper = self.program.row_lower.copy(), self.program.row_upper.copy()
        for branch, value in low.items():
            row_lower[self.base.n_rows + branch] = value
        for branch, value in high.items():
            row_upper[self.base.n_rows + branch] = value
        return self.program.with_sides(row_lower, row_upper)

    def floored(self, program: LinearProgram) -> LinearProgram:
        if self.floor is None:
            return program
        rows, least = self.floor
        row_lower = program.row_lower.copy()
        row_lower[rows] = np.maximum(row_lower[rows], least)
        return program.with_sides(np.minimum(row_lower, program.row_upper), program.row_upper)

    def round(
        self, x: Array, thorough: bool, is_whole: bool = False,
        within: dict[int, float] | None = None,
    ) -> None:
        """Try whole numbers near x; stop at the first that gives a plan."""
        lower, upper = self.base.lower, self.base.upper
        for start in self.starts(x, thorough or self.best is None):
            choices = candidates(start, self.integers, self.groups, lower, upper, is_whole)
            for attempt, whole in enumerate(choices):
                if self.left() <= 0.0 or (attempt > 0 and not thorough and self.best):
                    return
                fixed = self.fixed(whole, within)
                if fixed is None:
                    continue
                found = self.run_linear(fixed, "plan")
                if self.take(fixed, found, "plan"):
                    return

    def starts(self, x: Array, thorough: bool) -> Iterator[Array]:
        """Points to round: x, and x after a dive with the columns of no group made whole."""
        lower, upper = self.base.lower, self.base.upper
        tries, is_first = dives(x, self.integers, self.groups, lower, upper)
        if not is_first:
            yield x
        for columns, whole in tries if thorough else []:
            if self.left() <= 0.0:
                return
            low, high = lower.copy(), upper.copy()
            low[columns] = high[columns] = whole
            program = self.base.with_bounds(low, high)
            found = self.run_linear(program, "dive", self.bound_tolerance("dive"))
            self.note("dive", found, math.nan)
            if found.x is not None and found.status != "infeasible":
                yield np.clip(found.x, low, high)
        if is_first:
            yield x

    def fixed(
        self, whole: Array, within: dict[int, float] | None = None
    ) -> LinearProgram | None:
        """The program with these whole numbers; None where they were tried before."""
        key = whole.tobytes() + repr(sorted((within or {}).items())).encode()
        if key in self.tried:
            return None
        self.tried.add(key)
        lower, upper = self.base.lower.copy(), self.base.upper.copy()
        lower[self.integers] = upper[self.integers] = whole
        for column, value in (within or {}).items():
            lower[column] = upper[column] = value
        return self.base.with_bounds(lower, upper)

    def branch(self, node: Open) -> None:
        """Split a node on the most fractional total; its children join the heap."""
        choice = self.branches.choose(self.base, node.x, node.low, node.high)
        if choice is None:
            self.round(node.x, thorough=True, is_whole=True, within=self.settled(node))
            self.close(node)
            self.update_bound()
            return
        branch, total = choice
        down = node.high | {branch: math.floor(total)}
        up = node.low | {branch: math.floor(total) + 1.0}
        name = self.branches.names[branch]
        sides = [(node.low, down, f"{name} <= {down[branch]:g}"),
                 (up, node.high, f"{name} >= {up[branch]:g}")]  # fmt: skip
        if self.left() <= 0.0:
            self.leaves.append(node.bound)
        else:
            programs = [self.sided(low, high) for low, high, _ in sides]
            solved = self.together(*((self.floored(program), "node") for program in programs))
            for (low, high, text), program, found in zip(sides, programs, solved, strict=True):
                self.child(node, low, high, text, program, found)
        self.update_bound()

    def close(self, node: Open) -> None:
        """Put away a node with nothing left to choose; IPX goes on where HiPO stalled short of it.

        With the same whole numbers in both, a plan is away from its bound only by that.
        """
        is_open = relative_gap(self.objective(), node.bound) > self.gap
        has_stalled = any(one.status == "unknown" for one in self.log)
        if not (is_open and has_stalled) or self.log[node.number].algorithm != "hipo":
            self.leaves.append(node.bound)
            return
        self.to_corners = True
        self.tried.clear()
        program = self.sided(node.low, node.high)
        found = self.run_linear(program, "node")
        self.child(node, node.low, node.high, "again", program, found)

    def child(
        self, node: Open, low: dict[int, float], high: dict[int, float], name: str,
        program: LinearProgram, found: LinearResult,
    ) -> None:  # fmt: skip
        if found.status == "infeasible" and self.floor is not None:
            found = self.run_linear(program, "node")
        if found.status == "infeasible":
            self.note("node", found, math.nan, name)
            if not self.is_proven_infeasible(program, [*low, *high]):
                self.leaves.append(node.bound)
            return
        bound = max(node.bound, self.certified(program, found))
        number = self.note("node", found, bound, name)
        if found.x is None:
            self.leaves.append(bound)
            return
        opened = Open(bound, number, found.x, low, high)
        heapq.heappush(self.heap, opened)
        if bound < self.objective():
            self.round(found.x, thorough=False, within=self.settled(opened))

    def settled(self, node: Open) -> dict[int, float]:
        """Column → value of the ways of running that a node has settled."""
        return self.branches.modes_within(node.low, node.high)

    def is_proven_infeasible(self, program: LinearProgram, branches: list[int]) -> bool:
        """Whether no point keeps the rows and these totals, by a certified elastic bound."""
        rows = np.unique(self.base.n_rows + np.array(branches, dtype=np.int64))
        proof = elastic(
            program, rows, time_limit=self.left(), threads=self.threads, algorithm=self.algorithm
        )
        return proof.is_infeasible

    def update_bound(self) -> None:
        floor = min([node.bound for node in self.heap] + self.leaves, default=self.objective())
        self.bound = max(self.bound, min(floor, self.objective()))

    def infeasible(self) -> Solution:
        proof = elastic(
            self.base, time_limit=self.left(), threads=self.threads, algorithm=self.algorithm
        )
        if proof.is_infeasible:
            return self.finish("infeasible")
        self.message = (
            "solver disagreement: called infeasible, but the least violation found is "
            f"{proof.total:.3g}"
        )
        return self.finish("unknown")

    def finish(self, status: str = "") -> Solution:
        gap = relative_gap(self.objective(), self.bound)
        if not status:
            if gap <= self.gap:
                status = "optimal within gap"
            elif self.left() <= 0.0 or self.best is not None:
                status = "stopped at limit"
            elif self.heap or self.leaves or self.is_linear:
                status = "unknown"
            else:
                status, self.message = "infeasible", "no whole numbers keep every rule"
        value, x, y = self.best or (math.nan, None, None)
        algorithms = tuple(sorted({node.algorithm for node in self.log}))
        seconds = time.perf_counter() - self.started
        return Solution(status, x, y, value, self.bound, gap, self.log, seconds, algorithms,
                        self.message)  # fmt: skip

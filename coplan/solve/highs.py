"""One linear program solved by HiGHS, handed over and read back in bulk."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from coplan.solve.program import Array, LinearProgram

SMALL = 30_000  # non-zeros: below it the simplex method is as quick and ends in a corner
HIPO_LEAST = 1e-5  # relative gap: HiPO goes on to about this one, unless all tolerances are wider
HIPO_ASKS = 10.0  # HiPO stops at a tenth of the tolerance that is set for all conditions
_scheduler = threading.local()  # HiGHS keeps a scheduler, and its size, for every thread


@dataclass(frozen=True)
class LinearResult:
    """What one solve gave; `x`, `row_dual`, `column_dual` are None where the solver has none.

    `status`: optimal, infeasible, unbounded, time limit, iteration limit, interrupted, unknown
    or error. `row_dual` is the change of the objective per unit added to a row's sides.
    """

    status: str
    x: Array | None
    row_dual: Array | None
    column_dual: Array | None
    objective: float
    iterations: int
    seconds: float
    algorithm: str
    message: str

PARALLEL_ROWS_AND_COLUMNS = 1 << 13
"""Presolve rule whose postsolve loses row duals when there is no basis (HiGHS 1.15.1): a bound
from such duals was 46 % too low on the quickstart, without the rule it is within 1e-6."""


@cache
def has_hipo() -> bool:
    """Whether HiGHS here includes the HiPO interior point (highspy[extras])."""
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return bool(solver.setOptionValue("solver", "hipo") == highspy.HighsStatus.kOk)


def choose_algorithm(program: LinearProgram, wanted: str = "auto") -> str:
    """simplex for small programs, else hipo; ipx with a warning where hipo is not installed."""
    if wanted == "auto":
        wanted = "simplex" if program.value.size <= SMALL else "hipo"
    if wanted == "hipo" and not has_hipo():
        warnings.warn(
            "HiGHS has no HiPO here (pip install 'highspy[extras]'): using IPX, about six times "
            "slower for a full year",
            RuntimeWarning,
            stacklevel=2,
        )
        return "ipx"
    return wanted


def solve_linear(
    program: LinearProgram,
    algorithm: str = "auto",
    tolerance: float = 1e-6,
    time_limit: float = float("inf"),
    threads: int = 1,
    crossover: bool = False,
    progress: Callable[[int, float], None] | None = None,
) -> LinearResult:
    """Solve one LP; `progress(iterations, seconds)`.

    `tolerance`: relative gap between primal and dual at which an interior point may stop.

    `algorithm`: auto, hipo, ipx or simplex. HiGHS keeps the count of a thread that has solved
    before: a change of `threads` resets its scheduler. Never raises for what the solver says.
    """
    algorithm = choose_algorithm(program, algorithm)
    started = time.perf_counter()
    if time_limit <= 0.0:
        return _nothing("time limit", algorithm, 0.0)
    solver = loaded(program, algorithm, tolerance, time_limit, threads, crossover)
    if solver is None:
        return _nothing("error", algorithm, time.perf_counter() - started, "model not accepted")
    if progress is not None:
        _subscribe(solver, progress, started)
    solver.run()
    return result_of(solver, program, algorithm, time.perf_counter() - started)


def loaded(
    program: LinearProgram,
    algorithm: str,
    tolerance: float = 1e-6,
    time_limit: float = float("inf"),
    threads: int = 1,
    crossover: bool = False,
) -> Any | None:
    """A Highs that holds the program and our options, not yet run; None when it refuses it."""
    import highspy

    solver = highspy.Highs()
    _set_options(solver, options_of(algorithm, tolerance, time_limit, threads, crossover))
    refused = _pass(solver, program) == highspy.HighsStatus.kError
    return None if refused else solver


def options_of(
    algorithm: str,
    tolerance: float = 1e-6,
    time_limit: float = float("inf"),
    threads: int = 1,
    crossover: bool = False,
) -> dict[str, Any]:
    """The HiGHS options that every solve of coplan runs with, by their names in HiGHS."""
    options: dict[str, Any] = {
        "output_flag": False,
        "log_to_console": False,
        "solver": algorithm,
        "threads": threads,
        "presolve": "on",
        "presolve_rule_off": PARALLEL_ROWS_AND_COLUMNS,
        "run_crossover": "on" if crossover else "off",
        "ipm_optimality_tolerance": tolerance,
    }
    if tolerance > HIPO_LEAST and algorithm != "simplex":
        options["kkt_tolerance"] = HIPO_ASKS * tolerance
    if np.isfinite(time_limit):
        options["time_limit"] = float(time_limit)
    return options


def _set_options(solver: Any, options: dict[str, Any]) -> None:
    threads = options["threads"]
    if getattr(_scheduler, "threads", threads) != threads:
        type(solver).resetGlobalScheduler(True)
    _scheduler.threads = threads
    for name, value in options.items():
        solver.setOptionValue(name, value)


def _pass(solver: Any, program: LinearProgram) -> Any:
    import highspy

    return solver.passModel(
        program.n_columns,
        program.n_rows,
        int(program.value.size),
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        float(program.offset),
        program.cost,
        program.lower,
        program.upper,
        program.row_lower,
        program.row_upper,
        program.start,
        program.column,
        program.value,
        # the array call needs a full-length integrality: an empty one is refused
        np.zeros(program.n_columns, np.int32),
    )


def _subscribe(solver: Any, progress: Callable[[int, float], None], started: float) -> None:
    def on_event(event: Any) -> None:
        done = event.data_out
        count = max(done.ipm_iteration_count, done.simplex_iteration_count, 0)
        progress(int(count), time.perf_counter() - started)

    solver.cbIpmInterrupt.subscribe(on_event)
    solver.cbSimplexInterrupt.subscribe(on_event)


def _nothing(status: str, algorithm: str, seconds: float, message: str = "") -> LinearResult:
    return LinearResult(status, None, None, None, float("nan"), 0, seconds, algorithm, message)


_STATUS = {
    "kOptimal": "optimal",
    "kModelEmpty": "optimal",
    "kInfeasible": "infeasible",
    "kUnboundedOrInfeasible": "infeasible",  # columns are boxed: it cannot be unbounded
    "kUnbounded": "unbounded",
    "kTimeLimit": "time limit",
    "kIterationLimit": "iteration limit",
    "kInterrupt": "interrupted",
    "kHighsInterrupt": "interrupted",
    "kUnknown": "unknown",
}


def result_of(
    solver: Any, program: LinearProgram, algorithm: str, seconds: float
) -> LinearResult:
    """What a Highs that has run says, read in bulk."""
    model_status = solver.getModelStatus()
    status = _STATUS.get(model_status.name, "error")
    info, solution = solver.getInfo(), solver.getSolution()
    x = np.asarray(solution.col_value) if solution.value_valid else None
    row_dual = np.asarray(solution.row_dual) if solution.dual_valid else None
    column_dual = np.asarray(solution.col_dual) if solution.dual_valid else None
    if x is not None and x.size != program.n_columns:
        x = None
    if row_dual is not None and (
        row_dual.size != program.n_rows or not np.all(np.isfinite(row_dual))
    ):
        row_dual = column_dual = None
    if x is not None and not np.all(np.isfinite(x)):
        x = None
    objective = float("nan") if x is None else float(program.cost @ x) + program.offset
    iterations = max(info.ipm_iteration_count, 0) + max(info.simplex_iteration_count, 0)
    return LinearResult(
        status,
        x,
        row_dual,
        column_dual,
        objective,
        int(iterations),
        seconds,
        algorithm,
        solver.modelStatusToString(model_status),
    )

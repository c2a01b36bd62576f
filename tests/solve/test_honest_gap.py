"""Whatever the solver claims: the bound is one, the plan is one, and the gap is what lies between.

Each liar here stands between the search and HiGHS and spoils what HiGHS found. The truth comes from
HiGHS's own branch and bound on the same arrays.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model, hall_groups, one_way_modes
from coplan.scenario.reader import read_scenario
from coplan.solve import search as module
from coplan.solve.bound import weak_duality_bound
from coplan.solve.highs import LinearResult, solve_linear
from coplan.solve.program import LinearProgram
from coplan.solve.search import ROW_TOLERANCE, search
from coplan.solve.solution import Solution
from tests.solve.random_programs import GROUPS, branch_and_bound, compiled, halls_and_energy

QUICKSTART = Path(__file__).resolve().parents[2] / "scenarios" / "quickstart.yaml"
Liar = Callable[[LinearResult, np.random.Generator], LinearResult]


def no_duals(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, row_dual=0.0 * found.row_dual)


def wrong_duals(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, row_dual=found.row_dual + rng.normal(0.0, 2.0, found.row_dual.size))


def twice_the_duals(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, row_dual=2.0 * found.row_dual, column_dual=-found.column_dual)


def endless_duals(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, row_dual=np.where(rng.random(found.row_dual.size) < 0.5, np.inf, 1e300))


def duals_that_are_no_numbers(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, row_dual=np.full(found.row_dual.size, np.nan))


def a_better_objective(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, objective=0.1 * found.objective, status="optimal")


def a_point_that_breaks_rows(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, x=0.9 * found.x, objective=0.9 * found.objective)


def a_point_that_is_not_whole(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return replace(found, x=found.x - 0.3 * (rng.random(found.x.size) < 0.5))


def sometimes_infeasible(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return found if rng.random() < 0.5 else replace(found, status="infeasible", x=None)


def sometimes_nothing(found: LinearResult, rng: np.random.Generator) -> LinearResult:
    return found if rng.random() < 0.5 else replace(found, status="error", x=None, row_dual=None)


LIARS = [
    no_duals, wrong_duals, twice_the_duals, endless_duals, duals_that_are_no_numbers,
    a_better_objective, a_point_that_breaks_rows, a_point_that_is_not_whole, sometimes_infeasible,
    sometimes_nothing,
]  # fmt: skip


@cache
def truth(seed: int) -> tuple[Any, float]:
    """A program and its optimum, infinite where no whole numbers keep the rows."""
    model = halls_and_energy(seed)
    status, optimum = branch_and_bound(model)
    return model, math.inf if status == "kInfeasible" else optimum


def lied_to(monkeypatch: pytest.MonkeyPatch, liar: Liar, seed: int) -> None:
    """From now on every LP of the search comes back as `liar` tells it."""
    honest, rng, lock = module.solve_linear, np.random.default_rng(seed), threading.Lock()

    def lying(*arguments: Any, **keywords: Any) -> LinearResult:
        found = honest(*arguments, **keywords)
        with lock:
            return found if found.row_dual is None or found.x is None else liar(found, rng)

    monkeypatch.setattr(module, "solve_linear", lying)


def assert_honest(found: Solution, model: Any, optimum: float) -> None:
    """Bound and plan are true, and the gap is the distance between them."""
    if found.status == "infeasible":
        assert optimum == math.inf
        return
    assert found.bound <= optimum * (1 + 1e-9)
    if found.x is None:
        assert found.gap == math.inf
        assert found.status in ("unknown", "stopped at limit")
        return
    program = LinearProgram.of(model)
    whole = found.x[model.integrality == 1]
    assert np.array_equal(whole, np.round(whole))
    assert np.all((program.lower <= found.x) & (found.x <= program.upper))
    assert program.worst_violation(found.x) <= ROW_TOLERANCE
    assert found.objective == pytest.approx(float(program.cost @ found.x))
    assert found.objective >= optimum * (1 - 1e-4)
    assert found.gap == pytest.approx(
        max(found.objective - found.bound, 0.0) / found.objective, abs=1e-12
    )
    assert (found.status == "optimal within gap") == (found.gap <= 1e-3)


@pytest.mark.parametrize("liar", LIARS, ids=lambda liar: liar.__name__)
def test_a_lying_solver_forges_neither_bound_nor_plan(
    monkeypatch: pytest.MonkeyPatch, liar: Liar
) -> None:
    for seed in range(6):
        model, optimum = truth(seed)
        with monkeypatch.context() as patched:
            lied_to(patched, liar, seed)
            found = search(model, GROUPS, gap=1e-3, time_limit=0.3)
        assert_honest(found, model, optimum)


@pytest.mark.parametrize("liar", [no_duals, wrong_duals, duals_that_are_no_numbers])
def test_without_true_duals_nothing_is_called_optimal(
    monkeypatch: pytest.MonkeyPatch, liar: Liar
) -> None:
    # 14 MW from two sources of 10 MW at 2 and 5: 40; with no duals at all the box gives 0
    lied_to(monkeypatch, liar, 0)
    found = search(compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0), gap=1e-3)
    assert found.status == "stopped at limit"
    assert found.objective == pytest.approx(40.0)
    assert found.bound < 40.0 * (1 - 1e-3)


def test_the_claimed_objective_counts_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = truth(1)
    honest = search(model, GROUPS, gap=1e-6)
    lied_to(monkeypatch, a_better_objective, 0)
    found = search(model, GROUPS, gap=1e-6)
    assert (found.objective, found.bound) == (honest.objective, honest.bound)


def one_after_the_other(self: Any, *programs: Any) -> list[LinearResult]:
    return [self.run_linear(*pair) for pair in programs]


def last_first(self: Any, *programs: Any) -> list[LinearResult]:
    return [self.run_linear(*pair) for pair in reversed(programs)][::-1]


def bits(found: Solution) -> tuple:
    """All of a solution but the seconds."""
    log = [replace(node, seconds=0.0) for node in found.log]
    arrays = tuple(None if a is None else a.tobytes() for a in (found.x, found.y))
    return found.status, found.objective, found.bound, found.gap, arrays, [repr(n) for n in log]


def assert_no_timing(monkeypatch: pytest.MonkeyPatch, solve: Callable[[], Solution]) -> None:
    """The same bits from threads, from threads that are late, and without threads."""
    wanted = bits(solve())
    honest, rng = module.solve_linear, np.random.default_rng(0)

    def late(*arguments: Any, **keywords: Any) -> LinearResult:
        time.sleep(float(rng.choice([0.0, 0.01])))
        found = honest(*arguments, **keywords)
        time.sleep(float(rng.choice([0.0, 0.01])))
        return found

    for order in (one_after_the_other, last_first):
        with monkeypatch.context() as patched:
            patched.setattr(module._Search, "together", order)
            assert bits(solve()) == wanted
    with monkeypatch.context() as patched:
        patched.setattr(module, "solve_linear", late)
        assert bits(solve()) == wanted


def test_the_answer_does_not_depend_on_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    branched = 0
    for seed in range(20):
        model, optimum = truth(seed)
        if optimum == math.inf:
            continue
        found = search(model, GROUPS, gap=1e-9)
        if sum(bool(node.branch) for node in found.log) < 4:
            continue
        branched += 1
        assert_no_timing(monkeypatch, lambda model=model: search(model, GROUPS, gap=1e-9))
        if branched == 2:
            return
    pytest.fail("nothing was solved two at a time")


@cache
def campus() -> tuple[Any, list, tuple]:
    """The quickstart over two days in summer: its arrays, groups of halls and ways of running."""
    days = ["options.hours=48", "options.start_hour=4008"]
    data = build_dataset(read_scenario(QUICKSTART, days))
    model = build_model(data)
    arrays = algebra.compile(model.pyomo)
    return arrays, hall_groups(model, arrays, data), one_way_modes(model, arrays)


@pytest.mark.parametrize("algorithm", ["simplex", "ipx", "hipo"])
def test_our_bound_on_a_campus_is_what_highs_finds(algorithm: str) -> None:
    program = LinearProgram.of(campus()[0])
    optimum = solve_linear(program, "simplex").objective
    found = solve_linear(program, algorithm, tolerance=1e-8)
    bound = weak_duality_bound(program, found.row_dual)
    assert bound <= optimum * (1 + 1e-12)
    assert bound == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize("algorithm", ["simplex", "hipo"])
def test_a_plan_of_a_campus_does_not_depend_on_timing(
    monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    arrays, groups, modes = campus()
    whole = np.setdiff1d(np.flatnonzero(arrays.integrality), modes[0])
    guess = np.round(search(arrays, groups, gap=1e-3, modes=modes).x[whole])

    def solve() -> Solution:
        return search(arrays, groups, gap=1e-6, modes=modes, guess=guess, algorithm=algorithm)

    stages = [node.stage for node in solve().log]
    assert stages.count("node") >= 2, "no two nodes were solved side by side"
    assert stages[:2] == ["plan", "root"], "the guess runs beside the root"
    assert_no_timing(monkeypatch, solve)


def test_a_search_that_runs_out_of_time_keeps_its_best_plan_and_true_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_time_after_a_plan(self: Any) -> float:
        return 0.0 if self.best else math.inf

    monkeypatch.setattr(module._Search, "left", no_time_after_a_plan)
    stopped = 0
    for seed in range(20):
        model, optimum = truth(seed)
        if optimum == math.inf:
            continue
        found = search(model, GROUPS, gap=0.0)
        assert found.x is not None
        assert found.bound <= optimum * (1 + 1e-9) <= found.objective * (1 + 2e-9)
        assert found.gap == pytest.approx((found.objective - found.bound) / found.objective)
        if found.gap > 1e-6:
            stopped += 1
            assert found.status == "stopped at limit"
    assert stopped > 3

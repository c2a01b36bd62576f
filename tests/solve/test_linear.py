"""One LP: the same optimum by every method, and bounds that hold whatever the duals."""

from __future__ import annotations

import numpy as np
import pytest

from coplan import algebra
from coplan.solve import highs
from coplan.solve.bound import box_bound, weak_duality_bound
from coplan.solve.elastic import elastic
from coplan.solve.program import LinearProgram
from tests.solve.random_programs import compiled, halls_and_energy


def feasible_program(seed: int) -> tuple[LinearProgram, float] | None:
    program = LinearProgram.of(halls_and_energy(seed))
    found = highs.solve_linear(program, algorithm="simplex")
    return None if found.status != "optimal" else (program, found.objective)


@pytest.mark.parametrize("algorithm", ["hipo", "ipx", "simplex"])
def test_every_method_finds_the_cheapest_supply(algorithm: str) -> None:
    # two sources of 10 MW at 2 and 5 kCNY/MW, 14 MW wanted: 10 x 2 + 4 x 5 = 40
    model = compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0)
    found = highs.solve_linear(LinearProgram.of(model), algorithm=algorithm, tolerance=1e-9)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(40.0, rel=1e-6)
    assert found.x == pytest.approx([10.0, 4.0], abs=1e-4)
    assert found.row_dual == pytest.approx([5.0], rel=1e-6)  # one MW more costs the dearer source
    assert found.algorithm == algorithm


def test_progress_is_told_and_threads_may_change() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.uniform(0, 1, (60, 90))
    model = compiled(matrix, matrix @ np.ones(90), np.inf, rng.uniform(1, 2, 90), 0.0, 5.0)
    heard: list[tuple[int, float]] = []
    for threads in (1, 2, 1):
        found = highs.solve_linear(
            LinearProgram.of(model),
            algorithm="hipo",
            threads=threads,
            progress=lambda iterations, seconds: heard.append((iterations, seconds)),
        )
        assert found.status == "optimal"
    assert heard
    assert all(iterations >= 0 and seconds >= 0.0 for iterations, seconds in heard)


def test_without_hipo_the_solver_falls_back_with_a_warning(monkeypatch) -> None:
    monkeypatch.setattr(highs, "has_hipo", lambda: False)
    program = LinearProgram.of(compiled([[1.0]], 1.0, np.inf, [1.0], 0.0, 2.0))
    with pytest.warns(RuntimeWarning, match="extras"):
        assert highs.solve_linear(program, algorithm="hipo").algorithm == "ipx"


def test_no_time_left_is_a_result_not_an_error() -> None:
    program = LinearProgram.of(compiled([[1.0]], 1.0, np.inf, [1.0], 0.0, 2.0))
    assert highs.solve_linear(program, time_limit=0.0).status == "time limit"


def test_the_bound_equals_the_optimum_at_the_duals_and_never_passes_it() -> None:
    tested = 0
    for seed in range(60):
        case = feasible_program(seed)
        if case is None:
            continue
        tested += 1
        program, optimum = case
        found = highs.solve_linear(program, algorithm="simplex")
        assert found.row_dual is not None
        tight = weak_duality_bound(program, found.row_dual)
        assert tight <= optimum + 1e-12 * abs(optimum)
        assert tight == pytest.approx(optimum, rel=1e-9, abs=1e-9)
        rng = np.random.default_rng(seed)
        for y in (
            found.row_dual + rng.normal(0, 0.1, program.n_rows),
            rng.normal(0, 100.0, program.n_rows),
            np.full(program.n_rows, np.nan),
            np.full(program.n_rows, -1e30),
        ):
            assert weak_duality_bound(program, y) <= optimum + 1e-12 * abs(optimum)
        assert box_bound(program) <= optimum
    assert tested > 30


def test_the_bound_can_leave_a_floor_out() -> None:
    # x >= 3 only as a floor: without it the optimum is 0
    program = LinearProgram.of(compiled([[1.0]], 3.0, 8.0, [2.0], 0.0, 10.0))
    y = np.array([2.0])
    assert weak_duality_bound(program, y) == pytest.approx(6.0)
    assert weak_duality_bound(program, y, without_lower=np.array([0])) == pytest.approx(0.0)


def test_no_bound_is_certified_without_finite_columns() -> None:
    program = LinearProgram.of(compiled([[1.0]], 1.0, np.inf, [1.0], 0.0, np.inf))
    with pytest.raises(ValueError, match="finite"):
        weak_duality_bound(program, np.zeros(1))


def test_the_elastic_program_says_how_much_is_missing_and_where() -> None:
    # 14 MW wanted, at most 10 can be had; the second row is easily kept
    model = compiled([[1.0, 0.0], [0.0, 1.0]], [14.0, 1.0], np.inf, [1.0, 1.0], 0.0, 10.0)
    repair = elastic(model)
    assert repair.is_infeasible
    assert not repair.is_feasible
    assert repair.violations == pytest.approx([-4.0, 0.0], abs=1e-6)
    assert repair.least == pytest.approx(4.0, rel=1e-6)
    assert elastic(model, rows=np.array([0]), weights=np.array([3.0])).total == pytest.approx(12.0)


def test_the_elastic_program_finds_nothing_wrong_with_a_feasible_one() -> None:
    repair = elastic(compiled([[1.0, 1.0]], 5.0, 5.0, [1.0, 1.0], 0.0, 10.0))
    assert repair.is_feasible
    assert not repair.is_infeasible


def test_the_price_of_energy_is_the_dual_of_the_balance() -> None:
    model = algebra.model()
    model.times = algebra.index(2, dim="time")
    model.price = algebra.param(model.times, values=[3.0, 7.0])
    model.retail_mw = algebra.variable(model.times, upper=10.0)
    model.load_mw = algebra.param(model.times, values=[4.0, 5.0])

    @algebra.constraint(model, model.times)
    def balance(m, t):
        return m.retail_mw[t] == m.load_mw[t]

    algebra.objective(model, lambda m: sum(m.price[t] * m.retail_mw[t] for t in m.times))
    ready = algebra.compile(model)
    found = highs.solve_linear(LinearProgram.of(ready))
    assert found.row_dual is not None
    assert ready.duals(model.balance, found.row_dual) == pytest.approx([3.0, 7.0])

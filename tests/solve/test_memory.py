"""The matrix is held once: by the model, the search and every program it solves."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np

from coplan import algebra
from coplan.solve import highs
from coplan.solve import search as module
from coplan.solve.bound import weak_duality_bound
from coplan.solve.program import LinearProgram, shared_matrix
from tests.solve.random_programs import GROUPS, halls_and_energy

PARTS = ("column", "value", "start")


def test_every_program_of_a_search_reads_the_same_matrix(monkeypatch) -> None:
    model = halls_and_energy(1)
    copies = {part: getattr(model, part).copy() for part in PARTS}
    handed_over: list[LinearProgram] = []
    honest = module.solve_linear

    def watched(program: LinearProgram, *arguments: Any, **keywords: Any) -> Any:
        handed_over.append(program)
        return honest(program, *arguments, **keywords)

    monkeypatch.setattr(module, "solve_linear", watched)
    module.search(model, GROUPS, gap=1e-6)
    assert len(handed_over) > 2
    for program in handed_over:
        for part in PARTS:
            assert np.shares_memory(getattr(program, part), getattr(model, part))
    for part in PARTS:
        np.testing.assert_array_equal(getattr(model, part), copies[part])


def test_highs_gets_the_arrays_themselves() -> None:
    program, base = shared_matrix(halls_and_energy(2), [np.array([0, 1])])
    given: list[Any] = []

    class Recorder:
        def passModel(self, *arguments: Any) -> None:
            given.extend(arguments)

    for one in (program, base):
        given.clear()
        highs._pass(Recorder(), one)
        assert given[11] is one.start
        assert given[12] is one.column
        assert given[13] is one.value
        assert given[11].dtype == given[12].dtype == np.int32, "what HiGHS takes without a copy"
        assert given[13].dtype == np.float64
        assert all(given[place].flags["C_CONTIGUOUS"] for place in (11, 12, 13))


def year() -> Any:
    """Eight rows of ten entries for every hour of a year: many more entries than columns."""
    m = algebra.model()
    m.times = algebra.index(8760, dim="time")
    m.units = algebra.index([f"u{i}" for i in range(10)], dim="hall")
    m.kinds = algebra.index(8, dim="kind")
    m.slope = algebra.param(
        m.units, m.kinds, values=np.linspace(1.0, 2.0, 10)[:, None] * np.arange(1, 9)
    )
    m.run = algebra.variable(m.units, m.times, upper=9.0)

    @algebra.constraint(m, m.kinds, m.times)
    def demand_floor(m, k, t):
        return sum(m.slope[u, k] * m.run[u, t] for u in m.units) >= 5.0

    return m


def peak_above(now: int) -> int:
    return tracemalloc.get_traced_memory()[1] - now


def test_the_matrix_is_held_once_after_it_is_compiled() -> None:
    model = year()
    algebra.compile(model)  # what is imported on first use is not counted
    tracemalloc.start()
    try:
        now = tracemalloc.get_traced_memory()[0]
        compiled = algebra.compile(model)
        matrix = sum(getattr(compiled, part).nbytes for part in PARTS)
        held = tracemalloc.get_traced_memory()[0] - now
        vectors = 3 * compiled.cost.nbytes + 2 * compiled.row_lower.nbytes
        assert matrix > 1_000_000
        assert held < 1.1 * (matrix + vectors)
        tracemalloc.reset_peak()
        now = tracemalloc.get_traced_memory()[0]
        program, base = shared_matrix(compiled, [])
        assert peak_above(now) < 0.05 * matrix
        program.with_bounds(program.lower, program.upper)
        base.with_sides(base.row_lower, base.row_upper)
        assert peak_above(now) < 0.05 * matrix
        weak_duality_bound(base, np.ones(base.n_rows))
        x = np.ones(base.n_columns)
        base.worst_violation(x)
        assert peak_above(now) < 2.0 * matrix
    finally:
        tracemalloc.stop()

"""The arrays say exactly what Pyomo's own compiler says, and lead back to names and values."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from random_models import build, fixed_columns

from coplan import algebra
from tests.matrices import assert_same, of_arrays, of_pyomo

ODD = {"looked_up", "with_default", "ramp", "looped", "mixed_sum", "loosened"}
QUICK = 50  # of the 200 random models, those of the default run

Row = tuple[dict[str, float], float, float]


def rows_of_arrays(compiled: Any) -> dict[str, Row]:
    """{row name: (coefficients by column name, lower, upper)} of a compiled model."""
    rows = {}
    for i in range(compiled.n_rows):
        entries = slice(compiled.start[i], compiled.start[i + 1])
        columns = [compiled.column_name(int(j)) for j in compiled.column[entries]]
        assert len(set(columns)) == len(columns), "equal columns of a row are merged"
        assert np.all(compiled.value[entries] != 0.0)
        coefficients = dict(zip(columns, compiled.value[entries].tolist(), strict=True))
        rows[compiled.row_name(i)] = (
            coefficients,
            float(compiled.row_lower[i]),
            float(compiled.row_upper[i]),
        )
    return rows


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)


@pytest.mark.parametrize(
    "seed", [pytest.param(i, marks=[pytest.mark.slow] if i >= QUICK else []) for i in range(200)]
)
def test_the_arrays_hold_the_same_model_as_pyomo(seed: int) -> None:
    model = build(seed)
    compiled = algebra.compile(model)
    with algebra.plain():
        ordinary = build(seed)
    fixed = fixed_columns(ordinary)
    assert (len(fixed) > 0) == (seed % 3 == 0)
    assert_same(of_arrays(compiled, fixed), of_pyomo(ordinary))
    slow = {name.split(".")[-1] for name in compiled.row_by_row}
    assert slow == ODD, "only the odd rules are built row by row"


@pytest.mark.parametrize(
    "part", ["value", "column", "row_lower", "row_upper", "cost", "lower", "upper", "integrality"]
)
def test_the_comparison_sees_a_single_number_that_differs(part: str) -> None:
    compiled = algebra.compile(build(1))
    with algebra.plain():
        ordinary = of_pyomo(build(1))
    assert_same(of_arrays(compiled), ordinary)
    array = getattr(compiled, part)
    at = np.flatnonzero(np.isfinite(array) & (array != 0))[-1]
    array[at] = 1 - array[at] if part == "integrality" else array[at] + 1
    with pytest.raises(AssertionError):
        assert_same(of_arrays(compiled), ordinary)


@pytest.mark.parametrize("seed", range(12))
def test_every_expression_has_the_value_pyomo_gives_it(seed: int) -> None:
    model = build(seed)
    compiled = algebra.compile(model)
    x = np.random.default_rng(seed).uniform(0, 3, compiled.n_columns)
    compiled.load(x)
    for expression in model.component_objects(pyo.Expression):
        got = compiled.evaluate(expression, x)
        wanted = [pyo.value(expression[place]) for place in expression.index_set()]
        np.testing.assert_allclose(np.ravel(got), wanted, rtol=1e-9, atol=1e-9)
    assert pyo.value(model.objective) == pytest.approx(compiled.cost @ x + compiled.offset)
    for block in compiled.rows:
        for i in range(block.first, block.first + block.count):
            kind, number = compiled.find(compiled.row_name(i))
            assert (kind, number) == ("row", i)
    for j in range(compiled.n_columns):
        assert compiled.find(compiled.column_name(j)) == ("column", j)
        assert pyo.value(model.find_component(compiled.column_name(j))) == pytest.approx(x[j])


def two_steps() -> Any:
    model = algebra.model()
    model.times = algebra.index(3, dim="time")
    model.price = algebra.param(model.times, values=[1.0, 2.0, 3.0])
    model.buy = algebra.variable(model.times, upper=5.0, unit="MW", doc="bought")

    @algebra.constraint(model, model.times)
    def demand_floor(model, t):
        return model.buy[t] >= 1.0

    algebra.objective(model, lambda m: sum(m.price[t] * m.buy[t] for t in m.times))
    return model


def test_a_user_may_add_ordinary_pyomo_components() -> None:
    model = two_steps()
    model.extra = pyo.Var([0, 1], bounds=(0, 4), domain=pyo.Integers)
    model.tie = pyo.Constraint(expr=model.buy[1] + 2 * model.extra[1] - model.extra[0] <= 6)
    model.soft = pyo.Constraint([0, 2], rule=lambda m, t: m.buy[t] == m.extra[0] + 0.5)
    compiled = algebra.compile(model)
    rows = rows_of_arrays(compiled)
    assert rows["tie"] == ({"buy[1]": 1.0, "extra[1]": 2.0, "extra[0]": -1.0}, -np.inf, 6.0)
    assert rows["soft[2]"] == ({"buy[2]": 1.0, "extra[0]": -1.0}, 0.5, 0.5)
    assert compiled.integrality[compiled.column_slice(model.extra)].tolist() == [1, 1]


def test_what_a_user_fixes_changes_or_switches_off_is_respected() -> None:
    model = two_steps()
    model.buy[0].fix(2.0)
    model.buy[1].setub(4.0)
    model.demand_floor[1].deactivate()
    model.demand_floor[2].set_value(model.buy[2] >= 1.5)
    compiled = algebra.compile(model)
    assert compiled.lower.tolist() == [2.0, 0.0, 0.0]
    assert compiled.upper.tolist() == [2.0, 4.0, 5.0]
    rows = rows_of_arrays(compiled)
    assert set(rows) == {"demand_floor[0]", "demand_floor[2]"}
    assert rows["demand_floor[2]"][1] == 1.5
    y = np.array([7.0, 9.0])
    assert compiled.duals(model.demand_floor, y).tolist() == [7.0, 0.0, 9.0]


def test_a_rule_in_a_loop_keeps_the_value_it_was_declared_with() -> None:
    model = two_steps()
    for limit in (3.0, 4.0):
        name = f"limit_{limit:.0f}"

        def rule(m, t):
            return m.buy[t] <= limit  # noqa: B023

        rule.__name__ = name
        algebra.constraint(model, model.times)(rule)
    assert pyo.value(model.limit_3[0].upper) == 3.0
    assert rows_of_arrays(algebra.compile(model))["limit_3[0]"][2] == 3.0


def test_numbers_no_solver_should_see_are_refused_by_name() -> None:
    model = two_steps()
    algebra.constraint(model)(named("tiny", lambda m: 1e-9 * m.buy[0] + m.buy[1] <= 1.0))
    with pytest.raises(ValueError, match=r"row tiny, column buy\[0\]: coefficient 1e-09"):
        algebra.compile(model)
    model = two_steps()
    model.loose = pyo.Var()
    with pytest.raises(ValueError, match="column loose: a bound is not finite"):
        algebra.compile(model)
    model = two_steps()
    algebra.constraint(model)(named("broken", lambda m: float("nan") * m.buy[0] <= 1.0))
    with pytest.raises(ValueError, match=r"row broken, column buy\[0\]"):
        algebra.compile(model)
    with pytest.raises(ValueError, match="not finite"):
        algebra.param(model.times, values=[1.0, float("nan"), 2.0])
    with pytest.raises(ValueError, match="not finite"):
        algebra.variable(model.times, upper=float("inf"))
    with pytest.raises(ValueError, match="shape"):
        algebra.param(model.times, values=[1.0, 2.0])
    with pytest.raises(ValueError, match="above"):
        algebra.variable(model.times, upper=-1.0)


def named(name: str, rule: Any) -> Any:
    rule.__name__ = name
    return rule


def test_an_index_map_outside_its_set_is_an_error_not_another_row() -> None:
    model = two_steps()
    model.next_step = algebra.param(model.times, values=[1, 2, 3])
    with pytest.raises(KeyError):
        algebra.constraint(model, model.times)(
            named("ramp", lambda m, t: m.buy[m.next_step[t]] <= m.buy[t] + 1.0)
        )


def test_units_and_dims_stay_with_the_components() -> None:
    model = two_steps()
    assert (model.buy.unit, model.buy.doc, model.buy.dims) == ("MW", "bought", ("time",))
    assert model.times.dim == "time"


def test_a_year_of_four_sites_compiles_in_well_under_a_second() -> None:
    import time

    n = 4
    model = algebra.model()
    model.sites = algebra.index([f"s{i}" for i in range(n)], dim="site")
    model.units = algebra.index([f"u{i}" for i in range(4 * n)], dim="hall")
    model.times = algebra.index(8760, dim="time")
    model.at = algebra.param(model.units, model.sites, values=np.kron(np.eye(n), np.ones((4, 1))))
    model.slope = algebra.param(model.units, model.times, values=np.full((4 * n, 8760), 0.1))
    model.size = algebra.variable(model.units, upper=9.0)
    model.run = algebra.variable(model.units, model.times, upper=9.0)
    model.buy = algebra.variable(model.sites, model.times, upper=99.0)

    @algebra.expression(model, model.units, model.times)
    def it(m, u, t):
        return 0.3 * m.size[u] + 0.7 * m.run[u, t]

    @algebra.expression(model, model.sites, model.times)
    def facility(m, s, t):
        return sum(m.at[u, s] * (1.0 + m.slope[u, t]) * m.it[u, t] for u in m.units)

    started = time.perf_counter()

    @algebra.constraint(model, model.sites, model.times)
    def balance(m, s, t):
        return m.buy[s, t] == m.facility[s, t]

    @algebra.constraint(model)
    def yearly(m):
        return sum(m.facility[s, t] for s in m.sites for t in m.times) <= 1e6

    compiled = algebra.compile(model)
    assert time.perf_counter() - started < 20.0
    assert compiled.n_rows == 4 * 8760 + 1
    assert np.diff(compiled.start)[:-1].tolist() == [9] * (4 * 8760)
    assert compiled.row_by_row == {}


def test_importing_the_declarations_does_not_import_pyomo() -> None:
    import subprocess
    import sys

    code = "import sys, coplan.algebra; sys.exit('pyomo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

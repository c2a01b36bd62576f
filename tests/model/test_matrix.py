"""The arrays that the solver gets say what Pyomo's own compiler says of the same declarations."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
import pytest
import xarray as xr
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model
from coplan.scenario.reader import read_scenario
from tests import toys

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
RESIDUE = 1e-12  # what rounding leaves of terms that cancel
TURN_OF_THE_MONTH = ["options.hours=48", "options.start_hour=720"]  # 31 January, 1 February


class Matrix(NamedTuple):
    """A model with its rows and columns by name, in any order."""

    rows: list[str]
    columns: list[str]
    body: Any
    low: np.ndarray
    high: np.ndarray
    cost: dict[str, float]
    offset: float
    bounds: dict[str, tuple[float, float, bool]]


def of_arrays(compiled: Any) -> Matrix:
    """What coplan hands to the solver; rows without entries left out."""
    columns = [compiled.column_name(j) for j in range(compiled.n_columns)]
    kept = np.flatnonzero(np.diff(compiled.start) > 0)
    body = sparse.csr_matrix(
        (compiled.value, compiled.column, compiled.start), (compiled.n_rows, compiled.n_columns)
    )
    whole = compiled.integrality > 0
    return Matrix(
        [compiled.row_name(int(i)) for i in kept], columns, body[kept],
        compiled.row_lower[kept], compiled.row_upper[kept],
        {columns[j]: float(compiled.cost[j]) for j in np.flatnonzero(compiled.cost)},
        compiled.offset,
        dict(zip(columns, zip(compiled.lower, compiled.upper, whole, strict=True), strict=True)),
    )  # fmt: skip


def of_pyomo(model: Any) -> Matrix:
    """What Pyomo's standard form says of an ordinary model; rows without entries left out."""
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    body = form.A.tocsr()
    body.data[np.abs(body.data) <= RESIDUE] = 0.0
    body.eliminate_zeros()
    kept = np.flatnonzero(np.diff(body.indptr) > 0)
    kind = np.array([form.rows[i].bound_type for i in kept])
    side = np.asarray(form.rhs)[kept]
    names = [column.name for column in form.columns]
    costs = form.c.tocoo()
    variables = model.component_data_objects(pyo.Var)
    return Matrix(
        [form.rows[i].constraint.name for i in kept], names, body[kept],
        np.where(kind <= 0, side, -np.inf), np.where(kind >= 0, side, np.inf),
        {names[j]: float(a) for j, a in zip(costs.col, costs.data, strict=True) if a != 0.0},
        float(form.c_offset[0]),
        {v.name: (v.bounds[0], v.bounds[1], v.is_integer()) for v in variables},
    )  # fmt: skip


def assert_same(mine: Matrix, theirs: Matrix) -> None:
    """Entry by entry; a row may be multiplied by -1."""
    assert sorted(mine.rows) == sorted(theirs.rows)
    assert mine.bounds == theirs.bounds
    place = {name: j for j, name in enumerate(mine.columns)}
    columns = np.array([place[name] for name in theirs.columns])
    place = {name: i for i, name in enumerate(theirs.rows)}
    rows = np.array([place[name] for name in mine.rows])
    body = theirs.body[rows].tocoo()
    body = sparse.csr_matrix((body.data, (body.row, columns[body.col])), mine.body.shape)
    low, high = theirs.low[rows], theirs.high[rows]
    own = mine.body.sorted_indices()
    body.sort_indices()
    first = body.indptr[:-1]
    same_sign = own.data[own.indptr[:-1]] * body.data[first] > 0
    sign = np.where(same_sign, 1.0, -1.0)
    np.testing.assert_array_equal(own.indptr, body.indptr)
    np.testing.assert_array_equal(own.indices, body.indices)
    np.testing.assert_allclose(
        own.data, np.repeat(sign, np.diff(body.indptr)) * body.data, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(mine.low, np.where(same_sign, low, -high), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mine.high, np.where(same_sign, high, -low), rtol=1e-9, atol=1e-9)
    assert mine.cost.keys() == theirs.cost.keys()
    assert mine.cost == pytest.approx(theirs.cost, rel=1e-9)
    assert mine.offset == pytest.approx(theirs.offset, rel=1e-9)


def compared(data: xr.Dataset) -> Any:
    """Build the model twice, compare, and return the compiled one."""
    compiled = algebra.compile(build_model(data).pyomo)
    with algebra.plain():
        ordinary = build_model(data).pyomo
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)  # rows without entries are expected
    assert_same(of_arrays(compiled), of_pyomo(ordinary))
    return compiled


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_the_same_model_in_arrays_and_in_pyomo(path: Path) -> None:
    compiled = compared(build_dataset(read_scenario(path, TURN_OF_THE_MONTH)))
    assert compiled.row_by_row == {}


def test_the_world_with_everything_on_is_the_same_model_in_arrays_and_in_pyomo() -> None:
    assert compared(toys.everything()).row_by_row == {}


@pytest.mark.parametrize("matching", ["hourly", "monthly", "annual"])
def test_each_matching_is_the_same_model_in_arrays_and_in_pyomo(matching: str) -> None:
    data = toys.everything(targets=toys.green(0.8, matching, unbundled=0.2))
    assert compared(data).row_by_row == {}


def test_every_column_of_a_full_year_is_boxed_and_no_coefficient_is_lost() -> None:
    quickstart = next(path for path in SCENARIOS if path.stem == "quickstart")
    compiled = algebra.compile(build_model(build_dataset(read_scenario(quickstart))).pyomo)
    assert compiled.row_by_row == {}
    assert compiled.n_columns > 8760
    assert np.isfinite(compiled.lower).all()
    assert np.isfinite(compiled.upper).all()
    assert np.all(compiled.lower <= compiled.upper)
    assert np.abs(compiled.value).min() >= 1e-6, "HiGHS drops what is below 1e-9"
    assert np.abs(compiled.value).max() <= 1e5

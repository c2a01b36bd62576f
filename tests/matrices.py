"""Two ways to the same matrix, laid side by side: coplan's arrays and Pyomo's own compiler."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

RESIDUE = 1e-12  # what rounding leaves of terms that cancel


class Matrix(NamedTuple):
    """A model with its rows and columns by name, in any order; fixed columns are numbers."""

    rows: list[str]
    columns: list[str]
    body: Any
    low: np.ndarray
    high: np.ndarray
    cost: dict[str, float]
    offset: float
    bounds: dict[str, tuple[float, float, bool]]


def of_arrays(compiled: Any, fixed: dict[str, float] | None = None) -> Matrix:
    """What coplan hands to the solver; rows without entries left out, `fixed` columns put in."""
    columns = [compiled.column_name(j) for j in range(compiled.n_columns)]
    body = sparse.csr_matrix(
        (compiled.value, compiled.column, compiled.start), (compiled.n_rows, compiled.n_columns)
    )
    assert body.has_canonical_format or not _repeats(body), "equal columns of a row are merged"
    assert np.all(compiled.value != 0.0)
    value = np.array([(fixed or {}).get(name, np.nan) for name in columns])
    free = np.isnan(value)
    level = body @ np.where(free, 0.0, value)
    names = [compiled.row_name(i) for i in range(compiled.n_rows)]
    body = body @ sparse.diags(free.astype(float)) if fixed else body
    body.eliminate_zeros()
    kept = np.flatnonzero(np.diff(body.indptr) > 0)
    whole = compiled.integrality > 0
    costs = np.where(free, compiled.cost, 0.0)
    return Matrix(
        [names[i] for i in kept], columns, body[kept],
        (compiled.row_lower - level)[kept], (compiled.row_upper - level)[kept],
        {columns[j]: float(costs[j]) for j in np.flatnonzero(costs)},
        compiled.offset + float(compiled.cost @ np.where(free, 0.0, value)),
        dict(zip(columns, zip(compiled.lower, compiled.upper, whole, strict=True), strict=True)),
    )  # fmt: skip


def _repeats(body: Any) -> bool:
    once = body.copy()
    once.sum_duplicates()
    return bool(once.nnz != body.nnz)


def of_pyomo(model: Any) -> Matrix:
    """What Pyomo's standard form says of an ordinary model; rows without entries left out."""
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)  # rows without entries are expected
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    body = form.A.tocsr()
    body.data[np.abs(body.data) <= RESIDUE] = 0.0
    body.eliminate_zeros()
    kept = np.flatnonzero(np.diff(body.indptr) > 0)
    names = [form.rows[i].constraint.name for i in kept]
    kind = np.array([form.rows[i].bound_type for i in kept], int)
    side = np.asarray(form.rhs, float)[kept]
    low, high = np.where(kind <= 0, side, -np.inf), np.where(kind >= 0, side, np.inf)
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    for place, name in enumerate(names):  # a row of two sides comes as two rows
        low[first[name]] = max(low[first[name]], low[place])
        high[first[name]] = min(high[first[name]], high[place])
    once = sorted(first.values())
    columns = [column.name for column in form.columns]
    costs = form.c.tocoo()
    variables = model.component_data_objects(pyo.Var)
    return Matrix(
        [names[i] for i in once], columns, body[kept][once], low[once], high[once],
        {columns[j]: float(a) for j, a in zip(costs.col, costs.data, strict=True) if a != 0.0},
        float(form.c_offset[0]), {v.name: _bounds(v) for v in variables},
    )  # fmt: skip


def _bounds(data: Any) -> tuple[float, float, bool]:
    low, high = (data.value, data.value) if data.fixed else data.bounds
    return low, high, data.is_integer()


def assert_same(mine: Matrix, theirs: Matrix) -> None:
    """Entry by entry; a row may be multiplied by -1."""
    assert sorted(mine.rows) == sorted(theirs.rows)
    assert mine.bounds == theirs.bounds
    place = {name: j for j, name in enumerate(mine.columns)}
    columns = np.array([place[name] for name in theirs.columns], int)
    place = {name: i for i, name in enumerate(theirs.rows)}
    rows = np.array([place[name] for name in mine.rows], int)
    body = theirs.body[rows].tocoo()
    body = sparse.csr_matrix((body.data, (body.row, columns[body.col])), mine.body.shape)
    low, high = theirs.low[rows], theirs.high[rows]
    own = mine.body.sorted_indices()
    body.sort_indices()
    np.testing.assert_array_equal(own.indptr, body.indptr)
    np.testing.assert_array_equal(own.indices, body.indices)
    same_sign = own.data[own.indptr[:-1]] * body.data[body.indptr[:-1]] > 0
    sign = np.where(same_sign, 1.0, -1.0)
    np.testing.assert_allclose(
        own.data, np.repeat(sign, np.diff(body.indptr)) * body.data, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(mine.low, np.where(same_sign, low, -high), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(mine.high, np.where(same_sign, high, -low), rtol=1e-9, atol=1e-9)
    assert mine.cost.keys() == theirs.cost.keys()
    assert mine.cost == pytest.approx(theirs.cost, rel=1e-9)
    assert mine.offset == pytest.approx(theirs.offset, rel=1e-9, abs=1e-9)

"""A lower bound on an LP from row duals alone, true whatever the solver did."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np

from coplan.solve.program import Array, LinearProgram

CHUNK = 1 << 16
_UNIT = float(np.finfo(float).eps)


def project(program: LinearProgram, y: Array, without_lower: Array | None = None) -> Array:
    """Row duals with 0 wherever the side they need is infinite (or counted as absent)."""
    lower = program.row_lower
    if without_lower is not None:
        lower = lower.copy()
        lower[without_lower] = -np.inf
    y = np.where(np.isfinite(y), y, 0.0)
    y = np.where((y > 0.0) & ~np.isfinite(lower), 0.0, y)
    return np.where((y < 0.0) & ~np.isfinite(program.row_upper), 0.0, y)


def weak_duality_bound(
    program: LinearProgram, y: Array, without_lower: Array | None = None
) -> float:
    """A number no feasible objective is below, for any `y` (formulation.md, Bound and prices).

    y·sides + Σ_j min over [lower_j, upper_j] of (cost − Aᵀy)_j x_j + offset, rounded outward.
    `without_lower` (row numbers): the bound holds also where these rows' lower sides do not.
    Raises ValueError when a column is not boxed.
    """
    if not (np.all(np.isfinite(program.lower)) and np.all(np.isfinite(program.upper))):
        raise ValueError("a certified bound needs finite bounds on every column")
    y = project(program, y, without_lower)
    side = np.where(y > 0.0, program.row_lower, np.where(y < 0.0, program.row_upper, 0.0))
    product = np.repeat(y, np.diff(program.start))
    product *= program.value
    n = program.n_columns
    reduced = program.cost - np.bincount(program.column, product, minlength=n)
    np.abs(product, out=product)  # in place: as large as the matrix
    # |computed − true| of a sum of k products is at most (k + 2) ε Σ|products|
    size = np.abs(program.cost) + np.bincount(program.column, product, minlength=n)
    error = (np.bincount(program.column, minlength=n) + 3.0) * _UNIT * size * (1.0 + 1e-9)
    reach = np.maximum(np.abs(program.lower), np.abs(program.upper))
    box = np.minimum(reduced * program.lower, reduced * program.upper)
    box = box - error * reach - 4.0 * _UNIT * np.abs(reduced) * reach
    rows = y * side
    rows = rows - 2.0 * _UNIT * np.abs(rows)
    total = math.fsum(chain([program.offset], _numbers(rows), _numbers(box)))
    return float(np.nextafter(total, -np.inf))


def _numbers(array: Array) -> Iterator[float]:
    """The entries as Python numbers, some at a time: a list of all takes five times the memory."""
    parts = (array[first : first + CHUNK].tolist() for first in range(0, array.size, CHUNK))
    return chain.from_iterable(parts)


def box_bound(program: LinearProgram) -> float:
    """The bound with no duals at all: every column at its cheaper end."""
    return weak_duality_bound(program, np.zeros(program.n_rows))

"""Affine functions written out as sparse rows, and as numbers for a given solution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.repn import generate_standard_repn

from coplan.algebra.affine import Affine, Array, Term, Untemplatable, length, own_axis, pad
from coplan.algebra.sets import labels, order, subsets
from coplan.algebra.template import require_dense

SPARSE = 0.5  # share of non-zeros from which on all entries of a term are made
RESIDUE = 1e-12  # what rounding leaves of terms that cancel; no entry is meant to be that small


@dataclass(frozen=True)
class Columns:
    """Where each variable's columns start, and the shape they fill in C order."""

    starts: dict[int, int]
    shapes: dict[int, tuple[int, ...]]
    count: int

    def of_term(self, term: Term) -> tuple[int, list[tuple[int, Array]]]:
        """(first column, [(stride, positions)]) of a term."""
        shape = self.shapes[id(term.variable)]
        strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
        return self.starts[id(term.variable)], list(zip(strides, term.positions, strict=True))

    def of_data(self, data: Any) -> int:
        """The column of one Pyomo VarData."""
        component = data.parent_component()
        if id(component) not in self.starts:
            raise ValueError(f"{data.name} stands in a row but is not a variable of this model")
        start = self.starts[id(component)]
        if not component.is_indexed():
            return start
        if not getattr(component, "is_lazy", False):
            return start + list(component.keys()).index(data.index())
        return start + int(np.ravel_multi_index(place_of(data), self.shapes[id(component)]))


def place_of(data: Any) -> tuple[int, ...]:
    """Positions of a component's data object along the component's sets."""
    index = data.index()
    index = index if isinstance(index, tuple) else (index,)
    sets = subsets(data.parent_component())
    return tuple(order(one)[label] for one, label in zip(sets, index, strict=False))


@dataclass(frozen=True)
class Rows:
    """Some rows of the matrix: entries per row, columns, values, and the two sides."""

    counts: Array
    columns: Array
    values: Array
    lower: Array
    upper: Array


def write_rows(
    body: Affine, lower: Any, upper: Any, shape: tuple[int, ...], columns: Columns
) -> Rows:
    """Rows lower <= body <= upper over an index of `shape`, in C order."""
    n = math.prod(shape)
    sides = [
        np.ascontiguousarray(
            np.broadcast_to(pad(np.asarray(side, float), len(shape)), shape)
        ).reshape(n)
        for side in (lower, upper)
    ]
    terms = [term for term in body.terms if term.scale != 0.0]
    if n == 0 or not terms:
        empty = np.zeros(n, np.int32)
        return Rows(empty, np.zeros(0, np.int32), np.zeros(0), *sides)
    sparse = [_sparse_factor(term) for term in terms]
    repeated = _may_repeat(terms, len(shape), columns)
    if not repeated and all(factor is None for factor in sparse):
        parts = [_dense(term, shape, columns) for term in terms]
        column = np.concatenate([part[0] for part in parts], axis=1)
        value = np.concatenate([part[1] for part in parts], axis=1)
        keep = _is_meant(value)
        if keep.all():
            counts = np.full(n, column.shape[1], np.int32)
            return Rows(counts, column.reshape(-1), value.reshape(-1), *sides)
        return Rows(keep.sum(axis=1, dtype=np.int32), column[keep], value[keep], *sides)
    row, column, value = _listed(terms, sparse, shape, columns)
    row, column, value = _in_order(row, column, value, columns.count, repeated)
    return Rows(np.bincount(row, minlength=n).astype(np.int32), column, value, *sides)


def _is_meant(value: Array) -> Array:
    """Where an entry is more than what rounding left; NaN stays, to be refused by name."""
    return ~((value <= RESIDUE) & (value >= -RESIDUE))


def _in_order(
    row: Array, column: Array, value: Array, width: int, repeated: bool
) -> tuple[Array, Array, Array]:
    """Entries sorted by row, equal columns of a row added up, zeros dropped."""
    if repeated:
        key = row.astype(np.int64) * width + column
        sequence = np.argsort(key, kind="stable")
        key, row, column, value = (a[sequence] for a in (key, row, column, value))
        first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if key.size else key
        if first.size < key.size:
            value = np.add.reduceat(value, first)
            row, column = row[first], column[first]
    else:
        sequence = np.argsort(row, kind="stable")
        row, column, value = (a[sequence] for a in (row, column, value))
    keep = _is_meant(value)
    return (row, column, value) if keep.all() else (row[keep], column[keep], value[keep])


def _listed(
    terms: Sequence[Term], sparse: Sequence[Array | None], shape: tuple[int, ...], columns: Columns
) -> tuple[Array, Array, Array]:
    parts: list[tuple[Array, Array, Array]] = []
    n = math.prod(shape)
    for term, factor in zip(terms, sparse, strict=True):
        if factor is None:
            column, value = _dense(term, shape, columns)
            row = np.repeat(np.arange(n, dtype=np.int32), column.shape[1])
            parts.append((row, column.reshape(-1), value.reshape(-1)))
        else:
            parts.append(_from_nonzero(term, factor, shape, columns))
    row, column, value = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return row, column, value


def _full_shape(term: Term, shape: tuple[int, ...]) -> tuple[int, ...]:
    own = term.shape()
    return shape + own[len(shape) :]


def _dense(term: Term, shape: tuple[int, ...], columns: Columns) -> tuple[Array, Array]:
    """Columns and values of a term, (rows, entries per row)."""
    full = _full_shape(term, shape)
    start, steps = columns.of_term(term)
    column: Array = np.full((1,) * len(full), start, np.int32)
    for stride, position in steps:
        column = column + pad(position, len(full)).astype(np.int32) * np.int32(stride)
    value: Array = np.full((1,) * len(full), term.scale)
    for factor in sorted(term.factors, key=lambda a: a.size):
        value = value * pad(factor, len(full))
    n = math.prod(shape)
    return (
        np.broadcast_to(column, full).reshape(n, -1),
        np.broadcast_to(value, full).reshape(n, -1),
    )


def _sparse_factor(term: Term) -> Array | None:
    """The factor with the smallest share of non-zeros, when half of it or more is zero."""
    best, least = None, SPARSE
    for factor in term.factors:
        share = np.count_nonzero(factor) / max(factor.size, 1)
        if share <= least:
            best, least = factor, share
    return best


def _from_nonzero(
    term: Term, factor: Array, shape: tuple[int, ...], columns: Columns
) -> tuple[Array, Array, Array]:
    """Rows, columns and values of a term where `factor` is not zero; nothing else is made."""
    full = _full_shape(term, shape)
    ndim = len(full)
    factor = pad(factor, ndim)
    chosen = [axis for axis in range(ndim) if factor.shape[axis] > 1]
    free = [axis for axis in range(ndim) if axis not in chosen]
    where = np.nonzero(factor)
    count = where[0].size

    def pick(array: Array) -> Array:
        array = pad(array, ndim).transpose([*chosen, *free])
        at = tuple(where[axis] if array.shape[i] > 1 else 0 for i, axis in enumerate(chosen))
        picked = array[at] if at else array
        if picked.ndim == len(free):  # no chosen axis varies
            picked = picked[None]
        return picked

    out = (count, *(full[axis] for axis in free))
    start, steps = columns.of_term(term)
    column: Array = np.full((1,) * len(out), start, np.int32)
    for stride, position in steps:
        column = column + pick(position).astype(np.int32) * np.int32(stride)
    value: Array = np.full((1,) * len(out), term.scale)
    for other in sorted(term.factors, key=lambda a: a.size):
        value = value * pick(other)
    row = pick(np.arange(math.prod(shape), dtype=np.int32).reshape(shape))
    return (
        np.broadcast_to(row, out).reshape(-1),
        np.broadcast_to(column, out).reshape(-1),
        np.broadcast_to(value, out).reshape(-1),
    )


def _may_repeat(terms: Sequence[Term], rank: int, columns: Columns) -> bool:
    """Whether a column might occur twice in one row (True when not easily excluded)."""
    groups: dict[int, list[Term]] = {}
    for term in terms:
        groups.setdefault(id(term.variable), []).append(term)
    for group in groups.values():
        for place, term in enumerate(group):
            if not _one_to_one(term, rank):
                return True
            if any(not _apart(term, other, rank) for other in group[:place]):
                return True
    return False


def _one_to_one(term: Term, rank: int) -> bool:
    """Whether each sum axis of a term simply counts along one index of its variable."""
    owned = {own_axis(position) for position in term.positions}
    return all(size < 2 or axis in owned for axis, size in enumerate(term.shape()) if axis >= rank)


def _apart(first: Term, second: Term, rank: int) -> bool:
    """Whether some index of the variable differs between two terms in every row."""
    for a, b in zip(first.positions, second.positions, strict=True):
        if any(length(p, axis) > 1 for p in (a, b) for axis in range(rank, p.ndim)):
            continue
        ndim = max(a.ndim, b.ndim)
        if np.all(pad(a, ndim) != pad(b, ndim)):
            return True
    return False


def affine_by_rows(component: Any) -> Affine:
    """A named expression that was built member by member, as an Affine over its sets.

    Each variable gets one extra axis, as long as the fullest member, padded with zeros.
    Raises Untemplatable when it is not linear.
    """
    shape = tuple(len(labels(one_set)) for one_set in subsets(component))
    members = (
        [(place_of(data), data) for data in component.values()]
        if component.is_indexed()
        else [((), component)]
    )
    if len(members) != math.prod(shape):
        raise Untemplatable(f"{component.name} is sparse")
    constant = np.zeros(shape)
    entries: dict[int, tuple[Any, dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]]]] = {}
    for place, data in members:
        linear = generate_standard_repn(data.expr, compute_values=True)
        if not linear.is_linear():
            raise Untemplatable(f"{data.name} is not linear")
        constant[place] = linear.constant
        for weight, variable in zip(linear.linear_coefs, linear.linear_vars, strict=True):
            owner = variable.parent_component()
            require_dense(owner)
            held = entries.setdefault(id(owner), (owner, {}))[1]
            held.setdefault(place, []).append((place_of(variable), pyo.value(weight)))
    terms = tuple(_padded(owner, held, shape) for owner, held in entries.values())
    return Affine(constant if shape else float(constant), terms)


def _padded(
    owner: Any,
    held: dict[tuple[int, ...], list[tuple[tuple[int, ...], float]]],
    shape: tuple[int, ...],
) -> Term:
    width = max(len(row) for row in held.values())
    weights = np.zeros((*shape, width))
    positions = [np.zeros((*shape, width), np.int64) for _ in subsets(owner)]
    for place, row in held.items():
        for slot, (where, weight) in enumerate(row):
            weights[(*place, slot)] = weight
            for array, position in zip(positions, where, strict=True):
                array[(*place, slot)] = position
    return Term(owner, tuple(positions), 1.0, (weights,))


def rows_by_row(constraint: Any, columns: Columns) -> tuple[Rows, list[Any]]:
    """Rows of a constraint built row by row, and the index of each. Raises on non-linear rows."""
    counts: list[int] = []
    column: list[int] = []
    value: list[float] = []
    lower: list[float] = []
    upper: list[float] = []
    indices: list[Any] = []
    for index, data in _members(constraint):
        if not data.active:
            continue
        low, body, high = data.to_bounded_expression(evaluate_bounds=True)
        linear = generate_standard_repn(body, compute_values=True)
        if not linear.is_linear():
            raise ValueError(f"{data.name} is not linear")
        indices.append(index)
        entry: dict[int, float] = {}
        for weight, variable in zip(linear.linear_coefs, linear.linear_vars, strict=True):
            place = columns.of_data(variable)
            entry[place] = entry.get(place, 0.0) + float(weight)
        entry = {place: weight for place, weight in entry.items() if weight != 0.0}
        counts.append(len(entry))
        column.extend(entry.keys())
        value.extend(entry.values())
        lower.append(-math.inf if low is None else low - linear.constant)
        upper.append(math.inf if high is None else high - linear.constant)
    return Rows(
        np.array(counts, np.int32),
        np.array(column, np.int32),
        np.array(value, float),
        np.array(lower, float),
        np.array(upper, float),
    ), indices


def _members(constraint: Any) -> list[tuple[Any, Any]]:
    if getattr(constraint, "held", None) is None or not constraint.is_indexed():
        return list(constraint.items())
    return [(index, constraint[index]) for index in constraint.index_set()]


def values_of(value: Affine, shape: tuple[int, ...], x: Array, columns: Columns) -> Array:
    """The affine function at column values `x`, over an index of `shape`."""
    constant = pad(np.asarray(value.constant, float), len(shape))
    result = np.broadcast_to(constant, shape).copy()
    if result.size == 0:
        return result
    for term in value.terms:
        start, steps = columns.of_term(term)
        ndim = max([len(shape), *(p.ndim for _, p in steps), *(f.ndim for f in term.factors)])
        column: Array = np.full((1,) * ndim, start)
        for stride, position in steps:
            column = column + pad(position, ndim) * stride
        operands: list[Any] = []
        seen: set[int] = set()
        for factor in (x[column], *(pad(f, ndim) for f in term.factors)):
            live = [axis for axis in range(ndim) if factor.shape[axis] > 1]
            seen.update(live)
            operands += [factor.reshape([factor.shape[axis] for axis in live]), live]
        out = [axis for axis in range(len(shape)) if axis in seen]
        part = np.einsum(*operands, out, optimize="greedy" if ndim > len(shape) else False)
        full = [1] * len(shape)
        for axis, size in zip(out, part.shape, strict=True):
            full[axis] = size
        result += term.scale * part.reshape(full)
    return result


def weights_of(value: Affine, columns: Columns) -> tuple[Array, float]:
    """Cost per column and the constant of an affine function without index."""
    cost = np.zeros(columns.count)
    for term in value.terms:
        factor = _sparse_factor(term)
        if factor is None:
            column, weight = (part.reshape(-1) for part in _dense(term, (), columns))
        else:
            _, column, weight = _from_nonzero(term, factor, (), columns)
        if column.size:
            first = int(column.min())
            part = np.bincount(column - first, weight)
            cost[first : first + part.size] += part
    return cost, float(np.asarray(value.constant).reshape(()))

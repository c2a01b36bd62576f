"""Affine functions of the columns, held as compact arrays over named axes; numpy only.

Axis k of every array is axis k of the rule: first the rule's own index, then, behind it, one
axis per sum that could not be carried out because the column depends on it. An array has length
one (or no axis at all) where it does not vary, so nothing is blown up before the rows are written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
MERGE_LIMIT = 4_000_000  # elements: above it equal terms are merged when rows are written


class Untemplatable(Exception):
    """This rule cannot be held as arrays; the message says why."""


@cache
def counting(n: int) -> Array:
    """The one shared array 0..n-1, so that an untouched axis is recognised by identity."""
    numbers = np.arange(n)
    numbers.setflags(write=False)
    return numbers


def pad(array: Array, ndim: int) -> Array:
    """`array` with trailing axes of length one up to `ndim`."""
    if array.ndim >= ndim:
        return array
    return array.reshape(array.shape + (1,) * (ndim - array.ndim))


def length(array: Array, axis: int) -> int:
    """Length along `axis`, one where the array does not have it."""
    return array.shape[axis] if axis < array.ndim else 1


def along(array: Array, axis: int) -> Array:
    """A one-dimensional array laid along `axis`."""
    return array.reshape((1,) * axis + (-1,))


def own_axis(position: Array) -> int | None:
    """The axis this position simply counts along, or None when it is anything else."""
    n = position.size
    if n < 2 or max(position.shape) != n:
        return None
    same = (
        position.ctypes.data == counting(n).ctypes.data
        and position.strides[position.shape.index(n)] == counting(n).strides[0]
    )
    return position.shape.index(n) if same else None


def same(first: Array, second: Array) -> bool:
    """Whether two arrays hold the same numbers over the same axes."""
    ndim = max(first.ndim, second.ndim)
    first, second = pad(first, ndim), pad(second, ndim)
    if first.shape != second.shape:
        return False
    if first.ctypes.data == second.ctypes.data and first.strides == second.strides:
        return True
    return bool(np.array_equal(first, second))


def multiply(arrays: Sequence[Array], scale: float = 1.0) -> Array:
    """The product of arrays aligned from the first axis, times `scale`."""
    ndim = max((a.ndim for a in arrays), default=0)
    result = np.asarray(scale)
    for array in sorted(arrays, key=lambda a: a.size):
        result = result * pad(array, ndim)
    return result


@dataclass(frozen=True, slots=True)
class Term:
    """scale · Π factors · variable[positions]; `variable` None means positions are columns."""

    variable: Any
    positions: tuple[Array, ...]
    scale: float = 1.0
    factors: tuple[Array, ...] = ()

    def times(self, number: Any) -> Term:
        """This term multiplied by a float or an aligned array."""
        if np.ndim(number) == 0 or np.size(number) == 1:
            value = float(np.asarray(number).reshape(()))
            return Term(self.variable, self.positions, self.scale * value, self.factors)
        factors = (*self.factors, np.asarray(number, dtype=float))
        return Term(self.variable, self.positions, self.scale, factors)

    def varies(self, axis: int) -> bool:
        """Whether the column depends on `axis`."""
        return any(length(p, axis) > 1 for p in self.positions)

    def shape(self) -> tuple[int, ...]:
        """The common shape of positions and factors."""
        arrays = (*self.positions, *self.factors)
        ndim = max((a.ndim for a in arrays), default=0)
        return np.broadcast_shapes(*(pad(a, ndim).shape for a in arrays))

    def same_columns(self, other: Term) -> bool:
        """Whether both terms stand on the same columns everywhere."""
        return self.variable is other.variable and all(
            same(a, b) for a, b in zip(self.positions, other.positions, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Affine:
    """A constant (float or aligned array) plus terms."""

    constant: Any = 0.0
    terms: tuple[Term, ...] = field(default=())

    def plus(self, other: Affine) -> Affine:
        """The sum of two affine functions."""
        return Affine(add(self.constant, other.constant), self.terms + other.terms)

    def times(self, number: Any) -> Affine:
        """The product with a float or an aligned array."""
        return Affine(
            times(self.constant, number), tuple(term.times(number) for term in self.terms)
        )


def _aligned(first: Any, second: Any) -> tuple[Any, Any]:
    if np.ndim(first) == 0 or np.ndim(second) == 0:
        return first, second
    ndim = max(np.ndim(first), np.ndim(second))
    return pad(first, ndim), pad(second, ndim)


def add(first: Any, second: Any) -> Any:
    """The sum of two constants, each a float or an aligned array."""
    first, second = _aligned(first, second)
    return first + second


def times(first: Any, second: Any) -> Any:
    """The product of two constants, each a float or an aligned array."""
    first, second = _aligned(first, second)
    return first * second


def _merge_two(first: Term, second: Term) -> Term | None:
    """One term for two on the same columns, or None when that would need a large array."""
    shared: list[Array] = []
    rest = list(second.factors)
    left: list[Array] = []
    for factor in first.factors:
        twin = next((i for i, other in enumerate(rest) if other is factor), None)
        if twin is None:
            left.append(factor)
        else:
            shared.append(rest.pop(twin))
    arrays = [*left, *rest]
    ndim = max((a.ndim for a in arrays), default=0)
    size = math.prod(np.broadcast_shapes(*(pad(a, ndim).shape for a in arrays)))
    if arrays and size > MERGE_LIMIT:
        return None
    total = add(multiply(left, first.scale), multiply(rest, second.scale))
    return Term(first.variable, first.positions, 1.0, tuple(shared)).times(total)


def merged(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Terms on the same columns joined into one, in the order they first appear."""
    kept: list[Term] = []
    places: dict[int, list[int]] = {}
    for term in terms:
        if term.scale == 0.0:
            continue
        group = places.setdefault(id(term.variable), [])
        for place in group:
            if kept[place].same_columns(term):
                joined = _merge_two(kept[place], term)
                if joined is not None:
                    kept[place] = joined
                    break
        else:
            group.append(len(kept))
            kept.append(term)
    return tuple(kept)


def contract(factors: Sequence[Array], sizes: dict[int, int]) -> tuple[float, tuple[Array, ...]]:
    """Sum a product of factors over the axes in `sizes`: (scale, remaining factors)."""
    touched = [f for f in factors if any(length(f, axis) > 1 for axis in sizes)]
    untouched = tuple(f for f in factors if not any(f is other for other in touched))
    scale = 1.0
    for axis, size in sizes.items():
        if not any(length(f, axis) > 1 for f in touched):
            scale *= size
    if not touched:
        return scale, untouched
    ndim = max(f.ndim for f in touched)
    if len(touched) == 1:
        axes = tuple(axis for axis in sizes if axis < touched[0].ndim)
        return scale, (*untouched, touched[0].sum(axis=axes, keepdims=True))
    operands: list[Any] = []
    for factor in touched:
        live = [axis for axis in range(factor.ndim) if factor.shape[axis] > 1]
        operands += [factor.reshape([factor.shape[axis] for axis in live]), live]
    seen = {axis for labels in operands[1::2] for axis in labels}
    out = [axis for axis in range(ndim) if axis in seen and axis not in sizes]
    summed = np.einsum(*operands, out, optimize="greedy")
    shape = [1] * ndim
    for axis, size in zip(out, summed.shape, strict=True):
        shape[axis] = size
    return scale, (*untouched, summed.reshape(shape))


def sum_over(value: Affine, sizes: dict[int, int]) -> Affine:
    """Sum over the axes in `sizes` {axis: length}; axes a column depends on stay, behind."""
    if any(size == 0 for size in sizes.values()):
        return Affine()
    constant = value.constant
    if np.ndim(constant) == 0:
        constant = constant * math.prod(sizes.values())
    else:
        for axis, size in sizes.items():
            if length(constant, axis) > 1:
                constant = constant.sum(axis=axis, keepdims=True)
            else:
                constant = constant * size
        constant = constant.reshape(constant.shape[: min(sizes)])
    terms = []
    for term in value.terms:
        done = {axis: size for axis, size in sizes.items() if not term.varies(axis)}
        scale, factors = contract(term.factors, done) if done else (1.0, term.factors)
        terms.append(Term(term.variable, term.positions, term.scale * scale, factors))
    return Affine(constant, tuple(terms))


def substitute(array: Array, rank: int, where: Sequence[Array], depth: int) -> Array:
    """Read `array` (own axes 0..rank-1, then sum axes) at positions `where` of a rule.

    The rule has `depth` axes open; the array's sum axes are moved to stand behind them.
    """
    array = pad(array, rank)
    behind = array.shape[rank:]
    needed = [axis for axis in range(rank) if array.shape[axis] != 1]
    array = array[tuple(slice(None) if axis in needed else 0 for axis in range(rank))]
    lengths = array.shape[: len(needed)]
    targets = [own_axis(where[axis]) for axis in needed]
    axes = [t for t in targets if t is not None]
    whole = all(where[axis].size == n for axis, n in zip(needed, lengths, strict=True))
    if whole and len(set(axes)) == len(needed):  # only axes change place: a view will do
        order = sorted(range(len(needed)), key=lambda i: axes[i])
        array = array.transpose([*order, *range(len(needed), array.ndim)])
        shape = [1] * depth
        for i in order:
            shape[axes[i]] = lengths[i]
        return array.reshape((*shape, *behind))
    chosen = tuple(pad(where[axis], depth) for axis in needed)
    return array[chosen].reshape(
        np.broadcast_shapes((1,) * depth, *(c.shape for c in chosen)) + behind
    )


def rebind(value: Affine, rank: int, where: Sequence[Array], depth: int) -> Affine:
    """A named expression of `rank` own axes, read at positions `where` inside another rule."""
    constant = value.constant
    if np.ndim(constant) > 0:
        constant = substitute(constant, rank, where, depth)
    shared: dict[int, Array] = {}

    def move(array: Array) -> Array:
        if id(array) not in shared:  # a factor shared by terms stays shared
            shared[id(array)] = substitute(array, rank, where, depth)
        return shared[id(array)]

    terms = tuple(
        Term(
            term.variable,
            tuple(move(p) for p in term.positions),
            term.scale,
            tuple(move(f) for f in term.factors),
        )
        for term in value.terms
    )
    return Affine(constant, terms)

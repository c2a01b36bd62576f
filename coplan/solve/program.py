"""A linear program as arrays, and the small edits the search makes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class LinearProgram:
    """Minimise cost·x + offset, row_lower <= A x <= row_upper, lower <= x <= upper.

    Row i of A has entries `start[i]:start[i+1]` of `column` (int32) and `value` (float64).
    """

    start: Array
    column: Array
    value: Array
    row_lower: Array
    row_upper: Array
    cost: Array
    offset: float
    lower: Array
    upper: Array

    @classmethod
    def of(cls, compiled: Any) -> LinearProgram:
        """The linear part of a `Compiled` model; integrality is left out."""
        names = (
            "start",
            "column",
            "value",
            "row_lower",
            "row_upper",
            "cost",
            "offset",
            "lower",
            "upper",
        )
        return cls(**{name: getattr(compiled, name) for name in names})

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.row_lower.size)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return int(self.cost.size)

    def with_bounds(self, lower: Array, upper: Array) -> LinearProgram:
        """The same program with other column bounds."""
        return replace(self, lower=lower, upper=upper)

    def with_sides(self, row_lower: Array, row_upper: Array) -> LinearProgram:
        """The same program with other row sides."""
        return replace(self, row_lower=row_lower, row_upper=row_upper)

    def with_totals(self, groups: Sequence[Array]) -> LinearProgram:
        """One free row behind the others for the total of each group of columns."""
        if not groups:
            return self
        ends = self.start[-1] + np.cumsum([group.size for group in groups])
        columns = np.concatenate(groups).astype(np.int32)
        free = np.full(len(groups), np.inf)
        return replace(
            self,
            start=np.r_[self.start, ends.astype(np.int32)],
            column=np.r_[self.column, columns],
            value=np.r_[self.value, np.ones(columns.size)],
            row_lower=np.r_[self.row_lower, -free],
            row_upper=np.r_[self.row_upper, free],
        )

    def first_rows(self, count: int) -> LinearProgram:
        """The program of the first `count` rows, in the same memory."""
        end = int(self.start[count])
        return replace(
            self,
            start=self.start[: count + 1],
            column=self.column[:end],
            value=self.value[:end],
            row_lower=self.row_lower[:count],
            row_upper=self.row_upper[:count],
        )

    def activity(self, x: Array) -> Array:
        """A x, one number per row."""
        row = np.repeat(np.arange(self.n_rows), np.diff(self.start))
        terms = x[self.column]
        terms *= self.value
        return np.bincount(row, terms, minlength=self.n_rows)

    def activity_range(self) -> tuple[Array, Array]:
        """The least and greatest A x over the column bounds."""
        row = np.repeat(np.arange(self.n_rows), np.diff(self.start))
        low = self.value * self.lower[self.column]
        high = self.value * self.upper[self.column]
        return (
            np.bincount(row, np.minimum(low, high), minlength=self.n_rows),
            np.bincount(row, np.maximum(low, high), minlength=self.n_rows),
        )

    def worst_violation(self, x: Array) -> float:
        """The largest violation of a row at x, relative to max(1, |side|, its largest term)."""
        if not self.n_rows:
            return 0.0
        value = self.activity(x)
        low = np.where(np.isfinite(self.row_lower), self.row_lower, value)
        high = np.where(np.isfinite(self.row_upper), self.row_upper, value)
        terms = np.zeros(self.value.size + 1)
        np.multiply(self.value, x[self.column], out=terms[:-1])
        np.abs(terms, out=terms)
        largest = np.maximum.reduceat(terms, self.start[:-1])
        largest = np.maximum(1.0, np.where(np.diff(self.start) > 0, largest, 0.0))
        short = (low - value) / np.maximum(largest, np.abs(low))
        over = (value - high) / np.maximum(largest, np.abs(high))
        return float(max(short.max(), over.max(), 0.0))


def shared_matrix(compiled: Any, groups: Sequence[Array]) -> tuple[LinearProgram, LinearProgram]:
    """A `Compiled` model as a program with totals of `groups`, and without, in the same memory.

    The matrix is held once: the model forgets its own copy and reads this one.
    """
    program = LinearProgram.of(compiled).with_totals(groups)
    base = program.first_rows(int(compiled.row_lower.size))
    compiled.start, compiled.column, compiled.value = base.start, base.column, base.value
    return program, base


def bounds_as_rows(
    program: LinearProgram, upper: Array, columns: list[int], limits: list[float]
) -> LinearProgram:
    """The program with other upper bounds, and a row `column <= limit` for each of `columns`."""
    ends = program.start[-1] + np.arange(1, len(columns) + 1)
    return replace(
        program,
        start=np.r_[program.start, ends].astype(np.int32),
        column=np.r_[program.column, columns].astype(np.int32),
        value=np.r_[program.value, np.ones(len(columns))],
        row_lower=np.r_[program.row_lower, np.full(len(columns), -np.inf)],
        row_upper=np.r_[program.row_upper, limits],
        upper=upper,
    )


def shared_limits(
    program: LinearProgram, groups: Sequence[Array], limits: Sequence[float], far: float
) -> LinearProgram:
    """The program with one column, at most `far`, for the upper side that the rows of a group
    share, and a row `column <= limit` for each group behind the others."""
    if not groups:
        return program
    n, count = program.n_columns, len(groups)
    rows = np.concatenate(groups)
    column = np.repeat(n + np.arange(count), [len(group) for group in groups])
    order = np.argsort(rows, kind="stable")
    rows, column = rows[order], column[order]
    ends = program.start[rows + 1]
    sizes = np.diff(program.start).astype(np.int64)
    sizes[rows] += 1
    side = program.row_upper.copy()
    side[rows] = 0.0
    entries = np.r_[np.insert(program.column, ends, column), n + np.arange(count)]
    return replace(
        program,
        start=np.r_[0, np.cumsum(np.r_[sizes, np.ones(count, np.int64)])].astype(np.int32),
        column=entries.astype(np.int32),
        value=np.r_[np.insert(program.value, ends, -np.ones(rows.size)), np.ones(count)],
        row_lower=np.r_[program.row_lower, np.full(count, -np.inf)],
        row_upper=np.r_[side, np.asarray(limits, dtype=float)],
        cost=np.r_[program.cost, np.zeros(count)],
        lower=np.r_[program.lower, np.zeros(count)],
        upper=np.r_[program.upper, np.full(count, far)],
    )

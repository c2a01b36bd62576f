"""The whole model as numpy arrays, row by row, with the way back to names and values."""

from __future__ import annotations

import bisect
import math
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.repn import generate_standard_repn

from coplan.algebra.affine import Array
from coplan.algebra.kinds import own, refuse_changed, refuse_unknown
from coplan.algebra.rows import (
    Columns,
    Rows,
    place_of,
    rows_by_row,
    values_of,
    weights_of,
    write_rows,
)
from coplan.algebra.sets import labels, pause, subsets
from coplan.algebra.template import affine_of

LONG = 24  # entries of a row that sums over time
NEGLIGIBLE = 1e-6  # share of what another entry of the row can move
SMALLEST_COEFFICIENT = 1e-7  # below it HiGHS drops entries silently (R3 in scale-and-trust)


@dataclass(frozen=True)
class RowBlock:
    """The rows of one constraint; `indices` None means its whole index in order."""

    constraint: Any
    first: int
    count: int
    indices: list[Any] | None


@dataclass
class Compiled:
    """Minimise cost·x + offset over row_lower <= A x <= row_upper, lower <= x <= upper.

    A in row order: row i has entries `start[i]:start[i+1]` of `column` and `value`.
    `start`, `column` int32; `integrality` uint8 (1 = integer); the rest float64.
    `row_by_row` names what could not be held as arrays, with the reason.
    """

    model: Any
    start: Array
    column: Array
    value: Array
    row_lower: Array
    row_upper: Array
    cost: Array
    offset: float
    lower: Array
    upper: Array
    integrality: Array
    columns: Columns
    variables: list[Any]
    rows: list[RowBlock]
    row_by_row: dict[str, str] = field(default_factory=dict)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return self.columns.count

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.row_lower.size)

    def column_slice(self, variable: Any) -> slice:
        """Columns of a variable, in C order of its sets. Raises KeyError if not compiled."""
        first = self.columns.starts[id(variable)]
        return slice(first, first + math.prod(self.columns.shapes[id(variable)]))

    def values(self, variable: Any, x: Array) -> Array:
        """A variable's values in column values `x`, of its sets' shape."""
        return x[self.column_slice(variable)].reshape(self.columns.shapes[id(variable)])

    def evaluate(self, expression: Any, x: Array) -> Array:
        """A named expression (or variable) at column values `x`, of its sets' shape."""
        if id(expression) in self.columns.starts:
            return self.values(expression, x)
        shape = tuple(len(labels(one_set)) for one_set in subsets(expression))
        return values_of(affine_of(expression), shape, x, self.columns)

    def row_slice(self, constraint: Any) -> slice:
        """Rows of a constraint. Raises KeyError if it was not compiled."""
        block = self._block_of(constraint)
        return slice(block.first, block.first + block.count)

    def duals(self, constraint: Any, y: Array) -> Array:
        """A constraint's part of row duals `y`, of its sets' shape; 0 where a row is missing.

        The dual is the change of the objective per unit added to the data side. For a price,
        write the row as `what is supplied - what is used == 0` (or == data): with variables on
        both sides of `==` the sign depends on how Pyomo orders them.
        """
        block = self._block_of(constraint)
        shape = tuple(len(labels(one_set)) for one_set in subsets(constraint))
        part = y[block.first : block.first + block.count]
        if block.indices is None:
            return part.reshape(shape)
        full = np.zeros(shape)
        for value, index in zip(part, block.indices, strict=True):
            full[place_of(constraint[index])] = value
        return full

    def _block_of(self, constraint: Any) -> RowBlock:
        for block in self.rows:
            if block.constraint is constraint:
                return block
        raise KeyError(constraint.name)

    def column_name(self, j: int) -> str:
        """The full name of column j, such as `site.charge_mw[zhangbei_lfp,12]`."""
        firsts = [self.columns.starts[id(variable)] for variable in self.variables]
        at = bisect.bisect_right(firsts, j) - 1
        while firsts[at] + math.prod(self.columns.shapes[id(self.variables[at])]) <= j:
            at -= 1
        variable = self.variables[at]
        if not getattr(variable, "is_lazy", False):
            return str(list(variable.values())[j - firsts[at]].name)
        return _named(variable, j - firsts[at], self.columns.shapes[id(variable)])

    def row_name(self, i: int) -> str:
        """The full name of row i, such as `year[2027,typical].storage.soc_balance[lfp,12]`."""
        block = next(b for b in self.rows if b.first <= i < b.first + b.count)
        if block.indices is None:
            shape = tuple(len(labels(one_set)) for one_set in subsets(block.constraint))
            return _named(block.constraint, i - block.first, shape)
        index = block.indices[i - block.first]
        if index is None:
            return str(block.constraint.name)
        labels_ = index if isinstance(index, tuple) else (index,)
        return f"{block.constraint.name}[{','.join(str(label) for label in labels_)}]"

    def find(self, name: str) -> tuple[str, int]:
        """("row" | "column", number) of a full name. Raises KeyError when there is none."""
        match = re.fullmatch(r"(.*?)(\[[^\[\]]*\])?", name)
        assert match
        base, index = match.group(1), match.group(2)
        component = self.model.find_component(name) if index is None else None
        owner = component if component is not None else self.model.find_component(base)
        kind = getattr(owner, "ctype", None)
        try:
            numbers = self.column_slice(owner) if kind is pyo.Var else self.row_slice(owner)
        except (AttributeError, KeyError):
            raise KeyError(name) from None
        name_of = self.column_name if kind is pyo.Var else self.row_name
        likely = numbers.start + _number(owner, index)
        for number in (likely, *range(numbers.start, numbers.stop)):
            if number < numbers.stop and name_of(number) == name:
                return ("column" if kind is pyo.Var else "row"), number
        raise KeyError(name)

    def load(self, x: Array) -> None:
        """Give every variable its value, so that `variable[...].value` and `.expr()` work."""
        for variable in self.variables:
            values = self.values(variable, x) if self.columns.shapes[id(variable)] else None
            if getattr(variable, "is_lazy", False):
                variable.load(values)
            else:
                flat = x[self.column_slice(variable)]
                for data, value in zip(variable.values(), flat, strict=True):
                    data.set_value(float(value), skip_validation=True)


def _named(component: Any, number: int, shape: tuple[int, ...]) -> str:
    if not shape:
        return str(component.name)
    place = np.unravel_index(number, shape)
    parts = [
        str(labels(one_set)[int(where)])
        for one_set, where in zip(subsets(component), place, strict=True)
    ]
    return f"{component.name}[{','.join(parts)}]"


def _number(component: Any, index: str | None) -> int:
    """Where an index written as text most likely stands in a component, in C order."""
    number = 0
    for part, one_set in zip((index or "[]")[1:-1].split(","), subsets(component), strict=False):
        names = {str(label): place for place, label in enumerate(labels(one_set))}
        number = number * len(names) + names.get(part, 0)
    return number


def compile_model(model: Any) -> Compiled:
    """The arrays of every active constraint, the objective and every variable of `model`.

    Raises ValueError naming the row or column for a number that is not finite, a column without
    finite bounds, a coefficient so small that the solver would drop it, a non-linear row, a kind of
    component that is no row, or a named expression changed after rules had read it.
    """
    with PauseGC(), pause():
        refuse_unknown(model)
        refuse_changed(model)
        columns, variables, lower, upper, integrality = _lay_out(model)
        blocks: list[RowBlock] = []
        parts: list[Rows] = []
        by_row: dict[str, str] = {}
        first = 0
        for constraint in own(model.component_objects(pyo.Constraint, active=True)):
            part, indices = _rows_of(constraint, columns)
            if indices is not None:
                by_row[constraint.name] = getattr(constraint, "reason", "") or "plain Pyomo"
            blocks.append(RowBlock(constraint, first, part.counts.size, indices))
            parts.append(part)
            first += part.counts.size
        cost, offset = _objective(model, columns, by_row)
    start = np.zeros(first + 1, np.int32)
    np.cumsum(_joined(parts, "counts", np.int32), out=start[1:])
    compiled = Compiled(
        model=model,
        start=start,
        value=_joined(parts, "values", np.float64),
        column=_joined(parts, "columns", np.int32),
        row_lower=_joined(parts, "lower", np.float64),
        row_upper=_joined(parts, "upper", np.float64),
        cost=cost,
        offset=offset,
        lower=lower,
        upper=upper,
        integrality=integrality,
        columns=columns,
        variables=variables,
        rows=blocks,
        row_by_row=by_row,
    )
    _drop_negligible(compiled)
    _check(compiled)
    return compiled


def _joined(parts: list[Rows], name: str, kind: Any) -> Array:
    """One array of all parts, which let go of theirs: the matrix is held once."""
    arrays = [part.__dict__.pop(name) for part in parts]
    return np.concatenate(arrays).astype(kind, copy=False) if arrays else np.zeros(0, kind)


def _lay_out(model: Any) -> tuple[Columns, list[Any], Array, Array, Array]:
    variables = list(own(model.component_objects(pyo.Var)))
    starts: dict[int, int] = {}
    shapes: dict[int, tuple[int, ...]] = {}
    lower, upper, integrality = [], [], []
    count = 0
    for variable in variables:
        low, high, integer, shape = _bounds_of(variable)
        starts[id(variable)], shapes[id(variable)] = count, shape
        lower.append(low)
        upper.append(high)
        integrality.append(integer)
        count += low.size
    empty = [np.zeros(0)]
    return (
        Columns(starts, shapes, count),
        variables,
        np.concatenate(lower or empty),
        np.concatenate(upper or empty),
        np.concatenate(integrality or empty).astype(np.uint8),
    )


def _bounds_of(variable: Any) -> tuple[Array, Array, Array, tuple[int, ...]]:
    if getattr(variable, "is_lazy", False):
        shape = variable.lower_array.shape
        low, high = variable.lower_array.ravel().copy(), variable.upper_array.ravel().copy()
        kind = 1 if variable.domain_is_integer else 0
        integer = np.full(low.size, kind, np.uint8)
        for data in variable._data.values():  # those looked at may have been fixed or changed
            at = int(np.ravel_multi_index(place_of(data), shape))
            low[at], high[at], integer[at] = _bounds_of_data(data)
        return low, high, integer, shape
    members = list(variable.values())
    table = np.array([_bounds_of_data(data) for data in members], float).reshape(-1, 3)
    if variable.is_indexed():
        size = len(variable.index_set())
        dense = len(members) == size and all(s.dimen == 1 for s in variable.index_set().subsets())
        shape = tuple(len(labels(s)) for s in subsets(variable)) if dense else (len(members),)
    else:
        shape = ()
    return table[:, 0], table[:, 1], table[:, 2].astype(np.uint8), shape


def _bounds_of_data(data: Any) -> tuple[float, float, int]:
    integer = int(not data.is_continuous())
    if integer and not data.is_integer():
        raise ValueError(f"column {data.name}: neither continuous nor whole numbers")
    if data.fixed:
        return float(data.value), float(data.value), integer
    low, high = data.bounds
    return (-math.inf if low is None else low), (math.inf if high is None else high), integer


def _rows_of(constraint: Any, columns: Columns) -> tuple[Rows, list[Any] | None]:
    held = getattr(constraint, "held", None)
    if held is not None and constraint.untouched():
        shape = tuple(len(labels(one_set)) for one_set in subsets(constraint))
        body, lower, upper = held
        return write_rows(body, lower, upper, shape, columns), None
    return rows_by_row(constraint, columns)


def _objective(model: Any, columns: Columns, by_row: dict[str, str]) -> tuple[Array, float]:
    found = list(model.component_objects(pyo.Objective, active=True))
    if len(found) > 1:
        raise ValueError(f"more than one objective: {', '.join(o.name for o in found)}")
    if not found:
        return np.zeros(columns.count), 0.0
    objective = found[0]
    affine = getattr(objective, "affine", None)
    if affine is not None and objective.untouched() and objective.sense == pyo.minimize:
        return weights_of(affine, columns)
    by_row[objective.name] = getattr(objective, "reason", "") or "plain Pyomo"
    linear = generate_standard_repn(objective.expr, compute_values=True)
    if not linear.is_linear():
        raise ValueError(f"{objective.name} is not linear")
    sign = 1.0 if objective.sense == pyo.minimize else -1.0
    cost = np.zeros(columns.count)
    for weight, variable in zip(linear.linear_coefs, linear.linear_vars, strict=True):
        cost[columns.of_data(variable)] += sign * weight
    return cost, sign * linear.constant


def _drop_negligible(compiled: Compiled) -> None:
    """Leave out entries too small for the solver that cannot matter in their row.

    A limit on a sum over time that is met by chance in some hour leaves such a coefficient: what it
    could move is less than NEGLIGIBLE of what another entry of its LONG row can. The others, such
    as a slip of units, are for `_check` to name.
    """
    small = np.flatnonzero(np.abs(compiled.value) < SMALLEST_COEFFICIENT)
    rows = np.unique(np.searchsorted(compiled.start, small, side="right") - 1)
    reach = np.maximum(np.abs(compiled.lower), np.abs(compiled.upper))
    dropped = [np.zeros(0, np.int64)]
    for row in rows[np.diff(compiled.start)[rows] >= LONG]:
        at = slice(*compiled.start[row : row + 2])
        size = np.abs(compiled.value[at])
        moved = size * reach[compiled.column[at]]
        out = (size < SMALLEST_COEFFICIENT) & (moved <= NEGLIGIBLE * moved.max())
        dropped.append(at.start + np.flatnonzero(out))
    gone = np.concatenate(dropped)
    if gone.size:
        compiled.start -= np.searchsorted(gone, compiled.start).astype(compiled.start.dtype)
        compiled.column = np.delete(compiled.column, gone)
        compiled.value = np.delete(compiled.value, gone)


def _check(compiled: Compiled) -> None:
    """Raise ValueError naming the first row or column with a number no solver should see."""

    def row_at(entry: Any) -> str:
        row = int(np.searchsorted(compiled.start, entry, side="right")) - 1
        return f"{compiled.row_name(row)}, column {compiled.column_name(compiled.column[entry])}"

    loose = ~(np.isfinite(compiled.lower) & np.isfinite(compiled.upper))
    pays = ((compiled.cost < 0) & ~np.isfinite(compiled.upper)) | (
        (compiled.cost > 0) & ~np.isfinite(compiled.lower)
    )
    bad = np.flatnonzero(loose & pays) if (loose & pays).any() else np.flatnonzero(loose)
    if bad.size:
        j = int(bad[0])
        text = f"column {compiled.column_name(j)}: a bound is not finite"
        if pays[j]:
            text += f", and every unit of it improves the objective by {abs(compiled.cost[j]):.3g}"
        raise ValueError(text)
    bad = np.flatnonzero(~np.isfinite(compiled.cost))
    if bad.size:
        raise ValueError(f"column {compiled.column_name(int(bad[0]))}: the cost is not finite")
    if not math.isfinite(compiled.offset):
        raise ValueError("the objective's constant is not finite")
    size = np.abs(compiled.value)
    bad = np.flatnonzero(~np.isfinite(size))
    if bad.size:
        raise ValueError(f"row {row_at(bad[0])}: a coefficient is not finite")
    bad = np.flatnonzero(size < SMALLEST_COEFFICIENT)
    if bad.size:
        raise ValueError(
            f"row {row_at(bad[0])}: coefficient {compiled.value[bad[0]]:.3g} is so small that "
            "the solver would drop it; choose a larger unit"
        )
    low, high = compiled.row_lower, compiled.row_upper
    bad = np.flatnonzero(np.isnan(low) | np.isnan(high) | (low == math.inf) | (high == -math.inf))
    if bad.size:
        raise ValueError(f"row {compiled.row_name(int(bad[0]))}: a side is not finite")

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
from coplan.algebra.coefficients import drop_negligible, refuse_bad_numbers
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
        blocks, parts, by_row = _all_rows(model, columns)
        cost, offset = _objective(model, columns, by_row)
    compiled = Compiled(
        model=model,
        **_joined(parts),
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
    drop_negligible(compiled)
    refuse_bad_numbers(compiled)
    return compiled


def _all_rows(
    model: Any, columns: Columns
) -> tuple[list[RowBlock], list[Rows], dict[str, str]]:
    """Every family with its rows, and why some were built row by row."""
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
    return blocks, parts, by_row


def _joined(parts: list[Rows]) -> dict[str, Array]:
    """The arrays of all rows under the names of `Compiled`; `parts` is emptied on the way.

    Each array is let go as soon as it is joined, so that the matrix is never held twice.
    """
    names = {"counts": np.int32, "values": np.float64, "columns": np.int32, "lower": np.float64,
             "upper": np.float64}  # fmt: skip
    held = {name: [getattr(part, name) for part in parts] for name in names}
    parts.clear()
    joined = {
        name: np.concatenate(held.pop(name) or [np.zeros(0)]).astype(kind, copy=False)
        for name, kind in names.items()
    }
    start = np.zeros(joined["counts"].size + 1, np.int32)
    np.cumsum(joined["counts"], out=start[1:])
    return {
        "start": start, "column": joined["columns"], "value": joined["values"],
        "row_lower": joined["lower"], "row_upper": joined["upper"],
    }  # fmt: skip


def _lay_out(model: Any) -> tuple[Columns, list[Any], Array, Array, Array]:
    variables = list(own(model.component_objects(pyo.Var)))
    starts: dict[int, int] = {}
    shapes: dict[int, tuple[int, ...]] = {}
    count = 0
    for variable in variables:
        starts[id(variable)], shapes[id(variable)] = count, _shape_of(variable)
        count += math.prod(shapes[id(variable)])
    lower, upper, integrality = np.empty(count), np.empty(count), np.empty(count, np.uint8)
    for variable in variables:
        first, shape = starts[id(variable)], shapes[id(variable)]
        at = slice(first, first + math.prod(shape))
        parts = [array[at].reshape(shape) for array in (lower, upper, integrality)]
        _write_bounds(variable, *parts)
    return Columns(starts, shapes, count), variables, lower, upper, integrality


def _shape_of(variable: Any) -> tuple[int, ...]:
    if getattr(variable, "is_lazy", False):
        return tuple(variable.lower_array.shape)
    if not variable.is_indexed():
        return ()
    index = variable.index_set()
    if len(variable) == len(index) and all(s.dimen == 1 for s in index.subsets()):
        return tuple(len(labels(s)) for s in subsets(variable))
    return (len(variable),)


def _write_bounds(variable: Any, low: Array, high: Array, integer: Array) -> None:
    if not getattr(variable, "is_lazy", False):
        table = np.array([_bounds_of_data(data) for data in variable.values()], float)
        for array, column in zip((low, high, integer), table.reshape(-1, 3).T, strict=True):
            array[...] = column.reshape(array.shape)
        return
    low[...], high[...] = variable.lower_array, variable.upper_array
    integer[...] = variable.domain_is_integer
    for data in variable._data.values():  # those looked at may have been fixed or changed
        place = place_of(data)
        low[place], high[place], integer[place] = _bounds_of_data(data)


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

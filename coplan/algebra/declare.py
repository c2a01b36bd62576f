"""What stands behind the declarations of `coplan.algebra`: checks, then a component."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo

from coplan import algebra
from coplan.algebra.affine import Array
from coplan.algebra.components import (
    ArrayParam,
    LazyConstraint,
    LazyExpression,
    LazyObjective,
    LazyScalarConstraint,
    LazyScalarExpression,
    LazyVar,
    without_trivial,
)
from coplan.algebra.sets import labels, set_factors
from coplan.algebra.template import frozen


def _shape(sets: Sequence[Any]) -> tuple[int, ...]:
    return tuple(len(labels(part)) for one_set in sets for part in set_factors(one_set))


def make_index(members: Sequence[Any] | int, dim: str, doc: str) -> Any:
    """See `algebra.index`."""
    if isinstance(members, (int, np.integer)):
        made: Any = pyo.RangeSet(0, int(members) - 1, doc=doc)
    else:
        names = [
            int(member) if isinstance(member, (int, np.integer)) else str(member)
            for member in members
        ]
        if len(set(names)) != len(names):
            raise ValueError(f"index {dim}: a label occurs twice in {names}")
        made = pyo.Set(initialize=names, ordered=True, dimen=1, doc=doc)
    made.construct()
    made.dim = dim
    return made


def _checked(values: Any, shape: tuple[int, ...], what: str) -> Array:
    array = np.asarray(values)
    if array.dtype.kind in "fiub":
        array = array if array.dtype.kind == "i" else array.astype(float)
        if not np.all(np.isfinite(array)):
            raise ValueError(f"{what}: a value is not finite")
    try:
        return np.broadcast_to(array, shape)  # a view: a number is not blown up
    except ValueError:
        raise ValueError(f"{what}: shape {array.shape} does not fit {shape}") from None


def make_param(sets: Sequence[Any], values: Any, doc: str) -> Any:
    """See `algebra.param`."""
    shape = _shape(sets)
    if np.shape(values) != shape:
        raise ValueError(f"param {doc!r}: shape {np.shape(values)} is not {shape}")
    array = np.ascontiguousarray(_checked(values, shape, f"param {doc!r}"))
    if not sets:
        return pyo.Param(initialize=array.item(), within=pyo.Any, doc=doc)
    if not algebra.is_plain():
        return ArrayParam(*sets, array=array, doc=doc)
    return pyo.Param(*sets, initialize=_as_dict(sets, array), within=pyo.Any, doc=doc)


def _as_dict(sets: Sequence[Any], array: Array) -> dict[Any, Any]:
    members = [labels(part) for one_set in sets for part in set_factors(one_set)]
    return {
        place[0] if len(place) == 1 else place: np.asarray(array[tuple(where)]).item()
        for place, where in (
            (tuple(m[i] for m, i in zip(members, where, strict=True)), where)
            for where in np.ndindex(*array.shape)
        )
    }


def make_variable(
    sets: Sequence[Any],
    lower: Any,
    upper: Any,
    integer: bool,
    unit: str,
    doc: str,
    dims: Sequence[str] | None,
) -> Any:
    """See `algebra.variable`."""
    shape = _shape(sets)
    low = _checked(np.asarray(lower, dtype=float), shape, f"lower bound of {doc!r}")
    high = _checked(np.asarray(upper, dtype=float), shape, f"upper bound of {doc!r}")
    if np.any(low > high):
        raise ValueError(f"variable {doc!r}: a lower bound is above its upper bound")
    domain = pyo.Integers if integer else pyo.Reals
    if not sets:
        made: Any = pyo.Var(bounds=(low.item(), high.item()), domain=domain, doc=doc)
    elif algebra.is_plain():
        lows, highs = _as_dict(sets, low), _as_dict(sets, high)

        def bounds(block: Any, *place: Any) -> tuple[float, float]:
            key = place[0] if len(place) == 1 else place
            return lows[key], highs[key]

        made = pyo.Var(*sets, bounds=bounds, domain=domain, doc=doc)
    else:
        made = LazyVar(*sets, lower_array=low, upper_array=high, domain=domain, doc=doc)
    made.unit = unit
    made.dims = tuple(dims) if dims is not None else dims_of(sets)
    return made


def dims_of(sets: Sequence[Any]) -> tuple[str, ...]:
    """The xarray dimension of every one-dimensional set."""
    return tuple(getattr(part, "dim", "") for one_set in sets for part in set_factors(one_set))


def add_constraint(block: Any, sets: Sequence[Any], rule: Callable[..., Any], doc: str) -> Any:
    """See `algebra.constraint`."""
    function = frozen(rule)
    if algebra.is_plain():
        made: Any = pyo.Constraint(*sets, rule=without_trivial(function, bool(sets)), doc=doc)
    elif sets:
        made = LazyConstraint(*sets, function=function, doc=doc)
    else:
        made = LazyScalarConstraint(function, doc=doc)
    made.dims = dims_of(sets)
    block.add_component(rule.__name__, made)
    return made


def add_expression(
    block: Any, sets: Sequence[Any], rule: Callable[..., Any], unit: str, doc: str
) -> Any:
    """See `algebra.expression`."""
    function = frozen(rule)
    if algebra.is_plain():
        made: Any = pyo.Expression(*sets, rule=function, doc=doc)
    elif sets:
        made = LazyExpression(*sets, function=function, doc=doc)
    else:
        made = LazyScalarExpression(function, doc=doc)
    made.unit = unit
    made.dims = dims_of(sets)
    block.add_component(rule.__name__, made)
    return made


def add_objective(block: Any, rule: Callable[[Any], Any], doc: str) -> Any:
    """See `algebra.objective`."""
    function = frozen(rule)
    made: Any = (
        pyo.Objective(rule=function, sense=pyo.minimize, doc=doc)
        if algebra.is_plain()
        else LazyObjective(function, doc=doc)
    )
    block.add_component("objective", made)
    return made

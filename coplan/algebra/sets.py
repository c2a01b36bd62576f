"""Labels and positions: what the sets of a component hold, and where a label stands."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyomo.core.base.set import SetProduct
from pyomo.core.expr import template_expr as pyomo_template

from coplan.algebra.affine import Array, Untemplatable, counting


def pause() -> Any:
    """A context in which sets iterate and `sum` adds as usual, even while a rule is traced."""
    return pyomo_template._TemplateIterManager.pause()


def subsets(component: Any) -> list[Any]:
    """The one-dimensional sets a component is indexed by, in order; [] for a scalar.

    Raises Untemplatable for a set of tuples that is not a product.
    """
    return set_factors(component.index_set()) if component.is_indexed() else []


def set_factors(index_set: Any) -> list[Any]:
    """The one-dimensional factors of a set."""
    factors = list(index_set.subsets()) if isinstance(index_set, SetProduct) else [index_set]
    if any(factor.dimen != 1 for factor in factors):
        raise Untemplatable(f"{index_set.name} is a set of tuples")
    return factors


def labels(one_set: Any) -> list[Any]:
    """The members of a one-dimensional set in order, kept on the set after the first call."""
    known = one_set.__dict__.get("_coplan_labels")
    if known is None:
        with pause():
            known = list(one_set)
        one_set.__dict__["_coplan_labels"] = known
    return known


def order(one_set: Any) -> dict[Any, int]:
    """{label: position} of a one-dimensional set, kept on the set after the first call."""
    known = one_set.__dict__.get("_coplan_order")
    if known is None:
        known = {label: place for place, label in enumerate(labels(one_set))}
        one_set.__dict__["_coplan_order"] = known
    return known


def positions_of(values: Array, one_set: Any) -> Array:
    """Positions in `one_set` of an array of labels. Raises Untemplatable for an unknown label."""
    known = order(one_set)
    names = labels(one_set)
    flat = values.reshape(-1)
    if (
        flat.dtype.kind in "iufb"
        and names
        and names == list(range(names[0], names[0] + len(names)))
    ):
        found = flat - names[0]
        if found.size and (
            found.min() < 0 or found.max() >= len(names) or np.any(found != np.floor(found))
        ):
            raise Untemplatable(f"an index map points outside {one_set.name}")
        found = found.astype(np.int64)
    else:
        try:
            found = np.array([known[label] for label in flat.tolist()], dtype=np.int64)
        except KeyError as error:
            raise Untemplatable(f"{error} is not a member of {one_set.name}") from error
    if found.size > 1 and np.array_equal(found, counting(found.size)):
        found = counting(found.size)
    return found.reshape(values.shape)

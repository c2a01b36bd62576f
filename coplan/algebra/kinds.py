"""What a model may hold when it becomes arrays; anything else is refused, never left out."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo
from pyomo.core.expr.visitor import identify_mutable_parameters
from pyomo.network import Port
from pyomo.repn.util import categorize_valid_components

from coplan.algebra.affine import Untemplatable

KNOWN = {
    pyo.Block, pyo.Constraint, pyo.Var, pyo.Param, pyo.Expression, pyo.Objective, pyo.Set,
    pyo.RangeSet, pyo.ExternalFunction, pyo.Suffix, Port,
}  # fmt: skip


def refuse_unknown(model: Any) -> None:
    """Raise ValueError for active components that are no linear rows: SOS, disjunctions, logic."""
    _, unknown = categorize_valid_components(model, active=True, valid=KNOWN)
    if unknown:
        names = [data.name for found in unknown.values() for data in found]
        kinds = ", ".join(sorted(kind.__name__ for kind in unknown))
        raise ValueError(f"{', '.join(names[:3])}: {kinds} cannot become rows of numbers")


def note_reading(expression: Any) -> None:
    """Remember what an ordinary named expression said when a rule read it as numbers.

    Raises Untemplatable where it holds a mutable parameter, whose value may still change.
    """
    members = list(expression.values())
    for data in members:
        require_fixed_numbers(data.expr, data.name)
    expression.__dict__["_coplan_read"] = [(data, data.expr) for data in members]


def require_fixed_numbers(node: Any, name: str) -> None:
    """Raise Untemplatable for a mutable parameter in an expression: its value may still change."""
    if next(iter(identify_mutable_parameters(node)), None) is not None:
        raise Untemplatable(f"{name} holds a mutable parameter")


def refuse_changed(model: Any) -> None:
    """Raise ValueError when a named expression was changed after rules had read it."""
    for expression in model.component_objects(pyo.Expression):
        read = expression.__dict__.get("_coplan_read", ())
        if getattr(expression, "is_changed", False) or any(d.expr is not was for d, was in read):
            raise ValueError(
                f"{expression.name} was changed after rules had read it: change these rows instead"
            )


def own(components: Any) -> Any:
    """Components without references, which show the members of others once more."""
    return (component for component in components if not component.is_reference())

"""Declare sets, data, decisions and rules; held as arrays, usable as ordinary Pyomo.

Everything here is thin: Pyomo is imported when the first component is made, never before.

    model = algebra.model("one site")
    model.times = algebra.index(8760, dim="time")
    model.price = algebra.param(model.times, values=price_cny_per_mwh)
    model.retail_mw = algebra.variable(model.times, upper=50.0, unit="MW", doc="bought energy")

    @algebra.constraint(model, model.times, doc="what is used is bought")
    def balance(m, t):
        return m.retail_mw[t] == m.load_mw[t]

    compiled = algebra.compile(model)

How rules are written (anything else still works, row by row, and is listed in
`Compiled.row_by_row`): data as params over sets, never numpy or dict look-ups; builtin `sum` over
sets; no `if` on an index; index maps as params holding *labels* of the set they point into
(integers for a set made from a count); presence as 0/1 params. A row whose dual is a price has all
variables on one side: `supplied - used == 0`. A rule is called once for all its rows, so it must
say the same whenever it is asked: no counters, no random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_plain = False


def is_plain() -> bool:
    """Whether declarations now make ordinary Pyomo components (see `plain`)."""
    return _plain


@contextmanager
def plain() -> Iterator[None]:
    """Within this context the declaration functions make ordinary Pyomo components."""
    global _plain
    before, _plain = _plain, True
    try:
        yield
    finally:
        _plain = before


def model(doc: str = "") -> Any:
    """An empty Pyomo ConcreteModel."""
    import pyomo.environ as pyo

    return pyo.ConcreteModel(doc=doc)


def index(labels: Sequence[Any] | int, dim: str, doc: str = "") -> Any:
    """A Pyomo set of labels (text or integers) in order, or 0..n-1 when `labels` is a count n.

    `dim` is the xarray dimension the set stands for. Raises ValueError on repeated labels.
    """
    from coplan.algebra import declare

    return declare.make_index(labels, dim, doc)


def param(*sets: Any, values: Any, doc: str = "") -> Any:
    """Data over `sets`: float array of the sets' shape, or an index map holding labels.

    Raises ValueError when the shape differs from the sets or a number is not finite.
    """
    from coplan.algebra import declare

    return declare.make_param(sets, values, doc)


def variable(
    *sets: Any,
    upper: Any,
    lower: Any = 0.0,
    integer: bool = False,
    unit: str = "",
    doc: str = "",
    dims: Sequence[str] | None = None,
) -> Any:
    """A decision over `sets` in `unit`, with finite bounds that broadcast to the sets' shape.

    `dims` overrides the xarray dimensions (default: those of the sets).
    Raises ValueError when a bound is not finite, has the wrong shape, or lower > upper.
    """
    from coplan.algebra import declare

    return declare.make_variable(sets, lower, upper, integer, unit, doc, dims)


def constraint(block: Any, *sets: Any, doc: str = "") -> Callable[[Callable[..., Any]], Any]:
    """Decorator: `rule(block, *index)` becomes the constraint `block.<name of the rule>`."""
    from coplan.algebra import declare

    return lambda rule: declare.add_constraint(block, sets, rule, doc)


def expression(
    block: Any, *sets: Any, unit: str = "", doc: str = ""
) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: `rule(block, *index)` becomes the named expression `block.<name of the rule>`."""
    from coplan.algebra import declare

    return lambda rule: declare.add_expression(block, sets, rule, unit, doc)


def objective(block: Any, rule: Callable[[Any], Any] | None = None, doc: str = "") -> Any:
    """Set `block.objective`, minimised, from `rule(block)`; also usable as a decorator.

    The rule may loop in Python over postings; `algebra.total(e)` sums an expression of any shape.
    """
    from coplan.algebra import declare

    if rule is None:
        return lambda function: declare.add_objective(block, function, doc)
    return declare.add_objective(block, rule, doc)


def total(component: Any) -> Any:
    """The sum of an expression or variable over its whole index, for use inside a rule."""
    if not component.is_indexed():
        return component
    return sum(component[place] for place in component.index_set())


def block(parent: Any, name: str, *sets: Any, doc: str = "") -> Any:
    """Add a Pyomo block `parent.<name>`, one per member of the product of `sets`."""
    import pyomo.environ as pyo

    made = pyo.Block(*sets, doc=doc)
    parent.add_component(name, made)
    if sets:  # an indexed block makes its members on first touch; make them all now
        for place in made.index_set():
            made[place]
    return made


def compile(model: Any) -> Any:
    """Turn the model into numpy arrays: see `coplan.algebra.matrix.Compiled`."""
    from coplan.algebra.matrix import compile_model

    return compile_model(model)

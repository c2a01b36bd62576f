"""Run a Pyomo rule once with placeholders for its index, and read the result as an Affine.

Pyomo can call a rule with index templates in place of labels. The one expression it returns is
walked with numpy: each template is an axis. Whatever cannot be read that way raises
`Untemplatable` (or any other error); the caller then builds the rule row by row as Pyomo does.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.base.expression import Expression
from pyomo.core.base.param import Param
from pyomo.core.base.set import _FiniteSetMixin
from pyomo.core.base.var import Var
from pyomo.core.expr import numeric_expr, relational_expr
from pyomo.core.expr import template_expr as pyomo_template

from coplan.algebra.affine import (
    Affine,
    Array,
    Term,
    Untemplatable,
    add,
    along,
    counting,
    merged,
    multiply,
    rebind,
    sum_over,
)
from coplan.algebra.guards import loud, refuse_questions
from coplan.algebra.kinds import note_reading, require_fixed_numbers
from coplan.algebra.sets import labels, pause, positions_of, set_factors, subsets

INFINITY = float("inf")
FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
    "floor": np.floor,
    "ceil": np.ceil,
}


def frozen(rule: Callable[..., Any]) -> Callable[..., Any]:
    """`rule` with its captured variables kept as they are now.

    Rows made later on access must mean what the rule meant when it was declared, also when the
    rule stands in a loop whose variable has moved on.
    """
    if not isinstance(rule, types.FunctionType) or not rule.__closure__:
        return rule
    cells = []
    for cell in rule.__closure__:
        try:
            cells.append(types.CellType(cell.cell_contents))
        except ValueError:  # not assigned yet: leave it to be found later
            cells.append(cell)
    copy = types.FunctionType(
        rule.__code__, rule.__globals__, rule.__name__, rule.__defaults__, tuple(cells)
    )
    copy.__kwdefaults__ = rule.__kwdefaults__
    copy.__doc__ = rule.__doc__
    return copy


class _Context(pyomo_template._template_iter_context):
    """Pyomo's tracing context, whose `sum` also takes a start and an empty Python sequence."""

    def sum_template(self, iterable: Any, /, start: Any = 0) -> Any:
        try:
            total = super().sum_template(iterable)
        except StopIteration:
            total = 0
        return total if isinstance(start, int) and start == 0 else start + total


def trace(block: Any, rule: Callable[..., Any], index_set: Any | None) -> tuple[Any, list[Any]]:
    """Call `rule(block, *templates)`: (expression, the templates of its index).

    Raises Untemplatable for a `for` loop over a set, and whatever the rule itself raises.
    """
    context = _Context()
    manager = pyomo_template._TemplateIterManager
    if manager.context is not None:
        raise Untemplatable("declared inside another rule")
    refuse_questions(rule)
    with manager.init(
        context,
        _FiniteSetMixin,
        pyomo_template.GetItemExpression,
        pyomo_template.GetAttrExpression,
    ):
        templates: list[Any] = []
        if index_set is not None:
            first = next(iter(context.get_iter(index_set)))
            context.cache.pop()
            templates = list(first) if isinstance(first, tuple) else [first]
        with loud():
            result = rule(block, *templates)
    if context.cache:
        raise Untemplatable(f"a for loop over {context.cache[-1][0]._set}")
    return result, templates


class Reader:
    """Walks one traced expression; `env` maps a template to (axis, its one-dimensional set)."""

    def __init__(self, templates: Sequence[Any]):
        self.env: dict[int, tuple[int, Any]] = {}
        self.shape = tuple(self.open(template, axis) for axis, template in enumerate(templates))

    def open(self, template: Any, axis: int) -> int:
        """Give `template` an axis; returns its length."""
        factors = set_factors(template._set)
        one_set = factors[template._index or 0]
        self.env[id(template)] = (axis, one_set)
        return len(labels(one_set))

    def read(self, node: Any, depth: int) -> Affine:
        """The affine function `node` stands for; `depth` axes are open. Raises Untemplatable."""
        if isinstance(node, (bool, int, float, np.generic)):
            return Affine(float(node))
        reader = _READERS.get(type(node))
        if reader is None:
            reader = next((r for kind, r in _KINDS if isinstance(node, kind)), Reader.leaf)
            _READERS[type(node)] = reader
        return reader(self, node, depth)

    def constant(self, node: Any, depth: int) -> Any:
        """The value of `node` where no variable may stand."""
        value = self.read(node, depth)
        if value.terms:
            raise Untemplatable("a variable where only data may stand")
        return value.constant

    def sum(self, node: Any, depth: int) -> Affine:
        """A sum of arguments."""
        parts = [self.read(argument, depth) for argument in node.args]
        constant: Any = 0.0
        for part in parts:
            constant = add(constant, part.constant)
        return Affine(constant, merged([term for part in parts for term in part.terms]))

    def product(self, node: Any, depth: int) -> Affine:
        """A product of which at most one side holds variables."""
        first, second = (self.read(argument, depth) for argument in node.args)
        if first.terms and second.terms:
            raise Untemplatable("a product of variables")
        if second.terms:
            first, second = second, first
        return first.times(second.constant)

    def division(self, node: Any, depth: int) -> Affine:
        """Division by data."""
        first, second = node.args
        value, divisor = self.read(first, depth), self.constant(second, depth)
        if not value.terms:
            return Affine(multiply_constant(value.constant, divisor, divide=True))
        return value.times(1.0 / divisor)

    def negation(self, node: Any, depth: int) -> Affine:
        """The negative."""
        return self.read(node.args[0], depth).times(-1.0)

    def power(self, node: Any, depth: int) -> Affine:
        """A power of data."""
        base, exponent = (self.constant(argument, depth) for argument in node.args)
        return Affine(multiply_constant(base, exponent, power=True))

    def absolute(self, node: Any, depth: int) -> Affine:
        """The absolute value of data."""
        return Affine(np.abs(self.constant(node.args[0], depth)))

    def function(self, node: Any, depth: int) -> Affine:
        """A known function of data."""
        function = FUNCTIONS.get(node.getname())
        if function is None:
            raise Untemplatable(f"function {node.getname()}")
        return Affine(function(self.constant(node.args[0], depth)))

    def template_sum(self, node: Any, depth: int) -> Affine:
        """A sum over sets: one axis more for each."""
        sizes: dict[int, int] = {}
        for group in node.template_iters():
            for template in group:
                axis = depth + len(sizes)
                sizes[axis] = self.open(template, axis)
        inner = self.read(node.template_args()[0], depth + len(sizes))
        summed = sum_over(inner, sizes)
        return Affine(summed.constant, merged(summed.terms))

    def template(self, node: Any, depth: int) -> Affine:
        """An index used as a number."""
        axis, one_set = self.place(node)
        return Affine(along(np.array([float(label) for label in labels(one_set)]), axis))

    def place(self, template: Any) -> tuple[int, Any]:
        """The axis and set of a template. Raises Untemplatable for one that leaked from a sum."""
        if id(template) not in self.env:
            raise Untemplatable("a sum mixes Python lists and sets")
        return self.env[id(template)]

    def item(self, node: Any, depth: int) -> Affine:
        """component[index, ...]."""
        component = node.arg(0)
        if not hasattr(component, "ctype"):
            raise Untemplatable("an index on something that is not a component")
        sets = subsets(component)
        if len(sets) != len(node.args) - 1:
            raise Untemplatable(f"{component.name} has {len(sets)} indices")
        where = tuple(
            self.position(index, one_set, depth)
            for index, one_set in zip(node.args[1:], sets, strict=True)
        )
        return self.at(component, where, depth)

    def at(self, component: Any, where: tuple[Array, ...], depth: int) -> Affine:
        """A component at the given positions."""
        if component.ctype is Var:
            require_dense(component)
            return Affine(0.0, (Term(component, where),))
        if component.ctype is Expression:
            return rebind(affine_of(component), len(where), where, depth)
        if component.ctype is Param:
            if component.mutable:
                raise Untemplatable(f"{component.name} is mutable")
            array = param_array(component)
            if all(w.size == 1 for w in where):
                return Affine(array[tuple(int(w.reshape(())) for w in where)])
            return rebind(Affine(array), len(where), where, depth)
        raise Untemplatable(f"{component.name} is a {component.ctype.__name__}")

    def position(self, index: Any, one_set: Any, depth: int) -> Array:
        """Positions along `one_set` that `index` stands for."""
        if type(index) is pyomo_template.IndexTemplate:
            axis, own = self.place(index)
            n = len(labels(own))
            if own is one_set or labels(own) == labels(one_set):
                return along(counting(n), axis)
            return along(positions_of(np.array(labels(own), dtype=object), one_set), axis)
        if isinstance(index, numeric_expr.NumericValue):
            return positions_of(np.asarray(self.constant(index, depth)), one_set)
        return positions_of(np.array(index, dtype=object).reshape(()), one_set)

    def leaf(self, node: Any, depth: int) -> Affine:
        """A scalar component, a component's data, or an ordinary value."""
        if not hasattr(node, "is_expression_type"):
            raise Untemplatable(f"a {type(node).__name__} in a rule")
        if node.is_expression_type() and not getattr(node, "is_named_expression_type", bool)():
            raise Untemplatable(f"a {type(node).__name__}")
        component = getattr(node, "parent_component", lambda: None)()
        kind = getattr(component, "ctype", None)
        if kind is Var or kind is Expression:
            sets = subsets(component)
            place = node.index() if isinstance(node.index(), tuple) else (node.index(),)
            where = tuple(
                positions_of(np.array(label, dtype=object).reshape(()), one_set)
                for label, one_set in zip(place, sets, strict=False)
            )
            return self.at(component, where, depth)
        require_fixed_numbers(node, str(node))
        return Affine(float(pyo.value(node)))


def multiply_constant(first: Any, second: Any, divide: bool = False, power: bool = False) -> Any:
    """first / second or first ** second of floats or aligned arrays."""
    ndim = max(np.ndim(first), np.ndim(second))
    one = np.ones((1,) * ndim)
    first, second = multiply([np.asarray(first), one]), multiply([np.asarray(second), one])
    return np.power(first, second) if power else first / second if divide else first * second


_KINDS: tuple[tuple[Any, Callable[[Reader, Any, int], Affine]], ...] = (
    (pyomo_template.GetItemExpression, Reader.item),
    (pyomo_template.TemplateSumExpression, Reader.template_sum),
    (pyomo_template.IndexTemplate, Reader.template),
    (numeric_expr.SumExpression, Reader.sum),
    (numeric_expr.LinearExpression, Reader.sum),
    (numeric_expr.ProductExpression, Reader.product),
    (numeric_expr.DivisionExpression, Reader.division),
    (numeric_expr.NegationExpression, Reader.negation),
    (numeric_expr.PowExpression, Reader.power),
    (numeric_expr.AbsExpression, Reader.absolute),
    (numeric_expr.UnaryFunctionExpression, Reader.function),
)
_READERS: dict[type, Callable[[Reader, Any, int], Affine]] = {}


def require_dense(variable: Any) -> None:
    """Raise Untemplatable for an ordinary variable that lacks some members of its index."""
    if getattr(variable, "is_lazy", False) or not variable.is_indexed():
        return
    if len(variable) != len(variable.index_set()):
        raise Untemplatable(f"{variable.name} is sparse")


def param_array(component: Any) -> Array:
    """The values of a param over its sets."""
    array = getattr(component, "array", None)
    if array is not None:
        return array
    shape = tuple(len(labels(one_set)) for one_set in subsets(component))
    with pause():
        values = [pyo.value(component[place]) for place in component.index_set()]
    return np.array(values).reshape(shape)


def affine_of(component: Any) -> Affine:
    """A named expression as an Affine over its own sets, held arrays or built row by row."""
    held = getattr(component, "affine", None)
    if held is not None:
        return held
    from coplan.algebra.rows import affine_by_rows

    with pause():
        note_reading(component)
        return affine_by_rows(component)


def read_expression(block: Any, rule: Callable[..., Any], index_set: Any | None) -> Affine:
    """A rule that returns an expression, as an Affine over its index.

    Over an empty index there is nothing to read: most elements are absent from most models.
    """
    if index_set is not None and len(index_set) == 0:
        return Affine(0.0)
    node, templates = trace(block, rule, index_set)
    reader = Reader(templates)
    value = reader.read(node, len(templates))
    return Affine(value.constant, merged(value.terms))


def read_constraint(
    block: Any, rule: Callable[..., Any], index_set: Any | None
) -> tuple[Affine, Any, Any]:
    """A rule that returns a relation: (body, lower, upper) with lower <= body <= upper.

    Variables stand in the body, data in the sides: `body == data`, `data <= body`. With variables
    on both sides the body is left − right; only then can Python hand Pyomo the two sides of an
    equality in either order (it asks the right one first when its class is the more special).
    Over an empty index there is nothing to read.
    """
    if index_set is not None and len(index_set) == 0:
        return Affine(0.0), 0.0, 0.0
    node, templates = trace(block, rule, index_set)
    if isinstance(node, tuple):
        node = relational_expr.tuple_to_relational_expr(node)
    reader, depth = Reader(templates), len(templates)
    if isinstance(node, relational_expr.RangedExpression):
        if any(node._strict) if isinstance(node._strict, tuple) else node._strict:
            raise Untemplatable("a strict inequality")
        lower, body, upper = node.args
        value = reader.read(body, depth)
        return _sided(value, reader.constant(lower, depth), reader.constant(upper, depth))
    if not isinstance(
        node, (relational_expr.EqualityExpression, relational_expr.InequalityExpression)
    ):
        raise Untemplatable(f"a rule that returns {type(node).__name__}")
    left, right = (reader.read(argument, depth) for argument in node.args)
    if isinstance(node, relational_expr.EqualityExpression):
        if not left.terms:
            left, right = right, left
        return _sided(left.plus(right.times(-1.0)), 0.0, 0.0)
    if node._strict:
        raise Untemplatable("a strict inequality")
    if not left.terms:  # data <= body
        return _sided(right.plus(left.times(-1.0)), 0.0, INFINITY)
    return _sided(left.plus(right.times(-1.0)), -INFINITY, 0.0)


def _sided(value: Affine, lower: Any, upper: Any) -> tuple[Affine, Any, Any]:
    body = Affine(0.0, merged(value.terms))
    minus = -1.0 * value.constant
    return body, add(minus, lower), add(minus, upper)

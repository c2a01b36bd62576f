"""Pyomo components that hold arrays and make their data objects only when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.base.constraint import ConstraintData, IndexedConstraint, ScalarConstraint
from pyomo.core.base.expression import ExpressionData, IndexedExpression, ScalarExpression
from pyomo.core.base.objective import ObjectiveData, ScalarObjective
from pyomo.core.base.param import IndexedParam
from pyomo.core.base.var import IndexedVar

from coplan.algebra.affine import Affine, Array
from coplan.algebra.sets import order, pause, subsets
from coplan.algebra.template import read_constraint, read_expression

_PENDING = object()  # stands in a data object until its expression is asked for


def _place(component: Any, index: Any) -> tuple[int, ...]:
    wanted = index if isinstance(index, tuple) else (index,)
    return tuple(
        order(one_set)[label] for one_set, label in zip(subsets(component), wanted, strict=True)
    )


class _WholeIndex:
    """Mixin: length, `in` and iteration speak of the whole index, made or not."""

    def _is_held(self) -> bool:
        return True

    def __len__(self) -> int:
        if self._is_held():
            return len(self._index_set)  # type: ignore[attr-defined]
        return super().__len__()  # type: ignore[misc]

    def __contains__(self, index: Any) -> bool:
        if self._is_held():
            return index in self._index_set  # type: ignore[attr-defined]
        return super().__contains__(index)  # type: ignore[misc]

    def __delitem__(self, index: Any) -> None:
        raise TypeError(f"{self.name} keeps its members")  # type: ignore[attr-defined]

    def clear(self) -> None:
        """Refused: rows stand on every member."""
        raise TypeError(f"{self.name} keeps its members")  # type: ignore[attr-defined]


class _FromRule:
    """Mixin: members are made on access by a rule, which speaks of the model it was declared in."""

    def _create_objects_for_deepcopy(self, memo: Any, component_list: Any) -> Any:
        raise TypeError(
            f"{self.name} is made from its rule on access: "  # type: ignore[attr-defined]
            "build the model again instead of copying it"
        )


class ArrayParam(IndexedParam):
    """An indexed Param whose values are one numpy array over its sets, in `array`."""

    _constructed: bool

    def __init__(self, *sets: Any, array: Array, **keywords: Any):
        self.array = array
        super().__init__(*sets, within=pyo.Any, default=_PENDING, **keywords)

    def construct(self, data: Any = None) -> None:
        """Nothing is filled in: values are read from the array on access."""
        for anonymous in () if self._constructed else self._anonymous_sets or ():
            anonymous.construct()
        self._constructed = True

    def _getitem_when_not_present(self, index: Any) -> Any:
        found = self.array[_place(self, index)]
        return found if isinstance(found, str) else found.item()  # a label, or a number


class LazyVar(_WholeIndex, IndexedVar):
    """An indexed Var with bounds as arrays; a VarData is made on access, with its value."""

    is_lazy = True

    def __init__(self, *sets: Any, lower_array: Array, upper_array: Array, **keywords: Any):
        self.lower_array = lower_array
        self.upper_array = upper_array
        self.solution: Array | None = None
        self.domain_is_integer = keywords.get("domain") is pyo.Integers
        super().__init__(*sets, dense=False, **keywords)

    def _getitem_when_not_present(self, index: Any) -> Any:
        made = super()._getitem_when_not_present(index)
        place = _place(self, index)
        made.lower = float(self.lower_array[place])
        made.upper = float(self.upper_array[place])
        if self.solution is not None:
            made.set_value(float(self.solution[place]), skip_validation=True)
        return made

    def load(self, values: Array) -> None:
        """Keep a solution of the sets' shape; data objects that exist are updated."""
        self.solution = values
        for index, data in self._data.items():
            data.set_value(float(values[_place(self, index)]), skip_validation=True)


class _Deferred:
    """Mixin: the expression in a Pyomo slot is made by the rule when first read."""

    __slots__ = ()

    def _make(self) -> Any:
        component: Any = self.parent_component()  # type: ignore[attr-defined]
        index: Any = self.index()  # type: ignore[attr-defined]
        place = () if index is None else index if isinstance(index, tuple) else (index,)
        with pause():
            return component.function(component.parent_block(), *place)


class LazyExpressionData(_Deferred, ExpressionData):
    """One member of a LazyExpression."""

    __slots__ = ()

    @property
    def _args_(self) -> Any:
        held = ExpressionData._args_.__get__(self)
        if held[0] is _PENDING:
            held = (self._make(),)
            ExpressionData._args_.__set__(self, held)
        return held

    @_args_.setter
    def _args_(self, value: Any) -> None:
        ExpressionData._args_.__set__(self, value)

    def set_value(self, expr: Any) -> None:
        """Change it, which no rule that has read it would notice: see `kinds.refuse_changed`."""
        component: Any = self.parent_component()
        component.is_changed = component.affine is not None
        super().set_value(expr)


class LazyExpression(_FromRule, _WholeIndex, IndexedExpression):
    """A named expression over sets, held as an Affine in `affine`."""

    _constructed: bool
    is_lazy = True
    affine: Affine | None = None
    reason = ""

    def __init__(self, *sets: Any, function: Callable[..., Any], **keywords: Any):
        self.function = function
        super().__init__(*sets, rule=function, **keywords)

    def _is_held(self) -> bool:
        return self.affine is not None

    def construct(self, data: Any = None) -> None:
        """Read the rule once as arrays, or build every member as Pyomo does."""
        if self._constructed:
            return
        for anonymous in self._anonymous_sets or ():
            anonymous.construct()
        try:
            self.affine = read_expression(self.parent_block(), self.function, self.index_set())
            self._constructed = True
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            super().construct(data)

    def _getitem_when_not_present(self, index: Any) -> Any:
        if self.affine is None:
            return super()._getitem_when_not_present(index)
        made = LazyExpressionData(_PENDING, self)
        made._index = index
        self._data[index] = made
        return made


class LazyScalarExpression(_FromRule, LazyExpressionData, ScalarExpression):
    """A named expression without index, held as an Affine in `affine`."""

    _constructed: bool
    is_lazy = True
    affine: Affine | None = None
    reason = ""

    def __init__(self, function: Callable[..., Any], **keywords: Any):
        self.function = function
        ScalarExpression.__init__(self, rule=function, **keywords)

    def construct(self, data: Any = None) -> None:
        """Read the rule once as arrays, or build it as Pyomo does."""
        if self._constructed:
            return
        try:
            self.affine = read_expression(self.parent_block(), self.function, None)
            self._args_ = (_PENDING,)
            self._data = {None: self}
            self._constructed = True
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            ScalarExpression.construct(self, data)


def _row(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    relation = function(*arguments)
    if not isinstance(relation, (bool, np.bool_)):
        return relation
    if not relation:
        raise ValueError(f"{function.__name__}{list(arguments[1:])} can never hold")
    return pyo.Constraint.Feasible


def without_trivial(function: Callable[..., Any], has_index: bool) -> Callable[..., Any]:
    """A rule whose plain True (a row without variables that always holds) means no row.

    Pyomo reads a rule's signature, so a rule without index must take the block alone.
    """

    def indexed(block: Any, *place: Any) -> Any:
        return _row(function, (block, *place))

    def scalar(block: Any) -> Any:
        return _row(function, (block,))

    return indexed if has_index else scalar


class LazyConstraint(_FromRule, _WholeIndex, IndexedConstraint):
    """A constraint over sets, held as (body, lower, upper) in `held`."""

    _constructed: bool
    is_lazy = True
    held: tuple[Affine, Any, Any] | None = None
    reason = ""

    def __init__(self, *sets: Any, function: Callable[..., Any], **keywords: Any):
        self.function = function
        self._pristine: dict[Any, Any] = {}
        super().__init__(*sets, rule=without_trivial(function, True), **keywords)

    def _is_held(self) -> bool:
        return self.held is not None

    def construct(self, data: Any = None) -> None:
        """Read the rule once as arrays, or build every row as Pyomo does."""
        if self._constructed:
            return
        for anonymous in self._anonymous_sets or ():
            anonymous.construct()
        try:
            self.held = read_constraint(self.parent_block(), self.function, self.index_set())
            self._constructed = True
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            super().construct(data)

    def _getitem_when_not_present(self, index: Any) -> Any:
        with pause():
            made = super()._getitem_when_not_present(index)
        self._pristine[index] = made._expr
        return made

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.held is not None:
            self[index]  # the row must be there to be changed, or removed by Skip
        IndexedConstraint.__setitem__(self, index, value)

    def __delitem__(self, index: Any) -> None:
        self._let_go()
        IndexedConstraint.__delitem__(self, index)

    def clear(self) -> None:
        """Remove every row."""
        self.held = None
        IndexedConstraint.clear(self)

    def _let_go(self) -> None:
        """Make every row, so that some of them may be missing."""
        if self.held is not None:
            for index in self._index_set:
                self[index]
            self.held = None

    def untouched(self) -> bool:
        """Whether no row that was made on access has been changed or switched off since."""
        return all(
            data.active and data._expr is self._pristine.get(index)
            for index, data in self._data.items()
        )


class LazyScalarConstraint(_FromRule, _Deferred, ScalarConstraint):
    """A constraint without index, held as (body, lower, upper) in `held`."""

    _constructed: bool
    is_lazy = True
    held: tuple[Affine, Any, Any] | None = None
    reason = ""

    def __init__(self, function: Callable[..., Any], **keywords: Any):
        self.function = function
        self._made: Any = None
        ScalarConstraint.__init__(self, rule=without_trivial(function, False), **keywords)

    @property
    def _expr(self) -> Any:
        held = ConstraintData._expr.__get__(self)
        if held is _PENDING:
            ConstraintData._expr.__set__(self, None)
            ConstraintData.set_value(self, self._make())
            held = self._made = ConstraintData._expr.__get__(self)
        return held

    @_expr.setter
    def _expr(self, value: Any) -> None:
        ConstraintData._expr.__set__(self, value)

    def construct(self, data: Any = None) -> None:
        """Read the rule once as arrays, or build the row as Pyomo does."""
        if self._constructed:
            return
        try:
            self.held = read_constraint(self.parent_block(), self.function, None)
            self._expr = _PENDING
            self._data = {None: self}
            self._constructed = True
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            ScalarConstraint.construct(self, data)

    def untouched(self) -> bool:
        """Whether the row has not been changed since it was declared."""
        held = ConstraintData._expr.__get__(self)
        return bool(self._data) and (held is _PENDING or held is self._made)


class LazyObjective(_FromRule, _Deferred, ScalarObjective):
    """The objective, minimised, held as an Affine in `affine`."""

    _constructed: bool
    is_lazy = True
    affine: Affine | None = None
    reason = ""

    def __init__(self, function: Callable[..., Any], **keywords: Any):
        self.function = function
        self._made: Any = None
        ScalarObjective.__init__(self, rule=function, sense=pyo.minimize, **keywords)

    @property
    def _args_(self) -> Any:
        held = ObjectiveData._args_.__get__(self)
        if held[0] is _PENDING:
            held = self._made = (self._make(),)
            ObjectiveData._args_.__set__(self, held)
        return held

    @_args_.setter
    def _args_(self, value: Any) -> None:
        ObjectiveData._args_.__set__(self, value)

    def construct(self, data: Any = None) -> None:
        """Read the rule once as arrays, or build the expression as Pyomo does."""
        if self._constructed:
            return
        try:
            self.affine = read_expression(self.parent_block(), self.function, None)
            self._args_ = (_PENDING,)
            self._data = {None: self}
            self._constructed = True
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
            ScalarObjective.construct(self, data)

    def untouched(self) -> bool:
        """Whether the objective has not been replaced since it was declared."""
        held = ObjectiveData._args_.__get__(self)
        return held[0] is _PENDING or held is self._made

"""What a rule must not ask a placeholder, made loud: the rule is then built row by row.

A placeholder stands for every label at once. Most questions about one (`if`, look-ups, `==` in a
condition) already raise in Pyomo; those below would be answered quietly, and wrongly.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from pyomo.core.base.set import SetData
from pyomo.core.expr.numvalue import NumericValue
from pyomo.core.expr.relational_expr import RelationalExpression
from pyomo.core.expr.template_expr import IndexTemplate

from coplan.algebra.affine import Untemplatable

QUESTIONS = frozenset(
    {"isinstance", "issubclass", "type", "id", "hasattr", "callable", "str", "repr", "format",
     "next"}
)  # fmt: skip
KEEPS_STATE = frozenset({"STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "DELETE_SUBSCR"})
TRUSTED = ("pyomo", "numpy", "coplan.algebra")  # whose functions know placeholders


def _holds_placeholder(value: Any) -> bool:
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, NumericValue) for part in parts)


def _contains(self: Any, value: Any) -> bool:
    if _holds_placeholder(value):
        raise Untemplatable(f"`in {self.name}` on an index")
    return bool(_ORIGINAL_CONTAINS(self, value))


def _as_text(self: Any, *_: Any) -> str:
    raise Untemplatable("an index as text")


def _equal(self: Any, other: Any) -> bool:
    raise Untemplatable("a relation compared with something")


_ORIGINAL_CONTAINS = SetData.__contains__
_PATCHES: tuple[tuple[type, str, Any], ...] = (
    (SetData, "__contains__", _contains),
    (IndexTemplate, "__format__", _as_text),
    (RelationalExpression, "__eq__", _equal),
)


@contextmanager
def loud() -> Iterator[None]:
    """Within this context the quiet questions raise Untemplatable."""
    before = [cls.__dict__.get(name) for cls, name, _ in _PATCHES]
    for cls, name, function in _PATCHES:
        setattr(cls, name, function)
    try:
        yield
    finally:
        for (cls, name, _), function in zip(_PATCHES, before, strict=True):
            if function is None:
                delattr(cls, name)
            else:
                setattr(cls, name, function)


@lru_cache(maxsize=4096)
def _read(code: types.CodeType) -> tuple[bool, bool, frozenset[str]]:
    """Whether a piece of code asks what an object is, keeps state, and the globals it names."""
    asks, keeps, names = False, False, set()
    for step in dis.get_instructions(code):
        asks |= step.opname == "IS_OP"
        keeps |= step.opname in KEEPS_STATE
        keeps |= step.opname == "STORE_DEREF" and step.argval in code.co_freevars
        if step.opname == "LOAD_GLOBAL":
            names.add(step.argval)
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            inner = _read(part)
            asks, names = asks | inner[0], names | inner[2]
            keeps |= inner[1]
    return asks or bool(names & QUESTIONS), keeps, frozenset(names)


def _called(function: types.FunctionType, names: frozenset[str]) -> Iterator[Any]:
    """What a function may call: globals by name, and what its closure holds."""
    yield from (function.__globals__[name] for name in names if name in function.__globals__)
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not assigned yet
            continue


def refuse_questions(rule: Callable[..., Any]) -> None:
    """Raise Untemplatable for a rule that would not mean the same for every label at once.

    It asks what an object is (`is`, `isinstance`, `str`) or keeps something from call to call
    (`next`, a variable of an outer scope), itself or in a function it may call.
    """
    seen: set[int] = set()
    open_: list[Any] = [rule]
    while open_:
        function = open_.pop()
        if not isinstance(function, types.FunctionType) or id(function) in seen:
            continue
        if str(function.__module__).startswith(TRUSTED):
            continue
        seen.add(id(function))
        asks, keeps, names = _read(function.__code__)
        if asks:
            raise Untemplatable("the rule asks `is`, `isinstance`, `str` or `next`")
        if keeps:
            raise Untemplatable("the rule keeps something from call to call")
        open_.extend(_called(function, names))

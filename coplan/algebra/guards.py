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
    {"isinstance", "issubclass", "type", "id", "hasattr", "callable", "str", "repr", "format"}
)


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
def _asks_identity(code: types.CodeType) -> bool:
    for step in dis.get_instructions(code):
        if step.opname == "IS_OP" or (step.opname == "LOAD_GLOBAL" and step.argval in QUESTIONS):
            return True
    return any(_asks_identity(part) for part in code.co_consts if isinstance(part, types.CodeType))


def refuse_identity(rule: Callable[..., Any]) -> None:
    """Raise Untemplatable for a rule that asks what an object is (`is`, `isinstance`, `str`)."""
    code = getattr(rule, "__code__", None)
    if code is not None and _asks_identity(code):
        raise Untemplatable("the rule asks `is`, `isinstance` or `str`")

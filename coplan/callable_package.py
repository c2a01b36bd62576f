"""Lets a package be called like a function: `coplan.plan(scenario)` beside `coplan.plan.store`.

Python sets the attribute `coplan.plan` to the package as soon as anything in it is imported, so a
function of that name could not stay; a module whose class has `__call__` can be both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any


def make_callable(name: str, function: Callable[..., Any]) -> None:
    """Make the imported package `name` answer calls with `function`."""

    class CallablePackage(ModuleType):
        __doc__ = function.__doc__

        def __call__(self, *arguments: Any, **named: Any) -> Any:
            return function(*arguments, **named)

    sys.modules[name].__class__ = CallablePackage

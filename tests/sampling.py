"""Which of many cases the default run tries; `pytest -m slow` tries the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def one_in(every: int, cases: Iterable[Any]) -> list[Any]:
    """Cases of a parametrized test: one in `every`, the first among them, in the default run."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)),
                     marks=[] if at % every == 0 else pytest.mark.slow)
        for at, case in enumerate(cases)
    ]  # fmt: skip

"""Where a row stands: its unit or site, and its month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from coplan.solve.program import Array


def labels_of(component: Any) -> list[str]:
    """Labels of a component's first index, one for every row; one empty label for a scalar."""
    if not component.is_indexed():
        return [""]
    labels = component.index_set()
    return [str(label[0] if isinstance(label, tuple) else label) for label in labels]


def places_of(constraint: Any, data: Any, size: int) -> Iterator[tuple[str, int, Array]]:
    """Positions of a constraint's rows by unit or site and by month (0 where it has none)."""
    factors = list(constraint.index_set().subsets()) if constraint.is_indexed() else []
    shape = tuple(len(one) for one in factors)
    unit, month = np.full(shape, "", dtype=object), np.zeros(shape, dtype=int)
    for axis, one in enumerate(factors):
        across = [shape[axis] if axis == other else 1 for other in range(len(shape))]
        if getattr(one, "dim", "") == "time":
            month = month + data["month_of_step"].values.reshape(across)
        elif getattr(one, "dim", "") == "month":
            month = month + np.array([int(label) for label in one]).reshape(across)
        else:
            unit = unit + np.array([f" {label}" for label in one], dtype=object).reshape(across)
    if unit.size != size:  # some rows are not declared: nothing finer than the rule can be said
        yield "", 0, np.arange(size)
        return
    for name in dict.fromkeys(np.ravel(unit)):
        for when in np.unique(month):
            group = np.flatnonzero(np.ravel((unit == name) & (month == when)))
            if group.size:
                yield str(name).strip(), int(when), group

"""What a user adds to the model by hand: honoured by the plan, and told with its price."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from coplan.solve.program import LinearProgram
from coplan.solve.search import ROW_TOLERANCE

CNY = 1e3
"""kCNY → CNY."""


class Additions:
    """The constraints and variables that `change(pyomo_model)` adds to a model.

    Raises ValueError when it also changes the objective, which is the sum of the account.
    """

    def __init__(self, pyomo_model: Any, change: Callable[[Any], None]):
        self.model = pyomo_model
        before = {id(component) for component in self._components()}
        objective = pyomo_model.objective
        change(pyomo_model)
        stands = pyomo_model.component("objective") is objective and objective.active
        if not (stands and objective.untouched() and objective.is_minimizing()):
            raise ValueError("the objective is the sum of the account: change prices in the cards")
        self.added = [one for one in self._components() if id(one) not in before]

    def kept(self, compiled: Any, polished: np.ndarray, found: np.ndarray) -> np.ndarray:
        """The polished column values, or those found where polishing breaks an added row."""
        program = LinearProgram.of(compiled)
        allowed = max(ROW_TOLERANCE, program.worst_violation(found))
        return polished if program.worst_violation(polished) <= allowed else found

    def told(self, compiled: Any, x: np.ndarray, y: Any) -> dict[str, Any]:
        """Added columns with their values; added rows with sides, value and price [CNY per unit];
        names of the model's own families in which rows were changed."""
        rows, columns = [], []
        for component in self.added:
            if component.ctype.__name__ == "Var":
                at = compiled.column_slice(component)
                columns += [
                    {"name": compiled.column_name(j), "value": float(x[j])}
                    for j in range(at.start, at.stop)
                ]
            elif component.active:
                at = compiled.row_slice(component)
                rows += [self._row(compiled, i, x, y) for i in range(at.start, at.stop)]
        mine = {component.name for component in self.added}
        return {"rows": rows, "columns": columns, "changed": sorted({*compiled.row_by_row} - mine)}

    def _components(self) -> Iterator[Any]:
        import pyomo.environ as pyo

        for kind in (pyo.Constraint, pyo.Var):
            yield from (c for c in self.model.component_objects(kind) if not c.is_reference())

    @staticmethod
    def _row(compiled: Any, i: int, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
        entries = slice(compiled.start[i], compiled.start[i + 1])
        low, high = float(compiled.row_lower[i]), float(compiled.row_upper[i])
        return {
            "name": compiled.row_name(i), "least": low if math.isfinite(low) else None,
            "most": high if math.isfinite(high) else None,
            "value": float(compiled.value[entries] @ x[compiled.column[entries]]),
            "shadow_price_cny": CNY * float(y[i]),
        }  # fmt: skip

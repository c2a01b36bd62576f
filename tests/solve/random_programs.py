"""Small random programs with a known optimum, in the shape of a compiled model."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np


def compiled(
    matrix: np.ndarray,
    row_lower: Any,
    row_upper: Any,
    cost: Any,
    lower: Any,
    upper: Any,
    integers: Any = (),
) -> Any:
    """Arrays of min cost·x, row_lower <= matrix x <= row_upper, in the fields of `Compiled`."""
    matrix = np.asarray(matrix, float)
    rows, columns = matrix.shape
    row, column = np.nonzero(matrix)
    integrality = np.zeros(columns, np.uint8)
    integrality[list(integers)] = 1
    return SimpleNamespace(
        start=np.r_[0, np.cumsum(np.bincount(row, minlength=rows))].astype(np.int32),
        column=column.astype(np.int32),
        value=matrix[row, column],
        row_lower=np.broadcast_to(np.asarray(row_lower, float), rows).copy(),
        row_upper=np.broadcast_to(np.asarray(row_upper, float), rows).copy(),
        cost=np.asarray(cost, float),
        offset=0.0,
        lower=np.broadcast_to(np.asarray(lower, float), columns).copy(),
        upper=np.broadcast_to(np.asarray(upper, float), columns).copy(),
        integrality=integrality,
        column_name=lambda j: f"x[{j}]",
    )


def halls_and_energy(seed: int) -> Any:
    """Four hall counts on two sites and six quantities that must cover random needs."""
    rng = np.random.default_rng(seed)
    halls, columns, rows = 4, 10, 7
    matrix = np.round(rng.uniform(0, 5, (rows, columns)), 2) * (rng.random((rows, columns)) < 0.6)
    need = matrix @ rng.uniform(0, 3, columns)
    cost = np.r_[rng.uniform(3, 9, halls), rng.uniform(4, 12, columns - halls)]
    return compiled(
        matrix, need, np.inf, cost, 0.0, float(rng.integers(3, 6)), integers=range(halls)
    )


GROUPS = [("north", [0, 1], [1.0, 1.0]), ("south", [2, 3], [1.0, 2.0])]


def branch_and_bound(model: Any) -> tuple[str, float]:
    """The optimum by HiGHS's own branch and bound: (status, objective)."""
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("mip_rel_gap", 1e-9)
    solver.passModel(
        model.cost.size,
        model.row_lower.size,
        model.value.size,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        model.cost,
        model.lower,
        model.upper,
        model.row_lower,
        model.row_upper,
        model.start,
        model.column,
        model.value,
        model.integrality.astype(np.int32),
    )
    solver.run()
    return solver.getModelStatus().name, solver.getInfo().objective_function_value

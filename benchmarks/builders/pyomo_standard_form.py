"""Naive Pyomo, compiled by LinearStandardFormCompiler and handed over as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.builders import pyomo_rules
from benchmarks.instance import Instance

PACKAGES = (*pyomo_rules.PACKAGES, "pyomo.repn.plugins.standard_form", "scipy.sparse")


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    model = pyomo_rules.define(instance)
    form = standard_form(model)
    return (model, form), _handed_over(form)


def standard_form(model: Any) -> Any:
    """Pyomo's own standard form: rows with `bound_type` 0 (=), 1 (<=) or -1 (>=)."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    return LinearStandardFormCompiler().write(model, mixed_form=True)


def _handed_over(form: Any) -> Any:
    import highspy

    body = form.A.tocsc()
    n_rows, n_columns = body.shape
    kind = np.fromiter((row.bound_type for row in form.rows), int, n_rows)
    side = np.asarray(form.rhs, dtype=float)
    bounds = np.array([column.bounds for column in form.columns], dtype=float)
    cost = form.c.toarray().reshape(-1)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    status = solver.passModel(
        n_columns, n_rows, int(body.nnz), int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize), float(form.c_offset[0]), cost,
        np.ascontiguousarray(bounds[:, 0]), np.ascontiguousarray(bounds[:, 1]),
        np.where(kind <= 0, side, -np.inf), np.where(kind >= 0, side, np.inf),
        body.indptr.astype(np.int32), body.indices.astype(np.int32), body.data,
        np.zeros(n_columns, np.int32),
    )  # fmt: skip
    assert status == highspy.HighsStatus.kOk
    return solver

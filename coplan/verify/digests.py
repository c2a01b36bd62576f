"""Digests of every variable, for what no law of physics can check, such as dual prices."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import xarray as xr

from coplan.verify.case import Case
from coplan.verify.outcome import Check, flat


def plan_digests(plan: xr.Dataset) -> dict[str, str]:
    """SHA-256 of dims, type, shape and values of every variable and coordinate of a plan.

    Numbers are taken as little-endian float64 or int64 and text as UTF-8, so that a digest
    outlives NetCDF, which may change how a value is held but not the value.
    """
    return {str(name): _digest(plan[name]) for name in sorted(map(str, plan.variables))}


def _digest(variable: xr.DataArray) -> str:
    values = np.asarray(variable.values)
    if values.dtype.kind == "f":
        kind, content = "<f8", np.ascontiguousarray(values, dtype="<f8").tobytes()
    elif values.dtype.kind in "iub":
        kind, content = "<i8", np.ascontiguousarray(values, dtype="<i8").tobytes()
    else:
        kind = "text"
        content = json.dumps([str(value) for value in values.ravel()]).encode("utf-8")
    head = json.dumps([list(map(str, variable.dims)), kind, list(values.shape)])
    return hashlib.sha256(head.encode("utf-8") + b"\0" + content).hexdigest()


def digest_checks(case: Case) -> list[Check]:
    """Compare every variable of the plan with the digest written when the run ended."""
    recorded: dict[str, str] = json.loads(case.plan.attrs.get("digests", "{}"))
    now = plan_digests(case.plan)
    names = sorted(set(recorded) | set(now))
    faults = [name for name in names if recorded.get(name) != now.get(name)]
    if not recorded:
        faults = ["no digests recorded"]
    return [flat("结果摘要一致", "values are those the run wrote", faults, len(names))]

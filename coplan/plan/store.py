"""A Plan on disk: one NetCDF file that opens with xarray alone."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from coplan.errors import InputError, Problem

LONG_TEXTS = (
    "assumptions", "digests", "finance", "names", "near_optimal", "note", "notices",
    "objective", "perspective",
    "policies", "run", "scenario_id", "targets", "title",
)  # fmt: skip
"""Attributes kept as text variables: HDF5 limits the size of an attribute."""


def write_plan(plan: xr.Dataset, path: Path) -> None:
    """Write the plan; texts of any length become scalar variables `text_<name>`."""
    texts = {
        f"text_{name}": xr.DataArray(
            plan.attrs[name], attrs={"units": "", "long_name": f"{name} (JSON or text)"}
        )
        for name in LONG_TEXTS
        if name in plan.attrs
    }
    written = plan.assign(texts)
    written.attrs = {"title": "coplan plan", "conventions": "units and long_name on every variable"}
    packed = {
        name: {"zlib": True, "complevel": 1, "shuffle": True}
        for name, array in written.variables.items()
        if array.dtype.kind == "f" and array.size > 1000
    }
    written.to_netcdf(path, engine="netcdf4", encoding=packed)


def read_plan(path: Path) -> xr.Dataset:
    """Read a plan; InputError when the file is missing, torn or not a plan."""
    try:
        with xr.open_dataset(path, engine="netcdf4") as opened:
            plan = opened.load()
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        text = "no readable plan here; run the scenario again"
        raise InputError(Problem(text, str(path), None, "", type(error).__name__)) from error
    held = [name for name in LONG_TEXTS if f"text_{name}" in plan]
    texts = {name: str(plan[f"text_{name}"].item()) for name in held}
    plan = plan.drop_vars([f"text_{name}" for name in texts])
    plan.attrs = texts
    return plan

"""A Plan on disk: one NetCDF file that opens with xarray alone."""

from __future__ import annotations

import errno
import math
from pathlib import Path
from typing import Any

import xarray as xr

from coplan.errors import InputError, Problem

FREE_BYTES, MOST_RATIO = 2**27, 200
"""A plan may hold 128 MiB, and beyond that so many times what its file holds: no real one is
packed so tightly, but one that was made to fill the memory is."""

LONG_TEXTS = (
    "assumptions", "card_names", "digests", "finance", "names", "near_optimal", "note", "notices",
    "objective", "perspective", "policies",
    "run", "scenario_id", "settings", "targets", "title",
)  # fmt: skip
"""Attributes kept as text variables: HDF5 limits the size of an attribute."""


def write_plan(plan: xr.Dataset, path: Path) -> None:
    """Write the plan; texts of any length become scalar variables `text_<name>`.

    Raises OSError where it cannot be written.
    """
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
    try:
        written.to_netcdf(path, engine="netcdf4", encoding=packed)
    except RuntimeError as error:  # all that the library says of a full disk is "HDF error"
        text = "the plan cannot be written; is the disk full?"
        raise OSError(errno.EIO, text, str(path)) from error


def read_plan(path: Path) -> xr.Dataset:
    """Read a plan; InputError when the file is missing, torn or not a plan."""
    try:
        _refuse_bomb(path)
        with xr.open_dataset(path, engine="netcdf4") as opened:
            plan = opened.load()
    except (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RuntimeError,
            TypeError, ValueError) as error:  # whatever the libraries below make of torn bytes
        text = "no readable plan here; run the scenario again"
        raise InputError(Problem(text, str(path), None, "", type(error).__name__)) from error
    held = [name for name in LONG_TEXTS if f"text_{name}" in plan]
    texts = {name: str(plan[f"text_{name}"].item()) for name in held}
    plan = plan.drop_vars([f"text_{name}" for name in texts])
    plan.attrs = texts
    return plan


def _refuse_bomb(path: Path) -> None:
    """InputError for a file that says it holds far more than it can; nothing of it is read."""
    import netCDF4

    with netCDF4.Dataset(path) as opened:
        sizes = [math.prod(one.shape) * _item_bytes(one) for one in opened.variables.values()]
    if sum(sizes) > max(FREE_BYTES, MOST_RATIO * path.stat().st_size):
        text = f"the file says that it holds {sum(sizes) / 2**20:.0f} MiB, which no plan does"
        raise InputError(Problem(text, str(path)))


def _item_bytes(variable: Any) -> int:
    """Bytes of one value; of a text, those of where it stands."""
    return int(getattr(variable.dtype, "itemsize", 8))

"""Small lies told to a right plan: one value, one sign, one hour, one unit, one word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

UNCHECKABLE = ("energy_price_cny_per_mwh", "clause_shadow_price")
"""Dual prices obey no law that a plan alone could show; digests guard them."""

Mutation = tuple[str, xr.Dataset]


def numeric(plan: xr.Dataset) -> list[str]:
    """Every numeric variable that is not empty and not all zero."""
    return [
        str(name)
        for name, variable in plan.data_vars.items()
        if variable.dtype.kind in "fi" and variable.size and np.abs(variable.values).max() > 0
    ]


def changed(plan: xr.Dataset, name: str, values: np.ndarray) -> xr.Dataset:
    """A copy of the plan in which one variable holds other values."""
    other = plan.copy()
    other[name] = (plan[name].dims, values, plan[name].attrs)
    return other


def one_value(plan: xr.Dataset, seed: int, steps: tuple[float, ...]) -> Iterator[Mutation]:
    """One element of every variable moved up or down by a small share of its largest value."""
    random = np.random.default_rng(seed)
    for name in numeric(plan):
        scale = np.abs(plan[name].values).max()
        for step in steps:
            values = np.array(plan[name].values, dtype=float)
            spot = random.integers(values.size)
            signed = step * random.choice([-1.0, 1.0])
            values.flat[spot] += signed * scale
            yield f"{name}[{spot}] {signed:+g}", changed(plan, name, values)


def one_sign(plan: xr.Dataset, seed: int) -> Iterator[Mutation]:
    """One element of every variable with its sign turned."""
    random = np.random.default_rng(seed)
    for name in numeric(plan):
        values = np.array(plan[name].values, dtype=float)
        large = np.flatnonzero(np.abs(values) > 1e-3 * np.abs(values).max())
        spot = random.choice(large)
        values.flat[spot] *= -1.0
        yield f"{name}[{spot}] sign", changed(plan, name, values)


def one_hour(plan: xr.Dataset) -> Iterator[Mutation]:
    """Every series moved by one hour against all others."""
    for name in numeric(plan):
        if "time" not in plan[name].dims:
            continue
        values = np.roll(plan[name].values, 1, axis=plan[name].get_axis_num("time"))
        if not np.allclose(values, plan[name].values):
            yield f"{name} one hour late", changed(plan, name, values)


def one_unit(plan: xr.Dataset) -> Iterator[Mutation]:
    """Every variable in thousandths of its unit."""
    for name in numeric(plan):
        yield f"{name} × 1000", changed(plan, name, 1000.0 * plan[name].values)


def one_word(plan: xr.Dataset) -> Iterator[Mutation]:
    """The first text of every text coordinate replaced by another word."""
    for name, coordinate in plan.coords.items():
        if coordinate.dtype.kind not in "UO" or name in coordinate.dims or not coordinate.size:
            continue
        words = coordinate.values.astype(object)
        words[0] = f"not {words[0]}"
        yield f"{name} word", plan.assign_coords({name: (coordinate.dims, words.astype(str))})


def one_number_lost(plan: xr.Dataset) -> Iterator[Mutation]:
    """One element of every variable not a number."""
    for name in numeric(plan):
        values = np.array(plan[name].values, dtype=float)
        values.flat[0] = np.nan
        yield f"{name} NaN", changed(plan, name, values)

"""Small lies told to a right plan: one value, one sign, one hour, one unit, one word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import xarray as xr

UNCHECKABLE = ("energy_price_cny_per_mwh", "clause_shadow_price", "limit_saving_cny")
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
        sizes = np.where(np.isfinite(values), np.abs(values), 0.0)
        large = np.flatnonzero(sizes > 1e-3 * sizes.max())
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


MAY_BE_MORE = ("paused_mw", "placed_paused_mw")
"""A pause too many is work done again for nothing: dearer, never wrong."""


def drawn(plan: xr.Dataset, given: xr.Dataset, seed: int, count: int) -> Iterator[Mutation]:
    """So many small lies drawn at random: value, sign, hour, unit or number lost of any result.

    A value moves by 2e-5 to 0.2 of its variable's largest, of one unit where all are smaller.
    """
    random = np.random.default_rng(seed)
    names = [name for name in numeric(plan)
             if name not in given.variables and name not in UNCHECKABLE]  # fmt: skip
    done = 0
    while done < count:
        name = str(random.choice(names))
        values = np.array(plan[name].values, dtype=float)
        scale = max(float(np.nanmax(np.abs(values))), 1.0)
        spot = int(random.integers(values.size))
        kind = str(random.choice(["value", "value", "value", "sign", "hour", "unit", "lost"]))
        if kind == "value":
            step = float(random.choice([2e-5, 2e-4, 2e-3, 2e-2, 2e-1]))
            down = name in MAY_BE_MORE or random.random() < 0.5
            values.flat[spot] += (-step if down else step) * scale
            kind = f"{'-' if down else '+'}{step:g}"
        elif kind == "sign":
            values.flat[spot] *= -1.0
        elif kind == "hour":
            axis = plan[name].get_axis_num("time") if "time" in plan[name].dims else -1
            values = np.roll(values, 1, axis=axis) if "time" in plan[name].dims else values
        elif kind == "unit":
            values *= 1e3
        else:
            values.flat[spot] = np.nan
        if not np.allclose(values, plan[name].values, rtol=0.0, atol=1e-5 * scale):
            done += 1
            yield f"{name}[{spot}] {kind}", changed(plan, name, values)

"""How far a plan is from the sizes that a search near the cheapest plan looks for."""

from __future__ import annotations

import json

import xarray as xr

CNY = 1e3
"""kCNY → CNY."""


def distance_cny(plan: xr.Dataset) -> float:
    """Σ weight · size of the last period + constant, as `elements.near_optimal` weighs it [CNY]."""
    asked = json.loads(plan.attrs["near_optimal"])
    total = float(asked["constant_kcny"])
    for name, weights in asked["weights"].items():
        sizes = plan[name].isel(period=-1)
        (dim,) = sizes.dims
        found = dict(zip(sizes[dim].values.astype(str), sizes.values.tolist(), strict=True))
        total += sum(weight * found[unit] for unit, weight in weights.items())
    return CNY * total

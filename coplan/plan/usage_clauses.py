"""What the halls of a clause use in a year: PUE, PUE by size of the project, water."""

from __future__ import annotations

from typing import Any

import xarray as xr

from coplan.elements.targets.scope import halls_in_scope
from coplan.plan.compliance import yearly
from coplan.plan.emissions import from_grid_t


def _energy(plan: xr.Dataset, target: dict[str, Any]) -> tuple[xr.DataArray, xr.DataArray]:
    """Facility and IT energy of the scope (period, weather) [MWh]."""
    inside = xr.DataArray(halls_in_scope(target, plan), dims="hall")
    it = (yearly(plan, plan["it_mw"]) * inside).sum("hall")
    overhead = (yearly(plan, plan["cooling_mw"] + plan["loss_mw"]) * inside).sum("hall")
    return it + overhead, it


def pue(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    """PUE of the scope in the worst weather year (period)."""
    facility, it = _energy(plan, target)
    return (facility / it.where(it > 0)).max("weather")


def conditional_pue(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    """PUE over the limit that holds for the size of the project (period)."""
    facility, _ = _energy(plan, target)
    threshold = target["threshold_tce"] / target["coal_factor_kg_per_kwh"]
    is_large = facility.max("weather") > threshold * (1.0 + 1e-6)
    return pue(plan, target) / xr.where(is_large, target["above"], target["below"])


def water(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    """Water of the scope in the worst weather year (period) [m3]."""
    inside = xr.DataArray(halls_in_scope(target, plan), dims="hall")
    used = yearly(plan, plan["it_mw"] * plan["water_l_per_kwh"])
    return (used * inside).sum("hall").max("weather")


def cue(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    """Carbon of grid energy over IT energy in the worst weather year (period) [kg/kWh]."""
    tonnes = from_grid_t(plan)
    it = yearly(plan, plan["site_it_mw"]).sum("site")
    return (tonnes / it.where(it > 0)).max("weather")

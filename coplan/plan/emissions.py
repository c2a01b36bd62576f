"""Greenhouse gases of a plan: by location from the grid and tests, and of making what was built."""

from __future__ import annotations

import xarray as xr

from coplan.plan import compliance


def from_grid_t(plan: xr.Dataset) -> xr.DataArray:
    """Location-based carbon (period, weather) [t] of all that comes through the grid."""
    grid = plan["retail_mw"] + compliance.at_site(plan, plan.get("delivered_mw"), "contract")
    return compliance.yearly(plan, grid * plan["emission_factor_t_per_mwh"]).sum("site")


def from_backup_t(plan: xr.Dataset) -> xr.DataArray:
    """Carbon of a year's test runs of backup (period) [t]."""
    if plan.sizes.get("backup", 0) == 0:
        return 0.0 * plan["period_years"]
    per_mw = plan["backup_tested_mwh_per_mw_year"] * plan["backup_emission_t_per_mwh"]
    return (plan["backup_mw"] * per_mw).sum("backup")


def embodied_t(plan: xr.Dataset) -> xr.DataArray:
    """Carbon of making plants and batteries, spread over their life (period) [t a year]."""
    total = 0.0 * plan["period_years"]
    if plan.sizes.get("plant", 0):
        total = total + (plan["plant_capacity_mw"] * plan["plant_embodied_t_per_mw_year"]).sum(
            "plant"
        )
    if plan.sizes.get("battery", 0):
        battery = plan["storage_energy_mwh"] * plan["storage_embodied_t_per_mwh_year"]
        total = total + battery.sum("battery")
    return total


def levelled_t(plan: xr.Dataset) -> float:
    """All of it, expected over weather years and averaged over periods as money is [t a year]."""
    expected = (from_grid_t(plan) * plan["weather_probability"]).sum("weather")
    worth = plan["period_years"] * plan["discount_factor"]
    return float(((expected + from_backup_t(plan) + embodied_t(plan)) * worth).sum())

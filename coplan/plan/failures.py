"""What every failure asks of every site: critical work there, and the firm supply it needs."""

from __future__ import annotations

import pandas as pd
import xarray as xr


def firm_supply_mw(plan: xr.Dataset) -> xr.DataArray:
    """Supply left when one feed is lost (period, site) [MW]: grid, backup, firm batteries."""
    firm = plan["connection_firm_share"] * plan["grid_connection_mw"]
    if plan.sizes.get("backup", 0):
        at = (plan["backup_site"] == plan["site"]).astype(float)
        firm = firm + xr.dot(plan["backup_mw"], at, dim="backup")
    if plan.sizes.get("reserve", 0):
        holds = (plan["reserve_battery"] == plan["battery"]).astype(float)
        at = xr.dot(holds, (plan["battery_site"] == plan["site"]).astype(float), dim="battery")
        firm = firm + xr.dot(plan["firm_power_mw"], at, dim="reserve")
    return firm.transpose("period", "site")


def failures_table(plan: xr.Dataset) -> pd.DataFrame:
    """One row per period, failure and site: critical IT power, facility power, firm supply [MW].

    Facility power is that of full halls in their worst hour, as the rule counts it.
    """
    first_line = plan["cooling_slope"] + plan["cooling_fixed"]
    highest = xr.where(first_line > plan["cooling_load_factor"], first_line,
                       plan["cooling_load_factor"])  # fmt: skip
    worst = highest.max(["weather", "time"])
    worst = (1.0 + worst + plan["loss_slope"] + plan["loss_fixed"]) * (1.0 + plan["storage_share"])
    at = (plan["hall_site"] == plan["site"]).astype(float)
    it = xr.dot(plan["critical_load_mw"], at, dim="hall")
    used = xr.dot(plan["critical_load_mw"] * worst, at, dim="hall")
    order = ("period", "failure", "site")
    columns = {"critical_it_mw": it, "critical_facility_mw": used,
               "firm_supply_mw": firm_supply_mw(plan).broadcast_like(used)}  # fmt: skip
    spread = {name: array.transpose(*order).values.ravel() for name, array in columns.items()}
    index = pd.MultiIndex.from_product([plan[dim].values for dim in order], names=order)
    return pd.DataFrame(spread, index=index).reset_index()

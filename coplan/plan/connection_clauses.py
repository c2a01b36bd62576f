"""What a project does with its own generation and with the grid: ratios, exchange, carbon, coal."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from coplan.elements.targets.scope import sites_in_scope
from coplan.elements.trading.certificates import WINDOW_YEARS
from coplan.plan.compliance import (
    at_site,
    certificates,
    grey_mwh,
    own_power,
    spilled_mwh,
    yearly,
)

Target = dict[str, Any]
MOST_REVERSE = 10.0
"""Largest reverse flow over the largest exchange that a rate tells apart."""
NEARLY = 1e-6
"""A valley this close to what a rate asks for keeps it, relative to the largest exchange."""


def _of(plan: xr.Dataset, target: Target, of_site: xr.DataArray) -> xr.DataArray:
    """Sum over the sites of the clause."""
    inside = xr.DataArray(sites_in_scope(target, plan), dims="site")
    return xr.dot(of_site, inside, dim="site")


def available_mwh(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """What the weather would have given (period, weather) [MWh]."""
    could = plan["capacity_factor"] * plan["plant_capacity_mw"]
    return yearly(plan, _of(plan, target, at_site(plan, could, "plant")))


def load_mwh(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Facility energy (period, weather) [MWh]."""
    return yearly(plan, _of(plan, target, plan["facility_mw"]))


def _generation_mwh(plan: xr.Dataset, target: Target) -> xr.DataArray:
    return yearly(plan, _of(plan, target, own_power(plan)))


def _export_mwh(plan: xr.Dataset, target: Target) -> xr.DataArray:
    return yearly(plan, _of(plan, target, plan["export_mw"]))


def _share(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    return part / whole.where(whole > 1e-9)


def self_use_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Generation less export over what was available, in the worst weather year (period)."""
    used = _generation_mwh(plan, target) - _export_mwh(plan, target)
    return _share(used, available_mwh(plan, target)).min("weather")


def own_supply_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Generation less export over facility energy, in the worst weather year (period)."""
    used = _generation_mwh(plan, target) - _export_mwh(plan, target)
    return _share(used, load_mwh(plan, target)).min("weather")


def export_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Export over what was available, in the worst weather year (period)."""
    return _share(_export_mwh(plan, target), available_mwh(plan, target)).max("weather")


def utilisation(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Generation over what was available, in the worst weather year (period)."""
    return _share(_generation_mwh(plan, target), available_mwh(plan, target)).min("weather")


def no_reverse_flow_hours(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Export in the hours named, in the worst weather year (period) [MWh]."""
    named = plan["hour_of_day"].isin(list(target["hours"]))
    return yearly(plan, _of(plan, target, plan["export_mw"]) * named).max("weather")


def energy_budget(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Facility energy as standard coal, in the worst weather year (period) [tce]."""
    return load_mwh(plan, target).max("weather") * target["coal_factor_kg_per_kwh"]


def storage_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Battery power, or energy over the hours asked for, over plant capacity (period)."""
    inside = xr.DataArray(sites_in_scope(target, plan), dims="site")

    def total(size: xr.DataArray, unit: str) -> xr.DataArray:
        place = (plan[f"{unit}_site"] == plan["site"]).astype(float)
        return xr.dot(size, place, inside, dim=[unit, "site"])

    plants = plants_mw(plan, target)
    power = total(plan["storage_power_mw"], "battery")
    lasting = total(plan["storage_energy_mwh"], "battery") / target["hours"]
    return _share(np.minimum(power, lasting), plants)


def plants_mw(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Capacity of wind and PV (period) [MW]."""
    inside = xr.DataArray(sites_in_scope(target, plan), dims="site")
    place = (plan["plant_site"] == plan["site"]).astype(float)
    return xr.dot(plan["plant_capacity_mw"], place, inside, dim=["plant", "site"])


def grid_connection(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Grid connections of the places together (period) [MW]."""
    return _of(plan, target, plan["grid_connection_mw"])


def _import_mw(plan: xr.Dataset, target: Target) -> xr.DataArray:
    grid = plan["retail_mw"] + at_site(plan, plan.get("delivered_mw"), "contract")
    return _of(plan, target, grid)


def _exchange_mw(plan: xr.Dataset, target: Target) -> xr.DataArray:
    return _import_mw(plan, target) - _of(plan, target, plan["export_mw"])


def max_exchange(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Largest import or export of a step, in the worst weather year (period) [MW]."""
    bought, fed = _import_mw(plan, target), _of(plan, target, plan["export_mw"])
    return xr.where(bought > fed, bought, fed).max(["weather", "time"])


def ramp_limit(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Largest change of the exchange, the year being cyclic (period) [MW/h]."""
    net = _exchange_mw(plan, target)
    change = abs(net - net.roll(time=1, roll_coords=False))
    return change.max(["weather", "time"]) / float(plan["step_h"])


def highest_mw(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Largest exchange of the day, or year, of each step (period, weather, time) [MW]."""
    return _over_spans(plan, target, _exchange_mw(plan, target), np.maximum).clip(min=0.0)


def peak_valley_rate(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Worst (largest − smallest) / largest exchange of a day, or of the year (period).

    At most 1 + MOST_REVERSE, which is told of a span that hardly takes anything and feeds in.
    """
    net, asked = _exchange_mw(plan, target), float(target["value"])
    highest = _over_spans(plan, target, net, np.maximum).clip(min=0.0)
    lowest = _over_spans(plan, target, net, np.minimum)
    least = NEARLY * np.maximum(highest.max("time"), 1.0)
    rate = (highest - lowest) / np.maximum(np.maximum(highest, -lowest / MOST_REVERSE), least)
    # a day that takes next to nothing has a rate of noise: judged by the MW it is short of
    is_kept = (1.0 - asked) * highest - lowest <= least
    return xr.where(is_kept, np.minimum(rate, asked), rate).max(["weather", "time"])


def _over_spans(plan: xr.Dataset, target: Target, net: xr.DataArray, pick: Any) -> xr.DataArray:
    net = net.transpose("period", "weather", "time")
    span = plan["day_of_year"].values if target["per"] == "day" else np.zeros(net.sizes["time"])
    days, where = np.unique(span, return_inverse=True)
    start = -np.inf if pick is np.maximum else np.inf
    found = np.full((*net.shape[:2], days.size), start)
    pick.at(found, (slice(None), slice(None), where), net.values)
    return net.copy(data=found[..., where])


def carbon_cap(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Carbon on the clause's basis, in the worst weather year (period) [t]."""
    if target["basis"] != "market":
        grid = plan["retail_mw"] + at_site(plan, plan.get("delivered_mw"), "contract")
        emitted = _of(plan, target, yearly(plan, grid * plan["emission_factor_t_per_mwh"]))
    else:
        grey = grey_mwh(plan).sum("month")
        covered = spilled_mwh(plan).sum("month") + certificates(plan, grey, WINDOW_YEARS)
        left = (grey - covered).clip(min=0.0)
        emitted = left * plan["residual_factor_t_per_mwh"]
    whole_life = _made_t(plan, target) if target["basis"] == "lifecycle" else 0.0
    return emitted.max("weather") + _tested_t(plan, target) + whole_life


def _made_t(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Carbon a year of making the plants and batteries of the places (period) [t]."""
    total = 0.0 * plan["period_years"]
    for dim, size, each in (
        ("plant", "plant_capacity_mw", "plant_embodied_t_per_mw_year"),
        ("battery", "storage_energy_mwh", "storage_embodied_t_per_mwh_year"),
    ):
        if plan.sizes.get(dim, 0):
            place = (plan[f"{dim}_site"] == plan["site"]).astype(float)
            total = total + _of(plan, target, xr.dot(plan[size] * plan[each], place, dim=dim))
    return total


def _tested_t(plan: xr.Dataset, target: Target) -> xr.DataArray:
    if plan.sizes.get("backup", 0) == 0:
        return 0.0 * plan["period_years"]
    per_mw = plan["backup_tested_mwh_per_mw_year"] * plan["backup_emission_t_per_mwh"]
    place = (plan["backup_site"] == plan["site"]).astype(float)
    return _of(plan, target, xr.dot(plan["backup_mw"] * per_mw, place, dim="backup"))

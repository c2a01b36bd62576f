"""What the plan achieves of the clauses on sizes, each as a value by period."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from coplan.elements.targets.scope import halls_in_scope
from coplan.plan.compliance import yearly

Target = dict[str, Any]

NONE_MW = 1e-6
"""Less than this is nothing built."""


def _sum(plan: xr.Dataset, target: Target, values: xr.DataArray) -> xr.DataArray:
    """Sum (period) over the halls of a clause's scope."""
    inside = xr.DataArray(halls_in_scope(target, plan), dims="hall")
    return xr.dot(values, inside, dim="hall")


def _ratio(part: xr.DataArray, whole: xr.DataArray) -> xr.DataArray:
    """part / whole; not a number where there is nothing to be a part of."""
    return part / whole.where(whole > 1e-9)


def _counted(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """What a clause counts of one MW of servers (hall): P of its label, or the MW."""
    if target.get("label") is None:
        return xr.ones_like(plan["density_p_per_mw"])
    return plan["density_p_per_mw"] * (plan["hall_label"] == target["label"])


def capacity(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """P of the label installed, or bought where additions only count (period)."""
    servers = plan["servers_bought_mw" if target["additions_only"] else "servers_mw"]
    return _sum(plan, target, servers * _counted(plan, target))


def intelligent_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Intelligent over all compute of the scope (period)."""
    counted = plan["servers_mw"] * _counted(plan, target)
    intelligent = (plan["server_type_kind"] == "intelligent").astype(float)
    return _ratio(_sum(plan, target, counted * intelligent), _sum(plan, target, counted))


def domestic_share(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Domestic servers over all servers bought (period)."""
    bought = plan["servers_bought_mw"]
    return _ratio(_sum(plan, target, bought * plan["domestic"]), _sum(plan, target, bought))


def occupancy(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Servers over what the halls hold (period)."""
    room = plan["halls_built"] * plan["hall_it_mw"]
    used = plan["servers_mw"] * (1.0 + plan["storage_share"])
    return _ratio(_sum(plan, target, used), _sum(plan, target, room))


def rack_power(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Servers over racks in use (period) [kW]."""
    racks = plan["servers_mw"] / plan["rack_kw"]
    return _ratio(_sum(plan, target, plan["servers_mw"]), _sum(plan, target, racks))


def no_new(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """MW of halls built and servers bought (period); asked for are none, less than 1 W is none."""
    new = _sum(
        plan, target, plan["servers_bought_mw"] + plan["halls_new"] * plan["hall_it_mw"]
    )
    return new.where(new > NONE_MW, 0.0)


def clusters(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Whole blocks that the servers of single sites fill (period)."""
    inside = xr.DataArray(halls_in_scope(target, plan), dims="hall")
    at = (plan["hall_site"] == plan["site"]).astype(float)
    filled = xr.dot(plan["servers_mw"] * _counted(plan, target) * inside, at, dim="hall")
    return np.floor(filled / target["block_p"] + 1e-6).sum("site")


def energy_pool(plan: xr.Dataset, target: Target) -> xr.DataArray:
    """Energy of new and converted halls over what closed and converted stock released (period).

    Less than a kWh released counts as a kWh.
    """
    new = (1.0 - plan["hall_may_change"]) * (plan["halls_min"] == 0)
    used = yearly(plan, plan["it_mw"] + plan["cooling_mw"] + plan["loss_mw"])
    most = _sum(plan, target, used * new).max("weather")
    gone = (plan["halls_min"] - plan["halls_built"]) * plan["hall_may_change"]
    freed = _sum(plan, target, gone * plan["metered_mwh_per_hall"])
    return (most / np.maximum(freed, 1e-3)).where(np.maximum(most, freed) > 1e-9)

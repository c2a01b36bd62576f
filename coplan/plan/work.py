"""What became of the work: queues, pauses and moves filled in, and flows from region to site."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from coplan.elements.compute.demand import block_of_step
from coplan.plan.compliance import yearly


def filled(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Queues, pauses and moves of all placed work and work with state: none where none is kept."""
    order = {
        "placed_share": ("placed", "block"), "migrated_share": ("placed", "block"),
        "placed_backlog_mwh": ("placed", "time"), "placed_paused_mw": ("placed", "time"),
        "paused_mw": ("state_pool", "time"), "migration_mw": ("placed", "time"),
    }  # fmt: skip
    found = {}
    for name, dims in order.items():
        own = plan[name].reindex({dims[0]: plan[dims[0]]}).fillna(0.0)
        found[name] = own.transpose("period", "weather", *dims)
        found[name].attrs = plan[name].attrs
    return found


def placed_work(plan: xr.Dataset) -> dict[tuple[str, str], xr.DataArray]:
    """Work of placed pools that may not wait (period, weather, time) [MW], by pool and site."""
    found = {}
    step_h, steps = float(plan["step_h"]), plan.sizes["time"]
    pairs = zip(plan["placed"].values, plan["placed_pool"].values.astype(str),
                plan["placed_site"].values.astype(str), strict=True)  # fmt: skip
    for pair, pool, site in pairs:
        if float(plan["pool_delay_h"].sel(pool=pool)) > 0:
            continue
        block_h = float(plan["placed_block_h"].sel(placed=pair))
        block = xr.DataArray(block_of_step(block_h, step_h, steps), dims="time")
        share = plan["placed_share"].sel(placed=pair, drop=True).isel(block=block)
        share = share.drop_vars("block", errors="ignore")
        found[pool, site] = share * plan["pool_demand_mw"].sel(pool=pool, drop=True)
    return found


def placed_backlog(plan: xr.Dataset, backlog: xr.DataArray) -> xr.DataArray:
    """`backlog` (.., pool, time) with the queues of placed pools, summed over their sites."""
    pools = plan["placed_pool"].values.astype(str)
    for pool in dict.fromkeys(pools):
        own = plan["placed_backlog_mwh"].isel(placed=np.flatnonzero(pools == pool)).sum("placed")
        backlog.loc[{"pool": pool}] = own.transpose("period", "weather", "time")
    return backlog


def served_first(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    """Least share (period) of a priority's work that ran at the sites named."""
    mine = plan["preference_target"].values.astype(str) == target["id"]
    pools = plan["preference_pool"].values.astype(str)[mine]
    run = yearly(plan, plan["routed_mw"].sel(pool=pools)).sum("pool")
    total = run.sum("site")
    first = run.sel(site=[s for s in plan["site"].values if s in target["sites"]]).sum("site")
    return (first / total.where(total > 0)).min("weather")


def data_flows(plan: xr.Dataset, empty: xr.DataArray) -> dict[str, xr.DataArray]:
    """Energy of data sent and moved [MWh] and data moved with placed work [GB], in a year.

    Beside facility energy and outside PUE: it belongs to the network.
    """
    flows = {"data_mwh": empty, "data_moved_gb": empty}
    for name, unit in (("transfer_mw", "link"), ("migration_mw", "placed")):
        if plan.sizes.get(unit, 0):
            flows["data_mwh"] = flows["data_mwh"] + yearly(plan, plan[name]).sum(unit)
    if plan.sizes.get("placed", 0):
        mean = plan["pool_demand_mw"].mean("time").sel(pool=plan["placed_pool"])
        times = plan["migrated_share"].sum("block") * plan["step_weight"].mean("time")
        flows["data_moved_gb"] = (times * mean * plan["placed_gb_per_mw"]).sum("placed")
    return flows


def flow_table(plan: xr.Dataset) -> pd.DataFrame:
    """Work by demand and site in a year [P h]: where it came from, what for, where it ran.

    A pool's work at a site is split over its demands: work that may not wait by the step, the rest
    by the year. Any split is as good, since demands of a pool are alike. `redone_p_hours` is the
    part of `p_hours` that is done again after pauses, in proportion: the rest is what was asked.
    """
    columns = ["period", "weather", "demand", "region", "region_province", "use", "site",
               "site_province", "p_hours", "redone_p_hours"]  # fmt: skip
    rows = []
    for demand in plan["demand"].values.astype(str):
        about = {
            name: str(plan[f"demand_{name}"].sel(demand=demand).values)
            if f"demand_{name}" in plan.coords else ""
            for name in ("region", "province", "use", "pool", "label")
        }  # fmt: skip
        work = _demand_work(plan, demand, about["pool"])
        again = redone_share(plan, about["pool"]).transpose("period", "weather").values
        per_mw = float(plan["label_reference_p_per_mw"].sel(label=about["label"]))
        for (p, w, s), value in np.ndenumerate(work.transpose("period", "weather", "site").values):
            site = str(plan["site"].values[s])
            province = (
                str(plan["site_province"].sel(site=site).values)
                if "site_province" in plan.coords else ""
            )  # fmt: skip
            rows.append((
                int(plan["period"].values[p]), str(plan["weather"].values[w]), demand,
                about["region"], about["province"], about["use"], site, province,
                per_mw * float(value), per_mw * float(value) * float(again[p, w]),
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def redone_share(plan: xr.Dataset, pool: str) -> xr.DataArray:
    """Part (period, weather) of a pool's work that is done again after pauses."""
    run = yearly(plan, plan["routed_mw"].sel(pool=pool, drop=True)).sum("site")
    again = xr.zeros_like(run)
    if plan.sizes.get("state_pool", 0) and pool in plan["state_pool"].values:
        paused = plan["paused_mw"].sel(state_pool=pool, drop=True)
        placed = np.flatnonzero(plan["placed_pool"].values.astype(str) == pool)
        paused = paused + plan["placed_paused_mw"].isel(placed=placed).sum("placed")
        hours = float(plan["state_checkpoint_h"].sel(state_pool=pool)) / float(plan["step_h"])
        again = yearly(plan, paused) * hours
    return (again / run.where(run > 0)).fillna(0.0)


def _demand_work(plan: xr.Dataset, demand: str, pool: str) -> xr.DataArray:
    """Yearly work of one demand (period, weather, site) [MWh, MW-equivalent]."""
    routed = plan["routed_mw"].sel(pool=pool, drop=True)
    own = plan["demand_mw"].sel(demand=demand, drop=True)
    all_of_pool = plan["pool_demand_mw"].sel(pool=pool, drop=True)
    if float(plan["pool_delay_h"].sel(pool=pool)) == 0:
        share = (own / all_of_pool.where(all_of_pool > 0)).fillna(0.0)
        return yearly(plan, routed * share)
    total = yearly(plan, all_of_pool)
    return yearly(plan, routed) * (yearly(plan, own) / total.where(total > 0)).fillna(0.0)

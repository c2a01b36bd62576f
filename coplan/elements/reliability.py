"""N−1: whichever site or route fails, critical work has its place and its site firm supply.

For every failure f, with static flows of its own, so that no spare is counted twice:

    Σ_s flow[f,d,s] = critical[d],  flow only where d may go while f lasts         [MW-equivalent]
    Σ_u ratio[u,l] · load[f,u] = Σ_d flow[f,d,s]           per site and label, over its halls
    load[f,u] ≤ availability[u] · (servers[u] − out of service[u])                            [MW]
    Σ_u worst[u] · load[f,u] ≤ firm share · grid connection + backup + Σ_b firm[b]  per site  [MW]
    soc[b,t] ≥ reserve hours[b] · firm[b] / η_d                                              [MWh]

critical[d] is the critical share of the peak of demand d; peaks of several demands need not fall
together, which is on the safe side. worst[u] is the largest facility over IT power of a full hall
in any hour of any weather year: work of an outage is put together on servers that run full, the
rest is switched off. The failure "none" asks for firm supply where nothing else fails.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan import algebra
from coplan.elements.card import Entry, Slug
from coplan.elements.compute.demand import label_ratio
from coplan.elements.index import Index, incidence, names

NO_FAILURE = "none"


class Reliability(Entry):
    """What may fail, one at a time, while critical work goes on."""

    sites: Literal["all"] | tuple[Slug, ...] = ()
    """Sites that may fail: `all`, or a list."""
    routes: Literal["all"] | tuple[str, ...] = ()
    """Routes that may fail, each as region:site: `all`, or a list."""


def invest(sizes: Any, index: Index, data: Any) -> None:
    """Declare the flows of every failure and the firm supply that goes with them."""
    b = algebra.block(sizes, "reliability", doc="what goes on when a site or a route fails")
    b.failures = algebra.index(names(data, "failure"), dim="failure", doc="one at a time")
    b.demands = algebra.index(names(data, "demand"), dim="demand", doc="classes of work by region")
    b.reserves = algebra.index(
        names(data, "reserve"), dim="reserve", doc="batteries that keep a reserve"
    )
    _place_work(b, index, sizes.compute, data)
    _supply(b, index, sizes, data)


def _place_work(b: Any, index: Index, halls: Any, data: Any) -> None:
    """Critical work finds sites in reach and servers that survive, failure by failure."""
    critical = data["critical_mw"].values
    b.critical = algebra.param(b.demands, values=critical)
    b.counts = algebra.param(
        b.demands, index.labels,
        values=incidence(names(data, "demand_label"), names(data, "label")),
    )  # fmt: skip
    b.ratio = algebra.param(index.halls, index.labels, values=label_ratio(data))
    availability = data["availability"].values
    b.availability = algebra.param(index.halls, values=availability)
    b.critical_flow_mw = algebra.variable(
        b.failures, b.demands, index.sites, upper=open_routes(data) * critical[:, None],
        unit="MW", doc="critical work of a demand run at a site while a failure lasts",
    )  # fmt: skip
    b.critical_load_mw = algebra.variable(
        b.failures, index.halls, upper=(availability * data["servers_max_mw"].values)[None, :],
        unit="MW", doc="critical work on a hall's servers while a failure lasts",
    )  # fmt: skip

    @algebra.constraint(b, b.failures, b.demands, doc="critical work is run whatever fails")
    def critical_flow_balance(b, f, d):
        return sum(b.critical_flow_mw[f, d, s] for s in index.sites) == b.critical[d]

    @algebra.constraint(
        b, b.failures, index.sites, index.labels, doc="critical work of a site is on its servers"
    )
    def critical_work_balance(b, f, s, k):
        run = sum(halls.at[u, s] * b.ratio[u, k] * b.critical_load_mw[f, u] for u in index.halls)
        return run == sum(b.counts[d, k] * b.critical_flow_mw[f, d, s] for d in b.demands)

    @algebra.constraint(b, b.failures, index.halls, doc="critical work is on servers there are")
    def critical_load_limit(b, f, u):
        working = halls.servers_mw[u] - halls.out_of_service_mw[u]
        return b.critical_load_mw[f, u] <= b.availability[u] * working


def _supply(b: Any, index: Index, sizes: Any, data: Any) -> None:
    """Firm supply of a site covers the facility power of the critical work it runs."""
    backup, storage = sizes.backup, sizes.storage
    places = list(index.sites)
    holds = incidence(names(data, "reserve_battery"), names(data, "battery"))
    battery_at = incidence(names(data, "battery_site"), places)
    b.worst = algebra.param(index.halls, values=worst_facility_share(data))
    b.firm_share = algebra.param(index.sites, values=data["connection_firm_share"].values)
    b.backup_at = algebra.param(
        backup.backups, index.sites, values=incidence(names(data, "backup_site"), places)
    )
    b.reserve_at = algebra.param(b.reserves, index.sites, values=holds @ battery_at)
    b.holds = algebra.param(b.reserves, index.batteries, values=holds)
    b.firm_power_mw = algebra.variable(
        b.reserves, upper=holds @ data["storage_power_max_mw"].values, unit="MW",
        doc="battery power kept ready for an outage",
    )  # fmt: skip

    @algebra.constraint(b, b.reserves, doc="no more is kept ready than the battery's power")
    def firm_power_limit(b, r):
        power = sum(b.holds[r, u] * storage.storage_power_mw[u] for u in index.batteries)
        return b.firm_power_mw[r] <= power

    @algebra.constraint(
        b, b.failures, index.sites, doc="firm supply covers the critical work of a site"
    )
    def firm_supply_floor(b, f, s):
        grid = b.firm_share[s] * sizes.network.grid_connection_mw[s]
        own = sum(b.backup_at[g, s] * backup.backup_mw[g] for g in backup.backups)
        kept = sum(b.reserve_at[r, s] * b.firm_power_mw[r] for r in b.reserves)
        used = sum(
            sizes.compute.at[u, s] * b.worst[u] * b.critical_load_mw[f, u] for u in index.halls
        )
        return grid + own + kept >= used


def operate(y: Any, index: Index, sizes: Any, data: Any) -> None:
    """Keep in every step the energy that firm battery power needs for its reserve hours."""
    b = algebra.block(y, "reliability", doc="energy kept for an outage")
    kept = sizes.reliability
    holds = incidence(names(data, "reserve_battery"), names(data, "battery"))
    out = holds @ data["discharge_efficiency"].values
    b.energy_per_mw = algebra.param(kept.reserves, values=data["reserve_h"].values / out)

    @algebra.constraint(b, kept.reserves, index.times, doc="energy is kept for an outage")
    def reserve_floor(b, r, t):
        held = sum(kept.holds[r, u] * y.storage.soc_mwh[u, t] for u in index.batteries)
        return held >= b.energy_per_mw[r] * kept.firm_power_mw[r]


def open_routes(data: Any) -> np.ndarray:
    """Where critical work may go while a failure lasts, 0/1 [failure, demand, site]."""
    sites = np.array(names(data, "site"))
    regions = np.array(names(data, "demand_region"))
    lost_site = np.array(names(data, "failure_site"))
    lost_region = np.array(names(data, "failure_region"))
    at = lost_site[:, None, None] == sites[None, None, :]
    whole = (lost_region == "")[:, None, None]
    lost = at & (whole | (lost_region[:, None, None] == regions[None, :, None]))
    return np.asarray(np.where(lost, 0.0, data["demand_reach"].values[None]))


def worst_facility_share(data: Any) -> np.ndarray:
    """Largest facility over servers' power of a full hall, any hour and weather year [hall]."""
    first_line = data["cooling_slope"] + data["cooling_fixed"]
    cooling = np.maximum(first_line, data["cooling_load_factor"]).max(["weather", "time"]).values
    losses = data["loss_slope"].values + data["loss_fixed"].values
    return np.asarray((1.0 + cooling + losses) * (1.0 + data["storage_share"].values))

"""The campuses as a PyPSA network; what PyPSA has no component for is written in linopy.

Each campus has a bus for power, one for its battery and one for each kind of deferrable work: work
arrives there as a negative load, waits in a store, and a link with a negative efficiency does it
at the cost of power. Moving work is a pair of links over a bus that all campuses share. Own rows:
the battery's one inverter, monthly peaks, halls, export, green share and PUE.
"""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np

from benchmarks.instance import Instance

PACKAGES = ("pypsa", "linopy", "highspy")


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    from linopy.io import to_highspy

    network = define(instance)
    return network, to_highspy(network.model)


def define(d: Instance) -> Any:
    """The network, its linopy model created and extended."""
    for package in ("pypsa", "linopy"):
        logging.getLogger(package).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n = _network(d)
        n.optimize.create_model(consistency_check=False)
        _add_rows(n.model, d)
    return n


def _names(d: Instance, part: str) -> list[str]:
    return [f"{s} {part}" for s in range(d.sites)]


def _network(d: Instance) -> Any:
    import pandas as pd
    import pypsa

    n = pypsa.Network(snapshots=range(d.hours))

    def series(array: Any, part: str) -> Any:
        return pd.DataFrame(array.T, n.snapshots, _names(d, part))

    site, cells = _names(d, "site"), _names(d, "cells")
    n.add("Bus", [*site, *cells])
    n.add("Load", _names(d, "prompt"), bus=site,
          p_set=series(d.it_to_facility * d.prompt_mw, "prompt"))  # fmt: skip
    for plant, factor, annuity in (
        ("wind", d.wind_factor, d.wind_annuity), ("pv", d.pv_factor, d.pv_annuity),
    ):  # fmt: skip
        n.add("Generator", _names(d, plant), bus=site, p_nom_extendable=True,
              p_nom_max=d.plant_max_mw, p_max_pu=series(factor, plant),
              capital_cost=annuity)  # fmt: skip
    n.add("Generator", _names(d, "grid"), bus=site, p_nom=d.connection_mw,
          marginal_cost=series(d.price, "grid"))  # fmt: skip
    n.add("Generator", _names(d, "export"), bus=site, p_nom=d.export_max_mw, p_min_pu=-1.0,
          p_max_pu=0.0, marginal_cost=d.export_price)  # fmt: skip
    overhead = series(-d.hall_overhead, "hall")
    n.add("Generator", _names(d, "hall"), bus=site, p_nom_extendable=True,
          p_nom_max=d.hall_max_mw, p_min_pu=overhead, p_max_pu=overhead,
          capital_cost=d.hall_annuity)  # fmt: skip
    n.add("Link", _names(d, "charge"), bus0=site, bus1=cells, efficiency=d.efficiency,
          p_nom_extendable=True, p_nom_max=d.plant_max_mw,
          capital_cost=d.battery_power_annuity, marginal_cost=d.cycling_cost)  # fmt: skip
    n.add("Link", _names(d, "discharge"), bus0=cells, bus1=site, efficiency=d.efficiency,
          p_nom=d.plant_max_mw / d.efficiency,
          marginal_cost=d.cycling_cost * d.efficiency)  # fmt: skip
    n.add("Store", _names(d, "battery"), bus=cells, e_nom_extendable=True, e_cyclic=True,
          e_nom_max=d.battery_max_mwh, standing_loss=1.0 - d.kept,
          capital_cost=d.battery_energy_annuity)  # fmt: skip
    _add_work(n, d, series)
    return n


def _add_work(n: Any, d: Instance, series: Any) -> None:
    for kind in (1, 2):
        work = _names(d, f"work{kind}")
        n.add("Bus", work)
        n.add("Load", _names(d, f"arrived{kind}"), bus=work,
              p_set=series(-d.arrived_mw[kind - 1], f"arrived{kind}"))  # fmt: skip
        n.add("Store", _names(d, f"waiting{kind}"), bus=work, e_nom=1.0,
              e_max_pu=series(d.waiting_max_mwh[kind - 1], f"waiting{kind}"),
              marginal_cost_storage=d.waiting_cost)  # fmt: skip
        n.add("Link", _names(d, f"done{kind}"), bus0=work, bus1=_names(d, "site"),
              p_nom=d.hall_max_mw,
              efficiency=series(-d.it_to_facility, f"done{kind}"))  # fmt: skip
    if d.can_move:
        n.add("Bus", "moved")
        n.add("Link", _names(d, "sent"), bus0=_names(d, "work2"), bus1="moved",
              p_nom=d.move_max_mw, marginal_cost=d.moving_cost)  # fmt: skip
        n.add("Link", _names(d, "received"), bus0="moved", bus1=_names(d, "work2"),
              p_nom=d.move_max_mw)  # fmt: skip


def _add_rows(m: Any, d: Instance) -> None:
    import pandas as pd
    import xarray as xr

    sites = pd.RangeIndex(d.sites, name="name")
    hours = pd.RangeIndex(d.hours, name="snapshot")

    def part(variable: str, name: str) -> Any:
        return m[variable].sel(name=_names(d, name)).assign_coords(name=sites)

    def data(array: Any) -> Any:
        return xr.DataArray(array.T, coords=[hours, sites])

    charge, discharge = part("Link-p", "charge"), part("Link-p", "discharge")
    inverter = charge + d.efficiency * discharge - part("Link-p_nom", "charge")
    m.add_constraints(inverter <= 0, name="inverter_limit")
    months = pd.RangeIndex(d.months, name="month")
    peak = m.add_variables(0.0, d.connection_mw, coords=[months, sites], name="peak")
    month = xr.DataArray(d.month, coords=[hours])
    highest = peak.sel(month=month)
    m.add_constraints(part("Generator-p", "grid") - highest <= 0, name="peak_limit")
    m.objective += d.demand_charge * peak.sum()
    done = part("Link-p", "done1") + part("Link-p", "done2")
    hall = part("Generator-p_nom", "hall")
    m.add_constraints(done - hall <= data(-d.prompt_mw), name="hall_limit")
    used = part("Generator-p", "wind") + part("Generator-p", "pv")
    exported = -1 * part("Generator-p", "export") - d.export_share_max * used
    m.add_constraints(exported.sum("snapshot") <= 0, name="export_limit")
    load = data(d.it_to_facility) * done - part("Generator-p", "hall")
    prompt = d.it_to_facility * d.prompt_mw
    green = (used - d.green_share_min * load).sum()
    m.add_constraints(green >= d.green_share_min * float(prompt.sum()), name="green_floor")
    over = (load - d.pue_max * done).sum("snapshot")
    free = xr.DataArray(np.sum(d.pue_max * d.prompt_mw - prompt, axis=1), coords=[sites])
    m.add_constraints(over <= free, name="pue_limit")

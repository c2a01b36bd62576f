"""The random fleets a second time, in linopy, from the formulation and not from the code."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import xarray as xr

from tests.peers.fleets import Fleet

BIG_MW = 100.0
"""More than any meter or battery of a fleet carries."""


class Words:
    """A linopy model and the numbers of a fleet, labelled."""

    def __init__(self, fleet: Fleet):
        import linopy

        self.m, self.fleet = linopy.Model(), fleet
        self.labels = {
            "site": range(fleet.sites), "step": range(fleet.steps), "kind": ["wind", "pv"],
            "pool": range(len(fleet.work_mw)), "month": [1, 2],
        }  # fmt: skip

    def data(self, values: Any, *dims: str) -> xr.DataArray:
        """Numbers with labels."""
        return xr.DataArray(values, dims=dims, coords={dim: list(self.labels[dim]) for dim in dims})

    def free(self, name: str, most: Any, *dims: str, **kind: Any) -> Any:
        """A variable from 0 to `most`."""
        full = np.broadcast_to(np.asarray(most, dtype=float),
                               [len(self.labels[dim]) for dim in dims])  # fmt: skip
        return self.m.add_variables(0.0, self.data(full, *dims), name=name, **kind)

    def either(self, name: str, *dims: str) -> Any:
        """A yes or no."""
        return self.m.add_variables(
            coords=[list(self.labels[dim]) for dim in dims], dims=dims, name=name, binary=True
        )

    def before(self, variable: Any) -> Any:
        """The value of the step before; the first follows the last."""
        return variable.roll(step=1)


def declared(words: Words) -> dict[str, Any]:
    """What a fleet decides."""
    f, at = words.fleet, ("site", "step")
    pools = ("pool", "site", "step")
    return {
        "capacity": words.free("capacity", f.plant_max_mw, "kind", "site"),
        "made": words.free("made", BIG_MW, "kind", *at),
        "power": words.free("power", f.power_max_mw, "site"),
        "energy": words.free("energy", f.energy_max_mwh, "site"),
        "charge": words.free("charge", BIG_MW, *at),
        "discharge": words.free("discharge", BIG_MW, *at),
        "held": words.free("held", BIG_MW, *at),
        "bought": words.free("bought", BIG_MW, *at),
        "fed_in": words.free("fed_in", f.export_max_mw[:, None], *at),
        "peak": words.free("peak", BIG_MW, "site", "month"),
        "connection": words.free("connection", f.connection_max_mw, "site"),
        "volume": words.free("volume", f.contract_max_mw, "site"),
        "taken": words.free("taken", BIG_MW, *at),
        "signs": words.either("signs", "site"),
        "imports": words.either("imports", *at),
        "charges": words.either("charges", *at),
        "halls": words.free("halls", f.halls_max, "site", integer=True),
        "servers": words.free("servers", BIG_MW, "site"),
        "run": words.free("run", BIG_MW * f.reach[:, :, None], *pools),
        "waiting": words.free("waiting", most_waiting(f), "pool", "step"),
    }  # fmt: skip


def most_waiting(fleet: Fleet) -> np.ndarray:
    """What arrived in the last L steps (pool, step), MWh; nothing is late, the year is a ring."""
    late = np.zeros(fleet.work_mw.shape)
    for pool, steps in enumerate(fleet.delay_steps):
        for ago in range(int(steps)):
            late[pool] += np.roll(fleet.work_mw[pool], ago)
    return late


def compute_rows(words: Words, v: dict[str, Any]) -> Any:
    """Work is run in time and on servers that stand in halls; returns the load by step."""
    f, m, data = words.fleet, words.m, words.data
    run = v["run"].sum("pool")
    m.add_constraints(run - v["servers"] <= 0, name="servers run")
    hall = data(f.hall_mw, "site")
    m.add_constraints(v["servers"] - hall * v["halls"] <= 0, name="servers stand in halls")
    arrives = data(f.work_mw, "pool", "step")
    waits = v["waiting"] - words.before(v["waiting"]) + v["run"].sum("site")
    m.add_constraints(waits == arrives, name="work is run")
    idle, slope = data(f.idle_share, "site"), data(1 + f.cooling_slope, "site", "step")
    fixed = data(f.cooling_fixed * f.hall_mw, "site")
    return slope * ((1 - idle) * run) + (slope * idle) * v["servers"] + fixed * v["halls"]


def power_rows(words: Words, v: dict[str, Any], load: Any) -> None:
    """Balance, plants, batteries, meters and contracts."""
    f, m, data = words.fleet, words.m, words.data
    own, imported = v["made"].sum("kind"), v["bought"] + v["taken"]
    inside = own + v["discharge"] - v["charge"] - v["fed_in"]
    m.add_constraints(inside + imported - load == 0, name="balance")
    factor = data(f.factor, "kind", "site", "step")
    m.add_constraints(v["made"] - factor * v["capacity"] <= 0, name="weather")
    m.add_constraints(v["fed_in"] - own <= 0, name="own energy is fed in")
    for month in (1, 2):
        steps = np.flatnonzero(f.month == month)
        monthly = imported.sel(step=steps) - v["peak"].sel(month=month, drop=True)
        m.add_constraints(monthly <= 0, name=f"peak of month {month}")
    m.add_constraints(v["peak"] - v["connection"] <= 0, name="connection")
    m.add_constraints(imported - BIG_MW * v["imports"] <= 0, name="imports")
    m.add_constraints(v["fed_in"] + BIG_MW * v["imports"] <= BIG_MW, name="or feeds in")
    eta = data(f.efficiency, "site")
    m.add_constraints(v["charge"] - v["power"] <= 0, name="charge")
    m.add_constraints(v["discharge"] - v["power"] <= 0, name="discharge")
    m.add_constraints(v["charge"] - BIG_MW * v["charges"] <= 0, name="charges")
    m.add_constraints(v["discharge"] + BIG_MW * v["charges"] <= BIG_MW, name="or discharges")
    gain = eta * v["charge"] - (1 / eta) * v["discharge"]
    m.add_constraints(v["held"] - words.before(v["held"]) - gain == 0, name="state of charge")
    m.add_constraints(v["held"] - v["energy"] <= 0, name="cells")
    m.add_constraints(v["energy"] - v["power"] >= 0, name="an hour at least")
    m.add_constraints(v["energy"] - 8.0 * v["power"] <= 0, name="eight hours at most")
    m.add_constraints(v["taken"] - data(f.profile, "site", "step") * v["volume"] <= 0,
                      name="contract")  # fmt: skip
    least, most = data(f.contract_least_mw, "site"), data(f.contract_max_mw, "site")
    m.add_constraints(v["volume"] - least * v["signs"] >= 0, name="least volume")
    m.add_constraints(v["volume"] - most * v["signs"] <= 0, name="signed")


def green_rows(words: Words, v: dict[str, Any], load: Any) -> None:
    """What is grey by interval, less what contracts made and nobody took, within its share."""
    f, m = words.fleet, words.m
    if not f.green_share:
        return
    spans = {"hourly": [f.month > 0], "annual": [f.month > 0]}
    spans["monthly"] = [f.month == month for month in (1, 2)]
    grey: Any = 0.0
    for number, inside in enumerate(spans[f.matching]):
        steps = np.flatnonzero(inside)
        bought = v["bought"].sel(step=steps).sum()
        left = (words.data(f.profile[:, inside].sum(axis=1), "site") * v["volume"]).sum()
        left = left - v["taken"].sel(step=steps).sum()
        netted = m.add_variables(0.0, 0.0 if f.matching == "hourly" else 1e4,
                                 name=f"netted {number}")  # fmt: skip
        m.add_constraints(netted - bought <= 0, name=f"netted {number} is grey")
        m.add_constraints(netted - left <= 0, name=f"netted {number} is left")
        grey = grey + bought - netted
    m.add_constraints(grey - (1 - f.green_share) * load.sum() <= 0, name="green share")


def cost_of(words: Words, v: dict[str, Any]) -> Any:
    """Yearly cost, CNY."""
    f, data = words.fleet, words.data
    hours = f.weight
    made = data(f.profile.sum(axis=1) * f.contract_price, "site")
    yearly = (
        (data(f.plant_cost, "kind", "site") * v["capacity"]).sum()
        + (data(f.energy_cost, "site") * v["energy"]).sum()
        + (data(f.connection_cost, "site") * v["connection"]).sum()
        + (data(6.0 * f.demand_charge, "site") * v["peak"]).sum()  # two months stand for twelve
        + (data(f.hall_cost * f.hall_mw, "site") * v["halls"]).sum()
        + (hours * made * v["volume"]).sum()
    )  # fmt: skip
    earned = f.export_price + f.use_fee.min(axis=0)[:, None]
    return yearly + (
        (data(hours * (f.retail + f.carbon_price), "site", "step") * v["bought"]).sum()
        - (data(hours * earned, "site", "step") * v["fed_in"]).sum()
        + (data(hours * f.use_fee, "kind", "site") * v["made"]).sum()
        + (data(hours * f.contract_fee, "site") * v["taken"]).sum()
        + (data(hours * f.wear, "site") * v["discharge"]).sum()
    )


def cheapest(fleet: Fleet) -> tuple[float, float]:
    """Least yearly cost of a fleet and the bound that is proven for it, CNY."""
    logging.getLogger("linopy").setLevel(logging.ERROR)
    words = Words(fleet)
    v = declared(words)
    load = compute_rows(words, v)
    power_rows(words, v, load)
    green_rows(words, v, load)
    words.m.add_objective(cost_of(words, v))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        status, _ = words.m.solve("highs", io_api="direct", output_flag=False, mip_rel_gap=1e-7,
                                  mip_abs_gap=1e-3, mip_feasibility_tolerance=1e-9)  # fmt: skip
    if status != "ok":
        return np.inf, np.inf
    return float(words.m.objective.value), float(words.m.solver_model.getInfo().mip_dual_bound)

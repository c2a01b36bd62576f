"""The campuses in linopy: labelled arrays, handed over without files or names."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.instance import Instance

PACKAGES = ("linopy", "highspy")


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    from linopy.io import to_highspy

    model = define(instance)
    return model, to_highspy(model)


def solve(instance: Instance, options: dict[str, Any]) -> float:
    """The least cost by linopy's own `solve`, without files; HiGHS options as given."""
    model = define(instance)
    model.solve("highs", io_api="direct", **({"output_flag": False} | options))
    return float(model.objective.value)


def define(d: Instance) -> Any:
    """The campuses as a linopy model; names as in `coplan_arrays`."""
    import linopy
    import pandas as pd
    import xarray as xr

    sites, times = pd.RangeIndex(d.sites, name="site"), pd.RangeIndex(d.hours, name="time")
    months = pd.RangeIndex(d.months, name="month")
    m = linopy.Model()

    def data(array: Any) -> Any:
        return xr.DataArray(array, coords=[sites, times])

    def size(name: str, most: float) -> Any:
        return m.add_variables(0.0, most, coords=[sites], name=name)

    def flow(name: str, most: Any) -> Any:
        upper = data(most) if np.ndim(most) else most
        return m.add_variables(0.0, upper, coords=[sites, times], name=name)

    for name in ("wind", "pv", "battery_power"):
        size(name, d.plant_max_mw)
    size("battery_energy", d.battery_max_mwh)
    size("hall", d.hall_max_mw)
    m.add_variables(0.0, d.connection_mw, coords=[sites, months], name="peak")
    flow("used", 2.0 * d.plant_max_mw)
    flow("charge", d.plant_max_mw)
    flow("discharge", d.plant_max_mw)
    flow("stored", d.battery_max_mwh)
    flow("bought", d.connection_mw)
    flow("sold", d.export_max_mw)
    for kind in (0, 1):
        flow(f"done{kind + 1}", d.hall_max_mw)
        flow(f"waiting{kind + 1}", d.waiting_max_mwh[kind])
    if d.can_move:
        flow("sent", d.move_max_mw)
        flow("received", d.move_max_mw)
    _add_power(m, d, data)
    _add_work(m, d, data)
    _add_cost(m, d, data)
    return m


def _add_power(m: Any, d: Instance, data: Any) -> None:
    import xarray as xr

    done = m["done1"] + m["done2"]
    ratio = data(d.it_to_facility)
    load = ratio * done + data(d.hall_overhead) * m["hall"]  # and that of prompt work
    prompt = data(d.it_to_facility * d.prompt_mw)
    supplied = m["used"] + m["discharge"] + m["bought"] - m["charge"] - m["sold"]
    m.add_constraints(supplied - load == prompt, name="power_balance")
    made = data(d.wind_factor) * m["wind"] + data(d.pv_factor) * m["pv"]
    m.add_constraints(m["used"] - made <= 0, name="used_limit")
    inverter = m["charge"] + m["discharge"] - m["battery_power"]
    m.add_constraints(inverter <= 0, name="inverter_limit")
    change = m["stored"] - d.kept * m["stored"].roll(time=1)
    flow = d.efficiency * m["charge"] - (1.0 / d.efficiency) * m["discharge"]
    m.add_constraints(change - flow == 0, name="stored_balance")
    m.add_constraints(m["stored"] - m["battery_energy"] <= 0, name="stored_limit")
    month = xr.DataArray(d.month, coords={"time": prompt["time"]}, name="month_of_step")
    peak = m["peak"].sel(month=month)
    m.add_constraints(m["bought"] - peak <= 0, name="peak_limit")
    exported = m["sold"] - d.export_share_max * m["used"]
    m.add_constraints(exported.sum("time") <= 0, name="export_limit")
    green = (m["used"] - d.green_share_min * load).sum()
    m.add_constraints(green >= d.green_share_min * float(prompt.sum()), name="green_floor")
    over = (load - d.pue_max * done).sum("time")
    free = (data(d.pue_max * d.prompt_mw) - prompt).sum("time")
    m.add_constraints(over <= free, name="pue_limit")


def _add_work(m: Any, d: Instance, data: Any) -> None:
    after_start = data(np.broadcast_to(d.is_after_start, d.price.shape))
    for kind in (1, 2):
        waiting = m[f"waiting{kind}"]
        left = waiting - after_start * waiting.roll(time=1) + m[f"done{kind}"]
        if kind == 2 and d.can_move:
            left = left + m["sent"] - m["received"]
        m.add_constraints(left == data(d.arrived_mw[kind - 1]), name=f"waiting{kind}_balance")
    if d.can_move:
        moved = (m["sent"] - m["received"]).sum("site")
        m.add_constraints(moved == 0, name="moved_balance")
    room = m["done1"] + m["done2"] - m["hall"]
    m.add_constraints(room <= data(-d.prompt_mw), name="hall_limit")


def _add_cost(m: Any, d: Instance, data: Any) -> None:
    cost = (
        d.wind_annuity * m["wind"].sum() + d.pv_annuity * m["pv"].sum()
        + d.battery_power_annuity * m["battery_power"].sum()
        + d.battery_energy_annuity * m["battery_energy"].sum()
        + d.hall_annuity * m["hall"].sum() + d.demand_charge * m["peak"].sum()
        + (data(d.price) * m["bought"]).sum() - d.export_price * m["sold"].sum()
        + d.cycling_cost * (m["charge"].sum() + m["discharge"].sum())
        + d.waiting_cost * (m["waiting1"].sum() + m["waiting2"].sum())
    )  # fmt: skip
    if d.can_move:
        cost = cost + d.moving_cost * m["sent"].sum()
    m.objective = cost

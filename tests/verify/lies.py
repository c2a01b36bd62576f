"""Lies that a planner could want told: each changes a right plan in a way that means something.

A lie that concerns nothing in a plan (no certificate, no tank) is not told of it. Where it is easy,
the other books are made to agree, so that only the rule it breaks can find it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import numpy as np
import xarray as xr

from tests.verify.mutations import Mutation, changed

Change = Callable[[np.ndarray], None]


def scaled(plan: xr.Dataset, name: str, factor: float) -> xr.Dataset | None:
    """The plan with one variable times a factor; None where that changes nothing."""
    if name not in plan or not plan[name].size or not np.abs(plan[name].values).max() > 1e-6:
        return None
    return changed(plan, name, np.array(plan[name].values, dtype=float) * factor)


SCALED = {
    "a bandwidth that is not there": ("link_gbit", 0.5),
    "energy of moving data forgotten": ("migration_mw", 0.0),
    "energy of links forgotten": ("transfer_mw", 0.0),
    "heat sold twice": ("heat_mw", 2.0),
    "savings of measures counted twice": ("saved_mw", 2.0),
    "a subsidy over its cap": ("reward_kcny", 1.5),
    "a voucher paid twice": ("voucher_cny", 2.0),
    "certificates bought twice": ("certificates_mwh", 2.0),
    "a certificate counted twice": ("netted_mwh", 2.0),
    "only half of the peak is told": ("peak_mw", 0.5),
    "the declared demand is halved": ("declared_mw", 0.5),
    "a response that nobody contracted": ("response_mw", 1.5),
    "backup that was not bought": ("backup_mw", 0.5),
    "critical work left out": ("critical_flow_mw", 0.9),
    "cold from nothing": ("cold_discharge_mw", 1.1),
    "cooling by wish": ("cooling_mw", 0.9),
    "losses by wish": ("loss_mw", 0.9),
    "a plant beyond its approval": ("plant_capacity_mw", 1.5),
    "half a hall": ("halls_built", 1.1),
    "servers that nobody bought": ("servers_mw", 1.05),
    "energy under the surcharge halved": ("excess_gwh", 0.5),
    "a line of half its circuits": ("line_circuits", 0.5),
    "resold beyond its share": ("resold_mw", 2.0),
    "the grey of a shaped contract halved": ("unmatched_mw", 0.5),
    "blocks of energy forgotten": ("energy_above_mwh", 0.0),
    "the grid's peak forgotten": ("coincident_mw", 0.0),
    "kWh for MWh": ("backlog_mwh", 1e3),
    "kW for MW": ("grid_connection_mw", 1e3),
    "CNY for kCNY": ("account_cny", 1e3),
    "signed half": ("is_contracted", 0.5),
}
"""What is told → variable and the factor that tells it."""


def told(plan: xr.Dataset) -> Iterator[Mutation]:
    """Every lie of this page that concerns the plan."""
    for name, (variable, factor) in SCALED.items():
        mutant = scaled(plan, variable, factor)
        if mutant is not None:
            yield name, mutant
    for lie in (late_by_a_step, charged_from_nothing, green_on_paper, shaved_on_paper,
                moved_between_hours, swapped, told_as_met, money_lies, record_lies,
                contract_beyond_its_plant):  # fmt: skip
        yield from lie(plan)


def late_by_a_step(plan: xr.Dataset) -> Iterator[Mutation]:
    """Work of one step is run one step after its deadline; queue and work agree."""
    delays = plan["pool_delay_h"].values
    for pool in np.flatnonzero(delays > 0)[:2]:
        late = int(delays[pool] / float(plan["step_h"])) + 1
        demand = plan["pool_demand_mw"].values[0, pool]
        if late >= demand.size or demand[0] <= 0:
            continue
        served = np.array(plan["served_mw"].values)
        backlog = np.array(plan["backlog_mwh"].values)
        served[0, :, pool], backlog[0, :, pool] = demand, 0.0
        served[0, :, pool, 0] = 0.0
        served[0, :, pool, late] += demand[0]
        backlog[0, :, pool, :late] = demand[0]
        other = changed(changed(plan, "served_mw", served), "backlog_mwh", backlog)
        yield f"a deadline missed by one step: {plan['pool'].values[pool]}", other


def charged_from_nothing(plan: xr.Dataset) -> Iterator[Mutation]:
    """Storage holds more than went in, in one step and for the whole year."""
    for name in ("soc_mwh", "cold_mwh"):
        if name in plan and plan[name].size and plan[name].values.max() > 0:
            values = np.array(plan[name].values)
            values[..., -1] += 0.05 * values.max()
            yield f"{name}: fuller at the end than it can be", changed(plan, name, values)


def green_on_paper(plan: xr.Dataset) -> Iterator[Mutation]:
    """Energy of the grid is told as delivered by a contract: the meter's books agree."""
    retail = np.array(plan["retail_mw"].values)
    if not plan.sizes.get("contract") or retail.max() <= 0:
        return
    delivered = np.array(plan["delivered_mw"].values)
    sites = plan["site"].values.astype(str).tolist()
    column = sites.index(str(plan["contract_site"].values[0]))
    spot = np.unravel_index(np.argmax(retail[:, :, column]), retail[:, :, column].shape)
    p, w, t = spot
    amount = retail[p, w, column, t]
    retail[p, w, column, t] = 0.0
    delivered[p, w, 0, t] += amount
    other = changed(changed(plan, "retail_mw", retail), "delivered_mw", delivered)
    yield "grey energy told as a contract's", other


def contract_beyond_its_plant(plan: xr.Dataset) -> Iterator[Mutation]:
    """A contract's volume is told larger than what was paid for."""
    mutant = scaled(plan, "contract_volume_mw", 1.01)
    if mutant is not None:
        yield "a volume that is not paid", mutant


def shaved_on_paper(plan: xr.Dataset) -> Iterator[Mutation]:
    """Peak and billed demand are told a twentieth lower, alike."""
    if plan["peak_mw"].values.max() > 0:
        other = changed(plan, "peak_mw", 0.95 * plan["peak_mw"].values)
        yield "a peak shaved on paper", changed(other, "billed_mw", 0.95 * plan["billed_mw"].values)


def moved_between_hours(plan: xr.Dataset) -> Iterator[Mutation]:
    """Energy bought in the dearest hour is told as bought in another; the year agrees."""
    retail = np.array(plan["retail_mw"].values)
    p, w, s, t = np.unravel_index(np.argmax(retail), retail.shape)
    other = (t + retail.shape[-1] // 2) % retail.shape[-1]
    amount = 0.1 * retail[p, w, s, t]
    retail[p, w, s, t] -= amount
    retail[p, w, s, other] += amount
    yield "energy bought in another hour", changed(plan, "retail_mw", retail)


def swapped(plan: xr.Dataset) -> Iterator[Mutation]:
    """What belongs to one site, weather year or period is told of another."""
    for dim in ("site", "weather", "period"):
        for name in ("retail_mw", "facility_mw", "export_mw"):
            if plan.sizes[dim] < 2:
                continue
            values = np.flip(plan[name].values, axis=plan[name].get_axis_num(dim))
            if not np.allclose(values, plan[name].values, atol=1e-4):
                yield f"{name} of another {dim}", changed(plan, name, values)


def told_as_met(plan: xr.Dataset) -> Iterator[Mutation]:
    """Clauses are told better than they are: what is reached, what is left, the word for it."""
    for name in ("clause_achieved", "clause_slack", "clause_required"):
        values = np.array(plan[name].values, dtype=float)
        rows = np.flatnonzero(np.isfinite(values))
        if rows.size:
            values[rows[0]] += 1e-3 * max(abs(float(plan["clause_required"].values[rows[0]])), 1e-3)
            yield f"{name} told a thousandth better", changed(plan, name, values)
    status = plan["clause_status"].values.astype(str)
    words = np.where(status == "met", "violated", "met")
    if status.size:
        one = np.r_[words[:1], status[1:]].astype("U16")
        yield "the word for a clause", plan.assign_coords(clause_status=("clause", one))


def money_lies(plan: xr.Dataset) -> Iterator[Mutation]:
    """The dearest line is forgotten, told of another book, another place, or a percent lower."""
    cost = plan["account_book"].values.astype(str) == "cost"
    row = int(np.argmax(np.where(cost, np.abs(plan["account_cny"].values), -1.0)))
    for name, factor in (("forgotten", 0.0), ("a percent lower", 0.99)):
        values = np.array(plan["account_cny"].values)
        lost = values[row] * (1.0 - factor)
        values[row] *= factor
        yield f"a cost line {name}, totals agree", _with_totals(plan, values, lost, row)
    for key, word in (("book", "transfer"), ("place", "nowhere"), ("label", "other")):
        words = plan[f"account_{key}"].values.astype(str).astype(object)
        words[row] = word
        yield (f"a cost line of another {key}",
               plan.assign_coords({f"account_{key}": ("line", words.astype(str))}))  # fmt: skip


def _with_totals(plan: xr.Dataset, values: np.ndarray, lost: float, row: int) -> xr.Dataset:
    other = changed(plan, "account_cny", values)
    period = list(plan["period"].values).index(int(plan["account_period"].values[row]))
    worth = float(plan["period_years"].values[period] * plan["discount_factor"].values[period])
    run = json.loads(plan.attrs["run"])
    for key in ("objective_cny", "cost_cny", "energy_cost_cny"):
        run[key] -= worth * lost
    run["bound_cny"] = min(run["bound_cny"], run["objective_cny"])
    run["gap"] = (run["objective_cny"] - run["bound_cny"]) / max(abs(run["objective_cny"]), 1e-9)
    other.attrs = plan.attrs | {"run": json.dumps(run)}
    return other


def record_lies(plan: xr.Dataset) -> Iterator[Mutation]:
    """The run record tells a gap, a bound or a total that is not so; a target was softened."""
    run = json.loads(plan.attrs["run"])
    for key in ("objective_cny", "bound_cny", "cost_cny", "gap"):
        scale = max(abs(run["cost_cny"]), 1.0) if key.endswith("cny") else 1.0
        other = plan.copy()
        other.attrs = plan.attrs | {"run": json.dumps(run | {key: run[key] + 1e-3 * scale})}
        yield f"another {key} in the run record", other
    targets = json.loads(plan.attrs["targets"])
    if targets:
        targets[0] = targets[0] | {"value": 0.99 * float(targets[0]["value"])}
        other = plan.copy()
        other.attrs = plan.attrs | {"targets": json.dumps(targets)}
        yield "a target softened by a percent", other

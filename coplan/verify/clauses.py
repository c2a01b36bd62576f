"""Promises: what each target asks for, what is achieved in the worst weather year, and its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from coplan.verify import connection_clauses as connection
from coplan.verify import green, loads, sizing_clauses, soft_clauses, usage_clauses
from coplan.verify.case import Case
from coplan.verify.outcome import TOLERANCE, Check, flat, measured
from coplan.verify.work import priority_share


class Kind(NamedTuple):
    """How a kind of target is judged: its value (period), the side it limits, its price.

    `value(case, target)` is that of the worst weather year; `step` is what one price unit buys.
    """

    value: Callable[[Case, dict[str, Any]], np.ndarray]
    at_most: bool
    unit: str
    step: float


def _green(case: Case, target: dict[str, Any]) -> np.ndarray:
    share = green.green_share(
        case, target.get("matching", "annual"), float(target.get("unbundled_max_share", 0.0))
    )
    return np.asarray(np.fmin.reduce(share, axis=1))  # a year without load has none


def _pue(case: Case, target: dict[str, Any]) -> np.ndarray:
    return _usage(case, target.get("scope", "fleet"))


def _compute(case: Case, target: dict[str, Any]) -> np.ndarray:
    of_label = case.text("hall_label") == target["label"]
    return np.asarray(case.found("servers_mw") @ (case.given("density_p_per_mw") * of_label))


def _usage(case: Case, scope: str) -> np.ndarray:
    """Largest annual facility energy over IT energy (period), from halls and given loads."""
    given, counted = case.found("drawn_mw"), loads.counted_as_it(case)
    it = case.yearly(case.on_site(case.found("it_mw"), "hall"))
    it = it + case.yearly(case.on_site(given * counted, "fixed_load"))
    overhead = case.found("cooling_mw") + case.found("loss_mw")
    facility = it + case.yearly(case.on_site(overhead, "hall"))
    facility = facility + case.yearly(case.on_site(given * (1.0 - counted), "fixed_load"))
    if scope != "site":
        it, facility = it.sum(axis=-1, keepdims=True), facility.sum(axis=-1, keepdims=True)
    ratio = np.divide(facility, it, out=np.full(it.shape, -np.inf), where=it > 0)
    worst = ratio.max(axis=(1, 2))
    return np.where(np.isfinite(worst), worst, np.nan)


def _worst(amount: Callable[[Case, dict], np.ndarray]) -> Callable[[Case, dict], np.ndarray]:
    """The largest of an amount (period, weather) over weather years."""
    return lambda case, target: np.asarray(amount(case, target).max(axis=1))


POINT_MORE = "CNY per year for one percentage point more"
POINT_LESS = "CNY per year for one percentage point less"
KINDS: dict[str, Kind] = {
    "green_share": Kind(_green, False, "CNY per year for one percentage point more", 0.01),
    "pue": Kind(_pue, True, "CNY per year for 0.01 lower", 0.01),
    "compute": Kind(_compute, False, "CNY per year per P more", 1.0),
    "capacity": Kind(sizing_clauses.capacity, False, "CNY per year per P", 1.0),
    "intelligent_share": Kind(
        sizing_clauses.intelligent_share, False, "CNY per year for one percentage point more", 0.01
    ),
    "domestic_share": Kind(
        sizing_clauses.domestic_share, False, "CNY per year for one percentage point more", 0.01
    ),
    "occupancy": Kind(
        sizing_clauses.occupancy, False, "CNY per year for one percentage point more", 0.01
    ),
    "rack_power": Kind(sizing_clauses.rack_power, False, "", np.inf),
    "no_new": Kind(sizing_clauses.no_new, True, "CNY per year per MW", 1.0),
    "clusters": Kind(sizing_clauses.clusters, False, "CNY per year per cluster", np.inf),
    "energy_pool": Kind(sizing_clauses.energy_pool, True, "CNY per year per MWh", np.inf),
    "priority": Kind(priority_share, False, "CNY per year for one percentage point more", 0.01),
    "pue_limits": Kind(usage_clauses.pue, True, "CNY per year for 0.01 lower", 0.01),
    "conditional_pue": Kind(
        usage_clauses.conditional_pue, True, "CNY per year for 0.01 lower", np.inf
    ),
    "water": Kind(usage_clauses.water, True, "CNY per year per m3", 1.0),
    "cue": Kind(usage_clauses.cue, True, "CNY per year for 0.01 kg/kWh lower", 0.01),
    "self_use_share": Kind(connection.share, False, POINT_MORE, 0.01),
    "own_supply_share": Kind(connection.share, False, POINT_MORE, 0.01),
    "export_share": Kind(connection.share, True, POINT_LESS, 0.01),
    "utilisation": Kind(connection.share, False, POINT_MORE, 0.01),
    "storage_share": Kind(connection.storage_share, False, POINT_MORE, 0.01),
    "grid_connection": Kind(connection.connection_mw, True, "CNY per year per MW", 1.0),
    "max_exchange": Kind(_worst(connection.max_exchange_mw), True, "CNY per year per MW", 1.0),
    "no_reverse_flow_hours": Kind(
        _worst(connection.reverse_mwh), True, "CNY per year per MWh", 1.0
    ),
    "peak_valley_rate": Kind(connection.peak_valley_rate, True, POINT_LESS, 0.01),
    "ramp_limit": Kind(_worst(connection.ramp_mw_per_h), True, "CNY per year per MW/h", 1.0),
    "carbon_cap": Kind(_worst(connection.carbon_t), True, "CNY per year per t", 1.0),
    "energy_budget": Kind(_worst(connection.coal_t), True, "CNY per year per tce", 1.0),
}


def achieved(case: Case, target: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Achieved value and room (period) of one target; not a number where nothing is measured."""
    kind = KINDS.get(target["kind"])
    if kind is None:
        nothing = np.full(case.size("period"), np.nan)
        return nothing, nothing
    value, asked = kind.value(case, target), float(target["value"])
    value = np.where(_in_force(case, target), value, np.nan)
    if target.get("tolerance") is not None:  # a band around what is asked
        return value, float(target["tolerance"]) - np.abs(value - asked)
    return value, asked - value if target.get("at_most", kind.at_most) else value - asked


def _in_force(case: Case, target: dict[str, Any]) -> np.ndarray:
    """Whether a target holds in each period (period)."""
    years = case.inputs["period"].values.astype(int)
    first, last = target.get("from_year"), target.get("to_year")
    return (years >= (first or years.min())) & (years <= (last or years.max()))


def promises(case: Case) -> list[Check]:
    """Every hard target is kept in every period and weather year."""
    parts = []
    for target in case.targets:
        if soft_clauses.penalty(target)[0]:
            continue
        room = achieved(case, target)[1]
        size = max(abs(float(target["value"])), TOLERANCE)
        short = np.where(np.isnan(room), 0.0, -room / size)
        parts.append(measured(short, 1.0, ("period",), str(target["id"])))
    return [case.check("承诺目标达成", "every target is kept", *parts)]


def rows(case: Case) -> list[Check]:
    """The compliance rows say what was asked, what is achieved, and nothing else."""
    plan = case.plan
    if not case.targets and "clause_id" not in plan.variables:
        return []
    ids = plan["clause_id"].values.astype(str)
    periods = plan["clause_period"].values.astype(int)
    faults: list[str] = []
    parts = []
    expected = {
        (str(target["id"]), int(label)): (target, spot)
        for target in case.targets
        for spot, label in enumerate(case.labels["period"])
    }
    here = list(zip(ids.tolist(), periods.tolist(), strict=True))
    if sorted(here) != sorted(expected):
        return [flat("合规条目齐全", "one row for each target and period",
                     ["clauses differ from the targets"], len(expected))]  # fmt: skip
    for row, key in enumerate(here):
        target, spot = expected[key]
        reached, room = (float(values[spot]) for values in achieved(case, target))
        figures = {
            "clause_required": float(target["value"]),
            "clause_achieved": reached,
            "clause_slack": room,
        }
        unit = soft_clauses.penalty(target)[0]
        if not unit:  # what a soft clause is missed by is looked at with its penalty
            figures |= {"clause_missed": 0.0, "clause_penalty_cny": 0.0}
        place = f"{key[0]} {key[1]}"
        if str(plan["clause_missed_unit"].values[row]) != unit:
            faults.append(f"clause_missed_unit {place}")
        for name, value in figures.items():
            stored = float(plan[name].values[row])
            if np.isnan(value) and np.isnan(stored):
                continue
            size = max(abs(float(target["value"])), TOLERANCE)
            parts.append(measured(abs(stored - value) / size, 1.0, (), f"{name} {place}"))
        status = str(plan["clause_status"].values[row])
        if str(plan["clause_kind"].values[row]) != target["kind"]:
            faults.append(f"clause_kind {place}")
        if str(plan["clause_shadow_unit"].values[row]) != _unit(target["kind"]):
            faults.append(f"clause_shadow_unit {place}")
        if status != _status(target, room):
            faults.append(f"clause_status {place}")
    return [
        flat("合规条目齐全", "one row for each target and period", [], len(expected)),
        case.check("合规数值重算", "compliance figures", *parts),
        flat("合规结论", "compliance status", faults, 4 * len(here)),
    ]


def _unit(kind: str) -> str:
    return KINDS[kind].unit if kind in KINDS else ""


def _status(target: dict[str, Any], room: float) -> str:
    if target["kind"] not in KINDS:
        return "not represented"
    if np.isnan(room):
        return "not applicable"
    if target["kind"] == "priority" and not float(target["value"]) > 0.0:
        return "KPI only"  # no share is asked for: nothing is promised
    if room >= -TOLERANCE * max(abs(float(target["value"])), TOLERANCE):
        return "met"
    return "missed" if soft_clauses.penalty(target)[0] else "violated"


def penalties(case: Case) -> list[Check]:
    """What soft clauses are missed by is told and charged."""
    return soft_clauses.charged(case, _in_force)


def prices_of_promises(case: Case) -> list[Check]:
    """A promise never earns money by being tighter, and one with room to spare has no price."""
    parts = []
    if "clause_shadow_price" not in case.plan:
        return []
    cost = max(abs(float(case.run.get("cost_cny", 0.0) or 0.0)), 1.0)
    for row, kind in enumerate(case.plan["clause_kind"].values.astype(str)):
        price = float(case.plan["clause_shadow_price"].values[row])
        room = float(case.plan["clause_slack"].values[row])
        if kind not in KINDS or np.isnan(room) or np.isnan(price):
            continue
        name = str(case.plan["clause_id"].values[row])
        worth = price * max(room, 0.0) / KINDS[kind].step
        parts.append(measured(abs(worth), cost, (), f"{name} has room and a price", 1e-4))
        parts.append(measured(-price, cost, (), f"{name} has a negative price", 1e-4))
    return [case.check("影子价格的符号", "signs of the shadow prices", *parts)]

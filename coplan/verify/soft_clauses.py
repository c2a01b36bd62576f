"""Soft clauses: what each is missed by, worked out again, and that this is what was charged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coplan.verify import connection_clauses as connection
from coplan.verify import green, sizing_clauses, usage_clauses
from coplan.verify.case import Case
from coplan.verify.outcome import Check, measured
from coplan.verify.stock import account

Target = dict[str, Any]
PREFIX = "penalty_cny_per_"
YEAR = ("period", "weather")


def penalty(target: Target) -> tuple[str, float]:
    """Unit and penalty [CNY per unit] of a target; ("", 0) where it is hard."""
    for key in target:
        if key.startswith(PREFIX) and target[key] is not None and target["kind"] != "priority":
            return key[len(PREFIX) :], float(target[key])
    return "", 0.0


def _green(case: Case, target: Target) -> np.ndarray:
    left = green.left_mwh(
        case, target.get("matching", "annual"), float(target.get("unbundled_max_share", 0.0))
    )
    return np.asarray(left - (1.0 - float(target["value"])) * green.load_mwh(case))


def _pue(case: Case, target: Target) -> np.ndarray:
    facility, it = (case.yearly(case.found(name)).sum(axis=-1)
                    for name in ("facility_mw", "site_it_mw"))  # fmt: skip
    return np.asarray(facility - float(target["value"]) * it)


def _scoped_pue(case: Case, target: Target) -> np.ndarray:
    facility, it = usage_clauses.facility_and_it(case, target)
    return facility - float(target["value"]) * it


def _conditional_pue(case: Case, target: Target) -> np.ndarray:
    facility, it = usage_clauses.facility_and_it(case, target)
    return facility - usage_clauses.limit_of_size(case, target)[:, None] * it


def _water(case: Case, target: Target) -> np.ndarray:
    return usage_clauses.water_m3(case, target) - float(target["value"])


def _cue(case: Case, target: Target) -> np.ndarray:
    tonnes, it = usage_clauses.tonnes_and_it(case)
    return tonnes - float(target["value"]) * it


def _pool(case: Case, target: Target) -> np.ndarray:
    used, released = sizing_clauses.used_and_released_mwh(case, target)
    return used - float(target["value"]) * released[:, None]


def _above(amount: Callable[[Case, Target], np.ndarray]) -> Callable[[Case, Target], np.ndarray]:
    return lambda case, target: amount(case, target) - float(target["value"])


def _capacity(case: Case, target: Target) -> np.ndarray:
    lack = float(target["value"]) - sizing_clauses.capacity(case, target)
    return (-lack if target["at_most"] else lack)[:, None]


def _of_servers(case: Case, target: Target) -> np.ndarray:
    """MW of servers (or halls) by which a share of them is missed (period, 1)."""
    kind, value = target["kind"], float(target["value"])
    mine = sizing_clauses.scope(case, target)
    servers, bought = case.found("servers_mw"), account(case)["servers_bought_mw"]
    if kind == "domestic_share":
        lack = bought @ (mine * (value - case.given("domestic")))
    elif kind == "occupancy":
        room = case.found("halls_built") @ (mine * case.given("hall_it_mw"))
        lack = value * room - (servers * (1.0 + case.given("storage_share"))) @ mine
    elif kind == "rack_power":
        lack = servers @ (mine * (value / case.given("rack_kw") - 1.0))
    else:
        new = account(case)["halls_new"]
        lack = bought @ mine + new @ (mine * case.given("hall_it_mw"))
    return np.asarray(lack)[:, None]


def _intelligent(case: Case, target: Target) -> np.ndarray:
    """MW, or MW-equivalent of a label, by which a share or its band is missed (period, 1)."""
    weight, servers = sizing_clauses.scope(case, target), case.found("servers_mw")
    if target["label"] is not None:
        weight = weight * case.given("density_ratio") * (case.text("hall_label") == target["label"])
    is_one = case.text("server_type_kind") == "intelligent"
    part, whole = servers @ (weight * is_one), servers @ weight
    value, band = float(target["value"]), float(target["tolerance"] or 0.0)
    lack = (value - band) * whole - part
    if target["tolerance"] is not None:
        lack = np.maximum(lack, part - (value + band) * whole)
    return np.asarray(lack)[:, None]


def _clusters(case: Case, target: Target) -> np.ndarray:
    return (float(target["value"]) - sizing_clauses.clusters(case, target))[:, None]


AMOUNTS: dict[str, Callable[[Case, Target], np.ndarray]] = {
    "green_share": _green, "pue": _pue, "cue": _cue, "pue_limits": _scoped_pue,
    "conditional_pue": _conditional_pue, "water": _water, "energy_pool": _pool,
    "capacity": _capacity, "intelligent_share": _intelligent, "domestic_share": _of_servers,
    "occupancy": _of_servers, "rack_power": _of_servers, "no_new": _of_servers,
    "clusters": _clusters, "storage_share": connection.storage_lack_mw,
    "self_use_share": connection.lacking_mwh, "own_supply_share": connection.lacking_mwh,
    "export_share": connection.lacking_mwh, "utilisation": connection.lacking_mwh,
    "no_reverse_flow_hours": connection.reverse_mwh,
    "energy_budget": _above(connection.coal_t), "carbon_cap": _above(connection.carbon_t),
    "grid_connection": lambda case, target: (
        connection.connection_mw(case, target) - float(target["value"])
    )[:, None],
    "max_exchange": _above(connection.max_exchange_mw),
    "ramp_limit": _above(connection.ramp_mw_per_h),
    "peak_valley_rate": connection.valley_lack_mw,
}
"""Kind → what it is missed by (period, weather), or (period, 1), in the unit of its penalty."""


def missed(case: Case, target: Target, in_force: np.ndarray) -> np.ndarray:
    """What a soft clause is missed by (period, weather), none where it is not in force (period)."""
    lack = np.maximum(0.0, AMOUNTS[target["kind"]](case, target))
    return np.broadcast_to(lack, (lack.shape[0], case.size("weather"))) * in_force[:, None]


def charged(case: Case, in_force: Callable[[Case, Target], np.ndarray]) -> list[Check]:
    """What soft clauses are missed by is what the plan says, is told, and is charged in full."""
    soft = [target for target in case.targets if penalty(target)[0]]
    if not soft:
        return []
    total, parts = np.zeros(case.size("period")), []
    for target in soft:
        name, each = str(target["id"]), penalty(target)[1]
        lack = missed(case, target, in_force(case, target))
        size = max(float(np.max(lack, initial=0.0)), abs(float(target["value"])))
        stated = _stated(case, name)
        parts.append(measured(np.abs(stated - lack), size, YEAR, name))
        expected = case.expected(lack)
        total += each * expected
        mine = case.text_found("clause_id") == name
        for key, scale in (("clause_missed", 1.0), ("clause_penalty_cny", each)):
            told = case.plan[key].values[mine].astype(float)
            parts.append(measured(np.abs(told - scale * expected), scale * size, ("period",),
                                  f"{key} {name}"))  # fmt: skip
    parts.append(measured(np.abs(_booked(case) - total), np.abs(total), ("period",), "penalties"))
    return [case.check("软约束罚金", "penalties of soft clauses", *parts)]


def _stated(case: Case, name: str) -> np.ndarray:
    """What the plan says a clause is missed by (period, weather)."""
    shape = (case.size("period"), case.size("weather"))
    for dim in ("soft", "soft_size"):
        if dim in case.plan.sizes and name in case.plan[dim].values.astype(str):
            one = case.plan[f"missed_{dim}"].sel({dim: name})
            values = np.asarray(one.values, dtype=float)
            return np.broadcast_to(values.reshape(shape[0], -1), shape)
    return np.full(shape, np.nan)


def _booked(case: Case) -> np.ndarray:
    """Penalties of soft clauses in the account (period) [CNY per year]."""
    label, book = case.text_found("account_label"), case.text_found("account_book")
    mine = (label == "soft clauses") & (book == "penalty")
    period = case.plan["account_period"].values.astype(int)
    value = case.plan["account_cny"].values.astype(float)
    return np.array([value[mine & (period == int(one))].sum() for one in case.labels["period"]])

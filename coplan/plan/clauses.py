"""What every clause asks for, what the plan achieves and what one unit more would cost.

One entry in KINDS says all there is to know about a kind of target. `coplan.verify` does the same
sums again, written apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from coplan.elements.targets import in_force
from coplan.elements.targets.soft import penalty
from coplan.plan import connection_clauses, sizing_clauses, usage_clauses
from coplan.plan.compliance import compute_p, green_share, targets, yearly
from coplan.plan.work import served_first

TOLERANCE = 1e-6
POINT_MORE = "CNY per year for one percentage point more"
POINT_LESS = "CNY per year for one percentage point less"


class Kind(NamedTuple):
    """How a kind of target is judged: its value by period, the side it limits, its price's unit.

    `achieved(plan, target)` gives (period) the value of the worst weather year; `at_most` is true
    where less is better.
    """

    achieved: Callable[[xr.Dataset, dict[str, Any]], xr.DataArray]
    at_most: bool
    shadow_unit: str


def _green(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    share = green_share(
        plan, target.get("matching", "annual"), target.get("unbundled_max_share", 0.0)
    )
    return share.min("weather")


def _pue(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    return power_usage(plan, target.get("scope", "fleet")).max("weather")


def _compute(plan: xr.Dataset, target: dict[str, Any]) -> xr.DataArray:
    return compute_p(plan, target["label"])


def power_usage(plan: xr.Dataset, scope: str) -> xr.DataArray:
    """Annual PUE (period, weather): of the fleet, or the worst site when `scope` is "site".

    A site without IT energy has no PUE and is left out.
    """
    facility = yearly(plan, plan["facility_mw"])
    it = yearly(plan, plan["site_it_mw"])
    if scope == "site":
        return (facility / it.where(it > 0)).max("site")
    total = it.sum("site")
    return facility.sum("site") / total.where(total > 0)


KINDS: dict[str, Kind] = {
    "green_share": Kind(_green, False, "CNY per year for one percentage point more"),
    "pue": Kind(_pue, True, "CNY per year for 0.01 lower"),
    "compute": Kind(_compute, False, "CNY per year per P more"),
    "capacity": Kind(sizing_clauses.capacity, False, "CNY per year per P"),
    "intelligent_share": Kind(
        sizing_clauses.intelligent_share, False, "CNY per year for one percentage point more"
    ),
    "domestic_share": Kind(
        sizing_clauses.domestic_share, False, "CNY per year for one percentage point more"
    ),
    "occupancy": Kind(
        sizing_clauses.occupancy, False, "CNY per year for one percentage point more"
    ),
    "rack_power": Kind(sizing_clauses.rack_power, False, ""),
    "no_new": Kind(sizing_clauses.no_new, True, "CNY per year per MW"),
    "clusters": Kind(sizing_clauses.clusters, False, "CNY per year per cluster"),
    "energy_pool": Kind(sizing_clauses.energy_pool, True, "CNY per year per MWh"),
    "priority": Kind(served_first, False, "CNY per year for one percentage point more"),
    "pue_limits": Kind(usage_clauses.pue, True, "CNY per year for 0.01 lower"),
    "conditional_pue": Kind(usage_clauses.conditional_pue, True, "CNY per year for 0.01 lower"),
    "water": Kind(usage_clauses.water, True, "CNY per year per m3"),
    "cue": Kind(usage_clauses.cue, True, "CNY per year for 0.01 kg/kWh lower"),
    "self_use_share": Kind(connection_clauses.self_use_share, False, POINT_MORE),
    "own_supply_share": Kind(connection_clauses.own_supply_share, False, POINT_MORE),
    "export_share": Kind(connection_clauses.export_share, True, POINT_LESS),
    "utilisation": Kind(connection_clauses.utilisation, False, POINT_MORE),
    "storage_share": Kind(connection_clauses.storage_share, False, POINT_MORE),
    "grid_connection": Kind(connection_clauses.grid_connection, True, "CNY per year per MW"),
    "max_exchange": Kind(connection_clauses.max_exchange, True, "CNY per year per MW"),
    "no_reverse_flow_hours": Kind(
        connection_clauses.no_reverse_flow_hours, True, "CNY per year per MWh"
    ),
    "peak_valley_rate": Kind(connection_clauses.peak_valley_rate, True, POINT_LESS),
    "ramp_limit": Kind(connection_clauses.ramp_limit, True, "CNY per year per MW/h"),
    "carbon_cap": Kind(connection_clauses.carbon_cap, True, "CNY per year per t"),
    "energy_budget": Kind(connection_clauses.energy_budget, True, "CNY per year per tce"),
}


def clause_rows(
    plan: xr.Dataset, shadow_prices: dict[tuple[str, int], float]
) -> dict[str, np.ndarray]:
    """Required, achieved, slack, price and status of every target in every period.

    Args: plan with inputs and decisions; shadow_prices by (target id, period) in the units of
    its kind. Returns arrays over `clause`, named as the Plan's variables. The worst weather
    year counts. Slack is positive where there is room. A soft clause that is not met is missed,
    by its amount in the unit of the penalty, at the penalty paid for it [CNY/year]. A price that
    is missing is zero where there is room (complementary slackness) and not a number where the
    clause binds.
    """
    rows = [
        _clause(plan, target, position, shadow_prices)
        for target in targets(plan)
        for position in range(plan.sizes["period"])
    ]
    kinds: dict[str, Any] = {
        "clause_id": str, "clause_period": int, "clause_kind": str,
        "clause_required": float, "clause_achieved": float, "clause_slack": float,
        "clause_shadow_price": float, "clause_shadow_unit": str, "clause_status": str,
        "clause_missed": float, "clause_missed_unit": str, "clause_penalty_cny": float,
    }
    return {
        name: np.array([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()
    }


def room_left(target: dict[str, Any], at_most: bool, required: float, achieved: float) -> float:
    """Room between what is asked and achieved, positive where there is some.

    A clause may be turned round by its own `at_most`, or ask for a band of `tolerance`.
    """
    if target.get("tolerance") is not None:
        return float(target["tolerance"] - abs(achieved - required))
    return required - achieved if target.get("at_most", at_most) else achieved - required


def is_asked(target: dict[str, Any]) -> bool:
    """Whether a target asks for something; a priority without a least share is only told."""
    return target["kind"] != "priority" or float(target["value"]) > 0.0


def _clause(
    plan: xr.Dataset,
    target: dict[str, Any],
    position: int,
    shadow_prices: dict[tuple[str, int], float],
) -> dict[str, Any]:
    period = int(plan["period"].values[position])
    required = float(target["value"])
    kind = KINDS.get(target["kind"])
    achieved = slack = float("nan")
    if kind is not None and in_force(target, period):
        achieved = float(kind.achieved(plan, target).isel(period=position))
        slack = room_left(target, kind.at_most, required, achieved)
    known = bool(np.isfinite(achieved))
    room = TOLERANCE * max(abs(required), TOLERANCE)
    price = shadow_prices.get((target["id"], period), np.nan if known and slack <= room else 0.0)
    if not is_asked(target):
        price = 0.0
    status = "not represented" if kind is None else "not applicable"
    if known:
        status = "met" if slack >= -room else "missed" if penalty(target)[0] else "violated"
        status = status if is_asked(target) else "KPI only"
    unit, each = penalty(target)
    counts = unit and in_force(target, period)
    missed = missed_by(plan, target["id"], position) if counts else 0.0
    return {
        "clause_id": target["id"], "clause_period": period, "clause_kind": target["kind"],
        "clause_required": required, "clause_achieved": achieved, "clause_slack": slack,
        "clause_shadow_price": float(price),
        "clause_shadow_unit": kind.shadow_unit if kind else "", "clause_status": status,
        "clause_missed": missed, "clause_missed_unit": unit, "clause_penalty_cny": each * missed,
    }


def missed_by(plan: xr.Dataset, target: str, position: int) -> float:
    """What a soft clause is missed by in a period, in the unit of its penalty, expected."""
    if target in plan.get("soft_size", ()):
        return float(plan["missed_soft_size"].sel(soft_size=target).isel(period=position))
    each = plan["missed_soft"].sel(soft=target).isel(period=position)
    return float((each * plan["weather_probability"]).sum())

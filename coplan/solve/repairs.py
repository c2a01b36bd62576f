"""The least repairs of a model that does not fit: one kind of limit raised, every promise kept.

For each kind of limit alone (wind, PV, batteries, contracts, connection, halls) a linear program
looks for the cheapest rise that lets every promise be kept; for work, for the least that would
have to run elsewhere. Where no kind suffices by itself, all limits may rise together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from coplan.solve.conflicts import NOISE, Relaxation, Slack
from coplan.solve.labels import labels_of
from coplan.solve.program import LinearProgram

CNY = 1e3
"""kCNY → CNY."""

KINDS = {
    "plant_capacity_mw": "", "contract_volume_mw": "contract", "storage_power_mw": "battery",
    "storage_energy_mwh": "battery", "grid_connection_mw": "connection", "halls_built": "halls",
    "servers_mw": "halls", "site_it_limit": "halls", "headroom_limit": "zone",
}  # fmt: skip
"""Limits that are raised, and what a planner would call the repair; a plant by its own kind."""

WORK = {"waiting work": ("backlog_balance", "placed_backlog_balance"),
        "all work": ("work_balance", "backlog_balance", "placed_backlog_balance")}  # fmt: skip
"""Rows that ask for work: that which may wait, and all of it."""


@dataclass(frozen=True)
class Repair:
    """One way out. `rises` are (limit, place, amount in its unit); `cny` what they cost a year
    in capital, upkeep and contracts before what they save; `share` of the work (0 to 1) that
    would have to run elsewhere, 0 where no work is concerned."""

    kind: str
    rises: tuple[tuple[str, str, float], ...] = ()
    cny: float = 0.0
    share: float = 0.0


def repairs(relaxation: Relaxation) -> list[Repair]:
    """The ways out of what does not fit, the cheapest first; less work at the end."""
    program, limits = relaxation.with_limits()
    kinds = {slack.row: kind_of(relaxation, slack) for slack in limits}
    found = []
    for kind in dict.fromkeys(kinds.values()):
        if kind:
            one = _raised(relaxation, program, kind, [s for s in limits if kinds[s.row] == kind])
            found += [one] if one is not None else []
    if not found:
        one = _raised(relaxation, program, "together", [s for s in limits if kinds[s.row]])
        found += [one] if one is not None else []
    return sorted(found, key=lambda repair: repair.cny) + _less_work(relaxation)


def kind_of(relaxation: Relaxation, slack: Slack) -> str:
    """What kind of repair a limit belongs to; "" where it is not one that a planner raises."""
    kind = KINDS.get(slack.cause)
    if kind is None:
        return ""
    if kind:
        return kind
    data = relaxation.data
    return str(data["plant_kind"].sel(plant=slack.place).values)


def _raised(
    relaxation: Relaxation, program: LinearProgram, kind: str, limits: list[Slack]
) -> Repair | None:
    """The cheapest rise of these limits that keeps every promise; None where none does."""
    cost = {slack.row: _yearly_kcny(relaxation, program, slack) for slack in limits}
    weighed = [
        replace(slack, weight=max(cost[slack.row], 1e-3 * slack.weight)) for slack in limits
    ]
    kept = relaxation.solve(program, weighed)
    if kept is None:
        return None
    total: dict[tuple[str, str], float] = {}
    yearly: dict[int, float] = {}
    for slack in limits:
        rise = float(kept.violations[slack.row])
        if rise * slack.weight <= 10.0 * NOISE * relaxation.mean_mw:
            continue
        key = (slack.cause, slack.place)
        total[key] = max(total.get(key, 0.0), rise)
        yearly[slack.period] = yearly.get(slack.period, 0.0) + CNY * cost[slack.row] * rise
    rises = tuple((name, place, rise) for (name, place), rise in total.items())
    return Repair(kind, rises, max(yearly.values())) if rises else None


def _yearly_kcny(relaxation: Relaxation, program: LinearProgram, slack: Slack) -> float:
    """What one unit more of a size costs a year, kCNY; 0 for a limit on a sum of sizes."""
    if not slack.period:
        return 0.0
    column = int(program.column[program.start[slack.row]])
    return max(0.0, float(program.cost[column])) / relaxation.model.weights[slack.period]


def _less_work(relaxation: Relaxation) -> list[Repair]:
    """The least work that would have to run elsewhere: that which may wait, else of all work."""
    hours = relaxation.hours
    asked = relaxation.data["pool_demand_mw"].values @ hours
    waits = relaxation.data["pool_delay_h"].values > 0
    for kind, families in WORK.items():
        slacks = []
        for constraint, rows in relaxation.constraints():
            if constraint.local_name in families and len(rows):
                step = np.tile(hours, len(rows) // hours.size)
                if constraint.local_name != "work_balance":
                    step = step / float(relaxation.data["step_h"])
                slacks += [
                    Slack(row, float(each), kind, _untold, place)
                    for row, each, place in zip(rows, step, labels_of(constraint), strict=True)
                ]
        total = float(asked.sum() if kind == "all work" else asked[..., waits].sum())
        kept = relaxation.solve(relaxation.program, slacks) if slacks and total > 0 else None
        if kept is not None:
            moved = sum(s.weight * abs(float(kept.violations[s.row])) for s in slacks)
            share = moved / total / max(1, relaxation.data.sizes["weather"])
            return [Repair(kind, share=share)] if 1e-5 < share < 1.0 else []
    return []


def _untold(violation: float, x: Any) -> Any:
    raise AssertionError("a repair is told by its amount")

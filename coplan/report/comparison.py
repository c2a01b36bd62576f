"""The key figures by which plans are compared, and how a change is written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from coplan.report.model import Delta, Level
from coplan.report.numbers import Amount


@dataclass(frozen=True)
class Line:
    """One row: text, key of kpis.json, factor to the unit shown, digits, which way is better."""

    text: str
    key: str
    factor: float = 1.0
    digits: int = 0
    better: int = 0


LINES = (
    Line("wind", "wind_mw", digits=1), Line("pv", "pv_mw", digits=1),
    Line("storage_mw", "storage_mw", digits=1), Line("storage_mwh", "storage_mwh", digits=1),
    Line("grid", "grid_connection_mw", digits=1),
    Line("contract_mwh", "contract_mwh", 1e-3, 1), Line("retail_mwh", "retail_mwh", 1e-3, 1, -1),
    Line("servers", "servers_mw", digits=1),
    Line("investment", "energy_investment_cny", 1e-8, 2, -1),
    Line("cost", "cost_cny", 1e-8, 3, -1), Line("energy_cost", "energy_cost", 1.0, 1, -1),
    Line("npv", "npv_cny", 1e-8, 2, 1), Line("irr", "irr", 100.0, 2, 1),
    Line("green", "green_share", 100.0, 1, 1), Line("hourly", "green_share_hourly", 100.0, 1, 1),
    Line("curtailment", "curtailment_share", 100.0, 1, -1), Line("pue", "pue", 1.0, 3, -1),
    Line("carbon", "carbon_t_location", 1e-4, 2, -1), Line("gap", "gap", 100.0, 3),
)  # fmt: skip


def delta(value: float, base: float, line: Line) -> Delta:
    """A value with its signed change, in the unit shown; marked where more is better or worse."""
    change = value - base
    level: Level = "none"
    if line.better and math.isfinite(change) and round(change, line.digits):
        level = "ok" if change * line.better > 0 else "fail"
    return Delta(Amount(value, "number", line.digits),
                 Amount(change, "number", line.digits, signed=True), level)  # fmt: skip

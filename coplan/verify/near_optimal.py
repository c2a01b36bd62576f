"""The budget of a plan near the cheapest, and how far its sizes are from those wanted."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from coplan.verify.case import Case
from coplan.verify.outcome import Check, measured

CNY = 1e3
"""kCNY → CNY."""
DIM = {
    "plant_capacity_mw": "plant", "storage_power_mw": "battery", "storage_energy_mwh": "battery",
    "grid_connection_mw": "site", "contract_volume_mw": "contract", "halls_built": "hall",
    "servers_mw": "hall",
}  # fmt: skip
"""Size → the dim of what has it."""


def budget(case: Case, cost_cny: float) -> list[Check]:
    """Cost with penalties is within the budget, where there is one."""
    asked = _asked(case)
    if not asked:
        return []
    most = CNY * float(asked["budget_kcny"])
    return [case.check("费用预算", "budget", measured(cost_cny - most, abs(most), (), "budget"))]


def distance_cny(case: Case) -> float:
    """Σ weight · size in the last period, and the constant, of what is looked for [CNY]."""
    asked = _asked(case)
    total = float(asked["constant_kcny"])
    for name, weights in asked["weights"].items():
        each = np.array([weights.get(str(unit), 0.0) for unit in case.labels[DIM[name]]])
        total += float(case.found(name)[-1] @ each)
    return CNY * total


def _asked(case: Case) -> dict[str, Any]:
    return dict(json.loads(case.inputs.attrs.get("near_optimal", "{}")))

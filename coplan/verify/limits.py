"""Limits that are said to stop a plan: each is the number of its card, and the plan has reached it.

What a unit more of one would save cannot be worked out without the solver; only its sign is looked
at here (`tests/plan/test_limits.py` confirms the prices by solving again).
"""

from __future__ import annotations

import numpy as np

from coplan.verify.case import Case
from coplan.verify.outcome import Check, measured, verdict

TOLERANCE = 1e-3
"""How far, relative, a plan may stay from a limit that it is said to have reached."""

CARDS = {
    "plant_capacity_mw": ("plant", "plant_capacity_max_mw"),
    "storage_power_mw": ("battery", "storage_power_max_mw"),
    "storage_energy_mwh": ("battery", "storage_energy_max_mwh"),
    "grid_connection_mw": ("site", "connection_max_mw"),
    "contract_volume_mw": ("contract", "contract_volume_max_mw"),
    "servers_mw": ("hall", "servers_max_mw"),
    "halls_built": ("hall", "halls_max"),
    "site_it_limit": ("site", "site_it_max_mw"),
    "plant_least_mw": ("plant", "plant_capacity_min_mw"),
    "contract_least_mw": ("contract", "contract_volume_min_mw"),
    "cold_capacity_mwh": ("tank", "cold_max_mwh"),
    "heat_capacity_mw": ("heat", "heat_max_mw"),
    "backup_mw": ("backup", "backup_max_mw"),
    "link_gbit": ("link", "link_max_gbit"),
    "export_mw": ("site", "export_max_mw"),
    "certificates_mwh": ("certificate", "certificate_max_mwh"),
    "headroom_limit": ("import_zone", "import_headroom_mw"),
    "corridor_limit": ("export_zone", "export_corridor_mw"),
}
"""Limit → the dim of its places and the input that holds it."""
LEAST = {"plant_least_mw": "plant_capacity_mw", "contract_least_mw": "contract_volume_mw"}
"""Least size → the decision that stays at it."""


def rules(case: Case) -> list[Check]:
    """Every limit told is that of its card, is reached, and saves something."""
    inputs, plan = case.inputs, case.plan
    if not plan.sizes.get("limit", 0):
        return []
    names, places = (plan[f"limit_{key}"].values.astype(str) for key in ("name", "place"))
    periods = plan["limit_period"].values.astype(int)
    most = plan["limit_most"].values.astype(float)
    off, short = np.zeros(names.size), np.zeros(names.size)
    for k, (name, place, period) in enumerate(zip(names, places, periods, strict=True)):
        dim, key = CARDS[name]
        of_place = inputs[key].sel({dim: place})
        limit = float(of_place.sel(period=period) if "period" in of_place.dims else of_place)
        off[k] = abs(limit - most[k])
        decision = LEAST.get(name, name)
        if decision in plan:
            reached = float(plan[decision].sel({dim: place, "period": period}).values.max())
            short[k] = reached - limit if name in LEAST else limit - reached
    scale = np.maximum(most, 1.0)
    return [verdict(
        "起作用的限值", "limits that bind",
        [measured(off, scale, ("limit",), "limit of the card"),
         measured(short, scale, ("limit",), "reached", TOLERANCE),
         measured(-plan["limit_saving_cny"].values, 1.0, ("limit",), "saving")],
        {"limit": [f"{name} {place}" for name, place in zip(names, places, strict=True)]},
    )]  # fmt: skip

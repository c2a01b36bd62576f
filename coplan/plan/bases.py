"""What one unit of a target's price is a unit of: it turns the duals of a row into that price."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from coplan.elements.targets.scope import halls_in_scope
from coplan.plan import connection_clauses as connection
from coplan.plan.compliance import yearly

SIZE_BASES = {
    "servers": lambda plan: plan["servers_mw"], "bought": lambda plan: plan["servers_bought_mw"],
    "halls": lambda plan: plan["halls_built"] * plan["hall_it_mw"],
}  # fmt: skip
"""What one percentage point of a clause on sizes is a point of (period, hall), MW."""

PLACE_BASES = {
    "available of places": connection.available_mwh, "load of places": connection.load_mwh,
    "plants of places": connection.plants_mw, "peak of exchange": connection.highest_mw,
}  # fmt: skip
"""What one percentage point of a clause on places is a point of."""


def basis_of(
    plan: xr.Dataset, name: str, target: dict[str, Any], period: int, weather: str | None,
    by_site: bool,
) -> Any:  # fmt: skip
    """The basis called `name` (see `ledger.Promise`) of a target in a period and weather year.

    A yearly energy [MWh] by site where the row has sites, else of all; a size [MW]; the largest
    exchange by step [MW]; or 1.
    """
    where = {"period": period} if weather is None else {"period": period, "weather": weather}
    if name in ("load", "it"):
        power = plan["facility_mw"] if name == "load" else plan["site_it_mw"]
        energy = yearly(plan, power).sel(where).values
        return energy if by_site else energy.sum()
    if name == "it of halls":
        return yearly(plan, plan["it_mw"]).sel(where).values @ halls_in_scope(target, plan)
    if name in SIZE_BASES:
        return SIZE_BASES[name](plan).sel(where).values @ halls_in_scope(target, plan)
    if name in PLACE_BASES:
        return np.asarray(PLACE_BASES[name](plan, target).sel(where).values)
    return 1.0

"""A comparison of nine variants for the tests of its report."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr

NAN = math.nan
# base; wind cheap and dear; power cheap and dear; three steps of a ladder; one that admits no plan
COST = [500.0, 490.0, 505.0, 420.0, 580.0, 505.0, 530.0, 700.0, NAN]  # CNY/MWh
WIND, POWER = "wind.capex", "power.price"
AT = [("", "", "", ""), ("3000", "", "", ""), ("6000", "", "", ""), ("", "× 0.8", "", ""),
      ("", "× 1.2", "", ""), ("", "", "0.5", "annual"), ("", "", "0.9", "annual"),
      ("", "", "0.9", "hourly"), ("", "", "1", "hourly")]  # fmt: skip


def comparison() -> xr.Dataset:
    """A comparison of nine variants, as coplan.study gathers it."""
    count = len(COST)
    names = [f"v{number}" for number in range(count)]
    status = ["optimal within gap"] * (count - 1) + ["infeasible"]
    share = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9, NAN]
    clauses = ["green_share, 2027", "beijing-old, 2027"]
    state = [["met", "met"]] * (count - 2) + [["met", "missed"], ["", ""]]
    price = [[1000.0 * number, 0.0] for number in range(count - 1)] + [[NAN, NAN]]
    about: dict[str, Any] = {
        "title_zh": [f"方案{number}" for number in range(count)], "title_en": names,
        "part": ["base"] + ["sweep"] * 4 + ["ladder"] * 4, "status": status,
        "cause": [""] * (count - 1) + ["nothing fits:\n  - 1 short\n无可行方案:\n  - 差 1 点"],
        "energy_cost_cny": 2.0 * np.array(COST), "it_mwh": [2.0] * (count - 1) + [NAN],
        "cost_cny": 1e8 * np.array(COST), "gap": [0.01] * (count - 1) + [NAN],
        "green_share": share, "green_share_hourly": share, "wind_mw": [40.0] * count,
        "carbon_t_location": [100.0 - number for number in range(count - 1)] + [NAN],
    }  # fmt: skip
    found = xr.Dataset({name: ("variant", values) for name, values in about.items()})
    found = found.assign_coords(variant=names, axis=[WIND, POWER, "share", "matching"],
                                clause=clauses)  # fmt: skip
    found["at"] = (("variant", "axis"), np.array(AT))
    found["axis_zh"] = ("axis", ["风电造价", "电价", "share", "matching"])
    found["axis_en"] = ("axis", ["Wind", "Power", "share", "matching"])
    found["clause_kind"] = ("clause", ["green_share", "pue_limits"])
    found["clause_status"] = (("variant", "clause"), np.array(state))
    found["clause_shadow_price"] = (("variant", "clause"), np.array(price))
    return found.assign_attrs(title_zh="试算", title_en="Toy")

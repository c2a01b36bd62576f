"""What a world holds about fixed loads, measures and embodied carbon: nothing, unless asked."""

from __future__ import annotations

from typing import Any

EMPTY_DIMS = ("fixed_load", "measure", "saving", "heat", "surcharge")
"""Dims of length zero in a world where nothing of their kind is asked for."""

DEFAULTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "fixed_load_site": (("fixed_load",), "s"),
    "fixed_load_is_it": (("fixed_load",), 1.0),
    "fixed_load_mw": (("fixed_load", "time"), 1.0),
    "measure_site": (("measure",), "s"),
    "measure_group": (("measure",), "g"),
    "measure_saving_share": (("measure",), 0.0),
    "measure_cost_cny_per_year": (("measure",), 0.0),
    "measure_required": (("measure",), 0.0),
    "saving_measure": (("saving",), "m"),
    "saving_hall": (("saving",), "s_hall"),
    "heat_site": (("heat",), "s"),
    "heat_demand_mw": (("heat", "time"), 1.0),
    "heat_max_mw": (("heat",), 10.0),
    "heat_cop": (("heat",), 4.0),
    "heat_price_cny_per_mwh": (("heat",), 0.0),
    "heat_annuity_cny_per_mw_year": (("heat",), 0.0),
    "heat_om_cny_per_mw_year": (("heat",), 0.0),
    "heat_life_years": (("heat",), 15.0),
    "recoverable_heat_share": (("hall",), 0.0),
    "surcharge_site": (("surcharge",), "s"),
    "surcharge_above_pue": (("surcharge",), 1.35),
    "surcharge_cny_per_mwh": (("surcharge",), 200.0),
    "plant_embodied_t_per_mw_year": (("plant",), 0.0),
    "storage_embodied_t_per_mwh_year": (("battery",), 0.0),
}
"""Variable → (dims, default)."""

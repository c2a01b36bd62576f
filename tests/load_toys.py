"""What a world holds about fixed loads, measures and embodied carbon: nothing, unless asked."""

from __future__ import annotations

from typing import Any

EMPTY_DIMS = ("fixed_load", "measure", "saving", "heat", "surcharge", "reward", "voucher_user",
              "voucher_year")  # fmt: skip
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
    "recoverable_heat_share": (("hall",), 0.0),
    "surcharge_site": (("surcharge",), "s"),
    "surcharge_above_pue": (("surcharge",), 1.35),
    "surcharge_cny_per_mwh": (("surcharge",), 200.0),
    "conversion_capex_cny_per_mw": (("conversion",), 0.0),
    "compute_fee_cny_per_p_hour": (("demand",), 0.0),
    "reward_rule": (("reward",), "rule"),
    "reward_hall": (("reward",), "s_hall"),
    "reward_site": (("reward",), "s"),
    "reward_is_retrofit": (("reward",), 1.0),
    "reward_is_sure": (("reward",), 0.0),
    "reward_t_per_mwh": (("reward",), 0.0),
    "reward_annuity_per_year": (("reward",), 1.0),
    "reward_county_share": (("reward",), 0.0),
    "reward_in_force": (("period", "reward"), 1.0),
    "reward_cny_per_rack": (("reward",), 0.0),
    "reward_cny_per_tce": (("reward",), 0.0),
    "reward_investment_share": (("reward",), 0.0),
    "reward_most_cny": (("reward",), 1e12),
    "reward_min_racks": (("reward",), 0.0),
    "reward_pue_below": (("reward",), 0.0),
    "reward_computing_share_above": (("reward",), 0.0),
    "voucher_rule": (("voucher_user",), "rule"),
    "voucher_cost_cny": (("voucher_user",), 0.0),
    "voucher_fee_cny": (("voucher_user",), 0.0),
    "voucher_is_lead": (("voucher_user",), 0.0),
    "voucher_is_platform": (("voucher_user",), 0.0),
    "voucher_settles_in": (("voucher_user",), 0.0),
    "voucher_county_share": (("voucher_user",), 0.0),
    "voucher_lead_share": (("voucher_user",), 0.6),
    "voucher_platform_share": (("voucher_user",), 0.5),
    "voucher_most_cny": (("voucher_user",), 1e6),
    "voucher_settling_cny": (("voucher_user",), 5e5),
    "voucher_budget_cny": (("voucher_user",), 1e7),
    "voucher_lag_years": (("voucher_user",), 1.0),
    "voucher_in_force": (("voucher_year", "voucher_user"), 1.0),
    "plant_embodied_t_per_mw_year": (("plant",), 0.0),
    "storage_embodied_t_per_mwh_year": (("battery",), 0.0),
}
"""Variable → (dims, default)."""


EVERYTHING_DIMS = {"reward": ["r/retrofit@near_new", "r/servers@far_new"]}
EVERYTHING = {
    "conversion_capex_cny_per_mw": 20.0, "reward_hall": ["near_new", "far_new"],
    "reward_site": ["near", "far"], "reward_is_retrofit": [1.0, 0.0],
    "reward_annuity_per_year": 0.1, "reward_cny_per_rack": [0.1, 0.0],
    "reward_cny_per_tce": [1.0, 0.0], "reward_t_per_mwh": 0.1,
    "reward_investment_share": [0.5, 0.1], "reward_most_cny": 30.0, "reward_min_racks": [10.0, 0.0],
    "reward_pue_below": [1.3, 0.0], "server_capex_cny_per_mw": 50.0, "domestic": 1.0,
}  # fmt: skip
"""Changes that switch on every rule of public money in `toys.everything`."""

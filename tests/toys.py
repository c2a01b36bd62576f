"""Tiny worlds with round numbers: one site, one hall, a few hours; a test changes what it needs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

STEPS = 2


def world(steps: int = STEPS, targets: list[dict] | None = None, **changes: Any) -> xr.Dataset:
    """A dataset of one site "s" with load, grid, one plant, battery and contract of size zero.

    1 MW of inflexible work of label fp16 in every step, servers without idle power, no cooling
    power; grid energy at 100 CNY/MWh. Every step stands for one hour of the "year". `changes`
    replaces variables; a scalar fills the variable's shape.
    """
    size = {
        "period": [2027], "weather": ["typical"], "site": ["s"], "plant": ["s_wind"],
        "battery": ["s_lfp"], "hall": ["s_hall"], "contract": ["s_pap"], "demand": ["d"],
        "pool": ["q"], "label": ["fp16"], "month": [1], "time": list(range(steps)),
    }  # fmt: skip
    for dim, labels in changes.pop("coords", {}).items():
        size[dim] = labels
    data = {}
    for name, (dims, value) in DEFAULTS.items():
        value = changes.pop(name, value)
        shape = tuple(len(size[dim]) for dim in dims)
        data[name] = (dims, np.broadcast_to(np.asarray(value), shape).copy())
    if changes:
        raise TypeError(f"no such variable: {', '.join(changes)}")
    dataset = xr.Dataset(data, coords=size)
    texts = [name for name, array in dataset.data_vars.items() if array.dtype.kind in "UO"]
    dataset = dataset.set_coords([*texts, "month_of_step", "hour_of_day", "day_of_year",
                                  "hall_is_stock"])  # fmt: skip
    for name in dataset.variables:
        dataset[name].attrs = {"units": "", "long_name": str(name)}
    dataset.attrs = {
        "targets": json.dumps(targets or []), "names": "{}", "assumptions": "[]", "title": "{}",
        "notices": "[]", "scenario_id": "toy", "note": "",
    }  # fmt: skip
    return dataset


P, W, S, T = "period", "weather", "site", "time"
DEFAULTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "period_years": ((P,), 1.0),
    "discount_factor": ((P,), 1.0),
    "weather_probability": ((W,), 1.0),
    "step_weight": ((T,), 1.0),
    "step_h": ((), 1.0),
    "month_of_step": ((T,), 1),
    "hour_of_day": ((T,), 0),
    "day_of_year": ((T,), 1),
    "dry_bulb_degc": ((W, S, T), 10.0),
    "wet_bulb_degc": ((W, S, T), 5.0),
    "plant_site": (("plant",), "s"),
    "plant_kind": (("plant",), "wind"),
    "capacity_factor": ((W, "plant", T), 0.5),
    "plant_capacity_max_mw": (("plant",), 0.0),
    "plant_capacity_min_mw": (("plant",), 0.0),
    "plant_capex_cny_per_mw": (("plant",), 0.0),
    "plant_annuity_cny_per_mw_year": (("plant",), 0.0),
    "plant_om_cny_per_mw_year": (("plant",), 0.0),
    "plant_use_fee_cny_per_mwh": (("plant",), 0.0),
    "battery_site": (("battery",), "s"),
    "charge_efficiency": (("battery",), 1.0),
    "discharge_efficiency": (("battery",), 1.0),
    "soc_kept_per_step": (("battery",), 1.0),
    "usable_share": (("battery",), 1.0),
    "storage_power_max_mw": (("battery",), 0.0),
    "storage_energy_max_mwh": (("battery",), 0.0),
    "storage_duration_min_h": (("battery",), 1.0),
    "storage_duration_max_h": (("battery",), 8.0),
    "storage_power_capex_cny_per_mw": (("battery",), 0.0),
    "storage_energy_capex_cny_per_mwh": (("battery",), 0.0),
    "storage_power_annuity_cny_per_mw_year": (("battery",), 0.0),
    "storage_energy_annuity_cny_per_mwh_year": (("battery",), 0.0),
    "storage_om_cny_per_mw_year": (("battery",), 0.0),
    "wear_cny_per_mwh": (("battery",), 1.0),
    "hall_site": (("hall",), "s"),
    "hall_type": (("hall",), "hall"),
    "hall_label": (("hall",), "fp16"),
    "hall_cooling": (("hall",), "air"),
    "server_type_kind": (("hall",), "intelligent"),
    "hall_is_stock": (("hall",), 0.0),
    "hall_it_mw": (("hall",), 1.0),
    "halls_min": ((P, "hall"), 0.0),
    "halls_max": ((P, "hall"), 10.0),
    "servers_min_mw": ((P, "hall"), 0.0),
    "servers_max_mw": ((P, "hall"), 10.0),
    "idle_share": (("hall",), 0.0),
    "density_p_per_mw": (("hall",), 100.0),
    "density_ratio": (("hall",), 1.0),
    "availability": (("hall",), 1.0),
    "minimum_running_share": (("hall",), 0.0),
    "rack_kw": (("hall",), 10.0),
    "domestic": (("hall",), 1.0),
    "hall_capex_cny_per_mw": (("hall",), 0.0),
    "hall_annuity_cny_per_mw_year": (("hall",), 0.0),
    "hall_om_cny_per_mw_year": (("hall",), 0.0),
    "server_capex_cny_per_mw": (("hall",), 0.0),
    "server_annuity_cny_per_mw_year": (("hall",), 0.0),
    "cooling_slope": ((W, "hall", T), 0.0),
    "cooling_fixed": ((W, "hall", T), 0.0),
    "loss_slope": (("hall",), 0.0),
    "loss_fixed": (("hall",), 0.0),
    "site_it_max_mw": ((S,), 100.0),
    "label_reference_p_per_mw": (("label",), 100.0),
    "demand_region": (("demand",), "r"),
    "demand_workload": (("demand",), "w"),
    "demand_label": (("demand",), "fp16"),
    "demand_pool": (("demand",), "q"),
    "demand_mw": ((P, "demand", T), 1.0),
    "demand_delay_h": (("demand",), 0.0),
    "demand_reach": (("demand", S), 1.0),
    "latency_one_way_ms": (("demand", S), 1.0),
    "latency_limit_ms": (("demand",), 3.0),
    "pool_label": (("pool",), "fp16"),
    "pool_demand_mw": ((P, "pool", T), 1.0),
    "pool_delay_h": (("pool",), 0.0),
    "pool_reach": (("pool", S), 1.0),
    "site_zone": ((S,), "z"),
    "site_charge": ((S,), "demand"),
    "site_latitude_deg": ((S,), 41.0),
    "site_longitude_deg": ((S,), 115.0),
    "retail_price_cny_per_mwh": ((P, S, T), 100.0),
    "export_price_cny_per_mwh": ((P, S, T), 0.0),
    "demand_price_cny_per_mw_month": ((P, S), 0.0),
    "capacity_price_cny_per_mva_month": ((P, S), 0.0),
    "transformer_mva_per_mw": ((S,), 2.0),
    "connection_max_mw": ((S,), 100.0),
    "connection_min_mw": ((S,), 0.0),
    "connection_capex_cny_per_mw": ((S,), 0.0),
    "connection_annuity_cny_per_mw_year": ((S,), 0.0),
    "export_max_mw": ((S,), 0.0),
    "emission_factor_t_per_mwh": ((P, S), 0.5),
    "residual_factor_t_per_mwh": ((P,), 0.6),
    "contract_site": (("contract",), "s"),
    "contract_kind": (("contract",), "pay_as_produced"),
    "contract_settlement": (("contract",), "monthly"),
    "contract_profile": ((W, "contract", T), 0.5),
    "contract_volume_min_mw": (("contract",), 0.0),
    "contract_volume_max_mw": (("contract",), 0.0),
    "contract_price_cny_per_mwh": (("contract",), 0.0),
    "contract_adder_cny_per_mwh": ((P, "contract"), 0.0),
    "certificate_price_cny_per_mwh": ((), 5.0),
    "certificate_max_mwh": ((), 0.0),
    "wacc": ((), 0.06),
    "carbon_price_cny_per_t": ((), 0.0),
    "server_capex_counts": ((), 0.0),
}
"""Variable → (dims, default): what a dataset holds at least."""

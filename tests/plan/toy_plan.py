"""A small plan that is right by construction: two sites, two periods, two weather years, 48 steps.

Numbers are round, the dispatch is a rule (own power first, then battery, contract, retail), and
money is added up in plain loops, so that nothing here shares code with the audit or the KPIs.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from coplan.plan.clauses import clause_rows
from coplan.verify.digests import plan_digests
from tests.toys import completed

PERIODS, WEATHERS = (2025, 2030), ("fair", "poor")
SITES = ("zhangbei", "langfang")
STEPS = 48
HOUR = np.arange(STEPS) % 24
MONTH = np.repeat([1, 7], 24)
FEES = np.array([[120, 140], [125, 145]])[:, :, None] + 10.0 * (HOUR >= 12)
"""Grid fees on contract energy (period, contract, time) [CNY/MWh]."""
LATER, NOW, GENERAL = 0, 1, 2
AI_NORTH, OLD_NORTH, AI_SOUTH = 0, 1, 2

NAMES: dict[str, list[Any]] = {
    "period": list(PERIODS), "weather": list(WEATHERS), "site": list(SITES),
    "plant": ["zhangbei_wind", "zhangbei_pv"], "battery": ["zhangbei_lfp"],
    "hall": ["zhangbei_ai", "zhangbei_old", "langfang_ai"],
    "contract": ["zhangbei_near", "langfang_far"],
    "certificate": [f"gec-{year}" for year in PERIODS],
    "demand": ["beijing_training", "tianjin_training", "beijing_inference", "hebei_general"],
    "pool": ["fp16_later", "fp16_now", "fp32_now"], "label": ["fp16", "fp32"],
    "workload": ["training", "inference", "general"],
    "region": ["beijing", "tianjin", "hebei"], "month": [1, 7], "time": list(range(STEPS)),
}  # fmt: skip

TEXTS: dict[str, tuple[str, list[str]]] = {
    "plant_site": ("plant", ["zhangbei", "zhangbei"]), "plant_kind": ("plant", ["wind", "pv"]),
    "battery_site": ("battery", ["zhangbei"]),
    "hall_site": ("hall", ["zhangbei", "zhangbei", "langfang"]),
    "hall_type": ("hall", ["ai", "old", "ai"]), "hall_label": ("hall", ["fp16", "fp32", "fp16"]),
    "hall_cooling": ("hall", ["liquid", "air", "liquid"]),
    "server_type_kind": ("hall", ["intelligent", "general", "intelligent"]),
    "contract_site": ("contract", ["zhangbei", "langfang"]),
    "contract_kind": ("contract", ["pay_as_produced"] * 2),
    "contract_settlement": ("contract", ["hourly", "monthly"]),
    "demand_region": ("demand", ["beijing", "tianjin", "beijing", "hebei"]),
    "demand_workload": ("demand", ["training", "training", "inference", "general"]),
    "demand_label": ("demand", ["fp16", "fp16", "fp16", "fp32"]),
    "demand_pool": ("demand", ["fp16_later", "fp16_later", "fp16_now", "fp32_now"]),
    "pool_label": ("pool", ["fp16", "fp16", "fp32"]),
    "site_zone": ("site", ["jibei", "hebei_south"]),
    "site_charge": ("site", ["demand", "capacity"]),
}


def toy_inputs() -> xr.Dataset:
    """The raw inputs of the toy world, as a rebuilt dataset would hold them."""
    values = _time() | _supply_and_storage() | _halls() | _demand() | _grid() | _contracts()
    data = xr.Dataset(
        {name: (dims.split(), np.array(array, dtype=float), {"units": "1", "long_name": name})
         for name, (dims, array) in values.items()},
        coords={name: (name, np.array(labels)) for name, labels in NAMES.items()},
    )  # fmt: skip
    data = data.assign_coords({name: (dim, np.array(text)) for name, (dim, text) in TEXTS.items()})
    data = data.assign_coords(
        month_of_step=("time", MONTH), hour_of_day=("time", HOUR),
        day_of_year=("time", np.repeat([15, 196], 24)),
        hall_is_stock=("hall", np.array([False, True, False])),
        site_latitude_deg=("site", [41.2, 39.5]), site_longitude_deg=("site", [114.7, 116.7]),
    )  # fmt: skip
    data.attrs = {
        "scenario_id": "toy", "title": json.dumps({"zh": "玩具", "en": "toy"}),
        "names": json.dumps({}), "assumptions": "[]", "notices": "[]",
    }  # fmt: skip
    return completed(data)


Values = dict[str, tuple[str, Any]]
Row = tuple[str, str, str, int, str, float]


def _time() -> Values:
    t = np.arange(STEPS)
    dry = np.array([-10.0, 28.0])[t // 24] + 5.0 * np.sin((HOUR - 9) * np.pi / 12)
    dry = np.broadcast_to(dry, (2, 2, STEPS)) + np.array([0.0, 1.0])[:, None, None]
    return {
        "step_h": ("", 1.0), "step_weight": ("time", np.full(STEPS, 182.5)),
        "weather_probability": ("weather", [0.75, 0.25]), "period_years": ("period", [5, 15]),
        "discount_factor": ("period", [0.08, 0.04]), "wacc": ("", 0.06),
        "dry_bulb_degc": ("weather site time", dry),
        "wet_bulb_degc": ("weather site time", dry - 4.0),
        "carbon_price_cny_per_t": ("", 60.0), "server_capex_counts": ("", 0.0),
        "certificate_vintage": ("certificate", [float(year) for year in PERIODS]),
        "certificate_price_cny_per_mwh": ("certificate", [5.0, 5.0]),
        "certificate_max_mwh": ("certificate", [20000.0, 20000.0]),
    }  # fmt: skip


def _supply_and_storage() -> Values:
    wind = 0.4 + 0.3 * np.cos((np.arange(STEPS) - 10) * np.pi / 12)
    sun = np.clip(np.sin((HOUR - 6) * np.pi / 12), 0.0, None) * np.repeat([0.6, 0.9], 24)
    factor = np.stack([np.stack([wind, sun]), np.stack([0.7 * wind, 0.8 * sun])]).round(4)
    one = {
        "charge_efficiency": 0.95, "discharge_efficiency": 0.95, "soc_kept_per_step": 0.999,
        "usable_share": 0.9, "storage_power_max_mw": 40.0, "storage_energy_max_mwh": 160.0,
        "storage_duration_min_h": 1.0, "storage_duration_max_h": 4.0,
        "storage_power_capex_cny_per_mw": 4e5, "storage_energy_capex_cny_per_mwh": 8e5,
        "storage_power_annuity_cny_per_mw_year": 4e4,
        "storage_energy_annuity_cny_per_mwh_year": 9e4, "storage_om_cny_per_mw_year": 1e4,
        "wear_cny_per_mwh": 10.0,
    }
    return {name: ("battery", [value]) for name, value in one.items()} | {
        "capacity_factor": ("weather plant time", factor),
        "plant_capacity_max_mw": ("plant", [100.0, 80.0]),
        "plant_capacity_min_mw": ("plant", [0.0, 0.0]),
        "plant_capex_cny_per_mw": ("plant", [5e6, 3e6]),
        "plant_annuity_cny_per_mw_year": ("plant", [4e5, 2.4e5]),
        "plant_om_cny_per_mw_year": ("plant", [9e4, 4e4]),
        "plant_use_fee_cny_per_mwh": ("plant", [25.0, 25.0]),
    }


def _halls() -> Values:
    summer = np.where(MONTH == 7, 0.08, 0.03)
    slope = np.broadcast_to(summer, (2, 3, STEPS)) + np.array([0.0, 0.05, 0.02])[:, None]
    both = lambda values: np.tile(np.array(values, dtype=float), (2, 1))  # noqa: E731
    hall = {
        "hall_it_mw": [10.0, 5.0, 10.0], "idle_share": [0.2, 0.3, 0.2],
        "density_p_per_mw": [400.0, 10.0, 320.0], "density_ratio": [1.0, 1.0, 0.8],
        "availability": [0.95, 0.95, 0.95], "minimum_running_share": [0.1, 0.0, 0.1],
        "rack_kw": [40.0, 8.0, 40.0], "hall_capex_cny_per_mw": [2e7, 0.0, 2e7],
        "hall_annuity_cny_per_mw_year": [1.8e6, 1.5e6, 1.9e6],
        "hall_om_cny_per_mw_year": [3e5, 3e5, 3e5], "server_capex_cny_per_mw": [2e8, 5e7, 2e8],
        "server_annuity_cny_per_mw_year": [4e7, 1e7, 3.5e7], "domestic": [1.0, 0.0, 0.0],
        "loss_slope": [0.05, 0.06, 0.05], "loss_fixed": [0.01, 0.01, 0.01],
    }  # fmt: skip
    return {name: ("hall", values) for name, values in hall.items()} | {
        "halls_min": ("period hall", both([0, 2, 0])),
        "halls_max": ("period hall", both([8, 4, 8])),
        "servers_min_mw": ("period hall", both([0, 6, 0])),
        "servers_max_mw": ("period hall", both([80, 20, 80])),
        "site_it_max_mw": ("period site", both([100.0, 100.0])),
        "label_reference_p_per_mw": ("label", [400.0, 10.0]),
        "cooling_slope": ("weather hall time", slope + np.array([0.0, 0.01])[:, None, None]),
        "cooling_fixed": ("weather hall time", np.full((2, 3, STEPS), 0.01)),
    }


def _demand() -> Values:
    wave = 1.0 + 0.3 * np.sin((HOUR - 8) * np.pi / 12)
    flat = np.ones(STEPS)
    first = np.stack([10.0 * flat, 6.0 * wave, 8.0 * wave, 5.0 * flat])
    demand = np.stack([first, 1.5 * first])
    pooled = np.stack([demand[:, 0] + demand[:, 1], demand[:, 2], demand[:, 3]], axis=1)
    reach = [[1, 1], [1, 1], [0, 1], [1, 0]]
    return {
        "demand_mw": ("period demand time", demand), "demand_delay_h": ("demand", [4, 4, 0, 0]),
        "demand_reach": ("demand site", reach),
        "latency_one_way_ms": ("demand site", [[4, 2], [4, 2], [8, 2], [4, 9]]),
        "latency_limit_ms": ("demand", [50, 50, 5, 6]),
        "pool_demand_mw": ("period pool time", pooled), "pool_delay_h": ("pool", [4, 0, 0]),
        "pool_reach": ("pool site", reach[1:]),
    }  # fmt: skip


def _grid() -> Values:
    band = np.select([HOUR < 8, HOUR < 17, HOUR < 21], [250.0, 400.0, 600.0], 400.0)
    price = np.broadcast_to(band, (2, 2, STEPS)) + np.array([0.0, 30.0])[:, None]
    return {
        "retail_price_cny_per_mwh": ("period site time", price),
        "export_price_cny_per_mwh": ("period site time", np.full((2, 2, STEPS), 150.0)),
        "demand_price_cny_per_mw_month": ("period site", [[4e4, 0], [4e4, 0]]),
        "capacity_price_cny_per_mva_month": ("period site", [[0, 2e4], [0, 2e4]]),
        "transformer_mva_per_mw": ("site", [2.0, 2.0]),
        "connection_max_mw": ("period site", np.full((2, 2), 90.0)),
        "connection_min_mw": ("site", [10.0, 5.0]),
        "connection_capex_cny_per_mw": ("site", [6e5, 6e5]),
        "connection_annuity_cny_per_mw_year": ("site", [5e4, 5e4]),
        "export_max_mw": ("site", [8.0, 0.0]),
        "emission_factor_t_per_mwh": ("period site time", np.repeat(
            np.array([[0.6, 0.7], [0.5, 0.6]])[:, :, None], STEPS, axis=2)),
        "residual_factor_t_per_mwh": ("period", [0.65, 0.6]),
    }  # fmt: skip


def _contracts() -> Values:
    windy = (0.5 + 0.4 * np.cos((np.arange(STEPS) - 20) * np.pi / 12)).round(4)
    windy = windy * np.repeat([1.0, 0.4], 24)
    profile = np.stack([np.stack([0.6 * windy, windy]), np.stack([0.5 * windy, 0.8 * windy])])
    return {
        "contract_volume_min_mw": ("contract", [0.0, 10.0]),
        "contract_committed": ("contract", [0.0, 0.0]),
        "contract_volume_max_mw": ("contract", [30.0, 90.0]),
        "contract_price_cny_per_mwh": ("contract", [320.0, 300.0]),
        "contract_adder_cny_per_mwh": ("period contract time", FEES),
        "contract_profile": ("weather contract time", profile),
    }  # fmt: skip


SIZES: dict[str, tuple[str, Any]] = {
    "plant_capacity_mw": ("plant", [[50.0, 40.0], [60.0, 70.0]]),
    "storage_power_mw": ("battery", [[10.0], [20.0]]),
    "storage_energy_mwh": ("battery", [[20.0], [60.0]]),
    "halls_built": ("hall", [[2.0, 2.0, 3.0], [3.0, 2.0, 5.0]]),
    "servers_mw": ("hall", [[16.0, 6.0, 28.0], [26.0, 8.0, 42.0]]),
    "grid_connection_mw": ("site", [[40.0, 40.0], [50.0, 60.0]]),
    "contract_volume_mw": ("contract", [[12.0, 60.0], [12.0, 90.0]]),
    "is_contracted": ("contract", [[1.0, 1.0], [1.0, 1.0]]),
}


BARE = {"plant", "battery", "contract"}
"""Kinds of units that a bare world does without: all its power comes from the grid."""


def toy_operation(data: xr.Dataset, bare: bool = False) -> dict[str, Any]:
    """Sizes and a dispatch by rule: (dims, values) by name."""
    out: dict[str, Any] = {
        name: (("period", unit), np.array(v) * (not bare or unit not in BARE))
        for name, (unit, v) in SIZES.items()
    }
    if bare:
        out["grid_connection_mw"] = (("period", "site"), np.full((2, 2), 80.0))
    demand = np.broadcast_to(data["pool_demand_mw"].values[:, None], (2, 2, 3, STEPS))
    served = demand.copy()
    served[:, :, LATER] *= np.select([HOUR == 17, HOUR == 18], [0.5, 0.75], 1.0)
    late = demand[:, :, LATER] - served[:, :, LATER]
    served[:, :, LATER] += np.roll(late, 3, axis=-1)
    backlog = np.cumsum(demand - served, axis=-1).round(12)
    routed = np.zeros((2, 2, 3, 2, STEPS))
    routed[:, :, LATER, 0] = 0.6 * served[:, :, LATER]
    routed[:, :, LATER, 1] = 0.4 * served[:, :, LATER]
    routed[:, :, NOW, 1], routed[:, :, GENERAL, 0] = served[:, :, NOW], served[:, :, GENERAL]
    load = np.empty((2, 2, 3, STEPS))
    load[:, :, AI_NORTH] = routed[:, :, LATER, 0]
    load[:, :, OLD_NORTH] = routed[:, :, GENERAL, 0]
    load[:, :, AI_SOUTH] = (routed[:, :, LATER, 1] + routed[:, :, NOW, 1]) / 0.8
    pwt = ("period", "weather")
    out |= {
        "served_mw": ((*pwt, "pool", "time"), served),
        "backlog_mwh": ((*pwt, "pool", "time"), backlog),
        "routed_mw": ((*pwt, "pool", "site", "time"), routed),
        "load_mw": ((*pwt, "hall", "time"), load),
    }
    _facility(data, out)
    _dispatch(data, out)
    return out


def _facility(data: xr.Dataset, out: dict[str, Any]) -> None:
    hall, site = ("period", "weather", "hall", "time"), ("period", "weather", "site", "time")
    servers = out["servers_mw"][1][:, None, :, None]
    built = (out["halls_built"][1] * data["hall_it_mw"].values)[:, None, :, None]
    idle = data["idle_share"].values[:, None]
    it = idle * servers + (1 - idle) * out["load_mw"][1]
    cooling = data["cooling_slope"].values * it + data["cooling_fixed"].values * built
    loss = data["loss_slope"].values[:, None] * it + data["loss_fixed"].values[:, None] * built
    whole = it + cooling + loss
    pair = lambda x: np.stack([x[:, :, :2].sum(2), x[:, :, 2]], axis=2)  # noqa: E731
    out |= {"it_mw": (hall, it), "cooling_mw": (hall, cooling), "loss_mw": (hall, loss),
            "facility_mw": (site, pair(whole)), "site_it_mw": (site, pair(it))}  # fmt: skip


def _dispatch(data: xr.Dataset, out: dict[str, Any]) -> None:
    need = out["facility_mw"][1]
    factor = data["capacity_factor"].values
    shape = (2, 2, STEPS)
    power = {name: np.zeros(shape) for name in ("charge", "discharge", "soc", "export", "cut")}
    retail, given = np.zeros((2, 2, 2, STEPS)), np.zeros((2, 2, 2, STEPS))
    own = np.einsum("wgt,pg->pwgt", factor, out["plant_capacity_mw"][1])
    offer = np.einsum(
        "wct,pc->pwct", data["contract_profile"].values, out["contract_volume_mw"][1]
    )
    for p, w in np.ndindex(2, 2):
        most = out["storage_power_mw"][1][p, 0]
        room = 0.9 * out["storage_energy_mwh"][1][p, 0]
        soc = 0.0
        for t in range(STEPS):
            soc *= 0.999
            left = own[p, w, :, t].sum() - need[p, w, 0, t]
            up = min(max(left, 0.0), most, (room - soc) / 0.95)
            down = min(max(-left, 0.0), most, soc * 0.95)
            soc = soc + 0.95 * up - down / 0.95
            sold = min(max(left, 0.0) - up, 8.0)
            power["charge"][p, w, t], power["discharge"][p, w, t] = up, down
            power["soc"][p, w, t], power["export"][p, w, t] = soc, sold
            power["cut"][p, w, t] = max(left, 0.0) - up - sold
            lack = np.array([max(-left, 0.0) - down, need[p, w, 1, t]])
            given[p, w, :, t] = np.minimum(offer[p, w, :, t], lack)
            retail[p, w, :, t] = lack - given[p, w, :, t]
        assert abs(soc) < 1e-9, "the toy battery must be empty at the end of the year"
    whole = own.sum(axis=2)
    kept = 1.0 - np.divide(power["cut"], whole, out=np.zeros(shape), where=whole > 0)
    bought = retail + given
    peak = np.stack([bought[..., month == MONTH].max(-1) for month in (1, 7)], axis=-1)
    export = np.stack([power["export"], np.zeros(shape)], axis=2)
    pwt = ("period", "weather")
    battery = (*pwt, "battery", "time")
    month = lambda x: np.stack([x[..., m == MONTH].sum(-1) * 182.5 for m in (1, 7)], -1)  # noqa: E731
    spilled, grey = month(offer[:, :, 1] - given[:, :, 1]), month(retail.sum(2))
    out |= {
        "grey": grey, "spilled": spilled,
        "generation_mw": ((*pwt, "plant", "time"), own * kept[:, :, None]),
        "charge_mw": (battery, power["charge"][:, :, None]),
        "discharge_mw": (battery, power["discharge"][:, :, None]),
        "soc_mwh": (battery, power["soc"][:, :, None]),
        "retail_mw": ((*pwt, "site", "time"), retail),
        "export_mw": ((*pwt, "site", "time"), export),
        "peak_mw": ((*pwt, "site", "month"), peak),
        "delivered_mw": ((*pwt, "contract", "time"), given),
        "certificates_mwh": ((*pwt, "certificate"), np.array(
            [[[4000.0, 0.0], [5000.0, 0.0]], [[0.0, 6000.0], [0.0, 7000.0]]])),
        "netted_mwh": ((*pwt, "month"), np.minimum(grey, spilled)),
        "energy_price_cny_per_mwh": ((*pwt, "site", "time"),
                                     np.where(retail > 0, 420.0, 60.0)),
    }  # fmt: skip


def toy_account(data: xr.Dataset, out: dict[str, Any]) -> list[Row]:
    """Every line of the account, by loops a planner can follow."""
    lines = []
    x = {name: values for name, (_, values) in out.items()}
    d = {name: data[name].values for name in data.data_vars}
    chance = d["weather_probability"]

    def book(element: str, label: str, place: str, value: float, book: str = "cost") -> None:
        lines.append((element, label, place, PERIODS[p], book, float(value)))

    def year(power: np.ndarray) -> float:
        return float(sum(chance[w] * power[w].sum() * 182.5 for w in range(2)))

    for p in range(2):
        for g, kind in enumerate(("wind", "pv")):
            mw = x["plant_capacity_mw"][p, g]
            book("supply", f"{kind} plant", "zhangbei", mw * d["plant_annuity_cny_per_mw_year"][g])
            book("supply", "plant O&M", "zhangbei", mw * d["plant_om_cny_per_mw_year"][g])
            book("supply", "own-use fees", "zhangbei", 25.0 * year(x["generation_mw"][p, :, g]))
        mw, mwh = x["storage_power_mw"][p, 0], x["storage_energy_mwh"][p, 0]
        book("storage", "battery", "zhangbei", 4e4 * mw + 9e4 * mwh)
        book("storage", "battery O&M", "zhangbei", 1e4 * mw)
        book("storage", "battery wear", "zhangbei", 10.0 * year(x["discharge_mw"][p, :, 0]))
        for u, place in enumerate(("zhangbei", "zhangbei", "langfang")):
            hall_mw = x["halls_built"][p, u] * d["hall_it_mw"][u]
            new = hall_mw - d["halls_min"][p, u] * d["hall_it_mw"][u]
            book("compute", "halls", place, new * d["hall_annuity_cny_per_mw_year"][u])
            book("compute", "halls O&M", place, hall_mw * 3e5)
            bought = x["servers_mw"][p, u] - d["servers_min_mw"][p, u]
            cost = bought * d["server_annuity_cny_per_mw_year"][u]
            book("compute", "servers", place, cost, "server")
        for s, place in enumerate(SITES):
            mw = x["grid_connection_mw"][p, s]
            retail = x["retail_mw"][p, :, s]
            book("network", "grid connection", place, 5e4 * (mw - d["connection_min_mw"][s]))
            price = d["retail_price_cny_per_mwh"][p, s]
            book("network", "grid energy", place, year(retail * price))
            book("network", "export revenue", place, -150.0 * year(x["export_mw"][p, :, s]))
            book("supply", "own-use fees", place, -25.0 * year(x["export_mw"][p, :, s]))
            tonnes = year(retail * d["emission_factor_t_per_mwh"][p, s])
            book("finance", "carbon", place, 60.0 * tonnes)
            peaks = chance @ x["peak_mw"][p, :, s].sum(-1) * 12 / 2
            charged = place == "zhangbei"
            book("network", "demand charge", place, 4e4 * peaks * charged)
            book("network", "capacity charge", place, 12 * 2e4 * 2.0 * mw * (not charged))
        for c, place in enumerate(SITES):
            made = x["contract_volume_mw"][p, c] * d["contract_profile"][:, c]
            price = d["contract_price_cny_per_mwh"][c]
            book("trading", "contract energy", place, price * year(made))
            fee = d["contract_adder_cny_per_mwh"][p, c]
            book("trading", "contract grid fees", place, year(fee * x["delivered_mw"][p, :, c]))
        bought = x["certificates_mwh"][p].sum(-1)
        book("trading", "certificates", "fleet", 5.0 * float(chance @ bought))
        book("network", "tie-break", "zhangbei", 250.0, "tie_break")
    return lines


def toy_plan(matching: str = "monthly", bare: bool = False) -> tuple[xr.Dataset, xr.Dataset]:
    """Inputs and a plan that keeps every rule; the green target binds in the worst year.

    A bare world has no plant, no battery and no contract, neither dims nor variables.
    """
    data = toy_inputs()
    out = toy_operation(data, bare)
    if matching == "annual":
        pwt, unspent = out["netted_mwh"][0], out.pop("spilled")
        whole = np.minimum(out.pop("grey").sum(-1), unspent.sum(-1))
        out["netted_mwh"] = (pwt, whole[..., None] * np.array([0.25, 0.75]))
    if matching == "hourly":  # grey is grey in its hour
        out["netted_mwh"] = (out["netted_mwh"][0], np.zeros((2, 2, 2)))
    out.pop("spilled", None), out.pop("grey", None)
    plan = completed(data.assign({name: (dims, values) for name, (dims, values) in out.items()}))
    reached = _green_by_hand(out, matching)
    targets = [
        {"id": "green_share", "kind": "green_share", "value": reached.min(),
         "matching": matching, "unbundled_max_share": 0.02},
        {"id": "pue", "kind": "pue", "value": 1.3, "scope": "site"},
        {"id": "compute_fp16", "kind": "compute", "label": "fp16", "value": 13000.0},
    ]  # fmt: skip
    data.attrs["targets"] = plan.attrs["targets"] = json.dumps(targets)
    lines = toy_account(data, out)
    for position, name in enumerate(("element", "label", "place", "period", "book")):
        plan = plan.assign_coords({f"account_{name}": ("line", [row[position] for row in lines])})
    plan["account_cny"] = ("line", np.array([row[5] for row in lines]))
    binding = PERIODS[int(reached.min(axis=1).argmin())]
    rows = clause_rows(plan, {("green_share", binding): 2.5e5})
    texts = {name for name in rows if rows[name].dtype.kind not in "f"}
    plan = plan.assign({name: ("clause", rows[name]) for name in set(rows) - texts})
    plan = plan.assign_coords({name: ("clause", rows[name]) for name in texts})
    plan.attrs["run"] = json.dumps(_run_record(lines))
    if bare:
        data, plan = data.drop_dims(BARE), plan.drop_dims(BARE)
    return data, seal(plan)


def seal(plan: xr.Dataset) -> xr.Dataset:
    """The plan with digests of what it holds now."""
    plan.attrs["digests"] = json.dumps(plan_digests(plan))
    return plan


def _green_by_hand(out: dict[str, Any], matching: str) -> np.ndarray:
    """Green share (period, weather) by loops."""
    share = np.zeros((2, 2))
    for p, w in np.ndindex(2, 2):
        load = out["facility_mw"][1][p, w].sum() * 182.5
        grey = out["retail_mw"][1][p, w].sum() * 182.5
        netted = out["netted_mwh"][1][p, w].sum() if matching != "hourly" else 0.0
        bought = out["certificates_mwh"][1][p, w].sum()
        extra = min(bought, 0.02 * load) if matching != "hourly" else 0.0
        share[p, w] = 1 - (grey - netted - min(extra, grey - netted)) / load
    return share


def _run_record(lines: list[Row]) -> dict[str, Any]:
    worth = {2025: 5 * 0.08, 2030: 15 * 0.04}
    total = lambda keep: sum(worth[row[3]] * row[5] for row in lines if keep(row))  # noqa: E731
    building = ("halls", "halls O&M", "servers")
    cost = total(lambda row: row[4] == "cost")
    objective = cost + total(lambda row: row[4] == "tie_break")
    energy = total(lambda row: row[4] == "cost" and row[1] not in building)
    bound = 0.9995 * objective
    return {
        "status": "optimal within gap", "objective_cny": objective, "bound_cny": bound,
        "cost_cny": cost, "penalties_cny": 0.0, "energy_cost_cny": energy,
        "gap": (objective - bound) / objective, "gap_energy": (objective - bound) / energy,
        "seconds_build": 1.0, "seconds_solve": 2.0, "seconds_total": 3.0, "peak_memory_mb": 100.0,
    }  # fmt: skip

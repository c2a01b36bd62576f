"""The key figures of a plan, flat, as kpis.json holds them.

Rules: energy and emissions are yearly values, expected over the weather years and averaged over
the periods by the years each stands for. Money is averaged by years times discount factor, as in
the objective, so that objective = cost + penalties + tie-breaks holds between the figures; unit
costs divide money by energy or work averaged the same way (levelised). Sizes are those of the
last period. A ratio is a ratio of sums, never a mean of ratios. Undefined is None, never NaN.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import xarray as xr

from coplan.plan import compliance, emissions
from coplan.plan.indicators import indicators
from coplan.plan.work import data_flows

ENERGY_LABELS = frozenset({
    "wind plant", "pv plant", "plant O&M", "own-use fees",
    "direct line", "direct line O&M", "direct line fees",
    "battery", "battery O&M", "battery wear",
    "grid connection", "grid energy", "demand charge", "capacity charge", "export revenue",
    "single-capacity charge", "energy blocks",
    "demand blocks", "coincident-peak charge", "contract resale",
    "contract energy", "contract grid fees", "certificates", "carbon",
    "water", "cold tank", "cold tank O&M", "efficiency measures",
    "backup", "backup O&M", "backup fuel",
    "heat pump", "heat pump O&M", "heat revenue", "differential tariff", "flexibility revenue",
})
COMPUTE_LABELS = ("fp16", "fp32", "fp64", "as_reported")
RUN_KEYS = (
    "status", "gap", "gap_energy", "objective_cny", "bound_cny", "objective_t", "bound_t",
)  # fmt: skip
TIMING_KEYS = ("seconds_build", "seconds_solve", "seconds_total", "peak_memory_mb")
"""Empty: they differ from run to run, and stand in run.json."""
FLOW_KEYS = (
    "it_mwh", "it_useful_mwh", "facility_mwh", "retail_mwh", "contract_mwh", "generation_mwh",
    "line_loss_mwh", "export_mwh", "certificates_mwh", "carbon_t_location", "carbon_t_market",
    "carbon_t_embodied",
    "data_mwh", "data_moved_gb", "heat_sold_mwh",
)
STOCK_KEYS = (
    "wind_mw", "pv_mw", "storage_mw", "storage_mwh", "grid_connection_mw", "halls", "racks",
    "standard_racks", "servers_mw", "halls_new", "halls_closed", "halls_converted",
    "servers_relocated_mw", "backup_mw", "response_mw",
)

CHANGES = {
    "halls_new": "hall", "halls_closed": "hall", "halls_converted": "conversion",
    "servers_relocated_mw": "relocation",
}  # fmt: skip
"""What becomes of stock, all together since the start, and the dim it is summed over."""

STANDARD_RACK_KW = 2.5
"""Power of the standard rack in which Chinese statistics count."""

Figures = dict[str, np.ndarray]


def kpis(plan: xr.Dataset) -> dict[str, float | str | None]:
    """Flat key figures of the whole plan, and `<key>_<period>` where it has several periods.

    Keys and units follow the list of kpis.json; values are float, str (status) or None.
    """
    run = json.loads(plan.attrs.get("run", "{}"))
    flows, stocks, money = energy_flows(plan), sizes(plan), money_flows(plan)
    years = plan["period_years"].values.astype(float)
    value_of_year = years * plan["discount_factor"].values
    result: dict[str, Any] = {key: run.get(key) for key in RUN_KEYS}
    result |= _figures(
        {key: float(np.average(value, weights=years)) for key, value in flows.items()},
        {key: float(value[-1]) for key, value in stocks.items()},
        {key: float(value_of_year @ value) for key, value in money.items()},
        {key: float(value_of_year @ value) for key, value in flows.items()},
    )
    result["domestic_share_of_additions"] = _ratio(
        float(stocks["bought_domestic_mw"].sum()), float(stocks["bought_mw"].sum())
    )
    result |= indicators(plan)
    result |= dict.fromkeys(TIMING_KEYS)
    if len(years) > 1:
        for position, period in enumerate(plan["period"].values):
            flow = {key: float(value[position]) for key, value in flows.items()}
            one = _figures(
                flow,
                {key: float(value[position]) for key, value in stocks.items()},
                {key: float(value[position]) for key, value in money.items()},
                flow,
            )
            result |= {f"{key}_{int(period)}": value for key, value in one.items()}
    return {key: _clean(value) for key, value in result.items()}


def _figures(
    flow: dict[str, float],
    stock: dict[str, float],
    money: dict[str, float],
    levelled: dict[str, float],
) -> dict[str, float | None]:
    """Figures of one period or of all; `levelled` are flows averaged as money is."""
    load, available = flow["facility_mwh"], flow["available_mwh"]
    own_use = flow["generation_mwh"] - flow["line_loss_mwh"] - flow["export_mwh"]
    figures: dict[str, float | None] = {
        "cost_cny": money["cost"], "penalties_cny": money["penalty"],
        **{key: flow[key] for key in FLOW_KEYS},
        "pue": _ratio(load, flow["it_mwh"]),
        "cue": _ratio(flow["carbon_t_location"], flow["it_mwh"]),  # t/MWh = kg/kWh
        "wue": _ratio(flow["water_m3"], flow["it_mwh"]),  # m3/MWh = L/kWh
        "ere": _ratio(load - flow["heat_from_halls_mwh"], flow["it_mwh"]),
    }
    for matching in ("hourly", "monthly", "annual", "target"):
        key = "green_share" if matching == "target" else f"green_share_{matching}"
        left = _ratio(flow["grey_mwh"] - flow[f"netted_{matching}_mwh"], load)
        # battery losses may make grey energy exceed the load: no green is a share of zero
        figures[key] = None if left is None else max(0.0, 1.0 - left)
    figures |= {
        "self_use_share": _ratio(own_use, available),
        "self_supply_share": _ratio(own_use, load),
        "export_share": _ratio(flow["export_mwh"], available),
        "curtailment_share": _ratio(available - flow["generation_mwh"], available),
        **{key: stock[key] for key in STOCK_KEYS},
        **{key: value for key, value in stock.items() if key.startswith("compute_p_")},
        "intelligent_share": _ratio(stock["intelligent_mw"], stock["servers_mw"]),
        "domestic_share_of_additions": _ratio(stock["bought_domestic_mw"], stock["bought_mw"]),
        "occupancy": _ratio(stock["used_mw"], stock["hall_mw"]),
        "server_count": stock["server_count"],
        "energy_cost_cny": money["energy"],
        "cost_cny_per_mwh_it": _ratio(money["energy"], levelled["it_mwh"]),
        "cost_cny_per_p_hour": _ratio(money["cost"], levelled["served_p_hours"]),
    }
    return figures


def energy_flows(plan: xr.Dataset) -> Figures:
    """Expected yearly energy (period) [MWh], emissions [t] and served work [P h]."""
    likely = plan["weather_probability"]

    def total(power: xr.DataArray, unit: str) -> xr.DataArray:
        return compliance.yearly(plan, power).sum(unit)

    empty = compliance.load_mwh(plan) * 0.0
    halls = plan.sizes.get("hall", 0) > 0
    flows: dict[str, xr.DataArray] = {
        "it_mwh": total(plan["site_it_mw"], "site"),
        "it_useful_mwh": total(plan["load_mw"], "hall") if halls else empty,
        "water_m3": total(plan["it_mw"] * plan["water_l_per_kwh"], "hall") if halls else empty,
        "facility_mwh": compliance.load_mwh(plan),
        "retail_mwh": total(plan["retail_mw"], "site"),
        "grey_mwh": compliance.grey_mwh(plan).sum("month"),
        "export_mwh": total(plan["export_mw"], "site"),
        "contract_mwh": empty, "generation_mwh": empty, "available_mwh": empty,
        "line_loss_mwh": empty,
        "certificates_mwh": empty,
        "served_p_hours": _served_p_hours(plan, empty),
    }
    if plan.sizes.get("certificate", 0):
        flows["certificates_mwh"] = plan["certificates_mwh"].sum("certificate")
    if plan.sizes.get("contract", 0):
        flows["contract_mwh"] = total(plan["delivered_mw"], "contract")
    if plan.sizes.get("plant", 0):
        flows["generation_mwh"] = total(plan["generation_mw"], "plant")
        available = plan["capacity_factor"] * plan["plant_capacity_mw"]
        flows["available_mwh"] = total(available, "plant")
    if plan.sizes.get("direct_line", 0):
        flows["line_loss_mwh"] = total(plan["sent_mw"] * plan["line_loss_share"], "direct_line")
    flows |= _green_flows(plan) | _carbon_flows(plan)
    flows |= data_flows(plan, empty) | {"heat_sold_mwh": empty, "heat_from_halls_mwh": empty}
    if plan.sizes.get("heat", 0):
        flows["heat_sold_mwh"] = total(plan["heat_mw"], "heat")
        taken = plan["heat_mw"] * (1.0 - 1.0 / plan["heat_cop"])
        flows["heat_from_halls_mwh"] = total(taken, "heat")
    return {
        key: (value * likely).sum("weather").transpose("period").values
        for key, value in flows.items()
    }


def _green_flows(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Netted energy (period, weather) [MWh] under each matching and that of the target."""
    goals = compliance.green_targets(plan)
    first = goals[0] if goals else {}
    unbundled = float(first.get("unbundled_max_share", 0.0))
    flows = {
        f"netted_{matching}_mwh": compliance.netted_mwh(plan, matching, unbundled)
        for matching in ("hourly", "monthly", "annual")
    }
    flows["netted_target_mwh"] = flows[f"netted_{first.get('matching', 'annual')}_mwh"]
    return flows


def _carbon_flows(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Carbon (period, weather) [t]: by location, and by market after every netting of a year.

    By location all that comes through the grid counts, contracts included.
    """
    grey = compliance.yearly(plan, plan["retail_mw"]).sum("site")
    # a market-based claim may use certificates in full, whatever share a target lets count
    left = grey - compliance.netted_mwh(plan, "annual", 1.0)
    tested = emissions.from_backup_t(plan)
    return {
        "carbon_t_location": emissions.from_grid_t(plan) + tested,
        "carbon_t_market": left.clip(min=0.0) * plan["residual_factor_t_per_mwh"] + tested,
        "carbon_t_embodied": emissions.embodied_t(plan) + 0.0 * grey,
    }


def backup_mw(plan: xr.Dataset) -> xr.DataArray:
    """Backup power (period, backup) [MW]; of no unit where the plan has none."""
    none = xr.DataArray(np.zeros((plan.sizes["period"], 0)), dims=("period", "backup"))
    return plan.get("backup_mw", none).transpose("period", "backup")


def response_mw(plan: xr.Dataset) -> xr.DataArray:
    """Demand response sold (period, response) [MW]; of no site where the plan has none."""
    none = xr.DataArray(np.zeros((plan.sizes["period"], 0)), dims=("period", "response"))
    return plan.get("response_mw", none).transpose("period", "response")


def _served_p_hours(plan: xr.Dataset, empty: xr.DataArray) -> xr.DataArray:
    """Work served (period, weather) [P h]; not a number when there is more than one label.

    P-hours of different precision labels are never added.
    """
    if plan.sizes.get("pool", 0) == 0:
        return empty
    labels = np.unique(plan["pool_label"].values.astype(str))
    if len(labels) > 1:
        return empty * np.nan
    reference = plan["label_reference_p_per_mw"].sel(label=labels[0], drop=True)
    return compliance.yearly(plan, plan["served_mw"]).sum("pool") * reference


def sizes(plan: xr.Dataset) -> Figures:
    """Sizes (period): MW, MWh, halls, racks and nameplate compute [P] by label."""
    count = plan.sizes["period"]
    stock = {key: np.zeros(count) for key in ("wind_mw", "pv_mw", "storage_mw", "storage_mwh")}
    if plan.sizes.get("plant", 0):
        for kind in ("wind", "pv"):
            of_kind = (plan["plant_kind"] == kind).astype(float)
            stock[f"{kind}_mw"] = _sum(plan["plant_capacity_mw"] * of_kind, "plant")
    if plan.sizes.get("battery", 0):
        stock["storage_mw"] = _sum(plan["storage_power_mw"], "battery")
        stock["storage_mwh"] = _sum(plan["storage_energy_mwh"], "battery")
    servers = plan["servers_mw"]
    used = servers * (1.0 + plan["storage_share"])  # with their storage systems
    intelligent = (plan["server_type_kind"] == "intelligent").astype(float)
    bought = _bought_mw(plan)
    stock |= {
        "grid_connection_mw": _sum(plan["grid_connection_mw"], "site"),
        "backup_mw": backup_mw(plan).sum("backup").values,
        "response_mw": response_mw(plan).sum("response").values,
        "halls": _sum(plan["halls_built"], "hall"),
        "hall_mw": _sum(plan["halls_built"] * plan["hall_it_mw"], "hall"),
        "servers_mw": _sum(servers, "hall"),
        "used_mw": _sum(used, "hall"),
        "racks": _sum(used * 1000.0 / plan["rack_kw"], "hall"),
        "standard_racks": _sum(used * 1000.0 / STANDARD_RACK_KW, "hall"),
        "server_count": _server_count(plan),
        "intelligent_mw": _sum(servers * intelligent, "hall"),
        "bought_mw": _sum(bought, "hall"),
        "bought_domestic_mw": _sum(bought * plan["domestic"], "hall"),
    }
    for name, unit in CHANGES.items():
        stock[name] = _sum(plan[name], unit)
    labels = [*COMPUTE_LABELS, *map(str, plan["label"].values)]
    for label in dict.fromkeys(labels):
        stock[f"compute_p_{label}"] = compliance.compute_p(plan, label).values
    return stock


def _server_count(plan: xr.Dataset) -> np.ndarray:
    """Servers (period); not a number where a card does not say how large one is."""
    known = plan["server_kw"].where(plan["server_kw"] > 0)
    counted = plan["servers_mw"] * 1000.0 / known
    nothing = plan["servers_mw"] <= 1e-9
    return np.asarray(counted.where(~nothing, 0.0).sum("hall", skipna=False).values, dtype=float)


def _bought_mw(plan: xr.Dataset) -> xr.DataArray:
    """Servers bought in each period (period, hall) [MW]; what moved or stayed is not new."""
    bought = plan["servers_bought_mw"]
    return (bought - bought.shift(period=1, fill_value=0.0)).clip(min=0.0)


def money_flows(plan: xr.Dataset) -> Figures:
    """Expected money per year (period) [CNY] by book, and the energy part of the cost."""
    periods = plan["period"].values
    value = plan["account_cny"].values
    book = plan["account_book"].values.astype(str)
    label = plan["account_label"].values.astype(str)
    when = plan["account_period"].values.astype(int)
    energy = np.isin(label, list(ENERGY_LABELS)) & (book == "cost")
    books = {name: book == name for name in ("cost", "penalty", "tie_break", "server")}
    return {
        name: np.array([value[member & (when == period)].sum() for period in periods])
        for name, member in (books | {"energy": energy}).items()
    }


def _sum(values: xr.DataArray, dim: str) -> np.ndarray:
    return np.asarray(values.sum(dim).transpose("period").values, dtype=float)


def _ratio(part: float, whole: float) -> float | None:
    """part / whole, or None where there is no whole."""
    return part / whole if abs(whole) > 1e-9 else None


def _clean(value: Any) -> float | str | None:
    """A plain JSON value: numbers as float, None where not finite."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    return number if math.isfinite(number) else None

"""Tiny worlds with round numbers: one site, one hall, a few hours; a test changes what it needs.

`world(...)` is a dataset, `solved(...)` its cheapest plan; `work`, `plant`, `battery`, `contract`
and `two_sites` are the changes that many tests make.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from coplan import algebra
from coplan.dataset.modes import marked
from coplan.model import Model, build_model, exact_laws, hall_groups, one_way_modes
from coplan.plan.assemble import assemble
from coplan.solve.search import search
from tests import line_toys, load_toys, work_toys

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
        "certificate": ["gec"],
        "tank": [], "bend": [], "conversion": [], "relocation": [], "pool": ["q"],
        "label": ["fp16"], "month": [1], "time": list(range(steps)),
        "backup": [], "failure": [], "reserve": [],
    }  # fmt: skip
    size |= {dim: [] for dim in work_toys.EMPTY_DIMS + load_toys.EMPTY_DIMS + line_toys.EMPTY_DIMS}
    for dim, labels in changes.pop("coords", {}).items():
        size[dim] = labels
    data = {}
    if "contract_unused_cny_per_mwh" not in changes:  # what is not taken is paid all the same
        price = DEFAULTS["contract_price_cny_per_mwh"][1]
        changes["contract_unused_cny_per_mwh"] = changes.get("contract_price_cny_per_mwh", price)
    for name, (dims, value) in DEFAULTS.items():
        value = changes.pop(name, value)
        shape = tuple(len(size[dim]) for dim in dims)
        data[name] = (dims, np.broadcast_to(np.asarray(value), shape).copy())
    if changes:
        raise TypeError(f"no such variable: {', '.join(changes)}")
    dataset = marked(xr.Dataset(data, coords=size))
    texts = [name for name, (_, array) in data.items() if array.dtype.kind in "UO"]
    dataset = dataset.set_coords([*texts, "month_of_step", "hour_of_day", "day_of_year",
                                  "hall_is_stock"])  # fmt: skip
    for name, variable in dataset.variables.items():  # much quicker than through dataset[name]
        variable.attrs = {"units": "", "long_name": str(name)}
    dataset.attrs = {
        "targets": json.dumps(targets or []), "names": "{}", "assumptions": "[]", "title": "{}",
        "notices": "[]", "scenario_id": "toy", "note": "",
    }  # fmt: skip
    return dataset


def completed(data: xr.Dataset) -> xr.Dataset:
    """`data`, an invented dataset or plan, with every variable it leaves out at its default."""
    none = {dim: np.zeros(0, dtype="U1") for dim in NONE_OF_THEM if dim not in data.dims}
    data = data.assign_coords(none)
    numbers, texts = {}, {}  # added together: one by one takes seconds
    for name, (dims, value) in DEFAULTS.items():
        if name not in data.variables and all(dim in data.dims for dim in dims):
            shape = tuple(data.sizes[dim] for dim in dims)
            array = np.broadcast_to(np.asarray(value), shape).copy()
            if array.dtype.kind in "UO":
                texts[name] = (dims, array)
            else:
                numbers[name] = (dims, array, {"units": "1", "long_name": name})
    data = data.assign_coords(texts).assign(numbers)
    if not np.any(data["contract_unused_cny_per_mwh"]):  # what is not taken is paid all the same
        unused = data["contract_unused_cny_per_mwh"].copy(data=data["contract_price_cny_per_mwh"])
        data = data.assign(contract_unused_cny_per_mwh=unused)
    if "halls_built" not in data:
        return data
    decided = {
        "halls_new": data["halls_built"] - data["halls_min"],
        "halls_closed": 0.0 * data["halls_min"],
        "servers_bought_mw": data["servers_mw"] - data["servers_min_mw"],
        "servers_retired_mw": 0.0 * data["servers_min_mw"],
    }  # fmt: skip
    if "peak_mw" in data:
        none = 0.0 * data["peak_mw"]
        decided |= {"billed_mw": data["peak_mw"] + 0.0, "declared_mw": none, "over_mw": none}
    for name, dims in UNDECIDED.items():
        shape = tuple(data.sizes[dim] for dim in dims)
        decided[name] = xr.DataArray(np.zeros(shape), dims=dims)
    return data.assign({name: value for name, value in decided.items() if name not in data})


NONE_OF_THEM = ("certificate", "conversion", "relocation", "tank", "bend", "backup", "failure",
                "reserve", *load_toys.EMPTY_DIMS, *line_toys.EMPTY_DIMS,
                *work_toys.EMPTY_DIMS)  # fmt: skip
"""Dims that an invented dataset may leave out."""

UNDECIDED: dict[str, tuple[str, ...]] = {
    "response_mw": ("period", "response"), "is_responding": ("period", "response"),
    "is_rewarded": ("period", "reward"), "reward_kcny": ("period", "reward"),
    "voucher_cny": ("voucher_year", "voucher_user"),
    "halls_converted": ("period", "conversion"), "servers_converted_mw": ("period", "conversion"),
    "servers_relocated_mw": ("period", "relocation"), "cold_capacity_mwh": ("period", "tank"),
    "line_mw": ("period", "direct_line"), "line_circuits": ("period", "direct_line"),
    "sent_mw": ("period", "weather", "direct_line", "time"),
    "cold_charge_mw": ("period", "weather", "tank", "time"),
    "cold_discharge_mw": ("period", "weather", "tank", "time"),
    "cold_mwh": ("period", "weather", "tank", "time"),
}  # fmt: skip
"""Decisions on units that an invented plan does not have, with their dims."""


@dataclass(frozen=True)
class Answer:
    """The cheapest plan of a world, and what it came from."""

    data: xr.Dataset
    model: Model
    compiled: Any
    found: Any

    @cached_property
    def plan(self) -> xr.Dataset | None:
        """The plan with its account and clauses; None where no plan keeps every rule."""
        if self.found.x is None:
            return None
        return assemble(self.model, self.compiled, self.data, self.found.x, self.found.y)

    @property
    def is_planned(self) -> bool:
        """Whether some plan keeps every rule."""
        return self.found.x is not None

    @property
    def cost_cny(self) -> float:
        """The objective: expected yearly cost, CNY."""
        return 1e3 * float(self.found.objective)

    @property
    def bound_cny(self) -> float:
        """No plan costs less, CNY."""
        return 1e3 * float(self.found.bound)

    @property
    def root_bound_cny(self) -> float:
        """The bound before any branching: whole halls relaxed, CNY."""
        return 1e3 * float(self.found.log[0].bound)

    def of(self, name: str, **where: Any) -> np.ndarray:
        """A variable of the plan at the labels given, without the dims of length one."""
        assert self.plan is not None, self.found.status
        return self.plan[name].sel(where).values.squeeze()

    def line_cny(self, label: str, book: str = "cost", **where: Any) -> float:
        """Sum of the account lines of a label; `where` is place=... or period=..."""
        assert self.plan is not None, self.found.status
        chosen = (self.plan["account_label"] == label) & (self.plan["account_book"] == book)
        for key, value in where.items():
            chosen = chosen & (self.plan[f"account_{key}"] == value)
        return float(self.plan["account_cny"].values[chosen.values].sum())

    def price_cny(self, clause: str) -> float:
        """Shadow price of a target, in its own unit, summed over periods."""
        assert self.plan is not None, self.found.status
        mine = self.plan["clause_id"].values == clause
        return float(self.plan["clause_shadow_price"].values[mine].sum())


def solved(
    data: xr.Dataset,
    change: Callable[[Any], None] | None = None,
    gap: float = 1e-9,
    without: Iterable[str] = (),
) -> Answer:
    """Build, compile and search; assembled when the plan is asked for.

    `change(pyomo_model)` may edit the model before it is compiled. The rows of the families in
    `without` ("storage.soc_balance") do not hold.
    """
    model = build_model(data)
    if change is not None:
        change(model.pyomo)
    compiled = algebra.compile(model.pyomo)
    for rows in compiled.rows:
        if family(rows.constraint) in {*without, *_relaxed}:
            compiled.row_lower[rows.first : rows.first + rows.count] = -np.inf
            compiled.row_upper[rows.first : rows.first + rows.count] = np.inf
    groups, modes = hall_groups(model, compiled, data), one_way_modes(model, compiled)
    laws = exact_laws(model, compiled)
    found = search(compiled, groups, gap=gap, modes=modes, laws=laws)
    answer = Answer(data, model, compiled, found)
    _remembered.append(answer)
    return answer


def solved_held(data: xr.Dataset) -> tuple[float, xr.Dataset]:
    """Cost [CNY] and plan with whole numbers at their least: the duals are those of one corner."""
    model = build_model(data)
    compiled = algebra.compile(model.pyomo)
    whole = compiled.integrality == 1
    compiled.upper[whole] = compiled.lower[whole]
    compiled.integrality[:] = 0
    found = search(compiled, gap=1e-9, algorithm="simplex")
    assert found.status == "optimal within gap", found.message
    return 1e3 * found.objective, assemble(model, compiled, data, found.x, found.y)


def family(constraint: Any) -> str:
    """Element and name of a constraint, the same for sizes and every operating year."""
    return f"{constraint.parent_block().local_name}.{constraint.local_name}"


_relaxed: set[str] = set()


@contextmanager
def relaxed(*families: str) -> Any:
    """Within this context the rows of these families do not hold in any solved world."""
    _relaxed.update(families)
    try:
        yield
    finally:
        _relaxed.difference_update(families)


_remembered: deque[Answer] = deque(maxlen=0)


@contextmanager
def remembered() -> Any:
    """Within this context every answer that `solved` finds is kept in the deque given."""
    global _remembered
    before, _remembered = _remembered, deque()
    try:
        yield _remembered
    finally:
        _remembered = before


def work(mw: Any, delay_h: Any = 0.0, reach: Any = 1.0) -> dict[str, Any]:
    """Changes: work asked for [MW-equivalent], how long it may wait, where it may run."""
    return {
        "demand_mw": mw, "pool_demand_mw": mw, "demand_delay_h": delay_h, "pool_delay_h": delay_h,
        "demand_reach": reach, "pool_reach": reach,
    }  # fmt: skip


def plant(annuity: Any = 0.0, most_mw: Any = 10.0, least_mw: Any = 0.0) -> dict[str, Any]:
    """Changes: a wind plant at 50 % of its capacity that may be built."""
    return {
        "plant_capacity_max_mw": most_mw, "plant_capacity_min_mw": least_mw,
        "plant_annuity_cny_per_mw_year": annuity,
    }  # fmt: skip


def battery(power_mw: Any = 10.0, energy_mwh: Any = 10.0, wear: Any = 0.0) -> dict[str, Any]:
    """Changes: a free battery without losses that may be built."""
    return {
        "storage_power_max_mw": power_mw, "storage_energy_max_mwh": energy_mwh,
        "wear_cny_per_mwh": wear,
    }  # fmt: skip


def contract(price: Any, profile: Any = 0.5, most_mw: Any = 10.0) -> dict[str, Any]:
    """Changes: a pay-as-produced contract that may be signed, CNY/MWh."""
    return {
        "contract_price_cny_per_mwh": price, "contract_profile": profile,
        "contract_volume_max_mw": most_mw,
    }  # fmt: skip


def everything(steps: int = 4, **changes: Any) -> xr.Dataset:
    """A world in which every rule of every element is switched on.

    Two sites, two periods, two weather years, two months; stock, work that waits, work bound to
    a site, servers that stay busy, export, contracts with and without a minimum, every target.
    """
    size = {
        "site": ["near", "far"], "hall": ["near_new", "near_stock", "far_new"],
        "plant": ["near_wind", "far_pv", "park"], "battery": ["near_lfp", "far_lfp"],
        **line_toys.EVERYTHING_DIMS,
        "contract": ["near_min", "far_free"], "certificate": ["gec-2026", "gec-2030"],
        "pool": ["bound", "free", "held", "fixed"],
        "demand": ["d", "e", "f", "g"], **work_toys.EVERYTHING_DIMS,
        "period": [2027, 2030], "weather": ["calm", "windy"], "month": [1, 2],
        "conversion": ["near_refit"], "relocation": ["near_away"], "tank": ["far_tank"],
        "bend": ["near_stock_2"],
        "heat": ["far_heat"], "surcharge": ["near_1"], "response": ["near_response"],
        **load_toys.EVERYTHING_DIMS,
        "fixed_load": ["near_load", "far_load"], "measure": ["near_m", "near_n"],
        "saving": ["near_m@near_new", "near_n@near_new"],
        "offer": ["far_demand", "far_single"],
        "alternative": ["far_direct"], "shaped": ["far_free_shape"], "resale": ["far_free_resale"],
        "energy_tier": ["near_energy_1", "near_energy_2"], "discount": ["near_discount"],
        "demand_tier": ["near_demand_1", "near_demand_2"], "coincident": ["near_coincident"],
        "backup": ["far_backup"], "failure": ["none", "near"], "reserve": ["far_lfp"],
    }  # fmt: skip
    hour = np.arange(steps)
    low = 0.2 + 0.1 * (hour % 3)
    weather = np.stack([[low, low[::-1]], [1.5 * low, 1.2 * low]])
    found: dict[str, Any] = {
        "targets": green(0.85, "monthly", 0.1) + pue(1.4, "site") + compute(900.0) + EVERY_CLAUSE
        + work_toys.priority(0.1, penalty=0.01), "coords": size, "metered_mwh_per_hall": 50.0,
        "month_of_step": 1 + (hour >= steps // 2), "weather_probability": [0.6, 0.4],
        "discount_factor": [0.6, 0.4], "hour_of_day": hour % 24,
        "plant_site": ["near", "far", "near"], "plant_kind": ["wind", "pv", "wind"],
        "capacity_factor": np.concatenate([weather, weather[:, :1]], axis=1),
        "battery_site": size["site"], "charge_efficiency": 0.9, "discharge_efficiency": 0.95,
        "storage_charges_own": [0.0, 1.0],
        "soc_kept_per_step": 0.99, "usable_share": 0.9, "storage_om_cny_per_mw_year": 1.0,
        "storage_power_annuity_cny_per_mw_year": 5.0, "wear_cny_per_mwh": 1.0,
        "storage_power_max_mw": 3.0, "storage_energy_max_mwh": 9.0,
        "storage_energy_annuity_cny_per_mwh_year": 3.0,
        "hall_site": ["near", "near", "far"], "hall_is_stock": [0.0, 1.0, 0.0],
        "halls_min": [0.0, 1.0, 0.0], "halls_max": [6.0, 1.0, 6.0], "servers_max_mw": 6.0,
        "servers_min_mw": [0.0, 1.0, 0.0], "idle_share": 0.3, "availability": 0.95,
        "density_ratio": [1.0, 0.5, 1.0], "density_p_per_mw": [100.0, 50.0, 100.0],
        "minimum_running_share": [0.0, 0.2, 0.1], "hall_annuity_cny_per_mw_year": 4.0,
        "hall_om_cny_per_mw_year": 1.0, "server_annuity_cny_per_mw_year": 20.0,
        "server_capex_counts": 1.0, "cooling_slope": 0.1, "cooling_fixed": 0.05,
        "loss_slope": 0.03, "loss_fixed": 0.01, "site_it_max_mw": 8.0,
        "retail_price_cny_per_mwh": 60.0 + 80.0 * (hour % 2), "connection_max_mw": 20.0,
        "demand_price_cny_per_mw_month": [[2.0, 0.001]] * 2,  # choices that matter take branches
        "capacity_price_cny_per_mva_month": [[1.0, 0.0]] * 2,
        "connection_annuity_cny_per_mw_year": 6.0, "export_max_mw": 5.0,
        "export_price_cny_per_mwh": 25.0, "certificate_max_mwh": 50.0,
        "certificate_vintage": [2026.0, 2030.0],
        "contract_site": size["site"], "contract_volume_min_mw": [1.0, 0.0],
        "contract_volume_max_mw": 6.0, "contract_price_cny_per_mwh": [45.0, 80.0],
        "contract_adder_cny_per_mwh": [[[15.0], [25.0]]],
        "contract_profile": weather[:, ::-1],
        "contract_settlement": ["monthly", "annual"], "carbon_price_cny_per_t": 10.0,
        "demand_pool": size["pool"], "plant_om_cny_per_mw_year": 2.0,
        "hall_may_change": [0.0, 1.0, 0.0], "hall_may_close": [0.0, 1.0, 0.0],
        "conversion_from": "near_stock", "conversion_to": "near_new",
        "conversion_annuity_cny_per_mw_year": 30.0, "conversion_lost_share": 0.1,
        "conversion_keeps_servers": 1.0, "closure_annuity_cny_per_mw_year": 2.0,
        "relocation_from": "near_stock", "relocation_to": "far_new",
        "relocation_annuity_cny_per_mw_year": 5.0, "storage_share": 0.02,
        "cooling_load_factor": 0.15, "bend_hall": "near_stock", "bend_slope": 0.8,
        "bend_fixed": -0.3, "tank_site": "far", "tank_hall": "far_new",
        "cold_kept_per_step": 0.99, "cold_mechanical_share": 0.7,
        "cold_annuity_cny_per_mwh_year": 0.1, "water_l_per_kwh": 1.2, "water_price_cny_per_m3": 4.0,
        "plant_use_fee_cny_per_mwh": 3.0,
        "offer_site": "far",
        "offer_kind": ["demand", "single"],
        "single_price_cny_per_mw_month": [[0.0, 0.001]] * 2, "demand_is_declared": [0.0, 1.0],
        "ratchet_share": [0.5, 0.0], "ratchet_months": [1.0, 0.0], "discount_site": "near",
        "discount_mwh_per_mva_month": 0.01, "discount_share": 1e-4, "energy_tier_site": "near",
        "energy_tier_above_mwh": [0.1, 7.0], "energy_tier_more_cny_per_mwh": [5.0, -2.0],
        "demand_tier_site": "near", "demand_tier_above_mw": [1.0, 20.0],
        "demand_tier_more_cny_per_mw_month": [0.5, -0.2], "coincident_site": "near",
        "coincident_inside": 1.0 * (hour % 2), "alternative_site": "far",
        "alternative_scheme": "direct", "alternative_price_cny_per_mwh": 90.0,
        "contract_is_shaped": [0.0, 1.0], "contract_shape": [[0.0], [0.6]],
        "contract_unused_cny_per_mwh": [45.0, 20.0], "shaped_contract": "far_free",
        "resale_contract": "far_free", "resale_share": 0.1, "resale_cny_per_mwh": 30.0,
        "export_keeps_certificates": 1.0,
        "heat_site": "far", "heat_demand_mw": 0.05, "heat_price_cny_per_mwh": 60.0,
        "heat_annuity_cny_per_mw_year": 1.0, "recoverable_heat_share": 0.4,
        "response_site": "near", "response_baseline_mw": 5.0, "response_called": 1.0 * (hour == 1),
        "response_availability_cny_per_mw_year": 1.0,
        "surcharge_site": "near", "surcharge_above_pue": 1.05, "surcharge_cny_per_mwh": 5.0,
        "fixed_load_site": ["near", "far"], "fixed_load_is_it": [1.0, 0.0], "fixed_load_mw": 0.01,
        "measure_site": "near", "measure_saving_share": [0.2, 0.3],
        "measure_cost_cny_per_year": [1.0, 2.0], "saving_measure": ["near_m", "near_n"],
        "saving_hall": "near_new", "plant_embodied_t_per_mw_year": 0.1,
        "hall_land_m2": 100.0, "site_land_m2": 650.0, "site_it_least_mw": [1.0, 0.0],
        "critical_mw": [[0.0, 1.0, 0.0, 0.0], [0.0, 1.2, 0.0, 0.0]], "failure_site": ["", "near"],
        "connection_firm_share": 0.5, "reserve_battery": "far_lfp", "reserve_h": 0.5,
        "backup_site": "far", "backup_max_mw": 5.0, "backup_annuity_cny_per_mw_year": 4.0,
        "backup_om_cny_per_mw_year": 1.0, "backup_tested_mwh_per_mw_year": 2.0,
        "backup_fuel_cny_per_mwh": 1.5, "backup_emission_t_per_mwh": 0.7,
    }  # fmt: skip
    found |= plant(annuity=[60.0, 15.0, 20.0], most_mw=[4.0, 12.0, 0.5])
    found |= work(
        [[[1.0], [1.4], [0.4], [0.2]], [[1.2], [1.6], [0.6], [0.3]]], [0.0, 2.0, 1.0, 0.0],
        [[1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]],
    )  # fmt: skip
    found |= work_toys.EVERYTHING | load_toys.EVERYTHING | line_toys.EVERYTHING
    data = world(steps, **found | changes)
    for name in ("exchange_needs_mode", "battery_needs_mode"):  # one is enough, and few branches
        data[name][1:] = data[name][:, 1:] = 0.0
    data.attrs["near_optimal"] = json.dumps(
        {"budget_kcny": 1000.0, "weights": {}, "constant_kcny": 0.0}  # ample
    )
    return data


EVERY_CLAUSE: list[dict] = [
    {"id": "most", "kind": "capacity", "label": "fp16", "value": 5000.0, "at_most": True,
     "additions_only": False},
    {"id": "cluster", "kind": "clusters", "label": "fp16", "block_p": 100.0, "value": 1},
    {"id": "pool", "kind": "energy_pool", "value": 10.0},
    {"id": "scope", "kind": "pue_limits", "value": 1.5, "stands": "new"},
    {"id": "project", "kind": "conditional_pue", "value": 1.0, "threshold_tce": 1.0,
     "coal_factor_kg_per_kwh": 0.1, "below": 1.5, "above": 1.3, "sites": ["far"]},
    {"id": "thirst", "kind": "water", "value": 1000.0},
    {"id": "cue", "kind": "cue", "value": 2.0},
    {"id": "own", "kind": "self_use_share", "value": 0.2, "sites": ["near"],
     "penalty_cny_per_mwh": 500.0},
    {"id": "stored", "kind": "storage_share", "value": 0.01, "hours": 1.0, "sites": ["far"]},
    {"id": "through", "kind": "max_exchange", "value": 30.0},
    {"id": "joint", "kind": "grid_connection", "value": 38.0},
    {"id": "steep", "kind": "ramp_limit", "value": 30.0},
    {"id": "even", "kind": "peak_valley_rate", "value": 1.0, "per": "day", "sites": ["near"]},
    {"id": "place", "kind": "carbon_cap", "value": 1000.0, "basis": "lifecycle"},
    {"id": "market", "kind": "carbon_cap", "value": 1000.0, "basis": "market"},
]  # fmt: skip
"""Clauses as plain records, one for every rule."""


def two_sites(near: Any = 100.0, far: Any = 100.0) -> dict[str, Any]:
    """Changes: sites "near" and "far" with a hall each, and the price of grid energy at both."""
    return {
        "coords": {"site": ["near", "far"], "hall": ["near_hall", "far_hall"]},
        "hall_site": ["near", "far"], "plant_site": "near", "battery_site": "near",
        "contract_site": "near",
        "retail_price_cny_per_mwh": np.broadcast_arrays(
            *(np.atleast_1d(price) for price in (near, far))
        ),
    }  # fmt: skip


def green(value: float, matching: str = "annual", unbundled: float = 0.0) -> list[dict]:
    """Targets: a green share."""
    return [{"id": "green_share", "kind": "green_share", "value": value, "matching": matching,
             "unbundled_max_share": unbundled}]  # fmt: skip


def pue(value: float, scope: str = "fleet") -> list[dict]:
    """Targets: most facility energy over IT energy."""
    return [{"id": "pue", "kind": "pue", "value": value, "scope": scope}]


def compute(value_p: float) -> list[dict]:
    """Targets: compute of label fp16, P."""
    return [{"id": "compute_fp16", "kind": "compute", "label": "fp16", "value": value_p}]


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
    "plant_life_years": (("plant",), 25.0),
    "plant_use_fee_cny_per_mwh": (("plant",), 0.0),
    "battery_site": (("battery",), "s"),
    "charge_efficiency": (("battery",), 1.0),
    "discharge_efficiency": (("battery",), 1.0),
    "soc_kept_per_step": (("battery",), 1.0),
    "usable_share": (("battery",), 1.0),
    "storage_charge_power_ratio": (("battery",), 1.0),
    "storage_is_cyclic": (("battery",), 1.0),
    "storage_start_share": (("battery",), 0.0),
    "storage_charges_own": (("battery",), 0.0),
    "storage_power_max_mw": (("battery",), 0.0),
    "storage_energy_max_mwh": (("battery",), 0.0),
    "storage_duration_min_h": (("battery",), 1.0),
    "storage_duration_max_h": (("battery",), 8.0),
    "storage_power_capex_cny_per_mw": (("battery",), 0.0),
    "storage_energy_capex_cny_per_mwh": (("battery",), 0.0),
    "storage_power_annuity_cny_per_mw_year": (("battery",), 0.0),
    "storage_energy_annuity_cny_per_mwh_year": (("battery",), 0.0),
    "storage_om_cny_per_mw_year": (("battery",), 0.0),
    "storage_life_years": (("battery",), 15.0),
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
    "hall_land_m2": (("hall",), 0.0),
    "site_land_m2": ((S,), 1.0),
    "site_it_least_mw": ((S,), 0.0),
    "domestic": (("hall",), 1.0),
    "hall_capex_cny_per_mw": (("hall",), 0.0),
    "hall_annuity_cny_per_mw_year": (("hall",), 0.0),
    "hall_om_cny_per_mw_year": (("hall",), 0.0),
    "server_capex_cny_per_mw": (("hall",), 0.0),
    "server_annuity_cny_per_mw_year": (("hall",), 0.0),
    "hall_may_change": (("hall",), 0.0),
    "site_tier": ((S,), ""),
    "storage_share": (("hall",), 0.0),
    "server_kw": (("hall",), 0.0),
    "cooling_load_factor": ((W, "hall", T), 0.0),
    "water_l_per_kwh": ((W, "hall", T), 0.0),
    "water_price_cny_per_m3": ((S,), 0.0),
    "bend_hall": (("bend",), ""),
    "bend_slope": (("bend",), 0.0),
    "bend_fixed": (("bend",), 0.0),
    "tank_site": (("tank",), ""),
    "tank_hall": (("tank",), ""),
    "cold_max_mwh": (("tank",), 10.0),
    "cold_kept_per_step": (("tank",), 1.0),
    "cold_mechanical_share": (("tank",), 1.0),
    "cold_hours": (("tank",), 1.0),
    "cold_annuity_cny_per_mwh_year": (("tank",), 0.0),
    "cold_om_cny_per_mwh_year": (("tank",), 0.0),
    "cold_life_years": (("tank",), 20.0),
    "hall_may_close": (("hall",), 0.0),
    "hall_owner": (("hall",), ""),
    "closure_annuity_cny_per_mw_year": (("hall",), 0.0),
    "metered_mwh_per_hall": (("hall",), 0.0),
    "conversion_from": (("conversion",), ""),
    "conversion_to": (("conversion",), ""),
    "conversion_annuity_cny_per_mw_year": (("conversion",), 0.0),
    "conversion_lost_share": ((P, "conversion"), 0.0),
    "conversion_keeps_servers": (("conversion",), 0.0),
    "relocation_from": (("relocation",), ""),
    "relocation_to": (("relocation",), ""),
    "relocation_annuity_cny_per_mw_year": (("relocation",), 0.0),
    "cooling_slope": ((W, "hall", T), 0.0),
    "cooling_fixed": ((W, "hall", T), 0.0),
    "loss_slope": (("hall",), 0.0),
    "loss_fixed": (("hall",), 0.0),
    "site_it_max_mw": ((P, S), 100.0),
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
    "connection_max_mw": ((P, S), 100.0),
    "connection_min_mw": ((S,), 0.0),
    "connection_capex_cny_per_mw": ((S,), 0.0),
    "connection_annuity_cny_per_mw_year": ((S,), 0.0),
    "connection_life_years": ((S,), 30.0),
    "export_max_mw": ((S,), 0.0),
    "emission_factor_t_per_mwh": ((P, S, T), 0.5),
    "residual_factor_t_per_mwh": ((P,), 0.6),
    "contract_site": (("contract",), "s"),
    "contract_kind": (("contract",), "pay_as_produced"),
    "contract_settlement": (("contract",), "monthly"),
    "contract_profile": ((W, "contract", T), 0.5),
    "contract_volume_min_mw": (("contract",), 0.0),
    "contract_committed": (("contract",), 0.0),
    "contract_volume_max_mw": (("contract",), 0.0),
    "contract_price_cny_per_mwh": (("contract",), 0.0),
    "contract_unused_cny_per_mwh": (("contract",), 0.0),
    "contract_adder_cny_per_mwh": ((P, "contract", T), 0.0),
    "certificate_vintage": (("certificate",), 2027.0),
    "certificate_price_cny_per_mwh": (("certificate",), 5.0),
    "certificate_max_mwh": (("certificate",), 0.0),
    "backup_site": (("backup",), "s"),
    "backup_min_mw": (("backup",), 0.0),
    "backup_max_mw": (("backup",), 10.0),
    "backup_annuity_cny_per_mw_year": (("backup",), 0.0),
    "backup_om_cny_per_mw_year": (("backup",), 0.0),
    "backup_life_years": (("backup",), 20.0),
    "backup_tested_mwh_per_mw_year": (("backup",), 0.0),
    "backup_fuel_cny_per_mwh": (("backup",), 0.0),
    "backup_emission_t_per_mwh": (("backup",), 0.0),
    "critical_mw": ((P, "demand"), 0.0),
    "failure_region": (("failure",), ""),
    "failure_site": (("failure",), ""),
    "connection_firm_share": ((S,), 1.0),
    "reserve_battery": (("reserve",), ""),
    "reserve_h": (("reserve",), 1.0),
    "wacc": ((), 0.06),
    "carbon_price_cny_per_t": ((), 0.0),
    "server_capex_counts": ((), 0.0),
}
"""Variable → (dims, default): what a dataset holds at least."""
DEFAULTS |= work_toys.DEFAULTS | load_toys.DEFAULTS | line_toys.DEFAULTS

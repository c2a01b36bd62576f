"""Raw inputs and decisions of one plan as numpy arrays, in the contract's order of dims."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from coplan.verify.outcome import Check, Part, verdict

_PWT = ("period", "weather")

INPUT_DIMS: dict[str, tuple[str, ...]] = {
    name: tuple(dims.split())
    for dims, names in {
        "": "step_h wacc "
            "carbon_price_cny_per_t server_capex_counts",
        "time": "step_weight",
        "weather": "weather_probability",
        "period": "period_years discount_factor residual_factor_t_per_mwh",
        "weather site time": "dry_bulb_degc wet_bulb_degc",
        "weather plant time": "capacity_factor",
        "plant": "plant_capacity_max_mw plant_capacity_min_mw plant_capex_cny_per_mw "
                 "plant_annuity_cny_per_mw_year plant_om_cny_per_mw_year "
                 "plant_use_fee_cny_per_mwh plant_embodied_t_per_mw_year plant_life_years "
                 "plant_is_behind_meter",
        "direct_line": "direct_line_length_km direct_line_voltage_kv line_circuits_max "
                       "line_max_mw circuit_mw line_loss_share line_capex_cny_per_circuit "
                       "line_capex_cny_per_mw line_annuity_cny_per_circuit_year "
                       "line_annuity_cny_per_mw_year line_om_cny_per_circuit_year "
                       "line_life_years",
        "import_zone": "import_headroom_mw",
        "export_zone": "export_corridor_mw",
        "certificate": "certificate_vintage certificate_price_cny_per_mwh certificate_max_mwh",
        "direct_line time": "line_fee_cny_per_mwh",
        "battery": "charge_efficiency discharge_efficiency soc_kept_per_step usable_share "
        "storage_charge_power_ratio storage_is_cyclic storage_start_share storage_charges_own "
                   "storage_power_max_mw storage_energy_max_mwh storage_duration_min_h "
                   "storage_duration_max_h storage_power_capex_cny_per_mw "
                   "storage_energy_capex_cny_per_mwh storage_power_annuity_cny_per_mw_year "
                   "storage_energy_annuity_cny_per_mwh_year storage_om_cny_per_mw_year "
                   "wear_cny_per_mwh storage_embodied_t_per_mwh_year storage_life_years",
        "hall": "hall_it_mw idle_share density_p_per_mw density_ratio availability "
                "minimum_running_share rack_kw hall_capex_cny_per_mw "
                "hall_annuity_cny_per_mw_year hall_om_cny_per_mw_year server_capex_cny_per_mw "
                "server_annuity_cny_per_mw_year domestic loss_slope loss_fixed",
        "hall ": "hall_may_change hall_may_close closure_annuity_cny_per_mw_year "
                 "metered_mwh_per_hall",
        "hall  ": "storage_share server_kw",
        "weather hall time ": "cooling_load_factor water_l_per_kwh",
        "bend": "bend_slope bend_fixed",
        "tank": "cold_max_mwh cold_kept_per_step cold_mechanical_share cold_hours "
                "cold_annuity_cny_per_mwh_year cold_om_cny_per_mwh_year cold_life_years",
        "site ": "water_price_cny_per_m3 connection_firm_share connection_life_years",
        "conversion": "conversion_annuity_cny_per_mw_year conversion_keeps_servers",
        "period conversion": "conversion_lost_share",
        "relocation": "relocation_annuity_cny_per_mw_year",
        " hall": "hall_land_m2",
        "period hall": "halls_min halls_max servers_min_mw servers_max_mw",
        "period  site": "site_it_max_mw connection_max_mw",
        "site": "site_it_least_mw site_land_m2 transformer_mva_per_mw connection_min_mw "
                "connection_capex_cny_per_mw connection_annuity_cny_per_mw_year export_max_mw",
        "label": "label_reference_p_per_mw",
        "period demand time": "demand_mw",
        "demand": "demand_delay_h latency_limit_ms",
        "demand site": "demand_reach latency_one_way_ms",
        "period pool time": "pool_demand_mw",
        "pool": "pool_delay_h",
        "pool site": "pool_reach",
        "weather hall time": "cooling_slope cooling_fixed",
        "backup": "backup_min_mw backup_max_mw backup_annuity_cny_per_mw_year "
                  "backup_om_cny_per_mw_year backup_tested_mwh_per_mw_year "
                  "backup_fuel_cny_per_mwh backup_emission_t_per_mwh backup_life_years",
        "period demand": "critical_mw",
        "reserve": "reserve_h",
        "period site time": "retail_price_cny_per_mwh export_price_cny_per_mwh "
                            "emission_factor_t_per_mwh",
        "period site": "demand_price_cny_per_mw_month capacity_price_cny_per_mva_month",
        "contract": "contract_committed contract_volume_min_mw contract_volume_max_mw "
                    "contract_price_cny_per_mwh",
        "period contract time": "contract_adder_cny_per_mwh",
        "weather contract time": "contract_profile",
        "state_pool": "state_ramp_per_h state_running_share state_checkpoint_h",
        "placed": "placed_block_h placed_gb_per_mw placed_cny_per_gb placed_kwh_per_gb",
        "link": "link_min_gbit link_max_gbit link_length_km link_new_annuity_cny_per_year "
                "link_annuity_cny_per_gbit_year link_price_cny_per_gb link_energy_kwh_per_gb",
        "heat": "heat_max_mw heat_cop heat_price_cny_per_mwh heat_annuity_cny_per_mw_year "
                "heat_om_cny_per_mw_year heat_life_years",
        "heat time": "heat_demand_mw",
        "hall    ": "recoverable_heat_share",
        "period site  ": "single_price_cny_per_mw_month",
        "site  ": "demand_is_declared declared_least_share declared_tolerance "
                  "declared_excess_factor ratchet_share ratchet_months",
        "period contract ": "contract_open",
        "contract ": "contract_is_shaped contract_unused_cny_per_mwh contract_premium_cny_per_mwh",
        "contract time": "contract_shape",
        "resale": "resale_share resale_cny_per_mwh",
        "site   ": "export_keeps_certificates",
        "discount": "discount_mwh_per_mva_month discount_share",
        "energy_tier": "energy_tier_above_mwh energy_tier_more_cny_per_mwh",
        "demand_tier": "demand_tier_above_mw demand_tier_more_cny_per_mw_month",
        "coincident": "coincident_price_cny_per_mw_month",
        "coincident time": "coincident_inside",
        "alternative time": "alternative_price_cny_per_mwh",
        "response": "response_baseline_mw response_max_mw response_energy_cny_per_mwh "
                    "response_availability_cny_per_mw_year",
        "response time": "response_called",
        "surcharge": "surcharge_above_pue surcharge_cny_per_mwh",
        "fixed_load": "fixed_load_is_it",
        "fixed_load time": "fixed_load_mw",
        "reward": "reward_is_retrofit reward_is_sure reward_t_per_mwh reward_annuity_per_year "
                  "reward_county_share reward_cny_per_rack reward_cny_per_tce "
                  "reward_investment_share reward_most_cny reward_min_racks reward_pue_below "
                  "reward_computing_share_above",
        "period reward": "reward_in_force",
        " conversion": "conversion_capex_cny_per_mw",
        "voucher_user": "voucher_cost_cny voucher_fee_cny voucher_is_lead voucher_is_platform "
                        "voucher_settles_in voucher_county_share voucher_lead_share "
                        "voucher_platform_share voucher_most_cny voucher_settling_cny "
                        "voucher_budget_cny voucher_lag_years",
        "voucher_year voucher_user": "voucher_in_force",
        "demand ": "compute_fee_cny_per_p_hour",
        "measure": "measure_saving_share measure_cost_cny_per_year measure_required",
        "stream": "stream_gbit_per_mw stream_gb_per_mw",
    }.items()
    for name in names.split()
}

SIZE_DIMS: dict[str, tuple[str, ...]] = {
    "plant_capacity_mw": ("period", "plant"),
    "line_mw": ("period", "direct_line"),
    "line_circuits": ("period", "direct_line"),
    "storage_power_mw": ("period", "battery"),
    "storage_energy_mwh": ("period", "battery"),
    "halls_built": ("period", "hall"),
    "servers_mw": ("period", "hall"),
    "cold_capacity_mwh": ("period", "tank"),
    "halls_new": ("period", "hall"),
    "halls_closed": ("period", "hall"),
    "servers_bought_mw": ("period", "hall"),
    "servers_retired_mw": ("period", "hall"),
    "halls_converted": ("period", "conversion"),
    "servers_converted_mw": ("period", "conversion"),
    "servers_relocated_mw": ("period", "relocation"),
    "grid_connection_mw": ("period", "site"),
    "contract_volume_mw": ("period", "contract"),
    "is_contracted": ("period", "contract"),
    "link_gbit": ("period", "link"),
    "is_linked": ("period", "link"),
    "backup_mw": ("period", "backup"),
    "is_chosen": ("period", "measure"),
    "takes": ("period", "offer"),
    "is_supplied": ("period", "alternative"),
    "heat_capacity_mw": ("period", "heat"),
    "response_mw": ("period", "response"),
    "is_responding": ("period", "response"),
    "is_rewarded": ("period", "reward"),
    "reward_kcny": ("period", "reward"),
    "voucher_cny": ("voucher_year", "voucher_user"),
    "critical_flow_mw": ("period", "failure", "demand", "site"),
    "critical_load_mw": ("period", "failure", "hall"),
    "firm_power_mw": ("period", "reserve"),
}

OPERATION_DIMS: dict[str, tuple[str, ...]] = {
    "generation_mw": (*_PWT, "plant", "time"),
    "sent_mw": (*_PWT, "direct_line", "time"),
    "charge_mw": (*_PWT, "battery", "time"),
    "discharge_mw": (*_PWT, "battery", "time"),
    "soc_mwh": (*_PWT, "battery", "time"),
    "cold_charge_mw": (*_PWT, "tank", "time"),
    "cold_discharge_mw": (*_PWT, "tank", "time"),
    "cold_mwh": (*_PWT, "tank", "time"),
    "load_mw": (*_PWT, "hall", "time"),
    "served_mw": (*_PWT, "pool", "time"),
    "backlog_mwh": (*_PWT, "pool", "time"),
    "routed_mw": (*_PWT, "pool", "site", "time"),
    "retail_mw": (*_PWT, "site", "time"),
    "export_mw": (*_PWT, "site", "time"),
    "peak_mw": (*_PWT, "site", "month"),
    "delivered_mw": (*_PWT, "contract", "time"),
    "certificates_mwh": (*_PWT, "certificate"),
    "netted_mwh": (*_PWT, "month"),
    "heat_mw": (*_PWT, "heat", "time"),
    "excess_gwh": (*_PWT, "surcharge"),
    "unmatched_mw": (*_PWT, "shaped", "time"),
    "resold_mw": (*_PWT, "resale", "time"),
    "billed_mw": (*_PWT, "site", "month"),
    "declared_mw": (*_PWT, "site", "month"),
    "over_mw": (*_PWT, "site", "month"),
    "is_used_well": (*_PWT, "discount"),
    "discount_kcny": (*_PWT, "discount"),
    "energy_above_mwh": (*_PWT, "energy_tier", "month"),
    "demand_above_mw": (*_PWT, "demand_tier", "month"),
    "coincident_mw": (*_PWT, "coincident", "month"),
    "alternative_mw": (*_PWT, "alternative", "time"),
    "saved_mw": (*_PWT, "saving", "time"),
    "paused_mw": (*_PWT, "state_pool", "time"),
    "placed_share": (*_PWT, "placed", "block"),
    "placed_backlog_mwh": (*_PWT, "placed", "time"),
    "placed_paused_mw": (*_PWT, "placed", "time"),
    "migrated_share": (*_PWT, "placed", "block"),
}

DERIVED_DIMS: dict[str, tuple[str, ...]] = {
    "it_mw": (*_PWT, "hall", "time"),
    "cooling_mw": (*_PWT, "hall", "time"),
    "loss_mw": (*_PWT, "hall", "time"),
    "facility_mw": (*_PWT, "site", "time"),
    "site_it_mw": (*_PWT, "site", "time"),
    "energy_price_cny_per_mwh": (*_PWT, "site", "time"),
    "heat_pump_mw": (*_PWT, "heat", "time"),
    "drawn_mw": (*_PWT, "fixed_load", "time"),
    "transfer_mw": (*_PWT, "link", "time"),
    "migration_mw": (*_PWT, "placed", "time"),
}

CLAUSE_FIGURES = ("clause_required", "clause_achieved", "clause_slack", "clause_shadow_price")

RESULT_DIMS = SIZE_DIMS | OPERATION_DIMS | DERIVED_DIMS


class Case:
    """Inputs from the rebuilt dataset, decisions from the plan; nothing is taken from elsewhere.

    Arrays come back as float in the order of dims above. Raises KeyError for a variable that is
    missing although its dims are not empty.
    """

    def __init__(self, inputs: xr.Dataset, plan: xr.Dataset):
        self.inputs = inputs
        self.plan = plan
        self._kept: dict[tuple[str, str], np.ndarray] = {}

    def given(self, name: str) -> np.ndarray:
        """An input as the raw data say it."""
        return self._array("given", self.inputs, name, INPUT_DIMS[name])

    def found(self, name: str) -> np.ndarray:
        """A decision or derived quantity as the plan says it."""
        return self._array("found", self.plan, name, RESULT_DIMS[name])

    def _array(
        self, kind: str, source: xr.Dataset, name: str, dims: tuple[str, ...]
    ) -> np.ndarray:
        if (kind, name) not in self._kept:
            shape = tuple(self.size(dim) for dim in dims)
            if name not in source and 0 in shape:
                values = np.zeros(shape)
            else:
                # .variables spares the cost of coordinates that nobody asks for here
                raw = source.variables[name].transpose(*dims).values
                values = np.asarray(raw, dtype=float)
            self._kept[kind, name] = values
        return self._kept[kind, name]

    def size(self, dim: str) -> int:
        """Length of a dim; zero when the inputs have none of its kind."""
        return int(self.inputs.sizes.get(dim, 0))

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """Names along every dim of the inputs."""
        return {
            str(dim): [str(label) for label in self.inputs.variables[dim].values]
            if dim in self.inputs.coords
            else [str(step) for step in range(length)]
            for dim, length in self.inputs.sizes.items()
        }

    def text(self, name: str) -> np.ndarray:
        """A text coordinate of the inputs; empty when there is nothing it could describe."""
        if name not in self.inputs.coords:
            return np.zeros(0, dtype=str)
        return self.inputs.variables[name].values.astype(str)

    def text_found(self, name: str) -> np.ndarray:
        """A text coordinate of the plan."""
        return self.plan.variables[name].values.astype(str)

    def belongs(self, coordinate: str, dim: str) -> np.ndarray:
        """0/1 matrix [unit, label of dim] from a text coordinate such as plant_site."""
        names = np.array(self.labels.get(dim, []), dtype=str)
        return (self.text(coordinate)[:, None] == names[None, :]).astype(float)

    def on_site(self, power: np.ndarray, unit: str) -> np.ndarray:
        """Sum (period, weather, unit, time) over the units of each site."""
        return np.einsum("pwut,us->pwst", power, self.belongs(f"{unit}_site", "site"))

    @cached_property
    def hours(self) -> np.ndarray:
        """Hours of the year each step stands for (time)."""
        return self.given("step_weight") * self.given("step_h")

    @cached_property
    def in_month(self) -> np.ndarray:
        """0/1 matrix [time, month]."""
        months = self.inputs["month"].values
        return (self.inputs["month_of_step"].values[:, None] == months[None, :]).astype(float)

    def yearly(self, power: np.ndarray) -> np.ndarray:
        """Energy of the year of a power (..., time)."""
        return np.asarray(power @ self.hours)

    def monthly(self, power: np.ndarray) -> np.ndarray:
        """Energy of each month (..., month) of a power (..., time)."""
        return np.asarray((power * self.hours) @ self.in_month)

    def expected(self, values: np.ndarray) -> np.ndarray:
        """Expectation over weather years of (period, weather, ...)."""
        return np.asarray(np.einsum("pw...,w->p...", values, self.given("weather_probability")))

    @cached_property
    def site_scale(self) -> np.ndarray:
        """Scale of a site's power rows (site, 1) [MW]: the largest facility power or import."""
        largest = np.nanmax(np.abs(self.found("facility_mw")), axis=(0, 1, 3), initial=0.0)
        bought = np.nanmax(np.abs(self.found("retail_mw")), axis=(0, 1, 3), initial=0.0)
        # a broken value may not stretch its own yardstick beyond what the grid allows
        ceiling = np.maximum(self.given("connection_max_mw"), self.given("site_it_max_mw"))
        ceiling = ceiling.max(axis=0)
        return np.minimum(np.maximum(largest, bought), 10.0 * ceiling)[:, None]

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        """Targets of the inputs."""
        found = self.inputs.attrs.get("targets", "[]")
        return list(json.loads(found)) if isinstance(found, str) else list(found)

    @cached_property
    def run(self) -> dict[str, Any]:
        """Run record of the plan."""
        return dict(json.loads(self.plan.attrs.get("run", "{}")))

    def check(self, name_zh: str, name_en: str, *parts: Part) -> Check:
        """One Check whose worst row is named with this plan's labels."""
        return verdict(name_zh, name_en, parts, self.labels)

"""Key figures against sums a planner can do by hand.

The toy plan is overwritten with constants, so every yearly energy is MW × 8760 h. The two weather
years have 0.75 and 0.25 probability; the periods stand for 5 and 15 years at 0.08 and 0.04.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from coplan.plan.kpis import kpis
from tests.plan.toy_plan import toy_plan

YEAR = 8760.0


@pytest.fixture
def plan():
    plan = toy_plan("monthly")[1].copy(deep=True)
    constants = {
        "site_it_mw": 5.0, "facility_mw": 6.0, "retail_mw": 1.0, "load_mw": 3.0,
        "export_mw": 0.0, "delivered_mw": 2.0, "generation_mw": 4.0, "capacity_factor": 0.2,
        "certificates_mwh": 0.0,
    }  # fmt: skip
    for name, value in constants.items():
        plan[name].values[...] = value
    plan["plant_capacity_mw"].values[...] = [[20.0, 30.0], [30.0, 50.0]]
    plan["export_mw"].values[:, :, 0] = 2.0
    plan["contract_profile"].values[...] = 0.5
    plan["contract_volume_mw"].values[...] = 5.0
    return plan


def test_energy_is_power_times_the_hours_of_the_year(plan):
    found = kpis(plan)
    assert found["it_mwh"] == pytest.approx(10.0 * YEAR)
    assert found["it_useful_mwh"] == pytest.approx(9.0 * YEAR)
    assert found["facility_mwh"] == pytest.approx(12.0 * YEAR)
    assert found["retail_mwh"] == pytest.approx(2.0 * YEAR)
    assert found["contract_mwh"] == pytest.approx(4.0 * YEAR)
    assert found["generation_mwh"] == pytest.approx(8.0 * YEAR)
    assert found["export_mwh"] == pytest.approx(2.0 * YEAR)
    assert found["pue"] == pytest.approx(1.2)


def test_own_generation_is_used_exported_or_curtailed(plan):
    found = kpis(plan)
    # 10 MW available in 2025 for 5 years, 16 MW in 2030 for 15 years: 14.5 MW on average
    assert found["self_use_share"] == pytest.approx(6.0 / 14.5)
    assert found["export_share"] == pytest.approx(2.0 / 14.5)
    assert found["curtailment_share"] == pytest.approx(6.5 / 14.5)
    assert found["self_supply_share"] == pytest.approx(6.0 / 12.0)
    assert found["curtailment_share_2025"] == pytest.approx(2.0 / 10.0)
    parts = found["self_use_share"] + found["export_share"] + found["curtailment_share"]
    assert parts == pytest.approx(1.0)


def test_green_shares_net_what_each_matching_allows(plan):
    # the monthly contract leaves 5 · 0.5 − 2 = 0.5 MW unspent, the hourly one's rest is lost
    found = kpis(plan)
    assert found["green_share_hourly"] == pytest.approx(1.0 - 2.0 / 12.0)
    assert found["green_share_monthly"] == pytest.approx(1.0 - 1.5 / 12.0)
    assert found["green_share"] == found["green_share_monthly"]
    # all unspent energy in January, grey energy in July: only the year may net it
    plan["contract_profile"].values[..., 24:] = 0.4
    plan["contract_profile"].values[..., :24] = 0.6
    plan["retail_mw"].values[..., :24] = 0.0
    found = kpis(plan)
    assert found["green_share_monthly"] == pytest.approx(1.0 - 1.0 / 12.0)
    assert found["green_share_annual"] == pytest.approx(1.0 - 0.5 / 12.0)


def test_certificates_count_up_to_their_share_of_the_load(plan):
    plan["certificates_mwh"].values[0, :, 0] = plan["certificates_mwh"].values[1, :, 1] = (
        0.02 * 12.0 * YEAR * 5
    )
    assert kpis(plan)["green_share"] == pytest.approx(1.0 - 1.5 / 12.0 + 0.02)


def test_a_green_share_is_never_below_zero(plan):
    # battery losses are bought too, so more may be bought than the facility uses
    plan["retail_mw"].values[...] = 7.0
    found = kpis(plan)
    assert found["green_share_hourly"] == 0.0
    assert found["green_share_annual"] == 0.0


def test_without_a_target_the_green_share_is_annual(plan):
    plan.attrs["targets"] = "[]"
    found = kpis(plan)
    assert found["green_share"] == found["green_share_annual"]


def test_weather_years_count_by_their_probability(plan):
    plan["retail_mw"].values[:, 1] = 5.0
    assert kpis(plan)["retail_mwh"] == pytest.approx((0.75 * 2.0 + 0.25 * 10.0) * YEAR)


def test_periods_count_by_the_years_they_stand_for(plan):
    plan["site_it_mw"].values[1] = 9.0
    found = kpis(plan)
    assert found["it_mwh"] == pytest.approx((5 * 10.0 + 15 * 18.0) / 20 * YEAR)
    assert found["it_mwh_2025"] == pytest.approx(10.0 * YEAR)
    assert found["it_mwh_2030"] == pytest.approx(18.0 * YEAR)


def test_carbon_by_location_and_by_market(plan):
    found = kpis(plan)
    # 1 MW bought, 2 MW by contract at each site: 0.6 + 0.7 t/MWh in 2025, 0.5 + 0.6 in 2030
    assert found["carbon_t_location"] == pytest.approx(3 * (5 * 1.3 + 15 * 1.1) / 20 * YEAR)
    assert found["carbon_t_market_2025"] == pytest.approx(1.5 * 0.65 * YEAR)
    assert found["cue_2025"] == pytest.approx(3 * 1.3 / 10.0)


def test_sizes_are_those_of_the_last_period(plan):
    found = kpis(plan)
    assert (found["wind_mw"], found["pv_mw"]) == (30.0, 50.0)
    assert (found["storage_mw"], found["storage_mwh"]) == (20.0, 60.0)
    assert found["grid_connection_mw"] == 110.0
    assert found["halls"] == 10.0
    assert found["servers_mw"] == 76.0
    assert found["racks"] == pytest.approx(26000 / 40 + 8000 / 8 + 42000 / 40)
    assert found["occupancy"] == pytest.approx(76.0 / 90.0)
    assert found["wind_mw_2025"] == 20.0


def test_compute_is_counted_by_label_and_never_added(plan):
    found = kpis(plan)
    assert found["compute_p_fp16"] == pytest.approx(26 * 400 + 42 * 320)
    assert found["compute_p_fp32"] == pytest.approx(8 * 10)
    assert found["compute_p_fp64"] == 0.0
    assert found["intelligent_share"] == pytest.approx(68.0 / 76.0)
    assert found["cost_cny_per_p_hour"] is None  # two labels


def test_domestic_share_looks_at_what_was_bought(plan):
    # of 16 + 0 + 28 MW in 2025 and 10 + 2 + 14 MW in 2030, the first hall is domestic
    found = kpis(plan)
    assert found["domestic_share_of_additions_2025"] == pytest.approx(16.0 / 44.0)
    assert found["domestic_share_of_additions_2030"] == pytest.approx(10.0 / 26.0)
    assert found["domestic_share_of_additions"] == pytest.approx(26.0 / 70.0)


def test_cost_of_a_p_hour_where_there_is_one_label(plan):
    plan = plan.assign_coords(pool_label=("pool", np.array(["fp16"] * 3)))
    plan["served_mw"].values[...] = 2.0
    found = kpis(plan)
    work = 6.0 * 400.0 * YEAR
    assert found["cost_cny_per_p_hour_2025"] == pytest.approx(found["cost_cny_2025"] / work)
    assert found["cost_cny_per_p_hour"] == pytest.approx(found["cost_cny"] / work)


def test_money_adds_up_as_in_the_objective(plan):
    found, run = kpis(plan), json.loads(plan.attrs["run"])
    assert found["cost_cny"] == pytest.approx(run["cost_cny"])
    assert found["energy_cost_cny"] == pytest.approx(run["energy_cost_cny"])
    mean = 0.4 * found["cost_cny_2025"] + 0.6 * found["cost_cny_2030"]
    assert found["cost_cny"] == pytest.approx(mean)
    per_mwh = found["energy_cost_cny"] / (10.0 * YEAR)
    assert found["cost_cny_per_mwh_it"] == pytest.approx(per_mwh)


def test_halls_and_servers_are_no_energy_cost(plan):
    building = plan["account_label"].isin(["halls", "halls O&M", "servers"])
    plan["account_cny"].values[building.values] *= 3.0
    run = json.loads(plan.attrs["run"])
    found = kpis(plan)
    assert found["energy_cost_cny"] == pytest.approx(run["energy_cost_cny"])
    assert found["cost_cny"] > run["cost_cny"]


def test_what_is_undefined_is_none_and_json_has_no_nan(plan):
    plan["site_it_mw"].values[...] = 0.0
    plan["capacity_factor"].values[...] = 0.0
    found = kpis(plan)
    assert found["pue"] is None
    assert found["self_use_share"] is None
    assert found["wue"] is None
    json.dumps(found, allow_nan=False)


def test_every_key_of_the_contract_is_there():
    keys = {
        "status", "gap", "gap_energy", "objective_cny", "bound_cny", "cost_cny", "penalties_cny",
        "it_mwh", "it_useful_mwh", "facility_mwh", "pue", "cue", "wue", "green_share",
        "green_share_hourly", "green_share_monthly", "green_share_annual", "self_use_share",
        "self_supply_share", "export_share", "curtailment_share", "retail_mwh", "contract_mwh",
        "generation_mwh", "export_mwh", "certificates_mwh", "carbon_t_location",
        "carbon_t_market", "wind_mw", "pv_mw", "storage_mw", "storage_mwh", "grid_connection_mw",
        "halls", "racks", "servers_mw", "compute_p_fp16", "compute_p_fp32", "compute_p_fp64",
        "compute_p_as_reported", "intelligent_share", "domestic_share_of_additions", "occupancy",
        "energy_cost_cny", "cost_cny_per_mwh_it", "cost_cny_per_p_hour", "seconds_build",
        "seconds_solve", "seconds_total", "peak_memory_mb",
    }  # fmt: skip
    assert keys <= set(kpis(toy_plan("annual", bare=True)[1]))

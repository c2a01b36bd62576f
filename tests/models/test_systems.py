"""The shipped systems and scenarios mean what their comments say: sums a planner can check."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from coplan.dataset.build import build_dataset
from coplan.scenario.reader import read_scenario

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = sorted(path.name for path in SCENARIOS.glob("*.yaml"))
HOURS_PER_YEAR = 8760

# Zhangjiakou, first quarter of 2025: 1.859 TWh in 2160 h; stock of March 2025 as reported
MEAN_FACILITY_MW = 861.0
RACK_POWER_MW = 460_000 * 2.5 / 1000
REPORTED_P = 30_100.0


@pytest.fixture(scope="module")
def campus():
    """Inputs of the new campus at Zhangbei."""
    return build_dataset(read_scenario(SCENARIOS / "quickstart.yaml"))


@pytest.fixture(scope="module")
def cluster():
    """Inputs of the Zhangjiakou cluster in its base year and in 2027."""
    path = SCENARIOS / "zhangjiakou-2027.yaml"
    return build_dataset(read_scenario(path, ["periods=[2025, 2027]"]))


def least_facility_mwh(data, hall: str, servers_mw: float, load_mw: float, halls: float) -> float:
    """Yearly facility energy [MWh] of halls of one type with a steady load [MW]."""
    one = data.sel(hall=hall)
    it = float(one.idle_share) * servers_mw + (1 - float(one.idle_share)) * load_mw
    installed = halls * float(one.hall_it_mw)
    slope = 1 + float(one.cooling_slope.mean()) + float(one.loss_slope)
    return HOURS_PER_YEAR * (
        slope * it + (float(one.cooling_fixed.mean()) + float(one.loss_fixed)) * installed
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_can_be_read(name):
    scenario = read_scenario(SCENARIOS / name)
    assert scenario.spec.id == Path(name).stem
    assert scenario.spec.note


def test_the_compute_target_takes_exactly_ten_halls(campus):
    target_p = read_scenario(SCENARIOS / "quickstart.yaml").spec.targets.compute["fp16"]
    hall_p = float((campus.density_p_per_mw * campus.hall_it_mw).isel(hall=0))
    assert math.ceil(target_p / hall_p) == 10


def test_ten_halls_carry_the_peak_without_shifting_any_work(campus):
    peak_mw = float(campus.pool_demand_mw.sum("pool").max())
    assert 40 < peak_mw < 10 * 5 * float(campus.availability.min())
    assert float(campus.pool_demand_mw.sum("pool").mean()) == pytest.approx(0.75 * 50, rel=0.01)


def test_own_plants_are_not_enough_for_80_percent_green_but_contracts_are(campus):
    load_mwh = least_facility_mwh(campus, "zhangbei_ai-iec-5mw", 49.5, 37.5, 10)
    own = (campus.capacity_factor.sum("time") * campus.plant_capacity_max_mw).sum()
    bought = (campus.contract_profile.sum("time") * campus.contract_volume_max_mw).sum()
    assert load_mwh == pytest.approx(405e3, rel=0.03)
    assert 0.35 < float(own) / load_mwh < 0.45
    assert float(own + bought) / load_mwh > 1.0


@pytest.mark.parametrize("contract", ["zhangbei_wind-contract", "zhangbei_pv-contract"])
def test_contract_energy_costs_a_little_more_than_the_grid_energy_it_replaces(campus, contract):
    one = campus.sel(contract=contract)
    profile = one.contract_profile.isel(weather=0)
    price = campus.retail_price_cny_per_mwh.isel(period=0, site=0)
    avoided = float((profile * price).sum() / profile.sum())
    fees = one.contract_adder_cny_per_mwh.isel(period=0)
    delivered = float(one.contract_price_cny_per_mwh + (profile * fees).sum() / profile.sum())
    assert 0 < delivered - avoided < 20


def test_the_stock_is_the_reported_stock(cluster):
    stock = cluster.hall_is_stock.astype(bool)
    servers = cluster.servers_min_mw.isel(period=0).where(stock, 0)
    assert float(servers.sum()) == pytest.approx(RACK_POWER_MW)
    compute_p = float((servers * cluster.density_p_per_mw).sum())
    assert compute_p == pytest.approx(REPORTED_P, rel=1e-3)
    counted = float((servers * 1000 / cluster.server_kw).sum())
    assert counted == pytest.approx(1.7224e6, rel=1e-3)


def test_the_base_year_draws_the_reported_power_at_a_pue_below_1_25(cluster):
    base = cluster.sel(period=2025)
    reported = base.pool_label == "as_reported"
    load_mw = float(base.pool_demand_mw.where(reported, 0).sum("pool").mean())
    facility_mwh = it_mwh = 0.0
    for hall in [h for h in cluster.hall.values if h.endswith("stock-2025")]:
        servers = float(base.servers_min_mw.sel(hall=hall))
        load = load_mw * servers / RACK_POWER_MW
        idle = float(base.idle_share.sel(hall=hall))
        it = HOURS_PER_YEAR * (idle * servers + (1 - idle) * load)
        facility = least_facility_mwh(base, hall, servers, load, servers / 10)
        assert 1.19 < facility / it < 1.25
        facility_mwh, it_mwh = facility_mwh + facility, it_mwh + it
    assert facility_mwh / HOURS_PER_YEAR == pytest.approx(MEAN_FACILITY_MW, rel=0.02)
    assert it_mwh / HOURS_PER_YEAR == pytest.approx(0.6 * RACK_POWER_MW, rel=0.03)


def test_services_of_the_stock_may_run_at_their_night_level(cluster):
    online = cluster.pool_demand_mw.sel(period=2025).where(cluster.pool_label == "as_reported", 0)
    servers = cluster.servers_min_mw.isel(period=0).sum()
    floor = float(cluster.minimum_running_share.max())
    assert floor * float(servers) < float(online.sum("pool").min())


def test_work_of_the_base_year_is_only_that_of_the_stock(cluster):
    new = cluster.pool_demand_mw.sel(period=2025).where(cluster.pool_label == "fp16", 0)
    assert float(new.sum()) == 0.0


def test_real_time_work_reaches_huailai_and_xuanhua_only(cluster):
    reach = cluster.demand_reach.sel(demand="beijing_realtime").to_series().to_dict()
    assert reach == {"zhangbei": 0, "huailai": 1, "xuanhua": 1}


def test_all_other_work_may_run_anywhere_in_the_cluster(cluster):
    others = [d for d in cluster.demand.values if d != "beijing_realtime"]
    assert bool((cluster.demand_reach.sel(demand=others) == 1).all())


def test_new_halls_of_the_cluster_fit_where_there_is_land(cluster):
    target_p = read_scenario(SCENARIOS / "zhangjiakou-2027.yaml").spec.targets.compute["fp16"]
    needed_mw = target_p / float(cluster.density_p_per_mw.sel(hall="huailai_ai-iec-10mw"))
    room_mw = float(cluster.site_it_max_mw.sum()) - RACK_POWER_MW
    assert 300 < needed_mw < room_mw


@pytest.mark.parametrize("name", ["quickstart-grid-only", "zhangjiakou-2027-grid-only"])
def test_grid_only_has_neither_green_supply_nor_green_target(name):
    scenario = read_scenario(SCENARIOS / f"{name}.yaml")
    assert scenario.spec.targets.green_share is None
    assert scenario.spec.targets.pue is None
    assert scenario.spec.targets.compute
    for site in scenario.system.sites.values():
        assert all(plant.approved_mw == 0 for plant in site.plants.values())
        assert all(contract.max_mw == 0 for contract in site.contracts.values())


@pytest.mark.parametrize("name", ["quickstart", "zhangjiakou-2027"])
def test_hour_by_hour_is_asked_of_the_same_campus_with_more_room(name):
    base = read_scenario(SCENARIOS / f"{name}.yaml")
    hourly = read_scenario(SCENARIOS / f"{name}-hourly-100.yaml")
    assert (hourly.spec.targets.green_share.value, hourly.spec.targets.green_share.matching) == (
        1.0,
        "hourly",
    )
    for site, campus in base.system.sites.items():
        more = hourly.system.sites[site]
        assert more.plants == campus.plants
        assert more.connection.max_mw > campus.connection.max_mw
        for contract, entry in campus.contracts.items():
            assert more.contracts[contract].max_mw > entry.max_mw

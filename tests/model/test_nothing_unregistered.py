"""Every family of constraints has a known answer, and that answer fails without the family.

A planner who adds a rule adds a test that can be worked out by hand, and its line here.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pyomo.environ as pyo
import pytest

import coplan.elements
from coplan.model import build_model
from tests import toys
from tests.elements import (
    test_campus,
    test_charges,
    test_compute,
    test_connection_targets,
    test_contract_products,
    test_cooling,
    test_finance,
    test_flexibility,
    test_heat,
    test_lines,
    test_loads_and_measures,
    test_near_optimal,
    test_network,
    test_reliability,
    test_schemes,
    test_sizing_targets,
    test_stock,
    test_storage,
    test_subsidies,
    test_supply,
    test_targets,
    test_trading,
    test_usage_targets,
    test_work_state,
    test_zones,
)

KNOWN_ANSWERS = {
    "supply.generation_limit": test_supply.test_a_plant_gives_no_more_than_its_weather,
    "lines.circuit_limit": test_lines.test_a_line_is_built_in_whole_circuits,
    "lines.sent_limit": test_lines.test_what_is_sent_stays_within_the_line,
    "lines.sent_balance": test_lines.test_a_plant_without_weather_sends_nothing,
    "continuity.line_mw_floor": test_lines.test_a_line_that_was_built_still_stands,
    "zones.headroom_limit": test_zones.test_sites_of_a_zone_share_its_headroom,
    "zones.corridor_limit": test_zones.test_a_corridor_limits_what_a_zone_feeds_in,
    "storage.duration_floor": test_storage.test_a_battery_holds_at_least_its_shortest_duration,
    "storage.duration_limit": test_storage.test_a_battery_holds_at_most_its_longest_duration,
    "storage.power_limit": test_storage.test_what_charges_or_discharges_is_paid_as_power,
    "storage.charging_link":
        test_storage.test_a_battery_burns_nothing_for_pay_by_charging_while_it_discharges,
    "storage.discharging_link":
        test_storage.test_a_battery_burns_nothing_for_pay_by_charging_while_it_discharges,
    "storage.energy_limit": test_storage.test_only_the_usable_part_of_a_battery_holds_energy,
    "storage.soc_balance": test_storage.test_cheap_energy_is_carried_to_the_dear_hour,
    "storage.own_charge_limit": test_storage.test_some_batteries_store_only_own_generation,
    "compute.hall_limit": test_compute.test_servers_stand_in_halls,
    "compute.site_it_limit": test_compute.test_a_site_holds_no_more_than_its_land_allows,
    "compute.land_limit": test_campus.test_halls_stand_on_the_land_of_their_site,
    "compute.size_band_floor": test_campus.test_a_site_that_is_used_has_its_least_capacity,
    "compute.size_band_limit": test_campus.test_a_site_too_small_for_its_band_is_left,
    "compute.peak_halls_floor":
        test_compute.test_the_least_number_of_halls_lifts_the_bound_before_any_branching,
    "compute.target_halls_floor":
        test_targets.test_a_compute_target_needs_so_many_whole_halls,
    "compute.halls_closed_floor": test_stock.test_a_hall_is_converted_once,
    "compute.halls_closed_limit": test_stock.test_halls_that_may_not_close_stay,
    "compute.halls_new_floor": test_stock.test_converted_halls_stand,
    "compute.servers_retired_floor": test_stock.test_no_more_servers_move_than_stand,
    "compute.servers_bought_floor": test_stock.test_servers_that_move_in_are_there,
    "compute.servers_converted_limit":
        test_stock.test_servers_stay_only_in_halls_that_are_converted,
    "compute.load_limit": test_compute.test_work_runs_on_servers_that_are_available,
    "compute.load_floor": test_compute.test_some_work_never_stops,
    "compute.backlog_balance": test_compute.test_the_first_backlog_follows_the_last,
    "compute.work_balance": test_compute.test_inflexible_work_runs_in_its_own_hour,
    "compute.route_balance":
        test_compute.test_bound_work_is_sent_to_the_cheapest_of_the_sites_in_reach,
    "compute.site_work_floor":
        test_compute.test_work_out_of_reach_of_the_cheap_site_stays_near,
    "cooling.part_load_floor":
        test_cooling.test_cooling_follows_the_highest_line_of_its_part_load_law,
    "cooling.cold_balance": test_cooling.test_cold_that_is_kept_gets_less,
    "cooling.cold_limit": test_cooling.test_a_tank_holds_what_was_built,
    "cooling.cold_power_limit": test_cooling.test_a_tank_takes_its_time_to_fill,
    "cooling.cold_need_limit": test_cooling.test_no_more_cold_is_taken_than_the_halls_need,
    "cooling.cold_spare_limit": test_cooling.test_only_free_chillers_fill_a_tank,
    "continuity.cold_capacity_mwh_floor":
        test_cooling.test_a_tank_still_stands_in_the_next_period,
    "compute.ramp_up_limit": test_work_state.test_work_with_state_changes_only_so_fast,
    "compute.ramp_down_limit": test_work_state.test_work_with_state_changes_only_so_fast,
    "compute.running_floor": test_work_state.test_work_with_state_never_stops,
    "compute.pause_floor":
        test_work_state.test_what_pauses_is_partly_done_again_and_not_late,
    "compute.share_balance":
        test_work_state.test_placed_work_does_not_change_its_site_within_a_block,
    "compute.placed_backlog_balance":
        test_work_state.test_placed_work_waits_where_it_was_placed,
    "compute.placed_backlog_limit": test_work_state.test_placed_work_is_late_nowhere,
    "compute.placed_pause_floor":
        test_work_state.test_placed_work_that_pauses_at_a_site_is_partly_done_again_there,
    "compute.migration_floor":
        test_work_state.test_work_moves_where_moving_its_data_costs_less_than_staying,
    "compute.bandwidth_limit": test_work_state.test_work_stays_within_the_bandwidth_of_its_link,
    "links.bandwidth_link":
        test_work_state.test_a_new_link_is_paid_before_it_carries_anything,
    "continuity.link_gbit_floor": test_work_state.test_a_link_that_was_built_still_stands,
    "targets.priority_floor":
        test_work_state.test_so_much_of_the_work_runs_at_the_sites_that_come_first,
    "network.power_balance": test_network.test_what_flows_in_equals_what_flows_out,
    "network.import_limit": test_network.test_the_largest_import_of_the_month_is_paid,
    "network.peak_limit":
        test_network.test_the_connection_is_as_large_as_the_largest_peak,
    "network.export_limit": test_network.test_only_own_generation_is_fed_in,
    "network.importing_link":
        test_network.test_a_site_sells_what_it_does_not_need_and_buys_nothing_beside_it,
    "network.exporting_link":
        test_network.test_a_site_that_needs_all_its_energy_sells_none_however_dear,
    "charges.billed_floor": test_charges.test_a_month_is_charged_for_its_maximum,
    "charges.declared_floor": test_charges.test_a_declaration_covers_part_of_the_transformers,
    "charges.over_floor": test_charges.test_demand_above_the_tolerance_counts_twice,
    "charges.declared_billed_floor":
        test_charges.test_demand_within_the_tolerance_costs_what_was_declared,
    "charges.ratchet_floor": test_charges.test_a_ratchet_remembers_earlier_maxima,
    "charges.choice_balance": test_charges.test_a_charge_that_is_taken_is_paid,
    "charges.capacity_waived_limit": test_charges.test_a_site_takes_the_cheaper_charge,
    "charges.capacity_waived_link": test_charges.test_a_site_takes_the_cheaper_charge,
    "charges.demand_waived_limit": test_charges.test_a_site_takes_the_cheaper_charge,
    "charges.demand_waived_link": test_charges.test_a_site_takes_the_cheaper_charge,
    "charges.energy_above_floor": test_charges.test_energy_above_a_threshold_costs_more,
    "charges.energy_above_limit": test_charges.test_energy_above_a_threshold_may_cost_less,
    "charges.energy_above_link": test_charges.test_energy_above_a_threshold_may_cost_less,
    "charges.demand_above_floor": test_charges.test_demand_above_a_threshold_costs_more_or_less,
    "charges.demand_above_limit": test_charges.test_demand_above_a_threshold_costs_more_or_less,
    "charges.demand_above_link": test_charges.test_a_cheaper_block_of_demand_must_be_reached,
    "charges.coincident_floor": test_charges.test_what_is_drawn_while_the_grid_peaks_is_charged,
    "charges.use_floor": test_charges.test_transformers_used_too_little_pay_in_full,
    "charges.discount_limit": test_charges.test_well_used_transformers_pay_less_for_demand,
    "charges.discount_link": test_charges.test_transformers_used_too_little_pay_in_full,
    "schemes.permitted_link":
        test_schemes.test_who_leaves_the_market_for_the_agency_leaves_his_contracts,
    "schemes.single_balance": test_schemes.test_a_direct_connection_takes_its_single_price_with_it,
    "schemes.alternative_link": test_schemes.test_a_site_has_one_scheme_for_the_whole_year,
    "schemes.first_link": test_schemes.test_an_agency_user_signs_no_contract,
    "schemes.alternative_limit": test_schemes.test_a_site_has_one_scheme_for_the_whole_year,
    "trading.resale_limit":
        test_contract_products.test_resold_energy_earns_its_price_within_its_share,
    "trading.unmatched_floor":
        test_contract_products.test_what_the_plant_does_not_produce_in_the_hour_is_grey_by_the_hour,
    "trading.delivery_limit":
        test_trading.test_a_contract_delivers_no_more_than_its_share_produces,
    "trading.volume_link":
        test_trading.test_a_contract_whose_minimum_is_too_dear_is_not_signed,
    "trading.volume_floor": test_trading.test_a_signed_contract_has_its_minimum_volume,
    "targets.size_clause_floor": test_sizing_targets.test_compute_of_one_type_is_reached,
    "targets.block_limit": test_sizing_targets.test_a_cluster_stands_at_one_site,
    "targets.cluster_halls_floor":
        test_sizing_targets.test_whole_halls_of_a_cluster_lift_the_bound_before_any_branching,
    "targets.blocks_floor": test_sizing_targets.test_so_many_clusters_are_asked_for,
    "targets.energy_pool_limit":
        test_sizing_targets.test_new_halls_live_on_the_energy_that_stock_releases,
    "targets.scope_pue_limit":
        test_usage_targets.test_a_limit_on_some_sites_closes_the_poor_one,
    "targets.project_size_limit":
        test_usage_targets.test_a_large_project_keeps_the_stricter_limit,
    "targets.project_pue_limit":
        test_usage_targets.test_a_small_project_keeps_the_milder_limit,
    "targets.large_project_pue_limit":
        test_usage_targets.test_a_large_project_keeps_the_stricter_limit,
    "targets.water_limit":
        test_usage_targets.test_a_cap_on_water_moves_work_to_where_none_is_needed,
    "targets.cue_limit": test_usage_targets.test_a_cue_moves_work_to_where_the_grid_is_cleaner,
    "targets.balance_limit":
        test_connection_targets.test_so_much_of_the_load_comes_from_own_plants,
    "targets.exchange_import_limit":
        test_connection_targets.test_no_more_is_imported_than_the_largest_exchange,
    "targets.exchange_export_limit":
        test_connection_targets.test_no_more_is_exported_than_the_largest_exchange,
    "targets.exchange_rise_limit":
        test_connection_targets.test_the_exchange_rises_only_so_fast,
    "targets.exchange_fall_limit":
        test_connection_targets.test_the_exchange_falls_only_so_fast,
    "targets.exchange_peak_limit":
        test_connection_targets.test_the_valley_of_the_exchange_is_so_much_of_its_peak,
    "targets.exchange_valley_floor":
        test_connection_targets.test_the_valley_of_the_exchange_is_so_much_of_its_peak,
    "targets.storage_power_floor": test_connection_targets.test_batteries_go_with_the_plants,
    "targets.storage_energy_floor": test_connection_targets.test_batteries_go_with_the_plants,
    "targets.connection_size_limit":
        test_connection_targets.test_grid_connections_together_stay_within_their_limit,
    "targets.carbon_cap_limit":
        test_connection_targets.test_a_cap_on_carbon_moves_work_to_where_the_grid_is_cleaner,
    "targets.market_carbon_cap_limit":
        test_connection_targets.test_by_market_only_what_nothing_green_covers_counts,
    "targets.compute_floor": test_targets.test_servers_reach_the_compute_asked_for,
    "targets.green_share_limit":
        test_targets.test_by_the_hour_only_what_is_green_in_its_hour_counts,
    "targets.uncovered_floor": test_targets.test_a_surplus_never_helps_another_month,
    "targets.certificate_limit":
        test_targets.test_certificates_cover_at_most_their_share_of_the_load,
    "targets.certificate_link": test_targets.test_a_certificate_is_bought_before_it_is_used,
    "targets.pue_limit": test_targets.test_the_fleet_mixes_halls_to_keep_its_pue,
    "near_optimal.cost_budget_limit":
        test_near_optimal.test_no_more_is_built_than_the_budget_pays_for,
    "continuity.plant_capacity_mw_floor":
        test_finance.test_a_plant_that_was_built_still_stands,
    "continuity.storage_power_mw_floor":
        test_finance.test_the_power_of_a_battery_still_stands,
    "continuity.storage_energy_mwh_floor":
        test_finance.test_the_energy_of_a_battery_still_stands,
    "continuity.halls_new_floor": test_stock.test_halls_that_were_built_still_stand,
    "continuity.halls_closed_floor": test_stock.test_a_closed_hall_stays_closed,
    "continuity.halls_converted_floor": test_stock.test_a_converted_hall_stays_converted,
    "continuity.servers_bought_mw_floor": test_stock.test_servers_that_were_bought_are_kept,
    "continuity.servers_retired_mw_floor": test_stock.test_a_retired_server_stays_retired,
    "continuity.servers_converted_mw_floor":
        test_stock.test_servers_kept_in_a_converted_hall_stay,
    "continuity.servers_relocated_mw_floor": test_stock.test_moved_servers_stay_moved,
    "reliability.critical_flow_balance":
        test_reliability.test_a_second_site_stands_ready_for_the_first,
    "reliability.critical_work_balance":
        test_reliability.test_only_the_critical_share_is_kept_twice,
    "reliability.critical_load_limit":
        test_reliability.test_servers_out_of_order_do_not_take_over_critical_work,
    "reliability.firm_supply_floor":
        test_reliability.test_one_feed_carries_critical_work_in_the_worst_hour,
    "reliability.firm_power_limit":
        test_reliability.test_a_battery_is_firm_up_to_its_power,
    "reliability.reserve_floor":
        test_reliability.test_a_firm_battery_holds_its_reserve_in_every_step,
    "continuity.backup_mw_floor": test_reliability.test_backup_that_was_bought_still_stands,
    "heat.source_limit": test_heat.test_no_more_heat_is_sold_than_halls_give_away,
    "heat.capacity_limit": test_heat.test_a_heat_pump_is_paid_for_its_power,
    "continuity.heat_capacity_mw_floor": test_heat.test_a_heat_pump_that_was_built_still_stands,
    "flexibility.response_link":
        test_flexibility.test_a_baseline_is_kept_only_by_who_sells_something,
    "flexibility.called_limit":
        test_flexibility.test_a_called_site_draws_less_than_its_baseline_by_what_it_sold,
    "surcharge.excess_floor": test_heat.test_energy_above_the_threshold_is_paid,
    "subsidies.amount_limit": test_subsidies.test_a_project_with_too_few_racks_gets_nothing,
    "subsidies.rack_limit": test_subsidies.test_a_rack_earns_its_rate,
    "subsidies.investment_limit":
        test_subsidies.test_only_so_much_of_the_investment_is_rewarded,
    "subsidies.rack_gate_floor": test_subsidies.test_a_project_with_too_few_racks_gets_nothing,
    "subsidies.single_reward_limit":
        test_subsidies.test_a_project_gets_the_best_reward_and_no_other,
    "subsidies.pue_gate_limit": test_subsidies.test_a_pue_at_the_gate_is_not_below_it,
    "subsidies.saving_limit": test_subsidies.test_energy_saved_is_rewarded,
    "measures.share_limit":
        test_loads_and_measures.test_a_measure_saves_its_share_of_a_hall_and_of_its_cooling,
    "measures.choice_link":
        test_loads_and_measures.test_a_measure_that_costs_more_than_it_saves_is_not_taken,
    "measures.choice_limit": test_loads_and_measures.test_of_a_group_one_measure_is_taken,
    "continuity.is_chosen_floor": test_loads_and_measures.test_a_measure_once_taken_stays,
    "continuity.grid_connection_mw_floor":
        test_finance.test_a_grid_connection_that_was_built_still_stands,
}  # fmt: skip
"""Family of constraints → the test whose answer it decides."""


def families(data) -> set[str]:
    """Every family of constraints in the model of a world."""
    model = build_model(data).pyomo
    return {toys.family(rule) for rule in model.component_objects(pyo.Constraint)}


def test_every_family_of_constraints_has_a_known_answer() -> None:
    found = families(toys.everything())
    assert found - KNOWN_ANSWERS.keys() == set(), "write a known answer and register it here"
    assert KNOWN_ANSWERS.keys() - found == set(), "no such family any more"


def test_every_rule_that_an_element_declares_is_in_the_world_with_everything_on() -> None:
    declared = {
        node.name
        for path in Path(next(iter(coplan.elements.__path__))).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and any("algebra.constraint" in ast.unparse(mark) for mark in node.decorator_list)
    }
    assert declared, "the elements declare their rules with @algebra.constraint"
    assert declared <= {name.split(".")[1] for name in families(toys.everything())}


@pytest.mark.slow
@pytest.mark.parametrize("name", KNOWN_ANSWERS)
def test_the_known_answer_is_missed_without_its_family(name: str) -> None:
    with toys.relaxed(name), pytest.raises(AssertionError):
        KNOWN_ANSWERS[name]()


def test_the_world_with_everything_on_can_be_planned() -> None:
    answer = toys.solved(toys.everything(), gap=1e-6)
    assert set(answer.of("clause_status").tolist()) == {"met"}
    for name in ("plant_capacity_mw", "storage_power_mw", "contract_volume_mw", "export_mw"):
        assert answer.plan[name].values.max() > 0.01, name

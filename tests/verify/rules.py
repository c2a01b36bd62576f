"""Which check of the audit knows each family of constraints: a plan that breaks it fails there.

`tests/trust/test_audit.py` proves every line: it plans the known answer of the family without it
and looks at what the audit says of that plan. Whoever adds a rule to the model adds one to the
audit, and its line here.
"""

from __future__ import annotations

CHECKS = {
    "generation within the weather": "supply.generation_limit",
    "direct lines within their capacity": "lines.circuit_limit lines.sent_limit",
    "a plant gives what its lines take": "lines.sent_balance",
    "what was built stays":
        "continuity.line_mw_floor continuity.cold_capacity_mwh_floor "
        "continuity.link_gbit_floor continuity.plant_capacity_mw_floor "
        "continuity.storage_power_mw_floor continuity.storage_energy_mwh_floor "
        "continuity.halls_new_floor continuity.halls_closed_floor "
        "continuity.halls_converted_floor continuity.servers_bought_mw_floor "
        "continuity.servers_retired_mw_floor continuity.servers_converted_mw_floor "
        "continuity.servers_relocated_mw_floor continuity.backup_mw_floor "
        "continuity.heat_capacity_mw_floor continuity.is_chosen_floor "
        "continuity.grid_connection_mw_floor",
    "zones within their headroom and corridor": "zones.headroom_limit zones.corridor_limit",
    "battery durations": "storage.duration_floor storage.duration_limit",
    "charge and discharge within the power": "storage.power_limit",
    "no charge and discharge at once": "storage.charging_link storage.discharging_link",
    "state of charge within the usable band": "storage.energy_limit",
    "state of charge carries over": "storage.soc_balance",
    "some batteries store only own generation": "storage.own_charge_limit",
    "servers fit into halls": "compute.hall_limit",
    "halls within the site's limit": "compute.site_it_limit",
    "halls on the land of their site": "compute.land_limit",
    "a used site within its size band": "compute.size_band_floor compute.size_band_limit",
    "closed and converted only where allowed":
        "compute.halls_closed_floor compute.halls_closed_limit "
        "compute.servers_converted_limit",
    "nothing is negative":
        "compute.halls_new_floor compute.servers_retired_floor compute.servers_bought_floor",
    "load within available servers": "compute.load_limit compute.load_floor",
    "backlog carries over": "compute.backlog_balance",
    "all work of a label is run": "compute.work_balance",
    "what is sent adds up to what is served": "compute.route_balance",
    "a site runs what was sent to it": "compute.site_work_floor",
    "cooling power": "cooling.part_load_floor",
    "cold-water tanks":
        "cooling.cold_balance cooling.cold_limit cooling.cold_power_limit "
        "cooling.cold_need_limit cooling.cold_spare_limit",
    "work with state keeps its pace":
        "compute.ramp_up_limit compute.ramp_down_limit compute.running_floor "
        "compute.pause_floor",
    "shares of placed work": "compute.share_balance",
    "placed work is in time at its site":
        "compute.placed_backlog_balance compute.placed_backlog_limit "
        "compute.placed_pause_floor",
    "work that moves is moved to its site": "compute.migration_floor",
    "work within the bandwidth of its link": "compute.bandwidth_limit links.bandwidth_link",
    "every target is kept":
        "targets.priority_floor targets.size_clause_floor targets.block_limit "
        "targets.blocks_floor targets.energy_pool_limit targets.scope_pue_limit "
        "targets.project_size_limit targets.project_pue_limit targets.large_project_pue_limit "
        "targets.water_limit targets.cue_limit targets.balance_limit "
        "targets.exchange_import_limit targets.exchange_export_limit "
        "targets.exchange_rise_limit targets.exchange_fall_limit targets.exchange_peak_limit "
        "targets.exchange_valley_floor targets.storage_power_floor "
        "targets.storage_energy_floor targets.connection_size_limit targets.carbon_cap_limit "
        "targets.market_carbon_cap_limit targets.compute_floor targets.green_share_limit "
        "targets.uncovered_floor targets.certificate_limit targets.certificate_link "
        "targets.pue_limit",
    "budget": "near_optimal.cost_budget_limit",
    "power balance": "network.power_balance",
    "import within the month's peak": "network.import_limit",
    "peak within the connection": "network.peak_limit",
    "export within the limit and from own generation": "network.export_limit",
    "no import and export at once": "network.importing_link network.exporting_link",
    "demand as billed":
        "charges.billed_floor charges.over_floor charges.declared_billed_floor "
        "charges.ratchet_floor charges.capacity_waived_link charges.demand_waived_link",
    "declared demand": "charges.declared_floor",
    "one charge and one scheme a site":
        "charges.choice_balance schemes.permitted_link schemes.single_balance "
        "schemes.alternative_link schemes.first_link schemes.alternative_limit",
    "every cost line":
        "charges.capacity_waived_limit charges.demand_waived_limit charges.energy_above_floor "
        "charges.energy_above_limit charges.energy_above_link charges.demand_above_floor "
        "charges.demand_above_limit charges.demand_above_link charges.coincident_floor "
        "charges.discount_limit charges.discount_link",
    "use that a discount asks for": "charges.use_floor",
    "resale and matching of contracts": "trading.resale_limit trading.unmatched_floor",
    "contract delivers what is due": "trading.delivery_limit",
    "contract volumes as signed": "trading.volume_link trading.volume_floor",
    "critical work is run whatever fails": "reliability.critical_flow_balance",
    "critical work has servers whatever fails":
        "reliability.critical_work_balance reliability.critical_load_limit",
    "firm supply covers critical work": "reliability.firm_supply_floor",
    "batteries keep their reserve": "reliability.firm_power_limit reliability.reserve_floor",
    "heat sold": "heat.source_limit heat.capacity_limit",
    "demand response is delivered": "flexibility.response_link flexibility.called_limit",
    "energy under the differential tariff": "surcharge.excess_floor",
    "rewards as their rules give them":
        "subsidies.amount_limit subsidies.rack_limit subsidies.investment_limit "
        "subsidies.rack_gate_floor subsidies.pue_gate_limit subsidies.saving_limit",
    "one reward for a project, the best, once": "subsidies.single_reward_limit",
    "efficiency measures": "measures.share_limit measures.choice_link measures.choice_limit",
}  # fmt: skip
"""English name of a check → the families that it knows."""

AUDITED = {family: check for check, families in CHECKS.items() for family in families.split()}

CUTS = ("compute.peak_halls_floor", "compute.target_halls_floor", "targets.cluster_halls_floor")
"""Families that only lift the bound: they follow from others, so that no plan breaks them alone."""

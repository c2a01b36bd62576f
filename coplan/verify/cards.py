"""What equipment costs, what halls are, and what work is asked for, from the cards again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.verify.outcome import Check, measured

if TYPE_CHECKING:
    from coplan.verify.sources import Sources

KILO = 1e3
INVESTMENTS = (
    ("plants", "generators", "plant_annuity_cny_per_mw_year", "capex_cny_per_kw"),
    ("batteries", "storage", "storage_power_annuity_cny_per_mw_year", "power_capex_cny_per_kw"),
    ("batteries", "storage", "storage_energy_annuity_cny_per_mwh_year", "energy_capex_cny_per_kwh"),
    ("halls", "halls", "hall_annuity_cny_per_mw_year", "capex_cny_per_kw"),
    ("cold_tanks", "cold-tanks", "cold_annuity_cny_per_mwh_year", "capex_cny_per_kwh"),
    ("backup", "backup", "backup_annuity_cny_per_mw_year", "capex_cny_per_kw"),
    ("heat", "heat-pumps", "heat_annuity_cny_per_mw_year", "capex_cny_per_kw"),
)
"""Group of entries, folder of their cards, input, price of a kW or kWh on the card."""
UPKEEP = (
    ("plants", "generators", "plant_om_cny_per_mw_year", "om_cny_per_kw_year"),
    ("batteries", "storage", "storage_om_cny_per_mw_year", "om_cny_per_kw_year"),
    ("halls", "halls", "hall_om_cny_per_mw_year", "om_cny_per_kw_year"),
    ("cold_tanks", "cold-tanks", "cold_om_cny_per_mwh_year", "om_cny_per_kwh_year"),
)


def _annuity(rate: float, years: float) -> float:
    """Share of an investment that a year pays: r / (1 − (1 + r)^−n), 1 / n without interest."""
    return 1.0 / years if rate == 0 else rate / (1.0 - (1.0 + rate) ** -years)


def _entries(sources: Sources, group: str) -> list[tuple[str, Any]]:
    """(unit, entry) of one group in the order of the dataset."""
    system = sources.scenario.system
    if group in ("backup", "heat"):
        return [(f"{site}_{group}", getattr(campus, group))
                for site, campus in system.sites.items() if getattr(campus, group)]  # fmt: skip
    found = [(unit, entry) for unit, (_, entry) in sources.units(group).items()]
    return found + (list(system.plants.items()) if group == "plants" else [])


def investments(sources: Sources) -> list[Check]:
    """Annuities are price × capital recovery at the scenario's cost of capital over the life."""
    case, known, parts = sources.case, sources.scenario.cards, []
    rate = float(sources.scenario.spec.options.wacc)
    for group, folder, name, price in INVESTMENTS:
        found = case.given(name)
        for row, (unit, entry) in enumerate(_entries(sources, group)):
            card = known[folder][entry.card]
            value = KILO * float(getattr(card, price)) * _annuity(rate, float(card.life_years))
            parts.append(measured(abs(found[row] - value), value, (), f"{unit} {name}"))
    servers = case.given("server_annuity_cny_per_mw_year")
    for row, (unit, entry) in enumerate(_entries(sources, "halls")):
        card = known["servers"][known["halls"][entry.card].servers]
        value = KILO * float(card.capex_cny_per_kw) * _annuity(rate, float(card.life_years))
        parts.append(measured(abs(servers[row] - value), value, (), f"{unit} servers"))
    grid = case.given("connection_annuity_cny_per_mw_year")
    for row, (site, campus) in enumerate(sources.scenario.system.sites.items()):
        entry = campus.connection
        mva = float(entry.transformer_redundancy) / float(entry.power_factor)
        value = KILO * float(entry.capex_cny_per_kva) * mva
        value *= _annuity(rate, float(entry.life_years))
        parts.append(measured(abs(grid[row] - value), value, (), f"{site} connection"))
    return [case.check("年金由造价重算", "annuities from cost, life and interest", *parts)]


def running_costs(sources: Sources) -> list[Check]:
    """Upkeep per year, from what the cards say per kW or kWh."""
    case, known, parts = sources.case, sources.scenario.cards, []
    for group, folder, name, price in UPKEEP:
        found = case.given(name)
        for row, (unit, entry) in enumerate(_entries(sources, group)):
            value = KILO * float(getattr(known[folder][entry.card], price))
            parts.append(measured(abs(found[row] - value), value, (), f"{unit} {name}"))
    return [case.check("运维费", "upkeep of the cards", *parts)]


def halls(sources: Sources) -> list[Check]:
    """Size, density, idle power and losses of halls are those of their cards."""
    case, known, parts = sources.case, sources.scenario.cards, []
    for row, (unit, entry) in enumerate(_entries(sources, "halls")):
        hall = known["halls"][entry.card]
        server = known["servers"][hall.servers]
        rated, partly = float(hall.loss_rated_share), float(hall.loss_at_30_percent_share)
        fixed = (partly - rated) / (1.0 / 0.3 - 1.0)  # fixed / 0.3 at 30 % load, fixed at full
        for name, value, digits in (
            ("hall_it_mw", hall.it_mw, 0.0), ("density_p_per_mw", server.density_p_per_mw, 0.0),
            ("idle_share", server.idle_share, 0.0), ("availability", hall.availability, 0.0),
            ("loss_fixed", fixed, 1e-5), ("loss_slope", rated - fixed, 1e-5),
        ):  # fmt: skip
            gap = abs(float(case.given(name)[row]) - float(value))
            parts.append(measured(gap - digits, abs(float(value)), (), f"{unit} {name}"))
    return [case.check("机房参数", "halls as their cards say", *parts)]


def demand(sources: Sources) -> list[Check]:
    """Work asked for in every hour: the mean of the period by the hours of its class."""
    case, scenario = sources.case, sources.scenario
    label = dict(zip(case.labels["label"], case.given("label_reference_p_per_mw"), strict=True))
    found, parts = case.given("demand_mw"), []
    for row, (name, entry) in enumerate(scenario.system.demand.items()):
        shape = np.array(scenario.cards["workloads"][entry.workload].hour_shape, dtype=float)
        for place, year in enumerate(scenario.spec.periods):
            mean = float(entry.mean_p[year]) / label[entry.label]
            expected = mean * (24.0 * shape / shape.sum())[sources.hour]
            gap = np.abs(found[place, row] - expected)
            parts.append(measured(gap, expected, ("time",), f"{name} {year}"))
    return [case.check("算力需求", "work asked for", *parts)]

"""Who asks for how much compute, when, and from which sites it can be served."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.dataset.parts import Parts
from coplan.dataset.work import place_fields, pool_marks
from coplan.elements.compute import cards as compute
from coplan.elements.index import Field
from coplan.errors import InputError, Problem
from coplan.physics.network import great_circle_km, one_way_latency_ms


def label_references(halls: dict[str, tuple]) -> dict[str, float]:
    """P per MW that one MW-equivalent of each label stands for: its densest servers."""
    best: dict[str, float] = {}
    for _, _, _, server in halls.values():
        best[server.label] = max(best.get(server.label, 0.0), server.density_p_per_mw)
    return best


def hall_fields(scenario: Any, parts: Parts, wacc: float) -> dict[str, Field]:
    """Fields of the halls and their servers, and what one MW-equivalent of a label stands for."""
    fields = compute.table(parts.halls, wacc)
    references = label_references(parts.halls)
    ratio = [
        server.density_p_per_mw / references[server.label]
        for _, _, _, server in parts.halls.values()
    ]
    periods = len(scenario.spec.periods)
    for name in ("halls_min", "halls_max", "servers_min_mw", "servers_max_mw"):
        static = fields[name]
        values = np.tile(static.values, (periods, 1))
        fields[name] = Field(("period", "hall"), values, static.units, static.long_name)
    fields["density_ratio"] = Field(
        ("hall",), np.array(ratio), "1", "density over the label's reference"
    )
    fields["label_reference_p_per_mw"] = Field(
        ("label",), np.array(list(references.values())), "P/MW", "P of one MW-equivalent"
    )
    return fields


def demand_fields(scenario: Any, halls: dict[str, tuple], horizon: Horizon) -> dict[str, Field]:
    """Demand, reach and latency of every demand, and the pools of equal reach and delay.

    Raises InputError when a demand has no value for a period or no site can serve it.
    """
    references = label_references(halls)
    latency, reach = _reach(scenario)
    offers = {
        (site, server.label) for site, _, _, server in halls.values()
    }  # a site without halls of the label may not serve it
    problems = _unserved(scenario, halls, reach)
    if problems:
        raise InputError(problems)
    demands = scenario.system.demand
    fits = [[(site, entry.label) in offers for site in scenario.system.sites]
            for entry in demands.values()]  # fmt: skip
    reach = reach * np.array(fits, dtype=float).reshape(reach.shape)
    cards = [scenario.cards["workloads"][entry.workload] for entry in demands.values()]
    periods = scenario.spec.periods
    mw = np.zeros((len(periods), len(demands), len(horizon.hour_of_year)))
    for d, (entry, card) in enumerate(zip(demands.values(), cards, strict=True)):
        shape = np.array(card.hour_shape) / np.mean(card.hour_shape)
        for p, period in enumerate(periods):
            mean_mw = entry.mean_p[period] / references[entry.label]
            mw[p, d] = mean_mw * shape[horizon.hour_of_day]
    delays = np.array([card.max_delay_h for card in cards], dtype=float)
    labels = [entry.label for entry in demands.values()]
    fields = {
        "demand_region": Field(("demand",), [e.region for e in demands.values()], "", "region"),
        "demand_workload": Field(
            ("demand",), [e.workload for e in demands.values()], "", "class of work"
        ),
        "demand_label": Field(("demand",), labels, "", "precision label"),
        "demand_mw": Field(
            ("period", "demand", "time"), mw, "MW", "work asked for, MW-equivalent of its label"
        ),
        "demand_delay_h": Field(("demand",), delays, "h", "longest wait"),
        "demand_reach": Field(("demand", "site"), reach, "1", "1 where a site may serve it"),
        "latency_one_way_ms": Field(("demand", "site"), latency, "ms", "one-way latency"),
        "latency_limit_ms": Field(
            ("demand",), np.array([_one_way_limit(card) for card in cards], dtype=float), "ms",
            "one-way limit",
        ),
    }
    return fields | place_fields(scenario) | _pools(scenario, labels, reach, delays, mw)


def _pools(
    scenario: Any, labels: list[str], reach: np.ndarray, delays: np.ndarray, mw: np.ndarray
) -> dict:
    """Pool demands of one label with equal reach and delay: exact, and far fewer columns."""
    keys = [
        (label, tuple(row), float(delay), mark)
        for label, row, delay, mark in zip(
            labels, reach, delays, pool_marks(scenario), strict=True
        )
    ]
    unique = list(dict.fromkeys(keys))
    names = [f"{label}-{delay:g}h-{n}" for n, (label, _, delay, _) in enumerate(unique, start=1)]
    member = np.array([[float(key == pool) for key in keys] for pool in unique], dtype=float)
    member = member.reshape(len(unique), len(keys))
    return {
        "pool": Field(("pool",), names, "", "work of equal label, reach and delay"),
        "demand_pool": Field(
            ("demand",), [names[unique.index(key)] for key in keys], "", "pool it belongs to"
        ),
        "pool_label": Field(("pool",), [key[0] for key in unique], "", "precision label"),
        "pool_delay_h": Field(
            ("pool",), np.array([key[2] for key in unique], dtype=float), "h", "longest wait"
        ),
        "pool_reach": Field(
            ("pool", "site"), np.array([key[1] for key in unique]).reshape(-1, reach.shape[1]),
            "1", "1 where it may run",
        ),
        "pool_demand_mw": Field(
            ("period", "pool", "time"), np.einsum("qd,pdt->pqt", member, mw), "MW",
            "work asked for, MW-equivalent of its label",
        ),
    }  # fmt: skip


def _one_way_limit(card: Any) -> float:
    return card.latency_limit_ms / (2 if card.latency_kind == "round_trip" else 1)


def _reach(scenario: Any) -> tuple[np.ndarray, np.ndarray]:
    """One-way latency [ms] and reach [0/1] of every demand and site."""
    system, cards = scenario.system, scenario.cards
    sites = [cards["sites"][entry.site] for entry in system.sites.values()]
    latency = np.zeros((len(system.demand), len(sites)))
    reach = np.zeros_like(latency)
    for d, entry in enumerate(system.demand.values()):
        region = cards["regions"][system.regions[entry.region]]
        card = cards["workloads"][entry.workload]
        distance = great_circle_km(
            region.latitude_deg, region.longitude_deg,
            [site.latitude_deg for site in sites], [site.longitude_deg for site in sites],
        )  # fmt: skip
        latency[d] = one_way_latency_ms(
            distance, route_factor=system.network.route_factor,
            equipment_ms=system.network.equipment_ms,
        )  # fmt: skip
        limit = _one_way_limit(card)
        reach[d] = latency[d] < limit if card.strict else latency[d] <= limit
        if card.stays_in:
            reach[d] *= [site.province in card.stays_in for site in sites]
    return latency, reach


def _unserved(scenario: Any, halls: dict[str, tuple], reach: np.ndarray) -> list[Problem]:
    """Demands without a value for a period, or that no site can serve."""
    problems = []
    system = f"systems/{scenario.spec.system}"
    sites = list(scenario.system.sites)
    for d, (name, entry) in enumerate(scenario.system.demand.items()):
        for period in scenario.spec.periods:
            if period not in entry.mean_p:
                known = ", ".join(str(year) for year in entry.mean_p)
                text = f"no demand given for period {period}; given are {known}"
                problems.append(scenario.problem(system, ("demand", name, "mean_p"), text))
        able = {site for site, _, _, server in halls.values() if server.label == entry.label}
        if not any(reach[d, s] and site in able for s, site in enumerate(sites)):
            provinces = scenario.cards["workloads"][entry.workload].stays_in
            inside = f" and in {', '.join(provinces)}" if provinces else ""
            text = (
                f"no site within the latency limit of {entry.workload} from {entry.region}{inside}"
                f" has halls for {entry.label}; allow a longer latency or add halls in reach"
            )
            problems.append(scenario.problem(system, ("demand", name, "workload"), text))
    return problems

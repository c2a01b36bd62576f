"""What sites as a whole allow: tier, owner, land, IT capacity and connection by period."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset.parts import Parts
from coplan.elements.index import Field


def site_fields(scenario: Any, parts: Parts) -> dict[str, Field]:
    """Fields of the sites, and of halls their land and owner."""
    periods, sites = scenario.spec.periods, list(parts.sites.values())
    bands = [campus.size_band for campus in sites]
    it_max = [
        [_it_max_mw(campus, period) for campus in sites] for period in periods
    ]
    connection = [
        [_from_phases(campus, "connection_max_mw", period, campus.connection.max_mw)
         for campus in sites]
        for period in periods
    ]  # fmt: skip
    all_halls_m2 = {
        name: sum(
            entry.max_halls * hall.land_m2
            for site, entry, hall, _ in parts.halls.values() if site == name
        )
        for name in parts.sites
    }  # fmt: skip
    land = [campus.land_m2 or max(all_halls_m2[name], 1.0) for name, campus in parts.sites.items()]
    owners = [entry.owner or parts.sites[site].owner or "" for site, entry, _, _ in
              parts.halls.values()]  # fmt: skip
    lives = [campus.connection.life_years for campus in sites]
    land_m2 = [hall.land_m2 for _, _, hall, _ in parts.halls.values()]
    return {
        "hall_land_m2": Field(("hall",), np.array(land_m2, dtype=float), "m2", "land of one hall"),
        "site_tier": Field(("site",), [campus.tier or "" for campus in sites], "", "tier"),
        "hall_owner": Field(("hall",), owners, "", "owner"),
        "site_land_m2": Field(
            ("site",), np.array(land, dtype=float), "m2",
            "land for halls; what all halls would take where nothing is said",
        ),
        "site_it_least_mw": Field(
            ("site",), np.array([band.min_mw if band else 0.0 for band in bands]), "MW",
            "least IT capacity of a site that is used; 0: no such band",
        ),
        "site_it_max_mw": Field(
            ("period", "site"), np.array(it_max, dtype=float), "MW", "most IT capacity"
        ),
        "connection_life_years": Field(
            ("site",), np.array(lives, dtype=float), "year", "economic life of the connection"
        ),
        "connection_max_mw": Field(
            ("period", "site"), np.array(connection, dtype=float), "MW", "most import"
        ),
    }  # fmt: skip


def _from_phases(campus: Any, name: str, period: int, otherwise: float) -> float:
    """The value of the latest phase at or before the period that names one."""
    named = [
        getattr(phase, name)
        for year, phase in sorted(campus.phases.items())
        if year <= period and getattr(phase, name) is not None
    ]
    return float(named[-1]) if named else otherwise


def _it_max_mw(campus: Any, period: int) -> float:
    most = _from_phases(campus, "it_max_mw", period, campus.it_max_mw)
    return min(most, campus.size_band.max_mw) if campus.size_band else most

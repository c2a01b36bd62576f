"""Which places and halls a clause is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.elements.card import Entry, Slug
from coplan.elements.index import names


class Places(Entry):
    """Which sites a clause is about, summed as one project; what is left out does not narrow it."""

    sites: tuple[Slug, ...] | None = None
    """Sites of the system."""
    provinces: tuple[Slug, ...] | None = None
    """Sites in these provinces."""


def in_force(target: dict[str, Any], period: int) -> bool:
    """Whether a target holds in a planning period; one without years always does."""
    first, last = target.get("from_year"), target.get("to_year")
    return (first is None or period >= first) and (last is None or period <= last)


def of_kind(targets: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    """The targets of these kinds."""
    return [target for target in targets if target["kind"] in kinds]


def sites_in_scope(target: dict[str, Any], data: Any) -> np.ndarray:
    """1 for every site (site) that a clause names; every site where it names none."""
    sites = np.array(names(data, "site"))
    asked = target.get("sites")
    return np.isin(sites, sites if asked is None else asked).astype(float)


def halls_in_scope(target: dict[str, Any], data: Any) -> np.ndarray:
    """1 for every hall (hall) that a clause's sites, tier, owner and kind of compute name."""
    sites = np.array(names(data, "hall_site"))
    inside = np.ones(sites.size, dtype=bool)
    if target.get("sites") is not None:
        inside &= np.isin(sites, target["sites"])
    if target.get("tier") is not None:
        tier = dict(zip(names(data, "site"), names(data, "site_tier"), strict=True))
        inside &= np.array([tier[site] == target["tier"] for site in sites], dtype=bool)
    if target.get("owner") is not None:
        inside &= np.array(names(data, "hall_owner")) == target["owner"]
    if target.get("compute_kind") is not None:
        inside &= np.array(names(data, "server_type_kind")) == target["compute_kind"]
    if target.get("hall_types") is not None:
        inside &= np.isin(names(data, "hall_type"), target["hall_types"])
    if target.get("stands") is not None:
        inside &= (data["hall_is_stock"].values > 0) == (target["stands"] == "stock")
    return inside.astype(float)

"""Which halls a clause is about."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.elements.index import names


def in_force(target: dict[str, Any], period: int) -> bool:
    """Whether a target holds in a planning period; one without years always does."""
    first, last = target.get("from_year"), target.get("to_year")
    return (first is None or period >= first) and (last is None or period <= last)


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

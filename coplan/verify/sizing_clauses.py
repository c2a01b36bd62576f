"""Clauses on sizes, counted again hall by hall."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.verify.case import Case
from coplan.verify.stock import account

Target = dict[str, Any]

NONE_MW = 1e-6
"""Less than this, one watt, is nothing built."""


def scope(case: Case, target: Target) -> np.ndarray:
    """1 for each hall (hall) that the clause is about."""
    site, tier = case.text("hall_site"), dict(
        zip(case.labels["site"], case.text("site_tier"), strict=True)
    )
    rules = (
        ("sites", lambda asked: np.isin(site, asked)),
        ("tier", lambda asked: np.array([tier[s] == asked for s in site])),
        ("owner", lambda asked: case.text("hall_owner") == asked),
        ("compute_kind", lambda asked: case.text("server_type_kind") == asked),
        ("hall_types", lambda asked: np.isin(case.text("hall_type"), asked)),
        ("stands", lambda asked: (case.given("halls_min")[0] > 0) == (asked == "stock")),
    )
    mine = np.ones(site.size)
    for key, rule in rules:
        if target.get(key) is not None:
            mine = mine * rule(target[key])
    return mine


def _weight(case: Case, target: Target) -> np.ndarray:
    mine = scope(case, target)
    if target.get("label") is not None:
        mine = mine * case.given("density_p_per_mw") * (case.text("hall_label") == target["label"])
    return mine


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 1e-9)


def capacity(case: Case, target: Target) -> np.ndarray:
    """P installed or bought (period)."""
    bought = account(case)["servers_bought_mw"]
    servers = bought if target["additions_only"] else case.found("servers_mw")
    return np.asarray(servers @ _weight(case, target))


def intelligent_share(case: Case, target: Target) -> np.ndarray:
    """Intelligent over all (period)."""
    weight, servers = _weight(case, target), case.found("servers_mw")
    is_one = case.text("server_type_kind") == "intelligent"
    return _share(servers @ (weight * is_one), servers @ weight)


def domestic_share(case: Case, target: Target) -> np.ndarray:
    """Domestic over all servers bought (period)."""
    mine, bought = scope(case, target), account(case)["servers_bought_mw"]
    return _share(bought @ (mine * case.given("domestic")), bought @ mine)


def occupancy(case: Case, target: Target) -> np.ndarray:
    """Servers over room (period)."""
    mine = scope(case, target)
    room = case.found("halls_built") @ (mine * case.given("hall_it_mw"))
    used = case.found("servers_mw") * (1.0 + case.given("storage_share"))
    return _share(used @ mine, room)


def rack_power(case: Case, target: Target) -> np.ndarray:
    """kW per rack in use (period)."""
    mine, servers = scope(case, target), case.found("servers_mw")
    return _share(servers @ mine, servers @ (mine / case.given("rack_kw")))


def no_new(case: Case, target: Target) -> np.ndarray:
    """MW of servers bought and halls built (period)."""
    new = account(case)
    mine = scope(case, target)
    built = new["halls_new"] @ (mine * case.given("hall_it_mw"))
    total = new["servers_bought_mw"] @ mine + built
    return np.where(total > NONE_MW, total, 0.0)


def clusters(case: Case, target: Target) -> np.ndarray:
    """Whole blocks at single sites (period)."""
    filled = (case.found("servers_mw") * _weight(case, target)) @ case.belongs("hall_site", "site")
    return np.asarray(np.floor(filled / target["block_p"] + 1e-6).sum(axis=-1))


def energy_pool(case: Case, target: Target) -> np.ndarray:
    """Energy of new and converted halls over energy released (period), worst weather year.

    Less than a kWh released counts as a kWh.
    """
    used, released = used_and_released_mwh(case, target)
    most = used.max(axis=1)
    return np.where(np.maximum(most, released) > 1e-9, most / np.maximum(released, 1e-3), np.nan)


def used_and_released_mwh(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Energy of new and converted halls (period, weather), and what stock released (period)."""
    mine, change = scope(case, target), case.given("hall_may_change")
    power = case.found("it_mw") + case.found("cooling_mw") + case.found("loss_mw")
    new = mine * (1.0 - change) * (case.given("halls_min")[0] == 0)
    used = case.yearly(power) @ new
    gone = (case.given("halls_min") - case.found("halls_built")) * change
    return used, gone @ (mine * case.given("metered_mwh_per_hall"))

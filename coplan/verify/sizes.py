"""Sizes stay within what was approved, halls are whole, and operation is nowhere negative."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, RESULT_DIMS, SIZE_DIMS, Case
from coplan.verify.outcome import Check, Part, measured

NONE_MW = 1e-6
"""Less than this, one watt, is nothing built."""

WHOLE = ("halls_built", "halls_converted", "line_circuits")
YES_OR_NO = ("is_contracted", "is_linked", "is_chosen", "is_responding", "is_rewarded",
             "is_supplied", "is_used_well", "takes")  # fmt: skip

SIZE_LIMITS: dict[str, tuple[str | None, str]] = {
    "plant_capacity_mw": ("plant_capacity_min_mw", "plant_capacity_max_mw"),
    "line_mw": (None, "line_max_mw"),
    "line_circuits": (None, "line_circuits_max"),
    "storage_power_mw": (None, "storage_power_max_mw"),
    "storage_energy_mwh": (None, "storage_energy_max_mwh"),
    "halls_built": (None, "halls_max"),
    "servers_mw": (None, "servers_max_mw"),
    "cold_capacity_mwh": (None, "cold_max_mwh"),
    "grid_connection_mw": ("connection_min_mw", "connection_max_mw"),
    "contract_volume_mw": (None, "contract_volume_max_mw"),
    "link_gbit": ("link_min_gbit", "link_max_gbit"),
    "backup_mw": ("backup_min_mw", "backup_max_mw"),
    "heat_capacity_mw": (None, "heat_max_mw"),
}


def bounds(case: Case) -> list[Check]:
    """Every size lies between its least and its most."""
    parts: list[Part] = []
    for name, (least, most) in SIZE_LIMITS.items():
        value, upper = case.found(name), case.given(most)
        lower = np.zeros_like(upper) if least is None else case.given(least)
        parts.append(measured(value - upper, upper, SIZE_DIMS[name], f"{name} above its most"))
        parts.append(measured(lower - value, upper, SIZE_DIMS[name], f"{name} below its least"))
    for name, most in (("certificates_mwh", "certificate_max_mwh"),):
        value, upper = case.found(name), case.given(most)
        parts.append(measured(value - upper, upper, OPERATION_DIMS[name], name))
    return [case.check("规模在批准范围内", "sizes within their limits", *parts)]


def what_was_built_stays(case: Case) -> list[Check]:
    """Plants, batteries, halls and connections of one period still stand in the next."""
    parts = []
    for name in (
        "plant_capacity_mw", "storage_power_mw", "storage_energy_mwh", "grid_connection_mw",
        "halls_new", "halls_closed", "halls_converted", "servers_bought_mw",
        "cold_capacity_mwh", "servers_retired_mw", "servers_converted_mw", "servers_relocated_mw",
        "link_gbit", "backup_mw", "is_chosen", "line_mw", "heat_capacity_mw",
    ):  # fmt: skip
        value = case.found(name)
        parts.append(measured(value[:-1] - value[1:], value[1:], SIZE_DIMS[name], name))
    return [case.check("已建不拆", "what was built stays", *parts)]


def nowhere_negative(case: Case) -> list[Check]:
    """Every decision and every power is at least zero."""
    names = [name for name in RESULT_DIMS if not name.startswith("energy_price")]
    parts = [
        measured(-case.found(name), np.abs(case.found(name)).max(initial=0.0),
                 RESULT_DIMS[name], name)
        for name in names
    ]  # fmt: skip
    return [case.check("无负值", "nothing is negative", *parts)]


def whole_numbers(case: Case) -> list[Check]:
    """Halls and circuits are whole; what is chosen, signed or granted is so or not."""
    parts = []
    for name in (*WHOLE, *YES_OR_NO):
        value = case.found(name)
        parts.append(measured(np.abs(value - np.round(value)), 1.0, RESULT_DIMS[name], name))
    for name in YES_OR_NO:
        parts.append(measured(case.found(name) - 1.0, 1.0, RESULT_DIMS[name], name))
    return [case.check("整数决策", "whole halls and signatures", *parts)]


def contracts_signed(case: Case) -> list[Check]:
    """No volume without a signature; a signed contract has at least its minimum."""
    volume, signed = case.found("contract_volume_mw"), case.found("is_contracted")
    is_open = case.given("contract_open")
    least = case.given("contract_volume_min_mw") * is_open
    most = case.given("contract_volume_max_mw") * is_open
    committed = case.given("contract_committed")
    dims = SIZE_DIMS["contract_volume_mw"]
    return [
        case.check(
            "合同签约量", "contract volumes as signed",
            measured(volume - most * signed, most, dims, "not signed"),
            measured(least * signed - volume, most, dims, "below the minimum"),
            measured(committed * least - volume, most, dims, "signed already"),
        )
    ]  # fmt: skip


def halls_and_servers(case: Case) -> list[Check]:
    """Servers fit into halls, and halls into what the site is allowed."""
    built = case.found("halls_built") * case.given("hall_it_mw")
    standing = case.found("servers_mw") * (1.0 + case.given("storage_share"))
    at_site = built @ case.belongs("hall_site", "site")
    limit, least = case.given("site_it_max_mw"), case.given("site_it_least_mw")
    land = (case.found("halls_built") * case.given("hall_land_m2")) @ case.belongs(
        "hall_site", "site"
    )
    missing = np.where(at_site > NONE_MW, least - at_site, 0.0)
    return [
        case.check("服务器装得下", "servers fit into halls",
                   measured(standing - built, built, ("period", "hall"))),
        case.check("园区容量", "halls within the site's limit",
                   measured(at_site - limit, limit, ("period", "site"))),
        case.check("园区用地", "halls on the land of their site",
                   measured(land - case.given("site_land_m2"), land, ("period", "site"))),
        case.check("园区规模区间", "a used site within its size band",
                   measured(missing, limit, ("period", "site"))),
    ]  # fmt: skip

"""What became of halls and servers that stood: every hall and every MW is accounted for once."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import SIZE_DIMS, Case
from coplan.verify.outcome import Check, measured


def _flow(case: Case, change: str, quantity: str, end: str) -> np.ndarray:
    """A quantity of conversions or relocations at the halls of one end (period, hall)."""
    return np.asarray(case.found(quantity) @ case.belongs(f"{change}_{end}", "hall"))


def account(case: Case) -> dict[str, np.ndarray]:
    """New, closed, bought and retired (period, hall), from what stands and what was there."""
    source = case.given("hall_may_change")
    halls = case.found("halls_built") - case.given("halls_min")
    servers = case.found("servers_mw") - case.given("servers_min_mw")
    halls = halls - _flow(case, "conversion", "halls_converted", "to")
    halls = halls + _flow(case, "conversion", "halls_converted", "from")
    for change, quantity in (
        ("conversion", "servers_converted_mw"), ("relocation", "servers_relocated_mw"),
    ):  # fmt: skip
        servers = servers - _flow(case, change, quantity, "to")
        servers = servers + _flow(case, change, quantity, "from")
    return {
        "halls_new": halls * (1.0 - source), "halls_closed": -halls * source,
        "servers_bought_mw": servers * (1.0 - source), "servers_retired_mw": -servers * source,
    }  # fmt: skip


def changes(case: Case) -> list[Check]:
    """Halls and servers that stand are those that stood, less what went, plus what came."""
    parts = [
        measured(np.abs(case.found(name) - value), np.abs(value), SIZE_DIMS[name], name)
        for name, value in account(case).items()
    ]
    stood = case.given("halls_min")
    closed = case.found("halls_closed") - case.given("hall_may_close") * stood
    room = _flow(case, "conversion", "halls_converted", "from") * case.given("hall_it_mw")
    keeps = case.given("conversion_keeps_servers")
    kept = case.found("servers_converted_mw")
    room_mw = case.given("hall_it_mw") / (1.0 + case.given("storage_share"))
    hall_mw = case.belongs("conversion_from", "hall") @ room_mw
    most = keeps * hall_mw * case.found("halls_converted")
    return [
        case.check("存量去向平衡", "what became of halls and servers", *parts),
        case.check(
            "关停与改造许可", "closed and converted only where allowed",
            measured(closed, stood, SIZE_DIMS["halls_closed"], "closed"),
            measured(room - stood * case.given("hall_it_mw"), room, SIZE_DIMS["halls_built"],
                     "converted"),
            measured(kept - most, most, SIZE_DIMS["servers_converted_mw"], "servers kept"),
        ),
    ]  # fmt: skip


def out_of_service(case: Case) -> np.ndarray:
    """Servers that stand still while halls are converted, mean of the period (period, hall)."""
    converted = case.found("halls_converted")
    now = np.diff(converted, axis=0, prepend=np.zeros((1, converted.shape[1])))
    into = case.belongs("conversion_to", "hall")
    room = case.given("hall_it_mw") / (1.0 + case.given("storage_share"))
    return np.asarray((now * case.given("conversion_lost_share")) @ into * room)


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What closing, converting and moving costs (period, site): value and size of its terms."""
    place = case.belongs("hall_site", "site")
    into = case.belongs("conversion_to", "hall")
    there = case.belongs("relocation_to", "hall") @ place
    hall_mw = case.given("hall_it_mw")
    closing = account(case)["halls_closed"] * hall_mw
    money = {
        "hall closure": (closing * case.given("closure_annuity_cny_per_mw_year"), place),
        "hall conversion": (
            case.found("halls_converted") * (into @ hall_mw)
            * case.given("conversion_annuity_cny_per_mw_year"), into @ place,
        ),
        "server relocation": (
            case.found("servers_relocated_mw") * case.given("relocation_annuity_cny_per_mw_year"),
            there,
        ),
    }  # fmt: skip
    return {label: (each @ at, np.abs(each) @ at) for label, (each, at) in money.items()}

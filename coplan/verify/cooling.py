"""IT, cooling, losses and facility power, worked out again from servers, load and weather."""

from __future__ import annotations

import numpy as np

from coplan.verify import loads
from coplan.verify.case import DERIVED_DIMS, OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured


def halls(case: Case) -> list[Check]:
    """IT power from idle and working servers; cooling and losses from IT power and halls."""
    servers = case.found("servers_mw")[:, None, :, None]
    idle = case.given("idle_share")[:, None]
    storage = case.given("storage_share")[:, None]
    it = (idle + storage) * servers + (1.0 - idle) * case.found("load_mw")
    it = it - loads.saved_in_halls(case)
    built = (case.found("halls_built") * case.given("hall_it_mw"))[:, None, :, None]
    cooling = case.given("cooling_slope") * it + case.given("cooling_fixed") * built
    cooling = cooling + _beyond_the_first_line(case, it, built) + _tanks(case)
    loss = case.given("loss_slope")[:, None] * it + case.given("loss_fixed")[:, None] * built
    checks = []
    for name, expected, zh, en in (
        ("it_mw", it, "IT功率重算", "IT power"),
        ("cooling_mw", cooling, "制冷功率重算", "cooling power"),
        ("loss_mw", loss, "电气损耗重算", "electrical losses"),
    ):
        scale = np.abs(expected).max(axis=-1, keepdims=True, initial=0.0)
        gap = np.abs(case.found(name) - expected)
        checks.append(case.check(zh, en, measured(gap, scale, DERIVED_DIMS[name])))
    return checks


def _beyond_the_first_line(case: Case, it: np.ndarray, built: np.ndarray) -> np.ndarray:
    """What the highest line of a bent part-load law asks for beyond the first one."""
    more = np.zeros(it.shape)
    factor = case.given("cooling_load_factor")
    for row, unit in enumerate(case.text("bend_hall")):
        u = case.labels["hall"].index(unit)
        line = case.given("bend_slope")[row] * it[:, :, u]
        line = line + case.given("bend_fixed")[row] * built[:, :, u]
        more[:, :, u] = np.maximum(more[:, :, u], factor[:, u] * line)
    return more


def _tanks(case: Case) -> np.ndarray:
    """Cooling power that tanks add while they are filled and save while they are emptied."""
    at = case.belongs("tank_hall", "hall")
    worth = case.given("cold_mechanical_share")[:, None] * np.einsum(
        "ku,wut->wkt", at, case.given("cooling_load_factor")
    )
    power = worth * (case.found("cold_charge_mw") - case.found("cold_discharge_mw"))
    return np.asarray(np.einsum("pwkt,ku->pwut", power, at))


def tanks(case: Case) -> list[Check]:
    """Cold is accounted for, stays within its tank, and no more is taken than is needed."""
    charge, discharge = case.found("cold_charge_mw"), case.found("cold_discharge_mw")
    cold, dims = case.found("cold_mwh"), OPERATION_DIMS["cold_mwh"]
    size = case.found("cold_capacity_mwh")[:, None, :, None]
    at = case.belongs("tank_hall", "hall")
    it = np.einsum("pwut,ku->pwkt", case.found("it_mw"), at)
    built = case.found("halls_built") * case.given("hall_it_mw")
    room = np.einsum("pu,ku->pk", built, at)[:, None, :, None]
    kept = case.given("cold_kept_per_step")[:, None] * np.roll(cold, 1, axis=-1)
    step = np.abs(cold - kept - float(case.given("step_h")) * (charge - discharge))
    flow = (charge + discharge) * case.given("cold_hours")[:, None]
    return [
        case.check(
            "蓄冷平衡", "cold-water tanks",
            measured(step, size, dims, "balance"), measured(cold - size, size, dims, "size"),
            measured(flow - size, size, dims, "power"),
            measured(discharge - it, it, dims, "more than needed"),
            measured(charge - (room - it), room, dims, "more than chillers can"),
        )
    ]  # fmt: skip


def sites(case: Case) -> list[Check]:
    """A site's IT and facility power add up from its halls."""
    given = case.on_site(case.found("drawn_mw"), "fixed_load")
    given_it = case.on_site(case.found("drawn_mw") * loads.counted_as_it(case), "fixed_load")
    it = case.on_site(case.found("it_mw"), "hall") + given_it
    overhead = case.on_site(case.found("cooling_mw") + case.found("loss_mw"), "hall")
    overhead = overhead + given - given_it
    return [
        case.check("园区IT功率", "site IT power",
                   measured(np.abs(case.found("site_it_mw") - it), case.site_scale,
                            DERIVED_DIMS["site_it_mw"])),
        case.check("园区总用电", "facility power",
                   measured(np.abs(case.found("facility_mw") - it - overhead), case.site_scale,
                            DERIVED_DIMS["facility_mw"])),
    ]  # fmt: skip

"""N−1: in every failure critical work has its place, its servers and its firm supply."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, SIZE_DIMS, Case
from coplan.verify.outcome import Check, measured
from coplan.verify.stock import out_of_service

FAILING = ("period", "failure", "site")


def critical_work(case: Case) -> list[Check]:
    """All critical work is run at sites in reach that did not fail, on servers that are there."""
    flow, load = case.found("critical_flow_mw"), case.found("critical_load_mw")
    critical = case.given("critical_mw")[:, None, :]
    critical = np.broadcast_to(critical, flow.shape[:3])
    work = case.given("density_ratio") * load
    run = np.einsum("pfu,us,ul->pfsl", work, case.belongs("hall_site", "site"),
                    case.belongs("hall_label", "label"))  # fmt: skip
    sent = np.einsum("pfds,dl->pfsl", flow, case.belongs("demand_label", "label"))
    servers = case.found("servers_mw")[:, None, :]
    most = case.given("availability") * (servers - out_of_service(case)[:, None, :])
    dims = SIZE_DIMS["critical_flow_mw"]
    return [
        case.check("N−1 关键任务有处可去", "critical work is run whatever fails",
                   measured(np.abs(flow.sum(axis=3) - critical), critical, dims[:3]),
                   measured(np.where(_closed(case), flow, 0.0), critical[..., None], dims,
                            "out of reach")),
        case.check("N−1 关键任务有服务器", "critical work has servers whatever fails",
                   measured(np.abs(run - sent), sent, (*FAILING, "label")),
                   measured(load - most, servers, SIZE_DIMS["critical_load_mw"], "above")),
    ]  # fmt: skip


def _closed(case: Case) -> np.ndarray:
    """True where a demand may not go to a site in a failure [failure, demand, site]."""
    reach = case.given("demand_reach") > 0
    closed = np.zeros((case.size("failure"), *reach.shape), dtype=bool)
    regions = case.text("demand_region")
    names = zip(case.text("failure_site"), case.text("failure_region"), strict=True)
    for f, (site, region) in enumerate(names):
        closed[f] = ~reach
        for d in range(len(regions)):
            if site and region in ("", regions[d]):
                closed[f, d, case.labels["site"].index(site)] = True
    return closed


def firm_supply(case: Case) -> list[Check]:
    """Grid without one feed, backup and firm batteries carry the critical work's facility power.

    A hall's facility power per IT power is that of its worst hour at full load.
    """
    first_line = case.given("cooling_slope") + case.given("cooling_fixed")
    overhead = np.maximum(first_line, case.given("cooling_load_factor")).max(axis=(0, 2))
    worst = 1.0 + overhead + case.given("loss_slope") + case.given("loss_fixed")
    worst = worst * (1.0 + case.given("storage_share"))
    used = (case.found("critical_load_mw") * worst) @ case.belongs("hall_site", "site")
    firm = (
        case.given("connection_firm_share") * case.found("grid_connection_mw")
        + case.found("backup_mw") @ case.belongs("backup_site", "site")
        + case.found("firm_power_mw") @ _battery(case) @ case.belongs("battery_site", "site")
    )
    return [
        case.check("N−1 保证供电", "firm supply covers critical work",
                   measured(used - firm[:, None, :], used, FAILING))
    ]  # fmt: skip


def reserve(case: Case) -> list[Check]:
    """Firm power is within the battery's power, and its energy is held in every step."""
    firm, holds = case.found("firm_power_mw"), _battery(case)
    power = case.found("storage_power_mw") @ holds.T
    out = holds @ case.given("discharge_efficiency")
    needed = firm * case.given("reserve_h") / out
    held = np.einsum("pwbt,rb->pwrt", case.found("soc_mwh"), holds)
    short = needed[:, None, :, None] - held
    dims = (*OPERATION_DIMS["soc_mwh"][:2], "reserve", "time")
    return [
        case.check("储能备用", "batteries keep their reserve",
                   measured(firm - power, power, SIZE_DIMS["firm_power_mw"], "power"),
                   measured(short, needed[:, None, :, None], dims, "energy")),
    ]  # fmt: skip


def _battery(case: Case) -> np.ndarray:
    """0/1 matrix [reserve, battery]."""
    return case.belongs("reserve_battery", "battery")


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What backup costs (period, site): value and size of its terms, by account label."""
    power = case.found("backup_mw")
    tested = power * case.given("backup_tested_mwh_per_mw_year")
    tonnes = tested * case.given("backup_emission_t_per_mwh")
    new = power - case.given("backup_min_mw")
    money = {
        "backup": new * case.given("backup_annuity_cny_per_mw_year"),
        "backup O&M": power * case.given("backup_om_cny_per_mw_year"),
        "backup fuel": tested * case.given("backup_fuel_cny_per_mwh"),
        "carbon": tonnes * case.given("carbon_price_cny_per_t"),
    }
    place = case.belongs("backup_site", "site")
    return {label: (each @ place, np.abs(each) @ place) for label, each in money.items()}

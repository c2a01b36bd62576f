"""Direct lines: within their circuits, fed by their plant and by nothing else, and paid."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, SIZE_DIMS, Case
from coplan.verify.outcome import Check, measured


def own_mw(case: Case) -> np.ndarray:
    """Own generation as it reaches each site (period, weather, site, time)."""
    behind = case.given("plant_is_behind_meter")[:, None]
    beside = case.on_site(case.found("generation_mw") * behind, "plant")
    return beside + case.on_site(arriving_mw(case), "direct_line")


def arriving_mw(case: Case) -> np.ndarray:
    """What is left of the power sent where a line ends (period, weather, direct line, time)."""
    return case.found("sent_mw") * (1.0 - case.given("line_loss_share"))[:, None]


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Lines of the account (period, site) [CNY per year]: value, and sum of the sizes of terms."""
    circuits, power = case.found("line_circuits"), case.found("line_mw")
    annuity = circuits * case.given("line_annuity_cny_per_circuit_year")
    annuity = annuity + power * case.given("line_annuity_cny_per_mw_year")
    fees = case.expected(case.yearly(arriving_mw(case) * case.given("line_fee_cny_per_mwh")))
    place = case.belongs("direct_line_site", "site")
    found = {
        "direct line": annuity,
        "direct line O&M": circuits * case.given("line_om_cny_per_circuit_year"),
        "direct line fees": fees,
    }
    return {label: (value @ place, np.abs(value) @ place) for label, value in found.items()}


def rules(case: Case) -> list[Check]:
    """A line takes no more than its circuits; a plant with lines gives exactly what they take."""
    power, sent = case.found("line_mw"), case.found("sent_mw")
    room = case.given("circuit_mw") * case.found("line_circuits")
    of_plant = np.einsum("pwlt,lg->pwgt", sent, case.belongs("direct_line_plant", "plant"))
    behind = case.given("plant_is_behind_meter")[:, None] > 0
    apart = np.where(behind, of_plant, np.abs(case.found("generation_mw") - of_plant))
    size = case.found("plant_capacity_mw")[:, None, :, None]
    return [
        case.check("直连线路容量", "direct lines within their capacity",
                   measured(power - room, room, SIZE_DIMS["line_mw"], "circuits"),
                   measured(sent - power[:, None, :, None], power[:, None, :, None],
                            OPERATION_DIMS["sent_mw"], "sent")),
        case.check("直连电源出力等于送出", "a plant gives what its lines take",
                   measured(apart, size, OPERATION_DIMS["generation_mw"])),
    ]  # fmt: skip

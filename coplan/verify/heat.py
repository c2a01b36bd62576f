"""Heat sold and the differential tariff, worked out again from IT power and facility energy."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured


def sold(case: Case) -> list[Check]:
    """Heat within what the network takes, the pump gives, and halls give away."""
    heat, dims = case.found("heat_mw"), OPERATION_DIMS["heat_mw"]
    size = case.found("heat_capacity_mw")[:, None, :, None]
    cop = case.given("heat_cop")[:, None]
    share = case.given("recoverable_heat_share")[:, None]
    away = case.on_site(case.found("it_mw") * share, "hall")
    away = np.einsum("pwst,hs->pwht", away, case.belongs("heat_site", "site"))
    return [
        case.check(
            "余热利用", "heat sold",
            measured(heat - case.given("heat_demand_mw"), size, dims, "demand"),
            measured(heat - size, size, dims, "power"),
            measured(heat * (1.0 - 1.0 / cop) - away, away, dims, "source"),
            measured(np.abs(case.found("heat_pump_mw") - heat / cop), size, dims, "electricity"),
        )
    ]  # fmt: skip


def excess_mwh(case: Case) -> np.ndarray:
    """Energy above each threshold of the differential tariff (period, weather, surcharge)."""
    at = case.belongs("surcharge_site", "site")
    facility = case.yearly(case.found("facility_mw")) @ at.T
    it = case.yearly(case.found("site_it_mw")) @ at.T
    return np.asarray(np.maximum(facility - case.given("surcharge_above_pue") * it, 0.0))


def surcharge(case: Case) -> list[Check]:
    """Excess of the plan is what facility and IT energy say."""
    expected = excess_mwh(case) / 1e3
    gap = np.abs(case.found("excess_gwh") - expected)
    scale = case.yearly(case.found("facility_mw")) @ case.belongs("surcharge_site", "site").T / 1e3
    part = measured(gap, scale, OPERATION_DIMS["excess_gwh"])
    return [case.check("差别电价电量", "energy under the differential tariff", part)]


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What heat and the differential tariff cost and earn (period, site): value and gross."""
    size, place = case.found("heat_capacity_mw"), case.belongs("heat_site", "site")
    sold_mwh = case.expected(case.yearly(case.found("heat_mw")))
    money = {
        "heat pump": size * case.given("heat_annuity_cny_per_mw_year"),
        "heat pump O&M": size * case.given("heat_om_cny_per_mw_year"),
        "heat revenue": -sold_mwh * case.given("heat_price_cny_per_mwh"),
    }
    found = {label: (each @ place, np.abs(each) @ place) for label, each in money.items()}
    paid = 1e3 * case.expected(case.found("excess_gwh")) * case.given("surcharge_cny_per_mwh")
    at = case.belongs("surcharge_site", "site")
    return found | {"differential tariff": (paid @ at, np.abs(paid) @ at)}

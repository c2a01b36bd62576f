"""Charges on transformers, maxima and blocks, recomputed from the meter's own numbers."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured

USE_TOLERANCE = 1e-5
"""Share of the use asked for that a month may lack: rounding of an interior point."""


def monthly_imports(case: Case) -> np.ndarray:
    """Grid energy of a month (period, weather, site, month) [MWh], on the scale of a full year."""
    bought = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    return case.monthly(bought) * case.size("month") / 12.0


def billed_mw(case: Case) -> np.ndarray:
    """Demand that a month is charged for (period, weather, site, month) [MW]."""
    peak, declared = case.found("peak_mw"), case.found("declared_mw")
    declares = case.given("demand_is_declared")[:, None] > 0
    over = np.maximum(0.0, peak - case.given("declared_tolerance")[:, None] * declared)
    with_excess = declared + case.given("declared_excess_factor")[:, None] * over
    billed = np.where(declares, with_excess, peak)
    months = case.size("month")
    back, share = case.given("ratchet_months"), case.given("ratchet_share")
    for month in range(months):
        for lag in range(1, min(int(back.max(initial=0)), months - 1) + 1):
            remembered = share * (back >= lag) * peak[..., (month - lag) % months]
            billed[..., month] = np.maximum(billed[..., month], remembered)
    return np.asarray(billed)


def chosen(case: Case, kind: str) -> np.ndarray:
    """1 where a site owes a kind of charge (period, site): all that it cannot leave, and what
    it takes of what it is offered."""
    here = case.belongs("offer_site", "site") * (case.text("offer_kind") == kind)[:, None]
    offered = here.sum(axis=0) > 0
    return np.where(offered, np.round(case.found("takes")) @ here, 1.0)


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Charges by period and site [CNY a year], and the sum of the sizes of their terms."""
    year = 12.0 / case.size("month")
    connection = case.found("grid_connection_mw")
    mva = case.given("transformer_mva_per_mw") * connection
    owed = _owed_for_demand(case)
    demand = case.expected(owed - _discounts(case) @ case.belongs("discount_site", "site"))
    capacity = 12.0 * case.given("capacity_price_cny_per_mva_month") * mva
    single = 12.0 * case.given("single_price_cny_per_mw_month") * connection
    found = {
        "demand charge": (demand, np.abs(case.expected(owed))),
        "capacity charge": (capacity * chosen(case, "capacity"), np.abs(capacity)),
        "single-capacity charge": (single * chosen(case, "single"), np.abs(single)),
    }
    return found | _blocks(case, year) | _coincident(case, year)


def _owed_for_demand(case: Case) -> np.ndarray:
    """Demand charge before any discount (period, weather, site) [CNY a year]."""
    price = case.given("demand_price_cny_per_mw_month") * chosen(case, "demand")
    return np.asarray(price[:, None] * billed_mw(case).sum(-1) * 12.0 / case.size("month"))


def _discounts(case: Case) -> np.ndarray:
    """What well-used transformers spare (period, weather, discount) [CNY a year]."""
    owed = _owed_for_demand(case) @ case.belongs("discount_site", "site").T
    return np.asarray(np.round(case.found("is_used_well")) * case.given("discount_share") * owed)


def _above(case: Case, tier: str) -> np.ndarray:
    """Part of a month's energy or maximum above each threshold (period, weather, tier, month)."""
    quantity, unit = monthly_imports(case), "mwh"
    if tier == "demand_tier":
        quantity, unit = case.found("peak_mw"), "mw"
    of_tier = np.einsum("pwsm,js->pwjm", quantity, case.belongs(f"{tier}_site", "site"))
    return np.maximum(0.0, of_tier - case.given(f"{tier}_above_{unit}")[:, None])


def _while_the_grid_peaks(case: Case) -> np.ndarray:
    """Largest import of a month while the grid peaks (period, weather, coincident, month) [MW]."""
    bought = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    place = case.belongs("coincident_site", "site")
    drawn = np.einsum("pwst,cs->pwct", bought, place) * case.given("coincident_inside")
    month = np.argmax(case.in_month, axis=1)
    return np.stack(
        [drawn[..., month == m].max(axis=-1, initial=0.0) for m in range(case.size("month"))], -1
    )


def quantities(case: Case) -> list[Check]:
    """What is charged beyond maxima is what the meter says: blocks, grid peaks, discounts."""
    expected = {
        "energy_above_mwh": _above(case, "energy_tier"),
        "demand_above_mw": _above(case, "demand_tier"),
        "coincident_mw": _while_the_grid_peaks(case),
        "discount_kcny": _discounts(case) / 1e3,
    }
    parts = [
        measured(np.abs(case.found(name) - value), np.abs(value), OPERATION_DIMS[name], name)
        for name, value in expected.items()
    ]
    return [case.check("阶梯、同时峰荷与折扣", "blocks, grid peaks and discounts", *parts)]


def _blocks(case: Case, year: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found = {}
    for tier, label, rate in (
        ("energy_tier", "energy blocks", "mwh"), ("demand_tier", "demand blocks", "mw_month"),
    ):  # fmt: skip
        place = case.belongs(f"{tier}_site", "site")
        above = case.expected(_above(case, tier).sum(-1))
        money = above * year * case.given(f"{tier}_more_cny_per_{rate}")
        found[label] = (money @ place, np.abs(money) @ place)
    return found


def _coincident(case: Case, year: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    place = case.belongs("coincident_site", "site")
    price = year * case.given("coincident_price_cny_per_mw_month")
    money = case.expected(_while_the_grid_peaks(case).sum(-1)) * price
    return {"coincident-peak charge": (money @ place, np.abs(money) @ place)}


def rules(case: Case) -> list[Check]:
    """One charge and one scheme a site, declarations large enough, discounts deserved."""
    declared = case.found("declared_mw")
    connection = case.found("grid_connection_mw")[:, None, :, None]
    least = case.given("demand_is_declared") * case.given("declared_least_share")
    least = (least * case.given("transformer_mva_per_mw"))[:, None] * connection
    offers = case.belongs("offer_site", "site")
    taken = case.found("takes") @ offers - (offers.sum(axis=0) > 0)
    others = case.belongs("alternative_site", "site")
    more_than_one = case.found("is_supplied") @ others - 1.0
    place = case.belongs("discount_site", "site")
    needed = case.given("discount_mwh_per_mva_month")[:, None] * np.einsum(
        "ps,ds->pd", case.given("transformer_mva_per_mw") * case.found("grid_connection_mw"), place
    )[:, None, :, None]  # fmt: skip
    used = np.einsum("pwsm,ds->pwdm", monthly_imports(case), place)
    lacking = np.round(case.found("is_used_well"))[..., None] * (needed - used)
    monthly = ("period", "weather", "site", "month")
    short = billed_mw(case) - case.found("billed_mw")
    costs = case.given("demand_price_cny_per_mw_month")[:, None, :, None] > 0
    wrong = np.where(costs, np.abs(short), short)  # where it costs nothing, more is no harm
    return [
        case.check("计费需量", "demand as billed", measured(wrong, case.site_scale, monthly)),
        case.check("申报需量", "declared demand",
                   measured(least - declared, connection, monthly),
                   measured(np.where(case.given("demand_is_declared")[:, None] > 0, 0.0, declared),
                            1.0, monthly, "declared where the meter counts")),
        case.check("计费方式唯一", "one charge and one scheme a site",
                   measured(np.abs(taken), 1.0, ("period", "site"), "charge"),
                   measured(more_than_one, 1.0, ("period", "site"), "scheme"),
                   *_scheme(case, others)),
        case.check("需量折扣条件", "use that a discount asks for",
                   measured(lacking - USE_TOLERANCE * needed, needed,
                            ("period", "weather", "discount", "month"))),
    ]  # fmt: skip


def _scheme(case: Case, others: np.ndarray) -> list:
    """Energy is bought under the scheme taken; agency users have no contracts."""
    taken = np.round(case.found("is_supplied"))
    instead = case.found("alternative_mw")
    retail = np.einsum("pwst,js->pwjt", case.found("retail_mw"), others)
    right = instead - taken[:, None, :, None] * retail
    is_agency = (case.text("site_supply") == "agency").astype(float)[None, :]
    agency = (case.text("alternative_scheme") == "agency").astype(float)
    left = taken @ others
    is_agency = is_agency * (1.0 - left) + (taken * agency) @ others
    signed = is_agency @ case.belongs("contract_site", "site").T * case.found("contract_volume_mw")
    direct = (case.text("site_supply") == "direct") * (1.0 - left)
    direct = direct + (taken * (case.text("alternative_scheme") == "direct")) @ others
    singles = case.belongs("offer_site", "site")[case.text("offer_kind") == "single"]
    takes = case.found("takes")[:, case.text("offer_kind") == "single"]
    tied = takes - direct @ singles.T
    scale = case.site_scale[:, 0].max(initial=0.0)
    return [
        measured(np.abs(right), scale, ("period", "weather", "alternative", "time"), "energy"),
        measured(signed, scale, ("period", "contract"), "contracts of an agency user"),
        measured(np.abs(tied), 1.0, ("period", ""), "single-capacity price"),
    ]

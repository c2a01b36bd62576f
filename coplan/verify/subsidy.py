"""Public money worked out again: every reward from sizes and dispatch, every voucher from fees."""

from __future__ import annotations

import numpy as np

from coplan.verify import stock
from coplan.verify.case import SIZE_DIMS, Case
from coplan.verify.outcome import Check, Part, measured

CNY = 1e3
CLEARLY_BELOW = 2e-4
"""A PUE this far below a gate is due its reward; a plan may keep a little distance itself."""


def _of_project(case: Case) -> np.ndarray:
    return case.belongs("reward_hall", "hall")


def _sizes(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Racks, CNY invested and metered MWh of every project (period, reward)."""
    retrofit, at = case.given("reward_is_retrofit"), _of_project(case)
    into = case.belongs("conversion_to", "hall")
    converted = case.found("halls_converted")
    new_mw = (converted @ into) * case.given("hall_it_mw")
    capital = (converted * (into @ case.given("hall_it_mw"))
               * case.given("conversion_capex_cny_per_mw")) @ into  # fmt: skip
    before = case.belongs("conversion_from", "hall") @ case.given("metered_mwh_per_hall")
    metered = (converted * before) @ into
    bought = stock.account(case)["servers_bought_mw"]
    price = case.given("server_capex_cny_per_mw") * case.given("domestic")
    size_mw = np.where(retrofit > 0, new_mw @ at.T, bought @ at.T)
    racks = size_mw / (at @ (case.given("rack_kw") / 1e3))
    invested = np.where(retrofit > 0, capital @ at.T, (bought * price) @ at.T)
    return racks, invested, (metered @ at.T) * retrofit


def _energy(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Facility and IT energy of every project (period, weather, reward) [MWh]."""
    it = case.yearly(case.found("it_mw"))
    rest = case.yearly(case.found("cooling_mw")) + case.yearly(case.found("loss_mw"))
    at = _of_project(case).T
    return (it + rest) @ at, it @ at


def due(case: Case, margin: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """What each rule gives each project (period, reward) [CNY], and whether every gate is open.

    A PUE is below its gate by more than `margin`.
    """
    racks, invested, metered = _sizes(case)
    facility, it = _energy(case)
    least = np.broadcast_to(case.given("reward_most_cny"), racks.shape).copy()
    saved = (metered - facility.max(axis=1)) * case.given("reward_t_per_mwh")
    for rate, size in (("cny_per_rack", racks), ("cny_per_tce", saved),
                       ("investment_share", invested)):  # fmt: skip
        per = case.given(f"reward_{rate}")
        least = np.where(per > 0, np.minimum(least, per * size), least)
    below = case.given("reward_pue_below")
    efficient = ((below == 0) | (facility < (below - margin) * it)).all(axis=1)
    efficient |= facility.max(axis=1) <= 0.0
    above = case.given("reward_computing_share_above")
    share = _of_project(case) @ (1.0 / (1.0 + case.given("storage_share")))
    open_gates = (
        efficient & (case.given("reward_in_force") > 0)
        & (racks >= case.given("reward_min_racks") - 1e-6)
        & ((above == 0) | (share > above))
    )  # fmt: skip
    return np.maximum(least, 0.0), open_gates


def rewards(case: Case) -> list[Check]:
    """A reward is what its rule gives, behind open gates, once, and the best of the project."""
    if not case.size("reward"):
        return []
    paid, marked = CNY * case.found("reward_kcny"), case.found("is_rewarded")
    amount, is_open = due(case)
    allowed = np.where(is_open, amount, 0.0)
    is_paid = paid > 1e-3
    of = case.belongs("reward_hall", "hall")
    times = is_paid.sum(axis=0) @ of
    amount, is_open = due(case, CLEARLY_BELOW)
    rivals = np.where(is_open, amount, 0.0) * case.given("reward_annuity_per_year")
    best = np.stack([rivals[:, of[:, u] > 0].max(axis=1, initial=0.0) for u in range(of.shape[1])],
                    axis=1) @ of.T  # fmt: skip
    missed = np.where(is_paid, best - paid * case.given("reward_annuity_per_year"), 0.0)
    # a project that some period would reward is rewarded in one of them
    earned = (best.max(axis=0) > 1e-3) @ of > 0
    dims = SIZE_DIMS["reward_kcny"]
    return [
        case.check(
            "奖补金额与门槛", "rewards as their rules give them",
            measured(np.where(is_paid, np.abs(paid - allowed), paid), allowed, dims, "amount"),
            measured(np.where(is_paid, 1.0 - marked, 0.0), 1.0, dims, "not marked"),
        ),
        case.check(
            "奖补从优就高不重复", "one reward for a project, the best, once",
            measured(times - 1.0, 1.0, ("hall",), "twice"),
            measured(missed, best, dims, "not the best"),
            measured(np.where(earned, 1.0 - times, 0.0), 1.0, ("hall",), "none"),
        ),
    ]  # fmt: skip


def vouchers(case: Case) -> list[Check]:
    """Vouchers of every user and year, from cost, fee, cap, one-off and budget."""
    years = np.array(case.labels.get("voucher_year", []), dtype=float)[:, None]
    settles = case.given("voucher_settles_in")
    by_cost = case.given("voucher_is_lead") * case.given("voucher_lead_share")
    by_cost = by_cost * case.given("voucher_cost_cny")
    by_fee = case.given("voucher_is_platform") * case.given("voucher_platform_share")
    by_fee = by_fee * case.given("voucher_fee_cny")
    higher = np.minimum(np.maximum(by_cost, by_fee), case.given("voucher_most_cny"))
    asked = higher * (years >= settles) + case.given("voucher_settling_cny") * (years == settles)
    asked = asked * case.given("voucher_in_force")
    rules = case.text("voucher_rule")
    same = (rules[:, None] == rules[None, :]).astype(float)
    over = np.maximum(asked @ same / np.maximum(case.given("voucher_budget_cny"), 1e-9), 1.0)
    expected = asked / over
    part: Part = measured(np.abs(case.found("voucher_cny") - expected), asked,
                          SIZE_DIMS["voucher_cny"])  # fmt: skip
    return [case.check("算力券金额", "compute vouchers as the rule gives them", part)]


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Subsidies in the operator's account (period, site); none from another perspective."""
    value, gross = _annuities(case)
    seen = case.inputs.attrs.get("perspective", "operator")
    return {"subsidies": (-value, gross) if seen == "operator" else (0.0 * value, gross)}


def transfers(case: Case, booked: np.ndarray) -> Part:
    """Subsidies told beside the account: `booked` (period, site) [CNY per year] of that book."""
    value, gross = _annuities(case)
    sign = {"operator": 0.0, "system": -1.0, "government": 1.0}
    seen = case.inputs.attrs.get("perspective", "operator")
    return measured(np.abs(booked - sign[seen] * value), gross, ("period", "site"), "transfers")


def _annuities(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Annuity of what was paid so far (period, site) [CNY per year]."""
    paid = np.cumsum(CNY * case.found("reward_kcny"), axis=0)
    yearly = (paid * case.given("reward_annuity_per_year")) @ case.belongs("reward_site", "site")
    return yearly, np.abs(yearly)

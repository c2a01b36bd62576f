"""Green accounting: what was grey, what may be netted against it, and that nothing counts twice."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured

YEAR = ("period", "weather")


def load_mwh(case: Case) -> np.ndarray:
    """Yearly facility energy of all sites (period, weather)."""
    return case.yearly(case.found("facility_mw")).sum(axis=-1)


def grey_mwh(case: Case) -> np.ndarray:
    """Energy bought at retail by all sites in each month (period, weather, month), and what shaped
    contracts deliver beyond their plant's production."""
    retail = case.monthly(case.found("retail_mw")).sum(axis=2)
    return retail + case.monthly(beyond_production_mw(case)).sum(axis=2)


def beyond_production_mw(case: Case) -> np.ndarray:
    """What contracts deliver beyond their plant's production (period, weather, contract, time)."""
    made = case.found("contract_volume_mw")[:, None, :, None] * case.given("contract_profile")
    shaped = case.given("contract_is_shaped")[:, None]
    return np.maximum(0.0, case.found("delivered_mw") - made) * shaped


def resold_mw(case: Case) -> np.ndarray:
    """Contract power sold on (period, weather, contract, time)."""
    return np.einsum(
        "pwrt,rc->pwct", case.found("resold_mw"), case.belongs("resale_contract", "contract")
    )


def unspent_mwh(case: Case) -> np.ndarray:
    """Energy of contracts settled by month or year, produced, paid and not delivered, by month."""
    made = case.found("contract_volume_mw")[:, None, :, None] * case.given("contract_profile")
    settled = (case.text("contract_settlement") != "hourly").astype(float)
    green = case.found("delivered_mw") - beyond_production_mw(case)
    left = np.einsum("pwct,c->pwt", made - green - resold_mw(case), settled)
    kept = case.found("export_mw") * case.given("export_keeps_certificates")[:, None]
    return case.monthly(left + kept.sum(axis=2))


def counted_certificates(case: Case, share: float) -> np.ndarray:
    """Unbundled certificates that count (period, weather): up to a share of the load."""
    goals = [t for t in case.targets if t["kind"] == "green_share"]
    window = min((int(t.get("certificate_window_years", 1)) for t in goals), default=1)
    return np.minimum(valid_certificates(case, window), share * load_mwh(case))


def valid_certificates(case: Case, window: int) -> np.ndarray:
    """Certificates bought (period, weather), at most so many years old and not of one to come."""
    year = np.array([int(label) for label in case.labels["period"]])
    age = year[:, None] - case.given("certificate_vintage")
    valid = ((age >= 0) & (age <= window)).astype(float)
    return np.einsum("pwe,pe->pw", case.found("certificates_mwh"), valid)


def netting(case: Case, matching: str, share: float) -> np.ndarray:
    """The most that may be netted in a year (period, weather) [MWh] under one matching."""
    grey, unspent = grey_mwh(case), unspent_mwh(case)
    if matching == "hourly":
        return np.zeros(grey.shape[:2])
    if matching == "annual":
        own = np.minimum(grey.sum(axis=-1), unspent.sum(axis=-1))
    else:
        own = np.minimum(grey, unspent).sum(axis=-1)
    return own + np.minimum(grey.sum(axis=-1) - own, counted_certificates(case, share))


def left_mwh(case: Case, matching: str, share: float) -> np.ndarray:
    """Grey energy that nothing covers (period, weather) [MWh]: grey − netted."""
    return np.asarray(grey_mwh(case).sum(axis=-1) - netting(case, matching, share))


def green_share(case: Case, matching: str, share: float) -> np.ndarray:
    """1 − (grey − netted) / load (period, weather); not a number in a year without load."""
    load = load_mwh(case)
    left = left_mwh(case, matching, share)
    return 1.0 - np.divide(left, load, out=np.full(load.shape, np.nan), where=load > 0)


def nothing_counts_twice(case: Case) -> list[Check]:
    """Netted energy is all that was grey in its interval and was paid but not taken in it.

    The widest interval among the targets limits it: under monthly matching each month by itself.
    Certificates cover grey energy beside it and are counted on their own.
    """
    goals = [t for t in case.targets if t["kind"] == "green_share"]
    widest = [t for t in goals if t.get("matching", "annual") != "hourly"] or goals
    share = max((float(t.get("unbundled_max_share", 0.0)) for t in widest), default=0.0)
    netted, grey, unspent = case.found("netted_mwh"), grey_mwh(case), unspent_mwh(case)
    load = load_mwh(case)
    over_month = np.maximum(netted - unspent, 0.0).sum(axis=-1)
    over_year = netted.sum(axis=-1) - unspent.sum(axis=-1)
    kinds = {t.get("matching", "annual") for t in widest}
    monthly = bool(kinds) and kinds <= {"monthly", "hourly"}
    over = over_month if monthly else over_year
    parts = [
        measured(over, load, YEAR, "more than unspent"),
        measured(netted.sum(axis=-1) - grey.sum(axis=-1), load, YEAR, "more than grey"),
    ]
    if monthly:
        parts.append(measured(netted - grey, load[..., None], OPERATION_DIMS["netted_mwh"]))
    if kinds == {"hourly"}:
        parts.append(measured(netted, 1.0, OPERATION_DIMS["netted_mwh"], "netted by the hour"))
    if kinds - {"hourly"}:
        own = netting(case, "monthly" if monthly else "annual", 0.0)
        parts.append(measured(own - netted.sum(axis=-1), load, YEAR, "less than may be netted"))
    checks = [case.check("抵扣不重复计算", "nothing is netted twice", *parts)]
    shares = [green_share(case, matching, share) for matching in ("hourly", "monthly", "annual")]
    order = [
        measured(np.where(load > 0, lower - higher, 0.0), 1.0, YEAR, name)
        for lower, higher, name in zip(shares, shares[1:], ("monthly", "annual"), strict=False)
    ]
    checks.append(case.check("匹配口径由严到宽", "hourly within monthly within annual", *order))
    return checks


def netting_reaches_targets(case: Case) -> list[Check]:
    """With the netting the plan itself states, every green target is reached."""
    parts = []
    load, grey = load_mwh(case), grey_mwh(case).sum(axis=-1)
    stated = case.found("netted_mwh").sum(axis=-1)
    for target in case.targets:
        if target["kind"] != "green_share" or target.get("penalty_cny_per_mwh") is not None:
            continue
        matching = target.get("matching", "annual")
        netted = np.zeros_like(stated)
        if matching != "hourly":
            share = float(target.get("unbundled_max_share", 0.0))
            netted = np.minimum(
                stated + counted_certificates(case, share), netting(case, matching, share)
            )
        short = grey - netted - (1.0 - float(target["value"])) * load
        parts.append(measured(short, load, YEAR, target["id"]))
    return [case.check("绿电目标与抵扣", "netting reaches the green targets", *parts)]

"""Demand response: the contracted level is kept in every called step, and paid as contracted."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import SIZE_DIMS, Case
from coplan.verify.outcome import Check, measured


def response(case: Case) -> list[Check]:
    """Import ≤ baseline − response where called; sold within its maximum, and only if signed."""
    sold, signed = case.found("response_mw"), case.found("is_responding")
    most, baseline = case.given("response_max_mw"), case.given("response_baseline_mw")
    at = case.belongs("response_site", "site")
    bought = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    drawn = np.einsum("pwst,rs->pwrt", bought, at)
    agreed = (baseline - sold)[:, None, :, None]
    called = (case.given("response_called") > 0) & (np.round(signed) > 0)[:, None, :, None]
    excess = np.where(called, drawn - agreed, 0.0)
    dims = SIZE_DIMS["response_mw"]
    return [
        case.check(
            "需求响应履约", "demand response is delivered",
            measured(excess, baseline[:, None], ("period", "weather", "response", "time"),
                     "called hours"),
            measured(sold - most * np.round(signed), most, dims, "sold"),
            measured(-sold, np.maximum(most, 1.0), dims, "below nothing"),
            measured(np.abs(signed - np.round(signed)), 1.0, dims, "signed or not"),
        )
    ]  # fmt: skip


def lines(case: Case) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What demand response earns (period, site) [CNY per year], and the size of its terms."""
    hours = case.given("response_called") @ case.hours
    rate = case.given("response_availability_cny_per_mw_year")
    rate = rate + case.given("response_energy_cny_per_mwh") * hours
    earned = (case.found("response_mw") * rate) @ case.belongs("response_site", "site")
    return {"flexibility revenue": (-earned, np.abs(earned))}

"""What the halls of a clause use in a year, summed again hall by hall."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.verify.case import Case
from coplan.verify.sizing_clauses import scope

Target = dict[str, Any]
NEARLY = 1e-6
"""A project this close above the threshold is not large, relative."""


def facility_and_it(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Facility and IT energy of the scope (period, weather) [MWh]."""
    mine = scope(case, target)
    it = case.found("it_mw")
    facility = it + case.found("cooling_mw") + case.found("loss_mw")
    return case.yearly(facility) @ mine, case.yearly(it) @ mine


def pue(case: Case, target: Target) -> np.ndarray:
    """Worst facility energy over IT energy of the scope (period)."""
    facility, it = facility_and_it(case, target)
    ratio = np.divide(facility, it, out=np.full(it.shape, -np.inf), where=it > 0)
    worst = ratio.max(axis=1)
    return np.where(np.isfinite(worst), worst, np.nan)


def conditional_pue(case: Case, target: Target) -> np.ndarray:
    """Worst PUE over the limit of the project's size (period)."""
    return np.asarray(pue(case, target) / limit_of_size(case, target))


def limit_of_size(case: Case, target: Target) -> np.ndarray:
    """The limit that the project's size asks for (period)."""
    facility, _ = facility_and_it(case, target)
    tonnes = facility.max(axis=1) * float(target["coal_factor_kg_per_kwh"])  # kg/kWh is t/MWh
    large = tonnes > float(target["threshold_tce"]) * (1.0 + NEARLY)
    return np.where(large, float(target["above"]), float(target["below"]))


def water(case: Case, target: Target) -> np.ndarray:
    """Most water of the scope in a weather year (period) [m3]."""
    return np.asarray(water_m3(case, target).max(axis=1))


def water_m3(case: Case, target: Target) -> np.ndarray:
    """Water of the scope (period, weather) [m3]."""
    used = case.yearly(case.found("it_mw") * case.given("water_l_per_kwh"))
    return np.asarray(used @ scope(case, target))


def cue(case: Case, target: Target) -> np.ndarray:
    """Worst carbon of grid energy over IT energy of the fleet (period) [kg/kWh]."""
    tonnes, it = tonnes_and_it(case)
    ratio = np.divide(tonnes, it, out=np.full(it.shape, -np.inf), where=it > 0)
    worst = ratio.max(axis=1)
    return np.where(np.isfinite(worst), worst, np.nan)


def tonnes_and_it(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """Carbon of grid energy [t] and IT energy [MWh] of the fleet (period, weather)."""
    factor = case.given("emission_factor_t_per_mwh")[:, None]
    grid = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    tonnes = case.yearly(grid * factor).sum(axis=-1)
    it = case.yearly(case.found("site_it_mw")).sum(axis=-1)
    return tonnes, it

"""Greenhouse gases of a plan, worked out again from flows and sizes."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import Case

T_PER_CNY = 1e-9
"""What money weighs beside emissions where these are minimised."""


def levelled_t(case: Case) -> float:
    """By location and embodied, expected over weather years, as money over periods [t a year]."""
    grid = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    factor = case.given("emission_factor_t_per_mwh")[:, None]
    each = case.expected(case.yearly(grid * factor)).sum(axis=-1)
    tested = case.given("backup_tested_mwh_per_mw_year") * case.given("backup_emission_t_per_mwh")
    each = each + case.found("backup_mw") @ tested
    each = each + case.found("plant_capacity_mw") @ case.given("plant_embodied_t_per_mw_year")
    each = each + case.found("storage_energy_mwh") @ case.given("storage_embodied_t_per_mwh_year")
    return float(np.dot(each, case.given("period_years") * case.given("discount_factor")))

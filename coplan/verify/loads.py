"""Fixed loads and efficiency measures: what is drawn, what is saved, what is chosen."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import DERIVED_DIMS, OPERATION_DIMS, SIZE_DIMS, Case
from coplan.verify.outcome import Check, measured


def counted_as_it(case: Case) -> np.ndarray:
    """1 for each fixed load that PUE counts as IT energy (fixed_load, 1)."""
    return case.given("fixed_load_is_it")[:, None]


def saved_in_halls(case: Case) -> np.ndarray:
    """IT power that measures save (period, weather, hall, time)."""
    at = case.belongs("saving_hall", "hall")
    return np.asarray(np.einsum("pwvt,vu->pwut", case.found("saved_mw"), at))


def drawn(case: Case) -> list[Check]:
    """A fixed load draws what is given, less what the chosen measures of its site save."""
    chosen = case.found("is_chosen")
    at_site = (chosen * case.given("measure_saving_share")) @ case.belongs("measure_site", "site")
    left = 1.0 - at_site @ case.belongs("fixed_load_site", "site").T
    expected = (left[:, :, None] * case.given("fixed_load_mw"))[:, None]
    gap = np.abs(case.found("drawn_mw") - expected)
    part = measured(gap, expected, DERIVED_DIMS["drawn_mw"])
    return [case.check("给定负荷", "fixed loads", part)]


def measures(case: Case) -> list[Check]:
    """Measures are taken or not, one of a group, the required ones; none saves more than it may."""
    chosen, dims = case.found("is_chosen"), SIZE_DIMS["is_chosen"]
    groups = case.text("measure_group")
    member = (groups[:, None] == np.unique(groups)[None, :]).astype(float)
    share = case.belongs("saving_measure", "measure") @ case.given("measure_saving_share")
    taken = chosen @ case.belongs("saving_measure", "measure").T
    before = case.found("it_mw") + saved_in_halls(case)
    hall = np.einsum("pwut,vu->pwvt", before, case.belongs("saving_hall", "hall"))
    saved = case.found("saved_mw")
    allowed = (share * taken)[:, None, :, None] * hall
    return [
        case.check(
            "节能措施", "efficiency measures",
            measured(np.abs(chosen - np.round(chosen)), 1.0, dims, "whole"),
            measured(case.given("measure_required") - chosen, 1.0, dims, "required"),
            measured(chosen @ member - 1.0, 1.0, ("period", ""), "one of a group"),
            measured(saved - allowed, hall, OPERATION_DIMS["saved_mw"], "saved"),
        )
    ]  # fmt: skip

"""IT, cooling, losses and facility power, worked out again from servers, load and weather."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import DERIVED_DIMS, Case
from coplan.verify.outcome import Check, measured


def halls(case: Case) -> list[Check]:
    """IT power from idle and working servers; cooling and losses from IT power and halls."""
    servers = case.found("servers_mw")[:, None, :, None]
    idle = case.given("idle_share")[:, None]
    storage = case.given("storage_share")[:, None]
    it = (idle + storage) * servers + (1.0 - idle) * case.found("load_mw")
    built = (case.found("halls_built") * case.given("hall_it_mw"))[:, None, :, None]
    cooling = case.given("cooling_slope") * it + case.given("cooling_fixed") * built
    loss = case.given("loss_slope")[:, None] * it + case.given("loss_fixed")[:, None] * built
    checks = []
    for name, expected, zh, en in (
        ("it_mw", it, "IT功率重算", "IT power"),
        ("cooling_mw", cooling, "制冷功率重算", "cooling power"),
        ("loss_mw", loss, "电气损耗重算", "electrical losses"),
    ):
        scale = np.abs(expected).max(axis=-1, keepdims=True, initial=0.0)
        gap = np.abs(case.found(name) - expected)
        checks.append(case.check(zh, en, measured(gap, scale, DERIVED_DIMS[name])))
    return checks


def sites(case: Case) -> list[Check]:
    """A site's IT and facility power add up from its halls."""
    it = case.on_site(case.found("it_mw"), "hall")
    overhead = case.on_site(case.found("cooling_mw") + case.found("loss_mw"), "hall")
    return [
        case.check("园区IT功率", "site IT power",
                   measured(np.abs(case.found("site_it_mw") - it), case.site_scale,
                            DERIVED_DIMS["site_it_mw"])),
        case.check("园区总用电", "facility power",
                   measured(np.abs(case.found("facility_mw") - it - overhead), case.site_scale,
                            DERIVED_DIMS["facility_mw"])),
    ]  # fmt: skip

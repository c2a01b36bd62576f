"""Public money and the fees of compute as dataset fields."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset.parts import Parts
from coplan.elements.index import Field
from coplan.elements.subsidies import reward_table, voucher_table
from coplan.elements.subsidies.tables import capital_table


def subsidy_fields(scenario: Any, parts: Parts) -> dict[str, Field]:
    """Rewards that fit projects, voucher users by year, and what users pay for compute."""
    spec, system = scenario.spec, scenario.system
    rules = scenario.cards.get("subsidies", {})
    fields = reward_table(
        parts.sites, parts.halls, parts.conversions, rules, spec.periods, spec.options.wacc
    )
    fields |= capital_table(parts.conversions)
    fields |= voucher_table(system.voucher_users, rules)
    workloads = [scenario.cards["workloads"][entry.workload] for entry in system.demand.values()]
    fees = [card.compute_fee_cny_per_p_hour or 0.0 for card in workloads]
    fields["compute_fee_cny_per_p_hour"] = Field(
        ("demand",), np.array(fees, dtype=float), "CNY/P/h", "fee of compute; 0: not known"
    )
    return fields

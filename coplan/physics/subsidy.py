"""Public money by rule: compute vouchers of users, one-off rewards of projects.

Pure arithmetic on what is known; which project is rewarded when is the model's.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class VoucherRates(NamedTuple):
    """Rates of one voucher rule (保定 2024, 五): shares of money, CNY."""

    lead_cost_share: float
    """Share of the compute cost for lead units of awarded projects (A)."""
    platform_fee_share: float
    """Share of the compute fee for users of the local platform (B)."""
    most_cny: float
    """Most a unit gets by A or B in a year."""
    settling_cny: float
    """One-off for a unit in the year it settles."""
    budget_cny: float
    """Most that all units get together in a year."""


def vouchers_asked(
    cost_cny: ArrayLike, fee_cny: ArrayLike, is_lead: ArrayLike, is_platform: ArrayLike,
    settles: ArrayLike, rates: VoucherRates,
) -> Array:  # fmt: skip
    """What units may ask for a year before the budget [CNY]; all arguments (..., unit).

    min(max(A · cost, B · fee), most): the higher of both, never the sum. The one-off of a unit
    that settles in the year comes on top and does not count against the unit's most.
    """
    by_cost = rates.lead_cost_share * np.asarray(cost_cny, float) * np.asarray(is_lead, float)
    by_fee = rates.platform_fee_share * np.asarray(fee_cny, float) * np.asarray(is_platform, float)
    higher = np.minimum(np.maximum(by_cost, by_fee), rates.most_cny)
    return np.asarray(higher + rates.settling_cny * np.asarray(settles, float))


def within_budget(asked_cny: ArrayLike, budget_cny: float) -> Array:
    """`asked_cny` (..., unit), all cut by the same share in a year whose sum is over the budget.

    The documents do not say how a budget that is too small is shared; in proportion is a choice.
    """
    asked = np.asarray(asked_cny, float)
    total = asked.sum(axis=-1, keepdims=True)
    share = np.where(total > budget_cny, budget_cny / np.where(total > 0, total, 1.0), 1.0)
    return np.asarray(asked * share)


def reward(
    racks: float, saved_tce: float, investment_cny: float, *, cny_per_rack: float = 0.0,
    cny_per_tce: float = 0.0, investment_share: float = 0.0, most_cny: float = np.inf,
) -> float:  # fmt: skip
    """One-off reward of a project [CNY]: the least of every term that the rule has, at least 0.

    A term of rate 0 is none; racks, t of coal equivalent saved in a year, CNY invested.
    """
    terms = [most_cny]
    terms += [cny_per_rack * racks] if cny_per_rack > 0 else []
    terms += [cny_per_tce * saved_tce] if cny_per_tce > 0 else []
    terms += [investment_share * investment_cny] if investment_share > 0 else []
    return max(0.0, float(min(terms))) if len(terms) > 1 else 0.0


def in_force(year: int, valid_from: date, valid_to: date) -> bool:
    """Whether a rule counts in a year: it is in force on 1 July.

    So a rule of three years from 25 January counts in three.
    """
    return valid_from <= date(year, 7, 1) <= valid_to

"""Cash flows year by year: present value, rate of return, payback, loans, tax, worn-out assets.

Year 0 is when a project is built; years 1, 2, ... are its operating years, and what happens in a
year is paid at its end. Flows are arrays (year 0..n) [CNY], positive where money comes in.
Definitions as in the methods and parameters for the economic assessment of construction projects
(建设项目经济评价方法与参数, third edition).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coplan.physics.money import annuity_factor

Array = NDArray[np.float64]

LEAST_RATE, MOST_RATE = -0.9, 10.0
"""Rates of return are looked for between these shares per year."""
RATES_TRIED = 4000


def present_value(flows: ArrayLike, rate: float) -> float:
    """Value in year 0 [CNY] of flows (year 0..n) [CNY] at a discount rate per year [share]."""
    money = np.asarray(flows, dtype=float)
    return float(money @ (1.0 + rate) ** -np.arange(len(money), dtype=float))


def rates_of_return(flows: ArrayLike) -> Array:
    """Every rate per year [share] at which flows (year 0..n) [CNY] are worth nothing today.

    Sorted, between LEAST_RATE and MOST_RATE; empty where there is none.
    """
    from scipy.optimize import brentq  # slow to import

    money = np.asarray(flows, dtype=float)
    scale = np.abs(money).max(initial=0.0)
    if scale == 0.0:
        return np.zeros(0)
    tried = np.expm1(np.linspace(math.log1p(LEAST_RATE), math.log1p(MOST_RATE), RATES_TRIED))
    value = (money / scale) @ (1.0 + tried) ** -np.arange(len(money), dtype=float)[:, None]
    found = list(tried[value == 0.0])
    for low in np.flatnonzero(value[:-1] * value[1:] < 0):
        found.append(brentq(lambda r: present_value(money, r), tried[low], tried[low + 1],
                            xtol=1e-14, rtol=1e-14))  # fmt: skip
    return np.sort(np.array(found, dtype=float))


def rate_of_return(flows: ArrayLike) -> float:
    """The internal rate of return per year [share]; not a number where there is none or several."""
    found = rates_of_return(flows)
    return float(found[0]) if len(found) == 1 else math.nan


def payback_years(flows: ArrayLike, rate: float = 0.0) -> float:
    """Years after year 0 until flows (year 0..n) [CNY] have paid back what was spent, for good.

    At a `rate` above 0 the flows are discounted first (dynamic payback). Within a year money comes
    in evenly. Not a number where nothing is spent or it is never paid back.
    """
    money = np.asarray(flows, dtype=float)
    total = np.cumsum(money * (1.0 + rate) ** -np.arange(len(money), dtype=float))
    short = np.flatnonzero(total < 0)
    if len(short) == 0 or short[-1] == len(money) - 1:
        return math.nan
    last = int(short[-1])
    return last - total[last] / (total[last + 1] - total[last])


def loan_schedule(
    amount: float, rate: float, years: int, equal_principal: bool = True
) -> tuple[Array, Array]:
    """Principal and interest (year 1..years) [CNY] that repay `amount` at `rate` per year.

    Equal principal: the same part every year, interest on what is left. Otherwise the sum of the
    two is the same every year (annuity).
    """
    if equal_principal:
        principal = np.full(years, amount / years)
    else:
        payment = amount * float(annuity_factor(rate, years))
        first = payment - amount * rate
        principal = first * (1.0 + rate) ** np.arange(years, dtype=float)
    owed = amount - np.concatenate([[0.0], np.cumsum(principal)[:-1]])
    return principal, owed * rate


def income_tax(profit: ArrayLike, share: float, loss_years: int) -> Array:
    """Income tax (year) [CNY] at `share` of profit (year) [CNY] after earlier losses.

    A loss is set against the profits of the next `loss_years` years, the oldest first; what is
    left after that is lost. No tax is paid back for a loss.
    """
    gains = np.asarray(profit, dtype=float)
    taxed = np.maximum(gains, 0.0)
    losses = np.maximum(-gains, 0.0)
    for year in range(len(gains)):
        for past in range(max(0, year - loss_years), year):
            used = min(taxed[year], losses[past])
            taxed[year] -= used
            losses[past] -= used
    return share * taxed


class AssetFlows(NamedTuple):
    """Money of one asset (year 0..n) [CNY], all positive: paid, paid again, written off, got."""

    investment: Array
    replacement: Array
    depreciation: Array
    residual: Array

    def __add__(self, other: AssetFlows) -> AssetFlows:  # type: ignore[override]
        return AssetFlows(*(a + b for a, b in zip(self, other, strict=True)))


def asset_flows(
    cost: float, start: int, life_years: float, years: int,
    depreciation_years: float, salvage_share: float,
) -> AssetFlows:  # fmt: skip
    """What an asset bought at the end of year `start` for `cost` [CNY] brings about in `years`.

    It is bought again at the end of its life (a broken year counts as a whole one) while the
    project lasts. It is written off in equal parts, down to the salvage share, over the shorter of
    depreciation years and life. Worn out it is sold for its salvage value; at the end of the
    project it is worth its book value.
    """
    flows = AssetFlows(*(np.zeros(years + 1) for _ in range(4)))
    for bought in purchases(start, life_years, years):
        (flows.investment if bought == start else flows.replacement)[bought] += cost
        span = whole_years(min(life_years, depreciation_years))
        over = min(bought + whole_years(life_years), years)
        written = slice(bought + 1, min(bought + span, over) + 1)
        flows.depreciation[written] += cost * (1.0 - salvage_share) / span
        used = (written.stop - written.start) / span
        flows.residual[over] += cost * (1.0 - (1.0 - salvage_share) * used)
    return flows


def annuities_left(
    cost: float, start: int, life_years: float, years: int, rate: float
) -> float:
    """Value at the end of year `years` [CNY] of the annuities of an asset that are not yet due.

    With this as residual value the present value of buying and replacing an asset is that of its
    annuity over the project, for lives of whole years.
    """
    bought = purchases(start, life_years, years)
    if not bought:
        return 0.0
    left = bought[-1] + whole_years(life_years) - years
    whole = float(annuity_factor(rate, life_years))
    return cost * whole / float(annuity_factor(rate, left)) if left > 0 else 0.0


def purchases(start: int, life_years: float, years: int) -> list[int]:
    """Years 0..years-1 in which an asset is bought: `start`, then after every life."""
    return list(range(start, years, whole_years(life_years)))


def whole_years(span: float) -> int:
    """A span of years rounded up to whole ones, at least one."""
    return max(1, math.ceil(span - 1e-9))

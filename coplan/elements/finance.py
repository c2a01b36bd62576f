"""Money: annuities, the carbon price, the objective, and how a project is financed.

    objective = Σ_p weight[p] · ( Σ size costs + Σ_ω probability[ω] · Σ operating costs )   [kCNY]
           or   Σ_p weight[p] · ( embodied + Σ_ω probability[ω] · Σ factor · grid ) + money   [kg]

The same bookings make the objective and, after the solve, the account of the report.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from coplan import algebra
from coplan.elements.card import Card, Share
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.units import quantity

KG_PER_T = 1e3
KG_PER_KCNY = 1e-3
"""What money weighs where emissions are minimised: carbon at 1e9 CNY/t is still avoided."""

COUNTED_BOOKS = ("cost", "penalty", "tie_break")
"""Books in the objective; the server account is reported beside it unless the scenario asks."""


def _whole(years: float) -> float:
    if years != int(years):
        raise ValueError("must be whole years")
    return years


def _years(least: int, most: int) -> Any:
    """A field type: whole years from `least` to `most`."""
    return Annotated[quantity("year", ge=least, le=most), pydantic.AfterValidator(_whole)]


class FinanceCard(Card):
    """How the energy side of a plan is financed and taxed; the plan itself does not see it."""

    project_years: _years(1, 60)
    """Operating years of the project, after a year 0 in which it is built."""
    loan_share: Share
    """Share of new investment that is lent; replacements are paid from own money."""
    loan_rate: quantity("dimensionless", ge=0, le=0.3)
    """Interest per year."""
    loan_years: _years(1, 60)
    """Years of repayment, from the year after the money is lent."""
    repayment: Literal["equal_principal", "annuity"] = "equal_principal"
    """The same principal every year (等额本金), or the same sum of principal and interest."""
    income_tax_share: Share
    """Income tax on profit."""
    loss_years: _years(0, 20)
    """Years within which a loss may be set against later profits; 0: none."""
    depreciation_years: _years(1, 60)
    """Years of straight-line depreciation, or the life of an asset where that is shorter."""
    residual_share: Share
    """Salvage value over investment, at the end of life; the end of the project pays book value."""
    hurdle_rate: quantity("dimensionless", ge=0, le=0.5) | None = None
    """Internal rate of return that is asked for, told beside the project's; None: none is asked."""


def operate(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Book the carbon price of grey energy; count the carbon of all energy from the grid."""
    b = algebra.block(y, "finance", doc="carbon and its price")
    grey, grid = ledger.pick("grey"), ledger.pick("grid")
    sites, times = index.sites, index.times
    price = KILO * float(data["carbon_price_cny_per_t"])
    b.factor = algebra.param(sites, times, values=data["emission_factor_t_per_mwh"].values)

    @algebra.expression(b, sites, unit="kCNY/year", doc="carbon price of grid energy")
    def carbon_kcny(b, s):
        return price * sum(
            index.hours[t] * b.factor[s, t] * sum_postings(grey, s, t) for t in times
        )

    @algebra.expression(b, sites, unit="t/year", doc="location-based carbon of grid energy")
    def grid_t(b, s):
        return sum(index.hours[t] * b.factor[s, t] * sum_postings(grid, s, t) for t in times)

    ledger.book("finance", "carbon", b.carbon_kcny, sites, names(data, "site"))
    ledger.emit(b.grid_t, sites)


def close(
    m: Any, books: list[tuple[float, Ledger]], objective: str = "cost", distance: Any = None
) -> None:
    """Minimise every counted booking with its ledger's weight, or what is emitted.

    Emissions are counted in kg; money beside them, a gram for every kCNY, decides between plans
    that emit the same. `distance` [kCNY], where plans near the cheapest are looked for, comes on
    top of the cost (near_optimal).
    """

    def expected_yearly_cost(m):
        total = 0
        for weight, ledger in books:
            for booking in ledger.bookings:
                if booking.book in COUNTED_BOOKS:
                    entries = sum(booking.expression[u] for u in booking.units)
                    total = total + weight * entries
        return total

    def expected_yearly_emissions(m):
        total = KG_PER_KCNY * expected_yearly_cost(m)
        for weight, ledger in books:
            for expression, units in ledger.emissions:
                total = total + weight * KG_PER_T * sum(expression[u] for u in units)
        return total

    def cost_and_distance(m):
        return distance + expected_yearly_cost(m)

    if distance is not None:
        algebra.objective(m, cost_and_distance)
    elif objective == "emissions":
        algebra.objective(m, expected_yearly_emissions)
    else:
        algebra.objective(m, expected_yearly_cost)

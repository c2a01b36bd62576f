"""Money: annuities, the carbon price and the objective.

    objective = Σ_p weight[p] · ( Σ size costs + Σ_ω probability[ω] · Σ operating costs )   [kCNY]

The same bookings make the objective and, after the solve, the account of the report.
"""

from __future__ import annotations

from typing import Any

from coplan import algebra
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger, sum_postings

COUNTED_BOOKS = ("cost", "penalty", "tie_break")
"""Books in the objective; the server account is reported beside it unless the scenario asks."""


def operate(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Book the carbon price of grid energy at the location-based factor of its zone."""
    b = algebra.block(y, "finance", doc="carbon price")
    grey = ledger.pick("grey")
    price = KILO * float(data["carbon_price_cny_per_t"]) * data["emission_factor_t_per_mwh"].values
    b.carbon_price = algebra.param(index.sites, values=price)

    @algebra.expression(b, index.sites, unit="kCNY/year", doc="carbon price of grid energy")
    def carbon_kcny(b, s):
        carbon_mwh = sum(index.hours[t] * sum_postings(grey, s, t) for t in index.times)
        return b.carbon_price[s] * carbon_mwh

    ledger.book("finance", "carbon", b.carbon_kcny, index.sites, names(data, "site"))


def close(m: Any, books: list[tuple[float, Ledger]]) -> None:
    """Add every counted booking with its ledger's weight and make that the objective."""

    def expected_yearly_cost(m):
        total = 0
        for weight, ledger in books:
            for booking in ledger.bookings:
                if booking.book in COUNTED_BOOKS:
                    entries = sum(booking.expression[u] for u in booking.units)
                    total = total + weight * entries
        return total

    algebra.objective(m, expected_yearly_cost)

"""Unbundled green certificates (绿证, GEC): products with a vintage, a price and a volume.

    certificates[e] ≤ most[e]                           product e, bought in a year          [MWh]

One certificate stands for one MWh produced in the year of its vintage. Which vintages count, and
for how much of the load, is the rule of a green target, not of the product: a certificate that is
too old is still sold. What comes with energy is part of a contract and is no product here.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference
from coplan.elements.index import KILO, Field, names
from coplan.elements.ledger import Ledger
from coplan.units import quantity

WINDOW_YEARS = 1
"""Years before their use that certificates may have been produced, where a target says nothing."""


class CertificateCard(Card):
    """Green certificates of one vintage, sold without energy."""

    vintage: Annotated[int, pydantic.Field(ge=2000, le=2100)]
    """Year in which their energy was produced."""
    price_cny_per_mwh: quantity("CNY/MWh", ge=0, le=1e5)
    """Price of one certificate: one MWh."""


class CertificateEntry(Entry):
    """Certificates that the system's sites may buy together."""

    card: Reference("certificates")
    """Product."""
    max_mwh: quantity("MWh", ge=0, le=1e9)
    """Most that may be bought in a year."""


def certificate_table(
    offered: dict[str, tuple[CertificateEntry, CertificateCard]], may_count: bool
) -> dict[str, Field]:
    """Certificate products as dataset fields; none may be bought where none counts."""
    rows, dim = list(offered.values()), ("certificate",)

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(dim, np.array(values, dtype=float), units, long_name)

    return {
        "certificate_vintage": field([c.vintage for _, c in rows], "1", "year of production"),
        "certificate_price_cny_per_mwh": field(
            [c.price_cny_per_mwh for _, c in rows], "CNY/MWh", "price of an unbundled certificate"
        ),
        "certificate_max_mwh": field(
            [entry.max_mwh * may_count for entry, _ in rows], "MWh",
            "most certificates; 0 where they do not count",
        ),
    }  # fmt: skip


def valid_in(vintage: np.ndarray, year: int, window_years: int) -> np.ndarray:
    """1 where a vintage counts in a year: produced in it, or at most so many years before."""
    age = year - vintage
    return ((age >= 0) & (age <= window_years)).astype(float)


def buy(b: Any, data: Any, ledger: Ledger) -> None:
    """Declare certificates bought in one operating year and book their price."""
    b.certificates = algebra.index(
        names(data, "certificate"), dim="certificate", doc="unbundled certificates by vintage"
    )
    b.certificates_mwh = algebra.variable(
        b.certificates, upper=data["certificate_max_mwh"].values, unit="MWh",
        doc="unbundled certificates bought",
    )  # fmt: skip
    b.certificate_price = algebra.param(
        b.certificates, values=KILO * data["certificate_price_cny_per_mwh"].values
    )

    @algebra.expression(b, b.certificates, unit="kCNY/year", doc="unbundled certificates")
    def certificates_kcny(b, e):
        return b.certificate_price[e] * b.certificates_mwh[e]

    places = ["fleet"] * len(names(data, "certificate"))
    ledger.book("trading", "certificates", b.certificates_kcny, b.certificates, places)

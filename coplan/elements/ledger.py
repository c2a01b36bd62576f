"""The books that elements write into and that network, targets and finance close.

A device posts what it takes or gives with tags and knows no policy; targets pick postings by tag.
Money is booked line by line; the same lines make the objective and the account of the report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Posting:
    """Power that units of an element give (+) or take (−) at a site, MW."""

    label: str
    quantity: Any
    sign: int
    units: Any
    at: Any
    tags: frozenset[str]

    def at_site(self, s: Any, t: Any) -> Any:
        """Sum over the units that stand at site s, in step t."""
        if self.at is None:
            return self.quantity[s, t]
        return sum(self.at[u, s] * self.quantity[u, t] for u in self.units)


@dataclass(frozen=True)
class Booking:
    """One kind of cost, an indexed expression in kCNY a year, and where each entry belongs."""

    element: str
    labels: tuple[str, ...]
    expression: Any
    units: Any
    places: tuple[str, ...]
    book: str


@dataclass(frozen=True)
class Promise:
    """The row of a target, and what turns its dual into a price a planner understands.

    price = factor · Σ_rows dual · basis, where basis is a yearly energy of the row's scope
    ("load" or "it", MWh), "mwh" for a row in yearly MWh, a size of the clause's halls ("servers",
    "bought" or "halls", MW), what its places have (see `plan.bases`), or nothing. A factor that
    is not a number: no price can be told. `row_unit` is the unit of the row, where it says so.
    """

    target: str
    row: Any
    basis: str
    factor: float
    unit: str
    row_unit: str = ""


@dataclass
class Ledger:
    """Postings, bookings and promises of one period's sizes or of one operating year."""

    postings: list[Posting] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    emissions: list[tuple[Any, Any]] = field(default_factory=list)
    """Pairs of an indexed expression in t a year and its units."""

    def post(
        self, label: str, quantity: Any, sign: int, units: Any, at: Any = None, tags: str = ""
    ) -> None:
        """Post `quantity[unit, step]` to the power account; `at` is the incidence [unit, site].

        Without `at` the units are the sites themselves. Tags are words: it, facility, grey,
        green, own, grid, export; a memo is counted by targets and is no flow of its own.
        """
        self.postings.append(Posting(label, quantity, sign, units, at, frozenset(tags.split())))

    def pick(self, *tags: str) -> list[Posting]:
        """Postings that carry every one of the tags."""
        return [posting for posting in self.postings if posting.tags.issuperset(tags)]

    def flows(self) -> list[Posting]:
        """Postings that are power, not memos."""
        return [posting for posting in self.postings if "memo" not in posting.tags]

    def book(
        self,
        element: str,
        label: str | list[str],
        expression: Any,
        units: Any,
        places: list[str],
        book: str = "cost",
    ) -> None:
        """Book `expression[unit]` (kCNY a year); `places` names the site of each unit.

        `label` is one for all units or one for each. Books: cost, server, tie_break, penalty.
        """
        labels = (label,) * len(places) if isinstance(label, str) else tuple(label)
        self.bookings.append(Booking(element, labels, expression, units, tuple(places), book))

    def emit(self, expression: Any, units: Any) -> None:
        """Count `expression[unit]` (t a year) among greenhouse gases, by location."""
        self.emissions.append((expression, units))

    def promise(
        self, target: str, row: Any, basis: str, factor: float, unit: str, row_unit: str = ""
    ) -> None:
        """Keep the row of a target with the rule that turns its dual into a price."""
        self.promises.append(Promise(target, row, basis, factor, unit, row_unit))


def sum_postings(postings: list[Posting], s: Any, t: Any) -> Any:
    """Signed sum of postings at site s in step t, as an expression."""
    total = 0
    for posting in postings:
        total = total + posting.sign * posting.at_site(s, t)
    return total

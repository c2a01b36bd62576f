"""What stops a plan from being cheaper, in words: limits of cards and targets with their prices."""

from __future__ import annotations

import math
from typing import Any

from coplan.report import prose
from coplan.report.clauses import clause_name
from coplan.report.facts import Facts
from coplan.report.model import Item, Listing, Message, say
from coplan.report.numbers import Amount

ELEMENTS = (
    "network", "zones", "supply", "storage", "trading", "compute", "links", "cooling", "heat",
    "backup",
)  # fmt: skip
"""Elements whose limits have prices, in the order in which they are told."""


def limit_words(facts: Facts, row: dict[str, Any]) -> Message:
    """One limit as a sentence: where, of what, how much now, and what a unit more would save."""
    return say(
        way_of("saves", row), place=limit_place(facts, row), limit=say(f"limits.{row['name']}"),
        most=Amount(float(row["most"]), "trim"), unit=str(row["unit"]),
        money=Amount(float(row["saving_cny"]), "money"),
    )  # fmt: skip


def way_of(word: str, row: dict[str, Any]) -> str:
    """The text for a limit that counts halls, for a least size, or for any other limit."""
    name = str(row["name"])
    kind = "_halls" if name == "halls_built" else "_least" if name.endswith("_least_mw") else ""
    return f"limits.{word}{kind}"


def limit_place(facts: Facts, row: dict[str, Any]) -> Item:
    """The site or unit of a limit; with the period where the plan has several."""
    place = facts.name(str(row["place"]))
    if len(facts.periods) == 1:
        return place
    return say("limits.in_period", place=place, period=Amount(float(row["period"]), "year"))


def grouped(facts: Facts) -> list[tuple[Message, list[Message]]]:
    """Everything that stops the plan, by element; the dearest first, the targets at the end."""
    groups = []
    for element in ELEMENTS:
        rows = [row for row in facts.limits if str(row["element"]) == element]
        if rows:
            head = say(f"limits.element_{element}")
            groups.append((head, [limit_words(facts, row) for row in rows]))
    priced = [row for row in facts.clauses if binds(row)]
    if priced:
        head = say("limits.element_targets")
        groups.append((head, [_clause_words(facts, row) for row in priced]))
    return groups


def binds(row: dict[str, Any]) -> bool:
    """True for a clause with a price of at least one yuan a year."""
    price = prose.number(row.get("shadow_price"))
    return math.isfinite(price) and abs(price) >= 1.0


def clause_in_period(facts: Facts, row: dict[str, Any]) -> Item:
    """What a clause asks for; with the period where the plan has several."""
    name: Item = clause_name(facts, row)
    if len(facts.periods) == 1:
        return name
    return say("limits.in_period", place=name, period=Amount(float(row["period"]), "year"))


def _clause_words(facts: Facts, row: dict[str, Any]) -> Message:
    name = clause_in_period(facts, row)
    return say("limits.clause", name=Listing((name,)), words=prose.price_words(row))

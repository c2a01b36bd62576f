"""Every default value the plan rests on, with its source; equal ones of many places together."""

from __future__ import annotations

from collections import Counter
from typing import Any

from coplan.report import card_values
from coplan.report.catalogue import LANGUAGES, entries
from coplan.report.facts import Facts
from coplan.report.model import Column, Item, Listing, Name, Paragraph, Section, Table, say
from coplan.report.numbers import Amount

ANY = "*"
"""Stands for the part of a key in which equal values of several places differ."""


CONFIDENCES = ("measured", "published", "derived", "assumed", "assumption", "high", "medium", "low")
"""Words for how sure a value is that the report has in both languages."""


def section(facts: Facts) -> Section:
    """The chapter on assumptions."""
    title = say("section.assumptions")
    if not facts.assumptions:
        return Section("assumptions", title, [Paragraph(say("assumptions.empty"))])
    count = Counter(str(a.get("confidence", "")) for a in facts.assumptions)
    items = [say("assumptions.item", word=_confidence(word), count=Amount(n, "count"))
             for word, n in sorted(count.items())]  # fmt: skip
    intro = say("assumptions.intro", total=Amount(len(facts.assumptions), "count"),
                list=Listing(tuple(items)))  # fmt: skip
    rows: list[list[Item]] = []
    for members in sorted(grouped(facts.assumptions), key=_card):
        first = members[0]
        told = [card_values.in_both(first[k]) for k in ("source", "note") if first.get(k)]
        source = Name(*(" · ".join(getattr(one, lang) for one in told) for lang in LANGUAGES))
        value = card_values.with_unit(first.get("value"), str(first.get("unit") or ""))
        rows.append([_card_name(facts, _card(members)), _name(members), value, source,
                     _confidence(str(first.get("confidence", "")))])  # fmt: skip
    columns = [
        Column(say("table.card"), numeric=False, width=1.6),
        Column(say("table.key"), numeric=False, width=2.9),
        Column(say("table.value"), width=1.3),
        Column(say("table.source"), numeric=False, width=4.2),
        Column(say("table.confidence"), numeric=False, width=0.8),
    ]  # fmt: skip
    table = Table("assumptions", say("assumptions.table"), columns, rows, grouped=True,
                  note=say("assumptions.note"), small=True)  # fmt: skip
    return Section("assumptions", title, [Paragraph(intro), table])


def grouped(assumptions: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Assumptions that say the same of several cards of a kind or places of a card, together."""
    groups: dict[tuple, list[dict[str, Any]]] = {}
    for one in assumptions:
        kind = str(one.get("card", "")).split("/")[0]
        parts = str(one.get("key", "")).split(".")
        said = tuple(str(one.get(k) or "") for k in ("value", "unit", "source", "confidence",
                                                     "note"))  # fmt: skip
        groups.setdefault((kind, len(parts), parts[-1], said), []).append(one)
    return list(groups.values())


def _card(members: list[dict[str, Any]]) -> str:
    """The card of an assumption, or the pattern of several cards."""
    return _pattern([str(one.get("card", "")) for one in members], "/")


def _card_name(facts: Facts, card: str) -> Item:
    """A card by name and id; by its kind where several say the same."""
    kind, _, one = card.partition("/")
    if f"card_kind.{kind}" not in entries():
        return card
    if one == ANY:
        return say("assumptions.cards", kind=say(f"card_kind.{kind}"))
    name = facts.card_name(card)
    known = say(f"card_kind.{kind}") if name is None else name
    return say("assumptions.parameter", name=known, key=card)


def _name(members: list[dict[str, Any]]) -> Item:
    """What one assumption is about, with its key; how many there are where several say the same."""
    key = _pattern([str(one.get("key", "")) for one in members], ".")
    text = f"parameter.{key.rsplit('.', 1)[-1]}"
    name: Item = say("assumptions.parameter", name=say(text), key=key) if text in entries() else key
    if len(members) == 1:
        return name
    return say("assumptions.parameters", name=name, count=Amount(len(members), "count"))


def _pattern(texts: list[str], mark: str) -> str:
    """What texts have in common part by part, with a star where they differ."""
    table = [text.split(mark) for text in texts]
    if len({len(parts) for parts in table}) > 1:
        return ANY
    columns = zip(*table, strict=True)
    return mark.join(parts[0] if len(set(parts)) == 1 else ANY for parts in columns)


def _confidence(word: str) -> Item:
    known = word.strip().lower()
    return say(f"assumptions.{known}") if known in CONFIDENCES else word

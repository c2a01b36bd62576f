"""What a clause is called: what it asks for, and the article, sites or id that tell it apart."""

from __future__ import annotations

from typing import Any

from coplan.report.card_values import in_both
from coplan.report.catalogue import entries
from coplan.report.facts import Facts
from coplan.report.model import Item, Listing, Message, say
from coplan.report.numbers import Amount

MOST_SITES = 2
"""So many sites stand in a clause's name; of more, the first and how many there are."""


def clause_name(facts: Facts, row: dict[str, Any]) -> Item:
    """What a clause asks for, in words; where several ask for the same, which one it is."""
    kind, one = str(row["kind"]), str(row["id"])
    target = _target(facts, one)
    if kind == "green_share":
        key = f"compliance.green_share_{target.get('matching', '')}"
        return say(key if key in entries() else "compliance.green_share")
    if kind == "compute":
        return say("compliance.compute", label=facts.label_name(str(target.get("label", ""))))
    if kind == "pue":
        return say("compliance.pue")
    if f"compliance.{kind}" not in entries():
        return facts.name(one)
    of_kind = {str(other["id"]) for other in facts.clauses if str(other["kind"]) == kind}
    if len(of_kind) == 1 and article(facts, one) is None:
        return say(f"compliance.{kind}")
    mine = _told_apart(facts, one)
    if sum(_told_apart(facts, other) == mine for other in of_kind) > 1:
        mine = facts.name(one)
    return say("compliance.named", kind=say(f"compliance.{kind}"), name=mine)


def article(facts: Facts, one: str) -> Message | None:
    """Pack and article that a target is from; None where the scenario itself sets it."""
    for clause in facts.policies:
        if one in clause["targets"]:
            return say("compliance.article", pack=facts.name(str(clause["pack"])),
                       article=in_both(clause["article"]))  # fmt: skip
    return None


def _told_apart(facts: Facts, one: str) -> Item:
    """Article, else sites, and whether it is about new or existing halls; else its id."""
    target = _target(facts, one)
    sites = tuple(facts.name(site) for site in target.get("sites") or ())
    name: Item = article(facts, one)
    if name is None and 0 < len(sites) <= MOST_SITES:
        name = Listing(sites)
    elif name is None and sites:
        name = say("compliance.sites", first=sites[0], count=Amount(len(sites), "count"))
    stands = target.get("stands")
    if stands not in ("new", "stock"):
        return name or facts.name(one)
    word = say(f"compliance.{stands}_halls")
    return say("compliance.of_halls", name=name, halls=word) if name else word


def _target(facts: Facts, one: str) -> dict[str, Any]:
    return next((target for target in facts.targets if target.get("id") == one), {})

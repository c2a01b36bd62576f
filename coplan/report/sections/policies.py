"""Every clause of the policy packs: what it asks, and what became of it in this plan."""

from __future__ import annotations

from typing import Any

from coplan.report.card_values import in_both
from coplan.report.facts import Facts
from coplan.report.model import Block, Column, Item, Level, Name, Status, Table, say

LEVELS: dict[str, Level] = {"met": "ok", "missed": "warn", "violated": "fail"}


def tables(facts: Facts) -> list[Block]:
    """One table for each pack; none without packs."""
    packs = dict.fromkeys(str(one["pack"]) for one in facts.policies)
    return [_table(facts, pack) for pack in packs]


def _table(facts: Facts, pack: str) -> Table:
    mine = [one for one in facts.policies if one["pack"] == pack]
    status = {str(row["id"]): str(row["status"]) for row in facts.clauses}
    rows: list[list[Item]] = [
        [in_both(one["article"]), Name(one["text"]["zh"], one["text"]["en"]), _treated(one, status)]
        for one in mine
    ]
    columns = [Column(say("table.article"), numeric=False, width=1.1),
               Column(say("table.asks"), numeric=False, width=3.2),
               Column(say("table.treated"), numeric=False, width=2.4)]  # fmt: skip
    title = say("policies.table", name=facts.name(pack))
    note = say("policies.note", document=in_both(mine[0]["document"]))
    return Table(f"policy_{pack}", title, columns, rows, note=note, small=True)


def _treated(one: dict[str, Any], status: dict[str, str]) -> Item:
    """In the model with its verdict, told by a figure, or why not."""
    if one["targets"]:
        found = {status.get(target, "not applicable") for target in one["targets"]}
        words = ("violated", "missed", "met", "KPI only")
        worst = next((word for word in words if word in found), "not applicable")
        level = LEVELS.get(worst, "none")
        return Status(level, say(f"compliance.{worst.lower().replace(' ', '_')}"))
    if one["status"] == "reported":
        return say("policies.reported", what=Name(**one["reported"]))
    if one["status"] == "not represented":
        return say("policies.not_represented", reason=Name(**one["reason"]))
    return say("policies.not_applicable")

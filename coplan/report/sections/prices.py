"""Shadow prices: which clause and which limit binds, and what a step of it is worth."""

from __future__ import annotations

import math

from coplan.report import binding, prose
from coplan.report.facts import Facts
from coplan.report.figures import binding as figure
from coplan.report.model import (
    Block,
    Column,
    Item,
    Message,
    Paragraph,
    Section,
    Sentences,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

MOST_LIMITS = 15


def section(facts: Facts) -> Section | None:
    """The chapter on prices; None where nothing has a price in money."""
    tables = [table for table in (_prices(facts), _limits(facts)) if table.rows]
    if not tables:
        return None
    blocks: list[Block] = [Paragraph(Sentences(tuple(_lead(facts))))]
    picture = figure.build(facts)
    blocks += [picture] if picture else []
    return Section("prices", say("section.prices"), [*blocks, *tables])


def _lead(facts: Facts) -> list[Message]:
    """How many clauses and limits bind, and how the prices are to be read."""
    clauses = sum(binding.binds(row) for row in facts.clauses)
    total = Amount(len(facts.clauses), "count")
    if not clauses and not facts.limits:
        return [say("prices.slack", total=total), say("prices.reading")]
    out = []
    if facts.clauses:
        out.append(say("prices.binding", total=total, clauses=Amount(clauses, "count")))
    limits = Amount(len(facts.limits), "count")
    out.append(say("prices.limits", limits=limits) if facts.limits else say("prices.no_limits"))
    return [*out, say("prices.reading")]


def _prices(facts: Facts) -> Table:
    cost = prose.number(facts.kpis.get("energy_cost_cny"))
    rows: list[list[Item]] = []
    for row in facts.clauses:
        if not math.isfinite(prose.number(row.get("shadow_price"))):
            continue
        yearly = prose.one_percent_cny(row)
        part: Item = Amount(yearly / cost, "percent", digits=2) if yearly and cost > 0 else None
        rows.append([
            binding.clause_in_period(facts, row), prose.price_words(row),
            Amount(yearly, "money_column", digits=1) if yearly else say("word.none"),
            part or say("word.none"),
        ])  # fmt: skip
    columns = [Column(say("table.clause"), numeric=False, width=1.2),
               Column(say("table.shadow"), numeric=False, width=2.6),
               Column(say("table.one_percent"), say("unit.money"), width=1.1),
               Column(say("table.share"), width=0.9)]  # fmt: skip
    return Table("shadow_prices", say("compliance.prices_table"), columns, rows,
                 note=say("compliance.note"))  # fmt: skip


def _limits(facts: Facts) -> Table:
    rows: list[list[Item]] = [
        [
            binding.limit_place(facts, row), say(f"limits.{row['name']}"),
            say("limits.now", value=Amount(float(row["most"]), "trim"),
                unit="" if row["name"] == "halls_built" else str(row["unit"])),
            say(binding.way_of("saving", row), unit=str(row["unit"]),
                money=Amount(float(row["saving_cny"]), "money")),
        ]
        for row in facts.limits[:MOST_LIMITS]
    ]  # fmt: skip
    columns = [Column(say("table.place"), numeric=False, width=1.5),
               Column(say("table.limit"), numeric=False, width=1.5),
               Column(say("table.limit_now"), width=1.0),
               Column(say("table.limit_saving"), width=2.0)]  # fmt: skip
    return Table("limits", say("limits.table"), columns, rows, note=say("limits.note"))

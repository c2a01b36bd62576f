"""Cover, the four numbers that matter, remarks the reader must not miss, and the summary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from coplan.report import prose
from coplan.report.facts import Facts
from coplan.report.model import (
    Block,
    Card,
    Column,
    Item,
    Level,
    Listing,
    Message,
    Name,
    Paragraph,
    Section,
    Sentences,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

WEAK = {"assumption", "assumed", "low"}


def subtitle() -> Message:
    """The kind of document."""
    return say("cover.subtitle")


def identity(facts: Facts) -> Message:
    """Scenario id, planning periods and what the data can be told by; no date of its own.

    A date would make every rendering another file: whoever hands the report in fills it in.
    """
    years = Listing(tuple(Amount(year, "year") for year in facts.periods))
    if not facts.fingerprint:
        return say("cover.identity", id=facts.scenario_id, periods=years)
    return say("cover.identity_full", id=facts.scenario_id, periods=years,
               fingerprint=facts.fingerprint[:16])  # fmt: skip


def is_stopped(facts: Facts) -> bool:
    """True when the solver was stopped before its gap was reached."""
    return "stopped" in str(facts.kpis.get("status", facts.run.get("status", "")))


def status(facts: Facts) -> Status:
    """The verdict on the cover."""
    gap = Amount(prose.number(facts.kpis.get("gap")), "percent", digits=2)
    if not facts.audit.get("passed", True):
        return Status("fail", say("cover.status_audit"))
    if is_stopped(facts):
        return Status("warn", say("cover.status_stopped", gap=gap))
    return Status("ok", say("cover.status_ok", gap=gap))


def notices(facts: Facts) -> list[Paragraph]:
    """What limits the plan: stopped, rejected, missed clauses, assumptions, data remarks."""
    out = []
    if not facts.audit.get("passed", True):
        largest = Amount(prose.number(facts.audit.get("largest_violation")), "small")
        out.append(Paragraph(say("notice.audit", largest=largest), "fail"))
    if is_stopped(facts):
        gap = Amount(prose.number(facts.kpis.get("gap")), "percent", digits=2)
        out.append(Paragraph(say("notice.stopped", gap=gap), "warn"))
    missed = sum(str(row["status"]) == "violated" for row in facts.clauses)
    if missed:
        out.append(Paragraph(say("notice.violated", count=Amount(missed, "count")), "fail"))
    soft = sum(str(row["status"]) == "missed" for row in facts.clauses)
    if soft:
        out.append(Paragraph(say("notice.missed", count=Amount(soft, "count"), money=Amount(
            prose.number(facts.kpis.get("penalties_cny")), "money")), "warn"))  # fmt: skip
    weak = sum(str(a.get("confidence", "")) in WEAK for a in facts.assumptions)
    if weak:
        out.append(
            Paragraph(
                say(
                    "notice.assumptions",
                    count=Amount(weak, "count"),
                    total=Amount(len(facts.assumptions), "count"),
                ),
                "warn",
            )
        )
    if not facts.is_whole_year:
        out.append(Paragraph(say("notice.shortened", hours=Amount(len(facts.hours), "count")),
                             "warn"))  # fmt: skip
    if facts.note:
        out.append(Paragraph(facts.note, "note"))
    for entry in facts.notices:
        zh, en = str(entry.get("zh", "")), str(entry.get("en", ""))
        out.append(Paragraph(Name(zh or en, en or zh), "note"))
    return out


def cards(facts: Facts) -> list[Card]:
    """Green share, energy cost, initial investment and PUE, each with its target."""
    kpis = facts.kpis
    green, pue = facts.target("green_share"), facts.target("pue")
    account = f"account_{facts.periods[facts.period]}"
    level = {str(row["kind"]): prose.clause_status(row).level for row in reversed(facts.clauses)}

    def remark(target: dict[str, Any] | None, key: str, kind: str) -> Item:
        if target is None:
            return say("card.no_target")
        return say(key, value=Amount(prose.number(target.get("value")), kind))

    return [
        Card(say("card.green_share"), Amount(prose.number(kpis.get("green_share")), "percent"),
             remark(green, "card.at_least", "percent_limit"), level.get("green_share", "none"),
             ("monthly_balance", "compliance")),
        Card(say("card.energy_cost"), Amount(prose.energy_cost(facts), "price"),
             say("card.per_year",
                 value=Amount(prose.number(kpis.get("energy_cost_cny")), "money")),
             source=("cost_build_up", account)),
        Card(say("card.investment"), Amount(prose.investment(facts), "money"),
             say("card.servers",
                 value=Amount(facts.investment(facts.period)["servers"], "money")),
             source=("investment",)),
        Card(say("card.pue"), Amount(prose.number(kpis.get("pue")), "pue"),
             remark(pue, "card.at_most", "limit"), level.get("pue", "none"),
             ("pue_by_month", f"efficiency_{facts.periods[facts.period]}")),
    ]  # fmt: skip


FURTHER = (  # (text, key of kpis.json, kind of amount, figures and tables it comes from)
    ("green_hourly", "green_share_hourly", "percent", ("carbon_free_hours",)),
    ("carbon", "carbon_t_location", "mass", ("compliance",)),
    ("cue", "cue", "intensity", ()),
    ("self_use", "self_use_share", "percent", ("energy_flow",)),
    ("self_supply", "self_supply_share", "percent", ("energy_flow",)),
    ("export", "export_share", "percent", ("energy_flow",)),
    ("curtailment", "curtailment_share", "percent", ("monthly_balance",)),
    ("irr", "irr", "percent", ("finance",)),
    ("intelligent", "intelligent_share", "percent", ()),
    ("domestic", "domestic_share_of_additions", "percent", ()),
    ("occupancy", "occupancy", "percent", ("work_by_hour",)),
)  # fmt: skip


def _key_figures(facts: Facts) -> Table:
    rows: list[list[Item]] = []
    sources: dict[int, Sequence[str]] = {}
    for card in cards(facts):
        sources[len(rows)] = card.source
        aimed = card.level != "none" or card.label.key in ("card.green_share", "card.pue")
        rows.append([card.label, card.value, card.remark if aimed else say("word.none"),
                     _word(card.level)])  # fmt: skip
    for text, key, kind, source in FURTHER:
        value = prose.number(facts.kpis.get(key))
        if math.isfinite(value):
            sources[len(rows)] = source
            rows.append([say(f"summary.{text}"), Amount(value, kind), say("word.none"), ""])
    columns = [Column(say("table.item"), numeric=False, width=2.2),
               Column(say("table.value"), width=1.2), Column(say("table.target"), width=1.2),
               Column(say("table.status"), numeric=False)]  # fmt: skip
    return Table("key_figures", say("summary.kpi_table"), columns, rows, sources=sources)


def _word(level: Level) -> Item:
    words = {"ok": "compliance.met", "fail": "compliance.violated",
             "warn": "compliance.missed"}  # fmt: skip
    return Status(level, say(words[level])) if level in words else ""


def section(facts: Facts) -> Section:
    """The summary chapter."""
    lead = Sentences(tuple(prose.recommendation(facts)))
    blocks: list[Block] = [Paragraph(lead, "lead"), Paragraph(prose.scope(facts)),
                           Paragraph(prose.supply(facts)), _key_figures(facts),
                           Paragraph(prose.green_rule(facts))]  # fmt: skip
    if len(facts.periods) * len(facts.probability) > 1:
        weather = facts.name(facts.ids("weather")[facts.weather])
        year = Amount(facts.periods[facts.period], "year")
        blocks.append(Paragraph(say("notice.shown", year=year, weather=weather), "note"))
    return Section("summary", say("section.summary"), blocks)

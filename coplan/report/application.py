"""Application packs: the same report in the chapters that an approving office expects.

A pack is data: which chapters there are, which parts of the ordinary report each takes, what is
worked out for it besides, and what a plan cannot know and somebody else has to supply. Whatever
no chapter asks for goes into the last one: nothing of the ordinary report is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from coplan.errors import InputError, Problem
from coplan.report import prose
from coplan.report.facts import Facts
from coplan.report.model import (
    Block,
    Listing,
    Message,
    Paragraph,
    Report,
    Section,
    Sentences,
    say,
)  # fmt: skip
from coplan.report.sections import connection, typical_days

Maker = Callable[[Facts], list[Block]]


def _conclusion(facts: Facts) -> list[Block]:
    return [Paragraph(Sentences(tuple(prose.recommendation(facts))), "lead")]


@dataclass(frozen=True)
class Chapter:
    """One chapter of a pack.

    `parts` in order: a chapter of the ordinary report by its id; some of its blocks, by the
    beginning of their id or text key after a colon; what is worked out for the pack alone.
    `asks` are texts of application.ask.
    """

    id: str
    parts: tuple[str | Maker, ...] = ()
    asks: tuple[str, ...] = ()


DIRECT = (
    Chapter("owner", (connection.applies, "summary", "alternatives", "money:investment"),
            ("owner", "ownership", "power_agreement")),
    Chapter("load", ("compute", "flows"), ("load_proof", "load_history")),
    Chapter("plants", ("power",), ("quota", "resource")),
    Chapter("line", ("power:direct_lines", connection.exchange, connection.exchange_clauses),
            ("line_route", "grid_design", "boundary", "voltage_220")),
    Chapter("balance",
            (connection.ratios, connection.months, "operation",
             "appendix:typical_days", "appendix:day_hardest", typical_days.tables),
            ("hard_hours", "weather_years")),
    Chapter("storage", ("power:power.storage", "power:power.response", "compute:work_by_hour",
                        connection.storage_clauses), ("peak_valley", "storage_safety")),
    Chapter("safety", ("compute:failures", "compute:plant_beside"),
            ("n_1", "protection", "islanding")),
    Chapter("metering", ("money",), ("meters", "retail_contract")),
    Chapter("certificates", ("power:certificates", "operation:carbon_free_hours", "summary:green."),
            ("certificate_account", "hourly_trace")),
    Chapter("economy", ("finance",), ("financing", "vat")),
    Chapter("saving", ("cooling",), ("energy_review", "coal_replacement")),
    Chapter("risk", ("prices",),
            ("risk_register", "schedule", "exit")),
    Chapter("annex", ("compliance", "assumptions", "proof", "appendix"),
            ("land", "environment", "load_agreement", "grid_opinion")),
)  # fmt: skip

FEASIBILITY = (
    Chapter("overview", ("summary", "alternatives"), ("applicant",)),
    Chapter("need", ("compute:compute.intro", "compute:compute.given", "compute:demand"),
            ("policy_fit", "market")),
    Chapter("place", ("compute:sites", "prices:limits"),
            ("land", "energy_quota", "water_right", "environment_capacity")),
    Chapter("build", ("compute", "power"), ("design", "equipment", "digital")),
    Chapter("operate", ("operation", "flows", "compute:work_by_hour", connection.exchange,
                        connection.months, "appendix:typical_days", "appendix:day_hardest",
                        typical_days.tables),
            ("staff", "work_safety")),
    Chapter("finance", ("money", "finance"), ("financing", "capital", "vat")),
    Chapter("impact", ("cooling", connection.ratios),
            ("energy_review", "water_argument", "social", "ecology")),
    Chapter("risks", ("prices", "compute:failures"),
            ("risk_register", "n_1", "emergency")),
    Chapter("conclusion", (_conclusion,)),
    Chapter("annexes", ("compliance", "assumptions", "proof", "appendix"), ("approvals",)),
)  # fmt: skip

PACKS = {"direct-connection": DIRECT, "feasibility": FEASIBILITY}
ALIASES = {"绿电直连": "direct-connection", "可研": "feasibility"}

SUPPLIED: dict[str, Callable[[Facts], bool]] = {
    "load_history": lambda facts: not (facts.values("hall_is_stock") > 0).any(),
    "voltage_220": lambda facts: not connection.has_line_of(facts, least_kv=220.0),
    "hard_hours": lambda facts: facts.target("no_reverse_flow_hours") is not None,
    "weather_years": lambda facts: len(facts.probability) > 1,
    "peak_valley": lambda facts: facts.target("peak_valley_rate") is not None,
    "n_1": lambda facts: bool(facts.ids("failure")),
    "financing": lambda facts: bool(facts.plan.attrs.get("finance")),
}
"""What need not be supplied, because the plan holds it or it does not arise."""


def pack_named(name: str) -> str:
    """The id of a pack by its id or its Chinese name; raises InputError for another."""
    found = ALIASES.get(name, name)
    if found not in PACKS:
        allowed = ", ".join(f"{alias} ({pack})" for alias, pack in ALIASES.items())
        raise InputError(Problem(f"must be one of {allowed}", key="--as", value=name))
    return found


def build(name: str, report: Report, facts: Facts) -> Report:
    """The pack `name` of a plan, from its ordinary report."""
    chapters, shelf = PACKS[name], _Shelf(report.sections)
    # what is named block by block goes first, so that a whole chapter takes what is left
    named = [part for chapter in chapters for part in chapter.parts if isinstance(part, str)]
    taken = {part: shelf.take(part) for part in sorted(named, key=lambda part: ":" not in part)}
    sections = []
    for chapter in chapters:
        blocks = [block for part in chapter.parts
                  for block in (taken[part] if isinstance(part, str) else part(facts))]  # fmt: skip
        if chapter is chapters[-1]:
            blocks += shelf.rest()
        sections.append(Section(chapter.id, say(f"application.{name}.{chapter.id}"),
                                [*_told(blocks), *_asked(chapter, facts)]))  # fmt: skip
    notices = report.notices
    if name == "direct-connection":
        unclear = [p for p in connection.applies(facts) if isinstance(p, Paragraph)]
        notices = [*(p for p in unclear if p.tone == "warn"), *notices]
    return replace(report, subtitle=say(f"application.{name}.subtitle"), sections=sections,
                   notices=notices)  # fmt: skip


def _told(blocks: list[Block]) -> list[Block]:
    """The blocks of a chapter, each once; a sentence where there are none."""
    once = [block for i, block in enumerate(blocks) if block not in blocks[:i]]
    return once or [Paragraph(say("application.nothing"))]


def _asked(chapter: Chapter, facts: Facts) -> list[Block]:
    """What others have to supply for a chapter; nothing where the plan has it all."""
    open_asks = [key for key in chapter.asks
                 if key not in SUPPLIED or not SUPPLIED[key](facts)]  # fmt: skip
    if not open_asks:
        return []
    items = Listing(tuple(say(f"application.ask.{key}") for key in open_asks))
    return [Paragraph(say("application.to_supply", list=items), "note")]


class _Shelf:
    """The blocks of the ordinary report; each is taken once."""

    def __init__(self, sections: Iterable[Section]):
        self.blocks = {section.id: list(section.blocks) for section in sections}

    def take(self, part: str) -> list[Block]:
        """The blocks of a part that are still here; none where the plan has no such part."""
        section, _, start = part.partition(":")
        here = self.blocks.get(section, [])
        found = [block for block in here if _key(block).startswith(start)]
        self.blocks[section] = [block for block in here if block not in found]
        return found

    def rest(self) -> list[Block]:
        return [block for blocks in self.blocks.values() for block in blocks]


def _key(block: Block) -> str:
    """Id of a table or picture; of a paragraph the key of its first text."""
    if not isinstance(block, Paragraph):
        return block.id
    text = block.text
    if isinstance(text, Sentences):
        text = text.items[0]
    return text.key if isinstance(text, Message) else ""

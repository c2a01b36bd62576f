"""The scenario's own keys as they were resolved, bases and overrides applied."""

from __future__ import annotations

import json
from typing import Any

from coplan.report.catalogue import LANGUAGES
from coplan.report.facts import Facts
from coplan.report.model import Column, Item, Name, Table, say

LONGEST_VALUE = 90


def table(facts: Facts) -> Table | None:
    """Key by key; None for a plan that does not carry its scenario."""
    settings = json.loads(facts.plan.attrs.get("settings", "{}"))
    rows: list[list[Item]] = [[key, _short(value)] for key, value in flat(settings)]
    if not rows:
        return None
    columns = [Column(say("table.key"), numeric=False, width=1.6),
               Column(say("table.value"), numeric=False, width=3.0)]  # fmt: skip
    return Table("configuration", say("appendix.configuration"), columns, rows,
                 note=say("appendix.configuration_note"), small=True)  # fmt: skip


def flat(value: Any, prefix: str = "") -> list[tuple[str, str | Name]]:
    """Nested mappings as dotted keys; a list of plain values is one value, so is a text in both
    languages."""
    if isinstance(value, dict) and set(value) == set(LANGUAGES):
        return [(prefix, Name(*(str(value[language]) for language in LANGUAGES)))]
    if isinstance(value, dict) and value:
        return [pair for key, item in value.items()
                for pair in flat(item, f"{prefix}.{key}" if prefix else str(key))]  # fmt: skip
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return [pair for i, item in enumerate(value, start=1)
                for pair in flat(item, f"{prefix}.{i}")]  # fmt: skip
    if isinstance(value, list):
        return [(prefix, ", ".join(map(str, value)))] if value else []
    return [] if value is None or value == {} else [(prefix, str(value))]


def _short(text: str | Name) -> str | Name:
    if isinstance(text, Name):
        return Name(_cut(text.zh), _cut(text.en))
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"

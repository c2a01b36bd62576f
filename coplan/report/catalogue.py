"""The two-language catalogue: every text of the report, side by side, filled by name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from coplan.report import numbers
from coplan.report.model import Day, Joined, Listing, Message, Name, Sentences, Status
from coplan.scenario.provenance import LANGUAGES

SYMBOLS = {"ok": "✓", "warn": "!", "fail": "×", "none": "–"}
PLACEHOLDER = re.compile(r"\{([a-z_0-9]+)\}")


class CatalogueError(KeyError):
    """A text or one of its placeholders is missing."""


@cache
def entries() -> dict[str, dict[str, str]]:
    """All texts as {"section.key": {"zh": ..., "en": ...}}."""
    source = files("coplan.report").joinpath("texts.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(source), ""))


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    for key, value in table.items():
        if set(value) <= set(LANGUAGES):
            yield prefix + key, value
        else:
            yield from _flat(value, f"{prefix}{key}.")


class Locale:
    """One language: turns messages, amounts and names into text."""

    def __init__(self, lang: str):
        if lang not in LANGUAGES:
            raise CatalogueError(f"no such language: {lang}")
        self.lang = lang

    def text(self, key: str, /, **values: Any) -> str:
        """The catalogue text with its placeholders filled.

        Raises CatalogueError where the key or a value is missing.
        """
        try:
            template = entries()[key][self.lang]
        except KeyError as error:
            raise CatalogueError(f"{key} has no {self.lang} text") from error

        def fill(match: re.Match[str]) -> str:
            if match[1] not in values:
                raise CatalogueError(f"{key} needs a value for {match[1]}")
            return self.show(values[match[1]])

        return PLACEHOLDER.sub(fill, template)

    def show(self, item: Any) -> str:
        """Any item of the report model as plain text."""
        if item is None:
            return ""
        if isinstance(item, Message):
            return self.text(item.key, **item.values)
        if isinstance(item, numbers.Amount):
            return numbers.show(item, self.lang)
        if isinstance(item, Name):
            return item.zh if self.lang == "zh" else item.en
        if isinstance(item, Status):
            return f"{SYMBOLS[item.level]} {self.show(item.word)}"
        if isinstance(item, Listing):
            return ("、" if self.lang == "zh" else ", ").join(map(self.show, item.items))
        if isinstance(item, Joined):
            return "".join(map(self.show, item.items))
        if isinstance(item, Sentences):
            return ("" if self.lang == "zh" else " ").join(map(self.show, item.items))
        if isinstance(item, Day):
            return self.date(item.day_of_year)
        return str(item)

    def axis(self, key: str, unit: str) -> str:
        """An axis label with its unit in parentheses."""
        return f"{self.text(key)} ({unit})"

    def date(self, day_of_year: int) -> str:
        """Day 1..365 as a short date: 1月16日 or 16 Jan."""
        month, day = month_and_day(day_of_year)
        if self.lang == "zh":
            return f"{month}月{day}日"
        return f"{day} {self.month(month)}"

    def month(self, month: int) -> str:
        """Month 1..12 as a short name."""
        return self.text(f"month.m{month}")


def month_and_day(day_of_year: int) -> tuple[int, int]:
    """Month and day of day 1..365 of a year without 29 February."""
    day = int(day_of_year)
    for month, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1):
        if day <= days:
            return month, day
        day -= days
    return 12, 31

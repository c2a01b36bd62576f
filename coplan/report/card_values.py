"""Values of cards as a reader sees them: words, numbers, curves and tables, in both languages."""

from __future__ import annotations

import re
from typing import Any

from coplan.errors import InputError
from coplan.report.catalogue import entries
from coplan.report.model import Item, Joined, Listing, Name, say
from coplan.report.numbers import Amount
from coplan.scenario.yaml_reader import parse_yaml, plain

LONGEST_TEXT = 40
MOST_PAIRS = 6
WORDS = {"true": "word.yes", "false": "word.no"}
POINT = 2
"""A point of a curve: a temperature or load, and what holds there."""


def with_unit(value: Any, unit: str) -> Item:
    """A value with its unit; words of units in the reader's language.

    A number without any unit, such as a year, stays as it is written.
    """
    if not unit and _number(value) is not None:
        return str(value)
    shown = _shown(value)
    if unit in ("", "dimensionless", "1"):
        return shown
    if f"unit_word.{unit}s" in entries() and _number(value) != 1:
        unit += "s"
    words = tuple(say(f"unit_word.{part}") if f"unit_word.{part}" in entries() else part
                  for part in re.split(r"(\W+)", unit) if part)  # fmt: skip
    return say("assumptions.with_unit", value=shown, unit=Joined(words))


def in_both(text: Any) -> Name:
    """A text that cards give once, or once in each language."""
    if isinstance(text, dict):
        return Name(str(text.get("zh", "")), str(text.get("en", "")))
    return Name(str(text or ""), str(text or ""))


def _shown(value: Any) -> Item:
    if isinstance(value, str):
        value = _read(value)
    if isinstance(value, bool):
        return say("word.yes" if value else "word.no")
    if (number := _number(value)) is not None:
        return _amount(number)
    if isinstance(value, list):
        return _list(value)
    if isinstance(value, dict):
        return _mapping(value)
    text = "" if value is None else str(value)
    if text in WORDS:
        return say(WORDS[text])
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _read(text: str) -> Any:
    """What a flow list or mapping holds; the text itself where it is none or no longer readable."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return plain(parse_yaml(text, "value"))
    except InputError:
        return text


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool | list | dict) else float(value)
    except (TypeError, ValueError):
        return None


def _amount(number: float) -> Amount:
    return Amount(number, "trim", digits=6 if abs(number) < 1 else 4)


def _list(items: list[Any]) -> Item:
    """A curve point by point; of plain numbers how many and in what range."""
    numbers = [number for item in items if (number := _number(item)) is not None]
    if numbers and len(numbers) == len(items):
        if len(set(numbers)) == 1:
            return say("assumptions.level", count=Amount(len(items), "count"),
                       value=_amount(numbers[0]))  # fmt: skip
        return say("assumptions.values", count=Amount(len(items), "count"),
                   low=_amount(min(numbers)), high=_amount(max(numbers)))  # fmt: skip
    points = [list(item.items()) for item in items if isinstance(item, dict)]
    if len(points) == len(items) <= MOST_PAIRS and all(len(point) == POINT for point in points):
        return Listing(tuple(_pair(point[0][0], point[0][1], point[1][1]) for point in points))
    return _nested(items)


def _mapping(pairs: dict[str, Any]) -> Item:
    if len(pairs) > MOST_PAIRS or any(isinstance(value, list | dict) for value in pairs.values()):
        return _nested(pairs)
    shown = (say("assumptions.pair", at=_name(key), value=_shown(value))
             for key, value in pairs.items())  # fmt: skip
    return Listing(tuple(shown))


def _pair(key: str, at: Any, value: Any) -> Item:
    where: Item = _shown(at)
    if f"assumptions.at_{key}" in entries():
        where = say(f"assumptions.at_{key}", value=where)
    return say("assumptions.pair", at=where, value=_shown(value))


def _name(key: Any) -> Item:
    return say(f"band.{key}") if f"band.{key}" in entries() else str(key)


def _nested(content: list[Any] | dict[str, Any]) -> Item:
    return say("assumptions.nested", count=Amount(len(content), "count"))

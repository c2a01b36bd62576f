"""What is wrong with an hour, a value or the length of a series, and what was probably meant."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from coplan.physics.timeseries import HOURS_PER_YEAR

if TYPE_CHECKING:
    from coplan.dataset.series import Column

PERCENT_ABOVE = 1.5  # a share beyond this was surely meant as per cent
NOTHING = frozenset({"nan", "na", "n/a", "#n/a", "null", "none", "-", "--"})
STAMP = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d|\d{1,2}:\d{2}")
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
EXCEL_DAYS = range(36_526, 73_051)
"""Days since 1900 as Excel counts them, of the years 2000 to 2099."""

COUNT = f"number the hours 0 to {HOURS_PER_YEAR - 1} in local standard time (UTC+8)"
LONGER = {
    8784: "drop 29 February of the leap year",
    2 * HOURS_PER_YEAR: "are these half hours? give the mean of each hour",
    4 * HOURS_PER_YEAR: "are these quarter hours? give the mean of each hour",
    8761: "was an hour counted twice when clocks went back? local standard time has no such hour",
}
SHORTER = {
    8759: "was an hour left out when clocks went forward? local standard time has no such gap",
    8736: "are these 364 days? a year of 365 is needed",
    365: "are these days? a value for each hour is needed",
    12: "are these months? a value for each hour is needed",
}


def length_message(found: int, steps: int) -> str:
    """What to do about a file of `found` rows where `steps` are needed."""
    word, meant = ("short", SHORTER) if found < steps else ("long", LONGER)
    message = f"the file is too {word}: {found} rows, {steps} are needed"
    return f"{message}; {meant[found]}" if steps == HOURS_PER_YEAR and found in meant else message


def hour_message(text: str, expected: int) -> tuple[int | None, str]:
    """The hour that belongs into the next row, and what is wrong with this one ("" if nothing).

    None for the next hour where the column holds something else than hours throughout.
    """
    try:
        value = _plain_float(text)
    except ValueError:
        if STAMP.search(text):
            return None, f"time stamps are not read; {COUNT}"
        return expected + 1, f"the hour must be a whole number, {expected} here"
    if int(value) in EXCEL_DAYS:
        return None, f"this looks like a date of Excel; {COUNT}"
    if value != math.floor(value):
        return expected + 1, f"the hour must be a whole number, {expected} here"
    hour = int(value)
    if hour == expected:
        return hour + 1, ""
    if expected == 0 and hour == 1:
        return None, f"the first hour is 0; {COUNT}"
    if expected == 24 and hour == 0:
        return None, f"hours of the day; {COUNT}"
    if hour == expected - 1:
        return hour + 1, f"the hour stands twice; {expected} belongs here"
    if hour > expected:
        return hour + 1, f"hours are missing: {expected} belongs here; fill the gap"
    return hour + 1, f"hours do not count up; {expected} belongs here"


def value_message(text: str, column: Column) -> str:
    """What is wrong with a field ("" if nothing), and what to do."""
    try:
        value = _plain_float(text)
    except ValueError:
        return _text_message(text)
    if column.share and value > max(column.upper, PERCENT_ABOVE):
        return "this looks like per cent; a share is needed, 0.5 for 50 %"
    unit = f" {column.unit}" if column.unit else ""
    if value < column.lower:
        if column.lower == 0:
            return "negative is not allowed"
        return f"below {column.lower:g}{unit}, the least allowed"
    if value > column.upper:
        doubt = "; is the unit right?" if unit else ""
        return f"above {column.upper:g}{unit}, the most allowed{doubt}"
    return ""


def _text_message(text: str) -> str:
    """What to do about a field that is no number."""
    if not text:
        return "the field is empty; give a number"
    if text.lower() in NOTHING:
        return "a missing value is no number; fill it before use"
    if text.endswith(("%", "％")):
        return "give a share without a per cent sign, 0.5 for 50 %"
    if THOUSANDS.fullmatch(text) or DECIMAL_COMMA.fullmatch(text):
        return "are there decimal commas? write 0.5, not 0,5 and 1234, not 1,234"
    plain = unicodedata.normalize("NFKC", text)
    if plain != text and plain.isascii():
        return f"full-width digits; write {plain}"
    return "not a finite number; write digits with a decimal point"


def _plain_float(text: str) -> float:
    """A finite number in ASCII digits; ValueError for nan, inf and Python's 1_000."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value

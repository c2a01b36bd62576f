"""Strict reader of hourly CSV series: every flaw is reported, nothing is repaired in silence.

A file has optional `# ` lines of origin, a header, and one row per step. Its first column `hour`
counts 0, 1, 2 ... so that a gap or a doubled hour is seen for what it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coplan.errors import InputError, Problem

Array = NDArray[np.float64]

HOUR = "hour"
MOST_PROBLEMS = 20  # a broken file repeats itself: more would hide the first
PERCENT_ABOVE = 1.5  # a share beyond this was surely meant as per cent


@dataclass(frozen=True)
class Column:
    """A column to read and the values it may hold, in the unit its name says.

    `share` marks a column of shares, so that per cent is recognised and named.
    """

    name: str
    lower: float = -math.inf
    upper: float = math.inf
    share: bool = False


def read_series(
    path: Path | str, columns: Sequence[Column | str], steps: int = 8760
) -> dict[str, Array]:
    """Read columns of a CSV series: one 1-D array of `steps` floats per column, by name.

    A plain name is a column of any finite number. Further columns of the file are left unread.
    Raises InputError naming file, line and column for: a file that cannot be read, a missing or
    doubled column, a gap, a doubled hour, too few or too many rows, an empty field, text, NaN,
    decimal commas, per cent where a share belongs, a value outside its column's limits.
    """
    wanted = [Column(column) if isinstance(column, str) else column for column in columns]
    file = str(path)
    lines, first = _content(file)
    names = [name.strip() for name in lines[first].split(",")]
    places = _places(file, first + 1, names, [HOUR, *(column.name for column in wanted)])
    rows = lines[first + 1 :]
    while rows and not rows[-1].strip():
        rows.pop()
    try:
        table = np.array([_floats(row, len(names), places) for row in rows], dtype=float)
    except ValueError:
        table = np.empty((0, len(places)))
    if table.shape[0] == steps and _is_sound(table, wanted):
        return {column.name: table[:, k + 1].copy() for k, column in enumerate(wanted)}
    problems = _problems(file, first + 2, rows, len(names), places, wanted, steps)
    raise InputError(problems)


def _content(file: str) -> tuple[list[str], int]:
    """Lines of a UTF-8 file, with or without byte order mark, and the index of its header."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(Problem("the file does not exist", file)) from None
    except OSError as error:
        raise InputError(Problem(f"the file cannot be read: {error.strerror}", file)) from None
    except UnicodeDecodeError as error:
        where = error.object[: error.start].count(b"\n") + 1
        message = "the file is not UTF-8 text; save it as CSV UTF-8"
        raise InputError(Problem(message, file, where)) from None
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.strip() and not line.startswith("#"):
            if ";" in line and "," not in line:
                message = "fields are separated by semicolons; use commas, and points in numbers"
                raise InputError(Problem(message, file, index + 1))
            return lines, index
    raise InputError(Problem("the file is empty; it needs a header and one row per step", file))


def _places(file: str, line: int, names: list[str], needed: list[str]) -> list[int]:
    """Where each needed column stands in the header."""
    problems = []
    for name in needed:
        count = names.count(name)
        if count == 0:
            message = f"the column is missing; the header has: {', '.join(names)}"
            if name == HOUR:
                message += f"; add a column counting the steps: {HOUR} = 0, 1, 2 ..."
            problems.append(Problem(message, file, line, name))
        elif count > 1:
            problems.append(Problem(f"the column stands {count} times", file, line, name))
    if problems:
        raise InputError(problems)
    return [names.index(name) for name in needed]


def _floats(row: str, width: int, places: list[int]) -> list[float]:
    """Numbers of a row's wanted fields; ValueError for anything float() is too kind about."""
    fields = row.split(",")
    picked = [fields[place] for place in places] if len(fields) == width else ["width"]
    together = "".join(picked)
    if "_" in together or not together.isascii():
        raise ValueError(row)
    return [float(field) for field in picked]


def _is_sound(table: Array, wanted: list[Column]) -> bool:
    """Whether hours count up from 0 and every value is finite and within its limits."""
    values = table[:, 1:]
    lower = np.array([column.lower for column in wanted])
    upper = np.array([column.upper for column in wanted])
    return bool(
        np.array_equal(table[:, 0], np.arange(len(table)))
        and np.isfinite(values).all()
        and (values >= lower).all()
        and (values <= upper).all()
    )


def _problems(
    file: str,
    line: int,
    rows: list[str],
    width: int,
    places: list[int],
    wanted: list[Column],
    steps: int,
) -> list[Problem]:
    """Everything wrong with the rows, row by row: the slow way, once something is known wrong."""
    problems: list[Problem] = []
    expected = 0
    for number, row in enumerate(rows, start=line):
        if len(problems) >= MOST_PROBLEMS:
            problems.append(Problem("more of the same may follow; mend these first", file, number))
            return problems
        fields = [field.strip() for field in row.split(",")]
        if len(fields) != width:
            problems.append(Problem(_width_message(row, len(fields), width), file, number))
            expected += 1
            continue
        hour, problem = _hour(fields[places[0]], expected)
        if problem:
            problems.append(Problem(problem, file, number, HOUR, fields[places[0]]))
        expected = hour + 1
        for column, place in zip(wanted, places[1:], strict=True):
            message = _value_message(fields[place], column)
            if message:
                problems.append(Problem(message, file, number, column.name, fields[place]))
    if len(rows) != steps:
        word = "short" if len(rows) < steps else "long"
        message = f"the file is too {word}: {len(rows)} rows, {steps} are needed"
        if len(rows) == 8784 and steps == 8760:
            message += "; drop 29 February of the leap year"
        problems.append(Problem(message, file, line + len(rows) - 1))
    return problems


def _width_message(row: str, found: int, width: int) -> str:
    """What to do about a row with more or fewer fields than the header."""
    if not row.strip():
        return "the row is empty; fill it or remove it"
    message = f"the row has {found} fields, the header {width}"
    if found > width:
        message += "; are there decimal commas? write 0.5, not 0,5"
    return message


def _hour(text: str, expected: int) -> tuple[int, str]:
    """The hour a row says it is, and what is wrong with that ("" if nothing)."""
    try:
        value = _plain_float(text)
    except ValueError:
        return expected, f"the hour must be a whole number, {expected} here"
    if value != math.floor(value):
        return expected, f"the hour must be a whole number, {expected} here"
    hour = int(value)
    if hour == expected:
        return hour, ""
    if hour == expected - 1:
        return hour, f"the hour stands twice; {expected} belongs here"
    if hour > expected:
        return hour, f"hours are missing: {expected} belongs here; fill the gap"
    return hour, f"hours do not count up; {expected} belongs here"


def _plain_float(text: str) -> float:
    """A finite number in ASCII digits; ValueError for nan, inf and Python's 1_000."""
    if "_" in text or not text.isascii():
        raise ValueError(text)
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _value_message(text: str, column: Column) -> str:
    """What is wrong with a field ("" if nothing), and what to do."""
    if not text:
        return "the field is empty; give a number"
    try:
        value = _plain_float(text)
    except ValueError:
        if text.lower() in {"nan", "na", "n/a", "null", "none", "-"}:
            return "a missing value is no number; fill it before use"
        if text.endswith("%"):
            return "give a share without a per cent sign, 0.5 for 50 %"
        return "not a finite number; write digits with a decimal point"
    if column.share and value > max(PERCENT_ABOVE, column.upper):
        return "this looks like per cent; a share is needed, 0.5 for 50 %"
    if value < column.lower:
        return "negative is not allowed" if column.lower == 0 else f"below {column.lower:g}"
    if value > column.upper:
        return f"above {column.upper:g}, the most allowed"
    return ""

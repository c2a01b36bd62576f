"""Strict reader of hourly CSV series: every flaw is reported, nothing is repaired in silence.

A file has optional `# ` lines of origin, a header, and one row per step. Its column `hour` counts
0, 1, 2 ... so that a gap or a doubled hour is seen for what it is. Fields may stand in quotes.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coplan.dataset.series_messages import hour_message, length_message, value_message
from coplan.errors import InputError, Problem
from coplan.physics.timeseries import HOURS_PER_YEAR
from coplan.scenario.messages import MAX_LISTED, MAX_VALUE, near
from coplan.scenario.yaml_reader import read_regular_file

Array = NDArray[np.float64]

HOUR = "hour"
MOST_BYTES = 32 * 2**20  # thirty times a usual file
MOST_NAMES = 1000  # a header with more is searched no further for what was meant
MOST_PROBLEMS = 20  # a broken file repeats itself: more would hide the first
MOST_LINES = 100_000
MOST_CHARACTERS = 1_000_000  # of one line: some fifty thousand columns


@dataclass(frozen=True)
class Column:
    """A column to read and the values it may hold, in the unit its name says.

    `share` marks a column of shares, so that per cent is recognised and named; `unit` is told in
    messages about limits.
    """

    name: str
    lower: float = -math.inf
    upper: float = math.inf
    share: bool = False
    unit: str = ""


Row = tuple[int, list[str]]
"""Number of the line in the file, and its fields."""


def read_series(
    path: Path | str, columns: Sequence[Column | str], steps: int = HOURS_PER_YEAR
) -> dict[str, Array]:
    """Read columns of a CSV series: one 1-D array of `steps` floats per column, by name.

    A plain name is a column of any finite number. Further columns of the file are left unread.
    Raises InputError naming file, line and column for: a file that cannot be read, a missing or
    doubled column, a gap, a doubled hour, too few or too many rows, an empty field, text, NaN,
    decimal commas, per cent where a share belongs, a value outside its column's limits.
    """
    wanted = [Column(column) if isinstance(column, str) else column for column in columns]
    file = str(path)
    (line, header), rows = _rows(file, _text(file))
    names = [name.strip() for name in header]
    places = _places(file, line, names, [HOUR, *(column.name for column in wanted)])
    try:
        table = np.array([_floats(row, len(names), places) for _, row in rows], dtype=float)
    except ValueError:
        table = np.empty((0, len(places)))
    if table.shape[0] == steps and _is_sound(table, wanted):
        return {column.name: table[:, k + 1].copy() for k, column in enumerate(wanted)}
    raise InputError(_problems(file, line, rows, len(names), places, wanted, steps))


def _text(file: str) -> str:
    """Text of a UTF-8 file, with or without byte order mark."""
    try:
        raw = read_regular_file(Path(file), MOST_BYTES)
    except ValueError as error:
        raise InputError(Problem(str(error), file)) from None
    if raw[:4] == b"PK\3\4":
        message = "this is an Excel workbook; save the sheet as CSV UTF-8"
        raise InputError(Problem(message, file))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, where = "\0", raw.count(b"\n", 0, error.start) + 1
    else:
        where = text.count("\n", 0, text.find("\0")) + 1
    if "\0" in text:
        found = "UTF-16" if b"\0" in raw[:4] else "GBK or another code"
        message = f"the file is not UTF-8 text ({found}?); save it as CSV UTF-8"
        raise InputError(Problem(message, file, where))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise InputError(Problem(f"the file has more than {MOST_LINES} rows", file))
    return text


def _rows(file: str, text: str) -> tuple[Row, list[Row]]:
    """The header and the rows below it, without empty rows at the end."""
    lines = text.split("\n")
    longest = max(range(len(lines)), key=lambda index: len(lines[index]))
    if len(lines[longest]) > MOST_CHARACTERS:
        message = f"the line is longer than {MOST_CHARACTERS} characters"
        raise InputError(Problem(message, file, longest + 1))
    first = next((n for n, line in enumerate(lines) if line.strip() and line[0] != "#"), None)
    if first is None:
        message = "the file is empty; it needs a header and one row per step"
        raise InputError(Problem(message, file))
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if mark in lines[first] and "," not in lines[first]:
            message = f"fields are separated by {name}; use commas, and points in numbers"
            raise InputError(Problem(message, file, first + 1))
    reader = csv.reader(lines[first:], strict=True)
    rows: list[Row] = []
    try:
        for row in reader:
            rows.append((first + reader.line_num, row))
    except csv.Error as error:
        at = first + (rows[-1][0] - first if rows else 0) + 1
        message = f"the row cannot be split into fields ({error}); is a quotation mark left open?"
        raise InputError(Problem(message, file, at)) from None
    while rows and not "".join(rows[-1][1]).strip():
        rows.pop()
    return rows[0], rows[1:]


def _places(file: str, line: int, names: list[str], needed: list[str]) -> list[int]:
    """Where each needed column stands in the header."""
    problems = []
    for name in needed:
        count = names.count(name)
        if count == 0:
            problems.append(Problem(_missing(name, names), file, line, name))
        elif count > 1:
            problems.append(Problem(f"the column stands {count} times", file, line, name))
    if problems:
        raise InputError(problems)
    return [names.index(name) for name in needed]


def _missing(name: str, names: list[str]) -> str:
    """What to say about a column that is not there."""
    listed = ", ".join(one[:MAX_VALUE] for one in names[:MAX_LISTED])
    message = f"the column is missing; the header has: {listed}"
    hint = near(name, names[:MOST_NAMES])
    if hint.startswith("did you mean"):
        message += f"; {hint}"
    if name == HOUR:
        message += f"; add a column counting the steps: {HOUR} = 0, 1, 2 ..."
    return message


def _floats(fields: list[str], width: int, places: list[int]) -> list[float]:
    """Numbers of a row's wanted fields; ValueError for anything float() is too kind about."""
    picked = [fields[place] for place in places] if len(fields) == width else ["width"]
    together = "".join(picked)
    if "_" in together or not together.isascii():
        raise ValueError(fields)
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
    header: int,
    rows: list[Row],
    width: int,
    places: list[int],
    wanted: list[Column],
    steps: int,
) -> list[Problem]:
    """Everything wrong with the rows, row by row: the slow way, once something is known wrong."""
    problems: list[Problem] = []
    expected: int | None = 0
    for number, row in rows:
        if len(problems) >= MOST_PROBLEMS:
            problems.append(Problem("more of the same may follow; mend these first", file, number))
            break
        fields = [field.strip() for field in row]
        if len(fields) != width:
            problems.append(Problem(_width_message(fields, width), file, number))
            expected = None if expected is None else expected + 1
            continue
        if expected is not None:
            expected, message = hour_message(fields[places[0]], expected)
            if message:
                problems.append(Problem(message, file, number, HOUR, fields[places[0]]))
        for column, place in zip(wanted, places[1:], strict=True):
            message = value_message(fields[place], column)
            if message:
                problems.append(Problem(message, file, number, column.name, fields[place]))
    if len(rows) != steps:
        last = rows[-1][0] if rows else header
        problems.append(Problem(length_message(len(rows), steps), file, last))
    return problems


def _width_message(fields: list[str], width: int) -> str:
    """What to do about a row with more or fewer fields than the header."""
    if not "".join(fields):
        return "the row is empty; fill it or remove it"
    message = f"the row has {len(fields)} fields, the header {width}"
    if len(fields) > width:
        message += "; are there decimal commas? write 0.5, not 0,5 and 1234, not 1,234"
    return message

"""Reader of EnergyPlus weather files (.epw, .epw.gz): 8760 hours of UTC+8, hour beginning.

The format is that of the EnergyPlus "Auxiliary Programs" guide: eight header lines, then one line
per hour; hour 1 is 00:00 to 01:00, so it becomes step 0. What can be used is used and said in a
notice; what cannot be told apart from a mistake is an InputError.
"""

from __future__ import annotations

import gzip
import io
import math
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coplan.errors import InputError, Problem
from coplan.physics.timeseries import DAYS_PER_MONTH, HOURS_PER_YEAR
from coplan.scenario.yaml_reader import read_regular_file

Array = NDArray[np.float64]

HEADER_LINES = 8
MOST_BYTES = 8 * 1024 * 1024  # five times a usual file: a compressed bomb stops here
MOST_LINES = 100_000
UTC_OFFSET_H = 8.0
FEWEST_FIELDS = 22  # up to wind speed; some writers leave out what follows
JUMP_K = 10.0  # a change of dry bulb within one hour that weather seldom makes
BLOCK_H = 6  # stations that observe every six hours repeat the wind in between
LEAP_HOURS = 24


@dataclass(frozen=True)
class _Element:
    """One column of the format: where it stands, its missing code and its possible range."""

    name: str
    field: int
    missing: float
    lower: float
    upper: float


ELEMENTS = (
    _Element("dry_bulb_degc", 6, 99.9, -70.0, 70.0),
    _Element("relative_humidity", 8, 999.0, 0.0, 150.0),
    _Element("pressure_pa", 9, 999999.0, 31000.0, 120000.0),
    _Element("ghi_w_m2", 13, 9999.0, 0.0, 1500.0),
    _Element("dni_w_m2", 14, 9999.0, 0.0, 1500.0),
    _Element("dhi_w_m2", 15, 9999.0, 0.0, 1500.0),
    _Element("wind_speed_10m_m_s", 21, 999.0, 0.0, 60.0),
)


@dataclass(frozen=True)
class Notice:
    """A remark about the data that does not stop its use: how often, and in two languages."""

    code: str
    count: int
    zh: str
    en: str


@dataclass(frozen=True)
class EpwYear:
    """A weather year as read from an EPW file; arrays of 8760 hours, hour beginning, UTC+8."""

    file: str
    station: str
    wmo: str
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    dry_bulb_degc: Array
    relative_humidity: Array
    """Share 0..1."""
    pressure_pa: Array
    ghi_w_m2: Array
    dni_w_m2: Array
    dhi_w_m2: Array
    wind_speed_10m_m_s: Array
    notices: tuple[Notice, ...]


def read_epw(path: Path | str) -> EpwYear:
    """Read an EPW file, plain or gzip.

    Raises InputError naming file and line for: a file that cannot be read, is cut short or larger
    than 8 MB inflated; not an EPW; a time zone other than UTC+8; a wrong number or order of hours;
    missing codes, text or impossible values in a column that is used.
    """
    file = str(path)
    lines = _lines(file)
    place = _location(file, lines[0])
    _one_record_an_hour(file, lines)
    while not lines[-1].strip():
        lines.pop()
    split = (line.split(",") for line in lines[HEADER_LINES:])
    rows, leap_rows = _without_leap_day(list(enumerate(split, start=HEADER_LINES + 1)))
    _check_calendar(file, rows)
    columns = _columns(file, rows)
    years = {row[0].strip() for _, row in rows}
    notices = _notices(columns, leap_rows, len(years), place["longitude_deg"])
    columns["relative_humidity"] = np.minimum(columns["relative_humidity"], 100.0) / 100.0
    return EpwYear(
        file=file,
        station=place["station"],
        wmo=place["wmo"],
        latitude_deg=place["latitude_deg"],
        longitude_deg=place["longitude_deg"],
        altitude_m=place["altitude_m"],
        notices=tuple(notices),
        **columns,
    )


def _lines(file: str) -> list[str]:
    """Text lines of the file, inflated if it is gzip whatever its name says."""
    try:
        content = read_regular_file(Path(file), MOST_BYTES)
        if content[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(content)) as inflated:
                content = inflated.read(MOST_BYTES + 1)
    except EOFError:
        message = "the gzip file is cut short; fetch it again"
        raise InputError(Problem(message, file)) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(Problem(f"the gzip file is damaged: {error}", file)) from None
    except ValueError as error:
        raise InputError(Problem(str(error), file)) from None
    if len(content) > MOST_BYTES:
        message = f"larger than {MOST_BYTES // 1024**2} MB inflated: not a year of hours"
        raise InputError(Problem(message, file))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")  # only names can be affected, numbers are ASCII
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MOST_LINES:
        raise InputError(Problem(f"more than {MOST_LINES} lines: not a year of hours", file))
    lines = text.split("\n")
    if len(lines) <= HEADER_LINES or not lines[0].upper().startswith("LOCATION,"):
        message = "not an EPW file: it must begin with LOCATION and have eight header lines"
        raise InputError(Problem(message, file, 1))
    return lines


def _location(file: str, line: str) -> dict[str, Any]:
    """Station, WMO number and place of the LOCATION line; the time zone must be UTC+8."""
    fields = [field.strip() for field in line.split(",")]
    try:
        latitude, longitude, zone, altitude = (float(field) for field in fields[6:10])
    except ValueError:
        message = "LOCATION needs latitude, longitude, time zone and elevation as fields 7 to 10"
        raise InputError(Problem(message, file, 1, "LOCATION", line.strip())) from None
    if zone != UTC_OFFSET_H:
        message = "the time zone must be 8 (UTC+8, Beijing time); convert the file first"
        raise InputError(Problem(message, file, 1, "time zone", fields[8]))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        message = "latitude must be within -90..90 and longitude within -180..180"
        raise InputError(Problem(message, file, 1, "LOCATION", line.strip()))
    return {
        "station": fields[1],
        "wmo": fields[5],
        "latitude_deg": latitude,
        "longitude_deg": longitude,
        "altitude_m": altitude,
    }


def _one_record_an_hour(file: str, lines: list[str]) -> None:
    """Refuse files with several records per hour (DATA PERIODS, second number)."""
    for number, line in enumerate(lines[:HEADER_LINES], start=1):
        fields = [field.strip() for field in line.split(",")]
        if fields[0].upper() == "DATA PERIODS":
            if len(fields) > 2 and fields[2] not in {"1", "1.0"}:
                message = "only one record per hour can be read"
                raise InputError(Problem(message, file, number, "DATA PERIODS", fields[2]))
            return
    message = "not an EPW file: DATA PERIODS is missing in the first eight lines"
    raise InputError(Problem(message, file, HEADER_LINES))


Row = tuple[int, list[str]]


def _without_leap_day(rows: list[Row]) -> tuple[list[Row], int]:
    """Rows without those of 29 February, and how many those were."""
    kept = [row for row in rows if [field.strip() for field in row[1][1:3]] != ["2", "29"]]
    dropped = len(rows) - len(kept)
    return (kept, dropped) if dropped == LEAP_HOURS else (rows, 0)


def _check_calendar(file: str, rows: list[Row]) -> None:
    """Refuse a year that is not 8760 rows counting up from 1 January, hour 1."""
    calendar = (
        (month, day, hour)
        for month, days in enumerate(DAYS_PER_MONTH, start=1)
        for day in range(1, days + 1)
        for hour in range(1, 25)
    )
    # rows and calendar may differ in length, which is said first below
    for (number, row), (month, day, hour) in zip(rows, calendar, strict=False):
        if len(row) < FEWEST_FIELDS:
            message = f"the row has {len(row)} fields, at least {FEWEST_FIELDS} are needed"
            raise InputError(Problem(message, file, number))
        if [field.strip().lstrip("0") for field in row[1:4]] != [str(month), str(day), str(hour)]:
            message = f"month, day and hour must be {month}, {day}, {hour} here"
            raise InputError(
                [Problem(message, file, number, value=", ".join(row[1:4])), *_length(file, rows)]
            )
    problems = _length(file, rows)
    if problems:
        raise InputError(problems)


def _length(file: str, rows: list[Row]) -> list[Problem]:
    if len(rows) == HOURS_PER_YEAR:
        return []
    message = f"the file has {len(rows)} hours, {HOURS_PER_YEAR} are needed"
    return [Problem(message, file, rows[-1][0] if rows else HEADER_LINES)]


def _columns(file: str, rows: list[Row]) -> dict[str, Array]:
    """The used columns as arrays; every missing code, text or impossible value is a problem."""
    problems: list[Problem] = []
    columns = {}
    for element in ELEMENTS:
        values = np.array([_number(row[element.field]) for _, row in rows])
        is_missing = values >= element.missing
        is_outside = (values < element.lower) | (values > element.upper)
        limits = f"must lie between {element.lower:g} and {element.upper:g}"
        for message, is_wrong in (
            ("is not a number", ~np.isfinite(values)),
            ("is the code for a missing value", is_missing & np.isfinite(values)),
            (limits, is_outside & ~is_missing & np.isfinite(values)),
        ):
            (where,) = np.nonzero(is_wrong)
            if len(where):
                number, row = rows[int(where[0])]
                text = f"{message}, in {len(where)} hours; this is the first"
                problems.append(Problem(text, file, number, element.name, row[element.field]))
        columns[element.name] = values
    if problems:
        raise InputError(problems)
    return columns


def _number(text: str) -> float:
    """The number written in ASCII digits; not a number for any other text."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


def _notices(
    columns: dict[str, Array], leap_rows: int, years: int, longitude_deg: float
) -> list[Notice]:
    """Remarks about odd but usable data."""
    over = int((columns["relative_humidity"] > 100.0).sum())
    blocks = _stepwise_blocks(columns["wind_speed_10m_m_s"])
    dry_bulb = columns["dry_bulb_degc"]
    jumps = sum(abs(b - a) > JUMP_K for a, b in pairwise(dry_bulb.tolist()))
    off = abs(longitude_deg / 15.0 - UTC_OFFSET_H)
    found = [
        Notice(
            "humidity_over_100",
            over,
            f"相对湿度有 {over} 小时高于 100 %，按 100 % 取用。",
            f"Relative humidity is above 100 % in {over} hours; taken as 100 %.",
        ),
        Notice(
            "leap_day_dropped",
            leap_rows,
            "2 月 29 日已略去，全年按 8760 小时计。",
            "29 February was left out; the year has 8760 hours.",
        ),
        Notice(
            "stepwise_wind",
            blocks,
            f"风速有 {blocks} 段六小时不变，为六小时一次的观测，小时级波动偏小。",
            f"Wind speed stays the same for six hours {blocks} times: observed every six hours, "
            "so that hourly changes are too small.",
        ),
        Notice(
            "dry_bulb_jump",
            jumps,
            f"干球温度有 {jumps} 次在一小时内变化超过 {JUMP_K:g} K，未作修改。",
            f"Dry bulb changes by more than {JUMP_K:g} K within an hour {jumps} times; unchanged.",
        ),
        Notice(
            "mixed_years",
            years if years > 1 else 0,
            f"数据由 {years} 个不同年份的月份拼成，月界处可能不连续。",
            f"The months come from {years} different years; there may be steps between months.",
        ),
        Notice(
            "time_zone",
            1 if off > 1.5 else 0,
            f"当地太阳时与北京时间相差 {off:.1f} 小时，请确认文件确为 UTC+8。",
            f"Solar time here is {off:.1f} h away from UTC+8; make sure the file is in UTC+8.",
        ),
    ]
    return [notice for notice in found if notice.count]


def _stepwise_blocks(speed: Array) -> int:
    """How many six-hour blocks have one constant wind speed, if they are most of the year."""
    most = 0
    for start in range(BLOCK_H):
        rolled = np.roll(speed, -start).reshape(-1, BLOCK_H)
        most = max(most, int((rolled == rolled[:, :1]).all(axis=1).sum()))
    return most if most > HOURS_PER_YEAR // BLOCK_H // 2 else 0

"""Planted faults of data files are caught where they stand; legal forms of them raise no alarm."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from coplan.dataset.epw import read_epw
from coplan.dataset.horizon import horizon
from coplan.dataset.user_series import series_entries, values
from coplan.dataset.weather import refuse_sunny_nights
from coplan.errors import InputError
from coplan.scenario import read_scenario
from tests.sampling import one_in
from tests.trust import project
from tests.trust.project import EPW, SERIES, STATION, WEATHER

Lines = list[str]
LOAD, PRICE, FACTOR, PV, CALLS = (
    f"data/{n}.csv" for n in ("load", "price", "factor", "pv", "calls")
)
GHI, DRY_BULB, PRESSURE, HUMIDITY, WIND = 13, 6, 9, 8, 21
AT = 100
"""Hour of the year that single faults are planted in."""


class Fault(NamedTuple):
    """A file, what is done to it, words of the message, its line (0: none) and its key."""

    file: str
    spoil: Callable[[bytes], bytes | Path]
    words: str
    line: int = 0
    key: str = ""


def lines(change: Callable[[Lines], Lines]) -> Callable[[bytes], bytes]:
    """A change of the lines of a file."""
    return lambda raw: ("\n".join(change(raw.decode().splitlines())) + "\n").encode()


def field(place: int, text: str, row: int = AT + 1) -> Callable[[bytes], bytes]:
    """Another text in one field of one row (its index among the lines)."""

    def change(found: Lines) -> Lines:
        parts = found[row].split(",")
        parts[place] = text
        return [*found[:row], ",".join(parts), *found[row + 1 :]]

    return lines(change)


def column(place: int, change: Callable[[str], str], first: int = 1) -> Callable[[bytes], bytes]:
    """Every number of a column changed."""

    def of_row(row: str) -> str:
        parts = row.split(",")
        parts[place] = change(parts[place])
        return ",".join(parts)

    return lines(lambda found: found[:first] + [of_row(row) for row in found[first:]])


def scaled(factor: float, place: int = 1, first: int = 1) -> Callable[[bytes], bytes]:
    return column(place, lambda text: f"{factor * float(text):g}", first)


def rolled(hours: int, places: tuple[int, ...], first: int) -> Callable[[bytes], bytes]:
    """Columns moved by some hours, as those of a file in another time zone are."""

    def change(found: Lines) -> Lines:
        rows = [row.split(",") for row in found[first:]]
        kept = [list(row) for row in rows]
        for number, row in enumerate(rows):
            for place in places:
                row[place] = kept[(number + hours) % len(rows)][place]
        return found[:first] + [",".join(row) for row in rows]

    return lines(change)


def stamped(form: Callable[[int], str]) -> Callable[[bytes], bytes]:
    """Time stamps, or whatever `form` makes of an hour, where hours belong."""
    return lines(
        lambda found: (
            [found[0]] + [f"{form(hour)},{row.split(',')[1]}" for hour, row in enumerate(found[1:])]
        )
    )


def renumbered(found: Lines) -> Lines:
    return [found[0]] + [f"{h},{row.split(',')[1]}" for h, row in enumerate(found[1:])]


def day_of(hour: int) -> str:
    return str(np.datetime64("2027-01-01T00:00") + np.timedelta64(hour, "h")).replace("T", " ")


def without(first: int, last: int) -> Callable[[Lines], Lines]:
    return lambda found: found[:first] + found[last:]


def times(count: int) -> Callable[[Lines], Lines]:
    """Every row `count` times, the hours numbered on: half or quarter hours."""
    return lambda found: renumbered([found[0]] + [row for row in found[1:] for _ in range(count)])


def heading(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda raw: raw.replace(old.encode(), new.encode(), 1)


FAULTS = {
    "not a number": Fault(LOAD, field(1, "NaN"), "missing value", AT + 2, "load_mw"),
    "NA": Fault(LOAD, field(1, "NA"), "missing value", AT + 2, "load_mw"),
    "Excel's #N/A": Fault(LOAD, field(1, "#N/A"), "missing value", AT + 2, "load_mw"),
    "Excel's #DIV/0!": Fault(LOAD, field(1, "#DIV/0!"), "not a finite number", AT + 2, "load_mw"),
    "an empty cell": Fault(LOAD, field(1, ""), "empty", AT + 2, "load_mw"),
    "text": Fault(LOAD, field(1, "high"), "not a finite number", AT + 2, "load_mw"),
    "a number with its unit": Fault(
        LOAD, field(1, "2 MW"), "not a finite number", AT + 2, "load_mw"
    ),
    "infinity": Fault(LOAD, field(1, "inf"), "not a finite number", AT + 2, "load_mw"),
    "minus infinity": Fault(PRICE, field(1, "-Infinity"), "not a finite", AT + 2, "price"),
    "1e999": Fault(PRICE, field(1, "1e999"), "not a finite number", AT + 2, "price"),
    "full-width digits": Fault(LOAD, field(1, "１２"), "write 12", AT + 2, "load_mw"),
    "Arabic digits": Fault(LOAD, field(1, "١٢"), "not a finite number", AT + 2, "load_mw"),
    "an underscore in a number": Fault(LOAD, field(1, "1_0"), "not a finite", AT + 2, "load_mw"),
    "a decimal comma": Fault(LOAD, field(1, "2,5"), "decimal commas", AT + 2),
    "a quoted decimal comma": Fault(LOAD, field(1, '"2,5"'), "decimal commas", AT + 2, "load_mw"),
    "thousands separators": Fault(PRICE, field(1, '"1,234.5"'), "1234", AT + 2, "price"),
    "a per cent sign": Fault(PV, field(1, "50%"), "per cent sign", AT + 2, "power"),
    "per cent": Fault(PV, scaled(100.0), "per cent", 0, "power"),
    "a wrong sign": Fault(LOAD, scaled(-1.0), "negative is not allowed", 2, "load_mw"),
    "negative power of the sun": Fault(PV, field(1, "-0.1"), "negative", AT + 2, "power"),
    "a negative emission factor": Fault(FACTOR, field(1, "-0.5"), "negative", AT + 2, "factor"),
    "kW for MW": Fault(LOAD, scaled(1000.0), "is the unit kW", 0, "load_mw"),
    "W for MW": Fault(LOAD, scaled(1e6), "is the unit right?", 2, "load_mw"),
    "CNY/kWh for CNY/MWh": Fault(PRICE, scaled(1e-3), "is the unit CNY/kWh", 0, "price"),
    "fen for yuan, and per kWh": Fault(PRICE, scaled(1e3), "is the unit right?", 2, "price"),
    "kg/MWh for t/MWh": Fault(FACTOR, scaled(1e3), "is the unit right?", 2, "factor"),
    "two calls in one hour": Fault(CALLS, field(1, "2"), "per cent", AT + 2, "call"),
    "an hour short": Fault(LOAD, lines(lambda r: r[:-1]), "too short: 8759 rows, 8760", 8760),
    "an hour long": Fault(LOAD, lines(lambda r: [*r, "8760,2"]), "too long: 8761 rows", 8762),
    "a leap year": Fault(
        LOAD, lines(lambda r: r + [f"{8760 + h},2" for h in range(24)]), "29 February", 8785
    ),
    "a gap when clocks go forward": Fault(
        LOAD, lines(without(2018, 2019)), "hours are missing: 2017 belongs here", 2019, "hour"
    ),
    "an hour twice when clocks go back": Fault(
        LOAD, lines(lambda r: r[:7300] + r[7299:]), "the hour stands twice", 7301, "hour"
    ),
    "the gap numbered over": Fault(
        LOAD, lines(lambda r: renumbered(without(2018, 2019)(r))), "clocks went forward", 8760
    ),
    "half hours": Fault(LOAD, lines(times(2)), "half hours", 17521),
    "quarter hours": Fault(LOAD, lines(times(4)), "quarter hours", 35041),
    "days for hours": Fault(LOAD, lines(lambda r: r[:366]), "are these days?", 366),
    "a stamp twice": Fault(
        LOAD,
        lambda raw: heading("hour,", "time,")(stamped(lambda h: day_of(h - h // AT))(raw)),
        "the column is missing",
        1,
        "hour",
    ),
    "time stamps": Fault(LOAD, stamped(day_of), "number the hours 0 to 8759", 2, "hour"),
    "stamps with and without a zone": Fault(
        LOAD, stamped(lambda h: day_of(h) + "+08:00" * (h % 2)), "number the hours", 2, "hour"
    ),
    "stamps of another year in UTC": Fault(
        LOAD, stamped(lambda h: day_of(h).replace("2027", "2019") + "Z"), "UTC+8", 2, "hour"
    ),
    "Excel dates": Fault(
        LOAD, stamped(lambda h: f"{46388 + h / 24:.5f}"), "date of Excel", 2, "hour"
    ),
    "hours from 1": Fault(LOAD, stamped(lambda h: str(h + 1)), "the first hour is 0", 2, "hour"),
    "hours of the day": Fault(LOAD, stamped(lambda h: str(h % 24)), "hours of the day", 26, "hour"),
    "two hours in the wrong order": Fault(
        LOAD, lines(lambda r: [*r[:50], r[51], r[50], *r[52:]]), "49 belongs here", 51, "hour"
    ),
    "a missing column": Fault(
        LOAD, heading("load_mw", "x"), "the header has: hour, x", 1, "load_mw"
    ),
    "a misspelt column": Fault(
        LOAD, heading("load_mw", "laod_mw"), "did you mean laod_mw?", 1, "load_mw"
    ),
    "a column twice": Fault(
        LOAD,
        lines(lambda r: [f"{row},{row.split(',')[1]}" for row in r]),
        "stands 2 times",
        1,
        "load_mw",
    ),
    "no header": Fault(LOAD, lines(lambda r: r[1:]), "the column is missing", 1, "load_mw"),
    "semicolons": Fault(LOAD, lambda raw: raw.replace(b",", b";"), "semicolons", 1),
    "tabs": Fault(LOAD, lambda raw: raw.replace(b",", b"\t"), "tabs", 1),
    "a field too many": Fault(LOAD, field(1, "2,3"), "the row has 3 fields, the header 2", AT + 2),
    "a field too few": Fault(
        LOAD, lines(lambda r: [*r[: AT + 1], "100", *r[AT + 2 :]]), "the row has 1 fields", AT + 2
    ),
    "an empty row": Fault(
        LOAD, lines(lambda r: [*r[: AT + 1], "", *r[AT + 1 :]]), "row is empty", AT + 2
    ),
    "an open quotation mark": Fault(LOAD, field(1, '"2'), "quotation mark", AT + 2),
    "UTF-16": Fault(LOAD, lambda raw: raw.decode().encode("utf-16"), "UTF-16", 1),
    "GBK": Fault(LOAD, lambda raw: raw.replace(b"load_mw", "负荷".encode("gbk")), "GBK", 1),
    "an Excel workbook": Fault(LOAD, lambda raw: b"PK\3\4" + raw, "Excel workbook"),
    "only a header": Fault(LOAD, lines(lambda r: r[:1]), "0 rows, 8760 are needed", 1),
    "an empty file": Fault(LOAD, lambda raw: b"", "the file is empty"),
    "a file that is not there": Fault(
        LOAD,
        lambda raw: Path("gone"),
        "no such file; known are calls.csv, factor.csv",
        13,
        "cards.systems/zhangbei-campus.sites.zhangbei.loads.office.power.file",
    ),
    "a link that leads out of the project": Fault(
        LOAD,
        lambda raw: Path("/etc/hostname"),
        "below the folder that holds models/ and data/",
        13,
        "cards.systems/zhangbei-campus.sites.zhangbei.loads.office.power.file",
    ),
    "PV in UTC": Fault(PV, rolled(8, (1,), 1), "is the file in UTC?", 0, "power"),
    "humidity in per cent": Fault(WEATHER, scaled(100.0, 2, 4), "per cent", 5, "relative_humidity"),
    "kelvin": Fault(WEATHER, column(1, lambda t: f"{float(t) + 273.15:.2f}", 4), "above 60", 5),
    "hectopascal": Fault(WEATHER, scaled(0.01, 3, 4), "below 50000", 5, "pressure_pa"),
    "kW/m2": Fault(WEATHER, scaled(1e-3, 4, 4), "is the unit kW/m2", 0, "ghi_w_m2"),
    "weather in UTC": Fault(WEATHER, rolled(8, (4, 5, 6), 4), "is the file in UTC?", 0, "ghi_w_m2"),
    "a weather column misspelt": Fault(
        WEATHER, heading("dry_bulb_degc", "dry_bulb_deg"), "did you mean dry_bulb_deg", 4
    ),
    "EPW: a missing code": Fault(
        STATION, field(GHI, "9999", AT + 8), "missing value", AT + 9, "ghi_w_m2"
    ),
    "EPW: 99.9": Fault(STATION, field(DRY_BULB, "99.9", AT + 8), "missing value", AT + 9),
    "EPW: infinity": Fault(STATION, field(WIND, "inf", AT + 8), "not a number", AT + 9),
    "EPW: text": Fault(STATION, field(HUMIDITY, "wet", AT + 8), "not a number", AT + 9),
    "EPW: pressure in hPa": Fault(STATION, scaled(0.01, PRESSURE, 8), "must lie between", 9),
    "EPW: cut short": Fault(STATION, lambda raw: raw[: len(raw) // 2], "fields", 0),
    "EPW: half of it": Fault(STATION, lines(lambda r: r[:4388]), "4380 hours, 8760", 4388),
    "EPW: half-hourly": Fault(
        STATION, heading("PERIODS,1,1", "PERIODS,1,2"), "one record per hour", 8
    ),
    "EPW: UTC": Fault(STATION, heading(",8.0,", ",0.0,"), "UTC+8", 1, "time zone"),
    "EPW: hours in UTC": Fault(
        STATION, rolled(8, (13, 14, 15), 8), "is the file in UTC?", 0, "ghi_w_m2"
    ),
    "EPW: kW/m2": Fault(STATION, scaled(1e-3, GHI, 8), "is the unit kW/m2", 0, "ghi_w_m2"),
    "EPW: half a leap day": Fault(
        STATION,
        lines(
            lambda r: r[:1424] + [x.replace(",2,28,", ",2,29,") for x in r[1412:1424]] + r[1424:]
        ),
        "month, day and hour must be",
        1425,
    ),
    "EPW: an hour twice": Fault(
        STATION, lines(lambda r: r[:200] + r[199:]), "month, day and hour must be", 201
    ),
    "EPW: a CSV": Fault(STATION, lambda raw: b"hour,ghi\n0,1\n", "not an EPW", 1),
    "EPW: half a gzip": Fault(STATION, lambda raw: gzip.compress(raw)[:-900], "cut short"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project.write_project(tmp_path_factory.mktemp("faults"))


@pytest.fixture
def here(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as current folder: without a fault it raises no alarm."""
    monkeypatch.chdir(world)
    return world


def planted(world: Path, fault: Fault) -> str:
    """What is not as it must be with the message about a planted fault; empty when it is right."""
    path = world / fault.file
    kept = path.read_bytes()
    spoilt = fault.spoil(kept)
    try:
        path.unlink()
        if isinstance(spoilt, bytes):
            path.write_bytes(spoilt)
        elif spoilt.is_absolute():
            path.symlink_to(spoilt)
        found = project.problems_of(EPW if fault.file == STATION else SERIES)
    finally:
        path.unlink(missing_ok=True)
        path.write_bytes(kept)
    file = fault.file if isinstance(spoilt, bytes) else SERIES
    for one in found:
        line = one.line or 0
        if (
            fault.words in str(one)
            and one.file == os.path.normpath(file)
            and (not fault.line or line == fault.line)
            and (not fault.key or one.key == fault.key)
        ):
            return ""
    return "; ".join(map(str, found[:3])) or "no alarm"


@pytest.mark.parametrize("part", one_in(3, range(3)))
def test_planted_faults_are_caught_where_they_stand(here: Path, trials: Any, part: int) -> None:
    names = list(FAULTS)[part::3]
    names = names[: trials.size(len(names), 5)]
    missed = {name: why for name in names if (why := planted(here, FAULTS[name]))}
    assert len(FAULTS) >= 60
    trials.score(
        "B2",
        f"planted faults of data files, part {part + 1}",
        len(names) - len(missed),
        len(names),
        1.0,
        "; ".join(missed) or "file, line, field and value told",
        [f"{name}: {why}" for name, why in missed.items()],
    )


def rewritten(form: Callable[[str, np.ndarray], str | bytes]) -> Callable[[np.ndarray], bytes]:
    """The load file in another legal form."""

    def write(load: np.ndarray) -> bytes:
        text = form("load_mw", load)
        return text if isinstance(text, bytes) else text.encode()

    return write


def rows(form: str, head: str = "hour,load_mw", end: str = "\n") -> Callable[[np.ndarray], bytes]:
    """A file of rows `form` with {h} and {v}."""
    return rewritten(
        lambda _, load: (
            head + end + "".join(form.format(h=h, v=float(v)) + end for h, v in enumerate(load))
        )
    )


PLAIN = rows("{h},{v:g}")
CLEAN_SERIES: dict[str, Callable[[np.ndarray], bytes]] = {
    "plain": PLAIN,
    "a byte order mark": lambda load: b"\xef\xbb\xbf" + PLAIN(load),
    "Windows line ends": rows("{h},{v:g}", end="\r\n"),
    "old Mac line ends": rows("{h},{v:g}", end="\r"),
    "a byte order mark and Windows line ends": lambda load: (
        b"\xef\xbb\xbf" + rows("{h},{v:g}", end="\r\n")(load)
    ),
    "no line end at the end": lambda load: PLAIN(load).rstrip(),
    "empty rows at the end": lambda load: PLAIN(load) + b"\n\r\n  \n,\n",
    "quoted fields": rows('"{h}","{v:g}"', '"hour","load_mw"'),
    "a quoted header": rows("{h},{v:g}", '"hour","load_mw"'),
    "one more column": rows("{h},{v:g},7", "hour,load_mw,more"),
    "a column of text": rows('{h},"3, 4 and more",{v:g}', "hour,remark,load_mw"),
    "a column of gaps": rows("{h},{v:g},NaN", "hour,load_mw,measured"),
    "a column in Chinese": rows("{h},张北_一期,{v:g}", "hour,站点,load_mw"),
    "a column of time stamps": rows("2027-01-01 00:00+08:00,{h},{v:g}", "time,hour,load_mw"),
    "another order of columns": rows("{v:g},{h}", "load_mw,hour"),
    "powers of ten": rows("{h},{v:e}"),
    "powers of ten in capitals": rows("{h},{v:.6E}"),
    "a plus sign": rows("{h},{v:+g}"),
    "spaces around fields": rows("  {h} ,  {v:g} ", " hour , load_mw "),
    "many decimals": rows("{h},{v:.15f}"),
    "leading zeros": rows("{h:04d},{v:08.3f}"),
    "hours with a point": rows("{h}.0,{v:g}"),
    "remarks at the top": lambda load: b"# from the meter\n# unit MW\n" + PLAIN(load),
    "a remark in Chinese": lambda load: "# 张北园区, 实测; 单位 MW\n".encode() + PLAIN(load),
    "empty rows at the top": lambda load: b"\n\n" + PLAIN(load),
    "an empty heading": rows("{h},{v:g},", "hour,load_mw,"),
}


@pytest.mark.parametrize("part", one_in(2, range(2)))
def test_legal_forms_of_a_series_are_read_without_an_alarm(
    here: Path, trials: Any, part: int
) -> None:
    _, load = project.series()[LOAD]
    names = list(CLEAN_SERIES)[part::2]
    names = names[: trials.size(len(names), 3)]
    path, wrong = here / LOAD, {}
    for name in names:
        path.write_bytes(CLEAN_SERIES[name](load))
        found = project.problems_of(SERIES)
        if found:
            wrong[name] = str(found[0])
            continue
        scenario = read_scenario(SERIES)
        entry = next(e for _, e in series_entries(scenario.system) if e.file == LOAD)
        if not np.allclose(values(scenario, entry, horizon(8760, 0)), load, rtol=1e-9):
            wrong[name] = "other numbers"
    path.write_bytes(PLAIN(load))
    trials.score(
        "B2",
        f"legal forms of a series, part {part + 1}",
        len(names) - len(wrong),
        len(names),
        1.0,
        "; ".join(wrong) or "no false alarm, the same numbers",
        [f"{name}: {why}" for name, why in wrong.items()],
    )


CLEAN_VALUES = {
    "a constant load": (LOAD, "load_mw", np.full(8760, 2.0), "MW", ""),
    "a load in kW": (LOAD, "load_mw", np.full(8760, 2000.0), "kW", ""),
    "no load at all": (LOAD, "load_mw", np.zeros(8760), "MW", ""),
    "prices below zero": (
        PRICE,
        "price",
        np.where(project.HOUR % 24 < 6, -80.0, 300.0),
        "CNY/MWh",
        "",
    ),
    "prices in CNY/kWh": (PRICE, "price", np.full(8760, 0.35), "CNY/kWh", ""),
    "prices of nothing": (PRICE, "price", np.zeros(8760), "CNY/MWh", ""),
    "a bright hour above rated power": (
        PV,
        "power",
        np.where(project.HOUR % 24 == 12, 1.2, 0.0),
        "kW/kW",
        "",
    ),
    "a profile in per cent, said so": (
        PV,
        "power",
        np.where(project.HOUR % 24 == 12, 80.0, 0.0),
        "percent",
        "",
    ),
    "a factor in kg/kWh": (FACTOR, "factor", np.full(8760, 0.55), "kg/kWh", ""),
    "no call in the year": (CALLS, "call", np.zeros(8760), "dimensionless", ""),
    "a folder in Chinese with spaces": (
        LOAD,
        "load_mw",
        np.full(8760, 2.0),
        "MW",
        "data/负荷 2027/a b.csv",
    ),
    "a heading in Chinese": (LOAD, "总负荷 (MW)", np.full(8760, 2.0), "MW", ""),
}
OLD = {
    LOAD: "column: load_mw, unit: MW",
    PRICE: "column: price, unit: CNY/MWh",
    PV: "column: power, unit: kW/kW",
    FACTOR: "column: factor, unit: t/MWh",
    CALLS: "column: call, unit: dimensionless",
}


def test_legal_values_and_units_raise_no_alarm(here: Path, trials: Any) -> None:
    names = list(CLEAN_VALUES)[: trials.size(len(CLEAN_VALUES), 4)]
    wrong = {}
    for name in names:
        file, head, numbers, unit, elsewhere = CLEAN_VALUES[name]
        kept = (here / file).read_bytes()
        at = here / (elsewhere or file)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(project.text_of(head, numbers), encoding="utf-8")
        said = f"file: {file}, {OLD[file]}"
        assert said in project.SCENARIO
        text = project.SCENARIO.replace(
            said, f'file: "{elsewhere or file}", column: "{head}", unit: {unit}'
        )
        (here / "scenarios" / "clean.yaml").write_text(text, encoding="utf-8")
        found = project.problems_of("scenarios/clean.yaml")
        if found:
            wrong[name] = str(found[0])
        (here / file).write_bytes(kept)
    trials.score(
        "B2",
        "legal values and units",
        len(names) - len(wrong),
        len(names),
        1.0,
        "; ".join(wrong) or "no false alarm",
        [f"{name}: {why}" for name, why in wrong.items()],
    )


def leap(raw: bytes) -> bytes:
    found = raw.decode().splitlines()
    day = [row.replace(",2,28,", ",2,29,", 1) for row in found[1400:1424]]
    return "\n".join(found[:1424] + day + found[1424:]).replace("2005,", "2004,").encode()


CLEAN_EPW: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda raw: raw,
    "gzip": gzip.compress,
    "Windows line ends": lambda raw: raw.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda raw: b"\xef\xbb\xbf" + raw,
    "a leap year": leap,
    "months of several years": lambda raw: raw.replace(b"\n2005,7,", b"\n1998,7,"),
    "humidity over 100": field(HUMIDITY, "104", AT + 8),
    "a name in Latin-1": lambda raw: raw.replace(b"Zhangbei", "Zhangbéi".encode("latin-1"), 1),
    "hours with leading zeros": lambda raw: raw.replace(b"2005,1,1,1,", b"2005,01,01,01,", 1),
    "no columns behind wind": lambda raw: raw.replace(b",5,5,999", b""),
    "empty rows at the end": lambda raw: raw + b"\n\n",
}


def test_legal_forms_of_an_epw_are_read_without_an_alarm(here: Path, trials: Any) -> None:
    names = list(CLEAN_EPW)[: trials.size(len(CLEAN_EPW), 3)]
    path, wrong = here / STATION, {}
    kept = path.read_bytes()
    expected = read_epw(path).ghi_w_m2
    for name in names:
        path.write_bytes(CLEAN_EPW[name](kept))
        found = project.problems_of(EPW)
        if found or not np.array_equal(read_epw(path).ghi_w_m2, expected):
            wrong[name] = str(found[:1] or "other numbers")
    path.write_bytes(kept)
    trials.score(
        "B2",
        "legal forms of an EPW",
        len(names) - len(wrong),
        len(names),
        1.0,
        "; ".join(wrong) or "no false alarm, the same numbers",
        [f"{name}: {why}" for name, why in wrong.items()],
    )


def test_check_tells_what_is_wrong_in_all_data_files_at_once(tmp_path, monkeypatch) -> None:
    """`coplan check` opened no data file: the first word of a bad one came from `coplan run`,
    and a bad series hid a bad weather file."""
    world = project.write_project(tmp_path / "all")
    monkeypatch.chdir(world)
    assert project.problems_of(SERIES) == []
    for name, spoil in (
        (LOAD, field(1, "NaN")),
        (PRICE, scaled(1e-3)),
        (WEATHER, scaled(1e-3, 4, 4)),
    ):
        (world / name).write_bytes(spoil((world / name).read_bytes()))
    shutil.move(world / CALLS, world / "data" / "kalls.csv")
    told = [problem.file for problem in project.problems_of(SERIES)]
    assert sorted(told) == sorted([LOAD, PRICE, WEATHER, SERIES])


def test_a_place_of_another_time_zone_keeps_its_own_hours() -> None:
    """The PV of a published microgrid in Colorado, in local time, was taken for a file in UTC."""
    bright = np.where(project.HOUR % 24 == 12, 1.0, 0.0)
    colorado = SimpleNamespace(latitude_deg=39.74, longitude_deg=-105.17)
    refuse_sunny_nights("pv.csv", "power", bright, colorado)
    zhangbei = SimpleNamespace(latitude_deg=41.15, longitude_deg=114.70)
    refuse_sunny_nights("pv.csv", "power", bright, zhangbei)
    with pytest.raises(InputError, match="UTC"):
        refuse_sunny_nights("pv.csv", "power", np.roll(bright, -8), zhangbei)

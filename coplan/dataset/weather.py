"""Weather of a station for one weather year: a file of data/weather/, or an EPW of the user's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coplan.dataset.epw import read_epw
from coplan.dataset.series import Column, read_series
from coplan.errors import InputError, Problem
from coplan.physics.psychrometrics import wet_bulb
from coplan.physics.timeseries import sun_elevation_deg
from coplan.physics.wind import hub_speed
from coplan.scenario.project import Project
from coplan.scenario.yaml_reader import shown_path

COLUMNS = (
    Column("dry_bulb_degc", -60, 60),
    Column("relative_humidity", 0, 1, share=True),
    Column("pressure_pa", 50000, 110000),
    Column("ghi_w_m2", 0, 1500),
    Column("dni_w_m2", 0, 1500),
    Column("dhi_w_m2", 0, 1500),
    Column("wind_speed_10m_m_s", 0, 60),
    Column("wind_speed_hub_m_s", 0, 60),
)
"""What a weather file must hold: 8,760 hours, local standard time, hour beginning."""


WIND_KEPT = {
    "zh": "EPW 文件只有 10 m 风速, 轮毂高度风速仍取典型年 (scenario 中 wind: epw 可改用 EPW 风速)",
    "en": "an EPW holds wind at 10 m only: hub-height wind is that of the typical year "
    "(wind: epw in the scenario takes the EPW's)",
}


@dataclass(frozen=True)
class Weather:
    """One year of hourly weather at a station, 8,760 values each."""

    dry_bulb_degc: np.ndarray
    wet_bulb_degc: np.ndarray
    relative_humidity: np.ndarray
    pressure_pa: np.ndarray
    ghi_w_m2: np.ndarray
    dni_w_m2: np.ndarray
    dhi_w_m2: np.ndarray
    wind_speed_10m_m_s: np.ndarray
    wind_speed_hub_m_s: np.ndarray


NIGHT_DEG = -12.0
"""Elevation of the sun below which there is no daylight."""
MOST_AT_NIGHT = 0.02
"""Share of a year's radiation that may fall into the night: rounding and instruments."""
FARTHEST_DEG = 47.0
"""Degrees from 120° E, 3 h of the sun, up to which clocks show UTC+8: from Kashgar to Fuyuan."""
LEAST_KWH_M2 = 300.0
"""No place on Earth has less global radiation in a year."""


def weather_file(project: Project, year: str, station: str) -> Path:
    """Where the weather of a station lies; InputError where that is no file of the project."""
    path = project.root / "data" / "weather" / year / f"{station}.csv"
    try:
        if os.path.lexists(path):
            project.refuse_strange(path)
    except ValueError as error:
        raise InputError(Problem(str(error), shown_path(path))) from error
    return path


def station_weather(project: Project, year: str, station: str, place: Any) -> Weather:
    """Weather of a station from data/weather/<year>/<station>.csv; InputError when it is bad.

    `place` is a site card of that station: it says when the sun is up there.
    """
    path = shown_path(weather_file(project, year, station))
    series = read_series(path, COLUMNS)
    refuse_sunny_nights(path, "ghi_w_m2", series["ghi_w_m2"], place)
    _refuse_dark_years(path, series["ghi_w_m2"])
    return _with_wet_bulb(series)


def epw_weather(
    path: Path, typical: Weather | None, place: Any, hub_height_m: float, shear_exponent: float
) -> tuple[Weather, list[dict[str, str]]]:
    """Weather from an EPW file, with what was noticed; wind from `typical` where it is given.

    An EPW holds wind at 10 m, mostly in whole m/s: without `typical`, hub-height wind is worked
    out by the power law of shear. `place` is the site card: it says when the sun is up there.
    """
    file = shown_path(path)
    year = read_epw(Path(file))
    refuse_sunny_nights(file, "ghi_w_m2", year.ghi_w_m2, place)
    _refuse_dark_years(file, year.ghi_w_m2)
    series = {column.name: getattr(year, column.name, None) for column in COLUMNS}
    notices = [{"zh": notice.zh, "en": notice.en} for notice in year.notices]
    if typical is not None:
        series["wind_speed_hub_m_s"] = typical.wind_speed_hub_m_s
        notices.append(WIND_KEPT)
    else:
        series["wind_speed_hub_m_s"] = hub_speed(
            year.wind_speed_10m_m_s, height_m=10.0, hub_height_m=hub_height_m,
            shear_exponent=shear_exponent,
        )  # fmt: skip
    return _with_wet_bulb(series), notices


def refuse_sunny_nights(file: str, key: str, sun: np.ndarray, place: Any) -> None:
    """InputError where radiation or PV power (8,760 hours) comes in the night of a place.

    That is how a file in UTC, or of another time zone, shows itself. Where no clock shows UTC+8
    (a study of another country), hours are those of its own zone, and nothing is judged.
    """
    if abs(place.longitude_deg - 120.0) > FARTHEST_DEG:
        return
    night = sun_elevation_deg(place.latitude_deg, place.longitude_deg) < NIGHT_DEG
    at_night = float(sun[night].sum())
    if at_night > MOST_AT_NIGHT * float(sun.sum()):
        hour = int(np.argmax(np.where(night, sun, 0.0)))
        text = (
            f"{at_night / sun.sum():.0%} of the year's sun shines at night, most in hour {hour} of "
            "the year: is the file in UTC? hours must be of local standard time (UTC+8)"
        )
        raise InputError(Problem(text, file, None, key, f"{sun[hour]:g}"))


def _refuse_dark_years(file: str, ghi_w_m2: np.ndarray) -> None:
    """InputError where a year has less radiation than any place: another unit than W/m2."""
    total = float(ghi_w_m2.sum()) / 1e3
    if total < LEAST_KWH_M2:
        text = (
            f"a year of global radiation is more than {LEAST_KWH_M2:g} kWh/m2 anywhere: is the "
            "unit kW/m2 and not W/m2?"
        )
        raise InputError(Problem(text, file, None, "ghi_w_m2", f"{total:g} kWh/m2"))


def _with_wet_bulb(series: dict[str, Any]) -> Weather:
    wet = wet_bulb(
        series["dry_bulb_degc"], series["relative_humidity"], series["pressure_pa"]
    )
    kept = {name: series[name] for name in Weather.__dataclass_fields__ if name in series}
    return Weather(wet_bulb_degc=wet, **kept)

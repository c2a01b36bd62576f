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


def weather_file(project: Project, year: str, station: str) -> Path:
    """Where the weather of a station lies; InputError where that is no file of the project."""
    path = project.root / "data" / "weather" / year / f"{station}.csv"
    try:
        if os.path.lexists(path):
            project.refuse_strange(path)
    except ValueError as error:
        raise InputError(Problem(str(error), shown_path(path))) from error
    return path


def station_weather(project: Project, year: str, station: str) -> Weather:
    """Weather of a station from data/weather/<year>/<station>.csv; InputError when it is bad."""
    path = weather_file(project, year, station)
    series = read_series(shown_path(path), COLUMNS)
    return _with_wet_bulb(series)


def epw_weather(
    path: Path, typical: Weather | None, hub_height_m: float, shear_exponent: float
) -> tuple[Weather, list[dict[str, str]]]:
    """Weather from an EPW file, with what was noticed; wind from `typical` where it is given.

    An EPW holds wind at 10 m, mostly in whole m/s: without `typical`, hub-height wind is worked
    out by the power law of shear.
    """
    year = read_epw(Path(shown_path(path)))
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


def _with_wet_bulb(series: dict[str, Any]) -> Weather:
    wet = wet_bulb(
        series["dry_bulb_degc"], series["relative_humidity"], series["pressure_pa"]
    )
    kept = {name: series[name] for name in Weather.__dataclass_fields__ if name in series}
    return Weather(wet_bulb_degc=wet, **kept)

"""A project with every kind of data file, for rows that plant faults into input files."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np

from coplan.dataset.sources import refuse_bad_inputs
from coplan.errors import InputError, Problem
from coplan.scenario import read_scenario
from coplan.scenario.summary import summary
from tests.acceptance.command import ROOT

SERIES = "scenarios/series.yaml"
EPW = "scenarios/epw.yaml"
WEATHER = "data/weather/typical/zhangbei.csv"
STATION = "data/zhangbei.epw"
SCENARIO = """\
extends: quickstart.yaml
id: series
cards:
  tariffs/jibei-2026: {spot_floor_cny_per_kwh: -0.4, spot_cap_cny_per_kwh: 1.5}
  systems/zhangbei-campus:
    sites:
      zhangbei:
        connection:
          spot_price: {file: data/price.csv, column: price, unit: CNY/MWh}
          emission_factor: {file: data/factor.csv, column: factor, unit: t/MWh}
        loads:
          office:
            power: {file: data/load.csv, column: load_mw, unit: MW}
            counts_as: facility
        plants:
          pv: {profile: {file: data/pv.csv, column: power, unit: kW/kW}}
        flexibility:
          baseline_mw: 60
          max_mw: 10
          call_series: {file: data/calls.csv, column: call, unit: dimensionless}
"""
EPW_SCENARIO = """\
extends: quickstart.yaml
id: epw
weather: {zhangbei: {epw: ../data/zhangbei.epw, wind: epw}}
"""
MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
HOUR = np.arange(8760)


def series() -> dict[str, tuple[str, np.ndarray]]:
    """File → heading and values of every series of the project."""
    rng = np.random.default_rng(6)
    with (ROOT / WEATHER).open(encoding="utf-8") as stream:
        lines = [line for line in stream if not line.startswith("#")]
    ghi = np.array([float(row["ghi_w_m2"]) for row in csv.DictReader(lines)])
    return {
        "data/load.csv": ("load_mw", 2.0 + np.round(rng.random(8760), 3)),
        "data/price.csv": ("price", 300.0 + np.round(200 * rng.normal(size=8760), 1)),
        "data/factor.csv": ("factor", 0.5 + np.round(0.2 * rng.random(8760), 4)),
        "data/pv.csv": ("power", np.round(ghi / 1000.0, 4)),
        "data/calls.csv": ("call", ((HOUR % 24 == 18) & (HOUR < 240)).astype(float)),
    }


def text_of(heading: str, values: np.ndarray) -> str:
    """A series file: header in line 1, hour h in line h + 2."""
    return f"hour,{heading}\n" + "".join(f"{h},{v:g}\n" for h, v in enumerate(values))


def epw_text() -> str:
    """The weather of Zhangbei as an EPW file: eight header lines, hour h in line h + 9."""
    head = [
        "LOCATION,Zhangbei,Hebei,CHN,Test,533990,41.15,114.70,8.0,1393.3", "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0", "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0", "COMMENTS 1,made for a test", "COMMENTS 2,",
        "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
    ]  # fmt: skip
    with (ROOT / WEATHER).open(encoding="utf-8") as stream:
        weather = csv.DictReader([line for line in stream if not line.startswith("#")])
        days = [(m, d) for m, most in enumerate(MONTH_DAYS, 1) for d in range(1, most + 1)]
        rows = [
            f"2005,{month},{day},{hour + 1},0,?9,{float(row['dry_bulb_degc']):.1f},-9.0,"
            f"{100 * float(row['relative_humidity']):.0f},{float(row['pressure_pa']):.0f},"
            f"9999,9999,300,{float(row['ghi_w_m2']):.0f},{float(row['dni_w_m2']):.0f},"
            f"{float(row['dhi_w_m2']):.0f},999900,999900,999900,99990,180,"
            f"{float(row['wind_speed_10m_m_s']):.1f},5,5,999"
            for (month, day), hour, row in zip(
                [day for day in days for _ in range(24)], HOUR % 24, weather, strict=True
            )
        ]
    return "\n".join([*head, *rows]) + "\n"


def write_project(folder: Path) -> Path:
    """A copy of the shipped cards and the quickstart with series and an EPW of its own."""
    shutil.copytree(ROOT / "models", folder / "models")
    for name in ("scenarios", "data/weather/typical"):
        (folder / name).mkdir(parents=True)
    for name in ("scenarios/quickstart.yaml", WEATHER):
        shutil.copyfile(ROOT / name, folder / name)
    for name, (heading, values) in series().items():
        (folder / name).write_text(text_of(heading, values), encoding="utf-8")
    (folder / STATION).write_text(epw_text(), encoding="utf-8")
    (folder / SERIES).write_text(SCENARIO, encoding="utf-8")
    (folder / EPW).write_text(EPW_SCENARIO, encoding="utf-8")
    return folder


def problems_of(scenario: str | Path) -> list[Problem]:
    """What `coplan check` says is wrong; empty when the scenario can be run."""
    try:
        found = read_scenario(scenario)
        refuse_bad_inputs(found)
        summary(found)
    except InputError as error:
        return error.problems
    return []

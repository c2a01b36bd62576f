"""The record: typical years as CSV, and what they had to show beside what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from coplan.dataset.typical_year.generator import DECIMALS, Year, generate
from coplan.dataset.typical_year.stations import Catalogue, Station, read_stations
from coplan.physics import psychrometrics, solar, timeseries, wind
from coplan.physics.network import great_circle_km

HOURS_PER_WEEK = 168
WIND_MEMORY_BANDS = {
    1: (0.951, 0.987),
    3: (0.847, 0.920),
    6: (0.718, 0.802),
    12: (0.535, 0.638),
    24: (0.350, 0.482),
    48: (0.121, 0.222),
}
"""Autocorrelation by lag [h]: from one measured turbine to a province (facts, 3.3)."""
WIND_BETWEEN_SITES = (0.60, 0.70)
NEIGHBOURS_KM = 120.0
"""The band above is from places of one prefecture; it says nothing of stations further apart."""
FARM_SITE = 0.25
"""Capacity factor from which a place is one where wind farms stand; less is not asked for more."""


@dataclass(frozen=True)
class Check:
    """One statistic of a year: what came out, and the band it must lie in."""

    name: str
    achieved: float
    low: float
    high: float
    decimals: int = 2

    @property
    def is_met(self) -> bool:
        """Whether the statistic lies in its band."""
        return bool(self.low <= self.achieved <= self.high)


def around(name: str, achieved: float, wanted: float, tolerance: float, decimals: int = 2) -> Check:
    """A check that a statistic lies within `tolerance` of what is wanted (same unit)."""
    return Check(name, achieved, wanted - tolerance, wanted + tolerance, decimals)


def checks(station: Station, year: Year) -> list[Check]:
    """Every statistic of one station's year against its bar."""
    parts = (_climate_checks, _radiation_checks, _wind_checks)
    return [check for part in parts for check in part(station, year)]


def capacity_factor(year: Year) -> np.ndarray:
    """Capacity factor [0..1] of the standard farm in a year's hub wind and air, 8760 hours."""
    air = (year["dry_bulb_degc"], year["relative_humidity"], year["pressure_pa"])
    return wind.wind_capacity_factor(year["wind_speed_hub_m_s"], psychrometrics.air_density(*air))


def _climate_checks(station: Station, year: Year) -> list[Check]:
    dry = year["dry_bulb_degc"]
    wet = psychrometrics.wet_bulb(dry, year["relative_humidity"], year["pressure_pa"])
    found = []
    for label, series, monthly in (
        ("dry bulb", dry, station.dry_bulb_degc),
        ("wet bulb", wet, station.wet_bulb_degc),
    ):
        off = np.abs(timeseries.monthly_mean(series) - np.array(monthly)).max()
        found.append(Check(f"{label}: worst month off by [K]", float(off), 0.0, 0.5))
    for label, series, wanted in (
        ("dry bulb", dry, station.hours_dry_bulb_below),
        ("wet bulb", wet, station.hours_wet_bulb_below),
    ):
        for degc, hours in wanted.items():
            count = float((series < degc).sum())
            found.append(around(f"{label}: hours below {degc} degC", count, hours, 0.05 * hours, 0))
    for label, design in station.design_degc.items():
        top = float(np.quantile(dry if label == "dry_bulb" else wet, 0.996))
        name = f"{label.replace('_', ' ')}: 99.6 % of hours below [degC]"
        found.append(around(name, top, design, 2.0, 1))
    residual = timeseries.without_harmonics(dry)
    for lag, wanted_memory in station.residual_autocorrelation.items():
        memory = timeseries.autocorrelation(residual, lag)
        found.append(
            around(f"dry bulb residual: autocorrelation {lag} h", memory, wanted_memory, 0.10)
        )
    return found


def _radiation_checks(station: Station, year: Year) -> list[Check]:
    hours = np.array(timeseries.DAYS_PER_MONTH) * 24 / 1000.0
    monthly = timeseries.monthly_mean(year["ghi_w_m2"]) * hours
    wanted = np.array(station.ghi_kwh_m2)
    worst = float(np.abs(monthly / wanted - 1).max())
    direct = year["dni_w_m2"].sum() / 1000
    sun = solar.sun_path(station.latitude_deg, station.longitude_deg, station.altitude_m)
    beam = year["dni_w_m2"] * sun.cos_zenith
    gap = float(np.abs(year["ghi_w_m2"] - year["dhi_w_m2"] - beam).max())
    total, dni = float(wanted.sum()), station.dni_kwh_m2_year
    return [
        around("global radiation [kWh/m2 a]", float(monthly.sum()), total, 0.05 * total, 0),
        Check("global radiation: worst month off by [share]", worst, 0.0, 0.05, 3),
        around("direct normal radiation [kWh/m2 a]", float(direct), dni, 0.05 * dni, 0),
        Check("radiation: ghi - dhi - dni cos z, worst hour [W/m2]", gap, 0.0, 0.2),
    ]


def _wind_checks(station: Station, year: Year) -> list[Check]:
    factor = capacity_factor(year)
    worst_week = timeseries.worst_mean(factor, HOURS_PER_WEEK)
    found = [around("wind: capacity factor", factor.mean(), station.wind_capacity_factor, 0.01, 3)]
    if station.wind_capacity_factor < FARM_SITE:
        return found
    found.append(Check("wind: capacity factor of the worst seven days", worst_week, 0.03, 0.10, 3))
    for lag, (low, high) in WIND_MEMORY_BANDS.items():
        memory = timeseries.autocorrelation(factor, lag)
        found.append(Check(f"wind: autocorrelation {lag} h", memory, low, high, 3))
    return found


def pair_checks(years: dict[str, Year], stations: Mapping[str, Station]) -> list[Check]:
    """Hourly correlation of wind capacity factors between neighbouring farm sites of a set."""
    low, high = WIND_BETWEEN_SITES
    farms = {i: year for i, year in years.items() if stations[i].wind_capacity_factor >= FARM_SITE}
    factors = {station: capacity_factor(year) for station, year in farms.items()}
    return [
        Check(f"wind: {a} with {b}", float(np.corrcoef(factors[a], factors[b])[0, 1]), low, high)
        for a, b in combinations(factors, 2)
        if _distance_km(stations[a], stations[b]) <= NEIGHBOURS_KM
    ]


def _distance_km(a: Station, b: Station) -> float:
    places = (a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)
    return float(great_circle_km(*places))


def write_year(path: Path, station: Station, set_name: str, seed: int, year: Year) -> None:
    """Write one year as CSV: a few `# ` lines of origin, a header, 8760 rows."""
    head = [
        f"# Typical year {set_name}, {station.name['zh']} {station.name['en']}: synthetic,"
        " made from statistics",
        f"# by python -m coplan.dataset.typical_year, seed {seed}; licence MIT; see SOURCE.md",
        "# Local standard time UTC+8, hour beginning; no leap day; units in the column names,"
        " relative_humidity is a share",
        ",".join(DECIMALS),
    ]
    columns = [
        [f"{value:.{decimals}f}" for value in year[name] + 0.0]
        for name, decimals in DECIMALS.items()
    ]
    rows = [",".join(row) for row in zip(*columns, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(head + rows) + "\n", encoding="utf-8", newline="\n")


def write_all(folder: Path) -> dict[str, dict[str, Year]]:
    """Make every set and station of `folder`/stations.yaml, write them and SOURCE.md."""
    catalogue = read_stations(folder / "stations.yaml")
    sets = {
        name: {
            station.id: generate(station, catalogue.shared, seed)
            for station in catalogue.stations.values()
        }
        for name, seed in catalogue.seeds.items()
    }
    for name, years in sets.items():
        for station_id, year in years.items():
            path = folder / name / f"{station_id}.csv"
            write_year(path, catalogue.stations[station_id], name, catalogue.seeds[name], year)
    text = source_text(catalogue, sets)
    (folder / "SOURCE.md").write_text(text, encoding="utf-8", newline="\n")
    return sets


def source_text(catalogue: Catalogue, sets: dict[str, dict[str, Year]]) -> str:
    """SOURCE.md: origin, licence, units, how made, and a table of required and achieved."""
    lines = [SOURCE_HEAD]
    for station in catalogue.stations.values():
        place = f"{station.latitude_deg} N {station.longitude_deg} E {station.altitude_m:g} m"
        lines.append(
            f"- `{station.id}` {station.name['zh']} {station.name['en']}, {place}: "
            f"{station.source}. {station.note} ({station.confidence})"
        )
    lines += ["", "## Required and achieved", ""]
    lines += ["| set | station | statistic | required | achieved | |", "|---|---|---|---|---|---|"]
    for set_name, years in sets.items():
        rows = [(i, check) for i, y in years.items() for check in checks(catalogue.stations[i], y)]
        rows += [("all", check) for check in pair_checks(years, catalogue.stations)]
        lines += [_row(set_name, station_id, check) for station_id, check in rows]
    return "\n".join(lines) + "\n"


def _row(set_name: str, station_id: str, check: Check) -> str:
    low, high, achieved = (
        f"{value:.{check.decimals}f}" for value in (check.low, check.high, check.achieved)
    )
    mark = "met" if check.is_met else "NOT MET"
    return f"| {set_name} | {station_id} | {check.name} | {low} to {high} | {achieved} | {mark} |"


SOURCE_HEAD = """# Weather

Written by `python -m coplan.dataset.typical_year` from `stations.yaml`; do not edit by hand.

- What: synthetic typical years, one CSV per set and station: `typical/`, `typical-b/` (a second
  year of the same climate, another seed).
- Origin: made by this project's generator from statistics only (monthly means, spreads,
  autocorrelations, in `stations.yaml`). No hour of a measured or typical-year file is in them.
- Licence: MIT, like the rest of this repository.
- Time: 8760 hours, no leap day, local standard time UTC+8 all year, hour beginning (row 0 is
  00:00 to 01:00 on 1 January). The year is a circle: row 0 follows row 8759 without a jump.
- Units: dry bulb degC, relative humidity as a share 0 to 1, station pressure Pa, radiation W/m2 as
  the mean of the hour (global and diffuse on the horizontal, direct on a plane facing the sun),
  wind m/s at 10 m (station) and at hub height (a chosen farm site near by).
- Radiation closes with the sun at the middle of each hour: ghi = dhi + dni * cos(zenith); the
  stations' own direct and diffuse sums do not close, so global and direct are met, diffuse follows.
- Wind: hub speed is scaled until the standard farm of `coplan/physics/wind.py` (its turbine curve,
  smoothing and 5 % losses) yields the station's capacity factor in the station's air.
- Not in it: extremes beyond a typical year, wind and sunshine that hang together (they are
  independent here; measured daily correlation is 0 to 0.3), snow and icing.

## Stations
"""

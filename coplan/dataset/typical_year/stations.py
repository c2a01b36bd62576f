"""What each station's typical year must look like: stations.yaml as data classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import yaml

LAPSE_K_PER_M = {"dry_bulb": 0.0065, "wet_bulb": 0.005}
SCALE_HEIGHT_M = 8200.0  # pressure falls by 1/e over this height


@dataclass(frozen=True)
class Station:
    """What the typical year of a place must look like; one entry of stations.yaml."""

    id: str
    name: Mapping[str, str]
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    source: str
    confidence: str
    note: str
    dry_bulb_degc: tuple[float, ...]
    wet_bulb_degc: tuple[float, ...]
    pressure_hpa: tuple[float, ...]
    pressure_spread_hpa: float
    ghi_kwh_m2: tuple[float, ...]
    dni_kwh_m2_year: float
    residual_k: tuple[float, ...]
    residual_memory_h: tuple[tuple[float, float], ...]
    residual_autocorrelation: Mapping[int, float]
    diurnal_amplitude_k: float
    diurnal_peak_hour: float
    dew_point_residual_k: tuple[float, ...]
    clearness_quantiles: tuple[float, ...]
    clearness_lag_1_day: float
    wind_capacity_factor: float
    wind_season: tuple[float, ...]
    wind_10m_m_s: float
    hours_dry_bulb_below: Mapping[int, int]
    hours_wet_bulb_below: Mapping[int, int]
    design_degc: Mapping[str, float]


@dataclass(frozen=True)
class Catalogue:
    """Everything in stations.yaml: the sets' seeds, what stations share, the stations by id."""

    seeds: Mapping[str, int]
    shared: Mapping[str, float]
    stations: Mapping[str, Station]


def read_stations(path: Path) -> Catalogue:
    """Read stations.yaml; a station with `climate_of` takes another's climate at its altitude."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries: dict[str, dict[str, Any]] = text["stations"]
    stations = {}
    for key, entry in entries.items():
        values = dict(entry)
        parent = values.pop("climate_of", None)
        if parent is not None:
            values = _lifted(entries[parent], values["altitude_m"]) | values
        stations[key] = Station(id=key, **{field: values[field] for field in _station_fields()})
    return Catalogue(seeds=text["seeds"], shared=text["shared"], stations=stations)


def _station_fields() -> list[str]:
    return [field.name for field in fields(Station) if field.name != "id"]


def _lifted(climate: Mapping[str, Any], altitude_m: float) -> dict[str, Any]:
    """A climate moved to another altitude; what was counted at the old place is not required."""
    rise = altitude_m - climate["altitude_m"]
    colder = {kind: rate * rise for kind, rate in LAPSE_K_PER_M.items()}
    thinner = np.exp(-rise / SCALE_HEIGHT_M)
    return dict(climate) | {
        "dry_bulb_degc": [round(t - colder["dry_bulb"], 2) for t in climate["dry_bulb_degc"]],
        "wet_bulb_degc": [round(t - colder["wet_bulb"], 2) for t in climate["wet_bulb_degc"]],
        "pressure_hpa": [round(float(p * thinner), 1) for p in climate["pressure_hpa"]],
        "hours_dry_bulb_below": {},
        "hours_wet_bulb_below": {},
        "design_degc": {},
    }

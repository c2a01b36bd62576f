"""The generator: layers of periodic noise, scaled until the station's statistics are met.

Daily clearness makes the radiation, clearness and a slow residual make the dry bulb, another the
dew point, a Weibull-distributed one the wind. Monthly means are met by solving for offsets and
scales. Part of each layer is common to all stations, so that cold and calm spells come together.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from coplan.dataset.typical_year.stations import Station
from coplan.physics import psychrometrics, solar, timeseries, wind

Array = NDArray[np.float64]
Year = dict[str, Array]
Memory = Sequence[tuple[float, float]]

HOURS = np.arange(timeseries.HOURS_PER_YEAR)
HOUR_OF_DAY = HOURS % 24
DECIMALS = {
    "hour": 0,
    "dry_bulb_degc": 2,
    "relative_humidity": 4,
    "pressure_pa": 0,
    "ghi_w_m2": 1,
    "dni_w_m2": 1,
    "dhi_w_m2": 1,
    "wind_speed_10m_m_s": 2,
    "wind_speed_hub_m_s": 2,
}
"""Columns of a typical year, in their order, and how many decimals are written."""

CLEARNESS_LEVELS = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)  # of the quantiles in stations.yaml
WIND_MEMORY_H = ((1.03, 24.0), (-0.03, 1.5))  # between one turbine and a province (facts, 3.3)
WEIBULL_SHAPE = 2.3  # hub height, narrower than the 1.9 measured at 10 m
LOWEST_HUMIDITY = 0.05
CLOSEST_DEW_POINT_K = 1.5  # how softly the dew point stops short of the dry bulb
BRIGHTEST = 1.08  # hourly radiation over that of a clean sky: broken clouds reflect


@dataclass(frozen=True)
class Weave:
    """Draws the noise layers of one station: partly common to all stations, partly its own."""

    seed: int
    station: str

    def layer(self, name: str, steps: int, memory: Memory, shared: float = 0.0) -> Array:
        """Noise of mean 0 and deviation 1 with this memory; `shared` is the common variance."""
        own = self._rng(f"{self.station}/{name}").standard_normal(steps)
        common = self._rng(f"all/{name}").standard_normal(steps)
        mixed = np.sqrt(shared) * common + np.sqrt(1 - shared) * own
        return timeseries.with_memory(mixed, memory)

    def _rng(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode("ascii"))])


def generate(station: Station, shared: Mapping[str, float], seed: int) -> Year:
    """A typical year of a station: 8760 values per column of `DECIMALS`, rounded as written."""
    weave = Weave(seed, station.id)
    memory_days = -1.0 / np.log(station.clearness_lag_1_day)
    sky = weave.layer("clearness", 365, [(1.0, memory_days)], shared["clearness"])
    year: Year = {"hour": HOURS.astype(float)}
    year["dry_bulb_degc"] = _dry_bulb(station, weave, sky, shared["temperature"])
    passing = weave.layer("pressure", len(HOURS), [(1.0, 40.0)], 0.9)
    hpa = timeseries.smooth_year(station.pressure_hpa) + station.pressure_spread_hpa * passing
    year["pressure_pa"] = 100.0 * hpa
    year["relative_humidity"] = _humidity(station, weave, sky, year)
    _add_radiation(station, weave, sky, year)
    _add_wind(station, weave, shared["wind"], year)
    return {name: np.round(year[name], decimals) for name, decimals in DECIMALS.items()}


def _by_hour(daily: Array) -> Array:
    """A daily series as a smooth hourly one, so that nothing jumps at midnight."""
    middles = np.arange(-1, 366) * 24.0 + 12.0
    return np.interp(HOURS + 0.5, middles, np.concatenate([daily[-1:], daily, daily[:1]]))


def _dry_bulb(station: Station, weave: Weave, sky: Array, shared: float) -> Array:
    """Dry bulb [degC]: season, day that swings more under a clear sky, slow residual."""
    residual = weave.layer("temperature", 8760, station.residual_memory_h, shared)
    residual = residual * timeseries.smooth_year(station.residual_k)
    phase = 2 * np.pi * (HOUR_OF_DAY + 0.5 - station.diurnal_peak_hour) / 24
    swing = station.diurnal_amplitude_k * np.clip(1 + 0.22 * _by_hour(sky), 0.2, None)
    # the second harmonic, ahead by 1.8 h, makes mornings steep and evenings slow
    day = swing * (np.cos(phase) + 0.20 * np.cos(2 * phase + 2 * np.pi * 1.8 / 12))
    wanted = np.array(station.dry_bulb_degc)
    raw = day + residual
    return np.asarray(raw + timeseries.smooth_year(wanted - timeseries.monthly_mean(raw)))


def _humidity(station: Station, weave: Weave, sky: Array, year: Year) -> Array:
    """Relative humidity [share] from a dew point whose monthly offset meets the wet bulb."""
    dry, pressure = year["dry_bulb_degc"], year["pressure_pa"]
    residual = timeseries.without_harmonics(dry)
    noise = weave.layer("dew point", 8760, [(0.9, 30.0), (0.1, 5.0)], 0.7)
    moisture = 0.4 * residual + 0.9 * noise * timeseries.smooth_year(station.dew_point_residual_k)
    moisture -= 0.6 * _by_hour(sky)
    wanted = np.array(station.wet_bulb_degc)
    monthly = 2.0 * wanted - np.array(station.dry_bulb_degc)
    saturated = psychrometrics.saturation_pressure(dry)
    for _ in range(20):
        depression = dry - timeseries.smooth_year(monthly) - moisture
        # fog is rare: the dew point comes close to the dry bulb but seldom reaches it
        dew = dry - 0.5 * (depression + np.hypot(depression, CLOSEST_DEW_POINT_K))
        humidity = psychrometrics.saturation_pressure(dew) / saturated
        humidity = np.clip(humidity, LOWEST_HUMIDITY, 1.0)
        wet = psychrometrics.wet_bulb(dry, humidity, pressure)
        monthly = monthly + 1.4 * (wanted - timeseries.monthly_mean(wet))
    return np.asarray(humidity)


def _add_radiation(station: Station, weave: Weave, sky: Array, year: Year) -> None:
    """Global, direct and diffuse radiation [W/m2] from daily clearness and hourly clouds."""
    sun = solar.sun_path(station.latitude_deg, station.longitude_deg, station.altitude_m)
    clean, clean_beam = solar.clear_sky(sun, float(np.mean(station.pressure_hpa)) * 100.0)
    outside = sun.extraterrestrial_w_m2 * sun.cos_zenith
    quantiles = np.interp(ndtr(sky), CLEARNESS_LEVELS, station.clearness_quantiles)
    cloudy = np.clip(1.0 - np.repeat(quantiles, 24) / 0.72, 0.0, 1.0)
    clouds = weave.layer("clouds", 8760, [(1.0, 6.0)])
    shape = np.clip(1.0 + (0.30 * cloudy + 0.03) * clouds, 0.15, 1.6) * clean
    daily = quantiles * outside.reshape(365, 24).sum(1) / shape.reshape(365, 24).sum(1)
    ghi = shape * np.repeat(daily, 24)
    wanted = np.array(station.ghi_kwh_m2) * 1000.0
    hours_of_month = np.array(timeseries.DAYS_PER_MONTH) * 24.0
    month = timeseries.month_of_hour() - 1
    for _ in range(6):  # scaling up a month pushes clear hours against the ceiling: repeat
        factor = wanted / (timeseries.monthly_mean(ghi) * hours_of_month)
        ghi = np.minimum(ghi * factor[month], BRIGHTEST * clean)
    low, high = 0.3, 4.0
    for _ in range(30):
        sharpness = 0.5 * (low + high)
        beam, _ = solar.split_global(ghi, sun, sharpness)
        beam = np.minimum(beam, BRIGHTEST * clean_beam)
        is_low = beam.sum() < 1000.0 * station.dni_kwh_m2_year
        low, high = (sharpness, high) if is_low else (low, sharpness)
    year["ghi_w_m2"] = np.round(ghi, 1)
    year["dni_w_m2"] = np.round(beam, 1)
    year["dhi_w_m2"] = np.clip(year["ghi_w_m2"] - year["dni_w_m2"] * sun.cos_zenith, 0.0, None)


def _add_wind(station: Station, weave: Weave, shared: float, year: Year) -> None:
    """Wind [m/s] at hub height, scaled to the capacity factor, and at 10 m of the station."""
    chance = ndtr(weave.layer("wind", 8760, WIND_MEMORY_H, shared))
    gusts = (-np.log1p(-np.clip(chance, 1e-6, 1 - 1e-6))) ** (1 / WEIBULL_SHAPE)
    hour = 2 * np.pi * (HOUR_OF_DAY + 0.5) / 24
    # least wind in the morning, most in the afternoon and evening (ERA5 of Hebei)
    day = 1 + 0.06 * np.cos(hour - 2 * np.pi * 19 / 24) + 0.03 * np.cos(2 * hour - np.pi / 3)
    season = timeseries.smooth_year(station.wind_season)
    relative = gusts * day
    relative = relative / timeseries.smooth_year(timeseries.monthly_mean(relative))
    density = psychrometrics.air_density(
        year["dry_bulb_degc"], year["relative_humidity"], year["pressure_pa"]
    )
    low, high = 1.0, 20.0
    for _ in range(40):
        mean = 0.5 * (low + high)
        factor = wind.wind_capacity_factor(mean * season * relative, density)
        is_low = factor.mean() < station.wind_capacity_factor
        low, high = (mean, high) if is_low else (low, mean)
    year["wind_speed_hub_m_s"] = mean * season * relative
    # near the ground the day's heating mixes wind down: more than twice as windy as the night
    heated = 2 * np.pi * (HOUR_OF_DAY + 0.5 - 14.5) / 24
    ground = season * relative**0.9 * (1 + 0.42 * np.cos(heated) + 0.10 * np.cos(2 * heated))
    year["wind_speed_10m_m_s"] = station.wind_10m_m_s * ground / ground.mean()

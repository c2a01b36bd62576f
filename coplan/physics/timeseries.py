"""Hourly series as statistics: noise with a given memory, and what to measure of a year.

Every year here is a circle: hour 0 follows the last hour, as the planning model has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

HOURS_PER_YEAR = 8760
DAYS_PER_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_of_hour() -> NDArray[np.int64]:
    """Month 1..12 of each of the 8760 hours of a year without a leap day."""
    return np.repeat(np.arange(1, 13), np.array(DAYS_PER_MONTH) * 24)


def sun_elevation_deg(latitude_deg: float, longitude_deg: float) -> Array:
    """Elevation of the sun [deg] at the middle of each of 8760 hours of UTC+8, to some 4 degrees.

    sin(elevation) = sin(lat)·sin(decl) + cos(lat)·cos(decl)·cos(hour angle), with Cooper's
    declination 23.45·sin(360·(284 + day) / 365); the equation of time is left out. To tell day
    from night without the accuracy, and the wait, of `coplan.physics.solar`.
    """
    hours = np.arange(HOURS_PER_YEAR)
    declination = np.radians(23.45 * np.sin(2 * np.pi * (285 + hours // 24) / 365))
    solar_time_h = hours % 24 + 0.5 + (longitude_deg - 120.0) / 15.0
    angle, latitude = np.radians(15.0 * (solar_time_h - 12.0)), np.radians(latitude_deg)
    sine = np.sin(latitude) * np.sin(declination)
    sine += np.cos(latitude) * np.cos(declination) * np.cos(angle)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))


def monthly_mean(values: ArrayLike) -> Array:
    """Mean of each month, 12 values, of an 8760-hour series in any unit."""
    series = np.asarray(values, dtype=float)
    sums = np.bincount(month_of_hour(), weights=series, minlength=13)[1:]
    return np.asarray(sums / (np.array(DAYS_PER_MONTH) * 24))


def smooth_year(monthly: ArrayLike) -> Array:
    """Smooth periodic 8760-hour curve with exactly these 12 monthly means (any unit).

    A periodic cubic spline through mid-months whose knots are moved until the means agree.
    """
    from scipy.interpolate import CubicSpline  # slow to import, only the generator needs it

    wanted = np.asarray(monthly, dtype=float)
    days = np.array(DAYS_PER_MONTH)
    middles = (np.cumsum(days) - days / 2) * 24
    at = np.append(middles, middles[0] + HOURS_PER_YEAR)
    hours = np.arange(HOURS_PER_YEAR) + 0.5
    hours[hours < middles[0]] += HOURS_PER_YEAR
    knots = wanted.copy()
    for _ in range(30):
        curve = CubicSpline(at, np.append(knots, knots[0]), bc_type="periodic")(hours)
        knots += wanted - monthly_mean(curve)
    return np.asarray(curve)


def with_memory(noise: ArrayLike, memory: Sequence[tuple[float, float]]) -> Array:
    """Noise, 1-D, mean 0 and deviation 1, given a memory; the timing of ups and downs is kept.

    `memory` are (weight, steps) pairs: the circular autocorrelation becomes the weighted sum of
    exp(-lag / steps). The amplitudes of the spectrum are set to it and only the phases are kept
    (surrogate data of J. Theiler and others, 1992), so that no seed can miss it by bad luck.
    """
    series = np.asarray(noise, dtype=float)
    steps = len(series)
    lags = np.minimum(np.arange(steps), steps - np.arange(steps))
    target = sum(weight * np.exp(-lags / length) for weight, length in memory)
    power = np.clip(np.fft.rfft(target).real, 0.0, None)
    power[0] = 0.0
    phases = np.angle(np.fft.rfft(series))
    shaped = np.fft.irfft(np.sqrt(power) * np.exp(1j * phases), steps)
    return np.asarray(shaped / shaped.std())


def autocorrelation(values: ArrayLike, lag: int) -> float:
    """Correlation [-1..1] of a 1-D series with itself `lag` steps later (not circular)."""
    series = np.asarray(values, dtype=float)
    return float(np.corrcoef(series[:-lag], series[lag:])[0, 1])


def without_harmonics(values: ArrayLike) -> Array:
    """What an 8760-hour series does beyond its regular year and day, in its own unit.

    Least squares takes out two annual harmonics and two diurnal ones whose size follows the
    season: the definition of "residual" in the calibration facts, 3.1.
    """
    series = np.asarray(values, dtype=float)
    hours = np.arange(HOURS_PER_YEAR)
    year = 2 * np.pi * hours / HOURS_PER_YEAR
    day = 2 * np.pi * hours / 24
    annual = [np.ones(HOURS_PER_YEAR)]
    annual += [wave(k * year) for k in (1, 2) for wave in (np.cos, np.sin)]
    diurnal = [
        wave(k * day) * season for k in (1, 2) for wave in (np.cos, np.sin) for season in annual[:3]
    ]
    basis, _ = np.linalg.qr(np.array(annual + diurnal).T)
    return np.asarray(series - basis @ (basis.T @ series))


def worst_mean(values: ArrayLike, steps: int) -> float:
    """Lowest mean over any `steps` steps in a row of a 1-D series, in its own unit."""
    total = np.concatenate([[0.0], np.cumsum(np.asarray(values, dtype=float))])
    return float((total[steps:] - total[:-steps]).min() / steps)

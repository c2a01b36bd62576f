"""Moist air: saturation pressure, humidity ratio, wet bulb and density.

All formulas are those of ASHRAE Handbook, Fundamentals (2017), chapter 1; pressure in Pa,
temperature in degC, relative humidity as a share 0..1. PsychroLib has the same equations one
number at a time; here a year of several sites is one array, because the model needs it at start-up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

ZERO_CELSIUS_K = 273.15
TRIPLE_POINT_DEGC = 0.01
DRY_AIR_GAS_CONSTANT = 287.042  # J/(kg K)
WATER_TO_AIR_MASS = 0.621945  # molar mass of water over that of dry air
WIDEST_DEPRESSION_K = 80.0  # wider than any wet-bulb depression below 70 degC
HALVINGS = 27  # 80 K halved 27 times is below 1e-6 K


def pressure_at(altitude_m: ArrayLike) -> Array:
    """Pressure [Pa] of the standard atmosphere at an altitude [m] (ASHRAE ch. 1, eq. 3)."""
    return np.asarray(101325.0 * (1.0 - 2.25577e-5 * np.asarray(altitude_m, dtype=float)) ** 5.2559)


def saturation_pressure(temperature_degc: ArrayLike) -> Array:
    """Saturation vapour pressure [Pa] over ice or water at a temperature [degC], any shape.

    Source: ASHRAE Fundamentals (2017), ch. 1, eq. 5 (ice) and 6 (water), -100 to 200 degC.
    """
    degc = np.asarray(temperature_degc, dtype=float)
    kelvin = degc + ZERO_CELSIUS_K
    ice = (
        -5.6745359e3 / kelvin
        + 6.3925247
        + kelvin
        * (-9.677843e-3 + kelvin * (6.2215701e-7 + kelvin * (2.0747825e-9 - 9.484024e-13 * kelvin)))
    )
    water = (
        -5.8002206e3 / kelvin
        + 1.3914993
        + kelvin * (-4.8640239e-2 + kelvin * (4.1764768e-5 - 1.4452093e-8 * kelvin))
    )
    is_ice = degc <= TRIPLE_POINT_DEGC
    power = np.where(is_ice, 4.1635019, 6.5459673)
    return np.asarray(np.exp(np.where(is_ice, ice, water) + power * np.log(kelvin)))


def humidity_ratio(vapour_pressure_pa: ArrayLike, pressure_pa: ArrayLike) -> Array:
    """Humidity ratio [kg water per kg dry air] of vapour pressure and station pressure [Pa].

    Source: ASHRAE Fundamentals (2017), ch. 1, eq. 20.
    """
    vapour = np.asarray(vapour_pressure_pa, dtype=float)
    return np.asarray(WATER_TO_AIR_MASS * vapour / (np.asarray(pressure_pa) - vapour))


def _humidity_ratio_at(
    wet_bulb_degc: Array, dry_bulb_degc: Array, pressure_pa: Array, is_frozen: NDArray[np.bool_]
) -> Array:
    """Humidity ratio of air with this wet and dry bulb (ASHRAE ch. 1, eq. 33 and 35)."""
    saturated = humidity_ratio(saturation_pressure(wet_bulb_degc), pressure_pa)
    depression = dry_bulb_degc - wet_bulb_degc
    heat = np.where(is_frozen, 2830.0 - 0.24 * wet_bulb_degc, 2501.0 - 2.326 * wet_bulb_degc)
    rest = np.where(is_frozen, 2.1, 4.186) * wet_bulb_degc
    latent = np.where(is_frozen, 2830.0, 2501.0) + 1.86 * dry_bulb_degc - rest
    return np.asarray((heat * saturated - 1.006 * depression) / latent)


def wet_bulb(
    dry_bulb_degc: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike
) -> Array:
    """Thermodynamic wet bulb [degC] of dry bulb [degC], humidity [share] and pressure [Pa].

    Shapes broadcast; bisection of ASHRAE ch. 1 eq. 33 (water) and 35 (ice). Around 0 degC both
    equations have an answer, some tenths of a kelvin apart; the wick is then taken as water, so
    that the result does not depend on where the search started.
    Raises ValueError for humidity outside 0..1 or a pressure that is not positive.
    """
    dry, humidity, pressure = np.broadcast_arrays(
        np.asarray(dry_bulb_degc, dtype=float),
        np.asarray(relative_humidity, dtype=float),
        np.asarray(pressure_pa, dtype=float),
    )
    if not np.all((humidity >= 0) & (humidity <= 1)):
        raise ValueError("relative humidity must be a share between 0 and 1")
    if not np.all(pressure > 0):
        raise ValueError("pressure must be positive, in Pa")
    ratio = humidity_ratio(humidity * saturation_pressure(dry), pressure)
    zero, never = np.zeros_like(dry), np.zeros(dry.shape, dtype=bool)
    is_frozen = (dry < 0) | (ratio < _humidity_ratio_at(zero, dry, pressure, never))
    low = np.where(is_frozen, dry - WIDEST_DEPRESSION_K, 0.0)
    high = np.where(is_frozen, np.minimum(dry, 0.0), dry)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        is_too_wet = _humidity_ratio_at(middle, dry, pressure, is_frozen) > ratio
        high = np.where(is_too_wet, middle, high)
        low = np.where(is_too_wet, low, middle)
    return np.asarray(0.5 * (low + high))


def air_density(
    dry_bulb_degc: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike
) -> Array:
    """Density of moist air [kg/m3] of dry bulb [degC], humidity [share] and pressure [Pa].

    Ideal gases: dry air at p - e plus water vapour at e (ASHRAE ch. 1, eq. 9 to 11).
    """
    dry = np.asarray(dry_bulb_degc, dtype=float)
    vapour = np.asarray(relative_humidity) * saturation_pressure(dry)
    dry_air = np.asarray(pressure_pa) - vapour
    gas_constant_times_kelvin = DRY_AIR_GAS_CONSTANT * (dry + ZERO_CELSIUS_K)
    return np.asarray((dry_air + WATER_TO_AIR_MASS * vapour) / gas_constant_times_kelvin)

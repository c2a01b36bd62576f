"""Sun: its position, clear sky, splitting of global radiation, and PV capacity factors (pvlib).

Hours are local standard time, hour beginning; the sun stands where it is at the middle of the hour.
pvlib is slow to import, so nothing in the package imports this module at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
import pvlib
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

SOLAR_YEAR = 2027  # any year without a leap day: declination differs by less than 0.2 degrees
UTC_OFFSET_H = 8
HOURS_PER_YEAR = 8760
STANDARD_IRRADIANCE_W_M2 = 1000.0
HIGHEST_SPLIT_ZENITH_DEG = 87.0  # below 3 degrees of elevation all radiation counts as diffuse


@dataclass(frozen=True)
class SunPath:
    """The sun over one site, 8760 hours: angles [deg] and radiation outside the atmosphere."""

    zenith_deg: Array
    """Apparent zenith (with refraction) at the middle of the hour."""
    azimuth_deg: Array
    """Clockwise from north."""
    extraterrestrial_w_m2: Array
    """Radiation on a plane facing the sun, outside the atmosphere."""

    @property
    def cos_zenith(self) -> Array:
        """Cosine of the zenith, zero while the sun is down."""
        return np.asarray(np.clip(np.cos(np.radians(self.zenith_deg)), 0.0, None))


@lru_cache(maxsize=64)
def sun_path(latitude_deg: float, longitude_deg: float, altitude_m: float) -> SunPath:
    """Position of the sun over a site for each of 8760 hours of UTC+8 (NREL algorithm of pvlib)."""
    start = f"{SOLAR_YEAR}-01-01 00:30"
    zone = f"Etc/GMT-{UTC_OFFSET_H}"  # POSIX sign: this is east of Greenwich
    times = pd.date_range(start, periods=HOURS_PER_YEAR, freq="h", tz=zone)
    position = pvlib.solarposition.get_solarposition(
        times, latitude_deg, longitude_deg, altitude=altitude_m
    )
    return SunPath(
        zenith_deg=position["apparent_zenith"].to_numpy(dtype=float),
        azimuth_deg=position["azimuth"].to_numpy(dtype=float),
        extraterrestrial_w_m2=np.asarray(pvlib.irradiance.get_extra_radiation(times), dtype=float),
    )


def clear_sky(sun: SunPath, pressure_pa: float) -> tuple[Array, Array]:
    """Global and direct normal radiation [W/m2] of a clean cloudless sky, 8760 hours each.

    Simplified Solis model (P. Ineichen, 2008) with aerosol depth 0.08 and 1 cm of water.
    """
    elevation = np.clip(90.0 - sun.zenith_deg, 0.0, 90.0)
    sky = pvlib.clearsky.simplified_solis(elevation, 0.08, 1.0, pressure_pa)
    is_up = sun.zenith_deg < 90.0
    return np.asarray(sky["ghi"]) * is_up, np.asarray(sky["dni"]) * is_up


def split_global(ghi_w_m2: ArrayLike, sun: SunPath, sharpness: float = 1.0) -> tuple[Array, Array]:
    """Direct normal and diffuse horizontal radiation [W/m2] of global radiation, 8760 hours each.

    Diffuse share by the Erbs-Driesse model (A. Driesse and others, 2024), raised to `sharpness`:
    above 1 for air drier than the model's stations. Closes: ghi = dhi + dni * cos(zenith).
    """
    ghi = np.asarray(ghi_w_m2, dtype=float)
    split = pvlib.irradiance.erbs_driesse(ghi, sun.zenith_deg, dni_extra=sun.extraterrestrial_w_m2)
    modelled = np.nan_to_num(np.asarray(split["dhi"], dtype=float))
    share = np.divide(modelled, ghi, out=np.ones_like(ghi), where=ghi > 0)
    diffuse = ghi * np.clip(share, 0.0, 1.0) ** sharpness
    has_beam = sun.zenith_deg < HIGHEST_SPLIT_ZENITH_DEG
    beam = np.divide(ghi - diffuse, sun.cos_zenith, out=np.zeros_like(ghi), where=has_beam)
    return beam, np.where(has_beam, diffuse, ghi)


def pv_capacity_factor(
    ghi_w_m2: ArrayLike,
    dni_w_m2: ArrayLike,
    dhi_w_m2: ArrayLike,
    dry_bulb_degc: ArrayLike,
    wind_speed_10m_m_s: ArrayLike,
    *,
    sun: SunPath,
    tilt_deg: float,
    azimuth_deg: float = 180.0,
    dc_ac_ratio: float,
    losses: float,
    inverter_efficiency: float = 0.98,
    temperature_coefficient_per_k: float = -0.0035,
    albedo: float = 0.2,
) -> Array:
    """AC capacity factor [0..1 of AC rating] of a fixed-tilt PV plant, 8760 hours.

    Radiation [W/m2] on the tilted plane by Hay and Davies, cell temperature by Faiman with wind
    [m/s] at 10 m brought to module height by the 1/7 law, module power linear in temperature,
    `losses` [share] of everything between module and inverter, PVWatts inverter (A. Dobos, 2014),
    output capped at the AC rating. Per MW AC: `dc_ac_ratio` MW of modules stand behind each.
    Raises ValueError for losses outside 0..1 or a ratio that is not positive.
    """
    if not 0 <= losses <= 1 or dc_ac_ratio <= 0:
        raise ValueError("losses must be a share between 0 and 1, the DC/AC ratio positive")
    plane = pvlib.irradiance.get_total_irradiance(
        tilt_deg,
        azimuth_deg,
        sun.zenith_deg,
        sun.azimuth_deg,
        np.asarray(dni_w_m2, dtype=float),
        np.asarray(ghi_w_m2, dtype=float),
        np.asarray(dhi_w_m2, dtype=float),
        dni_extra=sun.extraterrestrial_w_m2,
        albedo=albedo,
        model="haydavies",
    )
    irradiance = np.clip(np.nan_to_num(np.asarray(plane["poa_global"], dtype=float)), 0.0, None)
    module_wind = np.asarray(wind_speed_10m_m_s, dtype=float) * (2.0 / 10.0) ** (1 / 7)
    cell = pvlib.temperature.faiman(irradiance, np.asarray(dry_bulb_degc, float), module_wind)
    warmth = 1.0 + temperature_coefficient_per_k * (cell - 25.0)
    dc = irradiance / STANDARD_IRRADIANCE_W_M2 * warmth * dc_ac_ratio * (1.0 - losses)
    ac = pvlib.inverter.pvwatts(dc, 1.0 / inverter_efficiency, eta_inv_nom=inverter_efficiency)
    return np.asarray(np.clip(np.nan_to_num(ac), 0.0, 1.0))

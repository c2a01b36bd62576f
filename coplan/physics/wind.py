"""Wind: from speed at a height to the capacity factor of a farm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Points = Sequence[tuple[float, float]] | Sequence[Sequence[float]]

REFERENCE_DENSITY_KG_M3 = 1.225  # sea level, 15 degC: the density power curves are given for
HIGHEST_SPEED_M_S = 45.0
SPEED_STEP_M_S = 0.05

STANDARD_TURBINE: tuple[tuple[float, float], ...] = (
    (2.5, 0.0),
    (3.0, 0.010),
    (4.0, 0.060),
    (5.0, 0.145),
    (6.0, 0.265),
    (7.0, 0.430),
    (8.0, 0.630),
    (9.0, 0.830),
    (10.0, 0.950),
    (11.0, 0.990),
    (12.0, 1.0),
    (25.0, 1.0),
    (25.5, 0.0),
)
"""Power [share of rated] at hub wind speed [m/s]: a present low-wind machine of about 230 W/m2.
Assumption, drawn from cube-law power at 0.45 efficiency rounded off at rated power."""
STANDARD_SMOOTHING_M_S = 1.6
"""Spread of wind within a farm and an hour [m/s]; assumption that brings the farm's distribution
of hours close to the 200 MW farm measured in 2019-2020 (facts, 3.3)."""
STANDARD_LOSSES = 0.05
"""Wake, electrical and availability losses [share]; assumption."""


def hub_speed(
    speed_m_s: ArrayLike, *, height_m: float, hub_height_m: float, shear_exponent: ArrayLike
) -> Array:
    """Wind speed at hub height [m/s] from the speed at a measuring height [m/s], any shape.

    Power law v2 = v1 (h2 / h1)^a; `shear_exponent` a may vary by hour (about 0.1 by day, 0.25 by
    night over open land). Raises ValueError for heights that are not positive.
    """
    if height_m <= 0 or hub_height_m <= 0:
        raise ValueError("heights must be positive, in m")
    ratio = (hub_height_m / height_m) ** np.asarray(shear_exponent, dtype=float)
    return np.asarray(np.asarray(speed_m_s, dtype=float) * ratio)


def density_corrected_speed(speed_m_s: ArrayLike, density_kg_m3: ArrayLike) -> Array:
    """Speed [m/s] that carries the same power in air of 1.225 kg/m3, shapes broadcast.

    v (rho / 1.225)^(1/3), the normalisation of IEC 61400-12-1 for machines with pitch control.
    """
    ratio = np.asarray(density_kg_m3, dtype=float) / REFERENCE_DENSITY_KG_M3
    return np.asarray(np.asarray(speed_m_s, dtype=float) * np.cbrt(ratio))


def farm_power_curve(
    turbine: Points = STANDARD_TURBINE, smoothing_m_s: float = STANDARD_SMOOTHING_M_S
) -> tuple[Array, Array]:
    """Power curve of a whole farm: speeds [m/s] and power [share of rated], 1-D, zero at calm.

    `turbine` are (speed, power) points of one machine, zero below the first and above the last.
    Machines of a farm see different wind: the curve is averaged over a normal spread of speed
    with standard deviation `smoothing_m_s`, the multi-turbine approach of P. Norgaard and
    H. Holttinen (2004). Raises ValueError when speeds do not rise or power leaves 0..1.
    """
    table = np.asarray(turbine, dtype=float)
    if np.any(np.diff(table[:, 0]) <= 0) or smoothing_m_s < 0:
        raise ValueError("power curve speeds must rise and the smoothing cannot be negative")
    if np.any((table[:, 1] < 0) | (table[:, 1] > 1)):
        raise ValueError("power must be a share of rated power between 0 and 1")
    speeds = np.arange(0.0, HIGHEST_SPEED_M_S + SPEED_STEP_M_S / 2, SPEED_STEP_M_S)
    half = int(3 * smoothing_m_s / SPEED_STEP_M_S)
    offsets = np.arange(-half, half + 1) * SPEED_STEP_M_S
    weights = np.exp(-0.5 * (offsets / smoothing_m_s) ** 2) if half else np.ones(1)
    around = speeds[:, None] + offsets[None, :]
    power = np.interp(around, table[:, 0], table[:, 1], left=0.0, right=0.0)
    smooth = np.minimum(power @ (weights / weights.sum()), 1.0)
    # no wind at all is no power anywhere in the farm, however wide the spread
    return speeds, smooth * np.clip(speeds / max(table[0, 0], SPEED_STEP_M_S), 0.0, 1.0)


def wind_capacity_factor(
    hub_speed_m_s: ArrayLike,
    density_kg_m3: ArrayLike,
    *,
    turbine: Points = STANDARD_TURBINE,
    smoothing_m_s: float = STANDARD_SMOOTHING_M_S,
    losses: float = STANDARD_LOSSES,
) -> Array:
    """Capacity factor [0..1] of a wind farm from hub-height speed [m/s] and air density [kg/m3].

    Shapes broadcast. Density-corrected speed through the farm curve, less `losses` [share].
    Raises ValueError for losses outside 0..1 or a negative speed.
    """
    if not 0 <= losses <= 1:
        raise ValueError("losses must be a share between 0 and 1")
    if not np.all(np.asarray(hub_speed_m_s) >= 0):
        raise ValueError("wind speed cannot be negative")
    speeds, power = farm_power_curve(turbine, smoothing_m_s)
    corrected = density_corrected_speed(hub_speed_m_s, density_kg_m3)
    return np.asarray(np.interp(corrected, speeds, power) * (1.0 - losses))

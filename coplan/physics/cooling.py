"""Cooling and electrical losses of a data-center hall.

Cooling load factor (CLF) is cooling power over IT power at rated load. A design's card gives it as
breakpoints over dry bulb or wet bulb; part load is an affine law, so that the model stays linear:

    cooling = CLF * ((1 - fixed_share) * IT + fixed_share * installed IT)

At load x (IT over installed) cooling per IT is then CLF * (1 - f + f / x). Against the field's
part-load anchors for chillers (1.0 at >= 70 %, 1.1 at 50 %, 1.35 at 30 % load) f = 0.15 gives
1.06, 1.15 and 1.35: never more than 6.5 % high, never low. Losses of UPS, transformers and
distribution follow the same law.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Points = Sequence[tuple[float, float]] | Sequence[Sequence[float]]

SEA_LEVEL_PRESSURE_PA = 101325.0


def piecewise_linear(points: Points, temperature_degc: ArrayLike) -> Array:
    """Value of a piecewise linear curve at temperatures [degC], any shape; flat beyond its ends.

    `points` are (temperature [degC], value) pairs. Raises ValueError when there is none or the
    temperatures do not rise.
    """
    table = np.asarray(points, dtype=float)
    if table.ndim != 2 or table.shape[1] != 2 or not len(table):
        raise ValueError("breakpoints must be (temperature, value) pairs, at least one")
    if np.any(np.diff(table[:, 0]) <= 0):
        raise ValueError("breakpoint temperatures must rise")
    return np.asarray(np.interp(np.asarray(temperature_degc, float), table[:, 0], table[:, 1]))


def cooling_load_factor(
    dry_bulb_degc: ArrayLike,
    wet_bulb_degc: ArrayLike,
    *,
    dry_bulb_points: Points = (),
    wet_bulb_points: Points = (),
    dry_mode_below_degc: float | None = None,
) -> Array:
    """Cooling load factor [MW cooling per MW IT at rated load] from the weather, any shape.

    An air-cooled chiller with economiser is driven by the dry bulb, a water-cooled chiller with
    tower by the wet bulb. A design with both curves (indirect evaporative) runs dry, on its
    dry-bulb curve, while the dry bulb [degC] is at or below `dry_mode_below_degc`, and on its
    wet-bulb curve above. Raises ValueError when neither curve is given, or both without the limit.
    """
    if not len(dry_bulb_points) and not len(wet_bulb_points):
        raise ValueError("a cooling design needs breakpoints over dry bulb or wet bulb")
    if not len(wet_bulb_points):
        return piecewise_linear(dry_bulb_points, dry_bulb_degc)
    if not len(dry_bulb_points):
        return piecewise_linear(wet_bulb_points, wet_bulb_degc)
    if dry_mode_below_degc is None:
        raise ValueError("a design with both curves needs the dry bulb below which it runs dry")
    is_dry = np.asarray(dry_bulb_degc, dtype=float) <= dry_mode_below_degc
    dry = piecewise_linear(dry_bulb_points, dry_bulb_degc)
    return np.where(is_dry, dry, piecewise_linear(wet_bulb_points, wet_bulb_degc))


def altitude_factor(pressure_pa: ArrayLike, *, fan_share: float) -> Array:
    """Factor [1] on the cooling load factor for thin air at a station pressure [Pa], any shape.

    `fan_share` is the share of cooling power that moves air. Fans must move the same mass, so
    their power grows as the inverse of density: 15 % less air, 15 to 20 % more fan power.
    """
    if not 0 <= fan_share <= 1:
        raise ValueError("the fan share must lie between 0 and 1")
    thinner = SEA_LEVEL_PRESSURE_PA / np.asarray(pressure_pa, dtype=float) - 1.0
    return np.asarray(1.0 + fan_share * thinner)


def cooling_coefficients(clf: ArrayLike, fixed_share: float) -> tuple[Array, Array]:
    """Slope [MW per MW of IT load] and fixed part [MW per MW installed] of cooling power.

    `clf` is the cooling load factor at rated load, any shape; `fixed_share` the share of rated
    cooling that runs whatever the load. Slope plus fixed is the CLF.
    Raises ValueError for a fixed share outside 0..1 or a negative CLF.
    """
    if not 0 <= fixed_share <= 1:
        raise ValueError("the fixed share must lie between 0 and 1")
    factor = np.asarray(clf, dtype=float)
    if not np.all(factor >= 0):
        raise ValueError("the cooling load factor cannot be negative")
    return np.asarray(factor * (1 - fixed_share)), np.asarray(factor * fixed_share)


def water_use(
    dry_bulb_degc: ArrayLike,
    wet_bulb_degc: ArrayLike,
    *,
    points: Points = (),
    dry_mode_below_degc: float | None = None,
) -> Array:
    """Water per IT energy [L/kWh] by wet bulb [degC], any shape; none where nothing is given.

    A design with a dry mode takes no water while the dry bulb is at or below
    `dry_mode_below_degc` [degC].
    """
    wet = np.asarray(wet_bulb_degc, dtype=float)
    use = piecewise_linear(points, wet) if len(points) else np.zeros(wet.shape)
    if dry_mode_below_degc is None:
        return use
    is_dry = np.asarray(dry_bulb_degc, dtype=float) <= dry_mode_below_degc
    return np.where(is_dry, 0.0, use)


def part_load_segments(points: Points) -> list[tuple[float, float]]:
    """Lines (slope, fixed) through a convex part-load curve; the highest of them holds.

    `points` are (IT over installed IT, cooling over rated cooling) pairs, two to four, the last
    (1, 1). Below the first point its line goes on. Raises ValueError for a curve that is not
    convex, falls with load, or would be negative without load.
    """
    table = np.asarray(points, dtype=float)
    if table.ndim != 2 or table.shape[1] != 2 or not 2 <= len(table) <= 4:
        raise ValueError("a part-load curve needs two to four points (load, power)")
    load, power = table.T
    if np.any(np.diff(load) <= 0):
        raise ValueError("loads of a part-load curve must rise")
    if abs(load[-1] - 1.0) > 1e-9 or abs(power[-1] - 1.0) > 1e-9:
        raise ValueError("a part-load curve ends at full load, 1, with rated power, 1")
    slopes = np.diff(power) / np.diff(load)
    if np.any(slopes < 0) or np.any(np.diff(slopes) < -1e-9):
        raise ValueError("a part-load curve must be convex and must not fall with load")
    fixed = power[1:] - slopes * load[1:]
    if fixed[0] < -1e-9:
        raise ValueError("a part-load curve would be negative without load")
    return [(float(a), float(b)) for a, b in zip(slopes, fixed, strict=True)]


def loss_coefficients(
    rated_share: float, *, part_load_extra: float, part_load: float
) -> tuple[float, float]:
    """Slope [MW per MW of IT load] and fixed part [MW per MW installed] of electrical losses.

    `rated_share` is the chain's loss over IT power at full load; at load `part_load` (share of
    installed) losses over IT are higher by `part_load_extra`. With losses = a * IT + b * installed
    this means b = extra / (1 / part_load - 1) and a = rated - b.
    Raises ValueError when the extra is so large that losses would fall with load.
    """
    if rated_share < 0 or part_load_extra < 0:
        raise ValueError("losses cannot be negative")
    if not 0 < part_load < 1:
        raise ValueError("the part load must lie strictly between 0 and 1")
    fixed = part_load_extra / (1 / part_load - 1)
    if fixed > rated_share:
        raise ValueError("the part-load extra is larger than the rated loss allows")
    return rated_share - fixed, fixed

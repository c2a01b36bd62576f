"""Distance between sites and the time light takes through the fibre between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0
FIBRE_US_PER_KM = 5.0  # light in glass of refractive index 1.5


def great_circle_km(
    latitude_deg: ArrayLike,
    longitude_deg: ArrayLike,
    other_latitude_deg: ArrayLike,
    other_longitude_deg: ArrayLike,
) -> NDArray[np.float64]:
    """Great-circle distance [km] between places given in degrees; shapes broadcast.

    Haversine formula on a sphere of the mean Earth radius (within 0.6 % of the ellipsoid).
    """
    phi, other_phi = np.radians(latitude_deg), np.radians(other_latitude_deg)
    half_north = (other_phi - phi) / 2
    half_east = (np.radians(other_longitude_deg) - np.radians(longitude_deg)) / 2
    chord = np.sin(half_north) ** 2 + np.cos(phi) * np.cos(other_phi) * np.sin(half_east) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def one_way_latency_ms(
    distance_km: ArrayLike,
    *,
    route_factor: float,
    equipment_ms: float,
    fibre_us_per_km: float = FIBRE_US_PER_KM,
) -> NDArray[np.float64]:
    """One-way network latency [ms] over a great-circle distance [km], any shape.

    `route_factor` is the fibre's length over the great circle, `equipment_ms` the delay of
    switches and amplifiers in one direction. A place is reached from itself in `equipment_ms`.
    Raises ValueError for a route shorter than the great circle or a negative delay.
    """
    if route_factor < 1:
        raise ValueError("the route factor cannot be below 1: no fibre is shorter than straight")
    if equipment_ms < 0 or fibre_us_per_km < 0:
        raise ValueError("delays cannot be negative")
    fibre_km = np.asarray(distance_km, dtype=float) * route_factor
    return np.asarray(fibre_km * fibre_us_per_km / 1000 + equipment_ms)

"""The operating year: which hours it has and what each of them stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HOURS_PER_YEAR = 8760
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


@dataclass(frozen=True)
class Horizon:
    """Steps of the operating year, in local standard time; a shortened one stands for the year."""

    hour_of_year: np.ndarray
    month: np.ndarray
    hour_of_day: np.ndarray
    day_of_year: np.ndarray
    step_h: float
    weight: float
    """Steps of the year that each step stands for."""


def horizon(hours: int, start_hour: int) -> Horizon:
    """The `hours` hours from `start_hour` on, cyclic over a year of 8,760 h."""
    hour = (start_hour + np.arange(hours)) % HOURS_PER_YEAR
    months = np.repeat(np.arange(1, 13), MONTH_DAYS * 24)
    return Horizon(
        hour_of_year=hour,
        month=months[hour],
        hour_of_day=hour % 24,
        day_of_year=hour // 24 + 1,
        step_h=1.0,
        weight=HOURS_PER_YEAR / hours,
    )

"""Money over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def annuity_factor(rate: ArrayLike, life_years: ArrayLike) -> NDArray[np.float64]:
    """Yearly payment [share of the investment per year] that repays one unit over its life.

    `rate` is the real discount rate per year [share], `life_years` the life [years]; shapes
    broadcast. The capital recovery factor r / (1 - (1 + r)^-n) of any text on engineering
    economics, 1 / n at rate 0. Raises ValueError for a life that is not positive or a rate <= -1.
    """
    rates, lives = np.broadcast_arrays(
        np.asarray(rate, dtype=float), np.asarray(life_years, dtype=float)
    )
    if not np.all(lives > 0):
        raise ValueError("the life must be positive, in years")
    if not np.all(rates > -1):
        raise ValueError("the rate must be a share above -1")
    is_zero = rates == 0
    some_rate = np.where(is_zero, 1.0, rates)
    # expm1 and log1p keep full precision for rates near zero
    repaid = -np.expm1(-lives * np.log1p(some_rate))
    return np.asarray(np.where(is_zero, 1.0 / lives, some_rate / repaid))

"""Hours of free cooling: the weather keeps a design's cooling factor at its lowest of the year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coplan.report.facts import SMALL_MW, Array, Facts

NEAR = 1e-3
"""How far above its lowest value, as a share of it, a cooling factor still counts as lowest."""


@dataclass(frozen=True)
class FreeCooling:
    """One cooling design at one site: where it is free, in which steps (time,) and up to what."""

    site: str
    design: str
    lowest: float
    highest: float
    is_free: Array
    hours: float
    up_to_degc: float
    """Highest wet bulb of a free hour."""


def free_cooling(facts: Facts) -> list[FreeCooling]:
    """Every design with halls that draw power, site by site."""
    factor = (facts.values("cooling_slope", weather=facts.weather)
              + facts.values("cooling_fixed", weather=facts.weather))  # fmt: skip
    used = facts.values("it_mw", facts.period, facts.weather).max(-1) > SMALL_MW
    wet = facts.values("wet_bulb_degc", weather=facts.weather)
    sites, places = facts.ids("site"), facts.labels("hall_site")
    found: dict[tuple[str, str], FreeCooling] = {}
    for hall, key in enumerate(zip(places, facts.labels("hall_cooling"), strict=True)):
        if key in found or not used[hall]:
            continue
        lowest = float(factor[hall].min())
        is_free = factor[hall] <= lowest * (1 + NEAR)
        at = wet[sites.index(key[0])][is_free]
        up_to = float(at.max()) if np.isfinite(at).all() else np.nan
        found[key] = FreeCooling(*key, lowest, float(factor[hall].max()), is_free,
                                 float(facts.hours[is_free].sum()), up_to)  # fmt: skip
    return [found[key] for key in sorted(found, key=lambda k: sites.index(k[0]))]


def free_steps(facts: Facts, site: str) -> Array | None:
    """Steps in which every design of a site is free, (time,); None where it has none."""
    mine = [one.is_free for one in free_cooling(facts) if one.site == site]
    return np.logical_and.reduce(mine) if mine else None

"""Invented campuses of any number and length: the data that every builder gets.

Power in MW, energy in MWh, money in kCNY, compute work as the MW of IT load that does it. Series
have dims [site, time] with hourly steps. The same seed gives the same numbers everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

HOURS_A_YEAR = 8760
HOURS_A_MONTH = 730
DEADLINE_H = 24
SMALLEST_FACTOR = 1e-3  # a plant that makes less in an hour is taken to make nothing


@dataclass(frozen=True)
class Instance:
    """Campuses with wind, PV, a battery, the grid, and work of which some may wait or move.

    Arrays [site, time] unless said otherwise; annuities are those of the horizon.
    """

    sites: int
    hours: int
    wind_factor: Array  # MW per MW built
    pv_factor: Array
    it_to_facility: Array  # MW of facility per MW of IT at work
    hall_overhead: Array  # MW of facility per MW of hall, whatever runs
    prompt_mw: Array  # work done at once
    arrived_mw: Array  # [kind of deferrable work, site, time]; the second kind may move
    waiting_max_mwh: Array  # [kind, site, time]: what arrived within the deadline
    price: Array  # kCNY/MWh
    month: Array  # [time], number of the demand charge's month
    is_after_start: Array  # [time], 0 in the first hour, else 1
    plant_max_mw: float = 400.0  # wind, PV, battery power, each
    battery_h_max: float = 8.0
    hall_max_mw: float = 90.0
    connection_mw: float = 150.0
    export_max_mw: float = 60.0
    move_max_mw: float = 10.0
    export_share_max: float = 0.2  # of the energy of own plants that is used
    green_share_min: float = 0.8
    pue_max: float = 1.25
    efficiency: float = 0.95  # each way
    kept: float = 0.9999  # of the stored energy, per hour
    wind_annuity: float = 0.0
    pv_annuity: float = 0.0
    battery_power_annuity: float = 0.0
    battery_energy_annuity: float = 0.0
    hall_annuity: float = 0.0
    demand_charge: float = 0.0  # per MW of a month's peak
    export_price: float = 0.15
    cycling_cost: float = 0.02  # per MWh into or out of the battery
    waiting_cost: float = 0.002  # per MWh that waits an hour
    moving_cost: float = 0.05  # per MWh of work that leaves a site

    @property
    def months(self) -> int:
        """Number of months with a demand charge."""
        return int(self.month[-1]) + 1

    @property
    def battery_max_mwh(self) -> float:
        """Most battery energy a site may build."""
        return self.battery_h_max * self.plant_max_mw

    @property
    def can_move(self) -> bool:
        """Whether there is another site that work could move to."""
        return self.sites > 1


def make_instance(sites: int, hours: int, seed: int = 2027) -> Instance:
    """Data of `sites` campuses over `hours` hourly steps."""
    random = np.random.default_rng(seed)
    hour = np.arange(hours)
    day = 2.0 * np.pi * (hour % 24) / 24
    year = 2.0 * np.pi * hour / HOURS_A_YEAR
    warm = -np.cos(year) - 0.5 * np.cos(day - 0.7) + 0.3 * _persistent(random, sites, hours, 40.0)
    height = np.maximum(0.0, -np.cos(day)) * (0.75 - 0.25 * np.cos(year))
    clear = 0.65 + 0.3 * np.tanh(_persistent(random, sites, hours, 30.0))
    windy = _persistent(random, sites, hours, 18.0) + 0.25 * np.cos(year)
    prompt = 24.0 + 4.0 * np.sin(day - 2.0) + random.normal(0.0, 0.8, (sites, hours))
    arrived = np.stack([
        8.0 + 3.0 * np.sin(day - 1.0) + random.normal(0.0, 0.5, (sites, hours)),
        9.0 + 2.0 * np.cos(day) + random.normal(0.0, 0.5, (sites, hours)),
    ])  # fmt: skip
    arrived = np.maximum(arrived, 0.0)
    tariff = np.array([0.28] * 7 + [0.55] * 3 + [0.88] * 2 + [0.55] * 5 + [0.88] * 4 + [0.55] * 3)
    site_price = 1.0 + 0.05 * random.uniform(-1.0, 1.0, (sites, 1))
    share = hours / HOURS_A_YEAR
    return Instance(
        sites=sites, hours=hours,
        wind_factor=_factor(1.0 / (1.0 + np.exp(0.7 - 1.6 * windy)) - 0.03),
        pv_factor=_factor(0.95 * height * clear),
        it_to_facility=1.13 + 0.02 * np.maximum(warm, 0.0),
        hall_overhead=0.03 + 0.004 * np.abs(warm), prompt_mw=prompt, arrived_mw=arrived,
        waiting_max_mwh=_within_deadline(arrived), price=site_price * tariff[hour % 24],
        month=hour // HOURS_A_MONTH, is_after_start=(hour > 0).astype(float),
        wind_annuity=520.0 * share, pv_annuity=270.0 * share, battery_power_annuity=45.0 * share,
        battery_energy_annuity=95.0 * share, hall_annuity=2500.0 * share,
        demand_charge=38.0 * min(1.0, hours / HOURS_A_MONTH),
    )  # fmt: skip


def _persistent(random: np.random.Generator, sites: int, hours: int, memory_h: float) -> Array:
    """A normal process with unit variance that forgets within `memory_h` hours."""
    keep = np.exp(-1.0 / memory_h)
    shock = np.sqrt(1.0 - keep**2) * random.normal(size=(hours, sites))
    state = random.normal(size=sites)
    path = np.empty((hours, sites))
    for t in range(hours):
        state = keep * state + shock[t]
        path[t] = state
    return np.ascontiguousarray(path.T)


def _factor(raw: Array) -> Array:
    factor = np.round(np.clip(raw, 0.0, 1.0), 4)
    return np.where(factor < SMALLEST_FACTOR, 0.0, factor)


def _within_deadline(arrived: Array) -> Array:
    """Work that arrived within the last hours of the deadline; nothing waits past the end."""
    total = np.cumsum(arrived, axis=-1)
    older = np.zeros_like(total)
    older[..., DEADLINE_H:] = total[..., :-DEADLINE_H]
    waiting = np.maximum(total - older, 0.0)
    waiting[..., -1] = 0.0
    return waiting

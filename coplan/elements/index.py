"""Sets and index maps that every element shares, and how elements hand numbers to the dataset.

Elements know `previous_step[t]` and `hours[t]`, never 8760: a shortened horizon, another step
length or many weather years are the same model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from coplan import algebra

KILO = 1e-3
"""CNY → kCNY: the matrix counts money in thousands so that its numbers are of one size."""


KILO_TO_MEGA = 1e3
"""Per kW → per MW, per kWh → per MWh."""


class Field(NamedTuple):
    """A quantity on its way into the dataset."""

    dims: tuple[str, ...]
    values: Any
    units: str
    long_name: str


@dataclass(frozen=True)
class Index:
    """Pyomo sets, index maps and incidences of one model."""

    sites: Any
    plants: Any
    batteries: Any
    halls: Any
    tanks: Any
    conversions: Any
    relocations: Any
    contracts: Any
    pools: Any
    labels: Any
    fleet: Any
    """All sites together, for money that belongs to no site."""
    months: Any
    times: Any
    previous_step: Any
    """Step before t; the operating year is cyclic."""
    month_of_step: Any
    """Month label of step t."""
    hours: Any
    """Hours of the year that step t stands for."""
    step_h: float
    """Length of a step, h."""


@dataclass(frozen=True)
class Inputs:
    """Dataset variables without their coordinates: looked up some hundred times a model."""

    variables: Any
    sizes: Any
    attrs: Any

    @classmethod
    def of(cls, data: Any) -> Inputs:
        """The variables of an xarray Dataset."""
        return cls(dict(data.variables), dict(data.sizes), data.attrs)

    def __getitem__(self, name: str) -> Any:
        return self.variables[name]

    def __contains__(self, name: str) -> bool:
        return name in self.variables


def incidence(place_of: list[str], places: list[str]) -> np.ndarray:
    """Matrix [unit, place] with 1 where the unit belongs to the place."""
    matrix = np.zeros((len(place_of), len(places)))
    for row, place in enumerate(place_of):
        matrix[row, places.index(place)] = 1.0
    return matrix


def declare(m: Any, data: Any) -> Index:
    """Put the shared sets and index maps of `data` (the dataset) on the model `m`."""
    steps = data.sizes["time"]
    m.sites = algebra.index(names(data, "site"), dim="site", doc="campuses")
    m.plants = algebra.index(names(data, "plant"), dim="plant", doc="wind and PV plants")
    m.batteries = algebra.index(names(data, "battery"), dim="battery", doc="batteries")
    m.halls = algebra.index(names(data, "hall"), dim="hall", doc="hall types at sites")
    m.tanks = algebra.index(names(data, "tank"), dim="tank", doc="cold-water tanks")
    m.conversions = algebra.index(
        names(data, "conversion"), dim="conversion", doc="stock halls that may become others"
    )
    m.relocations = algebra.index(
        names(data, "relocation"), dim="relocation", doc="stock servers that may move"
    )
    m.contracts = algebra.index(names(data, "contract"), dim="contract", doc="contracts")
    m.pools = algebra.index(names(data, "pool"), dim="pool", doc="work of equal reach and delay")
    m.labels = algebra.index(names(data, "label"), dim="label", doc="precision labels")
    m.fleet = algebra.index(["fleet"], dim="fleet", doc="all sites together")
    m.months = algebra.index(
        [int(month) for month in data["month"].values], dim="month", doc="months of the year"
    )
    m.times = algebra.index(steps, dim="time", doc="steps of the operating year")
    hours = data["step_weight"].values * float(data["step_h"])
    m.previous_step = algebra.param(m.times, values=np.roll(np.arange(steps), 1))
    m.month_of_step = algebra.param(m.times, values=data["month_of_step"].values.astype(int))
    m.hours = algebra.param(m.times, values=hours, doc="hours of the year a step stands for")
    return Index(
        sites=m.sites, plants=m.plants, batteries=m.batteries, halls=m.halls,
        tanks=m.tanks, conversions=m.conversions, relocations=m.relocations, contracts=m.contracts,
        pools=m.pools, labels=m.labels, fleet=m.fleet, months=m.months, times=m.times,
        previous_step=m.previous_step, month_of_step=m.month_of_step, hours=m.hours,
        step_h=float(data["step_h"]),
    )  # fmt: skip


def names(data: Any, dim: str) -> list[str]:
    """Labels of a dataset dimension as plain text."""
    return [str(label) for label in data[dim].values]

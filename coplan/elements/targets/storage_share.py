"""Batteries that go with plants (配建储能): so much power for the plants, for so many hours.

    Σ battery power + missed ≥ share · Σ plant capacity                                       [MW]
    Σ battery energy + hours · missed ≥ hours · share · Σ plant capacity                     [MWh]

Power and energy are rated values, of all batteries and plants at the sites of the clause.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.targets.scope import Places, of_kind, sites_in_scope
from coplan.elements.targets.soft import PerMw, relief
from coplan.units import quantity


class StorageShare(Places, PerMw):
    """Least battery power over plant capacity, and how long it lasts (储能配比与时长)."""

    value: quantity("dimensionless", ge=0, le=10)
    """Battery power over capacity of wind and PV."""
    hours: quantity("hour", gt=0, le=100)
    """Battery energy over the power asked for."""


def storage_shares(
    b: Any, sizes: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Ask the sizes of one period for the batteries that go with plants."""
    asked = of_kind(targets, "storage_share")
    if not asked:
        return
    ids = [t["id"] for t in asked]
    inside = np.array([sites_in_scope(t, data) for t in asked])
    share, hours = (np.array([float(t[key]) for t in asked]) for key in ("value", "hours"))
    places = names(data, "site")
    b.stored = algebra.index(ids, dim="stored", doc="projects that keep batteries")
    of_plants = inside @ incidence(names(data, "plant_site"), places).T
    b.stored_plants = algebra.param(b.stored, index.plants, values=of_plants * share[:, None])
    b.stored_batteries = algebra.param(
        b.stored, index.batteries, values=inside @ incidence(names(data, "battery_site"), places).T
    )
    b.stored_hours = algebra.param(b.stored, values=hours)
    b.stored_relief = relief(b, b.stored, ids)
    capacity = sizes.supply.plant_capacity_mw
    power, energy = sizes.storage.storage_power_mw, sizes.storage.storage_energy_mwh

    @algebra.expression(b, b.stored, unit="MW", doc="battery power a project needs")
    def needed_mw(b, c):
        missed = sum(b.stored_relief[c, k] * b.missed_soft_size[k] for k in b.soft)
        return sum(b.stored_plants[c, g] * capacity[g] for g in index.plants) - missed

    @algebra.constraint(b, b.stored, doc="battery power goes with the capacity of the plants")
    def storage_power_floor(b, c):
        held = sum(b.stored_batteries[c, u] * power[u] for u in index.batteries)
        return held - b.needed_mw[c] >= 0

    @algebra.constraint(b, b.stored, doc="batteries last the hours asked for")
    def storage_energy_floor(b, c):
        held = sum(b.stored_batteries[c, u] * energy[u] for u in index.batteries)
        return held - b.stored_hours[c] * b.needed_mw[c] >= 0

    for target in asked:
        name = target["id"]
        unit = "CNY/year per percentage point"
        for row, worth, row_unit in ((b.storage_power_floor, 1.0, "MW"),
                                     (b.storage_energy_floor, target["hours"], "MWh")):  # fmt: skip
            ledger.promise(name, (row, name), "plants of places", 0.01 * worth, unit, row_unit)

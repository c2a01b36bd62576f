"""Soft clauses: a clause with a penalty may be missed, and pays for every unit it is missed by.

    what the clause asks, less missed[k] ≥ 0                          its own row, in its own unit
    penalty = Σ_k penalty[k] · missed[k]                in the penalty book, never in the cost

A clause is hard unless it names a penalty. What is missed is counted in the unit of the penalty:
MWh of a year by which a share or a PUE falls short, MW, P, t, tce, m³ or whole clusters.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.card import Entry
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.targets.scope import sites_in_scope
from coplan.units import quantity

PREFIX = "penalty_cny_per_"
LABEL = "soft clauses"


class PerMwh(Entry):
    """A clause on a year's energy that may be missed at a penalty."""

    penalty_cny_per_mwh: quantity("CNY/MWh", gt=0, le=1e6) | None = None
    """Penalty for every MWh of the year by which it is missed; without it the clause is hard."""


class PerMw(Entry):
    """A clause on power or sizes that may be missed at a penalty."""

    penalty_cny_per_mw: quantity("CNY/MW/year", gt=0, le=1e9) | None = None
    """Yearly penalty for every MW (a ramp: MW per hour) it is missed by; without it it is hard."""


class PerP(Entry):
    """A clause on compute that may be missed at a penalty."""

    penalty_cny_per_p: quantity("CNY/P/year", gt=0, le=1e9) | None = None
    """Yearly penalty for every P by which it is missed; without it the clause is hard."""


class PerCluster(Entry):
    """A clause on whole clusters that may be missed at a penalty."""

    penalty_cny_per_cluster: quantity("CNY/year", gt=0, le=1e12) | None = None
    """Yearly penalty for every cluster that is missing; without it the clause is hard."""


class PerTonne(Entry):
    """A clause on carbon that may be missed at a penalty."""

    penalty_cny_per_t: quantity("CNY/t", gt=0, le=1e6) | None = None
    """Penalty for every tonne of CO2 above it; without it the clause is hard."""


class PerTce(Entry):
    """A clause on standard coal that may be missed at a penalty."""

    penalty_cny_per_tce: quantity("CNY/tce", gt=0, le=1e6) | None = None
    """Penalty for every tonne of standard coal above it; without it the clause is hard."""


class PerM3(Entry):
    """A clause on water that may be missed at a penalty."""

    penalty_cny_per_m3: quantity("CNY/m3", gt=0, le=1e6) | None = None
    """Penalty for every m³ above it; without it the clause is hard."""


def penalty(target: dict[str, Any]) -> tuple[str, float]:
    """Unit and penalty [CNY per unit] of a target; ("", 0) where it is hard."""
    for key, value in target.items():
        if key.startswith(PREFIX) and value is not None and target["kind"] != "priority":
            return key.removeprefix(PREFIX), float(value)
    return "", 0.0


SIZES = ("capacity", "intelligent_share", "domestic_share", "occupancy", "rack_power", "no_new",
         "clusters", "storage_share", "grid_connection")  # fmt: skip
"""Kinds of clauses on what is built; all others are about an operating year."""


def declare(
    b: Any, index: Index, data: Any, ledger: Ledger, of_sizes: bool
) -> None:
    """Declare on block `b` what soft clauses are missed by, and book their penalties.

    All soft clauses of the scenario have their place, in force or not: one without a row misses
    nothing.
    """
    asked = [
        target for target in json.loads(data.attrs["targets"])
        if penalty(target)[0] and (target["kind"] in SIZES) == of_sizes
    ]  # fmt: skip
    dim = "soft_size" if of_sizes else "soft"
    b.soft = algebra.index([t["id"] for t in asked], dim=dim, doc="clauses that may be missed")
    most = np.array([_most(target, data) for target in asked])
    missed = algebra.variable(
        b.soft, upper=most, unit="1", doc="what a soft clause is missed by, unit of its penalty"
    )
    b.add_component(f"missed_{dim}", missed)
    b.penalty = algebra.param(b.soft, values=KILO * np.array([penalty(t)[1] for t in asked]))

    @algebra.expression(b, index.fleet, unit="kCNY/year", doc="penalties of soft clauses")
    def penalties_kcny(b, f):
        return sum(b.penalty[k] * missed[k] for k in b.soft)

    if asked:
        ledger.book("targets", LABEL, b.penalties_kcny, index.fleet, ["fleet"], "penalty")


def relief(b: Any, rows: Any, clause_of: list[str], per_unit: Any = 1.0) -> Any:
    """Param [row, soft]: units of a row that one unit of its clause's missed amount stands for."""
    soft = [str(name) for name in b.soft]
    same = np.array(clause_of)[:, None] == np.array(soft, dtype=str)[None, :]
    scale = np.broadcast_to(per_unit, len(clause_of))[:, None]
    return algebra.param(rows, b.soft, values=same * scale)


def relief_of(b: Any, clause: str, per_unit: float = 1.0) -> Any:
    """Param [soft]: the same for the one row of a clause."""
    return algebra.param(
        b.soft, values=np.array([per_unit * (str(name) == clause) for name in b.soft], dtype=float)
    )


def _most(target: dict[str, Any], data: Any) -> float:
    """The most a clause can ever be missed by, in the unit of its penalty: a finite bound."""
    unit, kind, value = penalty(target)[0], target["kind"], float(target["value"])
    if unit == "cluster":
        return value
    if unit == "p":
        servers = data["servers_max_mw"].values @ data["density_p_per_mw"].values
        return float(max(servers, value))
    if kind in SIZES:
        return _most_size_mw(target, data)
    if unit == "mw":
        inside = sites_in_scope(target, data)
        power = inside @ (data["connection_max_mw"].values + data["export_max_mw"].values)
        return float(power / float(data["step_h"]))
    per_mwh = {
        "mwh": max(1.0, value) if kind == "energy_pool" else 1.0,
        "m3": float(data["water_l_per_kwh"].values.max(initial=0.0)),
        "tce": float(target.get("coal_factor_kg_per_kwh", 0.0)),
        "t": max(float(data["emission_factor_t_per_mwh"].values.max(initial=0.0)),
                 float(data["residual_factor_t_per_mwh"])),
    }[unit]  # fmt: skip
    return per_mwh * _most_mwh(data) + (_most_made_t(data) if unit == "t" else 0.0)


def _most_mwh(data: Any) -> float:
    """More energy than the sites can take in or make in a year."""
    hours = data["step_weight"].values * float(data["step_h"])
    made = data["plant_capacity_max_mw"].values @ (data["capacity_factor"].values @ hours)
    bought = float(data["connection_max_mw"].values.sum()) * hours.sum()
    return float(bought + made + data["storage_energy_max_mwh"].values.sum())


def _most_made_t(data: Any) -> float:
    """Most carbon of test runs of backup and of making plants and batteries [t a year]."""
    tested = data["backup_tested_mwh_per_mw_year"].values * data["backup_emission_t_per_mwh"].values
    made = data["plant_capacity_max_mw"].values @ data["plant_embodied_t_per_mw_year"].values
    stored = data["storage_energy_max_mwh"].values @ data["storage_embodied_t_per_mwh_year"].values
    return float(data["backup_max_mw"].values @ tested + made + stored)


def _most_size_mw(target: dict[str, Any], data: Any) -> float:
    if target["kind"] == "grid_connection":
        return float(sites_in_scope(target, data) @ data["connection_max_mw"].values)
    if target["kind"] == "storage_share":
        plants = incidence(names(data, "plant_site"), names(data, "site"))
        most = data["plant_capacity_max_mw"].values @ plants @ sites_in_scope(target, data)
        return float(target["value"]) * float(most)
    servers = data["servers_max_mw"].values * (1.0 + data["storage_share"].values)
    room = data["halls_max"].values * data["hall_it_mw"].values
    share = 1.0
    if target["kind"] == "rack_power":
        share = max(1.0, float(target["value"]) / float(data["rack_kw"].values.min()))
    return share * float((servers + room).sum())

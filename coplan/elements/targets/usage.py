"""Limits on what the halls of a scope use in a year: PUE, PUE by size of a project, water.

    Σ facility ≤ limit · Σ it                                             PUE of a scope  [MWh]
    Σ facility ≤ threshold + M · is_large                                 small or large     [MWh]
    Σ facility ≤ below · Σ it                                                            [MWh]
    Σ facility ≤ above · Σ it + (below − above) · most it · (1 − is_large)               [MWh]
    Σ wue · it ≤ limit                                                    water               [m³]

M is the most facility energy that the halls of the scope can ever take.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger
from coplan.elements.targets.scope import halls_in_scope, of_kind
from coplan.elements.targets.soft import relief

PER_HUNDREDTH = "CNY/year per 0.01 PUE"


def size_of_projects(b: Any, targets: list[dict]) -> None:
    """Declare which projects count as large in a period, for limits that depend on it."""
    ids = [target["id"] for target in of_kind(targets, "conditional_pue")]
    if ids:
        b.projects = algebra.index(ids, dim="project", doc="projects with a limit by size")
        b.is_large = algebra.variable(
            b.projects, upper=1.0, integer=True, unit="1", doc="1 where the stricter limit holds"
        )


def limit_usage(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Ask one operating year for every limit on what halls use."""
    _pue_limits(y, index, data, of_kind(targets, "pue_limits"), ledger)
    _conditional(y, index, sizes, data, of_kind(targets, "conditional_pue"), ledger)
    _water(y, index, data, of_kind(targets, "water"), ledger)


def _inside(targets: list[dict], data: Any) -> np.ndarray:
    return np.array([halls_in_scope(target, data) for target in targets])


def _facility(y: Any, index: Index, u: Any, t: Any) -> Any:
    """GWh that a hall takes in a step of the year."""
    power = y.compute.it_mw[u, t] + y.cooling.cooling_mw[u, t] + y.cooling.loss_mw[u, t]
    return KILO * index.hours[t] * power


def _pue_limits(y: Any, index: Index, data: Any, asked: list[dict], ledger: Ledger) -> None:
    if not asked:
        return
    b, halls, times, it = y.targets, index.halls, index.times, y.compute.it_mw
    b.pue_scopes = algebra.index([t["id"] for t in asked], dim="pue_scope", doc="scopes of PUE")
    b.pue_inside = algebra.param(b.pue_scopes, halls, values=_inside(asked, data))
    b.pue_most = algebra.param(b.pue_scopes, values=np.array([t["value"] for t in asked]))
    b.scope_relief = relief(b, b.pue_scopes, [t["id"] for t in asked], KILO)

    @algebra.constraint(b, b.pue_scopes, doc="facility energy of a scope within PUE times IT")
    def scope_pue_limit(b, c):
        return sum(
            b.pue_inside[c, u] * (
                _facility(y, index, u, t) - b.pue_most[c] * KILO * index.hours[t] * it[u, t]
            )
            for u in halls for t in times
        ) - sum(b.scope_relief[c, k] * b.missed_soft[k] for k in b.soft) <= 0  # fmt: skip

    for target in asked:
        place = (b.scope_pue_limit, target["id"])
        ledger.promise(target["id"], place, "it of halls", -0.01 * KILO, PER_HUNDREDTH, "GWh")


def most_energy_mwh(data: Any) -> np.ndarray:
    """Most facility and most IT energy of every hall in a year (2, hall)."""
    hours = data["step_weight"].values * float(data["step_h"])
    servers = data["servers_max_mw"].values * (1.0 + data["storage_share"].values)
    room = data["halls_max"].values * data["hall_it_mw"].values
    factor = data["cooling_load_factor"].values
    share = 1.0 + data["cooling_slope"].values + data["loss_slope"].values[:, None]
    fixed = data["cooling_fixed"].values + data["loss_fixed"].values[:, None]
    power = share * servers[:, None] + fixed * room[:, None]
    halls = names(data, "hall")
    for row, unit in enumerate(names(data, "bend_hall")):
        u = halls.index(unit)
        slope, more = (max(float(data[f"bend_{k}"].values[row]), 0.0) for k in ("slope", "fixed"))
        power[u] += factor[u] * (slope * servers[u] + more * room[u])
    for row, unit in enumerate(names(data, "tank_hall")):
        u = halls.index(unit)
        cold = float(data["cold_max_mwh"].values[row] / data["cold_hours"].values[row])
        power[u] += float(data["cold_mechanical_share"].values[row]) * factor[u] * cold
    return np.array([power @ hours, servers * hours.sum()])


def _conditional(
    y: Any, index: Index, sizes: Any, data: Any, asked: list[dict], ledger: Ledger
) -> None:
    if not asked:
        return
    b, halls, times, it = y.targets, index.halls, index.times, y.compute.it_mw
    large, projects = sizes.targets.is_large, sizes.targets.projects
    inside = _inside(asked, data)
    most, most_it = KILO * most_energy_mwh(data) @ inside.T
    tce = np.array([t["threshold_tce"] / t["coal_factor_kg_per_kwh"] for t in asked])
    below, above = (np.array([t[key] for t in asked]) for key in ("below", "above"))
    threshold = np.minimum(KILO * tce, most)
    b.project_inside = algebra.param(projects, halls, values=inside)
    b.threshold = algebra.param(projects, values=threshold)
    b.beyond = algebra.param(projects, values=most - threshold)
    b.below = algebra.param(projects, values=below)
    b.above = algebra.param(projects, values=above)
    b.milder = algebra.param(projects, values=(below - above) * most_it)
    b.project_relief = relief(b, projects, [t["id"] for t in asked], KILO)

    @algebra.expression(b, projects, unit="GWh", doc="facility energy of a project")
    def project_gwh(b, c):
        return sum(
            b.project_inside[c, u] * _facility(y, index, u, t) for u in halls for t in times
        )

    @algebra.expression(b, projects, unit="GWh", doc="IT energy of a project")
    def project_it_gwh(b, c):
        return sum(
            KILO * b.project_inside[c, u] * index.hours[t] * it[u, t] for u in halls for t in times
        )

    @algebra.constraint(b, projects, doc="a project above the threshold is large")
    def project_size_limit(b, c):
        return b.project_gwh[c] <= b.threshold[c] + b.beyond[c] * large[c]

    @algebra.constraint(b, projects, doc="PUE of any project")
    def project_pue_limit(b, c):
        missed = sum(b.project_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return b.project_gwh[c] - missed <= b.below[c] * b.project_it_gwh[c]

    @algebra.constraint(b, projects, doc="stricter PUE of a large project")
    def large_project_pue_limit(b, c):
        milder = b.milder[c] - b.milder[c] * large[c]
        missed = sum(b.project_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return b.project_gwh[c] - missed <= b.above[c] * b.project_it_gwh[c] + milder

    for target in asked:
        for row in (b.project_pue_limit, b.large_project_pue_limit):
            place = (row, target["id"])
            ledger.promise(
                target["id"], place, "it of halls", -0.01 * KILO, PER_HUNDREDTH, "GWh"
            )


def _water(y: Any, index: Index, data: Any, asked: list[dict], ledger: Ledger) -> None:
    if not asked:
        return
    b, halls = y.targets, index.halls
    b.water_scopes = algebra.index([t["id"] for t in asked], dim="water_scope", doc="water caps")
    b.water_inside = algebra.param(b.water_scopes, halls, values=_inside(asked, data))
    b.water_most = algebra.param(
        b.water_scopes, values=KILO * np.array([t["value"] for t in asked])
    )
    b.water_relief = relief(b, b.water_scopes, [t["id"] for t in asked], KILO)

    @algebra.constraint(b, b.water_scopes, doc="water of a scope within its cap")
    def water_limit(b, c):
        used = sum(KILO * b.water_inside[c, u] * y.cooling.water_m3[u] for u in halls)
        missed = sum(b.water_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return used - missed <= b.water_most[c]

    for target in asked:
        place = (b.water_limit, target["id"])
        ledger.promise(target["id"], place, "", -KILO, "CNY/year per m3", "1000 m3")

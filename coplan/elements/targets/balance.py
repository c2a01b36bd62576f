"""Balance ratios of 绿电直连 and 源网荷储 projects, by the year.

    Σ generation − export ≥ share · Σ capacity_factor · capacity        self-use             [GWh]
    Σ generation − export ≥ share · Σ facility                          own supply           [GWh]
    Σ export ≤ share · Σ capacity_factor · capacity                     export share         [GWh]
    Σ generation ≥ share · Σ capacity_factor · capacity                 utilisation          [GWh]
    Σ export in the hours named ≤ 0                                     no reverse flow      [GWh]
    Σ coal factor · facility ≤ budget                                   energy budget       [ktce]

A project is the sites of a clause, summed. What could have been generated counts as available,
curtailed or not. Own generation stored on the way counts as used, with its losses. Facility
energy is that of IT and its overhead; battery losses and the heat pumps of sold heat are not in
it. Every clause is a row of one kind: what it counts is data.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Share
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.targets.scope import Places, of_kind, sites_in_scope
from coplan.elements.targets.soft import PerMwh, PerTce, relief
from coplan.units import quantity


class SelfUseShare(Places, PerMwh):
    """Least share of available own generation that the project uses itself (自发自用比例)."""

    value: Share
    """Generation less export, over what the weather would have given."""


class OwnSupplyShare(Places, PerMwh):
    """Least share of the load that own generation covers (自发自用电量占总用电量比例)."""

    value: Share
    """Generation less export, over facility energy of the sites."""


class ExportShare(Places, PerMwh):
    """Most share of available own generation that is fed into the grid (上网电量比例)."""

    value: Share
    """Export over what the weather would have given."""


class Utilisation(Places, PerMwh):
    """Least share of available own generation that is not curtailed (新能源利用率)."""

    value: Share
    """Generation over what the weather would have given."""


def _each_once(hours: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(hours)) != len(hours):
        raise ValueError("must not name an hour twice")
    return hours


class NoReverseFlow(Places, PerMwh):
    """Hours of the day in which nothing is fed into the grid (禁止反送电时段)."""

    hours: Annotated[
        tuple[Annotated[int, pydantic.Field(ge=0, le=23)], ...],
        pydantic.Field(min_length=1), pydantic.AfterValidator(_each_once),
    ]  # fmt: skip
    """Hours of the day: 10 is the hour that begins at 10:00."""


class EnergyBudget(Places, PerTce):
    """Most energy of the sites' facilities in a year, as standard coal."""

    value: quantity("tce", ge=0, le=1e9)
    """Tonnes of standard coal in a year."""
    coal_factor_kg_per_kwh: quantity("kg/kWh", gt=0, le=1)
    """Standard coal per kWh: 0.1229 by heat, or the equal value of a year."""


KINDS = ("self_use_share", "own_supply_share", "export_share", "utilisation",
         "no_reverse_flow_hours", "energy_budget")  # fmt: skip
"""Kinds of clauses that are a row of this module."""

ROWS = {
    "self_use_share": (-1.0, 1.0, 0.0, 1.0), "own_supply_share": (-1.0, 1.0, 1.0, 0.0),
    "export_share": (0.0, 1.0, 0.0, -1.0), "utilisation": (-1.0, 0.0, 0.0, 1.0),
    "no_reverse_flow_hours": (0.0, 1.0, 0.0, 0.0), "energy_budget": (0.0, 0.0, 1.0, 0.0),
}  # fmt: skip
"""Weights of generation, export, facility energy and available energy; the share multiplies the
last two. The sum of all is at most zero, or the budget."""

POINT = "CNY/year per percentage point"
PRICES = {
    "self_use_share": ("available of places", 0.01, POINT),
    "own_supply_share": ("load of places", 0.01, POINT),
    "export_share": ("available of places", 0.01, POINT),
    "utilisation": ("available of places", 0.01, POINT),
    "no_reverse_flow_hours": ("", 1.0, "CNY/year per MWh"),
    "energy_budget": ("", 1.0, "CNY/year per tce"),
}
"""What one unit of a kind's price is a unit of, how much of it, and its name."""


def limit_balance(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Ask one operating year for every balance ratio, hours without export, and energy budget."""
    asked = of_kind(targets, *KINDS)
    if not asked:
        return
    b, sites, times, plants = y.targets, index.sites, index.times, index.plants
    ids = [t["id"] for t in asked]
    own, export, load = (ledger.pick(tag) for tag in ("own", "export", "facility"))
    b.balances = algebra.index(ids, dim="balance", doc="clauses on a year's energy")
    _weights(b, index, data, asked)
    b.balance_relief = relief(b, b.balances, ids, KILO)

    @algebra.constraint(b, b.balances, doc="energy of a project keeps its share or budget")
    def balance_limit(b, c):
        made = sum(
            b.of_generation[c, s] * index.hours[t] * sum_postings(own, s, t)
            for s in sites for t in times
        )  # fmt: skip
        fed_in = sum(  # postings of export and load are negative: what leaves the balance
            -b.of_export[c, s] * b.in_hours[c, t] * index.hours[t] * sum_postings(export, s, t)
            for s in sites for t in times
        )  # fmt: skip
        used = sum(
            -b.of_load[c, s] * index.hours[t] * sum_postings(load, s, t)
            for s in sites for t in times
        )  # fmt: skip
        could = sum(b.of_capacity[c, g] * sizes.supply.plant_capacity_mw[g] for g in plants)
        missed = sum(b.balance_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return made + fed_in + used + could - missed <= b.balance_most[c]

    for target in asked:
        basis, step, unit = PRICES[target["kind"]]
        row_unit = "ktce" if target["kind"] == "energy_budget" else "GWh"
        ledger.promise(target["id"], (b.balance_limit, target["id"]), basis, -step * KILO, unit,
                       row_unit)  # fmt: skip


def _weights(b: Any, index: Index, data: Any, asked: list[dict]) -> None:
    """Params of what each clause counts, by site and plant, in GWh of a MWh."""
    inside = np.array([sites_in_scope(target, data) for target in asked])
    rows = np.array([ROWS[target["kind"]] for target in asked])
    budget = np.array([target["kind"] == "energy_budget" for target in asked])
    value = np.array([float(target["value"]) for target in asked])
    coal = np.array([float(t.get("coal_factor_kg_per_kwh") or 0.0) for t in asked])
    hours = data["step_weight"].values * index.step_h
    per_mw = data["capacity_factor"].values @ hours
    at = incidence(names(data, "plant_site"), names(data, "site"))
    day = data["hour_of_day"].values
    named = [np.isin(day, t["hours"]) if "hours" in t else day >= 0 for t in asked]
    of_site = KILO * inside
    b.of_generation = algebra.param(b.balances, index.sites, values=of_site * rows[:, :1])
    b.of_export = algebra.param(b.balances, index.sites, values=of_site * rows[:, 1:2])
    b.of_load = algebra.param(
        b.balances, index.sites,
        values=of_site * (rows[:, 2] * np.where(budget, coal, value))[:, None],
    )  # fmt: skip
    b.of_capacity = algebra.param(
        b.balances, index.plants,
        values=(of_site @ at.T) * (rows[:, 3] * value)[:, None] * per_mw,
    )  # fmt: skip
    b.in_hours = algebra.param(b.balances, index.times, values=np.array(named, dtype=float))
    b.balance_most = algebra.param(b.balances, values=np.where(budget, KILO * value, 0.0))

"""Halls and servers of a period: how many stand where, and what they cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute import stock
from coplan.elements.compute.campus import site_limits
from coplan.elements.compute.demand import fixed_demand, label_ratio
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger


def invest(
    sizes: Any, index: Index, data: Any, ledger: Ledger, earlier: Any = None
) -> None:
    """Declare halls (integer) and servers of one period and book what they cost.

    `earlier` is the sizes block of the period before, None in the first.
    """
    b = algebra.block(sizes, "compute", doc="halls and servers: sizes")
    units = index.halls
    sites = names(data, "hall_site")
    hall_it = data["hall_it_mw"].values
    stays = 1.0 - data["hall_may_change"].values  # the rest may be closed, converted or moved
    b.halls_built = algebra.variable(
        units, lower=stays * data["halls_min"].values, upper=data["halls_max"].values, integer=True,
        unit="1", doc="halls that stand, stock included",
    )  # fmt: skip
    b.servers_mw = algebra.variable(
        units, lower=stays * data["servers_min_mw"].values, upper=data["servers_max_mw"].values,
        unit="MW", doc="servers installed, nameplate IT power",
    )  # fmt: skip
    b.hall_it = algebra.param(units, values=hall_it)
    b.with_storage = algebra.param(units, values=1.0 + data["storage_share"].values)
    b.at = algebra.param(units, index.sites, values=incidence(sites, list(index.sites)))
    b.site_it_max = algebra.param(index.sites, values=data["site_it_max_mw"].values)
    annuity = KILO * data["hall_annuity_cny_per_mw_year"].values * hall_it
    b.hall_annuity = algebra.param(units, values=annuity)
    b.hall_om = algebra.param(
        units, values=KILO * data["hall_om_cny_per_mw_year"].values * hall_it
    )
    b.hall_stock = algebra.param(units, values=data["halls_min"].values.astype(float))
    b.server_stock = algebra.param(units, values=data["servers_min_mw"].values)
    b.server_annuity = algebra.param(
        units, values=KILO * data["server_annuity_cny_per_mw_year"].values
    )

    stock.declare(b, index, data, earlier.compute if earlier is not None else None)

    @algebra.constraint(b, units, doc="servers and their storage systems stand in halls")
    def hall_limit(b, u):
        return b.with_storage[u] * b.servers_mw[u] <= b.hall_it[u] * b.halls_built[u]

    @algebra.constraint(b, index.sites, doc="land and grid planning limit a site's IT capacity")
    def site_it_limit(b, s):
        return sum(b.at[u, s] * b.hall_it[u] * b.halls_built[u] for u in units) <= b.site_it_max[s]

    site_limits(b, index, data)

    # Servers run at most at their availability, so the inflexible peak needs this many halls.
    fixed = fixed_demand(data).max(axis=1, initial=0.0)
    least_halls(b, index, data, "peak", fixed / _availability_of_label(data))

    _book(b, index, data, ledger)


def _book(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Book what new halls, their upkeep, servers bought and changes of stock cost."""
    units, sites = index.halls, names(data, "hall_site")

    @algebra.expression(b, units, unit="kCNY/year", doc="capital cost of new halls")
    def hall_annuity_kcny(b, u):
        return b.hall_annuity[u] * b.halls_new[u]

    @algebra.expression(b, units, unit="kCNY/year", doc="O&M of halls, without power")
    def hall_om_kcny(b, u):
        return b.hall_om[u] * b.halls_built[u]

    @algebra.expression(b, units, unit="kCNY/year", doc="capital cost of servers bought")
    def server_annuity_kcny(b, u):
        return b.server_annuity[u] * b.servers_bought_mw[u]

    ledger.book("compute", "halls", b.hall_annuity_kcny, units, sites)
    ledger.book("compute", "halls O&M", b.hall_om_kcny, units, sites)
    stock.book(b, index, data, ledger)
    book = "cost" if float(data["server_capex_counts"]) else "server"
    ledger.book("compute", "servers", b.server_annuity_kcny, units, sites, book)


def least_halls(b: Any, index: Index, data: Any, reason: str, required_mw: Any) -> None:
    """Round the halls that a label needs up to a whole number (Chvátal-Gomory cut).

    required_mw [label] is work in MW-equivalent that servers must at least be able to hold. The
    cut is implied for integer halls and lifts the bound of the relaxation.
    """
    ratio = label_ratio(data)
    fixed = (data["halls_min"].values >= data["halls_max"].values) & (
        data["hall_may_change"].values == 0
    )
    hall_mw = data["hall_it_mw"].values / (1.0 + data["storage_share"].values)
    room = np.minimum(hall_mw * data["halls_min"].values, data["servers_max_mw"].values)
    size = hall_mw[:, None] * ratio
    free = (ratio > 0) & ~fixed[:, None]
    need = np.asarray(required_mw) - (ratio * (fixed * room)[:, None]).sum(axis=0)
    largest = np.where(free, size, 0.0).max(axis=0, initial=0.0)
    halls = np.where(largest > 0, np.ceil(need / np.maximum(largest, 1e-9) - 1e-6), 0.0)
    counts = algebra.param(index.halls, index.labels, values=free.astype(float))
    least = algebra.param(index.labels, values=np.maximum(halls, 0.0))
    b.add_component(f"{reason}_halls", counts)
    b.add_component(f"{reason}_least", least)

    def halls_floor(b, label):
        return sum(counts[u, label] * b.halls_built[u] for u in index.halls) >= least[label]

    halls_floor.__name__ = f"{reason}_halls_floor"
    algebra.constraint(b, index.labels, doc="a label needs at least so many whole halls")(
        halls_floor
    )


def _availability_of_label(data: Any) -> np.ndarray:
    """Best availability among the halls of a label: a safe divisor for a lower bound."""
    best = np.where(label_ratio(data) > 0, data["availability"].values[:, None], 0.0)
    return np.maximum(best.max(axis=0, initial=0.0), 1e-9)

"""Charges on capacity, and which of the charges it is offered a site takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger

LABELS = {"capacity": "capacity charge", "single": "single-capacity charge"}


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare which charges are taken in a period; book those on capacity."""
    b = algebra.block(sizes, "charges", doc="fixed charges of the grid")
    sites, places = index.sites, names(data, "site")
    connection = sizes.network.grid_connection_mw
    per_mw = {
        "capacity": data["capacity_price_cny_per_mva_month"].values
        * data["transformer_mva_per_mw"].values,
        "single": data["single_price_cny_per_mw_month"].values,
    }
    b.capacity_price = algebra.param(sites, values=12 * KILO * per_mw["capacity"])
    b.single_price = algebra.param(sites, values=12 * KILO * per_mw["single"])

    @algebra.expression(b, sites, unit="kCNY/year", doc="charge on transformer capacity")
    def capacity_charge_kcny(b, s):
        return b.capacity_price[s] * connection[s]

    @algebra.expression(b, sites, unit="kCNY/year", doc="charge on connected capacity alone")
    def single_charge_kcny(b, s):
        return b.single_price[s] * connection[s]

    ledger.book("charges", "capacity charge", b.capacity_charge_kcny, sites, places)
    ledger.book("charges", "single-capacity charge", b.single_charge_kcny, sites, places)
    _choose(b, data)
    _leave_capacity(b, connection, per_mw, data, ledger)


def _choose(b: Any, data: Any) -> None:
    """A site takes exactly one of the charges it is offered."""
    b.offers = algebra.index(names(data, "offer"), dim="offer", doc="charges to choose from")
    owners = names(data, "offer_site")
    choosers = list(dict.fromkeys(owners))
    b.choosers = algebra.index(choosers, dim="chooser", doc="sites that choose their charge")
    belongs = [[float(owner == site) for owner in owners] for site in choosers]
    b.offered = algebra.param(
        b.choosers, b.offers, values=np.reshape(belongs, (len(choosers), len(owners)))
    )
    b.takes = algebra.variable(
        b.offers, upper=1.0, integer=True, unit="1", doc="1 for the charge a site takes"
    )

    @algebra.constraint(b, b.choosers, doc="a site takes exactly one charge")
    def choice_balance(b, s):
        return sum(b.offered[s, o] * b.takes[o] for o in b.offers) == 1


def _leave_capacity(b: Any, connection: Any, per_mw: dict, data: Any, ledger: Ledger) -> None:
    """Charges on capacity that a site did not take are not owed."""
    sites = names(data, "site")
    rows = [row for row in zip(names(data, "offer"), names(data, "offer_site"),
                               names(data, "offer_kind"), strict=True) if row[2] in per_mw]
    price = np.array([12 * KILO * per_mw[kind][sites.index(site)] for _, site, kind in rows])
    most = price * [data["connection_max_mw"].values[sites.index(site)] for _, site, _ in rows]
    b.size_offers = algebra.index([offer for offer, *_ in rows], dim="size_offer",
                                  doc="charges on capacity that may be left")
    b.offer_site = algebra.param(b.size_offers, values=np.array([r[1] for r in rows], dtype=object))
    b.offer_price = algebra.param(b.size_offers, values=price.astype(float))
    b.offer_most = algebra.param(b.size_offers, values=most.astype(float))
    b.capacity_waived_kcny = algebra.variable(
        b.size_offers, upper=most, unit="kCNY/year", doc="charge on capacity that is not owed"
    )

    @algebra.constraint(b, b.size_offers, doc="no more is waived than was charged")
    def capacity_waived_limit(b, o):
        return b.capacity_waived_kcny[o] <= b.offer_price[o] * connection[b.offer_site[o]]

    @algebra.constraint(b, b.size_offers, doc="a charge on capacity that is taken is paid")
    def capacity_waived_link(b, o):
        return b.capacity_waived_kcny[o] <= b.offer_most[o] - b.offer_most[o] * b.takes[o]

    @algebra.expression(b, b.size_offers, unit="kCNY/year", doc="charge on capacity not owed")
    def capacity_relief_kcny(b, o):
        return -b.capacity_waived_kcny[o]

    labels = [LABELS[kind] for *_, kind in rows]
    ledger.book("charges", labels, b.capacity_relief_kcny, b.size_offers, [r[1] for r in rows])

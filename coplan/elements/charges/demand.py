"""Charge on the maximum of each month as it is billed: metered or declared, with a ratchet."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger


def bill(b: Any, peak: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare the demand each month is billed for and book its charge."""
    sites, months, places = index.sites, index.months, names(data, "site")
    b.demand_price = algebra.param(sites, values=yearly_price(data))
    most = np.broadcast_to(most_billed_mw(data)[:, None], (len(places), len(months)))
    b.billed_mw = algebra.variable(sites, months, upper=most, unit="MW", doc="demand charged for")
    b.is_metered = algebra.param(sites, values=1.0 - data["demand_is_declared"].values)

    @algebra.constraint(b, sites, months, doc="a month is charged for its maximum")
    def billed_floor(b, s, m):
        return b.billed_mw[s, m] >= b.is_metered[s] * peak[s, m]

    _declare(b, peak, index, sizes, data)
    _ratchet(b, peak, index, data)

    @algebra.expression(b, sites, unit="kCNY/year", doc="charge on each month's maximum demand")
    def demand_charge_kcny(b, s):
        return b.demand_price[s] * sum(b.billed_mw[s, m] for m in months)

    ledger.book("charges", "demand charge", b.demand_charge_kcny, sites, places)


def months_stood_for(data: Any) -> float:
    """Months of the year over those of the horizon: a shortened horizon stands for the year."""
    return 12.0 / float(data.sizes["month"])


def yearly_price(data: Any) -> np.ndarray:
    """kCNY a year for one MW billed in one month of the horizon (site)."""
    price = KILO * months_stood_for(data) * data["demand_price_cny_per_mw_month"].values
    return np.asarray(price, dtype=float)


def most_billed_mw(data: Any) -> np.ndarray:
    """Most demand that can be billed (site): the connection, or what must be declared for it."""
    mva = data["declared_least_share"].values * data["transformer_mva_per_mw"].values
    declared = data["demand_is_declared"].values * (
        np.maximum(1.0, mva) + data["declared_excess_factor"].values
    )
    return np.asarray(data["connection_max_mw"].values * np.maximum(1.0, declared), dtype=float)


def _declare(b: Any, peak: Any, index: Index, sizes: Any, data: Any) -> None:
    """Demand declared for each month; what exceeds its tolerance is charged at a multiple."""
    sites, months, connection = index.sites, index.months, sizes.network.grid_connection_mw
    declares = data["demand_is_declared"].values
    least = data["declared_least_share"].values * data["transformer_mva_per_mw"].values
    over = (declares * data["connection_max_mw"].values)[:, None]
    b.declares = algebra.param(sites, values=declares.astype(float))
    b.least_declared = algebra.param(sites, values=declares * least)
    b.tolerance = algebra.param(sites, values=declares * data["declared_tolerance"].values)
    b.excess_factor = algebra.param(sites, values=data["declared_excess_factor"].values)
    b.declared_mw = algebra.variable(
        sites, months, upper=over * np.maximum(1.0, least)[:, None], unit="MW",
        doc="maximum demand declared for a month; none where the meter counts",
    )  # fmt: skip
    b.over_mw = algebra.variable(
        sites, months, upper=over, unit="MW", doc="demand above what a declaration tolerates"
    )

    @algebra.constraint(b, sites, months, doc="a declaration covers part of the transformers")
    def declared_floor(b, s, m):
        return b.declared_mw[s, m] >= b.least_declared[s] * connection[s]

    @algebra.constraint(b, sites, months, doc="demand above the tolerance counts apart")
    def over_floor(b, s, m):
        within = b.tolerance[s] * b.declared_mw[s, m]
        return b.over_mw[s, m] >= b.declares[s] * peak[s, m] - within

    @algebra.constraint(b, sites, months, doc="a month is charged for what was declared")
    def declared_billed_floor(b, s, m):
        return b.billed_mw[s, m] >= b.declared_mw[s, m] + b.excess_factor[s] * b.over_mw[s, m]


def _ratchet(b: Any, peak: Any, index: Index, data: Any) -> None:
    """A month is charged for at least a share of the maxima of the months before it."""
    months, labels = index.months, [int(month) for month in index.months]
    mine = np.flatnonzero(data["ratchet_share"].values)
    reach = data["ratchet_months"].values[mine]
    back = min(int(reach.max(initial=0)), len(labels) - 1)
    b.ratcheted = algebra.index([names(data, "site")[i] for i in mine], dim="ratcheted",
                                doc="sites whose maxima are remembered")  # fmt: skip
    b.lags = algebra.index(back, dim="lag", doc="months that a ratchet looks back")
    earlier = [[labels[(i - lag - 1) % len(labels)] for i in range(len(labels))]
               for lag in range(back)]  # fmt: skip
    b.earlier = algebra.param(
        b.lags, months, values=np.array(earlier, dtype=int).reshape(back, len(labels))
    )
    counts = np.arange(back)[None, :] < reach[:, None]
    share = data["ratchet_share"].values[mine][:, None] * counts
    b.ratchet = algebra.param(b.ratcheted, b.lags, values=share.astype(float))

    @algebra.constraint(b, b.ratcheted, b.lags, months, doc="a ratchet remembers earlier maxima")
    def ratchet_floor(b, s, k, m):
        return b.billed_mw[s, m] >= b.ratchet[s, k] * peak[s, b.earlier[k, m]]


def leave(b: Any, sizes: Any, data: Any, ledger: Ledger) -> None:
    """A demand charge that a site did not take is not owed."""
    sites = names(data, "site")
    rows = [(offer, site) for offer, site, kind in zip(
        names(data, "offer"), names(data, "offer_site"), names(data, "offer_kind"), strict=True)
        if kind == "demand"]  # fmt: skip
    owners = [site for _, site in rows]
    at = incidence(owners, sites)
    most = at @ (yearly_price(data) * most_billed_mw(data)) * data.sizes["month"]
    b.year_offers = algebra.index(
        [offer for offer, _ in rows], dim="year_offer", doc="demand charges that may be left"
    )
    takes = sizes.charges.takes
    b.offer_site = algebra.param(b.year_offers, values=np.array(owners, dtype=object))
    b.offer_most = algebra.param(b.year_offers, values=most)
    b.demand_waived_kcny = algebra.variable(
        b.year_offers, upper=most, unit="kCNY/year", doc="demand charge that is not owed"
    )

    @algebra.constraint(b, b.year_offers, doc="no more is waived than was charged")
    def demand_waived_limit(b, o):
        return b.demand_waived_kcny[o] <= b.demand_charge_kcny[b.offer_site[o]]

    @algebra.constraint(b, b.year_offers, doc="a demand charge that is taken is paid")
    def demand_waived_link(b, o):
        return b.demand_waived_kcny[o] <= b.offer_most[o] - b.offer_most[o] * takes[o]

    @algebra.expression(b, b.year_offers, unit="kCNY/year", doc="demand charge not owed")
    def demand_relief_kcny(b, o):
        return -b.demand_waived_kcny[o]

    ledger.book("charges", "demand charge", b.demand_relief_kcny, b.year_offers, owners)

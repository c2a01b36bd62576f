"""Supply schemes: who sells a site its grid energy, where the model may choose.

    no alternative taken: the first scheme of the list; of several at most one, since what is
    bought cannot be less than nothing
    alternative[j,t] ≤ M · is_supplied[j],  retail[s,t] − Σ_j alternative[j,t] ≤ M · (1 − Σ_j …)
    volume[c] ≤ M · (the scheme of its site is not agency purchase)

Schemes exclude each other for a whole period: an agency user signs no contracts and does not go
to the market by the hour. A direct connection takes its single-capacity price with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Field, Index, incidence, names
from coplan.elements.ledger import Ledger


def table(connections: dict[str, tuple], prices: dict[str, list[np.ndarray]]) -> dict[str, Field]:
    """Alternatives of all sites; `prices` is site → price of energy (time) of each scheme."""
    rows = [
        (f"{site}_{scheme}", site, scheme, price)
        for site, (entry, _, _) in connections.items()
        for scheme, price in zip(entry.supply[1:], prices[site][1:], strict=True)
    ]
    steps = len(next(iter(prices.values()))[0])
    each = np.array([row[3] for row in rows], dtype=float).reshape(len(rows), steps)
    dim = ("alternative",)
    return {
        "alternative": Field(dim, [row[0] for row in rows], "", "supply scheme instead"),
        "alternative_site": Field(dim, [row[1] for row in rows], "", "site"),
        "alternative_scheme": Field(dim, [row[2] for row in rows], "", "supply scheme"),
        "alternative_price_cny_per_mwh": Field(
            (*dim, "time"), each, "CNY/MWh", "price of grid energy under the scheme"
        ),
    }


def invest(sizes: Any, index: Index, data: Any) -> None:
    """Choose at most one alternative to each site's first scheme; tie contracts and charges."""
    b = algebra.block(sizes, "schemes", doc="supply schemes")
    b.alternatives = algebra.index(
        names(data, "alternative"), dim="alternative", doc="supply schemes a site may take instead"
    )
    b.is_supplied = algebra.variable(
        b.alternatives, upper=1.0, integer=True, unit="1", doc="1 for the scheme taken instead"
    )
    owners = names(data, "alternative_site")
    kinds = np.array(names(data, "alternative_scheme"), dtype=str)
    choosers = list(dict.fromkeys(owners))
    b.scheme_sites = algebra.index(choosers, dim="scheme_site", doc="sites with several schemes")
    b.owner = algebra.param(b.scheme_sites, b.alternatives, values=incidence(owners, choosers).T)

    _permit_contracts(b, sizes, index, data, owners, kinds)
    _take_the_single_price(b, sizes, data, owners, kinds)


def _permit_contracts(
    b: Any, sizes: Any, index: Index, data: Any, owners: list[str], kinds: np.ndarray
) -> None:
    """Who buys from the grid company's agency signs no contract."""
    first = dict(zip(names(data, "site"), names(data, "site_supply"), strict=True))
    sites = names(data, "contract_site")
    mine = [place for place, site in enumerate(sites) if site in owners]
    b.permitted = algebra.index(
        [names(data, "contract")[place] for place in mine], dim="permitted",
        doc="contracts that need a supply scheme",
    )  # fmt: skip
    sign = np.zeros((len(mine), len(owners)))
    for row, place in enumerate(mine):
        here = np.array(owners) == sites[place]
        is_agency = first[sites[place]] == "agency"
        sign[row] = here if is_agency else -1.0 * (here & (kinds == "agency"))
    begin = np.array([float(first[sites[place]] != "agency") for place in mine])
    most = data["contract_volume_max_mw"].values[mine]
    b.most = algebra.param(b.permitted, values=most.astype(float))
    b.begin = algebra.param(b.permitted, values=begin)
    b.sign = algebra.param(b.permitted, b.alternatives, values=sign)
    volume = sizes.trading.contract_volume_mw

    @algebra.constraint(b, b.permitted, doc="an agency user signs no contract")
    def permitted_link(b, c):
        allowed = b.begin[c] + sum(b.sign[c, j] * b.is_supplied[j] for j in b.alternatives)
        return volume[c] <= b.most[c] * allowed


def _take_the_single_price(
    b: Any, sizes: Any, data: Any, owners: list[str], kinds: np.ndarray
) -> None:
    """The single-capacity price goes with a direct connection and with nothing else."""
    first = dict(zip(names(data, "site"), names(data, "site_supply"), strict=True))
    offers = [(offer, site) for offer, site, kind in zip(
        names(data, "offer"), names(data, "offer_site"), names(data, "offer_kind"), strict=True)
        if kind == "single"]  # fmt: skip
    b.singles = algebra.index([o for o, _ in offers], dim="single_offer", doc="single prices")
    begin = np.array([float(first[site] == "direct") for _, site in offers])
    sign = np.zeros((len(offers), len(owners)))
    for row, (_, site) in enumerate(offers):
        here = np.array(owners) == site
        sign[row] = -1.0 * here if begin[row] else here & (kinds == "direct")
    b.single_begin = algebra.param(b.singles, values=begin)
    b.single_sign = algebra.param(b.singles, b.alternatives, values=sign)
    takes = sizes.charges.takes

    @algebra.constraint(b, b.singles, doc="the single price goes with a direct connection")
    def single_balance(b, o):
        direct = sum(b.single_sign[o, j] * b.is_supplied[j] for j in b.alternatives)
        return takes[o] == b.single_begin[o] + direct


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare what is bought under alternatives and book what it costs more or less."""
    b = algebra.block(y, "schemes", doc="supply schemes")
    alternatives, times = sizes.schemes.alternatives, index.times
    chooses, owner = sizes.schemes.is_supplied, sizes.schemes.owner
    owners, sites = names(data, "alternative_site"), names(data, "site")
    at = incidence(owners, sites)
    most = at @ data["connection_max_mw"].values
    first = at @ data["retail_price_cny_per_mwh"].values
    more = data["alternative_price_cny_per_mwh"].values - first
    b.most = algebra.param(alternatives, values=most)
    b.more = algebra.param(alternatives, times, values=KILO * more)
    choosers = list(dict.fromkeys(owners))
    b.most_of_site = algebra.param(
        sizes.schemes.scheme_sites,
        values=incidence(choosers, sites) @ data["connection_max_mw"].values,
    )
    retail, here = y.network.retail_mw, sizes.schemes.scheme_sites
    b.alternative_mw = algebra.variable(
        alternatives, times, upper=np.broadcast_to(most[:, None], (len(owners), len(times))),
        unit="MW", doc="power bought under another scheme",
    )  # fmt: skip

    @algebra.constraint(b, alternatives, times, doc="nothing is bought under a scheme not taken")
    def alternative_link(b, j, t):
        return b.alternative_mw[j, t] <= b.most[j] * chooses[j]

    @algebra.constraint(b, here, times, doc="what is not bought otherwise is bought as at first")
    def first_link(b, s, t):
        instead = sum(owner[s, j] * b.alternative_mw[j, t] for j in alternatives)
        taken = sum(owner[s, j] * chooses[j] for j in alternatives)
        return retail[s, t] - instead <= b.most_of_site[s] * (1 - taken)

    @algebra.constraint(b, here, times, doc="no more is bought otherwise than is bought")
    def alternative_limit(b, s, t):
        instead = sum(owner[s, j] * b.alternative_mw[j, t] for j in alternatives)
        return instead <= retail[s, t]

    @algebra.expression(b, alternatives, unit="kCNY/year", doc="energy under another scheme")
    def alternative_kcny(b, j):
        return sum(index.hours[t] * b.more[j, t] * b.alternative_mw[j, t] for t in times)

    ledger.book("network", "grid energy", b.alternative_kcny, alternatives, owners)

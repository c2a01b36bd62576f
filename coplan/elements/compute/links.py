"""Fibre links between regions and sites: what they carry, cost and use.

    Σ_w gbit_per_p[w] · P run + data that move ≤ link_gbit[l]      limited links      [Gbit/s]
    link_gbit[l] ≤ most · is_linked[l]                a new link is built or not   [Gbit/s]

What moves to a site comes over the link of its region, spread over the block in which it moves. A
link that is not listed is free and has no limit. Data sent costs money and energy; the energy
is used at the site and belongs to the network: it is no facility energy and not in PUE.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.card import Entry, Slug
from coplan.elements.index import KILO, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.physics.money import annuity_factor
from coplan.units import quantity

KWH_TO_MWH = 1e-3


class LinkEntry(Entry):
    """A fibre link from a region to a site of the system."""

    region: Slug
    """Region id of the system."""
    site: Slug
    """Site id of the system."""
    existing_gbit: quantity("Gbit/s", ge=0, le=1e6) = 0.0
    """Bandwidth there is already."""
    max_gbit: quantity("Gbit/s", ge=0, le=1e6)
    """Most bandwidth, what is there included; 0: no link at all."""
    length_km: quantity("km", ge=0, le=1e4) | None = None
    """Fibre length; great circle times the route factor where nothing is said."""
    capex_cny_per_km: quantity("CNY/km", ge=0, le=1e8) = 0.0
    """Investment in a new route per km; paid where nothing is there yet."""
    capex_cny_per_gbit: quantity("CNY/(Gbit/s)", ge=0, le=1e8) = 0.0
    """Investment in equipment per Gbit/s beyond what is there."""
    life_years: quantity("year", ge=1, le=50) = 20.0
    """Economic life."""
    price_cny_per_gb: quantity("CNY/GB", ge=0, le=1e4) = 0.0
    """Price of the data sent."""
    energy_kwh_per_gb: quantity("kWh/GB", ge=0, le=100) = 0.0
    """Energy of the data sent, used at the site."""


def table(links: dict[str, LinkEntry], length_km: list[float], wacc: float) -> dict[str, Field]:
    """Parameters of all links as dataset fields; `length_km` is the fibre length of each."""
    rows = list(links.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        found = [value(link, km) for link, km in zip(rows, length_km, strict=True)]
        return Field(("link",), np.array(found, dtype=float), units, long_name)

    def annuity(link: LinkEntry) -> float:
        return float(annuity_factor(wacc, link.life_years))

    return {
        "link_region": Field(("link",), [link.region for link in rows], "", "region"),
        "link_site": Field(("link",), [link.site for link in rows], "", "site"),
        "link_min_gbit": field(lambda link, km: link.existing_gbit, "Gbit/s", "bandwidth there is"),
        "link_max_gbit": field(lambda link, km: link.max_gbit, "Gbit/s", "most bandwidth"),
        "link_length_km": field(lambda link, km: km, "km", "fibre length"),
        "link_new_annuity_cny_per_year": field(
            lambda link, km: (link.existing_gbit == 0) * km * link.capex_cny_per_km * annuity(link),
            "CNY/year", "annuity of a new route",
        ),
        "link_annuity_cny_per_gbit_year": field(
            lambda link, km: link.capex_cny_per_gbit * annuity(link),
            "CNY/(Gbit/s)/year", "annuity of bandwidth",
        ),
        "link_price_cny_per_gb": field(
            lambda link, km: link.price_cny_per_gb, "CNY/GB", "price of data sent"
        ),
        "link_energy_kwh_per_gb": field(
            lambda link, km: link.energy_kwh_per_gb, "kWh/GB", "energy of data sent"
        ),
    }  # fmt: skip


def invest_links(sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare the bandwidth of every link in one period and book what is new."""
    b = algebra.block(sizes, "links", doc="fibre links: sizes")
    b.links = algebra.index(names(data, "link"), dim="link", doc="links from region to site")
    least, most = data["link_min_gbit"].values, data["link_max_gbit"].values
    b.link_gbit = algebra.variable(
        b.links, lower=least, upper=most, unit="Gbit/s", doc="bandwidth of a link"
    )
    b.is_linked = algebra.variable(
        b.links, lower=(least > 0).astype(float), upper=1.0, integer=True, unit="1",
        doc="1 where the link is there",
    )  # fmt: skip
    b.least = algebra.param(b.links, values=least)
    b.most = algebra.param(b.links, values=most)
    b.route = algebra.param(b.links, values=KILO * data["link_new_annuity_cny_per_year"].values)
    b.annuity = algebra.param(
        b.links, values=KILO * data["link_annuity_cny_per_gbit_year"].values
    )
    if not names(data, "link"):
        return

    @algebra.constraint(b, b.links, doc="a link that is not built has no bandwidth")
    def bandwidth_link(b, k):
        return b.link_gbit[k] <= b.most[k] * b.is_linked[k]

    @algebra.expression(b, b.links, unit="kCNY/year", doc="capital cost of new links")
    def link_annuity_kcny(b, k):
        return b.route[k] * b.is_linked[k] + b.annuity[k] * (b.link_gbit[k] - b.least[k])

    ledger.book("compute", "fibre links", b.link_annuity_kcny, b.links, names(data, "link_site"))


def carry(b: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Carry the work of one operating year: within bandwidth, paid and with its energy.

    `b` is the block of the work: `route_work_mw[r, t]` and `fixed_work_mw[p, t]` are its flows.
    """
    times, hours = index.times, index.hours
    links = names(data, "link")
    b.links = algebra.index(links, dim="link", doc="links from region to site")
    gbit = data["stream_gbit_per_mw"].values
    for name, own in (("route", b.routes), ("fixed", b.placed_now)):
        for what in ("gbit", "gb"):
            table = _through(data, list(own), data[f"stream_{what}_per_mw"].values)
            setattr(b, f"{name}_{what}", algebra.param(own, b.links, values=table))
    carried = {link for link, one in zip(names(data, "stream_link"), gbit, strict=True) if one > 0}
    b.carrying = algebra.index(
        [link for link in links if link in carried], dim="link", doc="links with a limit"
    )
    b.moves_over = algebra.param(
        b.migrating, b.links, values=_through(data, list(b.migrating), np.ones(gbit.shape))
    )
    b.link_at = algebra.param(
        b.links, index.sites, values=incidence(names(data, "link_site"), list(index.sites))
    )
    b.link_price = algebra.param(b.links, values=KILO * data["link_price_cny_per_gb"].values)
    energy = KWH_TO_MWH * data["link_energy_kwh_per_gb"].values
    b.link_energy = algebra.param(b.links, values=energy)

    @algebra.expression(b, b.links, times, unit="MW", doc="energy of the data a link carries")
    def transfer_mw(b, k, t):
        return b.link_energy[k] * _sent_gb(b, k, t)

    if not links:
        return

    @algebra.constraint(b, b.carrying, times, doc="work stays within the bandwidth of its link")
    def bandwidth_limit(b, k, t):
        routed = sum(b.route_gbit[r, k] * b.route_work_mw[r, t] for r in b.routes)
        placed = sum(b.fixed_gbit[p, k] * b.fixed_work_mw[p, t] for p in b.placed_now)
        moved = sum(
            b.moves_over[p, k] * b.migration_gbit[p, t] * b.migrated_share[p, b.block_now[p, t]]
            for p in b.migrating
        )
        return routed + placed + moved - sizes.links.link_gbit[k] <= 0

    @algebra.expression(b, b.links, unit="kCNY/year", doc="price of the data a link carries")
    def transfer_kcny(b, k):
        return b.link_price[k] * sum(hours[t] * _sent_gb(b, k, t) for t in times)

    ledger.book("compute", "data transfer", b.transfer_kcny, b.links, names(data, "link_site"))
    ledger.post("data transfer", b.transfer_mw, -1, b.links, b.link_at)


def _through(data: Any, flows: list[str], value: np.ndarray) -> np.ndarray:
    """What each flow "pool@site" puts on each link (flow, link), given by stream."""
    links = names(data, "link")
    where = dict(zip(links, names(data, "link_site"), strict=True))
    table = np.zeros((len(flows), len(links)))
    streams = zip(names(data, "stream_pool"), names(data, "stream_link"), value, strict=True)
    for pool, link, one in streams:
        flow = f"{pool}@{where[link]}"
        if flow in flows:
            table[flows.index(flow), links.index(link)] = one
    return table


def _sent_gb(b: Any, k: Any, t: Any) -> Any:
    """Data that link k carries in an hour at the rate of step t, GB."""
    routed = sum(b.route_gb[r, k] * b.route_work_mw[r, t] for r in b.routes)
    return routed + sum(b.fixed_gb[p, k] * b.fixed_work_mw[p, t] for p in b.placed_now)

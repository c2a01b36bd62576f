"""What becomes of halls and servers that stand: closed, converted, moved, extended.

    new[u]     = built[u] − stock[u] − Σ_v to[v,u] · converted[v]      all but sources
    closed[u]  = stock[u] − Σ_v from[v,u] · converted[v] − built[u]     sources: may change
    bought[u]  = servers[u] − stock[u] − (kept in conversions + moved in)
    retired[u] = stock[u] − (kept in conversions + moved out) − servers[u]

All four are at least zero and never fall from period to period. Sources are never extended and
what is built new is never closed, so nothing is bought and retired at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.cards import ConversionEntry, HallCard, HallEntry, RelocationEntry
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.physics.money import annuity_factor

MONTHS_PER_YEAR = 12.0

Conversions = dict[str, tuple[str, str, ConversionEntry, HallCard]]
Relocations = dict[str, tuple[str, str, RelocationEntry]]


def table(
    halls: dict[str, tuple], conversions: Conversions, relocations: Relocations,
    period_years: np.ndarray, wacc: float,
) -> dict[str, Field]:
    """Parameters of stock that may change, as dataset fields.

    `halls` is unit → (site, entry, card, servers); a conversion is id → (from, to, entry, card of
    the new hall), a relocation id → (from, to, entry); `period_years` the years of each period.
    """
    entries: list[HallEntry] = [entry for _, entry, _, _ in halls.values()]
    converted, moved = list(conversions.values()), list(relocations.values())

    def spread(cost_cny_per_kw: float, life_years: float) -> float:
        return float(KILO_TO_MEGA * cost_cny_per_kw * annuity_factor(wacc, life_years))

    def field(dim: str, values: list, units: str, long_name: str) -> Field:
        return Field((dim,), np.array(values, dtype=float), units, long_name)

    lost = np.array([entry.lost_months for _, _, entry, _ in converted]) / MONTHS_PER_YEAR
    closures = [entry.closure for entry in entries]
    return {
        "hall_may_change": field(
            "hall", [e.may_change for e in entries], "1", "1 where stock may be closed or converted"
        ),
        "hall_may_close": field(
            "hall", [c is not None for c in closures], "1", "1 where stock may be closed"
        ),
        "closure_annuity_cny_per_mw_year": field(
            "hall", [spread(c.cost_cny_per_kw, c.life_years) if c else 0.0 for c in closures],
            "CNY/MW/year", "annuity of closing halls",
        ),
        "metered_mwh_per_hall": field(
            "hall", [e.metered_mwh_per_hall for e in entries], "MWh/year", "base-year energy"
        ),
        "conversion_from": Field(("conversion",), [a for a, _, _, _ in converted], "", "hall"),
        "conversion_to": Field(("conversion",), [b for _, b, _, _ in converted], "", "hall"),
        "conversion_annuity_cny_per_mw_year": field(
            "conversion", [spread(e.capex_cny_per_kw, e.life_years) for _, _, e, _ in converted],
            "CNY/MW/year", "annuity of the retrofit",
        ),
        "conversion_lost_share": Field(
            ("period", "conversion"), np.minimum(lost[None, :] / period_years[:, None], 1.0), "1",
            "share of the period that a converted hall is out of service",
        ),
        "conversion_keeps_servers": field(
            "conversion", [e.keeps_servers for _, _, e, _ in converted], "1", "1 where servers stay"
        ),
        "relocation_from": Field(("relocation",), [a for a, _, _ in moved], "", "hall"),
        "relocation_to": Field(("relocation",), [b for _, b, _ in moved], "", "hall"),
        "relocation_annuity_cny_per_mw_year": field(
            "relocation", [spread(e.cost_cny_per_kw, e.life_years) for _, _, e in moved],
            "CNY/MW/year", "annuity of moving servers",
        ),
    }  # fmt: skip


def declare(b: Any, index: Index, data: Any, earlier: Any) -> None:
    """Declare what becomes of stock on the block of halls `b`; `earlier` is the block before."""
    units, conversions, relocations = index.halls, index.conversions, index.relocations
    halls = names(data, "hall")
    stock = data["halls_min"].values.astype(float)
    servers = data["servers_min_mw"].values
    source = data["hall_may_change"].values
    out, into = (incidence(names(data, f"conversion_{end}"), halls) for end in ("from", "to"))
    gone, come = (incidence(names(data, f"relocation_{end}"), halls) for end in ("from", "to"))
    b.converted_out = algebra.param(conversions, units, values=out)
    b.converted_in = algebra.param(conversions, units, values=into)
    b.moved_out = algebra.param(relocations, units, values=gone)
    b.moved_in = algebra.param(relocations, units, values=come)
    b.is_source = algebra.param(units, values=source)
    b.is_not_source = algebra.param(units, values=1.0 - source)
    b.halls_converted = algebra.variable(
        conversions, upper=out @ stock, integer=True, unit="1", doc="stock halls converted"
    )
    b.servers_converted_mw = algebra.variable(
        conversions, upper=(out @ servers) * data["conversion_keeps_servers"].values, unit="MW",
        doc="servers that stay in converted halls",
    )  # fmt: skip
    b.servers_relocated_mw = algebra.variable(
        relocations, upper=gone @ servers, unit="MW", doc="stock servers moved to other halls"
    )

    @algebra.expression(b, units, unit="1", doc="halls built new")
    def halls_new(b, u):
        converted = sum(b.converted_in[v, u] * b.halls_converted[v] for v in conversions)
        return b.is_not_source[u] * (b.halls_built[u] - b.hall_stock[u] - converted)

    @algebra.expression(b, units, unit="1", doc="stock halls closed")
    def halls_closed(b, u):
        converted = sum(b.converted_out[v, u] * b.halls_converted[v] for v in conversions)
        return b.is_source[u] * (b.hall_stock[u] - converted - b.halls_built[u])

    @algebra.expression(b, units, unit="MW", doc="servers bought")
    def servers_bought_mw(b, u):
        kept = sum(b.converted_in[v, u] * b.servers_converted_mw[v] for v in conversions)
        moved = sum(b.moved_in[r, u] * b.servers_relocated_mw[r] for r in relocations)
        return b.is_not_source[u] * (b.servers_mw[u] - b.server_stock[u] - kept - moved)

    @algebra.expression(b, units, unit="MW", doc="stock servers retired")
    def servers_retired_mw(b, u):
        kept = sum(b.converted_out[v, u] * b.servers_converted_mw[v] for v in conversions)
        moved = sum(b.moved_out[r, u] * b.servers_relocated_mw[r] for r in relocations)
        return b.is_source[u] * (b.server_stock[u] - kept - moved - b.servers_mw[u])

    _keep_account(b, index, data)
    _lose_time(b, index, data, earlier)


def _keep_account(b: Any, index: Index, data: Any) -> None:
    """Nothing falls below zero, is closed where it may not be, or is kept without a hall."""
    halls = names(data, "hall")
    source = data["hall_may_change"].values > 0
    enters = {*names(data, "conversion_to"), *names(data, "relocation_to")}
    may_close = data["hall_may_close"].values * data["halls_min"].values
    b.sources = algebra.index(
        [u for u, changes in zip(halls, source, strict=True) if changes], dim="hall",
        doc="stock that may change",
    )  # fmt: skip
    b.entered = algebra.index([u for u in halls if u in enters], dim="hall", doc="where stock goes")
    b.may_close = algebra.param(b.sources, values=may_close[source])
    keeps = data["conversion_keeps_servers"].values
    out = incidence(names(data, "conversion_from"), halls)
    b.kept_mw = algebra.param(
        index.conversions,
        values=(out @ (data["hall_it_mw"].values / (1.0 + data["storage_share"].values))) * keeps,
    )

    @algebra.constraint(b, b.sources, doc="no more stock is converted than stands")
    def halls_closed_floor(b, u):
        return b.halls_closed[u] >= 0.0

    @algebra.constraint(b, b.sources, doc="stock is closed only where it may be")
    def halls_closed_limit(b, u):
        return b.halls_closed[u] <= b.may_close[u]

    @algebra.constraint(b, b.entered, doc="converted halls stand")
    def halls_new_floor(b, u):
        return b.halls_new[u] >= 0.0

    @algebra.constraint(b, b.sources, doc="no more stock servers move than stand")
    def servers_retired_floor(b, u):
        return b.servers_retired_mw[u] >= 0.0

    @algebra.constraint(b, b.entered, doc="servers that move in are there")
    def servers_bought_floor(b, u):
        return b.servers_bought_mw[u] >= 0.0

    @algebra.constraint(b, index.conversions, doc="servers stay only in halls that are converted")
    def servers_converted_limit(b, v):
        return b.servers_converted_mw[v] <= b.kept_mw[v] * b.halls_converted[v]


def _lose_time(b: Any, index: Index, data: Any, earlier: Any) -> None:
    """Servers out of service while their halls are converted, mean of the period, MW."""
    into = incidence(names(data, "conversion_to"), names(data, "hall"))
    room = data["hall_it_mw"].values / (1.0 + data["storage_share"].values)
    lost = data["conversion_lost_share"].values[:, None] * into * room
    b.lost_mw = algebra.param(index.conversions, index.halls, values=lost)
    if earlier is None:

        @algebra.expression(b, index.halls, unit="MW", doc="servers out of service by conversion")
        def out_of_service_mw(b, u):
            return sum(b.lost_mw[v, u] * b.halls_converted[v] for v in index.conversions)
    else:

        @algebra.expression(b, index.halls, unit="MW", doc="servers out of service by conversion")
        def out_of_service_mw(b, u):
            return sum(
                b.lost_mw[v, u] * (b.halls_converted[v] - earlier.halls_converted[v])
                for v in index.conversions
            )


def book(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Book what closing, converting and moving costs."""
    hall_it, sites = data["hall_it_mw"].values, names(data, "hall_site")
    halls = names(data, "hall")
    into = incidence(names(data, "conversion_to"), halls)
    closing = KILO * data["closure_annuity_cny_per_mw_year"].values * hall_it
    converting = KILO * data["conversion_annuity_cny_per_mw_year"].values * (into @ hall_it)
    b.closing = algebra.param(index.halls, values=closing)
    b.converting = algebra.param(index.conversions, values=converting)
    b.moving = algebra.param(
        index.relocations, values=KILO * data["relocation_annuity_cny_per_mw_year"].values
    )

    @algebra.expression(b, index.halls, unit="kCNY/year", doc="closing stock halls")
    def hall_closure_kcny(b, u):
        return b.closing[u] * b.halls_closed[u]

    @algebra.expression(b, index.conversions, unit="kCNY/year", doc="retrofit of stock halls")
    def hall_conversion_kcny(b, v):
        return b.converting[v] * b.halls_converted[v]

    @algebra.expression(b, index.relocations, unit="kCNY/year", doc="moving stock servers")
    def server_relocation_kcny(b, r):
        return b.moving[r] * b.servers_relocated_mw[r]

    def places(dim: str) -> list[str]:
        return [sites[halls.index(unit)] for unit in names(data, dim)]

    ledger.book("compute", "hall closure", b.hall_closure_kcny, index.halls, sites)
    ledger.book("compute", "hall conversion", b.hall_conversion_kcny, index.conversions,
                places("conversion_to"))  # fmt: skip
    ledger.book("compute", "server relocation", b.server_relocation_kcny, index.relocations,
                places("relocation_to"))  # fmt: skip

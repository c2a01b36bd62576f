"""Waste heat of halls, raised by a heat pump and sold to a heating network.

    heat[h,t] · (1 − 1/COP) ≤ Σ_u recoverable[u] · it[u,t]       u at the heat pump's site   [MW]
    heat[h,t] ≤ capacity[h],  heat[h,t] ≤ demand[h, month(t)]                                [MW]
    electricity[h,t] = heat[h,t] / COP                                                       [MW]

The heat pump's electricity is metered apart: it is no facility energy and outside PUE. What the
halls give away is told as ERE beside PUE, (facility − heat taken from halls) / IT (The Green Grid).
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.physics.money import annuity_factor
from coplan.units import quantity

GJ_PER_MWH = 3.6


class HeatPumpCard(Card):
    """A heat pump between the cooling water of halls and a heating network."""

    cop: quantity("dimensionless", gt=1, le=20)
    """Heat delivered over electricity used, mean of the season."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e5)
    """Investment per kW of heat delivered, with its connection to the network."""
    om_cny_per_kw_year: quantity("CNY/kW/year", ge=0, le=1e4)
    """Operation and maintenance per kW of heat."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""


class HeatEntry(Entry):
    """Heat that a site may sell."""

    card: Reference("heat-pumps")
    """Technology."""
    max_mw: quantity("MW", ge=0, le=1e5)
    """Most heat power that may be built."""
    demand_mw: Annotated[
        tuple[quantity("MW", ge=0, le=1e5), ...], pydantic.Field(min_length=12, max_length=12)
    ]
    """Heat that the network takes, January to December; 0 outside the heating season."""
    price_cny_per_gj: quantity("CNY/GJ", ge=0, le=1e4)
    """What a GJ earns."""


def table(heat: dict[str, tuple[str, HeatEntry, HeatPumpCard]], month: np.ndarray, wacc: float,
          recoverable: list[float]) -> dict[str, Field]:  # fmt: skip
    """Heat pumps as dataset fields; `heat` is id → (site, entry, card), `month` is (time).

    `recoverable` is, for each hall, the share of IT power that its cooling gives away as heat.
    """
    rows = list(heat.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(entry, card) for _, entry, card in rows], dtype=float)
        return Field(("heat",), values, units, long_name)

    wanted = np.array([np.array(entry.demand_mw)[month - 1] for _, entry, _ in rows], dtype=float)
    return {
        "heat_site": Field(("heat",), [site for site, _, _ in rows], "", "site"),
        "heat_demand_mw": Field(
            ("heat", "time"), wanted.reshape(len(rows), len(month)), "MW", "heat the network takes"
        ),
        "heat_max_mw": field(lambda e, c: e.max_mw, "MW", "most heat power"),
        "heat_cop": field(lambda e, c: c.cop, "1", "heat over electricity"),
        "heat_price_cny_per_mwh": field(
            lambda e, c: GJ_PER_MWH * e.price_cny_per_gj, "CNY/MWh", "what heat earns"
        ),
        "heat_annuity_cny_per_mw_year": field(
            lambda e, c: KILO_TO_MEGA * c.capex_cny_per_kw * annuity_factor(wacc, c.life_years),
            "CNY/MW/year", "annuity of heat pumps",
        ),
        "heat_life_years": field(lambda e, c: c.life_years, "year", "economic life"),
        "heat_om_cny_per_mw_year": field(
            lambda e, c: KILO_TO_MEGA * c.om_cny_per_kw_year, "CNY/MW/year", "O&M of heat pumps"
        ),
        "recoverable_heat_share": Field(
            ("hall",), np.array(recoverable, dtype=float), "1", "IT power that can be heat for sale"
        ),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare the heat pumps of one period and book what they cost."""
    b = algebra.block(sizes, "heat", doc="heat pumps: sizes")
    sites = names(data, "heat_site")
    b.pumps = algebra.index(names(data, "heat"), dim="heat", doc="heat pumps")
    b.heat_capacity_mw = algebra.variable(
        b.pumps, upper=data["heat_max_mw"].values, unit="MW", doc="heat power of a heat pump"
    )
    for name in ("annuity", "om"):
        cost = KILO * data[f"heat_{name}_cny_per_mw_year"].values
        b.add_component(name, algebra.param(b.pumps, values=cost))

    @algebra.expression(b, b.pumps, unit="kCNY/year", doc="capital cost of a heat pump")
    def heat_annuity_kcny(b, h):
        return b.annuity[h] * b.heat_capacity_mw[h]

    @algebra.expression(b, b.pumps, unit="kCNY/year", doc="O&M of a heat pump")
    def heat_om_kcny(b, h):
        return b.om[h] * b.heat_capacity_mw[h]

    ledger.book("heat", "heat pump", b.heat_annuity_kcny, b.pumps, sites)
    ledger.book("heat", "heat pump O&M", b.heat_om_kcny, b.pumps, sites)


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare the heat sold in one operating year; post its electricity, book what it earns."""
    b = algebra.block(y, "heat", doc="heat sold")
    sites, times = names(data, "heat_site"), index.times
    cop = data["heat_cop"].values
    at = incidence(sites, list(index.sites))
    halls = incidence(names(data, "hall_site"), list(index.sites))
    b.pumps = algebra.index(names(data, "heat"), dim="heat", doc="heat pumps")
    b.at = algebra.param(b.pumps, index.sites, values=at)
    b.from_halls = algebra.param(b.pumps, values=1.0 - 1.0 / cop)
    b.per_heat = algebra.param(b.pumps, values=1.0 / cop)
    b.source = algebra.param(
        b.pumps, index.halls, values=(at @ halls.T) * data["recoverable_heat_share"].values
    )
    b.earned = algebra.param(b.pumps, values=KILO * data["heat_price_cny_per_mwh"].values)
    b.heat_mw = algebra.variable(
        b.pumps, times, upper=data["heat_demand_mw"].values, unit="MW", doc="heat sold"
    )

    @algebra.constraint(b, b.pumps, times, doc="no more heat is taken than halls give away")
    def source_limit(b, h, t):
        given = sum(b.source[h, u] * y.compute.it_mw[u, t] for u in index.halls)
        return b.from_halls[h] * b.heat_mw[h, t] <= given

    @algebra.constraint(b, b.pumps, times, doc="a heat pump gives no more than its power")
    def capacity_limit(b, h, t):
        return b.heat_mw[h, t] <= sizes.heat.heat_capacity_mw[h]

    @algebra.expression(b, b.pumps, times, unit="MW", doc="electricity of a heat pump")
    def heat_pump_mw(b, h, t):
        return b.per_heat[h] * b.heat_mw[h, t]

    @algebra.expression(b, b.pumps, unit="kCNY/year", doc="earned by heat")
    def revenue_kcny(b, h):
        return -b.earned[h] * sum(index.hours[t] * b.heat_mw[h, t] for t in times)

    ledger.post("heat pump", b.heat_pump_mw, -1, b.pumps, b.at)
    ledger.book("heat", "heat revenue", b.revenue_kcny, b.pumps, sites)

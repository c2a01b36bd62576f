"""Direct lines from plants of their own to one or several users (绿电直连, single and multi-user).

    generation[g,t] = Σ_l sent[l,t]                          lines l of the plant g          [MW]
    sent[l,t] ≤ line_mw[l] ≤ circuit_mw[l] · line_circuits[l]                                [MW]
    arrives[l,t] = (1 − loss[l]) · sent[l,t]                 own green power of the user     [MW]

Lines are built in whole circuits, paid by the km; the step-up station at the plant is paid by the
kVA. What arrives pays the parts of the user's tariff that its route names. A plant that has lines
stands behind nobody's meter; what it costs is booked at the user named first, who leads.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Share, Slug
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.supply import Plant
from coplan.physics.money import annuity_factor
from coplan.units import quantity


class LineCard(Card):
    """A kind of line from a plant to a user, with the step-up station at the plant."""

    voltage_kv: quantity("kV", gt=0, le=1000)
    """Rated voltage."""
    circuit_mw: quantity("MW", gt=0, le=10000)
    """Most power of one circuit."""
    capex_cny_per_km: quantity("CNY/km", ge=0, le=1e9)
    """Investment in one circuit per km."""
    om_cny_per_km_year: quantity("CNY/km/year", ge=0, le=1e8)
    """Operation and maintenance of one circuit per km."""
    substation_cny_per_kva: quantity("CNY/kVA", ge=0, le=1e5)
    """Step-up station at the plant per kVA; the user's own station is part of its connection."""
    power_factor: quantity("dimensionless", gt=0, le=1)
    """Power factor at the plant."""
    loss_share_per_100_km: Share
    """Share of the energy sent that is lost over 100 km."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""


class RouteCard(Card):
    """Which parts of the user's tariff energy over a direct line pays, and by which rule."""

    document: str
    """Rule that says so."""
    pays: tuple[Literal["transmission", "line_loss", "system_operation", "funds"], ...]
    """Parts of the tariff that every MWh taken over the line pays."""


class LineEntry(Entry):
    """A direct line from a plant to one site."""

    card: Reference("lines")
    """Kind of line."""
    route: Reference("routes")
    """What energy over the line pays."""
    length_km: quantity("km", gt=0, le=2000)
    """Length of the line."""
    max_circuits: Annotated[int, pydantic.Field(ge=1, le=20)] = 1
    """Most circuits."""


class DirectPlantEntry(Plant):
    """A plant of its own, connected to its users by direct lines."""

    place: Reference("sites")
    """Where it stands, which gives its weather."""
    lines: Annotated[dict[Slug, LineEntry], pydantic.Field(min_length=1)]
    """Line to each user, by site id of the system; the user named first leads and pays for it."""


Line = tuple[str, str, LineEntry, LineCard, float, np.ndarray]
"""Plant, site, entry, card, approved power of the plant [MW], what a MWh pays (time) [CNY/MWh]."""


def table(lines: dict[str, Line], steps: int, wacc: float) -> dict[str, Field]:
    """Parameters of all direct lines as dataset fields; `lines` is id → line."""
    rows, dim = list(lines.values()), ("direct_line",)

    def field(value: Any, units: str, long_name: str) -> Field:
        found = [value(entry, card) for _, _, entry, card, _, _ in rows]
        return Field(dim, np.array(found, dtype=float), units, long_name)

    def per_mw(card: LineCard) -> float:
        return KILO_TO_MEGA * float(card.substation_cny_per_kva) / float(card.power_factor)

    def annuity(card: LineCard) -> float:
        return float(annuity_factor(wacc, card.life_years))

    most = [min(e.max_circuits * c.circuit_mw, approved) for _, _, e, c, approved, _ in rows]
    fees = np.array([row[5] for row in rows], dtype=float).reshape(len(rows), steps)
    return {
        "direct_line_plant": Field(dim, [row[0] for row in rows], "", "plant"),
        "direct_line_site": Field(dim, [row[1] for row in rows], "", "site"),
        "direct_line_length_km": field(lambda e, c: e.length_km, "km", "length"),
        "direct_line_voltage_kv": field(lambda e, c: c.voltage_kv, "kV", "rated voltage"),
        "line_circuits_max": field(lambda e, c: e.max_circuits, "1", "most circuits"),
        "line_max_mw": Field(dim, np.array(most, dtype=float), "MW", "most power sent"),
        "circuit_mw": field(lambda e, c: c.circuit_mw, "MW", "most power of a circuit"),
        "line_loss_share": field(
            lambda e, c: c.loss_share_per_100_km * e.length_km / 100, "1", "lost over energy sent"
        ),
        "line_capex_cny_per_circuit": field(
            lambda e, c: c.capex_cny_per_km * e.length_km, "CNY", "investment in a circuit"
        ),
        "line_capex_cny_per_mw": field(lambda e, c: per_mw(c), "CNY/MW", "step-up station"),
        "line_annuity_cny_per_circuit_year": field(
            lambda e, c: c.capex_cny_per_km * e.length_km * annuity(c), "CNY/year",
            "annuity of a circuit",
        ),
        "line_annuity_cny_per_mw_year": field(
            lambda e, c: per_mw(c) * annuity(c), "CNY/MW/year", "annuity of the step-up station"
        ),
        "line_om_cny_per_circuit_year": field(
            lambda e, c: c.om_cny_per_km_year * e.length_km, "CNY/year", "O&M of a circuit"
        ),
        "line_life_years": field(lambda e, c: c.life_years, "year", "economic life"),
        "line_fee_cny_per_mwh": Field(
            (*dim, "time"), fees, "CNY/MWh", "parts of the tariff that energy over the line pays"
        ),
    }  # fmt: skip


def invest(sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare circuits and power of every direct line in one period and book what they cost."""
    b = algebra.block(sizes, "lines", doc="direct lines: sizes")
    b.lines = algebra.index(names(data, "direct_line"), dim="direct_line", doc="direct lines")
    b.line_mw = algebra.variable(
        b.lines, upper=data["line_max_mw"].values, unit="MW", doc="power a direct line can take"
    )
    b.line_circuits = algebra.variable(
        b.lines, upper=data["line_circuits_max"].values, integer=True, unit="1",
        doc="circuits of a direct line",
    )  # fmt: skip
    if not names(data, "direct_line"):
        return
    b.circuit = algebra.param(b.lines, values=data["circuit_mw"].values)
    b.per_circuit = algebra.param(
        b.lines, values=KILO * data["line_annuity_cny_per_circuit_year"].values
    )
    b.per_mw = algebra.param(b.lines, values=KILO * data["line_annuity_cny_per_mw_year"].values)
    b.om = algebra.param(b.lines, values=KILO * data["line_om_cny_per_circuit_year"].values)

    @algebra.constraint(b, b.lines, doc="a line takes no more than its circuits")
    def circuit_limit(b, k):
        return b.line_mw[k] <= b.circuit[k] * b.line_circuits[k]

    @algebra.expression(b, b.lines, unit="kCNY/year", doc="capital cost of a direct line")
    def line_annuity_kcny(b, k):
        return b.per_circuit[k] * b.line_circuits[k] + b.per_mw[k] * b.line_mw[k]

    @algebra.expression(b, b.lines, unit="kCNY/year", doc="O&M of a direct line")
    def line_om_kcny(b, k):
        return b.om[k] * b.line_circuits[k]

    sites = names(data, "direct_line_site")
    ledger.book("lines", "direct line", b.line_annuity_kcny, b.lines, sites)
    ledger.book("lines", "direct line O&M", b.line_om_kcny, b.lines, sites)


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare what is sent in one operating year and post what arrives as own green power."""
    b, times = algebra.block(y, "lines", doc="direct lines"), index.times
    plants, sites = names(data, "direct_line_plant"), names(data, "direct_line_site")
    b.lines = algebra.index(names(data, "direct_line"), dim="direct_line", doc="direct lines")
    b.sent_mw = algebra.variable(
        b.lines, times, upper=np.repeat(data["line_max_mw"].values[:, None], len(times), axis=1),
        unit="MW", doc="power a plant sends over a direct line",
    )  # fmt: skip
    if not plants:
        return
    own = list(dict.fromkeys(plants))
    arrives = incidence(sites, list(index.sites)) * (1 - data["line_loss_share"].values[:, None])
    b.plants = algebra.index(own, dim="plant", doc="plants with direct lines")
    b.starts_at = algebra.param(b.lines, b.plants, values=incidence(plants, own))
    b.arrives_at = algebra.param(b.lines, index.sites, values=arrives)
    fee = KILO * data["line_fee_cny_per_mwh"].values * (1 - data["line_loss_share"].values[:, None])
    b.fee = algebra.param(b.lines, times, values=fee)

    @algebra.constraint(b, b.plants, times, doc="a plant gives what its lines take")
    def sent_balance(b, g, t):
        sent = sum(b.starts_at[k, g] * b.sent_mw[k, t] for k in b.lines)
        return y.supply.generation_mw[g, t] == sent

    @algebra.constraint(b, b.lines, times, doc="what is sent stays within the line")
    def sent_limit(b, k, t):
        return b.sent_mw[k, t] <= sizes.lines.line_mw[k]

    @algebra.expression(b, b.lines, unit="kCNY/year", doc="fees on energy over a direct line")
    def line_fees_kcny(b, k):
        return sum(index.hours[t] * b.fee[k, t] * b.sent_mw[k, t] for t in times)

    ledger.post("direct line", b.sent_mw, +1, b.lines, b.arrives_at, "green own")
    ledger.book("lines", "direct line fees", b.line_fees_kcny, b.lines, sites)

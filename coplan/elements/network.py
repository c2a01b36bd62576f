"""Grid connection, tariff and power balance of a site.

    Σ postings to the power account = 0                                    per site and step [MW]
    import[s,t] ≤ peak[s,month(t)] ≤ grid_connection[s]                                      [MW]
    import[s,t] ≤ M · (1 − is_exporting),  export[s,t] ≤ M · is_exporting    where both could pay

What energy costs by the step is the tariff's (`elements.tariff`), what a site pays for its
transformers and its monthly maximum is in `elements.charges`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Slug
from coplan.elements.charges import Charge
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, names
from coplan.elements.ledger import Ledger, Posting, sum_postings
from coplan.elements.series import EmissionSeries, PriceSeries
from coplan.elements.tariff import Price, TariffCard
from coplan.physics.money import annuity_factor
from coplan.units import quantity

Scheme = Literal["agency", "market", "direct"]


def _each_once(schemes: tuple) -> tuple:
    if len(set(schemes)) != len(schemes):
        raise ValueError("must not name a scheme twice")
    return schemes


class ZoneCard(Card):
    """A grid zone: emission factors and whether surplus may go to the grid."""

    emission_factor_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Average factor of the province or zone (location-based carbon)."""
    residual_factor_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Factor of what is left after traded green power (market-based carbon)."""
    export_allowed: bool = False
    """Surplus may be fed into the grid."""
    import_headroom_mw: quantity("MW", ge=0, le=1e6) | None = None
    """Most that all sites of the zone together may import; no limit where nothing is said."""
    export_corridor_mw: quantity("MW", ge=0, le=1e6) | None = None
    """Most that all sites of the zone together may feed in; no limit where nothing is said."""
    export_price_cny_per_kwh: Price = 0.0
    """What fed-in energy earns."""
    export_keeps_certificates: bool = False
    """Whether certificates of fed-in energy stay with the user; not under a mechanism price."""


class ConnectionEntry(Entry):
    """How a site is connected and what it pays for that."""

    tariff: Reference("tariffs")
    """Tariff card."""
    voltage: Slug
    """Voltage level of the tariff."""
    charge: Charge
    """Fixed charge the user has chosen; `either`: the model chooses; `none`: a one-part tariff."""
    demand_basis: Literal["metered", "declared"] = "metered"
    """Demand charge on the meter's maximum, or on what is declared for each month."""
    supply: Annotated[
        tuple[Scheme, ...], pydantic.Field(min_length=1), pydantic.AfterValidator(_each_once)
    ] = ("market",)
    """Who supplies grid energy; of several the model takes one. `agency`: the grid company, no
    contracts. `market`: retailer or spot, with contracts. `direct`: 绿电直连 with its
    single-capacity price and no agency purchase."""
    energy_price: PriceSeries | None = None
    """Price of grid energy by the hour instead of the tariff's; its fixed charges stay."""
    spot_price: PriceSeries | None = None
    """Market price of energy by the hour in place of the agency's purchase price; network, losses,
    system operation and funds are paid on top. Holds for `market` and `direct`."""
    emission_factor: EmissionSeries | None = None
    """Emission factor of grid energy by the hour instead of the zone's."""
    max_mw: quantity("MW", gt=0, le=100000)
    """Most import the grid allows."""
    existing_mw: quantity("MW", ge=0, le=100000) = 0.0
    """Connection that stands already and costs nothing more."""
    capex_cny_per_kva: quantity("CNY/kVA", ge=0, le=1e5)
    """Substation and transformers per kVA."""
    life_years: quantity("year", ge=1, le=100) = 30.0
    """Economic life of substation and line."""
    transformer_redundancy: quantity("dimensionless", ge=1, le=4) = 2.0
    """Installed over needed transformer capacity (2 for 2N)."""
    power_factor: quantity("dimensionless", gt=0, le=1) = 0.95
    """Power factor at the meter."""
    firm_share: quantity("dimensionless", ge=0, le=1) = 1.0
    """Share of the connection left when one feed is lost; 1 for two full feeds."""


def table(
    connections: dict[str, tuple[ConnectionEntry, TariffCard, ZoneCard]], wacc: float
) -> dict:
    """Connection parameters as dataset fields; `connections` is site → (entry, tariff, zone)."""
    rows = list(connections.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(*row) for row in rows], dtype=float)
        return Field(("site",), values, units, long_name)

    def mva_per_mw(entry: ConnectionEntry, *_: Any) -> float:
        return entry.transformer_redundancy / entry.power_factor

    def capex(entry: ConnectionEntry, *_: Any) -> float:
        return KILO_TO_MEGA * entry.capex_cny_per_kva * mva_per_mw(entry)

    return {
        "site_charge": Field(("site",), [e.charge for e, _, _ in rows], "", "fixed charge"),
        "site_supply": Field(("site",), [e.supply[0] for e, _, _ in rows], "", "supply scheme"),
        "connection_min_mw": field(lambda e, t, z: e.existing_mw, "MW", "connection that stands"),
        "transformer_mva_per_mw": field(mva_per_mw, "MVA/MW", "transformers per MW of connection"),
        "connection_capex_cny_per_mw": field(capex, "CNY/MW", "investment in the connection"),
        "connection_annuity_cny_per_mw_year": field(
            lambda e, t, z: capex(e) * annuity_factor(wacc, e.life_years), "CNY/MW/year", "annuity"
        ),
        "export_keeps_certificates": field(
            lambda e, t, z: z.export_keeps_certificates, "1", "1 where certificates are kept"
        ),
        "export_max_mw": field(
            lambda e, t, z: e.max_mw * z.export_allowed, "MW", "most export; 0 where not allowed"
        ),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare grid connections of one period and book what they cost."""
    b = algebra.block(sizes, "network", doc="grid connections: sizes")
    sites = names(data, "site")
    existing = data["connection_min_mw"].values
    annuity = KILO * data["connection_annuity_cny_per_mw_year"].values
    b.grid_connection_mw = algebra.variable(
        index.sites, lower=existing, upper=data["connection_max_mw"].values, unit="MW",
        doc="import capacity of a site",
    )  # fmt: skip
    b.existing = algebra.param(index.sites, values=existing)
    b.annuity = algebra.param(index.sites, values=annuity)

    @algebra.expression(b, index.sites, unit="kCNY/year", doc="capital cost of new connection")
    def connection_annuity_kcny(b, s):
        return b.annuity[s] * (b.grid_connection_mw[s] - b.existing[s])

    ledger.book("network", "grid connection", b.connection_annuity_kcny, index.sites, sites)


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare purchases, exports and monthly peaks of one operating year."""
    b = algebra.block(y, "network", doc="grid energy and power balance")
    sites, times, months = index.sites, index.times, index.months
    places = names(data, "site")
    most = data["connection_max_mw"].values[:, None]
    b.retail_mw = algebra.variable(sites, times, upper=most, unit="MW", doc="power bought")
    b.export_mw = algebra.variable(
        sites, times, upper=data["export_max_mw"].values[:, None], unit="MW", doc="power fed in"
    )
    b.peak_mw = algebra.variable(sites, months, upper=most, unit="MW", doc="month's maximum")
    b.price = algebra.param(sites, times, values=KILO * data["retail_price_cny_per_mwh"].values)
    b.earned = algebra.param(sites, times, values=KILO * data["export_price_cny_per_mwh"].values)

    @algebra.expression(b, sites, unit="kCNY/year", doc="energy bought from the grid")
    def grid_energy_kcny(b, s):
        return sum(index.hours[t] * b.price[s, t] * b.retail_mw[s, t] for t in times)

    @algebra.expression(b, sites, unit="kCNY/year", doc="earned by energy fed in")
    def export_revenue_kcny(b, s):
        return -sum(index.hours[t] * b.earned[s, t] * b.export_mw[s, t] for t in times)

    ledger.post("grid", b.retail_mw, +1, sites, tags="grid grey")
    ledger.post("export", b.export_mw, -1, sites, tags="export")
    ledger.book("network", "grid energy", b.grid_energy_kcny, sites, places)
    ledger.book("network", "export revenue", b.export_revenue_kcny, sites, places)


def close(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Close the power account: balance, import within peak and connection, export from own."""
    b, sites, times = y.network, index.sites, index.times
    imports, own, flows = ledger.pick("grid"), ledger.pick("own"), ledger.flows()

    @algebra.constraint(b, sites, times, doc="what flows in equals what flows out")
    def power_balance(b, s, t):
        return sum_postings(flows, s, t) == 0

    @algebra.constraint(b, sites, times, doc="import stays within the month's peak")
    def import_limit(b, s, t):
        return sum_postings(imports, s, t) <= b.peak_mw[s, index.month_of_step[t]]

    @algebra.constraint(b, sites, index.months, doc="the peak stays within the connection")
    def peak_limit(b, s, m):
        return b.peak_mw[s, m] <= sizes.network.grid_connection_mw[s]

    _one_way(b, index, data, imports)
    if (data["export_max_mw"].values > 0).any():

        @algebra.constraint(b, sites, times, doc="only own generation is fed in")
        def export_limit(b, s, t):
            return b.export_mw[s, t] <= sum_postings(own, s, t)


def _one_way(b: Any, index: Index, data: Any, imports: list[Posting]) -> None:
    """No meter imports and exports at once, in the steps in which a price could pay for that."""
    site, step = np.nonzero(data["exchange_needs_mode"].values)
    if not site.size:
        return
    sites = np.array(list(index.sites), dtype=object)
    b.exchange_modes = algebra.index(
        site.size, dim="exchange_mode", doc="steps in which a site imports or exports"
    )
    b.mode_site = algebra.param(b.exchange_modes, values=sites[site])
    b.mode_step = algebra.param(b.exchange_modes, values=step)
    b.most_import = algebra.param(
        b.exchange_modes, values=data["connection_max_mw"].values[site].astype(float)
    )
    b.most_export = algebra.param(
        b.exchange_modes,
        values=data["export_room_mw"].values[site, step].astype(float),
    )
    b.is_exporting = algebra.variable(
        b.exchange_modes, upper=1.0, integer=True, unit="1",
        doc="1 where the meter exports, 0 where it imports",
    )  # fmt: skip

    @algebra.constraint(b, b.exchange_modes, doc="a meter that exports imports nothing")
    def importing_link(b, k):
        drawn = sum_postings(imports, b.mode_site[k], b.mode_step[k])
        return drawn + b.most_import[k] * b.is_exporting[k] <= b.most_import[k]

    @algebra.constraint(b, b.exchange_modes, doc="a meter that imports exports nothing")
    def exporting_link(b, k):
        fed_in = b.export_mw[b.mode_site[k], b.mode_step[k]]
        return fed_in - b.most_export[k] * b.is_exporting[k] <= 0

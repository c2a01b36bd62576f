"""Grid connection, tariff and power balance of a site.

    Σ postings to the power account = 0                                    per site and step [MW]
    import[s,t] ≤ peak[s,month(t)] ≤ grid_connection[s]                                      [MW]
    price[t] = flat + (k_band(t) − 1) · B,  flat = purchase + loss + system + T&D + funds

Only the purchase price floats with the band, on the base B of its own (tariff notices).
"""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Slug
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.series import EmissionSeries, PriceSeries
from coplan.physics.money import annuity_factor
from coplan.units import quantity

Band = Literal["sharp", "peak", "flat", "valley", "deep"]
Price = quantity("CNY/kWh", ge=-10, le=10)
Hour = Annotated[int, pydantic.Field(ge=0, le=24)]


class ZoneCard(Card):
    """A grid zone: emission factors and whether surplus may go to the grid."""

    emission_factor_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Average factor of the province or zone (location-based carbon)."""
    residual_factor_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Factor of what is left after traded green power (market-based carbon)."""
    export_allowed: bool = False
    """Surplus may be fed into the grid."""
    export_price_cny_per_kwh: Price = 0.0
    """What fed-in energy earns."""


class VoltageLevel(Entry):
    """Transmission and distribution prices of one voltage."""

    transmission_cny_per_kwh: Price
    """Transmission and distribution energy price."""
    demand_cny_per_kw_month: quantity("CNY/kW/month", ge=0, le=1000)
    """Charge on the month's maximum demand."""
    capacity_cny_per_kva_month: quantity("CNY/kVA/month", ge=0, le=1000)
    """Charge on installed transformer capacity."""


class Season(Entry):
    """Hours of each band in some months; every hour belongs to exactly one band."""

    months: Annotated[tuple[Annotated[int, pydantic.Field(ge=1, le=12)], ...],
                      pydantic.Field(min_length=1)]
    """Months 1 to 12."""
    bands: dict[Band, tuple[tuple[Hour, Hour], ...]]
    """Band → hour ranges [from, to)."""

    @pydantic.model_validator(mode="after")
    def _covers_the_day_once(self) -> Season:
        hours = [h for ranges in self.bands.values() for a, b in ranges for h in range(a, b)]
        if sorted(hours) != list(range(24)):
            missing = sorted(set(range(24)) - set(hours))
            twice = sorted({h for h in hours if hours.count(h) > 1})
            raise ValueError(f"bands must cover each hour once; missing {missing}, twice {twice}")
        return self


class TariffCard(Card):
    """A two-part industrial tariff with time-of-use bands."""

    document: str
    """Notice the prices come from."""
    valid_from: datetime.date
    """First day the prices hold."""
    valid_to: datetime.date | None = None
    """Last day, where known."""
    purchase_cny_per_kwh: Price
    """Agency purchase price."""
    floating_base_cny_per_kwh: Price
    """Base B that the band factors act on."""
    line_loss_cny_per_kwh: Price
    """Grid losses."""
    system_operation_cny_per_kwh: Price
    """System operation fee."""
    funds_cny_per_kwh: Price
    """Government funds and surcharges."""
    voltages: Annotated[dict[Slug, VoltageLevel], pydantic.Field(min_length=1)]
    """Prices by voltage."""
    factors: dict[Band, quantity("dimensionless", ge=0, le=10)]
    """Band factor on the floating base; flat is 1."""
    seasons: Annotated[dict[Slug, Season], pydantic.Field(min_length=1)]
    """Bands by season; every month belongs to exactly one."""

    @pydantic.model_validator(mode="after")
    def _covers_the_year_once(self) -> TariffCard:
        months = [m for season in self.seasons.values() for m in season.months]
        if sorted(months) != list(range(1, 13)):
            raise ValueError(f"seasons must cover each month once; found months {sorted(months)}")
        used = {band for season in self.seasons.values() for band in season.bands}
        if used - set(self.factors):
            raise ValueError(f"no factor for band {', '.join(sorted(used - set(self.factors)))}")
        return self


class ConnectionEntry(Entry):
    """How a site is connected and what it pays for that."""

    tariff: Reference("tariffs")
    """Tariff card."""
    voltage: Slug
    """Voltage level of the tariff."""
    charge: Literal["demand", "capacity"]
    """Which of the two fixed charges the user has chosen."""
    energy_price: PriceSeries | None = None
    """Price of grid energy by the hour instead of the tariff's; its fixed charges stay."""
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

    def level(entry: ConnectionEntry, tariff: TariffCard) -> VoltageLevel:
        return tariff.voltages[entry.voltage]

    return {
        "site_charge": Field(("site",), [e.charge for e, _, _ in rows], "", "fixed charge"),
        "connection_min_mw": field(lambda e, t, z: e.existing_mw, "MW", "connection that stands"),
        "transformer_mva_per_mw": field(mva_per_mw, "MVA/MW", "transformers per MW of connection"),
        "connection_capex_cny_per_mw": field(capex, "CNY/MW", "investment in the connection"),
        "connection_annuity_cny_per_mw_year": field(
            lambda e, t, z: capex(e) * annuity_factor(wacc, e.life_years), "CNY/MW/year", "annuity"
        ),
        "demand_price_cny_per_mw_month": field(
            lambda e, t, z: KILO_TO_MEGA * level(e, t).demand_cny_per_kw_month
            * (e.charge == "demand"), "CNY/MW/month", "charge on maximum demand",
        ),
        "capacity_price_cny_per_mva_month": field(
            lambda e, t, z: KILO_TO_MEGA * level(e, t).capacity_cny_per_kva_month
            * (e.charge == "capacity"), "CNY/MVA/month", "charge on transformer capacity",
        ),
        "export_max_mw": field(
            lambda e, t, z: e.max_mw * z.export_allowed, "MW", "most export; 0 where not allowed"
        ),
    }  # fmt: skip


def energy_price_cny_per_mwh(
    tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray
) -> np.ndarray:
    """Time-of-use price of each step, CNY/MWh, from its month (1 to 12) and hour of day (0 to 23).

    flat + (k_band − 1) · B; flat is the sum of the tariff's parts.
    """
    parts: list[float] = [
        tariff.purchase_cny_per_kwh, tariff.line_loss_cny_per_kwh,
        tariff.system_operation_cny_per_kwh,
        tariff.voltages[voltage].transmission_cny_per_kwh, tariff.funds_cny_per_kwh,
    ]  # fmt: skip
    flat = sum(parts)
    by_month_and_hour = np.zeros((13, 24))
    for season in tariff.seasons.values():
        for band, ranges in season.bands.items():
            price = flat + (tariff.factors[band] - 1) * tariff.floating_base_cny_per_kwh
            for first, last in ranges:
                by_month_and_hour[list(season.months), first:last] = price
    return KILO_TO_MEGA * by_month_and_hour[month, hour]


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare grid connections of one period; book their cost and the capacity charge."""
    b = algebra.block(sizes, "network", doc="grid connections: sizes")
    sites = names(data, "site")
    existing = data["connection_min_mw"].values
    annuity = KILO * data["connection_annuity_cny_per_mw_year"].values
    charge = (
        12 * KILO * data["capacity_price_cny_per_mva_month"].values
        * data["transformer_mva_per_mw"].values
    )  # fmt: skip
    b.grid_connection_mw = algebra.variable(
        index.sites, lower=existing, upper=data["connection_max_mw"].values, unit="MW",
        doc="import capacity of a site",
    )  # fmt: skip
    b.existing = algebra.param(index.sites, values=existing)
    b.annuity = algebra.param(index.sites, values=annuity)
    b.charge = algebra.param(index.sites, values=charge)

    @algebra.expression(b, index.sites, unit="kCNY/year", doc="capital cost of new connection")
    def connection_annuity_kcny(b, s):
        return b.annuity[s] * (b.grid_connection_mw[s] - b.existing[s])

    @algebra.expression(b, index.sites, unit="kCNY/year", doc="charge on transformer capacity")
    def capacity_charge_kcny(b, s):
        return b.charge[s] * b.grid_connection_mw[s]

    ledger.book("network", "grid connection", b.connection_annuity_kcny, index.sites, sites)
    ledger.book("network", "capacity charge", b.capacity_charge_kcny, index.sites, sites)


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
    year_over_months = 12 / data.sizes["month"]
    demand_price = KILO * year_over_months * data["demand_price_cny_per_mw_month"].values
    b.demand_price = algebra.param(sites, values=demand_price)

    @algebra.expression(b, sites, unit="kCNY/year", doc="energy bought from the grid")
    def grid_energy_kcny(b, s):
        return sum(index.hours[t] * b.price[s, t] * b.retail_mw[s, t] for t in times)

    @algebra.expression(b, sites, unit="kCNY/year", doc="charge on each month's maximum demand")
    def demand_charge_kcny(b, s):
        return b.demand_price[s] * sum(b.peak_mw[s, m] for m in months)

    @algebra.expression(b, sites, unit="kCNY/year", doc="earned by energy fed in")
    def export_revenue_kcny(b, s):
        return -sum(index.hours[t] * b.earned[s, t] * b.export_mw[s, t] for t in times)

    ledger.post("grid", b.retail_mw, +1, sites, tags="grid grey")
    ledger.post("export", b.export_mw, -1, sites, tags="export")
    ledger.book("network", "grid energy", b.grid_energy_kcny, sites, places)
    ledger.book("network", "demand charge", b.demand_charge_kcny, sites, places)
    ledger.book("network", "export revenue", b.export_revenue_kcny, sites, places)


def close(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Close the power account: balance, import within peak and connection, export from own."""
    b, sites, times = y.network, index.sites, index.times
    imports, own = ledger.pick("grid"), ledger.pick("own")

    @algebra.constraint(b, sites, times, doc="what flows in equals what flows out")
    def power_balance(b, s, t):
        return sum_postings(ledger.postings, s, t) == 0

    @algebra.constraint(b, sites, times, doc="import stays within the month's peak")
    def import_limit(b, s, t):
        return sum_postings(imports, s, t) <= b.peak_mw[s, index.month_of_step[t]]

    @algebra.constraint(b, sites, index.months, doc="the peak stays within the connection")
    def peak_limit(b, s, m):
        return b.peak_mw[s, m] <= sizes.network.grid_connection_mw[s]

    if (data["export_max_mw"].values > 0).any():

        @algebra.constraint(b, sites, times, doc="only own generation is fed in")
        def export_limit(b, s, t):
            return b.export_mw[s, t] <= sum_postings(own, s, t)

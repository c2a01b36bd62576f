"""What is known of servers, halls, classes of work and demand before anything is decided."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from coplan.elements.card import Card, Entry, Reference, Share, Slug
from coplan.elements.index import KILO_TO_MEGA, Field
from coplan.physics.money import annuity_factor
from coplan.units import quantity

Label = Literal["fp16", "fp32", "fp64", "as_reported"]
"""What a P of compute counts; labels are never added to each other."""

HourFactor = quantity("dimensionless", ge=0, le=10)

HourShape = Annotated[
    tuple[HourFactor, ...], pydantic.Field(min_length=24, max_length=24)
]


class ServerCard(Card):
    """A server type, counted by nameplate IT power at cluster level."""

    kind: Literal["general", "intelligent", "super"]
    """Type of compute."""
    label: Label
    """Precision label of its P."""
    density_p_per_mw: quantity("P/MW", gt=0, le=1e5)
    """P of the label per MW of nameplate IT power, network and storage nodes included."""
    idle_share: Share
    """Power when idle over nameplate."""
    domestic: bool
    """Accelerators and software of domestic make."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e7)
    """Purchase per kW of nameplate IT power."""
    life_years: quantity("year", ge=1, le=30)
    """Economic life."""
    storage_kw_per_p: quantity("kW/P", ge=0, le=1e4) = 0.0
    """Storage systems that serve one P (存算比): power drawn at all times, and room in halls."""
    server_kw: quantity("kW", gt=0, le=1e4) | None = None
    """Nameplate power of one server, to count them."""

    @property
    def storage_share(self) -> float:
        """Power of storage systems over that of the servers they belong to."""
        return float(self.storage_kw_per_p * self.density_p_per_mw / KILO_TO_MEGA)


class HallCard(Card):
    """A hall type: cooling design × server type × rack power; a vintage of stock is one too."""

    cooling: Reference("cooling")
    """Cooling design."""
    servers: Reference("servers")
    """Server type."""
    it_mw: quantity("MW", gt=0, le=1000)
    """IT capacity of one hall."""
    rack_kw: quantity("kW", gt=0, le=1000)
    """Design power of one rack."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Building, electrical and cooling per kW of IT capacity."""
    om_cny_per_kw_year: quantity("CNY/kW/year", ge=0, le=1e5)
    """Operation and maintenance without power, per kW of IT capacity."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""
    availability: Share
    """Share of the servers that can run work in any hour."""
    loss_rated_share: Share
    """Losses of the power chain over IT power at full load (UPS, transformers, distribution)."""
    loss_at_30_percent_share: Share
    """The same over IT power at 30 % load."""
    minimum_running_share: Share = 0.0
    """Least load in any hour over servers installed."""
    land_m2: quantity("m^2", ge=0, le=1e7) = 0.0
    """Land that one hall takes."""


class ClosureEntry(Entry):
    """Halls that stand may be closed."""

    cost_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Decommissioning per kW of IT capacity."""
    life_years: quantity("year", ge=1, le=100)
    """Years over which the cost is spread."""


class ConversionEntry(Entry):
    """A hall that stands may become a hall of another entry of the same site."""

    to: Slug
    """Entry of the site that it becomes: none of its halls may stand already."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Retrofit per kW of IT capacity of the new hall."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life of the retrofit."""
    lost_months: quantity("month", ge=0, le=120)
    """Months out of service, in the period of the retrofit."""
    keeps_servers: bool
    """The servers stay and run on (cooling-only retrofit); same server type needed."""


class RelocationEntry(Entry):
    """Servers that stand may move to halls of the same server type, at any site."""

    site: Slug
    """Site they move to."""
    hall: Slug
    """Hall entry of that site."""
    cost_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Moving per kW of nameplate power."""
    life_years: quantity("year", ge=1, le=30)
    """Years over which the cost is spread."""


class HallEntry(Entry):
    """Halls of one type at one site: what stands there and how many there may be."""

    card: Reference("halls")
    """Hall type."""
    stock_halls: Annotated[int, pydantic.Field(ge=0, le=10000)] = 0
    """Halls that stand there already; they stay."""
    stock_servers_mw: quantity("MW", ge=0, le=100000) = 0.0
    """Servers installed in them, nameplate."""
    max_halls: Annotated[int, pydantic.Field(ge=0, le=10000)]
    """Most halls of this type, stock included."""
    max_servers_mw: quantity("MW", ge=0, le=100000) | None = None
    """Most servers in them; what the halls hold where nothing is said."""
    closure: ClosureEntry | None = None
    """What closing a stock hall costs; without it stock stays or is converted."""
    conversions: dict[Slug, ConversionEntry] = {}
    """What stock halls may become."""
    relocations: dict[Slug, RelocationEntry] = {}
    """Where stock servers may move to."""
    metered_mwh_per_hall: quantity("MWh", ge=0, le=1e7) = 0.0
    """Metered yearly energy of a stock hall in the base year: what fills an energy pool."""
    owner: Slug | None = None
    """Who owns the halls, wherever they stand."""

    @property
    def may_change(self) -> bool:
        """Stock that may be closed, converted or moved, and so is not extended."""
        return bool(self.closure or self.conversions or self.relocations)


class WorkloadCard(Card):
    """A class of work: when it comes, how long it may wait, how far away it may run."""

    max_delay_h: quantity("hour", ge=0, le=168)
    """Longest wait; 0 for work that must run in its hour."""
    latency_limit_ms: quantity("ms", gt=0, le=1000)
    """Longest network delay to the place it runs."""
    latency_kind: Literal["one_way", "round_trip"]
    """What the limit is about."""
    strict: bool = False
    """True where the limit itself is not allowed any more."""
    kind: Literal["general", "intelligent", "super"] = "general"
    """Type of compute it asks for."""
    use: Literal["training", "inference", "edge", "storage", "batch"] = "batch"
    """What it is done for."""
    ramp_limit: quantity("1/hour", gt=0, le=1e3) | None = None
    """Most change of the work run within an hour, over its mean; no limit where nothing is said."""
    minimum_running_share: Share = 0.0
    """Least work run in any hour, over its mean."""
    checkpoint_h: quantity("hour", ge=0, le=24) = 0.0
    """Hours of work lost and done again for every P that pauses; moving to another site is one."""
    placement: Literal["free", "day", "week"] = "free"
    """How long the split over sites is fixed: work with state stays where it arrived."""
    stays_in: tuple[Slug, ...] = ()
    """Provinces it may not leave; empty: it may run anywhere."""
    data_gb_per_p_h: quantity("GB/P/hour", ge=0, le=1e6) = 0.0
    """Data sent between its region and the place it runs, per P and hour."""
    gbit_per_p: quantity("Gbit/s/P", ge=0, le=1e3) = 0.0
    """Bandwidth that a P takes on the link while it runs."""
    data_gb_per_p: quantity("GB/P", ge=0, le=1e6) = 0.0
    """Data and state that move with each P of placed work when its site changes."""
    hour_shape: HourShape
    """Demand in each hour of the day over its daily mean, local time."""
    compute_fee_cny_per_p_hour: quantity("CNY/P/hour", gt=0, le=1e6) | None = None
    """What users pay for a P for an hour; the settlement tells a cost-covering price without."""
    critical_share: Share = 0.0
    """Share of the peak that goes on whatever site or route fails."""


class DemandEntry(Entry):
    """Compute that a region asks for."""

    region: Slug
    """Region id of the system."""
    workload: Reference("workloads")
    """Class of work."""
    label: Label
    """Precision label of the P asked for."""
    mean_p: dict[int, quantity("P", ge=0, le=1e7)]
    """Mean demand by period, P of the label running at full speed."""


def table(halls: dict[str, tuple[str, HallEntry, HallCard, ServerCard]], wacc: float) -> dict:
    """Parameters of all hall units as dataset fields; id → (site, entry, hall, servers)."""
    rows = list(halls.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(entry, hall, server) for _, entry, hall, server in rows], float)
        return Field(("hall",), values, units, long_name)

    def text(value: Any, long_name: str) -> Field:
        return Field(("hall",), [value(*row) for row in rows], "", long_name)

    def most_servers(entry: HallEntry, hall: HallCard, server: ServerCard) -> float:
        room = entry.max_halls * hall.it_mw / (1.0 + server.storage_share)
        return room if entry.max_servers_mw is None else min(room, entry.max_servers_mw)

    return {
        "hall_site": text(lambda site, e, h, s: site, "site"),
        "hall_type": text(lambda site, e, h, s: e.card, "hall type"),
        "hall_label": text(lambda site, e, h, s: s.label, "precision label of its P"),
        "hall_cooling": text(lambda site, e, h, s: h.cooling, "cooling design"),
        "server_type_kind": text(lambda site, e, h, s: s.kind, "type of compute"),
        "hall_is_stock": field(
            lambda e, h, s: e.stock_halls > 0, "1", "1 where halls of the type stand already"
        ),
        "hall_it_mw": field(lambda e, h, s: h.it_mw, "MW", "IT capacity of one hall"),
        "halls_min": field(lambda e, h, s: e.stock_halls, "1", "halls that stand"),
        "halls_max": field(lambda e, h, s: e.max_halls, "1", "most halls, stock included"),
        "servers_min_mw": field(lambda e, h, s: e.stock_servers_mw, "MW", "servers that stand"),
        "servers_max_mw": field(lambda e, h, s: most_servers(e, h, s), "MW", "most servers"),
        "idle_share": field(lambda e, h, s: s.idle_share, "1", "idle over nameplate power"),
        "storage_share": field(
            lambda e, h, s: s.storage_kw_per_p * s.density_p_per_mw / KILO_TO_MEGA, "1",
            "power of storage systems over nameplate power of servers",
        ),
        "server_kw": field(lambda e, h, s: s.server_kw or 0.0, "kW", "one server; 0: not known"),
        "density_p_per_mw": field(lambda e, h, s: s.density_p_per_mw, "P/MW", "compute density"),
        "availability": field(lambda e, h, s: h.availability, "1", "servers that can run work"),
        "minimum_running_share": field(
            lambda e, h, s: h.minimum_running_share, "1", "least load over servers"
        ),
        "rack_kw": field(lambda e, h, s: h.rack_kw, "kW", "design power of a rack"),
        "domestic": field(lambda e, h, s: s.domestic, "1", "1 for servers of domestic make"),
        "hall_capex_cny_per_mw": field(
            lambda e, h, s: KILO_TO_MEGA * h.capex_cny_per_kw, "CNY/MW", "investment in halls"
        ),
        "hall_annuity_cny_per_mw_year": field(
            lambda e, h, s: KILO_TO_MEGA * h.capex_cny_per_kw * annuity_factor(wacc, h.life_years),
            "CNY/MW/year", "annuity of halls",
        ),
        "hall_om_cny_per_mw_year": field(
            lambda e, h, s: KILO_TO_MEGA * h.om_cny_per_kw_year, "CNY/MW/year", "O&M of halls"
        ),
        "server_capex_cny_per_mw": field(
            lambda e, h, s: KILO_TO_MEGA * s.capex_cny_per_kw, "CNY/MW", "purchase of servers"
        ),
        "server_annuity_cny_per_mw_year": field(
            lambda e, h, s: KILO_TO_MEGA * s.capex_cny_per_kw * annuity_factor(wacc, s.life_years),
            "CNY/MW/year", "annuity of servers",
        ),
    }  # fmt: skip

"""The system card: which sites, plants, halls, contracts and demands a question is about."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic

from coplan.elements.backup import BackupCard, BackupEntry
from coplan.elements.card import Card, Entry, Reference, Slug
from coplan.elements.compute.cards import (
    DemandEntry,
    HallCard,
    HallEntry,
    ServerCard,
    WorkloadCard,
)
from coplan.elements.compute.links import LinkEntry
from coplan.elements.cooling import ColdTankCard, ColdTankEntry, CoolingCard
from coplan.elements.finance import FinanceCard
from coplan.elements.flexibility import FlexibilityEntry
from coplan.elements.heat import HeatEntry, HeatPumpCard
from coplan.elements.lines import DirectPlantEntry, LineCard, RouteCard
from coplan.elements.loads import LoadEntry
from coplan.elements.measures import MeasureEntry
from coplan.elements.network import ConnectionEntry, ZoneCard
from coplan.elements.reliability import Reliability
from coplan.elements.storage import BatteryEntry, StorageCard
from coplan.elements.subsidies.cards import County, SubsidyCard, VoucherUser
from coplan.elements.supply import GeneratorCard, PlantEntry
from coplan.elements.surcharge import DifferentialTariff
from coplan.elements.targets.policy import PolicyCard
from coplan.elements.tariff import TariffCard
from coplan.elements.trading import (
    CertificateCard,
    CertificateEntry,
    ContractCard,
    ContractEntry,
)
from coplan.units import quantity


class SiteCard(Card):
    """A place where a campus stands or may stand."""

    latitude_deg: quantity("degree", ge=-90, le=90)
    """Latitude, degrees north."""
    longitude_deg: quantity("degree", ge=-180, le=180)
    """Longitude, degrees east."""
    altitude_m: quantity("m", ge=-100, le=6000)
    """Height above sea level."""
    zone: Reference("zones")
    """Grid zone: emission factors and export rule."""
    province: Slug
    """Province or municipality: beijing, tianjin, hebei, inner-mongolia."""
    station: Slug
    """Weather station: the file name in data/weather/<year>/ without .csv."""


class RegionCard(Card):
    """A place where demand for compute comes from."""

    latitude_deg: quantity("degree", ge=-90, le=90)
    """Latitude of the load centre, degrees north."""
    longitude_deg: quantity("degree", ge=-180, le=180)
    """Longitude of the load centre, degrees east."""
    province: Slug
    """Province or municipality: beijing, tianjin, hebei, inner-mongolia."""


class PhaseEntry(Entry):
    """What a site may have from a year on; what is left out stays as it was."""

    it_max_mw: quantity("MW", ge=0, le=100000) | None = None
    """Most IT capacity."""
    connection_max_mw: quantity("MW", ge=0, le=100000) | None = None
    """Most grid connection."""


class SizeBand(Entry):
    """IT capacity of a site: none, or within the band."""

    min_mw: quantity("MW", gt=0, le=100000)
    """Least, where the site is used at all."""
    max_mw: quantity("MW", gt=0, le=100000)
    """Most."""


class SiteEntry(Entry):
    """One campus of the system with everything that may be built or bought there."""

    site: Reference("sites")
    """The place."""
    connection: ConnectionEntry
    """Grid connection, tariff and charge scheme."""
    it_max_mw: quantity("MW", ge=0, le=100000)
    """Most IT capacity that land and grid planning allow."""
    phases: dict[int, PhaseEntry] = {}
    """Other limits from a year on: growth in phases, with the grid connection."""
    size_band: SizeBand | None = None
    """No IT capacity, or so much: a small campus is not worth its staff."""
    land_m2: quantity("m^2", gt=0, le=1e9) | None = None
    """Land for halls; no limit where nothing is said."""
    owner: Slug | None = None
    """Owner of the halls that name none themselves."""
    tier: Literal["centre", "park", "edge"] | None = None
    """Role of the site in a three-tier layout (中心, 园区, 边缘)."""
    halls: dict[Slug, HallEntry] = {}
    """Hall types that stand or may be built here."""
    loads: dict[Slug, LoadEntry] = {}
    """Electrical loads that are given by the hour, not planned."""
    measures: dict[Slug, MeasureEntry] = {}
    """Efficiency measures that may be taken."""
    plants: dict[Slug, PlantEntry] = {}
    """Own wind and PV plants behind the site's meter."""
    batteries: dict[Slug, BatteryEntry] = {}
    """Battery storage behind the site's meter."""
    cold_tanks: dict[Slug, ColdTankEntry] = {}
    """Cold-water tanks beside cooling plants."""
    water_price_cny_per_m3: quantity("CNY/m3", ge=0, le=1e4) = 0.0
    """Price of water that cooling evaporates."""
    heat: HeatEntry | None = None
    """Waste heat that may be sold; none where nothing is said."""
    flexibility: FlexibilityEntry | None = None
    """Demand response that may be sold; none where nothing is said."""
    differential_tariff: DifferentialTariff = ()
    """What energy above a yearly PUE pays more, in tiers; none where nothing is said."""
    subsidies: tuple[Reference("subsidies"), ...] = ()
    """Rule cards whose rewards projects of this site may get."""
    county: County | None = None
    """Who the site belongs to, where city and county share what is paid."""
    contracts: dict[Slug, ContractEntry] = {}
    """Green-power contracts delivered to this site through the public grid."""
    backup: BackupEntry | None = None
    """Backup generators; none where nothing is said."""


class Network(Entry):
    """How fibre distance becomes latency, which links are limited, what moving work costs."""

    route_factor: quantity("dimensionless", ge=1, le=3) = 1.4
    """Fibre route length over great-circle distance."""
    equipment_ms: quantity("ms", ge=0, le=100) = 0.1
    """Equipment delay per direction."""
    links: dict[Slug, LinkEntry] = {}
    """Links from a region to a site that are limited or cost money; others are free."""
    migration_cny_per_gb: quantity("CNY/GB", ge=0, le=1e4) = 0.0
    """Price of data that move with work to another site."""
    migration_kwh_per_gb: quantity("kWh/GB", ge=0, le=100) = 0.0
    """Energy of moving it, used at the site it moves to."""


class System(Card):
    """Sites, regions and demands: the physical question without targets."""

    sites: Annotated[dict[Slug, SiteEntry], pydantic.Field(min_length=1)]
    """Campuses by id."""
    regions: dict[Slug, Reference("regions")] = {}
    """Regions by id."""
    plants: dict[Slug, DirectPlantEntry] = {}
    """Wind and PV plants of their own, with direct lines to one or several sites, by id."""
    certificates: dict[Slug, CertificateEntry] = {}
    """Green certificates without energy that sites may buy, by id; a target says which count."""
    network: Network = Network()
    """Fibre network between regions and sites."""
    demand: dict[Slug, DemandEntry] = {}
    """Demand for compute by id; a system may consist of fixed loads alone."""
    voucher_users: dict[Slug, VoucherUser] = {}
    """Units that ask for compute vouchers, by id."""
    reliability: Reliability | None = None
    """Failures that critical work has to live with; none where nothing is said."""


CARD_CLASSES: dict[str, type[Card]] = {
    "certificates": CertificateCard,
    "cold-tanks": ColdTankCard,
    "backup": BackupCard,
    "contracts": ContractCard,
    "cooling": CoolingCard,
    "finance": FinanceCard,
    "generators": GeneratorCard,
    "heat-pumps": HeatPumpCard,
    "halls": HallCard,
    "lines": LineCard,
    "policies": PolicyCard,
    "regions": RegionCard,
    "routes": RouteCard,
    "servers": ServerCard,
    "sites": SiteCard,
    "storage": StorageCard,
    "subsidies": SubsidyCard,
    "systems": System,
    "tariffs": TariffCard,
    "workloads": WorkloadCard,
    "zones": ZoneCard,
}
"""Folder under models/ → class of the cards in it."""

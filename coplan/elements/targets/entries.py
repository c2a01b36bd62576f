"""What a scenario may ask for: targets as entries, and as plain records for model and report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from coplan.elements.card import Entry, Share, Slug
from coplan.elements.compute.cards import Label
from coplan.elements.targets.balance import (
    EnergyBudget,
    ExportShare,
    NoReverseFlow,
    OwnSupplyShare,
    SelfUseShare,
    Utilisation,
)
from coplan.elements.targets.carbon import CarbonCap
from coplan.elements.targets.connection_size import GridConnection
from coplan.elements.targets.exchange import MaxExchange, PeakValleyRate, RampLimit
from coplan.elements.targets.scope import Places
from coplan.elements.targets.soft import PerCluster, PerM3, PerMw, PerMwh, PerP, PerTonne
from coplan.elements.targets.storage_share import StorageShare
from coplan.elements.trading.certificates import WINDOW_YEARS
from coplan.units import quantity


class GreenShare(PerMwh):
    """Least share of green energy in facility energy."""

    value: Share
    """Share between 0 and 1."""
    matching: Literal["hourly", "monthly", "annual"] = "annual"
    """Interval within which green and used energy must match."""
    unbundled_max_share: Share = 0.0
    """Most of the load that unbundled certificates may cover; 0: they do not count."""
    certificate_window_years: Annotated[int, pydantic.Field(ge=0, le=20)] = WINDOW_YEARS
    """How many years before their use certificates may have been produced. A certificate lives two
    years from its month, so those of the year and of the one before count in any case."""


class PueLimit(PerMwh):
    """Most annual facility energy over IT energy."""

    value: quantity("dimensionless", ge=1, le=3)
    """PUE."""
    scope: Literal["fleet", "site"] = "fleet"
    """Over all sites together, or each site by itself."""

    @pydantic.model_validator(mode="after")
    def _is_soft_as_a_whole(self) -> PueLimit:
        if self.scope == "site" and self.penalty_cny_per_mwh is not None:
            raise ValueError("scope: site has no penalty; give every site its own pue_limits")
        return self


class CueLimit(PerTonne):
    """Most carbon of grid energy over IT energy, by location."""

    value: quantity("kg/kWh", ge=0, le=3)
    """kg CO2 per kWh of IT energy, of the fleet."""


class Scope(Places):
    """Which halls a clause is about; what is left out does not narrow it."""

    tier: Literal["centre", "park", "edge"] | None = None
    """Sites of this tier."""
    owner: Slug | None = None
    """Halls of this owner, wherever they stand."""
    compute_kind: Literal["general", "intelligent", "super"] | None = None
    """Halls with servers of this type."""


class CapacityClause(Scope, PerP):
    """Compute of a label in a scope: at least, or at most, so many P."""

    label: Label
    """Precision label; labels are never added."""
    value: quantity("P", ge=0, le=1e8)
    """P installed, or bought where additions only are asked about."""
    at_most: bool = False
    """The value is the most instead of the least."""
    additions_only: bool = False
    """Only servers bought count, not the stock."""


class IntelligentShare(Scope, PerMw):
    """Share of intelligent compute; about so much where a tolerance is given."""

    value: Share
    """Share between 0 and 1."""
    tolerance: Share | None = None
    """Half of the band of a text that says "about" (左右); without it the share is the least."""
    label: Label | None = None
    """Counted in P of this label; without it in MW of servers, since labels are never added."""


class DomesticShare(Scope, PerMw):
    """Least share of domestic servers in what is bought, MW of servers."""

    value: Share
    """Share between 0 and 1."""


class Occupancy(Scope, PerMw):
    """Least share of rack power in use (上架率)."""

    value: Share
    """Servers installed over what the halls hold."""


class NoNew(Scope, PerMw):
    """Nothing is built or bought in the scope."""


class Clusters(Scope, PerCluster):
    """Indivisible single clusters: so many blocks, each at one site."""

    label: Label
    """Precision label."""
    block_p: quantity("P", gt=0, le=1e8)
    """P of one block."""
    value: Annotated[int, pydantic.Field(ge=1, le=1000)]
    """Least number of blocks."""


class RackPower(Scope, PerMw):
    """Least average design power of racks in use."""

    value: quantity("kW", gt=0, le=1000)
    """kW per rack."""


class EnergyPool(Scope, PerMwh):
    """Halls built or converted use no more energy than the stock they replace was metered with."""

    value: quantity("dimensionless", ge=0, le=10) = 1.0
    """Share of the metered energy of closed and converted halls that may be used again."""


class Priority(Entry):
    """Work of some regions runs at the sites named first."""

    regions: Annotated[tuple[Slug, ...], pydantic.Field(min_length=1)]
    """Regions of the system whose work it is about."""
    kind: Literal["general", "intelligent", "super"]
    """Type of compute the work asks for."""
    sites: Annotated[tuple[Slug, ...], pydantic.Field(min_length=1)]
    """Sites that come first."""
    penalty_cny_per_p_h: quantity("CNY/P/hour", ge=0, le=1e6)
    """Penalty for every P and hour run elsewhere; a penalty is no cost."""
    value: Share = 0.0
    """Least share of that work that must run there."""


class UsageScope(Scope):
    """Which halls a limit on their use is about."""

    hall_types: tuple[Slug, ...] | None = None
    """Hall types by the name of their card: a class or a vintage."""
    stands: Literal["new", "stock"] | None = None
    """Halls that are new, or halls that stood before."""


class ScopedPue(UsageScope, PerMwh):
    """Most annual facility energy over IT energy of the halls in a scope, summed."""

    value: quantity("dimensionless", ge=1, le=3)
    """PUE."""


class ConditionalPue(UsageScope, PerMwh):
    """PUE limit of a project, stricter where its yearly energy is above a threshold."""

    threshold_tce: quantity("dimensionless", gt=0, le=1e8)
    """Yearly energy, tonnes of standard coal, above which a project counts as large."""
    coal_factor_kg_per_kwh: quantity("kg/kWh", gt=0, le=1)
    """Standard coal per kWh: 0.1229 by heat, or the equal value of a year."""
    below: quantity("dimensionless", ge=1, le=3)
    """Most PUE of any project."""
    above: quantity("dimensionless", ge=1, le=3)
    """Most PUE of a large project."""

    @pydantic.model_validator(mode="after")
    def _is_stricter_above(self) -> ConditionalPue:
        if self.above > self.below:
            raise ValueError("above, the limit of large projects, must not be more than below")
        return self


class WaterCap(UsageScope, PerM3):
    """Most water of the halls in a scope."""

    value: quantity("m3", ge=0, le=1e10)
    """Water in a year."""


class Targets(Entry):
    """What the plan must reach; what is left out is not asked for."""

    green_share: GreenShare | None = None
    """Green share of facility energy."""
    pue: PueLimit | None = None
    """Power usage effectiveness."""
    cue: CueLimit | None = None
    """Carbon usage effectiveness."""
    compute: Annotated[dict[Label, quantity("P", ge=0, le=1e8)], pydantic.Field()] = {}
    """Total compute by precision label, P installed."""
    capacity: dict[Slug, CapacityClause] = {}
    """Compute of a label by type, site or owner."""
    intelligent_share: dict[Slug, IntelligentShare] = {}
    """Share of intelligent compute."""
    domestic_share: dict[Slug, DomesticShare] = {}
    """Domestic share of additions."""
    occupancy: dict[Slug, Occupancy] = {}
    """Rack occupancy."""
    rack_power: dict[Slug, RackPower] = {}
    """Average design power of racks."""
    no_new: dict[Slug, NoNew] = {}
    """Where nothing new of a type is built."""
    clusters: dict[Slug, Clusters] = {}
    """Indivisible clusters."""
    energy_pool: dict[Slug, EnergyPool] = {}
    """New and converted halls live on the energy that stock releases."""
    priority: dict[Slug, Priority] = {}
    """Work that runs at the sites named first, by id."""
    pue_limits: dict[Slug, ScopedPue] = {}
    """PUE by site, hall type, tier or vintage."""
    conditional_pue: dict[Slug, ConditionalPue] = {}
    """PUE of projects by their size."""
    water: dict[Slug, WaterCap] = {}
    """Water of cooling."""
    self_use_share: dict[Slug, SelfUseShare] = {}
    """Own generation that the project uses itself."""
    own_supply_share: dict[Slug, OwnSupplyShare] = {}
    """Load that own generation covers."""
    export_share: dict[Slug, ExportShare] = {}
    """Own generation fed into the grid."""
    utilisation: dict[Slug, Utilisation] = {}
    """Own generation that is not curtailed."""
    storage_share: dict[Slug, StorageShare] = {}
    """Batteries that go with plants."""
    grid_connection: dict[Slug, GridConnection] = {}
    """Grid connections of the sites together."""
    max_exchange: dict[Slug, MaxExchange] = {}
    """Largest exchange with the grid."""
    no_reverse_flow_hours: dict[Slug, NoReverseFlow] = {}
    """Hours in which nothing is fed into the grid."""
    peak_valley_rate: dict[Slug, PeakValleyRate] = {}
    """Peak-valley rate of the exchange with the grid."""
    ramp_limit: dict[Slug, RampLimit] = {}
    """Change of the exchange from step to step."""
    carbon_cap: dict[Slug, CarbonCap] = {}
    """Tonnes of CO2 in a year."""
    energy_budget: dict[Slug, EnergyBudget] = {}
    """Standard coal in a year."""

    @pydantic.model_validator(mode="after")
    def _ids_differ(self) -> Targets:
        ids = [target["id"] for target in listed(self)]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"two clauses have the same id: {', '.join(twice)}")
        return self


CLAUSES = (
    "capacity", "intelligent_share", "domestic_share", "occupancy", "rack_power", "no_new",
    "clusters", "energy_pool",
    "pue_limits", "conditional_pue", "water",
    "self_use_share", "own_supply_share", "export_share", "utilisation", "storage_share",
    "grid_connection", "max_exchange", "no_reverse_flow_hours", "peak_valley_rate", "ramp_limit",
    "carbon_cap", "energy_budget",
)  # fmt: skip
"""Fields of Targets that hold clauses by id; the field is the clause's kind."""


NO_VALUE = {"conditional_pue": 1.0}
"""Value of kinds without one: PUE over the limit that holds for the project's size is at most 1."""


def listed(targets: Targets) -> list[dict[str, Any]]:
    """Targets as plain records, in the order in which the report shows them."""
    found: list[dict[str, Any]] = []
    if targets.green_share is not None:
        found.append({"id": "green_share", "kind": "green_share"} | dict(targets.green_share))
    if targets.pue is not None:
        found.append({"id": "pue", "kind": "pue"} | dict(targets.pue))
    if targets.cue is not None:
        found.append({"id": "cue", "kind": "cue"} | dict(targets.cue))
    for label, value in targets.compute.items():
        found.append({"id": f"compute_{label}", "kind": "compute", "label": label, "value": value})
    for kind in CLAUSES:
        for name, clause in getattr(targets, kind).items():
            record = {"id": name, "kind": kind, "value": NO_VALUE.get(kind, 0.0)}
            found.append(record | clause.model_dump(mode="json"))
    for name, target in targets.priority.items():
        found.append({"id": name, "kind": "priority"} | _plain(target))
    return found


def _plain(target: Priority) -> dict[str, Any]:
    """A priority as a record; its type of compute is called so, since every record has a kind."""
    return target.model_dump(exclude={"kind"}) | {"compute_kind": target.kind}

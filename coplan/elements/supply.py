"""Wind and PV plants: what the weather gives, sized within what was approved.

    generation[g,t] ≤ capacity_factor[g,t] · capacity[g]                                    [MW]

The rest is curtailment.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Share
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.series import ProfileSeries
from coplan.physics.money import annuity_factor
from coplan.units import quantity


class GeneratorCard(Card):
    """A wind or PV technology."""

    kind: Literal["wind", "pv"]
    """Which profile the plant follows."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Investment per kW (AC)."""
    om_cny_per_kw_year: quantity("CNY/kW/year", ge=0, le=1e5)
    """Fixed operation and maintenance."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""
    losses_share: Share
    """Electrical, wake and availability losses of the yield."""
    tilt_deg: quantity("degree", ge=0, le=90) = 35.0
    """PV only: tilt of the modules, facing south."""
    dc_ac_ratio: quantity("dimensionless", ge=0.5, le=2.5) = 1.2
    """PV only: module power over inverter power."""
    embodied_kg_per_kw_year: quantity("kg/kW/year", ge=0, le=1e4) = 0.0
    """Greenhouse gases of making it, spread over its life."""


class Plant(Entry):
    """What is said of any own plant."""

    card: Reference("generators")
    """Technology."""
    approved_mw: quantity("MW", ge=0, le=100000)
    """Most that may be built: the approved capacity."""
    committed_mw: quantity("MW", ge=0, le=100000) = 0.0
    """Least that is built: already committed."""
    profile: ProfileSeries | None = None
    """Measured or bought profile instead of the one worked out from weather."""


class PlantEntry(Plant):
    """An own plant behind a site's meter."""

    use_fee_cny_per_kwh: quantity("CNY/kWh", ge=0, le=10) = 0.0
    """Funds and system fees that own use pays, where the rule says so; what is fed in pays none.
    Where plants of a site pay different fees, what is fed in is spared the least of them."""


def table(plants: dict[str, tuple[str, Plant, GeneratorCard]], wacc: float) -> dict:
    """Parameters of all plants as dataset fields; `plants` is id → (site, entry, card).

    The site of a plant with direct lines is that of the user who leads.
    """
    entries = [entry for _, entry, _ in plants.values()]
    behind = [isinstance(entry, PlantEntry) for entry in entries]
    cards = [card for _, _, card in plants.values()]

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("plant",), np.array(values, dtype=float), units, long_name)

    capex = [KILO_TO_MEGA * card.capex_cny_per_kw for card in cards]
    annuity = [
        cost * annuity_factor(wacc, card.life_years)
        for cost, card in zip(capex, cards, strict=True)
    ]
    return {
        "plant_site": Field(("plant",), [site for site, _, _ in plants.values()], "", "site"),
        "plant_kind": Field(("plant",), [card.kind for card in cards], "", "wind or pv"),
        "plant_capacity_max_mw": field(
            [entry.approved_mw for entry in entries], "MW", "approved capacity"
        ),
        "plant_capacity_min_mw": field(
            [entry.committed_mw for entry in entries], "MW", "committed capacity"
        ),
        "plant_capex_cny_per_mw": field(capex, "CNY/MW", "investment"),
        "plant_annuity_cny_per_mw_year": field(annuity, "CNY/MW/year", "annuity of investment"),
        "plant_life_years": field([card.life_years for card in cards], "year", "economic life"),
        "plant_om_cny_per_mw_year": field(
            [KILO_TO_MEGA * card.om_cny_per_kw_year for card in cards], "CNY/MW/year", "O&M"
        ),
        "plant_embodied_t_per_mw_year": field(  # kg per kW is t per MW
            [card.embodied_kg_per_kw_year for card in cards], "t/MW/year", "embodied carbon"
        ),
        "plant_use_fee_cny_per_mwh": field(
            [KILO_TO_MEGA * getattr(entry, "use_fee_cny_per_kwh", 0.0) for entry in entries],
            "CNY/MWh", "funds and fees on own use",
        ),
        "plant_is_behind_meter": field(behind, "1", "0 where direct lines lead to its users"),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare plant capacities of one period and book their annuities and O&M."""
    b = algebra.block(sizes, "supply", doc="wind and PV plants: sizes")
    sites = [str(site) for site in data["plant_site"].values]
    b.plant_capacity_mw = algebra.variable(
        index.plants, lower=data["plant_capacity_min_mw"].values,
        upper=data["plant_capacity_max_mw"].values, unit="MW", doc="capacity of a plant",
    )  # fmt: skip
    b.annuity = algebra.param(
        index.plants, values=KILO * data["plant_annuity_cny_per_mw_year"].values
    )
    b.om = algebra.param(index.plants, values=KILO * data["plant_om_cny_per_mw_year"].values)

    @algebra.expression(b, index.plants, unit="kCNY/year", doc="capital cost of a plant")
    def plant_annuity_kcny(b, g):
        return b.annuity[g] * b.plant_capacity_mw[g]

    @algebra.expression(b, index.plants, unit="kCNY/year", doc="O&M of a plant")
    def plant_om_kcny(b, g):
        return b.om[g] * b.plant_capacity_mw[g]

    b.embodied = algebra.param(index.plants, values=data["plant_embodied_t_per_mw_year"].values)

    @algebra.expression(b, index.plants, unit="t/year", doc="embodied carbon of a plant")
    def embodied_t(b, g):
        return b.embodied[g] * b.plant_capacity_mw[g]

    kinds = [f"{kind} plant" for kind in data["plant_kind"].values]
    ledger.emit(b.embodied_t, index.plants)
    ledger.book("supply", kinds, b.plant_annuity_kcny, index.plants, sites)
    ledger.book("supply", "plant O&M", b.plant_om_kcny, index.plants, sites)


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare generation of one operating year; what comes behind a meter is own green power."""
    b = algebra.block(y, "supply", doc="wind and PV plants")
    factor = data["capacity_factor"].values
    sites = [str(site) for site in data["plant_site"].values]
    b.capacity_factor = algebra.param(index.plants, index.times, values=factor)
    behind = data["plant_is_behind_meter"].values[:, None]
    b.at = algebra.param(
        index.plants, index.sites, values=incidence(sites, list(index.sites)) * behind
    )
    b.use_fee = algebra.param(index.plants, values=KILO * data["plant_use_fee_cny_per_mwh"].values)
    b.generation_mw = algebra.variable(
        index.plants, index.times, unit="MW", doc="power a plant gives to its users",
        upper=factor * data["plant_capacity_max_mw"].values[:, None],
    )  # fmt: skip

    @algebra.constraint(b, index.plants, index.times, doc="a plant gives no more than its weather")
    def generation_limit(b, g, t):
        capacity = sizes.supply.plant_capacity_mw[g]
        return b.generation_mw[g, t] <= b.capacity_factor[g, t] * capacity

    @algebra.expression(b, index.plants, unit="kCNY/year", doc="fees as if all were used")
    def own_use_fee_kcny(b, g):
        return b.use_fee[g] * sum(index.hours[t] * b.generation_mw[g, t] for t in index.times)

    ledger.post("generation", b.generation_mw, +1, index.plants, b.at, "green own")
    ledger.book("supply", "own-use fees", b.own_use_fee_kcny, index.plants, sites)


def close(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Take the fees of own use back from what is fed in."""
    b = y.supply
    spared = least_fee(data, list(index.sites))
    if not (spared * data["export_max_mw"].values).any():
        return
    fed_in = ledger.pick("export")  # postings are negative: what a site gives away
    b.fee_spared = algebra.param(index.sites, values=KILO * spared)

    @algebra.expression(b, index.sites, unit="kCNY/year", doc="own-use fees not due on export")
    def spared_fee_kcny(b, s):
        return b.fee_spared[s] * sum(
            index.hours[t] * sum_postings(fed_in, s, t) for t in index.times
        )

    ledger.book("supply", "own-use fees", b.spared_fee_kcny, index.sites, list(index.sites))


def least_fee(data: Any, sites: list[str]) -> np.ndarray:
    """The least own-use fee of the plants of each site (site), CNY/MWh; 0 without a plant."""
    fees = data["plant_use_fee_cny_per_mwh"].values
    places = np.array([str(site) for site in data["plant_site"].values])
    return np.array([fees[places == site].min() if site in places else 0.0 for site in sites])

"""Carbon: usage effectiveness of the fleet, and caps on tonnes, by location or by market.

    Σ factor · grid ≤ limit · Σ it                                                  [kt CO2]
    Σ factor · grid + test runs of backup ≤ cap                     by location     [kt CO2]
    the same + embodied in plants and batteries ≤ cap               over the life   [kt CO2]
    residual factor · (Σ grey − unspent − certificates) + test runs ≤ cap    by market

Grid energy is all that comes through the grid, bought at retail or delivered by a contract: where
a plant's output is claimed does not change what the grid of the place emits. Over the life, making
plants and batteries counts too, spread over the years that they last. By market, contract
energy paid and not taken and own energy fed in with its certificates are netted over the year, and
every certificate bought counts.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.targets.scope import Places, of_kind, sites_in_scope
from coplan.elements.targets.soft import PerTonne, relief
from coplan.elements.trading.certificates import WINDOW_YEARS, valid_in
from coplan.units import quantity

PER_HUNDREDTH = "CNY/year per 0.01 kg/kWh"


class CarbonCap(Places, PerTonne):
    """Most carbon of the sites' energy in a year."""

    value: quantity("t", ge=0, le=1e10)
    """Tonnes of CO2 in a year, test runs of backup included."""
    basis: Literal["location", "lifecycle", "market"] = "location"
    """By the factor of the place for all grid energy; the same with the carbon of making plants and
    batteries; or by the residual factor for energy that nothing green covers, which is an account
    of all sites together."""

    @pydantic.model_validator(mode="after")
    def _market_is_of_all_sites(self) -> CarbonCap:
        if self.basis == "market" and (self.sites or self.provinces):
            raise ValueError("basis: market is an account of all sites: leave out sites, provinces")
        return self


def limit_carbon(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Keep the carbon of one operating year within every limit and cap."""
    if of_kind(targets, "cue", "carbon_cap"):
        factor = data["emission_factor_t_per_mwh"].values
        y.targets.grid_factor = algebra.param(index.sites, index.times, values=factor)
    _usage(y, index, of_kind(targets, "cue"), ledger)
    caps = of_kind(targets, "carbon_cap")
    _by_location(y, index, sizes, data, [t for t in caps if t["basis"] != "market"], ledger)
    _by_market(y, index, sizes, data, [t for t in caps if t["basis"] == "market"], ledger)


def _usage(y: Any, index: Index, asked: list[dict], ledger: Ledger) -> None:
    """Keep the carbon of the fleet's grid energy within each limit times IT energy."""
    if not asked:
        return
    b, sites, times, hours = y.targets, index.sites, index.times, index.hours
    grid, it = ledger.pick("grid"), ledger.pick("it")
    b.carbon_limits = algebra.index([t["id"] for t in asked], dim="carbon_limit", doc="CUE")
    b.cue_most = algebra.param(b.carbon_limits, values=np.array([t["value"] for t in asked]))
    b.cue_relief = relief(b, b.carbon_limits, [t["id"] for t in asked], KILO)

    @algebra.constraint(b, b.carbon_limits, doc="carbon of grid energy within CUE times IT energy")
    def cue_limit(b, c):  # postings of IT are negative: what a site takes
        return sum(
            KILO * hours[t] * (
                b.grid_factor[s, t] * sum_postings(grid, s, t)
                + b.cue_most[c] * sum_postings(it, s, t)
            )
            for s in sites for t in times
        ) - sum(b.cue_relief[c, k] * b.missed_soft[k] for k in b.soft) <= 0  # fmt: skip

    for target in asked:
        place = (b.cue_limit, target["id"])
        ledger.promise(target["id"], place, "it", -0.01 * KILO, PER_HUNDREDTH, "kt")


def _by_location(
    y: Any, index: Index, sizes: Any, data: Any, asked: list[dict], ledger: Ledger
) -> None:
    if not asked:
        return
    b, sites, times, hours = y.targets, index.sites, index.times, index.hours
    ids, grid, backups = [t["id"] for t in asked], ledger.pick("grid"), sizes.backup.backups
    inside = np.array([sites_in_scope(t, data) for t in asked])
    at = np.array([[s == place for s in sites] for place in names(data, "backup_site")])
    tested = at.reshape(-1, len(sites)) * _tested(data)[:, None]
    whole_life = np.array([KILO * (t["basis"] == "lifecycle") for t in asked])[:, None]
    b.location_caps = algebra.index(ids, dim="location_cap", doc="carbon caps by location")
    b.cap_inside = algebra.param(b.location_caps, sites, values=KILO * inside)
    b.cap_tested = algebra.param(b.location_caps, backups, values=KILO * inside @ tested.T)
    b.cap_of_plants = algebra.param(
        b.location_caps, index.plants, values=whole_life * inside @ _made(data, "plant", "mw").T
    )
    b.cap_of_batteries = algebra.param(
        b.location_caps, index.batteries,
        values=whole_life * inside @ _made(data, "battery", "mwh").T,
    )  # fmt: skip
    b.location_most = algebra.param(b.location_caps, values=_kilotonnes(asked))
    b.location_relief = relief(b, b.location_caps, ids, KILO)

    @algebra.constraint(b, b.location_caps, doc="carbon by location within its cap")
    def carbon_cap_limit(b, c):
        emitted = sum(
            b.cap_inside[c, s] * hours[t] * b.grid_factor[s, t] * sum_postings(grid, s, t)
            for s in sites for t in times
        )  # fmt: skip
        runs = sum(b.cap_tested[c, u] * sizes.backup.backup_mw[u] for u in backups)
        built = sizes.supply.plant_capacity_mw
        stored = sizes.storage.storage_energy_mwh
        made = sum(b.cap_of_plants[c, g] * built[g] for g in index.plants) + sum(
            b.cap_of_batteries[c, u] * stored[u] for u in index.batteries
        )
        missed = sum(b.location_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return emitted + runs + made - missed <= b.location_most[c]

    for name in ids:
        place = (b.carbon_cap_limit, name)
        ledger.promise(name, place, "", -KILO, "CNY/year per t", "kt")


def _by_market(
    y: Any, index: Index, sizes: Any, data: Any, asked: list[dict], ledger: Ledger
) -> None:
    if not asked:
        return
    b, sites, times, hours = y.targets, index.sites, index.times, index.hours
    ids, grey, backups = [t["id"] for t in asked], ledger.pick("grey"), sizes.backup.backups
    residual = KILO * float(data["residual_factor_t_per_mwh"])
    _unspent(y, index, sizes, data)
    b.market_caps = algebra.index(ids, dim="market_cap", doc="carbon caps by market")
    b.market_tested = algebra.param(backups, values=KILO * _tested(data))
    b.market_most = algebra.param(b.market_caps, values=_kilotonnes(asked))
    b.market_relief = relief(b, b.market_caps, ids, KILO)
    valid = valid_in(data["certificate_vintage"].values, int(data["period"].values), WINDOW_YEARS)
    b.valid = algebra.param(y.trading.certificates, values=valid)
    bought_apart = y.trading.certificates_mwh

    @algebra.constraint(b, b.market_caps, doc="carbon by market within its cap")
    def market_carbon_cap_limit(b, c):
        bought = sum(
            residual * hours[t] * sum_postings(grey, s, t) for s in sites for t in times
        )
        papers = sum(b.valid[e] * bought_apart[e] for e in y.trading.certificates)
        covered = residual * (b.unspent_mwh + papers)
        runs = sum(b.market_tested[u] * sizes.backup.backup_mw[u] for u in backups)
        missed = sum(b.market_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return bought - covered + runs - missed <= b.market_most[c]

    for name in ids:
        place = (b.market_carbon_cap_limit, name)
        ledger.promise(name, place, "", -KILO, "CNY/year per t", "kt")


def _kilotonnes(asked: list[dict]) -> np.ndarray:
    return KILO * np.array([float(target["value"]) for target in asked])


def _tested(data: Any) -> np.ndarray:
    """Tonnes a year of test runs per MW (backup)."""
    energy = data["backup_tested_mwh_per_mw_year"].values
    return np.asarray(energy * data["backup_emission_t_per_mwh"].values)


def _made(data: Any, dim: str, unit: str) -> np.ndarray:
    """Tonnes a year embodied in a unit of a plant or battery, at its site (unit, site)."""
    kind = {"plant": "plant", "battery": "storage"}[dim]
    place = incidence(names(data, f"{dim}_site"), names(data, "site"))
    return np.asarray(place * data[f"{kind}_embodied_t_per_{unit}_year"].values[:, None])


def _unspent(y: Any, index: Index, sizes: Any, data: Any) -> None:
    """Declare the energy of a year that certificates came with and no step has used, MWh."""
    b, trading, hours, times = y.targets, y.trading, index.hours, index.times
    weight = data["step_weight"].values * index.step_h
    settled = np.array([kind != "hourly" for kind in names(data, "contract_settlement")])
    b.nets = algebra.param(index.contracts, values=settled.astype(float))
    b.nets_made = algebra.param(
        index.contracts, values=settled * (data["contract_profile"].values @ weight)
    )
    b.nets_export = algebra.param(index.sites, values=data["export_keeps_certificates"].values)

    @algebra.expression(b, unit="MWh", doc="green energy paid for and not used in its step")
    def unspent_mwh(b):
        made = sum(b.nets_made[c] * sizes.trading.contract_volume_mw[c] for c in index.contracts)
        taken = sum(
            b.nets[c] * hours[t] * trading.delivered_mw[c, t]
            for c in index.contracts for t in times
        )  # fmt: skip
        unmatched = sum(
            b.nets[c] * hours[t] * trading.shaped_of[k, c] * trading.unmatched_mw[k, t]
            for k in trading.shaped for c in index.contracts for t in times
        )  # fmt: skip
        resold = sum(
            b.nets[c] * hours[t] * trading.resale_of[r, c] * trading.resold_mw[r, t]
            for r in trading.resales for c in index.contracts for t in times
        )  # fmt: skip
        fed_in = sum(
            b.nets_export[s] * hours[t] * y.network.export_mw[s, t]
            for s in index.sites for t in times
        )  # fmt: skip
        return made - taken + unmatched - resold + fed_in

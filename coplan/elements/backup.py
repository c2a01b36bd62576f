"""Backup generators of a site: there for an outage, run only to be tested.

    backup[s] ≥ existing[s];    tested energy = backup · test load share · test hours     [MWh/year]

Tests run on a load bank: their energy serves no load, but fuel is bought and carbon is emitted.
What backup is good for is decided in reliability: it is part of a site's firm supply.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Share
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, names
from coplan.elements.ledger import Ledger
from coplan.physics.money import annuity_factor
from coplan.units import quantity


class BackupCard(Card):
    """A kind of backup generator."""

    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Installed cost with tanks and switchgear."""
    om_cny_per_kw_year: quantity("CNY/kW/year", ge=0, le=1e5)
    """Fixed operation and maintenance."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""
    fuel_cny_per_kwh: quantity("CNY/kWh", ge=0, le=100)
    """Fuel per kWh generated."""
    emission_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Carbon per kWh generated."""
    test_hours_per_year: quantity("hour", ge=0, le=8760)
    """Hours of test runs a year."""
    test_load_share: Share
    """Load in a test run over rated power."""


class BackupEntry(Entry):
    """Backup generators of a site."""

    card: Reference("backup")
    """Kind of generator."""
    max_mw: quantity("MW", ge=0, le=100000)
    """Most backup power, what stands included."""
    existing_mw: quantity("MW", ge=0, le=100000) = 0.0
    """Backup that stands already: its tests and upkeep are paid, its purchase is not."""


def table(backups: dict[str, tuple[str, BackupEntry, BackupCard]], wacc: float) -> dict[str, Field]:
    """Parameters of all backups as dataset fields; `backups` is id → (site, entry, card)."""
    rows = list(backups.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(entry, card) for _, entry, card in rows], dtype=float)
        return Field(("backup",), values, units, long_name)

    def tested_h(card: BackupCard) -> float:
        return card.test_hours_per_year * card.test_load_share

    return {
        "backup_site": Field(("backup",), [site for site, _, _ in rows], "", "site"),
        "backup_min_mw": field(lambda e, c: e.existing_mw, "MW", "backup that stands"),
        "backup_max_mw": field(lambda e, c: e.max_mw, "MW", "most backup power"),
        "backup_annuity_cny_per_mw_year": field(
            lambda e, c: KILO_TO_MEGA * c.capex_cny_per_kw * annuity_factor(wacc, c.life_years),
            "CNY/MW/year", "annuity of backup",
        ),
        "backup_life_years": field(lambda e, c: c.life_years, "year", "economic life"),
        "backup_om_cny_per_mw_year": field(
            lambda e, c: KILO_TO_MEGA * c.om_cny_per_kw_year, "CNY/MW/year", "O&M of backup"
        ),
        "backup_tested_mwh_per_mw_year": field(
            lambda e, c: tested_h(c), "h/year", "energy of test runs per MW of backup"
        ),
        "backup_fuel_cny_per_mwh": field(
            lambda e, c: KILO_TO_MEGA * c.fuel_cny_per_kwh, "CNY/MWh", "fuel of backup"
        ),
        "backup_emission_t_per_mwh": field(
            lambda e, c: c.emission_kg_per_kwh, "t/MWh", "carbon of backup"
        ),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare the backup of one period; book its purchase, upkeep, test fuel and carbon price."""
    b = algebra.block(sizes, "backup", doc="backup generators: sizes")
    sites = names(data, "backup_site")
    b.backups = algebra.index(names(data, "backup"), dim="backup", doc="backup generators")
    b.backup_mw = algebra.variable(
        b.backups, lower=data["backup_min_mw"].values, upper=data["backup_max_mw"].values,
        unit="MW", doc="backup power, what stands included",
    )  # fmt: skip
    tested = data["backup_tested_mwh_per_mw_year"].values
    carbon = float(data["carbon_price_cny_per_t"]) * data["backup_emission_t_per_mwh"].values
    b.existing = algebra.param(b.backups, values=data["backup_min_mw"].values)
    b.annuity = algebra.param(
        b.backups, values=KILO * data["backup_annuity_cny_per_mw_year"].values
    )
    b.om = algebra.param(b.backups, values=KILO * data["backup_om_cny_per_mw_year"].values)
    b.fuel = algebra.param(
        b.backups, values=KILO * tested * data["backup_fuel_cny_per_mwh"].values
    )
    b.tonnes = algebra.param(b.backups, values=tested * data["backup_emission_t_per_mwh"].values)
    b.carbon = algebra.param(b.backups, values=KILO * tested * carbon)

    @algebra.expression(b, b.backups, unit="kCNY/year", doc="capital cost of new backup")
    def backup_annuity_kcny(b, u):
        return b.annuity[u] * (b.backup_mw[u] - b.existing[u])

    @algebra.expression(b, b.backups, unit="kCNY/year", doc="O&M of backup")
    def backup_om_kcny(b, u):
        return b.om[u] * b.backup_mw[u]

    @algebra.expression(b, b.backups, unit="kCNY/year", doc="fuel of test runs")
    def backup_fuel_kcny(b, u):
        return b.fuel[u] * b.backup_mw[u]

    @algebra.expression(b, b.backups, unit="kCNY/year", doc="carbon price of test runs")
    def backup_carbon_kcny(b, u):
        return b.carbon[u] * b.backup_mw[u]

    @algebra.expression(b, b.backups, unit="t/year", doc="carbon of test runs")
    def backup_t(b, u):
        return b.tonnes[u] * b.backup_mw[u]

    ledger.emit(b.backup_t, b.backups)
    ledger.book("backup", "backup", b.backup_annuity_kcny, b.backups, sites)
    ledger.book("backup", "backup O&M", b.backup_om_kcny, b.backups, sites)
    ledger.book("backup", "backup fuel", b.backup_fuel_kcny, b.backups, sites)
    ledger.book("backup", "carbon", b.backup_carbon_kcny, b.backups, sites)

"""Entries of the system by unit id, each with its site and its cards."""

from __future__ import annotations

from typing import Any


class Parts:
    """Entries of the system by unit id `<site>_<entry>`, each with its site and cards."""

    def __init__(self, scenario: Any):
        self.cards = cards = scenario.cards
        self.sites = scenario.system.sites
        self.plants = self._units("plants", "generators") | {
            name: (next(iter(entry.lines)), entry, cards["generators"][entry.card])
            for name, entry in scenario.system.plants.items()
        }
        self.lines = {
            f"{name}_{site}": (name, site, line, cards["lines"][line.card])
            for name, entry in scenario.system.plants.items()
            for site, line in entry.lines.items()
        }
        self.certificates = {
            name: (entry, cards["certificates"][entry.card])
            for name, entry in scenario.system.certificates.items()
        }
        self.batteries = self._units("batteries", "storage")
        self.contracts = self._units("contracts", "contracts")
        self.tanks = self._units("cold_tanks", "cold-tanks")
        self.halls = {
            unit: (site, entry, hall, cards["servers"][hall.servers])
            for unit, (site, entry, hall) in self._units("halls", "halls").items()
        }
        self.cooling = {
            unit: cards["cooling"][hall.cooling] for unit, (_, _, hall, _) in self.halls.items()
        }
        self.backups = {
            f"{site}_backup": (site, campus.backup, cards["backup"][campus.backup.card])
            for site, campus in self.sites.items()
            if campus.backup is not None
        }
        self.heat = {
            f"{site}_heat": (site, campus.heat, cards["heat-pumps"][campus.heat.card])
            for site, campus in self.sites.items()
            if campus.heat is not None
        }
        self.connections = {
            site: (
                campus.connection, cards["tariffs"][campus.connection.tariff],
                cards["zones"][cards["sites"][campus.site].zone],
            )
            for site, campus in self.sites.items()
        }  # fmt: skip
        self.loads = self._plain_units("loads")
        self.measures = self._plain_units("measures")
        self._changes_of_stock()

    def _units(self, group: str, folder: str) -> dict[str, tuple]:
        """Unit → (site, entry, card) of one group of entries whose cards lie in `folder`."""
        return {
            f"{site}_{name}": (site, entry, self.cards[folder][entry.card])
            for site, campus in self.sites.items()
            for name, entry in getattr(campus, group).items()
        }

    def _plain_units(self, group: str) -> dict[str, tuple]:
        """Unit → (site, entry) of one group of entries that name no card."""
        return {
            f"{site}_{name}": (site, entry)
            for site, campus in self.sites.items()
            for name, entry in getattr(campus, group).items()
        }

    def _changes_of_stock(self) -> None:
        """Conversions and relocations: id → (from unit, to unit, entry and what it becomes)."""
        entries = [
            (site, name, entry)
            for site, campus in self.sites.items()
            for name, entry in campus.halls.items()
        ]
        self.conversions = {
            f"{site}_{name}_to_{key}": (
                f"{site}_{name}", f"{site}_{change.to}", change,
                self.cards["halls"][self.sites[site].halls[change.to].card],
            )
            for site, name, entry in entries
            for key, change in entry.conversions.items()
        }  # fmt: skip
        self.relocations = {
            f"{site}_{name}_to_{key}": (f"{site}_{name}", f"{move.site}_{move.hall}", move)
            for site, name, entry in entries
            for key, move in entry.relocations.items()
        }

"""Entries of the system by unit id, each with its site and its cards."""

from __future__ import annotations

from typing import Any


class Parts:
    """Entries of the system by unit id `<site>_<entry>`, each with its site and cards."""

    def __init__(self, scenario: Any):
        cards = scenario.cards
        self.sites = scenario.system.sites
        self.plants = {
            f"{site}_{name}": (site, entry, cards["generators"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.plants.items()
        }
        self.batteries = {
            f"{site}_{name}": (site, entry, cards["storage"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.batteries.items()
        }
        self.halls = {
            f"{site}_{name}": (
                site, entry, cards["halls"][entry.card],
                cards["servers"][cards["halls"][entry.card].servers],
            )
            for site, campus in self.sites.items()
            for name, entry in campus.halls.items()
        }  # fmt: skip
        self.tanks = {
            f"{site}_{name}": (site, entry, cards["cold-tanks"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.cold_tanks.items()
        }
        self.cooling = {
            unit: cards["cooling"][hall.cooling] for unit, (_, _, hall, _) in self.halls.items()
        }
        self.conversions = {
            f"{site}_{hall}_to_{name}": (
                f"{site}_{hall}", f"{site}_{change.to}", change,
                cards["halls"][campus.halls[change.to].card],
            )
            for site, campus in self.sites.items()
            for hall, entry in campus.halls.items()
            for name, change in entry.conversions.items()
        }  # fmt: skip
        self.relocations = {
            f"{site}_{hall}_to_{name}": (f"{site}_{hall}", f"{move.site}_{move.hall}", move)
            for site, campus in self.sites.items()
            for hall, entry in campus.halls.items()
            for name, move in entry.relocations.items()
        }
        self.contracts = {
            f"{site}_{name}": (site, entry, cards["contracts"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.contracts.items()
        }
        self.backups = {
            f"{site}_backup": (site, campus.backup, cards["backup"][campus.backup.card])
            for site, campus in self.sites.items()
            if campus.backup is not None
        }
        self.connections = {
            site: (
                campus.connection, cards["tariffs"][campus.connection.tariff],
                cards["zones"][cards["sites"][campus.site].zone],
            )
            for site, campus in self.sites.items()
        }  # fmt: skip

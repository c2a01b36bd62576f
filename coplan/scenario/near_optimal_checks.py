"""Sizes to be explored near the cheapest plan are sizes that the system has."""

from __future__ import annotations

from collections.abc import Iterator

from coplan.elements.near_optimal import EXPLORED
from coplan.scenario.messages import near
from coplan.scenario.shapes import Path
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.system import System

GROUPS = {"plant": "plants", "battery": "batteries", "contract": "contracts", "hall": "halls"}


def near_optimal_misfits(spec: ScenarioSpec, system: System) -> Iterator[tuple[Path, str]]:
    """Every id under options.near_optimal that the system does not have."""
    asked = spec.options.near_optimal
    if asked is None:
        return
    known = {
        dim: [f"{site}_{name}" for site, entry in system.sites.items()
              for name in getattr(entry, group)]
        for dim, group in GROUPS.items()
    }  # fmt: skip
    known["plant"] += list(system.plants)
    known["site"] = list(system.sites)
    for sense in ("least", "most"):
        for quantity, (_, dim, _) in EXPLORED.items():
            for place, unit in enumerate(getattr(getattr(asked, sense), quantity)):
                if unit not in known[dim]:
                    message = f"the system has no such {dim}; {near(unit, known[dim])}"
                    yield ("options", "near_optimal", sense, quantity, place), message

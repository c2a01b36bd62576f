"""Plants with direct lines: to sites that are there, within what was approved, under ids apart."""

from __future__ import annotations

from collections.abc import Iterator

from coplan.scenario.messages import near
from coplan.scenario.shapes import Path
from coplan.scenario.system import System


def line_misfits(system: System) -> Iterator[tuple[Path, str]]:
    """Misfits of the plants of a system and of their lines, as path and message."""
    known = {
        f"{site}_{name}": f"sites.{site}.plants.{name}"
        for site, entry in system.sites.items() for name in entry.plants
    }  # fmt: skip
    lines: dict[str, str] = {}
    for name, plant in system.plants.items():
        if name in known:
            yield ("plants", name), f"its id is that of {known[name]} too; rename one of them"
        if plant.committed_mw > plant.approved_mw:
            message = f"must be at most approved_mw, {plant.approved_mw:g} MW"
            yield ("plants", name, "committed_mw"), message
        for site in plant.lines:
            where, line = ("plants", name, "lines", site), f"{name}_{site}"
            if site not in system.sites:
                yield where, f"the system has no such site; {near(site, system.sites)}"
            if line in lines:
                yield where, f"its id {line} is that of {lines[line]} too; rename one of them"
            lines[line] = f"plants.{name}.lines.{site}"

"""What may fail must be there: sites and routes named under `reliability`, backup that fits."""

from __future__ import annotations

from collections.abc import Iterator

from coplan.scenario.messages import near
from coplan.scenario.shapes import Path
from coplan.scenario.system import System


def reliability(system: System) -> Iterator[tuple[Path, str]]:
    """Misfits of the reliability section and of backup, as path and message."""
    for site, entry in system.sites.items():
        if entry.backup is not None and entry.backup.existing_mw > entry.backup.max_mw:
            message = f"must be at most max_mw, {entry.backup.max_mw:g} MW"
            yield ("sites", site, "backup", "existing_mw"), message
    asked = system.reliability
    if asked is None:
        return
    for place, site in enumerate(asked.sites if asked.sites != "all" else ()):
        if site not in system.sites:
            message = f"the system has no such site; {near(site, system.sites)}"
            yield ("reliability", "sites", place), message
    routes = [f"{region}:{site}" for region in system.regions for site in system.sites]
    for place, route in enumerate(asked.routes if asked.routes != "all" else ()):
        if route not in routes:
            message = f"the system has no such route region:site; {near(route, routes)}"
            yield ("reliability", "routes", place), message

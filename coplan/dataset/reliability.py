"""What may fail and which work is critical; refuses what data alone prove cannot be kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset.parts import Parts
from coplan.elements.index import Field
from coplan.elements.reliability import NO_FAILURE, Reliability
from coplan.errors import InputError

Failure = tuple[str, str]
"""Region and site of a route; the region is "" where the whole site fails."""


def failures(scenario: Any) -> dict[str, Failure]:
    """Every failure of a scenario by name; nothing where the system says nothing of it."""
    asked: Reliability | None = scenario.system.reliability
    if asked is None:
        return {}
    system = scenario.system
    sites = list(system.sites) if asked.sites == "all" else asked.sites
    every = [f"{region}:{site}" for region in system.regions for site in system.sites]
    routes = every if asked.routes == "all" else asked.routes
    found: dict[str, Failure] = {NO_FAILURE: ("", "")}
    found |= {site: ("", site) for site in sites}
    for route in routes:
        region, _, site = route.partition(":")
        found[route] = (region, site)
    return found


def reserves(scenario: Any, parts: Parts) -> dict[str, float]:
    """Reserve hours of the batteries that count as firm, by battery."""
    if scenario.system.reliability is None:
        return {}
    hours = {battery: entry.reserve_h for battery, (_, entry, _) in parts.batteries.items()}
    return {battery: reserve_h for battery, reserve_h in hours.items() if reserve_h > 0}


def reliability_fields(scenario: Any, parts: Parts, fields: dict[str, Field]) -> dict[str, Field]:
    """Failures, critical work and reserves as dataset fields; `fields` holds the demand.

    Raises InputError when critical work has no place left while a failure lasts.
    """
    lost, kept = failures(scenario), reserves(scenario, parts)
    demands = scenario.system.demand.values()
    share = [scenario.cards["workloads"][entry.workload].critical_share for entry in demands]
    critical = np.array(share) * np.asarray(fields["demand_mw"].values).max(axis=2)
    _check(scenario, parts, lost, critical, fields)
    firm = [entry.firm_share for entry, _, _ in parts.connections.values()]
    return {
        "critical_mw": Field(
            ("period", "demand"), critical, "MW",
            "peak work that goes on whatever fails, MW-equivalent",
        ),
        "failure_region": Field(
            ("failure",), [region for region, _ in lost.values()], "", "region of a lost route"
        ),
        "failure_site": Field(
            ("failure",), [site for _, site in lost.values()], "", "site that is lost or cut off"
        ),
        "connection_firm_share": Field(
            ("site",), np.array(firm), "1", "connection left when one feed is lost"
        ),
        "reserve_battery": Field(("reserve",), list(kept), "", "battery"),
        "reserve_h": Field(("reserve",), np.array(list(kept.values())), "h", "hours kept"),
    }  # fmt: skip


def _check(
    scenario: Any, parts: Parts, lost: dict[str, Failure], critical: np.ndarray,
    fields: dict[str, Field],
) -> None:
    """Refuse critical work that no site, or too few servers, can take over in some failure."""
    sites = list(scenario.system.sites)
    room = _most_work(parts, sites, fields)
    reach = np.asarray(fields["demand_reach"].values)
    document = f"systems/{scenario.spec.system}"
    problems = []
    for failure, (region, site) in lost.items():
        need: dict[str, float] = {}
        for row, (name, entry) in enumerate(scenario.system.demand.items()):
            most = float(critical[:, row].max())
            able = reach[row] * (room[entry.label] > 0)
            if region in ("", entry.region) and site in sites:
                able[sites.index(site)] = 0.0
            need[entry.label] = need.get(entry.label, 0.0) + most
            if most > 0 and not able.any():
                text = (
                    f"critical work of {entry.workload} from {entry.region} has no place when "
                    f"{_told(failure, region, site)}: no other site in reach has halls for "
                    f"{entry.label}; allow a longer latency, add halls in reach, or set "
                    f"critical_share of {entry.workload} to 0"
                )
                problems.append(scenario.problem(document, ("demand", name, "workload"), text))
        for label, most in need.items():
            standing = [s for s, place in enumerate(sites) if region or place != site]
            left = float(room[label][standing].sum())
            if most > left * (1 + 1e-9) and left > 0:
                text = (
                    f"critical work of {label} peaks at {most:.4g} MW (MW-equivalent), but when "
                    f"{_told(failure, region, site)} all halls left can run at most {left:.4g} MW;"
                    " allow more halls or servers, or a smaller critical_share"
                )
                problems.append(scenario.problem(document, ("reliability",), text))
    if problems:
        raise InputError(problems)


def _most_work(parts: Parts, sites: list[str], fields: dict[str, Field]) -> dict[str, np.ndarray]:
    """Most work of each label that halls at each site can ever run (site), MW-equivalent."""
    room: dict[str, np.ndarray] = {}
    most = np.asarray(fields["servers_max_mw"].values).max(axis=0)
    ratio, available = fields["density_ratio"].values, fields["availability"].values
    for row, (site, _, _, server) in enumerate(parts.halls.values()):
        at = room.setdefault(server.label, np.zeros(len(sites)))
        at[sites.index(site)] += most[row] * ratio[row] * available[row]
    return room


def _told(failure: str, region: str, site: str) -> str:
    if failure == NO_FAILURE:
        return "nothing fails"
    return f"the route {region}:{site} fails" if region else f"the site {site} fails"

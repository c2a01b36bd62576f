"""Work, links and priorities that contradict themselves or the system they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coplan.scenario.messages import near
from coplan.scenario.shapes import Path
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.system import System

BLOCK_HOURS = {"day": 24, "week": 168}
Told = tuple[str, Path, str]
"""Document ("kind/id"), path in it, what is wrong."""


def work_misfits(
    spec: ScenarioSpec, system: System, cards: Mapping[str, Mapping[str, Any]]
) -> Iterator[Told]:
    """What does not fit in classes of work, links and priorities."""
    for name, card in cards.get("workloads", {}).items():
        for key, message in _class(card):
            yield f"workloads/{name}", (key,), message
    provinces = sorted({cards["sites"][entry.site].province for entry in system.sites.values()})
    for name, card in cards.get("workloads", {}).items():
        if card.stays_in and not set(card.stays_in) & set(provinces):
            message = f"the system has no site there; {near(card.stays_in[0], provinces)}"
            yield f"workloads/{name}", ("stays_in",), message
    for path, message in _links(system):
        yield f"systems/{spec.system}", ("network", "links", *path), message
    for path, message in _priorities(spec, system):
        yield "scenario", ("targets", "priority", *path), message


def _class(card: Any) -> Iterator[tuple[str, str]]:
    """A class that may not wait has nothing to pause; one that is placed waits within its block."""
    longest = BLOCK_HOURS.get(card.placement)
    if longest is not None and card.max_delay_h > longest:
        yield "max_delay_h", f"must be at most {longest} h, the {card.placement} it is placed for"
    if card.max_delay_h > 0:
        return
    reason = "work that may not wait (max_delay_h is 0) runs as it arrives"
    if card.ramp_limit is not None:
        yield "ramp_limit", f"{reason}: leave it out"
    if card.minimum_running_share > 0:
        yield "minimum_running_share", f"{reason}: leave it out"
    if card.checkpoint_h > 0:
        yield "checkpoint_h", f"{reason} and never pauses: leave it out"


def _links(system: System) -> Iterator[tuple[Path, str]]:
    known: dict[tuple[str, str], str] = {}
    for name, link in system.network.links.items():
        if link.region not in system.regions:
            message = f"the system has no such region; {near(link.region, system.regions)}"
            yield (name, "region"), message
        if link.site not in system.sites:
            yield (name, "site"), f"the system has no such site; {near(link.site, system.sites)}"
        if link.existing_gbit > link.max_gbit:
            message = f"must be at most max_gbit, {link.max_gbit:g} Gbit/s"
            yield (name, "existing_gbit"), message
        other = known.setdefault((link.region, link.site), name)
        if other != name:
            yield (name,), f"joins the same region and site as {other}; join them in one"


def _priorities(spec: ScenarioSpec, system: System) -> Iterator[tuple[Path, str]]:
    for name, target in spec.targets.priority.items():
        for region in target.regions:
            if region not in system.regions:
                message = f"the system has no region {region}; {near(region, system.regions)}"
                yield (name, "regions"), message
        for site in target.sites:
            if site not in system.sites:
                message = f"the system has no site {site}; {near(site, system.sites)}"
                yield (name, "sites"), message
        if name in {"green_share", "pue"} or name.startswith("compute_"):
            yield (name,), "the name is that of another target; choose another"

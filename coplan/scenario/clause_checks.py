"""Clauses that contradict the system: names it has not, and one stock promised to two pools."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from coplan.elements.targets import CLAUSES
from coplan.scenario.messages import near
from coplan.scenario.shapes import Path
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.system import System


def clause_misfits(
    spec: ScenarioSpec, system: System, labels: list[str], cards: Any
) -> Iterator[tuple[Path, str]]:
    """Everything that clauses name and the system has not."""
    owners = {h.owner for s in system.sites.values() for h in s.halls.values() if h.owner}
    owners |= {site.owner for site in system.sites.values() if site.owner}
    tiers = {site.tier for site in system.sites.values() if site.tier}
    types = {hall.card for site in system.sites.values() for hall in site.halls.values()}
    for kind in CLAUSES:
        for name, clause in getattr(spec.targets, kind).items():
            at: Path = ("targets", kind, name)
            for place, site in enumerate(clause.sites or ()):
                if site not in system.sites:
                    message = f"the system has no such site; {near(site, system.sites)}"
                    yield (*at, "sites", place), message
            if clause.provinces is not None:  # sites of provinces are named by now
                known = {cards["sites"][entry.site].province for entry in system.sites.values()}
                message = f"the system has no site there; {near(clause.provinces[0], known)}"
                yield (*at, "provinces"), message
            owner, tier = getattr(clause, "owner", None), getattr(clause, "tier", None)
            if owner is not None and owner not in owners:
                message = f"no halls of the system have this owner; {near(owner, owners)}"
                yield (*at, "owner"), message
            if tier is not None and tier not in tiers:
                yield (*at, "tier"), f"no site has this tier; {near(tier, tiers)}"
            for place, card in enumerate(getattr(clause, "hall_types", None) or ()):
                if card not in types:
                    message = f"no halls of the system are of this type; {near(card, types)}"
                    yield (*at, "hall_types", place), message
            label = getattr(clause, "label", None)
            if label is not None and label not in labels:
                message = f"no hall of the system has servers counted in {label}; "
                yield (*at, "label"), message + near(label, labels)
    yield from _pools(spec, system, cards)


def _pools(spec: ScenarioSpec, system: System, cards: Any) -> Iterator[tuple[Path, str]]:
    """Two pools may lie within each other, but not share a part: its energy would count twice."""
    pools = spec.targets.energy_pool
    halls = {name: _halls(clause, system, cards) for name, clause in pools.items()}
    for one, other in combinations(pools, 2):
        shared = halls[one] & halls[other]
        if shared and not (halls[one] <= halls[other] or halls[other] <= halls[one]):
            example = ".".join(sorted(shared)[0])
            message = (
                f"shares {example} with the pool {one}: what stock there releases would be used "
                "twice; name other sites, or let one pool lie within the other"
            )
            yield ("targets", "energy_pool", other), message


def _halls(clause: Any, system: System, cards: Any) -> set[tuple[str, str]]:
    """(site, entry) of all halls in a clause's scope."""
    found = set()
    for site, campus in system.sites.items():
        for name, hall in campus.halls.items():
            kind = cards["servers"][cards["halls"][hall.card].servers].kind
            said = (
                (clause.tier, campus.tier), (clause.owner, hall.owner or campus.owner),
                (clause.compute_kind, kind),
            )  # fmt: skip
            inside = clause.sites is None or site in clause.sites
            if inside and all(asked in (None, has) for asked, has in said):
                found.add((site, name))
    return found

"""What a scenario may ask for: targets as entries, and as plain records for model and report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from coplan.elements.card import Entry, Share, Slug
from coplan.elements.compute.cards import Label
from coplan.units import quantity


class GreenShare(Entry):
    """Least share of green energy in facility energy."""

    value: Share
    """Share between 0 and 1."""
    matching: Literal["hourly", "monthly", "annual"] = "annual"
    """Interval within which green and used energy must match."""
    unbundled_max_share: Share = 0.0
    """Most of the load that unbundled certificates may cover; 0: they do not count."""


class PueLimit(Entry):
    """Most annual facility energy over IT energy."""

    value: quantity("dimensionless", ge=1, le=3)
    """PUE."""
    scope: Literal["fleet", "site"] = "fleet"
    """Over all sites together, or each site by itself."""


class Priority(Entry):
    """Work of some regions runs at the sites named first."""

    regions: Annotated[tuple[Slug, ...], pydantic.Field(min_length=1)]
    """Regions of the system whose work it is about."""
    kind: Literal["general", "intelligent", "super"]
    """Type of compute the work asks for."""
    sites: Annotated[tuple[Slug, ...], pydantic.Field(min_length=1)]
    """Sites that come first."""
    penalty_cny_per_p_h: quantity("CNY/P/hour", ge=0, le=1e6)
    """Penalty for every P and hour run elsewhere; a penalty is no cost."""
    value: Share = 0.0
    """Least share of that work that must run there."""


class Targets(Entry):
    """What the plan must reach; what is left out is not asked for."""

    green_share: GreenShare | None = None
    """Green share of facility energy."""
    pue: PueLimit | None = None
    """Power usage effectiveness."""
    compute: Annotated[dict[Label, quantity("P", ge=0, le=1e8)], pydantic.Field()] = {}
    """Total compute by precision label, P installed."""
    priority: dict[Slug, Priority] = {}
    """Work that runs at the sites named first, by id."""


def listed(targets: Targets) -> list[dict[str, Any]]:
    """Targets as plain records, in the order in which the report shows them."""
    found: list[dict[str, Any]] = []
    if targets.green_share is not None:
        found.append({"id": "green_share", "kind": "green_share"} | dict(targets.green_share))
    if targets.pue is not None:
        found.append({"id": "pue", "kind": "pue"} | dict(targets.pue))
    for label, value in targets.compute.items():
        found.append({"id": f"compute_{label}", "kind": "compute", "label": label, "value": value})
    for name, target in targets.priority.items():
        found.append({"id": name, "kind": "priority"} | _plain(target))
    return found


def _plain(target: Priority) -> dict[str, Any]:
    """A priority as a record; its type of compute is called so, since every record has a kind."""
    return target.model_dump(exclude={"kind"}) | {"compute_kind": target.kind}

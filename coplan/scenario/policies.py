"""Policy packs become targets of the scenario; what they do not ask of the model is kept to tell.

The scenario's own target of the same id wins. Of a single target (green share, PUE, CUE, compute of
a label) the stricter of all that ask for it holds. A clause about provinces is about the sites
that the system has there; where it has none, the clause is not applicable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coplan.elements.targets import CLAUSES, Targets
from coplan.elements.targets.entries import GreenShare, listed
from coplan.elements.targets.policy import PolicyCard, PolicyClause
from coplan.scenario.cross_checks import Misfit
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.system import System

MATCHINGS = ("annual", "monthly", "hourly")
"""From the mildest to the strictest."""

Cards = Mapping[str, Mapping[str, Any]]
Record = dict[str, Any]


def with_policies(
    spec: ScenarioSpec, system: System, cards: Cards
) -> tuple[ScenarioSpec, tuple[Record, ...]]:
    """The scenario with the targets of its packs, and one record for every clause of them.

    A record holds pack, clause, document, article, agency, both texts, the ids of its targets, and
    its status where it has none: reported, not represented, or not applicable.
    """
    targets, records = _own(spec.targets, system, cards), []
    for pack, name, card, clause in _clauses(spec, cards):
        asked, ids = _at_sites(clause.targets, system, cards)
        in_force = any(_holds(clause, period) for period in spec.periods)
        record = _record(pack, name, card, clause)
        if not listed(clause.targets):
            record["status"] = "reported" if clause.reported else "not represented"
        elif not ids or not in_force:
            record["status"] = "not applicable"
        else:
            targets = merged(targets, asked)
            record["targets"] = ids
        records.append(record)
    return spec.model_copy(update={"targets": targets}), tuple(records)


def rival_clauses(spec: ScenarioSpec, system: System, cards: Cards) -> Iterator[Misfit]:
    """Targets that two packs ask for under one id and not alike, with no word of the scenario's."""
    first: dict[tuple[str, str], tuple[str, Any]] = {}
    for pack, _, _, clause in _clauses(spec, cards):
        if not any(_holds(clause, period) for period in spec.periods):
            continue
        asked, _ = _at_sites(clause.targets, system, cards)
        for kind in (*CLAUSES, "priority"):
            for name, target in getattr(asked, kind).items():
                other, same = first.setdefault((kind, name), (pack, target))
                if target != same and name not in getattr(spec.targets, kind):
                    message = (
                        f"{other} and {pack} do not ask for the same targets.{kind}.{name}: write "
                        "the one that holds under the scenario's own targets"
                    )
                    yield Misfit("scenario", ("policies", spec.policies.index(pack)), message)


def _clauses(
    spec: ScenarioSpec, cards: Cards
) -> Iterator[tuple[str, str, PolicyCard, PolicyClause]]:
    for pack in spec.policies:
        card = cards["policies"][pack]
        for name, clause in card.clauses.items():
            yield pack, name, card, clause


def _holds(clause: PolicyClause, period: int) -> bool:
    return (clause.from_year or period) <= period <= (clause.to_year or period)


def _record(pack: str, name: str, card: PolicyCard, clause: PolicyClause) -> Record:
    told, reason = (
        text.model_dump() if text else None for text in (clause.reported, clause.not_represented)
    )
    return {
        "pack": pack, "clause": name, "document": card.document, "article": clause.article,
        "agency": clause.agency or "", "text": clause.text.model_dump(), "targets": [],
        "status": "", "reported": told, "reason": reason,
        "from_year": clause.from_year, "to_year": clause.to_year,
    }  # fmt: skip


def _own(targets: Targets, system: System, cards: Cards) -> Targets:
    """The scenario's own targets; provinces without a site stay as they are, to be refused."""
    changed = {
        kind: {name: _with_sites(clause, system, cards) or clause
               for name, clause in getattr(targets, kind).items()}
        for kind in CLAUSES
    }  # fmt: skip
    return targets.model_copy(update=changed)


def _with_sites(clause: Any, system: System, cards: Cards) -> Any:
    """A clause with provinces written as sites of the system; None where there are none."""
    if clause.provinces is None:
        return clause
    sites = tuple(
        site for site, entry in system.sites.items()
        if cards["sites"][entry.site].province in clause.provinces
        and (clause.sites is None or site in clause.sites)
    )  # fmt: skip
    return clause.model_copy(update={"sites": sites, "provinces": None}) if sites else None


def _at_sites(asked: Targets, system: System, cards: Cards) -> tuple[Targets, list[str]]:
    """Targets that are about something the system has, and their ids."""
    tiers = {site.tier for site in system.sites.values()}
    changed: dict[str, dict[str, Any]] = {}
    for kind in CLAUSES:
        found = {
            name: _with_sites(clause, system, cards)
            for name, clause in getattr(asked, kind).items()
            if getattr(clause, "tier", None) in (None, *tiers)
        }  # fmt: skip
        changed[kind] = {name: clause for name, clause in found.items() if clause is not None}
    left = asked.model_copy(update=changed)
    return left, [str(target["id"]) for target in listed(left)]


def merged(own: Targets, more: Targets) -> Targets:
    """Both sets of targets: an id of `own` wins, of single targets the stricter one holds."""
    changed: dict[str, Any] = {
        kind: getattr(more, kind) | getattr(own, kind) for kind in (*CLAUSES, "priority")
    }
    changed["compute"] = {
        label: max(own.compute.get(label, 0.0), more.compute.get(label, 0.0))
        for label in {**own.compute, **more.compute}
    }
    changed["green_share"] = _stricter_green(own.green_share, more.green_share)
    for name in ("pue", "cue"):
        changed[name] = _stricter_limit(getattr(own, name), getattr(more, name))
    return own.model_copy(update=changed)


def _stricter_green(one: GreenShare | None, other: GreenShare | None) -> GreenShare | None:
    if one is None or other is None:
        return one or other
    return GreenShare(
        value=max(one.value, other.value),
        matching=max(one.matching, other.matching, key=MATCHINGS.index),
        unbundled_max_share=min(one.unbundled_max_share, other.unbundled_max_share),
        certificate_window_years=min(
            one.certificate_window_years, other.certificate_window_years
        ),
        penalty_cny_per_mwh=_stricter_penalty(one.penalty_cny_per_mwh, other.penalty_cny_per_mwh),
    )


def _stricter_limit(one: Any, other: Any) -> Any:
    """The lower limit; hard where one of them is, else at the higher penalty."""
    if one is None or other is None:
        return one or other
    lower, key = min(one, other, key=lambda limit: limit.value), "penalty_cny_per_mwh"
    key = key if hasattr(one, key) else "penalty_cny_per_t"
    penalty = _stricter_penalty(getattr(one, key), getattr(other, key))
    return lower.model_copy(update={key: penalty})


def _stricter_penalty(one: float | None, other: float | None) -> float | None:
    """None, which is hard, where one of them is; else the higher."""
    return None if one is None or other is None else max(one, other)

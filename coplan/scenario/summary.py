"""What a scenario would solve, in a few lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from coplan.elements.card import Entry
from coplan.elements.targets import CLAUSES, Targets
from coplan.scenario.provenance import CONFIDENCES
from coplan.scenario.reader import Scenario
from coplan.scenario.yaml_reader import read_yaml


def summary(scenario: Scenario) -> list[tuple[str, str]]:
    """Lines of (subject, what is said about it)."""
    spec, options = scenario.spec, scenario.spec.options
    years = 1 if isinstance(spec.weather, (str, dict)) else len(spec.weather)
    steps = f"{options.hours} h × {years} weather × {len(spec.periods)} periods"
    lines = [
        ("scenario", f"{spec.id}: {spec.title.zh} / {spec.title.en}"),
        ("system", f"{spec.system}: {scenario.system.name.zh} / {scenario.system.name.en}"),
        ("periods", ", ".join(map(str, spec.periods))),
        ("weather", _weather(scenario)),
        ("steps", f"{options.hours * years * len(spec.periods)} ({steps})"),
        ("sites", _sites(scenario)),
        ("cards", ", ".join(f"{len(some)} {kind}" for kind, some in scenario.cards.items())),
        ("targets", "; ".join(_targets(spec.targets)) or "none"),
        ("options", f"gap {options.gap:g}, {options.time_limit_s:g} s, {options.threads} threads"),
        ("assumptions", _assumptions(scenario)),
    ]
    if spec.cards:
        lines.append(("cards changed", ", ".join(sorted(spec.cards))))
    return lines


def _weather(scenario: Scenario) -> str:
    weather = scenario.spec.weather
    if isinstance(weather, dict):
        return ", ".join(f"{site}: {entry.epw}" for site, entry in weather.items())
    return weather if isinstance(weather, str) else ", ".join(weather)


def _sites(scenario: Scenario) -> str:
    sites: Mapping[str, Entry] = scenario.system.sites
    units: Counter[str] = Counter()
    for site in sites.values():
        units.update({name: len(some) for name, some in site if isinstance(some, dict)})
    counts = ", ".join(f"{count} {name}" for name, count in units.items())
    return f"{len(sites)} ({', '.join(sites)}) with {counts or 'nothing'}"


def _targets(targets: Targets) -> list[str]:
    lines = []
    if targets.green_share is not None:
        green = targets.green_share
        lines.append(f"green share ≥ {green.value:g} ({green.matching} matching)")
    if targets.pue is not None:
        lines.append(f"PUE ≤ {targets.pue.value:g} ({targets.pue.scope})")
    lines += [f"compute {label} ≥ {value:g} P" for label, value in targets.compute.items()]
    for kind in CLAUSES:
        lines += [f"{kind.replace('_', ' ')} {name}" for name in getattr(targets, kind)]
    return lines


def _assumptions(scenario: Scenario) -> str:
    found = Counter(one.confidence for one in scenario.assumptions)
    parts = [f"{found[word]} {word}" for word in CONFIDENCES if found[word]]
    parts += [f"{found['']} without confidence"] if found[""] else []
    return f"{len(scenario.assumptions)}" + (f" ({', '.join(parts)})" if parts else "")


def is_study(path: str | Path) -> bool:
    """Whether a file is a study: it names a base scenario."""
    node = read_yaml(Path(path))
    return node.get("base") is not None and node.get("system") is None

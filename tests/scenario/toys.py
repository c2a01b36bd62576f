"""A small world of cards and one scenario, written into a folder by the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pydantic

from coplan.elements.card import Card, Entry, Reference, Share, Slug
from coplan.units import quantity


class WindCard(Card):
    """A wind plant."""

    kind: Literal["wind", "pv"]
    """Which profile."""
    capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Investment."""
    losses_share: Share = 0.0
    """Losses."""
    shape: tuple[quantity("dimensionless", ge=0, le=10), ...] = ()
    """Any list."""
    zone: Reference("zones") | None = None
    """A card named by a card."""


class ZoneCard(Card):
    """A grid zone."""

    emission_factor_kg_per_kwh: quantity("kg/kWh", ge=0, le=3)
    """Emission factor."""
    export_allowed: bool = False
    """Whether surplus may go to the grid."""


class PlantEntry(Entry):
    """A plant at a site."""

    card: Reference("generators")
    """Technology."""
    approved_mw: quantity("MW", ge=0, le=1000)
    """Most that may be built."""


class SiteEntry(Entry):
    """A site."""

    zone: Reference("zones")
    """Grid zone."""
    plants: dict[Slug, PlantEntry] = pydantic.Field(default_factory=dict)
    """Plants."""


class System(Card):
    """A toy system."""

    sites: Annotated[dict[Slug, SiteEntry], pydantic.Field(min_length=1)]
    """Sites."""
    mean_p: dict[int, quantity("P", ge=0)] = pydantic.Field(default_factory=dict)
    """Demand by period."""


CLASSES: dict[str, type[Card]] = {"generators": WindCard, "zones": ZoneCard, "systems": System}

SCENARIO = """\
id: base
title: {zh: 基准, en: Base}
system: toy
periods: [2027]
targets:
  green_share: {value: 0.8, matching: annual}
  compute: {fp16: 20000 P}
options:
  gap: 0.01
  wacc: {value: 0.06, source: "bank quote", confidence: measured}
"""

SYSTEM = """\
name: {zh: 玩具, en: Toy}
sites:
  zhangbei:
    zone: jibei
    plants:
      wind: {card: onshore, approved_mw: 200 MW}
  huailai:
    zone: jibei
mean_p: {2027: 1 EFLOPS}
"""

WIND = """\
# a comment
name: {zh: 风电, en: Wind}
kind: wind
capex_cny_per_kw: {value: 4500, source: "W36", confidence: published, note: "median"}
shape: {value: [1, 2, 3], source: "S1"}
"""

ZONE = """\
name: {zh: 冀北, en: Jibei}
emission_factor_kg_per_kwh: 0.6
export_allowed: no
"""


def write_world(root: Path, scenario: str = SCENARIO) -> Path:
    """Write the cards and the scenario; returns the path of the scenario."""
    files = {
        "models/systems/toy.yaml": SYSTEM,
        "models/generators/onshore.yaml": WIND,
        "models/zones/jibei.yaml": ZONE,
        "scenarios/base.yaml": scenario,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "scenarios" / "base.yaml"


def change(root: Path, name: str, old: str, new: str) -> None:
    """Replace text in a file of the world; the old text must be there."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")

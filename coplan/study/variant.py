"""One variant of a study: its name, what it changes in the base, where it stands on the axes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from coplan.scenario.merge import Setting

BASE = "base"


@dataclass(frozen=True)
class Variant:
    """One variant of a study."""

    name: str
    """Unique in the study."""
    title_zh: str
    title_en: str
    part: str
    """Part of the study's file that asks for it: base, variants, sweep, ladder, front."""
    settings: tuple[Setting, ...] = ()
    at: Mapping[str, str] = field(default_factory=dict)
    """Axis → value as text; for what is not on an axis: nothing."""

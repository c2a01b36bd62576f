"""Classes of work as the report tells them: what they are for, in which precision, where they run.

Work of different precision labels is never added; power of their reference servers is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coplan.report.catalogue import entries
from coplan.report.facts import Array, Facts
from coplan.report.model import Item, say

SEASONS = {"winter": (12, 1, 2), "spring": (3, 4, 5), "summer": (6, 7, 8), "autumn": (9, 10, 11)}
"""Months of each season."""


@dataclass(frozen=True)
class WorkClass:
    """Work of one use and label in one operating year, `power_mw` [demand, site, time]."""

    use: str
    label: str
    per_mw: float
    """P that one MW of the label's reference server stands for."""
    demands: list[int]
    power_mw: Array

    def p_hours(self, hours: Array) -> Array:
        """Work of a year by demand and site [P h]."""
        return np.asarray((self.power_mw * hours).sum(-1) * self.per_mw)

    def title(self, facts: Facts) -> Item:
        """What the report calls it."""
        name = say(use_key(self.use))
        return say("flows.work_class", use=name, label=facts.label_name(self.label))


def use_key(use: str) -> str:
    """The text that names what work is for."""
    return f"use.{use}" if f"use.{use}" in entries() else "use.other"


def work_classes(facts: Facts) -> list[WorkClass]:
    """Every use and label with its work, the largest first; none where nothing is asked for.

    A pool's work is split over its demands: by the step where it may not wait, else by the year.
    """
    if not facts.ids("demand"):
        return []
    uses = facts.labels("demand_use") or [""] * len(facts.ids("demand"))
    labels, pools = facts.labels("demand_label"), facts.labels("demand_pool")
    keys = list(zip(uses, labels, strict=True))
    reference = dict(zip(facts.ids("label"), facts.values("label_reference_p_per_mw"), strict=True))
    shares = _shares(facts)
    routed = facts.values("routed_mw", facts.period, facts.weather)
    rows = [facts.ids("pool").index(pool) for pool in pools]
    found = []
    for use, label in dict.fromkeys(keys):
        mine = [i for i, key in enumerate(keys) if key == (use, label)]
        power = np.array([routed[rows[i]] * shares[i] for i in mine])
        found.append(WorkClass(use, label, float(reference[label]), mine, power))
    return sorted(found, key=lambda one: -float((one.power_mw * facts.hours).sum()))


def _shares(facts: Facts) -> list[Array]:
    """What part of its pool each demand is, by step or (broadcast) for the year."""
    own, pooled = (
        facts.values(name, facts.period) for name in ("demand_mw", "pool_demand_mw")
    )
    delay = facts.values("pool_delay_h")
    found = []
    for i, pool in enumerate(facts.labels("demand_pool")):
        row = facts.ids("pool").index(pool)
        part, whole = own[i], pooled[row]
        if delay[row] > 0:
            part, whole = np.array([(part * facts.hours).sum()]), np.array(
                [(whole * facts.hours).sum()]
            )
        found.append(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0))
    return found


def season_of(facts: Facts) -> dict[str, Array]:
    """Steps of each season that is modelled at all, as masks (time,)."""
    masks = {name: np.isin(facts.month, months) for name, months in SEASONS.items()}
    return {name: mask for name, mask in masks.items() if mask.any()}


def province(name: str) -> Item:
    """A province by its name in the report; its id where the report has none."""
    return say(f"province.{name}") if f"province.{name}" in entries() else name


def province_sign(name: str) -> Item:
    """A province by its one-character abbreviation."""
    key = f"province_sign.{name}"
    return say(key) if key in entries() else name

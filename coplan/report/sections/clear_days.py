"""Days by the hour that applications ask for besides the typical ones: clear and cloudy.

A day is clear or cloudy by what PV could have produced; a plan without PV cannot tell them apart.
"""

from __future__ import annotations

import numpy as np

from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.model import Block, Listing, Paragraph, Sentences, say
from coplan.report.sections import days

SEASON = {"summer_clear": (6, 7, 8), "winter_clear": (12, 1, 2), "summer_cloudy": (6, 7, 8)}


def tables(facts: Facts) -> list[Block]:
    """A sentence on how the days were chosen, then one table for each."""
    found = clear_and_cloudy(facts)
    said = [say("days.by_sun")] if found else []
    missing = [name for name in SEASON if name not in found]
    if missing:
        names = Listing(tuple(say(f"days.name_{name}") for name in missing))
        why = "by_sun_missing" if pv_could_mw(facts).max(initial=0.0) > SMALL_MW else "no_pv"
        said.append(say(f"days.{why}", list=names))
    return [Paragraph(Sentences(tuple(said))),
            *(days.table(facts, name, steps) for name, steps in found.items())]  # fmt: skip


def clear_and_cloudy(facts: Facts) -> dict[str, Array]:
    """Steps of the days by name, in the shown year and weather; those there are.

    summer_clear, winter_clear and summer_cloudy have the most and least that PV could produce.
    """
    could = pv_could_mw(facts)
    found: dict[str, Array] = {}
    if could.max(initial=0.0) <= SMALL_MW:
        return found
    for name, months in SEASON.items():
        own = [steps for steps in days.whole_days(facts) if int(facts.month[steps[0]]) in months]
        if own:
            pick = min if name == "summer_cloudy" else max
            found[name] = pick(own, key=lambda steps: float(could[steps].sum()))
    return found


def pv_could_mw(facts: Facts) -> Array:
    """What PV could produce in the shown year, (time,) MW, whether it was used or not."""
    kind = np.array(facts.labels("plant_kind"), dtype=object)
    if not (kind == "pv").any():
        return np.zeros(len(facts.hours))
    size = facts.values("plant_capacity_mw", facts.period)
    share = facts.values("capacity_factor", facts.period, facts.weather)
    return np.asarray((share * size[:, None])[kind == "pv"].sum(0))

"""Days by the hour, as applications print them: clear and cloudy, summer and winter.

A day is clear or cloudy by what PV could have produced; a plan without PV cannot tell them apart.
"""

from __future__ import annotations

import numpy as np

from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.model import Block, Listing, Paragraph, Sentences, say
from coplan.report.sections.days import day_table, whole_days

SEASON = {"summer_clear": (6, 7, 8), "winter_clear": (12, 1, 2), "summer_cloudy": (6, 7, 8)}


def tables(facts: Facts) -> list[Block]:
    """A sentence on how the days were chosen, then one table for each."""
    found = typical_days(facts)
    said = [say("application.days")] if found else []
    by_sun = [name for name in SEASON if name not in found]
    if by_sun:
        names = Listing(tuple(say(f"application.day_{name}") for name in by_sun))
        why = "days_missing" if pv_could_mw(facts).max(initial=0.0) > SMALL_MW else "days_no_pv"
        said.append(say(f"application.{why}", list=names))
    text: list[Block] = [Paragraph(Sentences(tuple(said)))] if said else []
    return [*text, *(day_table(facts, n, steps, say(f"application.day_{n}"))
                     for n, steps in found.items())]  # fmt: skip


def typical_days(facts: Facts) -> dict[str, Array]:
    """Steps of the days by name, in the shown year and weather; those there are.

    summer_clear, winter_clear and summer_cloudy have the most and least that PV could produce.
    """
    steps = {int(facts.day[one[0]]): one for one in whole_days(facts)}
    if not steps:
        return {}
    could = pv_could_mw(facts)
    sun = {day: float(could[mine].sum()) for day, mine in steps.items()}
    found: dict[str, Array] = {}
    for name, months in SEASON.items():
        days = [day for day, mine in steps.items() if int(facts.month[mine[0]]) in months]
        if days and could.max(initial=0.0) > SMALL_MW:
            pick = min if name == "summer_cloudy" else max
            found[name] = steps[pick(days, key=lambda day: sun[day])]
    return found


def pv_could_mw(facts: Facts) -> Array:
    """What PV could produce in the shown year, (time,) MW, whether it was used or not."""
    kind = np.array(facts.labels("plant_kind"), dtype=object)
    if not (kind == "pv").any():
        return np.zeros(len(facts.hours))
    size = facts.values("plant_capacity_mw", facts.period)
    share = facts.values("capacity_factor", facts.period, facts.weather)
    return np.asarray((share * size[:, None])[kind == "pv"].sum(0))

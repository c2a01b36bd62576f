"""Days by the hour, as applications print them: clear and cloudy, summer and winter, the hardest.

A day is clear or cloudy by what PV could have produced; a plan without PV cannot tell them apart.
"""

from __future__ import annotations

import numpy as np

from coplan.report.facts import SMALL_MW, Array, Facts, Flows
from coplan.report.figures import typical_days as figure
from coplan.report.model import (
    Block,
    Column,
    Day,
    Item,
    Listing,
    Paragraph,
    Sentences,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

SEASON = {"summer_clear": (6, 7, 8), "winter_clear": (12, 1, 2), "summer_cloudy": (6, 7, 8)}
COLUMNS = ("wind", "pv", "facility", "charge", "discharge", "curtailment", "contract", "retail",
           "export")  # fmt: skip
HEADS = {"facility": "carrier.load", "export": "application.fed"}


def tables(facts: Facts) -> list[Block]:
    """A sentence on how the days were chosen, a picture of them, then one table for each."""
    days = typical_days(facts)
    said = [say("application.days")] if days else []
    by_sun = [name for name in SEASON if name not in days]
    if by_sun:
        names = Listing(tuple(say(f"application.day_{name}") for name in by_sun))
        why = "days_missing" if pv_could_mw(facts).max(initial=0.0) > SMALL_MW else "days_no_pv"
        said.append(say(f"application.{why}", list=names))
    if "hardest" not in days:
        said.append(say("application.no_hardest"))
    picture = figure.build(facts, days)
    return [Paragraph(Sentences(tuple(said))), *([picture] if picture else []),
            *(_table(facts, n, s) for n, s in days.items())]  # fmt: skip


def typical_days(facts: Facts) -> dict[str, Array]:
    """Steps of the days by name, in the shown year and weather; those there are.

    summer_clear, winter_clear and summer_cloudy have the most and least that PV could produce,
    hardest the largest grid purchase.
    """
    steps = _whole_days(facts)
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
    bought = {day: float(facts.shown.retail[mine].sum()) for day, mine in steps.items()}
    hardest = max(steps, key=lambda day: bought[day])
    if bought[hardest] > SMALL_MW:
        found["hardest"] = steps[hardest]
    return found


def pv_could_mw(facts: Facts) -> Array:
    """What PV could produce in the shown year, (time,) MW, whether it was used or not."""
    kind = np.array(facts.labels("plant_kind"), dtype=object)
    if not (kind == "pv").any():
        return np.zeros(len(facts.hours))
    size = facts.values("plant_capacity_mw", facts.period)
    share = facts.values("capacity_factor", facts.period, facts.weather)
    return np.asarray((share * size[:, None])[kind == "pv"].sum(0))


def _whole_days(facts: Facts) -> dict[int, Array]:
    """Steps of every day that has all its hours."""
    need = round(24 / facts.step_h)
    days = {int(day): np.flatnonzero(facts.day == day) for day in np.unique(facts.day)}
    return {day: steps for day, steps in days.items() if len(steps) == need}


def _table(facts: Facts, name: str, steps: Array) -> Table:
    flows: Flows = facts.shown.during(steps)
    used = [n for n in COLUMNS if n != "contract" or facts.shown.contract.max() > SMALL_MW]
    rows: list[list[Item]] = [
        [Amount(int(hour), "count"), *(Amount(float(getattr(flows, n)[i]), "number") for n in used)]
        for i, hour in enumerate(facts.hour[steps])
    ]
    sums = [Amount(float(getattr(flows, n).sum()) * facts.step_h, "number") for n in used]
    rows.append([say("application.day_sum"), *sums])
    columns = [Column(say("application.hour"), numeric=False, width=0.9),
               *(Column(say(HEADS.get(n, f"carrier.{n}"))) for n in used)]  # fmt: skip
    title = say("application.day_table", name=say(f"application.day_{name}"),
                day=Day(int(facts.day[steps[0]])),
                year=Amount(facts.periods[facts.period], "year"))  # fmt: skip
    return Table(f"day_{name}", title, columns, rows, frozenset({len(rows) - 1}), small=True)

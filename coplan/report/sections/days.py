"""Typical days hour by hour: one of every season, and the hardest day of the year."""

from __future__ import annotations

import numpy as np

from coplan.report.classes import season_of
from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.figures import typical_days as figure
from coplan.report.model import Block, Column, Day, Item, Paragraph, Table, say
from coplan.report.numbers import Amount

FLOWS = ("facility", "it", "wind", "pv", "discharge", "contract", "retail", "charge", "export",
         "curtailment")  # fmt: skip
LIKE = ("wind", "pv", "contract", "retail", "facility")
"""Flows whose energy of the day makes a day typical of its season."""


def blocks(facts: Facts) -> list[Block]:
    """How the days were chosen, their picture, a table for each; none where no day is whole."""
    chosen = typical_days(facts)
    if not chosen:
        return []
    picture = figure.build(facts, chosen)
    return [Paragraph(say("days.chosen"), "note"), *([picture] if picture else []),
            *(day_table(facts, name, steps, say(f"days.{name}"))
              for name, steps in chosen.items())]  # fmt: skip


def typical_days(facts: Facts) -> dict[str, Array]:
    """Steps of the day of each season nearest to its means, and of the hardest day."""
    days = whole_days(facts)
    if not days:
        return {}
    flows, found = facts.shown, {}
    scale = max(float(flows.facility.mean()), SMALL_MW)
    for season, mask in season_of(facts).items():
        own = [steps for steps in days if mask[steps].all()]
        means = [float(getattr(flows, name)[mask].mean()) for name in LIKE]

        def distance(steps: Array, means: list[float] = means) -> float:
            return sum(abs(float(getattr(flows, name)[steps].mean()) - mean) / scale
                       for name, mean in zip(LIKE, means, strict=True))  # fmt: skip

        if own:
            found[season] = min(own, key=distance)
    uncovered = flows.facility - flows.wind - flows.pv - flows.curtailment
    strain = flows.retail if flows.retail.max(initial=0.0) > SMALL_MW else uncovered
    return found | {"hardest": max(days, key=lambda steps: float(strain[steps].sum()))}


def whole_days(facts: Facts) -> list[Array]:
    """Steps of each day that is modelled from its first hour to its last, in order."""
    length = round(24 / facts.step_h)
    cuts = np.flatnonzero(np.diff(facts.day)) + 1
    return [steps for steps in np.split(np.arange(len(facts.day)), cuts) if len(steps) == length]


def day_table(facts: Facts, name: str, steps: Array, what: Item) -> Table:
    """One day hour by hour; `what` says which day it is."""
    flows = facts.shown
    used = [f for f in FLOWS if getattr(flows, f).max(initial=0.0) > 0.02 or f == "facility"]
    is_stored, price = flows.room_mwh > SMALL_MW, facts.price[steps]
    is_priced = bool(np.isfinite(price).all())
    rows: list[list[Item]] = []
    for at, step in enumerate(steps):
        row: list[Item] = [Amount(float(facts.hour[step]), "clock")]
        row += [Amount(float(getattr(flows, f)[step]), "number") for f in used]
        row += [Amount(float(flows.stored_mwh[step]), "number")] if is_stored else []
        rows.append(row + ([Amount(float(price[at]), "count")] if is_priced else []))
    total: list[Item] = [say("days.energy")]
    total += [Amount(float(getattr(flows, f)[steps].sum()) * facts.step_h, "number") for f in used]
    blank = [say("word.none")] * (is_stored + is_priced)
    columns = [Column(say("table.time"), numeric=False, width=0.9),
               *(Column(_head(f)) for f in used)]  # fmt: skip
    columns += [Column(say("axis.stored_mwh"), say("unit.mwh"))] if is_stored else []
    columns += [Column(say("days.price"), say("unit.price"), width=1.15)] if is_priced else []
    title = say("days.table", name=what, day=Day(int(facts.day[steps[0]])),
                year=Amount(facts.periods[facts.period], "year"))  # fmt: skip
    return Table(f"day_{name}", title, columns, [*rows, [*total, *blank]], frozenset({len(rows)}),
                 say("days.note"), small=True)  # fmt: skip


def _head(flow: str) -> Item:
    return say({"facility": "table.facility", "it": "table.it"}.get(flow, f"carrier.{flow}"))

"""What the full-year chart can show: series of the fleet, and by kind those of every site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coplan.report import style
from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.figures.dispatch import SUPPLY, USE
from coplan.report.model import Item, Message, say

LEAST_MW = 0.02
FURTHER = ("it", "cooling", "loss")


@dataclass(frozen=True)
class Series:
    """One hourly series: (time,) values, how it is drawn and whether it shows from the start.

    A series of one `place` stands in the list under what all places have of it, its `text`.
    """

    name: str
    text: Message
    unit: Item
    values: Array
    colour: str
    shape: str = "line"  # "up" and "down" are stacked areas, "line" a step line
    panel: str = "power"
    shown: bool = True
    place: Item = None
    digits: int = 1


def series(facts: Facts) -> list[Series]:
    """Everything that runs hour by hour, in the order of the list."""
    return [*_fleet(facts), *_of_places(facts)]


def _fleet(facts: Facts) -> Iterator[Series]:
    flows = facts.shown
    yield Series("load", say("carrier.load"), "MW", flows.facility, style.LOAD)
    drawn = [("up", name) for name in SUPPLY] + [("down", name) for name in USE]
    for shape, name in (*drawn, *(("line", name) for name in FURTHER)):
        power = getattr(flows, name)
        if power.max(initial=0.0) > LEAST_MW:
            yield Series(name, say(f"carrier.{name}"), "MW", power, style.CARRIER[name], shape,
                         shown=shape != "line")  # fmt: skip
    if flows.it.max(initial=0.0) > LEAST_MW:
        yield Series("pue", say("figure.year.pue"), "", _pue(flows.facility, flows.it),
                     style.CARRIER["cooling"], panel="pue", shown=False, digits=3)  # fmt: skip
    if flows.room_mwh > SMALL_MW:
        yield Series("stored", say("figure.year.stored"), "MWh", flows.stored_mwh,
                     style.CARRIER["discharge"], panel="stored")  # fmt: skip
    if np.isfinite(facts.price).any():
        yield Series("price", say("figure.year.price"), say("unit.price"), facts.price,
                     style.CARRIER["price"], panel="price")  # fmt: skip


def _of_places(facts: Facts) -> Iterator[Series]:
    """IT load and cooling of each site, and every battery, where there are several."""
    sites = facts.ids("site")
    flows = [facts.flows(facts.period, facts.weather, site) for site in sites]
    at_work = [i for i, one in enumerate(flows) if one.it.max(initial=0.0) > LEAST_MW]
    for kind in ("it", "cooling") if len(sites) > 1 else ():
        for i in at_work:
            yield Series(f"{kind}-{sites[i]}", say(f"carrier.{kind}"), "MW",
                         getattr(flows[i], kind), _colour(i), shown=False,
                         place=facts.name(sites[i]))  # fmt: skip
    stored = facts.values("soc_mwh", facts.period, facts.weather)
    used = [i for i, level in enumerate(stored) if level.max(initial=0.0) > SMALL_MW]
    for i in used if len(used) > 1 else ():
        battery = facts.ids("battery")[i]
        yield Series(f"stored-{battery}", say("figure.year.stored"), "MWh", stored[i], _colour(i),
                     panel="stored", shown=False, place=facts.name(battery))  # fmt: skip


def _pue(facility: Array, it: Array) -> Array:
    """Facility power over IT power; not a number where nothing runs."""
    return np.divide(facility, it, out=np.full(len(it), np.nan), where=it > LEAST_MW)


def _colour(turn: int) -> str:
    return style.SERIES[turn % len(style.SERIES)]

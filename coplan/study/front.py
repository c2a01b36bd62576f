"""The variants of a front: cost against one other promise, by the ε-constraint method.

The base is the end of least cost. The plan that is best at the other promise, whatever that costs,
says how far the front goes. Between the two the other promise is asked for in even steps, and each
step is the cheapest plan that keeps it:

    least cost   subject to   other promise at least as good as  ε_k = a + k / (n − 1) · (b − a)

with k = 1 … n − 1, a that of the base and b, but for a hair, that of the best. For PUE the best is
the plan that uses least energy beside IT: the ratio itself would be best with idle servers running.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coplan.errors import InputError
from coplan.scenario.merge import Setting
from coplan.scenario.messages import problem_at
from coplan.scenario.reader import Scenario
from coplan.scenario.yaml_reader import Node
from coplan.study.spec import Front
from coplan.study.variant import Variant

PART, BEST_PART = "front", "front best"
HAIR = 1e-5
"""Share of the front by which its end is easier than the best, which a solver only just meets."""
NOTHING = 1e-6
"""A front shorter than this, relative, has no points between its ends."""
DEAR = "1e6"
"""CNY for every unit by which the best is missed: more than any unit of it is worth."""


@dataclass(frozen=True)
class Axis:
    """What cost is set against: the clause that asks for it and the figures that tell it."""

    clause: str
    """Dotted key of the clause; its value is ε."""
    zh: str
    en: str
    digits: int
    unit: str = "1"
    """Unit of the value."""
    step: float = -1.0
    """What the exchange rate is told for: one unit better, in the unit of the value."""
    factor: float = 1.0
    """From the value to the number in a title."""
    always: Mapping[str, str | None] = field(default_factory=dict)
    """What else every point says of the clause."""
    best: Mapping[str, str] = field(default_factory=dict)
    """Dotted keys and values of the plan that is best."""
    trial: tuple[float, float] = (2.0, 1.5)
    """Ends that the clause can be read with before the true ones are known."""


def _soft(clause: str, value: str, unit: str) -> dict[str, str]:
    return {f"{clause}.value": value, f"{clause}.penalty_cny_per_{unit}": DEAR}


AXES = {
    "emissions": Axis(
        "targets.carbon_cap.front", "全生命周期碳排放不超过 {} t", "carbon at most {} t", 0, "t",
        always={"basis": "lifecycle"}, best={"options.objective": "emissions"},
    ),
    "green_share": Axis(
        "targets.green_share", "绿电占比不低于 {} %", "at least {} % green", 2,
        step=0.01, factor=100.0,
        always={"penalty_cny_per_mwh": None}, best=_soft("targets.green_share", "1", "mwh"),
        trial=(0.1, 0.2),
    ),
    "pue": Axis(
        "targets.pue", "PUE 不高于 {}", "PUE at most {}", 4, step=-0.01,
        always={"penalty_cny_per_mwh": None}, best=_soft("targets.pue", "1", "mwh"),
    ),
    "water": Axis(
        "targets.water.front", "年取水量不超过 {} m³", "water at most {} m³", 0, "m3",
        best=_soft("targets.water.front", "0", "m3"),
    ),
    "grid_connection": Axis(
        "targets.grid_connection.front", "电网接入容量不超过 {} MW", "connections at most {} MW",
        2, "MW",
        best=_soft("targets.grid_connection.front", "0", "mw"),
    ),
}  # fmt: skip
BEST_TITLES = {
    "emissions": ("排放最少（不计成本）", "least carbon, whatever it costs"),
    "green_share": ("绿电占比最高（不计成本）", "highest green share, whatever it costs"),
    "pue": ("IT 以外能耗最少（不计成本）", "least energy beside IT, whatever it costs"),
    "water": ("取水最少（不计成本）", "least water, whatever it costs"),
    "grid_connection": ("接入容量最小（不计成本）", "least grid connection, whatever it costs"),
}  # fmt: skip


def value_of(against: str, kpis: Mapping[str, Any]) -> float | None:
    """What a plan achieves on the other axis, from its key figures; None where it has no plan."""
    try:
        if against == "emissions":
            return float(kpis["carbon_t_location"]) + float(kpis["carbon_t_embodied"])
        if against == "water":
            return float(kpis["wue"]) * float(kpis["it_mwh"])  # L/kWh is m³/MWh
        return float(kpis["grid_connection_mw" if against == "grid_connection" else against])
    except (KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Curve:
    """Which plans are on the front, and what going on from one to the next costs."""

    is_on: np.ndarray
    """1 for a plan that no other is at least as cheap and as good as."""
    rate_cny: np.ndarray
    """CNY a year for one step better, from the neighbour that is cheaper; NaN for the cheapest."""


def curve(against: str, value: np.ndarray, cost_cny: np.ndarray, ends: np.ndarray) -> Curve:
    """The front among plans with these values and costs; only where `ends` is 1 can one be on it.

    Plans without a number are not on it.
    """
    axis = AXES[against]
    good = np.sign(axis.step) * value
    known = np.flatnonzero((ends > 0) & np.isfinite(good) & np.isfinite(cost_cny))
    is_on, rate = np.zeros(value.size), np.full(value.size, np.nan)
    last: int | None = None
    for one in known[np.lexsort((-good[known], cost_cny[known]))]:
        if last is None or good[one] - good[last] > NOTHING * abs(good[last]):
            is_on[one] = 1.0
            if last is not None:
                gained = (value[one] - value[last]) / axis.step
                rate[one] = (cost_cny[one] - cost_cny[last]) / gained
            last = int(one)
    return Curve(is_on, rate)


def check_base(front: Front, node: Node, base: Scenario) -> None:
    """Raise InputError for a base whose cost and promise are not each one number of one year."""
    weather, pue = base.spec.weather, base.spec.targets.pue
    message = ""
    if len(base.spec.periods) > 1 or (isinstance(weather, tuple) and len(weather) > 1):
        message = "the base of a front has one period and one weather year"
    elif front.against == "pue" and pue is not None and pue.scope == "site":
        message = "the base asks every site for its PUE; a front is about the PUE of the fleet"
    if message:
        raise InputError(problem_at(node, ("front", "against"), message))


def first_variants(front: Front, node: Node) -> Iterator[Variant]:
    """The plan that is best at the other promise; the base is the other end."""
    place = node.content["front"].place
    settings = [Setting(key, Node(text, place, place))
                for key, text in AXES[front.against].best.items()]  # fmt: skip
    yield Variant("front best", *BEST_TITLES[front.against], BEST_PART, tuple(settings))


def later_variants(
    front: Front, node: Node, least_cost: float | None, best: float | None
) -> Iterator[Variant]:
    """The points between the plan of least cost and the best plan, given what these achieve.

    None where one of the two is missing, and where they are the same.
    """
    if least_cost is None or best is None:
        return
    span = best - least_cost
    if abs(span) <= NOTHING * max(abs(best), abs(least_cost)):
        return
    axis, place = AXES[front.against], node.content["front"].place
    digits = len(str(front.points))
    for k in range(1, front.points):
        value = least_cost + k / (front.points - 1) * (1.0 - HAIR) * span
        entry = {key: Node(text, place, place) for key, text in axis.always.items()}
        entry["value"] = Node(f"{value:.10g}", place, place)
        shown = f"{axis.factor * value:,.{axis.digits}f}"
        yield Variant(
            f"front {k + 1:0{digits}d}", axis.zh.format(shown), axis.en.format(shown), PART,
            (Setting(axis.clause, Node(entry, place, place)),), {"front": f"{value:.10g}"},
        )  # fmt: skip


def trial_variants(front: Front, node: Node) -> list[Variant]:
    """Points as they will be, at invented values: so that a mistake is told before any solve."""
    return list(later_variants(front, node, *AXES[front.against].trial))[:1]

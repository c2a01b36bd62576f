"""The curve of a front: yearly cost against one other promise, with exchange rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

MOST_RATES = 12
"""With more points the numbers would lie on one another: the table holds them."""


@dataclass(frozen=True)
class Shown:
    """How the other axis is written: factor and digits of the value, factor of the rate."""

    factor: float
    digits: int
    rate_factor: float


SHOWN = {
    "emissions": Shown(1.0, 0, 1.0), "green_share": Shown(100.0, 2, 1e-4),
    "pue": Shown(1.0, 4, 1e-4), "water": Shown(1.0, 0, 1.0),
    "grid_connection": Shown(1.0, 2, 1e-4),
}  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A plan on the front."""

    title_zh: str
    title_en: str
    value: float
    cost_cny: float
    energy_cost: float
    """CNY/MWh of IT energy."""
    rate_cny: float
    """CNY a year for one step better, from the point before; NaN for the first."""
    is_base: bool


def points(data: xr.Dataset) -> list[Point]:
    """The plans on the front, the cheapest first."""
    found = [
        Point(
            str(data["title_zh"].values[i]), str(data["title_en"].values[i]),
            float(data["front_value"].values[i]), float(data["cost_cny"].values[i]),
            float(data["energy_cost"].values[i]), float(data["front_rate_cny"].values[i]),
            str(data["part"].values[i]) == "base",
        )
        for i in np.flatnonzero(data["is_on_front"].values > 0)
    ]  # fmt: skip
    return sorted(found, key=lambda point: point.cost_cny)


def curve(against: str, found: list[Point]) -> Figure:
    """Yearly cost [CNY 100 M] against the other axis; two points or more."""
    shown = SHOWN[against]
    x = shown.factor * np.array([point.value for point in found])
    y = 1e-8 * np.array([point.cost_cny for point in found])
    rates = shown.rate_factor * np.array([point.rate_cny for point in found])
    ends = {"from": Amount(float(x[0]), "number", shown.digits),
            "to": Amount(float(x[-1]), "number", shown.digits),
            "low": Amount(1e8 * float(y[0]), "money", 3),
            "high": Amount(1e8 * float(y[-1]), "money", 3)}  # fmt: skip

    def draw(canvas: Canvas, locale: Locale) -> None:
        ax = style.axes(canvas, bottom=0.45, left=0.75)
        ax.plot(x, y, color=style.ACCENT, lw=1.4, marker="o", ms=3.8, zorder=2)
        hollow = [i for i, point in enumerate(found) if point.is_base]
        ax.scatter(x[hollow], y[hollow], s=30, facecolor=style.PAPER, edgecolor=style.ACCENT,
                   zorder=3)  # fmt: skip
        right = x[-1] > x[0]
        for i in range(1, len(found) if len(found) <= MOST_RATES else 1):
            ax.annotate(plain(float(rates[i]), 1), ((x[i] + x[i - 1]) / 2, (y[i] + y[i - 1]) / 2),
                        (-4 if right else 4, 4), textcoords="offset points", fontsize=7,
                        ha="right" if right else "left", color=style.MUTED)  # fmt: skip
        ax.margins(0.08, 0.12)
        ax.set_xlabel(locale.text(f"front.axis_{against}"))
        ax.set_ylabel(locale.text("compare.cost"))
        style.thousands(ax.xaxis, max(style.decimals(float(np.ptp(ax.get_xlim()))),
                                      3 if against == "pue" else 0))  # fmt: skip
        style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))

    return Figure(
        id="study_front", title=say(f"front.title_{against}", **ends),
        caption=say("front.caption"), alt=say("front.alt", count=Amount(len(found), "count")),
        data={"plan": [point.title_en for point in found],
              against: np.round([point.value for point in found], 6),
              "cost_cny": np.round([point.cost_cny for point in found], 2),
              "rate_cny_per_step": np.round([point.rate_cny for point in found], 3)},
        draw=draw,
    )  # fmt: skip

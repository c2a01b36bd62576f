"""Power sorted from high to low: for how many hours the grid is needed, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

POINTS = 430  # looks identical to 8760 sorted points
LOOK = {
    "facility": (style.LOAD, "-", 1.4), "wind": (style.CARRIER["wind"], "-", 1.2),
    "pv": (style.CARRIER["pv"], "-", 1.2), "net": (style.MUTED, "--", 1.1),
    "retail": (style.CARRIER["retail"], "-", 1.8),
}  # fmt: skip

DARK = {"pv": "#9a6b00", "wind": "#2f66cf"}
"""Colours of names that would be hard to read in that of their line."""

LABELS = {"facility": "load", "net": "net_load"}
LIFTS = (0.055, -0.055, 0.09, -0.09, 0.13, -0.13, 0.18, -0.18, 0.24, -0.24)
WIDE_PT = 418.0


def build(facts: Facts) -> Figure | None:
    """Duration curves of load, wind, solar, net load and grid purchase."""
    flows, hours = facts.shown, facts.hours
    net = flows.facility - flows.wind - flows.pv - flows.curtailment
    series = {"facility": flows.facility, "wind": flows.wind, "pv": flows.pv, "net": net,
              "retail": flows.retail}  # fmt: skip
    if flows.wind.max() + flows.pv.max() <= SMALL_MW:
        series.pop("net")
    series = {k: v for k, v in series.items() if v.max(initial=0.0) > 0.02}
    if not series or flows.facility.max(initial=0.0) <= SMALL_MW or float(hours.sum()) <= 0:
        return None
    ordinate = np.linspace(0, float(hours.sum()), POINTS)
    curves = {name: _sorted(value, hours, ordinate) for name, value in series.items()}
    grid = float(hours[flows.retail > 0.01 * max(float(flows.facility.max()), 1e-9)].sum())
    values = {"hours": Amount(grid, "hours"), "peak": Amount(float(flows.retail.max()), "power"),
              "part": Amount(grid / float(hours.sum()), "percent", digits=0)}  # fmt: skip
    key = "figure.duration.title" if grid > 0 else "figure.duration.title_no_grid"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, ordinate, curves, grid)

    return Figure(
        id="duration_curves", title=say(key, **values), caption=say("figure.duration.caption"),
        alt=say("figure.duration.alt", **values),
        data={"hours": ordinate.round(1)} | {f"{n}_mw": c.round(3) for n, c in curves.items()},
        draw=draw,
    )  # fmt: skip


def _sorted(power: Array, hours: Array, ordinate: Array) -> Array:
    """Power that is reached or exceeded for `ordinate` hours."""
    order = np.argsort(-power, kind="stable")
    until = np.cumsum(hours[order])
    return power[order][np.searchsorted(until, np.clip(ordinate, 0, until[-1] - 1e-9), "right")]


def _draw(canvas: Canvas, locale: Locale, x: Array, curves: dict[str, Array],
          grid: float) -> None:  # fmt: skip
    ax = style.axes(canvas, bottom=0.5)
    for name, curve in curves.items():
        colour, dash, width = LOOK[name]
        if name == "retail":
            ax.fill_between(x, 0, curve, color=colour, alpha=0.18, lw=0)
        ax.plot(x, curve, color=colour, ls=dash, lw=width)
    low = min(0.0, *(float(c.min()) for c in curves.values()))
    high = max(float(c.max()) for c in curves.values())
    ax.set_ylim(max(low, -1.2 * high) * 1.04, high * 1.08)
    ax.set_xlim(0, x[-1])
    ax.axhline(0, color=style.INK, lw=0.6)
    if 0 < grid < 0.995 * x[-1]:
        ax.axvline(grid, color=style.STATUS["fail"], lw=0.9, ls=":")
        left = grid > 0.8 * x[-1]
        ax.annotate(f"{plain(grid)} h", (grid, high), (-4 if left else 4, 0),
                    textcoords="offset points", ha="right" if left else "left", va="center",
                    color=style.STATUS["fail"], fontsize=8)  # fmt: skip
    ax.set_xlabel(locale.text("axis.sorted_hours"))
    ax.set_ylabel(locale.axis("axis.power", "MW"))
    style.thousands(ax.xaxis)
    style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
    _write_names(ax, locale, x, curves, grid)


def _write_names(ax: Axes, locale: Locale, x: Array, curves: dict[str, Array],
                 line: float) -> None:  # fmt: skip
    """Each curve's name beside it, off the upright line, where other curves and names are far."""
    low, high = ax.get_ylim()
    taken: list[tuple[float, float, int]] = []
    for name, curve in curves.items():
        text = locale.text(f"carrier.{LABELS.get(name, name)}")
        reach = int(len(x) * sum(4.2 if ord(c) > 255 else 2.3 for c in text) / WIDE_PT)
        others = [np.zeros(len(x)), *(c for n, c in curves.items() if n != name)]
        edge_reach, upright = reach + len(x) // 60, line / x[-1] * (len(x) - 1)
        spots = [(i / (len(x) - 1), float(curve[i]) + lift * (high - low))
                 for i in range(edge_reach, len(x) - edge_reach, 12) for lift in LIFTS
                 if _is_alive(curve, i, high - low) and abs(i - upright) > reach]  # fmt: skip

        def room(spot: tuple[float, float], curve: Array = curve, reach: int = reach,
                 others: list[Array] = others) -> float:  # fmt: skip
            i, y = round(spot[0] * (len(x) - 1)), spot[1]
            ends = sorted((float(curve[i]), y))
            if any(ends[0] < float(c[i]) < ends[1] for c in others):
                return -1.0  # another curve between a curve and its name
            near = slice(max(0, i - reach), i + reach, 4)
            apart = [float(np.abs(c[near] - y).min()) / (high - low) for c in (*others, curve)]
            names = [max(abs(spot[0] - s) * len(x) / (reach + r) - 1, abs(y - v) / (high - low))
                     for s, v, r in taken]  # fmt: skip
            edge = 20 * min(y - low, high - y) / (high - low)
            away = 0.1 * abs(float(curve[i]) - y) / (high - low)
            return min(*apart, *names, edge, 0.06) - away

        if not spots:
            continue
        best = max(spots, key=room)
        taken.append((*best, reach))
        ax.text(best[0] * x[-1], best[1], text, color=DARK.get(name, LOOK[name][0]), ha="center",
                va="center", fontsize=7.5)  # fmt: skip


def _is_alive(curve: Array, i: int, span: float) -> bool:
    """False where a curve has ended at zero and its name would tell nothing."""
    return abs(float(curve[i])) > 0.04 * span or float(np.abs(curve).max()) < 0.1 * span

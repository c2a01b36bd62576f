"""A week hour by hour: what fed the load, where surplus went, state of charge and price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.report import style
from coplan.report.facts import SMALL_MW, Array, Facts, Flows
from coplan.report.model import Day, Figure, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

SUPPLY = ("wind", "pv", "discharge", "contract", "retail")
PANEL_IN, LEFT_IN = 0.66, 0.8
USE = ("charge", "export", "curtailment")


def weeks(facts: Facts) -> list[Array]:
    """Windows of seven days (or the longest there are) that never jump in time."""
    steps = np.arange(len(facts.hours))
    clock = facts.day * 24.0 + facts.hour
    jumps = np.flatnonzero(np.abs(np.diff(clock) - facts.step_h) > 1.01) + 1
    runs = np.split(steps, jumps)
    length = max(1, round(168 / facts.step_h))
    windows = [run[i : i + length] for run in runs
               for i in range(0, len(run) - length + 1, max(1, length // 7))]  # fmt: skip
    return windows or [max(runs, key=len)]


def hardest_week(facts: Facts) -> Array:
    """Steps of the week with most grid purchase; without any, with most load left uncovered."""
    flows = facts.shown
    uncovered = flows.facility - flows.wind - flows.pv - flows.curtailment
    strain = flows.retail if flows.retail.max() > SMALL_MW else uncovered
    return max(weeks(facts), key=lambda w: float((strain[w] * facts.hours[w]).sum()))


def typical_week(facts: Facts) -> Array:
    """Steps of the week whose means are nearest to those of the year."""
    flows = facts.shown
    rows = [flows.wind, flows.pv, flows.retail, flows.contract, flows.facility, flows.export]
    scale = max(float(flows.facility.mean()), 1e-9)

    def distance(window: Array) -> float:
        return sum(abs(float(r[window].mean() - r.mean())) / scale for r in rows)

    return min(weeks(facts), key=distance)


def build(facts: Facts, which: str) -> Figure | None:
    """The dispatch figure of the "hardest" or "typical" week; None if both are the same.

    None as well without any load.
    """
    if facts.shown.facility.max(initial=0.0) <= SMALL_MW:
        return None
    hardest = hardest_week(facts)
    steps = hardest if which == "hardest" else typical_week(facts)
    if which == "typical" and len(np.intersect1d(hardest, steps)) > len(steps) // 2:
        return None
    flows = facts.shown.during(steps)
    hours = facts.hours[steps] / facts.hours[steps].max()
    load = float((flows.facility * hours).sum()) * facts.step_h
    grid = float((flows.retail * hours).sum()) * facts.step_h
    values: dict[str, Any] = {
        "first": Day(int(facts.day[steps[0]])), "last": Day(int(facts.day[steps[-1]])),
        "grid": Amount(grid, "energy"), "share": Amount(grid / max(load, 1e-9), "percent"),
        "green": Amount(1 - grid / max(load, 1e-9), "percent"),
        "peak": Amount(float(flows.retail.max()), "power"),
    }  # fmt: skip
    key = f"figure.dispatch.{which}" + ("" if grid > SMALL_MW else "_no_grid")
    extra = (flows.room_mwh > SMALL_MW) + bool(np.isfinite(facts.price).any())
    picture = _Week(facts, steps, flows)
    return Figure(
        id=f"dispatch_{which}", title=say(f"{key}_title", **values),
        caption=say(f"figure.dispatch.{which}_caption"), alt=say("figure.dispatch.alt", **values),
        data=picture.table(), draw=picture.draw, height_in=2.9 + PANEL_IN * extra,
    )  # fmt: skip


class _Week:
    def __init__(self, facts: Facts, steps: Array, flows: Flows):
        self.facts, self.steps, self.flows = facts, steps, flows
        self.price = facts.price[steps]
        self.x = np.arange(len(steps) + 1) * facts.step_h

    def table(self) -> dict[str, Any]:
        names = ("wind", "pv", "discharge", "contract", "retail", "charge", "export",
                 "curtailment", "facility")  # fmt: skip
        head = {"time": self.steps, "day_of_year": self.facts.day[self.steps],
                "hour_of_day": self.facts.hour[self.steps]}  # fmt: skip
        power = {f"{n}_mw": getattr(self.flows, n).round(4) for n in names}
        return head | power | {"stored_mwh": self.flows.stored_mwh.round(3),
                               "energy_price_cny_per_mwh": self.price.round(3)}  # fmt: skip

    def draw(self, canvas: Canvas, locale: Locale) -> None:
        bottom, panels = 0.3, []
        if np.isfinite(self.price).any():
            panels.append((self._price, style.panel(canvas, bottom, PANEL_IN - 0.18, left=LEFT_IN)))
            bottom += PANEL_IN
        if self.flows.room_mwh > SMALL_MW:
            panels.append(
                (self._stored, style.panel(canvas, bottom, PANEL_IN - 0.18, left=LEFT_IN))
            )
            bottom += PANEL_IN
        height = canvas.get_size_inches()[1]
        legend_at = bottom if panels else bottom + 0.05
        main = style.panel(canvas, bottom + 0.5, height - bottom - 0.5 - 0.34, left=LEFT_IN)
        style.legend(canvas, self._stack(main, locale), legend_at)
        for paint, ax in panels:
            paint(ax, locale)
        lowest = panels[0][1] if panels else main
        for ax in (main, *(p[1] for p in panels)):
            self._days(ax, locale, ax is lowest)

    def _stack(self, ax: Axes, locale: Locale) -> list[Any]:
        handles = []
        level = np.zeros(len(self.steps))
        for names, sign in ((SUPPLY, 1.0), (USE, -1.0)):
            level = np.zeros(len(self.steps))
            for name in names:
                power = getattr(self.flows, name)
                if power.max(initial=0.0) <= 0.02:
                    continue
                after = level + sign * power
                hatch = style.HATCH if name == "curtailment" else {}
                ax.fill_between(self.x, _ends(level), _ends(after), step="post", lw=0,
                                color=style.CARRIER[name], **hatch)  # fmt: skip
                level = after
                handles.append(style.patch(name, locale.text(f"carrier.{name}")))
        load = _ends(self.flows.facility)
        ax.step(self.x, load, where="post", color=style.PAPER, lw=2.6)
        ax.step(self.x, load, where="post", color=style.LOAD, lw=1.2)
        ax.axhline(0, color=style.INK, lw=0.6)
        ax.set_ylabel(locale.axis("axis.power", "MW"))
        style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
        return [style.line(style.LOAD, locale.text("carrier.load")), *handles]

    def _stored(self, ax: Axes, locale: Locale) -> None:
        share = 100 * self.flows.stored_mwh / self.flows.room_mwh
        x = self.x[1:]
        ax.fill_between(x, 0, share, color=style.CARRIER["charge"], alpha=0.6, lw=0)
        ax.plot(x, share, color=style.CARRIER["discharge"], lw=1)
        ax.set_ylim(0, 105)
        ax.set_yticks([0, 50, 100], ["0%", "50%", "100%"])
        ax.set_ylabel(locale.text("axis.stored"), linespacing=1.5)

    def _price(self, ax: Axes, locale: Locale) -> None:
        ax.step(self.x, _ends(self.price), where="post", color=style.CARRIER["price"], lw=0.9)
        ax.set_ylabel(locale.text("axis.price"), linespacing=1.5)
        ax.locator_params(axis="y", nbins=3)
        style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))

    def _days(self, ax: Axes, locale: Locale, labelled: bool) -> None:
        ax.set_xlim(self.x[0], self.x[-1])
        starts = np.flatnonzero(self.facts.hour[self.steps] < self.facts.step_h)
        dates = [locale.date(d) for d in self.facts.day[self.steps][starts]]
        ax.set_xticks(self.x[starts], dates if labelled else [""] * len(dates), ha="left")


def _ends(values: Array) -> Array:
    """The last value again, so that a step line covers its last hour."""
    return np.append(values, values[-1:])

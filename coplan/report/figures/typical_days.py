"""Typical days side by side on one scale: what fed the load, and where surplus went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.figures.dispatch import SUPPLY, USE
from coplan.report.model import Day, Figure, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

HEIGHT_IN, LEFT_IN, GAP_IN, BOTTOM_IN, TOP_IN = 3.1, 0.62, 0.12, 0.85, 0.62
LEAST_MW = 0.02


def build(facts: Facts, days: dict[str, Array]) -> Figure | None:
    """The days by name, (time,) steps of each; None without a hardest day or with it alone."""
    if "hardest" not in days or len(days) < 2:
        return None
    flows = facts.shown.during(days["hardest"])
    grid = float(flows.retail.sum()) * facts.step_h
    load = max(float(flows.facility.sum()) * facts.step_h, 1e-9)
    values = {"day": Day(int(facts.day[days["hardest"][0]])), "grid": Amount(grid, "energy"),
              "share": Amount(grid / load, "percent")}  # fmt: skip
    picture = _Days(facts, days)
    return Figure(
        id="typical_days", title=say("figure.typical_days.title", **values),
        caption=say("figure.typical_days.caption"), alt=say("figure.typical_days.alt", **values),
        data=picture.table(), draw=picture.draw, height_in=HEIGHT_IN,
    )  # fmt: skip


class _Days:
    def __init__(self, facts: Facts, days: dict[str, Array]):
        self.facts, self.days = facts, days
        self.used = {name for steps in days.values() for name in (*SUPPLY, *USE)
                     if getattr(facts.shown, name)[steps].max() > LEAST_MW}  # fmt: skip

    def table(self) -> dict[str, Any]:
        steps = np.concatenate(list(self.days.values()))
        names = [name for name, mine in self.days.items() for _ in mine]
        power = {f"{n}_mw": getattr(self.facts.shown, n)[steps].round(4)
                 for n in (*SUPPLY, *USE, "facility")}  # fmt: skip
        return {"day": names, "day_of_year": self.facts.day[steps],
                "hour_of_day": self.facts.hour[steps], **power}  # fmt: skip

    def draw(self, canvas: Canvas, locale: Locale) -> None:
        width = (style.WIDTH_IN - LEFT_IN - 0.12 - GAP_IN * (len(self.days) - 1)) / len(self.days)
        axes: list[Axes] = []
        for at, (name, steps) in enumerate(self.days.items()):
            left = LEFT_IN + at * (width + GAP_IN)
            ax = style.panel(canvas, BOTTOM_IN, HEIGHT_IN - BOTTOM_IN - TOP_IN, left=left,
                             right=style.WIDTH_IN - left - width)  # fmt: skip
            self._stack(ax, steps)
            day = Day(int(self.facts.day[steps[0]]))
            ax.set_title(f"{locale.text(f'days.{name}')}\n{locale.show(day)}",
                         fontsize=7.5, pad=4, linespacing=1.5)  # fmt: skip
            ax.set_xlim(0, 24)
            ax.set_xticks([0, 6, 12, 18])
            axes.append(ax)
        low, high = (pick(ax.get_ylim()[side] for ax in axes)
                     for side, pick in ((0, min), (1, max)))  # fmt: skip
        for ax in axes:
            ax.set_ylim(low, high)
            ax.tick_params(labelleft=ax is axes[0])
        axes[0].set_ylabel(locale.axis("axis.power", "MW"))
        style.thousands(axes[0].yaxis, style.decimals(high - low))
        canvas.text(0.5, 0.52 / HEIGHT_IN, locale.text("axis.hour_of_day"), fontsize=7.5,
                    color=style.MUTED, ha="center", va="center")  # fmt: skip
        handles = [style.line(style.LOAD, locale.text("carrier.load"))]
        handles += [style.patch(n, locale.text(f"carrier.{n}")) for n in (*SUPPLY, *USE)
                    if n in self.used]  # fmt: skip
        style.legend(canvas, handles, 0.06)

    def _stack(self, ax: Axes, steps: Array) -> None:
        flows = self.facts.shown
        x = np.arange(len(steps) + 1) * self.facts.step_h
        for names, sign in ((SUPPLY, 1.0), (USE, -1.0)):
            level = np.zeros(len(steps))
            for name in names:
                if name not in self.used:
                    continue
                after = level + sign * getattr(flows, name)[steps]
                hatch = style.HATCH if name == "curtailment" else {}
                ax.fill_between(x, _ends(level), _ends(after), step="post", lw=0,
                                color=style.CARRIER[name], **hatch)  # fmt: skip
                level = after
        load = _ends(flows.facility[steps])
        ax.step(x, load, where="post", color=style.PAPER, lw=2.6)
        ax.step(x, load, where="post", color=style.LOAD, lw=1.2)
        ax.axhline(0, color=style.INK, lw=0.6)


def _ends(values: Array) -> Array:
    """The last step drawn to its end."""
    return np.append(values, values[-1])

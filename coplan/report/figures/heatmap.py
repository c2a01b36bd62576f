"""Every hour of the year as one cell: the carbon-free share of the load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

FULL = 0.995
MONTH_START = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])


def build(facts: Facts) -> Figure | None:
    """Hourly carbon-free share, 24 x 365; None where no hour is modelled."""
    share, weight = facts.carbon_free, facts.hours
    energy = facts.shown.facility * weight
    if energy.sum() <= 0:
        return None
    full = float(weight[share >= FULL].sum())
    mean = float((share * energy).sum() / energy.sum())
    grid = _grid(facts, share)
    values = {
        "mean": Amount(mean, "percent"), "full": Amount(full, "hours"),
        "part": Amount(full / float(weight.sum()), "percent", digits=0),
    }  # fmt: skip

    key = "title" if full > 0 else "title_none"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, grid)

    return Figure(
        id="carbon_free_hours", title=say(f"figure.heatmap.{key}", **values),
        caption=say("figure.heatmap.caption"), alt=say("figure.heatmap.alt", **values),
        data={"day_of_year": facts.day, "hour_of_day": facts.hour,
              "carbon_free_share": share.round(4)},
        draw=draw, height_in=2.5,
    )  # fmt: skip


def _grid(facts: Facts, share: Array) -> Array:
    """Mean share per hour of day (24) and day of year (365); NaN where nothing is modelled."""
    cell = facts.hour * 365 + (facts.day - 1)
    count = np.bincount(cell, minlength=24 * 365)
    total = np.bincount(cell, share, minlength=24 * 365)
    grid = np.divide(total, count, out=np.full(24 * 365, np.nan), where=count > 0)
    return grid.reshape(24, 365)


def _draw(canvas: Canvas, locale: Locale, grid: Array) -> None:
    from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap

    smooth = LinearSegmentedColormap.from_list("share", style.SHARE_COLOURS)
    bins = len(style.SHARE_STOPS) - 1
    colours = smooth.resampled(bins).with_extremes(bad="#eef0f2")
    norm = BoundaryNorm(style.SHARE_STOPS, bins)
    ax = style.axes(canvas, left=0.5, right=0.85, bottom=0.3)
    # WHY: nearest-neighbour enlargement, since viewers smooth a small picture when they scale it
    large = np.repeat(np.repeat(grid, 10, axis=0), 4, axis=1)
    ax.imshow(colours(norm(np.ma.masked_invalid(np.clip(large, 0, 1 - 1e-9)))), origin="lower",
              aspect="auto", extent=(0, 365, 0, 24), interpolation="none")  # fmt: skip
    ax.grid(False)
    ax.vlines(MONTH_START[1:], 0, 24, color=style.PAPER, lw=0.5, alpha=0.7)
    middles = MONTH_START + np.diff(np.append(MONTH_START, 365)) / 2
    ax.set_xticks(middles, [locale.month(m) for m in range(1, 13)])
    ax.tick_params(axis="x", length=0)
    ax.set_yticks([0, 6, 12, 18, 24])
    ax.set_ylabel(locale.text("axis.hour_of_day"))
    width, height = canvas.get_size_inches()
    bar = canvas.add_axes((1 - 0.72 / width, 0.3 / height, 0.13 / width, 1 - 0.64 / height))
    bar.bar(np.zeros(bins), np.ones(bins), 1, bottom=np.arange(bins), align="edge",
            color=[colours(i) for i in range(bins)], lw=0)  # fmt: skip
    bar.set(xlim=(0, 1), ylim=(0, bins), xticks=[])
    bar.grid(False)
    bar.yaxis.tick_right()
    ticks = [0, 1, 3, 5, 7, 8, 9, 10]
    bar.set_yticks(ticks, [f"{100 * style.SHARE_STOPS[i]:.0f}%" for i in ticks])
    for side in bar.spines.values():
        side.set_visible(False)

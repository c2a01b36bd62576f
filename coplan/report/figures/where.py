"""Where each class of work ran by hour of day and season: one row of small charts per class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.report import style
from coplan.report.classes import WorkClass, season_of, use_key, work_classes
from coplan.report.facts import Array, Facts
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

MOST_CLASSES = 12
MOST_SITES = 7
"""Sites with a colour of their own; the rest are told together."""
ROW_IN, ROWS_IN, TOP_IN, BOTTOM_IN = 0.92, 6.6, 0.62, 0.72
OTHER = "#d6d7d8"


def build(facts: Facts) -> Figure | None:
    """Mean work by hour, season, class and site; None for one site with work of one class."""
    classes = work_classes(facts)
    if not classes or (len(facts.ids("site")) < 2 and len(classes) < 2):
        return None
    shown, seasons = classes[:MOST_CLASSES], season_of(facts)
    days = {
        (k, season): _day(facts, one.power_mw.sum(0), mask)
        for k, one in enumerate(shown) for season, mask in seasons.items()
    }  # fmt: skip
    total = sum((one.power_mw * facts.hours).sum((0, 2)) for one in classes)
    order = [int(s) for s in np.argsort(-np.asarray(total), kind="stable") if total[s] > 0]
    sites = facts.ids("site")
    data = {"hour_of_day": np.arange(24)} | {
        f"{shown[k].use}_{shown[k].label}_{season}_{sites[s]}_mw": day[s].round(4)
        for (k, season), day in days.items() for s in order
    }  # fmt: skip
    values = {"count": Amount(len(shown), "count"), "sites": Amount(len(order), "count"),
              "night": Amount(_night_share(facts, shown), "percent", digits=0)}  # fmt: skip
    names: list[Item] = [facts.name(sites[s]) for s in order[:MOST_SITES]]
    titles: list[tuple[Item, Item]] = [
        (say(use_key(one.use)), facts.label_name(one.label)) for one in shown
    ]

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, (titles, list(seasons), days), order, names)

    return Figure(
        id="work_where", title=say("figure.where.title", **values),
        caption=say("figure.where.caption"), alt=say("figure.where.alt", **values), data=data,
        draw=draw, height_in=TOP_IN + BOTTOM_IN + min(ROWS_IN, ROW_IN * len(shown)),
    )  # fmt: skip


def _day(facts: Facts, power: Array, mask: Array) -> Array:
    """Mean by site and hour of day (site, 24) [MW] over the steps of a season."""
    weight = np.bincount(facts.hour[mask], facts.hours[mask], 24)
    total = np.array([
        np.bincount(facts.hour[mask], (row * facts.hours)[mask], 24) for row in power
    ])  # fmt: skip
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)


def _night_share(facts: Facts, shown: list[WorkClass]) -> float:
    """Share of all work that runs from 22 to 6 o'clock."""
    power = sum(one.power_mw.sum((0, 1)) for one in shown) * facts.hours
    night = (facts.hour >= 22) | (facts.hour < 6)
    return float(power[night].sum() / max(power.sum(), 1e-12))


def _draw(canvas: Canvas, locale: Locale,
          content: tuple[list[tuple[Item, Item]], list[str], dict[tuple[int, str], Array]],
          order: list[int], names: list[Item]) -> None:  # fmt: skip
    titles, seasons, days = content
    width, height = canvas.get_size_inches()
    left, gap, row_in = 1.35, 0.1, min(ROW_IN, ROWS_IN / len(titles))
    each = (width - left - 0.12 - gap * (len(seasons) - 1)) / len(seasons)
    for k, title in enumerate(titles):
        top = max(float(days[k, season].sum(0).max()) for season in seasons) or 1.0
        base = height - TOP_IN - row_in * (k + 1) + 0.2
        name = "\n".join(map(locale.show, title))
        canvas.text(0.06 / width, (base + 0.5 * row_in - 0.1) / height, name, fontsize=7.5,
                    color=style.INK, ha="left", va="center", linespacing=1.5)  # fmt: skip
        for j, season in enumerate(seasons):
            x = left + j * (each + gap)
            ax = canvas.add_axes((x / width, base / height, each / width, (row_in - 0.2) / height))
            _stack(ax, days[k, season], order)
            ax.set(xlim=(0, 24), ylim=(0, 1.08 * top), xticks=[0, 6, 12, 18, 24])
            ax.tick_params(labelsize=6, pad=1.5)
            ax.yaxis.set_major_locator(_few_ticks())
            style.thousands(ax.yaxis, style.decimals(top))
            if j:
                ax.set_yticklabels([])
            if k < len(titles) - 1:
                ax.set_xticklabels([])
            if k == 0:
                ax.set_title(locale.text(f"season.{season}"), fontsize=8, pad=3)
    handles = [style.patch(c, locale.show(n)) for c, n in zip(style.SERIES, names, strict=False)]
    if len(order) > MOST_SITES:
        handles.append(style.patch(OTHER, locale.text("season.other_sites")))
    canvas.text(0.5, 0.42 / height, locale.text("figure.where.axis"), fontsize=7,
                color=style.MUTED, ha="center")  # fmt: skip
    style.legend(canvas, handles, 0.06, columns=8)


def _few_ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=3)


def _stack(ax: Any, day: Array, order: list[int]) -> None:
    """Bars by site, the largest site of the whole plan at the bottom."""
    edges, level = np.arange(25), np.zeros(25)
    parts = [day[s] for s in order[:MOST_SITES]]
    if len(order) > MOST_SITES:
        parts.append(np.asarray(day[order[MOST_SITES:]].sum(0)))
    colours = [*style.SERIES[: min(len(order), MOST_SITES)], OTHER]
    for part, colour in zip(parts, colours, strict=False):
        top = level + np.append(part, part[-1])
        ax.fill_between(edges, level, top, step="post", color=colour, lw=0)
        level = top

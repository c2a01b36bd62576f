"""Where and when the work runs: mean day, by site or by class of work, against its arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

LEAST_SHARE = 5e-4
"""Share of the work below which none is said to wait."""


def build(facts: Facts) -> Figure | None:
    """Mean work by hour of day; None when it neither waits nor can run elsewhere."""
    sites = facts.ids("site")
    flexible = facts.values("pool_delay_h") > 0
    if len(sites) < 2 and not flexible.any():
        return None
    served = facts.values("served_mw", facts.period, facts.weather)
    arrived = facts.values("pool_demand_mw", facts.period)
    names: dict[str, Item] = {site: facts.name(site) for site in sites}
    if len(sites) > 1:
        routed = facts.values("routed_mw", facts.period, facts.weather).sum(0)
        parts = {s: _mean_day(facts, routed[i]) for i, s in enumerate(sites)}
    else:
        groups = {f"pool_{i + 1}": group for i, group in enumerate(facts.pool_groups())}
        names = {key: name for key, (name, _) in groups.items()}
        parts = {key: _mean_day(facts, served[m].sum(0)) for key, (_, m) in groups.items()}
    parts = {name: day for name, day in parts.items() if day.max() > 1e-6}
    arrival = _mean_day(facts, arrived.sum(0))
    if not parts or arrival.max() <= 0:
        return None
    late = float((np.clip(arrived - served, 0, None) * facts.hours).sum())
    total = max(float((arrived * facts.hours).sum()), 1e-9)
    main = max(parts, key=lambda n: float(parts[n].sum()))
    values: dict[str, Any] = {
        "moved": Amount(late / total, "percent"), "site": names[main],
        "share": Amount(float(parts[main].sum() / sum(d.sum() for d in parts.values())),
                        "percent", digits=0),
    }  # fmt: skip
    key = "figure.work.title_sites" if len(sites) > 1 else "figure.work.title"
    if late < LEAST_SHARE * total:
        if len(sites) == 1:
            return None
        key += "_none"
    labels: list[tuple[Item, Array]] = [(names[n], day) for n, day in parts.items()]

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, labels, arrival)

    return Figure(
        id="work_by_hour", title=say(key, **values), caption=say("figure.work.caption"),
        alt=say("figure.work.alt", **values),
        data={"hour_of_day": np.arange(24), "arrival_mw": arrival.round(4)}
        | {f"{n}_mw": day.round(4) for n, day in parts.items()},
        draw=draw, height_in=2.26 + 0.17 * -(-(len(parts) + 1) // 4),
    )  # fmt: skip


def _mean_day(facts: Facts, power: Array) -> Array:
    """Mean by hour of day, (24,) MW, weighted by the hours each step stands for."""
    weight = np.bincount(facts.hour, facts.hours, 24)
    total = np.bincount(facts.hour, power * facts.hours, 24)
    return np.divide(total, weight, out=np.zeros(24), where=weight > 0)


def _draw(canvas: Canvas, locale: Locale, parts: list[tuple[Item, Array]],
          arrival: Array) -> None:  # fmt: skip
    rows = -(-(len(parts) + 1) // 4)
    ax = style.axes(canvas, bottom=0.44 + 0.17 * rows)
    hours = np.arange(24)
    level = np.zeros(24)
    handles = [style.line(style.LOAD, locale.text("carrier.arrival"))]
    for (name, day), colour in zip(parts, style.SERIES * 3, strict=False):
        ax.bar(hours + 0.5, day, 0.86, bottom=level, color=colour, lw=0)
        handles.append(style.patch(colour, locale.show(name)))
        level = level + day
    edges = np.append(arrival, arrival[-1])
    ax.step(np.arange(25), edges, where="post", color=style.PAPER, lw=2.6)
    ax.step(np.arange(25), edges, where="post", color=style.LOAD, lw=1.2)
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 3))
    ax.set_xlabel(locale.text("axis.hour_of_day"))
    ax.set_ylabel(locale.axis("axis.work", "MW"))
    style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
    style.legend(canvas, handles, 0.06, columns=4)

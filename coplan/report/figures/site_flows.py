"""Compute and power of every site: regions send work in from the left, supplies feed the right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.classes import work_classes
from coplan.report.facts import Array, Facts
from coplan.report.figures.ribbons import box, ribbon, spread
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

SUPPLIES = ("wind", "pv", "contract", "retail")
MOST_REGIONS = 8
THIN = 2e-3
"""Share of all flow on its side below which a band is not drawn."""
LEFT, SITE, RIGHT, BLOCK = 2.2, (4.35, 5.65), 7.8, 0.14


def build(facts: Facts) -> Figure | None:
    """Mean work from regions to sites and mean power into sites; None for a single site."""
    sites, classes = facts.ids("site"), work_classes(facts)
    if len(sites) < 2 or not classes:
        return None
    regions = list(dict.fromkeys(facts.labels("demand_region")))
    work = np.zeros((len(regions), len(sites)))
    for one in classes:
        mean = (one.power_mw * facts.hours).sum(-1) / facts.hours.sum()
        for row, demand in enumerate(one.demands):
            work[regions.index(facts.labels("demand_region")[demand])] += mean[row]
    energy = [facts.yearly(facts.period, site) for site in sites]
    power = np.array([[one[name] for one in energy] for name in SUPPLIES])
    power = power / float(facts.hours.sum())
    if work.sum() <= 0 or power.sum() <= 0:
        return None
    main = int(work.sum(1).argmax())
    values = {
        "region": facts.name(regions[main]), "work": Amount(float(work[main].sum()), "power"),
        "share": Amount(float(work[main].sum() / work.sum()), "percent", digits=0),
        "count": Amount(int((work[main] > THIN * work.sum()).sum()), "count"),
        "power": Amount(float(power.sum()), "power"),
    }  # fmt: skip
    names: dict[str, list[Item]] = {
        "region": [facts.name(one) for one in regions], "site": [facts.name(s) for s in sites],
        "supply": [say(f"carrier.{name}") for name in SUPPLIES],
    }  # fmt: skip

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, (work, power), names)

    rows = [("work", regions[i], sites[j], work[i, j]) for i, j in np.ndindex(work.shape)]
    rows += [("power", SUPPLIES[i], sites[j], power[i, j]) for i, j in np.ndindex(power.shape)]
    return Figure(
        id="site_flows", title=say("figure.site_flows.title", **values),
        caption=say("figure.site_flows.caption"), alt=say("figure.site_flows.alt", **values),
        data={"kind": [r[0] for r in rows], "from": [r[1] for r in rows],
              "site": [r[2] for r in rows], "mean_mw": [round(float(r[3]), 4) for r in rows]},
        draw=draw, height_in=1.6 + 0.26 * max(len(sites), 5),
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, flows: tuple[Array, Array],
          names: Mapping[str, list[Item]]) -> None:  # fmt: skip
    work, power = flows
    ax = style.axes(canvas, left=0.1, right=0.1, bottom=0.08, top=0.42)
    ax.axis("off")
    ax.set(xlim=(0, 10), ylim=(-0.02, 1.1))
    busy = work.sum(0) + power.sum(0) > THIN * (work.sum() + power.sum())
    weight = np.maximum(work.sum(0) / work.sum(), power.sum(0) / power.sum())[busy]
    gap = min(0.04, 0.3 / max(len(weight), 1))
    high = np.maximum((1 - gap * (len(weight) - 1)) * weight / weight.sum(), 0.012)
    tops = 1.0 - np.concatenate([[0.0], np.cumsum(high + gap)[:-1]])
    for top, tall in zip(tops, high, strict=True):
        for x in (SITE[0] - BLOCK, SITE[1]):
            ax.add_patch(box(x, top - tall, BLOCK, tall, style.INK))
    texts = [locale.show(names["site"][s]) for s in np.flatnonzero(busy)]
    for text, y in zip(texts, spread([float(t - h / 2) for t, h in zip(tops, high, strict=True)],
                                     0.06), strict=True):  # fmt: skip
        ax.text(sum(SITE) / 2, y, text if len(text) <= 18 else f"{text[:17]}…", ha="center",
                va="center", fontsize=7)  # fmt: skip
    colours = (*style.SERIES, style.MUTED)
    _side(ax, locale, work[:, busy], names["region"], colours, (tops, high), LEFT)
    _side(ax, locale, power[:, busy], names["supply"],
          [style.CARRIER[name] for name in SUPPLIES], (tops, high), RIGHT)  # fmt: skip
    heads = (("work", LEFT, "left"), ("site", sum(SITE) / 2, "center"), ("power", RIGHT, "right"))
    for key, x, where in heads:
        ax.text(x, 1.06, locale.text(f"figure.site_flows.{key}"), ha=where, fontsize=7.5,
                color=style.MUTED)  # fmt: skip


def _side(ax: Axes, locale: Locale, flow: Array, names: list[Item], colours: tuple | list,
          sites: tuple[Array, Array], edge: float) -> None:  # fmt: skip
    """Bands between the blocks of one side and the sites, (source, site) MW."""
    is_left = edge < SITE[0]
    used = [i for i in np.argsort(-flow.sum(1), kind="stable") if flow[i].sum() > THIN * flow.sum()]
    total, gap = float(flow.sum()), 0.05
    scale = (1 - gap * (len(used) - 1)) / total
    inner = SITE[0] - BLOCK if is_left else SITE[1] + BLOCK
    tops = sites[0].copy()
    fill = sites[1] / np.maximum(flow.sum(0), 1e-12)  # a site's block is filled by its flows
    out, middles = 1.0, []
    for i in used:
        colour = colours[min(int(i), len(colours) - 1)]
        start = out
        for s, value in enumerate(flow[i]):
            if value <= THIN * total:
                continue
            tall, end = float(value * scale), float(value * fill[s])
            x = (edge + BLOCK, inner) if is_left else (edge - BLOCK, inner)
            ax.add_patch(ribbon(x, (out, float(tops[s])), (tall, end), colour))
            out -= tall
            tops[s] -= end
        ax.add_patch(box(edge if is_left else edge - BLOCK, out, BLOCK, start - out, colour))
        middles.append((start + out) / 2)
        out -= gap
    for i, y in zip(used, spread(middles, 0.065), strict=True):
        text = f"{locale.show(names[int(i)])}  {plain(float(flow[i].sum()), 1)} MW"
        ax.text(edge - 0.12 if is_left else edge + 0.12, y, text, va="center", fontsize=7.5,
                ha="right" if is_left else "left")  # fmt: skip

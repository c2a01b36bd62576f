"""Power usage effectiveness: month by month against the limit, and against the wet bulb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.free_cooling import free_steps
from coplan.report.model import Figure, Name, say
from coplan.report.numbers import Amount, trimmed

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

TEAL = "#0e7c93"
FREE = style.CARRIER["cooling"]
BIN_DEGC = 2.0
Curve = tuple[Array, Array, Array, Array]
"""By class of wet bulb: its middle [degC], PUE, hours, hours of free cooling."""

MOST_SITES = 6


def by_month(facts: Facts) -> Figure | None:
    """Monthly PUE of the fleet (of each site where there are several) with the limit."""
    months = facts.months
    energy = facts.monthly(facts.period)
    if len(months) < 2 or energy["it"].min() <= 0:
        return None
    pue = energy["facility"] / energy["it"]
    sites = facts.ids("site")
    lines = {}
    if 1 < len(sites) <= MOST_SITES:
        for site in sites:
            own = facts.monthly(facts.period, site)
            lines[site] = np.divide(own["facility"], own["it"], out=np.full(len(months), np.nan),
                                    where=own["it"] > 0)  # fmt: skip
    low, high = _daily_range(facts)
    limit = (facts.target("pue") or {}).get("value")
    year = float(energy["facility"].sum() / energy["it"].sum())
    worst = int(pue.argmax())
    values = {"year": Amount(year, "pue"), "worst": Amount(float(pue[worst]), "pue"),
              "month": say(f"month.m{months[worst]}"),
              "limit": Amount(limit or np.nan, "limit")}  # fmt: skip
    names = {site: facts.name(site) for site in lines}

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw_months(canvas, locale, months, (pue, low, high), limit, (lines, names))

    key = "figure.pue.title" if limit else "figure.pue.title_no_limit"
    caption = "figure.pue.caption_sites" if lines else "figure.pue.caption"
    return Figure(
        id="pue_by_month", title=say(key, **values), caption=say(caption),
        alt=say("figure.pue.alt", **values),
        data={"month": months, "pue": pue.round(5), "daily_low": low.round(5),
              "daily_high": high.round(5)} | {f"pue_{s}": v.round(5) for s, v in lines.items()},
        draw=draw, height_in=2.6,
    )  # fmt: skip


def _daily_range(facts: Facts) -> tuple[Array, Array]:
    """Lowest and highest daily PUE of each month, (month,)."""
    flows, day = facts.shown, facts.day
    load = np.bincount(day, flows.facility * facts.hours, 367)
    it = np.bincount(day, flows.it * facts.hours, 367)
    pue = np.divide(load, it, out=np.full(367, np.nan), where=it > 0)
    month = np.zeros(367, dtype=int)
    month[day] = facts.month
    parts = [pue[(month == m) & np.isfinite(pue)] for m in facts.months]
    low = np.array([p.min(initial=np.inf) for p in parts])
    high = np.array([p.max(initial=-np.inf) for p in parts])
    return np.where(np.isfinite(low), low, np.nan), np.where(np.isfinite(high), high, np.nan)


def _draw_months(canvas: Canvas, locale: Locale, months: list[int],
                 curves: tuple[Array, Array, Array], limit: float | None,
                 several: tuple[dict[str, Array], dict[str, Name]]) -> None:  # fmt: skip
    pue, low, high = curves
    lines, names = several
    ax = style.axes(canvas, bottom=0.55 if lines else 0.3)
    x = np.arange(len(months))
    handles = []
    if not lines:
        ax.bar(x, high - low, 0.12, bottom=low, color=style.CARRIER["cooling"], alpha=0.4, lw=0)
    for (site, curve), colour in zip(lines.items(), style.SERIES, strict=False):
        ax.plot(x, curve, color=colour, lw=1.1, marker="o", ms=2.6)
        handles.append(style.line(colour, locale.show(names[site])))
    ax.plot(x, pue, color=TEAL, lw=1.6, marker="o", ms=4)
    if lines:
        handles.append(style.line(TEAL, locale.text("carrier.fleet"), width=1.8))
    drawn = lines.values() if lines else (low, high)
    everything = [pue, *drawn, *([np.array([limit])] if limit else [])]
    floor = min(float(np.nanmin(a)) for a in everything)
    ceiling = max(float(np.nanmax(a)) for a in everything)
    room = max(0.02, 0.12 * (ceiling - floor))
    ax.set_ylim(max(1.0, floor - room), ceiling + 1.5 * room)
    if limit:
        ax.axhline(limit, color=style.STATUS["fail"], lw=1, ls="--")
        ax.annotate(f"{locale.text('axis.pue_limit')} {trimmed(limit, 3)}", (0, limit), (0, 3),
                    xycoords=("axes fraction", "data"), textcoords="offset points",
                    color=style.STATUS["fail"], fontsize=7.5)  # fmt: skip
    ax.set_xlim(-0.6, len(months) - 0.4)
    ax.set_xticks(x, [locale.month(m) for m in months])
    ax.set_ylabel("PUE")
    ax.locator_params(axis="y", nbins=5)
    style.thousands(ax.yaxis, 3 if ceiling - floor < 0.1 else 2)
    style.legend(canvas, handles, 0.05, columns=4)


def against_wet_bulb(facts: Facts) -> Figure | None:
    """PUE per two-degree class of wet bulb, of each site, with the hours spent in each class."""
    sites = facts.ids("site")[:MOST_SITES]
    wet = facts.values("wet_bulb_degc", weather=facts.weather)
    curves: dict[str, Curve] = {}
    for i, site in enumerate(sites):
        flows, free = facts.flows(facts.period, facts.weather, site), free_steps(facts, site)
        if flows.it.sum() > 0 and np.isfinite(wet[i]).all() and free is not None:
            curves[site] = _classes(wet[i], flows.facility, flows.it, facts.hours, free)
    if not curves or max(len(c[0]) for c in curves.values()) < 3:
        return None
    first = next(iter(curves))
    knee = _knee(*curves[first][:2])
    values = {"knee": Amount(knee, "temperature", digits=0), "site": facts.name(first),
              "cold": Amount(float(curves[first][1][0]), "pue"),
              "hot": Amount(float(curves[first][1][-1]), "pue"),
              "hours": Amount(float(curves[first][3].sum()), "hours"),
              "part": Amount(float(curves[first][3].sum() / curves[first][2].sum()), "percent",
                             digits=0)}  # fmt: skip
    names = {site: facts.name(site) for site in curves}

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw_classes(canvas, locale, curves, names)

    rows = [(site, *row) for site, c in curves.items() for row in zip(*c, strict=True)]
    is_flat = float(np.ptp(curves[first][1])) < 0.003
    key = ("figure.wet_bulb.title_flat" if is_flat else "figure.wet_bulb.title_sites"
           if len(sites) > 1 else "figure.wet_bulb.title")  # fmt: skip
    return Figure(
        id="pue_wet_bulb",
        title=say(key, **values),
        caption=say("figure.wet_bulb.caption"), alt=say("figure.wet_bulb.alt", **values),
        data={"site": [r[0] for r in rows], "wet_bulb_degc": [round(r[1], 2) for r in rows],
              "pue": [round(r[2], 5) for r in rows], "hours": [round(r[3], 1) for r in rows],
              "free_cooling_hours": [round(r[4], 1) for r in rows]},
        draw=draw, height_in=3.0,
    )  # fmt: skip


def _classes(wet: Array, load: Array, it: Array, hours: Array, free: Array) -> Curve:
    """Middle (degC), PUE, hours and hours of free cooling of each class of wet bulb there is."""
    index = np.floor(wet / BIN_DEGC).astype(int)
    base = int(index.min())
    sums = [np.bincount(index - base, w * hours) for w in (load, it, np.ones_like(load), free)]
    there = sums[1] > 0
    middle = (np.arange(len(sums[0])) + base + 0.5) * BIN_DEGC
    return middle[there], sums[0][there] / sums[1][there], sums[2][there], sums[3][there]


def _knee(middle: Array, pue: Array) -> float:
    """Wet bulb from which PUE has left its floor by a tenth of its whole rise."""
    rise = pue.max() - pue.min()
    over = np.flatnonzero(pue > pue.min() + 0.1 * rise)
    return float(middle[over[0]] - BIN_DEGC / 2) if len(over) else float(middle[-1])


def _draw_classes(canvas: Canvas, locale: Locale, curves: dict[str, Curve],
                  names: dict[str, Name]) -> None:  # fmt: skip
    many = len(curves) > 1
    base, height = 0.75, canvas.get_size_inches()[1]
    low = style.panel(canvas, base, 0.6)
    ax = style.panel(canvas, base + 0.7, height - base - 0.7 - 0.34)
    handles = []
    colours = style.SERIES if many else (TEAL,)
    for (site, (middle, pue, hours, free)), colour in zip(curves.items(), colours, strict=False):
        ax.plot(middle, pue, color=colour, marker="o", ms=3, lw=1.3)
        if many:
            low.plot(middle, hours, color=colour, lw=1, drawstyle="steps-mid")
            low.fill_between(middle, 0, free, color=colour, alpha=0.3, lw=0, step="mid")
            handles.append(style.line(colour, locale.show(names[site])))
            continue
        low.bar(middle, free, 0.9 * BIN_DEGC, color=FREE, lw=0)
        low.bar(middle, hours - free, 0.9 * BIN_DEGC, bottom=free, color=style.SERIES[3], lw=0)
        handles = [style.patch(FREE, locale.text("figure.wet_bulb.free")),
                   style.patch(style.SERIES[3], locale.text("figure.wet_bulb.other"))]  # fmt: skip
    if many:
        handles.append(style.patch(style.CARRIER["curtailment"],
                                   locale.text("figure.wet_bulb.free_filled")))  # fmt: skip
    ax.set_ylabel("PUE")
    ax.locator_params(axis="y", nbins=5)
    style.thousands(ax.yaxis, 3 if float(np.ptp(ax.get_ylim())) < 0.1 else 2)
    low.set_ylabel(locale.text("axis.hours"), linespacing=1.5)
    low.locator_params(axis="y", nbins=3)
    style.thousands(low.yaxis)
    low.set_ylim(bottom=0)
    ax.set_xlim(low.get_xlim())
    ax.tick_params(axis="x", labelbottom=False)
    style.thousands(low.xaxis)
    low.set_xlabel(locale.text("axis.wet_bulb"))
    style.legend(canvas, handles, 0.05, columns=4)

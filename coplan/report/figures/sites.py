"""The sites on a longitude-latitude grid, with distances; no boundaries are drawn."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.model import Figure, Name, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

MOST_LINKS = 6
ALIKE = 0.01
"""Difference of mean loads, as a share of the largest, below which none is called the largest."""

MOST_LINKED_SITES = 6
"""With more sites than this, distances between neighbours would only cover them."""
PLACES_PT = ((0, -17), (0, 15), (38, 0), (-38, 0), (40, -14), (-40, -14), (40, 14), (-40, 14),
             (0, -31), (0, 29), (52, -26), (-52, -26), (52, 26), (-52, 26), (0, -45), (0, 43),
             (70, -40), (-70, -40), (70, 40), (-70, 40))  # fmt: skip
"""Where a name may stand beside its mark, best first."""
SMALL_MARK_PT = 6.0
"""Radius up to which these places are clear of the mark."""


def build(facts: Facts) -> Figure | None:
    """A schematic of where IT and own plants stand; None for a single site."""
    sites = facts.ids("site")
    if len(sites) < 2 or "site_latitude_deg" not in facts.plan:
        return None
    place = np.stack([facts.values("site_longitude_deg"), facts.values("site_latitude_deg")])
    it = facts.values("site_it_mw", facts.period, facts.weather)
    mean = (it * facts.hours).sum(1) / facts.hours.sum()
    plant = facts.values("plant_capacity_mw", facts.period)
    own = np.array([plant[facts.owned("plant", s)].sum() for s in sites])
    main = int(mean.argmax())
    values = {"site": facts.name(sites[main]), "it": Amount(float(mean[main]), "power"),
              "share": Amount(float(mean[main] / max(mean.sum(), 1e-9)), "percent", digits=0),
              "count": Amount(len(sites), "count")}  # fmt: skip
    names = [facts.name(s) for s in sites]
    is_alike = float(mean.min()) > (1 - ALIKE) * float(mean.max())
    key = "figure.sites.title_alike" if is_alike else "figure.sites.title"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, place, names, (mean, own))

    return Figure(
        id="sites", title=say(key, **values), caption=say("figure.sites.caption"),
        alt=say("figure.sites.alt", **values),
        data={"site": sites, "longitude_deg": place[0], "latitude_deg": place[1],
              "mean_it_mw": mean.round(3), "own_plants_mw": own.round(3)},
        draw=draw, height_in=3.1,
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, place: Array, names: list[Name],
          power: tuple[Array, Array]) -> None:  # fmt: skip
    mean, own = power
    ax = style.axes(canvas, bottom=0.72)
    ax.grid(visible=True, axis="both")
    lon, lat = place
    pairs = sorted(itertools.combinations(range(len(names)), 2),
                   key=lambda p: _km(place[:, p[0]], place[:, p[1]]))[:MOST_LINKS]  # fmt: skip
    crowded = len(names) > MOST_LINKED_SITES
    for a, b in [] if crowded else pairs:
        ax.plot(lon[[a, b]], lat[[a, b]], color="#a3aab2", lw=1.2, zorder=1)
        falls = (lon[b] - lon[a]) * (lat[b] - lat[a]) < 0
        ax.annotate(f"{plain(_km(place[:, a], place[:, b]))} km",
                    (lon[[a, b]].mean(), lat[[a, b]].mean()), (2 if falls else -2, 3),
                    ha="left" if falls else "right",
                    textcoords="offset points", fontsize=7, color=style.MUTED)  # fmt: skip
    size = 420.0 / max(float(mean.max()), float(own.max()), 1e-9)
    ax.scatter(lon, lat, own * size, color=style.CARRIER["wind"], alpha=0.35, lw=0, zorder=2)
    ax.scatter(lon, lat, mean * size, color=style.ACCENT, lw=0, zorder=3)
    ax.scatter(lon, lat, 6, color=style.MUTED, lw=0, zorder=3)
    for setter, values in ((ax.set_xlim, lon), (ax.set_ylim, lat)):
        span = max(float(np.ptp(values)), 0.5)
        middle = float(values.max() + values.min()) / 2
        low = 0.75 if values is lon else 1.0  # WHY: the names stand below the marks
        setter(middle - low * span, middle + 0.75 * span)
    names_shown = [
        locale.show(name) if crowded and mean[i] < 0.5 else
        f"{locale.show(name)}{' ' if crowded else chr(10)}IT {plain(mean[i], 0)} MW"
        for i, name in enumerate(names)
    ]  # fmt: skip
    radius = np.sqrt(size * np.maximum(mean, own) / np.pi)
    _write_names(ax, lon, lat, radius, names_shown)
    ax.set_xlabel(locale.text("axis.longitude"))
    ax.set_ylabel(locale.text("axis.latitude"))
    handles = [style.patch(style.ACCENT, locale.text("carrier.mean_it")),
               style.patch("#b8cff9", locale.text("carrier.own_plants"))]  # fmt: skip
    style.legend(canvas, handles, 0.05)


def _write_names(ax: Axes, lon: Array, lat: Array, radius: Array, names: list[str]) -> None:
    """Write each name beside its mark where it covers the fewest others, north to south.

    `radius` of the marks is in points.
    """
    at = ax.transData.transform(np.column_stack([lon, lat])) * 72.0 / ax.figure.dpi
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(at, radius, strict=True)]
    for i in np.argsort(-lat):
        lines = names[i].split("\n")
        wide = max(sum(7.5 if ord(c) > 255 else 4.2 for c in line) for line in lines) / 2 + 2
        high = 5.5 * len(lines)
        wider = max(0.0, float(radius[i]) - SMALL_MARK_PT)
        places = [(dx + wider * np.sign(dx), dy + wider * np.sign(dy)) for dx, dy in PLACES_PT]
        boxes = [
            (at[i][0] + dx - wide, at[i][1] + dy - high, at[i][0] + dx + wide, at[i][1] + dy + high)
            for dx, dy in places
        ]
        best = min(range(len(boxes)), key=lambda k: (_overlap(boxes[k], taken), k))
        taken.append(boxes[best])
        line = {"arrowstyle": "-", "color": style.MUTED, "lw": 0.5, "shrinkA": 0, "shrinkB": 2}
        ax.annotate(names[i], (lon[i], lat[i]), places[best], textcoords="offset points",
                    ha="center", va="center", linespacing=1.4, fontsize=7.5, zorder=4,
                    arrowprops=line if best > 7 else None)  # fmt: skip


def _overlap(box: Sequence[float], others: Sequence[Sequence[float]]) -> float:
    """Area that a box (left, low, right, high) shares with others."""
    return sum(
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in others
    )


def _km(a: Array, b: Array) -> float:
    """Great-circle distance of two (longitude, latitude) points in km (haversine, R 6371 km)."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*a, *b))
    h = (math.sin((lat2 - lat1) / 2) ** 2
         + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2)  # fmt: skip
    return 2 * 6371.0 * math.asin(math.sqrt(h))

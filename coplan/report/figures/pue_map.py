"""PUE by site and month as a map of cells, those above the site's limit framed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

ROW_IN = 0.2


def build(facts: Facts) -> Figure | None:
    """PUE of every site that computes, month by month and for the year; None for a single one."""
    months = facts.months
    rows: list[tuple[str, Array]] = []
    for site in facts.ids("site"):
        part, year = facts.monthly(facts.period, site), facts.yearly(facts.period, site)
        if year["it"] <= 0:
            continue
        ratio = np.divide(part["facility"], part["it"], out=np.full(len(months), np.nan),
                          where=part["it"] > 0)  # fmt: skip
        rows.append((site, np.append(ratio, year["facility"] / year["it"])))
    if len(rows) < 2 or len(months) < 2:
        return None
    cells = np.array([row for _, row in rows])
    worst = np.unravel_index(int(np.nanargmax(cells[:, :-1])), cells[:, :-1].shape)
    limits = [_limit(facts, site) for site, _ in rows]
    values = {
        "site": facts.name(rows[int(worst[0])][0]), "month": say(f"month.m{months[int(worst[1])]}"),
        "worst": Amount(float(cells[worst]), "pue"),
        "best": Amount(float(np.nanmin(cells[:, :-1])), "pue"),
    }  # fmt: skip
    names: list[Item] = [facts.name(site) for site, _ in rows]

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, (cells, months), names, limits)

    limited = any(np.isfinite(limits))
    return Figure(
        id="pue_map", title=say("figure.pue_map.title", **values),
        caption=say("figure.pue_map.caption_limit" if limited else "figure.pue_map.caption"),
        alt=say("figure.pue_map.alt", **values),
        data={"site": [site for site, _ in rows]}
        | {f"m{m}": cells[:, i].round(5) for i, m in enumerate(months)}
        | {"year": cells[:, -1].round(5)} | ({"limit": np.array(limits)} if limited else {}),
        draw=draw, height_in=0.85 + ROW_IN * len(rows),
    )  # fmt: skip


def _limit(facts: Facts, site: str) -> float:
    """The lowest PUE limit that this site keeps by itself; NaN where there is none."""
    found = []
    for target in facts.targets:
        if target["kind"] == "pue" and target.get("scope") == "site":
            found.append(float(target["value"]))
        narrow = any(target.get(key) for key in ("halls", "tier", "owner", "stands"))
        if target["kind"] == "pue_limits" and not narrow and target.get("sites") == [site]:
            found.append(float(target["value"]))
    return min(found, default=float("nan"))


def _draw(canvas: Canvas, locale: Locale, table: tuple[Array, list[int]], names: list[Item],
          limits: list[float]) -> None:  # fmt: skip
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    cells, months = table
    ax = style.axes(canvas, left=1.35, bottom=0.12, top=0.62)
    colours = LinearSegmentedColormap.from_list("pue", ("#e8f3ee", "#9ccdb8", "#e9b45a", "#c8442e"))
    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    norm = Normalize(low, max(high, low + 0.05))
    ax.set(xlim=(0, len(months) + 2.2), ylim=(len(names), 0))
    for i, row in enumerate(cells):
        for j, value in enumerate(row):
            x = j + (0.2 if j == len(months) else 0.0)
            over = j == len(months) and value > limits[i] + 5e-4
            if np.isfinite(value):
                ax.bar(x + 0.5, 0.92, 0.96, bottom=i + 0.04, color=colours(norm(value)),
                       edgecolor=style.STATUS["fail"] if over else "none", lw=1.2)  # fmt: skip
                dark = norm(value) > 0.8
                ax.text(x + 0.5, i + 0.52, plain(value, 2), fontsize=6.3, ha="center", va="center",
                        color=style.PAPER if dark else style.INK)  # fmt: skip
        if np.isfinite(limits[i]):
            ax.text(len(months) + 1.75, i + 0.52, plain(limits[i], 2), fontsize=6.3, ha="center",
                    va="center", color=style.STATUS["fail"])  # fmt: skip
    heads = [locale.month(m) for m in months] + [locale.text("figure.pue_map.year")]
    places = [j + 0.5 for j in range(len(months))] + [len(months) + 0.7]
    if np.isfinite(limits).any():
        heads.append(locale.text("figure.pue_map.limit"))
        places.append(len(months) + 1.75)
    ax.set_xticks(places, heads)
    ax.xaxis.tick_top()
    ax.set_yticks(np.arange(len(names)) + 0.5, [locale.show(name) for name in names])
    ax.tick_params(length=0, labelsize=7)
    ax.grid(False)
    for side in ax.spines.values():
        side.set_visible(False)

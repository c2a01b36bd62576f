"""Several plans side by side: energy cost against green share, and what each one builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.model import Figure, Name, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

BUILT = ("wind_mw", "pv_mw", "storage_mw", "grid_connection_mw")
CARRIERS = ("wind", "pv", "discharge", "retail")
WORDS = ("carrier.wind", "carrier.pv", "carrier.storage", "investment.connection")


def cost_and_share(names: list[Name], share: list[float], cost: list[float]) -> Figure | None:
    """Energy cost in CNY/MWh of IT energy against green share; None without two points."""
    known = [i for i in range(len(names)) if np.isfinite(share[i]) and np.isfinite(cost[i])]
    if len(known) < 2:
        return None
    x, y = np.array(share)[known] * 100, np.array(cost)[known]
    labels = [names[i] for i in known]
    values = {"low": Amount(float(y.min()), "price"), "high": Amount(float(y.max()), "price"),
              "count": Amount(len(known), "count")}  # fmt: skip

    def draw(canvas: Canvas, locale: Locale) -> None:
        ax = style.axes(canvas, bottom=0.45)
        order = np.argsort(x, kind="stable")
        ax.plot(x[order], y[order], color=style.GRID, lw=1.2, zorder=1)
        ax.scatter(x[1:], y[1:], s=30, color=style.ACCENT, zorder=2)
        ax.scatter(x[:1], y[:1], s=34, facecolor=style.PAPER, edgecolor=style.ACCENT, zorder=2)
        for i, name in enumerate(labels):
            right = x[i] > x.min() + 0.6 * np.ptp(x)
            ax.annotate(f"{locale.show(name)}  {plain(y[i])}", (x[i], y[i]),
                        (-6 if right else 6, 5 if i % 2 else -11), textcoords="offset points",
                        ha="right" if right else "left", fontsize=7.5)  # fmt: skip
        ax.margins(0.08, 0.18)
        ax.set_xlabel(locale.text("compare.green"))
        ax.set_ylabel(locale.text("compare.energy_cost"))
        style.thousands(ax.xaxis, style.decimals(float(np.ptp(ax.get_xlim()))))
        style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))

    return Figure(
        id="compare_cost_share", title=say("compare.figure_title", **values),
        caption=say("compare.figure_caption"), alt=say("compare.figure_alt", **values),
        data={"plan": [n.en for n in labels], "green_share": (x / 100).round(5),
              "energy_cost_cny_per_mwh_it": y.round(3)},
        draw=draw,
    )  # fmt: skip


def sizes(names: list[Name], kpis: list[dict[str, float]]) -> Figure | None:
    """Bars of wind, solar, storage and grid connection; None where nothing is built."""
    table = np.array([[float(k.get(key) or 0.0) for key in BUILT] for k in kpis])
    if table.max(initial=0.0) <= 0:
        return None
    most = int(table[:, :3].sum(1).argmax())
    values = {"name": names[most], "power": Amount(float(table[most, :3].sum()), "power")}

    def draw(canvas: Canvas, locale: Locale) -> None:
        ax = style.axes(canvas, left=1.5, bottom=0.7, right=0.4)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        y = np.arange(len(names))
        for j, carrier in enumerate(CARRIERS):
            ax.barh(y + 0.19 * (j - 1.5), table[:, j], 0.17, color=style.CARRIER[carrier], lw=0)
            for i in y:
                ax.text(table[i, j], i + 0.19 * (j - 1.5), f" {plain(table[i, j])}", va="center",
                        fontsize=6.5, color=style.MUTED)  # fmt: skip
        ax.set_yticks(y, [_short(locale.show(n)) for n in names], color=style.INK)
        ax.set_ylim(len(names) - 0.45, -0.55)
        ax.set_xlabel(locale.axis("axis.power", "MW"))
        style.thousands(ax.xaxis)
        handles = [style.patch(c, locale.text(w)) for c, w in zip(CARRIERS, WORDS, strict=True)]
        style.legend(canvas, handles, 0.05)

    return Figure(
        id="compare_sizes", title=say("compare.sizes_title", **values),
        caption=say("compare.sizes_caption"), alt=say("compare.sizes_alt"),
        data={"plan": [n.en for n in names]}
        | {key: table[:, j].round(4) for j, key in enumerate(BUILT)},
        draw=draw, height_in=1.15 + 0.55 * len(names),
    )  # fmt: skip


def _short(text: str, most: int = 18) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

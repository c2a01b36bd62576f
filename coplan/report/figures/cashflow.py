"""The cash flow before tax: what is spent and saved by year, and how it adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coplan.report import style
from coplan.report.facts import Array
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

SCALE = {"zh": 1e-8, "en": 1e-6}
"""CNY → 亿元 in Chinese, CNY M in English."""
INVESTED, SAVED, RESIDUAL = style.UP, style.DOWN, style.SERIES[2]
ADDED, DISCOUNTED = style.LOAD, "#8793a3"


def build(flows: pd.DataFrame, payback: float | None) -> Figure | None:
    """Bars of each year's money, lines of their sums; None where nothing is gained or spent."""
    net = flows["net_before_tax_cny"].to_numpy()
    if not net.any():
        return None
    bars = {
        "saved_cny": (flows["avoided_cost_cny"] - flows["paid_cny"]).to_numpy(),
        "invested_cny": (flows["avoided_investment_cny"] - flows["investment_cny"]
                         - flows["replacement_cny"]).to_numpy(),
        "residual_cny": flows["residual_cny"].to_numpy(),
    }  # fmt: skip
    lines = {name: flows[name].to_numpy() for name in ("cumulative_cny",
                                                       "cumulative_discounted_cny")}  # fmt: skip
    values = {"years": Amount(len(net) - 1, "count"), "total": Amount(float(net.sum()), "money"),
              "payback": Amount(payback or 0.0, "years")}  # fmt: skip
    key = "figure.cashflow.title" if payback is not None else "figure.cashflow.title_never"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, flows["calendar_year"].to_numpy(), bars, lines, payback)

    whole = {"year": flows["year"].tolist(), "calendar_year": flows["calendar_year"].tolist()}
    columns = bars | {"net_cny": net} | lines
    money = {name: column.round(2) for name, column in columns.items()}
    return Figure(
        id="cash_flow", title=say(key, **values), caption=say("figure.cashflow.caption"),
        alt=say("figure.cashflow.alt", **values), data=whole | money, draw=draw, height_in=3.0,
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, year: Array, bars: dict[str, Array],
          lines: dict[str, Array], payback: float | None) -> None:  # fmt: skip
    scale = SCALE[locale.lang]
    ax = style.axes(canvas, bottom=0.6)
    colours = {"saved_cny": SAVED, "invested_cny": INVESTED, "residual_cny": RESIDUAL}
    up, down = np.zeros(len(year)), np.zeros(len(year))
    handles = []
    for name, money in bars.items():
        if not np.abs(money).max(initial=0.0) > 0:
            continue
        value = scale * money
        ax.bar(year, value, 0.66, bottom=np.where(value >= 0, up, down), color=colours[name], lw=0)
        up, down = up + np.maximum(value, 0.0), down + np.minimum(value, 0.0)
        handles.append(style.patch(colours[name], locale.text(f"figure.cashflow.{name[:-4]}")))
    shown = {"cumulative_cny": (ADDED, "-"), "cumulative_discounted_cny": (DISCOUNTED, "--")}
    for name, (colour, dash) in shown.items():
        ax.plot(year, scale * lines[name], color=colour, ls=dash, lw=1.4)
        handles.append(style.line(colour, locale.text(f"figure.cashflow.{name[:-4]}"), dash))
    if payback is not None:
        ax.plot([year[0] + payback], [0.0], "o", ms=4.5, color=ADDED)
    ax.axhline(0, color=style.INK, lw=0.6)
    ax.set_xlim(year[0] - 0.7, year[-1] + 0.7)
    ax.locator_params(axis="x", integer=True, nbins=9)
    ax.set_ylabel(locale.text("axis.cash_flow"))
    style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
    style.legend(canvas, handles, 0.06)

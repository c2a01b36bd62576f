"""Energy by month: sources up, uses down, load as a mark, the green share on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.report import style
from coplan.report.facts import Array, Facts
from coplan.report.figures.dispatch import SUPPLY, USE
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

ALIKE = 5e-4
"""Difference of shares below which all months are told as one."""


def build(facts: Facts) -> Figure | None:
    """Monthly balance of the fleet; None when the horizon lies within one month."""
    months = facts.months
    energy = facts.monthly(facts.period)
    if len(months) < 2 or energy["facility"].sum() <= 0:
        return None
    share = 1 - energy["retail"] / np.clip(energy["facility"], 1e-9, None)
    low, high = int(share.argmin()), int(share.argmax())
    values: dict[str, Any] = {
        "low": Amount(float(share[low]), "percent"), "low_month": say(f"month.m{months[low]}"),
        "high": Amount(float(share[high]), "percent"), "high_month": say(f"month.m{months[high]}"),
    }  # fmt: skip
    target = facts.target("green_share") or {}
    # WHY: only an hourly target can be read off an hourly share
    required = target.get("value") if target.get("matching") == "hourly" else None

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, months, energy, share, required)

    names = (*SUPPLY, *USE, "facility")
    key = "title" if share[high] - share[low] >= ALIKE else "title_same"
    return Figure(
        id="monthly_balance", title=say(f"figure.monthly.{key}", **values),
        caption=say("figure.monthly.caption"), alt=say("figure.monthly.alt", **values),
        data={"month": months} | {f"{n}_mwh": energy[n].round(2) for n in names}
        | {"hourly_green_share": share.round(5)},
        draw=draw,
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, months: list[int], energy: dict[str, Array],
          share: Array, required: float | None) -> None:  # fmt: skip
    ax = style.axes(canvas, bottom=0.82)
    x = np.arange(len(months))
    handles = [style.line(style.LOAD, locale.text("carrier.load"), width=2.2)]
    top = np.zeros(len(months))
    for names, sign in ((SUPPLY, 1.0), (USE, -1.0)):
        level = np.zeros(len(months))
        for name in names:
            value = energy[name] / 1e3
            if value.max() <= 5e-3 * energy["facility"].max() / 1e3:
                continue
            hatch = style.HATCH if name == "curtailment" else {}
            ax.bar(x, sign * value, 0.62, bottom=level, color=style.CARRIER[name], lw=0, **hatch)
            level = level + sign * value
            handles.append(style.patch(name, locale.text(f"carrier.{name}")))
        top = np.maximum(top, level)
    load = energy["facility"] / 1e3
    ax.hlines(load, x - 0.22, x + 0.22, color=style.PAPER, lw=3.4)
    ax.hlines(load, x - 0.22, x + 0.22, color=style.LOAD, lw=2)
    ax.axhline(0, color=style.INK, lw=0.6)
    reach = max(float(top.max()), 1e-9)
    for i, value in enumerate(share):
        colour = style.INK
        if required is not None:
            colour = style.STATUS["ok" if value >= required else "warn"]
        ax.text(i, top[i] + 0.025 * reach, plain(100 * value) + "%", ha="center", va="bottom",
                fontsize=7.5, color=colour)  # fmt: skip
    ax.set_ylim(top=1.12 * reach)
    ax.set_xlim(-0.6, len(months) - 0.4)
    ax.set_xticks(x, [locale.month(m) for m in months])
    ax.tick_params(axis="x", length=0)
    ax.set_ylabel(locale.axis("axis.energy", "GWh"))
    style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
    style.legend(canvas, handles, 0.06)

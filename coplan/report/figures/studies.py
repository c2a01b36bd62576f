"""Figures of a study: the green ladder, and what moves the energy cost most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.model import Figure, Name, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

MATCHINGS = ("annual", "monthly", "hourly")
COLOURS = {"annual": style.SERIES[0], "monthly": style.SERIES[4], "hourly": style.SERIES[5]}
WIDTHS = {"annual": 3.0, "monthly": 2.0, "hourly": 1.0}
"""Lines that lie on one another are still told apart."""
MOST_BARS = 40


@dataclass(frozen=True)
class Step:
    """One step of the ladder: what is asked, what it costs and what its last point costs."""

    matching: str
    share: float
    energy_cost: float
    """CNY/MWh of IT energy."""
    hourly_share: float
    shadow_price: float
    """CNY per percentage point."""
    cost_cny: float
    """Yearly cost with penalties, what was minimised."""
    is_stricter: bool = False
    """Whether the plan is that of a stricter step, which was found to cost less."""


def ladder_steps(data: xr.Dataset) -> list[Step]:
    """The ladder's variants that have a plan, by matching and share.

    A plan of a stricter step (a share as large, matched as finely) keeps the promise of the looser
    one: where it costs less, as solves within a gap may have it, it is the looser step's plan, too.
    """
    found = []
    clauses = [label for label in data["clause"].values.astype(str).tolist()
               if label.startswith("green_share,")]  # fmt: skip
    for position in np.flatnonzero(data["part"].values.astype(str) == "ladder"):
        one = data.isel(variant=position)
        if not np.isfinite(float(one["energy_cost"])):
            continue
        prices = one["clause_shadow_price"].sel(clause=clauses).values
        found.append(Step(
            str(one["at"].sel(axis="matching").item()), float(one["at"].sel(axis="share").item()),
            float(one["energy_cost"]), float(one["green_share_hourly"]),
            float(prices[-1]) if prices.size else float("nan"),
            float(one["cost_cny"]) + float(one.get("penalties_cny", 0.0)),
        ))  # fmt: skip
    found.sort(key=lambda step: (MATCHINGS.index(step.matching), step.share))
    return [_cheapest(step, found) for step in found]


def _cheapest(step: Step, steps: list[Step]) -> Step:
    """The step with the cheapest plan among its own and those of stricter steps."""
    stricter = [
        one for one in steps if one.share >= step.share
        and MATCHINGS.index(one.matching) >= MATCHINGS.index(step.matching)
    ]  # fmt: skip
    best = min(stricter, key=lambda one: one.cost_cny)
    if best.cost_cny >= step.cost_cny:
        return step
    return replace(step, energy_cost=best.energy_cost, hourly_share=best.hourly_share,
                   cost_cny=best.cost_cny, is_stricter=True)  # fmt: skip


def ladder(steps: list[Step]) -> Figure | None:
    """Energy cost against the share asked, a line for each matching; None without two steps."""
    if len(steps) < 2:
        return None
    cost, share = [step.energy_cost for step in steps], [step.share for step in steps]
    lines = [m for m in MATCHINGS if any(step.matching == m for step in steps)]

    def draw(canvas: Canvas, locale: Locale) -> None:
        ax = style.axes(canvas, bottom=0.72)
        for name in lines:
            own = [step for step in steps if step.matching == name]
            ax.plot([100 * step.share for step in own], [step.energy_cost for step in own],
                    color=COLOURS[name], marker="o", ms=3.5, lw=WIDTHS[name])  # fmt: skip
        ax.set_xlabel(locale.text("study.ladder_share"))
        ax.set_ylabel(locale.text("compare.energy_cost"))
        style.thousands(ax.yaxis, style.decimals(float(np.ptp(ax.get_ylim()))))
        handles = [style.line(COLOURS[name], locale.text(f"study.{name}")) for name in lines]
        style.legend(canvas, handles, 0.05)

    ends = {"from": Amount(min(share), "percent_limit"), "to": Amount(max(share), "percent_limit")}
    values = ends | {"low": Amount(min(cost), "price"), "high": Amount(max(cost), "price")}
    return Figure(
        id="study_ladder", title=say("study.ladder_title", **values),
        caption=say("study.ladder_caption"), alt=say("study.ladder_alt"),
        data={"matching": [step.matching for step in steps], "green_share_required": share,
              "energy_cost_cny_per_mwh_it": np.round(cost, 3),
              "green_share_hourly": np.round([step.hourly_share for step in steps], 5),
              "shadow_price_cny_per_point": np.round([step.shadow_price for step in steps], 1)},
        draw=draw,
    )  # fmt: skip


def tornado(data: xr.Dataset) -> Figure | None:
    """Change of the energy cost by axis, largest first; None where no axis moves alone."""
    change = data["energy_cost"].values - float(data["energy_cost"].values[0])
    at = data["at"].values.astype(str)
    swept = data["part"].values.astype(str) == "sweep"
    alone = swept & ((at != "").sum(axis=1) == 1) & np.isfinite(change)
    axes = [j for j in range(at.shape[1]) if (alone & (at[:, j] != "")).any()]
    if len(axes) < 2 and alone.sum() < 2:
        return None
    rows = {j: np.flatnonzero(alone & (at[:, j] != "")) for j in axes}
    axes.sort(key=lambda j: float(np.abs(change[rows[j]]).max()), reverse=True)
    names = {j: Name(str(data["axis_zh"].values[j]), str(data["axis_en"].values[j])) for j in axes}
    bars = [(j, i) for j in axes for i in rows[j]][:MOST_BARS]
    top = change[rows[axes[0]]]

    def draw(canvas: Canvas, locale: Locale) -> None:
        ax = style.axes(canvas, left=2.5, bottom=0.5, right=0.5)
        ax.grid(visible=False, axis="y")
        ax.grid(visible=True, axis="x")
        y = np.arange(len(bars))
        values = np.array([change[i] for _, i in bars])
        colours = [style.UP if value > 0 else style.DOWN for value in values]
        ax.barh(y, values, 0.62, color=colours, lw=0)
        for k, value in enumerate(values):
            ax.annotate(plain(float(value), 1, signed=True), (value, k),
                        (3 if value >= 0 else -3, 0), textcoords="offset points", va="center",
                        ha="left" if value >= 0 else "right", fontsize=7)  # fmt: skip
        labels = [f"{locale.show(names[j])} {at[i, j]}" for j, i in bars]
        ax.set_yticks(y, [text if len(text) <= 40 else f"…{text[-39:]}" for text in labels],
                      color=style.INK)  # fmt: skip
        ax.set_ylim(len(bars) - 0.4, -0.6)
        ax.margins(x=0.16)
        ax.axvline(0, color=style.MUTED, lw=0.8)
        ax.set_xlabel(locale.text("study.tornado_axis"))
        style.thousands(ax.xaxis, style.decimals(float(np.ptp(ax.get_xlim()))))

    title = {"axis": names[axes[0]], "low": Amount(float(top.min()), "price", 1, signed=True),
             "high": Amount(float(top.max()), "price", 1, signed=True)}  # fmt: skip
    return Figure(
        id="study_tornado", title=say("study.tornado_title", **title),
        caption=say("study.tornado_caption"), alt=say("study.tornado_alt"),
        data={"axis": [names[j].en for j, _ in bars], "value": [at[i, j] for j, i in bars],
              "change_cny_per_mwh_it": np.round([change[i] for _, i in bars], 3)},
        draw=draw, height_in=0.95 + 0.24 * len(bars),
    )  # fmt: skip

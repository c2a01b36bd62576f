"""What waiting and changing place did: mean price before and after, by class of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.facts import Facts
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount, plain
from coplan.report.timing import Shift, is_marginal, shifts

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

ALIKE_CNY_PER_MWH = 0.5
BETTER, WORSE = style.DOWN, style.UP


def build(facts: Facts) -> Figure | None:
    """Prices of work at arrival and when it ran; None where none waits or changes place."""
    found = shifts(facts)
    if not found:
        return None
    top = max(found, key=lambda shift: shift.moved_mwh)
    change = top.after - top.before
    way = "same" if abs(change) < ALIKE_CNY_PER_MWH else "cheaper" if change < 0 else "dearer"
    values = {
        "name": top.name, "energy": Amount(top.moved_mwh, "energy"),
        "share": Amount(top.share, "percent"), "before": Amount(top.before, "price"),
        "after": Amount(top.after, "price"),
    }  # fmt: skip

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, found)

    caption = "figure.timing.caption" if is_marginal(facts) else "figure.timing.caption_tariff"
    return Figure(
        id="value_of_timing", title=say(f"figure.timing.{top.kind}_{way}", **values),
        caption=say(caption), alt=say("figure.timing.alt", **values),
        data={"kind": [s.kind for s in found], "moved_mwh": [round(s.moved_mwh, 2) for s in found],
              "share": [round(s.share, 5) for s in found],
              "price_before_cny_per_mwh": [round(s.before, 3) for s in found],
              "price_after_cny_per_mwh": [round(s.after, 3) for s in found]},
        draw=draw, height_in=1.15 + 0.36 * len(found),
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, found: list[Shift]) -> None:
    ax = style.axes(canvas, left=2.0, right=0.9, bottom=0.66)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    names: list[Item] = []
    for y, one in enumerate(found):
        change = one.after - one.before
        colour = BETTER if change < 0 else WORSE
        ax.plot([one.before, one.after], [y, y], color=colour, lw=2.2, zorder=2,
                solid_capstyle="butt")  # fmt: skip
        ax.plot([one.before], [y], "o", ms=6, mfc=style.PAPER, mec=style.MUTED, mew=1.3, zorder=3)
        ax.plot([one.after], [y], "o", ms=6, color=colour, zorder=3)
        right = max(one.before, one.after)
        ax.annotate(plain(change, 0, signed=True), (right, y), (8, 0), va="center", fontsize=8,
                    textcoords="offset points", color=colour)  # fmt: skip
        names.append(say("timing.row", name=one.name, energy=Amount(one.moved_mwh, "energy"),
                         share=Amount(one.share, "percent", digits=0)))  # fmt: skip
    ax.set_yticks(range(len(found)), [locale.show(n) for n in names], color=style.INK,
                  linespacing=1.5)  # fmt: skip
    ax.set_ylim(len(found) - 0.45, -0.55)
    ends = np.array([[s.before, s.after] for s in found])
    room = max(float(np.ptp(ends)), 0.1 * float(np.abs(ends).max()), 1.0)
    ax.set_xlim(float(ends.min()) - 0.25 * room, float(ends.max()) + 0.35 * room)
    ax.set_xlabel(locale.text("figure.timing.axis"))
    style.thousands(ax.xaxis, style.decimals(room))
    handles = [_mark(locale.text("figure.timing.before"), style.PAPER, style.MUTED),
               _mark(locale.text("figure.timing.after"), BETTER, BETTER)]  # fmt: skip
    style.legend(canvas, handles, 0.06)


def _mark(label: str, face: str, edge: str):
    from matplotlib.lines import Line2D

    return Line2D([], [], ls="", marker="o", ms=6, mfc=face, mec=edge, mew=1.3, label=label)

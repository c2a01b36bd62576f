"""Range bars: how small and how large each size may be near the cheapest plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style
from coplan.report.model import Figure, Name, say
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

ROW_IN, PANEL_GAP_IN = 0.26, 0.42
NAMES = ("least", "cheapest", "most")
UNITS = {"halls": ("座", "halls")}
"""Units that are words."""


@dataclass(frozen=True)
class Range:
    """A size, and the least and most that it may be at hardly more cost."""

    label: str
    name: Name
    unit: Name
    least: float
    cheapest: float
    most: float

    @property
    def digits(self) -> int:
        """Digits that are shown: whole halls, tenths of MW."""
        return 0 if self.unit.en == "halls" else 1


def ranges(data: xr.Dataset) -> list[Range]:
    """Every size that was explored and that some plan has, in the order of the study."""
    found = []
    for j in range(data.sizes["explored"]):
        one = data.isel(explored=j)
        low, at, high = (float(one[f"near_{name}"]) for name in NAMES)
        unit = str(one["explored_unit"].item())
        if np.isfinite([low, at, high]).all() and high > 0:
            found.append(Range(
                str(one["explored"].item()),
                Name(str(one["explored_zh"].item()), str(one["explored_en"].item())),
                Name(*UNITS.get(unit, (unit, unit))), low, at, high,
            ))  # fmt: skip
    return found


def bars(found: list[Range], within: Amount) -> Figure:
    """One panel for each unit; a bar from the least to the most, a line at the cheapest plan."""
    units = list(dict.fromkeys(one.unit for one in found))
    groups = [[one for one in found if one.unit == unit] for unit in units]
    widest = max(found, key=lambda one: (one.most - one.least) / max(one.most, 1e-9))
    height = 0.40 + sum(ROW_IN * len(group) + PANEL_GAP_IN for group in groups)

    def draw(canvas: Canvas, locale: Locale) -> None:
        above = height - 0.34
        for group in groups:
            tall = ROW_IN * len(group)
            ax = style.panel(canvas, above - tall, tall, left=2.3, right=0.6)
            above -= tall + PANEL_GAP_IN
            ax.grid(visible=False, axis="y")
            ax.grid(visible=True, axis="x")
            for k, one in enumerate(group):
                ax.barh(k, one.most - one.least, 0.5, left=one.least, color=style.SERIES[1], lw=0)
                ax.plot([one.cheapest] * 2, [k - 0.36, k + 0.36], color=style.INK, lw=1.6)
                ax.annotate(plain(one.least, one.digits), (one.least, k), (-3, 0), va="center",
                            textcoords="offset points", ha="right", fontsize=6.5)  # fmt: skip
                ax.annotate(plain(one.most, one.digits), (one.most, k), (3, 0), va="center",
                            textcoords="offset points", ha="left", fontsize=6.5)  # fmt: skip
            ax.set_yticks(range(len(group)), [_short(locale.show(one.name)) for one in group],
                          color=style.INK)  # fmt: skip
            ax.set_ylim(len(group) - 0.45, -0.55)
            top = max(one.most for one in group)
            ax.set_xlim(-0.08 * top, 1.05 * top)
            ax.set_xlabel(locale.show(group[0].unit), labelpad=1)
            style.thousands(ax.xaxis, style.decimals(top))

    return Figure(
        id="study_near_optimal",
        title=say("near.title", name=widest.name, unit=widest.unit,
                  low=Amount(widest.least, "number", widest.digits),
                  high=Amount(widest.most, "number", widest.digits)),
        caption=say("near.caption", within=within), alt=say("near.alt"),
        data={"size": [one.label for one in found], "unit": [one.unit.en for one in found],
              "least": np.round([one.least for one in found], 4),
              "cheapest_plan": np.round([one.cheapest for one in found], 4),
              "most": np.round([one.most for one in found], 4)},
        draw=draw, height_in=height,
    )  # fmt: skip


def _short(text: str, most: int = 26) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

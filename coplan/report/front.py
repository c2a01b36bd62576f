"""The front of a study: a curve and a table of cost against one other promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report.figures import front as figure
from coplan.report.model import (
    Block,
    Column,
    Item,
    Name,
    Paragraph,
    Sentences,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr


def front(data: xr.Dataset) -> list[Block]:
    """Curve and table of the front; nothing without one."""
    if "front" not in data.attrs:
        return []
    against = str(data.attrs["front"])
    points = figure.points(data)
    asked = data["part"].values.astype(str) == "front"
    if len(points) < 2:
        return [Paragraph(say("front.nothing"), "lead")] if not asked.any() else []
    on_front = data["is_on_front"].values > 0
    dropped = int((asked & np.isfinite(data["front_value"].values) & ~on_front).sum())
    shown = figure.SHOWN[against]
    lead = [say("front.intro", count=Amount(len(points), "count"))]
    lead += [say("front.dropped", count=Amount(dropped, "count"))] if dropped else []
    rows: list[list[Item]] = [
        [Name(point.title_zh, point.title_en),
         Amount(shown.factor * point.value, "number", shown.digits),
         Amount(1e-8 * point.cost_cny, "number", 4), Amount(point.energy_cost, "number", 1),
         Amount(shown.rate_factor * point.rate_cny, "number", 1)]
        for point in points
    ]  # fmt: skip
    columns = [Column(say("study.variant"), numeric=False, width=2.2),
               *(Column(say(text)) for text in (
                   f"front.axis_{against}", "compare.cost", "compare.energy_cost",
                   f"front.rate_{against}"))]  # fmt: skip
    return [Paragraph(Sentences(tuple(lead)), "lead"), figure.curve(against, points),
            Table("front", say("front.table"), columns, rows)]  # fmt: skip

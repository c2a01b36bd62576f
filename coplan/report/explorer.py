"""What a reader of the comparison's page may choose: variants, and figures to set them against."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report.comparison import LINES
from coplan.report.model import Explorer, Measured, Name, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr

UP = "energy_cost"
ACROSS = ("green_share", "green_share_hourly", "carbon_t_location")
"""What the chart begins with: the energy cost against the first of these in which plans differ."""


def explorer(data: xr.Dataset) -> Explorer | None:
    """Every key figure of the listed variants that has a value; None where fewer than two have a
    plan."""
    lines = [line for line in LINES
             if line.key in data and np.isfinite(data[line.key].values).sum() > 1]  # fmt: skip
    if UP not in [line.key for line in lines]:
        return None
    figures = [
        Measured(line.key, say(f"compare.{line.text}"),
                 [Amount(float(value) * line.factor, "number", line.digits)
                  for value in data[line.key].values])
        for line in lines
    ]  # fmt: skip
    names = [Name(str(zh), str(en)) for zh, en in
             zip(data["title_zh"].values, data["title_en"].values, strict=True)]  # fmt: skip
    known = {line.key for line in lines}
    order = [key for key in ACROSS if key in known]
    order += [line.key for line in lines if line.key not in (*order, UP)]
    across = next((key for key in order if np.nanstd(data[key].values) > 0), UP)
    return Explorer(names, figures, across, UP)

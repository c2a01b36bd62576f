"""Which plan is best under which priority."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report.comparison import LINES, delta
from coplan.report.model import Block, Column, Item, Name, Table, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr

PRIORITIES = (
    ("cost", "cost_cny", -1, "money"), ("carbon", "carbon_t_location", -1, "mass"),
    ("green", "green_share", 1, "percent"), ("pue", "pue", -1, "pue"),
    ("water", "water_m3", -1, "water"), ("connection", "grid_connection_mw", -1, "power"),
)  # fmt: skip
"""Text, key figure, whether more (1) or less (−1) is better, how it is written."""
ALIKE = 1e-3
"""Plans whose figures differ by less, relative, are equally good: the cheapest of them is told."""
COST = next(line for line in LINES if line.key == "cost_cny")


def priorities(data: xr.Dataset) -> list[Block]:
    """One row for each priority: the best plan, its figure and what it costs against the base."""
    if not {"cost_cny", "it_mwh"} <= set(data.data_vars):
        return []
    cost = data["cost_cny"].values.astype(float)
    if np.isfinite(cost).sum() < 2:
        return []
    rows: list[list[Item]] = []
    for text, key, better, kind in PRIORITIES:
        values = _values(data, key)
        best = best_plan(values, cost, better)
        if best is None:
            continue
        name = Name(str(data["title_zh"].values[best]), str(data["title_en"].values[best]))
        factor = COST.factor
        rows.append([say(f"priority.{text}"), name, Amount(float(values[best]), kind),
                     delta(factor * float(cost[best]), factor * float(cost[0]), COST)])  # fmt: skip
    columns = [Column(say("priority.priority"), numeric=False, width=1.4),
               Column(say("study.variant"), numeric=False, width=2.2),
               Column(say("priority.figure")), Column(say("compare.cost"))]  # fmt: skip
    return [Table("priorities", say("priority.table"), columns, rows, note=say("priority.note"))]


def best_plan(values: np.ndarray, cost: np.ndarray, better: int) -> int | None:
    """The best (variant) by a figure, the cheapest of those as good; None where all are alike."""
    known = np.isfinite(values) & np.isfinite(cost)
    if not known.any():
        return None
    good = np.where(known, better * values, -np.inf)
    room = ALIKE * abs(float(good.max()))
    if (good[known] >= good.max() - room).all():
        return None
    return int(np.where(good >= good.max() - room, cost, np.inf).argmin())


def _values(data: xr.Dataset, key: str) -> np.ndarray:
    if key == "water_m3":
        if "wue" not in data:
            return np.full(data.sizes["variant"], np.nan)
        return (data["wue"] * data["it_mwh"]).values.astype(float)  # L/kWh is m³/MWh
    none = np.full(data.sizes["variant"], np.nan)
    return data[key].values.astype(float) if key in data else none

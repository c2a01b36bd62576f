"""What can vary near the cheapest plan: ranges of sizes, and plans that differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report.figures import near_optimal as figure
from coplan.report.model import Block, Column, Item, Name, Paragraph, Table, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr


def near_optimal(data: xr.Dataset) -> list[Block]:
    """Range bars, their table and the plans that differ most; nothing without such variants."""
    if "near_optimal_within" not in data.attrs or not data.sizes.get("explored", 0):
        return []
    within = Amount(float(data.attrs["near_optimal_within"]), "percent_limit")
    ranges = figure.ranges(data)
    blocks: list[Block] = [Paragraph(say("near.intro", within=within), "lead")]
    blocks += [figure.bars(ranges, within)] if ranges else []
    rows: list[list[Item]] = [
        [one.name, one.unit,
         *(Amount(value, "number", one.digits) for value in (one.least, one.cheapest, one.most))]
        for one in ranges
    ]  # fmt: skip
    columns = [Column(say("near.size"), numeric=False, width=2.2),
               Column(say("near.unit"), numeric=False, width=0.7),
               *(Column(say(f"near.{name}")) for name in figure.NAMES)]  # fmt: skip
    return [*blocks, Table("near", say("near.table"), columns, rows), *_different(data, ranges)]


def _different(data: xr.Dataset, ranges: list[figure.Range]) -> list[Block]:
    """Sizes as rows, the plans that differ most as columns, the change of cost in the last row."""
    rank = data["different"].values
    chosen = np.argsort(np.where(np.isfinite(rank), rank, np.inf), kind="stable")
    chosen = chosen[: int(np.isfinite(rank).sum())]
    if len(chosen) < 2:
        return []
    labels = data["unit"].values.astype(str).tolist()
    sizes = data["size"].values
    rows: list[list[Item]] = [
        [say("word.with_unit", name=one.name, unit=one.unit),
         *(Amount(float(sizes[i, labels.index(one.label)]), "number", one.digits) for i in chosen)]
        for one in ranges
    ]  # fmt: skip
    cost = (data["cost_cny"] + data["penalties_cny"]).values
    change = 100.0 * (cost - cost[0]) / abs(cost[0])
    rows.append([say("near.cost_change"), *(Amount(float(change[i]), "number", 2, signed=True)
                                            for i in chosen)])  # fmt: skip
    names = [Name(str(data["title_zh"].values[i]), str(data["title_en"].values[i]))
             for i in chosen]  # fmt: skip
    columns = [Column(say("near.size"), numeric=False, width=2.0), *(Column(n) for n in names)]
    return [Table("different", say("near.different"), columns, rows,
                  note=say("near.different_note"), small=len(names) > 4)]  # fmt: skip

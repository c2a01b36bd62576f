"""What the scenarios of a comparison differ in, key by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coplan.report.model import Block, Column, Item, Name, Table, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr

FEW = 6
"""Up to so many variants stand side by side as columns; more of them as rows."""
MOST_KEYS, MOST_COLUMNS = 80, 5
"""Keys shown as rows, and as columns; settings.csv holds all."""


def differences(data: xr.Dataset) -> list[Block]:
    """A table of the keys that are not alike; nothing where every scenario says the same."""
    keys = data["setting_key"].values.astype(str).tolist() if "setting_key" in data.coords else []
    if not keys:
        return []
    values = data["setting"].values.astype(str).tolist()
    names = [Name(str(zh), str(en)) for zh, en in
             zip(data["title_zh"].values, data["title_en"].values, strict=True)]  # fmt: skip
    wide = len(names) <= FEW
    shown = keys[: MOST_KEYS if wide else MOST_COLUMNS]
    if wide:
        columns_of = zip(shown, zip(*values, strict=True), strict=False)
        rows: list[list[Item]] = [[Name(key, key), *map(_text, column)]
                                  for key, column in columns_of]  # fmt: skip
        columns = [Column(say("difference.key"), numeric=False, width=2.6),
                   *(Column(name) for name in names)]  # fmt: skip
    else:
        rows = [[name, *(_text(one) for one in row[: len(shown)])]
                for name, row in zip(names, values, strict=True)]  # fmt: skip
        columns = [Column(say("study.variant"), numeric=False, width=2.0),
                   *(Column(Name(key, key), width=1.4) for key in shown)]  # fmt: skip
    left = Amount(len(keys) - len(shown), "count")
    note = say("difference.more", count=left) if len(keys) > len(shown) else say("difference.note")
    return [Table("differences", say("difference.table"), columns, rows, note=note, small=True,
                  variants="columns" if wide else "rows")]  # fmt: skip


def _text(value: str) -> Item:
    return Name(value, value) if value else None

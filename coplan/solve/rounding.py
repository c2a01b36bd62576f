"""Whole numbers near a fractional plan, in the order in which they are likely to fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coplan.solve.program import Array

WHOLE = 1e-4  # a count this near a whole number is whole: an interior point stops no nearer
NOUGHT = 1e-6  # any other integer column above this is rounded up


@dataclass(frozen=True)
class Group:
    """Integer columns that are counted together, such as the halls of one site.

    `sizes`: capacity of one unit of each column. Groups with the same `label` serve the same
    work, so capacity rounded down in one may be made good in another. A group that `is_first`
    (single clusters) is made whole before the others, since they must make room for it.
    """

    name: str
    columns: Array
    sizes: Array
    label: str = ""
    is_first: bool = False

    @classmethod
    def of(cls, entry: Group | Sequence[object]) -> Group:
        """A group from itself or from a tuple (name, columns, sizes[, label[, is_first]])."""
        if isinstance(entry, Group):
            return entry
        name, columns, sizes, *more = entry
        numbers = np.asarray(columns, dtype=np.int64)
        units = np.broadcast_to(np.asarray(sizes, dtype=float), numbers.shape)
        label, is_first = [*more, "", False][:2] if len(more) != 1 else (more[0], False)
        return cls(str(name), numbers, units, str(label), bool(is_first))


def _lift(values: Array, sizes: Array, upper: Array) -> Array:
    """Round down, then up by largest remainder until the capacity of `values` is there again."""
    whole = np.minimum(np.floor(values + WHOLE), upper)
    missing = float(sizes @ values - sizes @ whole)
    slack = WHOLE * max(1.0, float(sizes @ values))
    for place in np.argsort(-(values - whole), kind="stable"):
        if missing <= slack:
            break
        if whole[place] + 1.0 <= upper[place]:
            whole[place] += 1.0
            missing -= float(sizes[place])
    return whole


def dives(
    x: Array, integers: Array, groups: Sequence[Group], lower: Array, upper: Array
) -> tuple[list[tuple[Array, Array]], bool]:
    """Whole numbers for the columns of no group, to be fixed before the groups are rounded.

    Such columns (halls converted, signatures, sites in use) stand in rows with halls, so that
    halls rounded without them seldom fit. Returns (columns, values), most promising first: counts
    to the nearest and yes or no to yes, all to the nearest, all down; none where all are whole.
    And whether to dive before anything else: not where all are yes or no, which `candidates`
    rounds to yes without another LP.
    """
    grouped = {int(c) for group in groups if not group.is_first for c in group.columns}
    alone = np.array([c for c in integers if int(c) not in grouped], dtype=np.int64)
    low, high = np.ceil(lower[alone] - NOUGHT), np.floor(upper[alone] + NOUGHT)
    values = np.clip(x[alone], lower[alone], upper[alone])
    nearest = np.clip(np.round(values), low, high)
    if not alone.size or np.abs(values - nearest).max() <= WHOLE:
        return [], False
    is_yes_or_no = high - low <= 1.0
    up = np.clip(np.ceil(values - WHOLE), low, high)
    down = np.clip(np.floor(values + WHOLE), low, high)
    place = {int(column): row for row, column in enumerate(alone)}
    first = [np.array([place[int(c)] for c in g.columns]) for g in groups if g.is_first]
    found: dict[bytes, Array] = {}
    for whole in (np.where(is_yes_or_no, up, nearest), nearest, down):
        for at in first:  # as many as there are, where most of one is there
            whole[at] = _lift(values[at], np.ones(at.size), high[at])
        found.setdefault((whole + 0.0).tobytes(), whole + 0.0)
    return [(alone, whole) for whole in found.values()], bool(first) or not bool(is_yes_or_no.all())


def candidates(
    x: Array,
    integers: Array,
    groups: Sequence[Group],
    lower: Array,
    upper: Array,
    is_whole: bool = False,
) -> Iterator[Array]:
    """Whole values for the columns `integers` (same order), most promising first.

    First the fleet's capacity of each label rounded up, then each group's, then every column,
    then one more unit where most is built. Columns of no group are rounded up when above 1e-6.
    With `is_whole` (x is whole but for noise) the nearest whole numbers come first.
    """
    position = {int(column): place for place, column in enumerate(integers)}
    places = [np.array([position[int(c)] for c in g.columns], dtype=np.int64) for g in groups]
    low, high = np.ceil(lower[integers] - NOUGHT), np.floor(upper[integers] + NOUGHT)
    values = np.clip(x[integers], lower[integers], upper[integers])
    near = np.full(values.size, NOUGHT)
    for at in places:
        near[at] = WHOLE
    up = np.clip(np.ceil(values - near), low, high)
    if is_whole:
        yield np.clip(np.round(values), low, high)

    def by(batches: Sequence[Sequence[int]]) -> Array:
        result = up.copy()
        for batch in batches:
            at = np.concatenate([places[i] for i in batch])
            sizes = np.concatenate([groups[i].sizes for i in batch])
            result[at] = _lift(values[at], sizes, high[at])
        return np.clip(result, low, high)

    fleets: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        fleets.setdefault(group.label, []).append(number)
    yield by(list(fleets.values()))
    yield by([[number] for number in range(len(groups))])
    yield up
    more = up.copy()
    loads = [float(up[at].sum()) for at in places]
    for number in np.argsort(-np.array(loads), kind="stable"):
        free = [p for p in places[number] if more[p] + 1.0 <= high[p]]
        if free:
            more[max(free, key=lambda p: values[p])] += 1.0
            yield more.copy()
    yield np.clip(np.round(values), low, high)

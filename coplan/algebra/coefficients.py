"""Numbers that no solver should see: left out where they cannot matter, refused elsewhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from coplan.algebra.affine import Array

LONG = 24  # entries of a row that sums over time
NEGLIGIBLE = 1e-6  # share of what another entry of the row can move
SMALLEST_COEFFICIENT = 1e-7  # below it HiGHS drops entries silently (R3 in scale-and-trust)


def drop_negligible(compiled: Any) -> None:
    """Leave out entries too small for the solver that cannot matter in their row.

    A limit on a sum over time that is met by chance in some hour leaves such a coefficient: what it
    could move is less than NEGLIGIBLE of what another entry of its LONG row can. The others, such
    as a slip of units, are for `refuse_bad_numbers` to name.
    """
    small = np.flatnonzero(_is_small(compiled.value))
    rows = np.unique(np.searchsorted(compiled.start, small, side="right") - 1)
    reach = np.maximum(np.abs(compiled.lower), np.abs(compiled.upper))
    dropped = [np.zeros(0, np.int64)]
    for row in rows[np.diff(compiled.start)[rows] >= LONG]:
        at = slice(*compiled.start[row : row + 2])
        size = np.abs(compiled.value[at])
        moved = size * reach[compiled.column[at]]
        out = (size < SMALLEST_COEFFICIENT) & (moved <= NEGLIGIBLE * moved.max())
        dropped.append(at.start + np.flatnonzero(out))
    gone = np.concatenate(dropped)
    if gone.size:
        compiled.start -= np.searchsorted(gone, compiled.start).astype(compiled.start.dtype)
        compiled.column = np.delete(compiled.column, gone)
        compiled.value = np.delete(compiled.value, gone)


def _is_small(value: Array) -> Array:
    """Where a coefficient is below what the solver keeps; not where it is no number."""
    return (value < SMALLEST_COEFFICIENT) & (value > -SMALLEST_COEFFICIENT)


def _refuse_loose_columns(compiled: Any) -> None:
    """Raise ValueError naming the first column without a finite bound; what pays for more first.

    A column that pays for ever more is the ray of an unbounded problem.
    """
    no_most, no_least = ~np.isfinite(compiled.upper), ~np.isfinite(compiled.lower)
    loose = no_most | no_least
    if not loose.any():
        return
    pays = ((compiled.cost < 0) & no_most) | ((compiled.cost > 0) & no_least)
    j = int(np.flatnonzero(pays if pays.any() else loose)[0])
    text = f"column {compiled.column_name(j)}{_meaning(compiled, j)}: a bound is not finite"
    if pays[j]:
        way = "more" if compiled.cost[j] < 0 else "less"
        text += (
            f", and every unit {way} of it improves the objective by {abs(compiled.cost[j]):.3g}: "
            "an earning or a price below zero that nothing limits"
        )
    raise ValueError(text)


def _meaning(compiled: Any, j: int) -> str:
    """What column j is, in words and with its unit; nothing for a variable that does not say."""
    for variable in compiled.variables:
        at = compiled.column_slice(variable)
        if at.start <= j < at.stop and variable.doc:
            unit = getattr(variable, "unit", "")
            return f" ({variable.doc}{f', {unit}' if unit not in ('', '1') else ''})"
    return ""


def refuse_bad_numbers(compiled: Any) -> None:
    """Raise ValueError naming the first row or column with a number no solver should see."""

    def row_at(entry: Any) -> str:
        row = int(np.searchsorted(compiled.start, entry, side="right")) - 1
        return f"{compiled.row_name(row)}, column {compiled.column_name(compiled.column[entry])}"

    _refuse_loose_columns(compiled)
    bad = np.flatnonzero(~np.isfinite(compiled.cost))
    if bad.size:
        raise ValueError(f"column {compiled.column_name(int(bad[0]))}: the cost is not finite")
    if not math.isfinite(compiled.offset):
        raise ValueError("the objective's constant is not finite")
    bad = np.flatnonzero(~np.isfinite(compiled.value))
    if bad.size:
        raise ValueError(f"row {row_at(bad[0])}: a coefficient is not finite")
    bad = np.flatnonzero(_is_small(compiled.value))
    if bad.size:
        raise ValueError(
            f"row {row_at(bad[0])}: coefficient {compiled.value[bad[0]]:.3g} is so small that "
            "the solver would drop it; choose a larger unit"
        )
    low, high = compiled.row_lower, compiled.row_upper
    bad = np.flatnonzero(np.isnan(low) | np.isnan(high) | (low == math.inf) | (high == -math.inf))
    if bad.size:
        raise ValueError(f"row {compiled.row_name(int(bad[0]))}: a side is not finite")

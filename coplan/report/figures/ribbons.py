"""Blocks and bands of flow pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coplan.report import style

if TYPE_CHECKING:
    from matplotlib.patches import Patch


def spread(wanted: list[float], room: float) -> list[float]:
    """Positions from high to low at least `room` apart, moved as little as needed."""
    out = list(wanted)
    for i in range(1, len(out)):
        out[i] = min(out[i], out[i - 1] - room)
    shift = (sum(wanted) - sum(out)) / max(len(out), 1)
    return [y + shift for y in out]


def box(x: float, y: float, width: float, height: float, colour: str,
        hatch: str | None = None) -> Patch:  # fmt: skip
    """A block; curtailment is hatched."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, lw=0, hatch=hatch,
                     hatchcolor=style.PAPER)  # fmt: skip


def ribbon(x: tuple[float, float], top: tuple[float, float],
           height: tuple[float, float], colour: str) -> Patch:
    """A band that swings from the top edge at one end to that at the other."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, x1), (y0, y1) = x, top
    middle = (x0 + x1) / 2
    (h0, h1) = height
    points = [(x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 - h1), (middle, y1 - h1),
              (middle, y0 - h0), (x0, y0 - h0), (x0, y0)]  # fmt: skip
    codes = np.array([1, 4, 4, 4, 2, 4, 4, 4, 79], dtype=np.uint8)
    return PathPatch(Path(points, codes), facecolor=colour, alpha=0.45, lw=0)

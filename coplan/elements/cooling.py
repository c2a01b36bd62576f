"""Cooling and electrical losses: what a hall needs on top of its IT load.

    cooling[u,t] = slope[u,t] · it[u,t] + fixed[u,t] · halls[u] · hall_it_mw[u]             [MW]
    loss[u,t]    = slope[u]   · it[u,t] + fixed[u]   · halls[u] · hall_it_mw[u]             [MW]

The coefficients are data, worked out by physics/cooling from the hour's dry and wet bulb.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Share
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger
from coplan.units import quantity


class LoadFactorPoint(Entry):
    """One breakpoint of the cooling load factor."""

    degc: quantity("degC", ge=-60, le=60)
    """Outdoor temperature of the curve's driver."""
    clf: quantity("dimensionless", ge=0, le=2)
    """Cooling power over IT power at rated load."""


Curve = Annotated[tuple[LoadFactorPoint, ...], pydantic.Field(min_length=1)]


class CoolingCard(Card):
    """A cooling design: cooling load factor by outdoor temperature, and its part-load law.

    With both curves the dry one holds while dry bulb is at or below `dry_mode_below_degc`,
    the wet one above it (indirect evaporative cooling runs dry in the cold season).
    """

    by_dry_bulb: Curve | None = None
    """Curve against dry bulb."""
    by_wet_bulb: Curve | None = None
    """Curve against wet bulb."""
    dry_mode_below_degc: quantity("degC", ge=-60, le=60) | None = None
    """Dry bulb below which the dry curve holds; needed with both curves."""
    fixed_share: Share
    """Share of rated cooling power that does not fall with load."""

    @pydantic.model_validator(mode="after")
    def _has_a_driver(self) -> CoolingCard:
        if self.by_dry_bulb is None and self.by_wet_bulb is None:
            raise ValueError("give by_dry_bulb, by_wet_bulb or both")
        both = self.by_dry_bulb is not None and self.by_wet_bulb is not None
        if both and self.dry_mode_below_degc is None:
            raise ValueError("both curves given: say dry_mode_below_degc")
        for curve in (self.by_dry_bulb, self.by_wet_bulb):
            if curve and any(a.degc >= b.degc for a, b in pairwise(curve)):
                raise ValueError("temperatures of a curve must rise from point to point")
        return self


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare cooling and loss power of one operating year and post them as facility load."""
    b = algebra.block(y, "cooling", doc="cooling and electrical losses of halls")
    units, times = index.halls, index.times
    hall_it = data["hall_it_mw"].values
    b.cooling_slope = algebra.param(units, times, values=data["cooling_slope"].values)
    b.cooling_fixed = algebra.param(
        units, times, values=data["cooling_fixed"].values * hall_it[:, None]
    )
    b.loss_slope = algebra.param(units, values=data["loss_slope"].values)
    b.loss_fixed = algebra.param(units, values=data["loss_fixed"].values * hall_it)

    @algebra.expression(b, units, times, unit="MW", doc="power of the cooling plant")
    def cooling_mw(b, u, t):
        return (
            b.cooling_slope[u, t] * y.compute.it_mw[u, t]
            + b.cooling_fixed[u, t] * sizes.compute.halls_built[u]
        )

    @algebra.expression(b, units, times, unit="MW", doc="losses of UPS, transformers, cables")
    def loss_mw(b, u, t):
        return (
            b.loss_slope[u] * y.compute.it_mw[u, t]
            + b.loss_fixed[u] * sizes.compute.halls_built[u]
        )

    ledger.post("cooling", b.cooling_mw, -1, units, y.compute.at, "facility")
    ledger.post("electrical losses", b.loss_mw, -1, units, y.compute.at, "facility")

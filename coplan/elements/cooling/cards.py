"""Cooling designs and cold-water tanks, as cards say them."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import pydantic

from coplan.elements.card import Card, Entry, Reference, Share, Slug
from coplan.physics.cooling import part_load_segments
from coplan.units import quantity


class LoadFactorPoint(Entry):
    """One breakpoint of the cooling load factor."""

    degc: quantity("degC", ge=-60, le=60)
    """Outdoor temperature of the curve's driver."""
    clf: quantity("dimensionless", ge=0, le=2)
    """Cooling power over IT power at rated load."""


Curve = Annotated[tuple[LoadFactorPoint, ...], pydantic.Field(min_length=1)]


class PartLoadPoint(Entry):
    """One breakpoint of the part-load curve."""

    load_share: quantity("dimensionless", gt=0, le=1)
    """IT power over IT capacity of the hall."""
    power_share: quantity("dimensionless", ge=0, le=1)
    """Cooling power over rated cooling power at the same weather."""


class WaterPoint(Entry):
    """One breakpoint of the water use."""

    degc: quantity("degC", ge=-60, le=60)
    """Wet bulb."""
    l_per_kwh: quantity("L/kWh", ge=0, le=10)
    """Water over IT energy."""


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
    fixed_share: Share | None = None
    """Share of rated cooling power that does not fall with load: the part-load law as a line."""
    part_load: tuple[PartLoadPoint, ...] | None = None
    """The part-load law as a convex curve of two to four points, the last at full load."""
    fan_share: Share = 0.0
    """Share of cooling power that moves air; it grows as air gets thin with altitude."""
    recoverable_heat_share: Share = 0.0
    """Share of IT power that its warm side can give to a heat pump."""
    water: tuple[WaterPoint, ...] = ()
    """Water use by wet bulb while the wet curve holds; none where nothing is said."""

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

    @pydantic.model_validator(mode="after")
    def _has_one_part_load_law(self) -> CoolingCard:
        if (self.fixed_share is None) == (self.part_load is None):
            raise ValueError("give fixed_share or part_load, one of them")
        if self.part_load is not None:
            part_load_segments([(p.load_share, p.power_share) for p in self.part_load])
        if any(a.degc >= b.degc for a, b in pairwise(self.water)):
            raise ValueError("temperatures of water must rise from point to point")
        return self

    def segments(self) -> list[tuple[float, float]]:
        """The part-load law as lines (slope, fixed) over rated cooling; the highest holds."""
        if self.part_load is None:
            fixed = float(self.fixed_share or 0.0)
            return [(1.0 - fixed, fixed)]
        return part_load_segments([(p.load_share, p.power_share) for p in self.part_load])


class ColdTankCard(Card):
    """A cold-water tank beside the cooling plant of a hall type."""

    capex_cny_per_kwh: quantity("CNY/kWh", ge=0, le=1e5)
    """Investment per kWh of cold held."""
    om_cny_per_kwh_year: quantity("CNY/kWh/year", ge=0, le=1e4)
    """Operation and maintenance."""
    life_years: quantity("year", ge=1, le=100)
    """Economic life."""
    loss_share_per_hour: Share
    """Share of the cold held that is lost in an hour."""
    mechanical_share: Share
    """Share of cooling power that makes cold and so may be moved in time; fans may not."""
    hours_to_empty: quantity("hour", gt=0, le=1000)
    """Shortest time in which the tank is filled or emptied."""


class ColdTankEntry(Entry):
    """A tank that may be built for the halls of one entry."""

    card: Reference("cold-tanks")
    """Technology."""
    hall: Slug
    """Hall entry of the site whose cooling plant fills it."""
    max_mwh: quantity("MWh", ge=0, le=1e6)
    """Most cold that it may hold."""

"""A series of 8,760 hours in a CSV file of the user's: which file, which column, which unit.

The file is named as seen from the folder that holds models/ and data/. It has a header, a first
column `hour` that counts 0, 1, 2 …, and any number of columns of plain numbers.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import pydantic

from coplan.elements.card import Entry
from coplan.units import to_unit


class SeriesEntry(Entry):
    """One column of a file under the project's folder."""

    into: ClassVar[str] = "dimensionless"
    """Unit in which the model counts."""

    file: Annotated[str, pydantic.Field(min_length=1, max_length=1000)]
    """CSV file, seen from the folder that holds models/ and data/."""
    column: Annotated[str, pydantic.Field(min_length=1, max_length=200)]
    """Heading of the column."""
    unit: Annotated[str, pydantic.Field(min_length=1, max_length=40)]
    """Unit of its numbers, such as kW or CNY/kWh."""

    @pydantic.field_validator("unit")
    @classmethod
    def _is_of_its_kind(cls, unit: str) -> str:
        to_unit(f"1 {unit}", cls.into)
        return unit

    @property
    def factor(self) -> float:
        """What one of the file's unit is in the model's unit."""
        return float(to_unit(f"1 {self.unit}", self.into))


class PowerSeries(SeriesEntry):
    """Power by the hour."""

    into = "MW"


class ProfileSeries(SeriesEntry):
    """Power over capacity by the hour, 0 to 1 and somewhat more in bright hours."""

    into = "kW/kW"


class PriceSeries(SeriesEntry):
    """Price of energy by the hour."""

    into = "CNY/MWh"


class CallSeries(SeriesEntry):
    """Calls of the grid by the hour: 1 or 0."""

    into = "dimensionless"


class EmissionSeries(SeriesEntry):
    """Emission factor of grid energy by the hour."""

    into = "t/MWh"

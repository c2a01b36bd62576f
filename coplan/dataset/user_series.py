"""Hourly series that a card names: where their files lie, and their values over the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.dataset.series import Column, read_series
from coplan.elements.series import SeriesEntry
from coplan.errors import InputError
from coplan.scenario.yaml_reader import shown_path

MOST_PROFILE = 2.0
"""Measured over rated power: cold modules under bright clouds give more than they are rated."""

LIMITS = {
    "MW": (0.0, 1e5), "kW/kW": (0.0, MOST_PROFILE), "CNY/MWh": (-1e4, 1e5), "t/MWh": (0.0, 3.0),
    "dimensionless": (0.0, 1.0),
}  # fmt: skip
"""What a series may hold, in the unit of the model."""


def series_entries(system: Any) -> Iterator[tuple[tuple[str, ...], SeriesEntry]]:
    """Every series that the system names, with its place in the system card."""
    for name, plant in system.plants.items():
        if plant.profile is not None:
            yield ("plants", name, "profile"), plant.profile
    for site, campus in system.sites.items():
        at = ("sites", site)
        for name, load in campus.loads.items():
            yield (*at, "loads", name, "power"), load.power
        for name, beside in campus.plants.items():
            if beside.profile is not None:
                yield (*at, "plants", name, "profile"), beside.profile
        if campus.flexibility is not None and campus.flexibility.call_series is not None:
            yield (*at, "flexibility", "call_series"), campus.flexibility.call_series
        for key in ("energy_price", "spot_price", "emission_factor"):
            entry = getattr(campus.connection, key)
            if entry is not None:
                yield (*at, "connection", key), entry


def series_files(scenario: Any) -> list[Path]:
    """Files of all series, each once."""
    entries = series_entries(scenario.system)
    return list(dict.fromkeys(scenario.root / entry.file for _, entry in entries))


def values(scenario: Any, entry: SeriesEntry, span: Horizon) -> np.ndarray:
    """The series over the horizon (time), in the model's unit; InputError where it is bad."""
    low, high = (limit / entry.factor for limit in LIMITS[entry.into])
    column = Column(entry.column, low, high, share=entry.into == "kW/kW")
    found = read_series(shown_path(scenario.root / entry.file), [column])
    return found[entry.column][span.hour_of_year] * entry.factor


def refuse_bad_series(scenario: Any, span: Horizon) -> None:
    """InputError with what is wrong in all series together.

    A file that is not there, or not below the project's folder, is told at the system card.
    """
    problems = []
    for path, entry in series_entries(scenario.system):
        file = scenario.root / entry.file
        if not file.resolve().is_relative_to(scenario.root.resolve()) or not file.is_file():
            text = "must be a file below the folder that holds models/ and data/"
            where = (*path, "file")
            problems.append(scenario.problem(f"systems/{scenario.spec.system}", where, text))
            continue
        try:
            values(scenario, entry, span)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))

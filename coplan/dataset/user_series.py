"""Hourly series that a card names: where their files lie, and their values over the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.dataset.series import Column, read_series
from coplan.elements.series import SeriesEntry
from coplan.errors import InputError, Problem
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
    """Files of all series, each once; InputError where one may not be read."""
    problems = misplaced(scenario)
    if problems:
        raise InputError(problems)
    entries = series_entries(scenario.system)
    return list(dict.fromkeys(scenario.root / entry.file for _, entry in entries))


def misplaced(scenario: Any) -> list[Problem]:
    """Series whose files may not be read, told at the system card.

    Every file lies below the project's folder, since a run copies it to the same place there.
    """
    problems = []
    for path, entry in series_entries(scenario.system):
        parts = PurePosixPath(entry.file.replace("\\", "/")).parts
        text = "must be a file below the folder that holds models/ and data/"
        try:
            scenario.project.named(entry.file, scenario.root)
        except ValueError as error:
            text += f": {error}"
        else:
            if not Path(entry.file).is_absolute() and ".." not in parts:
                continue
        where = (*path, "file")
        problems.append(scenario.problem(f"systems/{scenario.spec.system}", where, text))
    return problems


def values(scenario: Any, entry: SeriesEntry, span: Horizon) -> np.ndarray:
    """The series over the horizon (time), in the model's unit; InputError where it is bad."""
    low, high = (limit / entry.factor for limit in LIMITS[entry.into])
    column = Column(entry.column, low, high)
    found = read_series(shown_path(scenario.root / entry.file), [column])
    return found[entry.column][span.hour_of_year] * entry.factor


def refuse_bad_series(scenario: Any, span: Horizon) -> None:
    """InputError with what is wrong in all series together."""
    series_files(scenario)
    problems = []
    for _, entry in series_entries(scenario.system):
        try:
            values(scenario, entry, span)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))

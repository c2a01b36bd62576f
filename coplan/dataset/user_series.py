"""Hourly series that a card names: where their files lie, and their values over the horizon."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.dataset.series import Column, read_series
from coplan.elements.series import SeriesEntry
from coplan.errors import InputError, Problem
from coplan.scenario.messages import near
from coplan.scenario.yaml_reader import shown_path

MOST_PROFILE = 2.0
"""Measured over rated power: cold modules under bright clouds give more than they are rated."""

LIMITS = {
    "MW": (0.0, 1e5), "kW/kW": (0.0, MOST_PROFILE), "CNY/MWh": (-1e4, 1e5), "t/MWh": (0.0, 3.0),
    "dimensionless": (0.0, 1.0),
}  # fmt: skip
"""What a series may hold, in the unit of the model."""

SHARES = ("kW/kW", "dimensionless")
MOST_LOAD = 10.0
"""A load over what its site can ever be given by more than this factor is in another unit."""
LEAST_PEAK_PRICE = 5.0
"""CNY/MWh: the dearest hour of a year of any market is above; what is below is in CNY/kWh."""


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
    """Series whose files may not be read or are not there, told at the system card."""
    told = ((path, _no_file(scenario, entry.file))
            for path, entry in series_entries(scenario.system))  # fmt: skip
    card = f"systems/{scenario.spec.system}"
    return [scenario.problem(card, (*path, "file"), text) for path, text in told if text]


def _no_file(scenario: Any, name: str) -> str:
    """Why a name means no file below the project's folder ("" if it does).

    Every file lies below the folder, since a run copies it to the same place there.
    """
    text = "must be a file below the folder that holds models/ and data/"
    try:
        scenario.project.named(name, scenario.root)
    except ValueError as error:
        file = scenario.root / name
        beside = file.parent.glob("*.csv") if os.path.isdir(file.parent) else ()
        hint = near(file.name, sorted(one.name for one in beside))
        return f"{text}: {error}" + (f"; {hint}" if hint else "")
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return text if Path(name).is_absolute() or ".." in parts else ""


def values(scenario: Any, entry: SeriesEntry, span: Horizon) -> np.ndarray:
    """The series over the horizon (time), in the model's unit; InputError where it is bad."""
    return year(scenario, entry)[span.hour_of_year]


def year(scenario: Any, entry: SeriesEntry) -> np.ndarray:
    """The series over its 8,760 hours, in the model's unit; InputError where it is bad."""
    low, high = (limit / entry.factor for limit in LIMITS[entry.into])
    is_share = entry.into in SHARES and entry.factor == 1.0
    column = Column(entry.column, low, high, is_share, "" if is_share else entry.unit)
    found = read_series(shown_path(scenario.root / entry.file), [column])
    return found[entry.column] * entry.factor


def series_problems(scenario: Any) -> list[Problem]:
    """What is wrong in all series together.

    A file that may not be read, or is not there, is told at the system card.
    """
    problems = misplaced(scenario)
    for path, entry in series_entries(scenario.system):
        if _no_file(scenario, entry.file):
            continue
        try:
            found = year(scenario, entry)
        except InputError as error:
            problems += error.problems
            continue
        text = _another_unit(scenario.system, path, entry, found)
        if text:
            file = shown_path(scenario.root / entry.file)
            peak = f"{found.max():g} {entry.into}"
            problems.append(Problem(text, file, None, entry.column, peak))
    return problems


def _another_unit(
    system: Any, path: tuple[str, ...], entry: SeriesEntry, found: np.ndarray
) -> str:
    """What to say about numbers that can only be in another unit than the card says."""
    if entry.into == "CNY/MWh" and 0 < np.abs(found).max() < LEAST_PEAK_PRICE:
        return f"no market is this cheap all year: is the unit CNY/kWh and not {entry.unit}?"
    if entry.into == "MW" and path[0] == "sites":
        most = _most_supply_mw(system, path[1])
        if found.max() > MOST_LOAD * most:
            return (
                f"the site can be given {most:g} MW at most, all its supplies together: is the "
                f"unit kW and not {entry.unit}?"
            )
    return ""


def _most_supply_mw(system: Any, site: str) -> float:
    """Connection, own plants, batteries, backup and direct lines of a site together, MW."""
    campus = system.sites[site]
    connections = [phase.connection_max_mw or 0.0 for phase in campus.phases.values()]
    most = max([campus.connection.max_mw, *connections])
    most += sum(plant.approved_mw for plant in campus.plants.values())
    most += sum(battery.power_max_mw for battery in campus.batteries.values())
    most += campus.backup.max_mw if campus.backup is not None else 0.0
    most += sum(plant.approved_mw for plant in system.plants.values() if site in plant.lines)
    return float(most)

"""Opens every data file that a scenario names, and tells all that is wrong in them at once."""

from __future__ import annotations

from typing import Any

from coplan.dataset.demand import demand_fields, hall_fields
from coplan.dataset.horizon import Horizon, horizon
from coplan.dataset.parts import Parts
from coplan.dataset.profiles import Skies
from coplan.dataset.reliability import reliability_fields
from coplan.dataset.user_series import series_problems, year
from coplan.dataset.weather import refuse_sunny_nights
from coplan.elements.lines import DirectPlantEntry
from coplan.errors import InputError, Problem
from coplan.scenario.yaml_reader import shown_path


def refuse_bad_inputs(scenario: Any) -> None:
    """InputError with whatever `build_dataset` would refuse, without building it.

    Every data file is opened and judged; demand and critical work must have a place to run.
    """
    parts = Parts(scenario)
    span = horizon(scenario.spec.options.hours, scenario.spec.options.start_hour)
    problems: list[Problem] = []
    try:
        read_sources(scenario, parts, span)
    except InputError as error:
        problems += error.problems
    try:
        fields = hall_fields(scenario, parts, scenario.spec.options.wacc)
        fields |= demand_fields(scenario, parts.halls, span)
        reliability_fields(scenario, parts, fields)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)


def read_sources(scenario: Any, parts: Parts, span: Horizon) -> Skies:
    """Weather of every place, with all series judged; InputError with what is wrong in all."""
    problems = series_problems(scenario) or _sunny_nights(scenario, parts)
    try:
        skies = Skies(scenario, span)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return skies


def _sunny_nights(scenario: Any, parts: Parts) -> list[Problem]:
    """PV profiles of the user's with power at night: hours of another time zone."""
    problems = []
    for site, entry, card in parts.plants.values():
        if entry.profile is None or card.kind != "pv":
            continue
        is_apart = isinstance(entry, DirectPlantEntry)
        name = entry.place if is_apart else scenario.system.sites[site].site
        file = shown_path(scenario.root / entry.profile.file)
        power = year(scenario, entry.profile)
        try:
            refuse_sunny_nights(file, entry.profile.column, power, scenario.cards["sites"][name])
        except InputError as error:
            problems += error.problems
    return problems

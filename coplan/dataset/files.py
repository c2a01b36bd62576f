"""Which data files a scenario reads, for copying beside the result and for hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coplan.dataset.user_series import series_files
from coplan.dataset.weather import weather_file


def data_files_used(scenario: Any) -> list[Path]:
    """Weather files of every station and weather year, and series of the user's, each once.

    Raises InputError where one lies outside the project or is no regular file.
    """
    weather = scenario.spec.weather
    years = ["typical"] if isinstance(weather, (str, dict)) else list(weather)
    places = [campus.site for campus in scenario.system.sites.values()]
    places += [card.place for card in scenario.cards.get("contracts", {}).values()]
    stations = dict.fromkeys(scenario.cards["sites"][place].station for place in places)
    files = [
        weather_file(scenario.project, year, station) for year in years for station in stations
    ]
    return files + series_files(scenario)

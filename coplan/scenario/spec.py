"""What a scenario file says: which system, which years and weather, which targets."""

from __future__ import annotations

import itertools
import re
from typing import Annotated, Any, Literal

import pydantic

from coplan.elements.card import Entry, Name, Reference, Share, Slug, Text
from coplan.elements.near_optimal import NearOptimal
from coplan.elements.targets import Targets
from coplan.units import quantity

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def is_slug(text: str) -> bool:
    """Whether text is an id: small letters, digits, - and _, at most 80 of them."""
    return _ID.fullmatch(text) is not None


WeatherName = Annotated[
    str, pydantic.Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", min_length=1, max_length=80)
]
"""The name of a weather year under data/weather/."""


class EpwWeather(Entry):
    """A typical year from an EPW file."""

    epw: Annotated[str, pydantic.Field(min_length=1, max_length=1000)]
    """Path of the EPW file, seen from the scenario's folder."""
    wind: Literal["typical", "epw"] = "typical"
    """Wind speed at hub height: from the typical year in data/ or from the EPW file."""


def _form_of_weather(value: Any) -> str:
    """Which of the three ways to name the weather was used."""
    if isinstance(value, dict):
        return "<mapping>"
    return "<list>" if isinstance(value, (list, tuple)) else "<text>"


def _all_different(values: tuple) -> tuple:
    if len(set(values)) != len(values):
        raise ValueError("must not name a value twice")
    return values


WeatherNames = Annotated[
    tuple[WeatherName, ...],
    pydantic.Field(min_length=1, max_length=100),
    pydantic.AfterValidator(_all_different),
]

Weather = Annotated[
    Annotated[Literal["typical"], pydantic.Tag("<text>")]
    | Annotated[WeatherNames, pydantic.Tag("<list>")]
    | Annotated[
        Annotated[dict[Slug, EpwWeather], pydantic.Field(min_length=1)], pydantic.Tag("<mapping>")
    ],
    pydantic.Discriminator(_form_of_weather),
]
"""`typical`, or a list of weather years, or an EPW file for each site."""


def _ascending(periods: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= earlier for earlier, later in itertools.pairwise(periods)):
        raise ValueError("must be years in ascending order, each once, such as [2027, 2030]")
    return periods


Periods = Annotated[
    tuple[Annotated[int, pydantic.Field(ge=2020, le=2060)], ...],
    pydantic.Field(min_length=1),
    pydantic.AfterValidator(_ascending),
]


def _whole_days(hours: int) -> int:
    if hours % 24:
        raise ValueError("must be whole days, a multiple of 24")
    return hours


Hours = Annotated[
    int, pydantic.Field(ge=24, le=8760), pydantic.AfterValidator(_whole_days)
]  # fmt: skip


class Options(Entry):
    """How the question is solved, and money that belongs to the question."""

    gap: Share = 0.01
    """Largest proven distance from the best possible cost, relative."""
    threads: Annotated[int, pydantic.Field(ge=1, le=64)] = 1
    """Processor threads of the solver; one gives the same answer every time."""
    time_limit_s: quantity("s", gt=0, le=1e7) = 1800.0
    """Longest solve."""
    objective: Literal["cost", "emissions"] = "cost"
    """What is least: yearly cost, or yearly emissions by location with those of making things."""
    near_optimal: NearOptimal | None = None
    """Other sizes at hardly more than the least cost; a study sets it (near_optimal)."""
    perspective: Literal["operator", "system", "government"] = "operator"
    """Whose money counts: subsidies steer an operator alone; for the others transfers cancel."""
    server_capex: bool = False
    """Whether buying servers counts in the objective."""
    hours: Hours = 8760
    """Steps of one hour in an operating year; fewer than 8760 only for trials."""
    start_hour: Annotated[int, pydantic.Field(ge=0, le=8759)] = 0
    """First hour of the year where fewer than 8760 are used."""
    wacc: quantity("dimensionless", ge=0, le=0.3) = 0.06
    """Real cost of capital."""
    carbon_price_cny_per_t: quantity("CNY/t", ge=0, le=1e5) = 0.0
    """Price of location-based carbon in the objective."""


    @pydantic.model_validator(mode="after")
    def _has_one_objective(self) -> Options:
        if self.near_optimal is not None and self.objective != "cost":
            raise ValueError("near_optimal is about cost: leave out objective")
        return self


class ScenarioSpec(Entry):
    """One question: a system, years, weather, targets and what differs from the cards."""

    id: Slug
    """Id of the scenario: small letters, digits, dash, underscore."""
    title: Name
    """Title in the report."""
    note: Text(5000) | None = None
    """What this scenario is for."""
    system: Reference("systems")
    """Id of the system card in models/systems/."""
    periods: Periods
    """Years of investment, ascending."""
    weather: Weather = "typical"
    """Weather the plan must live with."""
    targets: Targets = Targets()
    """Promises the plan must keep."""
    policies: Annotated[
        tuple[Reference("policies"), ...], pydantic.AfterValidator(_all_different)
    ] = ()
    """Policy packs: documents whose clauses the plan keeps or tells."""
    finance: Reference("finance") | None = None
    """How the project is financed and taxed; without it: no loan, no tax."""
    options: Options = Options()
    """Solver and money options."""
    cards: dict[str, Any] = pydantic.Field(default_factory=dict)
    """What differs from the cards: "kind/id" → the keys that change."""

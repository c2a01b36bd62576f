"""A9: what must not change an answer does not, and what doubles it doubles it.

Half of the instances are random projects, written as YAML and read as a planner's files are; half
are random fleets with several sites, prices below zero and whole halls. Weather years carry the
weights; coplan knows one time zone, so that a shifted zone is all series, hours and months turned
together by some hours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.solve.modes import MODES_BRANCHED
from tests.peers.fleets import fleet_dataset, random_fleet
from tests.sampling import one_in
from tests.toys import solved
from tests.trust import projects
from tests.trust.scoreboard import Trials

SAME = 1e-6
FIRST_FLEET = 200
"""Other fleets than those that linopy plans."""
HALVED = {
    "plant": ("plant_capacity_max_mw",),
    "battery": ("storage_power_max_mw", "storage_energy_max_mwh"),
    "contract": ("contract_volume_max_mw",),
}


def money_doubled(data: xr.Dataset, seed: int) -> xr.Dataset:
    return data.assign({name: 2.0 * data[name] for name in data.data_vars if "_cny" in str(name)})


def reordered(data: xr.Dataset, seed: int) -> xr.Dataset:
    rng = np.random.default_rng(seed)
    dims = ("site", "plant", "battery", "contract", "hall", "pool", "demand")
    return data.isel({dim: rng.permutation(data.sizes[dim]) for dim in dims})


def split(data: xr.Dataset, seed: int) -> xr.Dataset:
    dim = list(HALVED)[seed % len(HALVED)]
    if dim == "contract" and data["contract_volume_min_mw"].any():  # a minimum has no halves
        dim = "battery"
    labels = [f"{name}_{part}" for part in "ab" for name in data[dim].values]
    twice = data.isel({dim: [*range(data.sizes[dim])] * 2}).assign_coords({dim: labels})
    return twice.assign({name: twice[name] / 2.0 for name in HALVED[dim]})


def weather_twice(data: xr.Dataset, seed: int) -> xr.Dataset:
    twice = data.isel(weather=[0, 0]).assign_coords(weather=["once", "again"])
    return twice.assign(weather_probability=("weather", [0.5, 0.5]))


def is_branched(data: xr.Dataset, years: int) -> bool:
    """Whether coplan branches on every way of running of so many weather years, and rounds none."""
    needed = data["exchange_needs_mode"].sum() + data["battery_needs_mode"].sum()
    return bool(years * needed <= MODES_BRANCHED)


def turned(data: xr.Dataset, seed: int) -> xr.Dataset:
    hours = 1 + seed % (data.sizes["time"] - 1)
    found = data.roll(time=hours, roll_coords=True)
    return found.assign_coords(time=np.arange(data.sizes["time"]))


@functools.cache
def cost_of_fleet(seed: int) -> float | None:
    return cost_of(fleet_dataset(random_fleet(FIRST_FLEET + seed)))


def fleets_branched(count: int, years: int) -> list[int]:
    """The first fleets whose cost is proven: their ways of running are branched on."""
    found: list[int] = []
    seed = 0
    while len(found) < count:
        if is_branched(fleet_dataset(random_fleet(FIRST_FLEET + seed)), years):
            found.append(seed)
        seed += 1
    return found


def cost_of(data: xr.Dataset) -> float | None:
    """Least yearly cost, CNY; None where no plan keeps every rule."""
    answer = solved(data, gap=SAME / 4)
    if not answer.is_planned:
        assert answer.found.status == "infeasible", answer.found.message
        return None
    assert answer.found.status == "optimal within gap"
    return answer.cost_cny


def is_same(first: float | None, second: float | None, factor: float = 1.0) -> bool:
    """Whether the second cost is the first times a factor; two without a plan are the same."""
    if first is None or second is None:
        return first is second
    return abs(second - factor * first) <= SAME * abs(factor * first)


Of_Project = Callable[[projects.Project, int], projects.Project]
Of_Fleet = Callable[[xr.Dataset, int], xr.Dataset]

RELATIONS: dict[str, tuple[Of_Project | None, Of_Fleet | None, float, int]] = {
    "money x 2: cost x 2": (
        lambda project, seed: projects.with_double_money(project), money_doubled, 2.0, 1),
    "other units in the YAML (kW for MW)": (projects.in_other_units, None, 1.0, 1),
    "sites, plants, halls in another order": (
        lambda project, seed: projects.in_another_order(project), reordered, 1.0, 0),
    "assets split in two halves": (
        lambda project, seed: projects.with_halves(project), split, 1.0, 0),
    "a weather year twice, of half weight": (
        lambda project, seed: projects.with_weather_twice(project), weather_twice, 1.0, 0),
    "all series turned by some hours": (None, turned, 1.0, 0),
}  # fmt: skip
"""What is done to a project and to a fleet, the factor on the cost, projects in a sample."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return projects.with_weather(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def cost_of_project(folder: Path) -> Callable[[int], float | None]:
    return functools.cache(
        lambda seed: cost_of(projects.dataset_of(projects.random_project(seed), folder))
    )


@pytest.mark.parametrize("relation", one_in(6, RELATIONS))
def test_what_must_not_change_an_answer_does_not(
    trials: Trials, relation: str, folder: Path, cost_of_project: Callable[[int], float | None]
) -> None:
    of_project, of_fleet, factor, few = RELATIONS[relation]
    each = 50 if of_project is None or of_fleet is None else 25
    wrong, tried = [], 0
    for seed in range(trials.size(each, few) if of_project is not None else 0):
        assert of_project is not None
        project = of_project(projects.random_project(seed), seed)
        first, second = cost_of_project(seed), cost_of(projects.dataset_of(project, folder))
        tried += 1
        if not is_same(first, second, factor):
            wrong.append(("project", seed, first, second))
    years = 2 if of_fleet is weather_twice else 1
    for seed in fleets_branched(trials.size(each, 3) if of_fleet is not None else 0, years):
        assert of_fleet is not None
        data = fleet_dataset(random_fleet(FIRST_FLEET + seed))
        first, second = cost_of_fleet(seed), cost_of(of_fleet(data, seed))
        tried += 1
        if not is_same(first, second, factor):
            wrong.append(("fleet", seed, first, second))
    trials.score("A9", relation, tried - len(wrong), tried, seen=str(wrong or ""))


@pytest.mark.slow
def test_a_project_in_other_units_has_other_words_and_the_same_numbers(folder: Path) -> None:
    project = projects.random_project(1)
    other = projects.in_other_units(project, 1)
    rewritten = sum(isinstance(holder[place], str) for content in other.values()
                    for _, holder, place in texts(content))  # fmt: skip
    assert rewritten > 300
    first, second = projects.dataset_of(project, folder), projects.dataset_of(other, folder)
    for name in first.data_vars:
        if first[name].dtype.kind == "f":
            np.testing.assert_allclose(second[name], first[name], rtol=1e-12, err_msg=str(name))


def texts(content: object) -> list:
    """As `projects.numbers`, of numbers that are written with a unit."""
    found = []
    pairs = content.items() if isinstance(content, dict) else enumerate(content)  # type: ignore
    for place, value in pairs:
        if isinstance(value, (dict, list)):
            found += texts(value)
        elif place not in projects.TOLD and str(value)[:1].isdigit() and " " in str(value):
            found.append(("", content, place))
    return found

"""A front: the cheapest plan at every value of another promise, and what a better value costs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.errors import InputError
from coplan.study import front
from coplan.study.reader import read_study, read_variants
from coplan.study.waves import later_variants, trial_variants
from tests.acceptance.command import coplan, table
from tests.study.world import write_study

GREEN = "front: {against: green_share, points: 5}\n"


def results(folder: Path, **kpis: dict[str, float]):
    """Folders of invented results, by variant; "front_best" stands for "front best"."""
    for name, figures in kpis.items():
        place = folder / name.replace("_", " ")
        place.mkdir(parents=True)
        (place / "kpis.json").write_text(json.dumps(figures), encoding="utf-8")
    return lambda name: folder / name


def test_points_are_spread_evenly_between_the_cheapest_plan_and_the_best(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, GREEN))
    assert [one.name for one in study.variants] == ["base", "front best"]
    best = read_variants(study)[1].spec.targets.green_share
    assert (best.value, best.penalty_cny_per_mwh) == (1.0, 1e6)  # soft: as much as can be had
    ends = results(tmp_path / "r", base={"green_share": 0.2}, front_best={"green_share": 0.6})
    found = later_variants(study, ends)
    assert [one.name for one in found] == ["front 2", "front 3", "front 4", "front 5"]
    asked = [study.scenario(one).spec.targets.green_share for one in found]
    # 0.2 + k / 4 · 0.4, the last a hair below what can be had
    assert [one.value for one in asked] == pytest.approx([0.3, 0.4, 0.5, 0.6], rel=2e-5)
    assert asked[-1].value < 0.6
    assert [one.penalty_cny_per_mwh for one in asked] == [None] * 4
    assert found[0].title_zh == "绿电占比不低于 30.00 %"
    assert later_variants(study, ends) == found  # the same results, the same study


@pytest.mark.parametrize(
    ("against", "low", "high", "read"),
    [
        ("emissions", {"carbon_t_location": 90.0, "carbon_t_embodied": 10.0},
         {"carbon_t_location": 30.0, "carbon_t_embodied": 20.0},
         lambda t: (t.carbon_cap["front"].value, t.carbon_cap["front"].basis)),
        ("pue", {"pue": 1.3}, {"pue": 1.2}, lambda t: (t.pue.value, t.pue.scope)),
        ("water", {"wue": 0.5, "it_mwh": 200.0}, {"wue": 0.1, "it_mwh": 500.0},
         lambda t: (t.water["front"].value, None)),
        ("grid_connection", {"grid_connection_mw": 40.0}, {"grid_connection_mw": 30.0},
         lambda t: (t.grid_connection["front"].value, None)),
    ],
)  # fmt: skip
def test_every_axis_has_its_clause(tmp_path: Path, against, low, high, read) -> None:
    middle = {"emissions": (75.0, "lifecycle"), "pue": (1.25, "fleet"), "water": (75.0, None),
              "grid_connection": (35.0, None)}[against]  # fmt: skip
    study = read_study(write_study(tmp_path, f"front: {{against: {against}, points: 3}}\n"))
    found = later_variants(study, results(tmp_path / "r", base=low, front_best=high))
    value, kind = read(study.scenario(found[0]).spec.targets)
    assert value == pytest.approx(middle[0], rel=2e-5)
    assert kind == middle[1]
    best = read_variants(study)[1].spec
    assert best.options.objective == "emissions" or "penalty" in str(best.targets)
    assert len(trial_variants(study)) == 1


def test_without_both_ends_or_a_distance_between_them_there_are_no_points(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, GREEN))
    assert later_variants(study, results(tmp_path / "a", base={"green_share": 0.2})) == []
    same = {"green_share": 0.2}
    assert later_variants(study, results(tmp_path / "b", base=same, front_best=same)) == []


def test_no_plan_on_the_front_is_beaten_and_rates_are_between_neighbours() -> None:
    # 100 t for 10, 80 t for 12, 60 t for 11 (beats the former), 40 t for 20; the last is no end
    value = np.array([100.0, 80.0, 60.0, 40.0, 30.0])
    cost = np.array([10.0, 12.0, 11.0, 20.0, 21.0])
    found = front.curve("emissions", value, cost, np.array([1.0, 1.0, 1.0, 1.0, 0.0]))
    assert found.is_on.tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    # 1 CNY for 40 t, then 9 CNY for 20 t
    assert found.rate_cny[[2, 3]].tolist() == [0.025, 0.45]
    assert np.isnan(found.rate_cny[[0, 1, 4]]).all()
    share = front.curve("green_share", np.array([0.5, 0.7, np.nan]), np.array([10.0, 50.0, 1.0]),
                        np.ones(3))  # fmt: skip
    assert share.rate_cny[1] == pytest.approx(2.0)  # 40 CNY for 20 percentage points


@pytest.mark.parametrize(
    ("text", "settings", "line", "key", "words"),
    [
        ("front: {against: money, points: 5}\n", [], 5, "front.against", "one of emissions"),
        ("front: {against: pue, points: 2}\n", [], 5, "front.points", "at least 3"),
        ("front: {against: pue}\n", [], 5, "front.points", "required"),
        ("front: {against: pue, points: 5}\n", ["targets.pue.scope=site"], 5, "front.against",
         "PUE of the fleet"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, text: str, settings: list[str], line: int, key: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_study(write_study(tmp_path, text), settings)
    problem = caught.value.problems[0]
    assert (Path(problem.file).name, problem.line, problem.key) == ("toy.yaml", line, key)
    assert words in problem.message


def test_the_base_of_a_front_has_one_year(tmp_path: Path) -> None:
    study = read_study(write_study(tmp_path, GREEN))
    two = study.base.spec.model_copy(update={"periods": (2027, 2030)})
    with pytest.raises(InputError, match=r"toy\.yaml:5: front\.against: the base of a fr"):
        front.check_base(study.spec.front, study.node, replace(study.base, spec=two))


SUMMER = """\
id: toy
title: {zh: 试算, en: Toy}
base: ../quickstart.yaml
set: {options.hours: 24, options.start_hour: 4500, targets.green_share.value: 0.1}
"""
"""A day in July, when cooling takes water."""


@pytest.mark.slow
@pytest.mark.parametrize("against", ["emissions", "pue", "water", "grid_connection"])
def test_a_front_rises_from_the_cheapest_plan_to_the_best(against: str, tmp_path: Path) -> None:
    study = write_study(tmp_path, f"front: {{against: {against}, points: 4}}\n", SUMMER)
    said = coplan("study", study, "--out", tmp_path / "out", "--workers", 2, "--lang", "zh")
    assert said.code == 0, said.err
    with xr.open_dataset(tmp_path / "out" / "comparison" / "comparison.nc") as data:
        value, cost = data["front_value"].values, data["cost_cny"].values
        assert data["is_on_front"].values.tolist() == [1.0, 0.0, 1.0, 1.0, 1.0]
        rate = data["front_rate_cny"].values
    steps = value[0] + (value[1] - value[0]) * np.array([0.0, 1.0, 1 / 3, 2 / 3, 1.0])
    far = abs(value[1] - value[0])
    assert value == pytest.approx(steps, abs=0.02 * far)  # every clause is met to the full
    assert cost[0] < cost[2] < cost[3] < cost[4] <= cost[1] * 1.01
    assert 0 < rate[2] < rate[3] < rate[4]  # the better it is already, the dearer


@pytest.mark.slow
def test_a_front_is_solved_in_two_waves_and_told(tmp_path: Path) -> None:
    study = write_study(tmp_path, "front: {against: green_share, points: 3}\n")
    said = coplan("study", study, "--out", tmp_path / "out", "--workers", 2, "--lang", "zh")
    assert said.code == 0, said.err
    told = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    names = [one["name"] for one in told["variants"]]
    assert names == ["base", "front best", "front 2", "front 3"]
    with xr.open_dataset(tmp_path / "out" / "comparison" / "comparison.nc") as data:
        value, cost = data["front_value"].values, data["cost_cny"].values
        assert data["is_on_front"].values.tolist() == [1.0, 0.0, 1.0, 1.0]
        assert value[2] == pytest.approx((value[0] + value[1]) / 2, abs=1e-4)
        assert value[3] == pytest.approx(value[1], abs=1e-4)
        assert cost[0] < cost[2] < cost[3] <= cost[1] * 1.01
        rate = (cost[3] - cost[2]) / (100 * (value[3] - value[2]))
        assert data["front_rate_cny"].values[3] == pytest.approx(rate, rel=1e-9)
    assert table(tmp_path / "out" / "comparison" / "comparison.csv")[2]["is_on_front"] == "1.0"
    page = (tmp_path / "out" / "comparison" / "compare.zh.html").read_text(encoding="utf-8")
    assert "边际代价" in page
    assert (tmp_path / "out" / "comparison" / "figures" / "study_front.csv").is_file()
    again = coplan("study", study, "--out", tmp_path / "out", "--lang", "zh")
    assert again.code == 0
    assert len(list((tmp_path / "out" / "store").iterdir())) == 4

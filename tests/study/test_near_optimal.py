"""Near the cheapest plan: every size least and most, and the plans that differ most."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.errors import InputError
from coplan.run import verify_folder
from coplan.study import near_optimal
from coplan.study.reader import Study, read_study
from coplan.study.waves import later_variants, trial_variants
from tests.acceptance.command import coplan
from tests.study.world import HEAD, write_study

NEAR = "near_optimal: {within: 0.05, alternatives: 3, sizes: [plant_capacity_mw, halls_built]}\n"
SIZES = {"plant_capacity_mw": ["zhangbei_wind", "zhangbei_pv"],
         "halls_built": ["zhangbei_ai-iec-5mw"]}  # fmt: skip


def read(tmp_path: Path, text: str = NEAR) -> Study:
    return read_study(write_study(tmp_path, text), ["options.gap=0.01"])


def found(study: Study, folder: Path):
    """The variants that follow from an invented cheapest plan at 90 + 10 CNY a year."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "kpis.json").write_text(
        json.dumps({"cost_cny": 90.0, "penalties_cny": 10.0}), encoding="utf-8"
    )
    with (folder / "tables" / "capacities.csv").open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["period", "id", "quantity", "value"])
        out.writerows((year, one, name, 1.0) for year in (2025, 2027)
                      for name, units in SIZES.items() for one in units)  # fmt: skip
    names = json.dumps({"zhangbei_wind": {"zh": "张北风电", "en": "Zhangbei wind"}})
    xr.Dataset({"text_names": names}).to_netcdf(folder / "plan.nc")
    return later_variants(study, lambda name: folder)


def test_every_size_is_made_least_and_most_within_the_budget(tmp_path: Path) -> None:
    study = read(tmp_path)
    variants = found(study, tmp_path / "base")
    assert [one.name for one in variants[:3]] == [
        "least zhangbei_wind plant_capacity_mw", "most zhangbei_wind plant_capacity_mw",
        "least zhangbei_pv plant_capacity_mw",
    ]  # fmt: skip
    assert (variants[1].title_zh, variants[1].title_en) == (
        "张北风电装机最大", "Zhangbei wind capacity: most")  # fmt: skip
    assert len(variants) == 2 * 3 + 3  # 3 sizes of the last period, 3 alternatives
    options = [study.scenario(one).spec.options.near_optimal for one in variants]
    assert {(one.of_cny, one.within) for one in options} == {(100.0, 0.05)}
    assert options[0].least.plant_capacity_mw == ("zhangbei_wind",)
    assert options[1].most.plant_capacity_mw == ("zhangbei_wind",)
    wanted = [one.least.model_dump() | {"most": one.most.model_dump()} for one in options]
    assert all(wanted.count(one) == 1 for one in wanted)
    for one in options[6:]:  # two sizes or more at once
        assert sum(len(units) for side in (one.least, one.most)
                   for units in side.model_dump().values()) >= 2  # fmt: skip
    assert found(study, tmp_path / "base") == variants
    other = read(tmp_path, NEAR.replace("}", ", seed: 2}", 1))
    assert found(other, tmp_path / "base") != variants
    assert len(trial_variants(study)) == 1


def test_the_plans_that_differ_most_are_taken_one_by_one() -> None:
    # ranges 10 and 2: away from the cheapest by 1 + 0, 0 + 1, 1 + 1 and a hair
    sizes = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 2.0], [10.0, 2.0], [0.001, 0.0],
                      [np.nan, np.nan]])  # fmt: skip
    rank = near_optimal.ranks(sizes, 5)
    assert rank[[0, 3]].tolist() == [0.0, 1.0]
    assert sorted(rank[[1, 2]].tolist()) == [2.0, 3.0]
    assert np.isnan(rank[[4, 5]]).all()  # the same plan again, and none
    assert np.isnan(near_optimal.ranks(sizes[[5, 0]], 5)).all()


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("near_optimal: {within: 0}\n", "near_optimal.within", "more than 0"),
        ("near_optimal: {within: 0.02}\n", "near_optimal.within", "options.gap to 0.004 or less"),
        ("near_optimal: {within: 0.1, sizes: [wind]}\n", "near_optimal.sizes.0", "plant_capacity"),
        ("near_optimal: {within: 0.1, sizes: []}\n", "near_optimal.sizes", "empty"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, text: str, key: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_study(write_study(tmp_path, text))
    problem = caught.value.problems[0]
    assert (Path(problem.file).name, problem.line, problem.key) == ("toy.yaml", 5, key)
    assert words in problem.message


@pytest.mark.slow
def test_ranges_around_a_day_of_the_campus(tmp_path: Path) -> None:
    text = "near_optimal: {within: 0.02, alternatives: 1, sizes: [plant_capacity_mw]}\n"
    study = write_study(tmp_path, text, HEAD.replace("hours: 24", "hours: 24, options.gap: 0.002"))
    out = tmp_path / "out"
    said = coplan("study", study, "--out", out, "--workers", 2, "--lang", "zh")
    assert said.code == 0, said.err
    with xr.open_dataset(out / "comparison" / "comparison.nc") as data:
        cost = (data["cost_cny"] + data["penalties_cny"]).values
        assert (cost <= 1.02 * cost[0] * (1 + 1e-7)).all()
        least, cheapest, most = (data[f"near_{one}"].values
                                 for one in ("least", "cheapest", "most"))  # fmt: skip
        assert (least <= cheapest).all()
        assert (cheapest <= most).all()
        assert (most - least > 1.0).any()
        wind = [str(one) for one in data["variant"].values if "zhangbei_wind" in str(one)]
        assert wind == ["least zhangbei_wind plant_capacity_mw",
                        "most zhangbei_wind plant_capacity_mw"]  # fmt: skip
        own = data["size"].sel(unit="zhangbei_wind, plant_capacity_mw, 2027")
        assert float(own.sel(variant=wind[1])) == pytest.approx(most[0], abs=0.05)
        assert data["different"].values[0] == 0.0
        key = str(data["key"].sel(variant=wind[1]).item())
    page = (out / "comparison" / "compare.zh.html").read_text(encoding="utf-8")
    assert "各项规模的可调范围" in page
    report, _ = verify_folder(out / "store" / key)
    assert report.passed
    assert any(one.name_en == "budget" for one in report.checks)
    assert coplan("report", out / "store" / key, "--lang", "zh").code == 0
    told = (out / "store" / key / "report.zh.html").read_text(encoding="utf-8")
    assert "本方案是近优方案" in told

"""A study file means one ordered list of variants, and every mistake in it has its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coplan.errors import InputError
from coplan.scenario import read_scenario
from coplan.study.reader import Study, read_study, read_variants
from tests.acceptance.command import coplan
from tests.study.world import ROOT, write_study

SHIPPED = sorted((ROOT / "scenarios" / "studies").glob("*.yaml"))
WIND = "cards.generators/onshore-wind.capex_cny_per_kw"  # 4500 CNY/kW


def made(study: Study) -> list[tuple[str, dict[str, object]]]:
    """Name and settings of every variant."""
    return [(v.name, {s.key: s.value.content for s in v.settings}) for v in study.variants]


@pytest.mark.parametrize(
    ("path", "count"),
    # the two ends of a front; 7 shares × 3 matchings; the cheapest plan; 5 prices × 2;
    # 3 places; 2 more weather years
    list(zip(SHIPPED, (2, 22, 1, 11, 4, 3), strict=True)),
    ids=lambda value: getattr(value, "stem", str(value)),
)
def test_every_shipped_study_can_be_read(path: Path, count: int) -> None:
    study = read_study(path)
    scenarios = read_variants(study)
    assert study.spec.id == path.stem
    assert len(scenarios) == len(study.variants) == count
    assert study.variants[0].name == "base"
    assert all(one.spec.options.threads == 1 for one in scenarios)


def test_a_grid_holds_every_combination_with_the_last_axis_fastest(tmp_path: Path) -> None:
    text = f"sweep: {{method: grid, axes: {{{WIND}: [4000, 5000], options.wacc: [0.05, 0.07]}}}}\n"
    found = made(read_study(write_study(tmp_path, text)))
    assert [tuple(settings.values()) for _, settings in found[1:]] == [
        ("4000", "0.05"), ("4000", "0.07"), ("5000", "0.05"), ("5000", "0.07"),
    ]  # fmt: skip
    assert found[1][0] == "generators/onshore-wind.capex_cny_per_kw = 4000, options.wacc = 0.05"


def test_a_tornado_moves_one_axis_at_a_time_by_factors_of_the_base(tmp_path: Path) -> None:
    text = (f"sweep: {{method: one_at_a_time, axes: {{{WIND}: {{scale: [0.8, 1.2]}}, "
            "options.wacc: [0.08]}}\n")  # fmt: skip
    study = read_study(write_study(tmp_path, text))
    # 4500 CNY/kW × 0.8 = 3600, × 1.2 = 5400
    assert [settings for _, settings in made(study)] == [
        {}, {WIND: "3600"}, {WIND: "5400"}, {"options.wacc": "0.08"},
    ]  # fmt: skip
    scenarios = read_variants(study)
    capex = [one.cards["generators"]["onshore-wind"].capex_cny_per_kw for one in scenarios]
    assert capex == [4500, 3600, 5400, 4500]
    assert [one.spec.options.wacc for one in scenarios] == [0.06, 0.06, 0.06, 0.08]
    places = [dict(one.at) for one in study.variants[1:]]
    assert places[0] == {"generators/onshore-wind.capex_cny_per_kw": "× 0.8"}
    assert places[2] == {"options.wacc": "0.08"}


def test_a_card_read_once_for_all_variants_is_read_as_for_one(tmp_path: Path) -> None:
    """Cards are shared where no variant changes them, and only there."""
    axes = f"{{{WIND}: [4000, 5000], system: [zhangbei-campus], options.wacc: [0.05, 0.07]}}"
    study = read_study(write_study(tmp_path, f"sweep: {{method: grid, axes: {axes}}}\n"))
    capex = []
    for variant in study.variants:
        shared = study.scenario(variant)
        alone = read_scenario(study.base.path, study.settings(variant))
        assert shared == alone
        assert (shared.files, shared.documents) == (alone.files, alone.documents)
        capex.append(shared.cards["generators"]["onshore-wind"].capex_cny_per_kw)
    assert capex == [4500, 4000, 4000, 5000, 5000]
    one, other = (study.scenario(study.variants[at]).cards for at in (1, 2))
    assert one["zones"]["jibei"] is other["zones"]["jibei"]
    assert one["generators"]["onshore-wind"] is not other["generators"]["onshore-wind"]


def test_a_factor_multiplies_every_number_below_its_key(tmp_path: Path) -> None:
    key = "cards.tariffs/jibei-2026.factors"
    text = f"sweep: {{method: grid, axes: {{{key}: {{scale: [0.5]}}}}}}\n"
    ((_, settings),) = made(read_study(write_study(tmp_path, text)))[1:]
    halves = {name: value.content for name, value in settings[key].items()}  # type: ignore[attr-defined]
    assert halves == {"sharp": "1.02", "peak": "0.85", "flat": "0.5", "valley": "0.15",
                      "deep": "0.12"}  # fmt: skip


def test_a_latin_hypercube_meets_every_stratum_of_every_axis_once(tmp_path: Path) -> None:
    text = ("sweep: {method: latin_hypercube, samples: 8, seed: SEED, axes: "
            f"{{{WIND}: [4000, 4800], options.wacc: [0.0, 0.08]}}}}\n")  # fmt: skip
    found = made(read_study(write_study(tmp_path, text.replace("SEED", "1"))))[1:]
    assert [name for name, _ in found] == [f"sample {n}" for n in range(1, 9)]
    for key, low, width in ((WIND, 4000, 100), ("options.wacc", 0, 0.01)):
        strata = [int((float(str(settings[key])) - low) / width) for _, settings in found]
        assert sorted(strata) == list(range(8))
    assert made(read_study(write_study(tmp_path, text.replace("SEED", "1"))))[1:] == found
    assert made(read_study(write_study(tmp_path, text.replace("SEED", "2"))))[1:] != found


def test_a_ladder_asks_every_share_under_every_matching(tmp_path: Path) -> None:
    text = "ladder: {shares: [0.5, 80 %], matchings: [hourly, annual]}\n"
    study = read_study(write_study(tmp_path, text))
    asked = [one.spec.targets.green_share for one in read_variants(study)[1:]]
    assert [(one.matching, one.value) for one in asked] == [
        ("hourly", 0.5), ("hourly", 0.8), ("annual", 0.5), ("annual", 0.8),
    ]  # fmt: skip
    assert [one.unbundled_max_share for one in asked] == [0.0] * 4
    assert study.variants[2].title_zh == "按小时匹配 80 %"


def test_a_variant_comes_on_top_of_what_all_of_them_change(tmp_path: Path) -> None:
    text = ("variants: {day2: {title: {zh: 第二天, en: Day 2}, "
            "set: {options: {start_hour: 24, threads: 2}}}}\n")  # fmt: skip
    study = read_study(write_study(tmp_path, text), ["options.gap=0.2"])
    options = [one.spec.options for one in read_variants(study)]
    assert [(o.hours, o.start_hour, o.gap) for o in options] == [(24, 0, 0.2), (24, 24, 0.2)]
    assert [o.threads for o in options] == [1, 1]  # variants run side by side


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("", 1, "", "needs variants, sweep, ladder, front or near_optimal"),
        ("fornt: {}\n", 5, "fornt", "did you mean front?"),
        ("sweep: {method: grid, axes: {}}\n", 5, "sweep.axes", "must not be empty"),
        ("sweep: {method: tornado, axes: {options.gap: [1]}}\n", 5, "sweep.method",
         "one of grid, one_at_a_time, latin_hypercube"),
        ("sweep: {method: grid, seed: 1, axes: {options.gap: [1]}}\n", 5, "sweep",
         "samples and seed belong to latin_hypercube"),
        ("sweep:\n  method: latin_hypercube\n  samples: 4\n  seed: 1\n"
         "  axes:\n    options.gap: [0.1, 0.2, 0.3]\n", 10, "sweep.axes.options.gap",
         "its least and its most"),
        ("sweep:\n  method: grid\n  axes:\n    options.note: {scale: [2]}\n", 8,
         "sweep.axes.options.note", "says no number"),
        ("sweep:\n  method: grid\n  axes:\n    options.gap: [0.1, 1.5]\n", 8, "options.gap",
         "at least 0 and at most 1"),
        ("sweep:\n  method: grid\n  axes:\n    optoins.gap: [0.1]\n", 8, "optoins",
         "did you mean options?"),
        ("sweep: {method: grid, axes: {options.gap: [0.1, 0.1]}}\n", 5, "sweep",
         "needs its own name"),
        ("ladder: {shares: [0.5, 1.2]}\n", 5, "ladder.shares.1", "at most 1"),
        ("ladder: {shares: [0.5], matchings: [weekly]}\n", 5, "ladder.matchings.0",
         "annual, monthly, hourly"),
        ("variants: {A: {title: {zh: 甲, en: A}, set: {options.gap: 0.1}}}\n", 5, "variants.A",
         "small letters"),
        ("variants: {a: {title: {zh: 甲, en: A}}}\n", 5, "variants.a.set", "required"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, words: str
) -> None:
    path = write_study(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_variants(read_study(path))
    problem = caught.value.problems[0]
    assert Path(problem.file).name == "toy.yaml"
    assert (problem.line, problem.key) == (line, key)
    assert words in problem.message


def test_the_base_lies_beside_the_study(tmp_path: Path) -> None:
    world = tmp_path / "world"
    (tmp_path / "other.yaml").write_text("id: other\n", encoding="utf-8")
    text = "ladder: {shares: [0.5]}\n"
    for base, words in (("../quickstrat.yaml", "did you mean quickstart.yaml?"),
                        ("../../../other.yaml", "must lie inside")):  # fmt: skip
        head = f"id: toy\ntitle: {{zh: 试, en: Toy}}\nbase: {base}\n"
        with pytest.raises(InputError, match=r"toy\.yaml:3: base: ") as caught:
            read_study(write_study(world, text, head))
        assert words in str(caught.value)


def test_a_grid_that_is_far_too_large_is_refused_before_it_is_laid_out(tmp_path: Path) -> None:
    axis = list(range(1, 102))
    axes = f"{{options.time_limit_s: {axis}, {WIND}: {axis}, options.start_hour: {axis}}}"
    with pytest.raises(InputError, match="1030301 variants, at most 10000"):
        read_study(write_study(tmp_path, f"sweep: {{method: grid, axes: {axes}}}\n"))


def test_a_study_is_checked_and_told_without_a_solve(tmp_path: Path) -> None:
    text = "ladder: {shares: [0.5], matchings: [annual]}\nfront: {against: pue, points: 4}\n"
    said = coplan("check", write_study(tmp_path, text))
    assert (said.code, said.err) == (0, "")
    assert "study     toy: 试算 / Toy\n" in said.out
    assert "parts     1 base, 1 ladder, 1 front best\n" in said.out
    assert "then      3 points of cost against pue, between the two ends\n" in said.out
    wrong = coplan("check", write_study(tmp_path, "front: {against: pui, points: 4}\n"))
    assert wrong.code == 2
    assert "toy.yaml:5: front.against: must be one of" in wrong.err
    late = coplan("check", write_study(tmp_path, "sweep:\n  method: grid\n  axes:\n"
                                       "    options.gap: [0.1, 1.5]\n"))  # fmt: skip
    assert late.code == 2
    assert "toy.yaml:8: options.gap: must be a number" in late.err


def test_the_schema_of_studies_knows_every_part() -> None:
    schema = json.loads(coplan("schema", "--study").out)
    assert {"base", "set", "variants", "sweep", "ladder", "front", "near_optimal"} <= set(
        schema["properties"]
    )
    assert schema["$defs"]["Front"]["properties"]["points"]["minimum"] == 3
    assert set(schema["required"]) == {"id", "title", "base"}
    assert schema["additionalProperties"] is False

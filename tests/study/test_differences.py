"""Scenarios side by side: only the keys in which they differ, each with its values."""

from __future__ import annotations

from pathlib import Path

from coplan.scenario.yaml_reader import parse_yaml
from coplan.study import differences
from coplan.study.loose import _names
from coplan.study.reader import read_study
from tests.study.world import write_study


def test_a_variant_shows_what_it_changes_and_the_base_what_it_says_there(tmp_path: Path) -> None:
    wind = "cards.generators/onshore-wind.capex_cny_per_kw"
    text = (f"variants:\n  a:\n    title: {{zh: 甲, en: A}}\n    set: {{{wind}: 4000, "
            "options: {wacc: 0.060, gap: 0.02}}\n")  # fmt: skip
    found = differences.of_study(read_study(write_study(tmp_path, text)))
    # the base says 4500 with a source, and nothing of its cost of capital, which is then the same
    assert found == [{wind: "4500", "options.gap": "0.01"},
                     {wind: "4000", "options.gap": "0.02"}]  # fmt: skip


def test_scenarios_are_compared_value_by_value_without_their_sources() -> None:
    one, two = (
        {"scenario": parse_yaml(text, "s"), "halls/a": parse_yaml("{it_mw: 5}", "h")}
        for text in (
            "{id: a, targets: {pue: {value: 1.250}, compute: {fp16: 5}}, periods: [2027]}",
            "{id: b, targets: {pue: {value: {value: 1.25, source: us}}}, periods: [2027, 2030]}",
        )
    )  # fmt: skip
    assert differences.of_documents([one, two]) == [
        {"targets.compute.fp16": "5", "periods": "[2027]"},
        {"targets.compute.fp16": "", "periods": "[2027, 2030]"},
    ]


def test_runs_are_called_by_as_much_of_their_path_as_tells_them_apart(tmp_path: Path) -> None:
    assert _names([tmp_path / "a" / "base", tmp_path / "a" / "green"]) == ["base", "green"]
    assert _names([tmp_path / "a" / "x", tmp_path / "b" / "x"]) == ["a/x", "b/x"]
    assert _names([tmp_path / "x", tmp_path / "x"]) == ["1 x", "2 x"]

"""`python -m benchmarks` compares, times, and says what the ratios are worth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Measured, Task, measure_all
from benchmarks.ratios import (
    Bar,
    Ratio,
    ratios,
    same_objectives,
    unequal_optima,
    unequal_sizes,
)

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_command_prints_its_tables(tmp_path: Path) -> None:
    (tmp_path / "linopy.py").write_text("raise ModuleNotFoundError('none', name='linopy')\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [
        sys.executable, "-m", "benchmarks", "--campuses", "1", "--hours", "96", "--repeat", "1",
        "--rows", "build", "total", "--peers", "linopy_arrays", "pyomo_standard_form",
        "--json", str(tmp_path / "figures.json"),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True,
                          encoding="utf-8", check=False, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "linopy is not installed" in done.stdout
    assert "build + hand-over: faster than Pyomo + LinearStandardFormCompiler" in done.stdout
    assert "total / bare HiGHS run(), process by process" in done.stdout
    told = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert set(told["objectives"]) == {"coplan_arrays", "pyomo_standard_form"}
    by_task = {(m["task"]["kind"], m["task"]["builder"]): m for m in told["measured"]}
    assert by_task["build", "linopy_arrays"]["lacking"] == "linopy is not installed"
    own = by_task["build", "coplan_arrays"]["runs"][0]
    # an hour has 9 rows; a year one export, PUE and green row; 5 sizes, 1 peak and 10 flows
    assert (own["rows"], own["columns"]) == (9 * 96 + 3, 5 + 1 + 10 * 96)
    total, bare = (by_task[kind, "coplan_arrays"]["runs"][0] for kind in ("total", "bare"))
    assert total["objective"] == bare["objective"], "the same arrays and options"


def measured(builder: str, cpu: list[float], entries: int = 7, **size: int) -> Measured:
    """An invented measure of a build."""
    runs = [{"cpu": c, "increment_mb": 10 * c, "rows": 3, "columns": 4, "entries": entries}
            for c in cpu]  # fmt: skip
    return Measured(Task("build", builder, **size), tuple(runs))


def test_ratios_are_of_medians_and_know_their_bars() -> None:
    own = measured("coplan_arrays", [0.1, 0.9, 0.2], sites=4)
    peer = measured("linopy_arrays", [1.2, 1.4, 9.0], sites=4)
    faster, smaller = ratios([own, peer])
    assert faster.value == pytest.approx(7.0)  # 1.4 over 0.2
    assert faster.met == "at least"
    assert smaller.value == pytest.approx(1 / 7)
    assert smaller.met == "aim"
    elsewhere = ratios([measured("coplan_arrays", [1.0]), measured("linopy_arrays", [2.0])])
    assert [ratio.met for ratio in elsewhere] == ["–", "–"], "bars are for four campuses"


@pytest.mark.parametrize(
    ("value", "bar", "met"),
    [
        (4.9, Bar(5, 10), "no"), (5.0, Bar(5, 10), "at least"), (10.0, Bar(5, 10), "aim"),
        (1.03, Bar(1.02, 1.005, True), "no"), (1.02, Bar(1.02, 1.005, True), "at least"),
        (1.0, Bar(1.02, 1.005, True), "aim"),
    ],
)  # fmt: skip
def test_a_bar_is_met_from_its_own_side(value: float, bar: Bar, met: str) -> None:
    assert Ratio("", "", value, bar=bar).met == met


def test_growth_is_an_exponent() -> None:
    totals = [
        Measured(Task("total", sites=sites, hours=hours), ({"cpu": cpu, "run": {"cpu": cpu}},))
        for sites, hours, cpu in ((1, 730, 2.0), (1, 8760, 24.0), (8, 8760, 24.0 * 64))
    ]
    found = {ratio.measure: ratio for ratio in ratios(totals)}
    # twelve times the hours take twelve times as long, eight campuses 64 times
    assert found["growth of the total with hours"].value == pytest.approx(1.0)
    assert found["growth of the total with hours"].met == "aim"
    assert found["growth of the total with campuses"].value == pytest.approx(2.0)
    assert found["growth of the total with campuses"].met == "no"


def test_a_builder_with_another_optimum_or_matrix_is_found() -> None:
    assert same_objectives({"coplan_arrays": 1000.0, "linopy_arrays": 1000.0005})
    assert not same_objectives({"coplan_arrays": 1000.0, "linopy_arrays": 1000.002})
    own, other = measured("coplan_arrays", [1.0]), measured("pyomo_standard_form", [1.0], 8)
    assert unequal_sizes([own, other]) == ["1 × 8760"]
    assert unequal_sizes([own, measured("pyomo_standard_form", [1.0])]) == []


def test_a_measure_that_fails_does_not_lose_the_others() -> None:
    said: list[str] = []
    tasks = [Task("milp", scenario="no-such", gap=0.01), Task("objective", sites=1, hours=96)]
    lost, kept = measure_all(tasks, 2, said.append)
    assert lost.lacking.startswith("failed: ")
    assert "no-such" in lost.lacking
    assert "no-such" in said[0]
    assert len(kept.runs) == 2


@pytest.mark.parametrize(("cost", "sizes"), [(1000.0005, []), (1000.002, ["1 × 8760"])])
def test_a_timed_solve_with_another_cost_is_found(cost: float, sizes: list[str]) -> None:
    own = Measured(Task("total"), ({"objective": 1000.0},))
    peer = Measured(Task("whole", "linopy_arrays"), ({"objective": cost},))
    assert unequal_optima([own, peer]) == sizes

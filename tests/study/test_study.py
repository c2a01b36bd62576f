"""A study from the command line: whatever happens to it, its store ends up the same."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.run import verify_folder
from coplan.study import command
from coplan.study.store import Store
from tests.acceptance.command import Said, coplan, digests, table
from tests.study.world import HEAD, elsewhere, without_run_record

NAMES = ["base", "annual 20 %", "annual 25 %", "annual 60 %"]


def test_what_no_plan_can_keep_is_told_and_stops_nobody(done: tuple[Said, Path]) -> None:
    said, folder = done
    assert said.code == 0
    assert "infeasible: 1\noptimal within gap: 3\n" in said.out
    assert "annual 60 %: infeasible: " in said.err
    assert "percentage points short" in said.err
    assert len(list((folder / "store").iterdir())) == 3  # four variants, two of which ask the same
    assert list((folder / "making").iterdir()) == []


def test_the_comparison_says_what_the_plans_say(done: tuple[Said, Path]) -> None:
    folder = done[1]
    told = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    keys = {one["name"]: one["key"] for one in told["variants"]}
    with xr.open_dataset(folder / "comparison" / "comparison.nc") as data:
        assert data["variant"].values.tolist() == list(keys) == NAMES
        assert data["status"].values.tolist() == ["optimal within gap"] * 3 + ["infeasible"]
        assert data["at"].sel(axis="share").values.tolist() == ["", "0.2", "0.25", "0.6"]
        cost = data["cost_cny"].values
        for name, found in zip(NAMES[:3], cost, strict=False):
            kpis = json.loads((folder / "store" / keys[name] / "kpis.json").read_text("utf-8"))
            assert found == kpis["cost_cny"]
        assert np.isnan(cost[3])
        assert data["cost_cny"].attrs["units"] == "CNY"
        clause = data.sel(clause="green_share, 2027")
        assert clause["clause_required"].values[:3].tolist() == [0.2, 0.2, 0.25]
        assert clause["clause_status"].values.tolist() == ["met"] * 3 + [""]
        wind = data["size"].sel(unit="zhangbei_wind, plant_capacity_mw, 2027").values
        assert wind[0] == wind[1] >= 0
    for name in ("compare.zh.html", "compare.zh.pdf", "compare.en.html", "compare.en.pdf"):
        assert (folder / "comparison" / name).stat().st_size > 20_000
    rows = table(folder / "comparison" / "comparison.csv")
    assert [row["variant"] for row in rows] == NAMES
    assert float(rows[2]["green_share"]) == pytest.approx(0.25, abs=1e-6)
    assert rows[3]["cost_cny"] == ""


def test_a_result_passes_its_audit_again(done: tuple[Said, Path]) -> None:
    folder = done[1]
    plans = [path.parent for path in sorted((folder / "store").glob("*/plan.nc"))]
    report, changed = verify_folder(plans[0])
    assert report.passed
    assert changed == []


def wait_for(folder: Path, count: int) -> dict[str, str]:
    """Digests of a store as soon as it holds `count` results."""
    deadline = time.monotonic() + 300
    while len(list((folder / "store").glob("*"))) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return digests(folder / "store")


@pytest.mark.slow
def test_a_study_that_is_stopped_and_killed_goes_on_and_ends_the_same(
    study: Path, done: tuple[Said, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    words = ["study", str(study), "--out", str(folder), "--workers", "1"]
    first = elsewhere(words)
    one = wait_for(folder, 1)
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=60) == 130
    second = elsewhere(words)
    two = wait_for(folder, 2)
    second.kill()
    second.wait()
    assert one
    assert one.items() <= two.items()
    third = elsewhere(words)  # two at once: none waits for the other, nothing is spoilt
    assert coplan(*words).code == 0
    assert third.wait(timeout=300) == 0
    after = digests(folder / "store")
    assert two.items() <= after.items()  # nothing is solved again
    assert without_run_record(folder) == without_run_record(done[1])  # one worker or two
    assert list((folder / "making").iterdir()) == []
    comparison = "comparison/comparison.nc"
    assert (folder / comparison).read_bytes() == (done[1] / comparison).read_bytes()


@pytest.mark.slow
def test_another_study_in_the_same_folder_leaves_every_result_as_it_was(
    study: Path, done: tuple[Said, Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(done[1], tmp_path / "out"))
    other = study.with_name("other.yaml")
    hasty = "{title: {zh: 太急, en: Hasty}, set: {options.time_limit_s: 1e-9}}"
    other.write_text(f"{HEAD}variants: {{hasty: {hasty}}}\n", encoding="utf-8")
    said = coplan("study", other, "--out", folder, "--workers", 1, "--lang", "en")
    assert said.code == 4
    assert "failed: 1\noptimal within gap: 1\n" in said.out
    assert "hasty: failed: no plan was found before the limit" in said.err
    assert digests(folder / "store") == digests(done[1] / "store")
    (note,) = (folder / "failures").iterdir()
    assert json.loads(note.read_text(encoding="utf-8"))["exit_code"] == 4
    page = (folder / "comparison" / "compare.en.html").read_text(encoding="utf-8")
    assert "no plan was found before the limit" in page
    assert not (folder / "comparison" / "compare.zh.html").exists()


def test_a_mistake_in_a_variant_is_told_before_anything_is_solved(
    study: Path, tmp_path: Path
) -> None:
    wrong = study.with_name("wrong.yaml")
    wrong.write_text(f"{HEAD}ladder: {{shares: [0.2]}}\nsweep:\n  method: grid\n  axes:\n"
                     "    options.gap: [0.1, 1.5]\n", encoding="utf-8")  # fmt: skip
    said = coplan("study", wrong, "--out", tmp_path / "out")
    assert (said.code, said.out) == (2, "")
    assert "wrong.yaml:9: options.gap: must be a number, at least 0 and at most 1" in said.err
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else_is_refused(study: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    said = coplan("study", study, "--out", tmp_path)
    assert said.code == 2
    assert "study.json" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("causes", "statuses", "code"),
    [
        ({}, ["optimal within gap", "infeasible"], 0),
        ({}, ["infeasible", "infeasible"], 3),
        ({}, ["optimal within gap", "stopped at limit"], 4),
        ({"a": 4}, ["failed", "optimal within gap"], 4),
        ({"a": 4, "b": 1}, ["failed", "failed"], 1),
        ({"a": 1, "b": 5}, ["failed", "failed"], 5),
    ],
)
def test_the_exit_code_is_that_of_the_gravest(
    tmp_path: Path, causes: dict[str, int], statuses: list[str], code: int
) -> None:
    store = Store(tmp_path)
    for key, one in causes.items():
        store.note_failure(key, {"cause": "", "exit_code": one})
    found = dict(zip(("one", "two"), statuses, strict=True))
    assert command._exit_code(store, ["a", "b"], found) == code


def test_run_again_it_solves_nothing(
    study: Path, done: tuple[Said, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = done[1]
    before = digests(folder / "store")
    monkeypatch.setattr(command, "solve_variant", None)  # which would be missed at once
    assert coplan("study", study, "--out", folder).code == 0
    assert digests(folder / "store") == before

"""What stands in a result folder outlives every run that fails; each failure has its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from coplan import folders
from coplan.folders import OLD
from tests.acceptance.command import QUICKSTART, ROOT, WEEK, coplan, digests, kpis, run

LATER = {
    "infeasible": (["--set", "targets.pue.value=1.02"], 3),
    "a typing error": (["--set", "targets.pue.valeu=1.2"], 2),
    "no time": (["--time-limit", "0.001"], 4),
    "a value out of range": (["--set", "options.wacc=6"], 2),
}


@pytest.mark.parametrize(("words", "code"), LATER.values(), ids=LATER)
def test_an_older_result_outlives_a_run_that_fails(copy, words, code):
    before = digests(copy.parent)
    assert run("quickstart", copy, *WEEK, *words, hours=168).code == code
    assert digests(copy.parent) == before


KILLED = """
import os, sys
import {module} as module
def stop(*_, **__): os._exit(9)
module.{function} = stop
from coplan import cli
cli.main(sys.argv[1:])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "function"), [("coplan.plan.tables", "write_tables"), ("shutil", "rmtree")]
)
def test_an_older_result_outlives_a_run_that_is_killed(copy, module, function):
    before = digests(copy)
    script = KILLED.format(module=module, function=function)
    words = ["run", QUICKSTART, "--out", copy, "--no-report", "--set", "options.hours=168", *WEEK]
    killed = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, check=False)
    assert killed.returncode == 9
    if function == "write_tables":  # before the new result is complete the old one stands
        assert digests(copy) == before
    else:  # once it is, the new one stands, and the next command sweeps up the old one beside it
        assert any(digests(path) == before for path in copy.parent.iterdir() if path != copy)
        assert coplan("verify", copy).code == 0
        assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_an_older_result_is_put_back_when_the_new_one_cannot_take_its_place(copy, monkeypatch):
    before = digests(copy)
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.name.endswith(OLD) or Path(target).name.endswith(OLD):
            return rename(self, target)
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "rename", refused)
    monkeypatch.setattr(folders, "exchanged", lambda *_: False)  # as where there is no such step
    found = run("quickstart", copy, *WEEK, hours=168)
    assert found.code == 2
    assert "Permission denied" in found.err
    assert digests(copy) == before


def test_a_run_into_a_finished_folder_takes_its_place_whole(copy):
    (copy / "tables" / "left-over.csv").write_text("x", encoding="utf-8")
    assert run("quickstart", copy, *WEEK, "--set", "options.wacc=0.05", hours=168).code == 0
    assert not (copy / "tables" / "left-over.csv").exists()
    assert coplan("verify", copy).code == 0
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_what_cannot_be_kept_is_told_with_exit_code_3(tmp_path):
    found = run("quickstart", tmp_path / "out", "--set", "targets.pue.value=1.02", *WEEK, hours=168)
    assert found.code == 3
    assert "PUE of at most 1.02" in found.err
    assert "can be reached" in found.err
    assert "PUE 不高于 1.02" in found.err
    assert "coplan explain" in found.err
    assert "--set targets.pue.value=1.02" in found.err
    assert list(tmp_path.iterdir()) == []


def test_without_time_for_a_plan_the_exit_code_is_4_and_nothing_is_written(tmp_path):
    found = run("quickstart", tmp_path / "out", "--time-limit", "0.001", *WEEK, hours=168)
    assert found.code == 4
    assert "before the limit" in found.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_plan_that_is_not_proven_is_written_and_marked(tmp_path):
    words = ["--gap", "0", "--time-limit", "20", *WEEK]
    found = run("quickstart", tmp_path / "out", *words, hours=168)
    assert found.code == 4
    assert "status: stopped at limit" in found.out
    written = kpis(tmp_path / "out")
    assert written["status"] == "stopped at limit"
    assert written["gap"] > 0
    assert coplan("verify", tmp_path / "out").code == 0


def test_a_folder_that_is_no_run_is_told_with_exit_code_2(tmp_path):
    for command in ("verify", "report"):
        found = coplan(command, tmp_path)
        assert found.code == 2
        assert "not the folder of a finished run" in found.err


@pytest.mark.slow
def test_output_goes_to_a_pipe_without_colour_or_progress(tmp_path):
    words = ["run", str(QUICKSTART), "--out", str(tmp_path / "out"), "--no-report", "--set",
             "options.hours=168", *WEEK]  # fmt: skip
    found = subprocess.run(
        [sys.executable, "-m", "coplan.cli", *words], cwd=tmp_path, capture_output=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert found.stderr == b""
    assert b"\x1b" not in found.stdout
    assert found.stdout.decode("utf-8").startswith("status: optimal within gap")


def test_a_comparison_never_takes_the_place_of_a_run(week, copy):
    before = digests(copy)
    found = coplan("compare", week, copy, "--out", copy)
    assert found.code == 2
    assert digests(copy) == before

"""Determinism: the same scenario, versions and threads give the same bytes (D1)."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from coplan.plan.kpis import TIMING_KEYS
from tests.acceptance.command import ROOT, digests
from tests.trust.scoreboard import Trials
from tests.trust.small import write_project

NAMED = ("kpis.json", "account.csv", "report.zh.html", "report.zh.pdf", "plan.nc")
OTHER_DAYS = "import time\nreal = time.time\ntime.time = lambda: real() + {}\n"
"""A clock that is wrong by so many seconds."""


def run(folder: Path, number: int) -> dict[str, str]:
    """Digests of the files of a run in a new process.

    Each has a hash seed of its own, a folder of its own, and a clock that is days ahead.
    """
    project = folder / f"project-{number}"
    out = folder / f"out-{number}"
    script = folder / f"{number}.py"
    script.write_text(OTHER_DAYS.format(number * 100_000)
                      + "import sys\nfrom coplan import cli\nsys.exit(cli.main())\n")  # fmt: skip
    seed = str(random.Random(number).randrange(2**32))
    subprocess.run(
        [sys.executable, script, "run", write_project(project), "--out", out, "--lang", "zh"],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        capture_output=True, check=True,
    )  # fmt: skip
    return digests(out)


@pytest.mark.slow
def test_the_same_question_gives_the_same_bytes(tmp_path: Path, trials: Trials) -> None:
    """Every file but run.json, in which alone seconds and memory stand."""
    count = trials.size(10, 1)
    first = run(tmp_path, 0)
    assert set(NAMED) <= set(first)
    missed = []
    for number in range(1, count + 1):
        again = run(tmp_path, number)
        unequal = {name for name in first | again if first.get(name) != again.get(name)}
        if unequal != {"run.json"}:
            missed.append(f"{number}: {sorted(unequal)}")
    trials.score("D1", "runs with the bytes of the first", count - len(missed), count,
                 seen=f"{len(first)} files each", missed=missed)  # fmt: skip


def test_a_plan_holds_no_seconds() -> None:
    """plan.nc had the seconds of its own making, so that no two runs gave the same file."""
    from coplan.run import without_timing

    told = {"seconds": {"build": 1.0}, "nodes": [{"depth": 0, "seconds": 2.0}], "gap": 0.0,
            **dict.fromkeys(TIMING_KEYS, 1.0)}  # fmt: skip
    assert without_timing(told) == {"nodes": [{"depth": 0}], "gap": 0.0}

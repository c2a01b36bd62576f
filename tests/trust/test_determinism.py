"""Determinism: the same scenario, versions and threads give the same bytes (D1)."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from coplan.plan.kpis import TIMING_KEYS
from tests.acceptance.command import ROOT, digests, kpis
from tests.trust.scoreboard import Trials
from tests.trust.small import write_project

NAMED = ("account.csv", "report.zh.html", "report.zh.pdf", "plan.nc")
OTHER_DAYS = "import time\nreal = time.time\ntime.time = lambda: real() + {}\n"
"""A clock that is wrong by so many seconds."""


def run(folder: Path, number: int) -> tuple[dict[str, str], dict[str, Any]]:
    """Digests of a run in a new process, and its key figures.

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
    return digests(out), kpis(out)


def test_the_same_question_gives_the_same_bytes(tmp_path: Path, trials: Trials) -> None:
    """Every file but run.json; of kpis.json all but its seconds and memory (see architecture)."""
    count = trials.size(10, 1)
    first, figures = run(tmp_path, 0)
    assert set(NAMED) <= set(first)
    held = 0
    for number in range(1, count + 1):
        again, others = run(tmp_path, number)
        unequal = {name for name in first | again if first.get(name) != again.get(name)}
        print(number, unequal)
        held += unequal <= {"run.json", "kpis.json"} and text(figures) == text(others)
    seen = f"{len(first)} files each"
    trials.score("D1", "runs with the bytes of the first", held, count, seen=seen)


def text(figures: dict[str, Any]) -> str:
    """kpis.json as it would be written without seconds and memory, in its order."""
    return json.dumps({key: value for key, value in figures.items() if key not in TIMING_KEYS})


def test_seconds_and_memory_stand_in_two_files_only() -> None:
    """plan.nc had the seconds of its own making, so that no two runs gave the same file."""
    from coplan.run import without_timing

    told = {"seconds": {"build": 1.0}, "nodes": [{"depth": 0, "seconds": 2.0}], "gap": 0.0,
            **dict.fromkeys(TIMING_KEYS, 1.0)}  # fmt: skip
    assert without_timing(told) == {"nodes": [{"depth": 0}], "gap": 0.0}

"""Runs measures, each in a fresh process and in turn with the others, and takes medians."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BUILDERS = {
    "coplan_arrays": "coplan",
    "linopy_arrays": "linopy",
    "pypsa_network": "PyPSA + linopy",
    "pyomo_standard_form": "Pyomo + LinearStandardFormCompiler",
    "pyomo_appsi": "Pyomo + appsi_highs",
}
"""Every way of building the model, and what it is called in the tables."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Task:
    """What one process measures; `options` are HiGHS' for `whole`: `our` or `default`."""

    kind: str
    builder: str = "coplan_arrays"
    sites: int = 1
    hours: int = 8760
    options: str = "our"
    scenario: str = ""
    gap: float = 0.0

    @property
    def size(self) -> str:
        """Campuses × hours."""
        return self.scenario or f"{self.sites} × {self.hours}"

    @property
    def name(self) -> str:
        """What is measured, in words."""
        if self.kind == "milp":
            return f"search to {self.gap:.1%}"
        if self.kind == "whole":
            return f"whole process, {BUILDERS[self.builder]}, {self.options} HiGHS options"
        names = {"build": BUILDERS[self.builder], "total": "coplan, build to solution",
                 "bare": "bare HiGHS run()", "command": "coplan run"}  # fmt: skip
        return names.get(self.kind, self.kind)


@dataclass(frozen=True)
class Measured:
    """The measures of one task, in the order they were made; `lacking`: why there are no more."""

    task: Task
    runs: tuple[dict[str, Any], ...] = ()
    lacking: str = ""

    def median(self, name: str) -> float:
        """The median of a figure over the runs."""
        return float(statistics.median(run[name] for run in self.runs))


class WorkerFailedError(Exception):
    """A measuring process ended without a measure; the message is the end of what it printed."""


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace",
        check=False,
    )  # fmt: skip


def run_worker(task: Task, arrays: Path | None = None) -> dict[str, Any]:
    """One measure of a task in a process of its own. Raises WorkerFailedError."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        spec = {
            "task": task.kind, "builder": task.builder, "sites": task.sites, "hours": task.hours,
            "options": task.options, "scenario": task.scenario, "gap": task.gap,
            "arrays": str(arrays), "result": str(result),
        }  # fmt: skip
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.worker", json.dumps(spec)]
        started = time.perf_counter()
        done = _run(command)
        seconds = time.perf_counter() - started
        if done.returncode != 0 or not result.exists():
            raise WorkerFailedError(f"failed: {done.stderr[-2000:]}")
        found = dict(json.loads(result.read_text(encoding="utf-8")))
    return found if "wall" in found else found | {"wall": seconds}


def run_command(task: Task) -> dict[str, Any]:
    """`coplan run` of a shipped scenario with its report, into a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result"
        scenario = ROOT / "scenarios" / f"{task.scenario}.yaml"
        command = [sys.executable, "-m", "coplan.cli", "run", str(scenario), "--out", str(out)]
        started = time.perf_counter()
        done = _run(command)
        seconds = time.perf_counter() - started
        if not (out / "kpis.json").exists():
            raise WorkerFailedError(f"failed: {(done.stdout + done.stderr)[-2000:]}")
        figures = json.loads((out / "kpis.json").read_text(encoding="utf-8"))
        told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return {
        "wall": seconds, "peak_mb": told["peak_memory_mb"], "gap": figures["gap"],
        "status": figures["status"],
    }  # fmt: skip


def measure_all(tasks: Sequence[Task], repeat: int, say: Say) -> list[Measured]:
    """All tasks `repeat` times, one after the other and then all again."""
    found = {task: Measured(task) for task in tasks}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeat):
            for task in tasks:
                if not found[task].lacking:
                    found[task] = _once_more(found[task], Path(folder), say)
    return list(found.values())


def _once_more(before: Measured, folder: Path, say: Say) -> Measured:
    task = before.task
    arrays = folder / f"{task.sites}x{task.hours}.npz"
    try:
        if task.kind == "bare" and not arrays.exists():
            run_worker(replace(task, kind="save"), arrays)
        run = run_command(task) if task.kind == "command" else run_worker(task, arrays)
    except WorkerFailedError as error:  # the other measures of a long run are kept
        run = {"lacking": str(error)}
    if "lacking" in run:
        say(f"{task.size}  {task.name}: {run['lacking']}")
        return replace(before, lacking=run["lacking"])
    say(f"{task.size}  {task.name}: {run.get('cpu', run['wall']):.2f} s")
    return replace(before, runs=(*before.runs, run))


def check_objectives(
    builders: Sequence[str], sites: int, hours: int, say: Say
) -> dict[str, float]:
    """The optimum of each builder's model by its name; what is not installed is left out."""
    tasks = [Task("objective", builder, sites, hours) for builder in builders]
    found: dict[str, float] = {}
    for task in tasks:
        run = run_worker(task)
        if "lacking" in run:
            say(f"{BUILDERS[task.builder]}: {run['lacking']}")
        else:
            found[task.builder] = run["objective"]
    return found

"""`python -m benchmarks.studies`: what a study costs beside its solves, and what workers bring.

Empty variants end at once, as variants without a plan do: what is left is reading, keys, processes,
the store and the comparison. Throughput is a study solved by one worker and then by two.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from coplan.progress import SilentProgress
from coplan.run import write_json
from coplan.study import command
from coplan.study.store import OUTCOME, Store
from coplan.study.work import Receipt, Task

ROOT = Path(__file__).resolve().parents[1]
STUDY = """\
id: measured
title: {{zh: 测时, en: Measured}}
base: {base}
set: {{options.hours: {hours}, options.gap: 0.002}}
sweep:
  method: latin_hypercube
  samples: {count}
  seed: 1
  axes:
    cards.generators/onshore-wind.capex_cny_per_kw: [3800, 5500]
    cards.storage/lfp.energy_capex_cny_per_kwh: [500, 1000]
"""


class Stages(SilentProgress):
    """Notes when each stage of a study begins, and the most memory seen on the way."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float]] = []
        self.peak_mb = 0.0

    def stage(self, name: str) -> None:
        """A stage begins."""
        self.begun.append((name, time.perf_counter()))
        self.tell(name)

    def tell(self, text: str) -> None:
        """Something was said: a variant has ended."""
        self.peak_mb = max(self.peak_mb, psutil.Process().memory_info().rss / 2**20)

    def done(self) -> None:
        """The last one has ended."""
        self.stage("end")

    def milliseconds(self, count: int) -> dict[str, float]:
        """Stage → ms for each of so many variants."""
        ends = self.begun[1:]
        return {name: 1e3 * (end - start) / count
                for (name, start), (_, end) in zip(self.begun, ends, strict=False)}  # fmt: skip


def settle(task: Task) -> Receipt:
    """Put a result without a plan into the store."""
    store = Store(task.folder)
    with store.making(task.key) as place:
        made = place / "result"
        made.mkdir()
        write_json(made / OUTCOME, {"key": task.key, "status": "infeasible", "message": "empty"})
        store.commit(made, task.key)
    return Receipt()


def written(count: int, hours: int) -> Path:
    """A study of `count` variants and their base beside the shipped ones, for the time it takes."""
    path = ROOT / "scenarios" / "studies" / f"measured-{count}.yaml"
    text = STUDY.format(base="../quickstart.yaml", hours=hours, count=count)
    path.write_text(text, encoding="utf-8")
    return path


def empty(count: int, workers: int) -> None:
    """Print ms per variant of a study whose variants are empty, and the most memory it took."""
    command.solve_variant = settle
    path, stages = written(count, 24), Stages()
    try:
        with TemporaryDirectory() as folder:
            command.run_study(path, Path(folder) / "out", workers, progress=stages)
    finally:
        path.unlink()
    each = ", ".join(f"{name} {ms:.1f}" for name, ms in stages.milliseconds(count).items())
    print(f"{count} empty variants, {workers} workers: ms each: {each}; "
          f"the coordinator at most {stages.peak_mb:.0f} MB")  # fmt: skip


def throughput(count: int, hours: int) -> None:
    """Print how much sooner two workers end a study than one."""
    path, seconds = written(count - 1, hours), []
    try:
        for workers in (1, 2):
            with TemporaryDirectory() as folder:
                words = ["study", str(path), "--out", f"{folder}/out", "--workers", str(workers)]
                start = time.perf_counter()
                subprocess.run([sys.executable, "-m", "coplan.cli", *words], check=True)
                seconds.append(time.perf_counter() - start)
    finally:
        path.unlink()
    one, two = seconds
    print(f"{count} variants of {hours} h: one worker {one:.0f} s, two {two:.0f} s: {one / two:.2f}"
          " times the throughput")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies", description=__doc__)
    parser.add_argument("--empty", type=int, metavar="N", help="empty variants")
    parser.add_argument("--workers", type=int, default=2, help="of empty variants")
    parser.add_argument("--variants", type=int, metavar="N", help="solved by one worker, by two")
    parser.add_argument("--hours", type=int, default=8760, help="of each variant solved")
    asked = parser.parse_args(arguments)
    if asked.empty:
        empty(asked.empty, asked.workers)
    if asked.variants:
        throughput(asked.variants, asked.hours)


if __name__ == "__main__":
    main()

"""Whatever happens to a worker, every piece of work ends with an answer or with a cause."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from coplan.study.supervisor import Finished, supervise
from tests.study.poison import Dose, swallow
from tests.study.world import ROOT

PLAIN = ["fine"] * 192
"""With the eight kinds before them a study of two hundred (C4)."""


def doses(folder: Path, kinds: list[str]) -> list[Dose]:
    """One piece of work for each kind; one that hangs may do so for a second."""
    return [Dose(kind, folder / str(position), 1.5 if kind == "hangs" else 60.0)
            for position, kind in enumerate(kinds)]  # fmt: skip


def attempts(dose: Dose) -> int:
    """How often a piece was tried."""
    return len(dose.trace.read_text(encoding="utf-8").split())


def first_line(trace: Path) -> int:
    """The process that took a piece up, as soon as it has said so."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if trace.exists() and trace.read_text(encoding="utf-8").endswith("\n"):
            break
        time.sleep(0.05)
    return int(trace.read_text(encoding="utf-8"))


def test_poison_is_tried_three_times_and_stops_nobody_else(tmp_path: Path) -> None:
    kinds = ["fine", "dies", "fine", "quits", "hangs", "raises", "starves", "dies once", *PLAIN]
    pieces = doses(tmp_path, kinds)
    found: dict[int, Finished] = {one.position: one for one in supervise(pieces, swallow, 2)}
    assert sorted(found) == list(range(len(kinds)))
    causes = {
        "dies": "the worker was ended by signal SIGKILL, as when memory runs out",
        "quits": "the worker ended with exit code 7", "hangs": "no answer within 1.5 s",
        "raises": "ValueError: poison", "starves": "out of memory",
    }  # fmt: skip
    for position, kind in enumerate(kinds):
        one = found[position]
        if kind in causes:
            assert (one.failed, one.answer) == (True, None)
            assert one.causes == (causes[kind],) * 3
            assert attempts(pieces[position]) == 3
        else:
            assert not one.failed
            assert one.answer == (kind, "1")  # and one thread in every library
    assert attempts(pieces[kinds.index("dies once")]) == 2


def test_leaving_early_ends_every_worker(tmp_path: Path) -> None:
    pieces = [Dose("fine", tmp_path / "0"), Dose("hangs", tmp_path / "1")]
    work = supervise(pieces, swallow, 2)
    assert next(work).position == 0
    number = first_line(tmp_path / "1")
    work.close()
    assert not psutil.pid_exists(number)


PROGRAM = """
from pathlib import Path
from coplan.study.supervisor import supervise
from tests.study.poison import Dose, swallow
if __name__ == "__main__":
    list(supervise([Dose("hangs", Path({trace!r}))], swallow, 1))
"""


def test_workers_end_with_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    program, trace = tmp_path / "program.py", tmp_path / "trace"
    program.write_text(PROGRAM.format(trace=str(trace)), encoding="utf-8")
    started = subprocess.Popen([sys.executable, str(program)], cwd=ROOT,
                               env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    number = first_line(trace)
    started.kill()
    started.wait()
    deadline = time.monotonic() + 60
    while psutil.pid_exists(number) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(number)

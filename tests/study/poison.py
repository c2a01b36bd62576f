"""Pieces of work that go wrong, found by name in the worker."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Dose:
    """A piece of work: what it does, where it leaves its trace, how long it may take."""

    kind: str
    trace: Path
    deadline_s: float = 60.0


def swallow(dose: Dose) -> Any:
    """Do what the dose says; every attempt leaves one line in its trace."""
    with dose.trace.open("a", encoding="utf-8") as stream:
        stream.write(f"{os.getpid()}\n")
    attempts = len(dose.trace.read_text(encoding="utf-8").split())
    if dose.kind == "dies" or (dose.kind == "dies once" and attempts == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if dose.kind == "quits":
        os._exit(7)
    if dose.kind == "hangs":
        time.sleep(600)
    if dose.kind == "raises":
        raise ValueError("poison")
    if dose.kind == "starves":
        raise MemoryError
    return dose.kind, os.environ["OMP_NUM_THREADS"]

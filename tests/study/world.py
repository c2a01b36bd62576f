"""A study of the quickstart's campus in a folder of its own; a day solves in seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.acceptance.command import digests

ROOT = Path(__file__).resolve().parents[2]

HEAD = """\
id: toy
title: {zh: 试算, en: Toy}
base: ../quickstart.yaml
set: {options.hours: 24, targets.green_share.value: 0.2}
"""
"""24 hours, in which no more than about 27 % can be green."""

# the first rung asks what the base asks; the last asks more than the day's wind and sun can give
LADDER = "ladder: {shares: [20 %, 0.25, 0.6], matchings: [annual]}\n"

HEARS = (
    "import signal, sys; from coplan.cli import main; "
    "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main(sys.argv[1:]))"
)
"""The command as in a terminal: what starts a test run in the background makes it deaf to Ctrl-C,
and children inherit that."""


def write_study(folder: Path, text: str, head: str = HEAD) -> Path:
    """A study file below `folder`, which gets the shipped scenario, cards and data."""
    study = folder / "scenarios" / "studies" / "toy.yaml"
    if not study.exists():
        study.parent.mkdir(parents=True)
        shutil.copy(ROOT / "scenarios" / "quickstart.yaml", folder / "scenarios")
        for name in ("models", "data"):
            shutil.copytree(ROOT / name, folder / name)
    study.write_text(head + text, encoding="utf-8")
    return study


def without_run_record(folder: Path) -> dict[str, str]:
    """Digests of a store; run.json says how long it took."""
    found = digests(folder / "store")
    return {name: digest for name, digest in found.items() if not name.endswith("/run.json")}


def elsewhere(words: list[str]) -> subprocess.Popen:
    """The command in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", HEARS, *words], cwd=ROOT,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                            env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip

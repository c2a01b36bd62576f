"""A study of the quickstart's campus in a folder of its own; a day solves in seconds."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

HEAD = """\
id: toy
title: {zh: 试算, en: Toy}
base: ../quickstart.yaml
set: {options.hours: 24, targets.green_share.value: 0.2}
"""
"""24 hours, in which no more than about 27 % can be green."""


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

"""The command line as a user meets it, called in this process so that tests stay quick."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

from coplan import cli

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
WEEK = ["--set", "targets.green_share.value=0.7"]  # the first week is too calm for more


class Said(NamedTuple):
    """What one command returned and wrote."""

    code: int
    out: str
    err: str


def coplan(*words: object) -> Said:
    """Run one coplan command; the streams are no terminal."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main([str(word) for word in words])
    return Said(code, out.getvalue(), err.getvalue())


def run(name: str, out: Path, *words: str, hours: int = 720) -> Said:
    """Run a shipped scenario on its first hours, without a report."""
    options = ["--out", out, "--no-report", "--set", f"options.hours={hours}"]
    return coplan("run", ROOT / "scenarios" / f"{name}.yaml", *options, *words)


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, hidden ones and neighbours' leavings included."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def kpis(folder: Path) -> dict[str, Any]:
    """Key figures of a finished run."""
    return json.loads((folder / "kpis.json").read_text(encoding="utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table of a run."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))

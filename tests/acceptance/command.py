"""The command line as a user meets it, called in this process so that tests stay quick."""

from __future__ import annotations

import contextlib
import hashlib
import io
from pathlib import Path
from typing import NamedTuple

from coplan import cli

ROOT = Path(__file__).resolve().parents[2]


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

"""Folders of results: made beside their place and put into it as a whole; what a kill left.

A folder is made under a hidden name that tells the machine and the process that makes it. On Linux
it changes places with an older one in one step. Elsewhere the older one is moved aside first, so
that a process killed between the two steps leaves none in place: `mend` puts it back.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ATTEMPTS = 20
"""Of putting a folder in place while others do the same."""
RENAME_EXCHANGE, AT_FDCWD = 2, -100
OLD = "~old"
"""Ending of the hidden name of an older result between the two steps."""


class Replacing:
    """A folder written beside its target and put in its place only when everything is there.

    The last of several processes stays, whole; what they replaced is removed.
    """

    def __init__(self, target: Path):
        self.target = target.absolute()

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{self.target.name}-{owner()}-"
        self.made = Path(tempfile.mkdtemp(prefix=prefix, dir=self.target.parent))
        return self.made

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        if isinstance(error, OSError) and error.filename is None:  # as when a disk is full
            error.filename = str(self.target)
        try:
            if kind is None:
                flush(self.made)
                os.chmod(self.made, 0o755)
                put_in_place(self.made, self.target)
        finally:
            shutil.rmtree(self.made, ignore_errors=True)


@contextmanager
def adding_to(folder: Path) -> Iterator[Path]:
    """A folder whose files take their places below `folder` when all are there, each one whole."""
    folder = folder.absolute()
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-{owner()}-", dir=folder.parent))
    try:
        yield made
        flush(made)
        for path in sorted(one for one in made.rglob("*") if one.is_file()):
            place = folder / path.relative_to(made)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def put_in_place(made: Path, target: Path) -> None:
    """Put a finished folder where an older one may be; the older one takes its hidden name.

    Raises OSError where the folder above may not be changed; the older one then stays.
    """
    for attempt in range(ATTEMPTS):
        try:
            if not (target.exists() and exchanged(made, target)):
                made.rename(target)
            break
        except OSError:
            if attempt == ATTEMPTS - 1 or not target.exists():
                raise
        old = made.with_name(f"{made.name}{attempt}{OLD}")
        with suppress(FileNotFoundError):  # somebody else has just moved it away
            target.rename(old)
        try:
            made.rename(target)
        except OSError:
            with suppress(OSError):  # somebody else's may be in place by now
                old.rename(target)
            continue
        with suppress(FileNotFoundError):
            old.rename(made)
        break
    flush_folder(target.parent)


def exchanged(one: Path, other: Path) -> bool:
    """Whether two folders changed places in one step; False where the system has no such step."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    paths = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    return bool(rename(*paths, RENAME_EXCHANGE) == 0)


def mend(target: Path) -> None:
    """Put an older result back that a process killed in mid-exchange left aside; sweep up the rest.

    Only what processes of this machine that are gone left beside `target` is touched.
    """
    target = target.absolute()
    prefix = f".{target.name}-"
    beside: list[Path] = []
    with suppress(OSError):  # nothing there, or not ours to look into
        beside = sorted(target.parent.iterdir())
    for path in beside:
        if not path.name.startswith(prefix) or not is_orphan(path.name.removeprefix(prefix)):
            continue
        if path.name.endswith(OLD) and not target.exists():
            with suppress(OSError):
                path.rename(target)
        else:
            shutil.rmtree(path, ignore_errors=True)


def owner() -> str:
    """This machine and process, as part of a file name."""
    return f"{_host()}~{os.getpid()}"


def is_orphan(name: str) -> bool:
    """Whether a name that begins with an `owner` is of a process of this machine that is gone."""
    import psutil

    host, _, rest = name.partition("~")
    number = rest.split("-", 1)[0]
    return host == _host() and number.isdecimal() and not psutil.pid_exists(int(number))


def _host() -> str:
    return "".join(c if c.isalnum() else "_" for c in socket.gethostname())[:24]


def flush(folder: Path) -> None:
    """Have the disk hold every file of a folder before the folder is put in place."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
    for path in (*(one for one in folder.rglob("*") if one.is_dir()), folder):
        flush_folder(path)


def flush_folder(folder: Path) -> None:
    """Have the disk hold the names in a folder."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

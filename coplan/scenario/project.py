"""Which files a scenario may name: those of its project, and of folders that the user allows.

A scenario may come from anybody. What it names is read only where it lies, links followed, below
the folder that holds models/ and data/, beside or below the scenario file, or below a folder given
with --allow-path. Nothing is fetched from a net, and only regular files are opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from coplan.scenario.yaml_reader import refuse_irregular

REMOTE = ("//", "\\\\")
"""Beginnings of the name of a file on another computer."""


@dataclass(frozen=True)
class Project:
    """The folders whose files may be read."""

    root: Path
    """The folder that holds models/ and data/."""
    beside: Path
    """The folder of the scenario file."""
    allowed: tuple[Path, ...] = ()
    """What the user allows beyond."""

    def named(self, text: str, base: Path) -> Path:
        """The file that a text names as seen from `base`; ValueError (a sentence) to refuse it."""
        if "://" in text or text.startswith(REMOTE):
            raise ValueError("must be a file on this computer; nothing is fetched from the net")
        path = base / text
        self.refuse_strange(path)
        return path

    def refuse_strange(self, path: Path) -> None:
        """ValueError (a sentence) unless `path` is a regular file inside one of the folders."""
        if not self.holds(path, (self.root.resolve(), self.beside.resolve())):
            where = f"must lie inside the project's folder {self.root.resolve()}"
            raise ValueError(f"{where}, or below one given with --allow-path")
        refuse_irregular(path)

    def holds(self, path: Path, folders: Sequence[Path]) -> bool:
        """Whether a file lies, links followed, below one of the folders or of those allowed.

        Links in `folders` themselves are not followed.
        """
        try:
            real = path.resolve()
        except (OSError, RuntimeError, ValueError):  # links in a circle, a NUL
            return False
        allowed = [one.resolve() for one in self.allowed]
        return any(real.is_relative_to(one) for one in (*folders, *allowed))

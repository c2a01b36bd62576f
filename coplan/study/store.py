"""The store of a study: one folder for each result, named by its content, written once.

A result is made in a folder beside the others and put in place by renaming it, so that whatever is
in place is whole. There is no lock: who comes second finds the result there and drops their own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from coplan.dataset.files import data_files_used
from coplan.folders import flush, flush_folder, is_orphan, owner
from coplan.planning import versions
from coplan.run import read_json, sha256, write_json
from coplan.scenario.reader import Scenario, data_files

KEY_LENGTH = 32
"""Hexadecimal digits of a key: 128 bits."""
OUTCOME = "outcome.json"
RESULTS, MAKING, FAILURES = "store", "making", "failures"
NOT_IN_A_RESULT = ("cli.py", "folders.py", "report", "study")
"""Parts of the package that no stored file depends on."""


def content_key(scenario: Scenario, file_digest: Any = None) -> str:
    """What a result depends on, as one text: scenario, cards, data files, versions, code.

    `file_digest(path)` may remember the digests of files that many scenarios share.
    """
    digest = file_digest or sha256
    files = [*data_files_used(scenario), *data_files(scenario).values()]
    content = {
        "scenario": scenario.spec.model_dump(mode="json", exclude={"cards"}),
        "system": scenario.system.model_dump(mode="json"),
        "cards": {kind: {name: card.model_dump(mode="json") for name, card in some.items()}
                  for kind, some in scenario.cards.items()},
        "assumptions": [vars(one) for one in scenario.assumptions],
        "policies": scenario.policy_clauses,
        "data": sorted(digest(path) for path in files),
        "versions": versions() | {"python": sys.version.split()[0], "platform": sys.platform},
        "code": code_digest(),
    }  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


@cache
def code_digest() -> str:
    """Digest of every module that a result depends on."""
    package = Path(__file__).resolve().parents[1]
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package)
        if name.parts[0] not in NOT_IN_A_RESULT:
            whole.update(f"{name.as_posix()}\0{sha256(path)}\n".encode())
    return whole.hexdigest()


class Store:
    """The results of a study below one folder; any number of processes may use it at once."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).absolute()

    def result(self, key: str) -> Path:
        """The folder of a result, there or not."""
        return self.folder / RESULTS / key

    def has(self, key: str) -> bool:
        """Whether the result is there, and so whole."""
        return self.result(key).is_dir()

    @contextmanager
    def making(self, key: str) -> Iterator[Path]:
        """A folder of one's own beside the results; what is left in it at the end is removed."""
        above = self.folder / MAKING
        above.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{owner()}-{key}-", dir=above))
        try:
            yield made
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def commit(self, made: Path, key: str) -> bool:
        """Put a finished folder in place; False where another process was quicker."""
        flush(made)
        target = self.result(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(made, 0o755)
        try:
            made.rename(target)
        except OSError:
            if not self.has(key):
                raise
            return False
        flush_folder(target.parent)
        self.failure(key).unlink(missing_ok=True)
        return True

    def failure(self, key: str) -> Path:
        """The file that tells why a result is missing."""
        return self.folder / FAILURES / f"{key}.json"

    def note_failure(self, key: str, told: dict[str, Any]) -> None:
        """Tell beside the store why a result is missing; the next run tries again."""
        path = self.failure(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.write_whole(path, told)

    def failure_told(self, key: str) -> dict[str, Any]:
        """Cause and exit code of a failure; empty where there is none."""
        return read_json(self.failure(key))

    def outcome(self, key: str) -> dict[str, Any]:
        """What became of a variant: status and message."""
        return read_json(self.result(key) / OUTCOME)

    def write_whole(self, path: Path, content: Any) -> None:
        """Write JSON elsewhere and put it in its place by renaming."""
        with self.making("json") as place:
            write_json(place / path.name, content)
            os.replace(place / path.name, path)

    def sweep_up(self) -> None:
        """Remove what processes of this machine that are gone left half made."""
        for path in (self.folder / MAKING).glob("*"):
            if is_orphan(path.name):
                shutil.rmtree(path, ignore_errors=True)

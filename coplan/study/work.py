"""What a worker does with one variant: solve, audit, put the result into the store."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from coplan.errors import CoplanError, InfeasibleError, VerificationError
from coplan.scenario.merge import Setting
from coplan.study.store import OUTCOME, Store


@dataclass(frozen=True)
class Task:
    """One variant to solve; small enough to send, since models are built where they are solved."""

    key: str
    path: Path
    """The base scenario."""
    settings: tuple[str | Setting, ...]
    folder: Path
    """The study's folder."""
    limit_s: float
    """Time limit of its solve."""
    allow: tuple[Path, ...] = ()
    """Folders whose files may be read besides the project's."""

    @property
    def deadline_s(self) -> float:
        """Seconds after which whoever works on it is stopped from outside."""
        return 1.5 * self.limit_s + 30.0


@dataclass(frozen=True)
class Receipt:
    """What became of a task: nothing to say when its result is in the store."""

    cause: str = ""
    exit_code: int = 0
    """Of what went wrong (see coplan.errors)."""


def solve_variant(task: Task) -> Receipt:
    """Solve one variant into the store; that no plan keeps every promise is a result, too.

    A plan that the audit rejected is kept beside the store, under failures/.
    """
    from coplan.run import run_scenario, write_json

    store = Store(task.folder)
    if store.has(task.key):
        return Receipt()
    with store.making(task.key) as place:
        made = place / "result"
        try:
            outcome = run_scenario(
                task.path, task.settings, made, with_report=False, allow=task.allow
            )
            told = {"status": outcome.kpis["status"], "message": ""}
        except InfeasibleError as error:
            made.mkdir()
            told = {"status": "infeasible", "message": str(error)}
            _write_inputs(task, made)
        except CoplanError as error:
            if isinstance(error, VerificationError):
                _keep_rejected(place / "result-rejected", store, task.key)
            return Receipt(str(error), error.exit_code)
        write_json(made / OUTCOME, {"key": task.key, **told})
        store.commit(made, task.key)
    return Receipt()


def _write_inputs(task: Task, folder: Path) -> None:
    """Keep what was asked where there is no plan to keep it with."""
    from coplan.scenario.reader import read_scenario
    from coplan.scenario.writer import write_inputs

    write_inputs(read_scenario(task.path, task.settings, allow=task.allow), folder / "inputs")


def _keep_rejected(rejected: Path, store: Store, key: str) -> None:
    target = store.failure(key).with_suffix("")
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    rejected.rename(target)

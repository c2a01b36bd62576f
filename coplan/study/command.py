"""A study from its file to its comparison: what is in the store is kept, the rest is solved."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coplan.errors import CoplanError, InfeasibleError, InputError, StoppedError, VerificationError
from coplan.folders import put_in_place
from coplan.progress import SilentProgress
from coplan.run import refuse_strange_folder, sha256
from coplan.scenario.merge import Setting
from coplan.scenario.provenance import flow_text
from coplan.scenario.reader import Scenario
from coplan.study.cluster import distribute
from coplan.study.gather import Drawing, comparison, draw, write_comparison_files
from coplan.study.reader import Study, look_at_variants, read_study
from coplan.study.store import MAKING, Store, content_key
from coplan.study.supervisor import ATTEMPTS, Finished, supervise
from coplan.study.variant import Variant
from coplan.study.waves import later_variants, trial_variants
from coplan.study.work import Receipt, Task, solve_variant

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle

STUDY = "study.json"
BASE_MB, MB_PER_SITE_HOUR = 500.0, 0.04
"""Memory of a worker: what one campus and fourteen sites take in a full year, rounded up."""


@dataclass(frozen=True)
class StudyOutcome:
    """Where a study left its results, what became of its variants, and its exit code."""

    folder: Path
    statuses: Mapping[str, str]
    """Variant → status: that of kpis.json, or infeasible, or failed."""
    causes: Mapping[str, str]
    """Variant → why there is no plan, where there is none."""
    solved: int
    """How many results were new to the store."""
    exit_code: int


def run_study(
    path: str | Path, out: str | Path | None = None, workers: int | None = None,
    overrides: Sequence[str] = (), languages: Sequence[str] = ("zh", "en"), progress: Any = None,
    allow: Sequence[Path] = (), cluster: Any = None, house: HouseStyle | None = None,
) -> StudyOutcome:  # fmt: skip
    """Solve every variant of a study that its store does not hold yet, and compare them all.

    `workers` processes of this machine solve them, or `cluster`, a client of a Dask scheduler (see
    coplan.study.cluster.connected). Started again after any end, it goes on where it was. Raises
    InputError before anything is solved when a variant cannot be read.
    """
    progress = progress or SilentProgress()
    progress.stage("read")
    study = read_study(path, overrides, allow)
    folder = Path(out) if out is not None else Path("reports") / study.spec.id
    if not (folder / MAKING).is_dir():
        refuse_strange_folder(folder, STUDY)
    look_at_variants(study, trial_variants(study), lambda _: None)  # mistakes before any solve
    runner = _Runner(study, Store(folder), workers, progress, cluster)
    runner.prepare()
    progress.stage("solve")
    runner.run(study.variants)
    runner.run(later_variants(study, runner.result))
    study, keys, store = runner.study, runner.keys, runner.store
    progress.stage("compare")
    data = comparison(study, keys, store)
    with store.making("comparison") as place:
        (place / "new").mkdir()
        write_comparison_files(data, place / "new")
        _drawn(Drawing(place / "new", tuple(languages), house))
        put_in_place(place / "new", folder / "comparison")
    store.sweep_up()  # of workers that were killed on the way
    progress.done()
    statuses = dict(zip(data["variant"].values.tolist(), data["status"].values.tolist(),
                        strict=True))  # fmt: skip
    causes = {name: str(data["cause"].sel(variant=name).item())
              for name, status in statuses.items() if status in ("infeasible", "failed")}
    code = _exit_code(store, keys, statuses)
    return StudyOutcome(folder, statuses, causes, runner.solved, code)


@dataclass(frozen=True)
class _Needs:
    """What a variant takes: seconds at most, MB about."""

    limit_s: float
    memory_mb: float


def _needs(scenario: Scenario) -> _Needs:
    options, weather = scenario.spec.options, scenario.spec.weather
    years = len(scenario.spec.periods) * (len(weather) if isinstance(weather, tuple) else 1)
    hours = len(scenario.system.sites) * years * options.hours
    return _Needs(options.time_limit_s, BASE_MB + MB_PER_SITE_HOUR * hours)


def _workers(memory_mb: float) -> int:
    """As many as the processors and the free memory allow, at least one."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    free_mb = psutil.virtual_memory().available / 1e6
    return max(1, min(cores or 1, int(free_mb / memory_mb)))


class _Runner:
    """Solves the variants of a study in waves, the later ones depending on the earlier."""

    def __init__(
        self, study: Study, store: Store, workers: int | None, progress: Any, cluster: Any
    ) -> None:
        self.study = replace(study, variants=())
        """The study with the variants run so far."""
        self.store, self.workers, self.progress = store, workers, progress
        self.cluster = cluster
        self.keys: list[str] = []
        self.solved = 0
        self.digest = cache(sha256)  # of files that many variants share
        self.first = self._looked_at(study.variants)  # mistakes before any folder is made

    def prepare(self) -> None:
        """Make the study's folder and remove what lost processes left half made."""
        (self.store.folder / MAKING).mkdir(parents=True, exist_ok=True)
        self.store.sweep_up()

    def run(self, variants: Sequence[Variant]) -> None:
        """Solve what the store lacks of these variants; the next are told as part of the study."""
        if not variants:
            return
        found = self._looked_at(variants) if self.keys else self.first
        study = replace(self.study, variants=(*self.study.variants, *variants))
        keys, needs = [key for key, _ in found], [need for _, need in found]
        self.store.write_whole(self.store.folder / STUDY, _told(study, [*self.keys, *keys]))
        tasks = list(_tasks(study, variants, keys, needs, self.store))
        if self.cluster is None:
            most = self.workers or _workers(max(need.memory_mb for need in needs))
            solved = supervise(tasks, solve_variant, most)
        else:
            most = sum(self.cluster.nthreads().values())
            solved = distribute(self.cluster, tasks)
        _solve(tasks, solved, most, self.store, self.progress)
        self.study, self.solved = study, self.solved + len(tasks)
        self.keys += keys

    def result(self, name: str) -> Path:
        """The folder of a variant's result, there or not."""
        names = [variant.name for variant in self.study.variants]
        return self.store.result(self.keys[names.index(name)])

    def _looked_at(self, variants: Sequence[Variant]) -> list[tuple[str, _Needs]]:
        return look_at_variants(
            self.study, variants, lambda one: (content_key(one, self.digest), _needs(one))
        )


def _told(study: Study, keys: Sequence[str]) -> dict[str, Any]:
    """study.json: every variant with what it changes and the key of its result."""
    return {
        "id": study.spec.id, "title": study.spec.title.model_dump(),
        "base": study.base.spec.id, "set": _texts(study.overrides),
        "variants": [
            {"name": one.name, "title": {"zh": one.title_zh, "en": one.title_en},
             "part": one.part, "at": dict(one.at), "set": _texts(one.settings), "key": key}
            for one, key in zip(study.variants, keys, strict=True)
        ],
    }  # fmt: skip


def _texts(settings: Sequence[str | Setting]) -> list[str]:
    return [one if isinstance(one, str) else f"{one.key}={flow_text(one.value)}"
            for one in settings]  # fmt: skip


def _drawn(drawing: Drawing) -> None:
    """Have the report drawn by a process of its own, whose memory goes with it."""
    for one in supervise([drawing], draw, 1):
        if one.failed:
            raise CoplanError("the comparison report: " + "; ".join(dict.fromkeys(one.causes)))


def _tasks(
    study: Study, variants: Sequence[Variant], keys: Sequence[str], needs: Sequence[_Needs],
    store: Store,
) -> Iterator[Task]:  # fmt: skip
    """What the store lacks, once for variants that ask the same."""
    seen: set[str] = set()
    for variant, key, need in zip(variants, keys, needs, strict=True):
        if key not in seen and not store.has(key):
            yield Task(key, study.base.path, study.settings(variant), store.folder, need.limit_s,
                       study.base.project.allowed)  # fmt: skip
        seen.add(key)


def _solve(
    tasks: Sequence[Task], solved: Generator[Finished, None, None], workers: int, store: Store,
    progress: Any,
) -> None:  # fmt: skip
    """Have every task done; failures are noted beside the store."""
    start = time.monotonic()
    failed = 0
    progress.tell(_standing(len(tasks), 0, 0, workers, 0.0))
    with closing(solved) as work:
        for number, one in enumerate(work, start=1):
            receipt = one.answer
            if one.failed:
                cause = f"tried {ATTEMPTS} times: " + "; ".join(dict.fromkeys(one.causes))
                receipt = Receipt(cause, 1)
            if receipt.cause:
                failed += 1
                told = {"cause": receipt.cause, "exit_code": receipt.exit_code}
                store.note_failure(tasks[one.position].key, told)
            seconds = time.monotonic() - start
            progress.tell(_standing(len(tasks), number, failed, workers, seconds))


def _standing(count: int, ended: int, failed: int, workers: int, seconds: float) -> str:
    """How far it is: done, running, failed, waiting, and the time left at this pace."""
    running = min(workers, count - ended)
    parts = [f"{ended - failed} done", f"{running} running", f"{failed} failed",
             f"{count - ended - running} waiting"]  # fmt: skip
    if 0 < ended < count:
        parts.append(f"about {seconds / ended * (count - ended) / 60:.0f} min left")
    return " · ".join(parts)


def _exit_code(store: Store, keys: Sequence[str], statuses: Mapping[str, str]) -> int:
    """The gravest thing that happened; that some variants are infeasible is a finding."""
    found = Counter(statuses.values())
    codes = {store.failure_told(key).get("exit_code", 1)
             for key, status in zip(keys, statuses.values(), strict=True) if status == "failed"}
    for grave in (VerificationError.exit_code, 1, InputError.exit_code, StoppedError.exit_code):
        if grave in codes:
            return grave
    if found["stopped at limit"]:
        return StoppedError.exit_code
    return InfeasibleError.exit_code if found["infeasible"] == len(keys) else 0

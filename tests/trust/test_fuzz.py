"""Damaged files of every kind: read or refused with the place, quickly, and never a traceback."""

from __future__ import annotations

import json
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coplan.dataset import user_series, weather
from coplan.dataset.sources import refuse_bad_inputs
from coplan.errors import InputError, Problem
from coplan.plan.kpis import kpis
from coplan.plan.store import read_plan, write_plan
from coplan.run import RESULTS, changed_since, file_hashes, finished_run, write_json
from coplan.scenario import read_scenario, shelf
from coplan.verify import audit, audit_files
from tests.plan.toy_plan import toy_plan
from tests.trust import mutations, project
from tests.trust.project import EPW, SERIES, STATION, WEATHER

SLOWEST_S, MOST_MB = 5.0, 1000.0
PARTS = 4
WHOLE_FILE = (
    "the file is empty", "there is no such file", "the file is larger", "this is a folder",
    "the gzip file", "larger than", "this is not the file that the run wrote", "no readable plan",
    "this is an Excel workbook", "this is not valid YAML",
)  # fmt: skip
"""What is wrong with a file as a whole has no line and no key."""

Case = Callable[[np.random.Generator], list[Problem]]


def is_located(problem: Problem) -> bool:
    """Whether a refusal says where: its file, and a line or a key of it."""
    whole = problem.message.startswith(WHOLE_FILE)
    placed = problem.line is not None or bool(problem.key) or whole
    return bool(problem.file) and placed and bool(problem.message) and str(problem).isprintable()


def fuzzed(kind: str, part: int, count: int, case: Case, trials: Any) -> None:
    """Try `count` damaged files; a case that fails can be tried again by its seed."""
    failed, slowest, refused = [], 0.0, 0
    for number in range(part, count, PARTS):
        rng = np.random.default_rng([sum(kind.encode()), number])
        start = time.perf_counter(), time.process_time()
        try:
            problems = case(rng)
            refused += bool(problems)
            failed += [f"{number}: {one!r}" for one in problems if not is_located(one)][:1]
        except Exception:
            failed.append(f"{number}: {traceback.format_exc()}")
        # a loaded machine is no fault of the code: what the process itself took counts
        took = min(time.perf_counter() - start[0], time.process_time() - start[1])
        slowest = max(slowest, took)
        failed += [f"{number}: took {took:.1f} s"] if took > SLOWEST_S else []
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    tried = len(range(part, count, PARTS))
    assert peak < MOST_MB, failed
    told = f"{refused} refused, slowest {slowest:.2f} s, peak {peak:.0f} MB"
    wrong = len({text.split(":")[0] for text in failed})
    trials.score("B1", f"{kind}, part {part + 1}", tried - wrong, tried, 1.0, told, failed)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project.write_project(tmp_path_factory.mktemp("fuzz"))


@pytest.fixture
def here(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(world)
    return world


def tried(path: Path, spoilt: bytes, look: Callable[[], list[Problem]]) -> list[Problem]:
    """What `look` says while a file is spoilt."""
    kept = path.read_bytes()
    try:
        path.write_bytes(spoilt)
        return look()
    finally:
        path.write_bytes(kept)


def remembered(read: Callable, mine: Callable[[Any], bool]) -> Callable:
    """A reader that reads again only the file that is damaged: what it gives is never changed."""
    known: dict[str, Any] = {}

    def again(path: Any, *more: Any) -> Any:
        if mine(path):
            return read(path, *more)
        key = f"{path} {more}"
        if key not in known:
            known[key] = read(path, *more)
        return known[key]

    return again


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("mutate", [mutations.of_bytes, mutations.of_yaml])
def test_a_damaged_scenario_or_card(here, trials, monkeypatch, mutate, part) -> None:
    files = [Path(os.path.relpath(file)) for file in read_scenario(SERIES).files]
    damaged = [files[0]]
    read = remembered(shelf.read_yaml, lambda path: path.resolve() == damaged[0].resolve())
    monkeypatch.setattr(shelf, "read_yaml", read)
    for module in (weather, user_series):
        read = remembered(module.read_series, lambda path: False)
        monkeypatch.setattr(module, "read_series", read)

    def case(rng: np.random.Generator) -> list[Problem]:
        pick = 0 if rng.random() < 0.3 else int(rng.integers(0, len(files)))
        damaged[0] = files[pick]
        raw = mutate(files[pick].read_bytes(), rng)
        return tried(files[pick], raw, lambda: project.problems_of(SERIES))

    kind = f"YAML, {mutate.__name__.replace('_', ' ')}"
    fuzzed(kind, part, trials.size(6000, 40), case, trials)


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize(
    ("file", "scenario", "full", "sample"),
    [("data/load.csv", SERIES, 1500, 12), (WEATHER, SERIES, 750, 8), (STATION, EPW, 750, 8)],
)
def test_a_damaged_data_file(here, trials, monkeypatch, file, scenario, full, sample, part) -> None:
    found = read_scenario(scenario)
    for module in (weather, user_series):
        read = remembered(module.read_series, lambda path: Path(path) == Path(file))
        monkeypatch.setattr(module, "read_series", read)

    def look() -> list[Problem]:
        try:
            refuse_bad_inputs(found)
        except InputError as error:
            return error.problems
        return []

    def case(rng: np.random.Generator) -> list[Problem]:
        mutate = mutations.of_bytes if rng.random() < 0.4 else mutations.of_rows
        return tried(Path(file), mutate(Path(file).read_bytes(), rng), look)

    fuzzed(file.split("/")[-1], part, trials.size(full, sample), case, trials)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of a toy."""
    folder = tmp_path_factory.mktemp("done")
    _, plan = toy_plan()
    write_plan(plan, folder / "plan.nc")
    write_json(folder / "kpis.json", kpis(plan))
    write_json(folder / "audit.json", {"passed": True, "checks": []})
    (folder / "inputs").mkdir()
    (folder / "inputs" / "scenario.yaml").write_text("id: toy\n", encoding="utf-8")
    record = {"root": str(folder), "inputs": {"inputs/scenario.yaml": "0"}}
    results = file_hashes([folder / name for name in RESULTS], folder)
    write_json(folder / "run.json", record | {"results": results})
    return folder


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_file_of_a_result(done: Path, trials: Any, part: int) -> None:
    finished_run(done)  # undamaged it is read

    def look() -> list[Problem]:
        try:
            changed_since(done)
            finished_run(done)
        except InputError as error:
            return error.problems
        return []

    def case(rng: np.random.Generator) -> list[Problem]:
        name = str(rng.choice(["run.json", "run.json", *RESULTS]))
        mutate = mutations.of_bytes
        if name.endswith("json") and rng.random() < 0.6:
            mutate = mutations.of_json
        return tried(done / name, mutate((done / name).read_bytes(), rng), look)

    fuzzed("files of a result", part, trials.size(4000, 80), case, trials)


def in_a_child(work: Callable[[], None]) -> str:
    """What went wrong with some work in a process of its own; empty when nothing did.

    The library that reads NetCDF is not ours: damage that kills it must not kill the tests.
    """
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        try:
            signal.alarm(60)
            work()
        except BaseException:
            os.write(into, traceback.format_exc()[-3000:].encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as said:
        text = said.read().decode()
    _, status = os.waitpid(child, 0)
    return text or (f"killed by signal {status & 127}" if status & 127 else "")


@pytest.mark.parametrize("part", range(PARTS))
def test_a_damaged_plan_is_audited_or_refused(done: Path, trials: Any, part: int) -> None:
    """`coplan verify` looks at a plan whatever became of it: a key or a variable that was lost
    ended in a traceback of the sums over it."""
    inputs, _ = toy_plan()

    def work() -> None:
        try:
            plan = read_plan(done / "plan.nc")
        except InputError:
            return
        audit(inputs, plan)
        audit_files(done, plan)

    def case(rng: np.random.Generator) -> list[Problem]:
        raw = mutations.of_bytes((done / "plan.nc").read_bytes(), rng)
        said = []
        tried(done / "plan.nc", raw, lambda: said.append(in_a_child(work)) or [])
        return [Problem(said[0])] if said[0] else []

    fuzzed("plan.nc under audit", part, trials.size(1000, 8), case, trials)


def test_a_finished_run_that_lost_a_part_is_told(done: Path) -> None:
    """A report told from a kpis.json that was edited after the run, and ended in a traceback where
    a figure was no longer a number."""
    kept = (done / "kpis.json").read_bytes()
    figures = json.loads(kept) | {"gap": "small"}
    found = tried(done / "kpis.json", json.dumps(figures).encode(), lambda: refused_by(done))
    assert [str(one.file) for one in found] == [str(done / "kpis.json")]


def refused_by(folder: Path) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        finished_run(folder)
    return caught.value.problems

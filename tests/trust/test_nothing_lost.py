"""Nothing lost: whatever ends a run, its folder holds the old result or the new one, whole (C0)."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from mmap import mmap
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import coplan.run
from coplan import cli, folders
from coplan.folders import mend
from coplan.planning import solve_scenario
from coplan.scenario.reader import read_scenario
from tests.acceptance.command import ROOT, digests
from tests.acceptance.command import coplan as coplan_command
from tests.sampling import one_in
from tests.trust.scoreboard import Trials
from tests.trust.small import write_project

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="a run that shall die is a copy of this process"
)
NOT_THE_SAME = ("run.json", "kpis.json")
"""Files with seconds and memory."""
CHANGE = "options.wacc=0.05"
"""What the newer run changes, so that every figure of money differs."""
WRITING = frozenset({
    "open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "os.truncate",
    "tempfile.mkdtemp", "tempfile.mkstemp", "shutil.copyfile", "shutil.rmtree", "ctypes.dlsym",
})  # fmt: skip
"""What the system is asked when something is written, moved or removed."""
FAULTS = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO)


class World(NamedTuple):
    """A project, its older and newer result, and what solving it gave."""

    scenario: Path
    older: Path
    newer: Path
    solved: dict[str, Any]

    def state(self, folder: Path) -> str:
        """Which result a folder holds: older, newer, none or half of one."""
        found = same_part(folder)
        for name in ("older", "newer"):
            if found == same_part(getattr(self, name)):
                return name
        return "half" if folder.exists() else "none"


def same_part(folder: Path) -> dict[str, str]:
    """Digests of the files that two runs of one question share, and the names of the others."""
    found = digests(folder)
    return {name: "" if name in NOT_THE_SAME else found[name] for name in found}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A day of one campus, planned at two rates of interest."""
    folder = tmp_path_factory.mktemp("lost")
    scenario = write_project(folder / "project")
    solved = {change: solve_scenario(read_scenario(scenario, [change] if change else []))
              for change in ("", CHANGE)}  # fmt: skip
    found = World(scenario, folder / "older", folder / "newer", solved)
    for change, out in (("", found.older), (CHANGE, found.newer)):
        assert ended(found, out, change, lambda: None) == 0
    assert found.state(found.older) == "older"
    assert found.state(found.newer) == "newer"
    return found


def words(world: World, out: Path, change: str) -> list[str]:
    """The words of a run."""
    more = ["--set", change] if change else []
    return ["run", str(world.scenario), "--out", str(out), "--no-report", *more]


def started(world: World, out: Path, change: str, prepare: Callable[[], None]) -> int:
    """Number of a copy of this process that runs the scenario, its plan being known already."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    code = 99
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        coplan.run.solve_scenario = lambda *_: world.solved[change]  # type: ignore[attr-defined]
        prepare()
        code = cli.main(words(world, out, change))
    finally:
        os._exit(code)


def ended(world: World, out: Path, change: str, prepare: Callable[[], None]) -> int:
    """Exit code of such a process."""
    _, status = os.waitpid(started(world, out, change, prepare), 0)
    return os.waitstatus_to_exitcode(status)


def at_step(step: int, fault: Callable[[], None], asked: mmap) -> Callable[[], None]:
    """Have `fault` happen when the system is asked to write for the `step`-th time, 0 for never.

    `asked` is shared with the parent process, which reads from it how many times that was.
    """

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in WRITING and (event != "open" or writes(*arguments)):
            number = int.from_bytes(asked[:4], "big") + 1
            asked[:4] = number.to_bytes(4, "big")
            if number == step:
                fault()

    return lambda: sys.addaudithook(hook)


def writes(path: object, mode: str | None, flags: int) -> bool:
    """Whether a file is opened to be written."""
    changes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    by_mode = set(mode or "") & set("wax+")
    return isinstance(path, str) and path != os.devnull and bool(changes or by_mode)


def die() -> None:
    """What a kill does."""
    os._exit(9)


def fail(number: int) -> Callable[[], None]:
    """What the system says when it refuses."""

    def refuse() -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def in_two_steps() -> None:
    """As on a system where two folders cannot change places in one step."""
    folders.exchanged = lambda *_: False  # type: ignore[assignment]


def nothing() -> None:
    """As it is."""


def picked(count: int, size: int) -> list[int]:
    """`size` of the steps 1 to `count`, the last ones among them: there results change places."""
    if size >= count:
        return list(range(1, count + 1))
    return sorted(random.Random(size).sample(range(1, count - 3), size - 4)) + list(
        range(count - 3, count + 1))  # fmt: skip


@pytest.mark.parametrize("prepare", one_in(2, [nothing, in_two_steps]))
@pytest.mark.parametrize("kind", one_in(2, ["refused", "killed"]))
def test_a_run_that_ends_at_any_step_of_writing_leaves_a_whole_result(
    kind: str, prepare: Callable[[], None], world: World, tmp_path: Path, trials: Trials
) -> None:
    """Killed, or told by the system that the disk is full, read-only, broken or not one's own.

    A disk that was full ended in a traceback; a run killed between the two renames left the older
    result under a hidden name that no command ever looked at again.
    """
    asked, out = mmap(-1, 4), tmp_path / "out"

    def run(step: int, fault: Callable[[], None]) -> int:
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(world.older, out)

        def both() -> None:
            prepare()
            at_step(step, fault, asked)()

        return ended(world, out, CHANGE, both)

    assert run(0, nothing) == 0
    assert world.state(out) == "newer"
    steps = picked(int.from_bytes(asked[:4], "big"), trials.size(10_000, 7))
    missed, seen = [], Counter[str]()
    for step in steps:
        asked[:4] = bytes(4)
        code = run(step, die if kind == "killed" else fail(FAULTS[step % len(FAULTS)]))
        aside = world.state(out) == "none"
        mend(out)
        state = world.state(out)
        whole = state in ("older", "newer") and os.listdir(tmp_path) == ["out"]
        allowed = (9,) if kind == "killed" else (0, 2)
        good = whole and code in allowed and (code != 0 or state == "newer")
        good = good and not (aside and prepare is nothing)
        if not good:
            missed.append(f"step {step}: {code}, {state}, {aside}, {os.listdir(tmp_path)}")
        seen[state] += 1
    told = ", ".join(f"{count} {state}" for state, count in sorted(seen.items()))
    trials.score("C0", f"steps of writing, {kind}, {prepare.__name__.replace('_', ' ')}",
                 len(steps) - len(missed), len(steps), seen=told, missed=missed)  # fmt: skip


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_a_whole_result(
    world: World, tmp_path: Path, trials: Trials
) -> None:
    """Half of the moments lie anywhere in its life, half in the half second in which it writes."""
    chance, out = random.Random(6), tmp_path / "out"
    count = trials.size(50, 2)
    missed, seen = [], Counter[str]()
    for number in range(count):
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(world.older, out)
        process = subprocess.Popen(
            [sys.executable, "-m", "coplan.cli", *words(world, out, CHANGE)], cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        if number % 2:
            while process.poll() is None and len(os.listdir(tmp_path)) == 1:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.5))
        else:
            time.sleep(chance.uniform(0.0, 6.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = world.state(out)
        mend(out)
        good = before in ("older", "newer") and world.state(out) == before
        good = good and os.listdir(tmp_path) == ["out"]
        if not good:
            missed.append(f"{number}: {before}, {world.state(out)}, {os.listdir(tmp_path)}")
        seen[before] += 1
    told = ", ".join(f"{count} {state}" for state, count in sorted(seen.items()))
    trials.score("C0", "runs killed at a random moment", count - len(missed), count, seen=told,
                 missed=missed)  # fmt: skip


@pytest.mark.slow
def test_runs_into_one_folder_at_once_do_not_mix(
    world: World, tmp_path: Path, trials: Trials
) -> None:
    """Four at a time, half of each kind: the last to end stays, whole, and nothing beside it."""
    count = trials.size(20, 1)
    missed = []
    for number in range(count):
        out = tmp_path / f"{number}" / "out"
        out.parent.mkdir()
        prepare = in_two_steps if number % 2 else nothing
        numbers = [started(world, out, (CHANGE, "")[one % 2], prepare) for one in range(4)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in numbers]
        good = codes == [0] * 4 and world.state(out) in ("older", "newer")
        good = good and os.listdir(out.parent) == ["out"]
        if not good:
            missed.append(f"{number}: {codes}, {world.state(out)}, {os.listdir(out.parent)}")
    trials.score("C0", "times that four runs met in one folder", count - len(missed), count,
                 missed=missed)  # fmt: skip


def test_a_disk_that_is_full_leaves_the_older_result(
    world: World, tmp_path: Path, trials: Trials
) -> None:
    """A disk of so many kB with the older result on it, which NetCDF fills from its own code."""
    if not can_mount():
        pytest.skip("no small disk can be mounted here")
    used = sum(path.stat().st_size for path in world.older.rglob("*")) // 1024
    sizes = [used + more for more in range(100, 1000, 100)][4 : 4 + trials.size(5, 1)]
    missed = []
    for size in sizes:
        place, told = tmp_path / "disk", tmp_path / "told"
        place.mkdir(exist_ok=True)
        script = (
            f"mount -t tmpfs -o size={size}k x {place} && cp -r {world.older} {place}/out && "
            f"{sys.executable} -m coplan.cli {' '.join(words(world, place / 'out', CHANGE))} "
            f"2> {told}; echo $? > {tmp_path}/code; ls -A {place} > {tmp_path}/left; "
            f"diff -r {world.older} {place}/out > {tmp_path}/diff"
        )
        subprocess.run(["unshare", "-rm", "sh", "-c", script], check=False, cwd=tmp_path,
                       env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True)  # fmt: skip
        code, left, diff = ((tmp_path / name).read_text() for name in ("code", "left", "diff"))
        text = told.read_text(encoding="utf-8")
        good = (code, left, diff) == ("2\n", "out\n", "") and len(text.splitlines()) == 1
        if not good:
            missed.append(f"{size} kB: {code}, {left}, {diff[:200]}, {text[-500:]}")
    trials.score("C0", "full disks told in one line", len(sizes) - len(missed), len(sizes),
                 missed=missed)  # fmt: skip


def can_mount() -> bool:
    """Whether this user may mount a disk of their own."""
    try:
        words = ["unshare", "-rm", "sh", "-c", "mount -t tmpfs x /mnt"]
        return subprocess.run(words, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def test_a_result_that_was_left_aside_is_found_by_every_command(
    world: World, tmp_path: Path
) -> None:
    """Killed between two renames, the folder is gone until somebody asks for it."""
    for number, command_words in enumerate((["verify"], ["explain"])):
        out = tmp_path / f"{number}" / "out"
        shutil.copytree(world.older, out.with_name(f".out-{folders.owner()}-x0{folders.OLD}"))
        only = next(out.parent.iterdir())
        only.rename(only.with_name(only.name.replace(f"~{os.getpid()}-", "~999999999-")))
        assert coplan_command(*command_words, out).code == 0
        assert world.state(out) == "older"
        assert os.listdir(out.parent) == ["out"]


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """Folders of processes that still run, of other machines, and of names that look alike."""
    for name in (f".out-{folders.owner()}-x", ".out-other~999999999-x", ".out-notes", ".outer-x"):
        (tmp_path / name).mkdir()
    before = sorted(os.listdir(tmp_path))
    mend(tmp_path / "out")
    assert sorted(os.listdir(tmp_path)) == before

"""A study whose coordinator and workers are killed at random moments ends with the same store."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from tests.acceptance.command import digests
from tests.study.world import HEAD, elsewhere, without_run_record
from tests.trust.scoreboard import Trials

pytestmark = pytest.mark.slow
SWEEP = """\
sweep:
  method: latin_hypercube
  samples: {count}
  seed: 7
  axes:
    cards.generators/onshore-wind.capex_cny_per_kw: [3000, 6000]
    cards.storage/lfp.energy_capex_cny_per_kwh: [500, 1500]
"""


def words(study: Path, folder: Path) -> list[str]:
    """The command; at most two variants at a time are in work."""
    return ["study", str(study), "--out", str(folder), "--workers", "2", "--lang", "en"]


def kill_one(running: subprocess.Popen, chance: random.Random) -> str:
    """Kill the coordinator or one of its workers, whichever comes."""
    with contextlib.suppress(psutil.NoSuchProcess):
        workers = [one for one in psutil.Process(running.pid).children() if _solves(one)]
        if workers and chance.random() < 0.5:
            chance.choice(workers).kill()
            return "worker"
    running.kill()
    return "coordinator"


def _solves(process: psutil.Process) -> bool:
    """Whether a child is a worker; the other one keeps the list of semaphores."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return "spawn_main" in " ".join(process.cmdline())
    return False


def whole(folder: Path, files: set[str]) -> list[str]:
    """Results in place that lack a file."""
    return [
        place.name for place in (folder / "store").glob("*")
        if {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
        != files
    ]  # fmt: skip


def test_kills_at_random_moments_lose_nothing(study: Path, tmp_path: Path, trials: Trials) -> None:
    """The study is started again after every kill of its coordinator; no lock is cleared."""
    count, kills = trials.size(200, 6), trials.size(100, 6)
    study = study.with_name("lost.yaml")
    study.write_text(HEAD + SWEEP.format(count=count), encoding="utf-8")
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    assert elsewhere(words(study, calm)).wait() == 0
    told = json.loads((calm / "study.json").read_text(encoding="utf-8"))["variants"]
    one = calm / "store" / told[0]["key"]
    files = set(digests(one))
    chance, killed, halves = random.Random(1), [], []
    seen: dict[str, int] = {}
    solved_again = 0
    running = elsewhere(words(study, rough))
    while len(killed) < kills:
        time.sleep(chance.uniform(0.5, 8.0))
        if running.poll() is not None and len(list((rough / "store").glob("*"))) == len(told):
            break  # all is done before the last kill: that many moments were tried
        killed.append(kill_one(running, chance))
        if killed[-1] == "coordinator":
            running.wait()
            halves += whole(rough, files)
            now = {path.name: path.stat().st_mtime_ns for path in (rough / "store").glob("*")}
            solved_again += sum(now[key] != when for key, when in seen.items())
            seen = now
            running = elsewhere(words(study, rough))
    code = running.wait()
    if code != 0:  # a variant lost its worker three times: the same command tries it again
        code = elsewhere(words(study, rough)).wait()
    same = without_run_record(rough) == without_run_record(calm)
    left = list((rough / "making").iterdir())
    held = len(killed) if (code, same, halves, left, solved_again) == (0, True, [], [], 0) else 0
    told_of = f"{killed.count('worker')} workers, {killed.count('coordinator')} coordinators"
    seen_text = f"{told_of} killed, {len(told)} variants, {len(halves)} halves, {len(left)} left"
    trials.score("C1", "kills in a study after which the store is the same", held, len(killed),
                 seen=seen_text)  # fmt: skip
    assert (rough / "comparison" / "compare.en.html").exists()

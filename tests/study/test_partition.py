"""Scheduler and workers on machines of their own, killed and cut off one after another."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.acceptance.command import coplan
from tests.study.parts import wait_for
from tests.study.world import HEAD, ROOT, elsewhere, without_run_record
from tests.trust.scoreboard import Trials

NET = "10.231.{}.{}"
PORT = "8786"
SWEEP = """\
sweep:
  method: latin_hypercube
  samples: {count}
  seed: 3
  axes:
    cards.storage/lfp.energy_capex_cny_per_kwh: [500, 1500]
"""


class Machines:
    """Namespaces with an address each, on one bridge with this one: what a small cluster has."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.mark = folder, os.getpid() % 250
        self.bridge = f"cpb{self.mark}"
        self.names: list[str] = []
        self.running: list[subprocess.Popen] = []

    def connect(self, count: int) -> None:
        """Make the net with so many machines."""
        self.ip("link", "add", self.bridge, "type", "bridge")
        self.ip("addr", "add", f"{NET.format(self.mark, 1)}/24", "dev", self.bridge)
        self.ip("link", "set", self.bridge, "up")
        for _ in range(count):
            self.add()

    def ip(self, *words: str) -> None:
        """One command of iproute2."""
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def add(self) -> None:
        """Another machine."""
        number = len(self.names) + 2
        name, ours, theirs = f"coplan{self.mark}-{number}", self.port(number), "net"
        self.names.append(name)
        self.ip("netns", "add", name)
        self.ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", name)
        self.ip("link", "set", ours, "master", self.bridge, "up")
        self.ip("-n", name, "addr", "add", f"{self.address(name)}/24", "dev", theirs)
        self.ip("-n", name, "link", "set", theirs, "up")
        self.ip("-n", name, "link", "set", "lo", "up")

    def port(self, number: int) -> str:
        """The end of a machine's cable that is here."""
        return f"cpv{self.mark}n{number}"

    def address(self, name: str) -> str:
        """Of a machine."""
        return NET.format(self.mark, self.names.index(name) + 2)

    def cut(self, name: str, seconds: float) -> None:
        """Take a machine off the net for some time."""
        cable = self.port(self.names.index(name) + 2)
        self.ip("link", "set", cable, "down")
        time.sleep(seconds)
        self.ip("link", "set", cable, "up")

    def start(self, name: str, *words: str) -> psutil.Process:
        """A part of the cluster on a machine."""
        with (self.folder / f"{len(self.running)}.log").open("w") as log:
            part = subprocess.Popen(
                ["ip", "netns", "exec", name, sys.executable, "-m", "distributed.cli." + words[0],
                 *words[1:]], cwd=self.folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=log, stderr=log, start_new_session=True)  # fmt: skip
        self.running.append(part)
        return psutil.Process(part.pid)  # `ip netns exec` becomes the command itself

    def scheduler(self, name: str) -> psutil.Process:
        """The scheduler, always at the same address."""
        return self.start(name, "dask_scheduler", "--host", self.address(name), "--port", PORT,
                          "--no-dashboard")  # fmt: skip

    def worker(self, name: str) -> psutil.Process:
        """A nanny, whose worker solves one variant at a time."""
        return self.start(name, "dask_worker", f"tcp://{self.address(self.names[0])}:{PORT}",
                          "--host", self.address(name), "--nworkers", "1", "--nthreads", "1",
                          "--no-dashboard")  # fmt: skip

    def remove(self) -> None:
        """Leave nothing behind."""
        for part in self.running:
            if part.poll() is None:
                os.killpg(part.pid, signal.SIGKILL)
            part.wait()
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], check=False, capture_output=True)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A net of this test; skips where none can be made."""
    if shutil.which("ip") is None:
        pytest.skip("network namespaces need Linux with iproute2")
    found = Machines(tmp_path)
    try:
        try:
            found.connect(3)
        except (subprocess.CalledProcessError, OSError):
            pytest.skip("network namespaces may not be made here; they need root")
        yield found
    finally:
        found.remove()


def kill_worker_of(nanny: psutil.Process) -> None:
    """Kill the worker that a nanny looks after, with whatever it has running."""
    for one in nanny.children(recursive=True):
        one.kill()


@pytest.mark.slow
def test_machines_killed_and_cut_off_lose_nothing(
    study: Path, machines: Machines, tmp_path: Path, trials: Trials
) -> None:
    count, off_s = trials.size(24, 6), trials.size(30, 5)
    study = study.with_name("partition.yaml")
    study.write_text(HEAD + SWEEP.format(count=count), encoding="utf-8")
    calm, out = tmp_path / "calm", tmp_path / "out"
    assert coplan("study", study, "--out", calm, "--workers", 2, "--lang", "en").code == 0
    head, one, two = machines.names
    address = f"tcp://{machines.address(head)}:{PORT}"
    words = ["study", str(study), "--out", str(out), "--lang", "en", "--engine", "dask",
             "--scheduler", address, "--insecure-cluster"]  # fmt: skip
    scheduler, first, _ = machines.scheduler(head), machines.worker(one), machines.worker(two)
    client = elsewhere(words)
    wait_for(out, 1)
    kill_worker_of(first)  # its nanny starts another
    machines.cut(two, off_s)
    wait_for(out, 3)
    first.kill()  # the nanny
    machines.worker(one)
    client.kill()
    client.wait()
    client = elsewhere(words)
    wait_for(out, 5)
    scheduler.kill()
    client.wait(timeout=180)  # 1, or 0 where it was quicker: the same command goes on
    scheduler.wait()
    machines.scheduler(head)
    machines.worker(one)
    machines.worker(two)
    code = coplan(*words).code
    same = without_run_record(out) == without_run_record(calm)
    trials.score("C2", "machines of a cluster killed or cut off, and the same store", 5 * same, 5,
                 seen=f"{count} variants, {off_s} s cut off, exit {code}")  # fmt: skip
    assert code == 0
    assert list((out / "making").iterdir()) == []

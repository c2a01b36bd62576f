"""A Dask cluster on this machine: scheduler and workers as README starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.study.world import ROOT


class Parts:
    """Scheduler and workers, each a process of its own, started by the README's commands."""

    def __init__(self, folder: Path, protocol: str = "tcp") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"{protocol}://127.0.0.1:{free.getsockname()[1]}"
        self.folder = folder
        self.running: list[subprocess.Popen] = []

    def start(self, *words: str) -> subprocess.Popen:
        """One part, with the package under test."""
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with (self.folder / f"{len(self.running)}.log").open("w") as log:
            part = subprocess.Popen([sys.executable, "-m", "distributed.cli." + words[0],
                                     *words[1:]], cwd=self.folder, env=environment,
                                    stdout=log, stderr=log)  # fmt: skip
        self.running.append(part)
        return part

    def scheduler(self) -> subprocess.Popen:
        """The scheduler, always at the same address."""
        protocol, port = self.address.split("://")[0], self.address.rsplit(":", 1)[1]
        return self.start("dask_scheduler", "--protocol", protocol, "--host", "127.0.0.1",
                          "--port", port, "--no-dashboard")  # fmt: skip

    def worker(self, *words: str) -> subprocess.Popen:
        """One worker with one thread."""
        return self.start("dask_worker", self.address, "--host", "127.0.0.1", "--nworkers", "1",
                          "--nthreads", "1", "--no-dashboard", *words)  # fmt: skip


def wait_for(folder: Path, count: int) -> None:
    """Until a store holds `count` results."""
    deadline = time.monotonic() + 300
    while len(list((folder / "store").glob("*"))) < count and time.monotonic() < deadline:
        time.sleep(0.02)

"""README's words on clusters beyond one machine, followed to the letter: TLS, and Slurm's jobs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.command import Said
from tests.study.parts import Parts
from tests.study.world import ROOT, elsewhere, without_run_record

README = (ROOT / "README.md").read_text(encoding="utf-8")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not here")
needs_sessions = pytest.mark.skipif(
    not shutil.which("setsid"), reason="what stands for Slurm here starts jobs by setsid"
)

SBATCH = """\
#!/bin/sh
cp "$1" job-$$
setsid sh job-$$ >job-$$.log 2>&1 &
echo "Submitted batch job $!"
echo $! >>{started}
"""
SCANCEL = '#!/bin/sh\nkill -- "-$1"\necho $1 >>{ended}\n'
"""A batch system of one machine: every job is a process group that begins at once."""


def block(first_words: str) -> str:
    """The indented block of README that begins with these words."""
    found = re.search(rf"^    {re.escape(first_words)}.*?\n(?=\S|\n\S)", README, re.S | re.M)
    assert found, first_words
    return textwrap.dedent(found.group())


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate and Dask's settings as README says, for all processes of this test."""
    (command,) = block("openssl req").splitlines()
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    settings = block("distributed:").replace("/shared", tmp_path.as_posix())
    (tmp_path / "dask").mkdir()
    (tmp_path / "dask" / "tls.yaml").write_text(settings, encoding="utf-8")
    here = "jobqueue: {slurm: {scheduler-options: {host: 127.0.0.1}}}"
    (tmp_path / "dask" / "jobqueue.yaml").write_text(here, encoding="utf-8")
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "dask"))
    return tmp_path


@needs_openssl
@pytest.mark.slow
def test_a_cluster_with_certificates_leaves_the_same_store(
    study: Path, done: tuple[Said, Path], certified: Path
) -> None:
    parts = Parts(certified, "tls")
    try:
        parts.scheduler()
        parts.worker()
        out = certified / "out"
        words = ["study", str(study), "--out", str(out), "--engine", "dask",
                 "--scheduler", parts.address]  # fmt: skip
        assert elsewhere(words).wait(timeout=300) == 0
    finally:
        for part in parts.running:
            part.kill()
            part.wait()
    assert without_run_record(out) == without_run_record(done[1])


@contextmanager
def slurm_cluster(folder: Path, program: str) -> Iterator[str]:
    """Runs README's program until it is told to end; the address it prints."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    names = {"started": folder / "started", "ended": folder / "ended"}
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (bin_folder / name).write_text(text.format(**names), encoding="utf-8")
        (bin_folder / name).chmod(0o755)
    path = os.pathsep.join([str(bin_folder), os.environ["PATH"]])
    with (folder / "cluster.log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-c", program], cwd=folder, text=True, stderr=log,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": path, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    try:
        yield running.stdout.readline().strip()
        running.communicate("\n", timeout=60)
        assert running.returncode == 0
        assert (sorted(names["started"].read_text().split())
                == sorted(names["ended"].read_text().split()))  # fmt: skip
    finally:
        running.kill()
        running.wait()


@needs_openssl
@needs_sessions
@pytest.mark.slow
def test_jobs_of_a_batch_system_leave_the_same_store(
    study: Path, done: tuple[Said, Path], certified: Path
) -> None:
    program = block("from dask_jobqueue").replace("jobs=100", "jobs=2")
    out = certified / "out"
    with slurm_cluster(certified, program) as address:
        assert address.startswith("tls://")
        words = ["study", str(study), "--out", str(out), "--engine", "dask",
                 "--scheduler", address]  # fmt: skip
        assert elsewhere(words).wait(timeout=300) == 0
    assert len((certified / "started").read_text().split()) == 2
    assert without_run_record(out) == without_run_record(done[1])

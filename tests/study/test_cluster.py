"""A study on a Dask cluster: the same store as on this machine, whatever part of it is killed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coplan.errors import InputError
from coplan.run import file_hashes
from coplan.study import cluster, command
from coplan.study.work import Task
from tests.acceptance.command import Said, coplan
from tests.study.parts import Parts, wait_for
from tests.study.world import elsewhere, without_run_record


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """A cluster of this test; nothing of it outlives the test."""
    found = Parts(tmp_path)
    yield found
    for part in found.running:
        part.kill()
        part.wait()


class Blind:
    """A client of a cluster whose workers do not see this disk."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def run(self, function: Any, *words: Any) -> Any:
        found = self.client.run(function, *words)
        return dict.fromkeys(found, False) if function is os.path.isfile else found


@pytest.mark.slow
def test_a_cluster_leaves_the_same_store_with_and_without_a_common_disk(
    study: Path, done: tuple[Said, Path], parts: Parts, tmp_path: Path
) -> None:
    parts.scheduler()
    parts.worker()
    parts.worker("--no-nanny")
    said = coplan("study", study, "--out", tmp_path / "seen", "--engine", "dask",
                  "--scheduler", parts.address)  # fmt: skip
    assert (said.code, said.out.splitlines()[:2]) == (0, done[0].out.splitlines()[:2])
    assert without_run_record(tmp_path / "seen") == without_run_record(done[1])
    with cluster.connected(parts.address) as client:
        told = command.run_study(study, tmp_path / "blind", cluster=Blind(client))
    assert (told.exit_code, told.solved) == (0, 3)
    assert without_run_record(tmp_path / "blind") == without_run_record(done[1])
    for folder in ("seen", "blind"):
        assert list((tmp_path / folder / "making").iterdir()) == []


@pytest.mark.slow
def test_workers_scheduler_and_client_killed_in_turn_lose_nothing(
    study: Path, done: tuple[Said, Path], parts: Parts, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["study", str(study), "--out", str(out), "--engine", "dask",
             "--scheduler", parts.address]  # fmt: skip
    first_scheduler, first_worker = parts.scheduler(), parts.worker()
    client = elsewhere(words)
    wait_for(out, 1)
    first_worker.kill()  # with its nanny; its variant is given to the one that comes
    parts.worker()
    client.kill()
    client.wait()
    client = elsewhere(words)
    wait_for(out, 2)
    first_scheduler.kill()
    assert client.wait(timeout=120) == 1  # told: start the same command again
    first_scheduler.wait()
    parts.scheduler()
    parts.worker()
    assert coplan(*words).code == 0
    assert without_run_record(out) == without_run_record(done[1])


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://192.0.2.7:8786", "tcp:// leaves this machine unencrypted"),
        ("tcp://planner.example:8786", "--insecure-cluster"),
        ("http://127.0.0.1:8786", "must be like tcp://127.0.0.1:8786"),
        ("127.0.0.1", "must be like"),
        ("tcp://127.0.0.1:1", "no scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_an_address_that_will_not_do_is_refused(
    address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(InputError) as caught, cluster.connected(address):
        pass
    assert said in str(caught.value)
    assert "--scheduler" in str(caught.value)


@pytest.mark.parametrize(
    ("address", "encrypted", "said"),
    [("tls://127.0.0.1:1", False, "needs a certificate"),
     ("tcp://127.0.0.1:1", True, "refused by Dask's settings: encryption required")],
)  # fmt: skip
def test_settings_of_dask_that_do_not_fit_the_address_are_told(
    address: str, encrypted: bool, said: str
) -> None:
    import dask

    settings = {"distributed.comm.require-encryption": encrypted}
    with (dask.config.set(settings), pytest.raises(InputError) as caught,
          cluster.connected(address)):  # fmt: skip
        pass
    assert said in str(caught.value)


def test_engine_and_scheduler_go_together(study: Path, tmp_path: Path) -> None:
    said = coplan("study", study, "--out", tmp_path / "out", "--engine", "dask")
    assert said.code == 2
    assert "--engine dask and --scheduler go together" in said.err
    assert not (tmp_path / "out").exists()


class Stranger:
    """A client of a cluster whose one worker has another HiGHS."""

    def wait_for_workers(self, *_: Any, **__: Any) -> None:
        """There is one."""

    def run(self, function: Any) -> Any:
        return {"tcp://127.0.0.1:4": tuple({**dict(function()), "highspy": "1.0"}.items())}


def test_a_worker_with_another_version_is_refused() -> None:
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:4 differs: highspy 1\.0 instead of"):
        cluster._refuse_strangers(Stranger())


def test_what_is_sent_is_what_the_scenario_reads(study: Path, tmp_path: Path) -> None:
    base = study.parents[1] / "quickstart.yaml"
    task = Task("k", base, ("options.hours=24",), tmp_path, 10.0)
    root, start, files = cluster._inputs(task)
    names = [path.relative_to(root).as_posix() for path in files]
    assert start.relative_to(root).as_posix() in names
    assert any(name.startswith("data/weather/") for name in names)
    assert any(name.startswith("models/tariffs/") for name in names)
    outside = Path(shutil.copy(base, tmp_path / "outside.yaml"))
    with pytest.raises(InputError, match="workers that do not see this disk"):
        cluster._inputs(Task("k", outside, (), tmp_path, 10.0))


def test_a_file_has_one_name_whatever_the_way_to_it(study: Path) -> None:
    """A study's base is named from its folder; results differed by that way in `hashes`."""
    root = study.parents[2]
    found = file_hashes([study.parent / ".." / "quickstart.yaml"], root)
    assert list(found) == ["scenarios/quickstart.yaml"]

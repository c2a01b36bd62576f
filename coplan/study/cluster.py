"""The variants of a study on an existing Dask cluster instead of processes of this machine.

A worker of the cluster has each variant solved by a process of its own, as the embedded engine
does, and puts the result into the study's store; where it does not see the store's disk it gets
the input files with the task and returns the result folder as bytes. The cluster may run a
task twice or lose it: the store drops what is there already, and a lost task is given out again.
"""

from __future__ import annotations

import contextlib
import io
import ipaddress
import os
import shutil
import sys
import tempfile
import uuid
import zipfile
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import current_process
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from coplan.errors import CoplanError, InputError, Problem
from coplan.planning import versions
from coplan.study.store import MAKING, RESULTS, Store, code_digest
from coplan.study.supervisor import ATTEMPTS, Finished, supervise
from coplan.study.work import Receipt, Task, solve_variant

CONNECT_S = 20.0
SCHEDULER = "--scheduler"
AT_ONCE = 2
"""Tasks given out per thread of the cluster: one in work, one waiting for it."""


@dataclass(frozen=True)
class Parcel:
    """A task as it is sent: what must agree with the worker, and the files where it sees none."""

    task: Task
    fingerprint: tuple[tuple[str, str], ...]
    files: bytes
    """Zip of the input files by their path below the project; empty on a common disk."""
    start: str
    """The scenario file in it."""


@dataclass(frozen=True)
class Returned:
    """What comes back: the receipt or the causes of three failures, and the result as a zip."""

    receipt: Receipt | None
    causes: tuple[str, ...]
    result: bytes


@contextlib.contextmanager
def connected(address: str, insecure: bool = False) -> Iterator[Any]:
    """A client of the scheduler at `address`, whose workers all have this Python and coplan.

    Raises InputError for an address that is refused, does not answer, or has other versions.
    """
    _refuse_open_door(address, insecure)
    try:
        from distributed import Client
    except ImportError as error:
        text = "needs the package distributed: pip install 'coplan[dask]'"
        raise InputError(Problem(text, "command line", None, "--engine")) from error
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except TypeError as error:  # distributed's answer to tls:// without files for it
        text = f"{address} needs a certificate: distributed.comm.tls in Dask's settings"
        raise InputError(Problem(text, "command line", None, SCHEDULER)) from error
    except RuntimeError as error:  # tcp:// where Dask's settings ask for encryption
        text = f"{address} is refused by Dask's settings: {error}"
        raise InputError(Problem(text, "command line", None, SCHEDULER)) from error
    except (OSError, ValueError) as error:
        text = f"no scheduler answers at {address} ({type(error).__name__})"
        raise InputError(Problem(text, "command line", None, SCHEDULER)) from error
    try:
        _refuse_strangers(client)
        yield client
    finally:
        client.close(timeout=2)


def distribute(client: Any, tasks: Sequence[Task]) -> Generator[Finished, None, None]:
    """Have every task solved by the cluster; yields each as soon as it is done with.

    Raises CoplanError when the scheduler is lost; what is in the store by then stays there.
    """
    from distributed import as_completed

    if not tasks:
        return
    packed = _packer(client, tasks[0].folder)
    waiting = deque(range(len(tasks)))
    causes: list[list[str]] = [[] for _ in tasks]
    given: dict[Any, int] = {}
    pool = as_completed(loop=client.loop, raise_errors=False)

    def give_out() -> None:
        while waiting and len(given) < AT_ONCE * max(1, sum(client.nthreads().values())):
            position = waiting.popleft()
            name = f"coplan-{tasks[position].key}-{uuid.uuid4().hex}"
            future = client.submit(_solve_parcel, packed(tasks[position]), key=name, pure=False)
            given[future] = position
            pool.add(future)

    give_out()
    while given:
        future = next(pool)
        position = given.pop(future)
        answer = _answer(future, tasks[position], causes[position])
        future.release()
        if answer is None and len(causes[position]) < ATTEMPTS:
            waiting.append(position)
        else:
            yield Finished(position, answer, () if answer else tuple(causes[position]))
        give_out()


def _answer(future: Any, task: Task, causes: list[str]) -> Receipt | None:
    """The receipt of a task that has ended; where there is none, why is added to `causes`."""
    if future.status in ("cancelled", "lost"):
        raise CoplanError(
            "the scheduler is lost; what is solved is kept: start the same command again"
        )
    if future.status == "error":
        error = future.exception()
        causes.append(f"{type(error).__name__}: {error}")
        return None
    found: Returned = future.result()
    causes += found.causes
    if found.result:
        _unpack_result(found.result, task)
    return found.receipt


def _refuse_open_door(address: str, insecure: bool) -> None:
    """InputError for an address that would send code and data over a network in the open."""
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        text = f"must be like tcp://127.0.0.1:8786 or tls://host:8786, not {address!r}"
        raise InputError(Problem(text, "command line", None, SCHEDULER))
    try:
        here = ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        here = parts.hostname == "localhost"
    if parts.scheme == "tcp" and not here and not insecure:
        text = (
            "tcp:// leaves this machine unencrypted, and whoever reaches the scheduler can run "
            "code; use tls://, or --insecure-cluster in a network of your own"
        )
        raise InputError(Problem(text, "command line", None, SCHEDULER))


def fingerprint() -> tuple[tuple[str, str], ...]:
    """What a result depends on besides its inputs, of this process."""
    found = versions() | {"python": sys.version.split()[0], "platform": sys.platform}
    return tuple(sorted((found | {"coplan's code": code_digest()[:12]}).items()))


def _refuse_strangers(client: Any) -> None:
    """InputError where there is no worker, or one with other versions than this process."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
        found = client.run(fingerprint)
    except Exception as error:  # whatever a worker without coplan raises
        text = f"no worker there can run coplan ({type(error).__name__}: {error})"
        raise InputError(Problem(text, "command line", None, SCHEDULER)) from error
    for worker, theirs in found.items():
        differing = _differences(dict(theirs))
        if differing:
            text = f"worker {worker} differs: {differing}; install the same there"
            raise InputError(Problem(text, "command line", None, SCHEDULER))


def _differences(theirs: dict[str, str]) -> str:
    ours = dict(fingerprint())
    differing = [name for name in sorted(ours | theirs) if theirs.get(name) != ours.get(name)]
    return ", ".join(f"{name} {theirs.get(name)} instead of {ours.get(name)}" for name in differing)


def _packer(client: Any, folder: Path) -> Any:
    """task → Parcel: without files where every worker sees the study's folder."""
    sign = folder / MAKING / f"sign-{uuid.uuid4().hex}"
    sign.write_text("seen", encoding="utf-8")
    try:
        common = all(client.run(os.path.isfile, str(sign)).values())
    finally:
        sign.unlink()
    ours = fingerprint()
    zips: dict[tuple[Path, ...], bytes] = {}

    def packed(task: Task) -> Parcel:
        if common:
            return Parcel(task, ours, b"", "")
        root, start, files = _inputs(task)
        if files not in zips:
            zips[files] = _zipped(files, root)
        return Parcel(task, ours, zips[files], start.relative_to(root).as_posix())

    return packed


def _inputs(task: Task) -> tuple[Path, Path, tuple[Path, ...]]:
    """Root of the project, scenario file, and every file that the task reads."""
    from coplan.dataset.files import data_files_used
    from coplan.scenario.reader import data_files, read_scenario

    scenario = read_scenario(task.path, task.settings, allow=task.allow)
    found = [*scenario.files, *data_files_used(scenario), *data_files(scenario).values()]
    root = scenario.root.absolute()
    files = tuple(sorted({Path(os.path.abspath(path)) for path in found}))
    outside = [path for path in files if not path.is_relative_to(root)]
    if outside:
        text = f"lies outside {root}: workers that do not see this disk cannot be sent it"
        raise InputError([Problem(text, str(path)) for path in outside])
    return root, Path(os.path.abspath(task.path)), files


def _zipped(files: Sequence[Path], root: Path) -> bytes:
    """A zip of files by their path below a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as whole:
        for path in files:
            whole.write(path, path.relative_to(root).as_posix())
    return buffer.getvalue()


def _solve_parcel(parcel: Parcel) -> Returned:
    """On the cluster: solve one variant in a process of its own."""
    differing = _differences(dict(parcel.fingerprint))
    if differing:
        raise RuntimeError(f"this worker is another one: {differing}")
    if not parcel.files:
        receipt, causes = _in_a_process(parcel.task)
        return Returned(receipt, causes, b"")
    place = Path(tempfile.mkdtemp(prefix="coplan-"))
    try:
        with zipfile.ZipFile(io.BytesIO(parcel.files)) as whole:
            whole.extractall(place / "project")
        (place / "project" / "models").mkdir(exist_ok=True)  # marks the root of a project
        task = replace(parcel.task, path=place / "project" / parcel.start, folder=place / "study")
        receipt, causes = _in_a_process(task)
        made = Store(task.folder).result(task.key)
        files = [path for path in sorted(made.rglob("*")) if path.is_file()]
        return Returned(receipt, causes, _zipped(files, made) if files else b"")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _in_a_process(task: Task) -> tuple[Receipt | None, tuple[str, ...]]:
    """Solve a task as the embedded engine does; a nanny's worker may start processes for it."""
    settings = getattr(current_process(), "_config", {})  # a daemon is refused children otherwise
    was = settings.pop("daemon", None)
    try:
        (one,) = supervise([task], solve_variant, 1)
        return (None if one.failed else one.answer), one.causes
    finally:
        if was is not None:
            settings["daemon"] = was


def _unpack_result(result: bytes, task: Task) -> None:
    """Put a result that came as bytes into the store."""
    store = Store(task.folder)
    with store.making(task.key) as place:
        with zipfile.ZipFile(io.BytesIO(result)) as whole:
            whole.extractall(place / RESULTS)
        store.commit(place / RESULTS, task.key)

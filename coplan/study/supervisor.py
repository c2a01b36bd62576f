"""Work given to spawned processes, one piece at a time each, that outlives the loss of any of them.

A worker that dies, hangs or raises is replaced and its piece tried again, at most three times in
all. Workers end with the process that started them, however that one ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from typing import Any, Protocol

ATTEMPTS = 3
BEGUN = "begun"
"""What a worker says when it takes up a piece; then comes (answer, cause)."""
GOODBYE_S = 10.0
START_S = 120.0
"""Longest start of a worker; its piece's time begins when it has taken it up."""
ENVIRONMENT = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
) | {"PYTHONWARNINGS": "ignore:resource_tracker:UserWarning"}
"""Of a worker: one thread, and no word about the semaphores of one that was killed."""


class Piece(Protocol):
    """A piece of work: anything that can be sent and says how long it may take."""

    @property
    def deadline_s(self) -> float:
        """Seconds after which the worker is stopped."""


@dataclass(frozen=True)
class Finished:
    """A piece that is done with: its answer, or why three attempts gave none."""

    position: int
    answer: Any
    causes: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether there is no answer."""
        return len(self.causes) >= ATTEMPTS


def supervise(
    pieces: Sequence[Piece], work: Callable[[Any], Any], workers: int
) -> Generator[Finished, None, None]:
    """Have `work(piece)` done for every piece; yields each as soon as it is done with.

    `work` is a function of a module, since it is found by name in the worker. Closing the iterator,
    or an interrupt, stops every worker at once; what was in flight is lost, nothing else.
    """
    waiting = deque(range(len(pieces)))
    causes: list[list[str]] = [[] for _ in pieces]
    team = [_Worker(work) for _ in range(min(workers, len(pieces)))]
    try:
        while waiting or any(one.is_busy for one in team):
            for one in team:
                if waiting and not one.is_busy:
                    position = waiting.popleft()
                    one.give(position, pieces[position])
            for one in _ready(team):
                if one.has_begun():
                    continue
                position, answer, cause = one.take()
                if cause:
                    causes[position].append(cause)
                    if len(causes[position]) < ATTEMPTS:
                        waiting.append(position)
                        continue
                yield Finished(position, answer, tuple(causes[position]))
    finally:
        for one in team:
            one.stop()


def _ready(team: Sequence[_Worker]) -> list[_Worker]:
    """Busy workers that have answered, died or are late; waits until there is one."""
    busy = [one for one in team if one.is_busy]
    while True:
        left = min(one.late_at for one in busy) - time.monotonic()
        signs = connection.wait([sign for one in busy for sign in one.signs], max(0.0, left))
        found = [one for one in busy if one.is_late or any(sign in signs for sign in one.signs)]
        if found:
            return found


class _Worker:
    """A process and the piece it works on; replaced by a new process when it is lost."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work
        self.process: Any = None
        self.position: int | None = None
        self.late_at = 0.0
        self.limit_s = 0.0
        self.news: Any = None

    @property
    def is_busy(self) -> bool:
        return self.position is not None

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self.late_at

    @property
    def signs(self) -> tuple[Any, ...]:
        """What wakes whoever waits: an answer, or the end of the process."""
        return self.pipe, self.process.sentinel

    def give(self, position: int, piece: Piece) -> None:
        """Start on a piece, in a new process where there is none that lives."""
        if self.process is None or not self.process.is_alive():
            self.stop()
            self._start()
        self.position, self.limit_s = position, piece.deadline_s
        self.late_at = time.monotonic() + START_S
        with contextlib.suppress(OSError):  # it died just now: its end is seen as any other
            self.pipe.send(piece)

    def has_begun(self) -> bool:
        """Whether the news is that it takes up the piece now, from when its time counts."""
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll():
                self.news = self.pipe.recv()
                if self.news == BEGUN:
                    self.news = None
                    self.late_at = time.monotonic() + self.limit_s
                    return True
        return False

    def take(self) -> tuple[int, Any, str]:
        """Position, answer and cause (empty for an answer) of the piece; the worker is free."""
        assert self.position is not None
        position = self.position
        news, self.news = self.news, None
        if news is None:
            news = (None, self._cause())
            self.stop()
        self.position = None
        return position, *news

    def _cause(self) -> str:
        """Why there is no answer: it is late, or it died."""
        if self.process.is_alive() and self.is_late:
            return f"no answer within {self.limit_s:g} s"
        self.process.join()
        return _cause_of_death(self.process.exitcode)

    def stop(self) -> None:
        """End the process: one that waits is let go, one that works is killed."""
        if self.process is None:
            return
        self.pipe.close()
        if not self.is_busy:
            self.process.join(GOODBYE_S)
        self.process.kill()
        self.process.join()
        self.process = None

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.work), daemon=True)
        with _inherited():
            self.process.start()
        theirs.close()


@contextlib.contextmanager
def _inherited() -> Iterator[None]:
    """What a process that starts now inherits: our environment, and deafness to interrupts."""
    before = dict(os.environ)
    os.environ.update(ENVIRONMENT)  # read when numpy is imported, which is before any of ours
    masked = hasattr(signal, "pthread_sigmask")
    if masked:  # an interrupt meanwhile reaches this process as soon as the mask is taken off
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        if masked:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)


def _cause_of_death(code: int | None) -> str:
    if code is None or code >= 0:
        return f"the worker ended with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
    memory = ", as when memory runs out" if name == "SIGKILL" else ""
    return f"the worker was ended by signal {name}{memory}"


def _serve(pipe: Any, work: Callable[[Any], Any]) -> None:
    """The life of a worker: take a piece, do it, answer; until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides what an interrupt means
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            piece = pipe.recv()
        except EOFError:
            return
        pipe.send(BEGUN)
        try:
            reply = (work(piece), "")
        except MemoryError:
            reply = (None, "out of memory")
        except Exception as error:
            reply = (None, f"{type(error).__name__}: {error}")
        pipe.send(reply)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)

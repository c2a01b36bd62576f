"""Progress of long work: a live line on a terminal, nothing elsewhere."""

from __future__ import annotations

import time
from typing import Any, Protocol


class Progress(Protocol):
    """What long work tells while it runs."""

    def stage(self, name: str) -> None:
        """A new stage begins; the one before is finished."""

    def update(
        self,
        iterations: int | None = None,
        objective: float | None = None,
        bound: float | None = None,
        elapsed: float | None = None,
    ) -> None:
        """Where the current stage stands: iterations, kCNY, kCNY, seconds."""

    def tell(self, text: str) -> None:
        """Where the current stage stands, in words."""

    def done(self) -> None:
        """Everything is finished."""


class SilentProgress:
    """Says nothing."""

    def stage(self, name: str) -> None:
        """Nothing is shown."""

    def update(
        self,
        iterations: int | None = None,
        objective: float | None = None,
        bound: float | None = None,
        elapsed: float | None = None,
    ) -> None:
        """Nothing is shown."""

    def tell(self, text: str) -> None:
        """Nothing is shown."""

    def done(self) -> None:
        """Nothing is shown."""


class RichProgress:
    """A spinner with the current stage; finished stages stay on the screen with their seconds."""

    def __init__(self, console: Any) -> None:
        self._console = console
        self._status: Any = None
        self._name = ""
        self._start = 0.0

    def stage(self, name: str) -> None:
        """Finish the stage before and show the new one."""
        self._finish()
        self._name, self._start = name, time.monotonic()
        self._status = self._console.status(self._text(name), spinner="line")
        self._status.start()

    def update(
        self,
        iterations: int | None = None,
        objective: float | None = None,
        bound: float | None = None,
        elapsed: float | None = None,
    ) -> None:
        """Show where the current stage stands."""
        self.tell(progress_text(iterations, objective, bound, elapsed))

    def tell(self, text: str) -> None:
        """Show where the current stage stands."""
        if self._status is not None:
            self._status.update(self._text(f"{self._name}  {text}"))

    def done(self) -> None:
        """Finish the last stage and free the terminal."""
        self._finish()

    def _finish(self) -> None:
        if self._status is None:
            return
        self._status.stop()
        self._status = None
        seconds = time.monotonic() - self._start
        self._console.print(self._text(f"{self._name}  {seconds:.1f} s"), style="dim")

    def _text(self, text: str) -> Any:
        from rich.text import Text  # markup in a name must not be obeyed

        return Text(text)


def progress_text(
    iterations: int | None, objective: float | None, bound: float | None, elapsed: float | None
) -> str:
    """One line of what is known, such as "1 200 iterations · best 5.1 · bound 5 · gap 2 %"."""
    parts = []
    if iterations is not None:
        parts.append(f"{iterations:,} iterations".replace(",", " "))
    if objective is not None and abs(objective) < 1e30:
        parts.append(f"best {objective:.6g}")
    if bound is not None and abs(bound) < 1e30:
        parts.append(f"bound {bound:.6g}")
        if objective is not None and 0 < abs(objective) < 1e30:
            parts.append(f"gap {abs(objective - bound) / abs(objective):.2%}")
    if elapsed is not None:
        parts.append(f"{elapsed:.0f} s")
    return " · ".join(parts)


def terminal_progress() -> Progress:
    """RichProgress where stderr is a terminal, else SilentProgress."""
    import sys

    if not sys.stderr.isatty():
        return SilentProgress()
    from rich.console import Console

    return RichProgress(Console(stderr=True, highlight=False))

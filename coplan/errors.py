"""What can go wrong for a user, told once and clearly; every class knows its exit code."""

from __future__ import annotations

from dataclasses import dataclass

MAX_VALUE = 63
"""Characters of a wrong value that a message shows."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the input: where it stands, what was found, what is allowed."""

    message: str
    file: str = ""
    line: int | None = None
    key: str = ""
    value: str = ""

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line is not None else "")
        head = ": ".join(part for part in (place, self.key) if part)
        value = self.value if len(self.value) <= MAX_VALUE else self.value[:MAX_VALUE] + "..."
        found = f" (found {value})" if value else ""
        return printable(f"{head}: {self.message}{found}" if head else f"{self.message}{found}")


def printable(text: str) -> str:
    """One line in which a terminal can obey nothing: control and direction marks are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class CoplanError(Exception):
    """Base of every error a user may see; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(CoplanError):
    """The input is wrong; `problems` lists everything that was found, not only the first."""

    exit_code = 2

    def __init__(self, problems: list[Problem] | Problem):
        self.problems = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InfeasibleError(CoplanError):
    """No plan keeps every promise; the message names the promises and by how much they fail.

    `has_more`: `coplan explain` would tell repairs beside that.
    """

    exit_code = 3

    def __init__(self, message: str, has_more: bool = False):
        self.has_more = has_more
        super().__init__(message)


class StoppedError(CoplanError):
    """A limit was reached before any plan was found."""

    exit_code = 4


class VerificationError(CoplanError):
    """The independent audit rejected a plan."""

    exit_code = 5

"""The scoreboard of trust: what each row tried, how much of it held, and the bar it must reach.

`pytest tests/trust` tries a sample of each row; `pytest tests/trust --full` the whole of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

PROPERTY = "trust"
MOST_MISSED = 20
"""Cases that did not hold which a failure lists."""


@dataclass(frozen=True)
class Score:
    """One line of the scoreboard: `held` of `tried` cases held; at least `bar` of 1 must."""

    row: str
    what: str
    held: int
    tried: int
    bar: float = 1.0
    seen: str = ""

    @property
    def reached(self) -> bool:
        """Whether enough of the cases held; a row that tried nothing holds nothing."""
        return self.tried > 0 and self.held >= self.bar * self.tried


@dataclass(frozen=True)
class Trials:
    """What a row's test is given: how many cases to try, and where to write the score."""

    full: bool
    note: Callable[[str, object], None]

    def size(self, full: int, sample: int) -> int:
        """How many cases this run tries."""
        return full if self.full else sample

    def score(
        self, row: str, what: str, held: int, tried: int, bar: float = 1.0, seen: str = "",
        missed: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Put a line on the scoreboard; fails the test when the bar is not reached.

        `missed` says of the cases that did not hold what they were and what was found.
        """
        score = Score(row, what, held, tried, bar, seen)
        self.note(PROPERTY, json.dumps(asdict(score)))
        assert score.reached, "\n".join([*lines_of([score]), *missed[:MOST_MISSED]])


def scores_of(reports: Iterable[Any]) -> list[Score]:
    """The lines that the tests of this run wrote, by row."""
    found = [
        Score(**json.loads(value))
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY and report.when == "call"
    ]
    return sorted(found, key=lambda score: (score.row, score.what))


def lines_of(scores: list[Score]) -> list[str]:
    """The scoreboard as text: row, held of tried, bar, what was tried and what was seen."""
    return [
        f"{score.row:<4}{'ok ' if score.reached else 'NO '}{score.held:>6} of {score.tried:<6}"
        f" bar {score.bar:<5.4g} {score.what}{': ' if score.seen else ''}{score.seen}"
        for score in scores
    ]

"""What an audit found: one entry per rule, and the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

TOLERANCE = 1e-6
"""Largest violation of a row, relative to the scale of the row, that still passes."""

BROKEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What sums over a plan that is not whole may raise: a failed check, not a failed audit."""

WORST = 1e9
"""Violation reported for something that has no size: not a number, missing, unequal text."""


@dataclass(frozen=True)
class Check:
    """One rule: rows looked at, largest relative violation, and the place of the worst row."""

    name_zh: str
    name_en: str
    rows: int
    largest: float
    passed: bool
    worst: str = ""


@dataclass(frozen=True)
class AuditReport:
    """All checks of one plan; `passed` only if every one passed."""

    checks: list[Check] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """True when there are checks and every one passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def rows_checked(self) -> int:
        """Rows looked at, over all checks."""
        return sum(check.rows for check in self.checks)

    @property
    def largest_violation(self) -> float:
        """Largest relative violation over all checks."""
        return max((check.largest for check in self.checks), default=0.0)

    def failures(self) -> list[Check]:
        """The checks that did not pass."""
        return [check for check in self.checks if not check.passed]

    def extended(self, other: AuditReport) -> AuditReport:
        """This report with the checks of another after its own."""
        return AuditReport([*self.checks, *other.checks])

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON and the report."""
        return {
            "passed": self.passed,
            "rows_checked": self.rows_checked,
            "largest_violation": self.largest_violation,
            "checks": [asdict(check) for check in self.checks],
        }


@dataclass(frozen=True)
class Part:
    """Rows of one kind: excess over what is allowed, in units of the rows' scale, and names."""

    excess: np.ndarray
    dims: tuple[str, ...] = ()
    name: str = ""
    tolerance: float = TOLERANCE


def measured(
    excess: np.ndarray | float,
    scale: np.ndarray | float,
    dims: tuple[str, ...] = (),
    name: str = "",
    tolerance: float = TOLERANCE,
) -> Part:
    """Relative violation of rows: excess / scale, zero where nothing is exceeded.

    The scale is what the row is about (a site's peak MW, a battery's MWh) and at least 1, so that
    tolerances stay above what a solver can resolve. What is not a number counts as WORST.
    """
    amount = np.asarray(excess, dtype=float)
    with np.errstate(invalid="ignore", over="ignore"):
        relative = amount / np.maximum(np.asarray(scale, dtype=float), 1.0)
    relative = np.where(np.isfinite(relative), np.clip(relative, 0.0, WORST), WORST)
    return Part(relative, dims, name, tolerance)


def verdict(
    name_zh: str, name_en: str, parts: Sequence[Part], labels: dict[str, list[str]]
) -> Check:
    """One Check from its parts; the worst row is that furthest over its tolerance."""
    rows, largest, worst, furthest = 0, 0.0, "", 0.0
    for part in parts:
        rows += part.excess.size
        if part.excess.size == 0:
            continue
        position = int(np.argmax(part.excess))
        value = float(part.excess.ravel()[position])
        largest = max(largest, value)
        if value / part.tolerance > furthest:
            furthest = value / part.tolerance
            worst = _place(part, position, labels)
    return Check(name_zh, name_en, rows, largest, furthest <= 1.0, worst)


def flat(name_zh: str, name_en: str, faults: list[str], rows: int) -> Check:
    """A Check of yes-or-no rows; `faults` names each that failed."""
    shown = "; ".join(faults[:3]) + (f" (+{len(faults) - 3})" if len(faults) > 3 else "")
    return Check(name_zh, name_en, rows, WORST if faults else 0.0, not faults, shown)


def guarded(rule: Callable[[Any], list[Check]], given: Any) -> list[Check]:
    """Run one rule; what is too broken for its sums fails the rule instead of the audit."""
    try:
        return rule(given)
    except BROKEN as error:
        name = rule.__name__.replace("_", " ")
        return [flat(f"无法核算：{name}", f"cannot be worked out: {name}", [repr(error)], 1)]


def _place(part: Part, position: int, labels: dict[str, list[str]]) -> str:
    """Readable place of one row, such as "zhangbei, hour 4012"."""
    spots = np.unravel_index(position, part.excess.shape) if part.excess.shape else ()
    words = [part.name] if part.name else []
    for dim, spot in zip(part.dims, spots, strict=True):
        known = labels.get(dim)
        if known is not None and len(known) == 1 and dim in ("period", "weather"):
            continue
        text = known[int(spot)] if known is not None else str(int(spot))
        words.append({"time": f"hour {text}", "month": f"month {text}"}.get(dim, text))
    return ", ".join(words)

"""Plans as a run writes them, and what the audit says of them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import xarray as xr

from coplan.plan.assemble import assemble
from coplan.plan.polish import polish
from coplan.planning import record
from coplan.verify import AuditReport, Check, audit
from coplan.verify.outcome import TOLERANCE
from tests.toys import Answer

GAP = 1e-3
"""Gap that a toy's plan is asked for; its bound is far closer."""

NO_YEAR = "weights and probabilities add up"
"""The check that a toy of two hours cannot pass: they are no year."""


def written(answer: Answer) -> xr.Dataset:
    """The plan of an answer with its run record, as `solve_scenario` makes it."""
    x = polish(answer.model, answer.compiled, answer.data, answer.found.x)
    plan = assemble(answer.model, answer.compiled, answer.data, x, answer.found.y)
    clock: Any = SimpleNamespace(laps={"build": 0.0, "solve": 0.0}, total=lambda: 0.0)
    plan.attrs["run"] = json.dumps(record(plan, answer.found, answer.compiled, clock, GAP))
    return plan


def audited(data: xr.Dataset, plan: xr.Dataset) -> AuditReport:
    """The audit by laws alone, without digests, of a toy's plan."""
    checks = audit(data, plan, digests=False).checks
    return AuditReport([check for check in checks if check.name_en != NO_YEAR])


def faults(report: AuditReport) -> list[str]:
    """Checks that failed, or passed with more than the bar of the scoreboard, in words."""
    return [_words(one) for one in report.checks if not one.passed or one.largest > TOLERANCE]


def _words(check: Check) -> str:
    return f"{check.name_en} ({check.worst}: {check.largest:.3g})"

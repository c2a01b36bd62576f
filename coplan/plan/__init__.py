"""The Plan: inputs, decisions, prices, account and run record in one xarray Dataset.

`coplan.plan(scenario)` solves a scenario and returns its Plan; `change` adds rows of one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coplan.callable_package import make_callable


def _plan(
    scenario: Any, progress: Any = None, change: Callable[[Any], None] | None = None
) -> Any:
    """Solve a Scenario and return its Plan, an xarray Dataset, audited against its inputs.

    `change(model)` may add constraints and variables to the Pyomo model (see `coplan.model`)
    before it is solved; `plan.attrs["run"]` tells them with their values and shadow prices.

    Raises coplan.errors.InputError, InfeasibleError, StoppedError (no plan before the limit) or
    VerificationError (the independent audit rejected the plan).
    """
    from coplan.errors import VerificationError
    from coplan.planning import solve_scenario
    from coplan.verify import audit

    inputs, plan = solve_scenario(scenario, progress, change)
    report = audit(inputs, plan, digests=False)
    if not report.passed:
        failed = "; ".join(check.name_en for check in report.failures())
        raise VerificationError(f"the audit rejected the plan: {failed}")
    return plan


make_callable(__name__, _plan)

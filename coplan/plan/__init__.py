"""The Plan: inputs, decisions, prices, account and run record in one xarray Dataset.

`coplan.plan(scenario)` solves a scenario and returns its Plan.
"""

from __future__ import annotations

from typing import Any

from coplan.callable_package import make_callable


def _plan(scenario: Any, progress: Any = None) -> Any:
    """Solve a Scenario and return its Plan, an xarray Dataset, audited against its inputs.

    Raises coplan.errors.InputError, InfeasibleError, StoppedError (no plan before the limit) or
    VerificationError (the independent audit rejected the plan).
    """
    from coplan.errors import VerificationError
    from coplan.planning import solve_scenario
    from coplan.verify import audit

    inputs, plan = solve_scenario(scenario, progress)
    report = audit(inputs, plan, digests=False)
    if not report.passed:
        failed = "; ".join(check.name_en for check in report.failures())
        raise VerificationError(f"the audit rejected the plan: {failed}")
    return plan


make_callable(__name__, _plan)

"""The audit: all checks of one plan against its raw inputs."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from coplan.verify import (
    charges,
    clauses,
    compute,
    cooling,
    flexibility,
    green,
    heat,
    limits,
    lines,
    loads,
    money,
    power,
    reliability,
    sizes,
    stock,
    storage,
    subsidy,
    work,
)
from coplan.verify import (
    inputs as raw,
)
from coplan.verify.case import Case
from coplan.verify.digests import digest_checks
from coplan.verify.outcome import AuditReport, Check, guarded

CHECKS: tuple[Callable[[Case], list[Check]], ...] = (
    raw.unchanged,
    raw.finite,
    raw.sound,
    sizes.bounds,
    sizes.what_was_built_stays,
    sizes.nowhere_negative,
    sizes.whole_numbers,
    sizes.contracts_signed,
    sizes.halls_and_servers,
    stock.changes,
    power.balance,
    power.generation,
    power.import_and_export,
    power.contracts,
    power.zones,
    lines.rules,
    charges.rules,
    charges.quantities,
    storage.state_of_charge,
    storage.power,
    storage.durations,
    storage.own_charge,
    compute.work_is_run,
    compute.work_goes_where_it_may,
    compute.deadlines,
    compute.servers_carry_load,
    work.keeps_pace,
    work.placed_work,
    work.migration,
    work.links,
    reliability.critical_work,
    reliability.firm_supply,
    reliability.reserve,
    loads.drawn,
    loads.measures,
    cooling.halls,
    cooling.tanks,
    cooling.sites,
    heat.sold,
    heat.surcharge,
    flexibility.response,
    subsidy.rewards,
    subsidy.vouchers,
    green.nothing_counts_twice,
    green.netting_reaches_targets,
    clauses.promises,
    clauses.rows,
    clauses.penalties,
    clauses.prices_of_promises,
    limits.rules,
    money.lines,
    money.totals,
)


def audit(inputs: xr.Dataset, plan: xr.Dataset, digests: bool = True) -> AuditReport:
    """Check a plan against the dataset rebuilt from its raw inputs, with numpy only.

    Args: inputs, the dataset of the scenario as read again (never taken from plan.nc); plan;
    digests, whether to compare every variable with the digest recorded when the run ended.
    Never raises for a wrong plan: what cannot be read is a failed check.
    """
    case = Case(inputs, plan)
    checks = guarded(raw.complete, case)
    if all(check.passed for check in checks):
        for rule in CHECKS:
            checks += guarded(rule, case)
    if digests:
        checks += guarded(digest_checks, case)
    return AuditReport(checks)

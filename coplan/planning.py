"""From a scenario to a plan: data, model, search, and the record of how it was found."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from coplan.errors import CoplanError, InfeasibleError, StoppedError
from coplan.progress import SilentProgress

PACKAGES = ("coplan", "pyomo", "highspy", "numpy", "xarray", "pvlib")

BUILDING_LABELS = (
    "halls", "halls O&M", "servers", "hall closure", "hall conversion", "server relocation",
    "fibre links", "data transfer", "migration", "subsidies",
)  # fmt: skip
"""Account lines that are not cost of energy."""

SAMPLE_EVERY_DAYS = 7
"""A first guess of whole halls comes from every seventh day of the year."""


T_PER_CNY = 1e-9
"""What money weighs beside emissions where these are minimised: a gram for a thousand CNY."""

BOUND_NOISE = 1e-6
"""A bound above the objective by less than this, relative, is rounding."""

DISPATCH_SIMPLEX = 1_000_000
"""Non-zeros up to which the simplex method runs what stands quicker than an interior point does:
1.6 s against 7.1 s for a quarter of one campus, 18 s against 30 s for its year."""

GUESS_SHARE = 0.1
"""Share of the time limit that the first guess may take."""


def solve_scenario(
    scenario: Any, progress: Any = None, change: Callable[[Any], None] | None = None
) -> tuple[Any, Any]:
    """Build, solve and assemble; returns (inputs, plan), the plan with its run record.

    `change(pyomo_model)` may add constraints and variables; the run record tells them (`added`).
    Raises InfeasibleError, or StoppedError when a limit was reached before any plan was found;
    ValueError for a change that cannot be solved.
    """
    from coplan import algebra
    from coplan.dataset.build import build_dataset
    from coplan.model import build_model, exact_laws, hall_groups, one_way_modes
    from coplan.plan.additions import Additions
    from coplan.plan.assemble import assemble
    from coplan.plan.polish import polish
    from coplan.solve.search import search

    progress = progress or SilentProgress()
    clock = Stopwatch()
    options = scenario.spec.options
    progress.stage("data")
    data = build_dataset(scenario)
    clock.lap("data")
    progress.stage("model")
    model = build_model(data)
    additions = None if change is None else Additions(model.pyomo, change)
    compiled = algebra.compile(model.pyomo)
    clock.lap("build")
    progress.stage("first guess")
    guess = None  # a sample of days does not know what was added, nor keeps a budget of the year
    if additions is None and "near_optimal" not in data.attrs:
        guess = first_guess(data, options.threads, GUESS_SHARE * options.time_limit_s)
    clock.lap("guess")
    progress.stage("solve")
    found = search(
        compiled, hall_groups(model, compiled, data), gap=options.gap,
        time_limit=options.time_limit_s - clock.laps["guess"], threads=options.threads, guess=guess,
        modes=one_way_modes(model, compiled), laws=exact_laws(model, compiled),
        algorithm=algorithm_for(model, compiled),
        progress=lambda at: progress.update(at.iterations, at.objective, at.bound, at.seconds),
    )  # fmt: skip
    clock.lap("solve")
    if found.x is None:
        progress.stage("why nothing fits")
        raise refusal(found, model, compiled, data, options.threads)
    x = polish(model, compiled, data, found.x)
    if additions is not None:
        x = additions.kept(compiled, x, found.x)
    plan = assemble(model, compiled, data, x, found.y)
    clock.lap("assemble")
    told = record(plan, found, compiled, clock, options.gap)
    if additions is not None:
        told["added"] = additions.told(compiled, x, found.y)
    plan.attrs["run"] = json.dumps(told, ensure_ascii=False)
    return data, plan


def algorithm_for(model: Any, compiled: Any) -> str:
    """The simplex method where only the running of what stands is left to decide, else any."""
    from coplan.model import sizes_are_given

    is_small = compiled.value.size <= DISPATCH_SIMPLEX
    return "simplex" if is_small and sizes_are_given(model, compiled) else "auto"


def first_guess(data: Any, threads: int, time_limit: float) -> Any:
    """Whole numbers for the integer columns from a sample of days; None for a short horizon.

    Only a guess: the search tries it beside the root LP of the full horizon and proves its gap.
    """
    import numpy as np

    from coplan import algebra
    from coplan.model import build_model, hall_groups, one_way_modes
    from coplan.solve.search import search

    days = data.sizes["time"] // 24
    if days < 10 * SAMPLE_EVERY_DAYS:
        return None
    kept = [day * 24 + hour for day in range(0, days, SAMPLE_EVERY_DAYS) for hour in range(24)]
    sample = data.isel(time=kept)
    sample = sample.assign_coords(time=np.arange(len(kept)))
    sample["step_weight"] = sample["step_weight"] * (data.sizes["time"] / len(kept))
    model = build_model(sample)
    compiled = algebra.compile(model.pyomo)
    modes = one_way_modes(model, compiled)
    whole = np.setdiff1d(np.flatnonzero(compiled.integrality), modes[0])
    if not whole.size:
        return None
    groups = hall_groups(model, compiled, sample)
    found = search(
        compiled, groups, gap=1.0, time_limit=time_limit, threads=threads, tolerance=1e-4,
        modes=modes,
    )  # fmt: skip
    return None if found.x is None else np.round(found.x[whole])


def refusal(found: Any, model: Any, compiled: Any, data: Any, threads: int) -> CoplanError:
    """The error that a solve without a plan means; for an infeasible one, what has to give way."""
    from coplan.solve.conflicts import conflicts, has_repairs, message

    if found.status == "infeasible":
        causes = conflicts(model, compiled, data, threads=threads)
        return InfeasibleError(message(causes), has_more=has_repairs(causes))
    return StoppedError(f"no plan was found before the limit: {found.message or found.status}")


def record(plan: Any, found: Any, compiled: Any, clock: Stopwatch, asked: float) -> dict:
    """The run record: money totals, bound and gap, solver, sizes, versions, seconds."""
    import numpy as np

    from coplan.plan.emissions import levelled_t
    from coplan.plan.near_optimal import distance_cny

    worth = plan["period_years"].values * plan["discount_factor"].values
    weight = dict(zip(plan["period"].values.tolist(), worth, strict=True))
    weights = np.array([weight[int(p)] for p in plan["account_period"].values])
    lines = weights * plan["account_cny"].values
    book = plan["account_book"].values.astype(str)
    label = plan["account_label"].values.astype(str)
    total = {name: float(lines[book == name].sum()) for name in ("cost", "penalty", "tie_break")}
    objective = sum(total.values())
    building = np.isin(label, BUILDING_LABELS)
    energy = float(lines[(book == "cost") & ~building].sum())
    if plan.attrs.get("objective") == "near_optimal":
        explored = objective + distance_cny(plan)
        bound, gap = _proof(explored, 1e3 * found.bound)
        told = {"gap_energy": None, "objective_cny": objective, "bound_cny": None,
                "explored_cny": explored, "explored_bound_cny": bound}  # fmt: skip
    elif plan.attrs.get("objective", "cost") == "emissions":
        tonnes = levelled_t(plan) + T_PER_CNY * objective
        bound, gap = _proof(tonnes, 1e-3 * found.bound)  # kg → t
        told = {"gap_energy": None, "objective_cny": objective, "bound_cny": None,
                "objective_t": tonnes, "bound_t": bound}  # fmt: skip
    else:
        bound, gap = _proof(objective, 1e3 * found.bound)
        told = {"gap_energy": (objective - bound) / max(abs(energy), 1e-9),
                "objective_cny": objective, "bound_cny": bound}  # fmt: skip
    return {
        "status": status_of(gap, asked), "gap": gap, **told, "cost_cny": total["cost"],
        "penalties_cny": total["penalty"], "energy_cost_cny": energy,
        "rows": compiled.n_rows, "columns": compiled.n_columns,
        "nonzeros": int(compiled.value.size), "solver": list(found.algorithms),
        "nodes": [vars(node) for node in found.log], "versions": versions(),
        "seconds": clock.laps, "seconds_build": clock.laps["build"],
        "seconds_solve": clock.laps["solve"], "seconds_total": clock.total(),
        "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip


def _proof(objective: float, bound: float) -> tuple[float, float]:
    """Bound and gap; a bound above the objective by no more than rounding is the objective."""
    if bound - objective < BOUND_NOISE * abs(objective):  # more than noise is for the audit to see
        bound = min(bound, objective)
    return bound, (objective - bound) / max(abs(objective), 1e-9)


def status_of(gap: float, asked: float) -> str:
    """What a plan is called: its gap as written counts, not what the search thought of it."""
    return "optimal within gap" if gap <= asked else "stopped at limit"


def versions() -> dict[str, str]:
    """Versions of the packages that decide a result; "source" where one is not installed."""
    return dict(_versions())


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "source"
    return tuple(found.items())


class Stopwatch:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.start = self.last = time.perf_counter()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """The stage `name` ends now."""
        now = time.perf_counter()
        self.laps[name] = round(now - self.last, 3)
        self.last = now

    def total(self) -> float:
        """Seconds since the start."""
        return round(time.perf_counter() - self.start, 3)


def peak_memory_mb() -> float:
    """Most memory this process has held, MB; what it holds now where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows has no resource module
        import psutil

        info = psutil.Process().memory_info()
        return round(getattr(info, "peak_wset", info.rss) / 1e6, 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)

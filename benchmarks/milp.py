"""A plan with whole halls, in units of one linear program of the same size."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]


def measure(scenario_name: str, gap: float) -> dict[str, Any]:
    """CPU and wall seconds of the search to `gap`, and of the LP with all whole numbers fixed.

    The search is coplan's own, the guess from a sample of days included; data and model are not.
    """
    from coplan import algebra
    from coplan.dataset.build import build_dataset
    from coplan.model import build_model, exact_laws, hall_groups, one_way_modes
    from coplan.planning import GUESS_SHARE, first_guess
    from coplan.scenario.reader import read_scenario
    from coplan.solve.highs import solve_linear
    from coplan.solve.program import LinearProgram
    from coplan.solve.search import search

    scenario = read_scenario(ROOT / "scenarios" / f"{scenario_name}.yaml", [])
    limit, threads = scenario.spec.options.time_limit_s, scenario.spec.options.threads
    data = build_dataset(scenario)
    model = build_model(data)
    compiled = algebra.compile(model.pyomo)
    modes, laws = one_way_modes(model, compiled), exact_laws(model, compiled)
    groups = hall_groups(model, compiled, data)
    cpu, wall = time.process_time(), time.perf_counter()
    guess = first_guess(data, threads, GUESS_SHARE * limit)
    found = search(
        compiled, groups, gap=gap, time_limit=limit, threads=threads, guess=guess, modes=modes,
        laws=laws,
    )  # fmt: skip
    searched = (time.process_time() - cpu, time.perf_counter() - wall)
    if found.x is None:
        raise RuntimeError(f"{scenario_name}: {found.message or found.status}")
    lower, upper = compiled.lower.copy(), compiled.upper.copy()
    whole = np.flatnonzero(compiled.integrality)
    lower[whole] = upper[whole] = np.round(found.x[whole])
    cpu, wall = time.process_time(), time.perf_counter()
    fixed = solve_linear(LinearProgram.of(compiled).with_bounds(lower, upper), threads=threads)
    return {
        "cpu": searched[0], "wall": searched[1], "gap": found.gap, "status": found.status,
        "lps": len(found.log), "fixed_cpu": time.process_time() - cpu,
        "fixed_wall": time.perf_counter() - wall, "fixed_status": fixed.status,
        "objective": found.objective, "fixed_objective": fixed.objective,
    }  # fmt: skip

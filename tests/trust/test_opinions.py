"""A3, A4: others who are asked the same question find the same cost, and so do other ways to solve.

PyPSA and linopy state the systems from the formulation; nothing of coplan is in their models.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model
from coplan.scenario.reader import read_scenario
from coplan.solve import highs
from coplan.solve.highs import LinearResult
from coplan.solve.program import LinearProgram
from tests import toys
from tests.peers.fleets import fleet_dataset, random_fleet
from tests.peers.instances import FAMILY, as_dataset, random_system
from tests.peers.pypsa_peer import MATCHINGS, costs_of
from tests.plan.test_limits import WORLDS
from tests.solve.planted import PLANTED
from tests.toys import solved
from tests.trust.scoreboard import Trials

SAME = 1e-6
"""Relative: two costs nearer than this are one."""
SYSTEMS, FLEETS = range(30), range(30, 100)
"""Seeds: one site with a fixed load (PyPSA), and what PyPSA has no words for (linopy)."""


def test_pypsa_finds_the_same_cost(trials: Trials) -> None:
    each = trials.size(FAMILY, 1)
    seeds = [first + k for first in SYSTEMS[::FAMILY][: trials.size(3, 1)] for k in range(each)]
    expected = {}
    for first in {seed // FAMILY for seed in seeds}:
        expected |= costs_of(tuple(seed for seed in seeds if seed // FAMILY == first))
    apart = {}
    for seed, matching in expected:
        cost = solved(as_dataset(random_system(seed), matching)).cost_cny
        apart[seed, matching] = abs(cost - expected[seed, matching]) / abs(cost)
    wrong = {case: value for case, value in apart.items() if not value <= SAME}
    trials.score(
        "A3", f"random systems that PyPSA plans for the same cost ({' and '.join(MATCHINGS)})",
        len(apart) - len(wrong), len(apart), seen=f"at most {max(apart.values()):.0e} apart {wrong}"
        if wrong else f"at most {max(apart.values()):.0e} apart",
    )  # fmt: skip


@pytest.mark.parametrize("below", [False, True], ids=["above zero", "below zero"])
def test_linopy_finds_the_same_cost_of_whole_halls(trials: Trials, below: bool) -> None:
    from tests.peers.linopy_peer import cheapest

    seeds = [seed for seed in FLEETS if seed % 2 == below][: trials.size(35, 1)]
    wrong, widest, without = [], 0.0, 0
    for seed in seeds:
        fleet = random_fleet(seed)
        mine, (cost, bound) = solved(fleet_dataset(fleet), gap=SAME / 2), cheapest(fleet)
        if not (mine.is_planned and math.isfinite(cost)):
            without += 1
            if mine.found.status != "infeasible" or math.isfinite(cost):
                wrong.append((seed, mine.found.status, cost))
            continue
        apart = abs(mine.cost_cny - cost) / abs(cost)
        room = SAME * abs(cost)
        widest = max(widest, apart)
        # neither proves a bound above what the other has found
        brackets = mine.bound_cny <= cost + room and bound <= mine.cost_cny + room
        if apart > SAME or not brackets:
            wrong.append((seed, mine.cost_cny, cost))
    prices = "prices below zero" if below else "prices above zero"
    trials.score(
        "A3", f"random fleets that linopy plans for the same cost (whole halls, {prices})",
        len(seeds) - len(wrong), len(seeds),
        seen=f"at most {widest:.0e} apart, {without} without a plan in both {wrong or ''}",
    )  # fmt: skip


@pytest.mark.slow
def test_random_fleets_have_something_to_decide() -> None:
    kinds = {"exchange": 0, "battery": 0, "signed": 0, "waits": 0, "bound": 0, "green": 0}
    for seed in FLEETS:
        fleet = random_fleet(seed)
        data = fleet_dataset(fleet)
        kinds["exchange"] += bool(data["exchange_needs_mode"].any())
        kinds["battery"] += bool(data["battery_needs_mode"].any())
        kinds["signed"] += bool(np.any(fleet.contract_least_mw > 0))
        kinds["waits"] += bool(np.any(fleet.delay_steps > 0))
        kinds["bound"] += bool(np.any(fleet.reach == 0))
        kinds["green"] += fleet.green_share > 0
    assert min(kinds.values()) >= 30, kinds


SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SHIPPED = (
    "quickstart", "quickstart-hourly-100", "quickstart-grid-only", "zero-carbon-campus",
    "direct-connection-chabei",
)  # fmt: skip
WAYS = ("simplex", "ipx", "hipo", "simplex without presolve")
"""IPX without presolve is left out: coplan never runs it, and on an infeasible program it may end
in an error of its own ("headroom of the zone", HiGHS 1.15.1), which is no answer."""


def shipped(name: str, start_hour: int) -> xr.Dataset:
    """Two days of a shipped scenario."""
    settings = ["options.hours=48", f"options.start_hour={start_hour}"]
    return build_dataset(read_scenario(SCENARIOS / f"{name}.yaml", settings))


Programs = dict[str, Callable[[], xr.Dataset]]
SUITE: dict[str, Programs] = {
    "toy worlds": {"everything": toys.everything, **{name: w[0] for name, w in WORLDS.items()}},
    "worlds made impossible": {name: planted[0] for name, planted in PLANTED.items()},
    "random systems": {
        f"{seed} {matching}": lambda seed=seed, matching=matching: as_dataset(  # type: ignore
            random_system(seed), matching)
        for seed in SYSTEMS for matching in MATCHINGS
    },
    "random fleets": {
        str(seed): lambda seed=seed: fleet_dataset(random_fleet(seed))  # type: ignore
        for seed in FLEETS
    },
    "two days of shipped scenarios": {
        f"{name} from hour {hour}": lambda name=name, hour=hour: shipped(name, hour)  # type: ignore
        for hour in (4008, 0) for name in SHIPPED
    },
}  # fmt: skip
"""What is solved in every way, with whole numbers as fractions: each node of a search is an LP."""


def solved_by(program: LinearProgram, way: str) -> LinearResult:
    """What HiGHS says of a program with coplan's own options, but for presolve."""
    algorithm = way.split()[0]
    if algorithm == way:
        return highs.solve_linear(program, algorithm, tolerance=1e-8)
    solver = highs.loaded(program, algorithm, tolerance=1e-8)
    assert solver is not None
    solver.setOptionValue("presolve", "off")
    solver.run()
    return highs.result_of(solver, program, algorithm, 0.0)


@pytest.mark.parametrize("suite", SUITE)
def test_every_way_to_solve_says_the_same(trials: Trials, suite: str) -> None:
    programs = list(SUITE[suite].items())
    programs = programs[: trials.size(len(programs), 1 if suite.startswith("two days") else 3)]
    wrong, widest = {}, 0.0
    for name, data_of in programs:
        program = LinearProgram.of(algebra.compile(build_model(data_of()).pyomo))
        found = {way: solved_by(program, way) for way in WAYS}
        status = {way: one.status for way, one in found.items()}
        apart = 0.0
        if set(status.values()) == {"optimal"}:
            costs = [one.objective for one in found.values()]
            apart = (max(costs) - min(costs)) / max(abs(costs[0]), 1e-3)
        widest = max(widest, apart)
        if len(set(status.values())) > 1 or apart > SAME:
            wrong[name] = {way: (one.status, one.objective) for way, one in found.items()}
    trials.score("A4", f"{suite}: {', '.join(WAYS)}", len(programs) - len(wrong), len(programs),
                 seen=f"at most {widest:.0e} apart {wrong or ''}")  # fmt: skip

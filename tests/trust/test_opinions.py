"""A3, A4: others who are asked the same question find the same cost, and so do other ways to solve.

PyPSA and linopy state the systems from the formulation; nothing of coplan is in their models.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.peers.fleets import fleet_dataset, random_fleet
from tests.peers.instances import FAMILY, as_dataset, random_system
from tests.toys import solved
from tests.trust.scoreboard import Trials

SAME = 1e-6
"""Relative: two costs nearer than this are one."""
SYSTEMS, FLEETS = range(30), range(30, 100)
"""Seeds: one site with a fixed load (PyPSA), and what PyPSA has no words for (linopy)."""


def test_pypsa_finds_the_same_cost(trials: Trials) -> None:
    from tests.peers.pypsa_peer import MATCHINGS, costs_of

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

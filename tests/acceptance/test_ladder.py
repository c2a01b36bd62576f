"""The quickstart's campus on a ladder of green shares, matched by year, by month and by hour.

Plans are ordered by proof and not by noise: what is asked of a tighter problem costs at least the
bound of the looser one. Prices are confirmed the same way. With halls and signatures fixed the
cost is convex in the share, so its slope from one step to the next lies between the reported
prices at both ends; only that the load, of which the share is a share, may differ a little between
them (work that pauses is partly done again) keeps this from being exact.

100 % by the hour does not fit into the quickstart's own maxima. Its refusal is one test; the ladder
stands on `quickstart-hourly-100`, the same campus with wider maxima, in which every step can be
planned, and which keeps the quickstart's rule that certificates without energy do not count. The
days lie at the turn of a month, so that a month is not the year. A full year takes more than a
minute for each of the 21 steps and is left to `tests/full_year`, which orders four of them.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model, hall_groups
from coplan.plan.assemble import assemble
from coplan.scenario.reader import read_scenario
from coplan.solve.search import search
from tests.acceptance.command import ROOT, coplan

SHARES = (0.30, 0.50, 0.80, 0.90, 0.95, 0.98, 1.00)
MATCHINGS = ("annual", "monthly", "hourly")
GAP = 1e-3
NOISE = 1e-6
"""Of the objective: to which the interior point solves."""
LOAD_MAY_DIFFER = 0.015
"""Between two steps; most of it is work that pauses, and is partly done again, at one of them."""
SEASONS = [
    pytest.param((672, 168), id="winter"),  # three days of January, four of February
    pytest.param((3960, 672), id="summer", marks=pytest.mark.slow),
]
"""First hour of the year, and hours; four weeks where they take minutes."""


@dataclass(frozen=True)
class Step:
    """One step of a ladder: its cheapest plan, and the cheapest with the whole numbers given."""

    objective: float
    bound: float
    fixed_objective: float
    price: float
    """Reported shadow price with the whole numbers given, CNY per percentage point."""
    load_mwh: float


@cache
def campus(start: int, hours: int) -> xr.Dataset:
    """The campus with wide maxima on some days."""
    days = [f"options.hours={hours}", f"options.start_hour={start}"]
    path = ROOT / "scenarios" / "quickstart-hourly-100.yaml"
    data = build_dataset(read_scenario(path, days))
    assert data.sizes["month"] == 2
    return data


def asked(data: xr.Dataset, share: float, matching: str) -> xr.Dataset:
    """The same campus with another green share."""
    targets = json.loads(data.attrs["targets"])
    for target in targets:
        if target["kind"] == "green_share":
            assert target["unbundled_max_share"] == 0.0
            target |= {"value": share, "matching": matching}
    return data.assign_attrs(targets=json.dumps(targets))


def step_of(data: xr.Dataset, whole: np.ndarray | None) -> tuple[Step, np.ndarray]:
    """A step solved freely, and again with these whole numbers, or its own where None."""
    model = build_model(data)
    compiled = algebra.compile(model.pyomo)
    best = search(compiled, hall_groups(model, compiled, data), gap=GAP)
    assert best.x is not None, best.message
    integers = np.flatnonzero(compiled.integrality)
    own = np.round(best.x[integers])
    found = best
    if whole is not None and not np.array_equal(own, whole):
        compiled.lower[integers] = compiled.upper[integers] = whole
        compiled.integrality[:] = 0
        found = search(compiled, gap=GAP)
        assert found.x is not None, found.message
    plan = assemble(model, compiled, data, found.x, found.y)
    at = plan["clause_kind"].values == "green_share"
    assert plan["clause_status"].values[at] == "met"
    load = float((plan["facility_mw"] * plan["step_weight"] * plan["step_h"]).sum())
    price = float(plan["clause_shadow_price"].values[at][0])
    cny = (best.objective, best.bound, found.objective)
    return Step(*(1e3 * value for value in cny), price, load), own


@cache
def ladder(season: tuple[int, int], matching: str) -> list[Step]:
    """Every share under one matching, the whole numbers those of the steepest step."""
    data = campus(*season)
    top, whole = step_of(asked(data, SHARES[-1], matching), None)
    lower = [step_of(asked(data, share, matching), whole)[0] for share in SHARES[:-1]]
    return [*lower, top]


@pytest.mark.slow
@pytest.mark.parametrize("season", SEASONS)
def test_finer_matching_never_costs_less(season: tuple[int, int]) -> None:
    annual, monthly, hourly = (ladder(season, matching) for matching in MATCHINGS)
    for loose, tight in ((annual, monthly), (monthly, hourly), (annual, hourly)):
        for share, one, other in zip(SHARES, loose, tight, strict=True):
            assert other.objective >= one.bound, share
    # and it matters how finely one looks
    assert hourly[-1].bound > monthly[-1].objective * (1 + 1e-3)
    assert any(one.bound > other.objective for one, other in zip(monthly, annual, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("matching", MATCHINGS)
def test_a_higher_share_never_costs_less(season: tuple[int, int], matching: str) -> None:
    steps = ladder(season, matching)
    for lower, higher in itertools.combinations(steps, 2):
        assert higher.objective >= lower.bound
        assert higher.fixed_objective >= lower.fixed_objective * (1 - NOISE)
    assert steps[-1].bound > steps[0].objective


@pytest.mark.slow
@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("matching", MATCHINGS)
def test_the_slope_of_cost_lies_between_the_prices(season: Any, matching: str) -> None:
    steps = ladder(season, matching)
    for (low, lower), (high, higher) in itertools.pairwise(zip(SHARES, steps, strict=True)):
        points = 100 * (high - low)
        slope = (higher.fixed_objective - lower.fixed_objective) / points
        noise = NOISE * higher.fixed_objective / points
        assert lower.load_mwh == pytest.approx(higher.load_mwh, rel=LOAD_MAY_DIFFER)
        assert lower.price * (1 - LOAD_MAY_DIFFER) - noise <= slope, (low, high)
        assert slope <= higher.price * (1 + LOAD_MAY_DIFFER) + noise, (low, high)
    assert steps[-1].price > max(steps[0].price, 1.0)


def test_every_hour_green_is_refused_within_the_quickstart_s_own_maxima(tmp_path: Any) -> None:
    words = ["--set", "targets.green_share={value: 1.0, matching: hourly}"]
    words += ["--set", "options.hours=168", "--out", tmp_path / "out", "--no-report"]
    found = coplan("run", ROOT / "scenarios" / "quickstart.yaml", *words)
    assert found.code == 3
    assert "green share of at least 100 % (hourly matching)" in found.err
    assert not (tmp_path / "out").exists()

"""A5, A6, A7: how a question without an answer ends, in the planner's words.

The tables are those of tests/solve; what HiGHS says of a program is never taken alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
import xarray as xr

from coplan import algebra
from coplan.errors import InputError
from coplan.model import build_model
from coplan.scenario.reader import read_scenario
from coplan.solve import search as module
from tests.solve.planted import PLANTED
from tests.solve.random_programs import compiled
from tests.solve.test_conflicts import why_not
from tests.solve.test_statuses import SOLVES, ended, is_called
from tests.toys import contract, plant, world
from tests.trust.scoreboard import Trials

QUICKSTART = Path(__file__).resolve().parents[2] / "scenarios" / "quickstart.yaml"


@pytest.mark.parametrize("half", [0, 1])
def test_what_was_planted_is_named_first(trials: Trials, half: int) -> None:
    names = list(PLANTED)[half::2]
    wrong = {}
    for name in names[: trials.size(len(names), 4)]:
        world_of, cause, amount = PLANTED[name]
        first = why_not(world_of())[0]
        if first.cause != cause or not math.isclose(first.amount, amount, rel_tol=1e-3):
            wrong[name] = first.en
    tried = trials.size(len(names), 4)
    trials.score("A5", f"planted infeasibilities named first with their amount, part {half + 1}",
                 tried - len(wrong), tried, bar=28 / 30, seen=str(wrong or ""))  # fmt: skip


def test_a_big_m_that_the_solver_trips_over_is_no_infeasibility(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4, HiGHS#1704: two yes or no, a big-M of 1e12, and (0, 0) keeps both rows.

    HiGHS's branch and bound called it infeasible. coplan finds a plan; and were every LP of it
    called infeasible, the second proof finds none: told as a disagreement, never as infeasible.
    """
    model = compiled([[100.4534, 1e12], [100.4534, -1e12]], -np.inf, [1e12, 0.0], [0.0, 0.0],
                     0.0, 1.0, integers=[0, 1])  # fmt: skip
    found = module.search(model)
    held = [found.status == "optimal within gap" and found.x is not None]
    honest = module.solve_linear

    def infeasible(*arguments: Any, **keywords: Any) -> Any:
        return replace(honest(*arguments, **keywords), status="infeasible", x=None)

    monkeypatch.setattr(module, "solve_linear", infeasible)
    told = module.search(model)
    held.append(told.status == "unknown" and "solver disagreement" in told.message)
    trials.score("A5", "R4 (HiGHS#1704) planned, or told as a disagreement", sum(held), len(held))


def test_what_the_solver_says_is_called_what_can_be_proven(
    trials: Trials, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = []
    for said, point, is_true, told, code in SOLVES:
        found = ended(monkeypatch, said, point, is_true)
        if not is_called(found, told, code):
            wrong.append((said, point, found.status))
    trials.score("A7", "rows of the status table: solver's word, plan, duals, exit code",
                 len(SOLVES) - len(wrong), len(SOLVES), seen=str(wrong or ""))  # fmt: skip


YEAR = (2027, "typical")
SITE = "cards.systems/zhangbei-campus.sites.zhangbei"
Change = Callable[[Any], None]


def endless(*path: str) -> Change:
    """A change that takes the upper bound of a decision away."""

    def change(m: Any) -> None:
        of, element, name = path
        block = m.year[YEAR] if of == "year" else m.sizes[2027]
        variable = getattr(getattr(block, element), name)
        for index in variable.index_set():
            variable[index].setub(None)

    return change


def below_nothing(m: Any) -> None:
    m.sizes[2027].network.grid_connection_mw["s"].setlb(None)


def own_and_loose(m: Any) -> None:
    m.loose = pyo.Var(doc="what a user adds")
    m.loose_link = pyo.Constraint(expr=m.loose >= m.year[YEAR].network.retail_mw["s", 0])


SELLS = {"export_price_cny_per_mwh": 20.0, "export_max_mw": 1.0, **plant(most_mw=4.0)}
RAYS: dict[str, tuple[Callable[[], xr.Dataset], Change, str]] = {
    "feeding in for ever": (
        lambda: world(**SELLS), endless("year", "network", "export_mw"),
        "(power fed in, MW): a bound is not finite, and every unit more of it improves"),
    "a price below zero": (
        lambda: world(retail_price_cny_per_mwh=[100.0, -50.0]),
        endless("year", "network", "retail_mw"),
        "retail_mw[s,1] (power bought, MW): a bound is not finite, and every unit more"),
    "contract energy sold on": (
        lambda: world(coords={"resale": ["r"]}, resale_contract="s_pap", resale_share=1.0,
                      resale_cny_per_mwh=90.0, **contract(60.0)),
        endless("year", "trading", "resold_mw"),
        "(contract power sold on, MW): a bound is not finite, and every unit more"),
    "a meter that earns by shrinking": (
        lambda: world(connection_annuity_cny_per_mw_year=5.0), below_nothing,
        "(import capacity of a site, MW): a bound is not finite, and every unit less"),
    "a variable of the user's": (
        world, own_and_loose, "column loose (what a user adds): a bound is not finite"),
}  # fmt: skip
"""Through `change` of `coplan.plan`: world, change, what is said of the ray."""

REFUSED: dict[str, tuple[list[str], str]] = {
    "an own plant without end": (
        [f"{SITE}.plants.wind.approved_mw=.inf"], "approved_mw: must be a number in MW"),
    "a meter without end": (
        [f"{SITE}.connection.max_mw=1e400"], "connection.max_mw: must be a finite number"),
    "a contract without a most": (
        [f"{SITE}.contracts.wind-contract.max_mw="], "max_mw: has no value"),
    "grid energy that pays without end": (
        ["cards.tariffs/jibei-2026.purchase_cny_per_kwh=-1e999"],
        "purchase_cny_per_kwh: must be a finite number"),
    "what is fed in earns without end": (
        ["cards.zones/jibei.export_price_cny_per_kwh=inf"],
        "export_price_cny_per_kwh: must be a number in CNY/kWh"),
    "a plant that is paid for being built": (
        ["cards.generators/onshore-wind.capex_cny_per_kw=-1000"],
        "capex_cny_per_kw: must be a number in CNY/kW, at least 0"),
    "contract energy sold on above its price": (
        ["cards.contracts/jibei-wind-pap.resale_share=0.5",
         "cards.contracts/jibei-wind-pap.resale_cny_per_kwh=0.5"],
        "resale_cny_per_kwh must be below price_cny_per_kwh"),
    "a battery without wear": (
        ["cards.storage/lfp.wear_cny_per_mwh=0"], "wear_cny_per_mwh: must be a number"),
}  # fmt: skip
"""Through the YAML: settings, what is said; every decision has a finite bound by its cards."""


def test_what_would_be_endless_names_what_pays_for_more(trials: Trials) -> None:
    wrong = {}
    for name, (world_of, change, words) in RAYS.items():
        model = build_model(world_of())
        change(model.pyomo)
        with pytest.raises(ValueError, match="column") as refused:
            algebra.compile(model.pyomo)
        if words not in str(refused.value):
            wrong[name] = str(refused.value)
    for name, (settings, words) in REFUSED.items():
        with pytest.raises(InputError) as refused_input:
            read_scenario(QUICKSTART, settings)
        if words not in str(refused_input.value):
            wrong[name] = str(refused_input.value)
    tried = len(RAYS) + len(REFUSED)
    trials.score("A6", "planted rays named in the planner's words, before any solve",
                 tried - len(wrong), tried, seen=str(wrong or ""))  # fmt: skip

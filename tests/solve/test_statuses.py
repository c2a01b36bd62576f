"""What the solver says, what coplan makes of it, and the exit code: one table, row by row.

No word of the solver is taken alone: a plan is judged by its own rows, a bound by its own duals,
an infeasibility by a second proof.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest

from coplan import algebra
from coplan.errors import CoplanError, InfeasibleError, StoppedError
from coplan.planning import refusal, status_of
from coplan.solve import highs
from coplan.solve import search as module
from coplan.solve.highs import solve_linear
from coplan.solve.program import LinearProgram
from tests.solve.random_programs import compiled

HIGHS = {
    "kOptimal": "optimal", "kModelEmpty": "optimal", "kInfeasible": "infeasible",
    "kUnboundedOrInfeasible": "infeasible", "kUnbounded": "unbounded",
    "kTimeLimit": "time limit", "kIterationLimit": "iteration limit",
    "kInterrupt": "interrupted", "kHighsInterrupt": "interrupted", "kUnknown": "unknown",
    "kNotset": "error", "kLoadError": "error", "kModelError": "error", "kPresolveError": "error",
    "kSolveError": "error", "kPostsolveError": "error", "kMemoryLimit": "error",
    "kObjectiveBound": "error", "kObjectiveTarget": "error", "kSolutionLimit": "error",
}  # fmt: skip
"""Every status of HiGHS and what an LP solved by it is called."""


def test_the_table_has_every_status_of_the_solver() -> None:
    import highspy

    assert set(HIGHS) == set(highspy.HighsModelStatus.__members__)


@pytest.mark.parametrize(("said", "told"), HIGHS.items())
def test_every_status_of_the_solver_has_its_name(said: str, told: str) -> None:
    import highspy

    solver = SimpleNamespace(
        getModelStatus=lambda: highspy.HighsModelStatus.__members__[said],
        getInfo=lambda: SimpleNamespace(ipm_iteration_count=0, simplex_iteration_count=0),
        getSolution=lambda: SimpleNamespace(value_valid=False, dual_valid=False),
        modelStatusToString=str,
    )
    program = LinearProgram.of(compiled([[1.0]], 1.0, np.inf, [1.0], 0.0, 2.0))
    found = highs.result_of(solver, program, "simplex", 0.0)
    assert found.status == told
    assert (found.x, found.row_dual) == (None, None)
    assert said in found.message


OPTIMUM = [10.0, 4.0]  # 14 MW from two sources of 10 MW at 2 and 5 kCNY/MW: 40
DEARER = [4.0, 10.0]  # keeps every rule: 58
BROKEN = [4.0, 4.0]  # 6 MW short

SOLVES: list[tuple[str, Any, bool, str, int]] = [
    # what the solver says, the point it leaves, whether its duals are true → what it is called
    ("optimal", OPTIMUM, True, "optimal within gap", 0),
    ("optimal", OPTIMUM, False, "stopped at limit", 4),
    ("optimal", DEARER, True, "stopped at limit", 4),
    ("optimal", BROKEN, True, "unknown", 4),
    ("optimal", None, False, "unknown", 4),
    ("time limit", OPTIMUM, True, "optimal within gap", 0),
    ("time limit", DEARER, True, "stopped at limit", 4),
    ("time limit", None, False, "unknown", 4),
    ("iteration limit", DEARER, True, "stopped at limit", 4),
    ("iteration limit", None, False, "unknown", 4),
    ("interrupted", DEARER, True, "stopped at limit", 4),
    ("interrupted", None, False, "unknown", 4),
    ("unknown", DEARER, False, "stopped at limit", 4),
    ("unknown", None, False, "unknown", 4),
    ("error", DEARER, True, "stopped at limit", 4),
    ("error", None, False, "unknown", 4),
    ("unbounded", DEARER, True, "stopped at limit", 4),
    ("unbounded", None, False, "unknown", 4),
    ("infeasible", OPTIMUM, True, "unknown", 4),
    ("infeasible", None, False, "unknown", 4),
]
"""A program that has a plan, whatever the solver says of it; judged in tests/trust."""


def ended(monkeypatch: pytest.MonkeyPatch, said: str, point: Any, is_true: bool) -> Any:
    """What the search makes of a solver that says so, leaves this point and these duals."""
    honest = solve_linear

    def saying(*arguments: Any, **keywords: Any) -> Any:
        found = honest(*arguments, **keywords)
        x = None if point is None else np.array(point)
        duals = found.row_dual if is_true else np.zeros(1) if point else None
        return replace(found, status=said, x=x, row_dual=duals, message=f"{said} by decree")

    monkeypatch.setattr(module, "solve_linear", saying)
    return module.search(compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0))


def is_called(found: Any, told: str, code: int) -> bool:
    """Whether a solution is called so, with this exit code, and "optimal" only within its gap."""
    is_honest = (found.status == "optimal within gap") == (found.gap <= 1e-3)
    if found.x is None:  # without a plan there is a reason
        is_honest &= bool(found.message)
    else:
        is_honest &= status_of(found.gap, 1e-3) == found.status
    return is_honest and found.status == told and exit_code_of(found) == code


def exit_code_of(found: Any) -> int:
    """What the command line returns for a solution of a program without promises."""
    if found.x is not None:
        return 0 if status_of(found.gap, 1e-3) == "optimal within gap" else 4
    if found.status == "infeasible":
        return InfeasibleError.exit_code
    error = refusal(found, None, None, None, 1)
    assert isinstance(error, StoppedError)
    assert found.message in str(error)
    return error.exit_code


@pytest.mark.parametrize("said", ["infeasible", "optimal", "time limit", "unbounded", "error"])
def test_a_program_without_a_plan_is_never_called_planned(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    honest = module.solve_linear

    def saying(*arguments: Any, **keywords: Any) -> Any:
        return replace(honest(*arguments, **keywords), status=said, x=np.array([10.0]),
                       row_dual=np.array([0.0]))  # fmt: skip

    monkeypatch.setattr(module, "solve_linear", saying)
    found = module.search(compiled([[1.0]], 14.0, np.inf, [2.0], 0.0, 10.0))
    assert found.x is None
    assert exit_code_of(found) == (3 if said == "infeasible" else 4)


def test_whole_numbers_that_run_out_of_time_say_so() -> None:
    model = compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0, integers=[0])
    found = module.search(model, time_limit=0.0)
    assert (found.status, found.x, exit_code_of(found)) == ("stopped at limit", None, 4)


def test_every_way_to_end_has_its_own_exit_code() -> None:
    codes = [kind.exit_code for kind in CoplanError.__subclasses__()]
    assert sorted(codes) == [2, 3, 4, 5]


def wind(cost: float = 1.0, tie: float = 1.0, most: float = 5.0, upper: float = 9.0) -> Any:
    """A plant of 0 to `upper` MW at `cost` whose power is `tie` times its size, at most `most`."""
    model = algebra.model("a plant")
    model.mw = pyo.Var(bounds=(0.0, upper))
    model.power_limit = pyo.Constraint(expr=tie * model.mw <= most)
    model.objective = pyo.Objective(expr=cost * model.mw)
    return model


NAN, INF = float("nan"), float("inf")
NUMBERS = {
    "a cost that is no number": ({"cost": NAN}, "column mw: the cost is not finite"),
    "an infinite cost": ({"cost": INF}, "column mw: the cost is not finite"),
    "a coefficient that is no number": ({"tie": NAN}, "power_limit"),
    "an infinite coefficient": ({"tie": INF}, "power_limit"),
    "a coefficient that the solver would drop": (
        {"tie": 1e-10}, "row power_limit, column mw: coefficient 1e-10 is so small"),
    "a side that is no number": ({"most": NAN}, "power_limit"),
    "a side that nothing can keep": ({"most": -INF}, "power_limit"),
}  # fmt: skip


@pytest.mark.parametrize(("numbers", "words"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_no_solver_should_see_is_refused_with_its_row(
    numbers: dict[str, float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        algebra.compile(wind(**numbers))


@pytest.mark.parametrize("cost", [-0.5, -2.0])
def test_what_would_be_unbounded_names_what_pays_for_ever_more(cost: float) -> None:
    model = wind(cost=cost, upper=INF)
    model.idle = pyo.Var()
    words = rf"column mw: .* every unit more of it improves the objective by {-cost:g}:"
    with pytest.raises(ValueError, match=words):
        algebra.compile(model)


def test_a_loose_column_that_costs_is_no_ray_but_has_no_bound_either() -> None:
    with pytest.raises(ValueError, match=r"column mw: a bound is not finite$"):
        algebra.compile(wind(upper=INF))

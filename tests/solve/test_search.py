"""The search over whole halls reaches the optimum, proves it, and is honest when it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.solve.rounding import Group, candidates, dives
from coplan.solve.search import search
from tests.solve.random_programs import GROUPS, branch_and_bound, compiled, halls_and_energy


@pytest.mark.parametrize("seed", range(60))
def test_the_search_reaches_the_optimum_of_branch_and_bound(seed: int) -> None:
    model = halls_and_energy(seed)
    status, optimum = branch_and_bound(model)
    found = search(model, GROUPS, gap=1e-6, time_limit=20.0)
    if status == "kInfeasible":
        assert found.status == "infeasible"
        return
    assert found.status == "optimal within gap"
    assert found.objective == pytest.approx(optimum, rel=2e-6)
    assert found.bound <= optimum + 1e-9
    assert found.gap <= 1e-6
    whole = found.x[model.integrality == 1]
    assert np.array_equal(whole, np.round(whole))
    assert found.y.size == model.row_lower.size


@pytest.mark.parametrize("seed", [0, 3])
def test_an_interior_point_gives_the_same_plan(seed: int) -> None:
    model = halls_and_energy(seed)
    _, optimum = branch_and_bound(model)
    found = search(model, GROUPS, gap=1e-4, time_limit=30.0, algorithm="hipo")
    assert found.objective == pytest.approx(optimum, rel=2e-4)
    assert found.algorithms == ("hipo",)


def test_a_program_without_whole_numbers_is_one_solve() -> None:
    model = compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0)
    found = search(model)
    assert found.status == "optimal within gap"
    assert found.objective == pytest.approx(40.0)
    assert found.y == pytest.approx([5.0])
    assert len(found.log) == 1


def test_what_cannot_be_is_called_infeasible_only_after_a_second_proof() -> None:
    found = search(compiled([[1.0]], 14.0, np.inf, [2.0], 0.0, 10.0))
    assert (found.status, found.x) == ("infeasible", None)
    halves = compiled([[2.0]], 1.0, 1.0, [1.0], 0.0, 3.0, integers=[0])  # 2x = 1, x whole
    assert search(halves, [("site", [0], [1.0])]).status == "infeasible"


def test_a_false_infeasible_of_the_solver_is_reported_as_disagreement(monkeypatch) -> None:
    from dataclasses import replace

    from coplan.solve import search as module

    honest = module.solve_linear

    def lying(*arguments, **keywords):
        return replace(honest(*arguments, **keywords), status="infeasible")

    monkeypatch.setattr(module, "solve_linear", lying)
    found = search(compiled([[1.0]], 4.0, np.inf, [2.0], 0.0, 10.0))
    assert found.status == "unknown"
    assert "solver disagreement" in found.message


@pytest.mark.parametrize("whole", [True, False])
def test_where_hipo_stalls_ipx_closes_what_is_left(whole: bool, monkeypatch) -> None:
    from dataclasses import replace

    from coplan.solve import search as module

    honest = module.solve_linear

    def stalling(program, algorithm, *arguments, **keywords):
        result = honest(program, algorithm, *arguments, **keywords)
        if algorithm != "hipo" or result.x is None or result.row_dual is None:
            return result
        return replace(result, status="unknown", row_dual=0.9 * result.row_dual)

    model = halls_and_energy(0)
    if not whole:
        model.integrality[:] = 0
    _, optimum = branch_and_bound(model)
    monkeypatch.setattr(module, "solve_linear", stalling)
    found = search(model, GROUPS if whole else (), gap=1e-6, time_limit=60.0, algorithm="hipo")
    assert found.status == "optimal within gap"
    assert found.objective == pytest.approx(optimum, rel=2e-6)
    assert found.algorithms == ("hipo", "ipx")


def test_a_solver_that_stalls_still_leaves_a_certified_gap(monkeypatch) -> None:
    from dataclasses import replace

    from coplan.solve import search as module

    honest = module.solve_linear

    def stalling(*arguments, **keywords):
        result = honest(*arguments, **keywords)
        return replace(result, status="unknown", row_dual=0.9 * result.row_dual)

    monkeypatch.setattr(module, "solve_linear", stalling)
    found = search(compiled([[1.0, 1.0]], 14.0, np.inf, [2.0, 5.0], 0.0, 10.0), gap=1e-3)
    assert found.status == "stopped at limit"
    assert found.objective == pytest.approx(40.0)
    assert found.bound < 40.0
    assert found.gap == pytest.approx((40.0 - found.bound) / 40.0)


def test_the_time_limit_is_kept_and_said() -> None:
    found = search(halls_and_energy(0), GROUPS, gap=0.0, time_limit=0.0)
    assert found.status == "stopped at limit"
    assert found.x is None


def test_threads_may_change_from_search_to_search() -> None:
    """Every solve after a change failed once: HiGHS sizes a scheduler for each Python thread, and
    only that of the thread which noticed the change was started again."""
    rng = np.random.default_rng(0)
    matrix = rng.uniform(0, 1, (60, 90))
    needed = matrix @ np.ones(90)
    model = compiled(matrix, needed, np.inf, rng.uniform(1, 2, 90), 0.0, 5.0, integers=[0])
    for threads in (1, 2, 1):
        found = search(model, gap=0.5, threads=threads, algorithm="hipo")
        assert found.x is not None, (threads, found.message)
        assert search(compiled([[1.0]], 14.0, np.inf, [2.0], 0.0, 10.0), threads=threads,
                      algorithm="hipo").status == "infeasible"  # fmt: skip


def test_a_refused_plan_is_not_returned() -> None:
    model = halls_and_energy(1)
    free = search(model, GROUPS, gap=1e-6)
    refused = search(model, GROUPS, gap=1e-6, accept=lambda x: x[0] != free.x[0])
    assert refused.x is None or refused.x[0] != free.x[0]


def test_a_floor_for_the_root_does_not_spoil_the_bound() -> None:
    model = halls_and_energy(1)
    free = search(model, GROUPS, gap=1e-6)
    floored = search(
        model, GROUPS, gap=1e-3, floor=(np.array([0]), np.array([model.row_lower[0] + 2.0]))
    )
    assert floored.bound <= free.objective + 1e-9
    assert floored.objective >= free.objective - 1e-9


def test_rounding_keeps_the_capacity_of_the_fleet() -> None:
    x = np.array([1.6, 0.7, 2.3, 0.2])
    groups = [
        Group("north", np.array([0, 1]), np.array([10.0, 10.0]), "fp16"),
        Group("south", np.array([2]), np.array([10.0]), "fp16"),
    ]
    first, each, *_ = candidates(x, np.arange(4), groups, np.zeros(4), np.full(4, 9.0))
    assert first.tolist() == [2.0, 1.0, 2.0, 1.0]  # 4.6 halls -> 5, largest remainders first
    assert each.tolist() == [2.0, 1.0, 3.0, 1.0]  # 2.3 -> 3 in each site


def test_the_log_names_what_was_branched_on() -> None:
    for seed in range(20):
        found = search(halls_and_energy(seed), GROUPS, gap=1e-9, time_limit=20.0)
        branches = {node.branch for node in found.log if node.branch}
        if branches:
            assert any(name.startswith(("north", "south", "x[")) for name in branches)
            return
    pytest.fail("no case had to branch")


def test_columns_of_no_group_are_made_whole_before_halls_are_rounded() -> None:
    # two ways to convert three halls, 1.5 each: both to the nearest (even) do not fit, both down
    # do; signatures go to yes first
    x, whole = np.array([1.5, 1.5, 0.3, 4.6]), np.arange(4)
    groups = [Group("north", np.array([3]), np.array([1.0]), "fp16")]
    upper = np.array([3.0, 3.0, 1.0, 9.0])
    found, is_first = dives(x, whole, groups, np.zeros(4), upper)
    assert is_first
    assert [values.tolist() for _, values in found] == [[2, 2, 1], [2, 2, 0], [1, 1, 0]]
    assert all(columns.tolist() == [0, 1, 2] for columns, _ in found)
    assert dives(np.round(x), whole, groups, np.zeros(4), upper) == ([], False)
    assert not dives(x[2:], whole[:2], groups[:0], np.zeros(2), np.array([1.0, 1.0]))[1]


def test_a_plan_is_found_where_rounding_up_never_fits() -> None:
    # 3 halls in all, converted one way or the other (a, b ≤ 1.6 each, both worth it), and new
    # halls c that hold what is left: a + b ≤ 3, a + b + c ≥ 6. Up gives a = b = 2, too many
    model = compiled(
        [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [1.0, -1.0, 0.0]],
        [-np.inf, 6.0, 0.0], [3.0, np.inf, 0.0], [1.0, 1.0, 3.0], 0.0, 9.0,
        integers=[0, 1, 2],
    )  # fmt: skip
    found = search(model, [("north", [2], [1.0])], gap=1e-6)
    assert found.status == "optimal within gap"
    assert found.x.tolist() == [1.0, 1.0, 4.0]
    assert [node.stage for node in found.log][:4] == ["root", "dive", "dive", "plan"]

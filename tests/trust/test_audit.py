"""Rows A1 and A2: the audit passes every right plan, knows every rule, and finds small lies."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
import xarray as xr

from coplan.planning import solve_scenario
from coplan.scenario.reader import read_scenario
from tests import toys
from tests.acceptance.command import QUICKSTART
from tests.model.test_nothing_unregistered import KNOWN_ANSWERS
from tests.plan.toy_plan import toy_plan
from tests.sampling import one_in
from tests.trust.audited_plans import audited, faults, written
from tests.trust.scoreboard import Trials
from tests.verify.lies import told
from tests.verify.mutations import drawn
from tests.verify.rules import AUDITED, CUTS

PARTS = 4
"""A long row is shared out, so that processes can try it side by side."""


def chosen(part: int, trials: Trials, sample: int) -> list[str]:
    """The families that this part of a row tries: in a sample, evenly spread ones."""
    mine = list(KNOWN_ANSWERS)[part::PARTS]
    return mine[:: max(1, len(mine) // trials.size(len(mine), sample))]


def answers_of(family: str) -> list[toys.Answer]:
    """What the known answer of a family solves on its way, right or wrong, as far as planned."""
    with toys.remembered() as found, suppress(AssertionError):
        KNOWN_ANSWERS[family]()
    return [answer for answer in found if answer.is_planned]


def test_every_family_of_constraints_has_a_check_of_the_audit() -> None:
    assert AUDITED.keys() | set(CUTS) == KNOWN_ANSWERS.keys(), "say it in tests/verify/rules.py"
    assert not AUDITED.keys() & set(CUTS)


@pytest.mark.parametrize("part", one_in(2, range(PARTS)))
def test_a_plan_that_breaks_a_rule_is_rejected_by_the_check_of_the_rule(
    part: int, trials: Trials
) -> None:
    missed = []
    families = chosen(part, trials, 2)
    for family in families:
        with toys.relaxed(family):
            answers = answers_of(family)
        is_cut = family in CUTS
        plans = [(one.data, written(one) if is_cut else one.plan) for one in answers]
        failed = {c.name_en for one in plans for c in audited(*one).checks if not c.passed}
        right = not failed if is_cut else AUDITED[family] in failed
        missed += [] if right else [f"{family}: {sorted(failed)}"]
    held = len(families) - len(missed)
    seen = f"part {part + 1} of {PARTS}; {'; '.join(missed) or 'none missed'}"
    trials.score("A1", "rules broken one at a time, rejected", held, len(families), seen=seen)


@pytest.mark.parametrize("part", one_in(2, range(PARTS)))
def test_every_right_plan_passes(part: int, trials: Trials) -> None:
    rejected, largest, rows, plans = [], 0.0, 0, 0
    for family in chosen(part, trials, 1):
        for answer in answers_of(family):
            report = audited(answer.data, written(answer))
            plans += 1
            rows += report.rows_checked
            largest = max(largest, report.largest_violation)
            rejected += [f"{family}: {fault}" for fault in faults(report)[:1]]
    seen = f"part {part + 1} of {PARTS}; {rows} rows, largest violation {largest:.1e}"
    seen += f"; rejected {'; '.join(rejected)}" * bool(rejected)
    trials.score("A1", "right plans, accepted", plans - len(rejected), plans, seen=seen)


def solved_world(trials: Trials) -> tuple[xr.Dataset, xr.Dataset]:
    """A plan of the world in which every rule is switched on; in a sample, of a small one."""
    answer = answers_of("trading.resale_limit")[0]
    if trials.full:
        answer = toys.solved(toys.everything(), gap=1e-6)
    return answer.data, written(answer)


def quickstart(trials: Trials) -> tuple[xr.Dataset, xr.Dataset]:
    """A shipped scenario planned for a week, in a sample for a day."""
    words = [f"options.hours={trials.size(168, 24)}", "targets.green_share.value=0.3"]
    return solve_scenario(read_scenario(QUICKSTART, words))


WORLDS: dict[str, Callable[[Trials], tuple[xr.Dataset, xr.Dataset]]] = {
    "monthly": lambda trials: toy_plan("monthly"), "annual": lambda trials: toy_plan("annual"),
    "hourly": lambda trials: toy_plan("hourly"), "solved": solved_world, "quickstart": quickstart,
}  # fmt: skip
"""Plans to lie about: invented ones, one that was solved, a shipped one."""

DRAWN = 40
"""Lies drawn at random about each plan, beside those that mean something."""


@pytest.mark.parametrize("name", one_in(5, WORLDS))
def test_a_lie_about_a_right_plan_is_found(name: str, trials: Trials) -> None:
    data, plan = WORLDS[name](trials)
    assert faults(audited(data, plan)) == []
    kinds = list(told(plan))
    kinds = kinds[:: max(1, len(kinds) // trials.size(len(kinds), 3))]
    tried = [*kinds, *drawn(plan, data, seed=len(name), count=trials.size(DRAWN, 3))]
    missed = [label for label, lie in tried if audited(data, lie).passed]
    tiny = [label for label in missed if label.endswith("2e-05")]
    assert missed == tiny, "a lie of more than 1e-4 was not found"
    seen = f"{name}; {'; '.join(missed) or 'none missed'}"
    trials.score("A2", "lies about right plans, found", len(tried) - len(missed), len(tried), 0.99,
                 seen)  # fmt: skip

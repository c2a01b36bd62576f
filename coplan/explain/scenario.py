"""Why a scenario has no plan: what cannot be kept together, when it fails, the cheapest repairs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from coplan.errors import StoppedError
from coplan.explain.when import When, when
from coplan.planning import Stopwatch
from coplan.progress import SilentProgress
from coplan.report.catalogue import Locale
from coplan.report.model import Item, Listing, Message, Name, say
from coplan.report.numbers import Amount
from coplan.solve.conflict_texts import Conflict
from coplan.solve.repairs import Repair

ANY_GAP = 1e9
"""The first plan that keeps every promise will do."""
MOST_REPAIRS = 4
RISES = {"halls_built": "number"}


@dataclass(frozen=True)
class Explanation:
    """Whether a scenario has a plan; if not, what is in the way, when, and what would repair it."""

    is_feasible: bool
    names: dict[str, dict[str, str]]
    conflicts: tuple[Conflict, ...] = ()
    times: tuple[When, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def lines(self, languages: Sequence[str] = ("zh", "en")) -> list[str]:
        """The explanation in every language asked for, one after the other."""
        return [line for language in languages for line in self._told(language)]

    def _told(self, language: str) -> Iterator[str]:
        locale = Locale(language)
        if self.is_feasible:
            yield locale.text("explain.feasible")
            return
        if not self.conflicts:
            yield locale.text("explain.unknown")
        for is_instead, head in ((False, "explain.conflicts"), (True, "explain.instead")):
            chosen = [(one, at) for one, at in zip(self.conflicts, self.times, strict=True)
                      if one.is_instead == is_instead]  # fmt: skip
            if chosen:
                yield locale.text(head)
            for conflict, at in chosen:
                yield f"  - {getattr(conflict, language)}"
                yield from (f"    {locale.show(text)}" for text in time_words(at))
        if self.repairs:
            yield locale.text("explain.repairs")
            yield from (f"  - {locale.show(self.repair_words(one))}" for one in self.repairs)

    def repair_words(self, repair: Repair) -> Message:
        """A repair as a sentence: what must grow, where and by how much, and what that costs."""
        if repair.share:
            key = "explain.less_waiting" if repair.kind == "waiting work" else "explain.less_work"
            return say(key, share=Amount(repair.share, "percent"))
        rises = Listing(tuple(self.rise_words(*rise) for rise in repair.rises))
        if repair.cny < 1.0:
            return say("explain.raise", rises=rises)
        return say("explain.raise_for", rises=rises, money=Amount(repair.cny, "money"))

    def rise_words(self, limit: str, place: str, amount: float) -> Item:
        """One limit of a repair: 310 MW more own capacity (Huailai wind)."""
        known = self.names.get(place, {})
        name = Name(known.get("zh", place), known.get("en", place))
        what = say(f"limits.{limit}")
        kind = "energy" if limit.endswith("mwh") else RISES.get(limit, "power")
        return say("explain.rise", value=Amount(amount, kind), limit=what, place=name)


def time_words(at: When) -> Iterator[Message]:
    """When it fails, as sentences; nothing where it fails all the time."""
    if at.months:
        months = Listing(tuple(say(f"month.m{month}") for month in at.months))
        yield say("explain.months", months=months, share=Amount(at.of_months, "percent", digits=0))
    if at.hours:
        first, last = (f"{hour}:00" for hour in at.hours)
        share = Amount(at.of_hours, "percent", digits=0)
        yield say("explain.hours", first=first, last=last, share=share)


def explain_scenario(
    scenario: Any,
    time_limit: float | None = None,
    threads: int | None = None,
    progress: Any = None,
) -> Explanation:
    """Why a scenario has no plan, or that it has one.

    `time_limit` [s] and `threads` are the scenario's own options where they are not given. Raises
    StoppedError where nothing was settled in time.
    """
    from coplan.dataset.build import build_dataset

    progress, options = progress or SilentProgress(), scenario.spec.options
    progress.stage("data")
    return explain_dataset(
        build_dataset(scenario), options.time_limit_s if time_limit is None else time_limit,
        options.threads if threads is None else threads, progress,
    )  # fmt: skip


def explain_dataset(
    data: Any, time_limit: float = 600.0, threads: int = 1, progress: Any = None
) -> Explanation:
    """As `explain_scenario`, of a dataset."""
    from coplan import algebra
    from coplan.model import build_model, exact_laws, hall_groups, one_way_modes
    from coplan.solve.conflicts import Relaxation, has_repairs
    from coplan.solve.repairs import repairs
    from coplan.solve.search import search

    progress, clock = progress or SilentProgress(), Stopwatch()
    progress.stage("model")
    model = build_model(data)
    compiled = algebra.compile(model.pyomo)
    progress.stage("solve")
    found = search(
        compiled, hall_groups(model, compiled, data), gap=ANY_GAP, time_limit=time_limit,
        tolerance=1e-4, threads=threads, modes=one_way_modes(model, compiled),
        laws=exact_laws(model, compiled),
    )  # fmt: skip
    names = json.loads(data.attrs.get("names", "{}"))
    if found.x is not None:
        return Explanation(True, names)
    if found.status != "infeasible":
        raise StoppedError(f"no plan was found, and none was ruled out: {found.message}")
    progress.stage("why nothing fits")
    relaxation = Relaxation(model, compiled, data, max(time_limit - clock.total(), 60.0), threads)
    conflicts = relaxation.find()
    times = tuple(when(relaxation, conflict) for conflict in conflicts)
    ways: list[Repair] = []
    if has_repairs(conflicts):
        progress.stage("what would repair it")
        ways = repairs(relaxation)[:MOST_REPAIRS]
    return Explanation(False, names, tuple(conflicts), times, tuple(ways))

"""What the measures mean: ratios between them, and the bars they are held against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.measure import BUILDERS, Measured, Task

FULL_YEAR = 8760
SAME = 1e-6  # relative difference of objectives that counts as none


@dataclass(frozen=True)
class Bar:
    """Where a ratio should be; `is_ceiling` when smaller is better."""

    at_least: float
    aim: float
    is_ceiling: bool = False

    def met(self, value: float) -> str:
        """aim, at least, or no."""
        sign = -1.0 if self.is_ceiling else 1.0
        if sign * value >= sign * self.aim:
            return "aim"
        return "at least" if sign * value >= sign * self.at_least else "no"


@dataclass(frozen=True)
class Ratio:
    """One line of the table; `bar` is None at a size that has none."""

    measure: str
    size: str
    value: float
    unit: str = "×"
    bar: Bar | None = None

    @property
    def met(self) -> str:
        """aim, at least, no, or a dash where there is no bar."""
        return self.bar.met(self.value) if self.bar else "–"


BUILD = {
    "linopy_arrays": Bar(5, 10), "pypsa_network": Bar(12, 25), "pyomo_appsi": Bar(100, 300),
}  # fmt: skip
MEMORY = {"linopy_arrays": Bar(0.7, 0.5, True), "pyomo_appsi": Bar(0.1, 0.08, True)}
TOTAL = Bar(1.02, 1.005, True)
WHOLE = {"default": Bar(5, 10)}
MILP = {0.01: Bar(5, 3.5, True), 0.002: Bar(8, 5, True)}
COMMAND_S = {
    "quickstart": Bar(30, 15, True), "zhangjiakou-2027": Bar(420, 120, True),
    "jingjinji-2027": Bar(3600, 900, True),
}  # fmt: skip
COMMAND_GB = {"zhangjiakou-2027": Bar(2, 2, True), "jingjinji-2027": Bar(8, 4, True)}
HOURS_EXPONENT, SITES_EXPONENT = Bar(1.4, 1.2, True), Bar(1.7, 1.4, True)


def same_objectives(costs: dict[str, float]) -> bool:
    """Whether all builders' optima are coplan's."""
    own = costs["coplan_arrays"]
    return all(abs(cost - own) <= SAME * abs(own) for cost in costs.values())


def unequal_sizes(measured: Iterable[Measured]) -> list[str]:
    """Sizes at which coplan's matrix has not the rows, columns and entries of Pyomo's own."""
    found = {(m.task.builder, m.task.size): m.runs[0] for m in measured
             if m.task.kind == "build" and m.runs}  # fmt: skip
    unequal = []
    for (builder, size), run in found.items():
        other = found.get(("pyomo_standard_form", size))
        if builder == "coplan_arrays" and other is not None:
            names = ("rows", "columns", "entries")
            if any(run[name] != other[name] for name in names):
                unequal.append(size)
    return unequal


def unequal_optima(measured: Iterable[Measured]) -> list[str]:
    """Sizes at which timed solves did not all end at the same cost."""
    costs: dict[str, list[float]] = {}
    for one in measured:
        if one.task.kind in ("total", "bare", "whole"):
            costs.setdefault(one.task.size, []).extend(run["objective"] for run in one.runs)
    return [size for size, found in costs.items()
            if found and max(found) - min(found) > SAME * abs(max(found))]  # fmt: skip


def ratios(measured: Sequence[Measured]) -> list[Ratio]:
    """Every ratio that the measures allow, in the order of the bars."""
    done = {m.task: m for m in measured if m.runs}
    return [
        *_builds(done), *_totals(done), *_wholes(done), *_searches(done), *_commands(done),
        *_growth(done),
    ]  # fmt: skip


def _builds(done: dict[Task, Measured]) -> Iterator[Ratio]:
    mine = [task for task in done if task.kind == "build" and task.builder == "coplan_arrays"]
    others = [name for name in BUILDERS if name != "coplan_arrays"]
    for task in mine:
        with_bar = (task.sites, task.hours) == (4, FULL_YEAR)
        peers = {b: done[other] for b in others
                 if (other := Task("build", b, task.sites, task.hours)) in done}  # fmt: skip
        for name, peer in peers.items():
            value = peer.median("cpu") / done[task].median("cpu")
            bar = BUILD.get(name) if with_bar else None
            yield Ratio(f"build + hand-over: faster than {BUILDERS[name]}", task.size, value,
                        bar=bar)  # fmt: skip
        for name, peer in peers.items():
            value = done[task].median("increment_mb") / peer.median("increment_mb")
            bar = MEMORY.get(name) if with_bar else None
            yield Ratio(f"memory before the solve / {BUILDERS[name]}", task.size, value, bar=bar)


def _totals(done: dict[Task, Measured]) -> Iterator[Ratio]:
    for task in [task for task in done if task.kind == "total"]:
        bar = TOTAL if (task.sites, task.hours) == (4, FULL_YEAR) else None
        run = Task("bare", sites=task.sites, hours=task.hours)
        if run in done:
            value = done[task].median("cpu") / done[run].median("cpu")
            yield Ratio("total / bare HiGHS run(), process by process", task.size, value, bar=bar)
        shares = sorted(r["cpu"] / r["run"]["cpu"] for r in done[task].runs)
        value = shares[len(shares) // 2]
        yield Ratio("total / its own run(), in one process", task.size, value, bar=bar)


def _wholes(done: dict[Task, Measured]) -> Iterator[Ratio]:
    for task in [t for t in done if t.kind == "whole" and t.builder != "coplan_arrays"]:
        mine = done.get(Task("whole", sites=task.sites, hours=task.hours))
        if mine is None:
            continue
        bar = WHOLE.get(task.options) if (task.sites, task.hours) == (1, FULL_YEAR) else None
        name = f"whole run: faster than {BUILDERS[task.builder]}, {task.options} HiGHS options"
        yield Ratio(name, task.size, done[task].median("cpu") / mine.median("cpu"), bar=bar)


def _searches(done: dict[Task, Measured]) -> Iterator[Ratio]:
    for task in [task for task in done if task.kind == "milp"]:
        value = done[task].median("cpu") / done[task].median("fixed_cpu")
        name = f"whole numbers, certified {task.gap:.1%}: full-year LPs"
        yield Ratio(name, task.size, value, "LPs", MILP.get(task.gap))


def _commands(done: dict[Task, Measured]) -> Iterator[Ratio]:
    for task in [task for task in done if task.kind == "command"]:
        name = task.scenario
        yield Ratio("whole command with report", name, done[task].median("wall"), "s",
                    COMMAND_S.get(name))  # fmt: skip
        yield Ratio("peak memory of the command", name, done[task].median("peak_mb") / 1e3, "GB",
                    COMMAND_GB.get(name))  # fmt: skip


def _growth(done: dict[Task, Measured]) -> Iterator[Ratio]:
    totals = {(t.sites, t.hours): m.median("cpu") for t, m in done.items() if t.kind == "total"}
    ends = (
        ("hours", (1, 730), (1, FULL_YEAR), 12.0, HOURS_EXPONENT),
        ("campuses", (1, FULL_YEAR), (8, FULL_YEAR), 8.0, SITES_EXPONENT),
    )
    for name, short, long, factor, bar in ends:
        if short in totals and long in totals:
            value = math.log(totals[long] / totals[short]) / math.log(factor)
            size = f"{short[0]} × {short[1]} → {long[0]} × {long[1]}"
            yield Ratio(f"growth of the total with {name}", size, value, "exponent", bar)

"""`python -m benchmarks`: measure, print the tables, and say which bars are met."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import BUILDERS, Measured, Task, check_objectives, measure_all
from benchmarks.ratios import (
    COMMAND_S,
    FULL_YEAR,
    MILP,
    Ratio,
    ratios,
    same_objectives,
    unequal_optima,
    unequal_sizes,
)

ROWS = ("build", "total", "whole", "milp")
PACKAGES = ("coplan", "pyomo", "highspy", "numpy", "linopy", "pypsa")
MOST_SITES_SOLVED = 4  # a full year of eight is solved for the growth only
CHECKED = (2, 168)  # campuses and hours at which all objectives are compared


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--campuses", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--hours", type=int, default=FULL_YEAR)
    parser.add_argument("--repeat", type=int, default=3, help="measures of each, in turn")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS),
                        help="build and memory; total against bare HiGHS; whole process; "
                        "whole numbers")  # fmt: skip
    peers = [name for name in BUILDERS if name != "coplan_arrays"]
    parser.add_argument("--peers", nargs="*", choices=peers, default=peers, metavar="PEER",
                        help=f"what coplan is held against: {', '.join(peers)}")  # fmt: skip
    parser.add_argument("--quick", action="store_true",
                        help="one campus, 730 hours, without whole numbers")  # fmt: skip
    parser.add_argument("--scenarios", nargs="*", choices=list(COMMAND_S), metavar="NAME",
                        help=f"whole commands, once each: {', '.join(COMMAND_S)}")  # fmt: skip
    parser.add_argument("--growth", action="store_true",
                        help="exponents: 730 to 8760 hours, one to eight campuses")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="every measure, as JSON")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.campuses, asked.hours = [1], 730
        asked.rows = [row for row in asked.rows if row != "milp"]
    asked.builders = ["coplan_arrays", *asked.peers]
    return asked


def groups(asked: argparse.Namespace) -> list[tuple[list[Task], int]]:
    """Tasks that are measured in turn, and how often."""
    hours, repeat = asked.hours, asked.repeat
    found: list[tuple[list[Task], int]] = []
    if "build" in asked.rows:
        found += [([Task("build", name, sites, hours) for name in asked.builders], repeat)
                  for sites in asked.campuses]  # fmt: skip
    solved = [(sites, hours) for sites in asked.campuses if sites <= MOST_SITES_SOLVED]
    if "total" in asked.rows:
        found += [([Task(kind, sites=s, hours=h) for kind in ("total", "bare")], repeat)
                  for s, h in solved]  # fmt: skip
    if asked.growth:
        ends = [end for end in ((1, 730), (1, FULL_YEAR), (8, FULL_YEAR))
                if "total" not in asked.rows or end not in solved]  # fmt: skip
        found.append(([Task("total", sites=s, hours=h) for s, h in ends], repeat))
    if "whole" in asked.rows:
        sites = min(asked.campuses)
        tasks = [Task("whole", sites=sites, hours=hours)]
        if "linopy_arrays" in asked.peers:
            tasks += [Task("whole", "linopy_arrays", sites, hours, options)
                      for options in ("our", "default")]  # fmt: skip
        found.append((tasks, repeat))
    if "milp" in asked.rows:
        found.append(([Task("milp", scenario="quickstart", gap=gap) for gap in MILP], 1))
    if asked.scenarios is not None:
        names = asked.scenarios or list(COMMAND_S)
        found.append(([Task("command", scenario=name) for name in names], 1))
    return found


def machine() -> dict[str, Any]:
    """Where and when: processor, cores, load, system, versions, time."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines()
             if line.startswith("model name")] if info.exists() else []  # fmt: skip
    return {
        "date": datetime.now().astimezone().isoformat(timespec="minutes"),
        "processor": names[0] if names else platform.processor(), "cores": os.cpu_count(),
        "load": _load(), "system": platform.platform(terse=True),
        "versions": ", ".join(
            [f"Python {platform.python_version()}", *(f"{p} {_version(p)}" for p in PACKAGES)]
        ),
    }  # fmt: skip


def _load() -> float | None:
    """Processes that ran or waited for a core in the last minute."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def measured_table(measured: Sequence[Measured]) -> Table:
    """Medians of what was measured."""
    table = Table(title="Measured (medians)", title_justify="left")
    table.add_column("size")
    table.add_column("what")
    for name in ("CPU s", "wall s", "peak MB", "increment MB", "rows", "columns", "entries"):
        table.add_column(name, justify="right")
    keys = ("cpu", "wall", "peak_mb", "increment_mb", "rows", "columns", "entries")
    forms = ("{:.3f}", "{:.3f}", "{:.0f}", "{:.0f}", "{:.0f}", "{:.0f}", "{:.0f}")
    for one in measured:
        if one.lacking:
            table.add_row(one.task.size, f"{one.task.name}: {one.lacking.splitlines()[-1]}")
        if not one.runs:
            continue
        cells = [form.format(one.median(key)) if key in one.runs[0] else ""
                 for key, form in zip(keys, forms, strict=True)]  # fmt: skip
        table.add_row(one.task.size, one.task.name, *cells)
    return table


def ratio_table(found: Sequence[Ratio]) -> Table:
    """Ratios beside their bars."""
    table = Table(title="Ratios (of CPU seconds, of memory increments)", title_justify="left")
    for name in ("measure", "size"):
        table.add_column(name)
    for name in ("value", "at least", "aim", "met"):
        table.add_column(name, justify="right")
    for one in found:
        bars = ("", "")
        if one.bar:
            sign = "≤ " if one.bar.is_ceiling else "≥ "
            bars = (f"{sign}{one.bar.at_least:g}", f"{sign}{one.bar.aim:g}")
        table.add_row(one.measure, one.size, f"{one.value:.4g} {one.unit}", *bars, one.met)
    return table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when builders disagree or a measure failed, whatever the ratios."""
    asked = parsed(arguments)
    console = Console(width=None if sys.stdout.isatty() else 150)
    progress = Console(stderr=True)
    here = machine()
    say = progress.print
    costs = check_objectives(asked.builders, *CHECKED, say)
    for name, cost in costs.items():
        say(f"optimum of {CHECKED[0]} × {CHECKED[1]}, {BUILDERS[name]}: {cost:.6f} kCNY")
    if not same_objectives(costs):
        console.print("The builders do not find the same optimum: nothing was timed.")
        return 1
    measured = [one for tasks, times in groups(asked) for one in measure_all(tasks, times, say)]
    table = ratios(measured)
    here["load_at_end"] = _load()
    for name in ("date", "processor", "cores", "load", "load_at_end", "system", "versions"):
        console.print(f"{name.replace('_', ' ')}: {here[name]}", highlight=False)
    console.print(measured_table(measured), ratio_table(table))
    other_matrix, other_cost = unequal_sizes(measured), unequal_optima(measured)
    if other_matrix:
        console.print(f"coplan's matrix is not Pyomo's own at {', '.join(other_matrix)}")
    if other_cost:
        console.print(f"the timed solves end at different costs at {', '.join(other_cost)}")
    if asked.json:
        told = {"machine": here, "objectives": costs, "measured": [
            {"task": vars(m.task), "lacking": m.lacking, "runs": m.runs} for m in measured
        ], "ratios": [{"measure": r.measure, "size": r.size, "value": r.value, "unit": r.unit,
                       "at_least": r.bar and r.bar.at_least, "aim": r.bar and r.bar.aim,
                       "met": r.met} for r in table]}  # fmt: skip
        asked.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    failed = any(one.lacking.startswith("failed") for one in measured)
    return 1 if other_matrix or other_cost or failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""One measure in a process of its own: `python -m benchmarks.worker '{"task": "build", ...}'`.

The measure goes as JSON into the file named by `result`; what solvers print does not matter. CPU
seconds are user and system together. Memory is the peak while the work is done, and its increment
over what the process held before, with packages imported and data made.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks.instance import Instance, make_instance

SMALL = (1, 24)  # campuses, hours of the warm-up: late imports are no part of a measure
PEERS = ("linopy", "pypsa")  # of the test extra: coplan runs without them
ARRAYS = (
    "start", "column", "value", "row_lower", "row_upper", "cost", "lower", "upper",
)  # fmt: skip


class Meter:
    """CPU seconds, wall seconds and memory since it was made."""

    def __init__(self) -> None:
        self.held = _memory_mb("VmRSS")
        with suppress(OSError):  # only Linux can forget an earlier peak
            Path("/proc/self/clear_refs").write_text("5")
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> dict[str, float]:
        """What was used so far: seconds and MB."""
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        peak = _memory_mb("VmHWM")
        return {"cpu": cpu, "wall": wall, "peak_mb": peak, "increment_mb": peak - self.held}


def _memory_mb(field: str) -> float:
    """VmRSS or VmHWM of this process, MB; where there is no /proc, what psutil knows."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1e3
    import psutil

    info = psutil.Process().memory_info()
    peak = getattr(info, "peak_wset", info.rss) if field == "VmHWM" else info.rss
    return float(peak) / 1e6


def builder_of(name: str) -> Any:
    """The module of a builder, what it needs imported."""
    module = importlib.import_module(f"benchmarks.builders.{name}")
    for package in module.PACKAGES:
        importlib.import_module(package)
    return module


def build(spec: dict[str, Any]) -> dict[str, Any]:
    """Build and hand over, imports excluded; and how large the model became."""
    builder = builder_of(spec["builder"])
    builder.build(make_instance(*SMALL))
    instance = make_instance(spec["sites"], spec["hours"])
    meter = Meter()
    kept, solver = builder.build(instance)
    used = meter.read()
    del kept
    return used | {
        "rows": solver.getNumRow(), "columns": solver.getNumCol(), "entries": solver.getNumNz(),
    }  # fmt: skip


def objective(spec: dict[str, Any]) -> dict[str, Any]:
    """The least cost that HiGHS finds for the builder's model, kCNY."""
    _, solver = builder_of(spec["builder"]).build(make_instance(spec["sites"], spec["hours"]))
    solver.setOptionValue("output_flag", False)
    solver.run()
    if solver.modelStatusToString(solver.getModelStatus()) != "Optimal":
        raise RuntimeError(f"{spec['builder']}: no optimum")
    return {"objective": solver.getObjectiveValue()}


def total(spec: dict[str, Any]) -> dict[str, Any]:
    """coplan's build, hand-over, solve and reading back, imports excluded."""
    builder = builder_of("coplan_arrays")
    builder.build(make_instance(*SMALL))
    instance = make_instance(spec["sites"], spec["hours"])
    meter = Meter()
    found, inside = _solved(builder, instance)
    return meter.read() | {"run": inside} | told(found)


def _solved(builder: Any, instance: Instance) -> tuple[Any, dict[str, float]]:
    from coplan.solve.highs import choose_algorithm, result_of
    from coplan.solve.program import LinearProgram

    compiled, solver = builder.build(instance)
    program = LinearProgram.of(compiled)
    cpu, wall = time.process_time(), time.perf_counter()
    solver.run()
    inside = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    return result_of(solver, program, choose_algorithm(program), inside["wall"]), inside


def told(found: Any) -> dict[str, Any]:
    """What a solve says of itself."""
    return {
        "objective": found.objective, "status": found.status, "iterations": found.iterations,
        "algorithm": found.algorithm,
    }  # fmt: skip


def save(spec: dict[str, Any]) -> dict[str, Any]:
    """Keep the arrays that coplan hands over, for `bare`."""
    import numpy as np

    from coplan import algebra

    builder = builder_of("coplan_arrays")
    compiled = algebra.compile(builder.define(make_instance(spec["sites"], spec["hours"])))
    arrays = {name: getattr(compiled, name) for name in ARRAYS}
    np.savez(spec["arrays"], offset=compiled.offset, **arrays)
    return {}


def bare(spec: dict[str, Any]) -> dict[str, Any]:
    """HiGHS `run()` alone on saved arrays, with the same options."""
    import numpy as np

    from coplan.solve.highs import choose_algorithm, loaded, result_of
    from coplan.solve.program import LinearProgram

    with np.load(spec["arrays"]) as kept:
        arrays = {name: kept[name] for name in ARRAYS}
        program = LinearProgram(offset=float(kept["offset"]), **arrays)
    algorithm = choose_algorithm(program)
    solver: Any = loaded(program, algorithm)
    meter = Meter()
    solver.run()
    used = meter.read()
    return used | told(result_of(solver, program, algorithm, used["wall"]))


def whole(spec: dict[str, Any]) -> dict[str, Any]:
    """From the start of the process to the optimum; HiGHS at its defaults or with our options."""
    from coplan.solve.highs import options_of

    module = importlib.import_module(f"benchmarks.builders.{spec['builder']}")
    instance = make_instance(spec["sites"], spec["hours"])
    if spec["builder"] == "coplan_arrays":
        cost = _solved(module, instance)[0].objective
    else:
        options = options_of("hipo") if spec["options"] == "our" else {}
        cost = module.solve(instance, options)
    return {"cpu": time.process_time(), "objective": cost}


def milp(spec: dict[str, Any]) -> dict[str, Any]:
    """A shipped scenario to a certified gap, and one LP with its whole numbers fixed."""
    from benchmarks.milp import measure

    return measure(spec["scenario"], spec["gap"])


TASKS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    task.__name__: task for task in (build, objective, total, save, bare, whole, milp)
}


def main() -> None:
    """Do the task of the JSON on the command line and write what was measured."""
    spec = json.loads(sys.argv[1])
    try:
        found = TASKS[spec["task"]](spec)
    except ModuleNotFoundError as error:
        if error.name not in PEERS:
            raise
        found = {"lacking": f"{error.name} is not installed"}
    Path(spec["result"]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()

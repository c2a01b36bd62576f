"""coplan: the open planner for green power and computing together.

    import coplan

    scenario = coplan.read_scenario("scenarios/quickstart.yaml", ["options.gap=0.005"])
    plan = coplan.plan(scenario)                   # an xarray Dataset: inputs, decisions, prices
    model = coplan.model(scenario)                 # the Pyomo model, to look at or to write out
    report = coplan.verify("reports/quickstart")   # audits a finished run from its raw inputs
    coplan.write_report("reports/quickstart")      # renders its study report again
    data = coplan.study("scenarios/studies/price-risk.yaml")  # many variants, compared

These six are the public interface; nothing is imported before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["model", "plan", "read_scenario", "study", "verify", "write_report"]


def __getattr__(name: str) -> Any:
    """Import on first use what is a module that can be called (see coplan.callable_package)."""
    if name in ("model", "plan", "study", "verify"):
        from importlib import import_module

        return import_module(f"coplan.{name}")
    raise AttributeError(f"module 'coplan' has no attribute {name!r}")


def read_scenario(
    path: str | Path, overrides: Sequence[str] = (), allow: Sequence[Path] = ()
) -> Any:
    """Read a scenario file with every card it names; `overrides` are texts like "periods=[2030]".

    Files that it names lie in its project, or below a folder of `allow`. Returns a frozen Scenario.
    Raises coplan.errors.InputError with every problem at once.
    """
    from coplan.scenario.reader import read_scenario as read

    return read(Path(path), overrides, allow=allow)


def write_report(folder: str | Path, languages: Sequence[str] = ("zh", "en")) -> Path:
    """Render the study report of a finished run again from its plan.nc.

    Raises coplan.errors.InputError when `folder` holds no finished run.
    """
    from coplan.run import report_folder

    return report_folder(Path(folder), languages)

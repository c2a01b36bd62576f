"""Naive Pyomo, handed to HiGHS by `appsi_highs`."""

from __future__ import annotations

from typing import Any

from benchmarks.builders import pyomo_rules
from benchmarks.instance import Instance

PACKAGES = (*pyomo_rules.PACKAGES, "pyomo.contrib.appsi.solvers.highs")


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    from pyomo.contrib.appsi.solvers.highs import Highs

    model = pyomo_rules.define(instance)
    interface = Highs()
    interface.set_instance(model)
    return (model, interface), interface._solver_model

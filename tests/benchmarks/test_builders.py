"""Every way of building the benchmark's model builds the same model."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from benchmarks.builders import coplan_arrays, pyomo_rules
from benchmarks.instance import make_instance
from benchmarks.measure import BUILDERS
from coplan import algebra
from tests.model.test_matrix import assert_same, of_arrays, of_pyomo
from tests.sampling import one_in

SIZES = [(1, 96), (3, 30)]  # work moves between the three


def optimum(builder: str, sites: int, hours: int) -> float:
    """Least cost of a builder's model, kCNY."""
    module = importlib.import_module(f"benchmarks.builders.{builder}")
    _, solver = module.build(make_instance(sites, hours))
    solver.setOptionValue("output_flag", False)
    solver.run()
    assert solver.modelStatusToString(solver.getModelStatus()) == "Optimal"
    return float(solver.getObjectiveValue())


@pytest.mark.filterwarnings("ignore")  # linopy and pandas announce changes of their own
@pytest.mark.parametrize(("sites", "hours"), one_in(2, SIZES))
def test_all_builders_find_the_same_cost(sites: int, hours: int) -> None:
    costs = {builder: optimum(builder, sites, hours) for builder in BUILDERS}
    assert costs["coplan_arrays"] > 1000.0, "there is something to pay for"
    own = costs["coplan_arrays"]
    assert costs == pytest.approx(dict.fromkeys(BUILDERS, own), rel=1e-6)


@pytest.mark.parametrize(("sites", "hours"), SIZES)
def test_coplan_and_pyomo_have_the_same_matrix(sites: int, hours: int) -> None:
    instance = make_instance(sites, hours)
    compiled = algebra.compile(coplan_arrays.define(instance))
    assert compiled.row_by_row == {}, "every rule is held as arrays"
    assert_same(of_arrays(compiled), of_pyomo(pyomo_rules.define(instance)))


def test_the_data_depend_on_the_seed_alone() -> None:
    one, same, other = (make_instance(2, 30, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.wind_factor, same.wind_factor)
    assert not np.array_equal(one.wind_factor, other.wind_factor)


def test_work_waits_no_longer_than_its_deadline() -> None:
    instance = make_instance(1, 60)
    arrived, waiting = instance.arrived_mw[0, 0], instance.waiting_max_mwh[0, 0]
    assert waiting[40] == pytest.approx(arrived[17:41].sum())  # the last 24 hours
    assert waiting[5] == pytest.approx(arrived[:6].sum())
    assert waiting[-1] == 0.0

"""The arrays that the solver gets say what Pyomo's own compiler says of the same declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan import algebra
from coplan.dataset.build import build_dataset
from coplan.model import build_model
from coplan.scenario.reader import read_scenario
from tests import toys
from tests.matrices import assert_same, of_arrays, of_pyomo
from tests.sampling import one_in

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
TURN_OF_THE_MONTH = ["options.hours=48", "options.start_hour=720"]  # 31 January, 1 February
MANY_SITES = 2  # a model of more is compared on six hours; the hub on two days by `pytest -m slow`


def compared(data: xr.Dataset) -> Any:
    """Build the model twice, compare, and return the compiled one."""
    compiled = algebra.compile(build_model(data).pyomo)
    with algebra.plain():
        ordinary = build_model(data).pyomo
    assert_same(of_arrays(compiled), of_pyomo(ordinary))
    return compiled


@pytest.mark.parametrize("path", one_in(3, SCENARIOS), ids=lambda path: path.stem)
def test_a_scenario_is_the_same_model_in_arrays_and_in_pyomo(path: Path) -> None:
    data = build_dataset(read_scenario(path, TURN_OF_THE_MONTH))
    if data.sizes["site"] > MANY_SITES:
        data = around_midnight(data)
    assert_boxed(compared(data))


@pytest.mark.slow
def test_the_hub_over_two_days_is_the_same_model_in_arrays_and_in_pyomo() -> None:
    hub = next(path for path in SCENARIOS if path.stem == "jingjinji-2027")
    data = build_dataset(read_scenario(hub, TURN_OF_THE_MONTH))
    assert data.sizes["site"] > MANY_SITES
    assert_boxed(compared(data))


def around_midnight(data: xr.Dataset) -> xr.Dataset:
    """The last three hours of a month and the first three of the next."""
    steps = data.isel(time=slice(21, 27))
    assert len(set(steps["month_of_step"].values)) == 2
    return steps.assign_coords(time=np.arange(steps.sizes["time"]))


def assert_boxed(compiled: Any) -> None:
    """Every column has finite bounds, and nothing was built row by row."""
    assert compiled.row_by_row == {}
    assert np.isfinite(compiled.lower).all()
    assert np.isfinite(compiled.upper).all()
    assert np.all(compiled.lower <= compiled.upper)


def test_the_world_with_everything_on_is_the_same_model_in_arrays_and_in_pyomo() -> None:
    assert compared(toys.everything()).row_by_row == {}


@pytest.mark.parametrize("matching", one_in(3, ["hourly", "monthly", "annual"]))
def test_each_matching_is_the_same_model_in_arrays_and_in_pyomo(matching: str) -> None:
    data = toys.everything(targets=toys.green(0.8, matching, unbundled=0.2))
    assert compared(data).row_by_row == {}


def test_every_column_of_a_full_year_is_boxed_and_no_coefficient_is_lost() -> None:
    quickstart = next(path for path in SCENARIOS if path.stem == "quickstart")
    compiled = algebra.compile(build_model(build_dataset(read_scenario(quickstart))).pyomo)
    assert_boxed(compiled)
    assert compiled.n_columns > 8760
    assert np.abs(compiled.value).min() >= 1e-6, "HiGHS drops what is below 1e-9"
    assert np.abs(compiled.value).max() <= 1e5

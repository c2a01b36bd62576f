"""Where all sizes are given only the running is decided, and the simplex method does it."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
import pytest

from coplan.model import exact_laws, hall_groups, one_way_modes, sizes_are_given
from coplan.solve.search import search
from tests.toys import everything, solved


def test_sizes_are_given_only_where_none_is_free_and_cost_the_same_by_any_method() -> None:
    answer = solved(everything())
    model, compiled = answer.model, answer.compiled
    assert not sizes_are_given(model, compiled)
    for sizes in model.pyomo.sizes.values():
        for variable in sizes.component_objects(pyo.Var):
            at = compiled.column_slice(variable)
            whole = compiled.integrality[at] > 0
            given = np.where(whole, np.round(answer.found.x[at]), answer.found.x[at])
            compiled.lower[at] = compiled.upper[at] = given
    assert sizes_are_given(model, compiled)
    groups, modes = hall_groups(model, compiled, answer.data), one_way_modes(model, compiled)
    for algorithm in ("simplex", "hipo"):
        found = search(compiled, groups, gap=1e-6, modes=modes, laws=exact_laws(model, compiled),
                       algorithm=algorithm)  # fmt: skip
        assert found.objective == pytest.approx(answer.found.objective, rel=1e-5)
        assert found.algorithms == (algorithm,)

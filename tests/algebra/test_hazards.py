"""A rule no template can hold is built row by row: never another model than Pyomo's own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from coplan import algebra

ARRAY = np.array([1.0, 2.0, 3.0, 4.0])
LIST = ARRAY.tolist()
TABLE = dict(enumerate(LIST))


def double_unless(condition: Any, x: Any) -> Any:
    return (x if condition else 2 * x) <= 1


ROW_BY_ROW: dict[str, Callable[[Any, Any], Any]] = {
    "if on data": lambda m, t: double_unless(m.p[t], m.x[t]),
    "if on the index": lambda m, t: double_unless(t, m.x[t]),
    "or": lambda m, t: m.x[t or 3] <= 1,
    "any": lambda m, t: double_unless(any(m.p[k] > 1 for k in m.times), m.x[t]),
    "dict": lambda m, t: TABLE[t] * m.x[t] <= 1,
    "dict with default": lambda m, t: m.x[t] <= {2: 2.0}.get(t, 1.0),
    "array": lambda m, t: ARRAY[t] * m.x[t] <= 1,
    "list": lambda m, t: LIST[t] * m.x[t] <= 1,
    "in a Python set": lambda m, t: double_unless(t in {1, 2}, m.x[t]),
    "in a list": lambda m, t: double_unless(t in [1, 2], m.x[t]),
    "in a set": lambda m, t: double_unless(t in m.times, m.x[t]),
    "shifted in a set": lambda m, t: double_unless(t - 1 in m.times, m.x[t]),
    "in a range": lambda m, t: double_unless(t in range(1, 3), m.x[t]),
    "as text": lambda m, t: double_unless(f"{t}" == "1", m.x[t]),
    "as str": lambda m, t: double_unless(str(t) == "1", m.x[t]),
    "its type": lambda m, t: double_unless(isinstance(t, int), m.x[t]),
    "its identity": lambda m, t: sum(m.x[k] for k in m.times if k is not t) + m.x[t] <= 1,
    "relation of a relation": lambda m, t: double_unless((t == 0) == True, m.x[t]),  # noqa: E712
    "step before": lambda m, t: m.x[m.times.prevw(t)] <= 1,
    "ordinal": lambda m, t: m.x[t] * m.times.ord(t) <= 1,
    "as int": lambda m, t: m.x[int(t)] <= 1,
    "modulo": lambda m, t: m.x[(t - 1) % 4] <= 1,
    "enumerate": lambda m, t: sum(i * m.x[k] for i, k in enumerate(m.times)) + m.x[t] <= 1,
    "zip": lambda m, t: sum(i * m.x[k] for k, i in zip(m.times, LIST, strict=True)) <= m.x[t],
    "a list of the set": lambda m, t: sum([m.x[k] for k in m.times]) + m.x[t] <= 1,
    "a condition in a sum": lambda m, t: sum(m.x[k] for k in m.times if k > 1) + m.x[t] <= 1,
    "data as condition": lambda m, t: sum(m.x[k] for k in m.times if m.p[k]) + m.x[t] <= 1,
    "quicksum": lambda m, t: pyo.quicksum(m.x[k] for k in m.times) + m.x[t] <= 1,
    "list inside a sum": lambda m, t: sum(c * m.y[u, t] for u in m.units for c in [3.0]) <= 1,
    "list around a sum": lambda m, t: sum(c * m.y[u, t] for c in [3.0] for u in m.units) <= 1,
    "maximum": lambda m, t: m.x[t] <= max(m.p[t], 1),
    "value": lambda m, t: pyo.value(m.p[t]) * m.x[t] <= 1,
    "slice": lambda m, t: sum(m.y[:, t]) <= 1,
    "items": lambda m, t: sum(m.p[k] * x for k, x in m.x.items()) + m.x[t] <= 1,
}

AS_ARRAYS: dict[str, Callable[[Any, Any], Any]] = {
    "values": lambda m, t: sum(m.x.values()) + m.x[t] <= 1,
    "all members": lambda m, t: sum(m.e[k] for k in m.e) + m.x[t] * len(m.x) <= 1,
    "whole index": lambda m, t: sum(m.y[u, k] for u, k in m.y.index_set()) + m.x[t] <= 1,
    "sum with a start": lambda m, t: sum((m.x[k] for k in m.times), m.x[t]) <= 1,
    "index as number": lambda m, t: t * m.x[t] <= t * t + 1,
    "power of data": lambda m, t: m.p[t] ** 2 * m.x[t] + 2**t * m.x[t] <= 3,
    "function of data": lambda m, t: pyo.exp(m.p[t]) * abs(m.p[t]) * m.x[t] <= 3,
    "count": lambda m, t: m.x[t] * sum(1 for k in m.times) <= sum(m.p[k] for k in m.times),
    "tuple": lambda m, t: (None, m.x[t], 3),
    "inequality": lambda m, t: pyo.inequality(0, m.x[t], 2),
    "Python list around sums": lambda m, t: sum(sum(m.y[u, k] for k in m.times) for u in "ab") <= 1,
}


def model_with(rule: Callable[[Any, Any], Any]) -> Any:
    m = algebra.model()
    m.times = algebra.index(4, dim="time")
    m.units = algebra.index(["a", "b"], dim="unit")
    m.p = algebra.param(m.times, values=[0.0, 1.0, 0.0, 2.0])
    m.x = algebra.variable(m.times, upper=5.0)
    m.y = algebra.variable(m.units, m.times, upper=5.0)

    @algebra.expression(m, m.times)
    def e(m, t):
        return 2 * m.x[t] + m.p[t]

    rule.__name__ = "rule"
    algebra.constraint(m, m.times)(rule)
    return m


def rows(compiled: Any) -> dict[str, Any]:
    table = {}
    for i in range(compiled.n_rows):
        part = slice(compiled.start[i], compiled.start[i + 1])
        names = [compiled.column_name(int(j)) for j in compiled.column[part]]
        entries = sorted(zip(names, np.round(compiled.value[part], 9).tolist(), strict=True))
        sides = (float(compiled.row_lower[i]), float(compiled.row_upper[i]))
        table[compiled.row_name(i)] = (entries, sides)
    return table


@pytest.mark.parametrize("name", [*ROW_BY_ROW, *AS_ARRAYS])
def test_any_rule_means_what_it_means_in_pyomo(name: str) -> None:
    logging.getLogger("pyomo").setLevel(logging.CRITICAL)
    rule = ROW_BY_ROW.get(name) or AS_ARRAYS[name]
    compiled = algebra.compile(model_with(rule))
    with algebra.plain():
        ordinary = model_with(rule)
    assert rows(compiled) == rows(algebra.compile(ordinary))
    assert ("rule" in compiled.row_by_row) == (name in ROW_BY_ROW)


def test_other_pyomo_tools_see_the_whole_model() -> None:
    model = model_with(lambda m, t: m.e[t] + sum(m.y[u, t] for u in m.units) <= 7)
    algebra.objective(model, lambda m: sum(m.x[t] for t in m.times))
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    assert form.A.shape == (4, 12)
    assert form.A.nnz == algebra.compile(model).value.size


def test_questions_are_loud_only_while_a_rule_is_read() -> None:
    model = model_with(lambda m, t: m.x[t] <= 1)
    assert 3 in model.times
    assert 4 not in model.times
    assert sum([1, 2], 3) == 6
    assert list(model.times) == [0, 1, 2, 3]


def test_what_nearly_cancels_and_cannot_matter_is_left_out() -> None:
    m = algebra.model("nearly")
    m.times = algebra.index(24, dim="time")
    m.limit = algebra.param(m.times, values=np.full(24, 1.35))
    m.used = algebra.param(m.times, values=np.r_[1.35 - 2e-8, np.full(23, 1.0)])
    m.x_mw = algebra.variable(m.times, upper=5.0, unit="MW", doc="load")

    @algebra.constraint(m, doc="use within the limit")
    def use_limit(m):
        return (
            sum(m.used[t] * m.x_mw[t] for t in m.times)
            - sum(m.limit[t] * m.x_mw[t] for t in m.times) <= 0
        )  # fmt: skip

    algebra.objective(m, lambda m: sum(m.x_mw[t] for t in m.times))
    compiled = algebra.compile(m)
    assert compiled.value == pytest.approx(np.full(23, -0.35))
    assert compiled.column.tolist() == list(range(1, 24))

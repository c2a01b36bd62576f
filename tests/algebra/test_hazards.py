"""A rule no template can hold is built row by row: never another model than Pyomo's own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from coplan import algebra

ARRAY = np.array([1.0, 2.0, 3.0, 4.0])
LIST = ARRAY.tolist()
TABLE = dict(enumerate(LIST))


def of_type(t: Any) -> float:
    return 1.0 if isinstance(t, int) else 2.0


def of_type_by_detour(t: Any) -> float:
    return 3.0 * of_type(t)


def counted(m: Any, t: Any) -> Any:
    m.seen = getattr(m, "seen", 0) + 1
    return m.x[t] <= m.seen


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
    "its type, asked elsewhere": lambda m, t: of_type(t) * m.x[t] <= 1,
    "its type, asked two calls away": lambda m, t: of_type_by_detour(t) * m.x[t] <= 1,
    "upper bound of a variable": lambda m, t: m.x[t] <= 0.5 * m.x[t].ub,
    "a counter": counted,
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


def changed(change: Callable[[Any], Any]) -> dict[str, Any]:
    """Rows of a small model, changed after it was declared; the same as in ordinary Pyomo."""
    found = []
    for context in (nullcontext(), algebra.plain()):
        with context:
            model = model_with(lambda m, t: m.e[t] + m.y["a", t] <= 7)
            total = named("all_limit", lambda m: sum(m.x[t] for t in m.times) <= 9)
            algebra.constraint(model)(total)
            algebra.objective(model, lambda m: sum(m.x[t] for t in m.times) + 1.0)
            change(model)
        compiled = algebra.compile(model)
        cost = {compiled.column_name(j): float(c) for j, c in enumerate(compiled.cost) if c}
        found.append(rows(compiled) | {"cost": cost, "offset": float(compiled.offset)})
        assert compiled.n_columns == 12
    assert found[0] == found[1]
    return found[0]


def test_a_row_that_is_taken_away_is_gone() -> None:
    def looked_at_first(m: Any) -> None:
        assert m.rule[2].expr is not None
        del m.rule[2]

    kept = {"rule[0]", "rule[1]", "rule[3]", "all_limit", "cost", "offset"}
    assert changed(looked_at_first).keys() == kept
    assert changed(lambda m: m.rule.__delitem__(2)).keys() == kept
    assert changed(lambda m: m.rule.__setitem__(2, pyo.Constraint.Skip)).keys() == kept
    assert changed(lambda m: m.rule.clear()).keys() == {"all_limit", "cost", "offset"}
    assert "all_limit" not in changed(lambda m: m.all_limit.clear())
    assert "all_limit" not in changed(lambda m: m.all_limit.deactivate())


def test_a_row_that_is_replaced_is_the_new_one() -> None:
    found = changed(lambda m: m.rule.__setitem__(1, m.x[1] >= 2))
    assert found["rule[1]"] == ([("x[1]", 1.0)], (2.0, float("inf")))
    found = changed(lambda m: m.all_limit.set_value(m.x[1] == 2))
    assert found["all_limit"] == ([("x[1]", 1.0)], (2.0, 2.0))


def test_an_objective_turned_round_is_turned_round() -> None:
    found = changed(lambda m: m.objective.set_sense(pyo.maximize))
    assert found["cost"] == {f"x[{t}]": -1.0 for t in range(4)}
    assert found["offset"] == -1.0


def test_a_reference_adds_neither_columns_nor_rows() -> None:
    def shown_again(m: Any) -> None:
        m.some_x, m.some_rows = pyo.Reference(m.x[:]), pyo.Reference(m.rule[:])

    assert changed(shown_again) == changed(lambda m: None)


def test_lists_and_sparse_sets_of_ordinary_pyomo_are_compiled() -> None:
    m = model_with(lambda m, t: m.x[t] <= 1)
    m.sparse = pyo.Var([(0, "a"), (2, "b")], bounds=(0, 1), domain=pyo.Integers)
    m.listed = pyo.VarList(bounds=(0.0, 4.0))
    one = m.listed.add()
    m.more = pyo.ConstraintList()
    m.more.add(m.sparse[2, "b"] + 2 * one + m.x[3] <= 5)
    compiled = algebra.compile(m)
    entries = [("listed[1]", 2.0), ("sparse[2,b]", 1.0), ("x[3]", 1.0)]
    assert rows(compiled)["more[1]"] == (entries, (-float("inf"), 5.0))
    assert compiled.integrality[compiled.column_slice(m.sparse)].tolist() == [1, 1]


def test_a_mutable_parameter_counts_with_the_value_it_has_in_the_end() -> None:
    m = model_with(lambda m, t: m.x[t] <= 1)
    m.q = pyo.Param(initialize=2.0, mutable=True)
    m.by_step = pyo.Param(m.times, initialize=3.0, mutable=True)
    algebra.expression(m, m.times)(named("weighed", lambda m, t: m.q * m.x[t]))
    algebra.constraint(m, m.times)(named("a", lambda m, t: m.weighed[t] <= m.q))
    algebra.constraint(m, m.times)(named("b", lambda m, t: m.by_step[t] * m.x[t] <= 4))
    algebra.constraint(m)(named("c", lambda m: m.by_step[1] * m.x[1] <= 4))
    algebra.objective(m, lambda m: m.q * m.x[0])
    m.q.value, m.by_step[1] = 5.0, 7.0
    compiled = algebra.compile(m)
    found = rows(compiled)
    assert found["a[3]"] == ([("x[3]", 5.0)], (-float("inf"), 5.0))
    assert [found[f"b[{t}]"][0][0][1] for t in range(4)] == [3.0, 7.0, 3.0, 3.0]
    assert found["c"][0] == [("x[1]", 7.0)]
    assert compiled.cost[compiled.column_slice(m.x)].tolist() == [5.0, 0.0, 0.0, 0.0]


def sos(m: Any) -> None:
    m.one_of = pyo.SOSConstraint(var=m.x, sos=1)


def disjunction(m: Any) -> None:
    from pyomo.gdp import Disjunction

    m.either = Disjunction(expr=[[m.x[0] <= 1], [m.x[0] >= 2]])


def logic(m: Any) -> None:
    m.flag = pyo.BooleanVar()
    m.implied = pyo.LogicalConstraint(expr=m.flag)


def other_model(m: Any) -> None:
    m.foreign = pyo.Constraint(expr=m.x[0] + model_with(lambda m, t: m.x[t] <= 1).x[1] <= 1)


def jumps(m: Any) -> None:
    m.x[1].domain = pyo.Set(initialize=[0, 3, 5])
    m.x[1].domain.construct()


def square(m: Any) -> None:
    m.square = pyo.Constraint(expr=m.x[0] ** 2 <= 1)


def two_objectives(m: Any) -> None:
    m.objective = pyo.Objective(expr=m.x[0])
    m.second = pyo.Objective(expr=m.x[1])


def expression_changed(m: Any) -> None:
    m.e[1].set_value(9 * m.x[1])


def ordinary_expression_changed(m: Any) -> None:
    m.told = pyo.Expression(m.times, rule=lambda m, t: 2 * m.x[t])
    algebra.constraint(m, m.times)(named("reads", lambda m, t: m.told[t] <= 1))
    m.told[1] = 3 * m.x[1]


REFUSED = {
    sos: "one_of: SOSConstraint", disjunction: "Disjunction", logic: "implied: LogicalConstraint",
    other_model: r"x\[1\] stands in a row but is not a variable", jumps: "whole numbers",
    square: "square is not linear", two_objectives: "more than one objective",
    expression_changed: "e was changed", ordinary_expression_changed: "told was changed",
}  # fmt: skip


@pytest.mark.parametrize("change", REFUSED, ids=lambda change: change.__name__)
def test_what_cannot_become_rows_is_refused_and_never_left_out(change: Any) -> None:
    model = model_with(lambda m, t: m.e[t] <= 1)
    change(model)
    with pytest.raises(ValueError, match=REFUSED[change]):
        algebra.compile(model)


def test_a_model_whose_rows_are_made_on_access_is_not_copied() -> None:
    with pytest.raises(TypeError, match="build the model again"):
        model_with(lambda m, t: m.x[t] <= 1).clone()
    model = model_with(lambda m, t: m.x[t] <= 1)
    with pytest.raises(TypeError, match="keeps its members"):
        del model.x[1]


def named(name: str, rule: Any) -> Any:
    rule.__name__ = name
    return rule


def test_a_rule_that_counts_is_called_for_every_row() -> None:
    found = []
    for context in (nullcontext(), algebra.plain()):
        with context:
            numbers = iter(range(10))
            model = model_with(lambda m, t, numbers=numbers: m.x[t] <= next(numbers))
            found.append(rows(algebra.compile(model)))
            calls = 0

            def rule(m, t):
                nonlocal calls
                calls += 1
                return m.x[t] <= calls

            model = model_with(rule)
            found.append(rows(algebra.compile(model)))
    assert found[:2] == found[2:]
    assert [row[1][1] for row in found[0].values()] == [0.0, 1.0, 2.0, 3.0]
    assert [row[1][1] for row in found[1].values()] == [1.0, 2.0, 3.0, 4.0]


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

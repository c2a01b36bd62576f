"""Rows and columns read like the system, and a user may add rules of his own."""

from __future__ import annotations

import pyomo.environ as pyo
import pytest

from coplan import algebra
from coplan.model import build_model
from tests.toys import battery, everything, plant, solved, world


def test_a_row_says_where_it_belongs() -> None:
    m = build_model(world(**battery())).pyomo
    row = m.year[2027, "typical"].storage.soc_balance["s_lfp", 1]
    assert row.name == "year[2027,typical].storage.soc_balance[s_lfp,1]"
    text = str(row.expr)
    assert "year[2027,typical].storage.charge_mw[s_lfp,1]" in text
    assert "year[2027,typical].storage.soc_mwh[s_lfp,0]" in text, "the step before"


def test_every_row_and_column_of_the_solver_leads_back_to_its_name() -> None:
    model = build_model(everything())
    compiled = algebra.compile(model.pyomo)
    for number in range(compiled.n_rows):
        assert compiled.find(compiled.row_name(number)) == ("row", number)
    for number in range(compiled.n_columns):
        assert compiled.find(compiled.column_name(number)) == ("column", number)


def test_every_rule_and_decision_says_what_it_is() -> None:
    m = build_model(everything()).pyomo
    for component in m.component_objects((pyo.Var, pyo.Constraint, pyo.Expression)):
        assert component.doc, component.name
    for variable in m.component_objects(pyo.Var):
        assert variable.unit, variable.name


def test_the_name_of_a_rule_says_its_sense() -> None:
    m = build_model(everything()).pyomo
    for rule in m.component_objects(pyo.Constraint):
        last = rule.local_name.rsplit("_", 1)[-1]
        assert last in ("balance", "limit", "floor", "link"), rule.name
        member = next(iter(rule.values()))
        assert member.equality == (last == "balance"), rule.name


def test_a_rule_of_the_users_own_binds() -> None:
    def no_more_than_one_mw(m) -> None:
        m.landscape_limit = pyo.Constraint(
            expr=m.sizes[2027].supply.plant_capacity_mw["s_wind"] <= 1.0
        )

    free, bound = world(**plant(annuity=10.0)), world(**plant(annuity=10.0))
    assert solved(free).cost_cny == pytest.approx(20.0)
    answer = solved(bound, no_more_than_one_mw)
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(10.0 + 100.0)
    # its price: the next MW would save 100 and cost 10, kCNY
    dual = answer.compiled.duals(answer.model.pyomo.landscape_limit, answer.found.y)
    assert float(dual) == pytest.approx(-0.09)


def test_a_rule_of_the_users_own_over_all_steps_binds() -> None:
    def no_export_of_stored_energy(m) -> None:
        year = m.year[2027, "typical"]

        @algebra.constraint(m, m.times, doc="at most half a MW is charged")
        def charge_limit(m, t):
            return year.storage.charge_mw["s_lfp", t] <= 0.5

    data = world(retail_price_cny_per_mwh=[10.0, 90.0], **battery())
    answer = solved(data, no_export_of_stored_energy)
    assert answer.cost_cny == pytest.approx(1.5 * 10.0 + 0.5 * 90.0)


def test_a_decision_that_the_user_fixes_stays_fixed() -> None:
    data = world(**plant(annuity=1000.0))
    answer = solved(data, lambda m: m.sizes[2027].supply.plant_capacity_mw["s_wind"].fix(3.0))
    assert answer.of("plant_capacity_mw") == pytest.approx(3.0)
    assert answer.cost_cny == pytest.approx(3000.0)

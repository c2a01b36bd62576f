"""The cash flow tells the same story as the annualised objective, and what a planner can add up."""

from __future__ import annotations

import json
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from coplan import planning
from coplan.physics.cashflow import present_value
from coplan.physics.money import annuity_factor
from coplan.plan import cashflow
from coplan.plan.cashflow import Terms, cash_flow, energy_lines, project, table
from coplan.plan.indicators import KEYS, indicators, why_no_payback, why_no_rate
from coplan.plan.kpis import ENERGY_LABELS, kpis
from coplan.plan.tables import write_tables
from coplan.report import money
from tests.plan.toy_plan import toy_plan
from tests.sampling import one_in
from tests.toys import battery, everything, plant, solved, world

WACC = 0.06
CARD = {"project_years": 10.0, "loan_share": 0.5, "loan_rate": 0.04, "loan_years": 5.0,
        "repayment": "equal_principal", "income_tax_share": 0.25, "loss_years": 5.0,
        "depreciation_years": 10.0, "residual_share": 0.0, "hurdle_rate": 0.065}  # fmt: skip


def windy(**changes):
    """A plan of 1 MW of load for two hours, served by 2 MW of wind at half power, ten years' life.

    The grid would cost 2 MWh at 100 CNY a year; the plant's annuity is 20 CNY for each MW.
    """
    found = solved(world(**plant(20.0, least_mw=2.0) | {"plant_life_years": 10.0} | changes))
    assert found.of("retail_mw").max() == pytest.approx(0.0, abs=1e-9)
    return found.plan


def financed(plan, **changes):
    """The plan with a finance card that differs from CARD as told."""
    return plan.assign_attrs(finance=json.dumps(CARD | changes))


def costs_today(flow: pd.DataFrame) -> float:
    """Present value of the cost side at the cost of capital."""
    paid = flow["paid_cny"] + flow["investment_cny"] + flow["replacement_cny"]
    return present_value(paid - flow["residual_cny"], WACC)


@cache
def one_period():
    """A plan of a plant, a battery and a connection."""
    return solved(world(
        steps=4, **plant(20.0, least_mw=1.0), **battery(2.0, 4.0),
        storage_energy_annuity_cny_per_mwh_year=1.0, retail_price_cny_per_mwh=[50.0, 300.0] * 2,
        connection_annuity_cny_per_mw_year=6.0, demand_price_cny_per_mw_month=2.0,
        plant_om_cny_per_mw_year=3.0,
    )).plan  # fmt: skip


@cache
def of_every_element():
    """A plan of two periods in which everything is there."""
    return solved(everything(), gap=1e-4).plan


PLANS = {
    "one period": one_period,
    "every element, two periods": of_every_element,
    "invented, two periods": lambda: toy_plan("monthly")[1],
    "invented, grid alone": lambda: toy_plan("monthly", bare=True)[1],
}


@pytest.mark.parametrize("years", one_in(3, [10, 25, 40]))
@pytest.mark.parametrize("made", PLANS.values(), ids=PLANS)
def test_the_cost_side_is_worth_the_energy_lines_of_the_objective(made, years):
    plan = made()
    flow = cash_flow(plan, Terms(WACC, project_years=years))
    yearly = np.sum(list(energy_lines(plan).values()), axis=0)
    # each period's lines times the present-value factor of the years it stands for
    first = plan["period"].values - plan["period"].values[0]
    until = [*first[1:], years]
    worth = [sum(1.06**-t for t in range(a + 1, b + 1))
             for a, b in zip(first, until, strict=True)]  # fmt: skip
    assert costs_today(flow) == pytest.approx(float(yearly @ worth), rel=1e-9)


def test_of_one_period_it_is_the_energy_cost_times_the_factor():
    found = costs_today(cash_flow(one_period(), Terms(WACC, project_years=25)))
    energy = kpis(one_period())["energy_cost_cny"]
    assert found == pytest.approx(energy / annuity_factor(WACC, 25), rel=1e-9)


def test_a_plant_that_replaces_the_grid():
    plan = windy()
    investment = 40.0 / float(annuity_factor(WACC, 10))
    flow = cash_flow(plan, Terms(WACC, project_years=10))
    assert flow["year"].tolist() == list(range(11))
    assert flow["calendar_year"].iloc[[0, 1, 10]].tolist() == [2026, 2027, 2036]
    assert flow["net_before_tax_cny"].tolist() == pytest.approx([-investment] + [200.0] * 10)
    assert flow["cumulative_cny"].iloc[-1] == pytest.approx(2000.0 - investment)
    found = indicators(financed(plan, loan_share=0.0, income_tax_share=0.0))
    assert found["npv_cny"] == pytest.approx(160.0 / annuity_factor(WACC, 10))
    assert found["payback_years"] == pytest.approx(investment / 200.0)
    assert found["energy_investment_cny"] == pytest.approx(investment)
    assert found["lcoe_cny_per_mwh"] == pytest.approx(40.0 / 2.0)
    assert found["green_cost_cny_per_mwh"] == pytest.approx(40.0 / 2.0)
    assert 200.0 / annuity_factor(found["irr"], 10) == pytest.approx(investment)
    assert found["irr_equity"] == pytest.approx(found["irr"]) == found["irr_after_tax"]


def test_loan_depreciation_and_tax_by_hand():
    flow = cash_flow(financed(windy()))
    investment = flow["investment_cny"].iloc[0]
    year = flow.iloc[2]
    assert year["depreciation_cny"] == pytest.approx(investment / 10)
    assert year["income_tax_cny"] == pytest.approx(0.25 * (200.0 - investment / 10))
    assert flow["loan_cny"].iloc[0] == pytest.approx(investment / 2)
    assert year["principal_cny"] == pytest.approx(investment / 10)
    assert year["interest_cny"] == pytest.approx(0.04 * 0.4 * investment)  # four fifths of half
    profit = 200.0 - investment / 10 - 0.04 * 0.4 * investment
    assert year["equity_income_tax_cny"] == pytest.approx(0.25 * profit)
    assert year["equity_cny"] == pytest.approx(
        200.0 - investment / 10 - 0.04 * 0.4 * investment - 0.25 * profit
    )
    assert flow["equity_cny"].iloc[0] == pytest.approx(-investment / 2)
    after = flow["net_before_tax_cny"] - flow["income_tax_cny"]
    assert flow["net_after_tax_cny"].tolist() == pytest.approx(after.tolist())


def test_the_end_of_a_project_pays_book_value():
    flow = cash_flow(financed(windy(), project_years=8.0))
    assert flow["residual_cny"].iloc[8] == pytest.approx(0.2 * flow["investment_cny"].iloc[0])
    replaced = cash_flow(financed(windy(), project_years=15.0, residual_share=0.1))
    assert replaced["replacement_cny"].iloc[10] == replaced["investment_cny"].iloc[0]
    sold = replaced["residual_cny"] / replaced["investment_cny"].iloc[0]
    assert sold.iloc[[10, 15]].tolist() == pytest.approx([0.1, 0.55])


@pytest.mark.parametrize("charge", ["demand", "capacity"])
def test_a_plan_that_buys_everything_from_the_grid_brings_nothing(charge):
    prices = {f"{charge}_price_cny_per_{'mw' if charge == 'demand' else 'mva'}_month": 7.0}
    plan = solved(world(
        steps=4, month_of_step=[1, 1, 2, 2], coords={"month": [1, 2]},
        demand_mw=[1.0, 2.0, 1.5, 0.5], pool_demand_mw=[1.0, 2.0, 1.5, 0.5],
        connection_annuity_cny_per_mw_year=6.0, carbon_price_cny_per_t=10.0,
        water_l_per_kwh=1.0, water_price_cny_per_m3=5.0, **prices,
    )).plan  # fmt: skip
    found = financed(plan)
    flow = cash_flow(found)
    assert flow["avoided_cost_cny"].iloc[1] == pytest.approx(flow["paid_cny"].iloc[1])
    assert flow["avoided_investment_cny"].iloc[0] == pytest.approx(flow["investment_cny"].iloc[0])
    assert flow["investment_cny"].iloc[0] > 0
    for column in ("net_before_tax_cny", "equity_cny", "loan_cny", "income_tax_cny"):
        assert not flow[column].any(), column
    got = indicators(found)
    assert got["npv_cny"] == 0.0
    for key in ("irr", "irr_after_tax", "irr_equity", "payback_years", "lcoe_cny_per_mwh"):
        assert got[key] is None, key
    assert why_no_rate(flow["net_before_tax_cny"]) == "nothing"
    assert why_no_payback(flow["net_before_tax_cny"]) == "nothing"


def test_what_does_not_exist_is_none_and_says_why():
    dear = financed(windy(**plant(400.0, least_mw=2.0)))
    found = indicators(dear)
    flow = cash_flow(dear)["net_before_tax_cny"]
    assert found["npv_cny"] < 0
    assert (found["payback_years"], why_no_payback(flow)) == (None, "never")
    assert found["irr"] < 0  # less comes back than was spent, but some does
    assert why_no_rate([-1.0, -2.0]) == "never"
    assert why_no_rate([-100.0, 230.0, -132.0]) == "several"
    assert why_no_rate(flow) == ""
    json.dumps(kpis(dear), allow_nan=False)


def test_assets_of_a_later_period_enter_in_its_year():
    plan = toy_plan("monthly")[1]
    flow = cash_flow(plan, Terms(WACC, project_years=20))
    bought = flow["investment_cny"].to_numpy()
    assert bought.nonzero()[0].tolist() == [0, 5]
    more = (10 * 4e5 + 30 * 2.4e5) / annuity_factor(WACC, 25)  # wind and PV added in 2030
    more += (10 * 4e4 + 40 * 9e4) / annuity_factor(WACC, 15)  # battery
    more += (10 + 20) * 5e4 / annuity_factor(WACC, 30)  # connections
    assert bought[5] == pytest.approx(more)
    yearly = np.sum(list(project(plan).paid.values()), axis=0)
    assert flow["paid_cny"].iloc[[1, 5, 6, 20]].tolist() == pytest.approx(
        [yearly[0], yearly[0], yearly[1], yearly[1]]
    )
    lent = cash_flow(financed(plan, project_years=8.0, loan_years=5.0))
    assert lent["loan_cny"].to_numpy().nonzero()[0].tolist() == [0, 5]
    assert lent["principal_cny"].sum() == pytest.approx(lent["loan_cny"].sum())


def test_weather_years_count_by_their_probability():
    plan = toy_plan("monthly")[1]
    before = project(plan).avoided_cny[0]
    plan["facility_mw"][:, 1] = 0.0
    plan["facility_mw"][:, 0] = 1.0
    plan["carbon_price_cny_per_t"] = 0.0
    price = plan["retail_price_cny_per_mwh"].values[0].mean(axis=1).sum() * 8760
    demand = 4e4 * 12 * 0.75  # the site with a demand charge, 1 MW in three years of four
    capacity = 12 * 2e4 * 2.0 * 5.0  # the other one has a connection of 5 MW anyway
    found = project(plan).avoided_cny[0]
    assert found == pytest.approx(0.75 * price + demand + capacity)
    assert before > found


def test_an_unknown_cost_line_is_a_yearly_payment():
    plan = windy()
    more = plan.isel(line=[0]).copy(deep=True)
    more["account_cny"].values[:] = 7.0
    more = more.assign_coords(account_label=("line", ["a levy that nobody knew"]))
    lines = {name: (("line",), np.append(plan[name].values, more[name].values))
             for name in plan.variables if plan[name].dims == ("line",)}  # fmt: skip
    taller = plan.drop_dims("line").assign(lines)
    assert cash_flow(taller)["paid_cny"].iloc[1] == pytest.approx(7.0)


def test_a_plan_that_does_not_know_its_lives_has_no_cash_flow(tmp_path):
    plan = toy_plan("monthly")[1].drop_vars("plant_life_years")
    assert cash_flow(plan) is None
    assert set(indicators(plan).values()) == {None}
    write_tables(plan, tmp_path)
    assert not (tmp_path / "tables" / "cashflow.csv").exists()


def test_the_table_is_written_and_the_key_figures_have_every_indicator(tmp_path):
    plan = toy_plan("monthly")[1]
    write_tables(plan, tmp_path)
    written = pd.read_csv(tmp_path / "tables" / "cashflow.csv")
    assert list(written.columns) == list(table(project(plan)).columns)
    assert len(written) == 26
    found = kpis(plan)
    assert set(KEYS) <= set(found)
    assert all(found[key] is None or math.isfinite(found[key]) for key in KEYS)


def test_all_agree_on_what_is_no_cost_of_energy():
    assert frozenset(planning.BUILDING_LABELS) == cashflow.BUILDING_LABELS
    assert money.NOT_ENERGY == cashflow.BUILDING_LABELS
    assert cashflow.BUILDING_LABELS.isdisjoint(ENERGY_LABELS)

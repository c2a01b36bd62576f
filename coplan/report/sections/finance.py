"""Financial evaluation: what the energy side brings against the grid alone, year by year."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from coplan.plan.cashflow import Project, Terms, project, table
from coplan.plan.indicators import FLOWS, indicators, why_no_payback, why_no_rate
from coplan.report import prose
from coplan.report.facts import Facts
from coplan.report.figures import cashflow as figure
from coplan.report.model import (
    Block,
    Column,
    Item,
    Message,
    Paragraph,
    Section,
    Sentences,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount

WHY = {"nothing": "finance.why_nothing", "never": "finance.why_never",
       "several": "finance.why_several"}  # fmt: skip
"""Why an indicator does not exist → its text."""

Values = Mapping[str, float | None]


def section(facts: Facts) -> Section | None:
    """The chapter on the cash flow; None for a plan that does not know its assets' lives."""
    found = project(facts.plan)
    if found is None:
        return None
    flows, values = table(found), indicators(facts.plan)
    blocks: list[Block] = [_lead(found, flows, values)]
    picture = figure.build(flows, values["payback_years"])
    blocks += [picture] if picture else []
    blocks += [_indicators(found.terms, flows, values),
               Paragraph(Sentences((say("finance.basis"), _terms(found.terms)))),
               _yearly(flows)]  # fmt: skip
    return Section("finance", say("section.finance"), blocks)


def _lead(one: Project, flows: pd.DataFrame, values: Values) -> Paragraph:
    if not flows["net_before_tax_cny"].any():
        return Paragraph(say("finance.nothing"), "lead")
    saved = float(flows["avoided_cost_cny"].iloc[1] - flows["paid_cny"].iloc[1])
    key = "finance.saves" if saved >= 0 else "finance.costs_more"
    first = say(
        key, investment=Amount(one.energy_assets_cny, "money"), saved=Amount(abs(saved), "money"),
        years=Amount(one.terms.project_years, "count"), npv=Amount(_number(values, "npv_cny"),
        "money"), rate=Amount(one.terms.discount_rate, "percent"),
    )  # fmt: skip
    rates = {key: _rate(values, flows, key) for key in FLOWS}
    return Paragraph(Sentences((first, say("finance.rates", **rates))), "lead")


def _number(values: Values, key: str) -> float:
    return prose.number(values[key])


def _rate(values: Values, flows: pd.DataFrame, key: str) -> Item:
    """A rate of return, or why there is none."""
    if values[key] is not None:
        return Amount(_number(values, key), "percent", digits=2)
    return say(WHY[why_no_rate(flows[FLOWS[key]])])


def _payback(values: Values, flows: pd.DataFrame, key: str, rate: float) -> Item:
    if values[key] is not None:
        return Amount(_number(values, key), "years")
    return say(WHY[why_no_payback(flows["net_before_tax_cny"], rate)])


def _indicators(terms: Terms, flows: pd.DataFrame, values: Values) -> Table:
    at_rate = say("finance.at_rate", rate=Amount(terms.discount_rate, "percent"))
    rows: list[list[Item]] = [
        [say("finance.energy_investment"), Amount(_number(values, "energy_investment_cny"),
         "money"), say("finance.no_replacement")],
        [say("finance.npv"), Amount(_number(values, "npv_cny"), "money"), at_rate],
        [say("finance.npv_after_tax"), Amount(_number(values, "npv_after_tax_cny"), "money"),
         at_rate],
    ]  # fmt: skip
    for key in FLOWS:
        asked = terms.hurdle_rate if key != "irr_equity" else None
        rows.append([say(f"finance.{key}"), _rate(values, flows, key),
                     _against(values[key], asked)])  # fmt: skip
    rows += [
        [say("finance.payback"), _payback(values, flows, "payback_years", 0.0),
         say("finance.from_operation")],
        [say("finance.payback_dynamic"),
         _payback(values, flows, "payback_dynamic_years", terms.discount_rate), at_rate],
        [say("finance.lcoe"), Amount(_number(values, "lcoe_cny_per_mwh"), "price"),
         say("finance.lcoe_is")],
        [say("finance.green_cost"), Amount(_number(values, "green_cost_cny_per_mwh"), "price"),
         say("finance.green_cost_is")],
    ]  # fmt: skip
    columns = [Column(say("table.item"), numeric=False, width=2.2),
               Column(say("table.value"), width=1.3),
               Column(say("finance.remark"), numeric=False, width=2.2)]  # fmt: skip
    return Table("finance", say("finance.table"), columns, rows)


def _against(value: float | None, asked: float | None) -> Item:
    """A rate of return against the one that is asked for."""
    if value is None or asked is None:
        return say("word.none")
    word = "finance.hurdle_met" if value >= asked else "finance.hurdle_missed"
    rate = Amount(asked, "percent")
    return Status("ok" if value >= asked else "warn", say(word, rate=rate))


def _terms(terms: Terms) -> Message:
    years = Amount(terms.project_years, "count")
    if terms.residual_share is None:
        return say("finance.no_card", years=years)
    way = "finance.equal_principal" if terms.equal_principal else "finance.annuity"
    return say(
        "finance.terms", years=years, share=Amount(terms.loan_share, "percent_limit"),
        rate=Amount(terms.loan_rate, "percent_limit"), loan=Amount(terms.loan_years, "count"),
        way=say(way), tax=Amount(terms.income_tax_share, "percent_limit"),
        loss=Amount(terms.loss_years, "count"),
        depreciation=Amount(terms.depreciation_years, "count"),
        residual=Amount(terms.residual_share, "percent_limit"),
    )  # fmt: skip


def _yearly(flows: pd.DataFrame) -> Table:
    """The cash flow as feasibility studies print it: one row a year, the sum below."""
    shown = {
        "avoided": flows["avoided_cost_cny"] + flows["avoided_investment_cny"],
        "paid": flows["paid_cny"],
        "invested": flows["investment_cny"] + flows["replacement_cny"],
        "residual": flows["residual_cny"], "net": flows["net_before_tax_cny"],
        "cumulative": flows["cumulative_cny"], "tax": flows["income_tax_cny"],
        "net_after_tax": flows["net_after_tax_cny"], "equity": flows["equity_cny"],
    }  # fmt: skip
    rows: list[list[Item]] = [
        [Amount(float(year), "year"),
         *(Amount(float(column.iloc[row]), "money_column") for column in shown.values())]
        for row, year in enumerate(flows["calendar_year"])
    ]  # fmt: skip
    sums: list[Item] = [
        say("word.none") if name == "cumulative" else
        Amount(float(np.sum(column)), "money_column") for name, column in shown.items()
    ]  # fmt: skip
    rows.append([say("word.all"), *sums])
    columns = [Column(say("table.period"), numeric=False, width=0.7),
               *(Column(say(f"finance.column_{name}")) for name in shown)]  # fmt: skip
    title = say("finance.yearly_table", unit=say("unit.money_once"))
    return Table("cashflow", title, columns, rows, frozenset({len(rows) - 1}),
                 say("finance.yearly_note"), small=True)  # fmt: skip

"""The newer chapters: alternatives, prices, waiting, free cooling, typical days, configuration."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from coplan.plan.cashflow import cash_flow
from coplan.report import timing
from coplan.report.catalogue import Locale
from coplan.report.clauses import clause_name
from coplan.report.facts import Facts
from coplan.report.free_cooling import free_cooling
from coplan.report.model import Report, Table
from coplan.report.resolve import resolve
from coplan.report.sections import configuration, days
from coplan.report.writer import build
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan


@cache
def made(sites: int = 1, hours: int = 672) -> tuple[Report, Facts]:
    plan = fake_plan(sites=sites, hours=hours)
    settings = {"id": "quickstart", "targets": {"pue": {"value": "1.25"}}, "policies": []}
    plan = plan.assign_attrs(settings=json.dumps(settings), digests=json.dumps({"it_mw": "ab"}))
    return build(plan, fake_kpis(plan), fake_audit())


def table(report: Report, name: str) -> Table:
    return next(b for s in report.sections for b in s.blocks
                if isinstance(b, Table) and b.id == name)  # fmt: skip


def test_the_grid_alone_buys_all_of_the_load_and_costs_what_the_cash_flow_avoids() -> None:
    report, facts = made()
    rows: dict[str, Any] = {
        row[0].key: row for row in table(report, "alternatives").rows  # type: ignore[union-attr]
    }
    energy = facts.yearly(0)
    grid = rows["alternatives.grid_energy"]
    assert grid[1].value == pytest.approx(energy["facility"])
    assert grid[2].value.value == pytest.approx(energy["retail"])
    flows = cash_flow(facts.plan)
    assert flows is not None
    rate = facts.values("connection_annuity_cny_per_mw_year")[0]
    peak = float(facts.plan["facility_mw"].max())
    assert rows["alternatives.connection"][1].value == pytest.approx(peak)
    expected = float(flows["avoided_cost_cny"].iloc[1]) + rate * peak
    assert rows["alternatives.energy_cost"][1].value == pytest.approx(expected)


def test_waiting_is_priced_by_the_hours_of_arrival_and_of_running() -> None:
    price = np.array([[100.0, 300.0]])
    arrived, routed = np.array([[0.0, 10.0]]), np.array([[[6.0, 4.0]]])
    shift = timing._waiting("work", arrived, routed, price)
    assert shift is not None
    assert (shift.moved_mwh, shift.share) == (6.0, 0.6)
    assert (shift.before, shift.after) == (300.0, pytest.approx(180.0))
    assert timing._waiting("work", routed[:, 0], routed, price) is None


def test_moving_is_measured_against_fixed_shares_of_the_sites() -> None:
    price = np.array([[100.0, 300.0], [300.0, 100.0]])
    routed = np.array([[[10.0, 0.0], [0.0, 10.0]]])  # always at the cheaper site
    shift = timing._moving(routed, price)
    assert shift is not None
    assert (shift.before, shift.after, shift.share) == (200.0, 100.0, 0.5)
    assert timing._moving(np.full((1, 2, 2), 5.0), price) is None


def test_free_cooling_lasts_while_the_factor_is_at_its_lowest() -> None:
    facts = made()[1]
    for one in free_cooling(facts):
        wet = facts.values("wet_bulb_degc", weather=0)[0]
        assert one.hours == pytest.approx(facts.hours[wet <= 12.02].sum(), rel=0.02)
        assert one.up_to_degc <= 12.1
        assert one.highest > one.lowest


def test_the_hardest_day_takes_most_grid_energy_and_every_season_has_a_day() -> None:
    facts = made(hours=2016)[1]
    found = days.typical_days(facts)
    assert list(found) == ["winter", "spring", "summer", "autumn", "hardest"]
    grid = facts.shown.retail
    worst = max(grid[steps].sum() for steps in days.whole_days(facts))
    assert grid[found["hardest"]].sum() == pytest.approx(worst)
    for season, months in (("winter", {12, 1, 2}), ("summer", {6, 7, 8})):
        assert set(facts.month[found[season]]) <= months
    assert all(len(steps) == 24 for steps in found.values())


def test_the_table_of_a_day_closes_its_balance() -> None:
    day = table(made()[0], "day_hardest")
    head = [Locale("en").show(column.title) for column in day.columns]
    assert len(day.rows) == 25
    total = dict(zip(head, (getattr(c, "value", None) for c in day.rows[-1]), strict=True))
    supply = sum(total.get(n) or 0.0 for n in ("Wind", "Solar", "Discharge", "Green contract",
                                                "Grid purchase"))  # fmt: skip
    use = sum(total.get(n) or 0.0 for n in ("Facility", "Charge", "Export"))
    assert supply == pytest.approx(use, rel=1e-3)


def test_the_configuration_lists_every_key_that_has_a_value() -> None:
    shown = table(made()[0], "configuration").rows
    assert shown == [["id", "quickstart"], ["targets.pue.value", "1.25"]]
    assert configuration.flat({"a": [{"b": 1}, {"b": 2}]}) == [("a.1.b", "1"), ("a.2.b", "2")]


def test_the_cover_names_the_data_and_leaves_the_date_to_the_reader() -> None:
    report, facts = made()
    said = resolve(report, Locale("zh"))["identity"]
    assert facts.fingerprint[:16] in said
    assert "编制日期：由编制单位填写" in said


def test_units_and_keys_of_assumptions_are_told_in_chinese() -> None:
    data = {"card": "generators/onshore-wind", "key": "capex_cny_per_kw", "value": 4500,
            "unit": "CNY/kW/year", "source": {"zh": "询价", "en": "quote"}, "confidence": "assumed",
            "note": "s"}  # fmt: skip
    names = {"generators/onshore-wind": {"zh": "陆上风电", "en": "Onshore wind"}}
    plan = fake_plan(hours=48).assign_attrs(
        assumptions=json.dumps([data]), card_names=json.dumps(names)
    )
    report, _ = build(plan, fake_kpis(plan), fake_audit())
    row = table(report, "assumptions").rows[0]
    said = [Locale("zh").show(cell) for cell in row]
    name = "单位功率投资 capex_cny_per_kw"
    card = "陆上风电 generators/onshore-wind"
    assert said == [card, name, "4,500 元/kW/年", "询价 · s", "假设"]
    assert Locale("en").show(row[3]) == "quote · s"
    unnamed, _ = build(plan.assign_attrs(card_names="{}"), fake_kpis(plan), fake_audit())
    assert Locale("zh").show(table(unnamed, "assumptions").rows[0][0]).startswith("电源 gen")


def test_clauses_of_packs_are_called_by_article_and_a_lone_target_by_its_kind() -> None:
    plan = fake_plan(hours=48)
    facts = Facts(plan, {}, {})
    row = {"id": "new", "kind": "pue_limits", "period": 2027}
    other = {"id": "old", "kind": "pue_limits", "period": 2027}
    facts.__dict__["clauses"] = [row]
    facts.targets = [{"id": "new", "stands": "new", "sites": None}, {"id": "old", "sites": ["a"]}]
    facts.policies = []
    assert Locale("zh").show(clause_name(facts, row)) == "PUE 限值"
    facts.__dict__["clauses"] = [row, other]
    assert Locale("zh").show(clause_name(facts, row)) == "PUE 限值：新建机房"
    assert Locale("en").show(clause_name(facts, other)) == "PUE limit: a"
    facts.policies = [{"pack": "rules", "article": {"zh": "二(四)", "en": "2(4)"},
                       "targets": ["new"]}]  # fmt: skip
    assert Locale("zh").show(clause_name(facts, row)) == "PUE 限值：rules 二(四)（新建机房）"
    assert Locale("en").show(clause_name(facts, row)) == "PUE limit: rules, 2(4) (new halls)"

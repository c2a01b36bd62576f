"""Limits that bind stand in the report, each with its place, its value and its price."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.plan.tables import limits_table
from coplan.report.binding import grouped
from coplan.report.catalogue import Locale
from coplan.report.resolve import resolve
from coplan.report.writer import build
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan


def bound_plan() -> Any:
    """A plan with a meter that is worth 0.21 M CNY a MW and a zone that is worth 90 k."""
    plan = fake_plan(hours=48)
    site, period = str(plan["site"].values[0]), int(plan["period"].values[0])
    texts = {"name": ["grid_connection_mw", "headroom_limit"], "place": [site, "jibei"],
             "unit": ["MW", "MW"], "element": ["network", "zones"],
             "period": [period, period]}  # fmt: skip
    numbers = {"most": np.array([150.0, 400.0]), "saving_cny": np.array([2.1e5, 9e4])}
    plan = plan.assign_coords({f"limit_{k}": ("limit", v) for k, v in texts.items()})
    return plan.assign({f"limit_{k}": ("limit", v) for k, v in numbers.items()})


def test_the_report_has_a_table_of_the_limits_that_bind() -> None:
    plan = bound_plan()
    report, facts = build(plan, fake_kpis(plan), fake_audit())
    for language, words in (
        ("zh", ("电网接入容量", "150 MW", "每多 1 MW 年节省 21.0 万元", "电网分区受电裕度")),
        ("en", ("grid connection", "150 MW", "CNY 210 k a year per MW more", "jibei")),
    ):
        sections = resolve(report, Locale(language))["sections"]
        blocks = next(s["blocks"] for s in sections if s["id"] == "prices")
        table = next(block for block in blocks if block.get("id") == "limits")
        text = str(table["rows"])
        for word in words:
            assert word in text, (language, word, text)
    groups = grouped(facts)
    heads = [Locale("zh").show(head) for head, _ in groups]
    assert heads[:2] == ["电网接入", "电网分区"]
    first = Locale("en").show(groups[0][1][0])
    assert "one more MW of grid connection (now at most 150 MW) saves CNY 210 k a year" in first


def test_a_plan_that_reaches_no_limit_has_no_such_table() -> None:
    plan = fake_plan(hours=48)
    report, facts = build(plan, fake_kpis(plan), fake_audit())
    assert facts.limits == []
    sections = resolve(report, Locale("en"))["sections"]
    assert "limits" not in [block.get("id") for s in sections for block in s["blocks"]]


def test_the_table_of_limits_has_a_row_for_each() -> None:
    table = limits_table(bound_plan())
    assert table["saving_cny_per_unit"].tolist() == [2.1e5, 9e4]
    assert table["place"].tolist()[1] == "jibei"

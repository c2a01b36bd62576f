"""Values of cards are shown as words, numbers, curves and tables in the reader's language."""

from __future__ import annotations

import pytest

from coplan.report.card_values import in_both, with_unit
from coplan.report.catalogue import Locale
from coplan.report.facts import Facts
from coplan.report.svg import tidy
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan

SHOWN = [
    ("true", "", "是", "yes"),
    ("2025", "", "2025", "2025"),
    ("0.4700", "CNY/kWh", "0.47 元/kWh", "0.47 CNY/kWh"),
    ("600000", "MWh", "600,000 MWh", "600,000 MWh"),
    ("-0.05", "CNY/kWh", "−0.05 元/kWh", "−0.05 CNY/kWh"),
    ("25", "year", "25 年", "25 years"),
    ("1", "year", "1 年", "1 year"),
    ("[{degc: 5, clf: 0.05}, {degc: 15, clf: 0.07}]", "", "5 °C：0.05、15 °C：0.07",
     "5 °C: 0.05, 15 °C: 0.07"),
    ("{sharp: 2.04, flat: 1}", "dimensionless", "尖峰：2.04、平段：1", "sharp: 2.04, flat: 1"),
    ("{2025: 0, 2027: 13000}", "P", "2025：0、2027：13,000 P", "2025: 0, 2027: 13,000 P"),
    ("[1.00, 1.00]", "dimensionless", "2 个值，均为 1", "2 values, all 1"),
    ("[0.5, 1.5, 1]", "dimensionless", "3 个值，0.5～1.5", "3 values, 0.5 to 1.5"),
    ("{a: {b: 1}, c: {d: [1]}}", "", "2 组，见卡片文件", "2 entries, see the card's file"),
    ("{torn", "", "{torn", "{torn"),
    ("x" * 50, "", "x" * 39 + "…", "x" * 39 + "…"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "unit", "zh", "en"), SHOWN)
def test_a_value_reads_like_one(value: str, unit: str, zh: str, en: str) -> None:
    shown = with_unit(value, unit)
    assert (Locale("zh").show(shown), Locale("en").show(shown)) == (zh, en)


def test_a_text_is_one_for_all_or_one_for_each_language() -> None:
    pair, single = in_both({"zh": "甲", "en": "A"}), in_both("W36")
    assert (Locale("zh").show(pair), Locale("en").show(pair)) == ("甲", "A")
    assert Locale("zh").show(single) == Locale("en").show(single) == "W36"


@pytest.mark.parametrize("note", ["[" * 5000, "9" * 5000, '{"zh": 1}', "5", '"甲"', "a note"])
def test_a_note_is_shown_as_it_was_written(note: str) -> None:
    """A note of many brackets or digits ended in an error of the JSON reader."""
    plan = fake_plan(hours=48).assign_attrs(note=note)
    found = Facts(plan, fake_kpis(plan), fake_audit()).note
    assert found is not None
    assert (found.zh, found.en) == (note, note)


def test_a_path_is_written_short_and_stays_where_it_was() -> None:
    source = ('<path d="M 10 20.1234 \nL 10 30.5 \nL 12.006 30.5 \nL 0.25 -4 \nz\n'
              'M 1 1 \nC 2 2 3 3 4.5 0 \nL 5 1"/><text>M 10 20.1234</text>')  # fmt: skip
    short = tidy(source)
    assert '"M10 20.12v10.38h2.01l-11.76-34.5zM1 1c1 1 2 2 3.5-1l.5 1"' in short
    assert short.endswith("<text>M 10 20.1234</text>")
    odd = '<path d="M 1 1 A 2 2 0 0 1 3 3"/>'
    assert tidy(odd) == odd

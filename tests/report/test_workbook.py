"""The workbook holds the plan's own numbers, and nothing in it acts."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from coplan.plan.tables import ENCODING, write_tables
from coplan.report import workbook
from coplan.report.catalogue import LANGUAGES, Locale, entries
from coplan.report.facts import Facts
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan

HOSTILE = '=HYPERLINK("http://x.example","y")'
SHEETS = {"sizes": "tables/capacities.csv", "monthly": "tables/monthly.csv",
          "hourly": "tables/hourly.csv", "account": "account.csv",
          "compliance": "compliance.csv"}  # fmt: skip


def facts_of(**options: Any) -> Facts:
    plan = fake_plan(**options)
    return Facts(plan, fake_kpis(plan), fake_audit())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Facts, Path]:
    folder = tmp_path_factory.mktemp("workbook")
    facts = facts_of(sites=2, periods=(2027, 2030), weathers=2, hours=48)
    write_tables(facts.plan, folder)
    for lang in LANGUAGES:
        workbook.write(facts, Locale(lang), folder / f"report.{lang}.xlsx")
    return facts, folder


def sheet(path: Path, lang: str, name: str) -> tuple[Any, list[str], list[tuple]]:
    """The sheet, its headings and its rows."""
    book = openpyxl.load_workbook(path)
    found = book[Locale(lang).text(f"workbook.{name}")]
    rows = list(found.iter_rows(values_only=True))
    return found, [str(head) for head in rows[0]], rows[1:]


def column(path: Path, name: str, key: str, lang: str = "zh") -> list[Any]:
    _, heads, rows = sheet(path, lang, name)
    at = heads.index(Locale(lang).text(f"workbook.column.{key}"))
    return [row[at] for row in rows]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SHEETS)
def test_every_number_is_that_of_the_csv(made: tuple[Facts, Path], name: str, lang: str) -> None:
    folder = made[1]
    with (folder / SHEETS[name]).open(encoding=ENCODING, newline="") as file:
        rows = list(csv.DictReader(file))
    _, heads, cells = sheet(folder / f"report.{lang}.xlsx", lang, name)
    assert len(cells) == len(rows)
    compared = 0
    for key in rows[0]:
        head = Locale(lang).text(f"workbook.column.{key}") if key != "id" else None
        numbers = [row[key] for row in rows]
        if head not in heads or not all(is_number(text) or not text for text in numbers):
            continue
        at = heads.index(head)
        for row, text in zip(cells, numbers, strict=True):
            if not text or not math.isfinite(float(text)):
                assert row[at] is None
            else:
                assert row[at] == pytest.approx(float(text), rel=1e-12)
                compared += 1
    assert compared >= len(rows)


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_key_figures_and_parameters_are_complete(made: tuple[Facts, Path]) -> None:
    facts, folder = made
    path = folder / "report.en.xlsx"
    found = dict(zip(column(path, "kpis", "key", "en"), column(path, "kpis", "value", "en"),
                     strict=True))  # fmt: skip
    asked = {key: value for key, value in facts.kpis.items() if key not in workbook.LEFT_OUT}
    assert set(found) == set(asked)
    for key, value in asked.items():
        if isinstance(value, float):
            assert found[key] == pytest.approx(value, rel=1e-12), key
    keys = column(path, "parameters", "key", "en")
    assert keys == [str(one["key"]) for one in facts.assumptions]


def test_every_key_figure_of_a_run_has_a_name_and_a_share_is_shown_as_one() -> None:
    from coplan.plan.kpis import kpis

    for key in kpis(fake_plan(hours=24)):
        named = f"workbook.kpi.{key}" in entries() or key.startswith("compute_p_")
        assert named or key in workbook.LEFT_OUT, key
    assert workbook._form("green_share_hourly") == ("share", "%")
    assert workbook._form("retail_mwh") == ("energy", "MWh")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_has_a_frozen_heading_and_a_filter(
    made: tuple[Facts, Path], lang: str
) -> None:
    book = openpyxl.load_workbook(made[1] / f"report.{lang}.xlsx")
    assert len(book.sheetnames) == 9
    for one in book.worksheets[1:]:
        assert one.freeze_panes == "A2"
        assert one.auto_filter.ref.startswith("A1:")


def test_the_same_plan_gives_the_same_bytes(made: tuple[Facts, Path], tmp_path: Path) -> None:
    workbook.write(made[0], Locale("zh"), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (made[1] / "report.zh.xlsx").read_bytes()


def test_names_are_text_and_never_a_formula_or_a_link(tmp_path: Path) -> None:
    facts = facts_of(hours=24)
    site = facts.ids("site")[0]
    names = json.loads(facts.plan.attrs["names"]) | {site: {"zh": HOSTILE, "en": "http://x.example"}}
    title = json.dumps({"zh": "+1+1", "en": "\ufffe\x01A" + "x" * 40_000})
    plan = facts.plan.assign_attrs(names=json.dumps(names), title=title)
    hostile = Facts(plan, facts.kpis, facts.audit)
    for lang, name in (("zh", HOSTILE), ("en", "http://x.example")):
        path = tmp_path / f"{lang}.xlsx"
        workbook.write(hostile, Locale(lang), path)
        assert set(column(path, "monthly", "site_name", lang)) == {name}
        for one in openpyxl.load_workbook(path):
            assert not one._hyperlinks
            for row in one.iter_rows():
                assert all(cell.data_type != "f" for cell in row)


def test_a_hub_plan_of_too_many_rows_is_added_up_by_hour(
    made: tuple[Facts, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, folder = made
    whole = sum(v for v in column(folder / "report.zh.xlsx", "hourly", "retail_mw"))
    monkeypatch.setattr(workbook, "MOST_ROWS", 100)
    path = folder / "few.xlsx"
    workbook.write(facts, Locale("zh"), path)
    few = column(path, "hourly", "retail_mw")
    assert len(few) == 48 * 2 * 2
    assert sum(few) == pytest.approx(whole)
    assert set(column(path, "hourly", "site_name")) == {"全部场址"}
    about = [row[1] for row in openpyxl.load_workbook(path)["说明"].iter_rows(values_only=True)]
    assert Locale("zh").text("workbook.holds_hourly_fleet") in about


def test_a_sheet_is_printed_as_wide_as_a_page_with_its_head(made: tuple[Facts, Path]) -> None:
    found, _, _ = sheet(made[1] / "report.zh.xlsx", "zh", "hourly")
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert (found.page_setup.fitToWidth or 1, found.page_setup.fitToHeight) == (1, 0)
    assert found.page_setup.orientation == "landscape"
    assert found.print_title_rows.replace("$", "") == "1:1"

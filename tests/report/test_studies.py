"""The report of a study says what its comparison says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.report import priorities, studies
from coplan.report.catalogue import Locale
from coplan.report.figures import studies as figure
from coplan.report.model import Delta, Figure, Paragraph, Report, Section, Table
from coplan.report.resolve import resolve
from coplan.report.studies import report_of, with_energy_cost, write_study_report
from tests.report.comparison_data import COST, NAN, comparison


@pytest.fixture
def data() -> xr.Dataset:
    """A comparison of nine variants, as coplan.study gathers it."""
    return comparison()


def section(report: Report, name: str) -> Section:
    """One section of the report."""
    return next(one for one in report.sections if one.id == name)


def table(report: Report, name: str, number: int = 0) -> Table:
    """One table of a section."""
    return [block for block in section(report, name).blocks if isinstance(block, Table)][number]


def test_every_change_is_against_the_base_and_has_its_sign(data: xr.Dataset) -> None:
    rows = table(report_of(data), "compare").rows
    assert rows[0][2].value == 500.0  # 1000 CNY over 2 MWh
    for position, change, level in ((1, -10.0, "ok"), (4, 80.0, "fail"), (7, 200.0, "fail")):
        cell = rows[position][2]
        assert isinstance(cell, Delta)
        assert (cell.change.value, cell.level) == (change, level)
    assert not isinstance(rows[8][2], Delta)  # no plan, no change
    assert Locale("en").show(rows[8][2]) == "–"
    assert Locale("zh").show(rows[8][1]) == "× 无可行方案"


def test_the_lead_counts_the_variants_and_names_the_best(data: xr.Dataset) -> None:
    blocks = section(report_of(data), "compare").blocks
    lead, best = (Locale("en").show(one.text) for one in blocks if isinstance(one, Paragraph))
    assert lead == "Of 9 variants, 8 have a plan, 1 admit none, and 0 could not be solved."
    assert best.startswith('"v3" has the lowest energy cost (420 CNY/MWh), "v7" the least')


def test_a_ladder_shows_what_each_step_costs_and_what_its_next_point_would(
    data: xr.Dataset,
) -> None:
    steps = figure.ladder_steps(with_energy_cost(data))
    assert [(s.matching, s.share, s.energy_cost, s.shadow_price) for s in steps] == [
        ("annual", 0.5, 505.0, 5000.0), ("annual", 0.9, 530.0, 6000.0),
        ("hourly", 0.9, 700.0, 7000.0),
    ]  # fmt: skip
    cells = table(report_of(data), "ladder").rows[2]
    assert [Locale("zh").show(cell) for cell in cells] == [
        "按小时匹配", "90%", "700.0", "90.0%", "0.7",
    ]  # fmt: skip


def test_a_stricter_step_that_costs_less_lends_its_plan_to_the_looser(data: xr.Dataset) -> None:
    # hourly 90 % at 520 keeps annual 90 %, found at 530, but annual 50 % costs less still
    cost = [*COST[:7], 520.0, NAN]
    found = data.assign(energy_cost_cny=("variant", 2.0 * np.array(cost)),
                        cost_cny=("variant", 1e8 * np.array(cost)))  # fmt: skip
    found["green_share_hourly"][7] = 0.95
    steps = figure.ladder_steps(with_energy_cost(found))
    assert [(s.matching, s.energy_cost, s.hourly_share, s.is_stricter) for s in steps] == [
        ("annual", 505.0, 0.5, False), ("annual", 520.0, 0.95, True),
        ("hourly", 520.0, 0.95, False),
    ]  # fmt: skip
    matrix = table(report_of(found), "ladder")
    assert [Locale("zh").show(row[0]) for row in matrix.rows] == [
        "按年匹配", "按年匹配 *", "按小时匹配",
    ]  # fmt: skip
    assert matrix.note is not None
    assert table(report_of(data), "ladder").note is None


def test_a_tornado_puts_the_largest_change_first(data: xr.Dataset) -> None:
    picture = figure.tornado(with_energy_cost(data))
    assert isinstance(picture, Figure)
    assert list(picture.data["axis"]) == ["Power", "Power", "Wind", "Wind"]
    assert list(picture.data["value"]) == ["× 0.8", "× 1.2", "3000", "6000"]
    assert list(picture.data["change_cny_per_mwh_it"]) == [-80.0, 80.0, -10.0, 5.0]
    assert Locale("zh").show(picture.title) == (
        "影响度电成本最大的是“电价”：−80.0 元/MWh 至 +80.0 元/MWh"
    )


def test_a_clause_that_is_missed_somewhere_comes_first(data: xr.Dataset) -> None:
    matrix = table(report_of(data), "clauses")
    zh = Locale("zh")
    assert [zh.show(column.title) for column in matrix.columns] == [
        "方案", "PUE 限值：beijing-old", "绿电占比",
    ]  # fmt: skip
    assert [zh.show(cell) for cell in matrix.rows[7][1:]] == ["! 软约束未达到", "✓ 满足"]
    assert matrix.rows[8][1:] == [None, None]
    later = data.assign_coords(clause=["green_share, 2027", "green_share, 2030"])
    later["clause_kind"] = ("clause", ["green_share", "green_share"])
    years = [zh.show(one.title) for one in table(report_of(later), "clauses").columns]
    assert years == ["方案", "绿电占比（2030）", "绿电占比（2027）"]


def test_each_priority_has_its_best_plan_and_the_cheapest_of_those_as_good(
    data: xr.Dataset,
) -> None:
    found = table(report_of(data.assign(wue=0.0 * data["it_mwh"], pue=1.2 + 0.0 * data["gap"])),
                  "priorities")  # fmt: skip
    named = {Locale("en").show(row[0]): Locale("en").show(row[1]) for row in found.rows}
    # v3 costs least; v7 emits 93 t; v6 and v7 are 90 % green, and v6 costs less
    assert named == {"Least yearly cost": "v3", "Least carbon, location-based": "v7",
                     "Highest green share": "v6"}  # fmt: skip
    dear = found.rows[2][3]
    assert isinstance(dear, Delta)
    assert (dear.value.value, dear.change.value) == (530.0, 30.0)  # 10⁸ CNY
    assert priorities.best_plan(np.array([1.0, 1.0]), np.array([2.0, 1.0]), 1) is None


def test_keys_that_differ_stand_side_by_side(data: xr.Dataset) -> None:
    keys = ["targets.pue.value", "options.wacc"]
    values = np.array([["1.25", "0.06"]] + [["1.2", ""]] * (len(COST) - 1))
    told = data.assign_coords(setting_key=keys)
    told["setting"] = (("variant", "setting_key"), values)
    long = table(report_of(told), "differences")  # many variants: one row each
    assert [Locale("zh").show(cell) for cell in long.rows[1]] == ["方案1", "1.2", ""]
    few = report_of(told.isel(variant=[0, 1]))
    assert [Locale("en").show(cell) for cell in table(few, "differences").rows[0]] == [
        "targets.pue.value", "1.25", "1.2",
    ]  # fmt: skip
    side = table(few, "compare")  # few variants: one column each, with pictures
    assert [Locale("en").show(column.title) for column in side.columns] == ["Item", "v0", "v1"]
    assert sum(isinstance(block, Figure) for block in section(few, "compare").blocks) == 2
    assert "differences" not in [one.id for one in report_of(data).sections]


def test_names_are_shown_and_never_taken_for_markup(data: xr.Dataset, tmp_path: Path) -> None:
    told = data.isel(variant=[0, 1])
    told["title_en"] = ("variant", ["A <b>", "B"])
    write_study_report(told, tmp_path, ["en"])
    page = (tmp_path / "compare.en.html").read_text(encoding="utf-8")
    assert "A &lt;b&gt;" in page
    assert "A <b>" not in page
    assert (tmp_path / "compare.en.pdf").stat().st_size > 20_000


def front_of(data: xr.Dataset) -> xr.Dataset:
    """Four plans: the base, one that another beats, and two more on the front."""
    told = data.isel(variant=[0, 1, 2, 3]).assign_attrs(front="green_share")
    told["part"] = ("variant", ["base", "front", "front", "front"])
    told["cost_cny"] = ("variant", [1e8, 1.2e8, 1.1e8, 1.4e8])
    told["front_value"] = ("variant", [0.5, 0.6, 0.7, 0.8])
    told["is_on_front"] = ("variant", [1.0, 0.0, 1.0, 1.0])
    told["front_rate_cny"] = ("variant", [NAN, NAN, 0.5e6, 3e6])
    return told


def test_a_front_leaves_out_who_is_beaten_and_tells_what_a_step_costs(data: xr.Dataset) -> None:
    report = report_of(front_of(data))
    rows = [[Locale("zh").show(cell) for cell in row] for row in table(report, "front").rows]
    assert rows == [["方案0", "50.00", "1.0000", "500.0", "–"],
                    ["方案2", "70.00", "1.1000", "505.0", "50.0"],
                    ["方案3", "80.00", "1.4000", "420.0", "300.0"]]  # fmt: skip
    picture = next(one for one in section(report, "front").blocks if isinstance(one, Figure))
    assert Locale("zh").show(picture.title) == (
        "绿电占比由 50.00% 提高到 80.00%，年成本由 1.000 亿元 升到 1.400 亿元"
    )
    lead = next(one for one in section(report, "front").blocks if isinstance(one, Paragraph))
    assert "前沿上的 3 个点" in Locale("zh").show(lead.text)
    assert "另有 1 个方案" in Locale("zh").show(lead.text)


def test_ranges_near_the_cheapest_plan(data: xr.Dataset) -> None:
    told = data.isel(variant=[0, 1, 2]).assign_attrs(near_optimal_within=0.02)
    labels = ["w, plant_capacity_mw, 2027", "b, storage_energy_mwh, 2027", "n, none, 2027"]
    told = told.assign_coords(explored=labels, unit=labels)
    told["size"] = (("variant", "unit"), np.array([[40.0, 8.0, 0.0], [30.0, 0.0, 0.0],
                                                   [40.0, 9.0, 0.0]]))  # fmt: skip
    columns = {"explored_zh": ["风电", "储能", "无"], "explored_en": ["wind", "battery", "no"],
               "explored_unit": ["MW", "MWh", "MW"], "near_least": [30.0, 0.0, 0.0],
               "near_cheapest": [40.0, 8.0, 0.0], "near_most": [40.0, 9.0, 0.0]}  # fmt: skip
    for name, values in columns.items():
        told[name] = ("explored", values)
    told["different"] = ("variant", [0.0, 1.0, NAN])
    told["penalties_cny"] = 0.0 * told["cost_cny"]
    report = report_of(told)
    zh = Locale("zh")
    assert [[zh.show(cell) for cell in row] for row in table(report, "near_optimal").rows] == [
        ["风电", "MW", "30.0", "40.0", "40.0"], ["储能", "MWh", "0.0", "8.0", "9.0"],
    ]  # fmt: skip
    apart = table(report, "near_optimal", 1)
    assert [zh.show(cell) for cell in apart.rows[0]] == ["风电（MW）", "40.0", "30.0"]
    assert zh.show(apart.rows[-1][2]) == "\u22122.00"  # 490 against 500
    resolve(report, zh)


def test_why_there_is_no_plan_is_told_in_the_language_of_the_page(data: xr.Dataset) -> None:
    ((_, _, cause),) = table(report_of(data), "no_plan").rows
    assert Locale("zh").show(cause) == "无可行方案: 差 1 点"
    assert Locale("en").show(cause) == "nothing fits: 1 short"


def test_a_study_in_which_nothing_has_a_plan_still_has_a_report(data: xr.Dataset) -> None:
    last = data.isel(variant=[8, 8])
    report = report_of(last.drop_vars(["energy_cost_cny", "gap"]))
    assert [one.id for one in report.sections] == ["compare", "no_plan"]
    for lang in ("zh", "en"):
        assert resolve(report, Locale(lang))["status"]["level"] == "ok"  # every answer is proven


def test_of_very_many_variants_the_tables_list_the_base_and_the_cheapest(
    data: xr.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study of 10,000 variants made tables of 10,000 rows, and a report of 700 pages."""
    monkeypatch.setattr(studies, "MOST_ROWS", 7)
    report = report_of(data)
    assert len(table(report, "compare").rows) == 7
    names = [row[0].en for row in table(report, "compare").rows]
    cost = with_energy_cost(data)["energy_cost"].values
    cheapest = [f"v{i}" for i in np.argsort(cost, kind="stable")]
    assert names[0] == data["title_en"].values[0]
    assert set(names[1:]) == set([one for one in cheapest if one != names[0]][:6])
    text = " ".join(Locale("en").show(one.text) for one in section(report, "compare").blocks
                    if isinstance(one, Paragraph))  # fmt: skip
    assert "7 in all; comparison.csv holds all 9" in text

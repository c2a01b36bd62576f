"""The report of a study says what its comparison says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan.report.catalogue import Locale
from coplan.report.figures import studies as figure
from coplan.report.model import Delta, Figure, Paragraph, Report, Section, Table
from coplan.report.resolve import resolve
from coplan.report.studies import report_of, with_energy_cost

NAN = math.nan
# base; wind cheap and dear; power cheap and dear; three steps of a ladder; one that admits no plan
COST = [500.0, 490.0, 505.0, 420.0, 580.0, 505.0, 530.0, 700.0, NAN]  # CNY/MWh
WIND, POWER = "wind.capex", "power.price"
AT = [("", "", "", ""), ("3000", "", "", ""), ("6000", "", "", ""), ("", "× 0.8", "", ""),
      ("", "× 1.2", "", ""), ("", "", "0.5", "annual"), ("", "", "0.9", "annual"),
      ("", "", "0.9", "hourly"), ("", "", "1", "hourly")]  # fmt: skip


@pytest.fixture
def data() -> xr.Dataset:
    """A comparison of nine variants, as coplan.study gathers it."""
    count = len(COST)
    names = [f"v{number}" for number in range(count)]
    status = ["optimal within gap"] * (count - 1) + ["infeasible"]
    share = [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9, NAN]
    clauses = ["green_share, 2027", "beijing-old, 2027"]
    state = [["met", "met"]] * (count - 2) + [["met", "missed"], ["", ""]]
    price = [[1000.0 * number, 0.0] for number in range(count - 1)] + [[NAN, NAN]]
    about: dict[str, Any] = {
        "title_zh": [f"方案{number}" for number in range(count)], "title_en": names,
        "part": ["base"] + ["sweep"] * 4 + ["ladder"] * 4, "status": status,
        "cause": [""] * (count - 1) + ["nothing fits:\n  - 1 short\n无可行方案:\n  - 差 1 点"],
        "energy_cost_cny": 2.0 * np.array(COST), "it_mwh": [2.0] * (count - 1) + [NAN],
        "cost_cny": 1e8 * np.array(COST), "gap": [0.01] * (count - 1) + [NAN],
        "green_share": share, "green_share_hourly": share, "wind_mw": [40.0] * count,
        "carbon_t_location": [100.0 - number for number in range(count - 1)] + [NAN],
    }  # fmt: skip
    found = xr.Dataset({name: ("variant", values) for name, values in about.items()})
    found = found.assign_coords(variant=names, axis=[WIND, POWER, "share", "matching"],
                                clause=clauses)  # fmt: skip
    found["at"] = (("variant", "axis"), np.array(AT))
    found["axis_zh"] = ("axis", ["风电造价", "电价", "share", "matching"])
    found["axis_en"] = ("axis", ["Wind", "Power", "share", "matching"])
    found["clause_kind"] = ("clause", ["green_share", "pue_limits"])
    found["clause_status"] = (("variant", "clause"), np.array(state))
    found["clause_shadow_price"] = (("variant", "clause"), np.array(price))
    return found.assign_attrs(title_zh="试算", title_en="Toy")


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

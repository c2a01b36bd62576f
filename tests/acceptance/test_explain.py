"""`coplan explain` as a planner meets it: a finished run, a scenario that fits or does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import xarray as xr

from tests.acceptance.command import QUICKSTART, coplan, table

WEEK = ("--set", "options.hours=168", "--set", "targets.green_share.value=0.6")
METER = "cards.systems/zhangbei-campus.sites.zhangbei.connection.max_mw=20"


def test_a_finished_run_lists_what_binds_by_element_in_both_languages(week: Path) -> None:
    found = coplan("explain", week)
    assert (found.code, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[0].startswith("起作用的限值与目标")
    assert "  风电与光伏" in lines
    assert "  Targets and clauses" in lines
    rows = table(week / "tables" / "limits.csv")
    wind = next(row for row in rows if row["place"] == "zhangbei_wind")
    assert float(wind["most"]) == 40.0
    saving = f"CNY {float(wind['saving_cny_per_unit']) / 1e3:.0f} k a year"
    told = next(line for line in lines if "Zhangbei Onshore wind: one more MW" in line)
    assert saving in told
    english = coplan("explain", week, "--lang", "en").out
    assert "一" not in english
    assert len(english.splitlines()) * 2 == len(lines)


def test_a_run_without_prices_of_limits_is_refused(copy: Path) -> None:
    with xr.open_dataset(copy / "plan.nc") as plan:
        old = plan.drop_dims("limit").load()
    old.to_netcdf(copy / "old.nc")
    shutil.move(copy / "old.nc", copy / "plan.nc")
    found = coplan("explain", copy)
    assert found.code == 2
    assert "run the scenario again" in found.err


def test_a_scenario_that_fits_is_said_to_fit() -> None:
    found = coplan("explain", QUICKSTART, *WEEK)
    assert (found.code, found.err) == (0, "")
    assert "存在可行方案" in found.out
    assert "a plan exists" in found.out


def test_a_scenario_that_does_not_fit_is_told_with_its_repairs() -> None:
    found = coplan("explain", QUICKSTART, *WEEK, "--set", METER)
    assert (found.code, found.err) == (3, "")
    for words in ("接入容量 (张北): 上限 20 MW 不够, 还差 14.3 MW",
                  "张北的电网接入容量再增加 14.3 MW",
                  "14.3 MW more grid connection (Zhangbei)", "of the work moved elsewhere",
                  "MW more own capacity (Zhangbei Onshore wind)"):  # fmt: skip
        assert words in found.out


def test_bad_words_are_refused() -> None:
    assert coplan("explain", "no-such-thing").code == 2
    assert coplan("explain", Path(__file__).parent).code == 2

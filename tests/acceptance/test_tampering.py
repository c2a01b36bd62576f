"""No number, file or input of a finished run can be changed without `coplan verify` saying so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from coplan.verify import plan_digests
from tests.acceptance.command import ROOT, WEEK, coplan
from tests.sampling import one_in

DECISIONS = ("plant_capacity_mw", "servers_mw", "soc_mwh", "load_mw", "retail_mw")
INPUTS = ("retail_price_cny_per_mwh", "capacity_factor", "demand_mw")
RESULTS = ("account_cny", "energy_price_cny_per_mwh", "clause_shadow_price", "clause_achieved")
QUICK = 1  # of each; the others run with the longer tests


@pytest.fixture(scope="module")
def plan(week: Path) -> xr.Dataset:
    """The plan of the smaller run as xarray alone reads it."""
    with xr.open_dataset(week / "plan.nc") as opened:
        return opened.load()


def spoil(folder: Path, plan: xr.Dataset, name: str, forges_digests: bool = False) -> None:
    """Write the plan with the largest number of one variable moved by 2e-4 of itself."""
    values = np.array(plan[name].values, dtype=float)
    values.flat[int(np.argmax(np.abs(values)))] *= 1 + 2e-4
    spoilt = plan.copy()
    spoilt[name] = (plan[name].dims, values, plan[name].attrs)
    if forges_digests:
        texts = [key for key in plan if str(key).startswith("text_")]
        made = json.dumps(plan_digests(spoilt.drop_vars(texts)))
        spoilt["text_digests"] = ((), made, plan["text_digests"].attrs)
    (folder / "plan.nc").unlink()
    spoilt.to_netcdf(folder / "plan.nc")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if row < QUICK else pytest.mark.slow)
     for names in (DECISIONS, INPUTS, RESULTS) for row, name in enumerate(names)],
)  # fmt: skip
def test_one_number_changed_in_the_plan_is_found(copy, plan, name):
    spoil(copy, plan, name)
    found = coplan("verify", copy)
    assert found.code == 5
    assert "the audit failed" in found.err


@pytest.mark.parametrize(
    "name", one_in(3, ["retail_mw", "retail_price_cny_per_mwh", "account_cny"])
)
def test_a_change_is_found_by_physics_even_when_the_digests_are_forged(copy, plan, name):
    spoil(copy, plan, name, forges_digests=True)
    found = coplan("verify", copy)
    assert found.code == 5
    assert "values are those the run wrote" not in found.err


@pytest.mark.parametrize(
    ("name", "old", "new"),
    one_in(3, [
        ("kpis.json", '"pue": 1.1', '"pue": 1.0'),
        ("account.csv", ",cost,1", ",cost,2"),
        ("compliance.csv", ",met,", ",violated,"),
        ("tables/monthly.csv", "zhangbei,1,", "zhangbei,2,"),
        ("tables/cashflow.csv", "25,2051,", "25,2052,"),
        ("inputs/models/tariffs/jibei-2026.yaml", "0.385713", "0.385813"),
    ]),
)
def test_a_changed_file_of_the_result_is_found(copy, name, old, new):
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = coplan("verify", copy)
    assert found.code == 5
    assert found.err.startswith(str(copy))


@pytest.mark.parametrize("name", ["kpis.json", "account.csv", "run.json"])
def test_a_torn_file_of_the_result_is_told_without_a_traceback(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes()[:20])
    found = coplan("verify", copy)
    assert found.code in (2, 5)
    assert path.name in found.err


@pytest.mark.parametrize("keep", [0, 50_000])
def test_a_torn_plan_is_told_without_a_traceback(copy, keep):
    path = copy / "plan.nc"
    path.write_bytes(path.read_bytes()[:keep])
    for command in ("verify", "report"):
        found = coplan(command, copy)
        assert found.code == 2
        assert "plan.nc" in found.err


def test_verify_says_which_originals_have_changed_since(tmp_path):
    for name in ("models", "data", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / "world" / name)
    scenario = tmp_path / "world" / "scenarios" / "quickstart.yaml"
    words = ["--no-report", "--set", "options.hours=168", *WEEK]
    assert coplan("run", scenario, "--out", tmp_path / "out", *words).code == 0
    card = tmp_path / "world" / "models" / "zones" / "jibei.yaml"
    card.write_text(card.read_text(encoding="utf-8") + "# seen\n", encoding="utf-8")
    found = coplan("verify", tmp_path / "out")
    assert found.code == 0
    assert "models/zones/jibei.yaml has changed since the run" in found.out

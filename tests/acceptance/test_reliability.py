"""N−1 end to end: a shipped system with failures switched on by a scenario of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.acceptance.command import ROOT, coplan, kpis, table

SCENARIO = """\
extends: {shipped}
id: n-1
policies: []
targets: {{green_share: null}}
cards:
  workloads/inference: {{critical_share: {share}}}
  workloads/online-services: {{critical_share: 0.1}}
  systems/zhangjiakou:
    reliability: {{sites: {sites}, routes: ["beijing:zhangbei"]}}
    sites:
      zhangbei:
        connection: {{firm_share: 0.03}}
        batteries: {{lfp: {{reserve_h: 1}}}}
      huailai:
        connection: {{firm_share: 0.03}}
        backup: {{card: diesel, max_mw: 400, existing_mw: 20}}
"""


def scenario(folder: Path, share: float = 0.6, sites: str = "all") -> Path:
    """The shipped Zhangjiakou system with critical work and failures."""
    path = folder / "n-1.yaml"
    shipped = ROOT / "scenarios" / "zhangjiakou-2027.yaml"
    text = SCENARIO.format(shipped=shipped, share=share, sites=sites)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on its first two days."""
    folder = tmp_path_factory.mktemp("reliability")
    said = coplan("run", scenario(folder), "--set", "options.hours=48", "--no-report",
                  "--out", folder / "run")  # fmt: skip
    assert said.code == 0, said.err
    return folder / "run"


def test_critical_work_has_a_place_whatever_fails(done: Path) -> None:
    plan = xr.open_dataset(done / "plan.nc")
    assert plan["failure"].values.tolist() == [
        "none", "zhangbei", "huailai", "xuanhua", "beijing:zhangbei",
    ]  # fmt: skip
    flow = plan["critical_flow_mw"].sel(period=2027)
    np.testing.assert_allclose(
        flow.sum("site"), plan["critical_mw"].sel(period=2027).expand_dims(failure=5), atol=1e-4
    )
    for site in ("zhangbei", "huailai", "xuanhua"):
        assert float(flow.sel(failure=site, site=site).sum()) == pytest.approx(0.0, abs=1e-6)
    cut = plan["demand_region"].values == "beijing"
    lost = flow.sel(failure="beijing:zhangbei", site="zhangbei").values
    assert lost[cut].sum() == pytest.approx(0.0, abs=1e-6)


def test_a_firm_battery_keeps_its_reserve(done: Path) -> None:
    plan = xr.open_dataset(done / "plan.nc")
    firm = float(plan["firm_power_mw"].sel(reserve="zhangbei_lfp").squeeze())
    held = plan["soc_mwh"].sel(battery="zhangbei_lfp").min()
    assert firm > 1.0
    assert float(held) >= firm / float(plan["discharge_efficiency"][0]) - 1e-4


def test_the_table_of_failures_shows_firm_supply_beside_what_is_needed(done: Path) -> None:
    rows = table(done / "tables" / "failures.csv")
    assert len(rows) == 5 * 3
    for row in rows:
        assert float(row["firm_supply_mw"]) >= float(row["critical_facility_mw"]) - 1e-3
        if row["failure"] == row["site"]:
            assert float(row["critical_it_mw"]) == pytest.approx(0.0, abs=1e-3)


def test_the_run_is_audited_and_its_account_holds_backup(done: Path) -> None:
    assert coplan("verify", done).code == 0
    lines = {
        (line["label"], line["place"]): float(line["cny_per_year"])
        for line in table(done / "account.csv")
    }
    # 20 MW that stand: O&M of 40 CNY/kW, tests of 12 h at 30 % load with fuel at 1.6 CNY/kWh
    assert lines["backup O&M", "huailai"] >= 20e3 * 40 - 1
    assert lines["backup fuel", "huailai"] >= 20e3 * 12 * 0.3 * 1.6 - 1
    assert kpis(done)["backup_mw"] >= 20 - 1e-6


def test_a_site_without_enough_firm_supply_is_told_with_what_would_help(tmp_path: Path) -> None:
    path = scenario(tmp_path, sites="[huailai, xuanhua]")
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("firm_share: 0.03", "firm_share: 0.001"),
        ("batteries: {lfp: {reserve_h: 1}}", "backup: {card: diesel, max_mw: 1}"),
        ("max_mw: 400, existing_mw: 20", "max_mw: 1"),
    ):  # fmt: skip
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    said = coplan("run", path, "--set", "options.hours=24", "--no-report", "--out", tmp_path / "x")
    assert said.code == 3
    assert "backup power" in said.err
    assert "backup.max_mw" in said.err
    assert "critical work of a demand" not in said.err

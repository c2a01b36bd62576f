"""A shipped campus on a spot market with prices below zero, export and demand response."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from tests.acceptance.command import ROOT, coplan, kpis, table

SCENARIO = """\
extends: quickstart.yaml
id: spot
targets: {green_share: {value: 0.3, matching: annual}}
cards:
  tariffs/jibei-2026: {spot_floor_cny_per_kwh: -0.4, spot_cap_cny_per_kwh: 1.5}
  zones/jibei: {export_allowed: true, export_price_cny_per_kwh: 0.3}
  systems/zhangbei-campus:
    sites:
      zhangbei:
        connection: {spot_price: {file: data/spot.csv, column: day_ahead, unit: CNY/kWh}}
        flexibility:
          baseline_mw: 60
          max_mw: 10
          availability_cny_per_mw_year: 300000
          energy_cny_per_kwh: 2
          calls: [{months: [1], hours: [[18, 20]], days_per_month: 10}]
"""
YEAR = """\
extends: quickstart.yaml
id: spot
targets: {green_share: {value: 0.5, matching: annual}}
cards:
  zones/jibei: {export_allowed: true, export_price_cny_per_kwh: 0.05}
  systems/zhangbei-campus:
    sites:
      zhangbei:
        connection: {spot_price: {file: data/spot.csv, column: day_ahead, unit: CNY/kWh}}
"""
HOURS = 96
HOUR = np.arange(8760)


def run(root: Path, scenario: str, price: np.ndarray, hours: int, gap: float) -> Path:
    """A finished run with a spot price (CNY/kWh); it ends only when its audit passes."""
    for name in ("models", "scenarios"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copytree(ROOT / "data" / "weather" / "typical", root / "data/weather/typical")
    rows = "".join(f"{h},{p:.4f}\n" for h, p in enumerate(price))
    (root / "data" / "spot.csv").write_text("hour,day_ahead\n" + rows, encoding="utf-8")
    (root / "scenarios" / "spot.yaml").write_text(scenario, encoding="utf-8")
    said = coplan("run", root / "scenarios" / "spot.yaml", "--out", root / "run",
                  "--set", f"options.hours={hours}", "--set", f"options.gap={gap}")  # fmt: skip
    assert said.code == 0, said.err
    return root / "run"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on four days, called on one of them."""
    noon = (HOUR % 24 >= 11) & (HOUR % 24 < 14)
    price = np.where(noon, -0.6, 0.3 + 0.2 * np.random.default_rng(5).random(8760))
    return run(tmp_path_factory.mktemp("spot"), SCENARIO, price, HOURS, 0.05)


@pytest.mark.slow
def test_a_year_with_prices_below_zero_is_planned_to_one_percent(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noon = (HOUR % 24 >= 11) & (HOUR % 24 < 15) & (rng.random(8760) < 0.6)
    mean = 0.25 + 0.15 * np.sin((HOUR % 24 - 14) / 12 * np.pi)
    price = np.where(noon, -0.25 - 0.1 * rng.random(8760), mean + 0.08 * rng.normal(size=8760))
    done = run(tmp_path, YEAR, price, 8760, 0.01)
    assert kpis(done)["gap"] <= 0.01
    plan = xr.open_dataset(done / "plan.nc")
    assert float(np.minimum(plan["charge_mw"], plan["discharge_mw"]).max()) < 1e-3


@pytest.mark.slow
def test_a_market_below_zero_is_planned_one_way_at_a_time(done: Path) -> None:
    plan = xr.open_dataset(done / "plan.nc")
    # the floor of the market, with network, losses, system operation and funds on top
    lowest = 1e3 * (-0.4 + 0.0705 + 0.011778 + 0.013088 + 0.02406875)
    assert float(plan["retail_price_cny_per_mwh"].min()) == pytest.approx(lowest)
    assert float(np.minimum(plan["charge_mw"], plan["discharge_mw"]).max()) < 1e-3
    bought = plan["retail_mw"].sum("site") + plan["delivered_mw"].sum("contract")
    assert float(np.minimum(bought, plan["export_mw"].sum("site")).max()) < 1e-2
    assert kpis(done)["gap"] < 0.05
    said = coplan("verify", done)
    assert said.code == 0, said.err


@pytest.mark.slow
def test_demand_response_is_kept_booked_settled_and_told(done: Path) -> None:
    plan = xr.open_dataset(done / "plan.nc")
    sold = float(plan["response_mw"].sum())
    assert sold == pytest.approx(10.0)
    assert kpis(done)["response_mw"] == pytest.approx(10.0)
    called = plan["response_called"].values[0] > 0
    assert np.flatnonzero(called).tolist() == [24 + 18, 24 + 19]  # day 2 (0.5 * 31 / 10 = 1.55)
    bought = (plan["retail_mw"].sum("site") + plan["delivered_mw"].sum("contract")).values.squeeze()
    assert bought[called].max() <= 60.0 - sold + 1e-3
    # 300 000 for standing ready, and 2 CNY/kWh in 2 of the 96 hours that stand for the year
    earned = sold * (300000.0 + 2000.0 * called.sum() * 8760 / HOURS)
    lines = {r["label"]: float(r["cny_per_year"]) for r in table(done / "account.csv")}
    assert lines["flexibility revenue"] == pytest.approx(-earned, rel=1e-6)
    paid = [r for r in table(done / "tables" / "settlement.csv") if r["item"] == "flexibility"]
    assert [(r["payer"], r["payee"]) for r in paid] == [("grid company", "operator")]
    assert "需求响应" in (done / "report.zh.html").read_text(encoding="utf-8")
    assert "demand response" in (done / "report.en.html").read_text(encoding="utf-8")

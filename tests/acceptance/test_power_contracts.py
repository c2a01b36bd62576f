"""Charges, supply schemes and contract products end to end: a shipped campus that may choose."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from tests.acceptance.command import ROOT, coplan, kpis, table

SCENARIO = """\
extends: {shipped}
id: choosing
targets: {{green_share: {{value: 0.2, matching: annual}}}}
cards:
  tariffs/jibei-2026:
    use_discount: {{above_kwh_per_kva_month: 150}}
    ratchet_share: 0.5
    ratchet_months: 3
    energy_tiers: [{{above_mwh_month: 20000, more_cny_per_kwh: 0.01}}]
    coincident_peak: {{months: [1, 7], hours: [[18, 20]], cny_per_kw_month: 3}}
  contracts/jibei-pv-pap:
    kind: shaped
    shape: [0, 0, 0, 0, 0, 0, 0, 0.2, 0.5, 0.8, 1, 1, 1, 1, 0.8, 0.5, 0.2, 0, 0, 0, 0, 0, 0, 0]
    deviation_cny_per_kwh: 0.05
    resale_share: 0.2
    resale_cny_per_kwh: 0.1
  systems/zhangbei-campus:
    sites:
      zhangbei:
        connection: {{charge: either, supply: [market, agency, direct]}}
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on two winter days; a run ends only when its audit passes."""
    folder = tmp_path_factory.mktemp("choosing")
    path = folder / "choosing.yaml"
    shipped = ROOT / "scenarios" / "quickstart.yaml"
    path.write_text(SCENARIO.format(shipped=shipped), encoding="utf-8")
    said = coplan("run", path, "--set", "options.hours=48", "--no-report", "--out", folder / "run")
    assert said.code == 0, said.err
    return folder / "run"


def test_one_charge_and_one_scheme_are_taken(done: Path) -> None:
    plan = xr.open_dataset(done / "plan.nc")
    offers = plan["offer_kind"].values.tolist()
    assert offers == ["demand", "capacity", "single"]
    assert plan["takes"].sum("offer").values.tolist() == [1.0]
    assert float(plan["is_supplied"].sum()) <= 1.0
    found = {row["label"]: float(row["cny_per_year"]) for row in table(done / "account.csv")}
    paid = [label for label in ("demand charge", "capacity charge", "single-capacity charge")
            if abs(found[label]) > 1.0]  # fmt: skip
    assert len(paid) == 1


def test_the_audit_passes_again_from_the_raw_inputs(done: Path) -> None:
    said = coplan("verify", done)
    assert said.code == 0, said.err
    assert kpis(done)["green_share"] >= 0.2 - 1e-6

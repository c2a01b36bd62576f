"""The calibration run of 2025 against the reported first quarter."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
YEAR_H = 8760
QUARTER_H = 2160


@pytest.mark.slow
def test_the_first_quarter_is_as_reported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "coplan.cli", "run", "scenarios/zhangjiakou-base-2025.yaml",
         "--no-report", "--out", str(tmp_path / "q1"), "--set", "options.hours=2160"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with (tmp_path / "q1/tables/monthly.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    # the quarter stands for the whole year, so sums are yearly
    used = sum(float(row["facility_mwh"]) for row in rows)
    green = sum(float(row["contract_mwh"]) for row in rows)
    assert used / YEAR_H == pytest.approx(861.0, rel=0.03)
    assert green / used == pytest.approx(0.31, abs=0.01)


@pytest.mark.slow
def test_the_year_stays_within_the_reported_pue(tmp_path: Path) -> None:
    out = tmp_path / "year"
    done = subprocess.run(
        [sys.executable, "-m", "coplan.cli", "run", "scenarios/zhangjiakou-base-2025.yaml",
         "--no-report", "--out", str(out)],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads((out / "kpis.json").read_text(encoding="utf-8"))["pue"] <= 1.25
    with (out / "tables/monthly.csv").open(encoding="utf-8-sig") as file:
        quarter = [row for row in csv.DictReader(file) if int(row["month"]) <= 3]
    used = sum(float(row["facility_mwh"]) for row in quarter)
    assert used / QUARTER_H == pytest.approx(861.0, rel=0.03)
    green = sum(float(row["contract_mwh"]) for row in quarter)
    assert green == pytest.approx(574_000.0, rel=0.01)
    assert green / used == pytest.approx(0.31, abs=0.01)

"""The calibration run of 2025 against the reported first quarter."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
YEAR_H = 8760


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

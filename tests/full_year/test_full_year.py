"""Full years as a planner runs them, through the command line; minutes each: `pytest -m slow`."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EPW = ROOT.parent / "shared" / "data" / "weather"
pytestmark = pytest.mark.slow


def coplan(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "coplan.cli", *words], cwd=ROOT, capture_output=True, text=True,
        encoding="utf-8", check=False,
    )  # fmt: skip


def run(scenario: str, out: Path, *words: str) -> dict:
    """Key figures, seconds and memory of a run that must end well and pass its audit again."""
    done = coplan("run", f"scenarios/{scenario}.yaml", "--out", str(out), *words)
    assert done.returncode == 0, done.stderr
    again = coplan("verify", str(out))
    assert again.returncode == 0, again.stderr
    told = json.loads((out / "run.json").read_text(encoding="utf-8"))
    spent = {key: told[key] for key in ("seconds_total", "peak_memory_mb")}
    return json.loads((out / "kpis.json").read_text(encoding="utf-8")) | spent


def test_the_hub_of_fourteen_sites_is_planned_within_its_limits(tmp_path: Path) -> None:
    found = run("jingjinji-2027", tmp_path / "hub")
    assert found["gap"] <= 0.03
    assert found["seconds_total"] < 3600
    assert found["peak_memory_mb"] < 8000
    assert found["green_share"] >= 0.80 - 1e-6
    with (tmp_path / "hub" / "tables" / "flows.csv").open(encoding="utf-8-sig") as file:
        flows = list(csv.DictReader(file))
    outward = [row for row in flows if row["region"] == "beijing" and row["use"] == "training"]
    asked = sum(float(row["p_hours"]) - float(row["redone_p_hours"]) for row in outward)
    assert asked == pytest.approx(28_000 * 8760, rel=1e-6)
    at_home = sum(float(row["p_hours"]) for row in outward if row["site_province"] == "beijing")
    assert at_home < 0.01 * 28_000 * 8760


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("full") / "quickstart"


@pytest.fixture(scope="module")
def quickstart(folder: Path) -> dict:
    return run("quickstart", folder)


def test_quickstart_keeps_its_promises_within_memory(quickstart: dict) -> None:
    assert quickstart["status"] == "optimal within gap"
    assert quickstart["pue"] <= 1.25
    assert quickstart["green_share"] >= 0.80 - 1e-6
    assert quickstart["gap"] <= 0.01
    assert quickstart["peak_memory_mb"] < 1500


def test_the_shipped_green_target_has_a_price(quickstart: dict, folder: Path) -> None:
    rows = (folder / "compliance.csv").read_text(encoding="utf-8-sig").splitlines()
    head = rows[0].split(",")
    green = next(row.split(",") for row in rows[1:] if "green_share" in row)
    assert float(green[head.index("shadow_price")]) > 0


def test_tighter_promises_never_cost_less(quickstart: dict, tmp_path: Path) -> None:
    greener = run(
        "quickstart", tmp_path / "g95", "--no-report", "--set", "targets.green_share.value=0.95"
    )
    assert greener["objective_cny"] >= quickstart["bound_cny"]
    costs = {}
    for matching in ("monthly", "hourly"):
        costs[matching] = run(
            "quickstart", tmp_path / matching, "--no-report",
            "--set", f"targets.green_share.matching={matching}",
        )  # fmt: skip
    assert costs["hourly"]["objective_cny"] >= costs["monthly"]["bound_cny"]
    assert costs["monthly"]["objective_cny"] >= quickstart["bound_cny"]


@pytest.mark.parametrize("variant", ["quickstart-grid-only", "quickstart-hourly-100"])
def test_variants_of_the_quickstart_run(variant: str, tmp_path: Path) -> None:
    kpis = run(variant, tmp_path / variant, "--no-report")
    assert kpis["gap"] <= 0.01


def test_the_cluster_of_three_campuses_is_planned_to_one_per_cent(tmp_path: Path) -> None:
    kpis = run("zhangjiakou-2027", tmp_path / "zhangjiakou")
    assert kpis["status"] == "optimal within gap"
    assert kpis["gap"] <= 0.01
    assert kpis["pue"] <= 1.25
    assert kpis["green_share"] >= 0.80 - 1e-6
    assert kpis["peak_memory_mb"] < 4000


def test_a_direct_connection_keeps_the_ratios_of_its_rules(tmp_path: Path) -> None:
    found = run("direct-connection-chabei", tmp_path / "chabei")
    assert found["gap"] <= 0.01
    assert found["self_use_share"] >= 0.60 - 1e-6
    assert found["self_supply_share"] >= 0.30 - 1e-6
    assert found["export_mwh"] == 0.0
    assert found["green_share"] >= 0.80 - 1e-6


def test_a_zero_carbon_campus_is_green_in_every_hour(tmp_path: Path) -> None:
    found = run("zero-carbon-campus", tmp_path / "zero", "--no-report")
    assert found["gap"] <= 0.01
    assert found["green_share_hourly"] >= 1.0 - 1e-6
    assert found["certificates_mwh"] == 0.0


@pytest.mark.skipif(not EPW.is_dir(), reason="real EPW files of ../shared/data are absent")
def test_real_weather_makes_zhangbei_the_cooler_place(tmp_path: Path) -> None:
    pue = {}
    for place, name in (("Zhangbei", "533990"), ("Huailai", "544050")):
        epw = EPW / f"CHN_Hebei.{place}.{name}_CSWD.epw.gz"
        weather = f"weather={{zhangbei: {{epw: {json.dumps(str(epw))}}}}}"
        pue[place] = run(
            "quickstart", tmp_path / place, "--no-report", "--set", weather,
            "--set", "targets.green_share=null", "--allow-path", str(EPW),
        )["pue"]  # fmt: skip
    assert pue["Zhangbei"] < pue["Huailai"]

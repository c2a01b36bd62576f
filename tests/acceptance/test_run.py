"""What `coplan run` leaves behind, and that no later command can spoil or misread it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan.verify import plan_digests
from tests.acceptance.command import ROOT, Said, coplan, digests, run

QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
WEEK = ["--set", "targets.green_share.value=0.7"]  # the first week is too calm for more
FILES = (
    "plan.nc", "kpis.json", "account.csv", "compliance.csv", "tables/hourly.csv",
    "tables/monthly.csv", "report.zh.html", "report.zh.pdf", "report.en.html", "report.en.pdf",
    "inputs/scenario.yaml", "inputs/models/systems/zhangbei-campus.yaml",
    "inputs/data/weather/typical/zhangbei.csv", "run.json",
)  # fmt: skip
KPIS = (
    "status", "gap", "gap_energy", "objective_cny", "bound_cny", "cost_cny", "penalties_cny",
    "it_mwh", "it_useful_mwh", "facility_mwh", "pue", "cue", "wue", "green_share",
    "green_share_hourly", "green_share_monthly", "green_share_annual", "self_use_share",
    "self_supply_share", "export_share", "curtailment_share", "retail_mwh", "contract_mwh",
    "generation_mwh", "export_mwh", "certificates_mwh", "carbon_t_location", "carbon_t_market",
    "wind_mw", "pv_mw", "storage_mw", "storage_mwh", "grid_connection_mw", "halls", "racks",
    "servers_mw", "compute_p_fp16", "compute_p_fp32", "compute_p_fp64", "compute_p_as_reported",
    "intelligent_share", "domestic_share_of_additions", "occupancy", "energy_cost_cny",
    "cost_cny_per_mwh_it", "cost_cny_per_p_hour", "seconds_build", "seconds_solve",
    "seconds_total", "peak_memory_mb",
)  # fmt: skip
MONTHLY = (
    "period,weather,site,month,it_mwh,facility_mwh,pue,generation_mwh,contract_mwh,retail_mwh,"
    "export_mwh,green_share,peak_mw"
)
COMPLIANCE = (
    "id", "required", "achieved", "slack", "shadow_price", "status", "basis", "agency", "source",
)  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """The quickstart on its first 720 hours, with the report in both languages."""
    folder = tmp_path_factory.mktemp("acceptance") / "quickstart"
    found = coplan("run", QUICKSTART, "--out", folder, "--set", "options.hours=720")
    assert found.code == 0, found.err
    return found, folder


@pytest.fixture(scope="module")
def done(said: tuple[Said, Path]) -> Path:
    """The folder of that run; nothing may change it."""
    return said[1]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller finished run, without a report, for tests that copy and spoil it."""
    folder = tmp_path_factory.mktemp("acceptance") / "week"
    found = run("quickstart", folder, *WEEK, hours=168)
    assert found.code == 0, found.err
    return folder


@pytest.fixture
def copy(week: Path, tmp_path: Path) -> Path:
    """A copy of the smaller run that a test may spoil."""
    return Path(shutil.copytree(week, tmp_path / "week"))


def kpis(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "kpis.json").read_text(encoding="utf-8"))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_file_of_the_contract_is_there(done):
    missing = [name for name in FILES if not (done / name).is_file()]
    assert missing == []
    figures = list((done / "figures").glob("*.svg"))
    assert len(figures) >= 5
    assert all(path.with_name(f"{path.name.split('.')[0]}.csv").is_file() for path in figures)
    assert all((done / name).stat().st_size > 50_000 for name in FILES if name.startswith("report"))


def test_nothing_is_left_beside_the_result(done):
    assert [path.name for path in done.parent.iterdir()] == [done.name]


def test_a_run_off_a_terminal_prints_plain_figures_and_no_progress(said):
    found, folder = said
    assert found.err == ""
    assert "\x1b" not in found.out
    lines = found.out.splitlines()
    assert lines[0] == "status: optimal within gap"
    assert lines[-1] == f"written to {folder}"
    assert all(": " in line for line in lines[:-1])


def test_key_figures_are_complete_and_sane(done):
    found = kpis(done)
    assert [key for key in KPIS if key not in found] == []
    assert found["status"] == "optimal within gap"
    assert 0 <= found["gap"] <= 0.01
    assert 1.0 < found["pue"] <= 1.25
    assert found["green_share"] >= 0.80 - 1e-6
    shares = [key for key in KPIS if key.endswith("_share") or "_share_" in key]
    assert all(found[key] is None or -1e-9 <= found[key] <= 1 + 1e-9 for key in shares)
    assert found["green_share_hourly"] <= found["green_share_monthly"] + 1e-9
    assert found["green_share_monthly"] <= found["green_share_annual"] + 1e-9
    assert found["facility_mwh"] == pytest.approx(found["pue"] * found["it_mwh"])
    assert found["compute_p_fp16"] >= 18800 - 0.01
    assert found["bound_cny"] <= found["objective_cny"]
    assert found["halls"] == round(found["halls"])


def test_energy_into_the_campus_is_what_leaves_it(done):
    found = kpis(done)
    used = found["facility_mwh"] + found["export_mwh"]
    supply = found["retail_mwh"] + found["contract_mwh"] + found["generation_mwh"]
    assert used <= supply <= 1.02 * used  # the rest is lost in the battery


def test_the_account_adds_up_to_the_cost(done):
    rows = table(done / "account.csv")
    assert {"element", "label", "place", "period", "cny_per_year"} <= set(rows[0])
    cost = sum(float(row["cny_per_year"]) for row in rows if row["book"] == "cost")
    assert cost == pytest.approx(kpis(done)["cost_cny"], rel=1e-9)


def test_every_clause_is_told_with_its_price(done):
    rows = {row["id"]: row for row in table(done / "compliance.csv")}
    assert set(rows) == {"green_share", "pue", "compute_fp16"}
    assert set(COMPLIANCE) <= set(rows["pue"])
    assert {row["status"] for row in rows.values()} == {"met"}
    assert float(rows["green_share"]["shadow_price"]) > 0
    assert float(rows["pue"]["shadow_price"]) == 0
    assert float(rows["pue"]["slack"]) > 0


def test_monthly_table_has_exactly_the_columns_other_tools_read(done):
    head = (done / "tables" / "monthly.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head == MONTHLY
    found = kpis(done)
    rows = table(done / "tables" / "monthly.csv")
    for key in ("it_mwh", "facility_mwh", "retail_mwh", "contract_mwh", "generation_mwh"):
        assert sum(float(row[key]) for row in rows) == pytest.approx(found[key], rel=1e-9)


def test_the_plan_opens_with_xarray_alone_and_explains_every_variable(done):
    with xr.open_dataset(done / "plan.nc") as plan:
        silent = [
            name for name, variable in plan.variables.items()
            if "units" not in variable.attrs or not variable.attrs.get("long_name")
        ]  # fmt: skip
        assert silent == []
        assert plan["plant_capacity_mw"].attrs["units"] == "MW"
        assert plan["soc_mwh"].dims == ("period", "weather", "battery", "time")


def test_provenance_names_every_input_by_its_hash(done):
    record = json.loads((done / "run.json").read_text(encoding="utf-8"))
    assert {"versions", "seconds", "solver"} <= set(record["run"])
    assert record["options"]["hours"] == 720
    for name in ("scenarios/quickstart.yaml", "data/weather/typical/zhangbei.csv"):
        assert len(record["inputs"][name]) == 64


def test_verify_passes_and_says_how_much_it_looked_at(done):
    found = coplan("verify", done)
    assert (found.code, found.err) == (0, "")
    assert "checks over" in found.out


def test_the_report_is_rendered_again_to_the_same_bytes(done, tmp_path):
    again = Path(shutil.copytree(done, tmp_path / "again"))
    for path in [*again.glob("report.*"), *again.glob("figures/*")]:
        path.unlink()
    assert coplan("report", again).code == 0
    assert digests(again) == digests(done)


def test_two_runs_are_compared_with_signed_changes(done, week, tmp_path):
    found = coplan("compare", done, week, "--out", tmp_path / "both", "--lang", "en")
    assert found.code == 0, found.err
    rows = {row["key"]: row for row in table(tmp_path / "both" / "comparison.csv")}
    change = float(rows["green_share"]["change week"])
    assert change == pytest.approx(kpis(week)["green_share"] - kpis(done)["green_share"], abs=1e-9)
    page = (tmp_path / "both" / "compare.en.html").read_text(encoding="utf-8")
    assert "−10.0" in page or "-10.0" in page
    assert (tmp_path / "both" / "compare.en.pdf").stat().st_size > 10_000


def test_a_comparison_never_takes_the_place_of_a_run(done, copy):
    before = digests(copy)
    found = coplan("compare", done, copy, "--out", copy)
    assert found.code == 2
    assert digests(copy) == before


DECISIONS = ("plant_capacity_mw", "servers_mw", "generation_mw", "soc_mwh", "load_mw", "retail_mw")
INPUTS = ("retail_price_cny_per_mwh", "capacity_factor", "demand_mw", "discount_factor")
RESULTS = ("account_cny", "energy_price_cny_per_mwh", "clause_shadow_price", "clause_achieved")


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


@pytest.mark.parametrize("name", [*DECISIONS, *INPUTS, *RESULTS])
def test_one_number_changed_in_the_plan_is_found(copy, plan, name):
    spoil(copy, plan, name)
    found = coplan("verify", copy)
    assert found.code == 5
    assert "the audit failed" in found.err


@pytest.mark.parametrize("name", ["retail_mw", "retail_price_cny_per_mwh", "account_cny"])
def test_a_change_is_found_by_physics_even_when_the_digests_are_forged(copy, plan, name):
    spoil(copy, plan, name, forges_digests=True)
    found = coplan("verify", copy)
    assert found.code == 5
    assert "values are those the run wrote" not in found.err


def test_a_copy_of_a_run_verifies_where_it_lies(copy):
    assert coplan("verify", copy).code == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("kpis.json", '"pue": 1.1', '"pue": 1.0'),
        ("kpis.json", '"wind_mw": ', '"wind_mw_": '),
        ("account.csv", "wind plant", "wind farm"),
        ("account.csv", ",cost,1", ",cost,2"),
        ("compliance.csv", ",met,", ",violated,"),
        ("tables/monthly.csv", "zhangbei,1,", "zhangbei,2,"),
        ("inputs/scenario.yaml", "18800", "18801"),
        ("inputs/models/tariffs/jibei-2026.yaml", "0.385713", "0.385813"),
    ],
)
def test_a_changed_file_of_the_result_is_found(copy, name, old, new):
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = coplan("verify", copy)
    assert found.code == 5
    assert found.err.startswith(str(copy))


@pytest.mark.parametrize("name", ["kpis.json", "account.csv", "compliance.csv",
                                  "tables/monthly.csv", "run.json"])  # fmt: skip
def test_a_torn_file_of_the_result_is_told_without_a_traceback(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes()[:20])
    found = coplan("verify", copy)
    assert found.code in (2, 5)
    assert path.name in found.err


@pytest.mark.parametrize("keep", [0, 100, 50_000])
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


LATER = {
    "infeasible": (["--set", "targets.pue.value=1.02"], 3),
    "a typing error": (["--set", "targets.pue.valeu=1.2"], 2),
    "no time": (["--time-limit", "0.001"], 4),
    "a value out of range": (["--set", "options.wacc=6"], 2),
}


@pytest.mark.parametrize(("words", "code"), LATER.values(), ids=LATER)
def test_an_older_result_outlives_a_run_that_fails(copy, words, code):
    before = digests(copy.parent)
    assert run("quickstart", copy, *WEEK, *words, hours=168).code == code
    assert digests(copy.parent) == before


KILLED = """
import os, sys
import {module} as module
def stop(*_, **__): os._exit(9)
module.{function} = stop
from coplan import cli
cli.main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "function"), [("coplan.plan.tables", "write_tables"), ("shutil", "rmtree")]
)
def test_an_older_result_outlives_a_run_that_is_killed(copy, module, function):
    before = digests(copy)
    script = KILLED.format(module=module, function=function)
    words = ["run", QUICKSTART, "--out", copy, "--no-report", "--set", "options.hours=168", *WEEK]
    killed = subprocess.run([sys.executable, "-c", script, *words], cwd=ROOT, check=False)
    assert killed.returncode == 9
    if function == "write_tables":  # before the new result is complete the old one stands
        assert digests(copy) == before
    else:  # once it is, the new one stands, and the old one is still beside it
        assert coplan("verify", copy).code == 0
        assert any(digests(path) == before for path in copy.parent.iterdir() if path != copy)


def test_an_older_result_is_put_back_when_the_new_one_cannot_take_its_place(copy, monkeypatch):
    before = digests(copy)
    rename = Path.rename

    def refused(self: Path, target: Path) -> Path:
        if self.name.endswith("-old") or Path(target).name.endswith("-old"):
            return rename(self, target)
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(Path, "rename", refused)
    found = run("quickstart", copy, *WEEK, hours=168)
    assert found.code == 2
    assert "Permission denied" in found.err
    assert digests(copy) == before


def test_a_run_into_a_finished_folder_takes_its_place_whole(copy):
    (copy / "tables" / "left-over.csv").write_text("x", encoding="utf-8")
    assert run("quickstart", copy, *WEEK, "--set", "options.wacc=0.05", hours=168).code == 0
    assert not (copy / "tables" / "left-over.csv").exists()
    assert coplan("verify", copy).code == 0
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]


def test_what_cannot_be_kept_is_told_with_exit_code_3(tmp_path):
    found = run("quickstart", tmp_path / "out", "--set", "targets.pue.value=1.02", *WEEK, hours=168)
    assert found.code == 3
    assert "PUE of at most 1.02" in found.err
    assert "can be reached" in found.err
    assert "PUE 不高于 1.02" in found.err
    assert list(tmp_path.iterdir()) == []


def test_without_time_for_a_plan_the_exit_code_is_4_and_nothing_is_written(tmp_path):
    found = run("quickstart", tmp_path / "out", "--time-limit", "0.001", *WEEK, hours=168)
    assert found.code == 4
    assert "before the limit" in found.err
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_is_not_proven_is_written_and_marked(tmp_path):
    words = ["--gap", "0", "--time-limit", "20", *WEEK]
    found = run("quickstart", tmp_path / "out", *words, hours=168)
    assert found.code == 4
    assert "status: stopped at limit" in found.out
    written = kpis(tmp_path / "out")
    assert written["status"] == "stopped at limit"
    assert written["gap"] > 0
    assert coplan("verify", tmp_path / "out").code == 0


def test_a_folder_that_is_no_run_is_told_with_exit_code_2(tmp_path):
    for command in ("verify", "report"):
        found = coplan(command, tmp_path)
        assert found.code == 2
        assert "not the folder of a finished run" in found.err


def test_output_goes_to_a_pipe_without_colour_or_progress(tmp_path):
    words = ["run", str(QUICKSTART), "--out", str(tmp_path / "out"), "--no-report", "--set",
             "options.hours=168", *WEEK]  # fmt: skip
    found = subprocess.run(
        [sys.executable, "-m", "coplan.cli", *words], cwd=tmp_path, capture_output=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert found.stderr == b""
    assert b"\x1b" not in found.stdout
    assert found.stdout.decode("utf-8").startswith("status: optimal within gap")


@pytest.fixture(scope="module")
def tightened(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Key figures under ever tighter matching and a higher share; 720 hours over two months."""
    site = "cards.systems/zhangbei-campus.sites.zhangbei"
    found = {}
    for name, share in (("annual", 0.9), ("monthly", 0.9), ("hourly", 0.9), ("annual", 0.95)):
        folder = tmp_path_factory.mktemp("tightened") / "out"
        words = [f"{site}.contracts.wind-contract.max_mw=300", f"{site}.connection.max_mw=200",
                 f"targets.green_share.matching={name}", f"targets.green_share.value={share}",
                 "options.start_hour=1080"]  # fmt: skip
        said = run("quickstart", folder, *(w for word in words for w in ("--set", word)))
        assert said.code == 0, said.err
        found[f"{name} {share}"] = kpis(folder)
    return found


def test_tighter_matching_never_costs_less(tightened):
    annual, monthly, hourly = (tightened[f"{one} 0.9"] for one in ("annual", "monthly", "hourly"))
    assert monthly["objective_cny"] >= annual["bound_cny"]
    assert hourly["objective_cny"] >= monthly["bound_cny"]
    assert hourly["objective_cny"] > 1.01 * annual["objective_cny"]


def test_a_higher_green_share_never_costs_less(tightened):
    low, high = tightened["annual 0.9"], tightened["annual 0.95"]
    assert high["green_share"] >= 0.95 - 1e-6
    assert high["objective_cny"] >= low["bound_cny"]


@pytest.mark.parametrize("matching", ["annual", "monthly", "hourly"])
def test_each_matching_keeps_its_own_promise(tightened, matching):
    assert tightened[f"{matching} 0.9"][f"green_share_{matching}"] >= 0.9 - 1e-6

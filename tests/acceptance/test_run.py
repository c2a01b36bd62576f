"""What `coplan run` leaves behind is complete, adds up and can be read by other tools."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from tests.acceptance.command import coplan, digests, kpis, run, table

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
    rows = table(tmp_path / "both" / "comparison.csv")
    assert [row["variant"] for row in rows] == [done.name, week.name]
    for row, folder in zip(rows, (done, week), strict=True):
        assert float(row["green_share"]) == pytest.approx(kpis(folder)["green_share"], abs=1e-12)
    told = {row["key"]: row for row in table(tmp_path / "both" / "settings.csv")}
    assert (told["targets.green_share.value"][done.name],
            told["targets.green_share.value"][week.name]) == ("0.8", "0.7")  # fmt: skip
    assert not {"id", "title.zh", "system", "targets.pue.value"} & set(told)
    page = (tmp_path / "both" / "compare.en.html").read_text(encoding="utf-8")
    assert "−10.0" in page or "-10.0" in page
    assert (tmp_path / "both" / "compare.en.pdf").stat().st_size > 10_000


@pytest.fixture(scope="module")
def tightened(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Key figures under ever tighter matching and a higher share; 720 hours over two months."""
    site = "cards.systems/zhangbei-campus.sites.zhangbei"
    found = {}
    for name, share in (("annual", 0.85), ("monthly", 0.85), ("hourly", 0.85), ("annual", 0.95)):
        folder = tmp_path_factory.mktemp("tightened") / "out"
        words = [f"{site}.contracts.wind-contract.max_mw=300", f"{site}.connection.max_mw=200",
                 f"targets.green_share.matching={name}", f"targets.green_share.value={share}",
                 "options.start_hour=1080"]  # fmt: skip
        said = run("quickstart", folder, *(w for word in words for w in ("--set", word)))
        assert said.code == 0, said.err
        found[f"{name} {share}"] = kpis(folder)
    return found


@pytest.mark.slow
def test_tighter_matching_never_costs_less(tightened):
    annual, monthly, hourly = (tightened[f"{one} 0.85"] for one in ("annual", "monthly", "hourly"))
    assert monthly["objective_cny"] >= annual["bound_cny"]
    assert hourly["objective_cny"] >= monthly["bound_cny"]
    assert hourly["objective_cny"] > 1.01 * annual["objective_cny"]


@pytest.mark.slow
def test_a_higher_green_share_never_costs_less(tightened):
    low, high = tightened["annual 0.85"], tightened["annual 0.95"]
    assert high["green_share"] >= 0.95 - 1e-6
    assert high["objective_cny"] >= low["bound_cny"]


@pytest.mark.slow
@pytest.mark.parametrize("matching", ["annual", "monthly", "hourly"])
def test_each_matching_keeps_its_own_promise(tightened, matching):
    assert tightened[f"{matching} 0.85"][f"green_share_{matching}"] >= 0.85 - 1e-6

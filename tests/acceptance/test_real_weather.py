"""Real typical years of two stations 80 km and 860 m of height apart, read from EPW files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from coplan.dataset.build import build_dataset
from coplan.plan.store import read_plan
from coplan.scenario.reader import read_scenario
from tests.acceptance.command import ROOT, coplan, digests

WEATHER = ROOT.parent / "shared" / "data" / "weather"
EPW = {
    "zhangbei": WEATHER / "CHN_Hebei.Zhangbei.533990_CSWD.epw.gz",
    "huailai": WEATHER / "CHN_Hebei.Huailai.544050_CSWD.epw.gz",
}
pytestmark = pytest.mark.skipif(
    not all(path.is_file() for path in EPW.values()),
    reason="the real weather files are not here: ../shared/data/weather",
)
JULY = ["options.hours=720", "options.start_hour=4344"]
LOOSE = ["targets.green_share.value=0.5"]  # July is calm at the campus


def weather(site: str, station: str, **more: str) -> str:
    """An override: the weather of a site from the EPW file of a station."""
    path = os.path.relpath(EPW[station], ROOT / "scenarios").replace("\\", "/")
    wind = "".join(f", {key}: {value}" for key, value in more.items())
    return f"weather={{{site}: {{epw: {path}{wind}}}}}"


def dataset(name: str, *overrides: str) -> xr.Dataset:
    scenario = ROOT / "scenarios" / f"{name}.yaml"
    return build_dataset(read_scenario(scenario, overrides, allow=[WEATHER]))


def run(out: Path, *overrides: str) -> dict[str, Any]:
    """Key figures of the quickstart with these overrides; its audit passes again."""
    words = [word for override in overrides for word in ("--set", override)]
    scenario = ROOT / "scenarios" / "quickstart.yaml"
    found = coplan("run", scenario, "--out", out, "--no-report", "--allow-path", WEATHER, *words)
    assert found.code == 0, found.err
    again = coplan("verify", out)
    assert again.code == 0, again.err
    return json.loads((out / "kpis.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same campus planned for July at Zhangbei and at Huailai."""
    folder = tmp_path_factory.mktemp("july")
    for station in EPW:
        run(folder / station, weather("zhangbei", station), *JULY, *LOOSE)
    return {station: folder / station for station in EPW}


@pytest.mark.slow
def test_the_plateau_needs_less_cooling_in_july_than_the_valley(july):
    pue = {
        station: json.loads((folder / "kpis.json").read_text(encoding="utf-8"))["pue"]
        for station, folder in july.items()
    }
    assert pue["zhangbei"] < pue["huailai"] - 0.005
    assert all(1.05 < value < 1.25 for value in pue.values())


def test_the_plateau_needs_less_cooling_over_the_year_for_every_hall():
    mean = {
        station: dataset("quickstart", weather("zhangbei", station))["cooling_slope"].mean("time")
        for station in EPW
    }
    assert (mean["zhangbei"] < mean["huailai"]).all()


@pytest.mark.slow
def test_what_was_noticed_in_the_files_reaches_the_plan(july):
    notices = {
        station: json.loads(read_plan(folder / "plan.nc").attrs["notices"])
        for station, folder in july.items()
    }
    texts = {station: " ".join(n["en"] for n in found) for station, found in notices.items()}
    assert all(notice["zh"] and notice["en"] for found in notices.values() for notice in found)
    assert "humidity" in texts["zhangbei"]
    assert "78" in texts["zhangbei"]  # hours above 100 %, as the README of the files counts
    assert "wind" in texts["huailai"]  # kept from the typical year, and repeated over six hours
    assert texts["zhangbei"] != texts["huailai"]


@pytest.mark.slow
def test_the_epw_file_lies_beside_the_result_unchanged(july):
    copied = july["zhangbei"] / "inputs" / "data" / "epw"
    (name,) = digests(copied)
    assert (copied / name).read_bytes() == EPW["zhangbei"].read_bytes()


def test_wind_comes_from_the_typical_year_unless_the_epw_is_asked_for():
    typical = dataset("quickstart", *JULY)["capacity_factor"]
    cooling_only = dataset("quickstart", weather("zhangbei", "zhangbei"), *JULY)
    both = dataset("quickstart", weather("zhangbei", "zhangbei", wind="epw"), *JULY)
    wind = {"plant": "zhangbei_wind"}
    kept = cooling_only["capacity_factor"].sel(wind).values
    # hub-height wind is kept; the density of the air is that of the EPW
    assert kept == pytest.approx(typical.sel(wind).values, abs=0.1)
    assert abs(both["capacity_factor"].sel(wind).values - kept).max() > 0.3
    assert (cooling_only["dry_bulb_degc"].values != dataset("quickstart", *JULY)
            ["dry_bulb_degc"].values).any()  # fmt: skip


def test_the_cluster_reads_two_real_years_and_keeps_the_typical_one_at_the_third_site():
    entries = ", ".join(
        weather(site, site).removeprefix("weather={").removesuffix("}") for site in EPW
    )
    real = dataset("zhangjiakou-2027", f"weather={{{entries}}}")
    typical = dataset("zhangjiakou-2027")
    assert real["weather"].values.tolist() == ["user"]
    mean = real["dry_bulb_degc"].mean("time").squeeze("weather")
    assert mean.sel(site="zhangbei") < mean.sel(site="huailai") - 3
    kept, same = (data["wet_bulb_degc"].sel(site="xuanhua").values for data in (real, typical))
    assert (kept == same).all()
    assert len(json.loads(real.attrs["notices"])) > len(json.loads(typical.attrs["notices"]))

"""The published optima of a data center with PV, battery and efficiency measures, by command.

The case is GParolini/microgrid_model (1_mip): a measured load by the hour, one measure of three, a
battery that starts empty and stores only PV. Written here as cards and series, run as a user would.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
import yaml

from tests.trust.scoreboard import Trials

PROJECT = Path(__file__).resolve().parents[2]
CASE = PROJECT.parent / "shared" / "data" / "peers" / "dc_microgrid"
pytestmark = pytest.mark.skipif(
    not CASE.is_dir(), reason=f"the published case is not at {CASE.name} beside the project"
)

HOURS_PER_MONTH = 730
NAME = {"zh": "微网", "en": "microgrid"}
SITE = {
    "name": NAME, "latitude_deg": 39.74, "longitude_deg": -105.17, "altitude_m": 1800,
    "zone": "grid", "province": "colorado", "station": "zhangbei",
}  # fmt: skip
ZONE = {"name": NAME, "emission_factor_kg_per_kwh": 0.7, "residual_factor_kg_per_kwh": 0.7}
TARIFF = {
    "name": NAME, "document": "published case", "valid_from": "2011-01-01",
    "purchase_cny_per_kwh": 0.1, "floating_base_cny_per_kwh": 0, "line_loss_cny_per_kwh": 0,
    "system_operation_cny_per_kwh": 0, "funds_cny_per_kwh": 0, "factors": {"flat": 1},
    "voltages": {"10kv": {"transmission_cny_per_kwh": 0, "demand_cny_per_kw_month": 0,
                          "capacity_cny_per_kva_month": 0}},
    "seasons": {"year": {"months": list(range(1, 13)), "bands": {"flat": [[0, 24]]}}},
}  # fmt: skip
PV = {
    "name": NAME, "kind": "pv", "capex_cny_per_kw": 145, "om_cny_per_kw_year": 0, "life_years": 1,
    "losses_share": 0, "embodied_kg_per_kw_year": 25.86,
}  # fmt: skip
BATTERY = {
    "name": NAME, "power_capex_cny_per_kw": 0, "energy_capex_cny_per_kwh": 58, "life_years": 1,
    "om_cny_per_kw_year": 0, "charge_efficiency": 0.9, "discharge_efficiency": 1.0,
    "charge_power_ratio": 1 / 0.9, "self_discharge_per_month": 1 - 0.997**HOURS_PER_MONTH,
    "usable_share": 0.8, "duration_min_h": 1 / 0.3, "duration_max_h": 1 / 0.3,
    "wear_cny_per_mwh": 1, "embodied_kg_per_kwh_year": 12.06,
}  # fmt: skip


def series(column: str, unit: str) -> dict:
    return {"file": "data/series/microgrid.csv", "column": column, "unit": unit}


def system(measures: tuple[str, ...], required: bool, pv_kw: float, battery_kwh: float) -> dict:
    """The system card; dollars are written as CNY."""
    offered = {"none": (0.0, 0.0), "some": (0.15, 5000.0), "more": (0.25, 10000.0)}
    return {
        "name": NAME,
        "sites": {"campus": {
            "site": "campus", "it_max_mw": 0,
            "connection": {
                "tariff": "flat", "voltage": "10kv", "charge": "demand", "max_mw": 0.2,
                "existing_mw": 0.2, "capex_cny_per_kva": 0, "energy_price": series("Cm", "CNY/kWh"),
                "emission_factor": series("Em", "kg/kWh"),
            },
            "loads": {"servers": {"power": series("DC", "kW")}},
            "measures": {
                key: {"saving_share": offered[key][0], "cost_cny_per_year": offered[key][1],
                      "group": "efficiency", "required": required}
                for key in measures
            },
            "plants": {"pv": {"card": "pv", "approved_mw": pv_kw / 1000,
                              "profile": series("P", "kW/kW")}},
            "batteries": {"battery": {
                "card": "battery", "power_max_mw": 0.3 * battery_kwh / 1000,
                "energy_max_mwh": battery_kwh / 1000, "start": "empty", "charges_from": "own",
            }},
        }},
    }  # fmt: skip


def write_project(root: Path, card: dict, objective: str) -> Path:
    """A project folder with cards, series and a scenario; returns the scenario's path."""
    files = {
        "models/sites/campus.yaml": SITE, "models/zones/grid.yaml": ZONE,
        "models/tariffs/flat.yaml": TARIFF, "models/generators/pv.yaml": PV,
        "models/storage/battery.yaml": BATTERY, "models/systems/microgrid.yaml": card,
        "scenarios/microgrid.yaml": {
            "id": "microgrid", "title": NAME, "system": "microgrid", "periods": [2027],
            "options": {"objective": objective, "wacc": 0, "gap": 1e-6},
        },
    }  # fmt: skip
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    columns = {}
    for name in ("DC", "P", "Cm", "Em"):
        with gzip.open(CASE / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
            columns[name] = [row[1] for row in list(csv.reader(file))[1:]]
    (root / "data/series").mkdir(parents=True)
    with (root / "data/series/microgrid.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["hour", *columns])
        writer.writerows(zip(range(8760), *columns.values(), strict=True))
    weather = root / "data/weather/typical/zhangbei.csv"  # no profile is made from it here
    weather.parent.mkdir(parents=True)
    weather.write_bytes((PROJECT / "data/weather/typical/zhangbei.csv").read_bytes())
    return root / "scenarios/microgrid.yaml"


CASES = {
    "all": (("none", "some", "more"), False, 449.0, 205.0),
    "none": (("none",), True, 449.0, 205.0),
    "some": (("some",), True, 449.0, 205.0),
    "grid only": (("none", "some", "more"), False, 0.0, 0.0),
}
PUBLISHED = {
    ("all", "cost"): 81096.7146, ("none", "cost"): 94795.61947, ("some", "cost"): 85576.27655,
    ("grid only", "cost"): 82425.05242, ("all", "emissions"): 248411.2657,
    ("none", "emissions"): 350099.0668, ("some", "emissions"): 288575.7958,
    ("grid only", "emissions"): 409636.4541,
}  # fmt: skip
"""Least cost [dollars a year] and least emissions [kg a year]."""


@pytest.mark.slow  # those of all measures are the ends of the front below
@pytest.mark.parametrize(("case", "objective"), list(PUBLISHED))
def test_published_optimum_is_reproduced(case: str, objective: str, tmp_path: Path) -> None:
    scenario = write_project(tmp_path, system(*CASES[case]), objective)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "coplan.cli", "run", str(scenario), "--out", str(out),
         "--no-report"],
        cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads((out / "kpis.json").read_text(encoding="utf-8"))
    emitted_kg = 1000 * (found["carbon_t_location"] + found["carbon_t_embodied"])
    answer = found["cost_cny"] if objective == "cost" else emitted_kg
    assert answer == pytest.approx(PUBLISHED[case, objective], rel=1e-6)
    again = subprocess.run(
        [sys.executable, "-m", "coplan.cli", "verify", str(out)],
        cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert again.returncode == 0, again.stdout + again.stderr


STUDY = """\
id: front
title: {{zh: 前沿, en: Front}}
base: ../microgrid.yaml
set: {{options.gap: 1.0e-4}}
front: {{against: emissions, points: {points}}}
"""


@pytest.mark.slow
def test_published_ends_of_the_front_are_reproduced(tmp_path: Path, trials: Trials) -> None:
    points = trials.size(50, 3)
    write_project(tmp_path, system(*CASES["all"]), "cost")
    study = tmp_path / "scenarios/studies/front.yaml"
    study.parent.mkdir()
    study.write_text(STUDY.format(points=points), encoding="utf-8")
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-m", "coplan.cli", "study", str(study), "--out", str(out),
         "--workers", "2"],
        cwd=PROJECT, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with xr.open_dataset(out / "comparison/comparison.nc") as found:
        cost = found["cost_cny"].values
        emitted_kg = 1000 * (found["carbon_t_location"] + found["carbon_t_embodied"]).values
        part, variant = (found[name].values.astype(str) for name in ("part", "variant"))
    ends = {"base": (81096.7146, 343712.7265), "front best": (125035.048, 248411.2657)}
    for name, (least_cost, least_kg) in ends.items():
        # where emissions are least, a part in a million of them is worth 50 dollars
        within = 1e-6 if name == "base" else 1e-3
        assert cost[variant == name] == pytest.approx([least_cost], rel=within)
        assert emitted_kg[variant == name] == pytest.approx([least_kg], rel=1e-6)
    points_kg, points_cost = emitted_kg[part == "front"], cost[part == "front"]
    even = np.linspace(343712.7265, 248411.2657, points)  # every cap is met to the full
    assert points_kg == pytest.approx(even[1:], rel=1e-5)
    assert points_cost[-1] == pytest.approx(125035.048, rel=1e-3)
    # the more is asked, the more it costs: 50 points are on one curve that rises
    assert (np.diff([81096.7146, *points_cost]) > 0).all()

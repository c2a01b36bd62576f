"""REopt's closed forms: the bills of its flat loads come out to the cent.

The inputs are read from the scenario files of REopt's own tests (blended rates, tiers of energy
and demand); the year has twelve months of 730 hours.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.toys import Answer, solved, work, world

CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "peers" / "reopt"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="REopt's scenario files are not here")
CENT = 0.005


def case(name: str) -> dict[str, Any]:
    """A scenario file of REopt."""
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


def bill(load_kw: float, energy: list[dict], demand: list[dict]) -> Answer:
    """A flat load under tiers of energy and demand; money is counted in the tariff's currency."""
    tiers: dict[str, Any] = {"coords": {"month": list(range(1, 13))}}
    for kind, steps in (("energy", energy), ("demand", demand)):
        above = [step["max"] / 1e3 for step in steps[:-1]]
        more = [1e3 * (b["rate"] - a["rate"]) for a, b in pairwise(steps)]
        unit, rate = ("mwh", "mwh") if kind == "energy" else ("mw", "mw_month")
        tiers["coords"][f"{kind}_tier"] = [f"s_{kind}_{n}" for n in range(len(above))]
        tiers[f"{kind}_tier_above_{unit}"] = above
        tiers[f"{kind}_tier_more_cny_per_{rate}"] = more
    return solved(
        world(
            12, month_of_step=list(range(1, 13)), step_weight=730.0, **tiers,
            retail_price_cny_per_mwh=1e3 * energy[0]["rate"],
            demand_price_cny_per_mw_month=1e3 * demand[0]["rate"],
            connection_max_mw=load_kw / 1e3, **work(load_kw / 1e3),
        )
    )  # fmt: skip


def test_a_blended_rate_and_a_demand_rate():
    found = case("no_techs")
    tariff, load_kw = found["ElectricTariff"], found["ElectricLoad"]["annual_kwh"] / 8760
    answer = bill(load_kw, [{"rate": tariff["blended_annual_energy_rate"]}],
                  [{"rate": tariff["blended_annual_demand_rate"]}])  # fmt: skip
    assert answer.line_cny("grid energy") == pytest.approx(1000.0, abs=CENT)
    assert answer.line_cny("demand charge") == pytest.approx(136.99, abs=CENT)


def rates(found: dict[str, Any]) -> tuple[float, list[dict], list[dict]]:
    """Flat load in kW and the tiers of energy and demand."""
    urdb = found["ElectricTariff"]["urdb_response"]
    load_kw = found["ElectricLoad"]["annual_kwh"] / 8760
    return load_kw, urdb["energyratestructure"][0], urdb["demandratestructure"][0]


def test_demand_above_a_tier_is_dearer():
    load_kw, energy, demand = rates(case("tiered_tou_demand"))
    answer = bill(load_kw, energy, demand)
    owed = answer.line_cny("demand charge") + answer.line_cny("demand blocks")
    assert owed == pytest.approx(12 * (1e6 / 8760 - 50.0) * 12.0, abs=CENT)
    bought = answer.line_cny("grid energy") + answer.line_cny("energy blocks")
    assert bought == pytest.approx(12 * (40_000 * 0.1 + (1e6 / 12 - 40_000) * 0.12), abs=CENT)


def test_a_cheaper_tier_is_not_used_before_the_first_is_full():
    load_kw, energy, demand = rates(case("tiered_energy_demand"))
    answer = bill(load_kw, energy, demand)
    assert answer.line_cny("energy blocks") == pytest.approx(0.0, abs=CENT)
    assert answer.line_cny("demand blocks") == pytest.approx(0.0, abs=CENT)
    assert answer.cost_cny == pytest.approx(876_000 * 0.1 + 12 * 100 * 10.0, abs=CENT)


def test_a_cheaper_tier_is_used_when_the_first_is_full():
    _, energy, demand = rates(case("tiered_energy_demand"))
    answer = bill(150.0, energy, demand)
    month = 150.0 * 730
    assert answer.line_cny("energy blocks") == pytest.approx(
        -12 * (month - 74_400) * 0.05, abs=CENT
    )
    assert answer.line_cny("demand blocks") == pytest.approx(-12 * 50.0 * 5.0, abs=CENT)

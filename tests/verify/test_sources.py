"""The dataset worked out a second time from cards and files: right ones pass, slips are named."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan.dataset.build import build_dataset
from coplan.scenario.reader import read_scenario
from coplan.verify import audit_sources
from tests.acceptance.command import ROOT
from tests.dataset.test_epw import rows_of, write

SUMMER = ["options.hours=48", "options.start_hour=4344"]  # 1 July
CHABEI = "cards.systems/chabei-direct.sites.zhangbei"
FLOATING = """\
{transmission_floats: true, months: {7: {purchase_cny_per_kwh: 0.5, floating_base_cny_per_kwh: 0.6,
 line_loss_cny_per_kwh: 0.02}}}"""


def made(name: str, *overrides: str, allow: Sequence[Path] = ()) -> tuple[Any, xr.Dataset]:
    path = ROOT / "scenarios" / f"{name}.yaml"
    scenario = read_scenario(path, [*SUMMER, *overrides], allow=allow)
    return scenario, build_dataset(scenario)


@pytest.fixture(scope="module")
def campus() -> tuple[Any, xr.Dataset]:
    return made("zhangjiakou-2027")


def failed(scenario: Any, data: xr.Dataset) -> dict[str, str]:
    return {check.name_en: check.worst for check in audit_sources(scenario, data).failures()}


@pytest.mark.parametrize("name", ["jingjinji-2027", "baoding-retrofit-2026"])
def test_the_dataset_of_a_shipped_scenario_is_what_its_cards_and_files_say(name: str) -> None:
    report = audit_sources(*made(name))
    assert report.failures() == []
    assert report.largest_violation < 1e-9
    assert len(report.checks) == 18


def test_notices_of_a_month_and_floating_network_prices_of_a_direct_connection(tmp_path) -> None:
    scenario, data = made("direct-connection-chabei", f"cards.tariffs/jibei-2026={FLOATING}",
                          f"{CHABEI}.connection.supply=[market, direct, agency]")  # fmt: skip
    assert failed(scenario, data) == {}
    # what a direct connection saves in an hour: the network's price and what floats on it
    saved = data["retail_price_cny_per_mwh"].values[0, 0] - data["alternative_price_cny_per_mwh"][0]
    assert float(saved.max()) > 1.5 * float(saved.min()) > 0


def test_notices_of_a_month_and_floating_network_prices_of_contracts() -> None:
    usual, before = made("quickstart")
    scenario, data = made("quickstart", f"cards.tariffs/jibei-2026={FLOATING}")
    assert failed(scenario, data) == {}
    name = "contract_adder_cny_per_mwh"
    assert float(np.ptp(before[name].values)) == 0 < float(np.ptp(data[name].values))
    assert "contract prices and grid fees of the cards" in failed(usual, data)


def test_weather_of_an_epw_file_is_read_again(tmp_path: Path) -> None:
    lit = [row if 9 <= at % 24 < 17 else row.replace(",400,500,150,", ",0,0,0,")
           for at, row in enumerate(rows_of())]  # fmt: skip
    path = write(tmp_path, lit)
    where = os.path.relpath(path, ROOT / "scenarios")
    asked = f"weather={{zhangbei: {{epw: {where}, wind: epw}}}}"
    scenario, data = made("quickstart", asked, allow=[tmp_path])
    assert failed(scenario, data) == {}
    colder = data.assign(dry_bulb_degc=data["dry_bulb_degc"] - 0.5)
    assert list(failed(scenario, colder)) == ["temperatures of the weather files"]


def late(data: xr.Dataset, name: str) -> xr.Dataset:
    """One variable an hour late."""
    return data.assign({name: data[name].roll(time=1, roll_coords=False)})


def times(data: xr.Dataset, name: str, factor: float) -> xr.Dataset:
    return data.assign({name: data[name] * factor})


SLIPS = {
    "a price one hour late": (lambda d: late(d, "retail_price_cny_per_mwh"), "prices"),
    "a price in fen": (lambda d: times(d, "retail_price_cny_per_mwh", 0.1), "prices"),
    "a demand price by the year": (
        lambda d: times(d, "demand_price_cny_per_mw_month", 12.0), "fixed charges"),
    "capacity of transformers without redundancy": (
        lambda d: times(d, "transformer_mva_per_mw", 0.5), "fixed charges"),
    "fees of a contract left out": (
        lambda d: times(d, "contract_adder_cny_per_mwh", 0.0), "contract prices"),
    "carbon of another zone": (
        lambda d: times(d, "emission_factor_t_per_mwh", 1.1), "emission factors"),
    "wind of another hour": (lambda d: late(d, "capacity_factor"), "plant profiles"),
    "a contract's plant in other weather": (
        lambda d: late(d, "contract_profile"), "contract profiles"),
    "cooling of a milder day": (lambda d: times(d, "cooling_slope", 0.99), "cooling"),
    "cooling that never rests": (lambda d: times(d, "cooling_fixed", 0.0), "cooling"),
    "wet bulb for dry bulb": (
        lambda d: d.assign(dry_bulb_degc=d["wet_bulb_degc"]), "temperatures"),
    "an annuity at another interest": (
        lambda d: times(d, "plant_annuity_cny_per_mw_year", 1.01), "annuities"),
    "upkeep in another unit": (lambda d: times(d, "hall_om_cny_per_mw_year", 1e-3), "upkeep"),
    "losses at part load only": (lambda d: times(d, "loss_fixed", 0.5), "halls"),
    "work of another period": (lambda d: times(d, "demand_mw", 1.02), "work"),
    "a day that ends an hour early": (
        lambda d: d.assign_coords(hour_of_day=("time", np.roll(d["hour_of_day"].values, 1))),
        "months, days"),
    "a year of 8784 hours": (lambda d: times(d, "step_weight", 8784 / 8760), "months, days"),
}  # fmt: skip


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_in_making_the_dataset_is_named_by_its_check(name: str, campus: Any) -> None:
    scenario, data = campus
    slip, check = SLIPS[name]
    (found,) = failed(scenario, slip(data))
    assert found.startswith(check)


def promised(data: xr.Dataset, change: Any) -> xr.Dataset:
    """The dataset with another list of targets."""
    found = json.loads(data.attrs["targets"])
    return data.assign_attrs(targets=json.dumps(change(found)))


def weaker(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The list with every share a tenth smaller."""
    return [one | {"value": 0.9 * one["value"]} for one in found]


def without(data: xr.Dataset, dim: str) -> xr.Dataset:
    """The dataset without the first of a dim."""
    return data.isel({dim: slice(1, None)})


PUBLIC = {
    "direct-connection-chabei": {
        "a clause of a pack that got lost": (
            lambda d: promised(d, lambda found: found[:-1]), {"targets of the scenario"}),
        "a clause that asks for less": (
            lambda d: promised(d, weaker), {"targets of the scenario"}),
    },
    "baoding-retrofit-2026": {
        "a reward without its cap": (
            lambda d: times(d, "reward_most_cny", 10.0), {"terms of the rewards"}),
        "a reward of any year": (
            lambda d: d.assign(reward_in_force=1.0 - d["reward_in_force"]),
            {"terms of the rewards"}),
        "a reward that got lost": (lambda d: without(d, "reward"), {"rewards that fit"}),
        "vouchers at another rate": (
            lambda d: times(d, "voucher_platform_share", 1.5), {"rates of the vouchers"}),
        "vouchers of another year": (
            lambda d: d.assign(voucher_in_force=1.0 - d["voucher_in_force"]),
            {"rates of the vouchers"}),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLIC)
def test_a_promise_or_public_money_made_otherwise_is_named_by_its_check(name: str) -> None:
    scenario, data = made(name)
    assert failed(scenario, data) == {}
    for slip, (spoil, checks) in PUBLIC[name].items():
        found = set(failed(scenario, spoil(data)))
        assert len(found) == len(checks), (slip, found)
        assert all(one.startswith(tuple(checks)) for one in found), slip

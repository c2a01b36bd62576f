"""From cards to candidates: which rule fits which project, in which year, at whose expense."""

from __future__ import annotations

from pathlib import Path

import pytest

from coplan.dataset.build import build_dataset
from coplan.scenario.reader import read_scenario

ROOT = Path(__file__).resolve().parents[2]
RETROFIT = ROOT / "scenarios/baoding-retrofit-2026.yaml"
HUB = ROOT / "scenarios/jingjinji-2027.yaml"
SHORT = "options.hours=24"


def built(path: Path, *overrides: str):
    return build_dataset(read_scenario(path, [SHORT, *overrides]))


def test_a_retrofit_of_the_campus_is_a_project_of_the_rule() -> None:
    data = built(RETROFIT)
    one = data.sel(reward="baoding-2024/retrofit@baoding_gen-iec-5mw")
    assert data.sizes["reward"] == 1
    assert (str(one.reward_site.values), float(one.reward_in_force[0])) == ("baoding", 1.0)
    assert (float(one.reward_min_racks), float(one.reward_pue_below)) == (1000.0, 1.25)
    assert float(one.reward_county_share) == 0.5
    assert float(one.reward_annuity_per_year) == pytest.approx(0.119277, rel=1e-5)  # 12 a at 6 %
    assert float(one.reward_is_sure) == 0.0
    assert float(data["conversion_capex_cny_per_mw"][0]) == 2.5e6


def test_vouchers_have_the_three_years_of_the_rule() -> None:
    data = built(RETROFIT)
    assert data["voucher_year"].values.tolist() == [2024, 2025, 2026, 2027]
    assert data["voucher_in_force"].values[:, 0].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert data["voucher_county_share"].values.tolist() == [0.5, 1.0, 0.5]


def test_a_rate_of_zero_is_no_candidate_until_the_user_gives_one() -> None:
    sites = "cards.systems/jingjinji.sites.haidian.subsidies=[beijing-2024-2027]"
    assert built(HUB, sites).sizes["reward"] == 0
    rate = "cards.subsidies/beijing-2024-2027.rewards.domestic-servers.investment_share=0.1"
    data = built(HUB, sites, rate)
    domestic = dict(zip(data["hall"].values, data["domestic"].values, strict=True))
    assert data.sizes["reward"] > 0
    assert all(domestic[hall] == 1.0 for hall in data["reward_hall"].values)
    assert data["reward_is_sure"].values.all()  # no gate, no rival, one period: no binary is free


def test_a_fee_of_a_class_of_work_reaches_its_demands() -> None:
    fee = "cards.workloads/online-services.compute_fee_cny_per_p_hour=60"
    assert built(RETROFIT, fee)["compute_fee_cny_per_p_hour"].values.tolist() == [60.0]
    assert built(RETROFIT)["compute_fee_cny_per_p_hour"].values.tolist() == [0.0]

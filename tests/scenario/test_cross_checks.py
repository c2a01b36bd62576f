"""Entries that contradict each other, each right by itself, in the real cards."""

from pathlib import Path

import pytest

from coplan.errors import InputError
from coplan.scenario import read_scenario, write_inputs

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
SYSTEM = "cards.systems/zhangbei-campus"
SITE = f"{SYSTEM}.sites.zhangbei"


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_scenario_is_right_and_survives_writing_and_reading(path, tmp_path):
    scenario = read_scenario(path)
    write_inputs(scenario, tmp_path)
    assert read_scenario(tmp_path / "scenario.yaml", root=tmp_path) == scenario


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (f"{SITE}.connection.voltage=220", "has no such voltage; did you mean 220kv"),
        (f"{SITE}.connection.existing_mw=101", "must be at most max_mw, 80 MW"),
        (f"{SITE}.plants.wind.committed_mw=41", "must be at most approved_mw, 40 MW"),
        (f"{SITE}.contracts.wind-contract.min_mw=121", "must be at most max_mw, 120 MW"),
        (f"{SITE}.halls.ai-air-5mw.stock_halls=13", "must be at most max_halls, 12"),
        (f"{SITE}.halls.ai-air-5mw.stock_servers_mw=1", "what the stock halls hold, 0 MW"),
        (f"{SITE}.halls.ai-air-5mw={{stock_halls: 1, stock_servers_mw: 5, max_servers_mw: 4}}",
         "must be at least stock_servers_mw, 5 MW"),
        (f"{SYSTEM}.demand.beijing_inference.region=bejing", "did you mean beijing?"),
        ("periods=[2027, 2030]", "no value for the period 2030"),
        ("targets.compute.fp64=1", "no hall of the system has servers counted in fp64"),
        ("cards.storage/lfp.duration_min_h=900", "must be at most duration_max_h"),
        ("cards.finance/campus-2027.project_years=14", "must be at most project_years, 14"),
        ("periods=[2027, 2052]", "must be more than 25: the last period, 2052, has to lie"),
        ("targets.pue_limits.new={value: 1.3, hall_types: [ai-air-6mw]}", "are of this type"),
        ("targets.conditional_pue.big={threshold_tce: 30000, coal_factor_kg_per_kwh: 0.1229, "
         "below: 1.15, above: 1.25}", "must not be more than below"),
    ],
)  # fmt: skip
def test_entries_that_do_not_fit_together_are_told_with_their_place(override, words):
    with pytest.raises(InputError) as caught:
        read_scenario(QUICKSTART, [override])
    assert any(words in problem.message for problem in caught.value.problems)
    assert all(problem.file for problem in caught.value.problems)
    assert all(problem.key for problem in caught.value.problems)


def test_two_units_of_one_id_are_refused():
    entry = "{card: onshore-wind, approved_mw: 1}"
    site = "{site: zhangbei, connection: {tariff: jibei-2026, voltage: 220kv, charge: demand, " \
           "max_mw: 1, capex_cny_per_kva: 1}, it_max_mw: 1, halls: {}, plants: {wind: " \
           f"{entry}}}}}"  # fmt: skip
    overrides = [f"{SITE}.plants.north_wind={entry}", f"{SYSTEM}.sites.zhangbei_north={site}"]
    with pytest.raises(InputError, match="zhangbei_north_wind is that of"):
        read_scenario(QUICKSTART, overrides)

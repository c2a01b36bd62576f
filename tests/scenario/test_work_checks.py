"""Work, links and priorities that contradict themselves are refused with the cause."""

from pathlib import Path

import pytest

from coplan.dataset.build import build_dataset
from coplan.errors import InputError
from coplan.scenario import read_scenario

ROOT = Path(__file__).parents[2]
ZHANGJIAKOU = ROOT / "scenarios" / "zhangjiakou-2027.yaml"
TRAINING, ONLINE = "cards.workloads/training", "cards.workloads/inference"
NETWORK = "cards.systems/zhangjiakou.network"


def link(**changes):
    entry = {"region": "beijing", "site": "zhangbei", "max_gbit": 400} | changes
    text = ", ".join(f"{key}: {value}" for key, value in entry.items())
    return f"{NETWORK}.links={{direct: {{{text}}}}}"


def first(**changes):
    entry = {"regions": "[beijing]", "kind": "intelligent", "sites": "[huailai]",
             "penalty_cny_per_p_h": 0.1} | changes  # fmt: skip
    text = ", ".join(f"{key}: {value}" for key, value in entry.items())
    return f"targets.priority={{north: {{{text}}}}}"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (f"{TRAINING}={{placement: day, max_delay_h: 48}}",
         "must be at most 24 h, the day it is placed for"),
        (f"{ONLINE}.ramp_limit=0.2", "work that may not wait"),
        (f"{ONLINE}.checkpoint_h=0.2", "never pauses"),
        (f"{ONLINE}.minimum_running_share=0.2", "work that may not wait"),
        (f"{TRAINING}.stays_in=[hebi]", "no site there; did you mean hebei"),
        (link(region="bejing"), "no such region; did you mean beijing"),
        (link(site="zhangbai"), "no such site; did you mean zhangbei"),
        (link(existing_gbit=500), "must be at most max_gbit, 400 Gbit/s"),
        (first(sites="[huailay]"), "no site huailay; did you mean huailai"),
        (first(regions="[bejing]"), "no region bejing; did you mean beijing"),
        (f"{TRAINING}.minimum_running_share=1.2", "at most 1"),
        (f"{TRAINING}.placement=month", "day"),
    ],
)
def test_what_contradicts_itself_is_told(override, words):
    with pytest.raises(InputError) as caught:
        read_scenario(ZHANGJIAKOU, [override])
    assert any(words in problem.message for problem in caught.value.problems), caught.value


def test_a_class_that_may_not_leave_a_province_without_halls_is_refused():
    # Huailai becomes a place of its own province, its halls are those of a label nobody asks for
    words = [f"{ONLINE}.stays_in=[beijing]", "cards.sites/huailai.province=beijing",
             f"{ONLINE}.latency_limit_ms=0.2"]  # fmt: skip
    scenario = read_scenario(ZHANGJIAKOU, [*words, "options.hours=24"])
    with pytest.raises(InputError, match="and in beijing has halls for fp16"):
        build_dataset(scenario)


@pytest.fixture(scope="module")
def data():
    words = [
        f"{NETWORK}.migration_cny_per_gb=0.1", link(capex_cny_per_gbit=10), first(),
        f"{TRAINING}={{gbit_per_p: 0.01, placement: day}}", f"{ONLINE}.stays_in=[hebei]",
        "options.hours=72",
    ]  # fmt: skip
    return build_dataset(read_scenario(ZHANGJIAKOU, words))


def test_work_with_state_pools_only_within_its_class(data):
    pools = dict(zip(data["demand"].values, data["demand_pool"].values, strict=True))
    assert pools["tianjin_training"] == pools["zhangjiakou_training"]
    assert pools["tianjin_training"] != pools["tianjin_batch"]
    assert {pools["tianjin_training"], pools["beijing_training"]} == set(data["state_pool"].values)


def test_work_of_a_region_with_a_link_pools_within_the_region(data):
    pools = dict(zip(data["demand"].values, data["demand_pool"].values, strict=True))
    assert pools["beijing_batch"] != pools["tianjin_batch"]
    assert pools["tianjin_batch"] == pools["zhangjiakou_batch"]
    assert set(data["stream_link"].values) == {"direct"}
    mine = data["stream_pool"].values == pools["beijing_training"]
    assert data["stream_gbit_per_mw"].values[mine] == pytest.approx(0.01 * 380)
    assert float(data["link_length_km"][0]) == pytest.approx(1.4 * 203, rel=0.01)


def test_a_day_is_a_block_and_every_site_in_reach_a_pair(data):
    assert data["block"].values.tolist() == [0, 1, 2]
    sites = data["placed_site"].values[data["placed_pool"].values == data["placed_pool"].values[0]]
    assert sorted(sites) == ["huailai", "xuanhua", "zhangbei"]
    assert data["placed_gb_per_mw"].values == pytest.approx(4 * 380)


def test_a_priority_is_about_the_work_of_its_kind_and_regions(data):
    pools = dict(zip(data["demand"].values, data["demand_pool"].values, strict=True))
    chosen = set(data["preference_pool"].values)
    assert {pools["beijing_training"], pools["beijing_inference"]} <= chosen
    assert not {pools["beijing_online-services"], pools["tianjin_training"]} & chosen


def test_provinces_and_uses_are_known(data):
    assert set(data["site_province"].values) == {"hebei"}
    of = dict(zip(data["demand"].values, data["demand_province"].values, strict=True))
    assert of["beijing_training"] == "beijing"
    assert set(data["demand_use"].values) == {"training", "inference", "edge", "batch", "storage"}

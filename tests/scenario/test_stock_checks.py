"""Changes of stock, limits of sites and clauses that cannot be are refused with their cause."""

import pytest

from coplan.errors import InputError
from coplan.scenario import read_scenario
from tests.scenario.test_cross_checks import QUICKSTART, SITE, SYSTEM

OLD = f"{SITE}.halls.old"
CLOSURE = "closure: {cost_cny_per_kw: 1, life_years: 10}"
STOCK = "card: ai-air-5mw, stock_halls: 2, stock_servers_mw: 10, max_halls: 2"


def converted(to="new", keeps="false"):
    entry = f"{{to: {to}, capex_cny_per_kw: 1, life_years: 10, lost_months: 3, " \
            f"keeps_servers: {keeps}}}"  # fmt: skip
    return f"{OLD}={{{STOCK}, conversions: {{refit: {entry}}}}}"


def moved(site="zhangbei", hall="ai-air-5mw"):
    entry = f"{{site: {site}, hall: {hall}, cost_cny_per_kw: 1, life_years: 5}}"
    return f"{OLD}={{{STOCK}, relocations: {{away: {entry}}}}}"


def refused(overrides):
    with pytest.raises(InputError) as caught:
        read_scenario(QUICKSTART, overrides)
    assert all(problem.file and problem.key for problem in caught.value.problems)
    return " ".join(problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        (converted(to="ai-air-6mw"), "did you mean ai-air-5mw"),
        (f"{OLD}={{{STOCK.replace('max_halls: 2', 'max_halls: 3')}, {CLOSURE}}}",
         "is not extended: must be stock_halls, 2"),
        (moved(site="zhangbai"), "the system has no such site; did you mean zhangbei"),
        (moved(hall="ai-air-6mw"), "the site has no such hall entry"),
        (f"{SITE}.phases={{2030: {{it_max_mw: 80}}, 2027: {{it_max_mw: 90}}}}",
         "must be at least 90 MW: what was built stays"),
        (f"{SITE}.size_band={{min_mw: 50, max_mw: 40}}", "must be at most max_mw, 40 MW"),
        ("targets.occupancy.full.value=1.1", "1"),
        ("targets.occupancy.full={value: 0.7, sites: [zhangbai]}", "did you mean zhangbei"),
        ("targets.occupancy.full={value: 0.7, tier: edge}", "no site has this tier"),
        ("targets.no_new.none={owner: nobody}", "no halls of the system have this owner"),
        ("targets.clusters.big={label: fp64, block_p: 10000, value: 1}",
         "no hall of the system has servers counted in fp64"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_cause(override, words):
    assert words in refused([override])


def test_a_hall_becomes_one_that_does_not_stand_yet():
    assert "halls of that entry stand already" in refused(
        [converted("ai-air-5mw"), f"{SITE}.halls.ai-air-5mw.stock_halls=1"]
    )


def test_servers_stay_only_with_their_own_type():
    new = f"{SITE}.halls.new={{card: stock-2025, max_halls: 2}}"
    assert "the same server type" in refused([converted(keeps="true"), new])


def test_two_pools_share_no_part_of_stock():
    pools = [
        "targets.energy_pool.one={sites: [zhangbei, far]}",
        "targets.energy_pool.two={sites: [zhangbei, near]}",
    ]
    site = "{site: zhangbei, connection: {tariff: jibei-2026, voltage: 220kv, charge: demand, " \
           "max_mw: 9, capex_cny_per_kva: 1}, it_max_mw: 9, " \
           "halls: {ai-air-5mw: {card: ai-air-5mw, max_halls: 1}}}"  # fmt: skip
    places = [f"{SYSTEM}.sites.{name}={site}" for name in ("near", "far")]
    assert "would be used twice" in refused([*pools, *places])
    within = ["targets.energy_pool.two={sites: [zhangbei]}", pools[0]]
    read_scenario(QUICKSTART, [*within, *places])


def test_changes_that_fit_are_read():
    new = f"{SITE}.halls.new={{card: ai-air-5mw, max_halls: 2}}"
    scenario = read_scenario(QUICKSTART, [converted(keeps="true"), new])
    assert scenario.system.sites["zhangbei"].halls["old"].may_change

"""Soft clauses: missed where keeping them costs more than the penalty, which is no cost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pydantic
import pytest

from coplan.elements.targets import Targets, listed
from coplan.elements.targets.entries import GreenShare, PueLimit
from coplan.elements.targets.soft import SIZES
from coplan.plan.polish import polish
from coplan.scenario.policies import merged
from coplan.verify import audit
from coplan.verify.soft_clauses import AMOUNTS
from tests.toys import Answer, battery, contract, plant, solved, two_sites, world

QUICK = 8  # one kind in eight; the others run with the longer tests

SLOPES = {**two_sites(10.0, 100.0), "cooling_slope": np.array([[[0.5], [0.1]]])}
"""2 MWh of IT: near at 10 CNY/MWh with PUE 1.5, far at 100 with 1.1; all near costs 30."""
SELLS = {**plant(least_mw=10.0), "export_max_mw": 10.0, "export_price_cny_per_mwh": 50.0}
"""10 MWh of wind, of which 8 are sold at 50."""
SHIFTS = {**battery(), "retail_price_cny_per_mwh": [[10.0, 100.0]]}
"""2 MWh are bought in the first hour for 20; each of them costs 90 more in the second."""
BOUGHT = {"server_capex_counts": 1.0, "server_annuity_cny_per_mw_year": 100.0}
"""1 MW of servers for 100 beside 200 of energy."""
TYPES = {
    "coords": {"hall": ["general", "ai"]}, "server_type_kind": ["general", "intelligent"],
    "server_annuity_cny_per_mw_year": [10.0, 30.0], "server_capex_counts": 1.0,
    "domestic": [0.0, 1.0],
}  # fmt: skip
"""1 MW of general servers for 10; intelligent and domestic ones would cost 30."""

SOFT: dict[str, tuple] = {
    # kind, clause, penalty; missed, cost beside the penalty; cost where it is hard; world
    "self_use_share": ("self_use_share", {"value": 0.5, "penalty_cny_per_mwh": 10},
                       3.0, 0.0, None, plant(least_mw=10.0)),
    "own_supply_share": ("own_supply_share", {"value": 0.5, "penalty_cny_per_mwh": 60},
                         1.0, 200.0, 300.0, plant(annuity=200.0)),
    "export_share": ("export_share", {"value": 0.2, "penalty_cny_per_mwh": 20},
                     6.0, -400.0, -100.0, SELLS),
    "utilisation": ("utilisation", {"value": 0.9, "penalty_cny_per_mwh": 5},
                    7.0, 0.0, None, plant(least_mw=10.0)),
    "no_reverse_flow_hours": ("no_reverse_flow_hours", {"hours": [0], "penalty_cny_per_mwh": 20},
                              8.0, -400.0, 0.0, SELLS),
    # all near takes 3 MWh, 1.5 tce; 2 MWh near leave 2/3 of IT for the far site
    "energy_budget": ("energy_budget", {"value": 1.0, "coal_factor_kg_per_kwh": 0.5,
                                        "sites": ["near"], "penalty_cny_per_tce": 7},
                      0.5, 30.0, 20.0 + 2 / 3 * 110.0, SLOPES),
    # 0.6 MW at 5 with 2.4 MWh at 3 would be 17 a MW
    "storage_share": ("storage_share", {"value": 0.15, "hours": 4, "penalty_cny_per_mw": 10},
                      0.6, 0.0, 10.2,
                      {**plant(least_mw=4.0), **battery(),
                       "storage_power_annuity_cny_per_mw_year": 5.0,
                       "storage_energy_annuity_cny_per_mwh_year": 3.0}),
    "max_exchange": ("max_exchange", {"value": 1.5, "penalty_cny_per_mw": 20},
                     0.5, 20.0, 65.0, SHIFTS),
    "grid_connection": ("grid_connection", {"value": 1.5, "penalty_cny_per_mw": 20},
                        0.5, 20.0, 65.0, SHIFTS),
    "ramp_limit": ("ramp_limit", {"value": 1.0, "penalty_cny_per_mw": 20}, 1.0, 20.0, 65.0, SHIFTS),
    "peak_valley_rate": ("peak_valley_rate", {"value": 0.5, "penalty_cny_per_mw": 20},
                         1.0, 20.0, 80.0, SHIFTS),
    # 2 MWh at 0.5 t by location, at 0.6 t by market
    "carbon by location": ("carbon_cap", {"value": 0.4, "penalty_cny_per_t": 10},
                           0.6, 200.0, None, {}),
    "carbon by market": ("carbon_cap", {"value": 0.6, "basis": "market", "penalty_cny_per_t": 10},
                         0.6, 200.0, 220.0, contract(120.0, profile=1.0)),
    # half of 2 MWh would cost 20 more by contract
    "green_share": ("green_share", {"value": 0.5, "penalty_cny_per_mwh": 10},
                    1.0, 200.0, 220.0, contract(120.0, profile=1.0)),
    # 3 MWh of facility where 2.6 are allowed; half of the work would run far
    "pue": ("pue", {"value": 1.3, "penalty_cny_per_mwh": 7}, 0.4, 30.0, 125.0, SLOPES),
    "pue_limits": ("pue_limits", {"value": 1.3, "penalty_cny_per_mwh": 7},
                   0.4, 30.0, 125.0, SLOPES),
    "conditional_pue": ("conditional_pue", {"threshold_tce": 1, "coal_factor_kg_per_kwh": 1,
                                            "below": 1.4, "above": 1.3, "penalty_cny_per_mwh": 7},
                        0.4, 30.0, 125.0, SLOPES),
    "cue": ("cue", {"value": 0.4, "penalty_cny_per_t": 10}, 0.2, 200.0, None, {}),
    "water": ("water", {"value": 1, "penalty_cny_per_m3": 10}, 1.0, 200.0, None,
              {"water_l_per_kwh": 1.0}),
    "energy_pool": ("energy_pool", {"penalty_cny_per_mwh": 10}, 2.0, 200.0, None, {}),
    "capacity": ("capacity", {"label": "fp16", "value": 300, "penalty_cny_per_p": 0.5},
                 200.0, 300.0, 500.0, BOUGHT),
    "capacity at most": ("capacity", {"label": "fp16", "value": 50, "at_most": True,
                                      "penalty_cny_per_p": 0.5}, 50.0, 200.0, None, {}),
    "intelligent_share": ("intelligent_share", {"value": 0.5, "penalty_cny_per_mw": 5},
                          0.5, 210.0, 220.0, TYPES),
    "a band": ("intelligent_share", {"value": 0.5, "tolerance": 0.1, "penalty_cny_per_mw": 5},
               0.4, 210.0, 218.0, TYPES),
    "domestic_share": ("domestic_share", {"value": 0.5, "penalty_cny_per_mw": 5},
                       0.5, 210.0, 220.0, TYPES),
    # 1 MW in a hall of 4
    "occupancy": ("occupancy", {"value": 0.5, "penalty_cny_per_mw": 30}, 1.0, 300.0, 400.0,
                  {**BOUGHT, "hall_it_mw": 4.0}),
    # 1 MW in racks of 10 kW, which would be 2 MW at 20
    "rack_power": ("rack_power", {"value": 20, "penalty_cny_per_mw": 30}, 1.0, 200.0, None, {}),
    # 1 MW of servers in a hall of 1 MW
    "no_new": ("no_new", {"penalty_cny_per_mw": 3}, 2.0, 200.0, None, {}),
    "clusters": ("clusters", {"label": "fp16", "block_p": 100, "value": 2,
                              "penalty_cny_per_cluster": 30}, 1.0, 300.0, 400.0, BOUGHT),
}  # fmt: skip


def targets_of(kind: str, asked: dict, **changes: Any) -> list[dict]:
    """The record of one clause "c", as the dataset holds it."""
    clause = asked | changes
    single = kind in ("green_share", "pue", "cue")
    return listed(Targets.model_validate({kind: clause if single else {"c": clause}}))


def planned(targets: list[dict], world_of: dict) -> Answer:
    """The cheapest plan; the audit finds what is missed and its penalty again."""
    data = world(targets=targets, **world_of)
    answer = solved(data)
    if answer.is_planned:
        checks = {c.name_en: c.passed for c in audit(data, answer.plan, digests=False).checks}
        for name in ("every target is kept", "compliance figures", "compliance status",
                     "every cost line"):  # fmt: skip
            assert checks[name], name
        assert checks.get("penalties of soft clauses", True)
    return answer


some = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if row % QUICK == 0 else pytest.mark.slow)
             for row, name in enumerate(SOFT)],
)  # fmt: skip


@some
def test_a_soft_clause_is_missed_where_the_penalty_is_less(name: str) -> None:
    kind, asked, missed, cost, _, world_of = SOFT[name]
    targets = targets_of(kind, asked)
    answer = planned(targets, world_of)
    each = next(value for key, value in asked.items() if key.startswith("penalty"))
    assert answer.of("clause_status") == "missed"
    assert answer.of("clause_missed") == pytest.approx(missed)
    assert answer.of("clause_penalty_cny") == pytest.approx(each * missed)
    assert answer.line_cny("soft clauses", "penalty") == pytest.approx(each * missed)
    assert answer.cost_cny == pytest.approx(cost + each * missed)


@some
def test_a_soft_clause_is_kept_where_the_penalty_is_more(name: str) -> None:
    kind, asked, _, _, hard_cost, world_of = SOFT[name]
    penalty = next(key for key in asked if key.startswith("penalty"))
    hard = planned(targets_of(kind, asked, **{penalty: None}), world_of)
    assert hard.is_planned == (hard_cost is not None)
    if hard_cost is None:
        return
    soft = planned(targets_of(kind, asked, **{penalty: 5e3}), world_of)
    for answer in (hard, soft):
        assert answer.of("clause_status") == "met"
        assert answer.cost_cny == pytest.approx(hard_cost)
    assert soft.line_cny("soft clauses", "penalty") == pytest.approx(0.0, abs=1e-6)


def test_every_clause_but_compute_and_priority_may_be_soft() -> None:
    fields = {name for name in Targets.model_fields if name not in ("compute", "priority")}
    assert {kind for kind, *_ in SOFT.values()} == fields == set(AMOUNTS)
    assert set(SIZES) <= fields


def test_the_price_of_a_missed_clause_is_its_penalty() -> None:
    # 1 point more of 2 MWh is 0.02 MWh missed more, at 60
    answer = planned(targets_of("own_supply_share", {"value": 0.5, "penalty_cny_per_mwh": 60}),
                     plant(annuity=200.0))  # fmt: skip
    assert answer.price_cny("c") == pytest.approx(0.02 * 60.0)


def test_penalties_of_weather_years_are_expected() -> None:
    # 10 MW give 10 MWh or 4: shares of 0.5 lack 3 MWh with a chance of 0.25, and nothing
    weather = {**plant(least_mw=10.0), "capacity_factor": [[[0.5, 0.5]], [[0.2, 0.2]]],
               "coords": {"weather": ["windy", "calm"]}, "weather_probability": [0.25, 0.75]}
    answer = planned(targets_of("self_use_share", {"value": 0.5, "penalty_cny_per_mwh": 10}),
                     weather)  # fmt: skip
    assert answer.of("clause_missed") == pytest.approx(0.25 * 3.0)
    assert answer.line_cny("soft clauses", "penalty") == pytest.approx(0.25 * 30.0)


def test_a_clause_that_is_not_in_force_yet_misses_nothing() -> None:
    # 30 % until 2029, 50 % from 2030: own plants at 200 against a penalty of 60 and grid at 100
    later = [target | {"id": name, "from_year": first, "to_year": last}
             for name, value, first, last in (("now", 0.3, None, 2029), ("then", 0.5, 2030, None))
             for target in targets_of("own_supply_share",
                                      {"value": value, "penalty_cny_per_mwh": 60})]  # fmt: skip
    years = {"coords": {"period": [2027, 2030]}, **plant(annuity=200.0)}
    plan = planned(later, years).plan
    found = dict(zip(
        zip(plan["clause_id"].values.tolist(), plan["clause_period"].values.tolist(), strict=True),
        zip(plan["clause_status"].values.tolist(), plan["clause_missed"].values.tolist(),
            strict=True), strict=True,
    ))  # fmt: skip
    assert found["then", 2027] == ("not applicable", 0.0)
    assert found["now", 2030] == ("not applicable", 0.0)
    assert found["now", 2027] == ("missed", pytest.approx(0.6))
    assert found["then", 2030] == ("missed", pytest.approx(1.0))


def test_the_audit_finds_a_penalty_that_is_not_charged() -> None:
    targets = targets_of("own_supply_share", {"value": 0.5, "penalty_cny_per_mwh": 60})
    data = world(targets=targets, **plant(annuity=200.0))
    plan = solved(data).plan

    def passes(changed: Any) -> bool:
        checks = audit(data, changed, digests=False).checks
        return {one.name_en: one.passed for one in checks}["penalties of soft clauses"]

    assert passes(plan)
    for name in ("missed_soft", "clause_missed", "clause_penalty_cny", "account_cny"):
        changed = plan.copy(deep=True)
        changed[name] = (plan[name].dims, 0.99 * plan[name].values)
        assert not passes(changed), name


def test_of_two_limits_the_hard_one_stays_hard() -> None:
    soft = Targets(pue=PueLimit(value=1.2, penalty_cny_per_mwh=50.0))
    both = merged(soft, Targets(pue=PueLimit(value=1.3)))
    assert both.pue == PueLimit(value=1.2)
    one, other = (Targets(green_share=GreenShare(value=0.8, penalty_cny_per_mwh=p))
                  for p in (50.0, 80.0))  # fmt: skip
    assert merged(one, other).green_share == GreenShare(value=0.8, penalty_cny_per_mwh=80.0)
    assert merged(one, Targets(green_share=GreenShare(value=0.5))).green_share == GreenShare(
        value=0.8
    )


@pytest.mark.parametrize("wrong", [
    {"pue": {"value": 1.2, "scope": "site", "penalty_cny_per_mwh": 5.0}},
    {"green_share": {"value": 0.8, "penalty_cny_per_mwh": 0.0}},
    {"pue_limits": {"x": {"value": 1.2, "penalty_cny_per_mw": 5.0}}},
    {"water": {"x": {"value": 10.0, "penalty_cny_per_m3": "cheap"}}},
])  # fmt: skip
def test_an_impossible_penalty_is_refused(wrong: dict) -> None:
    with pytest.raises(pydantic.ValidationError):
        Targets.model_validate(wrong)


def test_what_an_interior_point_leaves_is_settled() -> None:
    # 2 MW and none: the largest is 2, half of it is missed, whatever the solver left above that
    data = world(targets=targets_of("peak_valley_rate", SOFT["peak_valley_rate"][1]), **SHIFTS)
    answer = solved(data)
    b = answer.model.pyomo.year[2027, "typical"].targets
    x = answer.found.x.copy()
    answer.compiled.values(b.highest_mw, x)[:] += 0.3
    answer.compiled.values(b.missed_soft, x)[:] += 0.1
    x = polish(answer.model, answer.compiled, data, x)
    assert answer.compiled.values(b.highest_mw, x).max() == pytest.approx(2.0)
    assert answer.compiled.values(b.missed_soft, x) == pytest.approx([1.0])

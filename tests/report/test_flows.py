"""The chapters on the flow of work, on changes and on assumptions say what the plan says."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.report.catalogue import Locale
from coplan.report.classes import season_of, work_classes
from coplan.report.facts import Facts
from coplan.report.figures import pue_map, where
from coplan.report.resolve import resolve
from coplan.report.sections import assumptions, changes, flows
from coplan.report.writer import build
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan
from tests.toys import everything, solved


@pytest.fixture(scope="module")
def facts() -> Facts:
    plan = fake_plan(sites=3)
    plan = plan.assign_coords(
        demand_use=("demand", ["training", "inference", "batch"]),
        demand_province=("demand", ["beijing", "beijing", "tianjin"]),
        site_province=("site", ["hebei", "hebei", "inner-mongolia"]),
    )
    return Facts(plan, fake_kpis(plan), fake_audit())


def test_classes_hold_all_the_work_and_no_more(facts: Facts) -> None:
    total = facts.values("routed_mw", facts.period, facts.weather).sum()
    assert sum(one.power_mw.sum() for one in work_classes(facts)) == pytest.approx(total)


def test_the_map_of_classes_holds_all_the_work(facts: Facts) -> None:
    figure = where.build(facts)
    assert figure is not None
    hours = {name: facts.hours[mask].sum() / 24 for name, mask in season_of(facts).items()}
    shown = sum(
        np.sum(column) * hours[season]
        for name, column in figure.data.items() if name != "hour_of_day"
        for season in hours if f"_{season}_" in name
    )  # fmt: skip
    routed = facts.values("routed_mw", facts.period, facts.weather)
    assert shown == pytest.approx((routed * facts.hours).sum(), rel=1e-3)


def test_shares_of_a_class_over_provinces_are_one(facts: Facts) -> None:
    section = flows.section(facts)
    assert section is not None
    table = next(b for b in section.blocks if getattr(b, "id", "") == "work_places")
    for row in table.rows:
        assert sum(cell.value for cell in row[2:]) == pytest.approx(1.0)


def test_patterns_name_origin_and_place(facts: Facts) -> None:
    section = flows.section(facts)
    table = next(b for b in section.blocks if getattr(b, "id", "") == "work_patterns")
    names = [Locale("zh").show(row[0]) for row in table.rows]
    assert {"京模冀训", "京模蒙训", "京模冀用", "京模蒙用"} <= set(names)
    shares: dict[tuple[str, bool], float] = {}
    for name, row in zip(names, table.rows, strict=True):
        key = (Locale("zh").show(row[2]), "训" in name)
        shares[key] = shares.get(key, 0.0) + row[5].value
    assert list(shares.values()) == pytest.approx([1.0] * len(shares), abs=2e-3)


def test_pue_map_shows_a_limit_of_a_site_only_where_it_is_its_own(facts: Facts) -> None:
    first, *_ = facts.ids("site")
    facts.targets = [
        {"id": "own", "kind": "pue_limits", "value": 1.01, "sites": [first]},
        {"id": "all", "kind": "pue_limits", "value": 1.0, "sites": facts.ids("site")},
    ]
    figure = pue_map.build(facts)
    assert figure is not None
    limits = dict(zip(figure.data["site"], figure.data["limit"], strict=True))
    assert limits.pop(first) == 1.01
    assert np.isnan(list(limits.values())).all()


def test_what_changes_is_told() -> None:
    answer = solved(everything(), gap=1e-6)
    plan = answer.plan
    for name in ("halls_closed", "halls_converted", "servers_relocated_mw", "heat_capacity_mw"):
        plan[name][:] = 1.0
    plan["is_chosen"][:] = np.array([1.0, 0.0])
    tables = changes.tables(Facts(plan, {}, {}))
    found = {table.id: [[Locale("en").show(c) for c in row] for row in table.rows]
             for table in tables}  # fmt: skip
    assert [row[0] for row in found["stock_changes"]][-2:] == ["converted", "servers moved"]
    assert [row[-1] for row in found["measures"]] == ["yes", "no"]
    assert any(row[0] == "Heat pump" for row in found["plant_beside"])
    assert found["failures"]


def test_equal_assumptions_stand_together_and_none_is_lost() -> None:
    def one(card: str, key: str, value: str = "1") -> dict[str, str]:
        return {"card": card, "key": key, "value": value, "source": "s", "confidence": "assumed"}

    listed = [one("systems/a", "sites.x.max_mw"), one("systems/a", "sites.y.max_mw"),
              one("systems/a", "sites.z.max_mw", "2"), one("halls/b", "life_years")]  # fmt: skip
    groups = assumptions.grouped(listed)
    assert [len(members) for members in groups] == [2, 1, 1]
    assert sum(map(len, groups)) == len(listed)


def test_a_plan_of_least_emissions_says_so() -> None:
    plan = fake_plan()
    kpis = fake_kpis(plan) | {"objective_t": 1000.0, "bound_t": 999.0, "bound_cny": None}
    report, _ = build(plan, kpis, fake_audit())
    said = str(resolve(report, Locale("en")))
    assert "The objective is least yearly emissions" in said

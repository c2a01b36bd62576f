"""The audit looks at every limit that is said to stop a plan."""

from __future__ import annotations

import pytest

from coplan.verify import audit
from tests.plan.test_limits import WORLDS, forced
from tests.sampling import one_in
from tests.toys import completed, solved


def passed(data, plan) -> bool:
    checks = audit(completed(data), completed(plan), digests=False).checks
    found = [check for check in checks if check.name_en == "limits that bind"]
    assert len(found) == 1
    return found[0].passed


@pytest.mark.parametrize("name", one_in(3, WORLDS))
def test_a_limit_that_is_reached_passes_and_another_number_does_not(name: str) -> None:
    world_at, most, _, _ = WORLDS[name]
    data = world_at(most)
    plan = solved(data).plan
    assert passed(data, plan)
    for key, wrong in (("limit_most", plan["limit_most"] * 1.001),
                       ("limit_saving_cny", -plan["limit_saving_cny"]),
                       ("limit_most", plan["limit_most"] * float("nan"))):  # fmt: skip
        assert not passed(data, plan.assign({key: wrong})), (key, wrong.values)


def test_a_limit_that_the_plan_stays_below_is_found() -> None:
    world_at, most, _, _ = WORLDS["wind"]
    data = world_at(most)
    plan = solved(data).plan
    assert not passed(data, plan.assign(plant_capacity_mw=0.9 * plan["plant_capacity_mw"]))


def test_a_least_size_that_the_plan_exceeds_is_found() -> None:
    data = forced()
    plan = solved(data).plan
    assert passed(data, plan)
    assert not passed(data, plan.assign(plant_capacity_mw=1.1 * plan["plant_capacity_mw"]))

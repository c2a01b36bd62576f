"""Why nothing fits is told with the time it fails and the least repairs, by hand arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coplan.errors import StoppedError
from coplan.explain.scenario import Explanation, explain_dataset
from coplan.explain.when import When, told
from tests import toys

# 1 MW for two hours is 2 MWh, of which 1.6 MWh must be green; 1 MW of wind gives 0.5 MW
WIND = {"targets": toys.green(0.8, "hourly"), "plant_capacity_max_mw": 1.0,
        "plant_annuity_cny_per_mw_year": 300.0}  # fmt: skip


def explained(**changes: Any) -> Explanation:
    return explain_dataset(toys.world(**changes), time_limit=60.0)


def by_kind(found: Explanation) -> dict[str, Any]:
    return {repair.kind: repair for repair in found.repairs}


def test_a_world_with_a_plan_is_said_to_have_one() -> None:
    found = explained(targets=toys.green(0.8), plant_capacity_max_mw=2.0)
    assert found.is_feasible
    assert found.lines(("en",)) == ["Every promise and limit can be kept together: a plan exists"]


def test_a_green_share_that_fails_is_repaired_by_wind_or_by_less_work() -> None:
    found = explained(**WIND)
    assert not found.is_feasible
    assert found.conflicts[0].cause == "green_share"
    repair = by_kind(found)
    # 0.8 MW of green power takes 1.6 MW of wind, 0.6 MW more at 300 CNY a year
    assert repair["wind"].rises == (("plant_capacity_mw", "s_wind", pytest.approx(0.6, rel=1e-4)),)
    assert repair["wind"].cny == pytest.approx(180.0, rel=1e-4)
    # 0.5 MW of green power is 80 % of 0.625 MW: three eighths of the work must go
    assert repair["all work"].share == pytest.approx(0.375, rel=1e-4)


def test_work_that_may_wait_is_what_moves_first() -> None:
    coords = {"pool": ["now", "later"], "demand": ["now", "later"]}
    amount = np.array([0.5, 0.5])[:, None] * np.ones((2, toys.STEPS))
    delay = np.array([0.0, 1.0])
    found = explained(
        coords=coords, demand_pool=["now", "later"], demand_mw=amount, pool_demand_mw=amount,
        demand_delay_h=delay, pool_delay_h=delay, **WIND,
    )
    # of the 0.5 MW that may wait, 0.375 MW must go
    assert by_kind(found)["waiting work"].share == pytest.approx(0.75, rel=1e-4)


def test_a_connection_that_is_too_small_is_repaired_by_itself_or_by_wind() -> None:
    found = explained(connection_max_mw=0.5, connection_annuity_cny_per_mw_year=40.0)
    kinds = [repair.kind for repair in found.repairs]
    assert kinds.index("wind") < kinds.index("connection")  # wind costs nothing here
    assert by_kind(found)["connection"].cny == pytest.approx(20.0, rel=1e-4)  # 0.5 MW at 40
    assert by_kind(found)["wind"].rises[0][2] == pytest.approx(1.0, rel=1e-4)  # 0.5 MW of power


def test_a_zone_that_may_draw_too_little_is_repaired_by_its_headroom() -> None:
    changes = toys.two_sites() | toys.work(2.0) | {"import_headroom_mw": 1.5}
    changes["coords"] = changes["coords"] | {"import_zone": ["z"]}
    found = explained(**changes)
    # 2 MW of load; the rise is one number for all steps
    assert by_kind(found)["zone"].rises == (("headroom_limit", "z", pytest.approx(0.5, rel=1e-4)),)
    assert "0.50 MW more import headroom of the grid zone (z)" in "\n".join(found.lines(("en",)))


REPAIRED: dict[str, tuple[dict[str, Any], str, str]] = {
    "wind": (WIND, "wind", "plant_capacity_max_mw"),
    "contract": (WIND, "contract", "contract_volume_max_mw"),
    "connection": ({"connection_max_mw": 0.5}, "connection", "connection_max_mw"),
}


@pytest.mark.parametrize(("changes", "kind", "name"), REPAIRED.values(), ids=REPAIRED)
def test_the_repair_repairs_and_less_of_it_does_not(
    changes: dict[str, Any], kind: str, name: str
) -> None:
    rise = by_kind(explained(**changes))[kind].rises[0][2]
    had = changes.get(name, 0.0)
    assert explained(**changes | {name: had + rise + 1e-4}).is_feasible
    assert not explained(**changes | {name: had + 0.99 * rise}).is_feasible


def test_a_repair_may_need_several_limits_at_once() -> None:
    # the sun shines in one of two hours: all green by the hour takes PV and a battery
    found = explained(
        targets=toys.green(1.0, "hourly"), capacity_factor=[1.0, 0.0], plant_kind="pv",
        contract_profile=[0.0, 0.0], connection_max_mw=[[100.0]],
    )
    assert [repair.kind for repair in found.repairs] == ["together"]
    rises = {limit: amount for limit, _, amount in found.repairs[0].rises}
    assert rises["plant_capacity_mw"] == pytest.approx(2.0, rel=1e-3)
    assert rises["storage_energy_mwh"] == pytest.approx(1.0, rel=1e-3)


def test_the_explanation_is_told_in_both_languages_with_amounts() -> None:
    text = "\n".join(explained(**WIND).lines())
    for words in ("保住全部承诺的办法", "s_wind的自建电源装机容量再增加 0.60 MW", "180 元",
                  "将 37.5% 的计算任务转移到别处", "0.60 MW more own capacity (s_wind)",
                  "CNY 180 a year", "37.5% of the work moved elsewhere"):  # fmt: skip
        assert words in text


def test_the_month_that_is_short_is_named() -> None:
    found = explained(
        targets=toys.green(0.8, "hourly"), plant_capacity_max_mw=2.0, steps=2,
        capacity_factor=[0.5, 0.1], coords={"month": [1, 2]}, month_of_step=[1, 2],
    )
    assert found.times[0].months == (2,)
    assert "mostly in Feb (100% of what is short)" in "\n".join(found.lines(("en",)))


def test_a_span_of_hours_may_run_through_midnight() -> None:
    hour = np.arange(48) % 24
    energy = np.where((hour == 23) | (hour == 0), 2.0, np.where(hour == 12, 1.0, 0.0))
    at = told(energy, np.ones(48, dtype=int), hour)
    assert at.hours == (23, 1)  # from 23:00 to 1:00, four fifths of it
    assert at.of_hours == pytest.approx(0.8)
    assert at.months == ()


def test_what_is_spread_evenly_has_no_time() -> None:
    hour = np.arange(240) % 24
    assert told(np.ones(240), 1 + hour % 12, hour) == When()


def test_without_time_nothing_is_claimed() -> None:
    with pytest.raises(StoppedError, match="none was ruled out"):
        explain_dataset(toys.world(**WIND), time_limit=0.0)

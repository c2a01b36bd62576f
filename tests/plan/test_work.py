"""What became of the work: flows from region to site, data sent and moved."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coplan.plan.kpis import energy_flows
from coplan.plan.work import flow_table
from tests.elements.test_work_state import SEASONS, SWING, linked, pools_of_two_regions, split
from tests.toys import solved
from tests.work_toys import state


def test_data_that_move_with_work_are_counted() -> None:
    # all of 1 MW moves twice, 50 GB each time at 10 kWh
    plan = solved(split(*SEASONS, placed_gb_per_mw=50.0, placed_kwh_per_gb=10.0)).plan
    flows = energy_flows(plan)
    assert flows["data_moved_gb"] == pytest.approx(100.0, abs=1e-3)
    assert flows["data_mwh"] == pytest.approx(1.0, abs=1e-4)
    assert flows["facility_mwh"] == pytest.approx(4.0)


def test_a_plan_without_links_sends_no_data() -> None:
    assert energy_flows(solved(linked(gb=0.0)).plan)["data_mwh"] == pytest.approx(0.0)


def test_flows_say_what_came_from_where_and_ran_where() -> None:
    # 1 MW is 100 P: a MW of Beijing inference, 3 MW of Hebei training that waits, in two hours;
    # all of it far, where energy is cheap
    plan = solved(pools_of_two_regions()).plan
    table = flow_table(plan).set_index(["demand", "site"])
    assert table.loc[("d", "far"), "p_hours"] == pytest.approx(200.0)
    assert table.loc[("e", "far"), "p_hours"] == pytest.approx(600.0)
    assert table.loc[("d", "near"), "p_hours"] == pytest.approx(0.0, abs=1e-6)
    assert table.loc[("d", "far"), "region_province"] == "beijing"
    assert table.loc[("d", "far"), "site_province"] == "hebei"
    assert table.loc[("e", "far"), "use"] == "training"
    assert json.loads(table.reset_index().to_json())  # plain numbers and text
    assert np.isfinite(table["p_hours"]).all()


def test_work_done_again_after_pauses_is_told_apart_from_what_was_asked() -> None:
    # four hours ask for 4 MW h; falls of 4/3 MW, twice, cost half an hour of it each: 4/3 MW h
    plan = solved(
        split(SWING, [1000.0] * 4, delay_h=1.0, coords={"state_pool": ["q"]}, **state(again_h=0.5))
    ).plan
    table = flow_table(plan)
    assert table["p_hours"].sum() == pytest.approx(100 * (4 + 4 / 3))
    assert table["redone_p_hours"].sum() == pytest.approx(100 * 4 / 3)

"""The audit finds a small lie about what stands ready for a failure."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from coplan.verify import reliability
from coplan.verify.case import Case
from coplan.verify.outcome import Check
from tests import toys
from tests.elements.test_reliability import backed, kept_ready


def checks(data: xr.Dataset, plan: xr.Dataset) -> list[Check]:
    case = Case(data, plan)
    rules = (reliability.critical_work, reliability.firm_supply, reliability.reserve)
    return [check for rule in rules for check in rule(case)]


@pytest.fixture(scope="module")
def backup():
    data = backed()
    return data, toys.solved(data).plan


@pytest.fixture(scope="module")
def battery():
    data = kept_ready(reserve_h=2.0, discharge_efficiency=0.8)
    return data, toys.solved(data).plan


def test_right_plans_pass(backup, battery) -> None:
    for data, plan in (backup, battery):
        assert all(check.passed for check in checks(data, plan))


def test_what_backup_costs_is_worked_out_apart(backup) -> None:
    data, plan = backup
    lines = reliability.lines(Case(data, plan))
    # 1.2 MW far: 3 CNY/MW of annuity, 1 of O&M, 2 h of tests at 0.5 CNY/MWh
    assert lines["backup"][0][0] == pytest.approx([0.0, 3.6])
    assert lines["backup O&M"][0][0] == pytest.approx([0.0, 1.2])
    assert lines["backup fuel"][0][0] == pytest.approx([0.0, 1.2])


@pytest.mark.parametrize("name", ["backup_mw", "critical_load_mw"])
def test_firm_supply_that_is_missing_is_found(backup, name: str) -> None:
    data, plan = backup
    step = 1e-4 if name == "critical_load_mw" else -1e-4
    lie = plan.assign({name: plan[name] + step * (plan[name] > 0.1)})
    found = {check.name_en for check in checks(data, lie) if not check.passed}
    assert "firm supply covers critical work" in found


def test_critical_work_that_is_left_or_goes_to_the_lost_site_is_found(backup) -> None:
    data, plan = backup
    name = "critical work is run whatever fails"
    less = plan.assign(critical_flow_mw=plan["critical_flow_mw"] * (1 - 1e-4))
    swapped = plan["critical_flow_mw"].copy(data=np.flip(plan["critical_flow_mw"].values, -1))
    for lie in (less, plan.assign(critical_flow_mw=swapped)):
        assert name in {check.name_en for check in checks(data, lie) if not check.passed}


def test_work_on_servers_that_are_not_there_is_found(backup) -> None:
    data, plan = backup
    lie = plan.assign(servers_mw=plan["servers_mw"] * (1 - 1e-4))
    name = "critical work has servers whatever fails"
    assert name in {check.name_en for check in checks(data, lie) if not check.passed}


@pytest.mark.parametrize("name", ["soc_mwh", "storage_power_mw", "firm_power_mw"])
def test_a_reserve_that_is_not_kept_is_found(battery, name: str) -> None:
    data, plan = battery
    step = 1e-3 if name == "firm_power_mw" else -1e-3
    lie = plan.assign({name: plan[name] + step})
    found = {check.name_en for check in checks(data, lie) if not check.passed}
    assert "batteries keep their reserve" in found

"""Tables say what the plan says, in files that a spreadsheet opens without harm."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

from coplan.plan import tables
from tests.plan.toy_plan import toy_plan


@pytest.fixture(scope="module")
def plan():
    return toy_plan("monthly")[1]


def test_monthly_energy_adds_up_to_the_plan(plan):
    table = tables.monthly_table(plan)
    assert list(table.columns) == [
        "period", "weather", "site", "month", "it_mwh", "facility_mwh", "pue", "generation_mwh",
        "contract_mwh", "retail_mwh", "export_mwh", "green_share", "peak_mw",
    ]  # fmt: skip
    assert len(table) == 2 * 2 * 2 * 2
    row = table.query("period == 2030 and weather == 'poor' and site == 'zhangbei' and month == 7")
    july = plan["retail_mw"].values[1, 1, 0, 24:]
    assert row["retail_mwh"].item() == pytest.approx(july.sum() * 182.5)
    assert row["peak_mw"].item() == float(plan["peak_mw"][1, 1, 0, 1])
    facility = plan["facility_mw"].values[1, 1, 0, 24:]
    assert row["green_share"].item() == pytest.approx(1 - july.sum() / facility.sum())
    it = plan["site_it_mw"].values[1, 1, 0, 24:]
    assert row["pue"].item() == pytest.approx(facility.sum() / it.sum())
    generation = plan["generation_mw"].values[1, 1, :, 24:]
    assert row["generation_mwh"].item() == pytest.approx(generation.sum() * 182.5)


def test_hourly_flows_balance_in_every_row(plan):
    table = tables.hourly_table(plan)
    assert len(table) == 2 * 2 * 2 * 48
    gain = table.generation_mw + table.discharge_mw + table.contract_mw + table.retail_mw
    use = table.facility_mw + table.charge_mw + table.export_mw
    np.testing.assert_allclose(gain, use, atol=1e-9)
    np.testing.assert_allclose(table.wind_mw + table.pv_mw, table.generation_mw, atol=1e-12)
    np.testing.assert_allclose(
        table.it_mw + table.cooling_mw + table.loss_mw, table.facility_mw, atol=1e-9
    )
    assert (table.query("site == 'langfang'").generation_mw == 0).all()


def test_capacities_list_every_size_with_its_site(plan):
    table = tables.capacity_table(plan)
    row = table.query("id == 'langfang_ai' and quantity == 'servers_mw' and period == 2030")
    assert row["value"].item() == 42.0
    assert row["site"].item() == "langfang"
    assert set(table["kind"]) == {"plant", "battery", "hall", "site", "contract"}


def test_account_and_compliance_have_a_row_for_each_line_and_clause(plan):
    account = tables.account_table(plan)
    assert account["cny_per_year"].sum() == pytest.approx(float(plan["account_cny"].sum()))
    compliance = tables.compliance_table(plan)
    assert list(compliance["basis"].unique()) == ["monthly", "site", "fp16"]
    assert set(compliance["status"]) == {"met"}


def test_files_open_in_excel_and_run_nothing(plan, tmp_path):
    words = plan["account_label"].values.astype(object)
    words[:6] = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", " =1+1", "\tx"]
    hostile = plan.assign_coords(account_label=("line", words.astype(str)))
    paths = tables.write_tables(hostile, tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in paths} == {
        "account.csv", "compliance.csv", "tables/capacities.csv", "tables/hourly.csv",
        "tables/monthly.csv", "tables/flows.csv", "tables/cashflow.csv",
        "tables/settlement.csv",
    }  # fmt: skip
    assert (tmp_path / "account.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "account.csv").open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["label"] for row in rows[:6]] == ["'" + word for word in words[:6]]
    revenue = [row for row in rows if row["label"] == "export revenue"]
    assert any(float(row["cny_per_year"]) < 0 for row in revenue)  # numbers keep their sign


def test_numbers_in_files_are_exact(plan, tmp_path):
    tables.write_tables(plan, tmp_path)
    back = pd.read_csv(tmp_path / "tables" / "hourly.csv", encoding="utf-8-sig", dtype=str)
    retail = tables.hourly_table(plan)["retail_mw"]
    np.testing.assert_array_equal(back["retail_mw"].map(float), retail)


def test_a_world_without_plants_batteries_and_contracts_has_tables_too(tmp_path):
    plan = toy_plan("annual", bare=True)[1]
    tables.write_tables(plan, tmp_path)
    hourly = tables.hourly_table(plan)
    assert (hourly[["generation_mw", "charge_mw", "contract_mw"]] == 0).all(axis=None)

"""The files beside plan.nc say what the plan says; one changed figure is found."""

from __future__ import annotations

import json

import pytest

from coplan.errors import InputError
from coplan.plan.kpis import kpis
from coplan.plan.store import write_plan
from coplan.plan.tables import write_tables
from coplan.verify import audit_files
from tests.plan.toy_plan import toy_plan
from tests.sampling import one_in


@pytest.fixture
def folder(tmp_path):
    plan = toy_plan("monthly")[1]
    plan = plan.assign_coords(account_element=plan["account_element"].copy())
    plan["account_element"].values[0] = "=su"  # a formula must not upset the comparison
    write_plan(plan, tmp_path / "plan.nc")
    write_tables(plan, tmp_path)
    text = json.dumps(kpis(plan), ensure_ascii=False, allow_nan=False)
    (tmp_path / "kpis.json").write_text(text, encoding="utf-8")
    return tmp_path


def test_files_as_written_pass(folder):
    report = audit_files(folder)
    assert report.failures() == []
    assert report.passed


@pytest.mark.parametrize(
    "key", one_in(5, ["pue", "green_share", "cost_cny", "carbon_t_location", "status"])
)
def test_a_changed_key_figure_is_found(folder, key):
    path = folder / "kpis.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found[key] = "optimal" if key == "status" else found[key] * 1.0002
    path.write_text(json.dumps(found), encoding="utf-8")
    assert [check.worst for check in audit_files(folder).failures()] == [key]


@pytest.mark.parametrize("name", one_in(3, ["account.csv", "compliance.csv", "tables/monthly.csv"]))
def test_a_changed_digit_or_a_lost_row_of_a_table_is_found(folder, name):
    path = folder / name
    text = path.read_text(encoding="utf-8-sig")
    head, first, rest = text.split("\n", 2)
    cells = first.split(",")
    spot = max(i for i, cell in enumerate(cells) if cell.replace(".", "").isdigit())
    cells[spot] = str(float(cells[spot]) * 1.0002 + 1e-3)
    path.write_text("\n".join([head, ",".join(cells), rest]), encoding="utf-8-sig")
    assert not audit_files(folder).passed
    path.write_text("\n".join([head, rest]), encoding="utf-8-sig")
    assert not audit_files(folder).passed


def test_a_missing_file_is_found(folder):
    (folder / "tables" / "monthly.csv").unlink()
    (folder / "kpis.json").unlink()
    worst = [check.worst for check in audit_files(folder).failures()]
    assert worst == ["kpis.json is missing", "tables/monthly.csv is missing"]


def test_a_folder_without_a_plan_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        audit_files(tmp_path)

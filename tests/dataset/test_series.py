"""The series reader takes good files as they are and names every flaw of bad ones."""


import numpy as np
import pytest

from coplan.dataset.series import Column, read_series
from coplan.errors import InputError

FACTOR = Column("capacity_factor", 0, 1, share=True)
GHI = Column("ghi_w_m2", 0, 1500)


def write(folder, rows, header="hour,capacity_factor,ghi_w_m2", bom=False):
    path = folder / "series.csv"
    text = "\n".join(["# made for a test", header, *rows]) + "\n"
    path.write_text(text, encoding="utf-8-sig" if bom else "utf-8")
    return path


def good_rows(steps=4):
    return [f"{hour},0.{hour},{100 * hour}" for hour in range(steps)]


def problems_of(path, columns=(FACTOR, GHI), steps=4):
    with pytest.raises(InputError) as caught:
        read_series(path, columns, steps)
    for problem in caught.value.problems:
        assert problem.file == str(path)
        assert problem.message
    return caught.value.problems


def only(problems):
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_good_numbers_come_back_as_they_stand(tmp_path):
    series = read_series(write(tmp_path, good_rows()), [FACTOR, "ghi_w_m2"], 4)
    assert list(series) == ["capacity_factor", "ghi_w_m2"]
    assert series["capacity_factor"].tolist() == [0.0, 0.1, 0.2, 0.3]
    assert series["ghi_w_m2"].tolist() == [0.0, 100.0, 200.0, 300.0]
    assert series["ghi_w_m2"].dtype == np.float64


def test_a_byte_order_mark_does_no_harm(tmp_path):
    series = read_series(write(tmp_path, good_rows(), bom=True), [FACTOR], 4)
    assert series["capacity_factor"][3] == 0.3


def test_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "series.csv"
    path.write_bytes(b"hour,ghi_w_m2\r\n0,1\r\n1,2\r\n\r\n")
    assert read_series(path, [GHI], 2)["ghi_w_m2"].tolist() == [1.0, 2.0]


def test_columns_nobody_asked_for_may_hold_anything(tmp_path):
    path = write(tmp_path, ["0,0.5,晴_", "1,0.5,nan"])
    assert read_series(path, [FACTOR], 2)["capacity_factor"].tolist() == [0.5, 0.5]


def test_the_order_of_columns_is_free(tmp_path):
    path = write(tmp_path, ["7,0,0.5", "8,1,0.6"], header="ghi_w_m2,hour,capacity_factor")
    assert read_series(path, [FACTOR], 2)["capacity_factor"].tolist() == [0.5, 0.6]


def test_negative_numbers_are_fine_where_allowed(tmp_path):
    path = write(tmp_path, ["0,-13.9", "1,2e1"], header="hour,dry_bulb_degc")
    assert read_series(path, ["dry_bulb_degc"], 2)["dry_bulb_degc"].tolist() == [-13.9, 20.0]


def test_a_gap_is_named_by_the_hour_that_is_missing(tmp_path):
    rows = good_rows(5)
    del rows[2]
    problem = only(problems_of(write(tmp_path, rows)))
    assert (problem.line, problem.key, problem.value) == (5, "hour", "3")
    assert "2 belongs here" in problem.message


def test_a_doubled_hour_is_named(tmp_path):
    rows = good_rows(3)
    problem = only(problems_of(write(tmp_path, [*rows[:2], rows[1], rows[2]])))
    assert problem.line == 5
    assert "twice" in problem.message


def test_shuffled_hours_are_named(tmp_path):
    rows = good_rows()
    found = problems_of(write(tmp_path, [rows[0], rows[3], rows[1], rows[2]]))
    assert found[0].line == 4


@pytest.mark.parametrize("hour", ["0.5", "x", "nan"])
def test_an_hour_is_a_whole_number(tmp_path, hour):
    rows = good_rows()
    rows[2] = f"{hour},0.2,200"
    assert "whole number" in only(problems_of(write(tmp_path, rows))).message


@pytest.mark.parametrize(("steps", "word"), [(3, "short"), (5, "long")])
def test_a_file_of_the_wrong_length_is_refused(tmp_path, steps, word):
    problem = only(problems_of(write(tmp_path, good_rows(steps))))
    assert word in problem.message
    assert problem.line == 2 + steps


def test_a_leap_year_is_told_to_drop_its_day(tmp_path):
    rows = [f"{hour},0.1,1" for hour in range(8784)]
    assert "29 February" in only(problems_of(write(tmp_path, rows), steps=8760)).message


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("", "empty"),
        ("NaN", "missing value"),
        ("NA", "missing value"),
        ("inf", "not a finite number"),
        ("none", "missing value"),
        ("a lot", "not a finite number"),
        ("50%", "per cent sign"),
        ("1_0", "not a finite number"),
        ("０.5", "full-width digits; write 0.5"),
        ("0x1", "not a finite number"),
        ("62", "per cent"),
        ("1.2", "above 1"),
        ("-0.1", "negative"),
    ],
)
def test_a_bad_share_is_named_with_what_to_do(tmp_path, field, says):
    rows = good_rows()
    rows[1] = f"1,{field},100"
    problem = only(problems_of(write(tmp_path, rows)))
    assert (problem.line, problem.key, problem.value) == (4, "capacity_factor", field)
    assert says in problem.message


def test_decimal_commas_are_recognised(tmp_path):
    rows = good_rows()
    rows[2] = "2,0,2,200"
    problem = only(problems_of(write(tmp_path, rows)))
    assert problem.line == 5
    assert "decimal commas" in problem.message


def test_quoted_decimal_commas_are_recognised(tmp_path):
    path = write(tmp_path, ['0,"0,5",0', '1,"0,5",0'])
    assert "decimal commas" in problems_of(path, steps=2)[0].message


def test_semicolons_are_recognised(tmp_path):
    path = write(tmp_path, ["0;0,5"], header="hour;capacity_factor")
    problem = only(problems_of(path, steps=1))
    assert problem.line == 2
    assert "semicolons" in problem.message


def test_an_empty_row_in_the_middle_is_named(tmp_path):
    rows = good_rows()
    problem = problems_of(write(tmp_path, [*rows[:2], "", *rows[2:]]))[0]
    assert problem.line == 5
    assert "empty" in problem.message


def test_a_missing_column_names_those_there_are(tmp_path):
    problem = only(problems_of(write(tmp_path, good_rows()), columns=["dni_w_m2"]))
    assert (problem.line, problem.key) == (2, "dni_w_m2")
    assert "capacity_factor" in problem.message


def test_a_file_without_hours_is_told_to_count_them(tmp_path):
    path = write(tmp_path, ["0.5"], header="capacity_factor")
    problem = only(problems_of(path, columns=[FACTOR], steps=1))
    assert problem.key == "hour"
    assert "0, 1, 2" in problem.message


def test_a_doubled_column_is_refused(tmp_path):
    path = write(tmp_path, ["0,1,2"], header="hour,ghi_w_m2,ghi_w_m2")
    assert "2 times" in only(problems_of(path, columns=[GHI], steps=1)).message


def test_every_flaw_is_told_at_once(tmp_path):
    rows = ["0,50,1", "1,x,1", "2,0.5,-3", "3,0.5,1"]
    assert [problem.line for problem in problems_of(write(tmp_path, rows))] == [3, 4, 5]


def test_a_hopeless_file_does_not_flood_the_screen(tmp_path):
    rows = [f"{hour},x,1" for hour in range(8760)]
    assert len(problems_of(write(tmp_path, rows), steps=8760)) <= 21


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "no such file" in only(problems_of(tmp_path / "none.csv")).message


def test_a_folder_is_no_series(tmp_path):
    assert "this is a folder" in only(problems_of(tmp_path)).message


def test_an_empty_file_is_no_series(tmp_path):
    path = tmp_path / "series.csv"
    path.write_text("# only a remark\n\n", encoding="utf-8")
    assert "empty" in only(problems_of(path)).message


def test_a_chinese_windows_file_is_told_to_be_utf_8(tmp_path):
    path = tmp_path / "series.csv"
    path.write_bytes("# 张北\nhour,风\n0,1\n".encode("gbk"))
    problem = only(problems_of(path, steps=1))
    assert problem.line == 1
    assert "UTF-8" in problem.message

"""EPW files: what is used, what is remarked and what is refused."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from coplan.dataset import epw
from coplan.dataset.epw import read_epw
from coplan.errors import InputError
from coplan.physics.timeseries import DAYS_PER_MONTH, monthly_mean

REAL = Path(__file__).parents[3] / "shared" / "data" / "weather"
needs_real_data = pytest.mark.skipif(
    not REAL.is_dir(), reason="real weather files are not in ../shared/data/weather"
)

LEAP_MONTHS = (31, 29, *DAYS_PER_MONTH[2:])
FIELD = {"dry_bulb": 6, "humidity": 8, "pressure": 9, "ghi": 13, "wind": 21}
FIRST_LINE = 9


def rows_of(months=DAYS_PER_MONTH, year=2005):
    """Rows of a year: dry bulb is the hour of the day over ten, wind changes every hour."""
    rows = []
    for month, days in enumerate(months, start=1):
        for day in range(1, days + 1):
            for hour in range(1, 25):
                wind = 3 + hour % 5
                rows.append(
                    f"{year},{month},{day},{hour},0,?9,{hour / 10},-5.0,50,86000,9999,9999,300,"
                    f"400,500,150,999900,999900,999900,99990,180,{wind},5,5,999"
                )
    return rows


def changed(rows, index, **fields):
    parts = rows[index].split(",")
    for name, value in fields.items():
        parts[FIELD[name]] = str(value)
    rows[index] = ",".join(parts)
    return rows


def header(zone="8.0", longitude="114.70", records="1"):
    return [
        f"LOCATION,Zhangbei,Hebei,CHN,Test,533990,41.15,{longitude},{zone},1393.3",
        "DESIGN CONDITIONS,0",
        "TYPICAL/EXTREME PERIODS,0",
        "GROUND TEMPERATURES,0",
        "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
        "COMMENTS 1,made for a test",
        "COMMENTS 2,",
        f"DATA PERIODS,1,{records},Data,Sunday, 1/ 1,12/31",
    ]


def write(folder, rows, head=None, name="station.epw"):
    path = folder / name
    content = ("\n".join([*(head or header()), *rows]) + "\n").encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def first_problem(path):
    with pytest.raises(InputError) as caught:
        read_epw(path)
    problem = caught.value.problems[0]
    assert problem.file == str(path)
    return problem


def notices_of(year):
    return {notice.code: notice.count for notice in year.notices}


def test_hour_one_becomes_the_step_beginning_at_midnight(tmp_path):
    year = read_epw(write(tmp_path, rows_of()))
    assert year.dry_bulb_degc[0] == pytest.approx(0.1)
    assert year.dry_bulb_degc[23] == pytest.approx(2.4)
    assert len(year.dry_bulb_degc) == 8760


def test_units_are_those_of_the_package(tmp_path):
    year = read_epw(write(tmp_path, rows_of()))
    assert year.relative_humidity[0] == 0.5
    assert year.pressure_pa[0] == 86000
    assert (year.ghi_w_m2[0], year.dni_w_m2[0], year.dhi_w_m2[0]) == (400, 500, 150)
    assert year.wind_speed_10m_m_s[0] == 4


def test_the_place_is_read_from_the_first_line(tmp_path):
    year = read_epw(write(tmp_path, rows_of()))
    assert (year.station, year.wmo) == ("Zhangbei", "533990")
    assert (year.latitude_deg, year.longitude_deg, year.altitude_m) == (41.15, 114.70, 1393.3)


def test_a_clean_file_has_no_remarks(tmp_path):
    assert read_epw(write(tmp_path, rows_of())).notices == ()


def test_gzip_reads_the_same(tmp_path):
    plain = read_epw(write(tmp_path, rows_of()))
    packed = read_epw(write(tmp_path, rows_of(), name="station.epw.gz"))
    assert np.array_equal(plain.dry_bulb_degc, packed.dry_bulb_degc)


def test_gzip_is_known_by_its_content_not_its_name(tmp_path):
    packed = write(tmp_path, rows_of(), name="station.epw.gz")
    plainly_named = packed.rename(tmp_path / "packed.epw")
    assert read_epw(plainly_named).station == "Zhangbei"


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = tmp_path / "station.epw"
    path.write_bytes(("\ufeff" + "\r\n".join([*header(), *rows_of()]) + "\r\n\r\n").encode())
    assert len(read_epw(path).dry_bulb_degc) == 8760


def test_humidity_over_a_hundred_is_capped_and_counted(tmp_path):
    rows = changed(changed(rows_of(), 5, humidity=104), 6, humidity=101)
    year = read_epw(write(tmp_path, rows))
    assert year.relative_humidity[5] == 1.0
    assert notices_of(year) == {"humidity_over_100": 2}


def test_a_leap_day_is_dropped_and_said(tmp_path):
    year = read_epw(write(tmp_path, rows_of(LEAP_MONTHS, 2004)))
    assert len(year.dry_bulb_degc) == 8760
    assert notices_of(year) == {"leap_day_dropped": 24}


def test_wind_observed_every_six_hours_is_remarked(tmp_path):
    rows = rows_of()
    for index in range(8760):
        changed(rows, index, wind=(index + 4) // 6 % 7)
    assert notices_of(read_epw(write(tmp_path, rows)))["stepwise_wind"] > 1400


def test_a_jump_of_the_dry_bulb_is_remarked_and_left(tmp_path):
    year = read_epw(write(tmp_path, changed(rows_of(), 0, dry_bulb=-23.6)))
    assert year.dry_bulb_degc[0] == -23.6
    assert notices_of(year) == {"dry_bulb_jump": 1}


def test_months_of_different_years_are_remarked(tmp_path):
    rows = rows_of()
    rows[:744] = [row.replace("2005", "1999", 1) for row in rows[:744]]
    assert notices_of(read_epw(write(tmp_path, rows))) == {"mixed_years": 2}


def test_a_place_far_from_its_time_zone_is_remarked(tmp_path):
    year = read_epw(write(tmp_path, rows_of(), header(longitude="87.6")))
    assert notices_of(year) == {"time_zone": 1}


def test_every_remark_speaks_two_languages(tmp_path):
    rows = changed(changed(rows_of(LEAP_MONTHS), 0, dry_bulb=-23.6), 9, humidity=101)
    for notice in read_epw(write(tmp_path, rows)).notices:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in notice.zh)
        assert notice.en.isascii()


@pytest.mark.parametrize(
    ("field", "value"),
    [("dry_bulb", 99.9), ("humidity", 999), ("pressure", 999999), ("ghi", 9999), ("wind", 999)],
)
def test_a_missing_code_is_refused_where_it_stands(tmp_path, field, value):
    rows = changed(changed(rows_of(), 99, **{field: value}), 200, **{field: value})
    problem = first_problem(write(tmp_path, rows))
    assert problem.line == FIRST_LINE + 99
    assert "missing value, in 2 hours" in problem.message


def test_every_bad_column_is_told_at_once(tmp_path):
    rows = changed(rows_of(), 3, dry_bulb=99.9, wind=-4, ghi="many")
    with pytest.raises(InputError) as caught:
        read_epw(write(tmp_path, rows))
    assert {problem.key for problem in caught.value.problems} == {
        "dry_bulb_degc",
        "wind_speed_10m_m_s",
        "ghi_w_m2",
    }


def test_an_impossible_value_names_its_limits(tmp_path):
    problem = first_problem(write(tmp_path, changed(rows_of(), 7, pressure=860)))
    assert (problem.line, problem.value) == (FIRST_LINE + 7, "860")
    assert "31000 and 120000" in problem.message


def test_a_short_year_is_refused(tmp_path):
    problem = first_problem(write(tmp_path, rows_of()[:-1]))
    assert "8759 hours, 8760 are needed" in problem.message


def test_a_long_year_is_refused(tmp_path):
    rows = rows_of()
    assert "8761 hours" in first_problem(write(tmp_path, [*rows, rows[-1]])).message


def test_a_missing_hour_is_refused_where_it_is_missing(tmp_path):
    rows = rows_of()
    del rows[30]
    problem = first_problem(write(tmp_path, rows))
    assert problem.line == FIRST_LINE + 30
    assert "1, 2, 7" in problem.message


def test_a_broken_row_is_refused(tmp_path):
    rows = rows_of()
    rows[5] = "2005,1,1,6,0"
    problem = first_problem(write(tmp_path, rows))
    assert problem.line == FIRST_LINE + 5
    assert "fields" in problem.message


@pytest.mark.parametrize("zone", ["7.0", "0", "5.5"])
def test_another_time_zone_is_refused(tmp_path, zone):
    problem = first_problem(write(tmp_path, rows_of(), header(zone=zone)))
    assert (problem.line, problem.value) == (1, zone)
    assert "UTC+8" in problem.message


def test_a_place_without_numbers_is_refused(tmp_path):
    assert "LOCATION" in first_problem(write(tmp_path, rows_of(), header(zone="east"))).message


def test_a_place_off_the_globe_is_refused(tmp_path):
    problem = first_problem(write(tmp_path, rows_of(), header(longitude="500")))
    assert "longitude" in problem.message


def test_half_hourly_records_are_refused(tmp_path):
    problem = first_problem(write(tmp_path, rows_of(), header(records="2")))
    assert problem.line == 8
    assert "one record per hour" in problem.message


@pytest.mark.parametrize("text", ["", "hour,ghi\n0,1\n", "LOCATION,Zhangbei\n"])
def test_something_else_is_not_an_epw(tmp_path, text):
    path = tmp_path / "station.epw"
    path.write_text(text, encoding="utf-8")
    assert "not an EPW" in first_problem(path).message


def test_an_epw_without_data_periods_is_refused(tmp_path):
    head = [*header()[:-1], "COMMENTS 3,"]
    assert "DATA PERIODS" in first_problem(write(tmp_path, rows_of(), head)).message


def test_a_gzip_cut_short_is_refused(tmp_path):
    path = write(tmp_path, rows_of(), name="station.epw.gz")
    path.write_bytes(path.read_bytes()[:-400])
    assert "cut short" in first_problem(path).message


def test_a_damaged_gzip_is_refused(tmp_path):
    path = write(tmp_path, rows_of(), name="station.epw.gz")
    content = bytearray(path.read_bytes())
    content[200:260] = bytes(60)
    path.write_bytes(content)
    assert "damaged" in first_problem(path).message


def test_a_compressed_bomb_stops_at_the_cap(tmp_path):
    path = tmp_path / "bomb.epw.gz"
    path.write_bytes(gzip.compress(bytes(epw.MOST_BYTES + 10), compresslevel=1))
    assert "8 MB" in first_problem(path).message


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "no such file" in first_problem(tmp_path / "none.epw").message


def test_a_folder_is_no_weather(tmp_path):
    assert "folder, not a file" in first_problem(tmp_path).message


@needs_real_data
def test_real_zhangbei_has_its_known_warts_and_means():
    year = read_epw(REAL / "CHN_Hebei.Zhangbei.533990_CSWD.epw.gz")
    assert notices_of(year) == {"humidity_over_100": 78, "dry_bulb_jump": 1}
    assert monthly_mean(year.dry_bulb_degc)[[0, 6]] == pytest.approx([-13.9, 18.9], abs=0.1)
    assert year.ghi_w_m2.sum() / 1000 == pytest.approx(1533, abs=1)
    assert year.altitude_m == 1393.3


@needs_real_data
def test_real_huailai_reports_six_hourly_wind():
    year = read_epw(REAL / "CHN_Hebei.Huailai.544050_CSWD.epw.gz")
    assert notices_of(year) == {"humidity_over_100": 10, "stepwise_wind": 1459}


@needs_real_data
def test_every_real_file_is_read():
    files = sorted(REAL.glob("*.epw.gz"))
    assert files
    for file in files:
        assert len(read_epw(file).ghi_w_m2) == 8760

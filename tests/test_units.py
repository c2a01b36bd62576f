"""Units: numbers, text with units, and text that must be refused."""

import math

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.units import quantity, to_unit


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("120", "MW", 120.0),
        ("120 MW", "MW", 120.0),
        ("120MW", "MW", 120.0),
        ("500 kW", "MW", 0.5),
        ("0.45 CNY/kWh", "CNY/MWh", 450.0),
        ("0.4 元/kWh", "CNY/MWh", 400.0),
        ("3 亿元", "CNY", 3e8),
        ("5 万元/MW", "CNY/MW", 50000.0),
        ("40 CNY/kW/month", "CNY/kW/year", 480.0),
        ("1 EFLOPS", "P", 1000.0),
        ("20 PFLOPS/MW", "P/MW", 20.0),
        ("80 %", "dimensionless", 0.8),
        ("30 min", "hour", 0.5),
        ("2 h", "s", 7200.0),
        ("25 years", "year", 25.0),
        ("50 kVA", "MVA", 0.05),
        ("581 g/kWh", "kg/kWh", 0.581),
        ("1.2 km", "m", 1200.0),
        ("-5 °C", "degC", -5.0),
        ("1e3", "MW", 1000.0),
        ("010", "MW", 10.0),
        (".5", "MW", 0.5),
        (7, "MW", 7),
    ],
)
def test_a_quantity_keeps_its_meaning_in_the_documented_unit(text, unit, value):
    assert to_unit(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 MWh", "MW"), ("5 USD", "CNY"), ("5 P", "MW"), ("5 tce", "t"),
        ("120 mW", "MW"), ("120 KW", "MW"), ("120 mwh", "MWh"), ("1,000 MW", "MW"),
        ("1_000", "MW"), ("22:30", "hour"), ("nan", "MW"), (".inf", "MW"), ("0x10", "MW"),
        ("", "MW"), ("MW", "MW"), ("١٢", "MW"), ("5 MW; rm", "MW"), ("2 MW**9999999", "MW"),
        ("9**9**9**9 MW", "MW"), ("1" * 5000, "MW"), ("1 MW^9^9^9", "MW"), ("5 °F", "degC"),
        ("3 (MW)", "MW"), ("1 " + "MW*" * 30 + "MW", "MW"), ("2030-01-01", "year"),
    ],
)  # fmt: skip
def test_text_that_is_no_such_quantity_is_refused_with_an_example(text, unit):
    with pytest.raises(ValueError, match="must be a number"):
        to_unit(text, unit)


def test_a_small_m_is_told_to_mean_milli():
    with pytest.raises(ValueError, match="small m means milli"):
        to_unit("120 mW", "MW")


def test_a_field_refuses_what_is_beyond_its_limits_and_infinity():
    class Card(pydantic.BaseModel):
        power_mw: quantity("MW", ge=0, le=100)

    assert Card(power_mw="50 kW").power_mw == pytest.approx(0.05)
    for wrong in ("-1", "101", "1e999", "1e400 kW", math.nan, math.inf):
        with pytest.raises(pydantic.ValidationError):
            Card(power_mw=wrong)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=70), st.sampled_from(["MW", "CNY/kWh", "dimensionless", "degC"]))
def test_any_text_is_a_float_or_a_value_error(text, unit):
    try:
        value = to_unit(text, unit)
    except ValueError:
        return
    assert isinstance(value, float)

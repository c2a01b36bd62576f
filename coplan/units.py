"""Units: a number in the documented unit, or text with a unit, becomes one plain float."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any

import pydantic

# Text never reaches pint's expression parser: it evaluates powers, so `9**9**9 MW` would hang.
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_UNIT = re.compile(r"(?:%|°C?|[^\W\d_]+(?:\^[0-9])?(?: ?[*/·] ?[^\W\d_]+(?:\^[0-9])?)*)")
_MILLI = re.compile(r"\bm(?:W|Wh|VA)\b")
MAX_TEXT = 60


# Only units that planners of power and computing use: a short list is quick to load, and a slip
# such as `KW` or `mwh` stays unknown instead of becoming kelvin watts.
_DEFINITIONS = """
milli- = 1e-3 = m-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
peta- = 1e15 = P-
exa- = 1e18 = E-
second = [time] = s
minute = 60 second = min
hour = 3600 second = h
day = 24 hour = d
year = 8760 hour = a = years
month = year / 12
metre = [length] = m = meter
gram = [mass] = g
tonne = 1e6 gram = t
watt = [power] = W = VA
watt_hour = watt * hour = Wh
joule = watt * second = J
litre = 1e-3 metre ** 3 = L
CNY = [currency] = RMB = yuan = 元
万元 = 1e4 CNY
亿元 = 1e8 CNY
FLOPS = [compute]
P = 1e15 FLOPS
tce = [coal]
byte = [data] = B
bit = byte / 8
degC = [temperature] = celsius
percent = 0.01
degree = [angle] = deg
"""


@cache
def registry() -> Any:
    """The one pint registry, with money and compute as dimensions of their own."""
    import pint

    units: Any = pint.UnitRegistry(None)
    for line in _DEFINITIONS.strip().splitlines():
        units.define(line)
    return units


@cache
def _unit(text: str) -> Any:
    for sign, word in (("·", "*"), ("%", "percent"), ("°", "deg")):
        text = text.replace(sign, word)
    return registry().parse_units(text)


@cache
def _ratio(found: str, unit: str) -> float:
    """How many `unit` one `found` is; raises ValueError where they measure different things."""
    try:
        ratio = registry().Quantity(1.0, _unit(found)).to(_unit(unit)).magnitude
        return float(f"{ratio:.14g}")  # 1e18 / 1e15 is not quite 1000
    except Exception as error:  # pint raises many kinds for text that is no unit
        raise ValueError(str(error)) from error


def to_unit(value: Any, unit: str) -> Any:
    """Convert text such as "120 MW" to a float in `unit`; numbers and other types pass unchanged.

    Raises ValueError with what was expected when the text has no such unit.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    number = _NUMBER.match(text) if len(text) <= MAX_TEXT else None
    if number is None:
        raise ValueError(_expected(unit))
    rest = text[number.end() :].strip()
    if not rest or rest == unit:
        return float(number[0])
    if not _UNIT.fullmatch(rest):
        raise ValueError(_expected(unit))
    if _MILLI.search(rest):
        raise ValueError(f"{_expected(unit)}; a small m means milli")
    try:
        return float(number[0]) * _ratio(rest, unit)
    except ValueError as error:
        raise ValueError(f'{_expected(unit)}; "{rest}" is not convertible to {unit}') from error


def _expected(unit: str) -> str:
    if unit == "dimensionless":
        return 'must be a number such as 0.8 or text such as "80 %"'
    return f'must be a number in {unit} or text with a unit such as "120 {unit}"'


def quantity(unit: str, **limits: Any) -> Any:
    """A pydantic float field in `unit`; `limits` are those of pydantic.Field (ge, gt, le, lt)."""
    return Annotated[
        float,
        pydantic.Field(allow_inf_nan=False, json_schema_extra={"unit": unit}, **limits),
        pydantic.BeforeValidator(lambda value: to_unit(value, unit)),
    ]

"""Numbers as planners write them: 亿元 and 万元 in Chinese, CNY bn and M in English."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

MINUS = "\u2212"
DASH = "–"
MOST_PERCENT_DIGITS = 3


@dataclass(frozen=True)
class Amount:
    """A number with the kind that decides its unit, scale and digits (see `KINDS`)."""

    value: float
    kind: str
    digits: int | None = None
    signed: bool = False


def plain(value: float, digits: int = 0, signed: bool = False) -> str:
    """The number with thousands commas and U+2212 for minus; a dash where there is no number."""
    if not math.isfinite(value):
        return DASH
    text = f"{abs(value):,.{digits}f}"
    is_zero = not any(c in "123456789" for c in text)
    if is_zero:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def significant(value: float, figures: int = 3, most: int = 2) -> int:
    """Decimal digits that show about `figures` significant figures, `most` at the most."""
    if not math.isfinite(value) or value == 0:
        return 0
    return max(0, min(most, figures - 1 - math.floor(math.log10(abs(value)))))


def trimmed(value: float, digits: int, signed: bool = False) -> str:
    """As `plain`, without trailing zeros: a limit of 1.25 is not 1.250."""
    text = plain(value, digits, signed)
    return text.rstrip("0").rstrip(".") if "." in text else text


Scale = tuple[tuple[float, str, str], ...]  # (from this size on, zh unit, en unit); "#" = number

MONEY: Scale = (
    (1e9, "#e8 亿元", "CNY #e9 bn"),
    (1e8, "#e8 亿元", "CNY #e6 M"),
    (1e6, "#e4 万元", "CNY #e6 M"),
    (1e4, "#e4 万元", "CNY #e3 k"),
    (0.0, "#e0 元", "CNY #e0"),
)
POWER: Scale = ((1e3, "#e3 GW", "#e3 GW"), (0.0, "#e0 MW", "#e0 MW"))
ENERGY: Scale = (
    (1e6, "#e6 TWh", "#e6 TWh"),
    (1e3, "#e3 GWh", "#e3 GWh"),
    (0.0, "#e0 MWh", "#e0 MWh"),
)
COMPUTE: Scale = ((1e3, "#e3 EFLOPS", "#e3 EFLOPS"), (0.0, "#e0 P", "#e0 P"))
COAL: Scale = ((1e4, "#e4 万吨标准煤", "#e3 ktce"), (0.0, "#e0 吨标准煤", "#e0 tce"))
MASS: Scale = ((1e4, "#e4 万吨", "#e3 kt"), (0.0, "#e0 吨", "#e0 t"))


def _scaled(scale: Scale) -> Callable[[Amount, str], str]:
    def show(amount: Amount, lang: str) -> str:
        if not math.isfinite(amount.value):
            return DASH
        size = abs(amount.value)
        _, zh, en = next((row for row in scale if size >= row[0]), scale[-1])
        before, rest = (zh if lang == "zh" else en).split("#")
        power, _, after = rest.partition(" ")
        value = amount.value / 10 ** int(power[1:])
        most = 0 if power == "e0" and scale is MONEY else 2
        digits = significant(value, 3, most) if amount.digits is None else amount.digits
        text = plain(value, digits, amount.signed)
        if text.startswith(MINUS) and before:
            return f"{MINUS}{before}{text[1:]} {after}".rstrip()
        return f"{before}{text} {after}".rstrip()

    return show


def _unit(digits: int, zh: str, en: str, factor: float = 1.0, trim: bool = False):
    def show(amount: Amount, lang: str) -> str:
        if not math.isfinite(amount.value):
            return DASH
        count = digits if amount.digits is None else amount.digits
        number = (trimmed if trim else plain)(amount.value * factor, count, amount.signed)
        return number + (zh if lang == "zh" else en)

    return show


def _percent(amount: Amount, lang: str) -> str:
    """A share with one digit; with more where it would round up to the whole it is not."""
    if not math.isfinite(amount.value):
        return DASH
    digits, size = 1 if amount.digits is None else amount.digits, 100 * abs(amount.value)
    if size < 100:
        enough = (n for n in range(digits, MOST_PERCENT_DIGITS + 1) if round(size, n) < 100)
        digits = next(enough, digits)  # what not even these digits tell apart is the whole
    return plain(100 * amount.value, digits, amount.signed) + "%"


def _money_column(amount: Amount, lang: str) -> str:
    """Money in a table whose heading carries the unit: 万元 in Chinese, CNY M in English."""
    if lang == "zh":
        return plain(amount.value / 1e4, 0 if amount.digits is None else amount.digits,
                     amount.signed)  # fmt: skip
    return plain(amount.value / 1e6, 2 if amount.digits is None else amount.digits, amount.signed)


def _year(amount: Amount, lang: str) -> str:
    return f"{int(amount.value)}"


def _clock(amount: Amount, lang: str) -> str:
    return f"{int(amount.value):02d}:00"


def _small(amount: Amount, lang: str) -> str:
    """A tiny number in scientific notation, such as a residual."""
    value = amount.value
    if not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -3 <= exponent < 6:
        return plain(value, significant(value, 2, 5), amount.signed)
    # WHY: the font has no superscript digits
    return f"{plain(value / 10**exponent, 1, amount.signed)}e{plain(exponent)}"


KINDS: dict[str, Callable[[Amount, str], str]] = {
    "money": _scaled(MONEY),
    "money_column": _money_column,
    "power": _scaled(POWER),
    "energy": _scaled(ENERGY),
    "compute": _scaled(COMPUTE),
    "mass": _scaled(MASS),
    "coal": _scaled(COAL),
    "water": _unit(0, " m³", " m³"),
    "ramp": _unit(1, " MW/h", " MW/h"),
    "percent": _percent,
    "percent_limit": _unit(2, "%", "%", 100.0, trim=True),
    "points": _unit(1, " 个百分点", " percentage points", 100.0),
    "pue": _unit(3, "", ""),
    "limit": _unit(4, "", "", trim=True),
    "price": _unit(0, " 元/MWh", " CNY/MWh"),
    "count": _unit(0, "", ""),
    "number": _unit(1, "", ""),
    "trim": _unit(4, "", "", trim=True),
    "years": _unit(1, " 年", " years"),
    "hours": _unit(0, " 小时", " h"),
    "temperature": _unit(1, " °C", " °C"),
    "intensity": _unit(3, " 吨 CO₂/MWh", " t CO₂/MWh"),
    "year": _year,
    "clock": _clock,
    "small": _small,
}


def show(amount: Amount, lang: str) -> str:
    """The amount as text in "zh" or "en".

    Raises KeyError for an unknown kind.
    """
    return KINDS[amount.kind](amount, lang)

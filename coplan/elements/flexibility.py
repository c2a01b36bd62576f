"""Demand response: load that is lowered when the grid calls, sold as a capability.

    import[s,t] ≤ baseline[s] − response[s]       in every called step, where any is sold    [MW]
    revenue = (availability + energy price · called hours) · response                  [CNY/year]

The baseline is a power that the contract fixes. One that followed the meter (a mean of earlier
hours) would pay for load that runs only to lift it; a fixed one cannot be moved by the plan. What
is sold is paid as contracted, not as the meter happens to fall below it.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Entry
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.series import CallSeries
from coplan.elements.tariff import HourRanges, Months
from coplan.units import quantity


class CallWindow(Entry):
    """Hours in which the grid calls, on some days of some months."""

    months: Months
    """Months 1 to 12."""
    hours: Annotated[HourRanges, pydantic.Field(min_length=1)]
    """Hour ranges [from, to) of the day."""
    days_per_month: Annotated[int, pydantic.Field(ge=1, le=28)] | None = None
    """Days called in each month, spread evenly over it; every day where nothing is said."""

    @pydantic.field_validator("hours")
    @classmethod
    def _is_forward(cls, ranges: HourRanges) -> HourRanges:
        if any(first >= last for first, last in ranges):
            raise ValueError("a range of hours ends after it begins: [from, to)")
        return ranges


class FlexibilityEntry(Entry):
    """Demand response that a site may sell."""

    baseline_mw: quantity("MW", gt=0, le=100000)
    """Import agreed as the level that reductions count from; fixed by the contract."""
    max_mw: quantity("MW", gt=0, le=100000)
    """Most reduction that may be sold, at most the baseline."""
    availability_cny_per_mw_year: quantity("CNY/MW/year", ge=0, le=1e8) = 0.0
    """Paid for every MW that stands ready."""
    energy_cny_per_kwh: quantity("CNY/kWh", ge=0, le=100) = 0.0
    """Paid for what is reduced in called hours."""
    calls: tuple[CallWindow, ...] = ()
    """Called hours as windows; what several windows name is called once."""
    call_series: CallSeries | None = None
    """Called hours as a series of the user's own instead: 1 where called, 0 elsewhere."""

    @pydantic.model_validator(mode="after")
    def _is_called_one_way(self) -> FlexibilityEntry:
        if bool(self.calls) == (self.call_series is not None):
            raise ValueError("give either calls or call_series")
        if self.max_mw > self.baseline_mw:
            raise ValueError(f"max_mw must be at most baseline_mw, {self.baseline_mw:g} MW")
        return self


def called(
    windows: tuple[CallWindow, ...], month: np.ndarray, day: np.ndarray, hour: np.ndarray
) -> np.ndarray:
    """1 in called steps (time), from each step's month, day of the year and hour of the day.

    Of n days called in a month of N, the i-th (from 0) is day ⌊(i + ½) · N / n⌋ + 1.
    """
    inside = np.zeros(month.size, dtype=bool)
    for window in windows:
        now = np.isin(month, window.months)
        now &= np.any([(hour >= first) & (hour < last) for first, last in window.hours], axis=0)
        if window.days_per_month is not None:
            now &= np.isin(day, _days(window.days_per_month))
        inside |= now
    return inside.astype(float)


def _days(count: int) -> np.ndarray:
    """Days of the year of which `count` lie in every month, spread evenly over it."""
    length = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    first = np.cumsum(length) - length
    each = (np.arange(count) + 0.5) / count
    return (first[:, None] + np.floor(each * length[:, None]) + 1).ravel()


def table(entries: dict[str, FlexibilityEntry], calls: np.ndarray) -> dict[str, Field]:
    """Demand response as dataset fields; `entries` is site → entry, `calls` (response, time).

    Nothing can be sold that is never called within the horizon.
    """
    rows = list(entries.values())

    def field(values: list[float], units: str, long_name: str) -> Field:
        return Field(("response",), np.array(values, dtype=float), units, long_name)

    most = [e.max_mw * float(one.any()) for e, one in zip(rows, calls, strict=True)]
    return {
        "response": Field(("response",), [f"{s}_response" for s in entries], "", "of a site"),
        "response_site": Field(("response",), list(entries), "", "site"),
        "response_baseline_mw": field([e.baseline_mw for e in rows], "MW", "agreed baseline"),
        "response_max_mw": field(most, "MW", "most reduction sold"),
        "response_availability_cny_per_mw_year": field(
            [e.availability_cny_per_mw_year for e in rows], "CNY/MW/year", "paid for readiness"
        ),
        "response_energy_cny_per_mwh": field(
            [KILO_TO_MEGA * e.energy_cny_per_kwh for e in rows], "CNY/MWh", "paid when called"
        ),
        "response_called": Field(("response", "time"), calls, "1", "1 where the grid calls"),
    }


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare the reduction a site sells in one period and book what it earns."""
    b = algebra.block(sizes, "flexibility", doc="demand response: what is sold")
    most = data["response_max_mw"].values
    hours = data["response_called"].values @ (data["step_weight"].values * index.step_h)
    earned = data["response_availability_cny_per_mw_year"].values
    earned = earned + data["response_energy_cny_per_mwh"].values * hours
    b.responses = algebra.index(
        names(data, "response"), dim="response", doc="sites that may sell demand response"
    )
    b.most = algebra.param(b.responses, values=most)
    b.earned = algebra.param(b.responses, values=KILO * earned)
    b.response_mw = algebra.variable(
        b.responses, upper=most, unit="MW", doc="reduction sold as demand response"
    )
    b.is_responding = algebra.variable(
        b.responses, upper=1.0, integer=True, unit="1", doc="1 where demand response is sold"
    )

    @algebra.constraint(b, b.responses, doc="who sells no demand response has none to give")
    def response_link(b, r):
        return b.response_mw[r] <= b.most[r] * b.is_responding[r]

    @algebra.expression(b, b.responses, unit="kCNY/year", doc="earned by demand response")
    def response_kcny(b, r):
        return -b.earned[r] * b.response_mw[r]

    places = names(data, "response_site")
    ledger.book("flexibility", "flexibility revenue", b.response_kcny, b.responses, places)


def close(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """In called steps a site that sells demand response imports so much less than its baseline."""
    b = algebra.block(y, "flexibility", doc="demand response")
    imports = ledger.pick("grid")
    row, step = np.nonzero(data["response_called"].values)
    units = np.array(names(data, "response"), dtype=object)
    places = np.array(names(data, "response_site"), dtype=object)
    sites = names(data, "site")
    here = [sites.index(place) for place in places]
    baseline = data["response_baseline_mw"].values
    most = np.maximum(data["connection_max_mw"].values[here], baseline)
    b.calls = algebra.index(row.size, dim="call", doc="steps in which the grid calls a site")
    b.call_of = algebra.param(b.calls, values=units[row])
    b.call_site = algebra.param(b.calls, values=places[row])
    b.call_step = algebra.param(b.calls, values=step)
    b.connection = algebra.param(b.calls, values=most[row])
    b.above_baseline = algebra.param(b.calls, values=(most - baseline)[row])
    sold, is_sold = sizes.flexibility.response_mw, sizes.flexibility.is_responding

    @algebra.constraint(b, b.calls, doc="a called site imports no more than it has agreed to")
    def called_limit(b, k):
        drawn = sum_postings(imports, b.call_site[k], b.call_step[k])
        kept = b.above_baseline[k] * is_sold[b.call_of[k]]
        return drawn + sold[b.call_of[k]] + kept <= b.connection[k]

"""Limits on the exchange of a project with the public grid, step by step.

    import ≤ limit,  export ≤ limit                                     largest exchange      [MW]
    |exchange[t] − exchange[t−1]| ≤ limit · Δ                           ramp                  [MW]
    exchange[t] ≤ highest[day(t)]                                       peak-valley rate      [MW]
    exchange[t] ≥ (1 − rate) · highest[day(t)]                                                [MW]

The exchange is import less export of the project's sites, summed. The peak-valley rate (峰谷差率)
of a day or year is (max − min) / max of the exchange; both rows together hold exactly where it is
at most the rate, since a `highest` above the maximum only makes the second stricter. A rate is at
most 1, so there is no reverse flow under such a clause: the lowest exchange is not below zero.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan import algebra
from coplan.elements.card import Share
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.targets.scope import Places, of_kind, sites_in_scope
from coplan.elements.targets.soft import PerMw, relief
from coplan.units import quantity


class MaxExchange(Places, PerMw):
    """Most power that the project takes from or gives to the grid (最大交换功率)."""

    value: quantity("MW", ge=0, le=1e6)
    """MW, of import and of export, in any step."""


class RampLimit(Places, PerMw):
    """Most change of the exchange from one step to the next."""

    value: quantity("MW/hour", ge=0, le=1e6)
    """MW per hour, up and down."""


class PeakValleyRate(Places, PerMw):
    """Most peak-valley rate of the exchange (交换功率峰谷差率)."""

    value: Share
    """(Largest − smallest) / largest exchange of every day, or of the year."""
    per: Literal["day", "year"] = "day"
    """Over what the largest and the smallest are taken."""


def limit_exchange(
    y: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Ask one operating year for every limit on the exchange with the grid."""
    asked = of_kind(targets, "max_exchange", "ramp_limit", "peak_valley_rate")
    if not asked:
        return
    b, sites, times = y.targets, index.sites, index.times
    imports, exports = ledger.pick("grid"), ledger.pick("export")
    b.exchanges = algebra.index([t["id"] for t in asked], dim="exchange", doc="limited exchanges")
    b.exchange_inside = algebra.param(
        b.exchanges, sites, values=np.array([sites_in_scope(t, data) for t in asked])
    )

    @algebra.expression(b, b.exchanges, times, unit="MW", doc="import of a project")
    def import_mw(b, c, t):
        return sum(b.exchange_inside[c, s] * sum_postings(imports, s, t) for s in sites)

    @algebra.expression(b, b.exchanges, times, unit="MW", doc="export of a project")
    def fed_in_mw(b, c, t):
        return -sum(b.exchange_inside[c, s] * sum_postings(exports, s, t) for s in sites)

    _largest(b, index, of_kind(asked, "max_exchange"), ledger)
    _ramps(b, index, of_kind(asked, "ramp_limit"), ledger)
    _rates(b, index, data, of_kind(asked, "peak_valley_rate"), ledger)


def _largest(b: Any, index: Index, asked: list[dict], ledger: Ledger) -> None:
    if not asked:
        return
    ids, times = [t["id"] for t in asked], index.times
    b.capped = algebra.index(ids, dim="capped", doc="projects with a largest exchange")
    b.exchange_most = algebra.param(b.capped, values=np.array([float(t["value"]) for t in asked]))
    b.capped_relief = relief(b, b.capped, ids)

    @algebra.constraint(b, b.capped, times, doc="import within the largest exchange")
    def exchange_import_limit(b, c, t):
        missed = sum(b.capped_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return b.import_mw[c, t] - missed <= b.exchange_most[c]

    @algebra.constraint(b, b.capped, times, doc="export within the largest exchange")
    def exchange_export_limit(b, c, t):
        missed = sum(b.capped_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return b.fed_in_mw[c, t] - missed <= b.exchange_most[c]

    for name in ids:
        for row in (b.exchange_import_limit, b.exchange_export_limit):
            ledger.promise(name, (row, name), "", -1.0, "CNY/year per MW", "MW")


def _ramps(b: Any, index: Index, asked: list[dict], ledger: Ledger) -> None:
    if not asked:
        return
    ids, times, before = [t["id"] for t in asked], index.times, index.previous_step
    b.ramped = algebra.index(ids, dim="ramped", doc="projects with a ramp limit")
    most = index.step_h * np.array([float(t["value"]) for t in asked])
    b.ramp_most = algebra.param(b.ramped, values=most)
    b.ramp_relief = relief(b, b.ramped, ids, index.step_h)

    @algebra.expression(b, b.ramped, times, unit="MW", doc="change of a project's exchange")
    def rise_mw(b, c, t):
        now = b.import_mw[c, t] - b.fed_in_mw[c, t]
        return now - b.import_mw[c, before[t]] + b.fed_in_mw[c, before[t]]

    @algebra.constraint(b, b.ramped, times, doc="the exchange rises only so fast")
    def exchange_rise_limit(b, c, t):
        missed = sum(b.ramp_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return b.rise_mw[c, t] - missed <= b.ramp_most[c]

    @algebra.constraint(b, b.ramped, times, doc="the exchange falls only so fast")
    def exchange_fall_limit(b, c, t):
        missed = sum(b.ramp_relief[c, k] * b.missed_soft[k] for k in b.soft)
        return -b.rise_mw[c, t] - missed <= b.ramp_most[c]

    for name in ids:
        for row in (b.exchange_rise_limit, b.exchange_fall_limit):
            ledger.promise(name, (row, name), "", -index.step_h, "CNY/year per MW/h", "MW")


def _rates(b: Any, index: Index, data: Any, asked: list[dict], ledger: Ledger) -> None:
    if not asked:
        return
    ids, times = [t["id"] for t in asked], index.times
    day = data["day_of_year"].values.astype(int)
    span = np.array([day if t["per"] == "day" else np.zeros_like(day) for t in asked])
    b.levelled = algebra.index(ids, dim="levelled", doc="projects with a peak-valley rate")
    b.spans = algebra.index(sorted({*day.tolist(), 0}), dim="span", doc="days, or 0: the year")
    b.span = algebra.param(b.levelled, times, values=span)
    b.valley = algebra.param(b.levelled, values=1.0 - np.array([float(t["value"]) for t in asked]))
    b.level_relief = relief(b, b.levelled, ids)
    connection = data["connection_max_mw"].values
    most = np.array([sites_in_scope(t, data) @ connection for t in asked])[:, None]
    b.highest_mw = algebra.variable(
        b.levelled, b.spans, upper=most, unit="MW", doc="largest exchange of a day or year"
    )

    @algebra.constraint(b, b.levelled, times, doc="no exchange is above the largest")
    def exchange_peak_limit(b, c, t):
        return b.import_mw[c, t] - b.fed_in_mw[c, t] <= b.highest_mw[c, b.span[c, t]]

    @algebra.constraint(b, b.levelled, times, doc="no exchange is far below the largest")
    def exchange_valley_floor(b, c, t):
        missed = sum(b.level_relief[c, k] * b.missed_soft[k] for k in b.soft)
        net = b.import_mw[c, t] - b.fed_in_mw[c, t]
        return net - b.valley[c] * b.highest_mw[c, b.span[c, t]] + missed >= 0

    for name in ids:
        row = (b.exchange_valley_floor, name)
        ledger.promise(name, row, "peak of exchange", 0.01, "CNY/year per percentage point", "MW")

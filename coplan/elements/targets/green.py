"""The green share: grey energy that nothing covers stays within its share of the load."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.elements.targets.soft import relief_of
from coplan.elements.trading.certificates import WINDOW_YEARS, valid_in


def green_share(
    y: Any, index: Index, sizes: Any, data: Any, target: dict, ledger: Ledger
) -> None:
    """Grey energy that nothing covers stays within its share of the load."""
    b, hours = y.targets, index.hours
    load, sites, times = ledger.pick("facility"), index.sites, index.times
    allowed, unbundled = 1.0 - target["value"], target["unbundled_max_share"]
    _uncovered(y, index, sizes, data, target["matching"], ledger.pick("grey"))
    counted = valid_in(
        data["certificate_vintage"].values, int(data["period"].values),
        target.get("certificate_window_years", WINDOW_YEARS),
    ) * (target["matching"] != "hourly")  # fmt: skip
    most = float(counted @ data["certificate_max_mwh"].values)
    bought = y.trading.certificates_mwh
    b.certificate_counts = algebra.param(y.trading.certificates, values=counted)
    b.certificates_used_mwh = algebra.variable(
        upper=most, unit="MWh", doc="certificates that count; none by the hour"
    )
    b.green_relief = relief_of(b, target["id"])

    @algebra.constraint(b, doc="uncovered grey energy stays within its share of the load")
    def green_share_limit(b):
        load_mwh = -sum(hours[t] * sum_postings(load, s, t) for s in sites for t in times)
        uncovered = sum(b.uncovered_grey_mwh[i] for i in b.intervals)
        missed = sum(b.green_relief[k] * b.missed_soft[k] for k in b.soft)
        return uncovered - b.certificates_used_mwh - missed <= allowed * load_mwh

    @algebra.constraint(b, doc="certificates cover at most their share of the load")
    def certificate_limit(b):
        load_mwh = -sum(hours[t] * sum_postings(load, s, t) for s in sites for t in times)
        return b.certificates_used_mwh <= unbundled * load_mwh

    @algebra.constraint(b, doc="a valid certificate is bought before it is used")
    def certificate_link(b):
        valid = sum(b.certificate_counts[e] * bought[e] for e in y.trading.certificates)
        return b.certificates_used_mwh <= valid

    unit = "CNY/year per percentage point"
    ledger.promise(target["id"], (b.green_share_limit, None), "load", -0.01, unit)


def _uncovered(y: Any, index: Index, sizes: Any, data: Any, matching: str, grey: list) -> None:
    """Declare, by interval, the grey energy that unspent contract energy does not cover.

    Own energy fed into the grid covers grey too where its certificates stay with the user.

    Hourly matching is one interval too: grey is grey by the hour, and nothing is netted.
    """
    b, sites, times, hours = y.targets, index.sites, index.times, index.hours
    month = data["month_of_step"].values
    intervals = [int(m) for m in index.months] if matching == "monthly" else [0]
    within = np.array([(month == i) | (i == 0) for i in intervals], dtype=float)
    counts = [matching != "hourly" and kind != "hourly"
              for kind in names(data, "contract_settlement")]  # fmt: skip
    settled = np.array(counts, dtype=float)
    weight = data["step_weight"].values * index.step_h
    produced = data["contract_profile"].values * settled[:, None]
    most_mwh = (within @ weight) * float(data["connection_max_mw"].values.sum())
    b.intervals = algebra.index(intervals, dim="interval", doc="intervals of matching")
    b.within = algebra.param(b.intervals, times, values=within)
    b.settled = algebra.param(index.contracts, values=settled)
    kept = data["export_keeps_certificates"].values * (matching != "hourly")
    b.kept = algebra.param(sites, values=kept)
    b.produced = algebra.param(b.intervals, index.contracts, values=(within * weight) @ produced.T)
    b.uncovered_grey_mwh = algebra.variable(
        b.intervals, upper=most_mwh, unit="MWh", doc="grey energy that nothing covers"
    )

    contracts = y.trading

    @algebra.constraint(b, b.intervals, doc="unspent contract energy covers grey of its interval")
    def uncovered_floor(b, i):
        volume, delivered = sizes.trading.contract_volume_mw, contracts.delivered_mw
        grey_mwh = sum(
            b.within[i, t] * hours[t] * sum_postings(grey, s, t) for s in sites for t in times
        )
        made = sum(b.produced[i, c] * volume[c] for c in index.contracts)
        taken = sum(
            b.settled[c] * b.within[i, t] * hours[t] * delivered[c, t]
            for c in index.contracts for t in times
        )  # fmt: skip
        unmatched = sum(
            b.settled[c] * b.within[i, t] * hours[t] * contracts.shaped_of[k, c]
            * contracts.unmatched_mw[k, t]
            for k in contracts.shaped for c in index.contracts for t in times
        )  # fmt: skip
        resold = sum(
            b.settled[c] * b.within[i, t] * hours[t] * contracts.resale_of[r, c]
            * contracts.resold_mw[r, t]
            for r in contracts.resales for c in index.contracts for t in times
        )  # fmt: skip
        fed_in = sum(
            b.kept[s] * b.within[i, t] * hours[t] * y.network.export_mw[s, t]
            for s in sites for t in times
        )  # fmt: skip
        spilled = made - (taken - unmatched) - resold
        return b.uncovered_grey_mwh[i] >= grey_mwh - spilled - fed_in

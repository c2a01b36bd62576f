"""Limits on what halls need beside their IT load: PUE of the fleet or of every site."""

from __future__ import annotations

from typing import Any

from coplan import algebra
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger, sum_postings


def pue(b: Any, index: Index, target: dict, ledger: Ledger) -> None:
    """Facility energy of the fleet, or of every site, stays within PUE times IT energy."""
    it, facility = ledger.pick("it"), ledger.pick("facility")
    sites, times, hours, limit = index.sites, index.times, index.hours, target["value"]

    def excess(s, t):  # postings are negative: what a site takes
        return hours[t] * (limit * sum_postings(it, s, t) - sum_postings(facility, s, t))

    if target["scope"] == "fleet":

        @algebra.constraint(b, doc="facility energy of the fleet stays within PUE times IT energy")
        def pue_limit(b):
            return sum(excess(s, t) for s in sites for t in times) <= 0
    else:

        @algebra.constraint(b, sites, doc="facility energy stays within PUE times IT energy")
        def pue_limit(b, s):
            return sum(excess(s, t) for t in times) <= 0

    ledger.promise(target["id"], (b.pue_limit, None), "it", -0.01, "CNY/year per 0.01 PUE")

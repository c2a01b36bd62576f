"""Targets: green share, PUE and total compute; they pick postings by tag and close the accounts.

    uncovered[i] ≥ grey[i] − unspent[i]                by interval of matching               [MWh]
    Σ_i uncovered[i] − certificates ≤ (1 − share) · Σ load              green share          [MWh]
    Σ facility ≤ limit · Σ it                          PUE, of the fleet or of every site    [MWh]
    Σ servers · density ≥ P                            compute of a label                      [P]

Grey is what no green source delivers in its own step. Hourly matching nets nothing. Monthly and
annual matching net grey energy of the interval against unspent contract energy, which was paid
and not taken in its step, and never against another interval; a MWh counts once.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Entry, Share
from coplan.elements.compute import least_halls
from coplan.elements.compute.cards import Label
from coplan.elements.compute.demand import label_ratio
from coplan.elements.index import Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.units import quantity


class GreenShare(Entry):
    """Least share of green energy in facility energy."""

    value: Share
    """Share between 0 and 1."""
    matching: Literal["hourly", "monthly", "annual"] = "annual"
    """Interval within which green and used energy must match."""
    unbundled_max_share: Share = 0.0
    """Most of the load that unbundled certificates may cover; 0: they do not count."""


class PueLimit(Entry):
    """Most annual facility energy over IT energy."""

    value: quantity("dimensionless", ge=1, le=3)
    """PUE."""
    scope: Literal["fleet", "site"] = "fleet"
    """Over all sites together, or each site by itself."""


class Targets(Entry):
    """What the plan must reach; what is left out is not asked for."""

    green_share: GreenShare | None = None
    """Green share of facility energy."""
    pue: PueLimit | None = None
    """Power usage effectiveness."""
    compute: Annotated[dict[Label, quantity("P", ge=0, le=1e8)], pydantic.Field()] = {}
    """Total compute by precision label, P installed."""


def listed(targets: Targets) -> list[dict[str, Any]]:
    """Targets as plain records, in the order in which the report shows them."""
    found: list[dict[str, Any]] = []
    if targets.green_share is not None:
        found.append({"id": "green_share", "kind": "green_share"} | dict(targets.green_share))
    if targets.pue is not None:
        found.append({"id": "pue", "kind": "pue"} | dict(targets.pue))
    for label, value in targets.compute.items():
        found.append({"id": f"compute_{label}", "kind": "compute", "label": label, "value": value})
    return found


def invest(sizes: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger) -> None:
    """Ask the servers of one period for the compute targets."""
    asked = {t["label"]: t["value"] for t in targets if t["kind"] == "compute"}
    if not asked:
        return
    b = algebra.block(sizes, "targets", doc="compute targets")
    kinds = names(data, "label")
    reference = data["label_reference_p_per_mw"].values
    rows = [kinds.index(label) for label in asked]
    needed = np.zeros(len(kinds))
    needed[rows] = np.array(list(asked.values())) / reference[rows]
    b.asked = algebra.index(list(asked), dim="asked_label", doc="labels with a target")
    b.needed = algebra.param(b.asked, values=needed[rows])
    b.ratio = algebra.param(index.halls, b.asked, values=label_ratio(data)[:, rows])

    @algebra.constraint(b, b.asked, doc="servers of a label reach the compute asked for")
    def compute_floor(b, k):
        servers = sizes.compute.servers_mw
        return sum(b.ratio[u, k] * servers[u] for u in index.halls) >= b.needed[k]

    least_halls(sizes.compute, index, data, "target", needed)
    for row, label in zip(rows, asked, strict=True):
        row_of_label = (b.compute_floor, label)
        per_p = 1.0 / float(reference[row])
        ledger.promise(f"compute_{label}", row_of_label, "", per_p, "CNY/year per P")


def close(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Close the green and PUE accounts of one operating year."""
    b = algebra.block(y, "targets", doc="green share and PUE")
    for target in targets:
        if target["kind"] == "green_share":
            _green_share(y, index, sizes, data, target, ledger)
        elif target["kind"] == "pue":
            _pue(b, index, target, ledger)


def _green_share(
    y: Any, index: Index, sizes: Any, data: Any, target: dict, ledger: Ledger
) -> None:
    """Grey energy that nothing covers stays within its share of the load."""
    b, hours = y.targets, index.hours
    load, sites, times = ledger.pick("facility"), index.sites, index.times
    allowed, unbundled = 1.0 - target["value"], target["unbundled_max_share"]
    _uncovered(y, index, sizes, data, target["matching"], ledger.pick("grey"))
    most = 0.0 if target["matching"] == "hourly" else float(data["certificate_max_mwh"])
    b.certificates_used_mwh = algebra.variable(
        upper=most, unit="MWh", doc="certificates that count; none by the hour"
    )

    @algebra.constraint(b, doc="uncovered grey energy stays within its share of the load")
    def green_share_limit(b):
        load_mwh = -sum(hours[t] * sum_postings(load, s, t) for s in sites for t in times)
        uncovered = sum(b.uncovered_grey_mwh[i] for i in b.intervals)
        return uncovered - b.certificates_used_mwh <= allowed * load_mwh

    @algebra.constraint(b, doc="certificates cover at most their share of the load")
    def certificate_limit(b):
        load_mwh = -sum(hours[t] * sum_postings(load, s, t) for s in sites for t in times)
        return b.certificates_used_mwh <= unbundled * load_mwh

    @algebra.constraint(b, doc="a certificate is bought before it is used")
    def certificate_link(b):
        return b.certificates_used_mwh <= y.trading.certificates_mwh

    unit = "CNY/year per percentage point"
    ledger.promise(target["id"], (b.green_share_limit, None), "load", -0.01, unit)


def _uncovered(y: Any, index: Index, sizes: Any, data: Any, matching: str, grey: list) -> None:
    """Declare, by interval, the grey energy that unspent contract energy does not cover.

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
    b.produced = algebra.param(b.intervals, index.contracts, values=(within * weight) @ produced.T)
    b.uncovered_grey_mwh = algebra.variable(
        b.intervals, upper=most_mwh, unit="MWh", doc="grey energy that nothing covers"
    )

    @algebra.constraint(b, b.intervals, doc="unspent contract energy covers grey of its interval")
    def uncovered_floor(b, i):
        volume, delivered = sizes.trading.contract_volume_mw, y.trading.delivered_mw
        grey_mwh = sum(
            b.within[i, t] * hours[t] * sum_postings(grey, s, t) for s in sites for t in times
        )
        made = sum(b.produced[i, c] * volume[c] for c in index.contracts)
        taken = sum(
            b.settled[c] * b.within[i, t] * hours[t] * delivered[c, t]
            for c in index.contracts for t in times
        )  # fmt: skip
        return b.uncovered_grey_mwh[i] >= grey_mwh - (made - taken)


def _pue(b: Any, index: Index, target: dict, ledger: Ledger) -> None:
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

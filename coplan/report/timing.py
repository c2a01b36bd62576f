"""At what price work arrived and ran: what waiting and changing place did, by the plan's prices.

No plan without waiting is solved here, so that no difference of prices is a saving.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from coplan.report.facts import Array, Facts
from coplan.report.model import Item, say

LEAST_SHARE = 1e-3
"""Share of its work that must wait or change place before it is told."""


@dataclass(frozen=True)
class Shift:
    """Work that ran at other hours or places than it would by a fixed rule.

    `before` is the mean price [CNY/MWh] of all its work at arrival (waiting) or at the yearly
    shares of the sites (moving), `after` the price when and where it ran.
    """

    kind: Literal["waiting", "moving"]
    name: Item
    moved_mwh: float
    share: float
    before: float
    after: float


def is_marginal(facts: Facts) -> bool:
    """True where the plan has marginal prices of energy in money; else the tariff is taken."""
    return facts.in_money and bool(np.isfinite(_marginal(facts)).all())


def shifts(facts: Facts) -> list[Shift]:
    """Waiting of every group of pools that may wait, then moving between sites."""
    if not facts.ids("pool"):
        return []
    price = _marginal(facts)  # (site, time)
    if not is_marginal(facts):
        price = facts.values("retail_price_cny_per_mwh", facts.period)
    routed = facts.values("routed_mw", facts.period, facts.weather) * facts.hours
    arrived = facts.values("pool_demand_mw", facts.period) * facts.hours
    delay = facts.values("pool_delay_h")
    found = [
        shift for name, members in facts.pool_groups() if delay[members[0]] > 0
        and (shift := _waiting(name, arrived[members], routed[members], price))
    ]  # fmt: skip
    moving = _moving(routed, price) if len(facts.ids("site")) > 1 else None
    return [*found, *([moving] if moving else [])]


def _marginal(facts: Facts) -> Array:
    return facts.values("energy_price_cny_per_mwh", facts.period, facts.weather)


def _site_shares(routed: Array) -> Array:
    """Share of a year's work of each pool that each site ran, (pool, site)."""
    work = routed.sum(-1)
    total = work.sum(-1, keepdims=True)
    return np.divide(work, total, out=np.zeros_like(work), where=total > 0)


def _waiting(name: Item, arrived: Array, routed: Array, price: Array) -> Shift | None:
    """Work of pools against its arrival, both priced by the yearly shares of the sites."""
    fixed = _site_shares(routed) @ price  # (pool, time)
    served = routed.sum(1)
    late = float(np.clip(arrived - served, 0, None).sum())
    total, run = float(arrived.sum()), float(served.sum())
    if min(total, run) <= 0 or late < LEAST_SHARE * total:
        return None
    return Shift("waiting", name, late, late / total, float((arrived * fixed).sum()) / total,
                 float((served * fixed).sum()) / run)  # fmt: skip


def _moving(routed: Array, price: Array) -> Shift | None:
    """Work by the hour and site against the yearly shares of the sites at the same hours."""
    even = routed.sum(1)[:, None] * _site_shares(routed)[:, :, None]
    total = float(routed.sum())
    moved = float(np.clip(routed - even, 0, None).sum())
    if total <= 0 or moved < LEAST_SHARE * total:
        return None
    return Shift("moving", say("timing.moving"), moved, moved / total,
                 float((even * price).sum()) / total, float((routed * price).sum()) / total)

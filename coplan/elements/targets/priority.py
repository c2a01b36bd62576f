"""Priority: work of some regions runs at the sites named first; elsewhere it pays a penalty.

    Σ at the sites named ≥ share · Σ everywhere                             per target      [MWh]
    penalty = Σ elsewhere · CNY per P and hour              in the penalty book, never in the cost
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute.demand import SITES_APART, pool_rows
from coplan.elements.index import KILO, Index, names
from coplan.elements.ledger import Ledger


def priorities(y: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger) -> None:
    """Charge and limit what runs elsewhere than at the sites that come first."""
    b, work, hours, times = y.targets, y.compute, index.hours, index.times
    asked = {t["id"]: t for t in targets if t["kind"] == "priority"}
    mine = list(zip(names(data, "preference_target"), names(data, "preference_pool"), strict=True))
    asked = {name: target for name, target in asked.items() if name in {one for one, _ in mine}}
    if not asked:
        return
    b.priorities = algebra.index(list(asked), dim="priority", doc="work with a preferred place")
    reference = dict(
        zip(names(data, "label"), data["label_reference_p_per_mw"].values, strict=True)
    )
    labels = dict(zip(names(data, "pool"), names(data, "pool_label"), strict=True))
    worth = {pool: KILO * float(reference[label]) for pool, label in labels.items()}
    routed = _tables(list(work.routes), asked, mine, worth)
    placed = _tables(list(work.placed_now), asked, mine, worth)
    b.route_weight = algebra.param(work.routes, b.priorities, values=routed[0])
    b.placed_weight = algebra.param(work.placed_now, b.priorities, values=placed[0])
    b.route_penalty = algebra.param(work.routes, values=routed[1])
    b.placed_penalty = algebra.param(work.placed_now, values=placed[1])

    @algebra.constraint(b, b.priorities, doc="least share of work at the sites that come first")
    def priority_floor(b, n):
        sent = sum(
            b.route_weight[r, n] * hours[t] * work.route_work_mw[r, t]
            for r in work.routes for t in times
        )  # fmt: skip
        held = sum(
            b.placed_weight[p, n] * hours[t] * work.fixed_work_mw[p, t]
            for p in work.placed_now for t in times
        )  # fmt: skip
        return sent + held >= 0

    @algebra.expression(b, index.fleet, unit="kCNY/year", doc="penalty of work run elsewhere")
    def priority_kcny(b, f):
        sent = sum(
            b.route_penalty[r] * hours[t] * work.route_work_mw[r, t]
            for r in work.routes for t in times
        )  # fmt: skip
        held = sum(
            b.placed_penalty[p] * hours[t] * work.fixed_work_mw[p, t]
            for p in work.placed_now for t in times
        )  # fmt: skip
        return sent + held

    ledger.book("targets", "priority", b.priority_kcny, index.fleet, ["fleet"], "penalty")
    asked_mwh = data["pool_demand_mw"].values @ (data["step_weight"].values * index.step_h)
    for name in asked:
        own = [pool for target, pool in mine if target == name]
        point = 0.01 * float(asked_mwh[pool_rows(data, own)].sum())
        row = (b.priority_floor, name)
        ledger.promise(name, row, "", point, "CNY/year per percentage point")


def _tables(
    flows: list[str],
    asked: dict[str, dict],
    mine: list[tuple[str, str]],
    kcny_per_cny: dict[str, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Tables [flow, priority] of weights in the floor and [flow] of kCNY per MWh.

    A group of sites that a route goes to is preferred as a whole or not at all. `kcny_per_cny`
    turns a penalty per P and hour into kCNY per MWh of each pool's work.
    """
    weight = np.zeros((len(flows), len(asked)))
    price = np.zeros(len(flows))
    for row, flow in enumerate(flows):
        pool, group = str(flow).rsplit("@", 1)
        for column, (name, target) in enumerate(asked.items()):
            if (name, pool) in mine:
                first = group.split(SITES_APART)[0] in target["sites"]
                weight[row, column] = float(first) - target["value"]
                penalty = target["penalty_cny_per_p_h"] * kcny_per_cny[pool]
                price[row] += 0.0 if first else penalty
    return weight, price

"""When a promise or limit fails: the months and hours that carry most of what is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coplan.solve.conflict_texts import Conflict
from coplan.solve.conflicts import Relaxation

MOST = 0.6
"""Share of what is over that the months and hours named must hold."""
FEW_MONTHS, FEW_HOURS = 4, 10
"""More of them than this would say nothing."""


@dataclass(frozen=True)
class When:
    """Months (1 to 12), with their share of what is over, and the hours of the day from `first`
    to `last` (Beijing time), with theirs; empty and None where it is spread over all of them."""

    months: tuple[int, ...] = ()
    of_months: float = 0.0
    hours: tuple[int, int] | None = None
    of_hours: float = 0.0


def when(relaxation: Relaxation, conflict: Conflict) -> When:
    """When the energy falls that breaks a green share or a carbon cap, or exceeds a connection."""
    if relaxation.point is None:
        return When()
    kinds = {target["id"]: target["kind"] for target in relaxation.targets}
    if kinds.get(conflict.cause) in ("green_share", "carbon_cap", "own_supply_share"):
        over = _power(relaxation, "grey", "")
    elif conflict.cause == "grid_connection_mw":
        most = float(relaxation.data["connection_max_mw"].sel(site=conflict.place).max())
        over = np.maximum(0.0, _power(relaxation, "grid", conflict.place) - most)
    else:
        return When()
    energy = over.sum(axis=0) * relaxation.hours
    return told(energy, relaxation.data["month_of_step"].values.astype(int),
                relaxation.data["hour_of_day"].values.astype(int))  # fmt: skip


def told(energy: np.ndarray, month: np.ndarray, hour: np.ndarray) -> When:
    """The few months and the shortest span of hours that hold MOST of an energy by step (time)."""
    total = float(energy.sum())
    if total <= 0.0:
        return When()
    by_month = np.bincount(month, energy, minlength=13) / total
    months, of_months = _few(by_month)
    if len(months) > min(FEW_MONTHS, np.unique(month).size / 2):
        months, of_months = (), 0.0
    by_hour = np.bincount(hour, energy, minlength=24) / total
    for length in range(1, FEW_HOURS + 1):
        spans = np.array([by_hour.take(range(h, h + length), mode="wrap").sum() for h in range(24)])
        first = int(spans.argmax())
        if spans[first] >= MOST:
            is_telling = np.unique(hour).size == 24
            last = (first + length - 1) % 24 + 1
            return When(months, of_months, (first, last) if is_telling else None,
                        float(spans[first]))  # fmt: skip
    return When(months, of_months)


def _few(share: np.ndarray) -> tuple[tuple[int, ...], float]:
    order = np.argsort(-share, kind="stable")
    count = int(np.searchsorted(np.cumsum(share[order]), MOST - 1e-9)) + 1
    chosen = order[:count]
    return tuple(sorted(int(month) for month in chosen)), float(share[chosen].sum())


def _power(relaxation: Relaxation, tag: str, site: str) -> Any:
    """Power of the postings with a tag (operating year, time) [MW], of one site or of all."""
    data, years = relaxation.data, relaxation.model.year_books
    power = np.zeros((len(years), data.sizes["time"]))
    for place, ledger in enumerate(years.values()):
        for posting in ledger.pick(tag):
            flow = relaxation.compiled.evaluate(posting.quantity, relaxation.point)
            if not site:
                power[place] += flow.sum(axis=0)
            elif posting.at is None:
                power[place] += flow[list(posting.units).index(site)]
            else:
                power[place] += np.array([posting.at[u, site] for u in posting.units]) @ flow
    return power

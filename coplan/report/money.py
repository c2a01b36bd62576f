"""The account in the order planners read it: supply, storage, grid, contracts, then the halls."""

from __future__ import annotations

from collections.abc import Iterable

from coplan.report.catalogue import entries
from coplan.report.facts import Facts
from coplan.report.model import Message, say

ORDER = (
    "wind plant", "pv plant", "plant O&M", "own-use fees", "direct line",
    "direct line O&M", "direct line fees", "battery", "battery O&M",
    "battery wear", "grid connection", "grid energy", "demand charge",
    "capacity charge", "single-capacity charge", "energy blocks", "demand blocks",
    "coincident-peak charge", "contract energy", "contract resale", "contract grid fees",
    "certificates", "carbon", "export revenue",
    "efficiency measures", "water", "cold tank", "cold tank O&M", "heat pump", "heat pump O&M",
    "heat revenue", "flexibility revenue", "differential tariff", "backup",
    "backup O&M", "backup fuel", "priority",
    "halls", "halls O&M", "servers", "hall conversion", "hall closure", "server relocation",
    "fibre links", "data transfer", "migration", "subsidies",
)  # fmt: skip
NOT_ENERGY = frozenset({
    "halls", "halls O&M", "servers", "hall conversion", "hall closure", "server relocation",
    "fibre links", "data transfer", "migration", "subsidies",
})  # fmt: skip
ONLY_YEARLY = frozenset({
    "hall conversion", "hall closure", "server relocation", "fibre links", "cold tank",
    "heat pump", "backup", "efficiency measures",
})  # fmt: skip
"""Investments of which the plan knows the yearly cost only."""

INVESTMENT = ("wind", "pv", "lines", "storage", "connection", "halls", "servers")


def label_text(label: str) -> Message | str:
    """The catalogue text of an account label; the label itself where there is none."""
    key = "account." + label.lower().replace("&", "and").replace(" ", "_").replace("-", "_")
    return say(key) if key in entries() else label


def by_label(facts: Facts, period: int | None, books: Iterable[str] = ("cost",),
             place: str | None = None) -> dict[str, float]:  # fmt: skip
    """CNY per year of every label in reading order, of one period (a year) or of all."""
    wanted = set(books)
    sums: dict[str, float] = {}
    for line in facts.account:
        if str(line["book"]) not in wanted:
            continue
        if period is not None and int(line["period"]) != period:
            continue
        if place is not None and str(line["place"]) != place:
            continue
        label = str(line["label"])
        sums[label] = sums.get(label, 0.0) + line["cny"]
    rank = {label: i for i, label in enumerate(ORDER)}
    return dict(sorted(sums.items(), key=lambda item: (rank.get(item[0], 99), item[0])))


def energy_labels(sums: dict[str, float]) -> dict[str, float]:
    """Only the lines that are the cost of energy."""
    return {label: value for label, value in sums.items() if label not in NOT_ENERGY}

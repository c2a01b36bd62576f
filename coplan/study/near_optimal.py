"""The variants near the cheapest plan: how small and how large each size may be, and plans apart.

Each size is made least and most under the budget (1 + within) · cheapest cost, all others being
free. Further plans want several sizes at once, each at random small, large or whatever: what is
found then lies in corners that no single size leads to (`alternatives`, drawn from `seed`).
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from coplan.errors import InputError
from coplan.plan.tables import ENCODING
from coplan.run import read_json
from coplan.scenario.merge import Setting
from coplan.scenario.messages import problem_at
from coplan.scenario.reader import Scenario
from coplan.scenario.yaml_reader import Node
from coplan.study.spec import NearOptimal
from coplan.study.variant import Variant

PART, APART = "near_optimal", "alternatives"
SENSES = {"least": ("最小", ": least"), "most": ("最大", ": most")}
"""Ending of a variant's title in Chinese and in English."""
WORDS = {
    "plant_capacity_mw": ("装机", "capacity"), "storage_power_mw": ("功率", "power"),
    "storage_energy_mwh": ("容量", "energy"), "grid_connection_mw": ("电网接入", "grid connection"),
    "contract_volume_mw": ("签约容量", "volume"), "halls_built": ("机房数", "number of halls"),
    "servers_mw": ("服务器功率", "servers"),
}  # fmt: skip
FINE = 5.0
"""The gap of a solve is at most this part of what the budget leaves, or noise would be told."""
TRIES = 100


def check_base(asked: NearOptimal, node: Node, base: Scenario) -> None:
    """Raise InputError where solves are too coarse to tell plans near the cheapest apart."""
    gap, most = base.spec.options.gap, asked.within / FINE
    if gap > most:
        message = (f"solves within a gap of {gap:g} cannot tell plans apart that differ by "
                   f"{asked.within:g}: set options.gap to {most:g} or less")  # fmt: skip
        raise InputError(problem_at(node, ("near_optimal", "within"), message))


def later_variants(asked: NearOptimal, node: Node, cheapest: Path) -> Iterator[Variant]:
    """Every size least and most, then the plans apart; none without a plan in `cheapest`."""
    kpis = read_json(cheapest / "kpis.json")
    if not kpis:
        return
    names = _names(cheapest)
    yield from _variants(asked, node, kpis["cost_cny"] + kpis["penalties_cny"],
                         _sizes(asked, cheapest), names)  # fmt: skip


def trial_variants(asked: NearOptimal, node: Node) -> list[Variant]:
    """A variant of that kind at an invented cost, to be read before anything is solved."""
    settings = _settings(asked, node, 1.0, {})
    return [Variant("trial", "", "", PART, settings)]


def _variants(
    asked: NearOptimal, node: Node, cost_cny: float, sizes: list[tuple[str, str]],
    names: Mapping[str, Mapping[str, str]],
) -> Iterator[Variant]:  # fmt: skip
    """`sizes` are pairs of quantity and id."""
    for quantity, unit in sizes:
        name = names.get(unit, {})
        for sense, (zh, en) in SENSES.items():
            zh_word, en_word = WORDS[quantity]
            yield Variant(
                f"{sense} {unit} {quantity}", f"{name.get('zh', unit)}{zh_word}{zh}",
                f"{name.get('en', unit)} {en_word}{en}", PART,
                _settings(asked, node, cost_cny, {sense: [(quantity, unit)]}),
                {"size": f"{unit}, {quantity}", "sense": sense},
            )  # fmt: skip
    for number, wanted in enumerate(_directions(asked, sizes), start=1):
        yield Variant(f"alternative {number}", f"备选方案 {number}", f"alternative {number}", APART,
                      _settings(asked, node, cost_cny, wanted))  # fmt: skip


def _directions(
    asked: NearOptimal, sizes: list[tuple[str, str]]
) -> Iterator[dict[str, list[tuple[str, str]]]]:
    """Which sizes are to be least and which most, no two alike and each with two or more."""
    draw = random.Random(asked.seed)
    seen: set[tuple[str, ...]] = set()
    for _ in range(TRIES * asked.alternatives):
        if len(seen) == asked.alternatives:
            return
        senses = tuple(draw.choice(("least", "most", "")) for _ in sizes)
        if senses in seen or sum(map(bool, senses)) < 2:
            continue
        seen.add(senses)
        yield {wanted: [size for size, sense in zip(sizes, senses, strict=True)
                        if sense == wanted] for wanted in SENSES}  # fmt: skip


def _settings(
    asked: NearOptimal, node: Node, cost_cny: float, wanted: Mapping[str, list[tuple[str, str]]]
) -> tuple[Setting, ...]:
    place = node.content["near_optimal"].place
    entry = {"of_cny": Node(repr(cost_cny), place, place),
             "within": Node(repr(asked.within), place, place)}  # fmt: skip
    for sense, sizes in wanted.items():
        of = {}
        for quantity in dict.fromkeys(quantity for quantity, _ in sizes):
            units = [Node(unit, place, place) for name, unit in sizes if name == quantity]
            of[quantity] = Node(units, place, place)
        entry[sense] = Node(of, place, place)
    return (Setting("options.near_optimal", Node(entry, place, place)),)


def _sizes(asked: NearOptimal, cheapest: Path) -> list[tuple[str, str]]:
    """Quantity and id of every size of the last period that is to be explored."""
    path = cheapest / "tables" / "capacities.csv"
    with path.open(encoding=ENCODING, newline="") as stream:
        rows = list(csv.DictReader(stream))
    last = max((int(row["period"]) for row in rows), default=0)
    return [(quantity, row["id"]) for quantity in asked.sizes for row in rows
            if row["quantity"] == quantity and int(row["period"]) == last]  # fmt: skip


def _names(cheapest: Path) -> dict[str, dict[str, str]]:
    with xr.open_dataset(cheapest / "plan.nc") as plan:
        return dict(json.loads(str(plan["text_names"].item())))


def size_names(variants: Sequence[Variant]) -> dict[str, tuple[str, str]]:
    """Chinese and English name of every size explored, by "id, quantity"."""
    zh, en = SENSES["least"]
    return {one.at["size"]: (one.title_zh.removesuffix(zh), one.title_en.removesuffix(en))
            for one in variants if one.part == PART and one.at["sense"] == "least"}  # fmt: skip


def ranks(sizes: np.ndarray, most: int) -> np.ndarray:
    """The plans (variant) that differ most, in order from 0; NaN for the others.

    `sizes` (variant, size), the cheapest plan first; not a number where there is no plan. Each next
    plan is the one farthest from all before it: Σ over sizes of |difference| / range.
    """
    rank = np.full(len(sizes), np.nan)
    planned = np.isfinite(sizes).all(axis=1)
    if not planned.any() or not planned[0]:
        return rank
    span = np.ptp(sizes[planned], axis=0)
    moving = span > 1e-6 * np.abs(sizes[planned]).max(axis=0, initial=1e-9)
    scaled = sizes[:, moving] / span[moving]
    rank[0] = 0.0
    away = np.where(planned, np.abs(scaled - scaled[0]).sum(axis=1), -1.0)
    for number in range(1, most + 1):
        one = int(away.argmax())
        if away[one] <= 1e-3:  # the same plan again
            break
        rank[one] = number
        away = np.fmin(away, np.abs(scaled - scaled[one]).sum(axis=1))
    return rank

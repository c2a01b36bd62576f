"""Targets on what is built: compute of a label, shares of it, occupancy, clusters.

    Σ servers · density ≥ P                                       compute of a label          [P]
    Σ_u a[r,u] · servers[u] + b[r,u] · bought[u] + c[r,u] · halls[u] + d[r,u] · new[u] ≥ least[r]

Every clause on sizes is a row of the second kind: what it counts is data, so that a new clause
needs no new rule. MW-equivalent of a label stands for its P.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from coplan import algebra
from coplan.elements.compute import least_halls
from coplan.elements.compute.demand import label_ratio
from coplan.elements.index import Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.targets.scope import halls_in_scope
from coplan.elements.targets.soft import relief


def compute_floors(
    b: Any, sizes: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Ask the servers of one period for the compute targets."""
    asked = {t["label"]: t["value"] for t in targets if t["kind"] == "compute"}
    if not asked:
        return
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


class SizeRow(NamedTuple):
    """One row on sizes: weights (hall) of servers, bought, halls and new halls, and the least."""

    target: dict[str, Any]
    name: str
    servers: Any = 0.0
    bought: Any = 0.0
    halls: Any = 0.0
    new: Any = 0.0
    least: float = 0.0
    basis: str = ""
    factor: float = 1.0
    unit: str = ""


def size_rows(targets: list[dict], data: Any) -> Iterator[SizeRow]:
    """The rows of every clause that asks something of sizes, in MW or MW-equivalent."""
    for target in targets:
        build = SIZE_CLAUSES.get(target["kind"])
        if build is not None:
            yield from build(target, halls_in_scope(target, data), data)


def _capacity(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    reference = data["label_reference_p_per_mw"].values
    row = names(data, "label").index(target["label"])
    weight = inside * label_ratio(data)[:, row]
    sign = -1.0 if target["at_most"] else 1.0
    counted = "bought" if target["additions_only"] else "servers"
    yield SizeRow(
        target, target["id"], least=sign * target["value"] / reference[row],
        factor=sign / float(reference[row]), unit="CNY/year per P", **{counted: sign * weight},
    )  # fmt: skip


def _intelligent_share(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    weight = inside
    if target["label"] is not None:
        weight = inside * label_ratio(data)[:, names(data, "label").index(target["label"])]
    is_one = np.array(names(data, "server_type_kind")) == "intelligent"
    band = target["tolerance"] or 0.0
    least = weight * (is_one - (target["value"] - band))
    yield SizeRow(target, target["id"], servers=least, unit=PER_POINT, basis="servers",
                  factor=0.01)  # fmt: skip
    if target["tolerance"] is not None:
        most = weight * ((target["value"] + band) - is_one)
        yield SizeRow(target, f"{target['id']}_most", servers=most, factor=0.0)


def _domestic_share(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    weight = inside * (data["domestic"].values - target["value"])
    yield SizeRow(target, target["id"], bought=weight, unit=PER_POINT, basis="bought",
                  factor=0.01)  # fmt: skip


def _occupancy(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    room = inside * data["hall_it_mw"].values
    used = inside * (1.0 + data["storage_share"].values)
    yield SizeRow(target, target["id"], servers=used, halls=-target["value"] * room,
                  unit=PER_POINT, basis="halls", factor=0.01)  # fmt: skip


def _rack_power(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    """Average kW of racks in use is at least v: Σ (1 − v / rack_kw) · servers ≥ 0."""
    weight = inside * (1.0 - target["value"] / data["rack_kw"].values)
    yield SizeRow(target, target["id"], servers=weight, factor=np.nan)


def _no_new(target: dict, inside: np.ndarray, data: Any) -> Iterator[SizeRow]:
    new = -inside * data["hall_it_mw"].values
    yield SizeRow(target, target["id"], bought=-inside, new=new, unit="CNY/year per MW")


PER_POINT = "CNY/year per percentage point"

SIZE_CLAUSES = {
    "capacity": _capacity, "intelligent_share": _intelligent_share,
    "domestic_share": _domestic_share, "occupancy": _occupancy, "rack_power": _rack_power,
    "no_new": _no_new,
}  # fmt: skip
"""Kind of clause → the rows it asks for."""


def size_clauses(b: Any, sizes: Any, index: Index, data: Any, targets: list[dict],
                 ledger: Ledger) -> None:  # fmt: skip
    """Ask the sizes of one period for every clause on sizes."""
    rows = list(size_rows(targets, data))
    if not rows:
        return
    halls = index.halls
    b.size_rows = algebra.index([row.name for row in rows], dim="size_row", doc="clauses on sizes")

    def weights(field: str) -> Any:
        each = [np.broadcast_to(getattr(row, field), len(halls)) for row in rows]
        return algebra.param(b.size_rows, halls, values=np.array(each, dtype=float))

    b.of_servers, b.of_bought = weights("servers"), weights("bought")
    b.of_halls, b.of_new = weights("halls"), weights("new")
    b.size_least = algebra.param(b.size_rows, values=np.array([float(row.least) for row in rows]))
    per_unit = [abs(row.factor) if row.target["kind"] == "capacity" else 1.0 for row in rows]
    b.size_relief = relief(b, b.size_rows, [row.target["id"] for row in rows], per_unit)
    built = sizes.compute

    @algebra.constraint(b, b.size_rows, doc="what a clause counts in servers and halls is reached")
    def size_clause_floor(b, r):
        return (
            sum(b.of_servers[r, u] * built.servers_mw[u] for u in halls)
            + sum(b.of_bought[r, u] * built.servers_bought_mw[u] for u in halls)
            + sum(b.of_halls[r, u] * built.halls_built[u] for u in halls)
            + sum(b.of_new[r, u] * built.halls_new[u] for u in halls)
            + sum(b.size_relief[r, k] * b.missed_soft_size[k] for k in b.soft)
            >= b.size_least[r]
        )

    for row in rows:
        place = (b.size_clause_floor, row.name)
        ledger.promise(row.target["id"], place, row.basis, row.factor, row.unit)


def clusters(b: Any, sizes: Any, index: Index, data: Any, targets: list[dict],
             ledger: Ledger) -> None:  # fmt: skip
    """Indivisible clusters: whole blocks at a site, each filled by servers of that site."""
    asked = [target for target in targets if target["kind"] == "clusters"]
    if not asked:
        return
    halls, sites = index.halls, index.sites
    b.cluster_clauses = algebra.index([t["id"] for t in asked], dim="cluster", doc="clusters")
    per_mw = data["label_reference_p_per_mw"].values
    reference = dict(zip(names(data, "label"), per_mw, strict=True))
    block_mw = np.array([t["block_p"] / reference[t["label"]] for t in asked])
    ratio = label_ratio(data)
    counted = np.array([
        halls_in_scope(t, data) * ratio[:, names(data, "label").index(t["label"])] for t in asked
    ])  # fmt: skip
    most = counted * data["servers_max_mw"].values @ incidence(
        names(data, "hall_site"), names(data, "site")
    )
    b.block_mw = algebra.param(b.cluster_clauses, values=block_mw)
    least = np.array([float(t["value"]) for t in asked])
    b.blocks_least = algebra.param(b.cluster_clauses, values=least)
    b.counted = algebra.param(b.cluster_clauses, halls, values=counted)
    b.blocks = algebra.variable(
        b.cluster_clauses, sites, upper=np.floor(most / block_mw[:, None] + 1e-9), integer=True,
        unit="1", doc="whole clusters at a site",
    )  # fmt: skip
    at, servers = sizes.compute.at, sizes.compute.servers_mw

    @algebra.constraint(b, b.cluster_clauses, sites, doc="servers of one site fill a cluster")
    def block_limit(b, c, s):
        filled = sum(b.counted[c, u] * at[u, s] * servers[u] for u in halls)
        return b.block_mw[c] * b.blocks[c, s] <= filled

    room = counted * (data["hall_it_mw"].values / (1.0 + data["storage_share"].values))
    place = np.array(names(data, "hall_site"))
    largest = np.array([
        np.where(place == s, room, 0.0).max(axis=1, initial=0.0) for s in sites
    ]).T  # fmt: skip
    halls_needed = np.ceil(block_mw[:, None] / np.maximum(largest, 1e-9) - 1e-6)
    b.fits = algebra.param(b.cluster_clauses, halls, values=(room > 0).astype(float))
    b.halls_needed = algebra.param(
        b.cluster_clauses, sites, values=np.where(largest > 0, halls_needed, 0.0)
    )
    built = sizes.compute.halls_built

    @algebra.constraint(b, b.cluster_clauses, sites, doc="a cluster needs at least so many halls")
    def cluster_halls_floor(b, c, s):
        standing = sum(b.fits[c, u] * at[u, s] * built[u] for u in halls)
        return standing >= b.halls_needed[c, s] * b.blocks[c, s]

    b.cluster_relief = relief(b, b.cluster_clauses, [t["id"] for t in asked])

    @algebra.constraint(b, b.cluster_clauses, doc="so many whole clusters are asked for")
    def blocks_floor(b, c):
        missed = sum(b.cluster_relief[c, k] * b.missed_soft_size[k] for k in b.soft)
        return sum(b.blocks[c, s] for s in sites) + missed >= b.blocks_least[c]

    for target in asked:
        name = target["id"]
        ledger.promise(name, (b.blocks_floor, name), "", 1.0, "CNY/year per cluster", "cluster")

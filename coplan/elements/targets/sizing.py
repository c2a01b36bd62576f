"""Targets on what is built: compute of a label that servers must reach."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.compute import least_halls
from coplan.elements.compute.demand import label_ratio
from coplan.elements.index import Index, names
from coplan.elements.ledger import Ledger


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

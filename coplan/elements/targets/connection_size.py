"""The grid connection of a project (电网接入容量) within a limit.

    Σ grid connection of the sites − missed ≤ limit                                           [MW]
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger
from coplan.elements.targets.scope import Places, of_kind, sites_in_scope
from coplan.elements.targets.soft import PerMw, relief
from coplan.units import quantity


class GridConnection(Places, PerMw):
    """Most grid connection, the sites' import capacities summed."""

    value: quantity("MW", ge=0, le=1e6)
    """MW, what stands already included."""


def limit_connection(
    b: Any, sizes: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Keep the grid connections of one period within every limit."""
    asked = of_kind(targets, "grid_connection")
    if not asked:
        return
    ids, sites = [t["id"] for t in asked], index.sites
    b.connected = algebra.index(ids, dim="connected", doc="projects with a limited connection")
    inside = np.array([sites_in_scope(t, data) for t in asked])
    b.connected_inside = algebra.param(b.connected, sites, values=inside)
    b.connected_most = algebra.param(b.connected, values=np.array([float(t["value"])
                                                                   for t in asked]))  # fmt: skip
    b.connected_relief = relief(b, b.connected, ids)
    connection = sizes.network.grid_connection_mw

    @algebra.constraint(b, b.connected, doc="grid connections together within their limit")
    def connection_size_limit(b, c):
        together = sum(b.connected_inside[c, s] * connection[s] for s in sites)
        missed = sum(b.connected_relief[c, k] * b.missed_soft_size[k] for k in b.soft)
        return together - missed <= b.connected_most[c]

    for name in ids:
        ledger.promise(name, (b.connection_size_limit, name), "", -1.0, "CNY/year per MW", "MW")

"""What the grid of a zone can bring to its sites together, and take from them.

    Σ_s import[s,t] ≤ headroom[z]        sites s of a zone with a headroom, contracts included  [MW]
    Σ_s export[s,t] ≤ corridor[z]        sites s of a zone with a corridor                      [MW]

A zone that says nothing has no limit but the connections of its sites.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import Field, Index, names
from coplan.elements.ledger import Ledger, sum_postings


def table(zones: dict[str, Any]) -> dict[str, Field]:
    """Zones with a limit as dataset fields; `zones` is id → zone card."""
    found = {}
    for dim, name, text in (
        ("import_zone", "import_headroom_mw", "most import of all sites of a zone"),
        ("export_zone", "export_corridor_mw", "most export of all sites of a zone"),
    ):
        limits = {z: getattr(zone, name) for z, zone in zones.items()}
        limits = {z: most for z, most in limits.items() if most is not None}
        found[dim] = Field((dim,), list(limits), "", "grid zone with a limit")
        found[name] = Field((dim,), np.array(list(limits.values()), dtype=float), "MW", text)
    return found


def close(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Keep import and export of the sites of every limited zone within what its grid can take."""
    b, times = algebra.block(y, "zones", doc="grid zones"), index.times
    imports, places = ledger.pick("grid"), names(data, "site_zone")
    bringing, taking = names(data, "import_zone"), names(data, "export_zone")
    b.import_zones = algebra.index(bringing, dim="import_zone", doc="zones with a headroom")
    b.export_zones = algebra.index(taking, dim="export_zone", doc="zones with a corridor")
    b.draws_from = algebra.param(b.import_zones, index.sites, values=_inside(bringing, places))
    b.feeds_into = algebra.param(b.export_zones, index.sites, values=_inside(taking, places))
    b.headroom = algebra.param(b.import_zones, values=data["import_headroom_mw"].values)
    b.corridor = algebra.param(b.export_zones, values=data["export_corridor_mw"].values)
    if bringing:

        @algebra.constraint(b, b.import_zones, times, doc="import of a zone within its headroom")
        def headroom_limit(b, z, t):
            drawn = sum(b.draws_from[z, s] * sum_postings(imports, s, t) for s in index.sites)
            return drawn <= b.headroom[z]

    if taking:

        @algebra.constraint(b, b.export_zones, times, doc="export of a zone within its corridor")
        def corridor_limit(b, z, t):
            fed = sum(b.feeds_into[z, s] * y.network.export_mw[s, t] for s in index.sites)
            return fed <= b.corridor[z]


def _inside(zones: list[str], places: list[str]) -> np.ndarray:
    """Matrix [zone, site] with 1 where the site lies in the zone."""
    return (np.array(zones, dtype=str)[:, None] == np.array(places, dtype=str)[None, :]) * 1.0

"""What a site as a whole allows: land, and a size within its band or none.

    Σ_u land[u] · halls[u] ≤ land[s]
    least[s] · is_open[s] ≤ Σ_u hall_it[u] · halls[u] ≤ most[s] · is_open[s]      sites with a band
"""

from __future__ import annotations

from typing import Any

from coplan import algebra
from coplan.elements.index import Index, incidence, names


def site_limits(b: Any, index: Index, data: Any) -> None:
    """Limit halls on the block of halls `b` by the land and the size band of their site."""
    _land(b, index, data)
    _band(b, index, data)


def _land(b: Any, index: Index, data: Any) -> None:
    units, land = index.halls, data["site_land_m2"].values
    taken = data["hall_land_m2"].values
    at = incidence(names(data, "hall_site"), names(data, "site"))
    scarce = (taken * data["halls_max"].values) @ at > land * (1.0 + 1e-9)
    if not scarce.any():
        return
    b.scarce = algebra.index(
        [site for site, is_scarce in zip(index.sites, scarce, strict=True) if is_scarce],
        dim="site", doc="sites with scarce land",
    )  # fmt: skip
    share = at * taken[:, None] / land[None, :]
    b.land_share = algebra.param(units, b.scarce, values=share[:, scarce])

    @algebra.constraint(b, b.scarce, doc="halls stand on the land of their site")
    def land_limit(b, s):
        return sum(b.land_share[u, s] * b.halls_built[u] for u in units) <= 1.0


def _band(b: Any, index: Index, data: Any) -> None:
    units, least = index.halls, data["site_it_least_mw"].values
    banded = least > 0
    if not banded.any():
        return
    b.banded = algebra.index(
        [site for site, is_banded in zip(index.sites, banded, strict=True) if is_banded],
        dim="banded_site", doc="sites with a size band",
    )  # fmt: skip
    b.least_mw = algebra.param(b.banded, values=least[banded])
    b.most_mw = algebra.param(b.banded, values=data["site_it_max_mw"].values[banded])
    at = incidence(names(data, "hall_site"), names(data, "site"))
    b.room_mw = algebra.param(
        units, b.banded, values=(at * data["hall_it_mw"].values[:, None])[:, banded]
    )
    b.is_open = algebra.variable(
        b.banded, upper=1.0, integer=True, unit="1", doc="1 where the site is used"
    )

    @algebra.constraint(b, b.banded, doc="a site that is used has its least IT capacity")
    def size_band_floor(b, s):
        room = sum(b.room_mw[u, s] * b.halls_built[u] for u in units)
        return room >= b.least_mw[s] * b.is_open[s]

    @algebra.constraint(b, b.banded, doc="a site that is not used has no halls")
    def size_band_limit(b, s):
        room = sum(b.room_mw[u, s] * b.halls_built[u] for u in units)
        return room <= b.most_mw[s] * b.is_open[s]

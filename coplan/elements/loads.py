"""Fixed electrical loads: power that is drawn by the hour whatever the plan decides.

    drawn[l,t] = load[l,t] · (1 − Σ_m saving[m] · chosen[m])      m at the load's site       [MW]

A hall that only its meter knows, a neighbour on the same connection, or a whole data center whose
servers and work are not modelled. Efficiency measures of the site save their share of it.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan import algebra
from coplan.elements.card import Entry
from coplan.elements.index import Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.series import PowerSeries


class LoadEntry(Entry):
    """A load behind a site's meter that is given, not planned."""

    power: PowerSeries
    """Power drawn by the hour."""
    counts_as: Literal["it", "facility"] = "it"
    """Whether PUE counts it as IT energy, or as energy of the facility around it."""


def table(loads: dict[str, tuple[str, LoadEntry]], power_mw: np.ndarray) -> dict[str, Field]:
    """Loads as dataset fields; `loads` is id → (site, entry), `power_mw` is (fixed_load, time)."""
    return {
        "fixed_load_site": Field(("fixed_load",), [site for site, _ in loads.values()], "", "site"),
        "fixed_load_is_it": Field(
            ("fixed_load",), np.array([float(e.counts_as == "it") for _, e in loads.values()]), "1",
            "1 where PUE counts it as IT energy",
        ),
        "fixed_load_mw": Field(("fixed_load", "time"), power_mw, "MW", "power before savings"),
    }  # fmt: skip


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Post fixed loads, less what the chosen measures of their sites save."""
    b = algebra.block(y, "loads", doc="fixed electrical loads")
    loads, places = names(data, "fixed_load"), names(data, "fixed_load_site")
    measures = sizes.measures.measures
    here = incidence(names(data, "measure_site"), list(index.sites))
    there = incidence(places, list(index.sites))
    b.loads = algebra.index(loads, dim="fixed_load", doc="fixed loads")
    b.power = algebra.param(b.loads, index.times, values=data["fixed_load_mw"].values)
    b.saving = algebra.param(
        b.loads, measures, values=(there @ here.T) * data["measure_saving_share"].values
    )

    @algebra.expression(b, b.loads, index.times, unit="MW", doc="power a fixed load draws")
    def drawn_mw(b, u, t):
        left = 1 - sum(b.saving[u, m] * sizes.measures.is_chosen[m] for m in measures)
        return b.power[u, t] * left

    is_it = data["fixed_load_is_it"].values > 0
    for name, tags, mine in (("it", "facility it", is_it), ("other", "facility", ~is_it)):
        units = algebra.index(
            [u for u, one in zip(loads, mine, strict=True) if one], dim="fixed_load", doc=name
        )
        b.add_component(f"{name}_loads", units)
        at = algebra.param(units, index.sites, values=there[mine])
        b.add_component(f"{name}_at", at)
        ledger.post(f"fixed load ({name})", b.drawn_mw, -1, units, at, tags)

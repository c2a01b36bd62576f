"""Differential tariff: what a site pays more for energy above a PUE limit, by the year, in tiers.

    excess[j] ≥ Σ_t facility[s,t] − threshold[j] · Σ_t it[s,t]              j = (site, tier)  [MWh]
    surcharge = Σ_j (rate[j] − rate of the tier below) · excess[j]                     [CNY/year]

The part between two thresholds pays the rate of its tier. The sum is over the year and never by
the step: a site is judged by its year (Beijing: above 1.35 another 0.2 CNY/kWh, beyond twice the
limit 0.5 CNY/kWh).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Entry
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, names
from coplan.elements.ledger import Ledger, sum_postings
from coplan.units import quantity


class SurchargeTier(Entry):
    """Energy above a PUE and what it costs more."""

    above_pue: quantity("dimensionless", ge=1, le=10)
    """PUE from which the tier counts."""
    surcharge_cny_per_kwh: quantity("CNY/kWh", gt=0, le=10)
    """What energy in the tier pays on top of its price."""


def _rising(tiers: tuple[SurchargeTier, ...]) -> tuple[SurchargeTier, ...]:
    for low, high in pairwise(tiers):
        if high.above_pue <= low.above_pue:
            raise ValueError("above_pue must rise from tier to tier")
        if high.surcharge_cny_per_kwh <= low.surcharge_cny_per_kwh:
            raise ValueError("surcharge_cny_per_kwh must rise from tier to tier")
    return tiers


DifferentialTariff = Annotated[
    tuple[SurchargeTier, ...], pydantic.Field(max_length=5), pydantic.AfterValidator(_rising)
]


def table(sites: dict[str, DifferentialTariff]) -> dict[str, Field]:
    """Tiers of all sites as dataset fields; `sites` is site → its tiers, lowest first."""
    rows = [
        (f"{site}_{number}", site, tier, tier.surcharge_cny_per_kwh - below)
        for site, tiers in sites.items()
        for number, (tier, below) in enumerate(
            zip(tiers, [0.0, *(t.surcharge_cny_per_kwh for t in tiers)], strict=False), start=1
        )
    ]

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("surcharge",), np.array(values, dtype=float), units, long_name)

    return {
        "surcharge": Field(("surcharge",), [name for name, *_ in rows], "", "tier of a site"),
        "surcharge_site": Field(("surcharge",), [site for _, site, _, _ in rows], "", "site"),
        "surcharge_above_pue": field([tier.above_pue for _, _, tier, _ in rows], "1", "threshold"),
        "surcharge_cny_per_mwh": field(
            [KILO_TO_MEGA * more for *_, more in rows], "CNY/MWh", "rate over the tier below"
        ),
    }


def close(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare energy above each threshold of one operating year and book its surcharge."""
    b = algebra.block(y, "surcharge", doc="differential tariff")
    sites, times, hours = names(data, "surcharge_site"), index.times, index.hours
    it, facility = ledger.pick("it"), ledger.pick("facility")
    year_h = float(data["step_weight"].values.sum() * index.step_h)
    here = [names(data, "site").index(site) for site in sites]
    most = data["connection_max_mw"].values[here] + data["site_it_max_mw"].values[here]
    b.tiers = algebra.index(names(data, "surcharge"), dim="surcharge", doc="tiers of sites")
    b.site = algebra.param(b.tiers, values=np.array(sites, dtype=object))
    b.above = algebra.param(b.tiers, values=data["surcharge_above_pue"].values)
    b.rate = algebra.param(b.tiers, values=data["surcharge_cny_per_mwh"].values)
    b.excess_gwh = algebra.variable(
        b.tiers, upper=10.0 * KILO * year_h * most, unit="GWh", doc="energy above a PUE threshold"
    )

    @algebra.expression(b, b.tiers, unit="GWh", doc="facility energy over the threshold")
    def above_gwh(b, j):
        s = b.site[j]
        return sum(  # postings are negative: what a site takes
            KILO * hours[t] * (
                b.above[j] * sum_postings(it, s, t) - sum_postings(facility, s, t)
            )
            for t in times
        )  # fmt: skip

    @algebra.constraint(b, b.tiers, doc="what a site uses above the threshold is excess")
    def excess_floor(b, j):
        return b.excess_gwh[j] >= b.above_gwh[j]

    @algebra.expression(b, b.tiers, unit="kCNY/year", doc="surcharge of a tier")
    def surcharge_kcny(b, j):
        return b.rate[j] * b.excess_gwh[j]

    ledger.book("surcharge", "differential tariff", b.surcharge_kcny, b.tiers, sites)

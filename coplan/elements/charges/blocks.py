"""Block prices of energy and demand, use of transformers, imports while the whole grid peaks.

    above[j,m] ≥ energy[m] − threshold[j]            where the block is dearer        [MWh]
    above[j,m] ≤ energy[m] − threshold[j] · is_above, ≤ M · is_above       where it is cheaper
    discount ≤ share · demand charge, ≤ M · is_used_well,  energy[m] ≥ 260 kWh/kVA · is_used_well
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.charges.demand import months_stood_for, most_billed_mw, yearly_price
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger, sum_postings


def _month_mwh(
    b: Any, name: str, units: Any, sites: list[str], index: Index, data: Any, ledger: Ledger
) -> Any:
    """Grid energy of a month at the site of each unit, MWh: an expression over (unit, month).

    A horizon of some months stands for the year: their energy is scaled to that of one month.
    """
    imports, times = ledger.pick("grid"), index.times
    hours = algebra.param(index.months, times, values=_month_hours(index, data))
    site = algebra.param(units, values=np.array(sites, dtype=object))
    setattr(b, f"{name}_hours", hours)
    setattr(b, f"{name}_site", site)

    def energy(b, u, m):
        return sum(hours[m, t] * sum_postings(imports, site[u], t) for t in times)

    energy.__name__ = f"{name}_mwh"
    return algebra.expression(b, units, index.months, unit="MWh", doc="grid energy of a month")(
        energy
    )


def _month_hours(index: Index, data: Any) -> np.ndarray:
    """Hours of a month that each step stands for (month, time)."""
    weight = data["step_weight"].values * index.step_h / months_stood_for(data)
    return np.asarray((data["month_of_step"].values == data["month"].values[:, None]) * weight)


def of_energy(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Energy of a month above a threshold costs more, or less."""
    tiers, owners = names(data, "energy_tier"), names(data, "energy_tier_site")
    places = list(dict.fromkeys(owners))
    b.block_sites = algebra.index(places, dim="block_site", doc="sites with block prices")
    energy = _month_mwh(b, "block", b.block_sites, places, index, data, ledger)
    most = incidence(owners, names(data, "site")) @ data["connection_max_mw"].values
    hours = _month_hours(index, data).sum(axis=1)
    _above(
        b, "energy", tiers, owners, index, energy, data["energy_tier_above_mwh"].values,
        most[:, None] * hours, "MWh",
        KILO * months_stood_for(data) * data["energy_tier_more_cny_per_mwh"].values,
    )  # fmt: skip
    ledger.book("charges", "energy blocks", b.energy_block_kcny, b.energy_tiers, owners)


def of_demand(b: Any, peak: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """The part of a month's maximum above a threshold costs more, or less."""
    tiers, owners = names(data, "demand_tier"), names(data, "demand_tier_site")
    most = incidence(owners, names(data, "site")) @ data["connection_max_mw"].values
    _above(
        b, "demand", tiers, owners, index, peak, data["demand_tier_above_mw"].values,
        np.broadcast_to(most[:, None], (len(tiers), data.sizes["month"])), "MW",
        KILO * months_stood_for(data) * data["demand_tier_more_cny_per_mw_month"].values,
    )  # fmt: skip
    ledger.book("charges", "demand blocks", b.demand_block_kcny, b.demand_tiers, owners)


def _above(
    b: Any, name: str, tiers: list[str], owners: list[str], index: Index, quantity: Any,
    threshold: np.ndarray, most: np.ndarray, unit: str, rate: np.ndarray,
) -> None:
    """What of `quantity[site, month]` lies above the threshold of each tier, and what it costs.

    `most` (tier, month) is the largest the quantity can be: the tighter, the fewer branches.
    """
    months = index.months
    above_most = np.clip(most - threshold[:, None], 0.0, None)
    units = algebra.index(tiers, dim=f"{name}_tier", doc=f"blocks of {name}")
    setattr(b, f"{name}_tiers", units)
    cheap = [tier for tier, more in zip(tiers, rate, strict=True) if more < 0]
    dear = [tier for tier, more in zip(tiers, rate, strict=True) if more >= 0]
    cheaper = algebra.index(cheap, dim=f"{name}_cheaper", doc="blocks that cost less")
    dearer = algebra.index(dear, dim=f"{name}_dearer", doc="blocks that cost more")
    setattr(b, f"{name}_cheaper", cheaper)
    setattr(b, f"{name}_dearer", dearer)
    params = {
        "site": np.array(owners, dtype=object), "from": threshold.astype(float),
        "rate": rate.astype(float),
    }  # fmt: skip
    site, start, price = (algebra.param(units, values=values) for values in params.values())
    largest = algebra.param(units, months, values=above_most)
    for key, made in zip((*params, "most"), (site, start, price, largest), strict=True):
        setattr(b, f"{name}_tier_{key}", made)
    above = algebra.variable(
        units, months, upper=above_most, unit=unit,
        doc=f"{name} above the threshold of a block",
    )  # fmt: skip
    setattr(b, f"{name}_above_{unit.lower()}", above)
    is_above = algebra.variable(
        cheaper, months, upper=1.0, integer=True, unit="1", doc="1 where the block is reached"
    )
    setattr(b, f"{name}_is_above", is_above)

    def above_floor(b, j, m):
        return above[j, m] >= quantity[site[j], m] - start[j]

    def above_limit(b, j, m):
        return above[j, m] <= quantity[site[j], m] - start[j] * is_above[j, m]

    def above_link(b, j, m):
        return above[j, m] <= largest[j, m] * is_above[j, m]

    for rule, over, doc in (
        (above_floor, dearer, "what is above the threshold is charged"),
        (above_limit, cheaper, "only what is above the threshold is cheaper"),
        (above_link, cheaper, "nothing is above a threshold that is not reached"),
    ):
        rule.__name__ = f"{name}_{rule.__name__}"
        algebra.constraint(b, over, months, doc=doc)(rule)

    def block_kcny(b, j):
        return price[j] * sum(above[j, m] for m in months)

    block_kcny.__name__ = f"{name}_block_kcny"
    algebra.expression(b, units, unit="kCNY/year", doc=f"price of {name} blocks")(block_kcny)


def while_the_grid_peaks(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """The largest import in the grid's peak hours of each month is charged."""
    owners, months, times = names(data, "coincident_site"), index.months, index.times
    imports = ledger.pick("grid")
    most = incidence(owners, names(data, "site")) @ data["connection_max_mw"].values
    b.coincidents = algebra.index(names(data, "coincident"), dim="coincident",
                                  doc="sites charged while the grid peaks")  # fmt: skip
    b.coincident_site = algebra.param(b.coincidents, values=np.array(owners, dtype=object))
    b.inside = algebra.param(b.coincidents, times, values=data["coincident_inside"].values)
    price = KILO * months_stood_for(data) * data["coincident_price_cny_per_mw_month"].values
    b.coincident_price = algebra.param(b.coincidents, values=price)
    b.coincident_mw = algebra.variable(
        b.coincidents, months, upper=np.broadcast_to(most[:, None], (len(owners), len(months))),
        unit="MW", doc="largest import while the grid peaks",
    )  # fmt: skip

    @algebra.constraint(b, b.coincidents, times, doc="imports while the grid peaks are charged")
    def coincident_floor(b, c, t):
        drawn = sum_postings(imports, b.coincident_site[c], t)
        return b.coincident_mw[c, index.month_of_step[t]] >= b.inside[c, t] * drawn

    @algebra.expression(b, b.coincidents, unit="kCNY/year", doc="charge while the grid peaks")
    def coincident_kcny(b, c):
        return b.coincident_price[c] * sum(b.coincident_mw[c, m] for m in months)

    ledger.book("charges", "coincident-peak charge", b.coincident_kcny, b.coincidents, owners)


def use_discount(b: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Sites whose transformers are well used in every month pay less for demand."""
    places = names(data, "discount_site")
    at = incidence(places, names(data, "site"))
    b.discounts = algebra.index(names(data, "discount"), dim="discount",
                                doc="sites whose transformers may be well used")  # fmt: skip
    energy = _month_mwh(b, "discount", b.discounts, places, index, data, ledger)
    units, site, connection = b.discounts, b.discount_site, sizes.network.grid_connection_mw
    mva = at @ data["transformer_mva_per_mw"].values
    per_mw = data["discount_mwh_per_mva_month"].values * mva
    share = data["discount_share"].values
    owed = at @ (yearly_price(data) * most_billed_mw(data)) * data.sizes["month"]
    needed = algebra.param(units, values=per_mw)
    lacking = algebra.param(units, values=per_mw * (at @ data["connection_max_mw"].values))
    b.discount_needed, b.discount_lacking = needed, lacking
    b.discount_part = algebra.param(units, values=share)
    b.discount_most = algebra.param(units, values=share * owed)
    b.is_used_well = algebra.variable(
        units, upper=1.0, integer=True, unit="1", doc="1 where transformers are well used",
    )
    b.discount_kcny = algebra.variable(
        units, upper=share * owed, unit="kCNY/year", doc="demand charge saved by good use",
    )
    waived = np.array([[float(str(o) == f"{s}_demand") for o in b.year_offers] for s in places])
    b.waived_at = algebra.param(
        units, b.year_offers, values=waived.reshape(len(places), len(b.year_offers))
    )

    @algebra.constraint(b, units, index.months, doc="every month's use reaches what is asked")
    def use_floor(b, d, m):
        missing = lacking[d] - lacking[d] * b.is_used_well[d]
        return energy[d, m] + missing >= needed[d] * connection[site[d]]

    @algebra.constraint(b, units, doc="the discount is a share of what is owed for demand")
    def discount_limit(b, d):
        left = sum(b.waived_at[d, o] * b.demand_waived_kcny[o] for o in b.year_offers)
        return b.discount_kcny[d] <= b.discount_part[d] * (b.demand_charge_kcny[site[d]] - left)

    @algebra.constraint(b, units, doc="no discount without good use")
    def discount_link(b, d):
        return b.discount_kcny[d] <= b.discount_most[d] * b.is_used_well[d]

    @algebra.expression(b, units, unit="kCNY/year", doc="discount for good use")
    def discount_relief_kcny(b, d):
        return -b.discount_kcny[d]

    ledger.book("charges", "demand charge", b.discount_relief_kcny, units, places)

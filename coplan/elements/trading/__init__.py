"""Green-power contracts and certificates.

    pay as produced:   delivered[c,t] + resold[c,t] ≤ volume[c] · profile[c,t]               [MW]
    baseload, shaped:  delivered[c,t] + resold[c,t] ≤ volume[c] · shape[c,t]
                       unmatched[c,t] ≥ delivered[c,t] − volume[c] · profile[c,t]

`profile` is what the contract's plant produces. Pay as produced pays all of it, taken or not; a
card may say that only what is delivered is paid. A baseload or shaped contract delivers its shape
and pays for what is taken; what is left pays the deviation price. Energy beyond what the plant
produces in the hour is grey by the hour; over a month or year its certificates may cover it. What
is delivered also pays the grid's adders. What is produced and not taken is spilled: its
certificate stays with the user and may be netted within the settlement interval. Resold energy
takes its certificate along.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan import algebra
from coplan.elements.index import KILO, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.trading.cards import ContractCard, ContractEntry, adder_cny_per_mwh, table
from coplan.elements.trading.certificates import (
    CertificateCard,
    CertificateEntry,
    buy,
    certificate_table,
)

__all__ = [
    "CertificateCard", "CertificateEntry", "ContractCard", "ContractEntry", "adder_cny_per_mwh",
    "certificate_table", "invest", "operate", "table",
]  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare contract volumes of one period; a volume with a minimum is signed or not."""
    b = algebra.block(sizes, "trading", doc="green-power contracts: volumes")
    is_open = data["contract_open"].values
    least = data["contract_volume_min_mw"].values * is_open
    most = data["contract_volume_max_mw"].values * is_open
    b.contract_volume_mw = algebra.variable(
        index.contracts, upper=most, unit="MW", doc="share of the plant under contract"
    )
    if not (least > 0).any():
        return
    signed = [c for c, mw in zip(index.contracts, least, strict=True) if mw > 0]
    b.minimum_contracts = algebra.index(signed, dim="minimum_contract", doc="with a minimum")
    b.least = algebra.param(b.minimum_contracts, values=least[least > 0])
    b.most = algebra.param(b.minimum_contracts, values=most[least > 0])
    b.is_signed = algebra.variable(
        b.minimum_contracts, lower=data["contract_committed"].values[least > 0], upper=1.0,
        integer=True, unit="1", doc="1 when the contract is signed",
    )  # fmt: skip

    @algebra.constraint(b, b.minimum_contracts, doc="no volume without a signature")
    def volume_link(b, c):
        return b.contract_volume_mw[c] <= b.most[c] * b.is_signed[c]

    @algebra.constraint(b, b.minimum_contracts, doc="a signed contract has its minimum volume")
    def volume_floor(b, c):
        return b.contract_volume_mw[c] >= b.least[c] * b.is_signed[c]


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare deliveries of one operating year and certificates bought; book what they cost."""
    b = algebra.block(y, "trading", doc="green-power contracts")
    units, times = index.contracts, index.times
    sites = names(data, "contract_site")
    due = _due(data)
    b.at = algebra.param(units, index.sites, values=incidence(sites, list(index.sites)))
    b.due = algebra.param(units, times, values=due)
    b.delivered_mw = algebra.variable(
        units, times, upper=due * data["contract_volume_max_mw"].values[:, None], unit="MW",
        doc="contract power taken at the site",
    )  # fmt: skip
    _resell(b, index, sizes, data, due, ledger)
    _match(b, index, sizes, data, ledger)
    _pay(b, index, sizes, data, due, ledger)
    buy(b, data, ledger)
    ledger.post("contract", b.delivered_mw, +1, units, b.at, "green grid")


def _due(data: Any) -> np.ndarray:
    """What is due per MW of volume (contract, time): what the plant produces, or the shape."""
    shaped = data["contract_is_shaped"].values[:, None] > 0
    return np.where(shaped, data["contract_shape"].values, data["contract_profile"].values)


def _resell(
    b: Any, index: Index, sizes: Any, data: Any, due: np.ndarray, ledger: Ledger
) -> None:
    """Declare what is resold, at most a share of what is due, with its certificate."""
    units, times, contracts = index.contracts, index.times, names(data, "contract")
    owners = names(data, "resale_contract")
    sites = dict(zip(contracts, names(data, "contract_site"), strict=True))
    here = incidence(owners, contracts)
    most = (here @ due) * (here @ data["contract_volume_max_mw"].values)[:, None]
    b.resales = algebra.index(names(data, "resale"), dim="resale", doc="contracts that resell")
    b.resale_of = algebra.param(b.resales, units, values=here)
    share = data["resale_share"].values * (here @ due @ (data["step_weight"].values * index.step_h))
    b.resale_most = algebra.param(b.resales, values=share)
    b.resale_price = algebra.param(b.resales, values=KILO * data["resale_cny_per_mwh"].values)
    b.resold_mw = algebra.variable(
        b.resales, times, upper=most, unit="MW", doc="contract power sold on"
    )
    volume = sizes.trading.contract_volume_mw

    @algebra.constraint(b, units, times, doc="a contract delivers no more than is due")
    def delivery_limit(b, c, t):
        resold = sum(b.resale_of[r, c] * b.resold_mw[r, t] for r in b.resales)
        return b.delivered_mw[c, t] + resold <= b.due[c, t] * volume[c]

    @algebra.constraint(b, b.resales, doc="no more is resold than the contract allows")
    def resale_limit(b, r):
        resold = sum(index.hours[t] * b.resold_mw[r, t] for t in times)
        return resold <= b.resale_most[r] * sum(b.resale_of[r, c] * volume[c] for c in units)

    @algebra.expression(b, b.resales, unit="kCNY/year", doc="earned by energy sold on")
    def resale_kcny(b, r):
        return -b.resale_price[r] * sum(index.hours[t] * b.resold_mw[r, t] for t in times)

    places = [sites[owner] for owner in owners]
    ledger.book("trading", "contract resale", b.resale_kcny, b.resales, places)


def _match(b: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """What a shaped contract delivers beyond its plant's production is grey by the hour."""
    units, times, contracts = index.contracts, index.times, names(data, "contract")
    owners = names(data, "shaped_contract")
    here = incidence(owners, contracts)
    sites = dict(zip(contracts, names(data, "contract_site"), strict=True))
    places = [sites[owner] for owner in owners]
    most = (here @ data["contract_shape"].values) * (
        here @ data["contract_volume_max_mw"].values
    )[:, None]  # fmt: skip
    b.shaped = algebra.index(names(data, "shaped"), dim="shaped", doc="contracts with a shape")
    b.shaped_of = algebra.param(b.shaped, units, values=here)
    b.shaped_at = algebra.param(b.shaped, index.sites, values=incidence(places, list(index.sites)))
    b.produced = algebra.param(b.shaped, times, values=here @ data["contract_profile"].values)
    b.unmatched_mw = algebra.variable(
        b.shaped, times, upper=most, unit="MW", doc="contract power its plant does not produce"
    )
    volume = sizes.trading.contract_volume_mw

    @algebra.constraint(b, b.shaped, times, doc="what the plant does not produce is grey")
    def unmatched_floor(b, k, t):
        taken = sum(b.shaped_of[k, c] * b.delivered_mw[c, t] for c in units)
        made = b.produced[k, t] * sum(b.shaped_of[k, c] * volume[c] for c in units)
        return b.unmatched_mw[k, t] >= taken - made

    ledger.post("contract", b.unmatched_mw, +1, b.shaped, b.shaped_at, "grey memo")


def _pay(b: Any, index: Index, sizes: Any, data: Any, due: np.ndarray, ledger: Ledger) -> None:
    """All that is produced is paid, or what is taken and a price for what is left."""
    units, times, sites = index.contracts, index.times, names(data, "contract_site")
    hours = data["step_weight"].values * index.step_h
    price = KILO * data["contract_price_cny_per_mwh"].values
    left = KILO * data["contract_unused_cny_per_mwh"].values
    b.unused_price = algebra.param(units, values=left * (due @ hours))
    b.taken_price = algebra.param(units, values=price - left)
    b.adder = algebra.param(units, times, values=KILO * data["contract_adder_cny_per_mwh"].values)
    volume = sizes.trading.contract_volume_mw

    @algebra.expression(b, units, unit="kCNY/year", doc="contract energy, taken or not")
    def contract_energy_kcny(b, c):
        taken = sum(index.hours[t] * b.delivered_mw[c, t] for t in times)
        resold = sum(
            index.hours[t] * b.resale_of[r, c] * b.resold_mw[r, t]
            for r in b.resales for t in times
        )  # fmt: skip
        return b.unused_price[c] * volume[c] + b.taken_price[c] * (taken + resold)

    @algebra.expression(b, units, unit="kCNY/year", doc="grid fees on delivered energy")
    def contract_fees_kcny(b, c):
        return sum(index.hours[t] * b.adder[c, t] * b.delivered_mw[c, t] for t in times)

    ledger.book("trading", "contract energy", b.contract_energy_kcny, units, sites)
    ledger.book("trading", "contract grid fees", b.contract_fees_kcny, units, sites)

"""Green-power contracts and certificates.

    delivered[c,t] ≤ volume[c] · profile[c,t]                                                [MW]

A pay-as-produced contract pays for everything its share of the plant produces; what is delivered
also pays the grid's adders. The rest is spilled, its certificate stays with the user and may be
netted within the contract's settlement interval.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence, names
from coplan.elements.ledger import Ledger
from coplan.elements.network import TariffCard
from coplan.units import quantity


class ContractCard(Card):
    """A pay-as-produced contract with a plant on the public grid."""

    kind: Literal["pay_as_produced"]
    """Everything produced is paid."""
    generator: Reference("generators")
    """Technology of the plant, which gives the profile."""
    place: Reference("sites")
    """Where the plant stands, which gives its weather."""
    price_cny_per_kwh: quantity("CNY/kWh", ge=0, le=10)
    """Price of energy with its green certificate."""
    settlement: Literal["hourly", "monthly", "annual"]
    """`hourly`: what is not taken in its hour is lost to the user. `monthly`, `annual`: its
    certificate stays with the user and may be netted in the interval of the green target."""
    adders: tuple[Literal["transmission", "line_loss", "system_operation", "funds"], ...]
    """Parts of the tariff that delivered energy pays on top."""


class ContractEntry(Entry):
    """A contract that a site may sign."""

    card: Reference("contracts")
    """Product."""
    max_mw: quantity("MW", ge=0, le=100000)
    """Most volume."""
    min_mw: quantity("MW", ge=0, le=100000) = 0.0
    """Least volume if it is signed at all."""
    committed: bool = False
    """Signed already: the least volume is bought in any case."""


def table(contracts: dict[str, tuple[str, ContractEntry, ContractCard]]) -> dict:
    """Parameters of all contracts as dataset fields; `contracts` is id → (site, entry, card)."""
    rows = list(contracts.values())

    def field(values: list, units: str, long_name: str) -> Field:
        return Field(("contract",), np.array(values, dtype=float), units, long_name)

    return {
        "contract_site": Field(("contract",), [site for site, _, _ in rows], "", "site"),
        "contract_kind": Field(("contract",), [c.kind for _, _, c in rows], "", "kind"),
        "contract_settlement": Field(
            ("contract",), [c.settlement for _, _, c in rows], "", "settlement interval"
        ),
        "contract_volume_min_mw": field([e.min_mw for _, e, _ in rows], "MW", "least if signed"),
        "contract_committed": field(
            [e.committed for _, e, _ in rows], "1", "1 where signed already"
        ),
        "contract_volume_max_mw": field([e.max_mw for _, e, _ in rows], "MW", "most volume"),
        "contract_price_cny_per_mwh": field(
            [KILO_TO_MEGA * c.price_cny_per_kwh for _, _, c in rows], "CNY/MWh",
            "price of energy with its certificate",
        ),
    }  # fmt: skip


def adder_cny_per_mwh(card: ContractCard, tariff: TariffCard, voltage: str) -> float:
    """Grid fees on a delivered MWh, CNY: the parts of the site's tariff that the card lists."""
    level = tariff.voltages[voltage]
    parts = {
        "transmission": level.transmission_cny_per_kwh,
        "line_loss": tariff.line_loss_cny_per_kwh,
        "system_operation": tariff.system_operation_cny_per_kwh,
        "funds": tariff.funds_cny_per_kwh,
    }
    return KILO_TO_MEGA * sum(parts[part] for part in card.adders)


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare contract volumes of one period; a volume with a minimum is signed or not."""
    b = algebra.block(sizes, "trading", doc="green-power contracts: volumes")
    least = data["contract_volume_min_mw"].values
    most = data["contract_volume_max_mw"].values
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
    """Declare deliveries of one operating year, paid as produced, and certificates bought."""
    b = algebra.block(y, "trading", doc="green-power contracts")
    units, times = index.contracts, index.times
    sites = names(data, "contract_site")
    profile = data["contract_profile"].values
    hours = data["step_weight"].values * index.step_h
    b.at = algebra.param(units, index.sites, values=incidence(sites, list(index.sites)))
    b.profile = algebra.param(units, times, values=profile)
    b.paid = algebra.param(
        units, values=KILO * data["contract_price_cny_per_mwh"].values * (profile @ hours)
    )
    b.adder = algebra.param(units, values=KILO * data["contract_adder_cny_per_mwh"].values)
    b.delivered_mw = algebra.variable(
        units, times, upper=profile * data["contract_volume_max_mw"].values[:, None], unit="MW",
        doc="contract power taken at the site",
    )  # fmt: skip
    b.certificates_mwh = algebra.variable(
        upper=float(data["certificate_max_mwh"]), unit="MWh", doc="unbundled certificates bought"
    )
    certificate_price = KILO * float(data["certificate_price_cny_per_mwh"])

    @algebra.constraint(b, units, times, doc="a contract delivers no more than its share produces")
    def delivery_limit(b, c, t):
        return b.delivered_mw[c, t] <= b.profile[c, t] * sizes.trading.contract_volume_mw[c]

    @algebra.expression(b, units, unit="kCNY/year", doc="all that the share produces is paid")
    def contract_energy_kcny(b, c):
        return b.paid[c] * sizes.trading.contract_volume_mw[c]

    @algebra.expression(b, units, unit="kCNY/year", doc="grid fees on delivered energy")
    def contract_fees_kcny(b, c):
        return b.adder[c] * sum(index.hours[t] * b.delivered_mw[c, t] for t in times)

    @algebra.expression(b, index.fleet, unit="kCNY/year", doc="unbundled certificates")
    def certificates_kcny(b, f):
        return certificate_price * b.certificates_mwh

    ledger.post("contract", b.delivered_mw, +1, units, b.at, "green grid")
    ledger.book("trading", "contract energy", b.contract_energy_kcny, units, sites)
    ledger.book("trading", "contract grid fees", b.contract_fees_kcny, units, sites)
    ledger.book("trading", "certificates", b.certificates_kcny, index.fleet, ["fleet"])

"""Contract products and what a site may sign of them, as cards and dataset fields."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import pydantic

from coplan.elements.card import Card, Entry, Reference, Share
from coplan.elements.index import KILO_TO_MEGA, Field
from coplan.elements.tariff import (
    Months,
    TariffCard,
    floating_network_cny_per_mwh,
    price_parts_cny_per_mwh,
)
from coplan.units import quantity

Price = quantity("CNY/kWh", ge=0, le=10)
ALL_MONTHS = tuple(range(1, 13))


class ContractCard(Card):
    """A contract with a plant on the public grid."""

    kind: Literal["pay_as_produced", "baseload", "shaped"]
    """Everything produced is paid; or the same power in every hour; or a curve by the hour."""
    generator: Reference("generators")
    """Technology of the plant, which gives the profile and the certificates."""
    place: Reference("sites")
    """Where the plant stands, which gives its weather."""
    price_cny_per_kwh: Price
    """Price of energy with its green certificate."""
    premium_cny_per_kwh: Price = 0.0
    """Environmental premium: the part of the price that is for the certificate."""
    settlement: Literal["hourly", "monthly", "annual"]
    """`hourly`: what is not taken in its hour is lost to the user. `monthly`, `annual`: its
    certificate stays with the user and may be netted in the interval of the green target."""
    adders: tuple[Literal["transmission", "line_loss", "system_operation", "funds"], ...]
    """Parts of the tariff that delivered energy pays on top."""
    shape: Annotated[tuple[Share, ...], pydantic.Field(min_length=24, max_length=24)] | None = None
    """Shaped only: share of the volume delivered in each hour of the day, from hour 0."""
    months: Months = ALL_MONTHS
    """Months in which the contract delivers: one for a product of monthly trading."""
    deviation_cny_per_kwh: Price = 0.0
    """Baseload and shaped: price of energy that was contracted and not taken."""
    pay_on_delivery: bool = False
    """Pay as produced only: what is not taken is not paid; its certificate stays with the plant."""
    resale_share: Share = 0.0
    """Most of the energy that may be sold on, with its certificate."""
    resale_cny_per_kwh: Price = 0.0
    """What energy sold on earns; below the price, so that nothing is bought only to be sold."""

    @pydantic.model_validator(mode="after")
    def _fits_its_kind(self) -> ContractCard:
        if (self.shape is not None) != (self.kind == "shaped"):
            raise ValueError("shape is given for kind: shaped, and only there")
        if self.kind == "pay_as_produced" and self.deviation_cny_per_kwh > 0:
            raise ValueError("deviation_cny_per_kwh is for baseload and shaped contracts")
        if self.kind != "pay_as_produced" and self.pay_on_delivery:
            raise ValueError("pay_on_delivery is for pay_as_produced contracts")
        if self.pay_on_delivery and self.settlement != "hourly":
            raise ValueError("with pay_on_delivery the settlement is hourly: nothing is left over")
        price = float(self.price_cny_per_kwh)
        if self.resale_share > 0 and float(self.resale_cny_per_kwh) >= price:
            raise ValueError("resale_cny_per_kwh must be below price_cny_per_kwh")
        if float(self.premium_cny_per_kwh) > price:
            raise ValueError("premium_cny_per_kwh is part of price_cny_per_kwh")
        return self


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
    from_year: Annotated[int, pydantic.Field(ge=2000, le=2100)] | None = None
    """First year of its term; from the start where nothing is said."""
    to_year: Annotated[int, pydantic.Field(ge=2000, le=2100)] | None = None
    """Last year of its term; without end where nothing is said."""


def adder_cny_per_mwh(
    card: ContractCard, tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray
) -> np.ndarray:
    """Grid fees on a delivered MWh in each step [CNY/MWh]: the parts of the site's tariff that
    the card lists, as the notice of the step's month says; the network's part floats with the
    bands where the tariff says so. `month` (1 to 12) and `hour` (0 to 23) are those of the steps.
    """
    parts = price_parts_cny_per_mwh(tariff, voltage, month)
    fees = sum((parts[part] for part in card.adders), np.zeros(len(month)))
    if "transmission" in card.adders:
        fees = fees + floating_network_cny_per_mwh(tariff, voltage, month, hour)
    return np.asarray(fees)


def table(
    contracts: dict[str, tuple[str, ContractEntry, ContractCard]],
    periods: tuple[int, ...], month: np.ndarray, hour: np.ndarray,
) -> dict[str, Field]:
    """Parameters of all contracts as dataset fields; `contracts` is id → (site, entry, card).

    `month` (1 to 12) and `hour` (0 to 23) are those of every step.
    """
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
        "contract_premium_cny_per_mwh": field(
            [KILO_TO_MEGA * c.premium_cny_per_kwh for _, _, c in rows], "CNY/MWh",
            "part of the price that is for the certificate",
        ),
        "contract_unused_cny_per_mwh": field(
            [KILO_TO_MEGA * _unused(c) for _, _, c in rows], "CNY/MWh",
            "price of energy that is due and not taken",
        ),
        "contract_open": Field(
            ("period", "contract"),
            np.array([[float(_is_open(e, year)) for _, e, _ in rows] for year in periods]),
            "1", "1 within the contract's term",
        ),
    } | _shapes(contracts, month, hour) | _resales(contracts)  # fmt: skip


def _unused(card: ContractCard) -> float:
    """Price of energy that is due and not taken: all of it, nothing, or the deviation price."""
    if card.kind != "pay_as_produced":
        return card.deviation_cny_per_kwh
    return 0.0 if card.pay_on_delivery else card.price_cny_per_kwh


def _is_open(entry: ContractEntry, year: int) -> bool:
    starts = entry.from_year is None or entry.from_year <= year
    return starts and (entry.to_year is None or year <= entry.to_year)


def shape_of(card: ContractCard, month: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Power due per MW of volume (time); zero for pay as produced."""
    if card.kind == "pay_as_produced":
        return np.zeros(len(month))
    by_hour = np.array(card.shape) if card.shape is not None else np.ones(24)
    return np.asarray(by_hour[hour] * np.isin(month, card.months))


def _shapes(contracts: dict[str, tuple], month: np.ndarray, hour: np.ndarray) -> dict[str, Field]:
    shaped = [name for name, (_, _, c) in contracts.items() if c.kind != "pay_as_produced"]
    curves = [shape_of(card, month, hour) for _, _, card in contracts.values()]
    is_shaped = [float(name in shaped) for name in contracts]
    return {
        "contract_shape": Field(
            ("contract", "time"), np.array(curves).reshape(len(contracts), len(month)), "1",
            "power due over volume",
        ),
        "contract_is_shaped": Field(
            ("contract",), np.array(is_shaped), "1", "1 where a shape is due, not production"
        ),
        "shaped": Field(("shaped",), [f"{name}_shape" for name in shaped], "", "shaped contract"),
        "shaped_contract": Field(("shaped",), shaped, "", "contract"),
    }


def _resales(contracts: dict[str, tuple]) -> dict[str, Field]:
    sold = [(name, card) for name, (_, _, card) in contracts.items() if card.resale_share > 0]
    return {
        "resale": Field(("resale",), [f"{name}_resale" for name, _ in sold], "", "resale"),
        "resale_contract": Field(("resale",), [name for name, _ in sold], "", "contract"),
        "resale_share": Field(
            ("resale",), np.array([c.resale_share for _, c in sold]), "1", "most sold on"
        ),
        "resale_cny_per_mwh": Field(
            ("resale",), np.array([KILO_TO_MEGA * c.resale_cny_per_kwh for _, c in sold]),
            "CNY/MWh", "what energy sold on earns",
        ),
    }

"""Tariffs: what a kWh from the grid costs in each step, and what transformers and peaks cost.

    price[t] = flat + (k_band(t) − 1) · B,  flat = purchase + loss + system + T&D + funds

Only the purchase price floats with the band, on the base B of its own (tariff notices); where a
notice says so, transmission and distribution float too. A one-part tariff has no charge on
transformers or peaks.
"""

from __future__ import annotations

import datetime
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
import pydantic

from coplan.elements.card import Card, Entry, Share, Slug
from coplan.elements.index import KILO_TO_MEGA
from coplan.units import quantity

Band = Literal["sharp", "peak", "flat", "valley", "deep"]
Price = quantity("CNY/kWh", ge=-10, le=10)
Factor = quantity("dimensionless", ge=0, le=10)
Hour = Annotated[int, pydantic.Field(ge=0, le=24)]
Month = Annotated[int, pydantic.Field(ge=1, le=12)]
Months = Annotated[tuple[Month, ...], pydantic.Field(min_length=1)]
HourRanges = tuple[tuple[Hour, Hour], ...]
PARTS = ("purchase", "line_loss", "system_operation", "transmission", "funds")
"""What the price of a kWh consists of, in the order of the notices."""


class VoltageLevel(Entry):
    """Transmission and distribution prices of one voltage."""

    transmission_cny_per_kwh: Price
    """Transmission and distribution energy price."""
    demand_cny_per_kw_month: quantity("CNY/kW/month", ge=0, le=1000) | None = None
    """Charge on the month's maximum demand; none in a one-part tariff."""
    capacity_cny_per_kva_month: quantity("CNY/kVA/month", ge=0, le=1000) | None = None
    """Charge on installed transformer capacity; none in a one-part tariff."""
    factors: dict[Band, Factor] | None = None
    """Band factors of this voltage, where they differ from the card's."""


class Season(Entry):
    """Hours of each band in some months; every hour belongs to exactly one band."""

    months: Months
    """Months 1 to 12."""
    bands: dict[Band, HourRanges]
    """Band → hour ranges [from, to)."""
    factors: dict[Band, Factor] | None = None
    """Band factors of this season, where they differ from the card's."""

    @pydantic.model_validator(mode="after")
    def _covers_the_day_once(self) -> Season:
        hours = [h for ranges in self.bands.values() for a, b in ranges for h in range(a, b)]
        if sorted(hours) != list(range(24)):
            missing = sorted(set(range(24)) - set(hours))
            twice = sorted({h for h in hours if hours.count(h) > 1})
            raise ValueError(f"bands must cover each hour once; missing {missing}, twice {twice}")
        return self


class MonthPrices(Entry):
    """What a month's notice says; what is left out stays as on the card."""

    purchase_cny_per_kwh: Price | None = None
    """Agency purchase price."""
    floating_base_cny_per_kwh: Price | None = None
    """Base B that the band factors act on."""
    line_loss_cny_per_kwh: Price | None = None
    """Grid losses."""
    system_operation_cny_per_kwh: Price | None = None
    """System operation fee."""


class EnergyTier(Entry):
    """Energy of a month above a threshold and what it costs more, or less where negative."""

    above_mwh_month: quantity("MWh", gt=0, le=1e8)
    """Grid energy of the month from which the tier counts."""
    more_cny_per_kwh: Price
    """Added to the price of every kWh above the threshold; below zero for a bulk discount."""


class DemandTier(Entry):
    """Part of the month's maximum above a threshold and what it costs more, or less."""

    above_mw: quantity("MW", gt=0, le=1e5)
    """Demand from which the tier counts."""
    more_cny_per_kw_month: quantity("CNY/kW/month", ge=-1000, le=1000)
    """Added to the demand charge of every kW above the threshold."""


class CoincidentPeak(Entry):
    """Charge on the largest import in hours in which the whole grid peaks."""

    months: Months
    """Months in which it is charged."""
    hours: Annotated[HourRanges, pydantic.Field(min_length=1)]
    """Hour ranges [from, to) of the day."""
    cny_per_kw_month: quantity("CNY/kW/month", gt=0, le=1000)
    """Charge on the largest import in these hours of a month."""


class UseDiscount(Entry):
    """Discount of the demand charge for transformers that are well used."""

    above_kwh_per_kva_month: quantity("kWh/kVA", gt=0, le=744) = 260.0
    """Grid energy per kVA that every month must reach."""
    discount_share: Share = 0.1
    """Share of the demand charge that is not paid then."""


class DeclaredDemand(Entry):
    """Rules of a demand that the user declares for each month (合同最大需量)."""

    least_share: Share = 0.4
    """Least declaration over installed transformer capacity."""
    tolerance: quantity("dimensionless", ge=1, le=2) = 1.05
    """Demand over the declaration up to which nothing more is paid."""
    excess_factor: quantity("dimensionless", ge=1, le=10) = 2.0
    """What a kW above that costs, in prices of a declared kW."""


class TariffCard(Card):
    """A grid company's tariff with time-of-use bands, in two parts or in one."""

    document: str
    """Notice the prices come from."""
    valid_from: datetime.date
    """First day the prices hold."""
    valid_to: datetime.date | None = None
    """Last day, where known."""
    purchase_cny_per_kwh: Price
    """Agency purchase price."""
    floating_base_cny_per_kwh: Price
    """Base B that the band factors act on."""
    transmission_floats: bool = False
    """Whether transmission and distribution float with the bands too (Tianjin)."""
    line_loss_cny_per_kwh: Price
    """Grid losses."""
    system_operation_cny_per_kwh: Price
    """System operation fee."""
    funds_cny_per_kwh: Price
    """Government funds and surcharges."""
    months: dict[Month, MonthPrices] = {}
    """Prices of single months, where their notices differ."""
    voltages: Annotated[dict[Slug, VoltageLevel], pydantic.Field(min_length=1)]
    """Prices by voltage."""
    factors: dict[Band, Factor]
    """Band factor on the floating base; flat is 1."""
    seasons: Annotated[dict[Slug, Season], pydantic.Field(min_length=1)]
    """Bands by season; every month belongs to exactly one."""
    spot_floor_cny_per_kwh: Price | None = None
    """Lowest price of the spot market, where energy is bought there."""
    spot_cap_cny_per_kwh: Price | None = None
    """Highest price of the spot market."""
    declared: DeclaredDemand = DeclaredDemand()
    """Rules for users who declare their demand."""
    single_load_factor: Share = 0.75
    """Average load factor of a voltage in the single-capacity price (发改价格〔2025〕1192号)."""
    use_discount: UseDiscount | None = None
    """Discount of the demand charge for well-used transformers; none where nothing is said."""
    ratchet_share: Share = 0.0
    """Least share of the largest demand of the months before that a month is charged for."""
    ratchet_months: Annotated[int, pydantic.Field(ge=0, le=11)] = 0
    """How many months the ratchet looks back; the year is cyclic."""
    coincident_peak: CoincidentPeak | None = None
    """Charge on imports while the whole grid peaks; none where nothing is said."""
    energy_tiers: Annotated[tuple[EnergyTier, ...], pydantic.Field(max_length=5)] = ()
    """Block prices of energy by the month, lowest first."""
    demand_tiers: Annotated[tuple[DemandTier, ...], pydantic.Field(max_length=5)] = ()
    """Block prices of the month's maximum, lowest first."""

    @pydantic.model_validator(mode="after")
    def _covers_the_year_once(self) -> TariffCard:
        months = [m for season in self.seasons.values() for m in season.months]
        if sorted(months) != list(range(1, 13)):
            raise ValueError(f"seasons must cover each month once; found months {sorted(months)}")
        for season in self.seasons.values():
            known = set(self.factors) | set(season.factors or {})
            if set(season.bands) - known:
                missing = ", ".join(sorted(set(season.bands) - known))
                raise ValueError(f"no factor for band {missing}")
        return self

    @pydantic.model_validator(mode="after")
    def _blocks_rise(self) -> TariffCard:
        for low, high in pairwise(tier.above_mwh_month for tier in self.energy_tiers):
            if high <= low:
                raise ValueError("energy_tiers: above_mwh_month must rise from tier to tier")
        for low, high in pairwise(tier.above_mw for tier in self.demand_tiers):
            if high <= low:
                raise ValueError("demand_tiers: above_mw must rise from tier to tier")
        floor, cap = self.spot_floor_cny_per_kwh, self.spot_cap_cny_per_kwh
        if floor is not None and cap is not None and floor > cap:
            raise ValueError("spot_floor_cny_per_kwh is above spot_cap_cny_per_kwh")
        if (self.ratchet_share > 0) != (self.ratchet_months > 0):
            raise ValueError("ratchet_share and ratchet_months are given together or not at all")
        return self


def price_parts_cny_per_mwh(tariff: TariffCard, voltage: str, month: np.ndarray) -> dict:
    """Parts of the flat price (name → array over steps) [CNY/MWh] from each step's month."""
    level = tariff.voltages[voltage]
    parts = {}
    for part in PARTS:
        if part == "transmission":
            each = np.full(13, level.transmission_cny_per_kwh)
        else:
            key = f"{part}_cny_per_kwh"
            each = np.full(13, float(getattr(tariff, key)))
            for number, prices in tariff.months.items():
                said = getattr(prices, key, None)
                each[number] = each[number] if said is None else said
        parts[part] = KILO_TO_MEGA * each[month]
    return parts


def floating_cny_per_mwh(
    tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray, network: bool = True
) -> np.ndarray:
    """What each step's band adds to the flat price, (k_band − 1) · B [CNY/MWh].

    Without `network` nothing is added for transmission and distribution, even where they float.
    """
    base = np.full(13, float(tariff.floating_base_cny_per_kwh))
    for number, prices in tariff.months.items():
        if prices.floating_base_cny_per_kwh is not None:
            base[number] = prices.floating_base_cny_per_kwh
    added = KILO_TO_MEGA * _band_premium(tariff, voltage, month, hour) * base[month]
    if network:
        added = added + floating_network_cny_per_mwh(tariff, voltage, month, hour)
    return np.asarray(added)


def floating_network_cny_per_mwh(
    tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray
) -> np.ndarray:
    """What each step's band adds to transmission and distribution [CNY/MWh]: 0 where it is flat."""
    level = tariff.voltages[voltage]
    floats = level.transmission_cny_per_kwh * tariff.transmission_floats
    return KILO_TO_MEGA * _band_premium(tariff, voltage, month, hour) * floats


def _band_premium(
    tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray
) -> np.ndarray:
    """Factor of each step's band less one."""
    level = tariff.voltages[voltage]
    factor = np.ones((13, 24))
    for season in tariff.seasons.values():
        known = tariff.factors | (season.factors or {}) | (level.factors or {})
        for band, ranges in season.bands.items():
            for first, last in ranges:
                factor[list(season.months), first:last] = known[band]
    return np.asarray(factor[month, hour] - 1.0)


def energy_price_cny_per_mwh(
    tariff: TariffCard, voltage: str, month: np.ndarray, hour: np.ndarray, network: bool = True
) -> np.ndarray:
    """Time-of-use price of each step, CNY/MWh, from its month (1 to 12) and hour of day (0 to 23).

    flat + (k_band − 1) · B; flat is the sum of the tariff's parts, without `network` all but
    transmission and distribution, which then are part of the price of capacity.
    """
    parts = price_parts_cny_per_mwh(tariff, voltage, month)
    flat = sum(value for part, value in parts.items() if network or part != "transmission")
    return np.asarray(flat + floating_cny_per_mwh(tariff, voltage, month, hour, network))


def spot_price_cny_per_mwh(
    tariff: TariffCard, voltage: str, month: np.ndarray, spot: np.ndarray, network: bool = True
) -> np.ndarray:
    """Price of energy bought on the spot market [CNY/MWh]: the market's price within its floor
    and cap in place of the agency's purchase price; all other parts are paid as by anyone, without
    `network` all but transmission and distribution."""
    floor, cap = tariff.spot_floor_cny_per_kwh, tariff.spot_cap_cny_per_kwh
    low = -np.inf if floor is None else KILO_TO_MEGA * floor
    high = np.inf if cap is None else KILO_TO_MEGA * cap
    parts = price_parts_cny_per_mwh(tariff, voltage, month)
    others = sum(
        value for part, value in parts.items()
        if part != "purchase" and (network or part != "transmission")
    )  # fmt: skip
    return np.asarray(np.clip(spot, low, high) + others)

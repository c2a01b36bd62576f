"""Prices of the grid looked up again in the tariff cards, hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.verify.case import Case
from coplan.verify.outcome import Check, measured

if TYPE_CHECKING:
    from coplan.verify.sources import Sources

KILO = 1e3
FLOATING = ("purchase_cny_per_kwh", "line_loss_cny_per_kwh", "system_operation_cny_per_kwh",
            "floating_base_cny_per_kwh")  # fmt: skip
"""Prices that the notice of a month may change."""
HOURS_PER_MONTH = 730.0
"""Of the single-capacity price (发改价格〔2025〕1192号)."""


def _connections(sources: Sources) -> dict[str, tuple[Any, Any, Any]]:
    """Site → (connection entry, tariff card, zone card)."""
    known = sources.scenario.cards
    return {
        site: (
            campus.connection, known["tariffs"][campus.connection.tariff],
            known["zones"][known["sites"][campus.site].zone],
        )
        for site, campus in sources.scenario.system.sites.items()
    }  # fmt: skip


def price_cny_per_kwh(
    card: Any, voltage: str, month: int, hour: int, scheme: str, spot: float | None = None
) -> float:
    """Price of a kWh in one hour: every part of the notice, and what the hour's band adds.

    `spot` [CNY/kWh] stands in place of the agency's purchase price, and no band adds to it. Under
    a direct connection the network's energy price is part of the price of capacity.
    """
    level = card.voltages[voltage]
    parts = {key: _noticed_cny_per_kwh(card, key, month) for key in FLOATING}
    factor = _band_factor(card, level, month, hour)
    network = 0.0 if scheme == "direct" else float(level.transmission_cny_per_kwh)
    base = parts.pop("floating_base_cny_per_kwh")
    if card.transmission_floats:
        base += network
    if spot is not None:
        low, high = card.spot_floor_cny_per_kwh, card.spot_cap_cny_per_kwh
        parts["purchase_cny_per_kwh"] = min(
            max(spot, -np.inf if low is None else low), np.inf if high is None else high
        )
        base = 0.0
    return sum(parts.values()) + network + float(card.funds_cny_per_kwh) + (factor - 1.0) * base


def _noticed_cny_per_kwh(card: Any, key: str, month: int) -> float:
    """A price of the card, or what the notice of the month says instead."""
    said = getattr(card.months.get(month), key, None)
    return float(getattr(card, key) if said is None else said)


def _band_factor(card: Any, level: Any, month: int, hour: int) -> float:
    """Factor of the band in which an hour lies; the voltage's own goes before the season's."""
    season = next(one for one in card.seasons.values() if month in one.months)
    band = next(name for name, ranges in season.bands.items()
                if any(first <= hour < last for first, last in ranges))  # fmt: skip
    return next(float(known[band]) for known in (level.factors, season.factors, card.factors)
                if known is not None and band in known)  # fmt: skip


def fee_cny_per_kwh(card: Any, voltage: str, part: str, month: int, hour: int) -> float:
    """What a kWh that is not the agency's pays for one part of the price in one hour."""
    level = card.voltages[voltage]
    if part != "transmission":
        return _noticed_cny_per_kwh(card, f"{part}_cny_per_kwh", month)
    floats = _band_factor(card, level, month, hour) if card.transmission_floats else 1.0
    return float(level.transmission_cny_per_kwh) * floats


def _prices(sources: Sources, entry: Any, card: Any, scheme: str) -> np.ndarray:
    """Price of grid energy under a scheme (time) [CNY/MWh]."""
    if entry.energy_price is not None:
        return sources.series(entry.energy_price)
    steps = zip(sources.month.tolist(), sources.hour.tolist(), strict=True)
    if entry.spot_price is not None and scheme != "agency":
        spot = sources.series(entry.spot_price) / KILO
        return KILO * np.array([
            price_cny_per_kwh(card, entry.voltage, month, hour, scheme, float(one))
            for (month, hour), one in zip(steps, spot, strict=True)
        ])  # fmt: skip
    table = {
        (month, hour): price_cny_per_kwh(card, entry.voltage, month, hour, scheme)
        for month in set(sources.month.tolist()) for hour in range(24)
    }  # fmt: skip
    return KILO * np.array([table[step] for step in steps])


def energy_prices(sources: Sources) -> list[Check]:
    """The hourly price of grid energy is that of the tariff's band, under every scheme."""
    case = sources.case
    retail = case.given("retail_price_cny_per_mwh")
    other = case.given("alternative_price_cny_per_mwh")
    parts, row = [], 0
    for place, (site, (entry, card, zone)) in enumerate(_connections(sources).items()):
        for order, scheme in enumerate(entry.supply):
            expected = _prices(sources, entry, card, scheme)
            found = retail[:, place] if order == 0 else other[row]
            row += order > 0
            dims = ("period", "time") if order == 0 else ("time",)
            parts.append(measured(np.abs(found - expected), np.abs(expected), dims,
                                  f"{site} {scheme}"))  # fmt: skip
        sold = KILO * float(zone.export_price_cny_per_kwh)
        gap = np.abs(case.given("export_price_cny_per_mwh")[:, place] - sold)
        parts.append(measured(gap, sold, ("period", "time"), f"{site} export"))
    return [case.check("电价由电价卡重算", "prices as the tariff cards say", *parts)]


def fixed_charges(sources: Sources) -> list[Check]:
    """Demand, capacity and single-capacity prices are those of the voltage, where they are due."""
    case = sources.case
    names = ("demand_price_cny_per_mw_month", "capacity_price_cny_per_mva_month",
             "single_price_cny_per_mw_month")  # fmt: skip
    parts = []
    for place, (site, (entry, card, _)) in enumerate(_connections(sources).items()):
        level = card.voltages[entry.voltage]
        demand = float(level.demand_cny_per_kw_month or 0.0)
        network = float(level.transmission_cny_per_kwh) * float(card.single_load_factor)
        is_direct = "direct" in entry.supply
        others = tuple(entry.supply) != ("direct",)
        expected = (
            demand * (entry.charge in ("demand", "either") and others),
            float(level.capacity_cny_per_kva_month or 0.0)
            * (entry.charge in ("capacity", "either") and others),
            (demand + network * HOURS_PER_MONTH) * is_direct,
        )
        for name, price in zip(names, expected, strict=True):
            gap = np.abs(case.given(name)[:, place] - KILO * price)
            parts.append(measured(gap, KILO * price, ("period",), f"{site} {name}"))
        mva = float(entry.transformer_redundancy) / float(entry.power_factor)
        gap = np.abs(case.given("transformer_mva_per_mw")[place] - mva)
        parts.append(measured(gap, mva, (), f"{site} transformers"))
    return [case.check("基本电费由电价卡重算", "fixed charges as the tariff cards say", *parts)]


def contract_fees(sources: Sources) -> list[Check]:
    """What delivered contract energy pays to the grid, and its price, as card and tariff say."""
    case, connections = sources.case, _connections(sources)
    products = sources.scenario.cards.get("contracts", {})
    parts = []
    for row, (unit, (site, entry)) in enumerate(sources.units("contracts").items()):
        connection, tariff, _ = connections[site]
        card = products[entry.card]
        fees = {
            (month, hour): sum(fee_cny_per_kwh(tariff, connection.voltage, part, month, hour)
                               for part in card.adders)
            for month in set(sources.month.tolist()) for hour in range(24)
        }  # fmt: skip
        steps = zip(sources.month.tolist(), sources.hour.tolist(), strict=True)
        fee = KILO * np.array([fees[step] for step in steps])
        gap = np.abs(case.given("contract_adder_cny_per_mwh")[:, row] - fee)
        parts.append(measured(gap, fee, ("period", "time"), f"{unit} fees"))
        for name, found, value in (
            ("price", case.given("contract_price_cny_per_mwh")[row],
             KILO * float(card.price_cny_per_kwh)),
            ("most", case.given("contract_volume_max_mw")[row], float(entry.max_mw)),
            ("least", case.given("contract_volume_min_mw")[row], float(entry.min_mw)),
        ):  # fmt: skip
            parts.append(measured(np.abs(found - value), value, (), f"{unit} {name}"))
    return [case.check("合同价与过网费", "contract prices and grid fees of the cards", *parts)]


def factors(sources: Sources) -> list[Check]:
    """Emission factors are those of the zones, or the series that a connection names."""
    case: Case = sources.case
    found, parts = case.given("emission_factor_t_per_mwh"), []
    for place, (site, (entry, _, zone)) in enumerate(_connections(sources).items()):
        expected = np.full(sources.hour.size, float(zone.emission_factor_kg_per_kwh))
        if entry.emission_factor is not None:
            expected = sources.series(entry.emission_factor)
        gap = np.abs(found[:, place] - expected)
        parts.append(measured(gap, expected, ("period", "time"), site))
    return [case.check("排放因子", "emission factors of the zones", *parts)]

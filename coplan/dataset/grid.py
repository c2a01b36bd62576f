"""What the grid gives and takes: tariffs by step, export, fees on contracts, certificates."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

from coplan.dataset.horizon import Horizon
from coplan.dataset.parts import Parts
from coplan.dataset.user_series import values
from coplan.elements import charges, lines, network, schemes, tariff, trading, zones
from coplan.elements.index import Field
from coplan.elements.tariff import TariffCard


def network_fields(scenario: Any, parts: Parts, span: Horizon, wacc: float) -> dict[str, Field]:
    """Connections, charges and the price of grid energy of every site and step."""
    fields = network.table(parts.connections, wacc)
    used = {scenario.cards["sites"][campus.site].zone for campus in parts.sites.values()}
    fields |= zones.table({z: scenario.cards["zones"][z] for z in sorted(used)})
    fields |= charges.table(parts.connections, span.month, span.hour_of_day)
    periods = len(scenario.spec.periods)
    for name in (
        "demand_price_cny_per_mw_month",
        "capacity_price_cny_per_mva_month",
        "single_price_cny_per_mw_month",
    ):
        static = fields[name]
        values = np.tile(static.values, (periods, 1))
        fields[name] = Field(("period", "site"), values, static.units, static.long_name)
    prices = {site: [_price(scenario, entry, scheme, card, span) for scheme in entry.supply]
              for site, (entry, card, _) in parts.connections.items()}  # fmt: skip
    fields |= schemes.table(parts.connections, prices)
    price = np.array([each[0] for each in prices.values()])
    factor = np.array([_factor(scenario, entry, zone, span)
                       for entry, _, zone in parts.connections.values()])  # fmt: skip
    earned = np.array([
        np.full(len(span.month), 1e3 * zone.export_price_cny_per_kwh)
        for _, _, zone in parts.connections.values()
    ])  # fmt: skip
    dims = ("period", "site", "time")
    fields["retail_price_cny_per_mwh"] = Field(
        dims, np.tile(price, (periods, 1, 1)), "CNY/MWh", "price of grid energy, all parts"
    )
    fields["export_price_cny_per_mwh"] = Field(
        dims, np.tile(earned, (periods, 1, 1)), "CNY/MWh", "what fed-in energy earns"
    )
    fields["emission_factor_t_per_mwh"] = Field(
        dims, np.tile(factor, (periods, 1, 1)), "t/MWh", "location-based factor"
    )
    residual = [1.0 * zone.residual_factor_kg_per_kwh for _, _, zone in parts.connections.values()]
    fields["residual_factor_t_per_mwh"] = Field(
        ("period",), np.full(periods, np.mean(residual)), "t/MWh", "residual factor (market-based)"
    )
    return fields


def _price(
    scenario: Any, entry: Any, scheme: str, card: TariffCard, span: Horizon
) -> np.ndarray:
    """Price of grid energy under a supply scheme (time), CNY/MWh.

    A series of the user's own, else the spot market's where there is one and the scheme goes
    there, else the tariff's. Under a direct connection the single-capacity price holds the
    network's energy price (发改价格〔2025〕1192号).
    """
    if entry.energy_price is not None:
        return values(scenario, entry.energy_price, span)
    network = scheme != "direct"
    if entry.spot_price is not None and scheme != "agency":
        spot = values(scenario, entry.spot_price, span)
        return tariff.spot_price_cny_per_mwh(card, entry.voltage, span.month, spot, network)
    return tariff.energy_price_cny_per_mwh(
        card, entry.voltage, span.month, span.hour_of_day, network
    )


def _factor(scenario: Any, entry: Any, zone: Any, span: Horizon) -> np.ndarray:
    """Emission factor at a connection (time), t/MWh: its own series, else that of its zone."""
    if entry.emission_factor is not None:
        return values(scenario, entry.emission_factor, span)
    return np.full(len(span.month), float(zone.emission_factor_kg_per_kwh))


def line_fields(scenario: Any, parts: Parts, span: Horizon, wacc: float) -> dict[str, Field]:
    """Direct lines with what energy over them pays: parts of the user's tariff, by month."""
    found = {}
    for line, (plant, site, entry, card) in parts.lines.items():
        connection, of_site, _ = parts.connections[site]
        each = tariff.price_parts_cny_per_mwh(of_site, connection.voltage, span.month)
        pays = scenario.cards["routes"][entry.route].pays
        fee = sum((each[part] for part in pays), np.zeros(len(span.month)))
        approved = float(scenario.system.plants[plant].approved_mw)
        found[line] = (plant, site, entry, card, approved, fee)
    return lines.table(found, len(span.month), wacc)


def tariff_notices(scenario: Any, parts: Parts) -> list[dict[str, str]]:
    """A remark for every period that a tariff is used outside the dates it was issued for."""
    used: dict[str, TariffCard] = {
        entry.tariff: card for entry, card, _ in parts.connections.values()
    }
    notices = []
    for card in used.values():
        for period in scenario.spec.periods:
            ended = card.valid_to is not None and card.valid_to < datetime.date(period, 1, 1)
            if not ended and card.valid_from <= datetime.date(period, 12, 31):
                continue
            until = card.valid_to or "…"
            notices.append({
                "zh": f"{period} 年电价沿用{card.name.zh}"
                f"（{card.valid_from} 至 {until} 执行），此后电价未知",
                "en": f"{period} uses the tariff {card.name.en}, issued for {card.valid_from} "
                f"to {until}; later prices are not known",
            })  # fmt: skip
    return notices


def trading_fields(scenario: Any, parts: Parts, span: Horizon) -> dict[str, Field]:
    """Grid fees on delivered contract energy, and certificates."""
    periods = len(scenario.spec.periods)
    adders = []
    for site, _, card in parts.contracts.values():
        entry, of_site, _ = parts.connections[site]
        adders.append(trading.adder_cny_per_mwh(
            card, of_site, entry.voltage, span.month, span.hour_of_day
        ))  # fmt: skip
    green = scenario.spec.targets.green_share
    counts = green is not None and green.unbundled_max_share > 0
    return {
        "contract_adder_cny_per_mwh": Field(
            ("period", "contract", "time"),
            np.tile(np.array(adders, float).reshape(-1, len(span.month)), (periods, 1, 1)),
            "CNY/MWh", "grid fees on delivered energy",
        ),
    } | trading.certificate_table(parts.certificates, counts)

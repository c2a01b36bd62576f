"""Fixed charges and block prices of every site as dataset fields."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from coplan.elements.index import KILO_TO_MEGA, Field
from coplan.elements.tariff import TariffCard

Charge = Literal["demand", "capacity", "either", "none"]
HOURS_PER_MONTH = 730.0
"""Hours of a month in the single-capacity price (发改价格〔2025〕1192号)."""


def offered(entry: Any) -> list[str]:
    """Kinds of fixed charge a connection may take: demand, capacity, single, none."""
    kinds = ["demand", "capacity"] if entry.charge == "either" else [str(entry.charge)]
    if "direct" not in entry.supply:
        return kinds
    return ["single"] if tuple(entry.supply) == ("direct",) else [*kinds, "single"]


def single_price_cny_per_kw_month(tariff: TariffCard, voltage: str) -> float:
    """Price of one kW of connection a month that replaces demand charge and energy T&D.

    Demand price + energy T&D price · average load factor of the voltage · 730 h
    (发改价格〔2025〕1192号; 冀北 220 kV: 33.0 + 0.0705 · 0.75 · 730 = 71.6).
    """
    level = tariff.voltages[voltage]
    energy = level.transmission_cny_per_kwh * tariff.single_load_factor * HOURS_PER_MONTH
    return float(level.demand_cny_per_kw_month or 0.0) + energy


def table(connections: dict[str, tuple], month: np.ndarray, hour: np.ndarray) -> dict[str, Field]:
    """Charges of all sites as dataset fields; `connections` is site → (entry, tariff, zone).

    `month` (1 to 12) and `hour` (0 to 23) are those of every step.
    """
    rows = [(site, entry, tariff) for site, (entry, tariff, _) in connections.items()]

    def field(value: Any, units: str, long_name: str) -> Field:
        numbers = [value(e, tariff, tariff.voltages[e.voltage]) for _, e, tariff in rows]
        return Field(("site",), np.array(numbers, dtype=float), units, long_name)

    return {
        "demand_price_cny_per_mw_month": field(
            lambda e, t, v: KILO_TO_MEGA * (v.demand_cny_per_kw_month or 0.0)
            * ("demand" in offered(e)), "CNY/MW/month", "charge on maximum demand"),
        "capacity_price_cny_per_mva_month": field(
            lambda e, t, v: KILO_TO_MEGA * (v.capacity_cny_per_kva_month or 0.0)
            * ("capacity" in offered(e)), "CNY/MVA/month", "charge on transformer capacity"),
        "single_price_cny_per_mw_month": field(
            lambda e, t, v: KILO_TO_MEGA * single_price_cny_per_kw_month(t, e.voltage)
            * ("single" in offered(e)), "CNY/MW/month", "charge on connected capacity alone"),
        "demand_is_declared": field(
            lambda e, t, v: e.demand_basis == "declared", "1", "1 where demand is declared"),
        "declared_least_share": field(
            lambda e, t, v: t.declared.least_share, "1", "least declaration over transformers"),
        "declared_tolerance": field(
            lambda e, t, v: t.declared.tolerance, "1", "demand over declaration without penalty"),
        "declared_excess_factor": field(
            lambda e, t, v: t.declared.excess_factor, "1", "price factor of what is above it"),
        "ratchet_share": field(lambda e, t, v: t.ratchet_share, "1", "share of earlier maxima"),
        "ratchet_months": field(lambda e, t, v: t.ratchet_months, "1", "months looked back"),
    } | _blocks(rows) | _coincident(rows, month, hour)  # fmt: skip


def _blocks(rows: list[tuple]) -> dict[str, Field]:
    """Offers of sites that choose, and block prices, one row each."""
    offers = [
        (f"{site}_{kind}", site, kind)
        for site, entry, _ in rows if len(offered(entry)) > 1 for kind in offered(entry)
    ]  # fmt: skip
    energy = [
        (f"{site}_energy_{n}", site, tier.above_mwh_month, KILO_TO_MEGA * tier.more_cny_per_kwh)
        for site, _, tariff in rows for n, tier in enumerate(tariff.energy_tiers, start=1)
    ]  # fmt: skip
    demand = [
        (f"{site}_demand_{n}", site, tier.above_mw, KILO_TO_MEGA * tier.more_cny_per_kw_month)
        for site, _, tariff in rows for n, tier in enumerate(tariff.demand_tiers, start=1)
    ]  # fmt: skip

    well_used = [
        (f"{site}_discount", site, rule.above_kwh_per_kva_month, rule.discount_share)
        for site, entry, tariff in rows
        if (rule := tariff.use_discount) is not None and "demand" in offered(entry)
    ]

    def texts(dim: str, column: int, entries: list, long_name: str) -> Field:
        return Field((dim,), [entry[column] for entry in entries], "", long_name)

    def numbers(dim: str, column: int, entries: list, units: str, long_name: str) -> Field:
        return Field((dim,), np.array([e[column] for e in entries], float), units, long_name)

    return {
        "offer": texts("offer", 0, offers, "fixed charge a site may take"),
        "offer_site": texts("offer", 1, offers, "site"),
        "offer_kind": texts("offer", 2, offers, "kind of fixed charge"),
        "discount": texts("discount", 0, well_used, "site whose transformers may be well used"),
        "discount_site": texts("discount", 1, well_used, "site"),
        "discount_mwh_per_mva_month": numbers(
            "discount", 2, well_used, "MWh/MVA", "use from which demand is cheaper"),
        "discount_share": numbers("discount", 3, well_used, "1", "share not paid"),
        "energy_tier": texts("energy_tier", 0, energy, "block of a month's energy"),
        "energy_tier_site": texts("energy_tier", 1, energy, "site"),
        "energy_tier_above_mwh": numbers("energy_tier", 2, energy, "MWh", "threshold of the month"),
        "energy_tier_more_cny_per_mwh": numbers("energy_tier", 3, energy, "CNY/MWh", "on top"),
        "demand_tier": texts("demand_tier", 0, demand, "block of a month's maximum"),
        "demand_tier_site": texts("demand_tier", 1, demand, "site"),
        "demand_tier_above_mw": numbers("demand_tier", 2, demand, "MW", "threshold"),
        "demand_tier_more_cny_per_mw_month": numbers(
            "demand_tier", 3, demand, "CNY/MW/month", "on top"),
    }  # fmt: skip


def _coincident(rows: list[tuple], month: np.ndarray, hour: np.ndarray) -> dict[str, Field]:
    """Sites charged for what they draw while the grid peaks, and the steps in which it does."""
    mine = [(site, tariff.coincident_peak) for site, _, tariff in rows if tariff.coincident_peak]
    inside = np.array([
        np.isin(month, rule.months) & np.any([(hour >= a) & (hour < b) for a, b in rule.hours], 0)
        for _, rule in mine
    ], dtype=float).reshape(len(mine), len(month))  # fmt: skip
    prices = np.array([KILO_TO_MEGA * rule.cny_per_kw_month for _, rule in mine], dtype=float)
    return {
        "coincident": Field(("coincident",), [f"{site}_coincident" for site, _ in mine], "",
                            "site charged while the grid peaks"),
        "coincident_site": Field(("coincident",), [site for site, _ in mine], "", "site"),
        "coincident_price_cny_per_mw_month": Field(
            ("coincident",), prices, "CNY/MW/month", "charge on the largest import"),
        "coincident_inside": Field(("coincident", "time"), inside, "1", "1 while the grid peaks"),
    }  # fmt: skip

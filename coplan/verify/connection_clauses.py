"""Ratios of own generation, exchange with the grid, carbon and coal, summed again site by site."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.verify import green, lines
from coplan.verify.case import Case

Target = dict[str, Any]
CERTIFICATE_YEARS = 1
"""Years before their use that certificates may have been produced to count by market."""
NEARLY = 1e-6
"""What a valley may lack, relative to the largest exchange of the year."""


def _inside(case: Case, target: Target) -> np.ndarray:
    sites = np.array(case.labels["site"])
    return np.isin(sites, sites if target.get("sites") is None else target["sites"]).astype(float)


def _mwh(case: Case, target: Target, power: np.ndarray) -> np.ndarray:
    """Energy of the clause's sites (period, weather) of a power (period, weather, site, time)."""
    return np.asarray(case.yearly(power) @ _inside(case, target))


def _energies(case: Case, target: Target) -> dict[str, np.ndarray]:
    """Energies (period, weather): made, fed in, load, and what the weather would have given."""
    could = case.given("capacity_factor")[None] * case.found("plant_capacity_mw")[:, None, :, None]
    return {
        "made": _mwh(case, target, lines.own_mw(case)),
        "fed": _mwh(case, target, case.found("export_mw")),
        "load": _mwh(case, target, case.found("facility_mw")),
        "could": _mwh(case, target, case.on_site(could, "plant")),
    }


def _part_and_whole(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray]:
    found = _energies(case, target)
    own = found["made"] - found["fed"]
    return {
        "self_use_share": (own, found["could"]), "own_supply_share": (own, found["load"]),
        "export_share": (found["fed"], found["could"]),
        "utilisation": (found["made"], found["could"]),
    }[target["kind"]]  # fmt: skip


def share(case: Case, target: Target) -> np.ndarray:
    """Part over whole in the worst weather year (period); not a number without a whole."""
    part, whole = _part_and_whole(case, target)
    most = target["kind"] == "export_share"
    ratio = np.divide(part, whole, out=np.full(whole.shape, -np.inf if most else np.inf),
                      where=whole > 1e-9)  # fmt: skip
    worst = ratio.max(axis=1) if most else ratio.min(axis=1)
    return np.where(np.isfinite(worst), worst, np.nan)


def lacking_mwh(case: Case, target: Target) -> np.ndarray:
    """Energy by which a share is missed (period, weather)."""
    part, whole = _part_and_whole(case, target)
    lack = float(target["value"]) * whole - part
    return -lack if target["kind"] == "export_share" else lack


def reverse_mwh(case: Case, target: Target) -> np.ndarray:
    """Export in the hours named (period, weather)."""
    named = np.isin(case.inputs["hour_of_day"].values, target["hours"])
    return _mwh(case, target, case.found("export_mw") * named)


def coal_t(case: Case, target: Target) -> np.ndarray:
    """Facility energy as standard coal (period, weather)."""
    return _energies(case, target)["load"] * float(target["coal_factor_kg_per_kwh"])


def _sizes(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Plants [MW], batteries [MW] and what these hold over the hours asked for [MW] (period)."""
    mine = _inside(case, target)
    plants = case.found("plant_capacity_mw") @ case.belongs("plant_site", "site") @ mine
    place = case.belongs("battery_site", "site") @ mine
    lasting = case.found("storage_energy_mwh") @ place / float(target["hours"])
    return plants, case.found("storage_power_mw") @ place, lasting


def storage_share(case: Case, target: Target) -> np.ndarray:
    """Battery power, as long as it lasts, over plants (period)."""
    plants, power, lasting = _sizes(case, target)
    held = np.minimum(power, lasting)
    return np.divide(held, plants, out=np.full(plants.shape, np.nan), where=plants > 1e-9)


def storage_lack_mw(case: Case, target: Target) -> np.ndarray:
    """Battery power that is missing (period, 1)."""
    plants, power, lasting = _sizes(case, target)
    return (float(target["value"]) * plants - np.minimum(power, lasting))[:, None]


def connection_mw(case: Case, target: Target) -> np.ndarray:
    """Grid connections of the places together (period)."""
    return np.asarray(case.found("grid_connection_mw") @ _inside(case, target))


def _exchange(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Import and export (period, weather, time) [MW]."""
    mine = _inside(case, target)
    grid = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    return np.einsum("pwst,s->pwt", grid, mine), np.einsum(
        "pwst,s->pwt", case.found("export_mw"), mine
    )


def max_exchange_mw(case: Case, target: Target) -> np.ndarray:
    """Largest import or export (period, weather)."""
    bought, fed = _exchange(case, target)
    return np.maximum(bought.max(axis=-1), fed.max(axis=-1))


def ramp_mw_per_h(case: Case, target: Target) -> np.ndarray:
    """Largest change of the exchange from a step to the next, the first after the last."""
    bought, fed = _exchange(case, target)
    net = bought - fed
    change = np.abs(np.diff(net, axis=-1, prepend=net[..., -1:]))
    return np.asarray(change.max(axis=-1) / case.given("step_h"))


def _spans(case: Case, target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Largest (at least 0) and smallest exchange (period, weather, span) [MW] of days or a year."""
    bought, fed = _exchange(case, target)
    net, day = bought - fed, case.inputs["day_of_year"].values
    groups = [day == one for one in np.unique(day)] if target["per"] == "day" else [day == day]
    highest, lowest = (
        np.stack([pick(net[..., group], axis=-1) for group in groups], axis=-1)
        for pick in (np.max, np.min)
    )
    return np.maximum(highest, 0.0), lowest


def valley_lack_mw(case: Case, target: Target) -> np.ndarray:
    """What the smallest exchange lacks of its share of the largest (period, weather)."""
    highest, lowest = _spans(case, target)
    return ((1.0 - float(target["value"])) * highest - lowest).max(axis=-1)


def peak_valley_rate(case: Case, target: Target) -> np.ndarray:
    """Worst rate (period), 11 at most; a span that lacks next to nothing keeps the rate asked."""
    highest, lowest = _spans(case, target)
    asked = float(target["value"])
    least = NEARLY * np.maximum(highest.max(axis=-1, keepdims=True), 1.0)
    rate = (highest - lowest) / np.maximum(np.maximum(highest, -0.1 * lowest), least)
    kept = (1.0 - asked) * highest - lowest <= least
    return np.asarray(np.where(kept, np.minimum(rate, asked), rate).max(axis=(1, 2)))


def carbon_t(case: Case, target: Target) -> np.ndarray:
    """Carbon on the clause's basis (period, weather), test runs of backup included."""
    mine = _inside(case, target)
    each = case.given("backup_tested_mwh_per_mw_year") * case.given("backup_emission_t_per_mwh")
    runs = (case.found("backup_mw") * each) @ case.belongs("backup_site", "site") @ mine
    if target["basis"] != "market":
        if target["basis"] == "lifecycle":
            runs = runs + _embodied_t(case, mine)
        grid = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
        factor = case.given("emission_factor_t_per_mwh")[:, None]
        return _mwh(case, target, grid * factor) + runs[:, None]
    left = green.grey_mwh(case).sum(axis=-1) - green.unspent_mwh(case).sum(axis=-1)
    left = np.maximum(0.0, left - green.valid_certificates(case, CERTIFICATE_YEARS))
    return left * case.given("residual_factor_t_per_mwh")[:, None] + runs[:, None]


def _embodied_t(case: Case, mine: np.ndarray) -> np.ndarray:
    """Carbon a year of making plants and batteries at some sites (period)."""
    plants = case.found("plant_capacity_mw") * case.given("plant_embodied_t_per_mw_year")
    stored = case.found("storage_energy_mwh") * case.given("storage_embodied_t_per_mwh_year")
    placed = plants @ case.belongs("plant_site", "site")
    placed = placed + stored @ case.belongs("battery_site", "site")
    return np.asarray(placed @ mine)

"""Removes what an interior point leaves behind: opposite flows in a step, slack peaks, cooling.

A battery that charges and discharges at once burns energy. Doing only the net of both keeps its
state of charge, needs less power, and what is freed is bought less, taken less from contracts or
curtailed: no row is broken and no cost rises. Where a price below zero pays for burning, modes
(`elements.storage`) leave nothing to net; cooling beyond its law is undone at that price too, and
the gap then tells what it would have earned.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.elements.index import names
from coplan.model import Model
from coplan.plan import charges, rewards


def polish(model: Model, compiled: Any, data: Any, x: np.ndarray) -> np.ndarray:
    """Column values `x` within bounds and without simultaneous charge and discharge."""
    x = np.clip(x, compiled.lower, compiled.upper)
    for period, weather in model.year_books:
        y = model.pyomo.year[period, weather]
        freed = _net_batteries(compiled, y, data, x)
        weathers = names(data, "weather")
        factor = data["cooling_load_factor"].values[weathers.index(weather)]
        freed += _settle_cooling(compiled, y, model.pyomo.sizes[period], data, factor, x)
        for variable, places in _reducible(y, data):
            power = compiled.values(variable, x)  # a view: changes reach x
            for row, site, arrives in places:
                less = np.minimum(power[row], freed[site] / arrives)
                power[row] -= less
                freed[site] -= less * arrives
        _settle_lines(compiled, y, data, x)
        _net_exchange(compiled, y, x)
        profile = data["contract_profile"].values[weathers.index(weather)]
        _settle_curves(compiled, y, model.pyomo.sizes[period], data, profile, x)
        _settle_schemes(compiled, y, model.pyomo.sizes[period], data, x)
        _settle_peaks(compiled, y, data, x)
        charges.settle(compiled, y, model.pyomo.sizes[period], data, x)
        _settle_excess(compiled, y, x)
        _net_tanks(compiled, y, x)
    rewards.settle(model, compiled, data, x)
    for block in (*model.pyomo.sizes.values(), *model.pyomo.year.values()):
        _settle_highest(compiled, block.targets, x)
        _settle_missed(compiled, block.targets, x)
    return x


def _net_batteries(compiled: Any, y: Any, data: Any, x: np.ndarray) -> np.ndarray:
    """Replace charge and discharge by their net; returns the power freed [site, time], MW."""
    charge = compiled.values(y.storage.charge_mw, x)
    discharge = compiled.values(y.storage.discharge_mw, x)
    eta_in = data["charge_efficiency"].values[:, None]
    eta_out = data["discharge_efficiency"].values[:, None]
    gain = eta_in * charge - discharge / eta_out
    net_charge, net_discharge = np.maximum(gain, 0) / eta_in, np.maximum(-gain, 0) * eta_out
    freed = (charge - discharge) - (net_charge - net_discharge)
    charge[:], discharge[:] = net_charge, net_discharge
    sites = names(data, "site")
    by_site = np.zeros((len(sites), charge.shape[1]))
    for row, site in enumerate(names(data, "battery_site")):
        by_site[sites.index(site)] += np.maximum(freed[row], 0.0)
    return by_site


def _net_exchange(compiled: Any, y: Any, x: np.ndarray) -> None:
    """What a meter imports while it exports, it does neither: only the net is there."""
    retail = compiled.values(y.network.retail_mw, x)
    export = compiled.values(y.network.export_mw, x)
    both = np.minimum(retail, export)
    retail -= both
    export -= both


def _net_tanks(compiled: Any, y: Any, x: np.ndarray) -> None:
    """A tank that is filled and emptied at once does neither: only the net was ever felt."""
    charge = compiled.values(y.cooling.cold_charge_mw, x)
    discharge = compiled.values(y.cooling.cold_discharge_mw, x)
    both = np.minimum(charge, discharge)
    charge -= both
    discharge -= both


def _settle_cooling(
    compiled: Any, y: Any, sizes: Any, data: Any, factor: np.ndarray, x: np.ndarray
) -> np.ndarray:
    """Cooling beyond what the part-load laws ask for goes; returns the power freed [site, time]."""
    sites, halls = names(data, "site"), names(data, "hall")
    by_site = np.zeros((len(sites), data.sizes["time"]))
    extra = compiled.values(y.cooling.extra_cooling_mw, x)
    if not extra.size:
        return by_site
    it = compiled.evaluate(y.compute.it_mw, x)
    built = compiled.values(sizes.compute.halls_built, x) * data["hall_it_mw"].values
    needed = np.zeros(extra.shape)
    curved = list(y.cooling.curved)
    for row, unit in enumerate(names(data, "bend_hall")):
        u = halls.index(unit)
        line = data["bend_slope"].values[row] * it[u] + data["bend_fixed"].values[row] * built[u]
        place = curved.index(unit)
        needed[place] = np.maximum(needed[place], factor[u] * line)
    for place, unit in enumerate(curved):
        site = names(data, "hall_site")[halls.index(unit)]
        by_site[sites.index(site)] += np.maximum(extra[place] - needed[place], 0.0)
    extra[:] = np.minimum(extra, needed)
    return by_site


def _reducible(y: Any, data: Any) -> list[tuple[Any, list[tuple[int, int, float]]]]:
    """Supplies that may fall, dearest first, as (row, site, share that arrives there)."""
    sites = names(data, "site")

    def rows(unit: str) -> list[tuple[int, int, float]]:
        return [(row, sites.index(s), 1.0) for row, s in enumerate(names(data, f"{unit}_site"))]

    behind, loss = data["plant_is_behind_meter"].values, data["line_loss_share"].values
    return [
        (y.network.retail_mw, [(row, row, 1.0) for row in range(len(sites))]),
        (y.trading.delivered_mw, rows("contract")),
        (y.supply.generation_mw, [place for place in rows("plant") if behind[place[0]]]),
        (y.lines.sent_mw, [(row, site, 1.0 - loss[row]) for row, site, _ in rows("direct_line")]),
    ]


def _settle_lines(compiled: Any, y: Any, data: Any, x: np.ndarray) -> None:
    """A plant with direct lines gives what they take."""
    plants, starts = names(data, "plant"), names(data, "direct_line_plant")
    generation = compiled.values(y.supply.generation_mw, x)
    sent = compiled.values(y.lines.sent_mw, x)
    for plant in dict.fromkeys(starts):
        rows = [row for row, start in enumerate(starts) if start == plant]
        generation[plants.index(plant)] = sent[rows].sum(axis=0)


def _settle_curves(
    compiled: Any, y: Any, sizes: Any, data: Any, profile: np.ndarray, x: np.ndarray
) -> None:
    """What a shaped contract delivers beyond its plant's production, no more."""
    contracts, volume = names(data, "contract"), sizes.trading.contract_volume_mw
    beyond = compiled.values(y.trading.unmatched_mw, x)
    for row, owner in enumerate(names(data, "shaped_contract")):
        at = contracts.index(owner)
        made = compiled.values(volume, x)[at] * profile[at]
        beyond[row] = np.maximum(0.0, compiled.values(y.trading.delivered_mw, x)[at] - made)


def _settle_schemes(compiled: Any, y: Any, sizes: Any, data: Any, x: np.ndarray) -> None:
    """What is bought is bought under the scheme that was taken."""
    instead = compiled.values(y.schemes.alternative_mw, x)
    retail = compiled.values(y.network.retail_mw, x)
    taken = compiled.values(sizes.schemes.is_supplied, x)
    for row, site in enumerate(names(data, "alternative_site")):
        instead[row] = retail[names(data, "site").index(site)] * round(taken[row])


def _settle_peaks(compiled: Any, y: Any, data: Any, x: np.ndarray) -> None:
    """A month's peak is its largest import, also where no charge pulls it down."""
    sites = names(data, "site")
    imported = compiled.values(y.network.retail_mw, x).copy()
    delivered = compiled.values(y.trading.delivered_mw, x)
    for row, site in enumerate(names(data, "contract_site")):
        imported[sites.index(site)] += delivered[row]
    peak, month = compiled.values(y.network.peak_mw, x), data["month_of_step"].values
    for column, label in enumerate(data["month"].values):
        peak[:, column] = imported[:, month == label].max(axis=1)


def _settle_highest(compiled: Any, b: Any, x: np.ndarray) -> None:
    """The largest exchange of a day or year is what is exchanged, no more."""
    highest = b.find_component("highest_mw")
    if highest is None:
        return
    net = compiled.evaluate(b.import_mw, x) - compiled.evaluate(b.fed_in_mw, x)
    values, clauses = compiled.values(highest, x), list(b.exchanges)
    place = {label: column for column, label in enumerate(b.spans)}
    for row, clause in enumerate(b.levelled):
        spans = [place[int(b.span[clause, t])] for t in range(net.shape[1])]
        values[row] = 0.0
        np.maximum.at(values[row], spans, net[clauses.index(clause)])


def _settle_missed(compiled: Any, b: Any, x: np.ndarray) -> None:
    """A soft clause is missed by what its rows lack, no more and no less."""
    for variable in (b.find_component("missed_soft"), b.find_component("missed_soft_size")):
        if variable is None:
            continue
        columns = compiled.column_slice(variable)
        for column in range(columns.start, columns.stop):
            x[column], lack = 0.0, 0.0
            for entry in np.flatnonzero(compiled.column == column):
                row = int(np.searchsorted(compiled.start, entry, side="right")) - 1
                at = slice(*compiled.start[row : row + 2])
                level = float(compiled.value[at] @ x[compiled.column[at]])
                over = max(level - compiled.row_upper[row], compiled.row_lower[row] - level)
                lack = max(lack, over / abs(float(compiled.value[entry])))
            x[column] = min(lack, float(compiled.upper[column]))


def _settle_excess(compiled: Any, y: Any, x: np.ndarray) -> None:
    """Energy under the differential tariff is what is above the threshold, no more."""
    excess = compiled.values(y.surcharge.excess_gwh, x)
    if excess.size:
        above = compiled.evaluate(y.surcharge.above_gwh, x)
        excess[:] = np.clip(above, 0.0, None)

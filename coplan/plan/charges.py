"""What is charged is what meter, declaration, ratchet, blocks and choice say, to the last digit.

An interior point leaves billed maxima a little above what they must be, and a charge that costs
nothing anywhere. Setting them to their formulas breaks no row and raises no cost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.elements.index import names


def settle(compiled: Any, y: Any, sizes: Any, data: Any, x: np.ndarray) -> None:
    """Set the charges of one operating year in the column values `x`, in place."""
    peak = compiled.values(y.network.peak_mw, x)
    _bill(compiled, y.charges, peak, data, x)
    _blocks(compiled, y.charges, peak, data, x)
    _coincident(compiled, y, data, x)
    _choose(compiled, y.charges, sizes, data, x)


def _bill(compiled: Any, b: Any, peak: np.ndarray, data: Any, x: np.ndarray) -> None:
    """Demand as billed, from the month's maximum, what was declared and earlier months."""
    declared, over = compiled.values(b.declared_mw, x), compiled.values(b.over_mw, x)
    declares = data["demand_is_declared"].values[:, None] > 0
    tolerated = data["declared_tolerance"].values[:, None] * declared
    over[:] = np.where(declares, np.maximum(0.0, peak - tolerated), 0.0)
    factor = data["declared_excess_factor"].values[:, None]
    billed = compiled.values(b.billed_mw, x)
    billed[:] = np.where(declares, declared + factor * over, peak)
    for lag in range(len(b.lags)):
        counts = data["ratchet_share"].values * (data["ratchet_months"].values > lag)
        np.maximum(billed, counts[:, None] * np.roll(peak, lag + 1, axis=1), out=billed)


def _blocks(compiled: Any, b: Any, peak: np.ndarray, data: Any, x: np.ndarray) -> None:
    """Energy and demand above the thresholds of their blocks."""
    energy, rows = compiled.evaluate(b.block_mwh, x), [str(site) for site in b.block_sites]
    sites = names(data, "site")
    for name, above, quantity, places, unit in (
        ("energy_tier", b.energy_above_mwh, energy, rows, "mwh"),
        ("demand_tier", b.demand_above_mw, peak, sites, "mw"),
    ):
        start, found = data[f"{name}_above_{unit}"].values, compiled.values(above, x)
        for row, site in enumerate(names(data, f"{name}_site")):
            found[row] = np.maximum(0.0, quantity[places.index(site)] - start[row])


def _coincident(compiled: Any, y: Any, data: Any, x: np.ndarray) -> None:
    """The largest import of each month while the whole grid peaks."""
    sites, month = names(data, "site"), data["month_of_step"].values
    imported = compiled.values(y.network.retail_mw, x).copy()
    for row, site in enumerate(names(data, "contract_site")):
        imported[sites.index(site)] += compiled.values(y.trading.delivered_mw, x)[row]
    found = compiled.values(y.charges.coincident_mw, x)
    for row, site in enumerate(names(data, "coincident_site")):
        drawn = imported[sites.index(site)] * data["coincident_inside"].values[row]
        for column, label in enumerate(data["month"].values):
            found[row, column] = drawn[month == label].max(initial=0.0)


def _choose(compiled: Any, b: Any, sizes: Any, data: Any, x: np.ndarray) -> None:
    """Nothing is owed of a charge that was not taken; good use is paid back in full."""
    sites, offers = names(data, "site"), names(data, "offer")
    owners = names(data, "offer_site")
    takes = np.round(compiled.values(sizes.charges.takes, x))
    owed = compiled.evaluate(b.demand_charge_kcny, x)
    left = np.zeros(len(sites))
    waived = compiled.values(b.demand_waived_kcny, x)
    for row, offer in enumerate(map(str, b.year_offers)):
        at = sites.index(owners[offers.index(offer)])
        waived[row] = left[at] = owed[at] * (1.0 - takes[offers.index(offer)])
    unpaid = compiled.values(sizes.charges.capacity_waived_kcny, x)
    connection = compiled.values(sizes.network.grid_connection_mw, x)
    for row, offer in enumerate(map(str, sizes.charges.size_offers)):
        place = offers.index(offer)
        full = sizes.charges.offer_price[offer] * connection[sites.index(owners[place])]
        unpaid[row] = full * (1.0 - takes[place])
    discount = compiled.values(b.discount_kcny, x)
    used_well = np.round(compiled.values(b.is_used_well, x))
    for row, site in enumerate(names(data, "discount_site")):
        at = sites.index(site)
        discount[row] = data["discount_share"].values[row] * (owed[at] - left[at]) * used_well[row]

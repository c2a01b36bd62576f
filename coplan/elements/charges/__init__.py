"""What a site pays for its transformers, its monthly maximum and blocks of energy.

    capacity = price · MVA per MW · grid_connection                     CNY/kVA·month of transformer
    demand   = price · Σ_m billed[m],   billed[m] ≥ peak[m], ≥ share · peak[m − k]        (ratchet)
               or billed[m] ≥ declared[m] + factor · over[m], over[m] ≥ peak[m] − 1.05 · declared[m]
    single   = (demand price + T&D · load factor · 730 h) · grid_connection              (1192号)
    charge paid = charge − waived,  waived ≤ charge,  waived ≤ M · (1 − takes)      where chosen

Which charges a site may choose between is an offer; it takes exactly one. Well-used transformers
pay less for demand, blocks of energy and demand have prices of their own, and some grids charge
what is drawn while the whole grid peaks.
"""

from __future__ import annotations

from typing import Any

from coplan import algebra
from coplan.elements.charges.blocks import (
    of_demand,
    of_energy,
    use_discount,
    while_the_grid_peaks,
)
from coplan.elements.charges.capacity import invest
from coplan.elements.charges.demand import bill, leave
from coplan.elements.charges.table import Charge, offered, table
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger

__all__ = ["Charge", "close", "invest", "offered", "table"]


def close(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare what one operating year owes for its monthly maxima and blocks; book it."""
    b = algebra.block(y, "charges", doc="charges on maxima and blocks of energy")
    bill(b, y.network.peak_mw, index, sizes, data, ledger)
    leave(b, sizes, data, ledger)
    of_energy(b, index, data, ledger)
    of_demand(b, y.network.peak_mw, index, data, ledger)
    while_the_grid_peaks(b, index, data, ledger)
    use_discount(b, index, sizes, data, ledger)

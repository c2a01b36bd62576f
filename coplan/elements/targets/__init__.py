"""Targets: green share, PUE, compute and clauses; they pick postings by tag, close the accounts.

    uncovered[i] ≥ grey[i] − unspent[i]                by interval of matching               [MWh]
    Σ_i uncovered[i] − certificates ≤ (1 − share) · Σ load              green share          [MWh]
    Σ facility ≤ limit · Σ it                          PUE, of the fleet or of every site    [MWh]
    Σ servers · density ≥ P                            compute of a label                      [P]

Grey is what no green source delivers in its own step. Hourly matching nets nothing. Monthly and
annual matching net grey energy of the interval against unspent contract energy, which was paid
and not taken in its step, and never against another interval; a MWh counts once. A target with a
penalty may be missed (`soft`).
"""

from __future__ import annotations

from typing import Any

from coplan import algebra
from coplan.elements.index import Index
from coplan.elements.ledger import Ledger
from coplan.elements.targets.balance import limit_balance
from coplan.elements.targets.carbon import limit_carbon
from coplan.elements.targets.connection_size import limit_connection
from coplan.elements.targets.entries import CLAUSES, Targets, listed
from coplan.elements.targets.exchange import limit_exchange
from coplan.elements.targets.facility import energy_pools, pue
from coplan.elements.targets.green import green_share
from coplan.elements.targets.priority import priorities
from coplan.elements.targets.scope import in_force
from coplan.elements.targets.sizing import clusters, compute_floors, size_clauses
from coplan.elements.targets.soft import declare as declare_soft
from coplan.elements.targets.storage_share import storage_shares
from coplan.elements.targets.usage import limit_usage, size_of_projects

__all__ = ["CLAUSES", "Targets", "close", "in_force", "invest", "listed"]


def invest(sizes: Any, index: Index, data: Any, targets: list[dict], ledger: Ledger) -> None:
    """Ask the sizes of one period for what the targets on building say."""
    b = algebra.block(sizes, "targets", doc="targets on what is built")
    declare_soft(b, index, data, ledger, of_sizes=True)
    compute_floors(b, sizes, index, data, targets, ledger)
    size_clauses(b, sizes, index, data, targets, ledger)
    clusters(b, sizes, index, data, targets, ledger)
    storage_shares(b, sizes, index, data, targets, ledger)
    limit_connection(b, sizes, index, data, targets, ledger)
    size_of_projects(b, targets)


def close(
    y: Any, index: Index, sizes: Any, data: Any, targets: list[dict], ledger: Ledger
) -> None:
    """Close the green and PUE accounts of one operating year."""
    b = algebra.block(y, "targets", doc="green share and PUE")
    declare_soft(b, index, data, ledger, of_sizes=False)
    for target in targets:
        if target["kind"] == "green_share":
            green_share(y, index, sizes, data, target, ledger)
        elif target["kind"] == "pue":
            pue(b, index, target, ledger)
    energy_pools(y, index, sizes, data, targets, ledger)
    priorities(y, index, data, targets, ledger)
    limit_usage(y, index, sizes, data, targets, ledger)
    limit_carbon(y, index, sizes, data, targets, ledger)
    limit_balance(y, index, sizes, data, targets, ledger)
    limit_exchange(y, index, data, targets, ledger)

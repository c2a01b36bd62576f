"""Cooling and electrical losses: what a hall needs on top of its IT load.

    cooling[u,t] = max_j CLF[u,t] · (a[u,j] · it[u,t] + b[u,j] · halls[u] · hall_it_mw[u])    [MW]
                   + Σ_k mechanical[k,t] · (cold_charge[k,t] − cold_discharge[k,t])
    loss[u,t]    = slope[u] · it[u,t] + fixed[u] · halls[u] · hall_it_mw[u]                   [MW]
    water[u]     = Σ_t wue[u,t] · it[u,t]                                                     [m³]

The coefficients are data, worked out by physics/cooling from the hour's dry and wet bulb and the
site's altitude. The first line of a part-load law is an expression; only halls whose law bends
have a column for what the other lines add.
"""

from coplan.elements.cooling.cards import ColdTankCard, ColdTankEntry, CoolingCard
from coplan.elements.cooling.plant import operate, table
from coplan.elements.cooling.tank import invest

__all__ = ["ColdTankCard", "ColdTankEntry", "CoolingCard", "invest", "operate", "table"]

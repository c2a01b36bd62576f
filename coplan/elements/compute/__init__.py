"""Compute: halls, servers and the work they run, now, later or elsewhere.

    Σ_u ratio[u] · load[u,t] = fixed demand[l,t] + Σ_q served[q,t]     per label l  [MW-equivalent]
    backlog[q,t] = backlog[q,t−1] + step_h · (demand[q,t] − served[q,t])                     [MWh]
    0 ≤ backlog[q,t] ≤ arrivals of the last L hours        (nothing early, nothing late)
    it[u,t] = idle · servers[u] + (1 − idle) · load[u,t]                                      [MW]

Demands of one label with equal reach and equal delay are pooled, which is exact. Work that may
run at only some of the sites is routed: a site's load of a label is at least what is routed to it.
Work with state keeps its pace (`pace`) and its place (`placement`); `links` carry it.
Compute is counted in MW-equivalent of its label, so that the matrix holds numbers of one size.
"""

from coplan.elements.compute.halls import invest, least_halls
from coplan.elements.compute.links import invest_links
from coplan.elements.compute.work import operate

__all__ = ["invest", "invest_links", "least_halls", "operate"]

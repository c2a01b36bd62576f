"""Where PyPSA can say the same thing: its words for the random systems, and the costs it finds.

Random systems with a price by the hour of day, a charge on each month's peak, a contract, a
limit on export and a battery, each with an annual and with an hourly green share. The same numbers
are described a second time, in PyPSA's words: generators, links and a store. Rows that PyPSA does
not know (a battery's one inverter, monthly peaks, a least volume, the green share) are written in
linopy, from the formulation and not from the code. Systems with the same steps lie side by side in
one network, without any line between them; that saves time and changes nothing.
"""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.peers.instances import FAMILY, MONTHS, System, random_system

MATCHINGS = ("annual", "hourly")


class Peer:
    """Systems with the same steps, and how their parts are called in the network."""

    def __init__(self, systems: list[System], matchings: list[str]):
        self.systems, self.matchings = systems, matchings
        self.numbers = list(range(len(systems)))

    def names(self, part: str) -> list[str]:
        """What a part is called in each system."""
        return [f"{k} {part}" for k in self.numbers]

    def of(self, value: Any) -> np.ndarray:
        """`value(system)` of every system: [system], of series [step, system]."""
        return np.array([value(system) for system in self.systems], dtype=float).T

    def part(self, variable: Any, part: str) -> Any:
        """A variable of this part, by number of the system."""
        chosen = variable.sel(name=self.names(part))
        return chosen.assign_coords(name=self.numbers)

    def numbered(self, values: np.ndarray) -> Any:
        """Numbers of each system, or [step, system], with linopy's labels."""
        import xarray as xr

        dims = ("snapshot", "name")[-values.ndim :]
        labels = {"snapshot": range(len(values)), "name": self.numbers}
        return xr.DataArray(values, dims=dims, coords={dim: labels[dim] for dim in dims})


def network_of(peer: Peer) -> Any:
    """The systems as a PyPSA network, two buses for each: the site and the battery."""
    import pypsa

    of, names, first = peer.of, peer.names, peer.systems[0]
    site, cells = names("site"), names("cells")
    n = pypsa.Network(snapshots=range(first.steps))
    n.snapshot_weightings["stores"] = first.hours_per_step
    hours = of(lambda system: system.hours)  # the year's hours of a step differ: in the costs

    def series(values: np.ndarray, part: str) -> pd.DataFrame:
        return pd.DataFrame(values, n.snapshots, names(part))

    n.add("Bus", [*site, *cells])
    n.add("Load", names("load"), bus=site, p_set=series(of(lambda s: s.load_mw), "load"))
    for row, plant in enumerate(("wind", "pv")):
        n.add(
            "Generator", names(plant), bus=site, p_nom_extendable=True,
            p_max_pu=series(of(lambda s: s.factor)[:, row], plant),
            p_nom_min=of(lambda s: s.plant_min_mw)[row],
            p_nom_max=of(lambda s: s.plant_max_mw)[row],
            capital_cost=of(lambda s: s.plant_cost)[row],
            marginal_cost=hours * of(lambda s: s.use_fee)[row],
        )  # fmt: skip
    n.add(
        "Generator", names("grid"), bus=site, p_nom=of(lambda s: s.connection_max_mw),
        marginal_cost=series(hours * of(lambda s: s.retail + s.carbon_price), "grid"),
    )  # fmt: skip
    n.add(
        "Generator", names("contract"), bus=site, p_nom_extendable=True,
        p_max_pu=series(of(lambda s: s.profile), "contract"),
        p_nom_max=of(lambda s: s.contract_max_mw),
        marginal_cost=hours * of(lambda s: s.contract_fee),
        capital_cost=hours * of(lambda s: s.contract_price * s.profile.sum()),
    )  # fmt: skip
    n.add(
        "Link", names("charge"), bus0=site, bus1=cells, efficiency=of(lambda s: s.efficiency_in),
        p_nom_extendable=True, p_nom_max=of(lambda s: s.power_max_mw),
        capital_cost=of(lambda s: s.power_cost),
    )  # fmt: skip
    n.add(
        "Link", names("discharge"), bus0=cells, bus1=site,
        efficiency=of(lambda s: s.efficiency_out),
        p_nom=of(lambda s: s.power_max_mw / s.efficiency_out),
        marginal_cost=hours * of(lambda s: s.wear * s.efficiency_out),
    )  # fmt: skip
    n.add(
        "Store", names("battery"), bus=cells, e_nom_extendable=True,
        e_nom_max=of(lambda s: s.energy_max_mwh), e_max_pu=of(lambda s: s.usable), e_cyclic=True,
        capital_cost=of(lambda s: s.energy_cost),
        standing_loss=of(lambda s: 1 - s.kept ** (1 / s.hours_per_step)),
    )  # fmt: skip
    n.add(
        "Generator", names("export"), bus=site, p_nom=of(lambda s: s.export_max_mw), p_min_pu=-1.0,
        p_max_pu=0.0, marginal_cost=hours * of(lambda s: s.export_price + s.use_fee.min()),
    )  # fmt: skip
    return n


def add_rows(m: Any, peer: Peer) -> None:
    """What PyPSA has no component for, in linopy."""
    power, flow, of, part = m["Generator-p"], m["Link-p"], peer.of, peer.part
    axis = [pd.Index(peer.numbers, name="name")]

    def data(value: Any) -> Any:
        return peer.numbered(of(value))

    wire, cells = part(m["Link-p_nom"], "charge"), part(m["Store-e_nom"], "battery")
    out = data(lambda s: s.efficiency_out) * part(flow, "discharge")
    m.add_constraints(part(flow, "charge") + out - wire <= 0, name="one inverter")
    m.add_constraints(cells - data(lambda s: s.duration_min_h) * wire >= 0, name="shortest")
    m.add_constraints(cells - data(lambda s: s.duration_max_h) * wire <= 0, name="longest")
    own = part(power, "wind") + part(power, "pv")
    m.add_constraints(-1 * part(power, "export") - own <= 0, name="own energy is exported")
    most = data(lambda s: s.connection_max_mw)
    connection = m.add_variables(0, most, axis, name="connection")
    m.objective += (data(lambda s: s.connection_cost + s.capacity_charge) * connection).sum()
    imported = part(power, "grid") + part(power, "contract")
    for month in range(1, MONTHS + 1):
        peak = m.add_variables(0, most, axis, name=f"peak {month}")
        steps = np.flatnonzero(peer.systems[0].month == month)
        m.add_constraints(imported.sel(snapshot=steps) - peak <= 0, name=f"peak of month {month}")
        m.add_constraints(peak - connection <= 0, name=f"connection in month {month}")
        m.objective += (data(lambda s: 12 / MONTHS * s.demand_charge) * peak).sum()
    add_least_volumes(m, peer)
    add_green_shares(m, peer)


def add_least_volumes(m: Any, peer: Peer) -> None:
    """Where a contract has a least volume, it is signed or not."""
    systems = peer.systems
    names = [k for k in peer.numbers if systems[k].contract_min_mw > 0]
    if not names:
        return
    signed = m.add_variables(coords=[pd.Index(names, name="name")], binary=True, name="signed")
    volume = peer.part(m["Generator-p_nom"], "contract").sel(name=names)
    most = peer.numbered(peer.of(lambda s: s.contract_max_mw)).sel(name=names)
    least = peer.numbered(peer.of(lambda s: s.contract_min_mw)).sel(name=names)
    m.add_constraints(volume - most * signed <= 0, name="no volume without a signature")
    m.add_constraints(volume - least * signed >= 0, name="least volume")


def add_green_shares(m: Any, peer: Peer) -> None:
    """What was bought, less contract energy paid and not delivered where that may be netted."""
    power, part = m["Generator-p"], peer.part
    hours = peer.numbered(peer.of(lambda s: s.hours))
    made_per_mw = peer.numbered(peer.of(lambda s: s.hours * s.profile.sum()))
    grey = hours * part(power, "grid").sum("snapshot")
    taken = hours * part(power, "contract").sum("snapshot")
    shares = [s.green_share[one] for s, one in zip(peer.systems, peer.matchings, strict=True)]
    load_mwh = peer.of(lambda s: s.hours * s.load_mw.sum())
    may_net = np.array([one == "annual" for one in peer.matchings])
    netted = m.add_variables(
        0, peer.numbered(np.where(may_net, load_mwh, 0.0)), [pd.Index(peer.numbers, name="name")],
        name="netted",
    )  # fmt: skip
    unspent = made_per_mw * part(m["Generator-p_nom"], "contract") - taken
    m.add_constraints(netted - unspent <= 0, name="netted was not delivered")
    m.add_constraints(netted - grey <= 0, name="netted was grey")
    allowed = peer.numbered((1 - np.array(shares)) * load_mwh)
    m.add_constraints(grey - netted <= allowed, name="green share")


def costs_by_system(m: Any, peer: Peer) -> np.ndarray:
    """The objective's terms summed by the system that its variable belongs to, CNY a year."""
    value, owner = np.zeros(m.variables.nvars), np.zeros(m.variables.nvars, dtype=int)
    for variable in m.variables.data.values():
        labels = variable.labels.transpose(..., "name").values  # [step, part] or [part]
        numbers = [int(str(name).split()[0]) for name in variable.labels["name"].values]
        value[labels] = variable.solution.transpose(..., "name").values
        owner[labels] = numbers
    terms = m.objective.expression.flat
    places = terms["vars"].to_numpy()
    amounts = terms["coeffs"].to_numpy() * value[places]
    return np.bincount(owner[places], weights=amounts, minlength=len(peer.systems))


@cache
def costs_of(seeds: tuple[int, ...]) -> dict[tuple[int, str], float]:
    """Yearly cost by seed and matching of the cheapest plans that PyPSA finds, CNY.

    The seeds are of one family, whose systems have the same steps.
    """
    assert len({seed // FAMILY for seed in seeds}) == 1
    logging.getLogger("pypsa").setLevel(logging.ERROR)
    logging.getLogger("linopy").setLevel(logging.ERROR)
    cases = [(seed, matching) for seed in seeds for matching in MATCHINGS]
    peer = Peer([random_system(seed) for seed, _ in cases], [matching for _, matching in cases])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n = network_of(peer)
        n.optimize.create_model(consistency_check=False)
        add_rows(n.model, peer)
        status, _ = n.model.solve(
            "highs", io_api="direct", output_flag=False, mip_rel_gap=0.0, mip_abs_gap=1e-6,
        )
    assert status == "ok", "every one of the random systems can be planned"
    costs = costs_by_system(n.model, peer)
    assert costs.sum() == pytest.approx(n.model.objective.value, rel=1e-9)
    return dict(zip(cases, costs, strict=True))

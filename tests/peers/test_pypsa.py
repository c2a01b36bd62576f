"""Where PyPSA can say the same thing, it finds the same cost.

The same numbers are described a second time, in PyPSA's words: generators, links and a store.
Rows that PyPSA does not know (a battery's one inverter, monthly peaks, the green share) are
written in linopy, from the formulation and not from the code.
"""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.peers.instances import MONTHS, System, as_dataset, random_system
from tests.toys import Answer, solved

PLANTS = ["wind", "pv"]
SEEDS = range(20)


def network_of(system: System) -> Any:
    """The system as a PyPSA network of two buses: the site and the battery."""
    import pypsa

    n = pypsa.Network(snapshots=range(system.steps))
    n.snapshot_weightings["objective"] = system.hours
    n.snapshot_weightings["stores"] = system.hours_per_step
    n.add("Bus", ["site", "cells"])
    n.add("Load", "load", bus="site", p_set=system.load_mw)
    n.add(
        "Generator", PLANTS, bus="site", p_nom_extendable=True,
        p_max_pu=pd.DataFrame(system.factor.T, n.snapshots, PLANTS),
        p_nom_min=system.plant_min_mw, p_nom_max=system.plant_max_mw,
        capital_cost=system.plant_cost, marginal_cost=system.use_fee,
    )  # fmt: skip
    n.add(
        "Generator", "grid", bus="site", p_nom=system.connection_max_mw,
        marginal_cost=system.retail + system.carbon_price,
    )  # fmt: skip
    n.add(
        "Generator", "contract", bus="site", p_nom_extendable=True, p_max_pu=system.profile,
        p_nom_max=system.contract_max_mw, marginal_cost=system.contract_fee,
        capital_cost=system.contract_price * system.hours * system.profile.sum(),
    )  # fmt: skip
    n.add(
        "Link", "charge", bus0="site", bus1="cells", efficiency=system.efficiency_in,
        p_nom_extendable=True, p_nom_max=system.power_max_mw, capital_cost=system.power_cost,
    )  # fmt: skip
    n.add(
        "Link", "discharge", bus0="cells", bus1="site", efficiency=system.efficiency_out,
        p_nom=system.power_max_mw / system.efficiency_out,
        marginal_cost=system.wear * system.efficiency_out,
    )  # fmt: skip
    n.add(
        "Store", "battery", bus="cells", e_nom_extendable=True, e_nom_max=system.energy_max_mwh,
        e_max_pu=system.usable, e_cyclic=True, capital_cost=system.energy_cost,
        standing_loss=1 - system.kept ** (1 / system.hours_per_step),
    )  # fmt: skip
    n.add(
        "Generator", "export", bus="site", p_nom=system.export_max_mw, p_min_pu=-1.0,
        p_max_pu=0.0, marginal_cost=system.export_price,
    )  # fmt: skip
    return n


def add_rows(n: Any, system: System) -> None:
    """What PyPSA has no component for, in linopy."""
    m = n.model
    power, flow = m["Generator-p"], m["Link-p"]
    wire, cells = m["Link-p_nom"].loc["charge"], m["Store-e_nom"].loc["battery"]
    out = system.efficiency_out * flow.sel(name="discharge")
    m.add_constraints(flow.sel(name="charge") + out - wire <= 0, name="one inverter")
    m.add_constraints(cells - system.duration_min_h * wire >= 0, name="shortest duration")
    m.add_constraints(cells - system.duration_max_h * wire <= 0, name="longest duration")
    own = power.sel(name=PLANTS).sum("name")
    exported = -1 * power.sel(name="export")
    m.add_constraints(exported - own <= 0, name="own energy is exported")
    connection = m.add_variables(0, system.connection_max_mw, name="connection")
    imported = power.sel(name=["grid", "contract"]).sum("name")
    yearly_cost = system.connection_cost + system.capacity_charge
    m.objective += yearly_cost * connection
    for month in range(1, MONTHS + 1):
        peak = m.add_variables(lower=0, name=f"peak {month}")
        steps = np.flatnonzero(system.month == month)
        inside = imported.sel(snapshot=steps)
        m.add_constraints(inside - peak <= 0, name=f"peak of month {month}")
        m.add_constraints(peak - connection <= 0, name=f"connection in month {month}")
        m.objective += 12 / MONTHS * system.demand_charge * peak
    if system.green_share:
        add_green_share(m, system)


def add_green_share(m: Any, system: System) -> None:
    """Annual matching: what was bought, less contract energy that was paid and not delivered."""
    power = m["Generator-p"]
    made_per_mw = system.hours * system.profile.sum()
    volume = m["Generator-p_nom"].loc["contract"]
    load_mwh = system.hours * float(system.load_mw.sum())
    grey = system.hours * power.sel(name="grid").sum()
    taken = system.hours * power.sel(name="contract").sum()
    allowed = (1 - system.green_share) * load_mwh
    netted = m.add_variables(lower=0, name="netted")
    m.add_constraints(netted - made_per_mw * volume + taken <= 0, name="netted was not delivered")
    m.add_constraints(netted - grey <= 0, name="netted was grey")
    m.add_constraints(grey - netted <= allowed, name="green share")


def cost_by_pypsa(system: System) -> float:
    """Yearly cost of the cheapest plan that PyPSA finds, CNY; not a number without a plan."""
    logging.getLogger("pypsa").setLevel(logging.ERROR)
    logging.getLogger("linopy").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        n = network_of(system)
        n.optimize.create_model(consistency_check=False)
        add_rows(n, system)
        status, _ = n.model.solve("highs", io_api="direct", output_flag=False)
    return float(n.model.objective.value) if status == "ok" else float("nan")


@cache
def answer_of(seed: int) -> Answer:
    """What coplan makes of a random system."""
    return solved(as_dataset(random_system(seed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_pypsa_finds_the_same_cost(seed: int) -> None:
    expected = cost_by_pypsa(random_system(seed))
    assert np.isfinite(expected), "every one of the random systems can be planned"
    assert answer_of(seed).cost_cny == pytest.approx(expected, rel=1e-6)


def test_the_random_systems_have_something_to_decide() -> None:
    names = ("plant_capacity_mw", "storage_power_mw", "contract_volume_mw", "retail_mw")
    used = [[answer_of(seed).of(name).max() > 0.1 for name in names] for seed in SEEDS]
    assert np.mean(used, axis=0).min() >= 0.25, dict(zip(names, np.mean(used, axis=0), strict=True))
    targets = [answer_of(seed).price_cny("green_share") > 1.0 for seed in SEEDS]
    assert sum(targets) >= 3, "some of the green targets bind"

"""The model, as a table of contents: what is declared, in the order in which a planner thinks.

`coplan.model(scenario)` is the Pyomo model of a scenario.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from coplan import algebra
from coplan.callable_package import make_callable
from coplan.elements import (
    backup,
    charges,
    compute,
    cooling,
    finance,
    flexibility,
    heat,
    lines,
    loads,
    measures,
    near_optimal,
    network,
    reliability,
    schemes,
    storage,
    subsidies,
    supply,
    surcharge,
    targets,
    trading,
    zones,
)
from coplan.elements.index import Index, Inputs, declare, names
from coplan.elements.ledger import Ledger


@dataclass
class Model:
    """The Pyomo model with the books that say what its rows and costs mean."""

    pyomo: Any
    index: Index
    size_books: dict[int, Ledger] = field(default_factory=dict)
    year_books: dict[tuple[int, str], Ledger] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)


def build_model(data: Any) -> Model:
    """Declare the planning model of `data` (the dataset): sizes once, operation per year."""
    m = algebra.model("coplan: green power and computing together")
    model = Model(m, declare(m, data))
    promised = json.loads(data.attrs["targets"])
    periods = [int(period) for period in data["period"].values]
    weathers = [str(weather) for weather in data["weather"].values]
    m.periods = algebra.index(periods, dim="period", doc="planning periods")
    m.weathers = algebra.index(weathers, dim="weather", doc="weather years")
    algebra.block(m, "sizes", m.periods, doc="what is built or signed in a period")
    algebra.block(m, "year", m.periods, m.weathers, doc="one operating year")
    books = []
    for place, period in enumerate(periods):
        of_period = data.sel(period=period)
        sized = Inputs.of(of_period)
        weight = float(sized["period_years"] * sized["discount_factor"])
        ledger = model.size_books[period] = Ledger()
        earlier = m.sizes[periods[place - 1]] if place else None
        asked = [target for target in promised if targets.in_force(target, period)]
        declare_sizes(m.sizes[period], model.index, sized, asked, ledger, earlier)
        model.weights[period] = weight
        books.append((weight, ledger))
        for weather in weathers:
            year = Inputs.of(of_period.sel(weather=weather))
            ledger = model.year_books[period, weather] = Ledger()
            declare_year(
                m.year[period, weather], model.index, m.sizes[period], year, asked, ledger
            )
            books.append((weight * float(year["weather_probability"]), ledger))
    for earlier, later in pairwise(periods):
        keep_what_stands(m.sizes[earlier], m.sizes[later], model.index)
    last = m.sizes[periods[-1]]
    distance = near_optimal.keep_budget(m, model.index, last, data, books)
    finance.close(m, books, str(data.attrs.get("objective", "cost")), distance)
    return model


def declare_sizes(
    sizes: Any, index: Index, data: Any, promised: list[dict], ledger: Ledger, earlier: Any
) -> None:
    """Everything that is built or signed in a period; `earlier` is the period before, or None."""
    supply.invest(sizes, index, data, ledger)
    lines.invest(sizes, data, ledger)
    storage.invest(sizes, index, data, ledger)
    measures.invest(sizes, index, data, ledger)
    cooling.invest(sizes, index, data, ledger)
    compute.invest(sizes, index, data, ledger, earlier)
    compute.invest_links(sizes, data, ledger)
    subsidies.invest(sizes, index, data, ledger, earlier)
    network.invest(sizes, index, data, ledger)
    charges.invest(sizes, index, data, ledger)
    backup.invest(sizes, index, data, ledger)
    heat.invest(sizes, index, data, ledger)
    flexibility.invest(sizes, index, data, ledger)
    reliability.invest(sizes, index, data)
    trading.invest(sizes, index, data, ledger)
    schemes.invest(sizes, index, data)
    targets.invest(sizes, index, data, promised, ledger)


def declare_year(
    y: Any, index: Index, sizes: Any, data: Any, promised: list[dict], ledger: Ledger
) -> None:
    """Everything that happens in one operating year; the accounts are closed last."""
    supply.operate(y, index, sizes, data, ledger)
    lines.operate(y, index, sizes, data, ledger)
    storage.operate(y, index, sizes, data, ledger)
    reliability.operate(y, index, sizes, data)
    measures.operate(y, index, data)
    loads.operate(y, index, sizes, data, ledger)
    compute.operate(y, index, sizes, data, ledger)
    measures.close(y, index, sizes)
    cooling.operate(y, index, sizes, data, ledger)
    heat.operate(y, index, sizes, data, ledger)
    network.operate(y, index, sizes, data, ledger)
    schemes.operate(y, index, sizes, data, ledger)
    trading.operate(y, index, sizes, data, ledger)
    network.close(y, index, sizes, data, ledger)
    zones.close(y, index, data, ledger)
    supply.close(y, index, data, ledger)
    flexibility.close(y, index, sizes, data, ledger)
    charges.close(y, index, sizes, data, ledger)
    storage.close(y, index, data, ledger)
    surcharge.close(y, index, data, ledger)
    subsidies.close(y, index, sizes, data)
    targets.close(y, index, sizes, data, promised, ledger)
    finance.operate(y, index, data, ledger)


def keep_what_stands(earlier: Any, later: Any, index: Index) -> None:
    """What one period has built or signed still stands in the next."""
    owned = [
        ("supply", "plant_capacity_mw", index.plants),
        ("lines", "line_mw", earlier.lines.lines),
        ("measures", "is_chosen", earlier.measures.measures),
        ("storage", "storage_power_mw", index.batteries),
        ("storage", "storage_energy_mwh", index.batteries),
        ("compute", "halls_new", index.halls),
        ("compute", "halls_closed", later.compute.sources),
        ("compute", "halls_converted", index.conversions),
        ("compute", "servers_bought_mw", index.halls),
        ("compute", "servers_retired_mw", later.compute.sources),
        ("compute", "servers_converted_mw", index.conversions),
        ("compute", "servers_relocated_mw", index.relocations),
        ("cooling", "cold_capacity_mwh", index.tanks),
        ("network", "grid_connection_mw", index.sites),
        ("links", "link_gbit", earlier.links.links),
        ("backup", "backup_mw", later.backup.backups),
        ("heat", "heat_capacity_mw", earlier.heat.pumps),
    ]
    b = algebra.block(later, "continuity", doc="what was built stays")
    for element, name, units in owned:
        before = getattr(getattr(earlier, element), name)
        now = getattr(getattr(later, element), name)
        algebra.constraint(b, units, doc="what was built stays")(_kept(name, before, now))


def _kept(name: str, before: Any, now: Any) -> Any:
    def kept_floor(b, u):
        return now[u] >= before[u]

    kept_floor.__name__ = f"{name}_floor"
    return kept_floor


def hall_groups(model: Model, compiled: Any, data: Any) -> list[tuple]:
    """Integer columns that belong together: halls of one site, label and period; clusters.

    Returns (name, columns, IT capacity of a hall in MW, label and period) for the search; single
    clusters, which come first, are counted by one.
    """
    groups: list[tuple] = []
    kinds = list(zip(names(data, "hall_site"), names(data, "hall_label"), strict=True))
    size = data["hall_it_mw"].values
    for period in model.size_books:
        halls = model.pyomo.sizes[period].compute.halls_built
        first = compiled.column_slice(halls).start
        for site, label in dict.fromkeys(kinds):
            mine = [u for u, kind in enumerate(kinds) if kind == (site, label)]
            columns = [first + u for u in mine]
            groups.append((f"{site} {period}", columns, size[mine], f"{label} {period}"))
        clusters = getattr(model.pyomo.sizes[period].targets, "blocks", None)
        if clusters is not None:
            first, places = compiled.column_slice(clusters).start, len(model.index.sites)
            for row, name in enumerate(model.pyomo.sizes[period].targets.cluster_clauses):
                columns = list(range(first + row * places, first + (row + 1) * places))
                groups.append((f"{name} {period}", columns, 1.0, f"{name} {period}", True))
    return groups


def sizes_are_given(model: Model, compiled: Any) -> bool:
    """Whether only the running of what stands is left to decide."""
    import pyomo.environ as pyo

    places = [
        compiled.column_slice(variable)
        for sizes in model.pyomo.sizes.values()
        for variable in sizes.component_objects(pyo.Var)
    ]
    return all(np.array_equal(compiled.lower[at], compiled.upper[at]) for at in places)


def one_way_modes(model: Model, compiled: Any) -> tuple[np.ndarray, ...]:
    """Columns that say which of two opposite flows runs in a step, and the rows of both flows.

    Returns (columns, rows of the flow where the column is 1, rows of the flow where it is 0,
    1 where both rows are implied while the column is free: a battery has one power for both).
    """
    families = [
        family
        for key in model.year_books
        for y in [model.pyomo.year[key]]
        for family in (
            (y.network, "is_exporting", "exporting_link", "importing_link", 0),
            (y.storage, "is_charging", "charging_link", "discharging_link", 1),
        )
        if hasattr(family[0], family[1])
    ]
    found: list[list] = [[np.zeros(0, dtype=np.int64)] for _ in range(4)]
    for block, name, on_name, off_name, is_implied in families:
        slices = (
            compiled.column_slice(getattr(block, name)),
            compiled.row_slice(getattr(block, on_name)),
            compiled.row_slice(getattr(block, off_name)),
        )  # fmt: skip
        for kept, part in zip(found[:3], slices, strict=True):
            kept.append(np.arange(part.start, part.stop))
        found[3].append(np.full(slices[0].stop - slices[0].start, is_implied))
    return tuple(np.concatenate(parts) for parts in found)


def exact_laws(model: Model, compiled: Any) -> tuple[np.ndarray, np.ndarray]:
    """Rows that ask at least something of pauses and of cooling, and the column of each row."""
    steps = np.arange(len(model.index.times))
    rows, columns = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for key in model.year_books:
        y = model.pyomo.year[key]
        curved = list(y.cooling.curved)
        families = [
            (y.compute, "paused_mw", "pause_floor", list(range(len(y.compute.pausing)))),
            (y.compute, "placed_paused_mw", "placed_pause_floor",
             list(range(len(y.compute.placed_pausing)))),
            (y.cooling, "extra_cooling_mw", "part_load_floor",
             [curved.index(y.cooling.bend_curved[j]) for j in y.cooling.bends]),
        ]  # fmt: skip
        for block, variable, family, units in families:
            if not units:
                continue
            first = compiled.column_slice(getattr(block, variable)).start
            found = compiled.row_slice(getattr(block, family))
            rows.append(np.arange(found.start, found.stop))
            columns.append((first + np.array(units)[:, None] * len(steps) + steps).ravel())
    return np.concatenate(rows), np.concatenate(columns)


def _of_scenario(scenario: Any) -> Any:
    """The Pyomo model of a Scenario, as it is solved: costs in kCNY, MW and MWh.

    Rows and variables are made when they are looked at; `model.year[2027, "typical"]` holds an
    operating year by element, `model.sizes[2027]` what is built. To solve it with rows added,
    give `coplan.plan` the function that adds them.
    """
    from coplan.dataset.build import build_dataset

    return build_model(build_dataset(scenario)).pyomo


make_callable(__name__, _of_scenario)

"""What one unit more of a limit would save: the prices of the limits that stop a plan.

    saving[limit] = −10³ / weight[period] · Σ min(0, c − Aᵀy)_j · ∂upper_j / ∂limit      [CNY/year]

over the size that reaches its limit and the operating quantities whose bounds repeat it, at the
duals y with the whole numbers held. A hall more brings the servers it holds; what it saves goes
straight on from the duals of the halls that stand, and a whole one may save less. Of a least size,
one unit less is what saves:

    saving[least] = 10³ / weight[period] · max(0, c − Aᵀy)_j
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from coplan.solve.program import LinearProgram

CNY = 1e3
"""kCNY → CNY."""
REACHED = 1e-4
"""What is this close to its limit, relative, has reached it."""
WORTH_CNY = 1.0
"""A unit of a limit that saves less a year is not told: it is what a solver leaves."""


class Limited(NamedTuple):
    """A size that a card limits: its element, dim, unit, and what repeats the limit.

    `repeated`: operating quantities (element, name) whose upper bounds follow from the limit;
    `link`: the row of the sizes that ties the limit to its yes or no, if any.
    """

    element: str
    dim: str
    unit: str
    repeated: tuple[tuple[str, str], ...] = ()
    link: str = ""


SIZES = {
    "plant_capacity_mw": Limited("supply", "plant", "MW", (("supply", "generation_mw"),)),
    "storage_power_mw": Limited(
        "storage", "battery", "MW", (("storage", "charge_mw"), ("storage", "discharge_mw"))
    ),
    "storage_energy_mwh": Limited("storage", "battery", "MWh", (("storage", "soc_mwh"),)),
    "grid_connection_mw": Limited(
        "network", "site", "MW", (("network", "retail_mw"), ("network", "peak_mw"))
    ),
    "contract_volume_mw": Limited(
        "trading", "contract", "MW",
        (("trading", "delivered_mw"), ("trading", "resold_mw"), ("trading", "unmatched_mw")),
        "volume_link",
    ),
    "servers_mw": Limited("compute", "hall", "MW", (("compute", "load_mw"),)),
    "cold_capacity_mwh": Limited("cooling", "tank", "MWh", (("cooling", "cold_mwh"),)),
    "heat_capacity_mw": Limited("heat", "heat", "MW"),
    "backup_mw": Limited("backup", "backup", "MW"),
    "link_gbit": Limited("links", "link", "Gbit/s", (), "bandwidth_link"),
}  # fmt: skip
"""Sizes whose upper bound is a number of a card; a power that reaches it at once repeats it."""

OPERATED = {
    "export_mw": Limited("network", "site", "MW"),
    "certificates_mwh": Limited("trading", "certificate", "MWh"),
}
"""Operating quantities whose upper bound is a number of a card, for the whole year."""

ROWS = {
    "headroom_limit": Limited("zones", "import_zone", "MW"),
    "corridor_limit": Limited("zones", "export_zone", "MW"),
}
"""Rows of an operating year, by place and step, whose side is one number of a card."""


HALLS = Limited("compute", "hall", "hall")
SITE_IT = Limited("compute", "site", "MW")
LEAST_PLANT = Limited("supply", "plant", "MW")
LEAST_CONTRACT = Limited("trading", "contract", "MW")


class _Found(NamedTuple):
    name: str
    place: str
    period: int
    unit: str
    element: str
    most: float
    saving_cny: float


def limit_prices(model: Any, compiled: Any, data: xr.Dataset, x: Any, y: Any) -> dict[str, tuple]:
    """The limits that stop the plan and what a unit more of each saves, by `limit`.

    Returns plan variables: limit_name, limit_place, limit_period, limit_element and limit_unit
    as coordinates, limit_most [limit_unit] and limit_saving_cny [CNY/year per limit_unit]; none
    where there are no duals in money (`y` None).
    """
    told_of = () if y is None else _Reading(model, compiled, data, x, y).all()
    found = sorted(
        (one for one in told_of if one.saving_cny >= WORTH_CNY),
        key=lambda one: (-one.saving_cny, one.name, one.place, one.period),
    )
    columns = list(zip(*found, strict=True)) if found else [()] * len(_Found._fields)
    kinds = (str, str, int, str, str, float, float)
    told = {
        "most": ("", "limit that stops the plan, in its unit"),
        "saving_cny": ("CNY/year", "saving by one unit more of the limit"),
    }
    return {
        f"limit_{name}": (
            "limit", np.array(values, dtype=kind if kind is not str or found else "U1"),
            dict(zip(("units", "long_name"),
                     told.get(name, ("", f"{name} of a limit")), strict=True)),
        )
        for name, values, kind in zip(_Found._fields, columns, kinds, strict=True)
    }  # fmt: skip


class _Reading:
    def __init__(self, model: Any, compiled: Any, data: xr.Dataset, x: Any, y: Any):
        self.model, self.compiled, self.data, self.x, self.y = model, compiled, data, x, y
        program = LinearProgram.of(compiled)
        product = np.repeat(y, np.diff(program.start))
        product *= program.value
        n = program.n_columns
        reduced = program.cost - np.bincount(program.column, product, minlength=n)
        self.reduced = reduced
        self.pull = np.maximum(0.0, -reduced)  # what a unit more of an upper bound saves, kCNY
        self.activity = program.activity(x)

    def all(self) -> Iterator[_Found]:
        for period in self.model.size_books:
            sizes = self.model.pyomo.sizes[period]
            years = [self.model.pyomo.year[key] for key in self.model.year_books
                     if key[0] == period]  # fmt: skip
            for name, about in SIZES.items():
                yield from self.sizes(period, name, about, sizes, years)
            yield from self.halls(period, sizes, years)
            yield from self.site_it(period, sizes)
            yield from self.least(period, sizes)
            for name, about in OPERATED.items():
                yield from self.operated(period, name, about, years)
            for name, about in ROWS.items():
                yield from self.rows(period, name, about, years)

    def told(
        self, period: int, name: str, about: Limited, labels: list[str], most: Any, saving: Any
    ) -> Iterator[_Found]:
        scale = CNY / self.model.weights[period]
        for label, limit, each in zip(labels, most, saving, strict=True):
            yield _Found(name, label, period, about.unit, about.element, float(limit),
                         scale * float(each))  # fmt: skip

    def sizes(
        self, period: int, name: str, about: Limited, sizes: Any, years: list
    ) -> Iterator[_Found]:
        variable = getattr(getattr(sizes, about.element), name)
        at = self.compiled.column_slice(variable)
        labels, most = _labels(variable), self.compiled.upper[at]
        is_full = (self.x[at] >= most * (1.0 - REACHED)) & (most > self.compiled.lower[at])
        if name == "servers_mw":  # the limit on halls is told instead
            is_full &= ~self.follow_halls(period)
        saving = self.saved(about, years, at, labels, most)
        block = getattr(sizes, about.element)
        link = getattr(block, about.link, None) if about.link else None
        if link is not None:
            here = [labels.index(label) for label in _labels(link)]
            saving[here] -= self.y[self.compiled.row_slice(link)]
        yield from self.told(period, name, about, labels, most, np.where(is_full, saving, 0.0))

    def saved(
        self, about: Limited, years: list, at: slice, labels: list[str], most: np.ndarray
    ) -> np.ndarray:
        """What a unit more of a size's limit saves, by place, with what repeats the limit, kCNY."""
        saving = self.pull[at].copy()
        for element, other in about.repeated:
            for year in years:
                saving += self.repeated(getattr(year, element), other, about.dim, labels, most)
        return saving

    def follow_halls(self, period: int) -> np.ndarray:
        """Whether the most servers of a hall type are what its most halls hold (hall)."""
        sized = self.data.sel(period=period)
        most = sized["halls_max"].values
        holds = self.hall_mw() * most
        is_free = most > sized["halls_min"].values
        return np.asarray(is_free & (sized["servers_max_mw"].values >= holds * (1.0 - REACHED)))

    def hall_mw(self) -> np.ndarray:
        """Servers that one hall holds (hall) [MW]."""
        data = self.data
        return np.asarray(data["hall_it_mw"].values / (1.0 + data["storage_share"].values))

    def halls(self, period: int, sizes: Any, years: list) -> Iterator[_Found]:
        """One hall more, with the servers it holds."""
        variable, servers = sizes.compute.halls_built, sizes.compute.servers_mw
        at, of_servers = (self.compiled.column_slice(one) for one in (variable, servers))
        labels, most = _labels(variable), self.data.sel(period=period)["halls_max"].values
        is_full = self.follow_halls(period) & (self.x[at] >= most - REACHED)
        full_mw = self.compiled.upper[of_servers]
        inside = self.saved(SIZES["servers_mw"], years, of_servers, labels, full_mw)
        saving = self.hall_mw() * inside - self.reduced[at]
        yield from self.told(period, "halls_built", HALLS, labels, most,
                             np.where(is_full, saving, 0.0))  # fmt: skip

    def site_it(self, period: int, sizes: Any) -> Iterator[_Found]:
        """One MW more of IT at a site, given to the halls that save most with it."""
        halls, rows = sizes.compute.halls_built, sizes.compute.site_it_limit
        at, here = self.compiled.column_slice(halls), self.compiled.row_slice(rows)
        sites, most = _labels(rows), self.compiled.row_upper[here]
        each_mw = self.data["hall_it_mw"].values
        owner = [sites.index(site) for site in self.data["hall_site"].values.astype(str)]
        has_more = self.x[at] < self.data.sel(period=period)["halls_max"].values - REACHED
        # the limit's own dual is any number where whole halls are held: it is taken out
        without = self.reduced[at] + self.y[here][owner] * each_mw
        saving = np.zeros(len(sites))
        np.maximum.at(saving, owner, np.where(has_more, -without / each_mw, 0.0))
        is_full = self.activity[here] >= most * (1.0 - REACHED)
        yield from self.told(period, "site_it_limit", SITE_IT, sites, most,
                             np.where(is_full, saving, 0.0))  # fmt: skip

    def least(self, period: int, sizes: Any) -> Iterator[_Found]:
        """One MW less of what must be built or, where it is signed, bought."""
        variable = sizes.supply.plant_capacity_mw
        at = self.compiled.column_slice(variable)
        least = self.compiled.lower[at]
        is_least = (least > 0) & (self.x[at] <= least * (1.0 + REACHED))
        yield from self.told(period, "plant_least_mw", LEAST_PLANT, _labels(variable), least,
                             np.where(is_least, self.reduced[at], 0.0))  # fmt: skip
        floor = getattr(sizes.trading, "volume_floor", None)
        if floor is None:
            return
        labels = _labels(floor)
        least = self.data["contract_volume_min_mw"].sel(contract=labels).values
        signed = self.x[self.compiled.column_slice(sizes.trading.is_signed)]
        # volume ≥ least · signed has one sign of duals, whichever side the volume is written on
        saving = np.abs(self.y[self.compiled.row_slice(floor)]) * np.round(signed)
        yield from self.told(period, "contract_least_mw", LEAST_CONTRACT, labels, least, saving)

    def repeated(
        self, block: Any, name: str, dim: str, labels: list[str], most: Any
    ) -> np.ndarray:
        """What more of a limit saves through the bounds of one operating quantity, by place."""
        variable = getattr(block, name)
        at = self.compiled.column_slice(variable)
        if at.start == at.stop:
            return np.zeros(len(labels))
        units = _labels(variable)
        if variable.dims[0] != dim:
            owner = dict(zip(self.data[variable.dims[0]].values.astype(str),
                             self.data[f"{variable.dims[0]}_{dim}"].values.astype(str),
                             strict=True))  # fmt: skip
            units = [owner[unit] for unit in units]
        each = (self.pull[at] * self.compiled.upper[at]).reshape(len(units), -1).sum(axis=1)
        saving = np.zeros(len(labels))
        np.add.at(saving, [labels.index(unit) for unit in units], each)
        return np.divide(saving, most, out=np.zeros(len(labels)), where=most > 0)

    def operated(self, period: int, name: str, about: Limited, years: list) -> Iterator[_Found]:
        saving: Any = 0.0
        for year in years:
            variable = getattr(getattr(year, about.element), name)
            at, labels = self.compiled.column_slice(variable), _labels(variable)
            if not labels:
                return
            upper = self.compiled.upper[at].reshape(len(labels), -1)
            limit = upper.max(axis=1, initial=0.0)
            is_full = (upper > 0) & (self.x[at].reshape(upper.shape) >= upper * (1.0 - REACHED))
            saving = saving + (self.pull[at].reshape(upper.shape) * is_full).sum(axis=1)
        yield from self.told(period, name, about, labels, limit, saving)

    def rows(self, period: int, name: str, about: Limited, years: list) -> Iterator[_Found]:
        saving: Any = 0.0
        for year in years:
            rows = getattr(getattr(year, about.element), name, None)
            if rows is None:
                return
            at, labels = self.compiled.row_slice(rows), _labels(rows)
            side = self.compiled.row_upper[at].reshape(len(labels), -1)
            limit = side[:, 0]
            is_full = self.activity[at].reshape(side.shape) >= side * (1.0 - REACHED)
            saving = saving - (self.y[at].reshape(side.shape) * is_full).sum(axis=1)
        yield from self.told(period, name, about, labels, limit, saving)


def _labels(component: Any) -> list[str]:
    """Labels of a component's first index."""
    return [str(label) for label in next(iter(component.index_set().subsets()))]

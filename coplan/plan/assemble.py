"""From the solver's columns to a Plan: decisions, what follows from them, prices and account."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from coplan.elements.compute.demand import SITES_APART
from coplan.elements.ledger import Ledger
from coplan.model import Model
from coplan.plan.bases import basis_of
from coplan.plan.clauses import clause_rows
from coplan.plan.compliance import netted_by_month, targets
from coplan.plan.limits import limit_prices
from coplan.plan.rewards import voucher_cny
from coplan.plan.work import filled, placed_backlog, placed_work

CNY = 1e3
"""kCNY → CNY."""

ELEMENT_EXPRESSIONS = (
    ("compute", "it_mw"), ("cooling", "cooling_mw"), ("cooling", "loss_mw"),
    ("compute", "transfer_mw"), ("compute", "migration_mw"), ("loads", "drawn_mw"),
    ("heat", "heat_pump_mw"),
)  # fmt: skip
"""Operating quantities that follow from decisions and belong in the plan."""


SIZE_EXPRESSIONS = ("halls_new", "halls_closed", "servers_bought_mw", "servers_retired_mw")
"""What becomes of halls and servers, by hall and period; they follow from decisions too."""

INNER_DIMS = (
    "route", "interval", "minimum_contract", "size_row", "curved", "banded_site", "project",
    "measure_group", "size_offer", "year_offer", "energy_cheaper", "demand_cheaper",
    "exchange_mode", "battery_mode", "levelled", "span", "cluster",
)  # fmt: skip
"""Dims of the model that a planner does not know; what they hold is in the plan in other words."""

SIGNED_SHARE = 1e-7
"""A volume below this share of its maximum is none; the audit tolerates ten times as much."""


def assemble(model: Model, compiled: Any, data: xr.Dataset, x: Any, y: Any) -> xr.Dataset:
    """The Plan of column values `x` and row duals `y`: inputs, decisions, account, clauses.

    Adds everything but the run record, which `coplan.run` writes.
    """
    with xr.set_options(arithmetic_join="exact"):  # nothing is dropped where labels differ
        return _assembled(model, compiled, data, x, y)


def _assembled(model: Model, compiled: Any, data: xr.Dataset, x: Any, y: Any) -> xr.Dataset:
    plan = _with_decisions(model, compiled, data, x)
    plan = _joined(plan, filled(plan))
    plan = _joined(plan, _defaults(plan))
    use = plan["it_mw"] + plan["cooling_mw"] + plan["loss_mw"]
    drawn, is_it = plan["drawn_mw"], plan["fixed_load_is_it"]
    facility = _at_site(plan, use) + _at_site(plan, drawn, "fixed_load")
    it = _at_site(plan, plan["it_mw"]) + _at_site(plan, drawn * is_it, "fixed_load")
    plan = _joined(plan, {
        "voucher_cny": voucher_cny(plan), "routed_mw": _routed(plan),
        "facility_mw": _described(facility, "MW", "facility power"),
        "site_it_mw": _described(it, "MW", "IT power"),
    })  # fmt: skip
    unused = [dim for dim in ("soft", "soft_size") if not plan.sizes.get(dim)]
    plan = plan.drop_dims([dim for dim in (*INNER_DIMS, *unused) if dim in plan.dims])
    plan = plan.drop_vars("certificates_used_mwh", errors="ignore")
    in_money = plan.attrs.get("objective", "cost") == "cost"
    y = y if in_money else np.zeros_like(y)  # duals of emissions are no prices
    account = _account(model, compiled, data, x)
    limits = limit_prices(model, compiled, data, x, y if in_money else None)
    numbers = ("limit_most", "limit_saving_cny")
    texts = [*_account_coords(account), *(name for name in limits if name not in numbers)]
    plan = plan.assign(_account_coords(account) | limits | {
        "energy_price_cny_per_mwh": _energy_price(model, compiled, plan, y),
        "account_cny": (
            "line", np.array([row[-1] for row in account]),
            {"units": "CNY/year", "long_name": "expected yearly cost of a line"},
        ),
    }).set_coords(texts)  # fmt: skip
    return _with_clauses(plan, _shadow_prices(model, compiled, plan, y) if in_money else {})


def _joined(plan: xr.Dataset, arrays: Any) -> xr.Dataset:
    """The plan with more arrays; those whose labels are the plan's need not be aligned to it."""
    labels = _labels(plan)

    def is_aligned(array: xr.DataArray) -> bool:
        return all(dim in labels and np.array_equal(index.to_numpy(), labels[dim])
                   for dim, index in array.indexes.items())  # fmt: skip

    return plan.assign({
        name: array.variable if is_aligned(array) else array for name, array in arrays.items()
    })  # fmt: skip


def _labels(data: xr.Dataset) -> dict[str, np.ndarray]:
    return {str(dim): index.to_numpy() for dim, index in data.indexes.items()}


def _with_decisions(model: Model, compiled: Any, data: xr.Dataset, x: Any) -> xr.Dataset:
    """The inputs and every variable under its own name, stacked over periods and weather years.

    Units of the inputs that the model has no variable for are NaN in it.
    """
    m = model.pyomo
    sized: dict[str, list] = {}
    operated: dict[str, list] = {}
    for period in model.size_books:
        halls = m.sizes[period].compute
        followed = [(name, getattr(halls, name)) for name in SIZE_EXPRESSIONS]
        for name, component in _variables(m.sizes[period]) + followed:
            sized.setdefault(name, []).append((period, _found(component, compiled, x)))
    for key in model.year_books:
        y = m.year[key]
        found = _variables(y) + [
            (name, getattr(getattr(y, element), name)) for element, name in ELEMENT_EXPRESSIONS
        ]
        for name, component in found:
            operated.setdefault(name, []).append((key, _found(component, compiled, x)))
    labels, variables = _labels(data), {}
    when = ((sized, list(model.size_books), ("period",)),
            (operated, list(model.year_books), ("period", "weather")))  # fmt: skip
    for parts, keys, dims in when:
        shape = tuple(data.sizes[dim] for dim in dims)
        for name, some in parts.items():
            one = _stacked(dict(some), keys)
            for dim, own in one.labels.items():
                labels.setdefault(dim, own)
            values = _placed(one, labels).reshape(shape + tuple(len(labels[d]) for d in one.dims))
            variables[name] = xr.Variable((*dims, *one.dims), values, one.attrs)
    inner = {dim: (dim, own) for dim, own in labels.items() if dim not in data.dims}
    return data.assign(inner | variables)


class _Found(NamedTuple):
    """Values of a variable or expression, over dims that have these labels."""

    values: np.ndarray
    dims: tuple[str, ...]
    labels: dict[str, np.ndarray]
    attrs: dict[str, str]


def _variables(block: Any) -> list[tuple[str, Any]]:
    import pyomo.environ as pyo

    return [
        (variable.local_name, variable)
        for variable in block.component_objects(pyo.Var, descend_into=True)
        if hasattr(variable, "dims")  # not what a user has added by hand
    ]


def _found(component: Any, compiled: Any, x: Any) -> _Found:
    """A variable or expression with the labels of its sets."""
    dims, labels = tuple(component.dims), {}
    if component.is_indexed():
        sets = component.index_set().subsets()
        labels = {dim: np.array(list(one)) for dim, one in zip(dims, sets, strict=True)}
    attrs = {"units": component.unit, "long_name": component.doc}
    return _Found(np.asarray(compiled.evaluate(component, x)), dims, labels, attrs)


def _stacked(parts: dict[Any, _Found], keys: list) -> _Found:
    """One array whose first dim is keys, from one array for each of them, its labels without it.

    A clause may be in force in some periods only: in the others its quantities are zero.
    """
    first = next(iter(parts.values()))
    labels = {
        dim: own if all(np.array_equal(own, one.labels[dim]) for one in parts.values())
        else np.array(list(dict.fromkeys(
            label for one in parts.values() for label in one.labels[dim].tolist())))
        for dim, own in first.labels.items()
    }  # fmt: skip
    none = first._replace(values=np.zeros([0] * len(first.dims)),
                          labels={dim: own[:0] for dim, own in labels.items()})  # fmt: skip
    values = np.stack([_placed(parts.get(key, none), labels, 0.0) for key in keys])
    return first._replace(values=values, labels=labels)


def _placed(one: _Found, labels: dict[str, np.ndarray], missing: float = np.nan) -> np.ndarray:
    """Values where their labels stand among `labels`; further dims come first."""
    if all(np.array_equal(one.labels[dim], labels[dim]) for dim in one.labels):
        return one.values
    further = one.values.shape[: one.values.ndim - len(one.dims)]
    whole = np.full(further + tuple(len(labels[dim]) for dim in one.dims), missing)
    places = []
    for dim in one.dims:
        at = {label: place for place, label in enumerate(labels[dim].tolist())}
        places.append([at[label] for label in one.labels[dim].tolist()])
    where: tuple[Any, ...] = (..., *np.ix_(*places))
    whole[where] = one.values
    return whole


def _defaults(plan: xr.Dataset) -> dict[str, xr.DataArray]:
    """Quantities that the model leaves out because they follow from data."""
    demand = plan["pool_demand_mw"].expand_dims(weather=plan["weather"], axis=1)
    served = plan["served_mw"].reindex(pool=plan["pool"])
    backlog = plan["backlog_mwh"].reindex(pool=plan["pool"])
    now = plan["pool_delay_h"] == 0
    order = ("period", "weather", "pool", "time")
    least = SIGNED_SHARE * plan["contract_volume_max_mw"]
    signed = (plan["contract_volume_mw"] > least).astype(float)
    found = {
        "served_mw": _described(
            xr.where(now, demand, served).transpose(*order), "MW", "work run (MW-equivalent)"
        ),
        "backlog_mwh": _described(
            xr.where(now, 0.0, backlog).transpose(*order), "MWh",
            "work waiting at the end of the step (MW-equivalent h)",
        ),
        "is_contracted": _described(signed, "1", "1 where the contract is signed"),
    }  # fmt: skip
    found["backlog_mwh"] = placed_backlog(plan, found["backlog_mwh"])
    found["netted_mwh"] = _described(
        netted_by_month(plan), "MWh", "grey energy that unspent contract energy covers"
    )
    return found


def _at_site(plan: xr.Dataset, power: xr.DataArray, unit: str = "hall") -> xr.DataArray:
    belongs = (plan[f"{unit}_site"] == plan["site"]).astype(float)
    order = ("period", "weather", "site", "time")
    return xr.dot(power, belongs, dim=unit).transpose(*order)


def _routed(plan: xr.Dataset) -> xr.DataArray:
    """Work of every pool by site: bound work as decided, the rest in proportion to free load.

    Pools that may run at every site are alike there, so any split of them is as good.
    """
    labels = [str(label) for label in plan["pool_label"].values]
    order = ("period", "weather", "pool", "site", "time")
    served = plan["served_mw"]
    routed = xr.zeros_like(served.expand_dims(site=plan["site"], axis=3)).copy()
    bound: set[str] = set()
    for (pool, site), placed in placed_work(plan).items():
        routed.loc[{"pool": pool, "site": site}] = placed.transpose("period", "weather", "time")
        bound.add(pool)
    for name in plan["route"].values:
        pool, group = str(name).rsplit("@", 1)
        work = plan["route_work_mw"].sel(route=name, drop=True)
        for site, share in _shares_of_group(plan, pool, group.split(SITES_APART)).items():
            part = (work * share).transpose("period", "weather", "time")
            routed.loc[{"pool": pool, "site": site}] = part
        bound.add(pool)
    for label in dict.fromkeys(labels):
        halls = plan["density_ratio"] * (plan["hall_label"] == label)
        load = _at_site(plan, plan["load_mw"] * halls)
        mine = [str(q) for q, k in zip(plan["pool"].values, labels, strict=True) if k == label]
        free_pools = [q for q in mine if q not in bound]
        sent = routed.sel(pool=[q for q in mine if q in bound]).sum(dim="pool")
        rest = (load - sent).clip(min=0.0)
        total = rest.sum(dim="site")
        share = (rest / total.where(total > 0)).fillna(0.0)
        for pool in free_pools:
            routed.loc[{"pool": pool}] = (served.sel(pool=pool, drop=True) * share).transpose(
                "period", "weather", "site", "time"
            )
    return _described(routed.transpose(*order), "MW", "work of a pool run at a site")


def _shares_of_group(
    plan: xr.Dataset, pool: str, sites: list[str]
) -> dict[str, xr.DataArray | float]:
    """How the work sent to a group of sites that are alike is split: as their load of its label."""
    if len(sites) == 1:
        return {sites[0]: 1.0}
    label = str(plan["pool_label"].sel(pool=pool).values)
    halls = plan["density_ratio"] * (plan["hall_label"] == label)
    load = _at_site(plan, plan["load_mw"] * halls).sel(site=sites)
    total = load.sum(dim="site")
    share = xr.where(total > 0, load / total.where(total > 0), 1.0 / len(sites))
    return {site: share.sel(site=site, drop=True) for site in sites}


def _energy_price(model: Model, compiled: Any, plan: xr.Dataset, y: Any) -> xr.Variable:
    """What one more MWh at a site and step would cost, integers fixed."""
    hours = (plan["step_weight"] * plan["step_h"]).values
    shape = tuple(plan.sizes[dim] for dim in ("period", "weather", "site", "time"))
    price = np.zeros(shape)
    for (period, weather), _ in model.year_books.items():
        p = list(plan["period"].values).index(period)
        w = list(plan["weather"].values.astype(str)).index(weather)
        row = model.pyomo.year[period, weather].network.power_balance
        chance = model.weights[period] * float(plan["weather_probability"].values[w])
        price[p, w] = CNY * compiled.duals(row, y) / (chance * hours)
    dims = ("period", "weather", "site", "time")
    about = {"units": "CNY/MWh", "long_name": "marginal price of energy"}
    return xr.Variable(dims, price, about)


def _account(model: Model, compiled: Any, data: xr.Dataset, x: Any) -> list[tuple]:
    """Lines (element, label, place, period, book, CNY per year), expected over weather years."""
    chance = dict(
        zip(data["weather"].values.astype(str), data["weather_probability"].values, strict=True)
    )
    lines: dict[tuple, float] = {}

    def add(ledger: Ledger, period: int, weight: float) -> None:
        for booking in ledger.bookings:
            values = np.ravel(compiled.evaluate(booking.expression, x))
            for label, place, value in zip(booking.labels, booking.places, values, strict=True):
                key = (booking.element, label, place, period, booking.book)
                lines[key] = lines.get(key, 0.0) + weight * CNY * float(value)

    for period, ledger in model.size_books.items():
        add(ledger, period, 1.0)
    for (period, weather), ledger in model.year_books.items():
        add(ledger, period, float(chance[weather]))
    return [(*key, value) for key, value in lines.items()]


def _account_coords(account: list[tuple]) -> dict[str, tuple]:
    names = ("element", "label", "place", "period", "book")
    columns = list(zip(*account, strict=True))
    return {
        f"account_{name}": (
            "line", np.array(column), {"units": "", "long_name": f"{name} of an account line"}
        )
        for name, column in zip(names, columns, strict=False)
    }  # fmt: skip


def _shadow_prices(
    model: Model, compiled: Any, plan: xr.Dataset, y: Any
) -> dict[tuple[str, int], float]:
    """Price of every promise in every period, CNY per year and its unit, integers fixed."""
    about = {target["id"]: target for target in targets(plan)}
    prices: dict[tuple[str, int], float] = {}
    books: list[tuple[int, str | None, Ledger]]
    books = [(period, None, ledger) for period, ledger in model.size_books.items()]
    books += [(period, weather, book) for (period, weather), book in model.year_books.items()]
    for period, weather, ledger in books:
        for promise in ledger.promises:
            constraint, index = promise.row
            duals = compiled.duals(constraint, y)
            if index is not None:
                clauses = next(iter(constraint.index_set().subsets()))
                duals = duals[list(clauses).index(index)]
            target, by_site = about[promise.target], bool(np.ndim(duals))
            basis = basis_of(plan, promise.basis, target, period, weather, by_site)
            price = promise.factor * CNY * float(np.sum(duals * basis)) / model.weights[period]
            key = (promise.target, period)
            prices[key] = prices.get(key, 0.0) + price
    return prices


def _with_clauses(plan: xr.Dataset, prices: dict[tuple[str, int], float]) -> xr.Dataset:
    rows = clause_rows(plan, prices)
    described = {
        name: ("clause", values, {"units": "", "long_name": name.replace("_", " ")})
        for name, values in rows.items()
    }
    texts = [name for name, (_, values, _) in described.items() if values.dtype.kind != "f"]
    return plan.assign(described).set_coords(texts)


def _described(array: xr.DataArray, units: str, long_name: str) -> xr.DataArray:
    array.attrs = {"units": units, "long_name": long_name}
    return array

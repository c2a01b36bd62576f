"""Small random models that use every idiom a rule may contain; the same for arrays and Pyomo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyomo.environ as pyo

from coplan import algebra


def build(seed: int) -> Any:
    """A model drawn from `seed`, made of whatever kind of component is switched on."""
    rng = np.random.default_rng(seed)
    n_sites, n_units, n_steps = (int(rng.integers(1, 4)) for _ in range(3))
    n_steps = int(rng.integers(1, 6)) if seed % 7 else n_steps
    m = algebra.model(f"random {seed}")
    m.sites = algebra.index([f"site_{i}" for i in range(n_sites)], dim="site")
    m.units = algebra.index([f"unit_{i}" for i in range(n_units + seed % 2)], dim="unit")
    m.some = algebra.index([f"unit_{i}" for i in range(n_units)][::-1], dim="unit")
    m.nothing = algebra.index([], dim="none")
    m.times = algebra.index(n_steps, dim="time")
    m.months = algebra.index([3, 7, 8], dim="month")
    m.routes = algebra.index(int(rng.integers(1, 5)), dim="route")
    m.weathers = algebra.index(["dry", "typical"], dim="weather")
    m.periods = algebra.index([2027], dim="period")
    U, S, T = len(m.units), n_sites, n_steps

    def data(*shape: int, zeros: float = 0.3) -> np.ndarray:
        values = np.round(rng.uniform(-3, 5, shape), 3)
        return np.where(rng.random(shape) < zeros, 0.0, values)

    m.at = algebra.param(m.units, m.sites, values=(rng.random((U, S)) < 0.5).astype(float))
    m.previous = algebra.param(m.times, values=np.roll(np.arange(T), 1))
    m.month = algebra.param(m.times, values=rng.choice([3, 7, 8], T))
    m.route_site = algebra.param(
        m.routes, values=np.array([f"site_{i}" for i in rng.integers(0, S, len(m.routes))])
    )
    m.route_at = algebra.param(
        m.routes, m.sites, values=rng.integers(0, 2, (len(m.routes), S)).astype(float)
    )
    m.factor = algebra.param(values=1.75)
    m.loose = pyo.Param(initialize=1.5, mutable=True)
    m.loose_by_step = pyo.Param(m.times, initialize=0.5, mutable=True)
    m.part = algebra.param(m.some, values=data(n_units))
    m.size = algebra.variable(m.units, upper=rng.uniform(1, 9, U), unit="MW")
    m.peak = algebra.variable(m.sites, m.months, upper=50.0)
    m.reserve = algebra.variable(lower=-2.0, upper=8.0)
    m.halls = algebra.variable(m.sites, upper=4, integer=True)

    @algebra.expression(m, m.units, unit="MW")
    def paid(m, u):
        return 3.0 * m.size[u] + 2.5

    algebra.block(m, "year", m.periods, m.weathers)
    for place in list(m.year.keys()):
        operate(m, algebra.block(m.year[place], "operation"), data, (S, U, T), rng)
    years = [m.year[place].operation for place in m.year]

    def rule(m):
        total = 0.5 * m.reserve + algebra.total(m.paid)
        for weight, y in zip((0.25, 0.75), years, strict=True):
            total = total + weight * sum(y.cost[s] for s in y.cost.index_set()) + y.yearly / 4
        return total + sum(0.1 * m.halls[s] for s in m.sites)

    algebra.objective(m, rule)
    m.loose.value = 2.5
    m.loose_by_step[0].value = 0.25
    if seed % 3 == 0:
        settle(m, years)
    return m


def settle(m: Any, years: list[Any]) -> None:
    """Some decisions are taken already: fixed, or with other bounds."""
    m.size["unit_0"].fix(1.5)
    m.halls["site_0"].fix(2)
    for y in years:
        y.run["unit_0", 0].fix(0.75)
        y.soc["site_0", 0].setub(11.0)
        y.soc["site_0", 0].setlb(1.0)


def fixed_columns(m: Any) -> dict[str, float]:
    """The decisions that are taken, by name."""
    every = m.component_data_objects(pyo.Var)
    return {data.name: float(data.value) for data in every if data.fixed}


def operate(m: Any, y: Any, data: Any, shape: tuple[int, int, int], rng: Any) -> None:
    """One operating year: expressions in expressions, sums in sums, maps, look-ups and skips."""
    S, U, T = shape
    y.run = algebra.variable(m.units, m.times, upper=rng.uniform(1, 9, (U, T)))
    y.soc = algebra.variable(m.sites, m.times, upper=20.0)
    y.flow = algebra.variable(m.routes, m.times, upper=3.0)
    y.slope = algebra.param(m.units, m.times, values=data(U, T))
    y.demand = algebra.param(m.sites, m.times, values=data(S, T))
    y.empty = algebra.variable(m.nothing, m.times, upper=1.0)
    y.none = algebra.param(m.nothing, m.times, values=np.zeros((0, T)))
    y.one = algebra.param(m.times, values=np.round(rng.uniform(0.5, 2.0, T), 2))
    y.site_of = algebra.param(
        m.units, m.times, values=np.array([[f"site_{i}" for i in row]
                                           for row in rng.integers(0, S, (U, T))])
    )  # fmt: skip
    y.step_of = algebra.param(m.sites, m.months, values=rng.integers(0, T, (S, 3)))
    add_expressions(m, y)
    add_relations(m, y)
    add_maps_and_sides(m, y)
    add_odd_rules(m, y, {t: float(t) - 1.5 for t in range(T)})


def add_expressions(m: Any, y: Any) -> None:
    """Named expressions, nested, some of them not templatisable."""

    @algebra.expression(y, m.units, m.times)
    def it(y, u, t):
        return 0.3 * m.size[u] + 0.7 * y.run[u, t]

    @algebra.expression(y, m.units, m.times)
    def cooling(y, u, t):
        return y.slope[u, t] * y.it[u, t] / (1.0 + y.one[t]) - m.factor * m.size[u] + 0.25

    @algebra.expression(y, m.sites, m.times)
    def facility(y, s, t):
        return sum(m.at[u, s] * (y.it[u, t] + y.cooling[u, t]) for u in m.units) + y.demand[s, t]

    @algebra.expression(y, m.nothing, m.times)
    def absent(y, n, t):
        return y.none[n, t] * y.empty[n, m.previous[t]] + 1.0

    @algebra.expression(y, m.times)
    def by_if(y, t):
        return y.soc["site_0", t] if t > 0 else 2.0 * m.reserve + sum(m.size[u] for u in m.units)

    @algebra.expression(y)
    def yearly(y):
        used = sum(y.one[t] * y.facility[s, t] for s in m.sites for t in m.times)
        return used - sum(sum(y.it[u, t] for u in m.units) * y.one[t] ** 2 for t in m.times)

    @algebra.expression(y, m.sites)
    def cost(y, s):
        postings = [(0.2, y.soc), (1.5, y.facility)]
        bought = sum(weight * sum(e[s, t] for t in m.times) for weight, e in postings)
        return bought + sum(m.peak[s, k] for k in m.months) * 12 - sum(m.paid[u] for u in m.some)


def add_relations(m: Any, y: Any) -> None:
    """Rules written as the guide asks."""

    @algebra.constraint(y, m.sites, m.times)
    def soc_balance(y, s, t):
        return y.soc[s, t] == 0.9 * y.soc[s, m.previous[t]] + y.facility[s, t] / 3 - 1.0

    @algebra.constraint(y, m.sites, m.times)
    def peak_limit(y, s, t):
        return m.peak[s, m.month[t]] >= y.soc[s, t] + y.demand[s, t]

    @algebra.constraint(y, m.routes, m.times)
    def route_limit(y, q, t):
        return y.flow[q, t] <= m.halls[m.route_site[q]] + y.soc[m.route_site[q], t]

    @algebra.constraint(y, m.some, m.times)
    def part_floor(y, u, t):
        return m.part[u] * y.it[u, t] - y.run[u, m.previous[t]] >= -4.0

    @algebra.constraint(y, m.units)
    def two_sided(y, u):
        return (-m.factor, sum(y.run[u, t] * y.slope[u, t] for t in m.times) + m.size[u], 99.0)

    @algebra.constraint(y)
    def annual(y):
        return y.yearly + sum(y.facility[s, t] for s in m.sites for t in m.times) <= m.reserve

    @algebra.constraint(y, m.times)
    def fixed_place(y, t):
        return y.soc["site_0", t] + y.soc["site_0", 0] + abs(y.one[t]) * y.by_if[t] <= 40.0

    @algebra.constraint(y, m.nothing)
    def never(y, n):
        return m.reserve + sum(y.absent[n, t] * y.one[t] for t in m.times) <= 1.0

    @algebra.constraint(y, m.times)
    def with_nothing(y, t):
        lost = sum(y.none[n, t] + y.absent[n, t] - y.empty[n, t] for n in m.nothing)
        return m.reserve + lost <= sum(y.none[n, t] for n in m.nothing) + 9.0

    @algebra.constraint(y)
    def monthly(y):
        return (
            sum(m.peak[s, m.month[t]] for s in m.sites for t in m.times)
            + sum(m.size[n] for n in m.nothing)
            <= 77.0 * m.factor
        )


def add_maps_and_sides(m: Any, y: Any) -> None:
    """Maps over two sets, flat lists with incidences, products of data, numbers on every side."""

    @algebra.constraint(y, m.units, m.times)
    def mapped_limit(y, u, t):
        return y.soc[y.site_of[u, t], m.previous[t]] - 2 * y.run[u, t] <= 30 + y.one[t] - m.factor

    @algebra.constraint(y, m.sites, m.months)
    def monthly_floor(y, s, k):
        return m.peak[s, k] - y.soc[s, y.step_of[s, k]] * y.demand[s, y.step_of[s, k]] >= -99

    @algebra.constraint(y, m.sites, m.times)
    def arriving_limit(y, s, t):
        return sum(m.route_at[q, s] * y.flow[q, t] for q in m.routes) - 3 * 2.0 * m.reserve <= 50

    @algebra.constraint(y, m.units, m.times)
    def product_balance(y, u, t):
        body = m.factor * y.slope[u, t] * y.one[t] * (y.run[u, t] - 0.5 * m.size[u] + 3)
        return body - y.run[u, t] * 0.25 + m.reserve == 2 * y.one[t] + 4 - 1.5

    @algebra.constraint(y, m.sites, m.times)
    def between(y, s, t):
        side = y.one[t] * m.factor
        return (y.demand[s, t] - 40.0 * side, y.soc[s, t] - m.halls[s] + 1, side * 60 + 20)

    @algebra.constraint(y, m.times)
    def band(y, t):
        return pyo.inequality(-50, y.soc["site_0", t] - m.reserve, 5 * y.one[t] + 50)


def add_odd_rules(m: Any, y: Any, table: dict[int, float]) -> None:
    """Rules no template can hold: look-ups, conditions, skipped rows, loops, index arithmetic."""

    @algebra.constraint(y, m.sites, m.times)
    def loosened(y, s, t):
        return m.loose * y.soc[s, t] - m.loose_by_step[t] * m.reserve <= m.loose + 50

    @algebra.constraint(y, m.sites, m.times)
    def looked_up(y, s, t):
        return table[t] * y.soc[s, t] <= 7.0

    @algebra.constraint(y, m.sites, m.times)
    def with_default(y, s, t):
        return y.soc[s, t] * {0: 2.0}.get(t, 1.0) <= 7.5

    @algebra.constraint(y, m.times)
    def ramp(y, t):
        if t == 0:
            return pyo.Constraint.Skip
        return y.soc["site_0", t] - y.soc["site_0", t - 1] <= 5.0

    @algebra.constraint(y, m.sites)
    def looped(y, s):
        total = 0.0
        for t in m.times:
            total = total + y.facility[s, t]
        return total <= 500.0

    @algebra.constraint(y, m.units)
    def mixed_sum(y, u):
        return sum(w * e[u, t] for w, e in [(2.0, y.it)] for t in m.times) <= 400.0

"""coplan's own way: rules of an ordinary Pyomo model, held and compiled as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.builders.pyomo_rules import cost_of
from benchmarks.instance import Instance
from coplan import algebra

PACKAGES = ("pyomo.environ", "highspy", "coplan.algebra.matrix", "coplan.solve.highs")


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    from coplan.solve.highs import choose_algorithm, loaded
    from coplan.solve.program import LinearProgram

    compiled = algebra.compile(define(instance))
    program = LinearProgram.of(compiled)
    return compiled, loaded(program, choose_algorithm(program))


def define(d: Instance) -> Any:
    """The campuses as a Pyomo model; least cost in kCNY."""
    m = algebra.model("campuses")
    m.sites = algebra.index(d.sites, dim="site")
    m.times = algebra.index(d.hours, dim="time")
    m.months = algebra.index(d.months, dim="month")
    _add_data(m, d)
    _add_decisions(m, d)
    _add_power(m, d)
    _add_work(m, d)
    _add_targets(m, d)
    algebra.objective(m, cost_of(d))
    return m


def _add_data(m: Any, d: Instance) -> None:
    place = (m.sites, m.times)
    m.wind_factor = algebra.param(*place, values=d.wind_factor)
    m.pv_factor = algebra.param(*place, values=d.pv_factor)
    m.it_to_facility = algebra.param(*place, values=d.it_to_facility)
    m.hall_overhead = algebra.param(*place, values=d.hall_overhead)
    m.prompt = algebra.param(*place, values=d.prompt_mw)
    m.arrived1 = algebra.param(*place, values=d.arrived_mw[0])
    m.arrived2 = algebra.param(*place, values=d.arrived_mw[1])
    m.price = algebra.param(*place, values=d.price)
    m.previous = algebra.param(m.times, values=(np.arange(d.hours) - 1) % d.hours)
    m.month = algebra.param(m.times, values=d.month)
    m.is_after_start = algebra.param(m.times, values=d.is_after_start)


def _add_decisions(m: Any, d: Instance) -> None:
    place = (m.sites, m.times)
    m.wind = algebra.variable(m.sites, upper=d.plant_max_mw)
    m.pv = algebra.variable(m.sites, upper=d.plant_max_mw)
    m.battery_power = algebra.variable(m.sites, upper=d.plant_max_mw)
    m.battery_energy = algebra.variable(m.sites, upper=d.battery_max_mwh)
    m.hall = algebra.variable(m.sites, upper=d.hall_max_mw)
    m.peak = algebra.variable(m.sites, m.months, upper=d.connection_mw)
    m.used = algebra.variable(*place, upper=2.0 * d.plant_max_mw)
    m.charge = algebra.variable(*place, upper=d.plant_max_mw)
    m.discharge = algebra.variable(*place, upper=d.plant_max_mw)
    m.stored = algebra.variable(*place, upper=d.battery_max_mwh)
    m.bought = algebra.variable(*place, upper=d.connection_mw)
    m.sold = algebra.variable(*place, upper=d.export_max_mw)
    m.done1 = algebra.variable(*place, upper=d.hall_max_mw)
    m.done2 = algebra.variable(*place, upper=d.hall_max_mw)
    m.waiting1 = algebra.variable(*place, upper=d.waiting_max_mwh[0])
    m.waiting2 = algebra.variable(*place, upper=d.waiting_max_mwh[1])
    if d.can_move:
        m.sent = algebra.variable(*place, upper=d.move_max_mw)
        m.received = algebra.variable(*place, upper=d.move_max_mw)


def _add_power(m: Any, d: Instance) -> None:
    place, efficiency, kept = (m.sites, m.times), d.efficiency, d.kept

    @algebra.expression(m, *place)
    def work(m: Any, s: Any, t: Any) -> Any:
        return m.prompt[s, t] + m.done1[s, t] + m.done2[s, t]

    @algebra.expression(m, *place)
    def facility(m: Any, s: Any, t: Any) -> Any:
        return m.it_to_facility[s, t] * m.work[s, t] + m.hall_overhead[s, t] * m.hall[s]

    @algebra.constraint(m, *place)
    def power_balance(m: Any, s: Any, t: Any) -> Any:
        supplied = m.used[s, t] + m.discharge[s, t] + m.bought[s, t]
        return supplied - m.charge[s, t] - m.sold[s, t] - m.facility[s, t] == 0

    @algebra.constraint(m, *place)
    def used_limit(m: Any, s: Any, t: Any) -> Any:
        made = m.wind_factor[s, t] * m.wind[s] + m.pv_factor[s, t] * m.pv[s]
        return m.used[s, t] - made <= 0

    @algebra.constraint(m, *place)
    def inverter_limit(m: Any, s: Any, t: Any) -> Any:
        return m.charge[s, t] + m.discharge[s, t] - m.battery_power[s] <= 0

    @algebra.constraint(m, *place)
    def stored_balance(m: Any, s: Any, t: Any) -> Any:
        flow = efficiency * m.charge[s, t] - m.discharge[s, t] / efficiency
        return m.stored[s, t] - kept * m.stored[s, m.previous[t]] - flow == 0

    @algebra.constraint(m, *place)
    def stored_limit(m: Any, s: Any, t: Any) -> Any:
        return m.stored[s, t] - m.battery_energy[s] <= 0

    @algebra.constraint(m, *place)
    def peak_limit(m: Any, s: Any, t: Any) -> Any:
        return m.bought[s, t] - m.peak[s, m.month[t]] <= 0


def _add_work(m: Any, d: Instance) -> None:
    place = (m.sites, m.times)

    @algebra.constraint(m, *place)
    def waiting1_balance(m: Any, s: Any, t: Any) -> Any:
        before = m.is_after_start[t] * m.waiting1[s, m.previous[t]]
        return m.waiting1[s, t] - before + m.done1[s, t] == m.arrived1[s, t]

    if d.can_move:

        @algebra.constraint(m, *place)
        def waiting2_balance(m: Any, s: Any, t: Any) -> Any:
            before = m.is_after_start[t] * m.waiting2[s, m.previous[t]]
            moved = m.sent[s, t] - m.received[s, t]
            return m.waiting2[s, t] - before + m.done2[s, t] + moved == m.arrived2[s, t]

        @algebra.constraint(m, m.times)
        def moved_balance(m: Any, t: Any) -> Any:
            return sum(m.sent[s, t] - m.received[s, t] for s in m.sites) == 0

    else:

        @algebra.constraint(m, *place)
        def waiting2_balance(m: Any, s: Any, t: Any) -> Any:
            before = m.is_after_start[t] * m.waiting2[s, m.previous[t]]
            return m.waiting2[s, t] - before + m.done2[s, t] == m.arrived2[s, t]

    @algebra.constraint(m, *place)
    def hall_limit(m: Any, s: Any, t: Any) -> Any:
        return m.done1[s, t] + m.done2[s, t] - m.hall[s] <= -m.prompt[s, t]


def _add_targets(m: Any, d: Instance) -> None:
    export_share, green_share, pue = d.export_share_max, d.green_share_min, d.pue_max

    @algebra.constraint(m, m.sites)
    def export_limit(m: Any, s: Any) -> Any:
        return sum(m.sold[s, t] - export_share * m.used[s, t] for t in m.times) <= 0

    @algebra.constraint(m)
    def green_floor(m: Any) -> Any:
        return sum(
            m.used[s, t] - green_share * m.facility[s, t] for s in m.sites for t in m.times
        ) >= 0

    @algebra.constraint(m, m.sites)
    def pue_limit(m: Any, s: Any) -> Any:
        return sum(m.facility[s, t] - pue * m.work[s, t] for t in m.times) <= 0

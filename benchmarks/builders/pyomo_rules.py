"""The campuses as most Pyomo models are written: dictionaries of data and a rule per row."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.instance import Array, Instance

PACKAGES = ("pyomo.environ", "highspy")


def define(d: Instance) -> Any:
    """The campuses as an ordinary ConcreteModel; names as in `coplan_arrays`."""
    import pyomo.environ as pyo

    m = pyo.ConcreteModel()
    m.sites = pyo.RangeSet(0, d.sites - 1)
    m.times = pyo.RangeSet(0, d.hours - 1)
    m.months = pyo.RangeSet(0, d.months - 1)
    _add_data(m, d)
    _add_decisions(m, d)
    _add_power(m, d)
    _add_work(m, d)
    _add_targets(m, d)
    m.objective = pyo.Objective(rule=cost_of(d))
    return m


def _table(array: Array) -> dict[tuple[int, int], float]:
    return {(s, t): x for s, row in enumerate(array.tolist()) for t, x in enumerate(row)}


def _add_data(m: Any, d: Instance) -> None:
    from pyomo.environ import Any as Anything
    from pyomo.environ import Param

    def over_time(values: Any) -> Any:
        listed = dict(enumerate(np.asarray(values).tolist()))
        return Param(m.times, initialize=listed, within=Anything)

    def over_both(array: Array) -> Any:
        return Param(m.sites, m.times, initialize=_table(array), within=Anything)

    m.wind_factor, m.pv_factor = over_both(d.wind_factor), over_both(d.pv_factor)
    m.it_to_facility, m.hall_overhead = over_both(d.it_to_facility), over_both(d.hall_overhead)
    m.prompt, m.price = over_both(d.prompt_mw), over_both(d.price)
    m.arrived1, m.arrived2 = over_both(d.arrived_mw[0]), over_both(d.arrived_mw[1])
    m.previous = over_time((np.arange(d.hours) - 1) % d.hours)
    m.month, m.is_after_start = over_time(d.month), over_time(d.is_after_start)


def _add_decisions(m: Any, d: Instance) -> None:
    from pyomo.environ import Var

    place = (m.sites, m.times)
    m.wind = Var(m.sites, bounds=(0, d.plant_max_mw))
    m.pv = Var(m.sites, bounds=(0, d.plant_max_mw))
    m.battery_power = Var(m.sites, bounds=(0, d.plant_max_mw))
    m.battery_energy = Var(m.sites, bounds=(0, d.battery_max_mwh))
    m.hall = Var(m.sites, bounds=(0, d.hall_max_mw))
    m.peak = Var(m.sites, m.months, bounds=(0, d.connection_mw))
    m.used = Var(*place, bounds=(0, 2.0 * d.plant_max_mw))
    m.charge = Var(*place, bounds=(0, d.plant_max_mw))
    m.discharge = Var(*place, bounds=(0, d.plant_max_mw))
    m.stored = Var(*place, bounds=(0, d.battery_max_mwh))
    m.bought = Var(*place, bounds=(0, d.connection_mw))
    m.sold = Var(*place, bounds=(0, d.export_max_mw))
    m.done1 = Var(*place, bounds=(0, d.hall_max_mw))
    m.done2 = Var(*place, bounds=(0, d.hall_max_mw))
    most1, most2 = _table(d.waiting_max_mwh[0]), _table(d.waiting_max_mwh[1])
    m.waiting1 = Var(*place, bounds=lambda m, s, t: (0, most1[s, t]))
    m.waiting2 = Var(*place, bounds=lambda m, s, t: (0, most2[s, t]))
    if d.can_move:
        m.sent = Var(*place, bounds=(0, d.move_max_mw))
        m.received = Var(*place, bounds=(0, d.move_max_mw))


def _facility(m: Any, s: int, t: int) -> Any:
    work = m.prompt[s, t] + m.done1[s, t] + m.done2[s, t]
    return m.it_to_facility[s, t] * work + m.hall_overhead[s, t] * m.hall[s]


def _add_power(m: Any, d: Instance) -> None:
    from pyomo.environ import Constraint

    place, efficiency, kept = (m.sites, m.times), d.efficiency, d.kept

    @m.Constraint(*place)
    def power_balance(m: Any, s: int, t: int) -> Any:
        supplied = m.used[s, t] + m.discharge[s, t] + m.bought[s, t]
        return supplied - m.charge[s, t] - m.sold[s, t] == _facility(m, s, t)

    @m.Constraint(*place)
    def used_limit(m: Any, s: int, t: int) -> Any:
        return m.used[s, t] <= m.wind_factor[s, t] * m.wind[s] + m.pv_factor[s, t] * m.pv[s]

    @m.Constraint(*place)
    def inverter_limit(m: Any, s: int, t: int) -> Any:
        return m.charge[s, t] + m.discharge[s, t] <= m.battery_power[s]

    @m.Constraint(*place)
    def stored_balance(m: Any, s: int, t: int) -> Any:
        flow = efficiency * m.charge[s, t] - m.discharge[s, t] / efficiency
        return m.stored[s, t] == kept * m.stored[s, m.previous[t]] + flow

    def stored_limit(m: Any, s: int, t: int) -> Any:
        return m.stored[s, t] <= m.battery_energy[s]

    def peak_limit(m: Any, s: int, t: int) -> Any:
        return m.bought[s, t] <= m.peak[s, m.month[t]]

    m.stored_limit = Constraint(*place, rule=stored_limit)
    m.peak_limit = Constraint(*place, rule=peak_limit)


def _add_work(m: Any, d: Instance) -> None:
    from pyomo.environ import Constraint

    place, can_move = (m.sites, m.times), d.can_move

    def waiting1_balance(m: Any, s: int, t: int) -> Any:
        before = m.waiting1[s, t - 1] if t > 0 else 0.0
        return m.waiting1[s, t] - before + m.done1[s, t] == m.arrived1[s, t]

    def waiting2_balance(m: Any, s: int, t: int) -> Any:
        before = m.waiting2[s, t - 1] if t > 0 else 0.0
        moved = m.sent[s, t] - m.received[s, t] if can_move else 0.0
        return m.waiting2[s, t] - before + m.done2[s, t] + moved == m.arrived2[s, t]

    def moved_balance(m: Any, t: int) -> Any:
        return sum(m.sent[s, t] - m.received[s, t] for s in m.sites) == 0

    def hall_limit(m: Any, s: int, t: int) -> Any:
        return m.prompt[s, t] + m.done1[s, t] + m.done2[s, t] <= m.hall[s]

    m.waiting1_balance = Constraint(*place, rule=waiting1_balance)
    m.waiting2_balance = Constraint(*place, rule=waiting2_balance)
    if can_move:
        m.moved_balance = Constraint(m.times, rule=moved_balance)
    m.hall_limit = Constraint(*place, rule=hall_limit)


def _add_targets(m: Any, d: Instance) -> None:
    from pyomo.environ import Constraint

    def export_limit(m: Any, s: int) -> Any:
        return sum(m.sold[s, t] - d.export_share_max * m.used[s, t] for t in m.times) <= 0

    def green_floor(m: Any) -> Any:
        return sum(
            m.used[s, t] - d.green_share_min * _facility(m, s, t)
            for s in m.sites for t in m.times
        ) >= 0  # fmt: skip

    def pue_limit(m: Any, s: int) -> Any:
        work = sum(m.prompt[s, t] + m.done1[s, t] + m.done2[s, t] for t in m.times)
        return sum(_facility(m, s, t) for t in m.times) - d.pue_max * work <= 0

    m.export_limit = Constraint(m.sites, rule=export_limit)
    m.green_floor = Constraint(rule=green_floor)
    m.pue_limit = Constraint(m.sites, rule=pue_limit)


def cost_of(d: Instance) -> Any:
    """The rule of the yearly cost, kCNY: one rule for every model that Pyomo holds."""

    def cost(m: Any) -> Any:
        built = sum(
            d.wind_annuity * m.wind[s] + d.pv_annuity * m.pv[s] + d.hall_annuity * m.hall[s]
            + d.battery_power_annuity * m.battery_power[s]
            + d.battery_energy_annuity * m.battery_energy[s]
            for s in m.sites
        )  # fmt: skip
        run = sum(
            m.price[s, t] * m.bought[s, t] - d.export_price * m.sold[s, t]
            + d.cycling_cost * (m.charge[s, t] + m.discharge[s, t])
            + d.waiting_cost * (m.waiting1[s, t] + m.waiting2[s, t])
            for s in m.sites for t in m.times
        )  # fmt: skip
        peaks = sum(d.demand_charge * m.peak[s, k] for s in m.sites for k in m.months)
        if not d.can_move:
            return built + run + peaks
        moves = sum(d.moving_cost * m.sent[s, t] for s in m.sites for t in m.times)
        return built + run + peaks + moves

    return cost

"""Battery storage: power taken in one step, given back in another, less losses.

    soc[b,t] = kept · soc[b,t−1] + step_h · (η_c · charge[b,t] − discharge[b,t] / η_d)     [MWh]
    charge[b,t] / charge_power_ratio[b] + discharge[b,t] ≤ power[b]                         [MW]

The year is cyclic, or the battery starts with a given share of its usable energy and is free at
the end. One row limits charge plus discharge: it is no weaker than two for a battery that never
does both, and it forbids full charge and full discharge at once. Where a price below zero could
pay for the energy that both at once would burn, a mode allows one of them:

    charge[b,t] ≤ M · is_charging,  discharge[b,t] ≤ M · (1 − is_charging)
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pydantic

from coplan import algebra
from coplan.elements.card import Card, Entry, Reference, Share
from coplan.elements.index import KILO, KILO_TO_MEGA, Field, Index, incidence
from coplan.elements.ledger import Ledger, sum_postings
from coplan.physics.money import annuity_factor
from coplan.units import quantity

HOURS_PER_MONTH = 730.0
"""Hours of a mean month, the basis of self-discharge figures."""


class StorageCard(Card):
    """A battery technology; power and energy are sized apart."""

    power_capex_cny_per_kw: quantity("CNY/kW", ge=0, le=1e6)
    """Investment per kW of AC power."""
    energy_capex_cny_per_kwh: quantity("CNY/kWh", ge=0, le=1e6)
    """Investment per kWh of nameplate energy."""
    om_cny_per_kw_year: quantity("CNY/kW/year", ge=0, le=1e5)
    """Fixed operation and maintenance."""
    life_years: quantity("year", ge=1, le=100)
    """Calendar life."""
    round_trip_efficiency: quantity("dimensionless", gt=0, le=1) | None = None
    """AC to AC; split evenly between charge and discharge."""
    charge_efficiency: quantity("dimensionless", gt=0, le=1) | None = None
    """AC power to energy held, with `discharge_efficiency` instead of the round trip."""
    discharge_efficiency: quantity("dimensionless", gt=0, le=1) | None = None
    """Energy held to AC power, with `charge_efficiency` instead of the round trip."""
    charge_power_ratio: quantity("dimensionless", gt=0, le=100) = 1.0
    """Most power on charge over most power on discharge."""
    self_discharge_per_month: Share
    """Share of the energy held that is lost in 730 hours."""
    usable_share: Share
    """Usable band over nameplate energy."""
    duration_min_h: quantity("hour", gt=0, le=1000)
    """Least nameplate energy over power."""
    duration_max_h: quantity("hour", gt=0, le=1000)
    """Most nameplate energy over power."""
    embodied_kg_per_kwh_year: quantity("kg/kWh/year", ge=0, le=1e4) = 0.0
    """Greenhouse gases of making it, per nameplate kWh, spread over its life."""
    wear_cny_per_mwh: quantity("CNY/MWh", ge=1, le=1e5)
    """Wear beyond calendar life per MWh discharged; at least 1, which keeps the plan unique."""

    @pydantic.model_validator(mode="after")
    def _has_one_kind_of_efficiency(self) -> StorageCard:
        ways = (self.charge_efficiency is not None, self.discharge_efficiency is not None)
        if ways not in ((True, True), (False, False)) or ways[0] == (
            self.round_trip_efficiency is not None
        ):
            raise ValueError(
                "give either round_trip_efficiency, or charge_efficiency and discharge_efficiency"
            )
        return self

    def way_in(self) -> float:
        """Share of the AC power taken that is held."""
        return float(self.charge_efficiency or (self.round_trip_efficiency or 0.0) ** 0.5)

    def way_out(self) -> float:
        """Share of the energy held that comes back as AC power."""
        return float(self.discharge_efficiency or (self.round_trip_efficiency or 0.0) ** 0.5)


class BatteryEntry(Entry):
    """A battery behind a site's meter."""

    card: Reference("storage")
    """Technology."""
    power_max_mw: quantity("MW", ge=0, le=100000)
    """Most power that may be built."""
    energy_max_mwh: quantity("MWh", ge=0, le=1e6)
    """Most nameplate energy that may be built."""
    reserve_h: quantity("hour", ge=0, le=100) = 0.0
    """Hours that power kept ready for an outage must last; 0 where the battery is not firm."""
    start: Literal["cyclic", "empty"] | Share = "cyclic"
    """State before the first step: what the last one leaves, none, or a share of usable energy."""
    charges_from: Literal["any", "own"] = "any"
    """What may be stored: any energy of the site, or only what its own plants generate."""


def table(batteries: dict[str, tuple[str, BatteryEntry, StorageCard]], wacc: float) -> dict:
    """Parameters of all batteries as dataset fields; `batteries` is id → (site, entry, card)."""
    rows = list(batteries.values())

    def field(value: Any, units: str, long_name: str) -> Field:
        values = np.array([value(entry, card) for _, entry, card in rows], dtype=float)
        return Field(("battery",), values, units, long_name)

    def annuity(card: StorageCard) -> float:
        return KILO_TO_MEGA * float(annuity_factor(wacc, card.life_years))

    return {
        "battery_site": Field(("battery",), [site for site, _, _ in rows], "", "site"),
        "charge_efficiency": field(lambda e, c: c.way_in(), "1", "AC power to energy held"),
        "discharge_efficiency": field(
            lambda e, c: c.way_out(), "1", "energy held to AC power"
        ),
        "soc_kept_per_step": field(
            lambda e, c: (1 - c.self_discharge_per_month) ** (1 / HOURS_PER_MONTH), "1",
            "share of the energy held that is still there an hour later",
        ),
        "storage_charge_power_ratio": field(
            lambda e, c: c.charge_power_ratio, "1", "most power on charge over that on discharge"
        ),
        "storage_is_cyclic": field(
            lambda e, c: e.start == "cyclic", "1", "1 where the first step follows the last"
        ),
        "storage_start_share": field(
            lambda e, c: e.start if isinstance(e.start, float) else 0.0, "1",
            "share of usable energy held before the first step, where the year is not cyclic",
        ),
        "storage_charges_own": field(
            lambda e, c: e.charges_from == "own", "1", "1 where only own generation is stored"
        ),
        "usable_share": field(lambda e, c: c.usable_share, "1", "usable over nameplate energy"),
        "storage_power_max_mw": field(lambda e, c: e.power_max_mw, "MW", "most power"),
        "storage_energy_max_mwh": field(lambda e, c: e.energy_max_mwh, "MWh", "most energy"),
        "storage_duration_min_h": field(lambda e, c: c.duration_min_h, "h", "shortest duration"),
        "storage_duration_max_h": field(lambda e, c: c.duration_max_h, "h", "longest duration"),
        "storage_power_capex_cny_per_mw": field(
            lambda e, c: KILO_TO_MEGA * c.power_capex_cny_per_kw, "CNY/MW", "investment, power"
        ),
        "storage_energy_capex_cny_per_mwh": field(
            lambda e, c: KILO_TO_MEGA * c.energy_capex_cny_per_kwh, "CNY/MWh", "investment, energy"
        ),
        "storage_life_years": field(lambda e, c: c.life_years, "year", "economic life"),
        "storage_power_annuity_cny_per_mw_year": field(
            lambda e, c: annuity(c) * c.power_capex_cny_per_kw, "CNY/MW/year", "annuity, power"
        ),
        "storage_energy_annuity_cny_per_mwh_year": field(
            lambda e, c: annuity(c) * c.energy_capex_cny_per_kwh, "CNY/MWh/year", "annuity, energy"
        ),
        "storage_om_cny_per_mw_year": field(
            lambda e, c: KILO_TO_MEGA * c.om_cny_per_kw_year, "CNY/MW/year", "O&M"
        ),
        "storage_embodied_t_per_mwh_year": field(  # kg per kWh is t per MWh
            lambda e, c: c.embodied_kg_per_kwh_year, "t/MWh/year", "embodied carbon"
        ),
        "wear_cny_per_mwh": field(lambda e, c: c.wear_cny_per_mwh, "CNY/MWh", "wear, discharged"),
    }  # fmt: skip


def invest(sizes: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Declare power and energy of batteries in one period, tied by their duration."""
    b = algebra.block(sizes, "storage", doc="batteries: sizes")
    sites = [str(site) for site in data["battery_site"].values]
    units = index.batteries
    b.storage_power_mw = algebra.variable(
        units, upper=data["storage_power_max_mw"].values, unit="MW", doc="battery power"
    )
    b.storage_energy_mwh = algebra.variable(
        units, upper=data["storage_energy_max_mwh"].values, unit="MWh", doc="nameplate energy"
    )
    b.duration_min = algebra.param(units, values=data["storage_duration_min_h"].values)
    b.duration_max = algebra.param(units, values=data["storage_duration_max_h"].values)
    power = KILO * data["storage_power_annuity_cny_per_mw_year"].values
    energy = KILO * data["storage_energy_annuity_cny_per_mwh_year"].values
    b.power_annuity = algebra.param(units, values=power)
    b.energy_annuity = algebra.param(units, values=energy)
    b.om = algebra.param(units, values=KILO * data["storage_om_cny_per_mw_year"].values)

    @algebra.constraint(b, units, doc="a battery holds at least its shortest duration")
    def duration_floor(b, u):
        return b.storage_energy_mwh[u] >= b.duration_min[u] * b.storage_power_mw[u]

    @algebra.constraint(b, units, doc="a battery holds at most its longest duration")
    def duration_limit(b, u):
        return b.storage_energy_mwh[u] <= b.duration_max[u] * b.storage_power_mw[u]

    @algebra.expression(b, units, unit="kCNY/year", doc="capital cost of a battery")
    def battery_annuity_kcny(b, u):
        return (
            b.power_annuity[u] * b.storage_power_mw[u]
            + b.energy_annuity[u] * b.storage_energy_mwh[u]
        )

    @algebra.expression(b, units, unit="kCNY/year", doc="O&M of a battery")
    def battery_om_kcny(b, u):
        return b.om[u] * b.storage_power_mw[u]

    b.embodied = algebra.param(units, values=data["storage_embodied_t_per_mwh_year"].values)

    @algebra.expression(b, units, unit="t/year", doc="embodied carbon of a battery")
    def embodied_t(b, u):
        return b.embodied[u] * b.storage_energy_mwh[u]

    ledger.emit(b.embodied_t, units)
    ledger.book("storage", "battery", b.battery_annuity_kcny, units, sites)
    ledger.book("storage", "battery O&M", b.battery_om_kcny, units, sites)


def operate(y: Any, index: Index, sizes: Any, data: Any, ledger: Ledger) -> None:
    """Declare charge, discharge and state of charge of one operating year."""
    b = algebra.block(y, "storage", doc="batteries")
    units, times = index.batteries, index.times
    sites = [str(site) for site in data["battery_site"].values]
    power_max = data["storage_power_max_mw"].values[:, None]
    ratio = data["storage_charge_power_ratio"].values
    carried, given = start_of_year(data)
    usable = data["usable_share"].values
    b.eta_in = algebra.param(units, values=data["charge_efficiency"].values)
    b.eta_out = algebra.param(units, values=data["discharge_efficiency"].values)
    b.usable = algebra.param(units, values=usable)
    b.charge_share = algebra.param(units, values=1.0 / ratio)
    b.carried = algebra.param(units, times, values=carried)
    b.given = algebra.param(units, times, values=given)
    b.wear = algebra.param(units, values=KILO * data["wear_cny_per_mwh"].values)
    b.at = algebra.param(units, index.sites, values=incidence(sites, list(index.sites)))
    b.charge_mw = algebra.variable(
        units, times, upper=ratio[:, None] * power_max, unit="MW", doc="AC power in"
    )
    b.discharge_mw = algebra.variable(units, times, upper=power_max, unit="MW", doc="AC power out")
    b.soc_mwh = algebra.variable(
        units, times, unit="MWh", doc="energy held at the end of the step",
        upper=(usable * data["storage_energy_max_mwh"].values)[:, None],
    )  # fmt: skip

    @algebra.constraint(b, units, times, doc="charge and discharge share the battery's power")
    def power_limit(b, u, t):
        both = b.charge_share[u] * b.charge_mw[u, t] + b.discharge_mw[u, t]
        return both <= sizes.storage.storage_power_mw[u]

    @algebra.constraint(b, units, times, doc="a battery holds no more than its usable energy")
    def energy_limit(b, u, t):
        return b.soc_mwh[u, t] <= b.usable[u] * sizes.storage.storage_energy_mwh[u]

    @algebra.constraint(b, units, times, doc="energy carries over from step to step, less losses")
    def soc_balance(b, u, t):
        gain = b.eta_in[u] * b.charge_mw[u, t] - (1 / b.eta_out[u]) * b.discharge_mw[u, t]
        before = b.carried[u, t] * b.soc_mwh[u, index.previous_step[t]]
        at_first = b.given[u, t] * sizes.storage.storage_energy_mwh[u]
        return b.soc_mwh[u, t] == before + at_first + index.step_h * gain

    @algebra.expression(b, units, unit="kCNY/year", doc="wear of a battery")
    def wear_kcny(b, u):
        return b.wear[u] * sum(index.hours[t] * b.discharge_mw[u, t] for t in times)

    ledger.post("battery discharge", b.discharge_mw, +1, units, b.at)
    ledger.post("battery charge", b.charge_mw, -1, units, b.at)
    ledger.book("storage", "battery wear", b.wear_kcny, units, sites)


def start_of_year(data: Any) -> tuple[np.ndarray, np.ndarray]:
    """Factors (battery, time) on the energy held before each step and on nameplate energy.

    The first step of a battery that is not cyclic follows its start, not the last step.
    """
    kept, is_cyclic = data["soc_kept_per_step"].values, data["storage_is_cyclic"].values
    carried = np.repeat(kept[:, None], data.sizes["time"], axis=1)
    given = np.zeros(carried.shape)
    carried[:, 0] = kept * is_cyclic
    start = data["storage_start_share"].values * data["usable_share"].values
    given[:, 0] = kept * start * (1.0 - is_cyclic)
    return carried, given


def close(y: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """What may be stored at sites with plants, and one way at a time where both could pay."""
    _store_own(y.storage, index, data, ledger)
    _one_way(y.storage, index, data)


def _store_own(b: Any, index: Index, data: Any, ledger: Ledger) -> None:
    """Batteries bound to own generation store no more than is generated and not fed in."""
    times = index.times
    bound = data["storage_charges_own"].values > 0
    if not bound.any():
        return
    places = [str(site) for site in data["battery_site"].values]
    where = [s for s in index.sites if s in {p for p, o in zip(places, bound, strict=True) if o}]
    own, export = ledger.pick("own"), ledger.pick("export")
    b.own_sites = algebra.index(where, dim="site", doc="sites whose batteries store own generation")
    b.own_at = algebra.param(
        index.batteries, b.own_sites,
        values=np.array([[float(o and p == s) for s in where]
                         for p, o in zip(places, bound, strict=True)]),
    )  # fmt: skip

    @algebra.constraint(b, b.own_sites, times, doc="some batteries store only own generation")
    def own_charge_limit(b, s, t):
        stored = sum(b.own_at[u, s] * b.charge_mw[u, t] for u in index.batteries)
        left = sum_postings(own, s, t) + sum_postings(export, s, t)
        return stored <= left


def _one_way(b: Any, index: Index, data: Any) -> None:
    """No battery charges and discharges at once in the steps in which burning energy could pay."""
    unit, step = np.nonzero(data["battery_needs_mode"].values)
    if not unit.size:
        return
    units = np.array(list(index.batteries), dtype=object)
    power = data["storage_power_max_mw"].values[unit].astype(float)
    ratio = data["storage_charge_power_ratio"].values[unit]
    b.battery_modes = algebra.index(
        unit.size, dim="battery_mode", doc="steps in which a battery charges or discharges"
    )
    b.mode_unit = algebra.param(b.battery_modes, values=units[unit])
    b.mode_step = algebra.param(b.battery_modes, values=step)
    b.most_charge = algebra.param(b.battery_modes, values=ratio * power)
    b.most_discharge = algebra.param(b.battery_modes, values=power)
    b.is_charging = algebra.variable(
        b.battery_modes, upper=1.0, integer=True, unit="1",
        doc="1 where the battery charges, 0 where it discharges",
    )  # fmt: skip

    @algebra.constraint(b, b.battery_modes, doc="a battery that charges gives nothing")
    def discharging_link(b, k):
        given = b.discharge_mw[b.mode_unit[k], b.mode_step[k]]
        return given + b.most_discharge[k] * b.is_charging[k] <= b.most_discharge[k]

    @algebra.constraint(b, b.battery_modes, doc="a battery that discharges takes nothing")
    def charging_link(b, k):
        taken = b.charge_mw[b.mode_unit[k], b.mode_step[k]]
        return taken - b.most_charge[k] * b.is_charging[k] <= 0

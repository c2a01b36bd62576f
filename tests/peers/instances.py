"""Random small systems that coplan and PyPSA can both describe, as plain numbers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from tests import toys

MONTHS = 2
FAMILY = 10
"""Systems in a row that share their steps, so that a peer can plan them side by side."""


@dataclass(frozen=True)
class System:
    """One site with a fixed load, wind, PV, a battery, a contract and the grid; money in CNY."""

    hours_per_step: float
    weight: float
    """Steps of the year that one step stands for."""
    month: np.ndarray
    load_mw: np.ndarray
    factor: np.ndarray
    """[plant, step]"""
    plant_max_mw: np.ndarray
    plant_min_mw: np.ndarray
    plant_cost: np.ndarray
    """Annuity and O&M, CNY/MW/year."""
    use_fee: np.ndarray
    retail: np.ndarray
    demand_charge: float
    """CNY per MW of each of the twelve monthly peaks."""
    connection_max_mw: float
    connection_cost: float
    capacity_charge: float
    """CNY per MW of connection and year."""
    export_max_mw: float
    export_price: float
    carbon_price: float
    """CNY per MWh bought."""
    efficiency_in: float
    efficiency_out: float
    kept: float
    usable: float
    power_max_mw: float
    energy_max_mwh: float
    duration_min_h: float
    duration_max_h: float
    power_cost: float
    energy_cost: float
    wear: float
    profile: np.ndarray
    contract_min_mw: float
    """Least volume if it is signed at all; 0 where any volume may be signed."""
    contract_max_mw: float
    contract_price: float
    contract_fee: float
    green_share: dict[str, float]
    """Matching (annual, hourly) → the share asked for."""

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.load_mw)

    @property
    def hours(self) -> float:
        """Hours of the year that a step stands for."""
        return self.hours_per_step * self.weight


def random_system(seed: int) -> System:
    """A system of 24 to 48 steps; every fifth contract has a least volume."""
    rng = np.random.default_rng(seed)
    family = seed // FAMILY
    steps = (48, 24, 36)[family % 3]
    hour = np.arange(steps) % 24
    wind = np.clip(0.35 + 0.3 * np.cumsum(rng.normal(0, 0.25, steps)) / 3, 0.02, 0.95)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * rng.uniform(0.5, 0.9)
    band = np.where((hour >= 16) & (hour < 22), 1.7, np.where(hour < 7, 0.4, 1.0))
    days = steps / 24 / 365
    system = System(
        hours_per_step=(0.5, 1.0, 1.0)[family % 3], weight=float(rng.choice([1.0, 3.0])),
        month=np.repeat([1, 2], steps // 2), load_mw=rng.uniform(6, 14, steps),
        factor=np.round([wind, sun], 3), plant_max_mw=rng.uniform(3, 25, 2),
        plant_min_mw=rng.uniform(0, 3, 2), plant_cost=rng.uniform(2e5, 6e5, 2) * days,
        use_fee=rng.uniform(0, 40, 2), retail=rng.uniform(350, 600) * band,
        demand_charge=rng.uniform(1e4, 4e4) * days, connection_max_mw=rng.uniform(30, 60),
        connection_cost=rng.uniform(5e4, 1.5e5) * days,
        capacity_charge=float(rng.choice([0.0, 2e5])) * days,
        export_max_mw=float(rng.choice([0.0, 0.5, 2.0])), export_price=rng.uniform(20, 120),
        carbon_price=float(rng.choice([0.0, 30.0])), efficiency_in=rng.uniform(0.85, 1.0),
        efficiency_out=rng.uniform(0.85, 1.0), kept=rng.uniform(0.99, 1.0),
        usable=rng.uniform(0.8, 1.0), power_max_mw=rng.uniform(2, 10),
        energy_max_mwh=rng.uniform(5, 40), duration_min_h=rng.uniform(0.5, 2),
        duration_max_h=rng.uniform(3, 8), power_cost=rng.uniform(1e4, 5e4) * days,
        energy_cost=rng.uniform(2e4, 9e4) * days, wear=rng.uniform(1, 30),
        profile=np.round(np.clip(wind[::-1] + rng.normal(0, 0.1, steps), 0.01, 1.0), 3),
        contract_min_mw=12.0 * float(seed % 5 == 0), contract_max_mw=40.0,
        contract_price=rng.uniform(300, 450), contract_fee=rng.uniform(80, 160),
        green_share={"annual": rng.uniform(0.75, 0.95), "hourly": rng.uniform(0.62, 0.82)},
    )  # fmt: skip
    # more than fed-in energy earns: PyPSA has no mode that keeps a meter one-way
    least = system.export_price + float(system.use_fee.min()) + 1.0
    return dataclasses.replace(system, contract_fee=max(system.contract_fee, least))


def as_dataset(system: System, matching: str) -> xr.Dataset:
    """The system as coplan's dataset: one hall of stock whose work is the load."""
    site = {"coords": {"plant": ["s_wind", "s_pv"], "month": [1, 2]}}
    hall: dict[str, Any] = {
        "hall_it_mw": 100.0, "halls_min": 1.0, "halls_max": 1.0, "servers_min_mw": 100.0,
        "servers_max_mw": 100.0,
    }  # fmt: skip
    plants = {
        "plant_kind": ["wind", "pv"], "capacity_factor": system.factor,
        "plant_capacity_max_mw": system.plant_max_mw, "plant_capacity_min_mw": system.plant_min_mw,
        "plant_annuity_cny_per_mw_year": 0.8 * system.plant_cost,
        "plant_om_cny_per_mw_year": 0.2 * system.plant_cost,
        "plant_use_fee_cny_per_mwh": system.use_fee,
    }  # fmt: skip
    batteries = {
        "charge_efficiency": system.efficiency_in, "discharge_efficiency": system.efficiency_out,
        "soc_kept_per_step": system.kept, "usable_share": system.usable,
        "storage_power_max_mw": system.power_max_mw,
        "storage_energy_max_mwh": system.energy_max_mwh,
        "storage_duration_min_h": system.duration_min_h,
        "storage_duration_max_h": system.duration_max_h,
        "storage_power_annuity_cny_per_mw_year": 0.9 * system.power_cost,
        "storage_om_cny_per_mw_year": 0.1 * system.power_cost,
        "storage_energy_annuity_cny_per_mwh_year": system.energy_cost,
        "wear_cny_per_mwh": system.wear,
    }  # fmt: skip
    grid = {
        "retail_price_cny_per_mwh": system.retail,
        "demand_price_cny_per_mw_month": system.demand_charge,
        "connection_max_mw": system.connection_max_mw,
        "connection_annuity_cny_per_mw_year": system.connection_cost,
        "capacity_price_cny_per_mva_month": system.capacity_charge / 24,
        "transformer_mva_per_mw": 2.0, "export_max_mw": system.export_max_mw,
        "export_price_cny_per_mwh": system.export_price, "emission_factor_t_per_mwh": 0.5,
        "carbon_price_cny_per_t": 2.0 * system.carbon_price,
    }  # fmt: skip
    contracts = {
        "contract_profile": system.profile, "contract_volume_max_mw": system.contract_max_mw,
        "contract_volume_min_mw": system.contract_min_mw,
        "contract_price_cny_per_mwh": system.contract_price,
        "contract_adder_cny_per_mwh": system.contract_fee,
    }  # fmt: skip
    targets = toys.green(system.green_share[matching], matching)
    return toys.world(
        system.steps, targets=targets, step_h=system.hours_per_step, step_weight=system.weight,
        month_of_step=system.month, **site, **hall, **plants, **batteries, **grid, **contracts,
        **toys.work(system.load_mw),
    )  # fmt: skip

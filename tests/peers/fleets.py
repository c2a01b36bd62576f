"""Random small fleets, as plain numbers: sites that trade, store, compute and build whole halls.

What PyPSA has no words for: prices below zero, meters and batteries that run one way at a time,
work that waits or is bound to some sites, whole halls, contracts signed or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from tests import toys


@dataclass(frozen=True)
class Fleet:
    """Sites with wind, PV, a battery, a contract and halls each; money in CNY, power in MW.

    Arrays are (site) or (site, step), of work (pool, step); plants are wind and PV by site.
    """

    weight: float
    """Hours of the year that a step of one hour stands for."""
    month: np.ndarray
    factor: np.ndarray
    """(kind, site, step), wind and PV."""
    plant_max_mw: np.ndarray
    plant_cost: np.ndarray
    use_fee: np.ndarray
    """(kind, site), CNY/MWh of own use; what is fed in is spared the least of its site."""
    retail: np.ndarray
    export_price: np.ndarray
    export_max_mw: np.ndarray
    demand_charge: np.ndarray
    connection_max_mw: np.ndarray
    connection_cost: np.ndarray
    carbon_price: float
    """CNY per MWh bought."""
    efficiency: np.ndarray
    """One way, in and out alike."""
    power_max_mw: np.ndarray
    energy_max_mwh: np.ndarray
    energy_cost: np.ndarray
    wear: np.ndarray
    profile: np.ndarray
    contract_max_mw: np.ndarray
    contract_least_mw: np.ndarray
    """0 where any volume may be signed."""
    contract_price: np.ndarray
    contract_fee: np.ndarray
    hall_mw: np.ndarray
    halls_max: np.ndarray
    hall_cost: np.ndarray
    """CNY/MW/year of halls."""
    idle_share: np.ndarray
    cooling_slope: np.ndarray
    """(site, step)."""
    cooling_fixed: np.ndarray
    """Share of a hall's power, whatever runs in it."""
    work_mw: np.ndarray
    delay_steps: np.ndarray
    reach: np.ndarray
    """(pool, site)."""
    matching: str
    green_share: float

    @property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.connection_max_mw)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.month)


def random_fleet(seed: int) -> Fleet:
    """One to three sites over a day; what is special about it goes by the seed.

    So few steps that coplan branches on every way of running instead of rounding it.
    """
    rng = np.random.default_rng(10_000 + seed)
    sites = 1 + seed % 3
    steps = 12 if sites == 1 else 8
    hour = 24 // steps * np.arange(steps)
    wind = np.clip(0.4 + np.cumsum(rng.normal(0, 0.12, (sites, steps)), axis=1), 0.0, 1.0)
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * rng.uniform(0.5, 0.9, (sites, 1))
    band = np.where((hour >= 16) & (hour < 22), 1.6, np.where((hour > 8) & (hour < 15), 0.2, 1.0))
    retail = rng.uniform(300, 600, (sites, 1)) * band
    if seed % 2:  # midday below zero
        retail = np.where(band < 0.5, -rng.uniform(20, 300, (sites, steps)), retail)
    days = steps / 24 / 365
    work = rng.uniform(1, 4, (3, steps)) * [[1.0], [0.7], [0.8]]
    reach = np.ones((3, sites))
    reach[1, rng.integers(sites)] = 0.0 if sites > 1 else 1.0
    most = 12.0 / sites + rng.uniform(1, 4, sites)
    hall_mw = rng.choice([1.5, 2.5, 4.0], sites) if seed % 3 == 0 else most / 4
    return Fleet(
        weight=float(rng.choice([1.0, 4.0])), month=np.repeat([1, 2], steps // 2),
        factor=np.round([wind, sun], 3), plant_max_mw=rng.uniform(2, 12, (2, sites)),
        plant_cost=rng.uniform(2e5, 5e5, (2, sites)) * days,
        use_fee=rng.uniform(0, 30, (2, sites)), retail=retail,
        export_price=np.repeat(rng.uniform(50, 450, (sites, 1)), steps, axis=1),
        export_max_mw=rng.choice([0.0, 2.0, 6.0], sites),
        demand_charge=rng.uniform(5e3, 3e4, sites) * days,
        connection_max_mw=rng.uniform(12, 25, sites) + 12.0 * (sites == 1),
        connection_cost=rng.uniform(5e4, 1e5, sites) * days,
        carbon_price=float(rng.choice([0.0, 30.0])), efficiency=rng.uniform(0.85, 0.98, sites),
        power_max_mw=rng.uniform(1, 4, sites), energy_max_mwh=rng.uniform(2, 12, sites),
        energy_cost=rng.uniform(1e4, 6e4, sites) * days, wear=rng.uniform(1, 20, sites),
        profile=np.round(np.clip(wind[:, ::-1], 0.05, 1.0), 3),
        contract_max_mw=rng.uniform(4, 12, sites),
        contract_least_mw=3.0 * (np.arange(sites) == seed % 4),
        contract_price=rng.uniform(200, 380, sites), contract_fee=rng.uniform(60, 140, sites),
        hall_mw=hall_mw, halls_max=np.ceil(most / hall_mw) + 1,
        hall_cost=rng.uniform(1e4, 4e4, sites) * (days if seed % 3 else 10 * days),
        idle_share=rng.uniform(0.0, 0.5, sites),
        cooling_slope=rng.uniform(0.05, 0.3, (sites, steps)),
        cooling_fixed=rng.uniform(0.0, 0.05, sites), work_mw=work,
        delay_steps=np.array([0, 0, seed % 4]), reach=reach,
        matching=("hourly", "monthly", "annual")[seed % 7 % 3],
        green_share=rng.uniform(0.2, 0.5) if seed % 5 else 0.0,
    )  # fmt: skip


def fleet_dataset(fleet: Fleet) -> xr.Dataset:
    """The fleet as coplan's dataset."""
    sites = [f"s{s}" for s in range(fleet.sites)]
    both = [*sites, *sites]
    coords = {
        "site": sites, "plant": [f"{s}_wind" for s in sites] + [f"{s}_pv" for s in sites],
        "battery": [f"{s}_lfp" for s in sites], "contract": [f"{s}_pap" for s in sites],
        "hall": [f"{s}_hall" for s in sites], "pool": ["q0", "q1", "q2"],
        "demand": ["d0", "d1", "d2"], "month": [1, 2],
    }  # fmt: skip
    servers = fleet.hall_mw * fleet.halls_max
    changes: dict[str, Any] = {
        "plant_site": both, "plant_kind": ["wind"] * fleet.sites + ["pv"] * fleet.sites,
        "capacity_factor": fleet.factor.reshape(-1, fleet.steps),
        "plant_capacity_max_mw": fleet.plant_max_mw.ravel(),
        "plant_annuity_cny_per_mw_year": fleet.plant_cost.ravel(),
        "plant_use_fee_cny_per_mwh": fleet.use_fee.ravel(),
        "retail_price_cny_per_mwh": fleet.retail, "export_price_cny_per_mwh": fleet.export_price,
        "export_max_mw": fleet.export_max_mw,
        "demand_price_cny_per_mw_month": fleet.demand_charge,
        "connection_max_mw": fleet.connection_max_mw,
        "connection_annuity_cny_per_mw_year": fleet.connection_cost,
        "emission_factor_t_per_mwh": 0.5, "carbon_price_cny_per_t": 2.0 * fleet.carbon_price,
        "battery_site": sites, "charge_efficiency": fleet.efficiency,
        "discharge_efficiency": fleet.efficiency, "storage_power_max_mw": fleet.power_max_mw,
        "storage_energy_max_mwh": fleet.energy_max_mwh, "wear_cny_per_mwh": fleet.wear,
        "storage_energy_annuity_cny_per_mwh_year": fleet.energy_cost,
        "contract_site": sites, "contract_profile": fleet.profile,
        "contract_volume_max_mw": fleet.contract_max_mw,
        "contract_volume_min_mw": fleet.contract_least_mw,
        "contract_price_cny_per_mwh": fleet.contract_price,
        "contract_adder_cny_per_mwh": fleet.contract_fee[:, None],
        "hall_site": sites, "hall_it_mw": fleet.hall_mw, "halls_max": fleet.halls_max,
        "servers_max_mw": servers, "hall_annuity_cny_per_mw_year": fleet.hall_cost,
        "idle_share": fleet.idle_share, "cooling_slope": fleet.cooling_slope,
        "cooling_fixed": fleet.cooling_fixed[:, None], "demand_pool": coords["pool"],
    }  # fmt: skip
    targets = toys.green(fleet.green_share, fleet.matching) if fleet.green_share else None
    return toys.world(
        fleet.steps, targets=targets, coords=coords, step_weight=fleet.weight,
        month_of_step=fleet.month, **changes,
        **toys.work(fleet.work_mw, fleet.delay_steps, fleet.reach),
    )  # fmt: skip

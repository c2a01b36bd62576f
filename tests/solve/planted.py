"""Thirty infeasibilities, each planted by one number; tests/trust asks that it is named first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

from tests.elements.test_connection_targets import SELLS
from tests.elements.test_sizing_targets import ask, two_kinds
from tests.toys import battery, compute, contract, green, plant, pue, two_sites, work, world

Planted = tuple[Callable[[], xr.Dataset], str, float]


def clause(kind: str, value: float, **more: Any) -> list[dict]:
    return [{"id": "c", "kind": kind, "value": value} | more]


def zoned(**changes: Any) -> dict[str, Any]:
    """Changes: two sites of 1 MW each in one zone."""
    found = two_sites() | work(2.0) | {"servers_max_mw": 1.0}
    found["coords"] = found["coords"] | {"import_zone": ["z"]}
    return found | changes


def near_only(**changes: Any) -> dict[str, Any]:
    """Changes: work of 3 MW that must run at the near site of two."""
    return two_sites() | work(3.0, reach=[[1.0, 0.0]]) | changes


ALL_USED = {"id": "u", "kind": "utilisation", "value": 1.0}
WIND = plant(most_mw=1.0)  # 0.5 MW in every step, half of the load
STANDS = plant(most_mw=10.0, least_mw=10.0)  # 5 MW in every step, 4 MW more than the load

PLANTED: dict[str, Planted] = {
    # what can be built or signed is too little for a promise
    "approved wind for an hourly share": (
        lambda: world(targets=green(0.9, "hourly"), **WIND), "green_share", 40.0),
    "approved wind for a yearly share": (
        lambda: world(targets=green(0.75, "annual"), **WIND), "green_share", 25.0),
    "a contract for a monthly share": (
        lambda: world(targets=green(0.8, "monthly"), **contract(50.0, most_mw=1.0)),
        "green_share", 30.0),
    "a night without a battery": (
        lambda: world(targets=green(0.8, "hourly"), capacity_factor=[1.0, 0.0],
                      **plant(most_mw=10.0)), "green_share", 30.0),
    "a battery too small for the night": (
        lambda: world(targets=green(1.0, "hourly"), capacity_factor=[1.0, 0.0],
                      **plant(most_mw=10.0), **battery(1.0, 0.4)), "green_share", 30.0),
    "own supply above the plant": (
        lambda: world(targets=clause("own_supply_share", 0.7), **WIND), "c", 4e-4),
    "servers for the compute target": (
        lambda: world(targets=compute(800.0), servers_max_mw=5.0), "compute_fp16", 300.0),
    "owner's share without halls of his": (
        lambda: world(targets=ask("capacity", label="fp16", value=50.0, owner="nobody"),
                      **two_kinds()), "c", 0.5),
    # efficiency
    "PUE below the climate": (
        lambda: world(targets=pue(1.15), cooling_slope=0.3), "pue", 0.15),
    "PUE of one scope": (
        lambda: world(targets=clause("pue_limits", 1.1, stands="new"), cooling_slope=0.2,
                      loss_slope=0.1), "c", 4e-4),
    "water above its cap": (
        lambda: world(targets=clause("water", 1.0), water_l_per_kwh=1.0), "c", 1e-3),
    "CUE below the grid's": (lambda: world(targets=clause("cue", 0.2)), "c", 6e-4),
    # exchange with the grid
    "more available than can be used": (
        lambda: world(targets=clause("self_use_share", 0.5), **STANDS), "c", 3e-3),
    "an export ban under a utilisation rate": (
        lambda: world(targets=clause("utilisation", 0.9), **STANDS), "c", 7e-3),
    "an export limit under a utilisation of all": (
        lambda: world(targets=clause("utilisation", 1.0), export_max_mw=2.0,
                      export_price_cny_per_mwh=50.0, **STANDS), "c", 4e-3),
    "export above its share": (
        lambda: world(targets=[*clause("export_share", 0.2), ALL_USED], **SELLS, **STANDS),
        "c", 6e-3),
    "an exchange below the load": (
        lambda: world(targets=clause("max_exchange", 0.4)), "c", 0.6),
    "a connection limit below the load": (
        lambda: world(targets=clause("grid_connection", 0.4)), "c", 0.6),
    "a ramp steeper than allowed": (
        lambda: world(targets=clause("ramp_limit", 0.5), **work(np.array([1.0, 3.0]))), "c", 1.5),
    "a valley too deep": (
        lambda: world(targets=clause("peak_valley_rate", 0.2, per="day"),
                      **work(np.array([1.0, 4.0]))), "c", 2.2),
    # carbon and standard coal
    "a carbon cap below the grid's": (
        lambda: world(targets=clause("carbon_cap", 0.3, basis="location")), "c", 7e-4),
    "a carbon cap by the market": (
        lambda: world(targets=clause("carbon_cap", 0.6, basis="market")), "c", 6e-4),
    "an energy budget below the load": (
        lambda: world(targets=clause("energy_budget", 1.5, coal_factor_kg_per_kwh=1.0)),
        "c", 5e-4),
    # batteries
    "batteries for the plants that stand": (
        lambda: world(targets=clause("storage_share", 0.1, hours=2.0), **STANDS,
                      **battery(0.4, 10.0)), "c", 0.6),
    # limits of the site and of the grid
    "a connection of a third": (
        lambda: world(connection_max_mw=1.0, **work(3.0)), "grid_connection_mw", 2.0),
    "a connection below the peak, no battery": (
        lambda: world(connection_max_mw=2.0, **work(np.array([1.0, 3.0]))),
        "grid_connection_mw", 1.0),
    "headroom of the zone": (
        lambda: world(**zoned(import_headroom_mw=1.5)), "headroom_limit", 0.5),
    "no headroom at all": (
        lambda: world(**zoned(import_headroom_mw=0.0)), "headroom_limit", 2.0),
    "land of the site": (
        lambda: world(hall_land_m2=100.0, site_land_m2=200.0, **work(3.0)), "land_limit", 100.0),
    "servers at the only site in reach": (
        lambda: world(**near_only(servers_max_mw=[[2.0, 9.0]])), "servers_mw", 1.0),
    "room at the only site in reach": (
        lambda: world(**near_only(site_it_max_mw=[[2.0, 9.0]])), "site_it_limit", 1.0),
    "work that may wait too short": (
        lambda: world(3, servers_max_mw=2.0, halls_max=2.0,
                      **work(np.array([0.0, 6.0, 0.0]), delay_h=1.0)), "halls_built", 1.0),
    "an exchange that two thirds of the load may pass": (
        lambda: world(targets=clause("max_exchange", 2.0), connection_max_mw=5.0, **work(3.0)),
        "c", 1.0),
}  # fmt: skip
"""What was planted → world, cause, amount by hand (in the unit of the row)."""

"""What a world holds about state, links, priorities and provinces: nothing, unless a test asks."""

from __future__ import annotations

from typing import Any

import numpy as np

EMPTY_DIMS = ("state_pool", "placed", "block", "link", "stream", "preference")
"""Dims of length zero in a world where nothing of their kind is asked for."""

DEFAULTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "demand_province": (("demand",), "beijing"),
    "demand_use": (("demand",), "batch"),
    "demand_kind": (("demand",), "intelligent"),
    "site_province": (("site",), "hebei"),
    "state_ramp_per_h": (("state_pool",), np.inf),
    "state_running_share": (("state_pool",), 0.0),
    "state_checkpoint_h": (("state_pool",), 0.0),
    "placed_pool": (("placed",), "q"),
    "placed_site": (("placed",), "s"),
    "placed_block_h": (("placed",), 2.0),
    "placed_gb_per_mw": (("placed",), 0.0),
    "placed_cny_per_gb": (("placed",), 0.0),
    "placed_kwh_per_gb": (("placed",), 0.0),
    "link_region": (("link",), "r"),
    "link_site": (("link",), "s"),
    "link_min_gbit": (("link",), 0.0),
    "link_max_gbit": (("link",), 100.0),
    "link_length_km": (("link",), 100.0),
    "link_new_annuity_cny_per_year": (("link",), 0.0),
    "link_annuity_cny_per_gbit_year": (("link",), 0.0),
    "link_price_cny_per_gb": (("link",), 0.0),
    "link_energy_kwh_per_gb": (("link",), 0.0),
    "stream_link": (("stream",), "l"),
    "stream_pool": (("stream",), "q"),
    "stream_gbit_per_mw": (("stream",), 0.0),
    "stream_gb_per_mw": (("stream",), 0.0),
    "preference_target": (("preference",), "first"),
    "preference_pool": (("preference",), "q"),
}


def state(pool: str = "q", ramp: float = np.inf, running: float = 0.0, again_h: float = 0.0):
    """Changes: one pool of work with state; give its dim with `coords`."""
    return {
        "state_ramp_per_h": ramp, "state_running_share": running, "state_checkpoint_h": again_h,
    }  # fmt: skip


def placed(pool: str, sites: list[str], block_h: float, steps: int, **more: Any) -> dict[str, Any]:
    """Changes: a pool whose split over the sites is fixed for blocks of so many hours."""
    blocks = max(1, int(steps // block_h))
    return {
        "coords": {
            "placed": [f"{pool}@{site}" for site in sites], "block": list(range(blocks)),
        },
        "placed_pool": pool, "placed_site": sites, "placed_block_h": block_h, **more,
    }  # fmt: skip


def priority(value: float = 0.0, sites: tuple[str, ...] = ("far",), penalty: float = 0.0):
    """Targets: work under "first" runs at the sites named, elsewhere at a penalty per P h."""
    return [{"id": "first", "kind": "priority", "regions": ["r"], "compute_kind": "intelligent",
             "sites": list(sites), "value": value, "penalty_cny_per_p_h": penalty}]  # fmt: skip


EVERYTHING_DIMS = {
    "state_pool": ["free", "held"], "placed": ["held@near", "held@far", "fixed@near", "fixed@far"],
    "block": [0, 1], "link": ["r_near"], "stream": ["held_near"], "preference": ["first_free"],
}  # fmt: skip
EVERYTHING = {
    "state_ramp_per_h": [0.5, np.inf], "state_running_share": [0.3, 0.0],
    "state_checkpoint_h": [0.2, 0.1], "placed_pool": ["held", "held", "fixed", "fixed"],
    "placed_site": ["near", "far", "near", "far"], "placed_gb_per_mw": [50.0, 50.0, 0.0, 0.0],
    "placed_cny_per_gb": 0.2, "placed_kwh_per_gb": 0.1, "link_site": "near",
    "link_max_gbit": 1.0, "link_new_annuity_cny_per_year": 3.0, "stream_link": "r_near",
    "link_annuity_cny_per_gbit_year": 2.0, "link_price_cny_per_gb": 0.1,
    "link_energy_kwh_per_gb": 0.1, "stream_pool": "held", "stream_gbit_per_mw": 0.5,
    "stream_gb_per_mw": 2.0, "preference_pool": "free",
}  # fmt: skip
"""Changes that switch on every rule of this kind in `toys.everything`."""

"""The random systems that PyPSA plans too have something to decide (costs: `tests.trust`)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.peers.instances import as_dataset, random_system
from tests.peers.pypsa_peer import MATCHINGS
from tests.toys import family, solved

SEEDS = range(30)


def used(seed: int, matching: str) -> dict[str, bool]:
    """What is at work in the cheapest plan of a random system."""
    system = random_system(seed)
    answer = solved(as_dataset(system, matching))
    year, sizes = answer.model.pyomo.year[2027, "typical"], answer.model.pyomo.sizes[2027]

    def most(variable: Any) -> float:
        return float(answer.compiled.values(variable, answer.found.x).max())

    volume, export = most(sizes.trading.contract_volume_mw), most(year.network.export_mw)
    rows = next(
        r for r in answer.compiled.rows if family(r.constraint) == "targets.green_share_limit"
    )
    least = system.contract_min_mw
    return {
        "price by the hour of day": most(year.network.retail_mw) > 0.1,
        "charge on the month's peak": most(year.network.peak_mw) * system.demand_charge > 1.0,
        "limit on export": 0.0 < system.export_max_mw < export + 1e-6,
        "contract": volume > 0.1,
        "least volume": least > 0.0 and (volume < 1e-6 or volume < least + 1e-6),
        "green share": abs(float(answer.found.y[rows.first])) > 1e-3,  # 1 CNY/MWh
        "battery": most(sizes.storage.storage_power_mw) > 0.1,
        "plants": most(sizes.supply.plant_capacity_mw) > 0.1,
    }  # fmt: skip


LEAST_OFTEN = {
    "price by the hour of day": 25, "charge on the month's peak": 25, "limit on export": 10,
    "contract": 15, "least volume": 3, "green share": 15, "battery": 25, "plants": 25,
}  # fmt: skip
"""In how many of the thirty systems each must be at work; six contracts have a least volume."""


@pytest.mark.slow
@pytest.mark.parametrize("matching", MATCHINGS)
def test_the_random_systems_have_something_to_decide(matching: str) -> None:
    found = [used(seed, matching) for seed in SEEDS]
    often = {name: sum(one[name] for one in found) for name in LEAST_OFTEN}
    assert all(often[name] >= least for name, least in LEAST_OFTEN.items()), often

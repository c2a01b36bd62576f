"""The audit of fixed loads, measures, heat, the differential tariff and committed contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.elements.test_heat import heat, tiers
from tests.elements.test_loads_and_measures import fixed, measures
from tests.elements.test_trading import minimum
from tests.sampling import one_in
from tests.toys import solved, world
from tests.verify.test_stock import broken

WORLDS = {
    "load": lambda: world(**fixed([1.0, 3.0])),
    "facility": lambda: world(fixed_load_is_it=0.0, **fixed([1.0, 3.0])),
    "measures": lambda: world(cooling_slope=0.1, **measures([0.2, 0.4], [1.0, 1.0], ["g", "g"])),
    "required": lambda: world(measure_required=1.0, **measures([0.25], [51.0])),
    "heat": lambda: heat(60.0, heat_annuity_cny_per_mw_year=1.0),
    "surcharge": lambda: tiers(0.45),
    "committed": lambda: minimum(60.0).assign(contract_committed=("contract", [1.0])),
}


@pytest.fixture(scope="module")
def plans() -> dict[str, Any]:
    return {name: (data, solved(data).plan) for name in WORLDS for data in [WORLDS[name]()]}


@pytest.mark.parametrize("name", one_in(3, WORLDS))
def test_a_right_plan_breaks_no_law(name: str, plans: dict[str, Any]) -> None:
    assert broken(*plans[name]) == set()


@pytest.mark.parametrize(
    ("name", "quantity", "amount", "law"),
    [
        ("load", "drawn_mw", 0.1, "fixed loads"),
        ("facility", "site_it_mw", 0.1, "site IT power"),
        ("measures", "is_chosen", 1.0, "efficiency measures"),
        ("measures", "is_chosen", -0.5, "efficiency measures"),
        ("measures", "saved_mw", 0.1, "efficiency measures"),
        ("measures", "it_mw", 0.1, "IT power"),
        ("required", "is_chosen", -1.0, "efficiency measures"),
        ("heat", "heat_mw", 0.1, "heat sold"),
        ("heat", "heat_pump_mw", -0.1, "heat sold"),
        ("heat", "heat_pump_mw", 0.1, "power balance"),
        ("heat", "heat_capacity_mw", -0.1, "heat sold"),
        ("heat", "heat_capacity_mw", 0.1, "every cost line"),
        ("surcharge", "excess_gwh", 1e-3, "energy under the differential tariff"),
        ("committed", "contract_volume_mw", -1.0, "contract volumes as signed"),
    ],
)
def test_what_was_changed_is_found(
    name: str, quantity: str, amount: float, law: str, plans: dict[str, Any]
) -> None:
    data, plan = plans[name]
    lie = plan.copy()
    values = lie[quantity].values.astype(float).copy()
    values.reshape(-1)[np.argmax(np.abs(values))] += amount
    lie[quantity] = (lie[quantity].dims, values)
    assert law in broken(data, lie)

"""One way at a time in every step: rounded from the LP, proven by the LP's bound."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.solve.modes import MODES_BRANCHED, Modes
from coplan.solve.program import LinearProgram
from coplan.verify import audit
from tests.toys import battery, plant, solved, world

LOSSY = {"charge_efficiency": 0.8, "discharge_efficiency": 0.8}


def spot_day(seed: int, steps: int = 72):
    """Three days with a price that falls below zero, and export dearer than some imports."""
    rng = np.random.default_rng(seed)
    price = 60.0 + 80.0 * np.sin(np.arange(steps) / 24 * 2 * np.pi) + 20.0 * rng.normal(size=steps)
    return world(
        steps, retail_price_cny_per_mwh=price, export_max_mw=5.0, export_price_cny_per_mwh=40.0,
        capacity_factor=rng.uniform(0.0, 1.0, steps),
        **plant(most_mw=2.5, least_mw=2.5), **battery(1.0, 4.0, wear=1.0) | LOSSY,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_many_modes_are_rounded_and_the_bound_still_holds(seed: int) -> None:
    answer = solved(spot_day(seed), gap=1e-3)
    assert answer.data["exchange_needs_mode"].sum() + 72 > MODES_BRANCHED  # none is branched on
    assert np.minimum(answer.of("retail_mw"), answer.of("export_mw")).max() < 1e-6
    assert np.minimum(answer.of("charge_mw"), answer.of("discharge_mw")).max() < 1e-6
    assert answer.bound_cny <= answer.cost_cny
    kept = solved(spot_day(seed).assign(export_max_mw=("site", [0.0])), gap=1e-3)
    assert answer.cost_cny < kept.cost_cny  # what was settled still earns by export
    checks = audit(answer.data, answer.plan, digests=False).checks
    passed = {check.name_en for check in checks if check.passed}
    assert passed >= {
        "power balance", "no import and export at once", "no charge and discharge at once"
    }  # fmt: skip


def test_few_modes_are_settled_to_the_last_cent() -> None:
    # the same by trying every way of a day's steps that need one would cost no less
    answer = solved(spot_day(4, 8), gap=1e-9)
    assert answer.cost_cny == pytest.approx(answer.bound_cny, rel=1e-7)
    assert np.minimum(answer.of("charge_mw"), answer.of("discharge_mw")).max() < 1e-6


def test_the_lesser_flow_of_a_mode_is_its_clash() -> None:
    # rows on - 4 x <= 0 and off + 2 x <= 2 of columns on, off, x
    program = LinearProgram(
        start=np.array([0, 2, 4], np.int32), column=np.array([0, 2, 1, 2], np.int32),
        value=np.array([1.0, -4.0, 1.0, 2.0]), row_lower=np.full(2, -np.inf),
        row_upper=np.array([0.0, 2.0]), cost=np.zeros(3), offset=0.0, lower=np.zeros(3),
        upper=np.array([4.0, 2.0, 1.0]),
    )  # fmt: skip
    modes = Modes(np.array([2]), np.array([0]), np.array([1]))
    assert modes.clash(program, np.array([2.0, 1.0, 0.5])) == pytest.approx([0.5])
    assert modes.clash(program, np.array([4.0, 0.0, 1.0])) == pytest.approx([0.0])

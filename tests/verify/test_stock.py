"""The audit of what becomes of stock and of what a site allows: right plans pass, lies are named.

The worlds are toys of two hours without a run record, so only the laws of the subject are asked.
"""

from __future__ import annotations

from typing import Any

import pytest

from coplan.verify import audit
from tests.elements.test_campus import banded
from tests.elements.test_stock import closing, converted, scattered
from tests.sampling import one_in
from tests.toys import everything, solved, two_sites, work, world

ABOUT_RUNS = {
    "weights and probabilities add up", "peak is the month's largest import",
    "totals and objective", "bound and gap", "values are those the run wrote",
    "no import and export at once",
}  # fmt: skip
"""What a toy does not keep: two hours are no year, and nothing was written by a run."""


def broken(data: Any, plan: Any) -> set[str]:
    """Laws that a plan breaks."""
    failures = audit(data, plan, digests=False).failures()
    return {check.name_en for check in failures} - ABOUT_RUNS


WORLDS = {
    "everything": everything, "converted": lambda: world(**converted()),
    "closed": lambda: world(**closing()), "moved": lambda: world(**scattered()),
    "banded": lambda: world(**banded(3.0)),
    "land": lambda: world(hall_land_m2=100.0, site_land_m2=[250.0, 900.0],
                          hall_om_cny_per_mw_year=1.0, **two_sites(100.0, 200.0) | work(3.0)),
    "storage": lambda: world(storage_share=0.25, hall_annuity_cny_per_mw_year=10.0),
    "lost": lambda: world(**converted(conversion_lost_share=0.5) | work(1.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", one_in(4, WORLDS))
def test_a_right_plan_breaks_no_law(name: str) -> None:
    data = WORLDS[name]()
    assert broken(data, solved(data, gap=1e-6).plan) == set()


@pytest.mark.parametrize(
    ("name", "quantity", "amount", "law"),
    [
        ("converted", "halls_converted", -1.0, "what became of halls and servers"),
        ("converted", "halls_converted", -0.5, "whole halls and signatures"),
        ("converted", "servers_converted_mw", 1.0, "closed and converted only where allowed"),
        ("closed", "halls_closed", -1.0, "what became of halls and servers"),
        ("closed", "servers_bought_mw", 0.1, "what became of halls and servers"),
        ("moved", "servers_relocated_mw", 0.1, "what became of halls and servers"),
        ("moved", "servers_retired_mw", 0.1, "what became of halls and servers"),
        ("banded", "halls_built", -1.0, "a used site within its size band"),
        ("land", "halls_built", 1.0, "halls on the land of their site"),
        ("storage", "servers_mw", 0.7, "servers fit into halls"),
        ("lost", "load_mw", 0.5, "load within available servers"),
    ],
)
def test_a_lie_about_stock_is_named(name: str, quantity: str, amount: float, law: str) -> None:
    data = WORLDS[name]()
    plan = solved(data).plan.copy(deep=True)
    values = plan[quantity].values
    values[:] = values + amount * (abs(values) == abs(values).max())
    assert law in broken(data, plan)


def test_stock_that_may_not_close_is_not_closed() -> None:
    data = world(**closing())
    plan = solved(data).plan
    strict = world(**closing(may=0.0))
    assert "closed and converted only where allowed" in broken(strict, plan)


def test_a_plan_of_a_year_without_load_breaks_no_law() -> None:
    """No load has no green share: 0 / 0 was called worse by the month than by the hour, and a right
    plan was rejected."""
    data = world(**work(0.0))
    assert broken(data, solved(data).plan) == set()

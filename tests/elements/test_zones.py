"""Grid zones: what all their sites together may import and feed in."""

from __future__ import annotations

import pytest

from coplan.verify import audit
from tests import toys
from tests.toys import plant, solved, work, world


def test_sites_of_a_zone_share_its_headroom() -> None:
    # 1 MW at each site; of 2 MW the grid brings 1.5: half a MW comes from the plant at "near",
    # 1 MW of it at 300 a year, dearer than grid energy of two hours at 100
    changes = toys.two_sites() | plant(annuity=300.0, most_mw=8.0)
    data = world(servers_max_mw=1.0, coords=changes.pop("coords") | {"import_zone": ["z"]},
                 import_headroom_mw=1.5, **changes, **work(2.0))  # fmt: skip
    answer = solved(data)
    assert answer.of("retail_mw").sum(axis=0) == pytest.approx([1.5, 1.5])
    assert answer.of("plant_capacity_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(300.0 + 2 * 1.5 * 100.0)


def test_a_corridor_limits_what_a_zone_feeds_in() -> None:
    # 8 MW give 4 MW, 1 MW is used, 2 of the other 3 MW find room in the corridor and earn 40
    data = world(coords={"export_zone": ["z"]}, export_corridor_mw=2.0, export_max_mw=10.0,
                 export_price_cny_per_mwh=40.0, **plant(most_mw=8.0, least_mw=8.0))  # fmt: skip
    answer = solved(data)
    assert answer.of("export_mw") == pytest.approx([2.0, 2.0])
    assert answer.cost_cny == pytest.approx(-2 * 2.0 * 40.0)


def test_another_zone_is_not_limited() -> None:
    answer = solved(world(coords={"import_zone": ["elsewhere"]}, import_headroom_mw=0.0))
    assert answer.of("retail_mw") == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(("name", "dim"), [
    ("import_headroom_mw", "import_zone"), ("export_corridor_mw", "export_zone")])  # fmt: skip
def test_the_audit_finds_a_zone_that_takes_too_much(name: str, dim: str) -> None:
    changes = plant(most_mw=2.0, least_mw=2.0) | {"capacity_factor": [1.0, 0.0]}
    data = toys.completed(world(
        coords={dim: ["z"]}, export_max_mw=10.0, export_price_cny_per_mwh=40.0, **changes))
    plan = toys.completed(solved(data).plan)

    def kept(most_mw: float) -> bool:
        one, other = (x.assign({name: (dim, [most_mw])}) for x in (data, plan))
        checks = audit(one, other, digests=False).checks
        return next(c.passed for c in checks if c.name_en.startswith("zones within"))

    assert kept(1.0)  # 1 MW is fed in in the first hour, 1 MW bought in the second
    assert not kept(0.9)

"""Work that cannot run where it should, or cannot be carried there: the target or link is named."""

from tests.elements.test_work_state import linked, preferred
from tests.solve.test_conflicts import why_not


def test_a_priority_that_its_sites_cannot_serve_is_named_with_what_is_short() -> None:
    # half of 1 MW is asked for far, where 0.25 MW of servers fit
    data = preferred(value=0.5)
    data["servers_max_mw"][:] = [[10.0, 0.25]]
    first = why_not(data)[0]
    assert first.cause == "first"
    assert abs(first.amount - 25.0) < 0.1
    assert "25 percentage points short" in first.en
    assert "far" in first.zh


def test_a_link_that_is_too_narrow_is_named_with_what_is_missing() -> None:
    # no halls near; 1 MW takes 1 Gbit/s to the far site, of which 0.4 may be built
    data = linked(link_max_gbit=0.4)
    data["halls_max"][:] = data["servers_max_mw"][:] = [[0.0, 10.0]]
    found = [conflict for conflict in why_not(data) if conflict.cause == "link_gbit"]
    assert abs(found[0].amount - 0.6) < 1e-3
    assert "max_gbit" in found[0].en

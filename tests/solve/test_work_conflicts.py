"""Work that cannot run where it should, or cannot be carried there: the target or link is named."""

import re

import pytest

from coplan.plan.clauses import KINDS
from coplan.solve.conflict_texts import PROMISES_ZH
from tests.elements.test_sizing_targets import ask
from tests.elements.test_work_state import linked, preferred
from tests.solve.test_conflicts import why_not
from tests.toys import world


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


def test_clusters_that_do_not_fit_are_counted_as_clusters() -> None:
    """The unit was told as "1" and the promise in English within the Chinese sentence."""
    # servers of 10 MW hold three clusters of 300 P, four are asked for
    first = why_not(world(targets=ask("clusters", label="fp16", block_p=300.0, value=4)))[0]
    assert (first.cause, first.amount) == ("c", pytest.approx(1.0, abs=1e-3))
    assert first.en.endswith("1 clusters short")
    assert first.zh == "目标 c (算力集群数量): 差 1 个集群"


def test_every_kind_of_promise_has_its_chinese_words() -> None:
    of_their_own = {"compute", "pue", "green_share", "priority"}
    assert set(PROMISES_ZH) | of_their_own == {*KINDS} | {"storage_share"}
    assert all(re.search("[一-鿿]", words) for words in PROMISES_ZH.values())

"""Direct lines: whole circuits, shared plants, losses and what energy over them pays."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.plan.kpis import kpis
from coplan.plan.tables import site_flows
from coplan.verify import audit
from tests import toys
from tests.line_toys import direct
from tests.toys import plant, solved, world


def test_a_plant_gives_what_its_lines_take() -> None:
    # 4 MW of plant give 2 MW in both hours; 1 MW arrives and is used, nothing else is given
    answer = solved(world(**direct(["s"]), **plant(most_mw=4.0, least_mw=4.0)))
    assert answer.of("sent_mw") == pytest.approx([1.0, 1.0])
    assert answer.of("generation_mw") == pytest.approx([1.0, 1.0])
    assert answer.of("retail_mw") == pytest.approx([0.0, 0.0], abs=1e-9)


def test_a_plant_without_weather_sends_nothing() -> None:
    # the line alone gives no power: in the second hour all is bought
    data = world(capacity_factor=[0.5, 0.0], **direct(["s"]), **plant(most_mw=4.0, least_mw=4.0))
    answer = solved(data)
    assert answer.of("sent_mw") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(100.0)


def test_what_is_sent_stays_within_the_line() -> None:
    # one circuit of 0.4 MW: 0.6 MW are bought in both hours
    changes = direct(["s"], circuit_mw=0.4, line_circuits_max=1.0)
    answer = solved(world(**changes, **plant(most_mw=4.0, least_mw=4.0)))
    assert answer.of("sent_mw") == pytest.approx([0.4, 0.4])
    assert answer.cost_cny == pytest.approx(2 * 0.6 * 100.0)


def test_a_line_is_built_in_whole_circuits() -> None:
    # 1 MW takes two circuits of 0.6 MW; one costs 50 and brings 0.6 x 2 h x 100 = 120, the second
    # costs 50 and brings 0.4 x 2 h x 100 = 80: both are built, and 1 MW of station at 7
    changes = direct(
        ["s"], circuit_mw=0.6, line_annuity_cny_per_circuit_year=50.0,
        line_annuity_cny_per_mw_year=7.0,
    )  # fmt: skip
    answer = solved(world(**changes, **plant(most_mw=4.0, least_mw=4.0)))
    assert answer.of("line_circuits") == pytest.approx(2.0)
    assert answer.line_cny("direct line") == pytest.approx(2 * 50.0 + 7.0)
    assert answer.cost_cny == pytest.approx(107.0)


def test_a_circuit_that_brings_less_than_it_costs_is_not_built() -> None:
    # the second circuit would cost 60 + 30 of upkeep and bring 80
    changes = direct(
        ["s"], circuit_mw=0.6, line_annuity_cny_per_circuit_year=60.0,
        line_om_cny_per_circuit_year=30.0,
    )  # fmt: skip
    answer = solved(world(**changes, **plant(most_mw=4.0, least_mw=4.0)))
    assert answer.of("line_circuits") == pytest.approx(1.0)
    assert answer.line_cny("direct line O&M") == pytest.approx(30.0)
    assert answer.cost_cny == pytest.approx(60.0 + 30.0 + 2 * 0.4 * 100.0)


def test_several_users_share_a_plant() -> None:
    # 1 MW at each site; the plant gives 2 MW x 0.5 = 1 MW. Energy at "far" is dearer in the first
    # hour, at "near" in the second: the plant serves each where it saves most; its cost is booked
    # at the user who leads, each line's at its own user
    changes = toys.two_sites(near=[100.0, 150.0], far=[130.0, 110.0])
    changes |= plant(annuity=5.0, most_mw=2.0, least_mw=2.0)
    shared = direct(["near", "far"], line_annuity_cny_per_mw_year=[3.0, 4.0])
    shared["coords"] |= changes.pop("coords")
    answer = solved(world(servers_max_mw=1.0, **changes, **shared, **toys.work(2.0)))
    assert answer.of("sent_mw") == pytest.approx(np.array([[0.0, 1.0], [1.0, 0.0]]), abs=1e-9)
    assert answer.line_cny("wind plant", place="near") == pytest.approx(10.0)
    assert answer.line_cny("direct line", place="near") == pytest.approx(3.0)
    assert answer.line_cny("direct line", place="far") == pytest.approx(4.0)
    assert answer.cost_cny == pytest.approx(10.0 + 7.0 + 100.0 + 110.0)
    own = site_flows(answer.plan)["generation_mw"].squeeze()
    assert own.transpose("site", "time").values == pytest.approx(answer.of("sent_mw"), abs=1e-9)


def test_losses_and_fees_are_those_of_the_line() -> None:
    # 2 MW of plant send 1 MW; 0.8 MW arrive and pay 10 each MWh; 0.2 MW are bought at 100
    changes = direct(["s"], line_loss_share=0.2, line_fee_cny_per_mwh=10.0)
    answer = solved(world(**changes, **plant(most_mw=2.0, least_mw=2.0)))
    assert answer.of("retail_mw") == pytest.approx([0.2, 0.2])
    assert answer.line_cny("direct line fees") == pytest.approx(2 * 0.8 * 10.0)
    assert answer.cost_cny == pytest.approx(16.0 + 40.0)
    figures = kpis(answer.plan)
    assert figures["generation_mwh"] == pytest.approx(2.0)
    assert figures["line_loss_mwh"] == pytest.approx(0.4)
    assert figures["curtailment_share"] == pytest.approx(0.0, abs=1e-9)
    assert figures["self_supply_share"] == pytest.approx(0.8)
    assert figures["green_share_hourly"] == pytest.approx(0.8)


def test_only_what_arrives_is_fed_in() -> None:
    # 4 MW give 2 MW, 1 MW arrives after half is lost on the way: nothing is left to feed in
    changes = direct(["s"], line_loss_share=0.5)
    answer = solved(world(
        export_max_mw=5.0, export_price_cny_per_mwh=40.0, **changes,
        **plant(most_mw=4.0, least_mw=4.0),
    ))  # fmt: skip
    assert answer.of("export_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.of("sent_mw") == pytest.approx([2.0, 2.0])


def test_a_line_that_was_built_still_stands() -> None:
    # the second period has no work, and its circuit and station could be saved
    changes = direct(
        ["s"], circuit_mw=1.0, line_annuity_cny_per_mw_year=10.0, line_om_cny_per_circuit_year=5.0
    )
    changes["coords"] |= {"period": [2027, 2030]}
    answer = solved(world(
        **changes, **plant(most_mw=4.0, least_mw=4.0), **toys.work([[[1.0]], [[0.0]]]),
        discount_factor=0.5,
    ))  # fmt: skip
    assert answer.of("line_mw") == pytest.approx([1.0, 1.0])
    assert answer.of("line_circuits") == pytest.approx([1.0, 1.0])


def test_ratios_of_own_use_count_what_arrives() -> None:
    # 2 MW of plant send 1 MW, 0.8 arrive: 0.8 of what was available is used, and of the load
    targets = [
        {"id": kind, "kind": kind, "value": value}
        for kind, value in (("self_use_share", 0.8), ("own_supply_share", 0.7))
    ]
    data = toys.completed(world(
        targets=targets, **direct(["s"], line_loss_share=0.2), **plant(most_mw=2.0, least_mw=2.0)
    ))  # fmt: skip
    plan = toys.completed(solved(data).plan)
    reached = dict(zip(plan["clause_id"].values.tolist(), plan["clause_achieved"].values,
                       strict=True))  # fmt: skip
    assert reached == {"self_use_share": pytest.approx(0.8), "own_supply_share": pytest.approx(0.8)}
    checks = audit(data, plan, digests=False).checks
    assert not [c.name_en for c in checks if not c.passed and "clause" in c.name_en]


def test_a_user_who_does_not_lead_may_feed_in_what_arrives() -> None:
    # feeding in at 120 beside energy at 100 takes a mode; 2 MW arrive at "far", 1 MW is used there
    # and 1 MW fed in, though the plant is booked at "near"
    changes = toys.two_sites()
    shared = direct(["near", "far"], line_max_mw=[0.5, 2.0])
    shared["coords"] |= changes.pop("coords")
    answer = solved(world(
        servers_max_mw=1.0, export_max_mw=[0.0, 5.0], export_price_cny_per_mwh=120.0,
        **changes, **shared, **toys.work(2.0),
        **plant(most_mw=4.0, least_mw=4.0),
    ))  # fmt: skip
    assert answer.of("export_mw", site="far") == pytest.approx([1.0, 1.0])
    assert answer.cost_cny == pytest.approx(2 * (100.0 - 120.0))


LIES = {
    "power from nowhere": ("sent_mw", 1.5, "direct lines within"),
    "a thicker line": ("line_mw", 20.0, "direct lines within"),
    "half a circuit": ("line_circuits", 0.5, "whole halls"),
    "energy that no line took": ("generation_mw", 0.5, "what its lines take"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_a_line_is_found(lie) -> None:
    name, factor, check = LIES[lie]
    data = toys.completed(world(
        **direct(["s"], line_max_mw=1.0, line_loss_share=0.1, line_fee_cny_per_mwh=5.0,
                 line_annuity_cny_per_circuit_year=1.0),
        **plant(most_mw=4.0, least_mw=4.0),
    ))  # fmt: skip
    plan = toys.completed(solved(data).plan)
    found = [c.name_en for c in audit(data, plan, digests=False).checks if not c.passed]
    assert not [name for name in found if "direct" in name or "lines" in name]
    other = plan.copy()
    other[name] = plan[name] * factor
    broken = [c.name_en for c in audit(data, other, digests=False).checks if not c.passed]
    assert any(check in one for one in broken)

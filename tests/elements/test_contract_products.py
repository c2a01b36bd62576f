"""Contract products beyond pay as produced: baseload, curves, resale, terms, paid on delivery."""

from __future__ import annotations

import numpy as np
import pytest

from coplan.elements.card import Name
from coplan.elements.trading import ContractCard, ContractEntry, table
from coplan.plan.assemble import assemble
from coplan.plan.polish import polish
from tests.toys import contract, green, solved, work, world

SHAPED = {"coords": {"shaped": ["c_shape"]}, "contract_is_shaped": 1.0}


def shaped(shape, produced, price, most_mw=2.0, unused=0.0, **changes):
    """A contract that delivers a shape, from a plant that produces otherwise; grid at 100."""
    return world(
        **SHAPED, contract_shape=[shape], contract_profile=produced, contract_volume_max_mw=most_mw,
        contract_price_cny_per_mwh=price, contract_unused_cny_per_mwh=unused, **changes,
    )  # fmt: skip


def test_baseload_delivers_its_volume_in_every_hour() -> None:
    # 1 MW in both hours at 40, whatever its plant produces
    answer = solved(shaped([1.0, 1.0], [2.0, 0.0], 40.0))
    assert answer.of("delivered_mw") == pytest.approx([1.0, 1.0])
    assert answer.line_cny("contract energy") == pytest.approx(80.0)


def test_what_is_contracted_and_not_taken_pays_the_deviation_price() -> None:
    # 2 MW are needed in the second hour only: volume 2, 2 MWh taken at 40, 1 left at 15
    data = shaped([1.0, 1.0], [1.0, 1.0], 40.0, unused=15.0, **work([1.0, 2.0]))
    answer = solved(data)
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.line_cny("contract energy") == pytest.approx(3 * 40.0 + 15.0)
    dear = solved(shaped([1.0, 1.0], [1.0, 1.0], 40.0, unused=70.0, **work([1.0, 2.0])))
    assert dear.of("contract_volume_mw") == pytest.approx(1.0)


def test_a_curve_delivers_in_its_hours() -> None:
    answer = solved(shaped([0.0, 0.5], [0.5, 0.5], 10.0))
    assert answer.of("delivered_mw") == pytest.approx([0.0, 1.0], abs=1e-9)


def test_what_the_plant_does_not_produce_in_the_hour_is_grey_by_the_hour() -> None:
    # the plant makes both MWh in the first hour: 1 MWh of the second is not green by the hour
    by_hour = {"targets": green(0.6, "hourly"), "unused": 40.0}
    assert not solved(shaped([1.0, 1.0], [2.0, 0.0], 40.0, **by_hour)).is_planned
    answer = solved(shaped([1.0, 1.0], [2.0, 0.0], 40.0, unused=40.0, targets=green(1.0)))
    x = polish(answer.model, answer.compiled, answer.data, answer.found.x)
    plan = assemble(answer.model, answer.compiled, answer.data, x, answer.found.y)
    assert plan["unmatched_mw"].values.squeeze() == pytest.approx([0.0, 1.0], abs=1e-7)
    assert float(plan["clause_achieved"][0]) == pytest.approx(1.0)


def test_certificates_of_a_curve_are_its_plants_production() -> None:
    # the plant of this world makes half of what the curve delivers, of at most 1 MW
    def fits(share: float) -> bool:
        data = shaped([1.0, 1.0], [0.5, 0.5], 40.0, most_mw=1.0, targets=green(share))
        return solved(data).is_planned

    assert not fits(0.6)
    assert fits(0.5)


def resale(price: float, share: float, **changes):
    """Pay as produced at 30 with 2 MW for a load of 1 MW; what is left may be sold on."""
    return world(
        coords={"resale": ["c_resale"]}, resale_cny_per_mwh=price, resale_share=share,
        **contract(30.0, 1.0, most_mw=2.0), **changes,
    )  # fmt: skip


def test_resold_energy_earns_its_price_within_its_share() -> None:
    # the target asks for 2 MW in the hour of 2 MW of work; 1 MWh is left in the other
    answer = solved(resale(20.0, 1.0, **work([1.0, 2.0])))
    assert answer.of("resold_mw") == pytest.approx([1.0, 0.0], abs=1e-7)
    assert answer.line_cny("contract resale") == pytest.approx(-20.0)
    assert answer.line_cny("contract energy") == pytest.approx(4 * 30.0)
    part = solved(resale(20.0, 0.1, **work([1.0, 2.0])))
    assert part.line_cny("contract resale") == pytest.approx(-20.0 * 0.4)


def test_nothing_is_bought_only_to_be_sold() -> None:
    answer = solved(resale(29.0, 1.0))
    assert answer.of("contract_volume_mw") == pytest.approx(1.0)
    assert answer.of("resold_mw") == pytest.approx([0.0, 0.0], abs=1e-7)


def test_resold_energy_takes_its_certificate_along() -> None:
    # 2 MW for 1 MW of work in two hours, half of it sold on, covers no grey energy of other hours
    data = resale(20.0, 1.0, targets=green(1.0), **work([2.0, 0.0]))
    data["contract_profile"][...] = [0.0, 1.0]
    answer = solved(data)
    assert answer.of("contract_volume_mw") == pytest.approx(2.0)
    assert answer.of("resold_mw") == pytest.approx([0.0, 0.0], abs=1e-7)
    free = solved(resale(20.0, 1.0, **work([2.0, 1.0])))
    assert free.line_cny("contract resale") == pytest.approx(-20.0)


def test_what_is_paid_on_delivery_is_paid_once_taken() -> None:
    data = world(contract_unused_cny_per_mwh=0.0, **contract(30.0, [1.0, 1.0], most_mw=2.0),
                 **work([1.0, 2.0]))  # fmt: skip
    assert solved(data).line_cny("contract energy") == pytest.approx(3 * 30.0)


def test_a_contract_outside_its_term_is_not_there() -> None:
    answer = solved(world(contract_open=0.0, **contract(30.0, 1.0, most_mw=2.0)))
    assert answer.of("contract_volume_mw") == pytest.approx(0.0, abs=1e-9)
    assert answer.cost_cny == pytest.approx(200.0)


def test_exported_energy_keeps_its_certificate_only_where_the_zone_says_so() -> None:
    # 2 MW of wind in the first hour for a load of 1 MW: 1 MWh fed in, 1 MWh grey
    sun = {"capacity_factor": [1.0, 0.0], "plant_capacity_max_mw": 2.0, "export_max_mw": 5.0,
           "plant_capacity_min_mw": 2.0}  # fmt: skip
    assert not solved(world(targets=green(0.9), **sun)).is_planned
    kept = solved(world(targets=green(0.9), export_keeps_certificates=1.0, **sun))
    assert kept.is_planned
    by_hour = world(targets=green(0.9, "hourly"), export_keeps_certificates=1.0, **sun)
    assert not solved(by_hour).is_planned


def card(**changes) -> ContractCard:
    """A contract card with what a test changes."""
    return ContractCard(**({
        "name": Name(zh="合同", en="contract"), "kind": "baseload", "generator": "onshore-wind",
        "place": "zhangbei", "price_cny_per_kwh": 0.4, "settlement": "monthly", "adders": (),
    } | changes))  # fmt: skip


def test_a_product_of_monthly_trading_delivers_in_its_month() -> None:
    month, hour = np.array([1, 1, 2, 2]), np.array([0, 20, 0, 20])
    peak = tuple(1.0 if 16 <= h < 22 else 0.25 for h in range(24))
    curve = card(kind="shaped", shape=peak, months=(2,), deviation_cny_per_kwh=0.1)
    entry = ContractEntry(card="x", max_mw=5.0, from_year=2028, to_year=2030)
    fields = table({"s_c": ("s", entry, curve)}, (2027, 2030), month, hour)
    assert fields["contract_shape"].values.tolist() == [[0.0, 0.0, 0.25, 1.0]]
    assert fields["contract_open"].values.tolist() == [[0.0], [1.0]]
    assert fields["contract_unused_cny_per_mwh"].values.tolist() == [100.0]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "shaped"}, "shape is given for kind: shaped"),
        ({"kind": "pay_as_produced", "deviation_cny_per_kwh": 0.1}, "deviation_cny_per_kwh is for"),
        ({"pay_on_delivery": True}, "pay_on_delivery is for pay_as_produced"),
        ({"kind": "pay_as_produced", "pay_on_delivery": True}, "the settlement is hourly"),
        ({"resale_share": 0.2, "resale_cny_per_kwh": 0.4}, "must be below price_cny_per_kwh"),
        ({"premium_cny_per_kwh": 0.5}, "premium_cny_per_kwh is part"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(wrong, said) -> None:
    with pytest.raises(ValueError, match=said):
        card(**wrong)

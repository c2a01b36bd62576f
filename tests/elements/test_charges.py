"""What a site pays for transformers, maxima and blocks of energy, worked out by hand."""

from __future__ import annotations

import pytest

from tests.toys import battery, solved, work, world

MONTHS = {"coords": {"month": [1, 2]}, "month_of_step": [1, 2]}
"""Two steps, a month each; each month stands for six."""


def test_a_month_is_charged_for_its_maximum() -> None:
    answer = solved(world(**MONTHS, demand_price_cny_per_mw_month=10.0, **work([1.0, 2.0])))
    assert answer.of("billed_mw") == pytest.approx([1.0, 2.0])
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * (1.0 + 2.0))


def declared(**changes):
    """Demand declared for each month; a connection of 2 MW stands with 2 MVA per MW."""
    return world(**MONTHS, demand_price_cny_per_mw_month=10.0, demand_is_declared=1.0,
                 connection_min_mw=2.0, connection_max_mw=2.0, **changes)  # fmt: skip


def test_demand_within_the_tolerance_costs_what_was_declared() -> None:
    # 1.05 x declared covers the maximum, 2 / 1.05; no month declares less than 40 % of 4 MVA
    answer = solved(declared(**work([1.0, 2.0])))
    assert answer.of("declared_mw") == pytest.approx([1.6, 2.0 / 1.05])
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * (1.6 + 2.0 / 1.05))


def test_a_declaration_covers_part_of_the_transformers() -> None:
    answer = solved(declared(**work([0.1, 0.2])))
    assert answer.of("declared_mw") == pytest.approx([1.6, 1.6])


def test_demand_above_the_tolerance_counts_twice() -> None:
    # a declaration that costs more than half of what it saves would be left: with a factor of 0.5
    # 1.6 MW are declared and 2 - 1.68 MW are paid at half price
    answer = solved(declared(declared_excess_factor=0.5, **work([1.0, 2.0])))
    assert answer.of("over_mw") == pytest.approx([0.0, 0.32], abs=1e-9)
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * (1.6 + 1.6 + 0.5 * 0.32))


def test_a_ratchet_remembers_earlier_maxima() -> None:
    # the month of 1 MW is charged for 80 % of the 2 MW before it (the year is cyclic)
    answer = solved(
        world(**MONTHS, demand_price_cny_per_mw_month=10.0, ratchet_share=0.8, ratchet_months=1,
              **work([1.0, 2.0]))
    )  # fmt: skip
    assert answer.of("billed_mw") == pytest.approx([1.6, 2.0])
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * 3.6)


def test_a_ratchet_looks_back_only_so_far() -> None:
    three = {"coords": {"month": [1, 2, 3]}, "month_of_step": [1, 2, 3]}
    answer = solved(
        world(3, **three, demand_price_cny_per_mw_month=10.0, ratchet_share=0.8, ratchet_months=1,
              **work([2.0, 1.0, 1.0]))
    )  # fmt: skip
    assert answer.of("billed_mw") == pytest.approx([2.0, 1.6, 1.0])


def either(demand: float, capacity: float, **changes):
    """Demand or transformer capacity: 2 MVA for each MW of connection."""
    return world(
        coords={"offer": ["s_demand", "s_capacity"]}, offer_kind=["demand", "capacity"],
        demand_price_cny_per_mw_month=demand, capacity_price_cny_per_mva_month=capacity, **changes,
    )  # fmt: skip


def test_a_site_takes_the_cheaper_charge() -> None:
    # 1 MW of load: 12 x 10 for its maximum, 12 x 2 MVA x 6 for its transformers, and turned round
    answer = solved(either(10.0, 6.0))
    assert answer.of("takes") == pytest.approx([1.0, 0.0])
    assert answer.line_cny("demand charge") == pytest.approx(120.0)
    assert answer.line_cny("capacity charge") == pytest.approx(0.0, abs=1e-9)
    answer = solved(either(10.0, 4.0))
    assert answer.of("takes") == pytest.approx([0.0, 1.0])
    assert answer.line_cny("demand charge") == pytest.approx(0.0, abs=1e-9)
    assert answer.line_cny("capacity charge") == pytest.approx(96.0)
    assert answer.cost_cny == pytest.approx(200.0 + 96.0)


def test_a_charge_that_is_taken_is_paid() -> None:
    # both charges could only be left together: one is paid in full
    answer = solved(either(10.0, 5.0))
    assert answer.cost_cny == pytest.approx(200.0 + 120.0)


def discount(above: float, **changes):
    """A site whose transformers may be well used: 2 MVA for 1 MW of connection."""
    return world(coords={"discount": ["s_discount"]}, demand_price_cny_per_mw_month=10.0,
                 connection_min_mw=1.0, discount_mwh_per_mva_month=above, **changes)  # fmt: skip


def test_well_used_transformers_pay_less_for_demand() -> None:
    # 2 MWh in the one month that stands for twelve, 1/6 MWh a month, 2 MVA: 1/12 MWh per MVA
    answer = solved(discount(1.0 / 12.0))
    assert answer.of("is_used_well") == pytest.approx(1.0)
    assert answer.line_cny("demand charge") == pytest.approx(0.9 * 120.0)


def test_transformers_used_too_little_pay_in_full() -> None:
    answer = solved(discount(1.01 / 12.0))
    assert answer.of("is_used_well") == pytest.approx(0.0)
    assert answer.line_cny("demand charge") == pytest.approx(120.0)


def test_every_month_must_be_well_used() -> None:
    months = {"coords": {"month": [1, 2], "discount": ["s_discount"]}, "month_of_step": [1, 2]}
    answer = solved(
        world(**months, demand_price_cny_per_mw_month=10.0, connection_min_mw=1.0,
              connection_max_mw=1.0, discount_mwh_per_mva_month=1.0 / 12.0, **work([1.0, 0.5]))
    )  # fmt: skip
    assert answer.line_cny("demand charge") == pytest.approx(6 * 10.0 * 1.5)


def test_energy_above_a_threshold_costs_more() -> None:
    # 3 MWh of the year are 0.25 a month: 0.15 above, twelve times
    answer = solved(
        world(coords={"energy_tier": ["s_e1"]}, energy_tier_above_mwh=0.1,
              energy_tier_more_cny_per_mwh=50.0, **work([1.0, 2.0]))
    )  # fmt: skip
    # 3 MWh of the year are 0.25 a month: 0.15 above, twelve times
    assert answer.line_cny("energy blocks") == pytest.approx(12 * 0.15 * 50.0)


def test_energy_above_a_threshold_may_cost_less() -> None:
    answer = solved(
        world(coords={"energy_tier": ["s_e1"]}, energy_tier_above_mwh=0.1,
              energy_tier_more_cny_per_mwh=-50.0, **work([1.0, 2.0]))
    )  # fmt: skip
    assert answer.line_cny("energy blocks") == pytest.approx(-12 * 0.15 * 50.0)
    below = solved(
        world(coords={"energy_tier": ["s_e1"]}, energy_tier_above_mwh=0.3,
              energy_tier_more_cny_per_mwh=-50.0, **work([1.0, 2.0]))
    )  # fmt: skip
    assert below.line_cny("energy blocks") == pytest.approx(0.0, abs=1e-9)


def test_demand_above_a_threshold_costs_more_or_less() -> None:
    for more in (5.0, -5.0):
        answer = solved(
            world(coords={"demand_tier": ["s_d1"]}, demand_tier_above_mw=0.5,
                  demand_price_cny_per_mw_month=10.0, demand_tier_more_cny_per_mw_month=more,
                  **work([1.0, 2.0]))
        )  # fmt: skip
        assert answer.line_cny("demand charge") == pytest.approx(12 * 10.0 * 2.0)
        assert answer.line_cny("demand blocks") == pytest.approx(12 * more * 1.5)


def test_a_cheaper_block_of_demand_must_be_reached() -> None:
    answer = solved(
        world(coords={"demand_tier": ["s_d1"]}, demand_tier_above_mw=1.0,
              demand_price_cny_per_mw_month=10.0, demand_tier_more_cny_per_mw_month=-5.0,
              **work(0.5))
    )  # fmt: skip
    assert answer.line_cny("demand blocks") == pytest.approx(0.0, abs=1e-9)


def test_what_is_drawn_while_the_grid_peaks_is_charged() -> None:
    peak = {"coords": {"coincident": ["s_c"]}, "coincident_price_cny_per_mw_month": 10.0,
            "coincident_inside": [[0.0, 1.0]]}  # fmt: skip
    answer = solved(world(**peak, **work([2.0, 1.0])))
    assert answer.line_cny("coincident-peak charge") == pytest.approx(12 * 10.0 * 1.0)
    emptied = solved(world(**peak, **battery(), **work([1.0, 1.0])))
    assert emptied.of("coincident_mw") == pytest.approx(0.0, abs=1e-7)


def test_a_single_price_is_paid_for_connected_capacity() -> None:
    answer = solved(world(single_price_cny_per_mw_month=7.0, **work([1.0, 2.0])))
    assert answer.line_cny("single-capacity charge") == pytest.approx(12 * 7.0 * 2.0)

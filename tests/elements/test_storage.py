"""Batteries: power in one step, given back in another, less losses."""

from __future__ import annotations

import pydantic
import pytest

from coplan.elements.storage import BatteryEntry, StorageCard, table
from coplan.verify import audit
from tests.toys import battery, plant, solved, work, world


def prices(*cny_per_mwh: float, **changes):
    """A world of one MW and a battery, with these prices of grid energy."""
    changes = battery() | changes
    return world(len(cny_per_mwh), retail_price_cny_per_mwh=cny_per_mwh, **changes)


def test_cheap_energy_is_carried_to_the_dear_hour() -> None:
    answer = solved(prices(10.0, 90.0))
    assert answer.of("retail_mw") == pytest.approx([2.0, 0.0], abs=1e-9)
    assert answer.of("discharge_mw") - answer.of("charge_mw") == pytest.approx([-1.0, 1.0])
    assert answer.cost_cny == pytest.approx(20.0)


def test_losses_are_paid_on_the_way_in_and_on_the_way_out() -> None:
    # 1 MWh out takes 1 / 0.5 = 2 MWh held and 2 / 0.8 = 2.5 MWh in
    answer = solved(prices(10.0, 90.0, charge_efficiency=0.8, discharge_efficiency=0.5))
    assert answer.of("charge_mw") == pytest.approx([2.5, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(10.0 + 25.0)


def test_the_state_of_charge_is_that_at_the_end_of_the_step() -> None:
    # of 2 MWh at the end of the first hour half is left an hour later: enough for 1 MWh
    answer = solved(prices(10.0, 90.0, soc_kept_per_step=0.5))
    assert answer.of("soc_mwh") == pytest.approx([2.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(10.0 + 20.0)


def test_the_year_is_cyclic() -> None:
    # the cheap hour is the last one; what it stores serves the first two of the "next" year
    answer = solved(prices(90.0, 90.0, 10.0))
    assert answer.of("soc_mwh") == pytest.approx([1.0, 0.0, 2.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(30.0)


def test_a_battery_gives_back_no_more_than_it_was_given() -> None:
    answer = solved(prices(90.0, 90.0))
    assert answer.of("retail_mw").sum() == pytest.approx(2.0)
    assert answer.cost_cny == pytest.approx(180.0)


def test_a_shorter_step_moves_less_energy() -> None:
    # half-hour steps: 1 MW for half an hour is 0.5 MWh, and costs half as much
    answer = solved(prices(10.0, 90.0, step_h=0.5, storage_duration_min_h=0.25))
    assert answer.of("soc_mwh") == pytest.approx([0.5, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(2 * 0.5 * 10.0)


def test_a_step_that_stands_for_many_costs_many_times_but_holds_one() -> None:
    answer = solved(prices(10.0, 90.0, step_weight=100.0))
    assert answer.of("soc_mwh") == pytest.approx([1.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(100 * 20.0)


def test_what_charges_or_discharges_is_paid_as_power() -> None:
    # carrying 1 MWh saves 80 and takes 1 MW at 30
    answer = solved(prices(10.0, 90.0, storage_power_annuity_cny_per_mw_year=30.0))
    assert answer.of("storage_power_mw") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(20.0 + 30.0)


def test_a_battery_burns_nothing_for_pay_by_charging_while_it_discharges() -> None:
    # Grid energy pays 10 CNY/MWh to be taken. A battery of 1 MW that loses half could burn 1/3 MW
    # in both hours by both at once. One way at a time: 1 MW in, 0.5 MW out an hour later.
    answer = solved(prices(-10.0, -10.0, charge_efficiency=0.5, **battery(power_mw=1.0)))
    assert sorted(answer.of("retail_mw")) == pytest.approx([0.5, 2.0])
    assert answer.cost_cny == pytest.approx(-10.0 * 2.5)


def test_a_battery_empties_for_the_paid_hour_only_as_far_as_the_load_takes_it() -> None:
    # Paid to charge at first (eta 0.8 each way); 1 MWh out takes 1 / 0.64 MWh in. Charging beside
    # 2.5 MW of discharge in the dear hour would make room for 2.4 MWh in the paid one.
    changes = {"charge_efficiency": 0.8, "discharge_efficiency": 0.8} | battery(4.0, 4.0, 1.0)
    answer = solved(prices(-50.0, 100.0, **changes))
    assert answer.of("charge_mw") == pytest.approx([1 / 0.64, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(-50.0 * (1.0 + 1 / 0.64) + 1.0)


def test_a_small_battery_carries_what_its_power_allows() -> None:
    answer = solved(prices(10.0, 90.0, **battery(power_mw=0.5)))
    assert answer.cost_cny == pytest.approx(1.5 * 10.0 + 0.5 * 90.0)


def test_only_the_usable_part_of_a_battery_holds_energy() -> None:
    # carrying 1 MWh saves 80 and takes 2 MWh of nameplate at 30 each
    answer = solved(
        prices(10.0, 90.0, usable_share=0.5, storage_energy_annuity_cny_per_mwh_year=30.0)
    )
    assert answer.of("storage_energy_mwh") == pytest.approx(2.0)
    assert answer.of("soc_mwh").max() == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(20.0 + 60.0)


def test_a_battery_holds_at_least_its_shortest_duration() -> None:
    answer = solved(
        prices(10.0, 90.0, storage_duration_min_h=4.0, storage_energy_annuity_cny_per_mwh_year=10.0)
    )
    assert answer.of("storage_energy_mwh") == pytest.approx(4.0)
    assert answer.cost_cny == pytest.approx(20.0 + 40.0)


def test_a_battery_holds_at_most_its_longest_duration() -> None:
    answer = solved(
        prices(
            10.0, 90.0, storage_duration_min_h=0.1, storage_duration_max_h=0.5,
            storage_power_annuity_cny_per_mw_year=10.0,
        )
    )  # fmt: skip
    assert answer.of("storage_power_mw") == pytest.approx(2.0)  # for the 1 MWh that is carried
    assert answer.cost_cny == pytest.approx(20.0 + 20.0)


def test_power_and_energy_are_sized_apart() -> None:
    # three cheap hours fill 3 MWh for one dear hour of 3 MW: power 3 MW at 5, energy 3 MWh at 7
    answer = solved(
        prices(
            10.0, 10.0, 10.0, 90.0, storage_power_annuity_cny_per_mw_year=5.0,
            storage_energy_annuity_cny_per_mwh_year=7.0, storage_om_cny_per_mw_year=1.0,
            **work([0.0, 0.0, 0.0, 3.0]),
        )
    )  # fmt: skip
    assert answer.line_cny("battery") == pytest.approx(3 * 5.0 + 3 * 7.0)
    assert answer.line_cny("battery O&M") == pytest.approx(3 * 1.0)
    assert answer.cost_cny == pytest.approx(30.0 + 15.0 + 21.0 + 3.0)


def test_wear_is_paid_on_what_is_discharged() -> None:
    answer = solved(prices(10.0, 90.0, discharge_efficiency=0.5, **battery(wear=5.0)))
    assert answer.line_cny("battery wear") == pytest.approx(5.0)
    assert answer.cost_cny == pytest.approx(10.0 + 20.0 + 5.0)


def test_wear_above_the_spread_leaves_the_battery_alone() -> None:
    answer = solved(prices(10.0, 90.0, **battery(wear=81.0)))
    assert answer.of("discharge_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(100.0)


def test_some_batteries_store_only_own_generation() -> None:
    # 0.4 MW are generated in the cheap hour: only 0.4 MWh are carried, though more is cheap
    own = plant(most_mw=1.0, least_mw=1.0) | {"capacity_factor": [0.4, 0.0]}
    answer = solved(prices(10.0, 90.0, storage_charges_own=1.0, **own))
    assert answer.of("charge_mw") == pytest.approx([0.4, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(1.0 * 10.0 + 0.6 * 90.0)


def test_an_empty_battery_gives_nothing_before_it_is_charged() -> None:
    # the dear hour comes first: with an empty start nothing can be carried into it
    answer = solved(prices(90.0, 10.0, storage_is_cyclic=0.0))
    assert answer.of("discharge_mw") == pytest.approx([0.0, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(100.0)


def test_a_battery_starts_with_its_share_of_usable_energy() -> None:
    # half of the usable 0.8 of 1 MWh, less half in the hour: 0.2 MWh for the first hour, free
    answer = solved(
        prices(
            90.0, 10.0, storage_is_cyclic=0.0, storage_start_share=0.5, usable_share=0.8,
            soc_kept_per_step=0.5, **battery(energy_mwh=1.0),
        )
    )  # fmt: skip
    assert answer.of("discharge_mw") == pytest.approx([0.2, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(0.8 * 90.0 + 10.0)


def test_charge_may_be_slower_than_discharge() -> None:
    # 1 MW out, 0.25 MW in: of the dear hour's 1 MWh only 0.25 is carried
    answer = solved(prices(10.0, 90.0, storage_charge_power_ratio=0.25, **battery(power_mw=1.0)))
    assert answer.of("charge_mw") == pytest.approx([0.25, 0.0], abs=1e-9)
    assert answer.cost_cny == pytest.approx(12.5 + 0.75 * 90.0)


def failed(data, plan) -> set[str]:
    """Rules of the audit that a plan breaks."""
    return {check.name_zh for check in audit(data, plan, digests=False).failures()}


def card(**efficiency):
    """A battery card with these efficiencies."""
    return StorageCard(
        name={"zh": "储能", "en": "battery"}, power_capex_cny_per_kw=0, energy_capex_cny_per_kwh=0,
        om_cny_per_kw_year=0, life_years=1, self_discharge_per_month=0, usable_share=1,
        duration_min_h=1, duration_max_h=4, wear_cny_per_mwh=1, **efficiency,
    )  # fmt: skip


def test_a_card_gives_one_efficiency_or_one_for_each_way() -> None:
    both = card(charge_efficiency=0.9, discharge_efficiency=1.0)
    assert (both.way_in(), both.way_out()) == (0.9, 1.0)
    assert card(round_trip_efficiency=0.81).way_in() == pytest.approx(0.9)


@pytest.mark.parametrize(
    "efficiency",
    [{}, {"charge_efficiency": 0.9}, {"round_trip_efficiency": 0.9, "discharge_efficiency": 1.0},
     {"round_trip_efficiency": 0.9, "charge_efficiency": 0.9, "discharge_efficiency": 1.0}],
)  # fmt: skip
def test_efficiencies_that_are_missing_or_doubled_are_refused(efficiency) -> None:
    with pytest.raises(pydantic.ValidationError, match="either round_trip_efficiency"):
        card(**efficiency)


@pytest.mark.parametrize("start", ["cyclic", "empty", 0.5])
def test_a_battery_starts_cyclic_empty_or_with_a_share(start) -> None:
    entry = BatteryEntry(card="lfp", power_max_mw=1, energy_max_mwh=1, start=start)
    fields = table({"s_b": ("s", entry, card(round_trip_efficiency=0.81))}, 0.0)
    assert fields["storage_is_cyclic"].values == [float(start == "cyclic")]
    assert fields["storage_start_share"].values == [0.5 if start == 0.5 else 0.0]


def test_the_audit_finds_energy_that_was_not_own_and_a_battery_that_was_not_empty() -> None:
    own = plant(most_mw=1.0, least_mw=1.0) | {"capacity_factor": [0.4, 0.0]}
    data = prices(10.0, 90.0, storage_charges_own=1.0, storage_is_cyclic=0.0, **own)
    plan = solved(data).plan
    assert not {"仅储自发电量", "储能电量递推"} & failed(data, plan)
    assert "仅储自发电量" in failed(data, plan.assign(charge_mw=plan["charge_mw"] + 0.1))
    full = data.assign(storage_start_share=data["storage_start_share"] + 0.5)
    assert "储能电量递推" in failed(full, plan)

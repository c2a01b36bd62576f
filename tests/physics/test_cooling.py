"""Cooling designs with the breakpoints of the field's cards."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coplan.physics import cooling

AIR_CHILLER = [(2, 0.10), (15, 0.18), (35, 0.32)]
WATER_CHILLER = [(5, 0.09), (12, 0.14), (26, 0.24)]
EVAPORATIVE_DRY = [(5, 0.05)]
EVAPORATIVE_WET = [(5, 0.05), (15, 0.07), (24, 0.16)]


def test_free_cooling_is_flat_below_the_coldest_breakpoint():
    clf = cooling.cooling_load_factor([-25.0, 2.0], [-26.0, 0.0], dry_bulb_points=AIR_CHILLER)
    assert clf == pytest.approx([0.10, 0.10])


def test_air_cooled_chiller_follows_the_dry_bulb():
    clf = cooling.cooling_load_factor([25.0, 25.0], [10.0, 20.0], dry_bulb_points=AIR_CHILLER)
    assert clf == pytest.approx([0.25, 0.25])


def test_tower_follows_the_wet_bulb():
    clf = cooling.cooling_load_factor([19.0, 35.0], [19.0, 19.0], wet_bulb_points=WATER_CHILLER)
    assert clf == pytest.approx([0.19, 0.19])


def test_heat_beyond_the_last_breakpoint_is_not_extrapolated():
    clf = cooling.cooling_load_factor(45.0, 30.0, wet_bulb_points=WATER_CHILLER)
    assert clf == pytest.approx(0.24)


def test_indirect_evaporative_runs_dry_in_the_cold_and_wet_in_the_heat():
    clf = cooling.cooling_load_factor(
        [-10.0, 20.0, 33.0],
        [-11.0, 15.0, 24.0],
        dry_bulb_points=EVAPORATIVE_DRY,
        wet_bulb_points=EVAPORATIVE_WET,
        dry_mode_below_degc=5.0,
    )
    assert clf == pytest.approx([0.05, 0.07, 0.16])


def test_two_curves_without_the_change_over_are_refused():
    with pytest.raises(ValueError, match="both curves"):
        cooling.cooling_load_factor(
            20.0, 15.0, dry_bulb_points=EVAPORATIVE_DRY, wet_bulb_points=EVAPORATIVE_WET
        )


def test_a_design_without_a_curve_is_refused():
    with pytest.raises(ValueError, match="breakpoints"):
        cooling.cooling_load_factor(20.0, 15.0)


@pytest.mark.parametrize("points", [[(5, 0.1), (5, 0.2)], [(9, 0.1), (5, 0.2)]])
def test_breakpoints_must_rise(points):
    with pytest.raises(ValueError, match="rise"):
        cooling.piecewise_linear(points, 7.0)


def test_breakpoints_must_be_pairs():
    with pytest.raises(ValueError, match="pairs"):
        cooling.piecewise_linear([(1, 2, 3)], 7.0)


def test_plateau_air_costs_fans_eighteen_per_cent():
    assert cooling.altitude_factor(86000.0, fan_share=1.0) == pytest.approx(1.178, abs=0.001)


def test_altitude_does_not_touch_what_is_not_a_fan():
    assert cooling.altitude_factor(86000.0, fan_share=0.0) == 1.0


def test_at_full_load_cooling_is_the_load_factor_times_it():
    slope, fixed = cooling.cooling_coefficients(0.20, 0.15)
    assert slope == pytest.approx(0.17)
    assert fixed == pytest.approx(0.03)


@pytest.mark.parametrize(("load", "anchor"), [(1.0, 1.0), (0.7, 1.0), (0.5, 1.1), (0.3, 1.35)])
def test_part_load_law_stays_within_the_field_s_anchors(load, anchor):
    slope, fixed = cooling.cooling_coefficients(0.20, 0.15)
    per_it = (slope * load + fixed) / load
    assert per_it / 0.20 == pytest.approx(anchor, rel=0.065)


@given(st.floats(0, 1), st.floats(0, 1))
def test_slope_and_fixed_part_add_up_to_the_load_factor(clf, fixed_share):
    slope, fixed = cooling.cooling_coefficients(clf, fixed_share)
    assert slope + fixed == pytest.approx(clf)
    assert slope >= 0
    assert fixed >= 0


def test_coefficients_keep_the_hours():
    slope, fixed = cooling.cooling_coefficients(np.array([0.1, 0.2, 0.3]), 0.5)
    assert slope == pytest.approx([0.05, 0.10, 0.15])
    assert fixed == pytest.approx([0.05, 0.10, 0.15])


@pytest.mark.parametrize(("clf", "fixed_share"), [(-0.1, 0.1), (0.1, 1.1), (0.1, -0.1)])
def test_impossible_cooling_is_refused(clf, fixed_share):
    with pytest.raises(ValueError, match=r"fixed share|negative"):
        cooling.cooling_coefficients(clf, fixed_share)


def test_losses_meet_the_rated_share_and_the_part_load_extra():
    slope, fixed = cooling.loss_coefficients(0.06, part_load_extra=0.02, part_load=0.3)
    assert slope + fixed == pytest.approx(0.06)
    assert slope + fixed / 0.3 == pytest.approx(0.08)


def test_a_constant_loss_share_has_no_fixed_part():
    assert cooling.loss_coefficients(0.04, part_load_extra=0.0, part_load=0.3) == (0.04, 0.0)


@pytest.mark.parametrize(
    ("rated", "extra", "load"), [(-0.1, 0.0, 0.3), (0.01, 0.5, 0.3), (0.06, 0.02, 1.0)]
)
def test_impossible_losses_are_refused(rated, extra, load):
    with pytest.raises(ValueError, match=r"loss|part load"):
        cooling.loss_coefficients(rated, part_load_extra=extra, part_load=load)


def test_impossible_fan_share_is_refused():
    with pytest.raises(ValueError, match="fan share"):
        cooling.altitude_factor(86000.0, fan_share=1.2)

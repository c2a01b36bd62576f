"""From wind speed to the output of a farm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.physics import wind

STANDARD_AIR = 1.225


def test_wind_doubles_over_a_thousandfold_height_with_a_shear_of_a_tenth():
    speed = wind.hub_speed(5.0, height_m=10.0, hub_height_m=10240.0, shear_exponent=0.1)
    assert speed == pytest.approx(10.0)


def test_no_shear_leaves_the_wind_as_measured():
    assert wind.hub_speed(6.2, height_m=10.0, hub_height_m=90.0, shear_exponent=0.0) == 6.2


def test_shear_may_differ_by_day_and_night():
    shear = np.array([0.0, 0.5])
    speed = wind.hub_speed(3.0, height_m=10.0, hub_height_m=90.0, shear_exponent=shear)
    assert speed == pytest.approx([3.0, 9.0])


def test_standard_air_needs_no_correction():
    assert wind.density_corrected_speed(8.0, STANDARD_AIR) == pytest.approx(8.0)


def test_an_eighth_of_the_density_counts_as_half_the_speed():
    assert wind.density_corrected_speed(8.0, STANDARD_AIR / 8) == pytest.approx(4.0)


def test_a_lone_turbine_follows_its_own_curve():
    factor = wind.wind_capacity_factor(
        [0.0, 2.5, 6.0, 12.0, 20.0, 30.0], STANDARD_AIR, smoothing_m_s=0.0, losses=0.0
    )
    assert factor == pytest.approx([0.0, 0.0, 0.265, 1.0, 1.0, 0.0])


def test_losses_are_a_share_of_output():
    whole = wind.wind_capacity_factor(9.0, STANDARD_AIR, losses=0.0)
    assert wind.wind_capacity_factor(9.0, STANDARD_AIR, losses=0.25) == pytest.approx(0.75 * whole)


def test_a_farm_starts_earlier_and_fills_later_than_one_turbine():
    alone = wind.wind_capacity_factor([2.4, 11.0], STANDARD_AIR, smoothing_m_s=0.0)
    farm = wind.wind_capacity_factor([2.4, 11.0], STANDARD_AIR, smoothing_m_s=1.6)
    assert farm[0] > alone[0]
    assert farm[1] < alone[1]


def test_calm_gives_nothing_however_wide_the_farm():
    assert wind.wind_capacity_factor(0.0, STANDARD_AIR, smoothing_m_s=3.0) == 0.0


def test_plateau_air_gives_less_from_the_same_wind():
    assert wind.wind_capacity_factor(7.0, 1.03) < wind.wind_capacity_factor(7.0, STANDARD_AIR)


@given(
    st.lists(st.floats(0, 60), min_size=1, max_size=20),
    st.floats(0.7, 1.5),
    st.floats(0, 3),
    st.floats(0, 1),
)
@settings(max_examples=100, deadline=None)
def test_capacity_factor_stays_between_nothing_and_everything(speeds, density, spread, losses):
    factor = wind.wind_capacity_factor(speeds, density, smoothing_m_s=spread, losses=losses)
    assert np.all((factor >= 0) & (factor <= 1))


@given(st.floats(0, 15), st.floats(0, 15))
@settings(max_examples=100, deadline=None)
def test_more_wind_below_the_storm_never_gives_less(one, other):
    low, high = sorted((one, other))
    factor = wind.wind_capacity_factor([low, high], STANDARD_AIR)
    assert factor[0] <= factor[1] + 1e-12


@pytest.mark.parametrize("losses", [-0.1, 1.1])
def test_impossible_losses_are_refused(losses):
    with pytest.raises(ValueError, match="losses"):
        wind.wind_capacity_factor(8.0, STANDARD_AIR, losses=losses)


def test_negative_wind_is_refused():
    with pytest.raises(ValueError, match="negative"):
        wind.wind_capacity_factor([3.0, -1.0], STANDARD_AIR)


def test_a_curve_with_falling_speeds_is_refused():
    with pytest.raises(ValueError, match="rise"):
        wind.farm_power_curve(((5.0, 0.1), (4.0, 0.2)))


def test_a_curve_above_rated_power_is_refused():
    with pytest.raises(ValueError, match="share"):
        wind.farm_power_curve(((3.0, 0.0), (10.0, 1.5)))


def test_a_height_below_ground_is_refused():
    with pytest.raises(ValueError, match="heights"):
        wind.hub_speed(5.0, height_m=0.0, hub_height_m=90.0, shear_exponent=0.1)

"""Moist air against tables a planner can look up, and against PsychroLib."""


import numpy as np
import psychrolib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.physics import psychrometrics as air

SEA_LEVEL_PA = 101325.0
PLATEAU_PA = 86000.0

dry_bulbs = st.floats(-40, 50)
humidities = st.floats(0, 1)
pressures = st.floats(60000, 105000)


@pytest.mark.parametrize(("degc", "pascal"), [(-20, 103.24), (0, 611.15), (20, 2338.8), (40, 7383)])
def test_saturation_pressure_agrees_with_the_steam_table(degc, pascal):
    assert air.saturation_pressure(degc) == pytest.approx(pascal, rel=1e-3)


def test_wet_bulb_of_a_summer_afternoon_stands_on_the_psychrometric_chart():
    assert air.wet_bulb(30.0, 0.5, SEA_LEVEL_PA) == pytest.approx(22.0, abs=0.1)


def test_saturated_air_has_its_own_temperature_as_wet_bulb():
    degc = np.array([-20.0, -1.0, 0.0, 5.0, 30.0])
    assert air.wet_bulb(degc, 1.0, PLATEAU_PA) == pytest.approx(degc, abs=1e-3)


def test_thinner_air_evaporates_to_a_lower_wet_bulb():
    assert air.wet_bulb(30.0, 0.3, PLATEAU_PA) < air.wet_bulb(30.0, 0.3, SEA_LEVEL_PA)


def test_wet_bulb_agrees_with_psychrolib_within_a_twentieth_of_a_kelvin():
    psychrolib.SetUnitSystem(psychrolib.SI)
    rng = np.random.default_rng(7)
    dry, humidity = rng.uniform(-30, 42, 3000), rng.uniform(0.05, 1.0, 3000)
    pressure = rng.uniform(80000, 103000, 3000)
    ours = air.wet_bulb(dry, humidity, pressure)
    theirs = np.array(
        [
            psychrolib.GetTWetBulbFromRelHum(*state)
            for state in zip(dry, humidity, pressure, strict=True)
        ]
    )
    # around freezing a wick of ice and one of water both have an answer, and either is right
    is_clear = np.abs(theirs) > 0.7
    assert is_clear.mean() > 0.95
    assert np.abs(ours - theirs)[is_clear].max() < 0.05


def test_wet_bulb_below_zero_is_that_of_ice():
    psychrolib.SetUnitSystem(psychrolib.SI)
    ratio = psychrolib.GetHumRatioFromTWetBulb(-8.0, -10.0, PLATEAU_PA)
    humidity = psychrolib.GetRelHumFromHumRatio(-8.0, ratio, PLATEAU_PA)
    assert air.wet_bulb(-8.0, humidity, PLATEAU_PA) == pytest.approx(-10.0, abs=1e-3)


@given(dry_bulbs, humidities, pressures)
@settings(max_examples=200, deadline=None)
def test_wet_bulb_never_exceeds_dry_bulb(dry, humidity, pressure):
    assert air.wet_bulb(dry, humidity, pressure) <= dry + 1e-6


@given(dry_bulbs, humidities, humidities, pressures)
@settings(max_examples=200, deadline=None)
def test_moister_air_has_a_higher_wet_bulb(dry, one, other, pressure):
    low, high = sorted((one, other))
    wet = air.wet_bulb(dry, np.array([low, high]), pressure)
    assert wet[0] <= wet[1] + 1e-6


@pytest.mark.parametrize(("humidity", "pressure"), [(1.01, 1e5), (-0.1, 1e5), (0.5, 0.0)])
def test_impossible_air_is_refused(humidity, pressure):
    with pytest.raises(ValueError, match="must be"):
        air.wet_bulb(20.0, humidity, pressure)


def test_per_cent_instead_of_a_share_is_refused():
    with pytest.raises(ValueError, match="share"):
        air.wet_bulb(20.0, 50.0, SEA_LEVEL_PA)


def test_dry_air_at_fifteen_degrees_has_the_standard_density():
    assert air.air_density(15.0, 0.0, SEA_LEVEL_PA) == pytest.approx(1.225, abs=0.001)


def test_air_at_fourteen_hundred_metres_is_fifteen_per_cent_thinner():
    ratio = air.air_density(15.0, 0.0, PLATEAU_PA) / air.air_density(15.0, 0.0, SEA_LEVEL_PA)
    assert ratio == pytest.approx(0.85, abs=0.002)


def test_moist_air_is_lighter_than_dry_air():
    assert air.air_density(30.0, 1.0, SEA_LEVEL_PA) < air.air_density(30.0, 0.0, SEA_LEVEL_PA)


def test_humidity_ratio_of_vapour_at_half_the_pressure_is_the_ratio_of_masses():
    assert air.humidity_ratio(50000.0, 100000.0) == pytest.approx(0.621945)

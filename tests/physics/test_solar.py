"""The sun over Zhangbei and what a PV plant makes of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.physics import solar

HOURS = 8760
NOON_OF_JUNE_21 = 171 * 24 + 12
NOON_OF_DECEMBER_21 = 354 * 24 + 12
MIDNIGHT = 24 * 100


ZHANGBEI = solar.sun_path(41.15, 114.70, 1393.0)


@pytest.fixture
def sun():
    return ZHANGBEI


def plant(sun, ghi=0.0, dni=0.0, dhi=0.0, degc=25.0, wind=2.0, **card):
    """Capacity factor in constant weather; a plain card unless said otherwise."""
    card = {"tilt_deg": 35.0, "dc_ac_ratio": 1.0, "losses": 0.0} | card
    year = [np.full(HOURS, float(value)) for value in (ghi, dni, dhi, degc, wind)]
    return solar.pv_capacity_factor(*year, sun=sun, **card)


def test_midsummer_noon_sun_stands_latitude_less_tilt_of_the_earth_from_the_zenith(sun):
    assert sun.zenith_deg[NOON_OF_JUNE_21] == pytest.approx(41.15 - 23.44, abs=0.5)


def test_midwinter_noon_sun_stands_latitude_plus_tilt_of_the_earth_from_the_zenith(sun):
    assert sun.zenith_deg[NOON_OF_DECEMBER_21] == pytest.approx(41.15 + 23.44, abs=0.5)


def test_noon_sun_is_in_the_south_and_morning_sun_in_the_east(sun):
    assert sun.azimuth_deg[NOON_OF_DECEMBER_21] == pytest.approx(180, abs=5)
    assert sun.azimuth_deg[NOON_OF_JUNE_21 - 6] == pytest.approx(75, abs=10)


def test_midnight_is_dark(sun):
    assert sun.cos_zenith[MIDNIGHT] == 0.0
    ghi, dni = solar.clear_sky(sun, 86000.0)
    assert ghi[MIDNIGHT] == 0.0
    assert dni[MIDNIGHT] == 0.0


def test_clear_plateau_noon_in_june_brings_about_a_kilowatt(sun):
    ghi, dni = solar.clear_sky(sun, 86000.0)
    assert 950 < ghi[NOON_OF_JUNE_21] < 1100
    assert 850 < dni[NOON_OF_JUNE_21] < 1050


def test_split_radiation_adds_up_again(sun):
    ghi, _ = solar.clear_sky(sun, 86000.0)
    dni, dhi = solar.split_global(0.8 * ghi, sun)
    assert dhi + dni * sun.cos_zenith == pytest.approx(0.8 * ghi, abs=1e-6)
    assert dni.min() >= 0
    assert dhi.min() >= 0


def test_a_dull_noon_is_mostly_diffuse_and_a_bright_one_mostly_direct(sun):
    ghi, _ = solar.clear_sky(sun, 86000.0)
    for brightness, low, high in ((0.2, 0.9, 1.0), (1.0, 0.05, 0.35)):
        _, dhi = solar.split_global(brightness * ghi, sun)
        assert low <= dhi[NOON_OF_JUNE_21] / (brightness * ghi[NOON_OF_JUNE_21]) <= high


def test_dry_air_leaves_more_direct_radiation(sun):
    ghi, _ = solar.clear_sky(sun, 86000.0)
    moist, _ = solar.split_global(0.7 * ghi, sun)
    dry, _ = solar.split_global(0.7 * ghi, sun, sharpness=2.0)
    assert dry.sum() > moist.sum()


def test_flat_modules_under_a_white_sky_give_the_radiation_they_get(sun):
    # Faiman: 500 / (25 + 6.84 * wind) above the air, so 5 degC air keeps the cell near 25
    factor = plant(sun, ghi=500, dhi=500, tilt_deg=0.0, degc=25 - 500 / 25, wind=0.0)
    assert factor[NOON_OF_JUNE_21] == pytest.approx(0.5 * 0.98, rel=0.01)


def test_a_hot_cell_loses_a_third_of_a_per_cent_per_kelvin(sun):
    mild, hot = (plant(sun, dhi=500, ghi=500, tilt_deg=0.0, degc=degc) for degc in (0.0, 10.0))
    lost = 1 - hot[NOON_OF_JUNE_21] / mild[NOON_OF_JUNE_21]
    assert lost == pytest.approx(0.035, abs=0.004)


def test_wind_cools_modules(sun):
    still, windy = (plant(sun, ghi=500, dhi=500, wind=wind) for wind in (0.0, 10.0))
    assert windy[NOON_OF_JUNE_21] > still[NOON_OF_JUNE_21]


def test_losses_are_a_share_of_module_power(sun):
    whole, less = (plant(sun, ghi=400, dhi=400, losses=losses) for losses in (0.0, 0.10))
    assert less[NOON_OF_JUNE_21] / whole[NOON_OF_JUNE_21] == pytest.approx(0.90, abs=0.005)


def test_oversized_modules_fill_the_inverter_and_no_more(sun):
    factor = plant(sun, ghi=900, dni=800, dhi=150, degc=0.0, dc_ac_ratio=1.5)
    assert factor.max() == 1.0


def test_night_gives_nothing(sun):
    ghi, dni = solar.clear_sky(sun, 86000.0)
    year = [ghi, dni, ghi - dni * sun.cos_zenith, np.zeros(HOURS), np.ones(HOURS)]
    factor = solar.pv_capacity_factor(*year, sun=sun, tilt_deg=35, dc_ac_ratio=1.2, losses=0.1)
    assert factor[sun.zenith_deg > 95].max() == 0.0


def test_tilted_modules_catch_more_of_the_winter_sun(sun):
    flat, tilted = (plant(sun, dni=600, tilt_deg=tilt) for tilt in (0.0, 40.0))
    assert tilted[NOON_OF_DECEMBER_21] > 1.5 * flat[NOON_OF_DECEMBER_21]


@given(
    st.floats(0, 1200), st.floats(0, 1100), st.floats(0, 700), st.floats(-35, 45), st.floats(0, 30)
)
@settings(max_examples=25, deadline=None)
def test_capacity_factor_stays_between_nothing_and_everything(ghi, dni, dhi, degc, wind):
    factor = plant(ZHANGBEI, ghi, dni, dhi, degc, wind, dc_ac_ratio=1.3)
    assert np.all((factor >= 0) & (factor <= 1))


@pytest.mark.parametrize("card", [{"losses": 1.2}, {"losses": -0.1}, {"dc_ac_ratio": 0.0}])
def test_impossible_cards_are_refused(sun, card):
    with pytest.raises(ValueError, match=r"losses|ratio"):
        plant(sun, **card)

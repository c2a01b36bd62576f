"""Noise with a memory, and what is measured of a year."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coplan.physics import timeseries

HOURS = np.arange(8760)
MONTHLY = [-13.9, -8.6, -2.8, 6.1, 12.0, 16.0, 18.9, 17.4, 10.9, 4.4, -6.3, -11.5]


def test_a_year_has_its_months_in_order():
    month = timeseries.month_of_hour()
    assert month[0] == 1
    assert month[31 * 24] == 2
    assert month[-1] == 12
    assert (month == 2).sum() == 28 * 24


def test_monthly_means_of_the_month_s_number_are_the_numbers():
    assert timeseries.monthly_mean(timeseries.month_of_hour()) == pytest.approx(np.arange(1, 13))


def test_smooth_year_keeps_the_monthly_means_exactly():
    assert timeseries.monthly_mean(timeseries.smooth_year(MONTHLY)) == pytest.approx(
        MONTHLY, abs=1e-6
    )


def test_smooth_year_has_no_step_at_new_year():
    curve = timeseries.smooth_year(MONTHLY)
    assert abs(curve[0] - curve[-1]) < 0.05


def test_a_flat_year_stays_flat():
    assert timeseries.smooth_year([7.0] * 12) == pytest.approx(np.full(8760, 7.0))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_noise_has_the_memory_asked_for_with_every_seed(seed):
    white = np.random.default_rng(seed).standard_normal(8760)
    noise = timeseries.with_memory(white, [(1.0, 24.0)])
    assert noise.mean() == pytest.approx(0, abs=1e-9)
    assert noise.std() == pytest.approx(1)
    circular = [np.mean(noise * np.roll(noise, lag)) for lag in (1, 6, 24)]
    assert circular == pytest.approx(np.exp(-np.array([1, 6, 24]) / 24), abs=0.02)


def test_noise_does_not_jump_at_new_year():
    white = np.random.default_rng(1).standard_normal(8760)
    noise = timeseries.with_memory(white, [(1.0, 100.0)])
    assert abs(noise[0] - noise[-1]) < 5 * np.abs(np.diff(noise)).std()


def test_a_wave_remembers_its_period_and_opposes_itself_half_way():
    wave = np.sin(2 * np.pi * HOURS / 24)
    assert timeseries.autocorrelation(wave, 24) == pytest.approx(1)
    assert timeseries.autocorrelation(wave, 12) == pytest.approx(-1)


def test_a_regular_climate_has_no_residual():
    year = 10 - 16 * np.cos(2 * np.pi * HOURS / 8760) + 4.5 * np.cos(2 * np.pi * HOURS / 24)
    assert timeseries.without_harmonics(year) == pytest.approx(np.zeros(8760), abs=1e-9)


def test_a_cold_spell_stays_in_the_residual():
    year = -16 * np.cos(2 * np.pi * HOURS / 8760)
    year[1000:1072] -= 10
    assert timeseries.without_harmonics(year)[1000:1072].mean() == pytest.approx(-10, abs=0.5)


def test_worst_mean_finds_the_lull():
    factor = np.full(100, 0.4)
    factor[50:60] = 0.1
    assert timeseries.worst_mean(factor, 10) == pytest.approx(0.1)
    assert timeseries.worst_mean(factor, 20) == pytest.approx(0.25)


def test_the_sun_stands_where_the_almanac_has_it():
    """At Zhangbei, 41.15° N 114.70° E, noon by the sun is 12 h + (120° - 114.70°) / 15° = 12:21, in
    the hour that begins at 12. At the solstices it stands 90° - 41.15° ± 23.45° high."""
    elevation = timeseries.sun_elevation_deg(41.15, 114.70).reshape(365, 24)
    assert elevation[171, 12] == pytest.approx(90 - 41.15 + 23.45, abs=0.5)  # 21 June
    assert elevation[354, 12] == pytest.approx(90 - 41.15 - 23.45, abs=0.5)  # 21 December
    assert elevation[171, 0] == pytest.approx(41.15 + 23.45 - 90, abs=0.5)  # midnight, 180° away
    assert elevation.argmax(axis=1).tolist() == [12] * 365

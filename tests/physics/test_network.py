"""Distances and delays between the region's sites."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coplan.physics.network import great_circle_km, one_way_latency_ms

BEIJING = (39.92, 116.48)
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)


@pytest.mark.parametrize(
    ("latitude", "longitude", "km"),
    [(41.16, 114.72, 203), (40.40, 115.60, 92), (40.61, 115.10, 140)],
)
def test_distance_to_beijing(latitude, longitude, km):
    assert great_circle_km(latitude, longitude, *BEIJING) == pytest.approx(km, abs=1)


def test_a_quarter_of_the_equator_is_ten_thousand_kilometres():
    assert great_circle_km(0, 0, 0, 90) == pytest.approx(10007.5, abs=0.1)


def test_sites_and_regions_make_a_table():
    table = great_circle_km(np.array([[41.16], [40.40]]), np.array([[114.72], [115.60]]), *BEIJING)
    assert table.shape == (2, 1)


@given(latitudes, longitudes, latitudes, longitudes)
def test_there_is_as_far_as_back(a, b, c, d):
    assert great_circle_km(a, b, c, d) == pytest.approx(great_circle_km(c, d, a, b))


def test_zhangbei_answers_beijing_within_a_millisecond_and_a_half():
    latency = one_way_latency_ms(203, route_factor=1.4, equipment_ms=0.0)
    assert latency == pytest.approx(1.42, abs=0.005)


def test_a_site_reaches_itself_through_its_equipment():
    assert one_way_latency_ms(0, route_factor=1.4, equipment_ms=0.1) == pytest.approx(0.1)


def test_no_route_is_shorter_than_straight():
    with pytest.raises(ValueError, match="straight"):
        one_way_latency_ms(100, route_factor=0.9, equipment_ms=0.1)


def test_delays_cannot_be_negative():
    with pytest.raises(ValueError, match="negative"):
        one_way_latency_ms(100, route_factor=1.4, equipment_ms=-0.1)

"""Distances, and boxes that lose nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepop.stores.geo import METRES_PER_MILE, box_around, distance_m

lats = st.floats(-89.9, 89.9)
lons = st.floats(-180, 180)


def test_known_distances() -> None:
    logan_to_boise = distance_m(41.7355, -111.8344, 43.6150, -116.2023) / METRES_PER_MILE
    assert logan_to_boise == pytest.approx(257, abs=3)
    assert distance_m(0, 179.9, 0, -179.9) == pytest.approx(22_239, abs=5)
    assert distance_m(10, 20, 10, 20) == 0


@given(lats, lons, lats, lons)
def test_both_ways_are_equally_long(lat1: float, lon1: float, lat2: float, lon2: float) -> None:
    there, back = distance_m(lat1, lon1, lat2, lon2), distance_m(lat2, lon2, lat1, lon1)
    assert there == pytest.approx(back, abs=1e-3)
    assert 0 <= there <= 20_016_000


@given(lats, lons, lats, lons, st.floats(1, 21_000_000))
def test_the_box_holds_everything_within_the_radius(
    lat: float, lon: float, other_lat: float, other_lon: float, radius: float
) -> None:
    if distance_m(lat, lon, other_lat, other_lon) > radius:
        return
    box = box_around(lat, lon, radius)
    assert box.south <= other_lat <= box.north
    if box.crosses_date_line:
        assert other_lon >= box.west or other_lon <= box.east
    else:
        assert box.west <= other_lon <= box.east

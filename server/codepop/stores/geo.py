"""Distances on the globe, and the box that a search in SQL may be limited to. Pure arithmetic."""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
METRES_PER_MILE = 1609.344  # international mile, exact


def distance_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in metres by the haversine formula; degrees in."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half_lat = math.sin((phi2 - phi1) / 2)
    half_lon = math.sin(math.radians(lon2 - lon1) / 2)
    chord = half_lat * half_lat + math.cos(phi1) * math.cos(phi2) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


@dataclass(frozen=True)
class Box:
    """A range of latitudes and longitudes in degrees. `west` > `east` means that it crosses the date line."""

    south: float
    north: float
    west: float
    east: float

    @property
    def crosses_date_line(self) -> bool:
        return self.west > self.east


def box_around(lat: float, lon: float, radius_m: float) -> Box:
    """The smallest box that surely holds every point within `radius_m` of the given one."""
    angle = radius_m / EARTH_RADIUS_M
    slack = 1e-9
    south, north = lat - math.degrees(angle) - slack, lat + math.degrees(angle) + slack
    ratio = math.sin(min(angle, math.pi / 2)) / max(math.cos(math.radians(lat)), 1e-12)
    if south <= -90 or north >= 90 or ratio >= 1:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    width = math.degrees(math.asin(ratio)) + slack
    return Box(south, north, _wrapped(lon - width), _wrapped(lon + width))


def _wrapped(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0

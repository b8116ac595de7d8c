"""Queries on places and machines. What leaves this feature are frozen values, never rows."""

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Avg, Count, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from codepop.stores.errors import DeviceRefused, DoorUnknown, HubUnknown, RobotUnknown, StoreUnknown
from codepop.stores.geo import METRES_PER_MILE, Box, box_around, distance_m
from codepop.stores.hours import Schedule, build_schedule, is_open
from codepop.stores.keys import device_key_hash
from codepop.stores.models import (
    WORKING_ROBOT_STATUSES,
    CoolerDoor,
    Device,
    DoorStatus,
    Hub,
    OpeningHours,
    Region,
    Robot,
    SpecialDay,
    Store,
)

FAR_AWAY_M = 20_100_000.0  # more than half of the earth's circumference: no limit
FIRST_SEARCH_RADIUS_M = 80_000.0


@dataclass(frozen=True, kw_only=True)
class StoreView:
    """A store as other features and the API see it. `robots_working` counts machines that can make a drink now."""

    id: UUID
    slug: str
    name: str
    address: str
    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    timezone: str
    currency: str
    tax_rate_bps: int
    accepting_orders: bool
    pause_reason: str
    region_id: UUID
    hub_id: UUID
    schedule: Schedule
    robots_working: int
    seconds_per_drink: int

    def is_open(self, at: datetime) -> bool:
        """Whether the opening hours hold this instant; orders may be paused nevertheless."""
        return is_open(self.schedule, at)

    def local_date(self, at: datetime) -> date:
        """The date on the store's wall clock, for seasons."""
        return self.schedule.local_date(at)


@dataclass(frozen=True)
class FoundStore:
    """A store of a search; the distance is None when no place was asked for."""

    store: StoreView
    distance_m: int | None


@dataclass(frozen=True, kw_only=True)
class RobotView:
    """A machine that makes drinks; `working` is False while it must not be given work."""

    id: UUID
    store_id: UUID
    number: int
    name: str
    status: str
    status_text: str
    working: bool
    seconds_per_drink: int


@dataclass(frozen=True, kw_only=True)
class DoorView:
    """A cooler door as a thing; `working` is False while it must not be given to an order."""

    id: UUID
    store_id: UUID
    number: int
    status: str
    working: bool


@dataclass(frozen=True, kw_only=True)
class DeviceView:
    """A device that has shown its key. `robot_id` is None for a door controller."""

    id: UUID
    kind: str
    store_id: UUID
    robot_id: UUID | None
    name: str


@dataclass(frozen=True, kw_only=True)
class HubView:
    """A warehouse with its reach."""

    id: UUID
    slug: str
    name: str
    region_id: UUID
    lat: float
    lon: float
    timezone: str
    reach_miles: int


@dataclass(frozen=True)
class RegionView:
    """An area with the number of its stores."""

    id: UUID
    code: str
    name: str
    stores: int


def get_store(store_id: UUID) -> StoreView:
    """The store with its hours and robots, in one query. Raises StoreUnknown."""
    return _one(Q(id=store_id))


def get_store_by_slug(slug: str) -> StoreView:
    """The store with this slug, in one query. Raises StoreUnknown."""
    if "\x00" in slug:
        raise StoreUnknown
    return _one(Q(slug=slug))


def list_stores(store_ids: Iterable[UUID] | None = None) -> list[StoreView]:
    """All stores, or those with the given ids, in the chain's own order; one query."""
    rows = _rows() if store_ids is None else _rows().filter(id__in=list(store_ids))
    return [_view(row) for row in rows]


def search_stores(*, text: str, limit: int) -> list[FoundStore]:
    """Stores whose name, address, city, state or postal code hold every word of the text, in the chain's own order."""
    return [FoundStore(_view(row), None) for row in _with_words(_rows(), text)[:limit]]


def nearest_stores(*, lat: float, lon: float, limit: int, text: str = "") -> list[FoundStore]:
    """The stores nearest to a place, nearest first, exact by great circle.

    Looks into a box that grows until it surely holds the answer, so that a chain of any size costs few rows: every
    store outside the box is further away than the box's radius, hence those within the radius are the nearest.
    """
    radius = FIRST_SEARCH_RADIUS_M
    while True:
        rows = _within(_with_words(_rows(), text), box_around(lat, lon, radius))
        found = sorted(
            (FoundStore(_view(row), round(distance_m(lat, lon, row.lat, row.lon))) for row in rows),
            key=lambda one: (one.distance_m or 0, one.store.slug),
        )
        sure = [one for one in found if one.distance_m is not None and one.distance_m <= radius]
        if len(sure) >= limit or radius >= FAR_AWAY_M:
            return (sure if len(sure) >= limit else found)[:limit]
        radius = FAR_AWAY_M if radius > FIRST_SEARCH_RADIUS_M else radius * 8


def pickup_key(store_id: UUID) -> bytes:
    """The 32 secret bytes that sign this store's pickup codes. Raises StoreUnknown."""
    sealed = Store.objects.filter(id=store_id).only("pickup_key").first()
    if sealed is None:
        raise StoreUnknown
    return base64.b64decode(sealed.pickup_key)


def robot(robot_id: UUID) -> RobotView:
    """One machine as it stands. Raises RobotUnknown."""
    row = Robot.objects.filter(id=robot_id).first()
    if row is None:
        raise RobotUnknown
    return _robot(row)


def robots(store_id: UUID) -> list[RobotView]:
    """A store's robots by number."""
    return robots_of([store_id])[store_id]


def robots_of(store_ids: Sequence[UUID]) -> dict[UUID, list[RobotView]]:
    """The robots of several stores by number, in one query."""
    found: dict[UUID, list[RobotView]] = {store_id: [] for store_id in store_ids}
    for row in Robot.objects.filter(store_id__in=store_ids).order_by("number"):
        found[row.store_id].append(_robot(row))
    return found


def door(door_id: UUID) -> DoorView:
    """One cooler door as a thing. Raises DoorUnknown."""
    row = CoolerDoor.objects.filter(id=door_id).first()
    if row is None:
        raise DoorUnknown
    return _door(row)


def doors(store_id: UUID) -> list[DoorView]:
    """A store's cooler doors by number."""
    return [_door(row) for row in CoolerDoor.objects.filter(store_id=store_id).order_by("number")]


def authenticate_device(device_id: UUID | str, key: str) -> DeviceView:
    """The device that this key belongs to. Raises DeviceRefused, with one text for every cause."""
    try:
        row = Device.objects.filter(id=UUID(str(device_id)), active=True).first()
    except ValueError:
        row = None
    if row is None or not hmac.compare_digest(row.key_hash, device_key_hash(key)):
        raise DeviceRefused
    return _device(row)


def accepted_devices(keys: Mapping[str, str]) -> list[DeviceView]:
    """Those devices (by id) whose key is still the right one; unknown ids are left out. One query."""
    rows = Device.objects.filter(id__in=list(keys), active=True)
    return [_device(row) for row in rows if hmac.compare_digest(row.key_hash, device_key_hash(keys[str(row.id)]))]


def devices(store_id: UUID) -> list[DeviceView]:
    """A store's devices, robots first, without their keys."""
    rows = Device.objects.filter(store_id=store_id).order_by("-kind", "name")
    return [_device(row) for row in rows]


def hub(hub_id: UUID) -> HubView:
    """One warehouse. Raises HubUnknown."""
    row = Hub.objects.filter(id=hub_id).first()
    if row is None:
        raise HubUnknown
    return _hub(row)


def hubs_for(store: StoreView) -> list[tuple[HubView, float]]:
    """The hubs that may supply a store with their distance in miles: its own first, then others within reach."""
    found = []
    for row in Hub.objects.all():
        miles = distance_m(row.lat, row.lon, store.lat, store.lon) / METRES_PER_MILE
        if row.id == store.hub_id or row.region_id == store.region_id or miles <= row.reach_miles:
            found.append((_hub(row), miles))
    return sorted(found, key=lambda pair: (pair[0].id != store.hub_id, pair[1]))


def regions() -> list[RegionView]:
    """All regions by name, with how many stores each has."""
    rows = Region.objects.annotate(number=Count("stores")).order_by("name")
    return [RegionView(row.id, row.code, row.name, row.number) for row in rows]


def _rows() -> QuerySet[Store]:
    hours = OpeningHours.objects.filter(store=OuterRef("pk")).order_by("weekday", "opens_minute")
    special = SpecialDay.objects.filter(store=OuterRef("pk")).order_by("date", "opens_minute")
    working = Q(robots__status__in=WORKING_ROBOT_STATUSES)
    return (
        Store.objects.defer("pickup_key")
        .annotate(
            weekly_rows=ArraySubquery(
                hours.values(row=JSONObject(weekday=F("weekday"), opens=F("opens_minute"), closes=F("closes_minute")))
            ),
            special_rows=ArraySubquery(
                special.values(row=JSONObject(date=F("date"), opens=F("opens_minute"), closes=F("closes_minute")))
            ),
            robots_working=Count("robots", filter=working),
            seconds_per_drink=Avg("robots__seconds_per_drink", filter=working),
        )
        .order_by("position", "name")
    )


def _one(condition: Q) -> StoreView:
    row = _rows().filter(condition).first()
    if row is None:
        raise StoreUnknown
    return _view(row)


def _with_words(rows: QuerySet[Store], text: str) -> QuerySet[Store]:
    for word in text.split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(city__icontains=word)
            | Q(address__icontains=word)
            | Q(state__iexact=word)
            | Q(postal_code__startswith=word)
        )
    return rows


def _within(rows: QuerySet[Store], box: Box) -> QuerySet[Store]:
    rows = rows.filter(lat__gte=box.south, lat__lte=box.north)
    if box.crosses_date_line:
        return rows.filter(Q(lon__gte=box.west) | Q(lon__lte=box.east))
    return rows.filter(lon__gte=box.west, lon__lte=box.east)


def _view(row: Any) -> StoreView:
    return StoreView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        address=row.address,
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        lat=row.lat,
        lon=row.lon,
        timezone=row.timezone,
        currency=row.currency,
        tax_rate_bps=row.tax_rate_bps,
        accepting_orders=row.accepting_orders,
        pause_reason=row.pause_reason,
        region_id=row.region_id,
        hub_id=row.hub_id,
        schedule=build_schedule(
            timezone=row.timezone,
            weekly=[(one["weekday"], one["opens"], one["closes"]) for one in row.weekly_rows],
            special=[(one["date"], one["opens"], one["closes"]) for one in row.special_rows],
        ),
        robots_working=row.robots_working,
        seconds_per_drink=round(row.seconds_per_drink or 0),
    )


def _robot(row: Robot) -> RobotView:
    return RobotView(
        id=row.id,
        store_id=row.store_id,
        number=row.number,
        name=row.name,
        status=row.status,
        status_text=row.get_status_display(),
        working=row.status in WORKING_ROBOT_STATUSES,
        seconds_per_drink=row.seconds_per_drink,
    )


def _door(row: CoolerDoor) -> DoorView:
    return DoorView(
        id=row.id,
        store_id=row.store_id,
        number=row.number,
        status=row.status,
        working=row.status == DoorStatus.WORKING,
    )


def _device(row: Device) -> DeviceView:
    return DeviceView(id=row.id, kind=row.kind, store_id=row.store_id, robot_id=row.robot_id, name=row.name)


def _hub(row: Hub) -> HubView:
    return HubView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        region_id=row.region_id,
        lat=row.lat,
        lon=row.lon,
        timezone=row.timezone,
        reach_miles=row.reach_miles,
    )

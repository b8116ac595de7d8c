"""Queries on places and machines. What leaves this feature are frozen values, never rows."""

import base64
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from codepop.core.statements import fetch_one
from codepop.stores.errors import DeviceRefused, DoorUnknown, HubUnknown, RobotUnknown, StoreUnknown
from codepop.stores.geo import METRES_PER_MILE, Box, box_around, distance_m
from codepop.stores.keys import device_key_hash
from codepop.stores.models import (
    WORKING_ROBOT_STATUSES,
    CoolerDoor,
    Device,
    DoorStatus,
    Hub,
    Region,
    Robot,
    Store,
)
from codepop.stores.snapshots import StoreView as StoreView
from codepop.stores.snapshots import store_views

FAR_AWAY_M = 20_100_000.0  # more than half of the earth's circumference: no limit
FIRST_SEARCH_RADIUS_M = 80_000.0


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
    status_since: datetime | None
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
    """The store with its hours and robots: one small query, and one more after it changed. Raises StoreUnknown."""
    return _one("SELECT id, version FROM stores_store WHERE id = %s", store_id)


def get_store_by_slug(slug: str) -> StoreView:
    """The store with this slug, as `get_store`. Raises StoreUnknown."""
    if "\x00" in slug:
        raise StoreUnknown
    return _one("SELECT id, version FROM stores_store WHERE slug = %s", slug)


def _one(statement: str, key: UUID | str) -> StoreView:
    row = fetch_one(statement, [key])
    found = store_views(dict([row])) if row else {}
    if not found:
        raise StoreUnknown
    return next(iter(found.values()))


def list_stores(store_ids: Iterable[UUID] | None = None) -> list[StoreView]:
    """All stores, or those with the given ids, in the chain's own order."""
    rows = Store.objects.all() if store_ids is None else Store.objects.filter(id__in=list(store_ids))
    return list(store_views(dict(rows.values_list("id", "version"))).values())


def search_stores(*, text: str, limit: int) -> list[FoundStore]:
    """Stores whose name, address, city, state or postal code hold every word of the text, in the chain's own order."""
    rows = _with_words(Store.objects.all(), text)[:limit]
    return [FoundStore(view, None) for view in store_views(dict(rows.values_list("id", "version"))).values()]


def nearest_stores(*, lat: float, lon: float, limit: int, text: str = "") -> list[FoundStore]:
    """The stores nearest to a place, nearest first, exact by great circle.

    Looks into a box that grows until it surely holds the answer, so that a chain of any size costs few rows: every
    store outside the box is further away than the box's radius, hence those within the radius are the nearest.
    """
    radius = FIRST_SEARCH_RADIUS_M
    while True:
        near = _within(_with_words(Store.objects.all(), text), box_around(lat, lon, radius))
        found = sorted(
            (distance_m(lat, lon, store_lat, store_lon), store_id, version)
            for store_id, version, store_lat, store_lon in near.values_list("id", "version", "lat", "lon")
        )
        sure = [one for one in found if one[0] <= radius]
        if len(sure) >= limit or radius >= FAR_AWAY_M:
            break
        radius = FAR_AWAY_M if radius > FIRST_SEARCH_RADIUS_M else radius * 8
    chosen = found[:limit]
    views = store_views({store_id: version for _, store_id, version in chosen})
    return [FoundStore(views[store_id], round(metres)) for metres, store_id, _ in chosen if store_id in views]


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


def _robot(row: Robot) -> RobotView:
    return RobotView(
        id=row.id,
        store_id=row.store_id,
        number=row.number,
        name=row.name,
        status=row.status,
        status_text=row.get_status_display(),
        status_since=row.status_since,
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

"""Setting up regions, hubs and stores from data: many at once, and again at any time.

What people change while a store runs (its hours, a pause, the state of its machines) is set once, when it is new,
and never overwritten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from codepop.core.db import transaction_required
from codepop.stores.errors import StoreDataInvalid
from codepop.stores.keys import new_pickup_key
from codepop.stores.models import CoolerDoor, Hub, OpeningHours, Region, Robot, Store

ROBOT_SECONDS_PER_DRINK = 45


@dataclass(frozen=True, kw_only=True)
class HubSpec:
    """A region's warehouse as data."""

    slug: str
    name: str
    address: str
    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    timezone: str


@dataclass(frozen=True, kw_only=True)
class RegionSpec:
    code: str
    name: str
    hub: HubSpec


@dataclass(frozen=True, kw_only=True)
class StoreSpec:
    """A store as data; `hours` are (weekday, opens minute, closes minute)."""

    slug: str
    name: str
    region: str
    address: str
    city: str
    state: str
    postal_code: str
    lat: float
    lon: float
    timezone: str
    tax_rate_bps: int
    hours: Sequence[tuple[int, int, int]]
    robots: int
    doors: int
    currency: str = "usd"


_OWN_FIELDS = (
    "slug",
    "name",
    "address",
    "city",
    "state",
    "postal_code",
    "lat",
    "lon",
    "timezone",
    "currency",
    "tax_rate_bps",
)


@transaction_required
def put_regions(specs: Iterable[RegionSpec]) -> dict[str, UUID]:
    """Make or update regions with their hubs; returns the regions' ids by code. Raises StoreDataInvalid."""
    specs = list(specs)
    for spec in specs:
        _check_zone(spec.hub.slug, spec.hub.timezone)
    Region.objects.bulk_create(
        (Region(code=spec.code, name=spec.name) for spec in specs),
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name"],
    )
    ids = dict(Region.objects.values_list("code", "id"))
    Hub.objects.bulk_create(
        (Hub(region_id=ids[spec.code], **asdict(spec.hub)) for spec in specs),
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[name for name in asdict(specs[0].hub) if name != "slug"] if specs else ["name"],
    )
    return ids


@transaction_required
def put_stores(specs: Iterable[StoreSpec]) -> dict[str, UUID]:
    """Make or update stores and give new ones their hours, key, robots and doors; returns ids by slug.

    The regions must exist. The order of the specs is the chain's own order. Raises StoreDataInvalid.
    """
    specs = list(specs)
    hubs = {hub.region.code: hub for hub in Hub.objects.select_related("region")}
    for spec in specs:
        _check_zone(spec.slug, spec.timezone)
        if spec.region not in hubs:
            raise StoreDataInvalid(fields={spec.slug: f"Region {spec.region!r} has no hub: add it to the regions."})
    Store.objects.bulk_create(
        (_store(spec, hubs[spec.region], position) for position, spec in enumerate(specs, 1)),
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=[*(name for name in _OWN_FIELDS if name != "slug"), "position", "region", "hub"],
    )
    ids = dict(Store.objects.values_list("slug", "id"))
    _put_hours(specs, ids)
    _put_machines(specs, ids)
    return ids


def _store(spec: StoreSpec, hub: Hub, position: int) -> Store:
    own = {name: getattr(spec, name) for name in _OWN_FIELDS}
    return Store(**own, position=position, region_id=hub.region_id, hub=hub, pickup_key=new_pickup_key())


def _put_hours(specs: Sequence[StoreSpec], ids: dict[str, UUID]) -> None:
    have = set(OpeningHours.objects.values_list("store_id", flat=True).distinct())
    OpeningHours.objects.bulk_create(
        OpeningHours(store_id=ids[spec.slug], weekday=weekday, opens_minute=opens, closes_minute=closes)
        for spec in specs
        if ids[spec.slug] not in have
        for weekday, opens, closes in spec.hours
    )


def _put_machines(specs: Sequence[StoreSpec], ids: dict[str, UUID]) -> None:
    Robot.objects.bulk_create(
        (
            Robot(
                store_id=ids[spec.slug],
                number=number,
                name=f"Robot {number}",
                seconds_per_drink=ROBOT_SECONDS_PER_DRINK,
            )
            for spec in specs
            for number in range(1, spec.robots + 1)
        ),
        ignore_conflicts=True,
    )
    CoolerDoor.objects.bulk_create(
        (CoolerDoor(store_id=ids[spec.slug], number=number) for spec in specs for number in range(1, spec.doors + 1)),
        ignore_conflicts=True,
    )


def _check_zone(slug: str, timezone: str) -> None:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StoreDataInvalid(
            fields={slug: f"{timezone!r} is not a time zone; write one like America/Denver."}
        ) from error

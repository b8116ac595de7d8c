"""Rows of places with every value defaulted. A store is open around the clock unless `hours` says otherwise."""

from collections.abc import Sequence
from itertools import count

from codepop.stores.keys import device_key_hash, new_device_key, new_pickup_key
from codepop.stores.models import (
    CoolerDoor,
    Device,
    DeviceKind,
    Hub,
    OpeningHours,
    Region,
    Robot,
    RobotStatus,
    Store,
)

ALWAYS_OPEN: tuple[tuple[int, int, int], ...] = tuple((weekday, 0, 1440) for weekday in range(7))
_number = count(1)


def make_region(*, code: str | None = None, name: str = "Logan") -> Region:
    return Region.objects.create(code=code or f"region-{next(_number)}", name=name)


def make_hub(*, region: Region | None = None, slug: str | None = None, name: str = "Logan hub") -> Hub:
    return Hub.objects.create(
        slug=slug or f"hub-{next(_number)}",
        name=name,
        region=region or make_region(),
        address="1000 West 200 North",
        city="Logan",
        state="UT",
        postal_code="84321",
        lat=41.7355,
        lon=-111.8344,
        timezone="America/Denver",
    )


def make_store(
    *,
    slug: str | None = None,
    name: str = "Logan, Main Street",
    hub: Hub | None = None,
    timezone: str = "America/Denver",
    lat: float = 41.7313,
    lon: float = -111.8349,
    tax_rate_bps: int = 700,
    currency: str = "usd",
    accepting_orders: bool = True,
    pause_reason: str = "",
    hours: Sequence[tuple[int, int, int]] = ALWAYS_OPEN,
    robots: int = 0,
    doors: int = 0,
) -> Store:
    """A store; `hours` are (weekday, opens minute, closes minute), `robots` and `doors` how many to make."""
    hub = hub or make_hub()
    store = Store.objects.create(
        slug=slug or f"store-{next(_number)}",
        name=name,
        address="150 North Main Street",
        city="Logan",
        state="UT",
        postal_code="84321",
        lat=lat,
        lon=lon,
        timezone=timezone,
        currency=currency,
        tax_rate_bps=tax_rate_bps,
        pickup_key=new_pickup_key(),
        accepting_orders=accepting_orders,
        pause_reason=pause_reason or ("" if accepting_orders else "Closed for cleaning."),
        region=hub.region,
        hub=hub,
    )
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=weekday, opens_minute=opens, closes_minute=closes)
        for weekday, opens, closes in hours
    )
    for number in range(1, robots + 1):
        make_robot(store=store, number=number)
    for number in range(1, doors + 1):
        make_door(store=store, number=number)
    return store


def make_robot(
    *, store: Store | None = None, number: int = 1, status: str = RobotStatus.NORMAL, seconds_per_drink: int = 45
) -> Robot:
    return Robot.objects.create(
        store=store or make_store(),
        number=number,
        name=f"Robot {number}",
        status=status,
        seconds_per_drink=seconds_per_drink,
    )


def make_door(*, store: Store | None = None, number: int = 1, status: str = "working") -> CoolerDoor:
    return CoolerDoor.objects.create(store=store or make_store(), number=number, status=status)


def make_robot_device(*, robot: Robot, key: str | None = None) -> tuple[Device, str]:
    """A robot's device and the key it signs in with."""
    key = key or new_device_key()
    device = Device.objects.create(
        kind=DeviceKind.ROBOT, store=robot.store, robot=robot, name=robot.name, key_hash=device_key_hash(key)
    )
    return device, key


def make_door_controller(*, store: Store | None = None, key: str | None = None) -> tuple[Device, str]:
    """A store's door controller and the key it signs in with."""
    key = key or new_device_key()
    device = Device.objects.create(
        kind=DeviceKind.DOOR_CONTROLLER, store=store or make_store(), name="Doors", key_hash=device_key_hash(key)
    )
    return device, key

"""Commands on places and machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from codepop.core.audit import record_audit
from codepop.core.db import lock, transaction, transaction_required
from codepop.core.events import publish
from codepop.kit.clock import now
from codepop.stores.errors import (
    DoorUnknown,
    HoursInvalid,
    PauseNeedsReason,
    RobotUnknown,
    StatusUnknown,
    StoreUnknown,
)
from codepop.stores.events import RobotStatusChanged, StoreChanged
from codepop.stores.hours import MINUTES_PER_DAY
from codepop.stores.keys import device_key_hash, new_device_key
from codepop.stores.models import (
    CoolerDoor,
    Device,
    DeviceKind,
    DoorStatus,
    OpeningHours,
    Robot,
    RobotStatus,
    Store,
)


@dataclass(frozen=True)
class DeviceSpec:
    """A device to be: a robot's, or a store's door controller when `robot_id` is None."""

    store_id: UUID
    robot_id: UUID | None
    name: str


@dataclass(frozen=True)
class IssuedKey:
    """A device's key in plain text, handed out once: only its hash is kept."""

    device_id: UUID
    key: str


def pause_orders(*, store_id: UUID, reason: str, actor: str) -> None:
    """Take no new orders until `resume_orders`; those already placed go on. Customers read the reason.

    Raises PauseNeedsReason, StoreUnknown.
    """
    if not reason.strip():
        raise PauseNeedsReason(fields={"reason": "Write one short sentence, for example: Closed for cleaning."})
    _set_accepting(store_id, accepting=False, reason=reason.strip()[:120], actor=actor)


def resume_orders(*, store_id: UUID, actor: str) -> None:
    """Take orders again. Raises StoreUnknown."""
    _set_accepting(store_id, accepting=True, reason="", actor=actor)


def _set_accepting(store_id: UUID, *, accepting: bool, reason: str, actor: str) -> None:
    with transaction():
        changed = Store.objects.filter(id=store_id).update(accepting_orders=accepting, pause_reason=reason)
        if not changed:
            raise StoreUnknown
        publish(StoreChanged(store_id=store_id))
        action = "store.resume" if accepting else "store.pause"
        record_audit(actor=actor, action=action, subject=f"store:{store_id}", note=reason, where=store_id)


def replace_hours(*, store_id: UUID, hours: Sequence[tuple[int, int, int]]) -> None:
    """Give a store new weekly hours: (weekday 0..6, opens minute, closes minute). Raises HoursInvalid, StoreUnknown."""
    for weekday, opens, closes in hours:
        if not (0 <= weekday <= 6 and 0 <= opens < MINUTES_PER_DAY and opens < closes <= opens + MINUTES_PER_DAY):
            raise HoursInvalid(fields={"hours": f"Weekday {weekday}, {opens} to {closes} is not an interval."})
    with transaction():
        if not lock(Store.objects.filter(id=store_id)):
            raise StoreUnknown
        OpeningHours.objects.filter(store_id=store_id).delete()
        OpeningHours.objects.bulk_create(
            OpeningHours(store_id=store_id, weekday=weekday, opens_minute=opens, closes_minute=closes)
            for weekday, opens, closes in hours
        )
        publish(StoreChanged(store_id=store_id))


@transaction_required
def set_robot_status(*, robot_id: UUID, status: str) -> bool:
    """Record what a machine says about itself; says whether that was news. Raises RobotUnknown, StatusUnknown."""
    if status not in RobotStatus.values:
        raise StatusUnknown(fields={"status": f"Use one of {', '.join(RobotStatus.values)}."})
    found = lock(Robot.objects.filter(id=robot_id))
    if not found:
        raise RobotUnknown
    robot = found[0]
    if robot.status == status:
        return False
    previous = robot.status
    robot.status, robot.status_since = status, now()
    robot.save(update_fields=["status", "status_since"])
    publish(RobotStatusChanged(robot_id=robot.id, store_id=robot.store_id, status=status, previous=previous))
    return True


@transaction_required
def set_door_status(*, door_id: UUID, status: str) -> bool:
    """Take a cooler door out of use or back in; says whether that was news. Raises DoorUnknown, StatusUnknown."""
    if status not in DoorStatus.values:
        raise StatusUnknown(fields={"status": f"Use one of {', '.join(DoorStatus.values)}."})
    found = lock(CoolerDoor.objects.filter(id=door_id))
    if not found:
        raise DoorUnknown
    door = found[0]
    if door.status == status:
        return False
    door.status = status
    door.save(update_fields=["status"])
    publish(StoreChanged(store_id=door.store_id))
    return True


@transaction_required
def issue_device_key(*, store_id: UUID, robot_id: UUID | None, name: str) -> IssuedKey:
    """Make a device (a robot's, or the door controller when `robot_id` is None) or give it a new key.

    The former key stops working with the commit.
    """
    (issued,) = issue_device_keys(wanted=[DeviceSpec(store_id, robot_id, name)])
    return issued


@transaction_required
def issue_device_keys(*, wanted: Sequence[DeviceSpec]) -> list[IssuedKey]:
    """Do what `issue_device_key` does for many devices in two statements; answers in the order of the request."""
    keys = [new_device_key() for _ in wanted]
    Device.objects.bulk_create(
        (
            Device(
                kind=DeviceKind.DOOR_CONTROLLER if one.robot_id is None else DeviceKind.ROBOT,
                store_id=one.store_id,
                robot_id=one.robot_id,
                name=one.name,
                key_hash=device_key_hash(key),
            )
            for one, key in zip(wanted, keys, strict=True)
        ),
        update_conflicts=True,
        unique_fields=["store", "name"],
        update_fields=["kind", "robot", "key_hash", "active"],
    )
    rows = Device.objects.filter(store_id__in={one.store_id for one in wanted})
    ids = {(store_id, name): device_id for store_id, name, device_id in rows.values_list("store_id", "name", "id")}
    return [IssuedKey(ids[one.store_id, one.name], key) for one, key in zip(wanted, keys, strict=True)]


@transaction_required
def retire_device(*, device_id: UUID) -> None:
    """Refuse this device from now on: stolen, sold or replaced."""
    Device.objects.filter(id=device_id).update(active=False)

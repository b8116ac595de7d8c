"""When a device was last heard of, and how far its numbered events have been taken in."""

from uuid import UUID

from codepop.core.db import lock, transaction_required
from codepop.fulfilment.models import DeviceCursor
from codepop.kit.clock import now


@transaction_required
def locked_cursor(device_id: UUID) -> DeviceCursor:
    """Return the device's cursor locked, made on its first contact; one device is served one call at a time."""
    cursors = DeviceCursor.objects.filter(device_id=device_id)
    if not (found := lock(cursors)):
        DeviceCursor.objects.bulk_create([DeviceCursor(device_id=device_id, last_seen_at=now())], ignore_conflicts=True)
        found = lock(cursors)
    return found[0]


@transaction_required
def note_contact(cursor: DeviceCursor, *, last_seq: int | None = None) -> None:
    """Record that the device spoke just now, and the highest event number it has had taken in."""
    cursor.last_seen_at = now()
    if last_seq is not None:
        cursor.last_seq = last_seq
    cursor.save(update_fields=["last_seen_at", "last_seq"])

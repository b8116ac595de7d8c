"""Tickets, door uses, and what devices told us.

The two promises that must never break are partial unique indexes, not code: one active use per door (DOM-26,
DOM-28), and one active ticket per robot.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from codepop.core.models import Row


class TicketStatus(models.TextChoices):
    QUEUED = "queued", "waiting for a robot"
    CLAIMED = "claimed", "a robot has it"
    MAKING = "making", "being made"
    DONE = "done", "behind its door"
    FAILED = "failed", "could not be made"
    CANCELLED = "cancelled", "no longer wanted"


ACTIVE_TICKETS = (TicketStatus.CLAIMED, TicketStatus.MAKING)


class Ticket(Row):
    """One released order in its store's queue; stays after it is done, for the figures.

    `lease_until` is how long the robot may stay silent; `probed_at` is when, after that, its store was asked to answer,
    also while the order waits in line and no robot speaks.
    `work` is what the robot was given, `make_seconds` how long that takes by plan.
    """

    order = models.OneToOneField("ordering.Order", on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    release_at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=TicketStatus.choices, default=TicketStatus.QUEUED)
    robot = models.ForeignKey("stores.Robot", on_delete=models.PROTECT, null=True, related_name="+")
    lease_until = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    make_seconds = models.PositiveIntegerField(default=0)
    allergens = ArrayField(models.CharField(max_length=40), default=list)
    work = models.JSONField(default=list)
    claimed_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["robot"], condition=Q(status__in=ACTIVE_TICKETS), name="ticket_one_active_per_robot"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=ACTIVE_TICKETS) | Q(robot__isnull=False, lease_until__isnull=False),
                name="ticket_active_has_robot_and_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store", "release_at", "id"],
                condition=Q(status=TicketStatus.QUEUED),
                name="ticket_queue",
            ),
            models.Index(fields=["lease_until"], condition=Q(status__in=ACTIVE_TICKETS), name="ticket_leases"),
            models.Index(fields=["robot", "-claimed_at"], name="ticket_by_robot"),
            models.Index(fields=["store", "loaded_at"], name="ticket_by_store_loaded"),
        ]


class DoorState(models.TextChoices):
    HELD = "held", "a robot is making the drink that goes here"
    LOADED = "loaded", "the drink waits for its person"
    OPENED = "opened", "the person has opened it"
    EMPTYING = "emptying", "too old: to be emptied"
    CLOSED = "closed", "over"


class DoorOutcome(models.TextChoices):
    NONE = "", "not over yet"
    PICKED_UP = "picked_up", "picked up"
    DISCARDED = "discarded", "discarded"
    FAILED = "failed", "never loaded"


class DoorUse(Row):
    """One stay of one order behind one door, with the nonce of its pickup code.

    `fingerprint` is a keyed hash of the short code: it keeps two live codes of a store apart without
    the code being stored.
    """

    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    door = models.ForeignKey("stores.CoolerDoor", on_delete=models.PROTECT, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="uses")
    state = models.CharField(max_length=10, choices=DoorState.choices, default=DoorState.HELD)
    outcome = models.CharField(max_length=10, choices=DoorOutcome.choices, default=DoorOutcome.NONE, blank=True)
    nonce = models.BigIntegerField()
    fingerprint = models.BinaryField(max_length=16)
    held_at = models.DateTimeField()
    loaded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["door"], condition=~Q(state=DoorState.CLOSED), name="door_one_active_use"),
            models.UniqueConstraint(
                fields=["ticket"], condition=~Q(state=DoorState.CLOSED), name="ticket_one_active_door"
            ),
            models.UniqueConstraint(
                fields=["store", "fingerprint"], condition=~Q(state=DoorState.CLOSED), name="code_unique_in_store"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DoorState.LOADED, DoorState.OPENED])
                | Q(loaded_at__isnull=False, expires_at__isnull=False),
                name="door_loaded_has_times",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("held_at")), name="door_closes_after_held"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state=DoorState.LOADED), name="door_expiry"),
            models.Index(fields=["store", "opened_at"], name="door_by_store_opened"),
        ]


class CommandType(models.TextChoices):
    OPEN = "open_door", "open the door"
    DISCARD = "discard", "empty the door"


class DoorCommand(Row):
    """Something a store's door controller must do; it fetches these when woken and acknowledges by events."""

    store = models.ForeignKey("stores.Store", on_delete=models.PROTECT, related_name="+")
    use = models.ForeignKey(DoorUse, on_delete=models.PROTECT, related_name="commands")
    type = models.CharField(max_length=10, choices=CommandType.choices)
    expires_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["use", "type"], condition=Q(done_at__isnull=True), name="command_once_per_use"
            )
        ]
        indexes = [models.Index(fields=["store", "id"], condition=Q(done_at__isnull=True), name="command_waiting")]


class DeviceCursor(models.Model):
    """How far a device's numbered events have been taken in, and when it was last heard of."""

    device = models.OneToOneField("stores.Device", on_delete=models.CASCADE, primary_key=True, related_name="+")
    last_seq = models.BigIntegerField(default=0)
    last_seen_at = models.DateTimeField()


class DeviceEvent(Row):
    """A device's report that changed something. Heartbeats and single steps only move the cursor."""

    device = models.ForeignKey("stores.Device", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    type = models.CharField(max_length=20)
    at = models.DateTimeField()
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, related_name="+")
    data = models.JSONField(default=dict)
    note = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "seq"], name="device_event_once")]
        indexes = [models.Index(fields=["ticket", "id"], name="device_event_by_ticket")]


class DoorAttempt(models.Model):
    """Wrong codes of one caller (an order's page, or a keypad) at one store, for the lock-out."""

    id = models.BigAutoField(primary_key=True)
    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+")
    caller = models.CharField(max_length=60)
    failures = models.PositiveSmallIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "caller"], name="door_attempts_per_caller")]

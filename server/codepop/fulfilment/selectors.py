"""Queries on the queue, the robots' work and the doors: for devices, and for the people who watch over a store."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from codepop.fulfilment.limits import LEASE
from codepop.fulfilment.models import (
    ACTIVE_TICKETS,
    DeviceCursor,
    DoorCommand,
    DoorOutcome,
    DoorState,
    DoorUse,
    Ticket,
    TicketStatus,
)
from codepop.fulfilment.plan import Block, Lane, RobotNow, Waiting, plan_lanes
from codepop.fulfilment.steps import step_text
from codepop.kit.clock import now
from codepop.stores import selectors as stores


@dataclass(frozen=True)
class Work:
    """What a robot is to make, and behind which door it goes."""

    ticket_id: UUID
    order_code: str
    door_number: int
    lease_seconds: int
    drinks: list[dict[str, Any]]
    allergens: list[str]
    rinse_before: bool


class NoWork(StrEnum):
    """Why a robot that asked gets nothing."""

    QUEUE_EMPTY = "queue_empty"
    NO_DOOR = "no_door"
    NOT_WORKING = "not_working"


@dataclass(frozen=True)
class WaitingCommand:
    """Something a door controller has to do; no `expires_at` means it stays until it is done."""

    id: UUID
    type: str
    door_number: int
    ticket_id: UUID
    expires_at: datetime | None


@dataclass(frozen=True)
class DoorNow:
    """A door as it stands. `order_id`, `code` and the times are None when it is free."""

    number: int
    working: bool
    state: str
    order_id: UUID | None = None
    order_code: str | None = None
    ticket_id: UUID | None = None
    nonce: int | None = None
    since: datetime | None = None
    expires_at: datetime | None = None

    @property
    def minutes_waiting(self) -> float | None:
        """Return for how long the drink has stood behind the door, None when there is none."""
        waits = self.since is not None and self.state in (DoorState.LOADED, DoorState.EMPTYING)
        return (now() - self.since).total_seconds() / 60 if waits and self.since else None


@dataclass(frozen=True)
class ControllerStore:
    """What a door controller needs to open doors by itself: the key (base64) is as secret as the doors are."""

    store_id: UUID
    name: str
    timezone: str
    pickup_key: str
    doors: list[DoorNow]


@dataclass(frozen=True)
class QueueNow:
    """A store's queue as it stands."""

    waiting: list[Waiting]
    waiting_for_door: bool
    """True when orders are due and every working door is taken: production waits for a door to become free."""


@dataclass(frozen=True)
class Figures:
    """A store's figures over a time; None where nothing happened in it."""

    finished: int
    median_wait_s: float | None
    """From release to the drink behind its door."""
    median_age_at_door_s: float | None
    """From the drink behind its door to the door opened by its person."""
    discarded: int
    failed: int


def active_use(ticket: Ticket) -> DoorUse | None:
    """Return the door the ticket has now, if any."""
    return ticket.uses.exclude(state=DoorState.CLOSED).select_related("door", "ticket").first()


def free_door_ids(store_id: UUID) -> list[UUID]:
    """Return the store's working doors that nobody has, by number."""
    taken = set(_active_uses(store_id).values_list("door_id", flat=True))
    return [door.id for door in stores.doors(store_id) if door.working and door.id not in taken]


def controller_seen_at(store_id: UUID) -> datetime | None:
    """Return when the store's door controller was last heard of; None when it never was."""
    cursors = DeviceCursor.objects.filter(device__store_id=store_id, device__robot=None)
    seen: datetime | None = cursors.aggregate(at=Max("last_seen_at"))["at"]
    return seen


def robots_seen_at(store_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when the robots of some stores were last heard of, by robot; one that never was is left out."""
    cursors = DeviceCursor.objects.filter(device__store_id__in=store_ids, device__robot__isnull=False)
    return dict(cursors.values_list("device__robot_id", "last_seen_at"))


def work_of(ticket: Ticket, use: DoorUse | None) -> Work | NoWork:
    """Return what the robot that holds the ticket and its door has to do."""
    if use is None:
        return NoWork.NO_DOOR
    return Work(
        ticket_id=ticket.id,
        order_code=ticket.work["order_code"],
        door_number=use.door.number,
        lease_seconds=int(LEASE.total_seconds()),
        drinks=ticket.work["drinks"],
        allergens=list(ticket.allergens),
        rinse_before=ticket.work["rinse_before"],
    )


def waiting_commands(store_id: UUID) -> list[WaitingCommand]:
    """Return the store's commands that are neither done nor out of date, oldest first."""
    open_ones = DoorCommand.objects.filter(store_id=store_id, done_at=None)
    valid = open_ones.filter(Q(expires_at=None) | Q(expires_at__gt=now())).select_related("use__door")
    return [
        WaitingCommand(
            id=row.id,
            type=row.type,
            door_number=row.use.door.number,
            ticket_id=row.use.ticket_id,
            expires_at=row.expires_at,
        )
        for row in valid.order_by("id")
    ]


def controller_store(store_id: UUID) -> ControllerStore:
    """Return what the store's door controller keeps for the time when the platform is away."""
    store = stores.get_store(store_id)
    return ControllerStore(
        store_id=store.id,
        name=store.name,
        timezone=store.timezone,
        pickup_key=base64.b64encode(stores.pickup_key(store_id)).decode(),
        doors=doors_now(store_id),
    )


def doors_now(store_id: UUID) -> list[DoorNow]:
    """Return the store's doors by number, each with the order behind it (DOM-26)."""
    uses = {use.door_id: use for use in _active_uses(store_id).select_related("ticket__order")}
    return [_door_now(door, uses.get(door.id)) for door in stores.doors(store_id)]


def _door_now(door: stores.DoorView, use: DoorUse | None) -> DoorNow:
    if use is None:
        return DoorNow(number=door.number, working=door.working, state="free")
    return DoorNow(
        number=door.number,
        working=door.working,
        state=use.state,
        order_id=use.ticket.order_id,
        order_code=use.ticket.order.code,
        ticket_id=use.ticket_id,
        nonce=use.nonce,
        since=use.opened_at or use.loaded_at or use.held_at,
        expires_at=use.expires_at,
    )


def _active_uses(store_id: UUID) -> QuerySet[DoorUse]:
    return DoorUse.objects.filter(store_id=store_id).exclude(state=DoorState.CLOSED)


def has_due_tickets(store_id: UUID) -> bool:
    """Say whether an order waits for a robot right now."""
    return Ticket.objects.filter(store_id=store_id, status=TicketStatus.QUEUED, release_at__lte=now()).exists()


def queue_now(store_id: UUID) -> QueueNow:
    """Return the released orders that no robot has yet, in the order in which they will be made."""
    waiting = _waiting_at(store_id)
    due = any(one.release_at <= now() for one in waiting)
    return QueueNow(waiting=waiting, waiting_for_door=due and not free_door_ids(store_id))


def lanes_now(store_id: UUID, *, minutes: int = 12) -> list[Lane]:
    """Return each robot's next minutes: what it makes, and what it will probably make next."""
    rows = _with_orders(Ticket.objects.filter(store_id=store_id, status__in=ACTIVE_TICKETS))
    active = {row.robot_id: row for row in rows}
    robots = [
        RobotNow(
            robot_id=robot.id,
            name=robot.name,
            status=robot.status_text,
            working=robot.working,
            making=_making(active[robot.id]) if robot.id in active else None,
        )
        for robot in stores.robots(store_id)
    ]
    return plan_lanes(robots, _waiting_at(store_id), at=now(), horizon_s=minutes * 60)


def _with_orders(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    return tickets.select_related("order").prefetch_related("order__lines")


def _waiting_at(store_id: UUID) -> list[Waiting]:
    rows = _with_orders(Ticket.objects.filter(store_id=store_id, status=TicketStatus.QUEUED))
    return [_waiting(row) for row in rows.order_by("release_at", "id")]


def _waiting(row: Ticket) -> Waiting:
    return Waiting(row.order_id, row.order.code, _title(row), row.release_at, row.make_seconds)


def _making(row: Ticket) -> Block:
    starts = row.claimed_at or now()
    ends = max(starts + timedelta(seconds=row.make_seconds), now() + timedelta(seconds=1))
    note = row.order.step_text or step_text("cup", None)
    return Block(row.order_id, row.order.code, _title(row), "making", note, starts, ends)


def _title(row: Ticket) -> str:
    """Say what the order is in a few words: "Haze ×1", "Sunset, Alibi"."""
    lines = list(row.order.lines.all())
    if len(lines) == 1:
        return f"{lines[0].name} ×{lines[0].quantity}"
    return ", ".join(line.name for line in lines)


def figures(store_id: UUID, *, since: datetime, until: datetime | None = None) -> Figures:
    """Return how quick and how fresh the store was between two instants."""
    end = until or now()
    made = Ticket.objects.filter(store_id=store_id, loaded_at__gte=since, loaded_at__lt=end)
    waits = _seconds_between(made.values_list("release_at", "loaded_at"))
    opened = DoorUse.objects.filter(store_id=store_id, opened_at__gte=since, opened_at__lt=end)
    ages = _seconds_between(opened.values_list("loaded_at", "opened_at"))
    ended = DoorUse.objects.filter(store_id=store_id, closed_at__gte=since, closed_at__lt=end)
    return Figures(
        finished=len(waits),
        median_wait_s=median(waits) if waits else None,
        median_age_at_door_s=median(ages) if ages else None,
        discarded=ended.filter(outcome=DoorOutcome.DISCARDED).count(),
        failed=ended.filter(outcome=DoorOutcome.FAILED).count(),
    )


def _seconds_between(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    return [(end - start).total_seconds() for start, end in pairs if start and end]

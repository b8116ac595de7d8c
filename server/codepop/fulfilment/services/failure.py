"""What happens when an order can't be finished by the robot that has it: another robot, or the money back (D6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction as django_transaction
from django.db.models import Q

from codepop.core.db import transaction, transaction_required
from codepop.core.errors import AppError
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.fulfilment import limits
from codepop.fulfilment.events import DrinkMakingFailed
from codepop.fulfilment.models import ACTIVE_TICKETS, DoorOutcome, Ticket, TicketStatus
from codepop.fulfilment.selectors import active_use, controller_seen_at, robots_seen_at
from codepop.fulfilment.services.doors import free_door
from codepop.fulfilment.services.sweeping import each_alone
from codepop.fulfilment.services.wakeup import wake_doors, wake_robots
from codepop.inventory import services as inventory
from codepop.kit.clock import now
from codepop.ordering import services as ordering
from codepop.ordering.errors import IllegalMove
from codepop.stores import selectors as stores
from codepop.stores import services as store_commands

log = get_logger(__name__)

SILENT = "silent"
_STATUS_AFTER = {"sold_out": "warning", "cup_missing": "warning", "label_missing": "warning"}
_STATUS_OTHERWISE = "out_of_order"
"""A machine that stopped in the middle of a drink makes nothing until it reports itself well."""

_SPOKEN = {
    "jam": "The robot jammed",
    "leak": "The robot leaked",
    "sold_out": "The robot ran out of an ingredient",
    "cup_missing": "The robot ran out of cups",
    SILENT: "The robot stopped answering",
}


@transaction_required
def fail_ticket(ticket: Ticket, *, reason: str) -> None:
    """Give the locked, active ticket's order to another robot or refund it; door freed, waste and status recorded."""
    robot_id = ticket.robot_id
    if robot_id is None:
        return
    if use := active_use(ticket):
        free_door(use, outcome=DoorOutcome.FAILED)
    spoken = _SPOKEN.get(reason, "The robot stopped")
    store_commands.set_robot_status(robot_id=robot_id, status=_STATUS_AFTER.get(reason, _STATUS_OTHERWISE))
    remade = _another_can(ticket, robot_id) and _stock_again(ticket, spoken)
    ticket.robot_id = None
    ticket.lease_until = ticket.probed_at = None
    if remade:
        ticket.status = TicketStatus.QUEUED
        ordering.return_to_queue(order_id=ticket.order_id, reason=f"{spoken}; another robot starts over.")
    else:
        ticket.status = TicketStatus.FAILED
        ordering.fail_order(order_id=ticket.order_id, reason=f"{spoken} and no other robot could take over.")
    ticket.save(update_fields=["robot", "lease_until", "probed_at", "status"])
    wake_robots(ticket.store_id)
    publish(
        DrinkMakingFailed(
            order_id=ticket.order_id, store_id=ticket.store_id, robot_id=robot_id, reason=reason, remade=remade
        )
    )
    log.warning("drink_failed", order_id=str(ticket.order_id), robot_id=str(robot_id), reason=reason, remade=remade)


def _another_can(ticket: Ticket, failed_robot_id: UUID) -> bool:
    if ticket.attempts >= limits.MAX_ATTEMPTS:
        return False
    return any(robot.working and robot.id != failed_robot_id for robot in stores.robots(ticket.store_id))


def _stock_again(ticket: Ticket, spoken: str) -> bool:
    """Write off what was spoiled and hold the order's stock once more; False when it is no longer there."""
    try:
        with django_transaction.atomic():
            inventory.start_over(reference=ticket.order_id, reason=f"{spoken} in the middle of an order")
    except AppError as refusal:
        log.info("remake_impossible", order_id=str(ticket.order_id), reason=refusal.code)
        return False
    return True


def fail_silent_robots() -> int:
    """Treat robots whose lease ran out as failed; returns how many. Runs every few seconds.

    First the store is woken and gets PROBE to deliver what its devices kept. A store that stays silent altogether
    is cut off, not broken: its robots work on (D10), so its orders wait STORE_AWAY_LIMIT before they count as lost.
    """
    overdue = Ticket.objects.filter(status__in=ACTIVE_TICKETS, lease_until__lt=now()).order_by("lease_until")
    ids = list(overdue.values_list("id", flat=True)[:100])
    return each_alone(_check_silent, ids, alert="fulfilment.silent_robot")


def _check_silent(ticket_id: UUID) -> bool:
    with transaction():
        overdue = Ticket.objects.filter(id=ticket_id, status__in=ACTIVE_TICKETS, lease_until__lt=now())
        ticket = overdue.select_for_update(skip_locked=True, of=("self",)).first()
        if ticket is None or ticket.lease_until is None:
            return False
        if ticket.probed_at is None:
            ticket.probed_at = now()
            ticket.save(update_fields=["probed_at"])
            wake_doors(ticket.store_id)
            return False
        if not _is_lost(ticket.store_id, probed_at=ticket.probed_at, lease_until=ticket.lease_until):
            return False
        fail_ticket(ticket, reason=SILENT)
        return True


def _is_lost(store_id: UUID, *, probed_at: datetime, lease_until: datetime) -> bool:
    if now() < probed_at + limits.PROBE:
        return False
    heard = controller_seen_at(store_id)
    return heard is None or heard >= probed_at or now() > lease_until + limits.STORE_AWAY_LIMIT


def refund_stranded_orders() -> int:
    """Give the money back for orders that wait where no robot works any more; returns how many. Runs by the clock.

    A robot that counts as working but has said nothing for as long may be gone, as after a power cut: then the store is
    asked, and its orders wait STORE_AWAY_LIMIT for the answer. It may have been us who were away.
    """
    waiting = Ticket.objects.filter(status=TicketStatus.QUEUED, release_at__lt=now() - limits.STRANDED)
    without, silent = _stranded_stores(list(waiting.order_by().values_list("store_id", flat=True).distinct()))
    unasked = Q(probed_at=None) | Q(probed_at__lt=now() - limits.STORE_AWAY_LIMIT)
    broken = waiting.filter(store_id__in=without).order_by("release_at").values_list("id", flat=True)
    away = waiting.filter(unasked, store_id__in=silent).order_by("release_at").values_list("id", flat=True)
    return each_alone(_refund_stranded, list(broken[:100]), alert="fulfilment.stranded") + each_alone(
        partial(_refund_stranded, unless_heard=True), list(away[:100]), alert="fulfilment.stranded_silent"
    )


def _stranded_stores(store_ids: Sequence[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Return the stores without a working robot, and those whose working robots have said nothing for STRANDED."""
    words = _last_words(store_ids)
    without = [store_id for store_id, last in words.items() if not last]
    silent = [store_id for store_id, last in words.items() if last and not _heard(last, since=now() - limits.STRANDED)]
    return without, silent


def _last_words(store_ids: Sequence[UUID]) -> dict[UUID, list[datetime | None]]:
    """Return by store when each of its working robots was last heard of; None for one that never was."""
    seen = robots_seen_at(store_ids)
    found = stores.robots_of(store_ids)
    return {one: [seen.get(robot.id) for robot in robots if robot.working] for one, robots in found.items()}


def _heard(last_words: Iterable[datetime | None], *, since: datetime) -> bool:
    return any(at is not None and at >= since for at in last_words)


@transaction_required
def _asked_in_vain(ticket: Ticket) -> bool:
    """Wake the robots for a locked order in line; says whether that was STORE_AWAY_LIMIT ago and none has spoken."""
    if ticket.probed_at is None or _heard(_last_words([ticket.store_id])[ticket.store_id], since=ticket.probed_at):
        ticket.probed_at = now()
        ticket.save(update_fields=["probed_at"])
        wake_robots(ticket.store_id)
        return False
    return now() > ticket.probed_at + limits.STORE_AWAY_LIMIT


def _refund_stranded(ticket_id: UUID, *, unless_heard: bool = False) -> bool:
    with transaction():
        waiting = Ticket.objects.filter(id=ticket_id, status=TicketStatus.QUEUED)
        ticket = waiting.select_for_update(skip_locked=True, of=("self",)).first()
        if ticket is None or (unless_heard and not _asked_in_vain(ticket)):
            return False
        try:
            with django_transaction.atomic():
                ordering.fail_order(order_id=ticket.order_id, reason="No robot of this store works at the moment.")
        except IllegalMove as refusal:
            # The order was cancelled while this ticket was locked here: its money is on the way back already.
            log.info("stranded_order_moved_on", order_id=str(ticket.order_id), reason=refusal.code)
            ticket.status = TicketStatus.CANCELLED
        else:
            ticket.status = TicketStatus.FAILED
        ticket.save(update_fields=["status"])
        return ticket.status == TicketStatus.FAILED

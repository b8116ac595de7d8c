"""A robot asks for work: ticket, door, code, order and stock change hands in one short transaction."""

from collections.abc import Sequence
from uuid import UUID

from codepop.catalog.menu import Recipe
from codepop.catalog.selectors import catalogue
from codepop.core.db import lock, transaction, transaction_required
from codepop.core.errors import AppError, Conflict
from codepop.core.log import get_logger
from codepop.fulfilment import limits
from codepop.fulfilment.errors import WrongDevice
from codepop.fulfilment.models import ACTIVE_TICKETS, DeviceEvent, DoorUse, Ticket, TicketStatus
from codepop.fulfilment.selectors import NoWork, Work, active_use, work_of
from codepop.fulfilment.services.contact import locked_cursor, note_contact
from codepop.fulfilment.services.doors import hold_door
from codepop.fulfilment.work import LineToMake, OrderWork, order_work
from codepop.inventory import services as inventory
from codepop.kit.clock import now
from codepop.ordering import selectors as orders
from codepop.ordering import services as ordering
from codepop.stores import selectors as stores
from codepop.stores.selectors import DeviceView, RobotView

log = get_logger(__name__)


def claim_work(*, device: DeviceView) -> Work | NoWork:
    """Give the robot the next due order of its store, or say why there is none for it.

    A robot that doesn't work gets nothing, and nobody gets anything while no door is free (DOM-28). Asking again
    while holding work returns the same work, so a lost answer costs nothing. Raises WrongDevice for a controller.
    """
    if device.robot_id is None:
        raise WrongDevice("Only a robot can claim work. Send this with the robot's own key.")
    with transaction():
        note_contact(locked_cursor(device.id))
        robot = stores.robot(device.robot_id)
        if held := _held_by(robot.id):
            renew_lease(held)
            return work_of(held, active_use(held))
        return _claim_next(robot, device) if robot.working else NoWork.NOT_WORKING


def _held_by(robot_id: UUID) -> Ticket | None:
    held = lock(Ticket.objects.filter(robot_id=robot_id, status__in=ACTIVE_TICKETS))
    return held[0] if held else None


def _claim_next(robot: RobotView, device: DeviceView) -> Work | NoWork:
    """Try due tickets in turn: one whose order was cancelled meanwhile leaves the queue and the next is tried."""
    while ticket := _next_due(robot.store_id):
        use = hold_door(ticket)
        if use is None:
            return NoWork.NO_DOOR
        if _start(ticket, use, robot):
            _give(ticket, robot, device)
            return work_of(ticket, use)
    return NoWork.QUEUE_EMPTY


def _next_due(store_id: UUID) -> Ticket | None:
    due = Ticket.objects.filter(store_id=store_id, status=TicketStatus.QUEUED, release_at__lte=now())
    return due.order_by("release_at", "id").select_for_update(skip_locked=True, of=("self",)).first()


def _start(ticket: Ticket, use: DoorUse, robot: RobotView) -> bool:
    try:
        ordering.start_preparation(
            order_id=ticket.order_id,
            robot_name=robot.name,
            door_number=use.door.number,
            code_nonce=use.nonce,
        )
    except Conflict as refusal:
        return _drop(ticket, use, TicketStatus.CANCELLED, refusal)
    try:
        inventory.consume(reference=ticket.order_id)
    except AppError as refusal:
        ordering.fail_order(order_id=ticket.order_id, reason="What it needs is no longer in stock.")
        return _drop(ticket, use, TicketStatus.FAILED, refusal)
    return True


def _drop(ticket: Ticket, use: DoorUse, status: TicketStatus, refusal: AppError) -> bool:
    """Take a ticket out of the queue that can't be made, so that it doesn't stand in the way of the next."""
    log.info("ticket_dropped", order_id=str(ticket.order_id), status=status.value, reason=refusal.code)
    use.delete()
    ticket.status = status
    ticket.save(update_fields=["status"])
    return False


def _give(ticket: Ticket, robot: RobotView, device: DeviceView) -> None:
    order = orders.to_make(ticket.order_id)
    drinks = _work_for(order)
    ticket.status = TicketStatus.CLAIMED
    ticket.robot_id = robot.id
    ticket.claimed_at = now()
    ticket.attempts += 1
    ticket.make_seconds = drinks.seconds
    ticket.allergens = drinks.allergens
    ticket.work = {
        "order_code": order.code,
        "drinks": drinks.as_json(),
        "rinse_before": _must_rinse(robot, device, drinks.allergens_of_first),
    }
    ticket.lease_until = now() + limits.LEASE
    ticket.probed_at = None
    ticket.save()


def _work_for(order: orders.MakingView) -> OrderWork:
    lines = [LineToMake(one.name, one.size, one.quantity, Recipe.from_json(one.recipe)) for one in order.lines]
    return order_work(lines, catalogue=catalogue())


def _must_rinse(robot: RobotView, device: DeviceView, allergens: Sequence[str]) -> bool:
    """Say whether something may still be in the robot's nozzle that does not belong into the next cup (D7, D8).

    That is what its last order had and the cup has not. After an order that it did not finish, which may be another
    robot's by now, and after any change of its status nobody knows what it is.
    """
    told = DeviceEvent.objects.filter(device_id=device.id, ticket__isnull=False).select_related("ticket")
    event = told.order_by("-seq").first()
    if event is None or event.ticket is None:
        return robot.status_since is not None
    last = event.ticket
    if last.status != TicketStatus.DONE or last.robot_id != robot.id or last.loaded_at is None:
        return True
    changed = robot.status_since is not None and robot.status_since > last.loaded_at
    return changed or not set(last.allergens) <= set(allergens)


@transaction_required
def renew_lease(ticket: Ticket) -> None:
    """Give the robot another LEASE from now."""
    ticket.lease_until = now() + limits.LEASE
    ticket.probed_at = None
    ticket.save(update_fields=["lease_until", "probed_at"])

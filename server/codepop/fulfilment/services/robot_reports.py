"""What a robot's reports change: progress on the customer's screen, a loaded door, a failure, its own status."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction as django_transaction

from codepop.core.audit import record_audit
from codepop.core.db import lock, transaction_required
from codepop.core.errors import AppError
from codepop.fulfilment.models import ACTIVE_TICKETS, Ticket, TicketStatus
from codepop.fulfilment.reports import Report
from codepop.fulfilment.selectors import active_use
from codepop.fulfilment.services.claim import renew_lease
from codepop.fulfilment.services.doors import load_door
from codepop.fulfilment.services.failure import fail_ticket
from codepop.fulfilment.steps import share_done, step_text
from codepop.fulfilment.work import Position
from codepop.kit.clock import now
from codepop.ordering import services as ordering
from codepop.ordering.errors import IllegalMove
from codepop.stores import selectors as stores
from codepop.stores import services as store_commands

REPORTABLE_STATUSES = ("normal", "warning", "error", "schedule_service", "out_of_order")
"""What a machine may say of itself; the beginning and end of a repair are said by people."""


class RobotTurn:
    """One batch of a robot's reports. Steps are collected, so that a batch moves the customer's screen once."""

    def __init__(self, robot_id: UUID) -> None:
        self._robot_id = robot_id
        self._ticket = next(iter(lock(Ticket.objects.filter(robot_id=robot_id, status__in=ACTIVE_TICKETS))), None)
        self._position: Position | None = None
        self._lost: dict[UUID, None] = {}
        self._takers: dict[str, Callable[[Report], str]] = {
            "started": self._progress,
            "step": self._progress,
            "drink_done": self._drink_done,
            "loaded": self._loaded,
            "failed": self._failed,
        }

    @property
    def lost_tickets(self) -> tuple[UUID, ...]:
        """Return tickets the robot works on though they aren't its own (any more)."""
        return tuple(self._lost)

    @transaction_required
    def take(self, report: Report) -> str:
        """Apply one report; returns a note when it had no effect."""
        if report.type == "heartbeat":
            return ""
        if report.type == "status":
            return self._status(report)
        taker = self._takers.get(report.type)
        if taker is None:
            return "A robot does not report this."
        if self._ticket is None or report.ticket_id != self._ticket.id:
            return self._not_ours(report)
        try:
            with django_transaction.atomic():
                return taker(report)
        except AppError as refusal:
            self._ticket.refresh_from_db()  # what the report did to it went back with the savepoint
            if isinstance(refusal, IllegalMove):
                self._note_illegal(report, self._ticket)
            return f"Refused: {refusal.message}"

    @transaction_required
    def finish(self) -> None:
        """Write the batch's last position and give the robot a new lease."""
        if self._ticket is None:
            return
        if self._position is not None:
            self._show(self._ticket, self._position)
        self._ticket.status = TicketStatus.MAKING if self._position else self._ticket.status
        self._ticket.save(update_fields=["status"])
        renew_lease(self._ticket)

    def _note_illegal(self, report: Report, ticket: Ticket) -> None:
        """Keep in the audit trail that a machine tried to move an order where it can't go."""
        record_audit(
            actor=f"robot:{self._robot_id}",
            action="order.illegal_move",
            subject=f"order:{ticket.order_id} {report.type}",
            where=stores.robot(self._robot_id).store_id,
        )

    def _not_ours(self, report: Report) -> str:
        if report.ticket_id is None:
            return "The report names no ticket."
        if not Ticket.objects.filter(id=report.ticket_id, robot_id=self._robot_id, status=TicketStatus.DONE).exists():
            self._lost[report.ticket_id] = None
        return "This ticket is not this robot's work (any more)."

    def _progress(self, report: Report) -> str:
        drink, step = report.number("drink_index"), report.number("step_index")
        if drink is None or drink < 0:
            return "drink_index is missing."
        self._position = Position(drink, max(step or 0, 0))
        return ""

    def _drink_done(self, report: Report) -> str:
        drink = report.number("drink_index")
        if drink is None or drink < 0:
            return "drink_index is missing."
        self._position = Position(drink + 1, 0)
        return ""

    def _show(self, ticket: Ticket, position: Position) -> None:
        drinks = ticket.work["drinks"]
        seconds = [[step["seconds"] for step in drink["steps"]] for drink in drinks]
        step = position.step_of(drinks)
        text = step_text(step["kind"], step["ingredient"]) if step else "Putting it behind your door"
        ordering.record_progress(
            order_id=ticket.order_id,
            drink_index=min(position.drink_index, len(drinks) - 1),
            drinks=len(drinks),
            step_text=text,
            share=share_done(seconds, drink_index=position.drink_index, step_index=position.step_index),
        )

    def _loaded(self, report: Report) -> str:
        ticket = self._ticket
        use = active_use(ticket) if ticket else None
        if ticket is None or use is None:
            return "No door is held for this ticket."
        if report.number("door_number") not in (None, use.door.number):
            return f"The drink belongs behind door {use.door.number}."
        finish_ticket(ticket)
        expires_at = load_door(use, at=now())
        ordering.mark_ready(order_id=ticket.order_id, expires_at=expires_at)
        self._ticket, self._position = None, None
        return ""

    def _failed(self, report: Report) -> str:
        if self._ticket is not None:
            fail_ticket(self._ticket, reason=report.text("reason") or "unknown")
        self._ticket, self._position = None, None
        return ""

    def _status(self, report: Report) -> str:
        status = report.text("status").replace("-", "_")
        if status not in REPORTABLE_STATUSES:
            return f"status must be one of {', '.join(REPORTABLE_STATUSES)}."
        robot = stores.robot(self._robot_id)
        if robot.status == "repair_start":
            return "The robot is being repaired; people say when it is back."
        if robot.status != status:
            store_commands.set_robot_status(robot_id=robot.id, status=status)
        return ""


@transaction_required
def finish_ticket(ticket: Ticket) -> None:
    """Record that the drink stands behind its door and the robot is free."""
    ticket.status = TicketStatus.DONE
    ticket.loaded_at = now()
    ticket.lease_until = None
    ticket.save(update_fields=["status", "loaded_at", "lease_until"])

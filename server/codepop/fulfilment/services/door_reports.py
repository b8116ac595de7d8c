"""What a door controller's reports change: a door opened is a drink picked up, a door closed is free."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction as django_transaction

from codepop.core.db import transaction_required
from codepop.core.errors import AppError
from codepop.fulfilment import limits
from codepop.fulfilment.models import ACTIVE_TICKETS, DoorCommand, DoorOutcome, DoorState, DoorUse
from codepop.fulfilment.reports import Report
from codepop.fulfilment.services.doors import free_door, load_door
from codepop.fulfilment.services.opening import count_wrong_code, keypad_caller
from codepop.fulfilment.services.robot_reports import finish_ticket
from codepop.kit.clock import now
from codepop.ordering import services as ordering
from codepop.stores.selectors import DeviceView


class DoorTurn:
    """One batch of a door controller's reports."""

    lost_tickets: tuple[UUID, ...] = ()

    def __init__(self, device: DeviceView) -> None:
        self._device = device
        self._store_id = device.store_id
        self._takers: dict[str, Callable[[Report], str]] = {
            "door_opened": self._opened,
            "door_closed": self._closed,
            "door_emptied": self._emptied,
            "code_refused": self._refused,
        }

    @transaction_required
    def take(self, report: Report) -> str:
        """Apply one report; returns a note when it had no effect."""
        if report.type == "heartbeat":
            return ""
        taker = self._takers.get(report.type)
        if taker is None:
            return "A door controller does not report this."
        try:
            with django_transaction.atomic():
                self._acknowledge(report)
                return taker(report)
        except AppError as refusal:
            return f"Refused: {refusal.message}"

    def finish(self) -> None:
        """Nothing is collected over a batch."""

    def _acknowledge(self, report: Report) -> None:
        if command_id := report.uuid("command_id"):
            waiting = DoorCommand.objects.filter(id=command_id, store_id=self._store_id, done_at=None)
            waiting.update(done_at=now())

    def _use_behind(self, report: Report) -> DoorUse | None:
        uses = DoorUse.objects.filter(store_id=self._store_id, door__number=report.number("door_number") or 0)
        active = uses.exclude(state=DoorState.CLOSED).select_related("ticket", "door")
        return active.select_for_update(of=("self",)).first()

    def _opened(self, report: Report) -> str:
        use = self._use_behind(report)
        if use is None:
            return "Nothing stands behind this door."
        if report.ticket_id not in (None, use.ticket_id):
            return "Another order stands behind this door now."
        if use.state == DoorState.HELD:
            return self._opened_before_loaded(use, report)
        if use.state != DoorState.LOADED:
            return "" if use.state == DoorState.EMPTYING else "The door has been opened before."
        self._picked_up(use, report)
        return ""

    def _opened_before_loaded(self, use: DoorUse, report: Report) -> str:
        """Merge what happened while the store was cut off: the robot's own "loaded" may still be on its way."""
        if report.ticket_id is None or use.ticket.status not in ACTIVE_TICKETS:
            return "The drink is not behind this door yet."
        finish_ticket(use.ticket)
        expires_at = load_door(use, at=now())
        ordering.mark_ready(order_id=use.ticket.order_id, expires_at=expires_at)
        self._picked_up(use, report)
        return ""

    def _picked_up(self, use: DoorUse, report: Report) -> None:
        use.state = DoorState.OPENED
        use.opened_at = min(max(report.at, use.held_at), now())
        use.save(update_fields=["state", "opened_at"])
        ordering.mark_picked_up(order_id=use.ticket.order_id)

    def _closed(self, report: Report) -> str:
        use = self._use_behind(report)
        if use is not None and use.state == DoorState.OPENED:
            free_door(use, outcome=DoorOutcome.PICKED_UP)
        return ""

    def _emptied(self, report: Report) -> str:
        use = self._use_behind(report)
        if use is None or use.state != DoorState.EMPTYING:
            return "This door was not to be emptied."
        free_door(use, outcome=DoorOutcome.DISCARDED)
        return ""

    def _refused(self, report: Report) -> str:
        if report.at <= now() - limits.LOCK_OUT:
            return "Too long ago to lock anybody out now."
        count_wrong_code(store_id=self._store_id, caller=keypad_caller(self._device.id))
        return ""

"""A code opens exactly one door: from the customer's screen, or typed or shown at the store's keypad (DOM-26).

Wrong codes are counted per store and caller, and lock that caller out for a while; the count commits although the
call is refused.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from codepop.core.db import transaction, transaction_required
from codepop.core.errors import AppError
from codepop.core.idempotency import Answer, IdempotentCall
from codepop.fulfilment import limits
from codepop.fulfilment.codes import Candidate, find_opened
from codepop.fulfilment.errors import CodeLocked, DoorNotWaiting, NotReadyYet, WrongCode, WrongDevice
from codepop.fulfilment.models import CommandType, DoorAttempt, DoorCommand, DoorState, DoorUse, Ticket, TicketStatus
from codepop.fulfilment.services.contact import locked_cursor, note_contact
from codepop.fulfilment.services.wakeup import wake_doors
from codepop.kit.clock import now
from codepop.ordering import selectors as orders
from codepop.stores import selectors as stores
from codepop.stores.selectors import DeviceView


@dataclass(frozen=True)
class OpenDoor:
    """The door that a code opens."""

    door_number: int
    ticket_id: UUID


def request_open(*, order_id: UUID, code: str, call: IdempotentCall) -> Answer:
    """Have the door controller open the order's door, when `code` is its code and the drink is behind it.

    Returns the order as the API shows it, the same for the same `call`, also when the door was opened and closed since.
    An open command that still waits is renewed. Raises WrongCode, CodeLocked, NotReadyYet, DoorNotWaiting.
    """
    with transaction():
        if answer := call.replay():
            return answer
        ticket = Ticket.objects.filter(order_id=order_id).first()
        if ticket is None:
            raise DoorNotWaiting("This order has not gone to the robots yet.")
        outcome = _judge_for_order(ticket, code)
        if isinstance(outcome, DoorUse):
            _command_open(outcome)
            return call.keep(202, orders.get_order(order_id))
        call.withdraw()
    raise outcome


def open_at_keypad(*, device: DeviceView, code: str) -> OpenDoor:
    """Return the door of the controller's own store that a typed or shown code opens; the controller then opens it.

    Raises WrongCode, CodeLocked, NotReadyYet, DoorNotWaiting, and WrongDevice for a robot.
    """
    if device.robot_id is not None:
        raise WrongDevice("Only a door controller can open doors. Send this with the door controller's key.")
    with transaction():
        note_contact(locked_cursor(device.id))
        outcome = _judge_at_keypad(device, code)
    if isinstance(outcome, AppError):
        raise outcome
    return OpenDoor(door_number=outcome.door.number, ticket_id=outcome.ticket_id)


def keypad_caller(device_id: UUID) -> str:
    """Return under which name a keypad's wrong codes are counted."""
    return f"keypad:{device_id}"


@transaction_required
def count_wrong_code(*, store_id: UUID, caller: str) -> None:
    """Count one wrong code; the fifth within LOCK_OUT locks the caller out for LOCK_OUT."""
    _count(_locked_attempt(store_id, caller))


def _judge_for_order(ticket: Ticket, code: str) -> DoorUse | AppError:
    attempt = _locked_attempt(ticket.store_id, f"order:{ticket.order_id}")
    if refusal := _lock_out(attempt):
        return refusal
    uses = _live_uses(ticket.store_id).filter(ticket_id=ticket.id)
    if not uses:
        return _why_no_door(ticket)
    return _judge(list(uses), code, attempt)


def _judge_at_keypad(device: DeviceView, code: str) -> DoorUse | AppError:
    attempt = _locked_attempt(device.store_id, keypad_caller(device.id))
    # A keypad is everybody's: one's own right code must not buy new guesses at other people's.
    return _lock_out(attempt) or _judge(list(_live_uses(device.store_id)), code, attempt, forgives=False)


def _judge(uses: list[DoorUse], code: str, attempt: DoorAttempt, *, forgives: bool = True) -> DoorUse | AppError:
    key = stores.pickup_key(attempt.store_id)
    use = find_opened([Candidate(use.ticket.order_id, use.nonce, use) for use in uses], code, key=key)
    if use is None:
        _count(attempt)
        return WrongCode()
    if forgives:
        attempt.failures, attempt.locked_until = 0, None
        attempt.save(update_fields=["failures", "locked_until"])
    if use.state == DoorState.HELD:
        return NotReadyYet(f"Still being made, {_minutes_left(use.ticket)}.")
    if use.expires_at is None or use.expires_at <= now():
        return DoorNotWaiting("This drink waited too long and is no longer good, so its door stays closed.")
    return use


def _live_uses(store_id: UUID) -> QuerySet[DoorUse]:
    live = DoorUse.objects.filter(store_id=store_id, state__in=[DoorState.HELD, DoorState.LOADED])
    return live.select_related("ticket", "door").order_by("id")


def _why_no_door(ticket: Ticket) -> AppError:
    if ticket.status == TicketStatus.QUEUED:
        return NotReadyYet("Your order is in the robots' queue. The code opens the door when the drink is behind it.")
    if ticket.status == TicketStatus.DONE:
        return DoorNotWaiting("This order's door was opened already, or the drink waited too long and was taken away.")
    return DoorNotWaiting()


def _minutes_left(ticket: Ticket) -> str:
    since = ticket.claimed_at or now()
    left = ticket.make_seconds - (now() - since).total_seconds()
    minutes = max(1, round(left / 60))
    return f"about {minutes} min"


def _command_open(use: DoorUse) -> None:
    until = now() + limits.OPEN_COMMAND
    waiting = DoorCommand.objects.filter(use=use, type=CommandType.OPEN, done_at=None)
    if not waiting.update(expires_at=until):
        DoorCommand.objects.create(store_id=use.store_id, use=use, type=CommandType.OPEN, expires_at=until)
    wake_doors(use.store_id)


def _locked_attempt(store_id: UUID, caller: str) -> DoorAttempt:
    row = DoorAttempt(store_id=store_id, caller=caller, last_failed_at=now())
    DoorAttempt.objects.bulk_create([row], ignore_conflicts=True)
    return DoorAttempt.objects.select_for_update(of=("self",)).get(store_id=store_id, caller=caller)


def _lock_out(attempt: DoorAttempt) -> CodeLocked | None:
    if attempt.locked_until is None or attempt.locked_until <= now():
        return None
    seconds = int((attempt.locked_until - now()).total_seconds()) + 1
    minutes = -(-seconds // 60)
    return CodeLocked(
        f"Too many wrong codes. Try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        headers={"Retry-After": str(seconds)},
    )


def _count(attempt: DoorAttempt) -> None:
    fresh = attempt.last_failed_at <= now() - limits.LOCK_OUT or attempt.locked_until is not None
    attempt.failures = 1 if fresh else attempt.failures + 1
    attempt.last_failed_at = now()
    attempt.locked_until = now() + limits.LOCK_OUT if attempt.failures >= limits.WRONG_CODES else None
    attempt.save(update_fields=["failures", "last_failed_at", "locked_until"])

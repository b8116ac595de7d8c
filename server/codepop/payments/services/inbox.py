"""The provider's messages: taken in at once, believed never, applied as the state that is then fetched."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from codepop.core.db import transaction, transaction_required
from codepop.core.inbox import Message, receive
from codepop.core.jobs import defer, defer_once
from codepop.core.log import get_logger
from codepop.core.models import InboxMessage, InboxState
from codepop.gateways.payments import EventKind, Refused
from codepop.gateways.payments.stripe import PROVIDER, gateway
from codepop.kit.clock import now
from codepop.payments.errors import Contradiction
from codepop.payments.models import Payment
from codepop.payments.services.intents import apply_intent
from codepop.payments.services.refunds import apply_refund

log = get_logger(__name__)

PARK_SECONDS = (2, 5, 15, 60, 300, 1800, 7200, 43_200)
"""When a message about something we do not know is looked at again; afterwards a person must look."""

LEFT_BEHIND_AFTER = timedelta(minutes=2)


def receive_webhook(*, body: bytes, headers: Mapping[str, str]) -> bool:
    """Verify a message and store it with its job, in one commit; False when it was here before or says nothing to us.

    Raises WebhookRefused, with nothing stored.
    """
    event = gateway().verify_webhook(body=body, headers=headers)
    if event.kind == EventKind.OTHER or not event.subject:
        return False
    message = Message(
        provider=PROVIDER,
        external_id=event.id,
        kind=event.kind,
        subject=event.subject,
        happened_at=event.happened_at,
    )
    return receive(message, job="payments.take_message")


def take_message(*, message_id: int) -> InboxState:
    """Look at what a message is about and apply it; may be repeated. Raises Unavailable: call it again."""
    message = InboxMessage.objects.get(id=message_id)
    if message.state not in (InboxState.NEW, InboxState.PARKED):
        return InboxState(message.state)
    seen_at = now()
    try:
        apply = _LOOKS[EventKind(message.kind)](message.subject)
        with transaction():
            apply(seen_at)
            return _close(message, InboxState.DONE)
    except _NotOurs as error:
        outcome, note = InboxState.IGNORED, str(error)
    except (Payment.DoesNotExist, _NotYet) as error:
        return _park(message, str(error))
    except (Contradiction, Refused, _Dispute) as error:
        outcome, note = InboxState.QUARANTINED, error.detail if isinstance(error, Contradiction) else str(error)
        log.error("message_quarantined", reason=note, **message.facts())
    with transaction():
        return _close(message, outcome, note)


class _NotOurs(Exception):
    """The object was not made by CodePop (another system uses the same account)."""


class _NotYet(Exception):
    """The message came before our own row."""


class _Dispute(Exception):
    """The holder of the card disputes the charge."""


Apply = Callable[[datetime], object]


def _look_at_intent(intent_id: str) -> Apply:
    intent = gateway().fetch_intent(intent_id=intent_id)
    payment_id = intent.payment_id
    if payment_id is None:
        raise _NotOurs("the charge carries no payment of ours")
    return lambda seen_at: apply_intent(payment_id=payment_id, intent=intent, seen_at=seen_at)


def _look_at_refunds(intent_id: str) -> Apply:
    refunds = gateway().list_refunds(intent_id=intent_id)

    def apply(seen_at: datetime) -> None:
        for refund in refunds:
            apply_refund(answer=refund, seen_at=seen_at)

    _require_known(intent_id)
    return apply


def _look_at_refund(provider_refund_id: str) -> Apply:
    refund = gateway().fetch_refund(provider_refund_id=provider_refund_id)
    _require_known(refund.intent_id)
    return lambda seen_at: apply_refund(answer=refund, seen_at=seen_at)


def _require_known(intent_id: str) -> None:
    """Sort a refund of an unknown charge: is the charge not ours, or is its success yet to be applied?"""
    if Payment.objects.filter(intent_id=intent_id, status="succeeded").exists():
        return
    if gateway().fetch_intent(intent_id=intent_id).payment_id is None:
        raise _NotOurs("the refunded charge carries no payment of ours")
    raise _NotYet("the charge is not applied yet")


def _look_at_dispute(intent_id: str) -> Apply:
    if not Payment.objects.filter(intent_id=intent_id).exists():
        raise _NotOurs("the disputed charge is not ours")
    raise _Dispute("The holder of the card disputes this charge: answer it at Stripe.")


_LOOKS: Final[dict[EventKind, Callable[[str], Apply]]] = {
    EventKind.INTENT: _look_at_intent,
    EventKind.INTENT_REFUNDS: _look_at_refunds,
    EventKind.REFUND: _look_at_refund,
    EventKind.DISPUTE: _look_at_dispute,
}


@transaction_required
def _close(message: InboxMessage, state: InboxState, note: str = "") -> InboxState:
    InboxMessage.objects.filter(id=message.id).update(
        state=state, note=note, done_at=now(), attempts=message.attempts + 1, next_try_at=None
    )
    return state


def _park(message: InboxMessage, note: str) -> InboxState:
    """Keep a message about something unknown and look again later; in the end a person must look."""
    if message.attempts >= len(PARK_SECONDS):
        log.error("message_quarantined", reason="still unknown", **message.facts())
        with transaction():
            return _close(message, InboxState.QUARANTINED, f"still unknown: {note}")
    wait = PARK_SECONDS[message.attempts]
    with transaction():
        InboxMessage.objects.filter(id=message.id).update(
            state=InboxState.PARKED,
            note=note,
            attempts=message.attempts + 1,
            next_try_at=now() + timedelta(seconds=wait),
        )
        defer("payments.take_message", after_seconds=wait, message_id=message.id)
    return InboxState.PARKED


def retry_messages() -> int:
    """Add a job for each message whose own job got lost or gave up; returns how many."""
    overdue = now() - LEFT_BEHIND_AFTER
    left = InboxMessage.objects.filter(
        Q(state=InboxState.NEW, received_at__lt=overdue) | Q(state=InboxState.PARKED, next_try_at__lt=overdue),
        provider=PROVIDER,
    )
    ids = list(left.order_by("id").values_list("id", flat=True)[:100])
    added = [defer_once("payments.take_message", key=f"message:{one}", message_id=one) for one in ids]
    return sum(added)

"""The provider's messages: taken in at once, believed never, applied as the state that is then fetched."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from codepop.core.db import transaction
from codepop.core.inbox import Message, TryLater, close, receive
from codepop.core.log import get_logger
from codepop.core.models import WAITING, InboxMessage, InboxState
from codepop.gateways.payments import EventKind, Refused, Unavailable
from codepop.gateways.payments.stripe import PROVIDER, gateway
from codepop.kit.clock import now
from codepop.payments.errors import Contradiction
from codepop.payments.models import Payment
from codepop.payments.services.disputes import apply_dispute
from codepop.payments.services.guard import note_saving_declines
from codepop.payments.services.intents import apply_intent
from codepop.payments.services.refunds import apply_refund, failed_first, require_certain

log = get_logger(__name__)

PARK_SECONDS = (2, 5, 15, 60, 300, 1800, 7200, 43_200)
"""When a message about something we do not know is looked at again; afterwards a person must look."""


def receive_webhook(*, body: bytes, headers: Mapping[str, str]) -> bool:
    """Verify a message and store it for the worker; False when it was here before or says nothing to us.

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
    return receive(message)


def take_message(*, message_id: int) -> InboxState:
    """Look at what a message is about and apply it, due or not; may be repeated. Raises Unavailable: call it again."""
    message = InboxMessage.objects.get(id=message_id)
    return _take([message]) if message.state in WAITING else InboxState(message.state)


def take_messages(messages: Sequence[InboxMessage]) -> InboxState:
    """Look once at the object that these messages are about, and apply it. Raises TryLater."""
    try:
        return _take(messages)
    except Unavailable as error:
        raise TryLater(str(error)) from error


def _take(messages: Sequence[InboxMessage]) -> InboxState:
    told = messages[0]
    seen_at = now()
    try:
        apply = _LOOKS[EventKind(told.kind)](told.subject)
        with transaction():
            apply(seen_at)
            return close(messages, InboxState.DONE)
    except _NotOurs as error:
        outcome, note = InboxState.IGNORED, str(error)
    except (Payment.DoesNotExist, _NotYet) as error:
        return _park(messages, str(error))
    except (Contradiction, Refused) as error:
        outcome, note = InboxState.QUARANTINED, error.detail if isinstance(error, Contradiction) else str(error)
        log.error("message_quarantined", reason=note, **told.facts())
    with transaction():
        return close(messages, outcome, note)


class _NotOurs(Exception):
    """The object was not made by CodePop (another system uses the same account)."""


class _NotYet(Exception):
    """The message came before our own row."""


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
        for refund in failed_first(refunds):
            apply_refund(answer=refund, seen_at=seen_at)

    _require_known(intent_id)
    for refund in refunds:
        require_certain(refund)
    return apply


def _look_at_refund(provider_refund_id: str) -> Apply:
    refund = gateway().fetch_refund(provider_refund_id=provider_refund_id)
    if refund.refund_id is None:
        # Made by hand: whether there is room for it depends on how the charge's other refunds went.
        return _look_at_refunds(refund.intent_id)
    _require_known(refund.intent_id)
    return lambda seen_at: apply_refund(answer=refund, seen_at=seen_at)


def _require_known(intent_id: str) -> None:
    """Sort a refund or dispute of an unknown charge: is the charge not ours, or is its success yet to be applied?"""
    if Payment.objects.filter(intent_id=intent_id, status="succeeded").exists():
        return
    if gateway().fetch_intent(intent_id=intent_id).payment_id is None:
        raise _NotOurs("the charge carries no payment of ours")
    raise _NotYet("the charge is not applied yet")


def _look_at_dispute(dispute_id: str) -> Apply:
    dispute = gateway().fetch_dispute(dispute_id=dispute_id)
    _require_known(dispute.intent_id)
    return lambda seen_at: apply_dispute(answer=dispute, seen_at=seen_at)


def _look_at_saving(saving_id: str) -> Apply:
    declines = gateway().count_declines(saving_id=saving_id)

    def apply(seen_at: datetime) -> None:
        if not note_saving_declines(saving_id=saving_id, declines=declines):
            raise _NotOurs("no card of ours was about to be saved there, or it is a day ago")

    return apply


_LOOKS: Final[dict[EventKind, Callable[[str], Apply]]] = {
    EventKind.INTENT: _look_at_intent,
    EventKind.INTENT_REFUNDS: _look_at_refunds,
    EventKind.REFUND: _look_at_refund,
    EventKind.DISPUTE: _look_at_dispute,
    EventKind.SAVING: _look_at_saving,
}


def _park(messages: Sequence[InboxMessage], note: str) -> InboxState:
    """Keep messages about something unknown and look again later; in the end a person must look."""
    with transaction():
        return [_park_one(message, note) for message in messages][-1]


def _park_one(message: InboxMessage, note: str) -> InboxState:
    if message.attempts >= len(PARK_SECONDS):
        log.error("message_quarantined", reason="still unknown", **message.facts())
        return close([message], InboxState.QUARANTINED, f"still unknown: {note}")
    InboxMessage.objects.filter(id=message.id, state__in=WAITING).update(
        state=InboxState.PARKED,
        note=note,
        attempts=message.attempts + 1,
        next_try_at=now() + timedelta(seconds=PARK_SECONDS[message.attempts]),
    )
    return InboxState.PARKED

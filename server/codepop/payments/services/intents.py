"""Charging: one PaymentIntent for each payment, whatever the number of cards tried.

The provider's state is applied, never a step: looking twice, or late, changes nothing. Locks are taken in the order
payment, then what is paid for; whoever holds the latter never waits for a payment.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from codepop.core import rows
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import AppError
from codepop.core.events import publish
from codepop.core.jobs import defer, defer_once
from codepop.core.log import get_logger
from codepop.gateways.payments import (
    CustomerGone,
    GatewayError,
    Intent,
    IntentRequest,
    IntentStatus,
    Refused,
    Unavailable,
    Unknown,
)
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments import ledger
from codepop.payments.errors import Contradiction, PaymentClosed, ProviderAway, ProviderRefuses
from codepop.payments.events import PaymentCancelled, PaymentFailed, PaymentNeedsAction, PaymentSucceeded
from codepop.payments.models import FINAL_STATUSES, Payment, PaymentStatus
from codepop.payments.services.customers import forget_customer
from codepop.payments.services.guard import note_declines

log = get_logger(__name__)

STALE_AFTER = timedelta(seconds=45)
"""An open payment that was not looked at for so long is looked at again: its webhook may be lost."""

ARRIVED_BY = timedelta(seconds=30)
"""A request that was sent has reached the provider by then, or never will: ours are given up after ten seconds."""

LOOK_BACK = timedelta(days=2)
BATCH = 25
"""Stripe allows 25 requests a second on one endpoint."""

_STATUS: Final[dict[IntentStatus, PaymentStatus]] = {
    IntentStatus.REQUIRES_METHOD: PaymentStatus.REQUIRES_METHOD,
    IntentStatus.REQUIRES_ACTION: PaymentStatus.REQUIRES_ACTION,
    IntentStatus.PROCESSING: PaymentStatus.PROCESSING,
    IntentStatus.SUCCEEDED: PaymentStatus.SUCCEEDED,
    IntentStatus.CANCELLED: PaymentStatus.CANCELLED,
}
_APPLIED = [
    "last_charge_id",
    "status",
    "failures",
    "failure_code",
    "failure_message",
    "observed_at",
    "succeeded_at",
]


@dataclass(frozen=True)
class Charge:
    """What is to be paid, and for which store's books. `tax_cents` is contained in `amount_cents`."""

    reference: UUID
    store_id: UUID
    amount_cents: int
    tax_cents: int
    currency: str
    description: str
    statement_suffix: str


@transaction_required
def open_payment(*, charge: Charge) -> Payment:
    """Record that something is to be paid. The provider hears of it in `create_intent`."""
    payment = Payment(
        reference=charge.reference,
        store_id=charge.store_id,
        amount_cents=charge.amount_cents,
        tax_cents=charge.tax_cents,
        currency=charge.currency,
        description=charge.description,
        statement_suffix=charge.statement_suffix,
    )
    rows.insert(payment)
    return payment


def create_intent(*, reference: UUID, customer_id: str = "") -> Payment:
    """Make the intent of what is to be paid at the provider, or return the payment that already has one.

    `customer_id` is the provider's id of the payer, whose saved cards may pay it.

    May be called any number of times, also at once: the key comes from the row. Raises PaymentClosed, ProviderAway
    (ask again) and ProviderRefuses.
    """
    payment = _payment(reference=reference)
    if _is_closed(payment):
        raise PaymentClosed
    if payment.intent_id:
        return payment
    seen_at = now()
    try:
        intent = _ask_for_intent(payment, customer_id)
    except (Unavailable, Unknown) as error:
        log.warning("payment_provider_away", payment=str(payment.id), kind=type(error).__name__, code=error.code)
        raise ProviderAway(headers=_try_again(error)) from error
    except Refused as error:
        log.error("payment_refused", payment=str(payment.id), code=error.code, request=error.request_id)
        raise ProviderRefuses from error
    if _record_new(payment, intent, seen_at):
        return payment
    with transaction():
        payment = apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)
        if payment.cancel_asked_at:
            defer("payments.cancel_intent", reference=str(payment.reference))
    if _is_closed(payment):
        raise PaymentClosed
    return payment


def _try_again(error: GatewayError) -> dict[str, str]:
    """Tell the app when to ask again: as soon as the provider, or our own guard, lets us."""
    return {"Retry-After": str(math.ceil(error.retry_after or 5))}


def _is_closed(payment: Payment) -> bool:
    return payment.status == PaymentStatus.CANCELLED or payment.cancel_asked_at is not None


def _record_new(payment: Payment, intent: Intent, seen_at: datetime) -> bool:
    """Record an intent nobody has touched yet, unless something happened to the payment meanwhile."""
    if intent.status != IntentStatus.REQUIRES_METHOD or intent.last_charge_id:
        return False
    _refuse_contradiction(payment, intent)
    payment.intent_id, payment.client_secret = intent.id, intent.client_secret
    payment.status = PaymentStatus.REQUIRES_METHOD
    payment.observed_at = seen_at
    fields = ("intent_id", "client_secret", "status", "observed_at")
    return rows.update_if(payment, fields, status=PaymentStatus.NEW, intent_id=None, cancel_asked_at=None)


def _ask_for_intent(payment: Payment, customer_id: str) -> Intent:
    """Look first when an earlier request may have arrived; then ask, with the key that belongs to the row."""
    if payment.sent_at is None:
        payment.sent_at = now()
        rows.update_if(payment, ["sent_at"], sent_at=None)
        return _create(payment, customer_id)
    if intent := gateway().find_intent(payment_id=payment.id, since=payment.sent_at):
        return intent
    try:
        return _create(payment, customer_id)
    except Unknown:
        # Nothing is there and the key gives no answer (a stored 5xx): the next try takes a new key. An intent that
        # appears yet can't be paid, since its secret was never handed out.
        Payment.objects.filter(id=payment.id, attempt=payment.attempt).update(attempt=payment.attempt + 1)
        raise


def _create(payment: Payment, customer_id: str) -> Intent:
    """Ask for an intent; without the customer when the provider lost it: a person's cards must not stop their money."""
    try:
        return gateway().create_intent(request=_request(payment, customer_id), key=_key(payment, customer_id))
    except CustomerGone:
        forget_customer(customer_id)
    return gateway().create_intent(request=_request(payment, ""), key=_key(payment, ""))


def _key(payment: Payment, customer_id: str) -> str:
    # With the customer, since a key must not be used for two different requests.
    payer = f":{customer_id}" if customer_id else ""
    return f"codepop:intent:{payment.id}:{payment.attempt}{payer}"


def _request(payment: Payment, customer_id: str) -> IntentRequest:
    return IntentRequest(
        payment_id=payment.id,
        reference=payment.reference,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        description=payment.description,
        statement_suffix=payment.statement_suffix,
        customer_id=customer_id,
    )


def refresh(*, payment_id: UUID) -> Payment:
    """Ask the provider how the payment stands and apply it. Raises ProviderAway."""
    payment = Payment.objects.get(id=payment_id)
    if payment.status in FINAL_STATUSES or payment.sent_at is None:
        return payment
    seen_at = now()
    try:
        intent = _look(payment)
    except (Unavailable, Refused) as error:
        log.warning("payment_look_failed", payment=str(payment.id), code=error.code)
        raise ProviderAway(headers=_try_again(error)) from error
    if intent is None:
        return payment
    with transaction():
        return apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)


def _look(payment: Payment) -> Intent | None:
    if payment.intent_id:
        return gateway().fetch_intent(intent_id=payment.intent_id)
    if payment.sent_at:
        return gateway().find_intent(payment_id=payment.id, since=payment.sent_at)
    return None


def refresh_stale() -> int:
    """Look at open payments that nothing was heard of lately; returns how many were looked at."""
    stale = Payment.objects.exclude(status__in=[*FINAL_STATUSES, PaymentStatus.NEW]).filter(
        Q(observed_at__lt=now() - STALE_AFTER) | Q(observed_at=None), created_at__gt=now() - LOOK_BACK
    )
    ids = list(stale.order_by("observed_at").values_list("id", flat=True)[:BATCH])
    for payment_id in ids:
        try:
            refresh(payment_id=payment_id)
        except AppError as error:
            log.warning("stale_payment_left", payment=str(payment_id), reason=error.code)
    return len(ids)


def finish_cancellations() -> int:
    """Add a job for each payment that was to be made unpayable and is not yet; returns how many.

    Its own job may have given up during a long outage, or come before a request on its way could have arrived.
    """
    left = Payment.objects.exclude(status__in=FINAL_STATUSES).filter(
        cancel_asked_at__lt=now() - STALE_AFTER, created_at__gt=now() - LOOK_BACK
    )
    references = [str(one) for one in left.order_by("id").values_list("reference", flat=True)[:BATCH]]
    return sum(defer_once("payments.cancel_intent", key=f"cancel:{one}", reference=one) for one in references)


@transaction_required
def cancel_open_intent(*, reference: UUID) -> None:
    """Ask for a payment to be made unpayable, by a job; a success that is found instead is applied."""
    defer("payments.cancel_intent", reference=str(reference))


def cancel_intent(*, reference: UUID) -> Payment:
    """Make a payment unpayable at the provider; returns it as it then stands, perhaps succeeded.

    Raises Unavailable or Unknown: call it again.
    """
    with transaction():
        payment = _locked(reference=reference)
        if payment.status in FINAL_STATUSES:
            return payment
        payment.cancel_asked_at = payment.cancel_asked_at or now()
        payment.status = PaymentStatus.CANCELLED if payment.sent_at is None else payment.status
        payment.save(update_fields=["cancel_asked_at", "status"])
    seen_at = now()
    intent = None if payment.status == PaymentStatus.CANCELLED else _look(payment)
    if intent is None:
        return _cancel_unheard(payment)
    if intent.status not in (IntentStatus.SUCCEEDED, IntentStatus.CANCELLED):
        seen_at = now()
        intent = replace(_send_cancel(payment, intent), declines=intent.declines)
    with transaction():
        return apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)


def _send_cancel(payment: Payment, intent: Intent) -> Intent:
    """Cancel an intent that was just seen open. Cancelling twice does no harm, but a stored 5xx would never end."""
    again = f":{payment.attempt}" if payment.attempt > 1 else ""
    try:
        return gateway().cancel_intent(intent_id=intent.id, key=f"codepop:cancel:{payment.id}:{intent.id}{again}")
    except Unknown:
        # Looked at first next time: the new key is used only when the intent is still open then.
        Payment.objects.filter(id=payment.id, attempt=payment.attempt).update(attempt=payment.attempt + 1)
        raise


def _cancel_unheard(payment: Payment) -> Payment:
    """Cancel a payment whose request the provider does not know, once no such request can be on its way any more.

    Should one arrive yet, nobody can pay it: its secret was never handed out.
    """
    asked_at = payment.cancel_asked_at
    if payment.status == PaymentStatus.CANCELLED or asked_at is None or asked_at > now() - ARRIVED_BY:
        return payment
    with transaction():
        payment = _locked(reference=payment.reference)
        if payment.status == PaymentStatus.NEW and not payment.intent_id:
            payment.status = PaymentStatus.CANCELLED
            payment.save(update_fields=["status"])
    return payment


def _locked(**which: UUID) -> Payment:
    """Lock without blocking rows that merely point at the payment (FOR NO KEY UPDATE)."""
    return _payment(lock=True, **which)


def _payment(*, lock: bool = False, **which: UUID) -> Payment:
    payment = rows.find(Payment, lock=lock, **which)
    if payment is None:
        raise Payment.DoesNotExist
    return payment


@transaction_required
def apply_intent(*, payment_id: UUID, intent: Intent, seen_at: datetime) -> Payment:
    """Apply what the provider showed in a look that began at `seen_at`; returns the payment, locked.

    Publishes PaymentSucceeded, PaymentFailed, PaymentNeedsAction or PaymentCancelled on a change. Raises Contradiction
    when amount, currency or identity are not ours, and Payment.DoesNotExist.
    """
    payment = _locked(id=payment_id)
    _refuse_contradiction(payment, intent)
    if payment.status in FINAL_STATUSES or _is_stale(payment, intent, seen_at):
        return payment
    before, failures = payment.status, payment.failures
    fields = _APPLIED
    if not payment.intent_id:
        payment.intent_id, payment.client_secret = intent.id, intent.client_secret
        fields = [*_APPLIED, "intent_id", "client_secret"]
    payment.observed_at = seen_at
    declined = bool(intent.failure_code) and intent.status == IntentStatus.REQUIRES_METHOD
    payment.status = PaymentStatus.FAILED if declined else _STATUS[intent.status]
    new_decline = declined and (before != PaymentStatus.FAILED or intent.last_charge_id != payment.last_charge_id)
    # A state where the provider's charges were counted: a look may stand for many cards.
    payment.failures = max(failures, intent.declines or failures + new_decline)
    payment.last_charge_id = intent.last_charge_id
    payment.failure_code = intent.failure_code if declined else ""
    payment.failure_message = intent.failure_message if declined else ""
    if payment.status == PaymentStatus.SUCCEEDED:
        payment.succeeded_at = now()
    rows.update(payment, fields)
    if payment.status == PaymentStatus.SUCCEEDED:
        ledger.book_charge(payment=payment, at=seen_at)
        publish(PaymentSucceeded(payment_id=payment.id, reference=payment.reference))
    if payment.failures > failures:
        note_declines(payment, before=failures)
    if new_decline:
        publish(PaymentFailed(payment_id=payment.id, reference=payment.reference, code=payment.failure_code))
    elif payment.status != before and payment.status in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PROCESSING):
        publish(PaymentNeedsAction(payment_id=payment.id, reference=payment.reference))
    elif payment.status == PaymentStatus.CANCELLED:
        publish(PaymentCancelled(payment_id=payment.id, reference=payment.reference))
    return payment


def _is_stale(payment: Payment, intent: Intent, seen_at: datetime) -> bool:
    """Say whether a newer look was applied already. What is final at the provider is never stale."""
    final = intent.status in (IntentStatus.SUCCEEDED, IntentStatus.CANCELLED)
    return not final and payment.observed_at is not None and seen_at < payment.observed_at


def _refuse_contradiction(payment: Payment, intent: Intent) -> None:
    if intent.payment_id != payment.id or (payment.intent_id and payment.intent_id != intent.id):
        raise Contradiction(f"intent {intent.id} is not the one of payment {payment.id}")
    if (intent.amount_cents, intent.currency) != (payment.amount_cents, payment.currency):
        raise Contradiction(f"intent {intent.id} is over {intent.amount_cents} {intent.currency}")
    if intent.status == IntentStatus.SUCCEEDED and intent.captured_cents != payment.amount_cents:
        raise Contradiction(f"intent {intent.id} captured {intent.captured_cents} of {payment.amount_cents}")

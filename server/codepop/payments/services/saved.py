"""Saved cards: kept by the provider, shown as it shows them, known to us by their ids (PAY-09).

A person's customer is `payments.services.customers`' matter.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from codepop.core.db import transaction, transaction_required
from codepop.core.jobs import defer
from codepop.core.log import get_logger
from codepop.gateways.payments import CustomerGone, Intent, Refused, SavedMethod, Saving, Unavailable, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.payments.errors import MethodUnknown, NoSavedCard, PaymentClosed, ProviderAway
from codepop.payments.models import FINAL_STATUSES, Payer, Payment
from codepop.payments.services.customers import asked, forget_customer, with_customer
from codepop.payments.services.guard import admit_payer, note_saving
from codepop.payments.services.intents import ARRIVED_BY, apply_intent

log = get_logger(__name__)


@dataclass(frozen=True)
class MethodView:
    """A saved card and whether it is the one to charge first; `expired` by the provider's dates."""

    method: SavedMethod
    is_default: bool
    expired: bool


def list_methods(*, user_id: UUID) -> list[MethodView]:
    """Return a person's saved cards, the default one first; none are known before one is saved.

    A default that is gone at the provider is forgotten: the newest card takes its place. Raises ProviderAway and
    ProviderRefuses.
    """
    payer = Payer.objects.filter(user_id=user_id, forget_asked_at=None).first()
    if payer is None or payer.customer_id is None:
        return []
    methods = asked(partial(_methods_of, payer.customer_id))
    default = _settle_default(payer, [one.id for one in methods])
    views = [MethodView(one, is_default=one.id == default, expired=_expired(one, now())) for one in methods]
    return sorted(views, key=lambda view: not view.is_default)


def _methods_of(customer_id: str) -> list[SavedMethod]:
    try:
        return gateway().list_methods(customer_id=customer_id)
    except CustomerGone:
        forget_customer(customer_id)
        return []


def _settle_default(payer: Payer, ids: list[str]) -> str:
    default = payer.default_method_id
    if default not in ids:
        default = ids[0] if ids else ""
    if default != payer.default_method_id:
        known = Payer.objects.filter(id=payer.id, default_method_id=payer.default_method_id)
        known.update(default_method_id=default)
    return default


def _expired(method: SavedMethod, at: datetime) -> bool:
    return (method.exp_year, method.exp_month) < (at.year, at.month)


def start_saving(*, user_id: UUID, address: str, key: str) -> str:
    """Return the secret with which the provider's form saves a card; the same `key`, the same secret.

    Its person and network address are noted for the guard against card testing. Raises TooManyDeclines.
    """
    admit_payer(reference=None, person=user_id, address=address)

    def start(customer_id: str) -> Saving:
        return gateway().start_saving(customer_id=customer_id, key=f"codepop:setup:{customer_id}:{key}")

    saving = with_customer(user_id=user_id, call=start)
    note_saving(saving_id=saving.id, person=user_id, address=address)
    return saving.client_secret


def open_sheet(*, user_id: UUID, key: str) -> tuple[str, str]:
    """Return the customer's id and a short-lived secret, for a phone's own payment sheet."""

    def open_for(customer_id: str) -> tuple[str, str]:
        secret = gateway().open_sheet(customer_id=customer_id, key=f"codepop:sheet:{customer_id}:{key}")
        return customer_id, secret

    return with_customer(user_id=user_id, call=open_for)


def choose_default(*, user_id: UUID, method_id: str) -> None:
    """Have a card charged first. Raises MethodUnknown for what is not this person's."""
    _require_own(user_id, method_id)
    Payer.objects.filter(user_id=user_id).update(default_method_id=method_id)


def remove_method(*, user_id: UUID, method_id: str) -> None:
    """Take a card from its person for good; one that is gone already is fine. Raises MethodUnknown, ProviderAway."""
    _require_own(user_id, method_id)
    # A new key each time: the card was just seen, taking it away twice does no harm, and a stored 5xx would stay.
    asked(lambda: gateway().detach_method(method_id=method_id, key=f"codepop:detach:{method_id}:{uuid7()}"))
    Payer.objects.filter(user_id=user_id, default_method_id=method_id).update(default_method_id="")


def _require_own(user_id: UUID, method_id: str) -> None:
    if method_id not in {view.method.id for view in list_methods(user_id=user_id)}:
        raise MethodUnknown


def attach_payer(*, reference: UUID, user_id: UUID, save: bool) -> Payment:
    """Let a person's saved cards pay what they ordered; with `save` the card that pays is kept.

    Raises PaymentClosed (also when it has no intent yet), ProviderAway, ProviderRefuses.
    """
    payment = Payment.objects.get(reference=reference)
    if payment.status in FINAL_STATUSES or payment.cancel_asked_at or not payment.intent_id:
        raise PaymentClosed
    intent_id, seen_at = payment.intent_id, now()

    def attach(customer_id: str) -> Intent:
        # A wish may be taken back and made again, so no key is used twice: a repeated one would bring the earlier
        # answer and change nothing. Setting the same twice does no harm, unlike charging.
        key = f"codepop:attach:{payment.id}:{uuid7()}"
        return gateway().attach_customer(intent_id=intent_id, customer_id=customer_id, save=save, key=key)

    intent = with_customer(user_id=user_id, call=attach)
    with transaction():
        return apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)


def has_default(user_id: UUID | None) -> bool:
    """Say whether a person has a card that can be charged while they are away; asks nobody."""
    return user_id is not None and _with_default(user_id).exists()


def _with_default(user_id: UUID) -> "QuerySet[Payer]":
    return Payer.objects.filter(user_id=user_id, forget_asked_at=None).exclude(default_method_id="")


def charge_default(*, reference: UUID, user_id: UUID, until: datetime) -> Payment:
    """Charge a person's default card while they are away; returns the payment as it then stands, perhaps failed.

    Only for whom agreed to it until then: nothing is sent that could take effect later. May be repeated, since one
    intent takes money once. Raises NoSavedCard and ProviderAway.
    """
    if not has_default(user_id):
        raise NoSavedCard
    payment = attach_payer(reference=reference, user_id=user_id, save=False)
    # Read afterwards: with a customer that turned out to be gone the card is gone too.
    payer = _with_default(user_id).first()
    if payer is None or payment.intent_id is None:
        raise NoSavedCard
    if payment.status in FINAL_STATUSES or now() + ARRIVED_BY > until:
        return payment
    seen_at, intent_id = now(), payment.intent_id
    # Each look at the intent that found it unpaid allows one more try; the intent itself takes money once.
    looked = int(payment.observed_at.timestamp()) if payment.observed_at else 0
    try:
        intent = gateway().charge_saved(
            intent_id=intent_id,
            method_id=payer.default_method_id,
            key=f"codepop:charge:{payment.id}:{payer.default_method_id}:{looked}",
        )
    except (Unavailable, Unknown) as error:
        raise ProviderAway(headers={"Retry-After": "5"}) from error
    except Refused as error:
        log.info("saved_card_refused", payment=str(payment.id), code=error.code)
        intent = asked(lambda: gateway().fetch_intent(intent_id=intent_id))
    with transaction():
        return apply_intent(payment_id=payment.id, intent=intent, seen_at=seen_at)


@transaction_required
def forget_payer(*, user_id: UUID) -> None:
    """Have everything the provider keeps of a person deleted, by a job; for the erasure of an account.

    Their saved cards work no more from now on. May be called again, and for who never saved a card.
    """
    asked = Payer.objects.filter(user_id=user_id).update(forget_asked_at=now(), default_method_id="")
    if asked:
        defer("payments.delete_payer", user_id=str(user_id))


def delete_payer(*, user_id: UUID) -> None:
    """Delete a person's customer at the provider, then our row. Raises Unavailable: call it again."""
    payer = Payer.objects.filter(user_id=user_id, forget_asked_at__isnull=False).first()
    if payer is None:
        return
    customer_id = payer.customer_id
    if customer_id is None and payer.sent_at is not None:
        customer_id = gateway().find_customer(payer_id=payer.id, since=payer.sent_at)
    if customer_id is not None:
        gateway().delete_customer(customer_id=customer_id)
    Payer.objects.filter(id=payer.id).delete()

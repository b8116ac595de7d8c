"""A person as the provider's customer: made when first needed, made anew when the provider lost it.

Its key comes from the row; after an answer that got lost it is looked up by our id before it is asked for again.
"""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db.models import F

from codepop.core.log import get_logger
from codepop.gateways.payments import CustomerGone, Refused, Unavailable, Unknown
from codepop.gateways.payments.stripe import gateway
from codepop.kit.clock import now
from codepop.payments.errors import NoSavedCard, ProviderAway, ProviderRefuses
from codepop.payments.models import Payer

log = get_logger(__name__)

T = TypeVar("T")


def asked(call: Callable[[], T]) -> T:
    """Ask the provider in the words of our own errors."""
    try:
        return call()
    except (Unavailable, Unknown) as error:
        raise ProviderAway(headers={"Retry-After": "5"}) from error
    except Refused as error:
        log.error("saved_card_call_refused", code=error.code, request=error.request_id)
        raise ProviderRefuses from error


def with_customer(*, user_id: UUID, call: Callable[[str], T]) -> T:
    """Ask the provider something about a person's customer, who is made, or made anew, first if need be.

    `call` gets the customer's id, which must be part of its key. Raises NoSavedCard, ProviderAway, ProviderRefuses.
    """

    def try_known() -> T:
        customer_id = ensure_customer(user_id=user_id)
        try:
            return call(customer_id)
        except CustomerGone:
            forget_customer(customer_id)
        return call(ensure_customer(user_id=user_id))

    return asked(try_known)


def forget_customer(customer_id: str) -> None:
    """Go on without a customer that the provider does not know any more, nor their cards; may be repeated."""
    log.warning("customer_gone", customer=customer_id)
    Payer.objects.filter(customer_id=customer_id).update(
        customer_id=None, default_method_id="", sent_at=None, attempt=F("attempt") + 1
    )


def ensure_customer(*, user_id: UUID) -> str:
    """Return the provider's id of a person, who is made known to it first if need be. Raises ProviderAway.

    May run any number of times, also at once: the key comes from the row.
    """
    payer, _ = Payer.objects.get_or_create(user_id=user_id)
    if payer.forget_asked_at is not None:
        raise NoSavedCard
    if payer.customer_id is None:
        customer_id = asked(lambda: _make_customer(payer))
        Payer.objects.filter(id=payer.id, customer_id=None).update(customer_id=customer_id)
        return customer_id
    return payer.customer_id


def _make_customer(payer: Payer) -> str:
    if payer.sent_at is None:
        Payer.objects.filter(id=payer.id, sent_at=None).update(sent_at=now())
    elif found := gateway().find_customer(payer_id=payer.id, since=payer.sent_at):
        return found
    try:
        return gateway().create_customer(payer_id=payer.id, key=f"codepop:customer:{payer.id}:{payer.attempt}")
    except Unknown:
        if payer.sent_at is not None:
            # Nothing is there and the key gives no answer (a stored 5xx): the next try takes a new key.
            Payer.objects.filter(id=payer.id, attempt=payer.attempt).update(attempt=payer.attempt + 1)
        raise


def known_customer(user_id: UUID | None) -> str:
    """Return the provider's id of a person who has one, else nothing; asks nobody."""
    if user_id is None:
        return ""
    row = Payer.objects.filter(user_id=user_id, forget_asked_at=None).values_list("customer_id", flat=True).first()
    return row or ""

"""From a quote to an order: one transaction, from the claim of the key to the stored answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from codepop.accounts.access import token_digest
from codepop.core import rows
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import NotFound
from codepop.core.events import publish
from codepop.core.idempotency import Answer, IdempotentCall
from codepop.inventory import services as inventory
from codepop.inventory.availability import problems_of_missing, total_amounts
from codepop.inventory.errors import StockShort
from codepop.inventory.selectors import free_amounts
from codepop.kit.clock import now
from codepop.kit.ids import secret_token, uuid7
from codepop.ordering.documents import Step, Surroundings, order_document
from codepop.ordering.errors import QuoteChanged, QuoteExpired, QuoteRefused, QuoteUsed
from codepop.ordering.events import OrderPlaced
from codepop.ordering.lines import changed_fields, read_request
from codepop.ordering.machine import FIRST, PickupMode
from codepop.ordering.models import Order, OrderLine, Quote
from codepop.ordering.services.quotes import Offer, make_offer, place_quote, require_accepting, require_pickup
from codepop.ordering.timing import Pickup
from codepop.payments import services as payments
from codepop.payments.selectors import payment_view
from codepop.stores.selectors import get_store

if TYPE_CHECKING:
    from codepop.payments.models import Payment

_TAKE = """
    UPDATE ordering_quote SET used_at = %(at)s WHERE id = %(id)s AND used_at IS NULL AND expires_at > %(at)s RETURNING
"""
GUEST = "guest"
CUSTOMER = "customer"


@dataclass(frozen=True)
class Placing:
    """Who orders what. A guest has no `customer_id` and gives an e-mail address for the receipt."""

    quote_id: UUID
    customer_id: UUID | None
    contact_email: str
    pickup: Pickup | None


class _Outdated(Exception):
    """What was quoted is not what would be sold now."""

    def __init__(self, quote: Quote, offer: Offer, pickup: Pickup) -> None:
        self.quote, self.offer, self.pickup = quote, offer, pickup


def place_order(*, placing: Placing, call: IdempotentCall) -> Answer:
    """Turn a quote into an order that waits for its payment, with its stock reserved; the same call, the same answer.

    Prices, tax, allergens, hours and stock are looked at again; nothing else than what was shown is ever ordered.
    Raises NotFound, QuoteExpired, QuoteUsed, QuoteChanged (with a new quote), QuoteRefused, StoreClosed, PickupInvalid.
    """
    token, at = secret_token(), now()
    offer = None
    try:
        with transaction():
            if answer := call.replay():
                return answer
            quote = _take_quote(placing.quote_id, at)
            offer = _offer_again(quote, placing.pickup, at)
            order = _new_order(placing, quote, offer, token_hash=token_digest(token), at=at)
            order.save(force_insert=True)
            lines = _new_lines(order, quote)
            rows.insert(*lines)
            payment = payments.open_payment(charge=_charge(order))
            inventory.reserve(
                store_id=order.store_id, reference=order.id, amounts=total_amounts(offer.catalogue, offer.lines)
            )
            publish(OrderPlaced(order_id=order.id, store_id=order.store_id))
            return call.keep(201, {"order": _document(order, lines, offer, payment), "order_token": token})
    except _Outdated as outdated:
        raise _changed(outdated) from outdated
    except StockShort as short:
        raise _short_of(short, offer) from short


@transaction_required
def _take_quote(quote_id: UUID, at: datetime) -> Quote:
    """Mark the quote as used, waiting for another order that is just doing the same."""
    if quote := rows.returned(Quote, f"{_TAKE} {rows.columns(Quote)}", {"id": quote_id, "at": at}):
        return quote
    left = Quote.objects.filter(id=quote_id).first()
    if left is None:
        raise NotFound("There is no such quote. Ask for a new price.", fields={"quote_id": "unknown"})
    raise QuoteUsed if left.used_at else QuoteExpired


def _offer_again(quote: Quote, wanted: Pickup | None, at: datetime) -> Offer:
    """Compute the offer anew; raises _Outdated when it differs from what the quote showed."""
    store = get_store(quote.store_id)
    require_accepting(store)
    pickup = wanted or Pickup(PickupMode(quote.pickup_mode), quote.pickup_at)
    offer = make_offer(store=store, lines=[read_request(one) for one in quote.request])
    require_pickup(store, pickup, ready_in=offer.make_seconds, at=at)
    same = (quote.currency, quote.tax_cents, quote.total_cents, quote.priced) == (
        offer.priced.currency,
        offer.priced.tax_cents,
        offer.priced.total_cents,
        offer.documents(),
    )
    if not same:
        raise _Outdated(quote, offer, pickup)
    if wanted:
        quote.pickup_mode, quote.pickup_at = wanted.mode.value, wanted.at
        quote.ready_at = wanted.at or quote.ready_at
    return offer


def _new_order(placing: Placing, quote: Quote, offer: Offer, *, token_hash: bytes, at: datetime) -> Order:
    return Order(
        id=uuid7(),
        created_at=at,
        store_id=quote.store_id,
        customer_id=placing.customer_id,
        contact_email=placing.contact_email,
        token_hash=token_hash,
        quote_id=quote.id,
        status=FIRST.value,
        status_at=at,
        status_actor=CUSTOMER if placing.customer_id else GUEST,
        currency=quote.currency,
        subtotal_cents=quote.subtotal_cents,
        tax_cents=quote.tax_cents,
        total_cents=quote.total_cents,
        drinks=offer.drinks,
        make_seconds=offer.make_seconds,
        pickup_mode=quote.pickup_mode,
        pickup_at=quote.pickup_at,
        ready_estimate_at=quote.ready_at,
        pay_until=at + timedelta(seconds=settings.PAYMENT_SECONDS),
    )


def _new_lines(order: Order, quote: Quote) -> list[OrderLine]:
    return [OrderLine(order=order, position=position, **line) for position, line in enumerate(quote.priced)]


def _charge(order: Order) -> payments.Charge:
    return payments.Charge(
        reference=order.id,
        store_id=order.store_id,
        amount_cents=order.total_cents,
        tax_cents=order.tax_cents,
        currency=order.currency,
        description=f"CodePop order {order.code}",
        statement_suffix=order.code,
    )


def _document(order: Order, lines: list[OrderLine], offer: Offer, payment: "Payment") -> dict[str, object]:
    history = [Step("", order.status, order.status_at)]
    around = Surroundings(now=order.status_at, store=offer.store, payment=payment_view(payment), history=history)
    return dict(order_document(order, lines, around))


def _changed(outdated: _Outdated) -> QuoteChanged:
    fields = changed_fields(outdated.quote.priced, outdated.offer.documents())
    if outdated.quote.tax_cents != outdated.offer.priced.tax_cents:
        fields.setdefault("tax_cents", "The sales tax has changed.")
    quote = place_quote(store_id=outdated.quote.store_id, lines=outdated.offer.lines, pickup=outdated.pickup)
    return QuoteChanged(fields=fields, extra={"quote": quote})


def _short_of(short: StockShort, offer: Offer | None) -> QuoteRefused:
    assert offer is not None
    free = free_amounts(offer.store.id)
    return QuoteRefused(fields=problems_of_missing(offer.catalogue, offer.lines, short.missing, free))

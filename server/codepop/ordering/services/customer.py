"""What the person who ordered can do afterwards: pay, choose the pickup, cancel, order the same again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from codepop.catalog.selectors import catalogue
from codepop.core.db import transaction, transaction_required
from codepop.core.errors import NotFound
from codepop.core.events import publish
from codepop.inventory import services as inventory
from codepop.kit.clock import now
from codepop.ordering.errors import TooLate
from codepop.ordering.events import OrderCancelled, OrderWithdrawn
from codepop.ordering.lines import RequestDocument, names_gone
from codepop.ordering.machine import BEFORE_PREPARATION, Move, PickupMode, Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.selectors import OrderAccess, queue_seconds
from codepop.ordering.services.moves import locked_order, move, release, return_money, touch
from codepop.ordering.services.quotes import require_pickup
from codepop.ordering.services.waiting import note_provider_away, try_again_now
from codepop.ordering.timing import Pickup, is_fetchable, ready_in_seconds, release_at
from codepop.payments import services as payments
from codepop.payments.errors import ProviderAway
from codepop.payments.selectors import payment_for
from codepop.stores.selectors import StoreView, get_store

if TYPE_CHECKING:
    from codepop.payments.models import Payment


@dataclass(frozen=True)
class Again:
    """A cart made from an earlier order; `unavailable` names drinks that left the menu."""

    lines: list[RequestDocument]
    unavailable: list[str]


def pay_for_order(*, order: OrderAccess) -> "Payment":
    """Make the order payable, or return its payment; while the provider is away the worker goes on trying.

    Raises TooLate, PaymentClosed, ProviderAway and ProviderRefuses.
    """
    if order.status != Status.PAYMENT_PENDING:
        raise TooLate("There is nothing to pay on this order any more.")
    try:
        # An order that waits has its intent perhaps from before the outage: that says nothing about now.
        try_again_now(order=order)
        customer_id = payments.known_customer(order.customer_id)
        return payments.create_intent(reference=order.order_id, customer_id=customer_id)
    except ProviderAway:
        note_provider_away(order_id=order.order_id)
        raise


def use_own_cards(*, order: OrderAccess, user_id: UUID, save: bool) -> "Payment":
    """Let the person's saved cards pay the order; with `save` the card that pays is kept for next time.

    Raises TooLate, PaymentClosed, ProviderAway and ProviderRefuses.
    """
    if order.status != Status.PAYMENT_PENDING:
        raise TooLate("There is nothing to pay on this order any more.")
    try:
        return payments.attach_payer(reference=order.order_id, user_id=user_id, save=save)
    except ProviderAway:
        note_provider_away(order_id=order.order_id)
        raise


def refresh_order(*, order_id: UUID) -> None:
    """Ask the provider how the order's payment stands and apply it; while it is away the worker goes on trying.

    Raises NotFound and ProviderAway.
    """
    payment = payment_for(order_id)
    if payment is None:
        raise NotFound
    try:
        payments.refresh(payment_id=payment.payment_id)
    except ProviderAway:
        note_provider_away(order_id=order_id)
        raise


def _too_late(order: Order, says: str) -> str:
    started = order.status in (Status.PREPARING, Status.READY)
    return f"{'A robot has already started.' if started else 'This order is over.'} {says}"


def choose_pickup(*, order_id: UUID, pickup: Pickup, actor: str) -> None:
    """Say when the drinks are wanted; may be changed until preparation starts, also before paying.

    Raises TooLate, StoreClosed, PickupInvalid.
    """
    with transaction():
        order = locked_order(order_id)
        if order.status not in BEFORE_PREPARATION:
            raise TooLate(_too_late(order, "The pickup can't be changed any more."))
        at, store = now(), get_store(order.store_id)
        ready_in = _ready_in(order, store)
        require_pickup(store, pickup, ready_in=ready_in, at=at)
        touch(
            order,
            pickup_mode=pickup.mode.value,
            pickup_at=pickup.at,
            ready_estimate_at=pickup.at or at + timedelta(seconds=ready_in),
            wait_until=_wait_end(order, pickup),
        )
        follow_pickup(order, actor=actor)


def _wait_end(order: Order, pickup: Pickup) -> datetime | None:
    """Consent to be charged later never outlasts an earlier pickup that is chosen meanwhile; it is never stretched."""
    if order.wait_until is None or pickup.at is None:
        return order.wait_until
    return min(order.wait_until, pickup.at - timedelta(seconds=order.make_seconds))


def _ready_in(order: Order, store: StoreView) -> int:
    waiting = queue_seconds(order.store_id) - (order.make_seconds if order.status == Status.QUEUED else 0)
    return ready_in_seconds(queue_seconds=max(0, waiting), robots=store.robots_working, own_seconds=order.make_seconds)


@transaction_required
def follow_pickup(order: Order, *, actor: str) -> None:
    """Release, put off or withdraw a locked order, as its chosen pickup says.

    One that would be ready behind a closed store's door, since it was paid or released too late, is not made: its
    pickup is to be chosen anew.
    """
    pickup = Pickup(PickupMode(order.pickup_mode), order.pickup_at)
    due_at = release_at(pickup, own_seconds=order.make_seconds, now=now())
    due = due_at is not None and due_at <= now()
    if order.status == Status.PAID and due:
        if is_fetchable(get_store(order.store_id), pickup, own_seconds=order.make_seconds, now=now()):
            release(order, actor=actor)
        else:
            touch(order, pickup_mode="", pickup_at=None, release_at=None, ready_estimate_at=None)
    elif order.status == Status.PAID:
        touch(order, release_at=due_at)
    elif order.status == Status.QUEUED and not due:
        move(order, Move.WITHDRAW, actor=actor, reason="A later pickup was chosen.", release_at=due_at)
        publish(OrderWithdrawn(order_id=order.id, store_id=order.store_id))


def cancel_order(*, order_id: UUID, actor: str, reason: str = "", note: str = "") -> None:
    """Cancel before preparation: stock back at once, what was charged goes back by itself. Cancelled stays cancelled.

    `reason` is a sentence of ours for the history, `note` somebody's own words, kept encrypted beside it.
    Raises TooLate once a robot has started, and for orders that are over.
    """
    with transaction():
        order = locked_order(order_id)
        if order.status == Status.CANCELLED:
            return
        if order.status not in BEFORE_PREPARATION:
            raise TooLate(_too_late(order, "It can't be cancelled any more."))
        withdraw_order(order, actor=actor, reason=reason, note=note)


@transaction_required
def withdraw_order(order: Order, *, actor: str, reason: str, note: str = "") -> None:
    """Cancel a locked order that no robot has: stock back, and the money, or the chance to charge it."""
    unpaid = order.status == Status.PAYMENT_PENDING
    move(order, Move.CANCEL, actor=actor, reason=reason, cancel_note=note)
    inventory.release(reference=order.id)
    if unpaid:
        payments.cancel_open_intent(reference=order.id)
    else:
        return_money(order, reason="cancelled", actor=actor)
    publish(OrderCancelled(order_id=order.id, store_id=order.store_id))


def reorder_lines(*, order_id: UUID) -> Again:
    """Return the order's lines as a cart to be quoted anew, without drinks that left the menu."""
    rows = OrderLine.objects.filter(order_id=order_id).order_by("position")
    lines: list[RequestDocument] = [
        {
            "drink_id": str(row.drink_id) if row.drink_id else None,
            "name": row.name,
            "size": row.size,
            "quantity": row.quantity,
            "recipe": row.recipe,
        }
        for row in rows
    ]
    gone = names_gone(lines, catalogue())
    return Again(lines=[line for line in lines if line["name"] not in gone], unavailable=gone)

"""An order whose payment provider is away: kept, tried again by the worker, never charged without consent (FAIL-01).

The sweep asks the provider for one order; while it is away the others are left alone, and when it answers they all
follow at once. Network calls stand between transactions, and each transaction looks at the order anew.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from codepop.core.db import transaction, transaction_required
from codepop.core.errors import AppError
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.kit.clock import now
from codepop.ordering.errors import HeldLongEnough, NothingToWaitFor, PickupPassed, TooLate
from codepop.ordering.events import OrderPayable
from codepop.ordering.machine import PickupMode, Status
from codepop.ordering.models import Order
from codepop.ordering.selectors import OrderAccess, order_access
from codepop.ordering.services.moves import locked_order, touch
from codepop.ordering.timing import Pickup, pickup_problem
from codepop.ordering.waiting import (
    ASK_FOR_MINUTES,
    DEFAULT_MINUTES,
    HELD_AT_MOST_MINUTES,
    TIME_TO_PAY_MINUTES,
    Wait,
    consent_end,
    lasting,
)
from codepop.payments import services as payments
from codepop.payments.errors import NoSavedCard, ProviderAway
from codepop.stores.selectors import get_store

log = get_logger(__name__)

BATCH: Final = 200
PROBES: Final = 3
"""So many orders must find the provider away before the others are spared: one alone may have a trouble of its own."""

_OPEN = (Wait.PROVIDER, Wait.ANSWER)


def note_provider_away(*, order_id: UUID) -> None:
    """Keep the wish to pay: the worker goes on trying, and the order is held meanwhile. May be called again."""
    with transaction():
        order = locked_order(order_id)
        if order.status != Status.PAYMENT_PENDING or order.wait in _OPEN or order.pay_until <= now():
            return
        if order.wait_until is not None and order.wait_until > now():
            touch(order, wait=Wait.PROVIDER.value)
            return
        end = _end(order, DEFAULT_MINUTES)
        if end > now():
            _hold(order, Wait.PROVIDER, wait_until=end)
        else:
            _hold(order, Wait.ANSWER, wait_until=now())


def wait_for_payment(*, order_id: UUID, minutes: int, charge_card: bool = False) -> None:
    """Agree to wait so long from now for the provider to come back; the latest word counts.

    With `charge_card` the default saved card is charged then, by itself. Raises TooLate, NothingToWaitFor,
    PickupPassed, HeldLongEnough and NoSavedCard, with nothing changed.
    """
    with transaction():
        order = locked_order(order_id)
        if order.status != Status.PAYMENT_PENDING:
            raise TooLate("There is nothing to pay on this order any more.")
        if order.wait not in _OPEN:
            raise NothingToWaitFor
        end = _end(order, minutes)
        if order.pay_until <= now() or order.created_at + lasting(HELD_AT_MOST_MINUTES) <= now():
            raise HeldLongEnough
        if end <= now():
            raise PickupPassed
        if charge_card and not payments.has_default(order.customer_id):
            raise NoSavedCard
        _hold(order, Wait.PROVIDER, wait_until=end, wait_card=charge_card)


def try_again_now(*, order: OrderAccess) -> None:
    """Ask the provider for an order that waits for it, and go on with it if it answers. Raises ProviderAway."""
    if order.wait in _OPEN:
        _go_on(order.order_id)


def _end(order: Order, minutes: int) -> datetime:
    return consent_end(
        asked_at=now(),
        minutes=minutes,
        placed_at=order.created_at,
        pickup_mode=order.pickup_mode,
        pickup_at=order.pickup_at,
        making=order.make_seconds,
    )


@transaction_required
def _hold(order: Order, wait: Wait, **changes: object) -> None:
    """Set what a locked order waits for, and keep it until its person had time to answer."""
    order.wait_until = changes.pop("wait_until", order.wait_until)  # type: ignore[assignment]
    assert order.wait_until is not None
    pay_until = max(order.pay_until, order.wait_until + lasting(ASK_FOR_MINUTES))
    if wait == Wait.PERSON:
        pay_until = max(pay_until, now() + lasting(TIME_TO_PAY_MINUTES))
    touch(order, wait=wait.value, wait_until=order.wait_until, pay_until=pay_until, **changes)


def take_waiting_payments() -> int:
    """Ask again for orders whose consent is over, and go on with the others if the provider is back.

    Returns how many went on. Idempotent; two at once do each order once.
    """
    for order_id in _ids(Order.objects.filter(wait=Wait.PROVIDER, wait_until__lte=now())):
        _ask_again(order_id)
    taken = away = 0
    for order_id in _ids(Order.objects.filter(wait__in=_OPEN)):
        try:
            taken += _go_on(order_id)
        except ProviderAway:
            away += 1
            if away == PROBES:
                break
        except AppError as error:
            log.warning("waiting_payment_left", order=str(order_id), reason=error.code)
    return taken


def _ids(orders: "QuerySet[Order]") -> list[UUID]:
    pending = orders.filter(status=Status.PAYMENT_PENDING).order_by("wait_until")
    return list(pending.values_list("id", flat=True)[:BATCH])


def _ask_again(order_id: UUID) -> None:
    with transaction():
        order = locked_order(order_id)
        if order.status != Status.PAYMENT_PENDING or order.wait != Wait.PROVIDER or order.wait_until is None:
            return
        if order.wait_until <= now():
            _hold(order, Wait.ANSWER)


def _go_on(order_id: UUID) -> bool:
    """Make the order payable again, or charge it as agreed; raises ProviderAway, PaymentClosed and ProviderRefuses."""
    customer_id = payments.known_customer(order_access(order_id).customer_id)
    payment = payments.create_intent(reference=order_id, customer_id=customer_id)
    # An intent that was made before the outage says nothing about now.
    payments.refresh(payment_id=payment.id)
    charged = _charge_as_agreed(order_id)
    with transaction():
        order = locked_order(order_id)
        if order.status != Status.PAYMENT_PENDING or order.wait not in _OPEN:
            return charged
        _hold(order, Wait.PERSON, wait_card=False)
        publish(OrderPayable(order_id=order.id, store_id=order.store_id))
    return True


def _charge_as_agreed(order_id: UUID) -> bool:
    """Charge the saved card if its person agreed and the store can still make the order; says whether it was tried.

    A card that is gone or declined leaves the order to its person.
    """
    order = Order.objects.get(id=order_id)
    agreed = order.status == Status.PAYMENT_PENDING and order.wait == Wait.PROVIDER and order.wait_card
    if not agreed or order.wait_until is None or order.customer_id is None or not _can_be_made(order):
        return False
    try:
        payments.charge_default(reference=order_id, user_id=order.customer_id, until=order.wait_until)
    except NoSavedCard:
        log.info("saved_card_gone", order=str(order_id))
        return False
    return True


def _can_be_made(order: Order) -> bool:
    store = get_store(order.store_id)
    pickup = Pickup(PickupMode(order.pickup_mode), order.pickup_at)
    problem = pickup_problem(store, pickup, ready_in=order.make_seconds, now=now())
    return store.accepting_orders and problem is None

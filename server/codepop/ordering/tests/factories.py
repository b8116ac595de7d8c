"""A shop one can order from, and orders in any state, with every value defaulted."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from codepop.accounts.access import token_digest
from codepop.catalog.menu import DrinkLine, Part, Recipe
from codepop.catalog.tests.factories import SmallCatalogue, make_catalogue
from codepop.core.db import transaction
from codepop.inventory import services as inventory
from codepop.inventory.availability import total_amounts
from codepop.inventory.tests.factories import stock_store
from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.ordering import services
from codepop.ordering.documents import QuoteDocument
from codepop.ordering.lines import line_document
from codepop.ordering.machine import PickupMode, Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.services.quotes import Offer, make_offer
from codepop.ordering.timing import Pickup
from codepop.payments.models import PaymentStatus
from codepop.payments.tests.factories import make_payment
from codepop.stores.selectors import get_store
from codepop.stores.tests.factories import make_store

if TYPE_CHECKING:
    from codepop.stores.models import Store

_PAID = [status for status in Status if status not in (Status.PAYMENT_PENDING, Status.EXPIRED, Status.CANCELLED)]
_WITH_DOOR = (Status.PREPARING, Status.READY, Status.PICKED_UP, Status.DISCARDED)


@dataclass(frozen=True)
class Shop:
    """An open store with two robots, twelve doors, a small menu and plenty of stock."""

    store: "Store"
    menu: SmallCatalogue


def make_shop(*, store: "Store | None" = None, menu: SmallCatalogue | None = None, on_hand: int = 100_000) -> Shop:
    store = store or make_store(robots=2, doors=12)
    menu = menu or make_catalogue()
    stock_store(store=store, ingredients=menu.ingredients(), on_hand=on_hand)
    return Shop(store=store, menu=menu)


def make_recipe(menu: SmallCatalogue, *, pumps: int = 2, ice: str = "regular") -> Recipe:
    """Cola with peach and vanilla cream."""
    syrups = (Part(menu.peach.id, pumps),) if pumps else ()
    return Recipe(sodas=(Part(menu.cola.id, 1),), syrups=syrups, creams=(Part(menu.cream.id, 1),), ice=ice)


def make_line(menu: SmallCatalogue, *, quantity: int = 1, pumps: int = 2, name: str | None = None) -> DrinkLine:
    """One Canyon Sunset, 24 oz."""
    recipe = make_recipe(menu, pumps=pumps)
    return DrinkLine(size="s24", quantity=quantity, recipe=recipe, drink_id=menu.drink.id, name=name)


def make_quote(*, shop: Shop, lines: list[DrinkLine] | None = None, pickup: Pickup | None = None) -> QuoteDocument:
    """A quote by the command itself."""
    return services.place_quote(
        store_id=shop.store.id, lines=lines or [make_line(shop.menu)], pickup=pickup or Pickup()
    )


@dataclass(frozen=True)
class MadeOrder:
    """An order and the secret that opens it."""

    order: Order
    token: str


def make_order(
    *,
    status: Status = Status.PAYMENT_PENDING,
    shop: Shop | None = None,
    customer_id: UUID | None = None,
    quantity: int = 1,
    pickup: Pickup | None = None,
) -> MadeOrder:
    """An order written straight into the state, with its reservation and its payment as the state has them.

    The provider knows nothing of such a payment: tests of money place and pay an order instead.
    """
    shop = shop or make_shop()
    offer = make_offer(store=get_store(shop.store.id), lines=[make_line(shop.menu, quantity=quantity)])
    token = secrets.token_urlsafe(32)
    order = _row(shop, offer, status, customer_id=customer_id, token=token, pickup=pickup or Pickup())
    with transaction():
        order.save(force_insert=True)
        documents = [line_document(line) for line in offer.priced.lines]
        OrderLine.objects.bulk_create(
            OrderLine(order=order, position=position, **line) for position, line in enumerate(documents)
        )
        inventory.reserve(
            store_id=order.store_id, reference=order.id, amounts=total_amounts(offer.catalogue, offer.lines)
        )
        if status in (Status.CANCELLED, Status.EXPIRED):
            inventory.release(reference=order.id)
        elif status not in (Status.PAYMENT_PENDING, Status.PAID, Status.QUEUED):
            inventory.consume(reference=order.id)
        make_payment(
            reference=order.id,
            store=shop.store,
            amount_cents=order.total_cents,
            tax_cents=order.tax_cents,
            status=PaymentStatus.SUCCEEDED if status in _PAID else PaymentStatus.NEW,
        )
    return MadeOrder(order=Order.objects.select_related("store").get(id=order.id), token=token)


def _row(shop: Shop, offer: Offer, status: Status, *, customer_id: UUID | None, token: str, pickup: Pickup) -> Order:
    at = now()
    with_door = status in _WITH_DOOR
    return Order(
        id=uuid7(),
        created_at=at,
        store=shop.store,
        customer_id=customer_id,
        contact_email="" if customer_id else "guest@example.com",
        token_hash=token_digest(token),
        quote_id=uuid7(),
        status=status.value,
        status_at=at,
        status_actor="test",
        currency=offer.priced.currency,
        subtotal_cents=offer.priced.subtotal_cents,
        tax_cents=offer.priced.tax_cents,
        total_cents=offer.priced.total_cents,
        drinks=offer.drinks,
        make_seconds=offer.make_seconds,
        pickup_mode=pickup.mode.value or (PickupMode.NOW.value if status in (Status.QUEUED, *_WITH_DOOR) else ""),
        pickup_at=pickup.at,
        release_at=at if status in (Status.QUEUED, *_WITH_DOOR) else None,
        ready_estimate_at=at + timedelta(seconds=offer.make_seconds),
        pay_until=at + timedelta(minutes=15),
        robot_name="Robot 1" if with_door else "",
        door_number=7 if with_door else None,
        code_nonce=1 if with_door else None,
        fetch_until=at + timedelta(minutes=20) if status == Status.READY else None,
    )

"""Showing a price that holds for some minutes: lines checked, priced and promised for a time. Nothing is reserved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from codepop.catalog.menu import DrinkLine, MenuSnapshot
from codepop.catalog.pricing import PricedOrder, check_lines, price_lines
from codepop.catalog.selectors import catalogue
from codepop.core import rows
from codepop.inventory.availability import stock_problems
from codepop.inventory.selectors import free_amounts
from codepop.kit.clock import now
from codepop.ordering.documents import QuoteDocument, quote_document
from codepop.ordering.errors import PickupInvalid, QuoteRefused, StoreClosed
from codepop.ordering.lines import line_document, request_document
from codepop.ordering.machine import PickupMode
from codepop.ordering.models import Quote
from codepop.ordering.selectors import queue_seconds
from codepop.ordering.timing import Pickup, make_seconds, pickup_problem, ready_in_seconds
from codepop.stores.selectors import StoreView, get_store

VALID_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class Offer:
    """What a store would sell now: the lines priced, and how long one robot would work on them."""

    store: StoreView
    catalogue: MenuSnapshot
    lines: Sequence[DrinkLine]
    priced: PricedOrder
    make_seconds: int

    @property
    def drinks(self) -> int:
        """Return the number of cups."""
        return sum(line.quantity for line in self.lines)

    def documents(self) -> list[Mapping[str, Any]]:
        """Return the priced lines as their buyer sees them."""
        return [line_document(line) for line in self.priced.lines]


def make_offer(*, store: StoreView, lines: Sequence[DrinkLine]) -> Offer:
    """Check the lines by the builder's rules and price them; raises QuoteRefused. Stock and hours are not looked at."""
    menu = catalogue()
    problems = dict(check_lines(menu, lines, day=store.local_date(now())))
    if problems:
        raise QuoteRefused(fields=problems)
    drinks = sum(line.quantity for line in lines)
    return Offer(
        store=store,
        catalogue=menu,
        lines=lines,
        priced=price_lines(menu, store, lines),
        make_seconds=make_seconds(store, drinks),
    )


def require_accepting(store: StoreView) -> None:
    """Refuse while the store's people have paused orders; raises StoreClosed."""
    if not store.accepting_orders:
        raise StoreClosed(
            f"{store.name} takes no orders right now: {store.pause_reason}", fields={"store_id": "paused"}
        )


def require_pickup(store: StoreView, pickup: Pickup, *, ready_in: int, at: datetime) -> None:
    """Refuse a pickup that the store can't keep; raises StoreClosed or PickupInvalid."""
    problem = pickup_problem(store, pickup, ready_in=ready_in, now=at)
    if problem is None:
        return
    if pickup.mode == PickupMode.AT:
        raise PickupInvalid(problem.message, fields={"pickup.at": problem.message})
    raise StoreClosed(problem.message, fields={"store_id": "closed" if problem.closed else "no_robot"})


def place_quote(*, store_id: UUID, lines: Sequence[DrinkLine], pickup: Pickup) -> QuoteDocument:
    """Fix lines, prices, tax and a promised time for some minutes; the quote belongs to whoever knows its id.

    Raises StoreUnknown, QuoteRefused (with the fields to change), StoreClosed, PickupInvalid.
    """
    at = now()
    store = get_store(store_id)
    require_accepting(store)
    offer = make_offer(store=store, lines=lines)
    problems = stock_problems(offer.catalogue, lines, free_amounts(store_id))
    if problems:
        raise QuoteRefused(fields=problems)
    ready_in = ready_in_seconds(
        queue_seconds=queue_seconds(store_id), robots=store.robots_working, own_seconds=offer.make_seconds
    )
    require_pickup(store, pickup, ready_in=ready_in, at=at)
    scheduled = pickup.at if pickup.mode == PickupMode.AT else None
    quote = Quote(
        store_id=store_id,
        request=[request_document(line) for line in lines],
        priced=offer.documents(),
        currency=offer.priced.currency,
        subtotal_cents=offer.priced.subtotal_cents,
        tax_cents=offer.priced.tax_cents,
        total_cents=offer.priced.total_cents,
        make_seconds=offer.make_seconds,
        ready_at=scheduled or at + timedelta(seconds=ready_in),
        pickup_mode=pickup.mode,
        pickup_at=scheduled,
        expires_at=at + VALID_FOR,
    )
    rows.insert(quote)
    return quote_document(quote, store=store, now=at)

"""What staff can do for an order after it was paid: give money back, or have drinks made again.

Who may do it, why, and up to which amount is `aftersales`' business; here is only what is true of the order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from codepop.accounts.access import token_digest
from codepop.catalog.menu import DrinkLine, Recipe
from codepop.core.db import transaction_required
from codepop.core.errors import NotFound
from codepop.inventory import services as inventory
from codepop.inventory.availability import problems_of_missing, total_amounts
from codepop.inventory.errors import StockShort
from codepop.inventory.selectors import free_amounts
from codepop.kit.clock import now
from codepop.kit.ids import secret_token, uuid7
from codepop.ordering.errors import NothingLeft, NotPaid, QuoteRefused, RemakeUnderWay, UnderDispute
from codepop.ordering.machine import BEFORE_PREPARATION, PAID_FOR, PickupMode, Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.services.customer import follow_pickup, withdraw_order
from codepop.ordering.services.moves import locked_order, touch
from codepop.ordering.services.quotes import Offer, make_offer, require_pickup
from codepop.ordering.timing import Pickup
from codepop.payments import services as payments
from codepop.payments.selectors import is_disputed, left_to_refund
from codepop.stores.selectors import get_store


@dataclass(frozen=True)
class SoldDrink:
    """A line of a paid order: `quantity` equal drinks."""

    line_id: UUID
    name: str
    size: str
    quantity: int
    unit_price_cents: int


@dataclass(frozen=True)
class Sold:
    """A paid order, locked: what it cost, what it holds, and what nobody has asked back yet."""

    order_id: UUID
    store_id: UUID
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    left_cents: int
    started: bool
    """A robot has taken it, or never will: before that only the whole order can be given back."""
    making: bool
    """A robot is at it: should it fail, all the money goes back by itself."""
    withdrawn: bool
    """Cancelled or expired, though its money is still here, as after a failed refund: nothing can be made again."""
    drinks: Sequence[SoldDrink]

    def subtotal_of(self, drinks: Mapping[UUID, int]) -> int:
        """Return what so many drinks of these lines cost without tax."""
        prices = {one.line_id: one.unit_price_cents for one in self.drinks}
        return sum(prices[line] * count for line, count in drinks.items())

    def price_of(self, subtotal_cents: int) -> int:
        """Return the price with tax of drinks that cost so much without; the tax is rounded half up."""
        if not self.subtotal_cents:
            return 0
        tax = (2 * subtotal_cents * self.tax_cents + self.subtotal_cents) // (2 * self.subtotal_cents)
        return subtotal_cents + tax


@transaction_required
def lock_sold(*, order_id: UUID, store_id: UUID) -> Sold:
    """Lock a paid order of a store and say what can be made good; a settled one, too.

    Raises NotFound, and NotPaid for what was never charged, is itself a remake, or was cancelled and paid back.
    """
    order = locked_order(order_id)
    if order.store_id != store_id:
        raise NotFound
    _require_money(order)
    lines = OrderLine.objects.filter(order_id=order_id).order_by("position")
    return Sold(
        order_id=order.id,
        store_id=order.store_id,
        currency=order.currency,
        subtotal_cents=order.subtotal_cents,
        tax_cents=order.tax_cents,
        total_cents=order.total_cents,
        left_cents=left_to_refund(order.id),
        started=order.status not in BEFORE_PREPARATION,
        making=order.status == Status.PREPARING,
        withdrawn=order.status not in PAID_FOR,
        drinks=[SoldDrink(one.id, one.name, one.size, one.quantity, one.unit_price_cents) for one in lines],
    )


def _require_money(order: Order) -> None:
    """Refuse an order whose money we never had; a cancelled one counts while any is left, as after a failed refund."""
    if order.remake_of_id or order.status == Status.PAYMENT_PENDING:
        raise NotPaid
    if order.status not in PAID_FOR and not left_to_refund(order.id):
        raise NotPaid


def _require_left(order: Order, cents: int) -> None:
    """Refuse to make good what a bank holds, or more than what is left of the charge."""
    if is_disputed(order.id):
        raise UnderDispute
    if left_to_refund(order.id) < cents:
        raise NothingLeft


@transaction_required
def hold_order(*, order_id: UUID) -> None:
    """Lock an order in any state, so that what is decided about it is decided once. Raises NotFound."""
    locked_order(order_id)


@transaction_required
def give_back(*, order_id: UUID, amount_cents: int | None, reason: str, actor: str, whole: bool = False) -> None:
    """Ask for money of a paid order to be given back; None gives back all that is left.

    The whole of an order that no robot has is its cancellation: `whole` says that the amount is all that was left when
    it was asked for, and so all that somebody's limit was held against. `reason` names the refund: the same one is paid
    back once. Raises NotPaid, UnderDispute, and NothingLeft when less than the amount is left.
    """
    order = locked_order(order_id)
    _require_money(order)
    _require_left(order, amount_cents or 1)
    _pay_back(order, amount_cents=amount_cents, reason=reason, actor=actor, whole=whole)


@transaction_required
def pay_back(*, order_id: UUID, amount_cents: int, reason: str, actor: str) -> None:
    """Give back what our machines owe; never refused. While a bank holds the money in a dispute, it waits for its end.

    Like `give_back`, the whole of an order that no robot has is its cancellation, and one `reason` is paid back once.
    """
    _pay_back(locked_order(order_id), amount_cents=amount_cents, reason=reason, actor=actor)


def _pay_back(order: Order, *, amount_cents: int | None, reason: str, actor: str, whole: bool = False) -> None:
    if order.status in BEFORE_PREPARATION and (whole or amount_cents in (None, order.total_cents)):
        withdraw_order(order, actor=actor, reason="Cancelled by the store.")
        return
    payments.request_refund(reference=order.id, amount_cents=amount_cents, reason=reason, actor=actor)
    touch(order)


@transaction_required
def place_remake(*, order_id: UUID, drinks: Mapping[UUID, int], start_now: bool, actor: str) -> UUID:
    """Put drinks of a paid order (line id -> how many) into a new, free order linked to it; returns the new order.

    Its stock is held like any order's. Started at once, or when its person says so. Raises NotPaid, UnderDispute,
    NothingLeft when the drinks' money went back, QuoteRefused (no longer on the menu, or out of stock), StoreClosed.
    """
    order = locked_order(order_id)
    if order.status not in PAID_FOR or order.remake_of_id:
        raise NotPaid
    rows = list(OrderLine.objects.filter(order_id=order_id, id__in=drinks).order_by("position"))
    _require_left(order, sum(row.unit_price_cents * drinks[row.id] for row in rows))
    offer = make_offer(store=get_store(order.store_id), lines=[_again(row, drinks[row.id]) for row in rows])
    if start_now:
        require_pickup(offer.store, Pickup(PickupMode.NOW), ready_in=offer.make_seconds, at=now())
    remake = _remake_row(order, offer, start_now=start_now, actor=actor)
    remake.save(force_insert=True)
    OrderLine.objects.bulk_create([_free_line(row, remake, drinks[row.id], place) for place, row in enumerate(rows)])
    try:
        amounts = total_amounts(offer.catalogue, offer.lines)
        inventory.reserve(store_id=order.store_id, reference=remake.id, amounts=amounts)
    except StockShort as short:
        fields = problems_of_missing(offer.catalogue, offer.lines, short.missing, free_amounts(order.store_id))
        raise QuoteRefused("What this needs is out of stock: give the money back instead.", fields=fields) from short
    if start_now:
        follow_pickup(remake, actor=actor)
    touch(order)
    return remake.id


@transaction_required
def withdraw_remake(*, order_id: UUID, actor: str) -> None:
    """Cancel a free remake, as its drinks' money goes back instead. Raises RemakeUnderWay while a robot makes it."""
    remake = locked_order(order_id)
    if remake.status not in BEFORE_PREPARATION:
        raise RemakeUnderWay(
            f"A robot is making drinks of this order again, as order {remake.code}. Decide when they are done."
        )
    withdraw_order(remake, actor=actor, reason="The money goes back instead.")


def _again(row: OrderLine, quantity: int) -> DrinkLine:
    return DrinkLine(
        size=row.size, quantity=quantity, recipe=Recipe.from_json(row.recipe), drink_id=row.drink_id, name=row.name
    )


def _free_line(row: OrderLine, remake: Order, quantity: int, position: int) -> OrderLine:
    return OrderLine(
        order=remake,
        position=position,
        drink_id=row.drink_id,
        name=row.name,
        size=row.size,
        quantity=quantity,
        unit_price_cents=0,
        total_cents=0,
        recipe=row.recipe,
        allergens=row.allergens,
        may_contain=row.may_contain,
        nutrition=row.nutrition,
    )


def _remake_row(order: Order, offer: Offer, *, start_now: bool, actor: str) -> Order:
    at = now()
    return Order(
        id=uuid7(),
        created_at=at,
        store_id=order.store_id,
        customer_id=order.customer_id,
        contact_email=order.contact_email,
        token_hash=token_digest(secret_token()),  # never handed out: the first order's secret opens this one
        quote_id=uuid7(),
        remake_of=order,
        status=Status.PAID.value,
        status_at=at,
        status_actor=actor[:60],
        status_reason=f"Made again for {order.code}.",
        currency=order.currency,
        subtotal_cents=0,
        tax_cents=0,
        total_cents=0,
        drinks=offer.drinks,
        make_seconds=offer.make_seconds,
        pickup_mode=PickupMode.NOW.value if start_now else PickupMode.UNDECIDED.value,
        pay_until=at,
    )

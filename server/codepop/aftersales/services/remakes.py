"""Drinks made again, free of charge; and the money for them when that fails too."""

from uuid import UUID, uuid5

from codepop.aftersales.errors import AskInvalid
from codepop.aftersales.events import AmendsGranted
from codepop.aftersales.limits import Staff
from codepop.aftersales.models import Amends, AmendsDrink, Kind, State
from codepop.aftersales.services.refunds import (
    Ask,
    asked_before,
    begin,
    check_drinks,
    check_words,
    record,
    subtotal_again,
    waiting_cents,
)
from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.ordering import services as ordering
from codepop.ordering.errors import NothingLeft, UnderDispute
from codepop.ordering.services import Sold
from codepop.payments.selectors import is_disputed, left_to_refund

log = get_logger(__name__)

SYSTEM = "system"


def ask_remake(*, ask: Ask, by: Staff) -> Amends:
    """Have drinks made again as a new, free order, or leave it to a second person; the same form once.

    The value of the drinks counts against the same limits as money. Raises AskInvalid, NotPaid, AlreadyMadeGood,
    NothingLeft (the money went back), UnderDispute, FormUsed, QuoteRefused (gone from the menu, or out of stock),
    StoreClosed.
    """
    check_words(ask)
    drinks = ask.drinks or {}
    with transaction():
        sold = begin(ask, by)
        if found := asked_before(ask, kind=Kind.REMAKE):
            return found
        if not sold.started or sold.withdrawn:
            raise AskInvalid(fields={"drinks": "No robot has started on these drinks: nothing is there to make again."})
        if sold.making:
            raise AskInvalid(fields={"drinks": "A robot is still making these drinks. Decide when they are done."})
        check_drinks(sold, drinks)
        subtotal = sold.subtotal_of(drinks)
        _check_money(sold, subtotal)
        value = sold.price_of(subtotal)
        return record(ask, sold, kind=Kind.REMAKE, amount_cents=value, by=by)


@transaction_required
def check_still_owed(amends: Amends) -> None:
    """Refuse a waiting remake whose drinks' money was given meanwhile, or is needed for what is being made again.

    Raises what `ask_remake` raises about the money, and NotPaid.
    """
    sold = ordering.lock_sold(order_id=amends.order_id, store_id=amends.store_id)
    _check_money(sold, sold.subtotal_of(dict(amends.drinks.values_list("line_id", "quantity"))))


@transaction_required
def _check_money(sold: Sold, subtotal_cents: int) -> None:
    """Refuse drinks whose money went back, is about to, or is held by a bank: they would be made good twice.

    What is being made again needs its own price left, in case that fails. All without tax, since the tax of a part is
    rounded: the last drinks may have a cent less left than they cost.
    """
    if is_disputed(sold.order_id):
        raise UnderDispute
    if subtotal_cents + subtotal_again(sold) > sold.left_cents - waiting_cents(sold.order_id):
        raise NothingLeft


@transaction_required
def refund_broken_remake(*, remake_id: UUID) -> None:
    """Give the money of a remake's drinks back when it failed or was cancelled; other orders are left alone.

    No limit: our machines failed twice. Called once or often, the money goes back once; while a bank holds it in a
    dispute it waits for the bank, and the end of the remake does not.
    """
    found = Amends.objects.filter(remake_id=remake_id, state=State.GRANTED)
    order_id = found.values_list("order_id", flat=True).first()
    if order_id is None:
        return
    ordering.hold_order(order_id=order_id)
    amends = found.select_for_update(no_key=True).first()
    if amends is None:
        return
    amends.state = State.BROKEN
    amends.save(update_fields=["state"])
    amount = min(amends.amount_cents, left_to_refund(amends.order_id))
    if not amount:
        return
    drinks = list(amends.drinks.all())
    refund = Amends.objects.create(
        form_key=uuid5(amends.id, "broken"),
        order_id=amends.order_id,
        store_id=amends.store_id,
        kind=Kind.REFUND,
        cause=amends.cause,
        amount_cents=amount,
        currency=amends.currency,
        state=State.GRANTED,
    )
    AmendsDrink.objects.bulk_create(
        [AmendsDrink(amends=refund, line_id=one.line_id, quantity=one.quantity) for one in drinks]
    )
    ordering.pay_back(order_id=amends.order_id, amount_cents=amount, reason=f"{refund.cause}:{refund.id}", actor=SYSTEM)
    publish(
        AmendsGranted(amends_id=refund.id, order_id=refund.order_id, store_id=refund.store_id, kind=str(Kind.REFUND))
    )
    log.warning("remake_refunded", remake=str(remake_id), order=str(amends.order_id), cents=amount)

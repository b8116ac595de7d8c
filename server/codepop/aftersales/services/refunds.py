"""Money back by staff: the whole order, some of its drinks, or an amount; once, within limits, else by two people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from codepop.aftersales.errors import AlreadyMadeGood, AskInvalid, FormUsed
from codepop.aftersales.events import AmendsGranted, AmendsWaiting
from codepop.aftersales.limits import Staff
from codepop.aftersales.models import LIVE, Amends, AmendsDrink, Cause, Kind, State
from codepop.aftersales.selectors import reaches
from codepop.core.audit import record_audit
from codepop.core.db import transaction, transaction_required
from codepop.core.events import publish
from codepop.core.log import get_logger
from codepop.ordering import services as ordering
from codepop.ordering.errors import NothingLeft, RemakeUnderWay
from codepop.ordering.selectors import remakes_under_way
from codepop.ordering.services import Sold

log = get_logger(__name__)

NOTE_LIMIT: Final = 300


@dataclass(frozen=True)
class Ask:
    """What somebody filled in. `form_key` came with the form, so that two clicks are one.

    Of a refund exactly one is given: `whole`, `drinks` (line id -> how many), or `amount_cents`. A remake has drinks.
    """

    form_key: UUID
    order_id: UUID
    store_id: UUID
    cause: str
    note: str = ""
    whole: bool = False
    drinks: Mapping[UUID, int] | None = None
    amount_cents: int | None = None
    start_now: bool = False


def ask_refund(*, ask: Ask, by: Staff) -> Amends:
    """Give money back, or leave it to a second person when it is above the role's limit; the same form once.

    The whole withdraws what is being made again, unless a robot is at it. An amount leaves the price of those drinks
    alone: they are made good already, and should they not be made, it goes back by itself.
    Raises AskInvalid, NotPaid, NothingLeft, AlreadyMadeGood, RemakeUnderWay, FormUsed, and NotFound for an order of
    another store.
    """
    check_words(ask)
    if sum((ask.whole, ask.drinks is not None, ask.amount_cents is not None)) != 1:
        raise AskInvalid(fields={"what": "Choose the whole order, some drinks, or an amount."})
    with transaction():
        sold = begin(ask, by)
        if found := asked_before(ask, kind=Kind.REFUND):
            return found
        amount = _amount(sold, ask)
        return record(ask, sold, kind=Kind.REFUND, amount_cents=amount, by=by)


def check_words(ask: Ask) -> None:
    """Refuse a cause that is not in the list, and a note that is too long."""
    wrong = {}
    if ask.cause not in Cause.values:
        wrong["cause"] = "Choose a reason from the list."
    if len(ask.note) > NOTE_LIMIT:
        wrong["note"] = f"At most {NOTE_LIMIT} characters."
    if wrong:
        raise AskInvalid(fields=wrong)


@transaction_required
def begin(ask: Ask, by: Staff) -> Sold:
    """Hold this person's day and the order, in this sequence everywhere; an order of another store looks absent."""
    hold_day(by.user_id)
    if ask.whole:
        hold_with_remakes(ask.order_id)
    return ordering.lock_sold(order_id=ask.order_id, store_id=ask.store_id)


@transaction_required
def asked_before(ask: Ask, *, kind: Kind) -> Amends | None:
    """Return what the same form led to. Raises FormUsed when its key came with another order or another content."""
    found = Amends.objects.filter(form_key=ask.form_key).first()
    if found is None:
        return None
    drinks = dict(found.drinks.values_list("line_id", "quantity"))
    amount = None if found.whole or drinks else found.amount_cents
    was = (found.order_id, found.kind, found.cause, found.note, found.start_now, found.whole, drinks, amount)
    chosen = (ask.whole, dict(ask.drinks or {}), ask.amount_cents)
    if was != (ask.order_id, kind, ask.cause, ask.note.strip(), ask.start_now, *chosen):
        raise FormUsed
    return found


@transaction_required
def hold_day(user_id: UUID) -> None:
    """Let two forms of one person wait for each other, so that both count against the day's limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"amends:{user_id}"])


def _amount(sold: Sold, ask: Ask) -> int:
    waiting = waiting_cents(sold.order_id)
    if ask.whole:
        if waiting:
            raise AlreadyMadeGood
        if not sold.left_cents:
            raise NothingLeft
        return sold.left_cents
    if not sold.started:
        raise AskInvalid(fields={"what": "No robot has started: cancel the whole order, and all of it goes back."})
    amount = ask.amount_cents if ask.drinks is None else _price(sold, ask.drinks)
    if not amount or amount < 1:
        raise AskInvalid(fields={"amount": "Give an amount above zero."})
    left = sold.left_cents - waiting
    if amount > left:
        raise NothingLeft
    if amount > left - _kept_for_remakes(sold):
        codes = ", ".join(remakes_under_way(sold.order_id).values())
        raise RemakeUnderWay(
            f"Drinks of this order are being made again, as order {codes}: their price is kept in case they can't be. "
            "Give less, or give the whole order back, which withdraws them."
        )
    return amount


def _kept_for_remakes(sold: Sold) -> int:
    """Return what goes back by itself should drinks that are being made again not be made after all.

    Counted as the last of the order's drinks, so that with the others' prices it never exceeds the total by a cent.
    """
    return sold.total_cents - sold.price_of(sold.subtotal_cents - subtotal_again(sold))


def subtotal_again(sold: Sold) -> int:
    """Return what the drinks that are being made again had cost, without tax."""
    return sold.subtotal_of(held_drinks(sold.order_id, remake_id__in=list(remakes_under_way(sold.order_id))))


@transaction_required
def hold_with_remakes(order_id: UUID) -> None:
    """Hold the remakes of an order that are not made yet, then the order: as the end of a remake does."""
    for remake_id in remakes_under_way(order_id):
        ordering.hold_order(order_id=remake_id)
    ordering.hold_order(order_id=order_id)


@transaction_required
def withdraw_remakes(order_id: UUID, *, actor: str) -> None:
    """Cancel what is being made again of an order that is held with its remakes: all of its money goes back.

    Otherwise its drinks would be free, besides. They are closed first, so that the end of a remake gives nothing
    back. Raises RemakeUnderWay when a robot is at it: nobody can stop that, so whoever asks decides anew afterwards.
    """
    for remake_id in remakes_under_way(order_id):
        Amends.objects.filter(remake_id=remake_id).update(state=State.BROKEN)
        ordering.withdraw_remake(order_id=remake_id, actor=actor)


def waiting_cents(order_id: UUID) -> int:
    """Return how much money of an order waits for a second person's yes."""
    waiting = Amends.objects.filter(order_id=order_id, state=State.WAITING, kind=Kind.REFUND)
    return waiting.aggregate(sum=Sum("amount_cents"))["sum"] or 0


def _price(sold: Sold, drinks: Mapping[UUID, int]) -> int:
    """Price drinks so that all refunds of an order's drinks together give the cent that was charged for them."""
    check_drinks(sold, drinks)
    before = held_drinks(sold.order_id, kind=Kind.REFUND)
    subtotal = sold.subtotal_of(before) + sold.subtotal_of(drinks)
    priced = Amends.objects.filter(order_id=sold.order_id, kind=Kind.REFUND, state__in=LIVE, drinks__isnull=False)
    given = sum(dict(priced.values_list("id", "amount_cents")).values())
    return sold.price_of(subtotal) - given


@transaction_required
def check_drinks(sold: Sold, drinks: Mapping[UUID, int]) -> None:
    """Refuse drinks that the order doesn't have, or that were made good before. The order is locked."""
    have = {one.line_id: one.quantity for one in sold.drinks}
    if not drinks or any(count < 1 or line not in have for line, count in drinks.items()):
        raise AskInvalid(fields={"drinks": "Choose drinks of this order."})
    held = held_drinks(sold.order_id)
    if any(held.get(line, 0) + count > have[line] for line, count in drinks.items()):
        raise AlreadyMadeGood


def held_drinks(order_id: UUID, **which: object) -> dict[UUID, int]:
    """Return how many drinks of each line were made good, or are about to be."""
    rows = AmendsDrink.objects.filter(amends__order_id=order_id, amends__state__in=LIVE)
    rows = rows.filter(**{f"amends__{name}": value for name, value in which.items()})
    return dict(rows.values_list("line_id").annotate(count=Sum("quantity")))


@transaction_required
def record(ask: Ask, sold: Sold, *, kind: Kind, amount_cents: int, by: Staff) -> Amends:
    """Store what is made good; within the limit it is granted at once."""
    allowed = reaches(by, amount_cents=amount_cents)
    amends = Amends.objects.create(
        form_key=ask.form_key,
        order_id=sold.order_id,
        store_id=sold.store_id,
        kind=kind,
        cause=ask.cause,
        note=ask.note.strip(),
        amount_cents=amount_cents,
        currency=sold.currency,
        whole=ask.whole,
        start_now=ask.start_now,
        state=State.WAITING,
        asked_by_id=by.user_id,
        asked_role=by.role,
    )
    counts = (ask.drinks or {}).items()
    AmendsDrink.objects.bulk_create([AmendsDrink(amends=amends, line_id=one, quantity=count) for one, count in counts])
    log.info("amends_asked", amends=str(amends.id), order=str(sold.order_id), kind=kind.value, cents=amount_cents)
    if allowed:
        grant(amends, by)
    else:
        publish(AmendsWaiting(amends_id=amends.id, order_id=sold.order_id, store_id=sold.store_id))
    record_audit(
        actor=by.actor,
        action=f"{kind.value}.{'grant' if allowed else 'ask'}",
        subject=f"order:{sold.order_id} {amount_cents} {sold.currency}",
        note=ask.cause,
        where=sold.store_id,
    )
    return amends


@transaction_required
def grant(amends: Amends, by: Staff) -> None:
    """Carry out what was asked: the order is locked here or already. Raises what ordering refuses."""
    if amends.kind == Kind.REMAKE:
        drinks = dict(amends.drinks.values_list("line_id", "quantity"))
        amends.remake_id = ordering.place_remake(
            order_id=amends.order_id, drinks=drinks, start_now=amends.start_now, actor=by.actor
        )
    else:
        if amends.whole:
            withdraw_remakes(amends.order_id, actor=by.actor)
        ordering.give_back(
            order_id=amends.order_id,
            amount_cents=amends.amount_cents,
            reason=f"{amends.cause}:{amends.id}",
            actor=by.actor,
            whole=amends.whole,
        )
    amends.state = State.GRANTED
    amends.save(update_fields=["state", "remake"])
    publish(
        AmendsGranted(amends_id=amends.id, order_id=amends.order_id, store_id=amends.store_id, kind=str(amends.kind))
    )

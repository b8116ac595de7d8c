"""Quotes and orders as JSON documents: the API, the live stream and stored answers all show these same ones. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypedDict
from uuid import UUID

from codepop.kit import pickup_code
from codepop.ordering.lines import LineDocument
from codepop.ordering.machine import BEFORE_PREPARATION, PAID_FOR, PickupMode, Status
from codepop.ordering.texts import Facts, headline, money_text, timeline_text
from codepop.ordering.waiting import HELD_AT_MOST_MINUTES, Wait, lasting
from codepop.payments.selectors import PaymentView, RefundView
from codepop.stores.selectors import StoreView

if TYPE_CHECKING:
    from codepop.ordering.models import Order, OrderLine, Quote

CODE_LIFE_WHILE_MAKING = timedelta(hours=12)
_ESTIMATED = frozenset({Status.PAYMENT_PENDING, Status.PAID, Status.QUEUED, Status.PREPARING})
_AT_WORK = ("processing", "requires_action")
_OPEN = (*_AT_WORK, "requires_method", "failed")
WITH_CODE = frozenset({Status.PREPARING, Status.READY})


class PickupDocument(TypedDict):
    mode: str | None
    at: datetime | None


class StoreDocument(TypedDict):
    id: str
    name: str
    slug: str
    timezone: str


class OrderStoreDocument(StoreDocument):
    address: str
    lat: float
    lon: float


class QuoteDocument(TypedDict):
    id: str
    store: StoreDocument
    expires_at: datetime
    currency: str
    lines: list[LineDocument]
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    ready_in_seconds: int
    ready_at: datetime
    pickup: PickupDocument


class PaymentDocument(TypedDict):
    status: str
    message: str | None
    attempts: int


class WaitDocument(TypedDict):
    state: str
    until: datetime
    charges_saved_card: bool
    longest_until: datetime


class RefundDocument(TypedDict):
    status: str
    amount_cents: int
    reason: str


class DoorDocument(TypedDict):
    number: int


class CodeDocument(TypedDict):
    text: str
    qr_text: str
    qr_svg_url: str | None


class ProgressDocument(TypedDict):
    drink_index: int
    drinks: int
    step_text: str
    share: float


class StepDocument(TypedDict):
    status: str
    at: datetime
    text: str


class OrderDocument(TypedDict):
    id: str
    code: str
    store: OrderStoreDocument
    status: str
    status_text: str
    placed_at: datetime
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    lines: list[LineDocument]
    pickup: PickupDocument
    ready_at: datetime | None
    expires_at: datetime | None
    can_cancel: bool
    can_choose_pickup: bool
    can_pay: bool
    payment: PaymentDocument | None
    payment_wait: WaitDocument | None
    refund: RefundDocument | None
    refunds: list[RefundDocument]
    refunded_cents: int
    remake_of: str | None
    remakes: list[str]
    door: DoorDocument | None
    pickup_code: CodeDocument | None
    progress: ProgressDocument | None
    timeline: list[StepDocument]
    version: int


@dataclass(frozen=True)
class Step:
    """One row of an order's history."""

    from_status: str
    to_status: str
    at: datetime


class Place(Protocol):
    """What the document says of the store; a row and a view of one both fit."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...


@dataclass(frozen=True)
class Surroundings:
    """What an order's document needs besides the order and its lines; the key signs the store's pickup codes."""

    now: datetime
    store: Place
    pickup_key: bytes | None = None
    payment: PaymentView | None = None
    refunds: Sequence[RefundView] = ()
    """Oldest first."""
    remakes: Sequence[UUID] = ()
    ahead: int = 0
    history: Sequence[Step] = ()


def quote_document(quote: "Quote", *, store: StoreView, now: datetime) -> QuoteDocument:
    """Return a quote as its buyer sees it."""
    return {
        "id": str(quote.id),
        "store": {"id": str(store.id), "name": store.name, "slug": store.slug, "timezone": store.timezone},
        "expires_at": quote.expires_at,
        "currency": quote.currency,
        "lines": quote.priced,
        "subtotal_cents": quote.subtotal_cents,
        "tax_cents": quote.tax_cents,
        "total_cents": quote.total_cents,
        "ready_in_seconds": max(0, round((quote.ready_at - now).total_seconds())),
        "ready_at": quote.ready_at,
        "pickup": _pickup(quote.pickup_mode, quote.pickup_at),
    }


def order_document(order: "Order", lines: Iterable["OrderLine"], around: Surroundings) -> OrderDocument:
    """Return an order as its person sees it."""
    status = Status(order.status)
    store = around.store
    code = _code(order, status, around.pickup_key)
    return {
        "id": str(order.id),
        "code": order.code,
        "store": {
            "id": str(store.id),
            "name": store.name,
            "slug": store.slug,
            "timezone": store.timezone,
            "address": f"{store.address}, {store.city}",
            "lat": store.lat,
            "lon": store.lon,
        },
        "status": status.value,
        "status_text": headline(_facts(order, status, code, around)),
        "placed_at": order.created_at,
        "currency": order.currency,
        "subtotal_cents": order.subtotal_cents,
        "tax_cents": order.tax_cents,
        "total_cents": order.total_cents,
        "lines": [_line(line) for line in lines],
        "pickup": _pickup(order.pickup_mode, order.pickup_at),
        "ready_at": order.ready_estimate_at if status in _ESTIMATED else None,
        "expires_at": _expires_at(order, status),
        "can_cancel": status in BEFORE_PREPARATION,
        "can_choose_pickup": status in BEFORE_PREPARATION,
        "can_pay": status == Status.PAYMENT_PENDING,
        "payment": _payment(around.payment),
        "payment_wait": _wait(order, status),
        "refund": _refund(around.refunds[-1]) if around.refunds else None,
        "refunds": [_refund(one) for one in around.refunds],
        "refunded_cents": _paid_back(around.refunds),
        "remake_of": str(order.remake_of_id) if order.remake_of_id else None,
        "remakes": [str(one) for one in around.remakes],
        "door": {"number": order.door_number} if status == Status.READY and order.door_number else None,
        "pickup_code": code,
        "progress": _progress(order) if status == Status.PREPARING else None,
        "timeline": [_step(step) for step in around.history],
        "version": order.version,
    }


def _pickup(mode: str, at: datetime | None) -> PickupDocument:
    return {"mode": mode or None, "at": at if mode == PickupMode.AT else None}


def _expires_at(order: "Order", status: Status) -> datetime | None:
    if status == Status.PAYMENT_PENDING:
        return order.pay_until
    return order.fetch_until if status == Status.READY else None


def _line(line: "OrderLine") -> LineDocument:
    return {
        "drink_id": str(line.drink_id) if line.drink_id else None,
        "name": line.name,
        "size": line.size,
        "quantity": line.quantity,
        "unit_price_cents": line.unit_price_cents,
        "total_cents": line.total_cents,
        "allergens": line.allergens,
        "may_contain": line.may_contain,
        "nutrition": line.nutrition,
        "recipe": line.recipe,
    }


def _payment(payment: PaymentView | None) -> PaymentDocument | None:
    if payment is None:
        return None
    return {"status": payment.status, "message": payment.message, "attempts": payment.attempts}


def _wait(order: "Order", status: Status) -> WaitDocument | None:
    if status != Status.PAYMENT_PENDING or not order.wait or order.wait_until is None:
        return None
    return {
        "state": order.wait,
        "until": order.wait_until,
        "charges_saved_card": order.wait_card,
        "longest_until": order.created_at + lasting(HELD_AT_MOST_MINUTES),
    }


def _paid_back(refunds: Sequence[RefundView]) -> int:
    return sum(one.amount_cents for one in refunds if one.status == "succeeded")


def _told_cents(refunds: Sequence[RefundView]) -> int:
    """Return what the order's headline speaks of: all that went back, or the last refund when that one did not."""
    last = refunds[-1]
    return _paid_back(refunds) if last.status == "succeeded" else last.amount_cents


def _refund(refund: RefundView) -> RefundDocument:
    return {"status": refund.status, "amount_cents": refund.amount_cents, "reason": refund.reason}


def _code(order: "Order", status: Status, key: bytes | None) -> CodeDocument | None:
    if status not in WITH_CODE or order.code_nonce is None or key is None:
        return None
    text = pickup_code.short_code(key=key, order_id=order.id, nonce=order.code_nonce)
    until = order.fetch_until or order.status_at + CODE_LIFE_WHILE_MAKING
    qr = pickup_code.qr_text(key=key, order_id=order.id, nonce=order.code_nonce, expires_at=until)
    return {"text": pickup_code.display(text), "qr_text": qr, "qr_svg_url": None}


def _progress(order: "Order") -> ProgressDocument:
    return {
        "drink_index": order.drink_index,
        "drinks": order.drinks,
        "step_text": order.step_text,
        "share": order.share_permille / 1000,
    }


def _step(step: Step) -> StepDocument:
    status = Status(step.to_status)
    return {"status": status.value, "at": step.at, "text": timeline_text(status, step.from_status)}


def _facts(order: "Order", status: Status, code: Mapping[str, Any] | None, around: Surroundings) -> Facts:
    refund, payment = around.refunds[-1] if around.refunds else None, around.payment
    return Facts(
        status=status,
        now=around.now,
        timezone=around.store.timezone,
        payment_message=payment.message if payment else None,
        wait=Wait(order.wait),
        pickup_at=order.pickup_at if order.pickup_mode == PickupMode.AT else None,
        ahead=around.ahead,
        step_text=order.step_text,
        door_number=order.door_number,
        code=code["text"] if code else None,
        refund_status=refund.status if refund else None,
        refund_text=money_text(_told_cents(around.refunds) if refund else order.total_cents, order.currency),
        paid=status in PAID_FOR or bool(payment and payment.status == "succeeded"),
        in_doubt=payment is not None and payment.status in (_OPEN if _unheard(order, status) else _AT_WORK),
    )


def _unheard(order: "Order", status: Status) -> bool:
    """Say whether the provider was away at the end, or is: a card may have paid meanwhile, and nobody here knows yet.

    A charge of an order that is over is found, and given back, later.
    """
    return status == Status.EXPIRED or Wait(order.wait) in (Wait.PROVIDER, Wait.ANSWER)

"""Quotes and orders over HTTP: input to one command or query, and the order's document back."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import AwareDatetime, ConfigDict, Field, StrictInt, StringConstraints

from codepop.accounts.access import Principal, principal, require
from codepop.catalog.menu import DrinkLine, Part, Recipe
from codepop.core.errors import InvalidInput, NotFound
from codepop.core.idempotency import Answer, idempotent_call, run_once
from codepop.core.schemas import ErrorOut
from codepop.ordering import selectors, services
from codepop.ordering.documents import OrderDocument
from codepop.ordering.machine import PickupMode, Status
from codepop.ordering.timing import Pickup
from codepop.payments.selectors import payment_view

router = Router(tags=["ordering"])

EMAIL_MAX_LENGTH = 254
MOST_LINES = 50
MOST_PARTS = 20

Amount = Annotated[StrictInt, Field(ge=1, le=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Input(Schema):
    """What a client sends: unknown fields are refused, so that nobody believes they had an effect."""

    model_config = ConfigDict(extra="forbid")


class SodaIn(Input):
    ingredient_id: UUID
    share: Amount


class SyrupIn(Input):
    ingredient_id: UUID
    pumps: Amount


class PortionIn(Input):
    ingredient_id: UUID
    portions: Amount


class RecipeIn(Input):
    sodas: list[SodaIn] = Field(default=[], max_length=MOST_PARTS)
    syrups: list[SyrupIn] = Field(default=[], max_length=MOST_PARTS)
    juices: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    creams: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    add_ins: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    ice_creams: list[PortionIn] = Field(default=[], max_length=MOST_PARTS)
    ice: Annotated[str, StringConstraints(max_length=12)] = "regular"


class LineIn(Input):
    drink_id: UUID | None = None
    name: Text | None = None
    size: Annotated[str, StringConstraints(max_length=12)]
    quantity: Amount
    recipe: RecipeIn


class PickupIn(Input):
    mode: Literal["now", "at"]
    at: AwareDatetime | None = None


class QuoteIn(Input):
    store_id: UUID
    lines: list[LineIn] = Field(max_length=MOST_LINES)
    pickup: PickupIn | None = None
    contact_email: str | None = Field(default=None, max_length=EMAIL_MAX_LENGTH)


class OrderIn(Input):
    quote_id: UUID
    contact_email: str | None = Field(default=None, max_length=EMAIL_MAX_LENGTH)
    pickup: PickupIn | None = None


class CancelIn(Input):
    reason: Text | None = None


class Empty(Input):
    """An empty object."""


class QuoteStoreOut(Schema):
    id: UUID
    slug: str
    name: str
    timezone: str


class OrderStoreOut(QuoteStoreOut):
    address: str
    lat: float
    lon: float


class LineNutritionOut(Schema):
    kcal: int
    sugar_g: int
    caffeine_mg: int


class SodaOut(Schema):
    ingredient_id: UUID
    share: int


class SyrupOut(Schema):
    ingredient_id: UUID
    pumps: int


class PortionOut(Schema):
    ingredient_id: UUID
    portions: int


class LineRecipeOut(Schema):
    sodas: list[SodaOut]
    syrups: list[SyrupOut]
    juices: list[PortionOut]
    creams: list[PortionOut]
    add_ins: list[PortionOut]
    ice_creams: list[PortionOut]
    ice: str


class LineOut(Schema):
    drink_id: UUID | None
    name: str
    size: str
    quantity: int
    unit_price_cents: int
    total_cents: int
    allergens: list[str]
    may_contain: list[str]
    nutrition: LineNutritionOut
    recipe: LineRecipeOut


class RequestOut(Schema):
    drink_id: UUID | None
    name: str | None
    size: str
    quantity: int
    recipe: LineRecipeOut


class PickupOut(Schema):
    mode: Literal["now", "at"] | None
    at: datetime | None


class QuoteOut(Schema):
    id: UUID
    store: QuoteStoreOut
    expires_at: datetime
    currency: str
    lines: list[LineOut]
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    ready_in_seconds: int
    ready_at: datetime
    pickup: PickupOut


class PaymentStateOut(Schema):
    status: Literal["none", "requires_method", "requires_action", "processing", "failed", "succeeded"]
    message: str | None
    attempts: int


class RefundOut(Schema):
    status: Literal["pending", "succeeded", "failed"]
    amount_cents: int
    reason: str


class HeldDoorOut(Schema):
    number: int


class PickupCodeOut(Schema):
    text: str
    qr_text: str
    qr_svg_url: str | None


class ProgressOut(Schema):
    drink_index: int
    drinks: int
    step_text: str
    share: float


class TimelineStepOut(Schema):
    status: Status
    at: datetime
    text: str


class OrderOut(Schema):
    id: UUID
    code: str
    store: OrderStoreOut
    status: Status
    status_text: str
    placed_at: datetime
    currency: str
    subtotal_cents: int
    tax_cents: int
    total_cents: int
    lines: list[LineOut]
    pickup: PickupOut
    ready_at: datetime | None
    expires_at: datetime | None
    can_cancel: bool
    can_choose_pickup: bool
    can_pay: bool
    payment: PaymentStateOut | None
    refund: RefundOut | None
    door: HeldDoorOut | None
    pickup_code: PickupCodeOut | None
    progress: ProgressOut | None
    timeline: list[TimelineStepOut]
    version: int


class PlacedOut(Schema):
    order: OrderOut
    order_token: str


class OrdersOut(Schema):
    items: list[OrderOut]
    next: str | None


class PaymentOut(Schema):
    """What the payment form needs. The secret is for the person who pays: keep it out of logs and addresses."""

    payment_id: UUID
    client_secret: str
    status: Literal["none", "requires_method", "requires_action", "processing", "failed", "succeeded"]
    amount_cents: int
    currency: str


class AgainOut(Schema):
    lines: list[RequestOut]
    unavailable: list[str]


class QuoteChangedOut(ErrorOut):
    """Why the order was not placed; with code `quote_changed` also the new price."""

    quote: QuoteOut | None = None


# The documents are JSON already: they are sent as they are, and a test holds them against these schemas.
def _json(status: int, body: Any) -> HttpResponse:
    return JsonResponse(body, status=status, encoder=DjangoJSONEncoder)


def _recipe(given: RecipeIn) -> Recipe:
    return Recipe(
        sodas=tuple(Part(one.ingredient_id, one.share) for one in given.sodas),
        syrups=tuple(Part(one.ingredient_id, one.pumps) for one in given.syrups),
        juices=tuple(Part(one.ingredient_id, one.portions) for one in given.juices),
        creams=tuple(Part(one.ingredient_id, one.portions) for one in given.creams),
        add_ins=tuple(Part(one.ingredient_id, one.portions) for one in given.add_ins),
        ice_creams=tuple(Part(one.ingredient_id, one.portions) for one in given.ice_creams),
        ice=given.ice,
    )


def _line(given: LineIn) -> DrinkLine:
    return DrinkLine(
        drink_id=given.drink_id,
        name=given.name or None,
        size=given.size,
        quantity=given.quantity,
        recipe=_recipe(given.recipe),
    )


def _pickup(given: PickupIn | None) -> Pickup | None:
    if given is None:
        return None
    if given.mode == "at" and given.at is None:
        raise InvalidInput(fields={"pickup.at": "Say when: a time with its zone, such as 2026-11-23T18:30:00Z."})
    return Pickup(PickupMode(given.mode), given.at if given.mode == "at" else None)


def _email(given: str | None, *, required: bool) -> str:
    address = (given or "").strip()
    if not address and not required:
        return ""
    try:
        validate_email(address)
    except ValidationError as error:
        hint = (
            "Give an e-mail address: we reach you there about the order."
            if not address
            else "This is not an e-mail address."
        )
        raise InvalidInput(fields={"contact_email": hint}) from error
    return address


def _own(request: HttpRequest, operation: str, order_id: UUID) -> Principal:
    """Refuse everybody who may not do this with the order; somebody else's order looks like none."""
    return _require(request, operation, selectors.order_access(order_id))


def _require(request: HttpRequest, operation: str, whose: selectors.OrderAccess) -> Principal:
    return require(
        request,
        operation,
        owner_id=whose.customer_id,
        token_hash=whose.token_hash,
        store_id=whose.store_id,
        region_id=whose.region_id,
    )


def _actor(who: Principal) -> str:
    return f"user:{who.user_id}" if who.user_id else "guest"


@router.post(
    "/quotes",
    operation_id="create_quote",
    response={201: QuoteOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut},
    summary="What would this cost, and when would it be ready?",
)
def create_quote(request: HttpRequest, body: QuoteIn) -> HttpResponse:
    """Fix prices, tax and a promised time for ten minutes. Nothing is reserved; whoever knows the id can order it."""
    _email(body.contact_email, required=False)
    document = services.place_quote(
        store_id=body.store_id,
        lines=[_line(line) for line in body.lines],
        pickup=_pickup(body.pickup) or Pickup(),
    )
    return _json(201, document)


@router.post(
    "/orders",
    operation_id="place_order",
    response={201: PlacedOut, 400: ErrorOut, 404: ErrorOut, 409: QuoteChangedOut, 422: ErrorOut, 503: ErrorOut},
    summary="Order what was quoted",
)
def place_order(request: HttpRequest, body: OrderIn) -> HttpResponse:
    """Store the order and reserve its stock; it then waits for its payment.

    Needs an `Idempotency-Key`. Guests give an e-mail address. `order_token` is shown only here: it opens the order.
    """
    who = principal(request)
    placing = services.Placing(
        quote_id=body.quote_id,
        customer_id=who.user_id,
        contact_email=_email(body.contact_email, required=who.user_id is None),
        pickup=_pickup(body.pickup),
    )
    answer = services.place_order(placing=placing, call=idempotent_call(request, caller=who.caller))
    return _json(answer.status, answer.body)


@router.get(
    "/orders",
    operation_id="list_orders",
    response={200: OrdersOut, 401: ErrorOut, 422: ErrorOut},
    summary="My orders, newest first",
)
def list_orders(request: HttpRequest, cursor: UUID | None = None) -> HttpResponse:
    """Return twenty orders and the `cursor` of the next page."""
    who = principal(request)
    if who.user_id is None:
        raise NotFound
    items, following = selectors.list_orders(customer_id=who.user_id, before=cursor)
    return _json(200, {"items": items, "next": following})


@router.get(
    "/orders/{order_id}", operation_id="get_order", response={200: OrderOut, 404: ErrorOut}, summary="How is it going?"
)
def get_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Return the order as it stands now."""
    _own(request, "get_order", order_id)
    return _order(order_id)


def _order(order_id: UUID) -> HttpResponse:
    document: OrderDocument = selectors.get_order(order_id)
    return _json(200, document)


@router.post(
    "/orders/{order_id}/payment",
    operation_id="create_payment",
    response={
        200: PaymentOut,
        400: ErrorOut,
        404: ErrorOut,
        409: ErrorOut,
        422: ErrorOut,
        502: ErrorOut,
        503: ErrorOut,
    },
    summary="Get ready to pay",
)
def create_payment(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Return what the payment form needs to charge this order; declined cards are tried again on the same payment.

    Needs an `Idempotency-Key`.
    """
    whose = selectors.order_access(order_id)
    who = _require(request, "create_payment", whose)
    call = idempotent_call(request, caller=who.caller)
    if stored := call.find():
        return _json(stored.status, stored.body)
    payment = services.pay_for_order(order=whose)
    answer = call.keep_first(
        200,
        {
            "payment_id": payment.id,
            "client_secret": payment.client_secret,
            "status": payment_view(payment).status,
            "amount_cents": payment.amount_cents,
            "currency": payment.currency,
        },
    )
    return _json(answer.status, answer.body)


@router.post(
    "/orders/{order_id}/payment/refresh",
    operation_id="refresh_payment",
    response={200: OrderOut, 404: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Did my payment go through?",
)
def refresh_payment(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Ask the payment provider, not the client, and return the order as it stands then."""
    _own(request, "refresh_payment", order_id)
    services.refresh_order(order_id=order_id)
    return _order(order_id)


@router.put(
    "/orders/{order_id}/pickup",
    operation_id="choose_pickup",
    response={200: OrderOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Start now, or at a time",
)
def choose_pickup(request: HttpRequest, order_id: UUID, body: PickupIn) -> HttpResponse:
    """Say when the drinks are wanted; may be changed until a robot starts."""
    who = _own(request, "choose_pickup", order_id)
    services.choose_pickup(order_id=order_id, pickup=_pickup(body) or Pickup(), actor=_actor(who))
    return _order(order_id)


@router.post(
    "/orders/{order_id}/cancel",
    operation_id="cancel_order",
    response={200: OrderOut, 400: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Cancel before a robot starts",
)
def cancel_order(request: HttpRequest, order_id: UUID, body: CancelIn | None = None) -> HttpResponse:
    """Cancel; what was charged goes back to the card by itself. Needs an `Idempotency-Key`."""
    who = _own(request, "cancel_order", order_id)
    call = idempotent_call(request, caller=who.caller)
    reason = (body.reason if body else None) or ""

    def cancel() -> Answer:
        services.cancel_order(order_id=order_id, actor=_actor(who), reason=reason)
        return Answer(status=200, body=dict(selectors.get_order(order_id)))

    answer = run_once(call, cancel)
    return _json(answer.status, answer.body)


@router.post(
    "/orders/{order_id}/reorder",
    operation_id="reorder",
    response={200: AgainOut, 404: ErrorOut, 422: ErrorOut},
    summary="The same again",
)
def reorder(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Return the order's lines as a cart for a new quote, without drinks that left the menu."""
    _own(request, "reorder", order_id)
    again = services.reorder_lines(order_id=order_id)
    return _json(200, {"lines": again.lines, "unavailable": again.unavailable})

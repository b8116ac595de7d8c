"""Quotes and orders over HTTP: input to one command or query, and the order's document back."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from ninja import Router

from codepop.accounts.access import principal
from codepop.catalog.menu import DrinkLine
from codepop.core.errors import InvalidInput, NotFound
from codepop.core.idempotency import Answer, idempotent_call, run_once
from codepop.core.schemas import Empty, ErrorOut
from codepop.ordering import selectors, services
from codepop.ordering.machine import PickupMode
from codepop.ordering.requests import actor_of, json_answer, order_answer, own_order, recipe_of
from codepop.ordering.schemas import (
    AgainOut,
    CancelIn,
    LineIn,
    OrderIn,
    OrderOut,
    OrdersOut,
    PickupIn,
    PlacedOut,
    QuoteChangedOut,
    QuoteIn,
    QuoteOut,
)
from codepop.ordering.timing import Pickup

router = Router(tags=["ordering"])


def _line(given: LineIn) -> DrinkLine:
    return DrinkLine(
        drink_id=given.drink_id,
        name=given.name or None,
        size=given.size,
        quantity=given.quantity,
        recipe=recipe_of(given.recipe),
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
    return json_answer(201, document)


@router.post(
    "/orders",
    operation_id="place_order",
    response={201: PlacedOut, 400: ErrorOut, 404: ErrorOut, 409: QuoteChangedOut, 422: ErrorOut, 503: ErrorOut},
    summary="Order what was quoted",
)
def place_order(request: HttpRequest, body: OrderIn) -> HttpResponse:
    """Store the order and reserve its stock; it then waits for its payment.

    Needs an `Idempotency-Key`. Guests give an e-mail address; an account has one, and another is not kept.
    `order_token` is shown only here: it opens the order.
    """
    who = principal(request)
    placing = services.Placing(
        quote_id=body.quote_id,
        customer_id=who.user_id,
        contact_email=_email(body.contact_email, required=True) if who.user_id is None else "",
        pickup=_pickup(body.pickup),
    )
    answer = services.place_order(placing=placing, call=idempotent_call(request, caller=who.caller))
    return json_answer(answer.status, answer.body)


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
    return json_answer(200, {"items": items, "next": following})


@router.get(
    "/orders/{order_id}", operation_id="get_order", response={200: OrderOut, 404: ErrorOut}, summary="How is it going?"
)
def get_order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Return the order as it stands now."""
    own_order(request, "get_order", order_id)
    return order_answer(order_id)


@router.put(
    "/orders/{order_id}/pickup",
    operation_id="choose_pickup",
    response={200: OrderOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Start now, or at a time",
)
def choose_pickup(request: HttpRequest, order_id: UUID, body: PickupIn) -> HttpResponse:
    """Say when the drinks are wanted; may be changed until a robot starts."""
    who = own_order(request, "choose_pickup", order_id)
    services.choose_pickup(order_id=order_id, pickup=_pickup(body) or Pickup(), actor=actor_of(who))
    return order_answer(order_id)


@router.post(
    "/orders/{order_id}/cancel",
    operation_id="cancel_order",
    response={200: OrderOut, 400: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Cancel before a robot starts",
)
def cancel_order(request: HttpRequest, order_id: UUID, body: CancelIn | None = None) -> HttpResponse:
    """Cancel; what was charged goes back to the card by itself. Needs an `Idempotency-Key`."""
    who = own_order(request, "cancel_order", order_id)
    call = idempotent_call(request, caller=who.caller)
    note = (body.reason if body else None) or ""

    def cancel() -> Answer:
        services.cancel_order(order_id=order_id, actor=actor_of(who), note=note)
        return Answer(status=200, body=dict(selectors.get_order(order_id)))

    answer = run_once(call, cancel)
    return json_answer(answer.status, answer.body)


@router.post(
    "/orders/{order_id}/reorder",
    operation_id="reorder",
    response={200: AgainOut, 404: ErrorOut, 422: ErrorOut},
    summary="The same again",
)
def reorder(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Return the order's lines as a cart for a new quote, without drinks that left the menu."""
    own_order(request, "reorder", order_id)
    again = services.reorder_lines(order_id=order_id)
    return json_answer(200, {"lines": again.lines, "unavailable": again.unavailable})

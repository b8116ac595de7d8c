"""Paying for an order over HTTP: the form's secret, saved cards, asking the provider, waiting while it is away."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from codepop.accounts.address import client_address
from codepop.core.errors import NotFound
from codepop.core.idempotency import Answer, idempotent_call, run_once
from codepop.core.schemas import Empty, ErrorOut
from codepop.ordering import selectors, services
from codepop.ordering.requests import json_answer, order_answer, own_order, require_order
from codepop.ordering.schemas import OrderOut, OwnCardsIn, PaymentOut, WaitIn
from codepop.payments.selectors import payment_view
from codepop.payments.services import admit_payer

if TYPE_CHECKING:
    from codepop.payments.models import Payment

router = Router(tags=["ordering"])


@router.post(
    "/orders/{order_id}/payment",
    operation_id="create_payment",
    response={
        200: PaymentOut,
        400: ErrorOut,
        404: ErrorOut,
        409: ErrorOut,
        422: ErrorOut,
        429: ErrorOut,
        502: ErrorOut,
        503: ErrorOut,
    },
    summary="Get ready to pay",
)
def create_payment(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Return what the payment form needs to charge this order; declined cards are tried again on the same payment.

    Needs an `Idempotency-Key`. Where too many cards were declined lately it says 429 with `Retry-After`.
    """
    whose = selectors.order_access(order_id)
    who = require_order(request, "create_payment", whose)
    call = idempotent_call(request, caller=who.caller)
    if stored := call.find():
        return json_answer(stored.status, stored.body)
    admit_payer(reference=order_id, person=who.user_id, address=client_address(request))
    payment = services.pay_for_order(order=whose)
    answer = call.keep_first(200, _payment(payment))
    return json_answer(answer.status, answer.body)


def _payment(payment: "Payment") -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "client_secret": payment.client_secret,
        "status": payment_view(payment).status,
        "amount_cents": payment.amount_cents,
        "currency": payment.currency,
    }


@router.put(
    "/orders/{order_id}/payment/cards",
    operation_id="use_my_cards",
    response={
        200: PaymentOut,
        401: ErrorOut,
        404: ErrorOut,
        409: ErrorOut,
        422: ErrorOut,
        502: ErrorOut,
        503: ErrorOut,
    },
    summary="Pay with my saved cards, or save the card I pay with",
)
def use_my_cards(request: HttpRequest, order_id: UUID, body: OwnCardsIn) -> HttpResponse:
    """Tie a payment that was begun to the signed-in person; with `save` the card that pays is kept for next time."""
    whose = selectors.order_access(order_id)
    who = require_order(request, "use_my_cards", whose)
    if who.user_id is None:
        raise NotFound
    return json_answer(200, _payment(services.use_own_cards(order=whose, user_id=who.user_id, save=body.save)))


@router.post(
    "/orders/{order_id}/payment/refresh",
    operation_id="refresh_payment",
    response={200: OrderOut, 404: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Did my payment go through?",
)
def refresh_payment(request: HttpRequest, order_id: UUID, body: Empty | None = None) -> HttpResponse:
    """Ask the payment provider, not the client, and return the order as it stands then."""
    own_order(request, "refresh_payment", order_id)
    services.refresh_order(order_id=order_id)
    return order_answer(order_id)


@router.post(
    "/orders/{order_id}/payment/wait",
    operation_id="wait_for_payment",
    response={200: OrderOut, 400: ErrorOut, 404: ErrorOut, 409: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="Wait for payments to work again",
)
def wait_for_payment(request: HttpRequest, order_id: UUID, body: WaitIn | None = None) -> HttpResponse:
    """Agree to wait `minutes` from now while the payment provider is away; the order is kept meanwhile.

    With `charge_saved_card` the default saved card is charged as soon as the provider is back; else the person pays
    then. Nothing is charged after the agreed time; the person is asked again. Needs an `Idempotency-Key`.
    """
    who = own_order(request, "wait_for_payment", order_id)
    call = idempotent_call(request, caller=who.caller)
    given = body or WaitIn()

    def wait() -> Answer:
        services.wait_for_payment(order_id=order_id, minutes=given.minutes, charge_card=given.charge_saved_card)
        return Answer(status=200, body=dict(selectors.get_order(order_id)))

    answer = run_once(call, wait)
    return json_answer(answer.status, answer.body)

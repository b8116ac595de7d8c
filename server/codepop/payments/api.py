"""The provider's door, which takes signed messages, and a person's saved cards. Paying itself goes through orders."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from ninja import Router, Schema
from pydantic import StringConstraints

from codepop.accounts.access import admit
from codepop.accounts.address import client_address
from codepop.core.errors import AppError, BodyTooLarge, NotSignedIn
from codepop.core.idempotency import idempotent_call
from codepop.core.log import get_logger
from codepop.core.schemas import Empty, ErrorOut, Input
from codepop.payments import services
from codepop.payments.services import receive_webhook

log = get_logger(__name__)

BODY_LIMIT = 256 * 1024


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Take one signed message of Stripe's: 200 once it is stored, 4xx when it is not proven to be theirs."""
    try:
        if int(request.headers.get("Content-Length") or 0) > BODY_LIMIT:
            raise BodyTooLarge("A message may have at most 256 kB.")
        new = receive_webhook(body=request.body, headers=request.headers)
    except AppError as error:
        log.warning("webhook_refused", code=error.code)
        return JsonResponse(error.body(), status=error.http_status)
    return JsonResponse({"received": True, "new": new})


router = Router(tags=["payment methods"])


class DefaultIn(Input):
    id: Annotated[str, StringConstraints(pattern=r"^pm_[A-Za-z0-9_]{1,250}$")]


class MethodOut(Schema):
    """A saved card as the provider shows it; `wallet` is `apple_pay`, `google_pay` or null."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    wallet: str | None
    is_default: bool
    expired: bool


class MethodsOut(Schema):
    items: list[MethodOut]


class SetupOut(Schema):
    """What the provider's form needs to save a card. The secret is its person's: keep it out of logs and addresses."""

    client_secret: str


class SheetOut(Schema):
    """What a phone's payment sheet needs to show its person's cards; it lasts half an hour."""

    customer_id: str
    session_secret: str


def _person(request: HttpRequest, operation: str) -> UUID:
    who = admit(request, operation)
    if who.user_id is None:
        raise NotSignedIn
    return who.user_id


def _methods(user_id: UUID) -> MethodsOut:
    views = services.list_methods(user_id=user_id)
    return MethodsOut(
        items=[
            MethodOut(
                id=view.method.id,
                brand=view.method.brand,
                last4=view.method.last4,
                exp_month=view.method.exp_month,
                exp_year=view.method.exp_year,
                wallet=view.method.wallet or None,
                is_default=view.is_default,
                expired=view.expired,
            )
            for view in views
        ]
    )


@router.get(
    "/me/payment-methods",
    operation_id="list_payment_methods",
    response={200: MethodsOut, 401: ErrorOut, 502: ErrorOut, 503: ErrorOut},
    summary="My saved cards",
)
def list_payment_methods(request: HttpRequest) -> MethodsOut:
    """Return the saved cards, the default one first. They are asked of the payment provider; we keep only ids."""
    return _methods(_person(request, "list_payment_methods"))


@router.post(
    "/me/payment-methods/setup",
    operation_id="save_payment_method",
    response={
        200: SetupOut,
        400: ErrorOut,
        401: ErrorOut,
        409: ErrorOut,
        422: ErrorOut,
        429: ErrorOut,
        502: ErrorOut,
        503: ErrorOut,
    },
    summary="Save a card without paying",
)
def save_payment_method(request: HttpRequest, body: Empty | None = None) -> SetupOut:
    """Return what the provider's own form needs to save a card. Needs an `Idempotency-Key`.

    Where too many cards were declined lately it says 429 with `Retry-After`.
    """
    user_id = _person(request, "save_payment_method")
    call = idempotent_call(request, caller=f"user:{user_id}")
    secret = services.start_saving(user_id=user_id, address=client_address(request), key=call.name)
    return SetupOut(client_secret=secret)


@router.post(
    "/me/payment-methods/sheet",
    operation_id="open_payment_sheet",
    response={200: SheetOut, 400: ErrorOut, 401: ErrorOut, 409: ErrorOut, 422: ErrorOut, 502: ErrorOut, 503: ErrorOut},
    summary="Show my saved cards in a phone's payment sheet",
)
def open_payment_sheet(request: HttpRequest, body: Empty | None = None) -> SheetOut:
    """Return a short-lived secret for the provider's payment sheet on a phone. Needs an `Idempotency-Key`."""
    user_id = _person(request, "open_payment_sheet")
    call = idempotent_call(request, caller=f"user:{user_id}")
    customer_id, secret = services.open_sheet(user_id=user_id, key=call.name)
    return SheetOut(customer_id=customer_id, session_secret=secret)


@router.put(
    "/me/payment-methods/default",
    operation_id="set_default_payment_method",
    response={200: MethodsOut, 401: ErrorOut, 404: ErrorOut, 422: ErrorOut, 502: ErrorOut, 503: ErrorOut},
    summary="Use this card first",
)
def set_default_payment_method(request: HttpRequest, body: DefaultIn) -> MethodsOut:
    """Have one of the saved cards offered, and charged, first."""
    user_id = _person(request, "set_default_payment_method")
    services.choose_default(user_id=user_id, method_id=body.id)
    return _methods(user_id)


@router.delete(
    "/me/payment-methods/{method_id}",
    operation_id="remove_payment_method",
    response={200: MethodsOut, 401: ErrorOut, 404: ErrorOut, 502: ErrorOut, 503: ErrorOut},
    summary="Remove a saved card",
)
def remove_payment_method(request: HttpRequest, method_id: str) -> MethodsOut:
    """Take the card from the account for good; returns those that are left."""
    user_id = _person(request, "remove_payment_method")
    services.remove_method(user_id=user_id, method_id=method_id)
    return _methods(user_id)

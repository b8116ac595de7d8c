"""Opening a cooler door from the customer's own screen."""

from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router

from codepop.accounts.access import require
from codepop.core.idempotency import idempotent_call
from codepop.core.schemas import ErrorOut
from codepop.fulfilment import services
from codepop.fulfilment.schemas import OpenDoorIn
from codepop.ordering import selectors as orders
from codepop.ordering.schemas import OrderOut

router = Router(tags=["pickup"])


@router.post(
    "/{uuid:order_id}/open-door",
    operation_id="open_door",
    response={
        202: OrderOut,
        400: ErrorOut,
        404: ErrorOut,
        409: ErrorOut,
        422: ErrorOut,
        423: ErrorOut,
        503: ErrorOut,
    },
    summary="Open my door",
)
def open_door(request: HttpRequest, order_id: UUID, body: OpenDoorIn) -> HttpResponse:
    """Have the cooler open the order's door; stand in front of it. The order is picked up once the door is open.

    `code` is the six characters or the QR text. Needs an `Idempotency-Key`. Five wrong codes lock it for 15 minutes.
    """
    whose = orders.order_access(order_id)
    who = require(
        request,
        "open_door",
        owner_id=whose.customer_id,
        token_hash=whose.token_hash,
        store_id=whose.store_id,
        region_id=whose.region_id,
    )

    call = idempotent_call(request, caller=who.caller)
    answer = services.request_open(order_id=order_id, code=body.code, call=call)
    return JsonResponse(answer.body, status=answer.status, encoder=DjangoJSONEncoder)

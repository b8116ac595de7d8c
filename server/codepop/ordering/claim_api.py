"""Taking a guest's orders into an account over HTTP."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from codepop.accounts.access import admit, token_digest
from codepop.core.errors import NotSignedIn
from codepop.core.schemas import ErrorOut, Input
from codepop.ordering.services.claiming import Claim, claim_orders

router = Router(tags=["ordering"])
MOST_CLAIMS = 50


class ClaimIn(Input):
    order_id: UUID
    token: str = Field(min_length=1, max_length=200)


class ClaimsIn(Input):
    orders: list[ClaimIn] = Field(max_length=MOST_CLAIMS)


class ClaimedOut(Schema):
    """The orders that are the person's now; those that are missing have another secret or another owner."""

    claimed: list[UUID]


@router.post(
    "/me/orders",
    operation_id="claim_orders",
    response={200: ClaimedOut, 401: ErrorOut, 422: ErrorOut},
    summary="These orders are mine",
)
def claim_my_orders(request: HttpRequest, body: ClaimsIn) -> ClaimedOut:
    """Put a guest's orders into the account of whoever holds their secrets. May be called twice."""
    who = admit(request, "claim_orders")
    if who.user_id is None:
        raise NotSignedIn
    claims = [Claim(one.order_id, token_digest(one.token)) for one in body.orders]
    return ClaimedOut(claimed=claim_orders(user_id=who.user_id, claims=claims))

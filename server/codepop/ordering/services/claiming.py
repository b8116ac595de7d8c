"""A guest's orders become those of the person who signs up or in and holds their links."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from codepop.core.db import lock, transaction
from codepop.ordering.models import Order


@dataclass(frozen=True)
class Claim:
    """An order and the hash of the secret that came with its link."""

    order_id: UUID
    token_hash: bytes


def claim_orders(*, user_id: UUID, claims: Sequence[Claim]) -> list[UUID]:
    """Make the orders whose secret is given, and which nobody owns, this person's; say which are theirs now.

    Remakes go with the order they make again. What is unknown, somebody else's or has another secret is left out
    without a word. May be called twice. The links go on working; letters go to the account from now on, so the address
    that the guest gave is dropped.
    """
    secrets = {claim.order_id: claim.token_hash for claim in claims}
    with transaction():
        rows = lock(Order.objects.filter(id__in=secrets, remake_of=None))
        proved = [row for row in rows if hmac.compare_digest(bytes(row.token_hash), secrets[row.id])]
        free = [row.id for row in proved if row.customer_id is None]
        if free:
            mine = {"customer_id": user_id, "contact_email": ""}
            Order.objects.filter(id__in=free).update(**mine)
            Order.objects.filter(remake_of__in=free, customer=None).update(**mine)
    return [row.id for row in proved if row.customer_id in (None, user_id)]

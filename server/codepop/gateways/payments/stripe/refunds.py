"""Refunds of a PaymentIntent's charge."""

from typing import Final
from uuid import UUID

import stripe

from codepop.gateways.payments.refunds import ProviderRefund, ProviderRefundStatus
from codepop.gateways.payments.stripe.connection import Connection
from codepop.gateways.payments.stripe.reading import PAGE, id_of, metadata_id

_REFUND_STATUS: Final[dict[str, ProviderRefundStatus]] = {
    "pending": ProviderRefundStatus.PENDING,
    "requires_action": ProviderRefundStatus.PENDING,
    "succeeded": ProviderRefundStatus.SUCCEEDED,
    "failed": ProviderRefundStatus.FAILED,
    "canceled": ProviderRefundStatus.FAILED,
}


class Refunds:
    """RefundGateway over Stripe."""

    _stripe: Connection

    def refund(self, *, intent_id: str, refund_id: UUID, amount_cents: int, key: str) -> ProviderRefund:
        created = self._stripe.command(
            "refund",
            lambda client: client.v1.refunds.create(
                {"payment_intent": intent_id, "amount": amount_cents, "metadata": {"refund": str(refund_id)}},
                {"idempotency_key": key},
            ),
        )
        return read_refund(created)

    def fetch_refund(self, *, provider_refund_id: str) -> ProviderRefund:
        return read_refund(
            self._stripe.query("fetch_refund", lambda client: client.v1.refunds.retrieve(provider_refund_id))
        )

    def list_refunds(self, *, intent_id: str) -> list[ProviderRefund]:
        def walk(client: stripe.StripeClient) -> list[stripe.Refund]:
            page = client.v1.refunds.list({"payment_intent": intent_id, "limit": PAGE})
            return list(page.auto_paging_iter())

        return [read_refund(one) for one in self._stripe.query("list_refunds", walk)]


def read_refund(found: stripe.Refund) -> ProviderRefund:
    return ProviderRefund(
        id=found.id,
        intent_id=id_of(found.payment_intent),
        refund_id=metadata_id(found.metadata, "refund"),
        status=_REFUND_STATUS.get(found.status or "", ProviderRefundStatus.PENDING),
        amount_cents=found.amount,
        currency=found.currency,
        failure_code=getattr(found, "failure_reason", None) or "",
    )

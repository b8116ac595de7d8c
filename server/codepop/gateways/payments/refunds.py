"""Refunds: what CodePop asks of a provider to give money back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class ProviderRefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class ProviderRefund:
    """The provider's present view of a refund; `refund_id` is ours, when it was asked by us."""

    id: str
    intent_id: str
    refund_id: UUID | None
    status: ProviderRefundStatus
    amount_cents: int
    currency: str
    failure_code: str


class RefundGateway(Protocol):
    def refund(self, *, intent_id: str, refund_id: UUID, amount_cents: int, key: str) -> ProviderRefund: ...

    def fetch_refund(self, *, provider_refund_id: str) -> ProviderRefund: ...

    def list_refunds(self, *, intent_id: str) -> list[ProviderRefund]: ...

"""Payments with every value defaulted."""

from typing import TYPE_CHECKING
from uuid import UUID

from codepop.kit.clock import now
from codepop.kit.ids import uuid7
from codepop.payments.models import Payment, PaymentStatus
from codepop.stores.tests.factories import make_store

if TYPE_CHECKING:
    from codepop.stores.models import Store


def make_payment(
    *,
    reference: UUID | None = None,
    store: "Store | None" = None,
    amount_cents: int = 720,
    tax_cents: int = 47,
    currency: str = "usd",
    status: PaymentStatus = PaymentStatus.NEW,
    intent_id: str | None = None,
) -> Payment:
    """A payment row in a state; the provider knows nothing of it unless `intent_id` is one of its own."""
    succeeded = status == PaymentStatus.SUCCEEDED
    known = status != PaymentStatus.NEW
    return Payment.objects.create(
        reference=reference or uuid7(),
        store=store or make_store(),
        currency=currency,
        amount_cents=amount_cents,
        tax_cents=tax_cents,
        description="CodePop order A-1042",
        statement_suffix="A-1042",
        status=status,
        sent_at=now() if known else None,
        intent_id=intent_id or (f"pi_test_{uuid7().hex}" if known else None),
        client_secret="pi_test_secret_1" if known else "",
        succeeded_at=now() if succeeded else None,
    )

"""The books: which entries a charge or a refund makes. Debits are positive, credits negative, sums are zero."""

from datetime import datetime
from typing import Any

from django.db import connection

from codepop.core.db import transaction_required
from codepop.kit.ids import uuid7
from codepop.payments.models import Account, LedgerEntry, LedgerKind, Payment, Refund, RefundStatus

Entries = dict[Account, int]


def tax_share(*, amount_cents: int, tax_cents: int, part_cents: int) -> int:
    """Return the tax contained in the first `part_cents` of an amount, rounded half up.

    Taking differences of this keeps the taxes of any number of partial refunds equal to the tax of their sum.
    """
    return (2 * part_cents * tax_cents + amount_cents) // (2 * amount_cents)


def charge_entries(*, amount_cents: int, tax_cents: int) -> Entries:
    """Return what a charge books: Stripe owes us the amount; sales and tax owed grow."""
    entries = {Account.STRIPE_RECEIVABLE: amount_cents, Account.SALES: tax_cents - amount_cents}
    return entries | ({Account.TAX_PAYABLE: -tax_cents} if tax_cents else {})


def refund_entries(*, amount_cents: int, tax_cents: int) -> Entries:
    """Return what a refund books; `tax_cents` is the tax contained in it."""
    entries = {Account.STRIPE_RECEIVABLE: -amount_cents}
    entries |= {Account.REFUNDS: amount_cents - tax_cents} if amount_cents > tax_cents else {}
    return entries | ({Account.TAX_PAYABLE: tax_cents} if tax_cents else {})


@transaction_required
def book_charge(*, payment: Payment, at: datetime) -> None:
    """Write the charge of a payment; a second time raises IntegrityError (unique key)."""
    entries = charge_entries(amount_cents=payment.amount_cents, tax_cents=payment.tax_cents)
    _book(kind=LedgerKind.CHARGE, key=f"charge:{payment.id}", payment=payment, at=at, entries=entries)


@transaction_required
def book_refund(*, payment: Payment, refund: Refund, at: datetime) -> None:
    """Write a refund that the provider has carried out. The caller holds the payment's lock."""
    before = sum(
        Refund.objects.filter(payment=payment, status=RefundStatus.SUCCEEDED)
        .exclude(id=refund.id)
        .values_list("amount_cents", flat=True)
    )
    upto = [
        tax_share(amount_cents=payment.amount_cents, tax_cents=payment.tax_cents, part_cents=part)
        for part in (before, before + refund.amount_cents)
    ]
    entries = refund_entries(amount_cents=refund.amount_cents, tax_cents=upto[1] - upto[0])
    _book(kind=LedgerKind.REFUND, key=f"refund:{refund.id}", payment=payment, at=at, entries=entries)


@transaction_required
def book_refund_failed(*, payment: Payment, refund: Refund, at: datetime) -> None:
    """Write the opposite of a refund that was booked and came back."""
    booked = LedgerEntry.objects.filter(transaction__key=f"refund:{refund.id}")
    entries = {Account(entry.account): -entry.amount_cents for entry in booked}
    _book(kind=LedgerKind.REFUND_FAILED, key=f"refund_failed:{refund.id}", payment=payment, at=at, entries=entries)


_BOOK = """
    WITH booked AS (
        INSERT INTO payments_ledgertransaction (id, key, kind, payment_id, store_id, happened_at)
        VALUES (%(id)s, %(key)s, %(kind)s, %(payment)s, %(store)s, %(at)s)
        RETURNING id
    )
    INSERT INTO payments_ledgerentry (transaction_id, account, currency, amount_cents)
    SELECT booked.id, entry.account, %(currency)s, entry.cents
    FROM booked, unnest(%(accounts)s::text[], %(cents)s::int[]) AS entry(account, cents)
"""
"""One statement, since it is part of every payment's transaction."""


def _book(*, kind: LedgerKind, key: str, payment: Payment, at: datetime, entries: Entries) -> None:
    row: dict[str, Any] = {
        "id": uuid7(),
        "key": key,
        "kind": kind.value,
        "payment": payment.id,
        "store": payment.store_id,
        "at": at,
        "currency": payment.currency,
        "accounts": [account.value for account in entries],
        "cents": list(entries.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, row)

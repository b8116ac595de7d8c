"""The books: which entries a charge or a refund makes. Debits are positive, credits negative, sums are zero."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from codepop.core.db import transaction_required
from codepop.core.statements import run
from codepop.gateways.payments import FundsMovement
from codepop.kit.ids import uuid7
from codepop.payments.models import Account, LedgerEntry, LedgerKind, LedgerTransaction, Payment, Refund

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
    """Return what a refund books; `tax_cents` is the tax contained in it.

    Where others came back between, that may be a cent below zero or above the amount: the books catch up by it.
    """
    entries = {Account.STRIPE_RECEIVABLE: -amount_cents}
    entries |= {Account.REFUNDS: amount_cents - tax_cents} if amount_cents != tax_cents else {}
    return entries | ({Account.TAX_PAYABLE: tax_cents} if tax_cents else {})


@transaction_required
def book_charge(*, payment: Payment, at: datetime) -> None:
    """Write the charge of a payment; a second time raises IntegrityError (unique key)."""
    entries = charge_entries(amount_cents=payment.amount_cents, tax_cents=payment.tax_cents)
    _book(kind=LedgerKind.CHARGE, key=f"charge:{payment.id}", payment=payment, at=at, entries=entries)


@transaction_required
def book_refund(*, payment: Payment, refund: Refund, at: datetime) -> None:
    """Write a refund that the provider has carried out. The caller holds the payment's lock."""
    booked = _refunds_booked(payment)
    part = refund.amount_cents - booked[Account.STRIPE_RECEIVABLE]
    upto = tax_share(amount_cents=payment.amount_cents, tax_cents=payment.tax_cents, part_cents=part)
    entries = refund_entries(amount_cents=refund.amount_cents, tax_cents=upto - booked[Account.TAX_PAYABLE])
    _book(kind=LedgerKind.REFUND, key=f"refund:{refund.id}", payment=payment, at=at, entries=entries)


def _refunds_booked(payment: Payment) -> Counter[str]:
    """Return what refunds have moved on each account, without those that came back.

    Summed from the books: a refund that came back took its own cents with it, rounded as they were that day.
    """
    sums: Counter[str] = Counter()
    kinds = (LedgerKind.REFUND, LedgerKind.REFUND_FAILED)
    entries = LedgerEntry.objects.filter(transaction__payment=payment, transaction__kind__in=kinds)
    for account, cents in entries.values_list("account", "amount_cents"):
        sums[account] += cents
    return sums


@transaction_required
def book_refund_failed(*, payment: Payment, refund: Refund, at: datetime) -> None:
    """Write the opposite of a refund that was booked and came back."""
    booked = LedgerEntry.objects.filter(transaction__key=f"refund:{refund.id}")
    entries = {Account(entry.account): -entry.amount_cents for entry in booked}
    _book(kind=LedgerKind.REFUND_FAILED, key=f"refund_failed:{refund.id}", payment=payment, at=at, entries=entries)


def dispute_entries(*, amount_cents: int, fee_cents: int) -> Entries:
    """Return what a dispute's movement books: a negative amount is held back, a positive one given back."""
    entries = {Account.STRIPE_RECEIVABLE: amount_cents - fee_cents, Account.DISPUTED: -amount_cents}
    entries |= {Account.PROVIDER_FEES: fee_cents}
    return {account: cents for account, cents in entries.items() if cents}


@transaction_required
def book_dispute(*, payment: Payment, dispute_id: str, movements: Iterable[FundsMovement], at: datetime) -> None:
    """Write what a dispute moved on our balance, each movement once. The caller holds the payment's lock."""
    booked = LedgerTransaction.objects.filter(payment=payment, kind=LedgerKind.DISPUTE)
    known = set(booked.values_list("key", flat=True))
    for one in movements:
        key = f"dispute:{dispute_id}:{one.id}"[:80]
        entries = dispute_entries(amount_cents=one.amount_cents, fee_cents=one.fee_cents)
        if key not in known and entries:
            _book(kind=LedgerKind.DISPUTE, key=key, payment=payment, at=at, entries=entries)


@transaction_required
def book_dispute_lost(*, payment: Payment, dispute_id: str, at: datetime) -> None:
    """Write off what the bank keeps of a lost dispute, once. The tax stays owed: only a refund takes a sale back."""
    key = f"dispute_lost:{dispute_id}"
    booked = LedgerEntry.objects.filter(
        transaction__payment=payment, transaction__key__startswith=f"dispute:{dispute_id}:", account=Account.DISPUTED
    )
    held = sum(booked.values_list("amount_cents", flat=True))
    if held <= 0 or LedgerTransaction.objects.filter(key=key).exists():
        return
    entries = {Account.DISPUTE_LOSSES: held, Account.DISPUTED: -held}
    _book(kind=LedgerKind.DISPUTE_LOST, key=key, payment=payment, at=at, entries=entries)


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
    run(_BOOK, row)

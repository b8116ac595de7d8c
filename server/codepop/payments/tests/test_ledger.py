"""The books: balanced, append-only, exact to the cent."""

from itertools import pairwise

import pytest
from django.db import IntegrityError, ProgrammingError, connection
from hypothesis import given, settings
from hypothesis import strategies as st

from codepop.core.db import TransactionMissing, transaction
from codepop.kit.clock import now
from codepop.payments import ledger
from codepop.payments.ledger import charge_entries, refund_entries, tax_share
from codepop.payments.models import Account, LedgerEntry, LedgerTransaction, PaymentStatus, Refund, RefundStatus
from codepop.payments.tests.factories import make_payment
from tests.database_role import as_owner


@pytest.mark.req("PAY-23")
@given(
    amount=st.integers(1, 10**8),
    tax_part=st.floats(0, 0.49),
    cuts=st.lists(st.floats(0.0, 1.0), max_size=6),
)
def test_partial_refunds_give_back_exactly_the_tax_of_their_sum(
    amount: int, tax_part: float, cuts: list[float]
) -> None:
    tax = int(amount * tax_part)
    stops = sorted({0, amount, *(int(amount * cut) for cut in cuts)})
    parts = [
        (
            later - earlier,
            tax_share(amount_cents=amount, tax_cents=tax, part_cents=later)
            - tax_share(amount_cents=amount, tax_cents=tax, part_cents=earlier),
        )
        for earlier, later in pairwise(stops)
    ]
    assert sum(taxes for _, taxes in parts) == tax
    for cents, taxes in parts:
        entries = refund_entries(amount_cents=cents, tax_cents=taxes)
        assert sum(entries.values()) == 0
        assert 0 not in entries.values()


@pytest.mark.django_db
@pytest.mark.req("PAY-12", "PAY-23")
@settings(max_examples=40, deadline=None)
@given(
    amount=st.integers(2, 900),
    tax_part=st.floats(0.01, 0.49),
    steps=st.lists(st.tuples(st.booleans(), st.integers(1, 200)), max_size=12),
)
def test_refunds_that_come_back_between_leave_no_cent_of_tax(
    amount: int, tax_part: float, steps: list[tuple[bool, int]]
) -> None:
    payment = make_payment(status=PaymentStatus.SUCCEEDED, amount_cents=amount, tax_cents=int(amount * tax_part))
    standing: list[Refund] = []
    with transaction():
        ledger.book_charge(payment=payment, at=now())
        for number, (fails, value) in enumerate([*steps, (False, amount)]):
            if fails and standing:
                refund = standing.pop(value % len(standing))
                ledger.book_refund_failed(payment=payment, refund=refund, at=now())
                Refund.objects.filter(id=refund.id).update(status=RefundStatus.FAILED)
            elif not fails and (part := min(value, amount - sum(one.amount_cents for one in standing))):
                refund = Refund.objects.create(
                    payment=payment, reason_key=f"reason {number}", amount_cents=part, status=RefundStatus.SUCCEEDED
                )
                ledger.book_refund(payment=payment, refund=refund, at=now())
                standing.append(refund)
    sums = dict.fromkeys(Account.values, 0)
    entries = LedgerEntry.objects.filter(transaction__payment=payment)
    for account, cents in entries.values_list("account", "amount_cents"):
        sums[account] += cents
    assert (sums[Account.TAX_PAYABLE], sums[Account.STRIPE_RECEIVABLE]) == (0, 0)


@pytest.mark.req("PAY-23")
@given(amount=st.integers(1, 10**9), tax_part=st.floats(0, 0.49))
def test_a_charge_balances(amount: int, tax_part: float) -> None:
    entries = charge_entries(amount_cents=amount, tax_cents=int(amount * tax_part))
    assert sum(entries.values()) == 0
    assert entries[Account.STRIPE_RECEIVABLE] == amount


@pytest.mark.django_db
@pytest.mark.req("PAY-10", "PAY-23")
def test_a_charge_is_booked_once_and_never_changed() -> None:
    payment = make_payment(status=PaymentStatus.SUCCEEDED)
    with transaction():
        ledger.book_charge(payment=payment, at=now())
    booked = LedgerTransaction.objects.get(payment=payment)
    entries = dict(booked.entries.values_list("account", "amount_cents"))
    assert entries == {"stripe_receivable": 720, "sales": -673, "tax_payable": -47}
    with pytest.raises(IntegrityError), transaction():
        ledger.book_charge(payment=payment, at=now())


@pytest.mark.django_db
@pytest.mark.req("PAY-10")
@pytest.mark.parametrize("table", ["payments_ledgerentry", "payments_ledgertransaction"])
@pytest.mark.parametrize("statement", ["UPDATE {table} SET id = id", "DELETE FROM {table}"])
def test_the_database_refuses_to_change_the_books(table: str, statement: str) -> None:
    with transaction():
        ledger.book_charge(payment=make_payment(status=PaymentStatus.SUCCEEDED), at=now())
    with as_owner(), pytest.raises(ProgrammingError, match="Cannot"), transaction(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))


@pytest.mark.django_db
def test_the_database_refuses_entries_that_do_not_balance() -> None:
    payment = make_payment(status=PaymentStatus.SUCCEEDED)
    row = LedgerTransaction.objects.create(
        key="charge:x", kind="charge", payment=payment, store=payment.store, happened_at=now()
    )

    def entries(*cents: int, currency: str = "usd") -> list[LedgerEntry]:
        return [
            LedgerEntry(transaction=row, account=Account.SALES, currency=c, amount_cents=one)
            for one, c in zip(cents, ("usd", currency), strict=False)
        ]

    for wrong in (entries(100, -99), entries(100), entries(100, -100, currency="eur")):
        with pytest.raises(IntegrityError, match="balance"), transaction():
            LedgerEntry.objects.bulk_create(wrong)
    with transaction():
        LedgerEntry.objects.bulk_create(entries(100, -100))


@pytest.mark.django_db(transaction=True)
def test_booking_needs_a_transaction() -> None:
    with pytest.raises(TransactionMissing):
        ledger.book_charge(payment=make_payment(status=PaymentStatus.SUCCEEDED), at=now())

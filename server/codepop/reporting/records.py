"""Transaction records for staff: searched by code, id, date, amount and state; each one with all we know of it.

A search is one statement over the payments of the stores that its reader may see; what lies outside looks absent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from codepop.core.errors import InvalidInput

PAGE: Final = 40
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
STATES: Final[Mapping[str, str]] = {
    "succeeded": "payment.status = 'succeeded'",
    "open": "payment.status NOT IN ('succeeded', 'cancelled')",
    "declined": "payment.failures > 0",
    "cancelled": "payment.status = 'cancelled'",
    "refunded": "payment.refunding_cents > 0",
    "disputed": "EXISTS (SELECT FROM payments_dispute d WHERE d.payment_id = payment.id)",
}


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; `text` is an order's code or an id of ours or the provider's."""

    text: str = ""
    state: str = ""
    amount_cents: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: UUID | None = None


@dataclass(frozen=True)
class Record:
    """One payment in a list; nothing in it says who paid."""

    payment_id: UUID
    order_id: UUID
    number: int
    store_id: UUID
    at: datetime
    status: str
    amount_cents: int
    currency: str
    failures: int
    refunded_cents: int
    disputes: int

    @property
    def code(self) -> str:
        """Return the order's code, such as `A-1042`."""
        letter, number = divmod(self.number % 216_000, 9_000)
        return f"{_LETTERS[letter]}-{1000 + number}"


@dataclass(frozen=True)
class RecordPage:
    """Some records, newest first, and where the next page starts."""

    rows: list[Record]
    before: UUID | None


@dataclass(frozen=True)
class Booking:
    """One transaction of the ledger with its entries."""

    at: datetime
    kind: str
    key: str
    entries: list[tuple[str, int]]


@dataclass(frozen=True)
class RefundRow:
    """One refund as our books have it."""

    id: UUID
    reason: str
    amount_cents: int
    wanted_cents: int | None
    status: str
    actor: str
    asked_at: datetime
    settled_at: datetime | None
    provider_id: str
    failure_code: str


@dataclass(frozen=True)
class PaymentRecord:
    """A payment with its ids at the provider, refunds and bookings."""

    record: Record
    intent_id: str
    charge_id: str
    description: str
    statement_suffix: str
    tax_cents: int
    failure_message: str
    asked_at: datetime | None
    succeeded_at: datetime | None
    refunds: list[RefundRow]
    bookings: list[Booking]


def search(store_ids: Sequence[UUID], wanted: Wanted) -> RecordPage:
    """Return a page of what was looked for within the stores; one statement. Raises InvalidInput for a strange text."""
    conditions, values = ["payment.store_id = ANY(%(stores)s)"], {"stores": list(store_ids), "limit": PAGE + 1}
    condition, found = _by_text(wanted.text.strip())
    conditions.append(condition)
    for name, value in found.items():
        values[name] = value
    if wanted.state:
        conditions.append(STATES[wanted.state])
    for name, test in _TESTS.items():
        if (value := getattr(wanted, name)) is not None:
            conditions.append(test)
            values[name] = value
    rows = [Record(*row) for row in _rows(_SEARCH.format(conditions=" AND ".join(conditions)), values)]
    return RecordPage(rows=rows[:PAGE], before=rows[PAGE - 1].payment_id if len(rows) > PAGE else None)


_TESTS: Final = {
    "amount_cents": "payment.amount_cents = %(amount_cents)s",
    "since": "payment.created_at >= %(since)s",
    "until": "payment.created_at < %(until)s",
    "before": "(payment.created_at, payment.id) < (SELECT created_at, id FROM payments_payment WHERE id = %(before)s)",
}
_COLUMNS: Final = """
    payment.id, ordered.id, ordered.number, payment.store_id, payment.created_at, payment.status,
    payment.amount_cents, payment.currency, payment.failures,
    (SELECT coalesce(sum(r.amount_cents), 0)::int FROM payments_refund r
     WHERE r.payment_id = payment.id AND r.status = 'succeeded'),
    (SELECT count(*)::int FROM payments_dispute d WHERE d.payment_id = payment.id)"""
_SEARCH: Final = f"""
    SELECT {_COLUMNS}
    FROM payments_payment payment JOIN ordering_order ordered ON ordered.id = payment.reference
    WHERE {{conditions}}
    ORDER BY payment.created_at DESC, payment.id DESC LIMIT %(limit)s"""
_BY_PREFIX: Final = {
    "pi_": "payment.intent_id = %(text)s",
    "ch_": "payment.last_charge_id = %(text)s",
    "py_": "payment.last_charge_id = %(text)s",
    "re_": "payment.id IN (SELECT payment_id FROM payments_refund WHERE provider_refund_id = %(text)s)",
    "du_": "payment.id IN (SELECT payment_id FROM payments_dispute WHERE provider_dispute_id = %(text)s)",
}


def _by_text(text: str) -> tuple[str, dict[str, Any]]:
    """Return the condition for what somebody typed or pasted."""
    if not text:
        return "TRUE", {}
    if code := re.fullmatch(rf"#?([{_LETTERS}])[- ]?([1-9]\d{{3}})", text, re.IGNORECASE | re.ASCII):
        number = _LETTERS.index(code[1].upper()) * 9_000 + int(code[2]) - 1000
        return "mod(ordered.number, 216000) = %(number)s", {"number": number}
    if text[:3] in _BY_PREFIX and re.fullmatch(r"[A-Za-z0-9_]{4,255}", text):
        return _BY_PREFIX[text[:3]], {"text": text}
    try:
        return "(payment.id = %(uuid)s OR payment.reference = %(uuid)s)", {"uuid": UUID(text)}
    except ValueError:
        raise InvalidInput(
            "Look for an order's code (A-1042), or an id that starts with pi_, ch_, re_ or du_.",
            fields={"text": "neither a code nor an id"},
        ) from None


def find_record(payment_id: UUID) -> PaymentRecord | None:
    """Return a payment with everything we know of it; three statements."""
    found = _rows(_RECORD, {"payment": payment_id})
    if not found:
        return None
    *columns, intent, charge, description, suffix, tax, failure, asked_at, succeeded_at = found[0]
    key = {"payment": payment_id}
    return PaymentRecord(
        record=Record(*columns),
        intent_id=intent or "",
        charge_id=charge,
        description=description,
        statement_suffix=suffix,
        tax_cents=tax,
        failure_message=failure,
        asked_at=asked_at,
        succeeded_at=succeeded_at,
        refunds=[RefundRow(*row) for row in _rows(_REFUNDS, key)],
        bookings=_bookings(_rows(_BOOKINGS, key)),
    )


_RECORD: Final = f"""
    SELECT {_COLUMNS}, payment.intent_id, payment.last_charge_id, payment.description, payment.statement_suffix,
           payment.tax_cents, payment.failure_message, payment.sent_at, payment.succeeded_at
    FROM payments_payment payment JOIN ordering_order ordered ON ordered.id = payment.reference
    WHERE payment.id = %(payment)s"""
_REFUNDS: Final = """
    SELECT id, split_part(reason_key, ':', 1), amount_cents, wanted_cents, status, actor, created_at, settled_at,
           coalesce(provider_refund_id, ''), failure_code
    FROM payments_refund WHERE payment_id = %(payment)s ORDER BY id"""
_BOOKINGS: Final = """
    SELECT booked.id, booked.happened_at, booked.kind, booked.key, entry.account, entry.amount_cents
    FROM payments_ledgertransaction booked JOIN payments_ledgerentry entry ON entry.transaction_id = booked.id
    WHERE booked.payment_id = %(payment)s ORDER BY booked.id, entry.id"""


def _bookings(rows: list[tuple[Any, ...]]) -> list[Booking]:
    found: dict[UUID, Booking] = {}
    for key, at, kind, name, account, cents in rows:
        found.setdefault(key, Booking(at, kind, name, [])).entries.append((account, cents))
    return list(found.values())


def payment_of_order(order_id: UUID) -> UUID | None:
    """Return the payment of an order; a free remake has none."""
    found = _rows("SELECT id FROM payments_payment WHERE reference = %(order)s", {"order": order_id})
    return found[0][0] if found else None


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())

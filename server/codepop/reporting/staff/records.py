"""Payments as the staff reads them: texts on the store's wall clock, amounts with their currency; never who paid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from codepop.aftersales.selectors import AmendsView
from codepop.catalog.selectors import size_text
from codepop.gateways.payments import ProviderCharge
from codepop.reporting.figures import money
from codepop.reporting.records import PaymentRecord, Record, RefundRow
from codepop.reporting.selectors import OrderFacts
from codepop.reporting.staff.orders import STATUS_WORDS, local_text
from codepop.stores.selectors import StoreView

FILTERS: Final[Mapping[str, str]] = {
    "succeeded": "Charged",
    "open": "Not finished",
    "declined": "With declined cards",
    "cancelled": "Closed unpaid",
    "refunded": "With refunds",
    "disputed": "Disputed",
}
PAYMENT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "new": ("not started", ""),
    "requires_method": ("waiting for a card", ""),
    "requires_action": ("the bank checks", "warn"),
    "processing": ("being charged", "warn"),
    "failed": ("card declined", "bad"),
    "succeeded": ("charged", "ok"),
    "cancelled": ("closed unpaid", ""),
}
REFUND_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "requested": ("asked for", "warn"),
    "pending": ("on its way", "warn"),
    "succeeded": ("paid back", "ok"),
    "failed": ("failed: somebody must look", "bad"),
    "nothing": ("nothing was left", ""),
}
_KINDS: Final[Mapping[str, str]] = {
    "charge": "Charge",
    "refund": "Refund",
    "refund_failed": "Refund that came back",
    "dispute": "Dispute",
    "dispute_lost": "Dispute lost",
}
_REASONS: Final[Mapping[str, str]] = {
    "cancelled": "Order cancelled",
    "machine_failure": "Machines could not make it",
    "late_payment": "Paid after it was closed",
    "provider": "Made by hand at Stripe",
    "batch": "Many orders at once",
    "faulty_drink": "Drink was faulty",
    "wrong_drink": "Wrong drink",
    "missing_drink": "Drink was missing",
    "allergen": "Allergen or hygiene",
    "too_late": "Much too late",
    "machine_outage": "Machines were down",
    "order_mistake": "Ordered by mistake",
    "goodwill": "Goodwill",
}


@dataclass(frozen=True)
class ListRow:
    """A row of the list."""

    payment_id: UUID
    code: str
    store: str
    at: str
    status: str
    look: str
    amount: str
    note: str


@dataclass(frozen=True)
class ShownRefund:
    reason: str
    amount: str
    status: str
    look: str
    asked: str
    settled: str
    provider_id: str


@dataclass(frozen=True)
class ShownDrink:
    """A line one may choose drinks of."""

    line_id: UUID
    text: str
    quantity: int
    choices: range


@dataclass(frozen=True)
class ShownRecord:
    """A payment's page."""

    payment_id: UUID
    order_id: UUID
    code: str
    status: str
    look: str
    facts: list[tuple[str, str]]
    refunds: list[ShownRefund]
    bookings: list[tuple[str, str, list[tuple[str, str]]]]
    timeline: list[tuple[str, str, str]]
    drinks: list[ShownDrink]
    receipt: list[tuple[str, str]]
    statement: str


@dataclass(frozen=True)
class ShownAmends:
    """What was made good, or waits."""

    id: UUID
    what: str
    cause: str
    note: str
    state: str
    look: str
    waits: bool
    answers: Sequence[str]
    """What the reader may say to it: `yes`, `no`."""
    asked: str
    remake_id: UUID | None
    order_code: str
    store: str


def list_row(row: Record, store: StoreView) -> ListRow:
    """Return a row of the search's list."""
    words, look = PAYMENT_WORDS[row.status]
    notes = [f"{money(row.refunded_cents, row.currency)} back"] if row.refunded_cents else []
    notes += ["disputed"] if row.disputes else []
    notes += [f"{row.failures} declined"] if row.failures else []
    return ListRow(
        payment_id=row.payment_id,
        code=row.code,
        store=store.name,
        at=local_text(row.at, store),
        status=words,
        look=look,
        amount=money(row.amount_cents, row.currency),
        note=", ".join(notes),
    )


def record_page(
    found: PaymentRecord, order: OrderFacts, store: StoreView, *, lines: Sequence[tuple[UUID, int]]
) -> ShownRecord:
    """Return a payment's page; `lines` are the order's line ids with their positions."""
    record, currency = found.record, found.record.currency
    words, look = PAYMENT_WORDS[record.status]
    facts = [
        ("Amount", money(record.amount_cents, currency)),
        ("Tax in it", money(found.tax_cents, currency)),
        ("Order", STATUS_WORDS[order.row.status]),
        ("Intent", found.intent_id or "–"),
        ("Charge", found.charge_id or "–"),
    ]
    if record.failures:
        facts.append(("Cards declined", f"{record.failures}. {found.failure_message}".strip()))
    return ShownRecord(
        payment_id=record.payment_id,
        order_id=record.order_id,
        code=record.code,
        status=words,
        look=look,
        facts=facts,
        refunds=[_refund(one, currency, store) for one in found.refunds],
        bookings=[
            (
                local_text(one.at, store, seconds=True),
                _KINDS[one.kind],
                [(account.replace("_", " "), money(cents, currency)) for account, cents in one.entries],
            )
            for one in found.bookings
        ],
        timeline=_timeline(found, order, store),
        drinks=[
            ShownDrink(line_id, f"{line.name}, {size_text(line.size)}", line.quantity, range(line.quantity + 1))
            for (line_id, _), line in zip(lines, order.lines, strict=False)
        ],
        receipt=[
            *((f"{line.quantity} × {line.name}", money(line.total_cents, currency)) for line in order.lines),
            ("Drinks", money(order.subtotal_cents, currency)),
            ("Tax", money(order.tax_cents, currency)),
            ("Total", money(order.row.total_cents, currency)),
        ],
        statement=found.statement_suffix,
    )


def _refund(row: RefundRow, currency: str, store: StoreView) -> ShownRefund:
    words, look = REFUND_WORDS[row.status]
    asked = row.wanted_cents if row.wanted_cents is not None else 0
    return ShownRefund(
        reason=_REASONS.get(row.reason, row.reason),
        amount=money(row.amount_cents or asked, currency) if row.amount_cents or asked else "all that is left",
        status=f"{words} ({row.failure_code})" if row.failure_code else words,
        look=look,
        asked=local_text(row.asked_at, store, seconds=True),
        settled=local_text(row.settled_at, store, seconds=True),
        provider_id=row.provider_id,
    )


def _timeline(found: PaymentRecord, order: OrderFacts, store: StoreView) -> list[tuple[str, str, str]]:
    """Return what happened to the order, the payment and its refunds, in one sequence."""
    currency = found.record.currency
    moments: list[tuple[datetime, str, str]] = [
        (one.at, f"Order: {STATUS_WORDS[one.status]}", one.reason) for one in order.history
    ]
    if found.asked_at:
        moments.append((found.asked_at, "Asked Stripe for the charge", ""))
    if found.succeeded_at:
        moments.append((found.succeeded_at, f"Charged {money(found.record.amount_cents, currency)}", ""))
    for one in found.refunds:
        amount = money(one.amount_cents, currency) if one.amount_cents else ""
        moments.append((one.asked_at, f"Refund asked {amount}".strip(), _REASONS.get(one.reason, one.reason)))
        if one.settled_at:
            moments.append((one.settled_at, f"Refund {amount}: {REFUND_WORDS[one.status][0]}", ""))
    return [(local_text(at, store, seconds=True), text, note) for at, text, note in sorted(moments)]


def shown_amends(one: AmendsView, store: StoreView, code: str, answers: Sequence[str]) -> ShownAmends:
    """Return what was made good for a list, with what its reader may answer."""
    count = sum(one.drinks.values())
    drinks = f", {count} drink{'s' if count != 1 else ''}" if count else ""
    kind = "Money back" if one.kind == "refund" else "Made again"
    return ShownAmends(
        id=one.id,
        what=f"{kind}: {money(one.amount_cents, one.currency)}{drinks}",
        cause=one.cause,
        note=one.note,
        state=one.state_text,
        look={"granted": "ok", "waiting": "warn", "broken": "bad"}.get(one.state, ""),
        waits=one.state == "waiting",
        answers=answers,
        asked=f"{local_text(one.asked_at, store)}, {one.asked_role.replace('_', ' ') or 'by itself'}",
        remake_id=one.remake_id,
        order_code=code,
        store=store.name,
    )


def shown_charge(seen: ProviderCharge | None) -> list[tuple[str, str]]:
    """Return the provider's view of a charge as facts; empty when nothing was charged yet."""
    if seen is None:
        return []
    card = " ".join(filter(None, [seen.wallet.replace("_", " "), seen.card_brand, f"ending in {seen.card_last4}"]))
    return [
        ("State", seen.status),
        ("Amount", money(seen.amount_cents, seen.currency)),
        ("Paid back", money(seen.refunded_cents, seen.currency)),
        ("Stripe's fee", money(seen.fee_cents, seen.currency) if seen.fee_cents is not None else "not settled yet"),
        ("Card", card if seen.card_last4 else "–"),
        ("Stripe says", seen.outcome or "–"),
        ("Risk", seen.risk or "–"),
        ("Disputed", "yes" if seen.disputed else "no"),
    ]

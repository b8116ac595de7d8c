"""Orders as the staff reads them: what, when, how it stands; never who."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from codepop.kit.clock import now
from codepop.ordering.selectors import OrderLabel
from codepop.reporting.figures import money
from codepop.reporting.selectors import OrderFacts, OrderRow, PaymentFacts
from codepop.stores.selectors import StoreView

GROUP_TITLES: Final[Mapping[str, str]] = {"in-progress": "In progress", "future": "For later", "past": "Past"}

STATUS_WORDS: Final[Mapping[str, str]] = {
    "payment_pending": "waiting for payment",
    "paid": "paid, not started",
    "queued": "in the queue",
    "preparing": "being made",
    "ready": "behind its door",
    "picked_up": "picked up",
    "cancelled": "cancelled",
    "expired": "not paid in time",
    "failed": "could not be made",
    "discarded": "thrown away",
}
_LOOKS: Final[Mapping[str, str]] = {"ready": "ok", "picked_up": "ok", "failed": "bad", "discarded": "warn"}

_PAYMENT_WORDS: Final[Mapping[str, str]] = {
    "new": "not started",
    "requires_method": "waiting for a card",
    "requires_action": "the bank checks",
    "processing": "being charged",
    "failed": "card declined",
    "succeeded": "charged",
    "cancelled": "closed, nothing charged",
}
_REFUND_WORDS: Final[Mapping[str, str]] = {
    "requested": "asked for",
    "pending": "on its way",
    "succeeded": "paid back",
    "failed": "failed: somebody must look",
    "nothing": "nothing to pay back",
}


@dataclass(frozen=True)
class ListedOrder:
    """A row of the list; times are texts on the store's wall clock."""

    id: UUID
    code: str
    title: str
    status: str
    look: str
    placed: str
    wanted: str
    where: str
    total: str


@dataclass(frozen=True)
class ShownMoment:
    at: str
    text: str
    reason: str


@dataclass(frozen=True)
class ShownLine:
    text: str
    size: str
    total: str
    allergens: str


@dataclass(frozen=True)
class ShownOrder:
    """An order's page."""

    listed: ListedOrder
    customer: str
    lines: list[ShownLine]
    timeline: list[ShownMoment]
    subtotal: str
    tax: str
    payment: list[tuple[str, str]]


def local_text(at: datetime | None, store: StoreView, *, seconds: bool = False) -> str:
    """Return an instant on the store's wall clock: the time, with the date when it is not today."""
    if at is None:
        return "–"
    local, today = (one.astimezone(ZoneInfo(store.timezone)) for one in (at, now()))
    time = f"{local.hour}:{local.minute:02d}" + (f":{local.second:02d}" if seconds else "")
    return time if local.date() == today.date() else f"{local:%b} {local.day}, {time}"


def order_rows(rows: list[OrderRow], labels: Mapping[UUID, OrderLabel], store: StoreView) -> list[ListedOrder]:
    """Return the list's rows."""
    return [_listed(row, labels[row.id], store) for row in rows]


def _listed(row: OrderRow, label: OrderLabel, store: StoreView) -> ListedOrder:
    where = [f"door {row.door_number}"] if row.door_number and row.status in ("preparing", "ready") else []
    if row.robot_name and row.status == "preparing":
        where.insert(0, row.robot_name)
    return ListedOrder(
        id=row.id,
        code=label.code,
        title=label.title,
        status=STATUS_WORDS[row.status],
        look=_LOOKS.get(row.status, ""),
        placed=local_text(row.placed_at, store),
        wanted=local_text(row.pickup_at or row.ready_estimate_at, store),
        where=", ".join(where),
        total=money(row.total_cents, row.currency),
    )


def order_page(facts: OrderFacts, label: OrderLabel, store: StoreView) -> ShownOrder:
    """Return an order's page."""
    currency = facts.row.currency
    return ShownOrder(
        listed=_listed(facts.row, label, store),
        customer="somebody with an account" if facts.has_account else "a guest",
        lines=[
            ShownLine(
                text=f"{line.quantity} × {line.name}",
                size=line.size.removeprefix("s") + " oz" if line.size.startswith("s") else line.size,
                total=money(line.total_cents, currency),
                allergens=", ".join(line.allergens) or "none",
            )
            for line in facts.lines
        ],
        timeline=[
            ShownMoment(local_text(one.at, store, seconds=True), STATUS_WORDS[one.status], one.reason)
            for one in facts.history
        ],
        subtotal=money(facts.subtotal_cents, currency),
        tax=money(facts.tax_cents, currency),
        payment=_payment(facts.payment, currency),
    )


def _payment(payment: PaymentFacts | None, currency: str) -> list[tuple[str, str]]:
    if payment is None:
        return [("State", "not started")]
    found = [("State", _PAYMENT_WORDS[payment.status]), ("Amount", money(payment.amount_cents, currency))]
    if payment.failures:
        found.append(("Cards declined", f"{payment.failures}, last: {payment.failure_message or 'no reason given'}"))
    if payment.refund_status:
        found.append(("Refund", _REFUND_WORDS[payment.refund_status]))
    if payment.refunded_cents:
        found.append(("Paid back", money(payment.refunded_cents, currency)))
    return found

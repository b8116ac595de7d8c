"""What must add up when nothing moves any more. Pure: rows of our books and of the sandbox's in, violations out.

The numbers in brackets are the invariants that docs/reliability speaks of: no double charge, no lost paid order, money
and stock conserved, doors free, only legal moves, nothing stuck.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

LEGAL = frozenset(
    {
        ("", "payment_pending"),
        ("payment_pending", "paid"),
        ("payment_pending", "expired"),
        ("payment_pending", "cancelled"),
        ("paid", "queued"),
        ("paid", "cancelled"),
        ("queued", "paid"),
        ("queued", "preparing"),
        ("queued", "cancelled"),
        ("queued", "failed"),
        ("preparing", "ready"),
        ("preparing", "queued"),
        ("preparing", "failed"),
        ("ready", "picked_up"),
        ("ready", "discarded"),
    }
)
SOLD = frozenset({"paid", "queued", "preparing", "ready", "picked_up", "discarded"})
GIVEN_BACK = frozenset({"cancelled", "expired", "failed"})


@dataclass(frozen=True)
class OrderRow:
    """An order as our database holds it."""

    id: str
    status: str
    total_cents: int
    history: Sequence[tuple[str, str]]
    ledger_cents: int
    """Charged minus refunded by our ledger (what Stripe owes us for this order)."""
    refunds_open: int
    disputed_cents: int = 0
    """What banks hold or kept of it by our ledger: the accounts of disputes and of their losses together."""
    fees_cents: int = 0
    """What disputes cost in fees by our ledger."""


@dataclass(frozen=True)
class Intent:
    """A payment as the sandbox's own books hold it."""

    id: str
    order_id: str
    captured_cents: int
    refunded_cents: int
    charges: int
    charged_at: float | None = None
    """When the last charge that took money was made, in Unix time; whole seconds, rounded down."""
    disputed_cents: int = 0
    """What banks hold or kept of it after disputes."""
    fees_cents: int = 0


@dataclass
class Ours:
    """All that the closing checks read from our database."""

    orders: Mapping[str, OrderRow] = field(default_factory=dict)
    stock: Sequence[str] = ()
    doors: Sequence[str] = ()
    jobs: Sequence[str] = ()
    ledger_unbalanced: int = 0


def intents(books: Mapping[str, Any]) -> list[Intent]:
    """Read the sandbox's answer."""
    return [
        Intent(
            id=one["id"],
            order_id=str(one["metadata"].get("order", "")),
            captured_cents=one["amount_captured"],
            refunded_cents=one["amount_refunded"],
            charges=one["charges_succeeded"],
            charged_at=one["charged_at"],
            disputed_cents=one["amount_disputed"],
            fees_cents=one["dispute_fees"],
        )
        for one in books["intents"]
    ]


def violations(ours: Ours, theirs: Sequence[Intent], *, only: frozenset[str] | None = None) -> list[str]:
    """Return everything that does not add up; `only` limits the checks of money to these orders."""
    orders = {key: row for key, row in ours.orders.items() if only is None or key in only}
    found = _double_charges(theirs) + _lost_charges(ours.orders, theirs)
    by_order: dict[str, list[Intent]] = defaultdict(list)
    for intent in theirs:
        by_order[intent.order_id].append(intent)
    for order in orders.values():
        found += _money_of(order, by_order.get(order.id, []))
        found += _history_of(order)
    if ours.ledger_unbalanced:
        found.append(f"{ours.ledger_unbalanced} ledger transactions do not sum to zero")
    return [*found, *ours.stock, *ours.doors, *ours.jobs]


def violations_of(orders: frozenset[str], ours: Ours, theirs: Sequence[Intent]) -> list[str]:
    """Return what does not add up about these orders alone, while others are on their way."""
    mine = [one for one in theirs if one.order_id in orders]
    chosen = {key: row for key, row in ours.orders.items() if key in orders}
    return violations(Ours(orders=chosen), mine)


def _double_charges(theirs: Iterable[Intent]) -> list[str]:
    charged = Counter(intent.order_id for intent in theirs if intent.charges)
    found = [f"order {order}: {count} payments were charged" for order, count in charged.items() if count > 1]
    return found + [f"payment {one.id}: charged {one.charges} times" for one in theirs if one.charges > 1]


def _lost_charges(orders: Mapping[str, OrderRow], theirs: Iterable[Intent]) -> list[str]:
    return [
        f"payment {one.id}: charged {one.captured_cents}, but no order {one.order_id or '(no reference)'}"
        for one in theirs
        if one.captured_cents and one.order_id not in orders
    ]


def _money_of(order: OrderRow, payments: Sequence[Intent]) -> list[str]:
    captured = sum(one.captured_cents for one in payments)
    refunded = sum(one.refunded_cents for one in payments)
    disputed, fees = sum(one.disputed_cents for one in payments), sum(one.fees_cents for one in payments)
    holds = captured - refunded - disputed - fees
    found = []
    if holds != order.ledger_cents:
        found.append(f"order {order.id}: Stripe holds {holds}, our ledger {order.ledger_cents}")
    if (disputed, fees) != (order.disputed_cents, order.fees_cents):
        ours = f"{order.disputed_cents} and {order.fees_cents}"
        found.append(f"order {order.id}: disputes took {disputed} and {fees} in fees, by our ledger {ours}")
    if order.status in SOLD and (captured != order.total_cents or refunded):
        found.append(
            f"order {order.id} is {order.status}: captured {captured}, refunded {refunded}, total {order.total_cents}"
        )
    if order.status in GIVEN_BACK and captured != refunded + disputed:
        found.append(f"order {order.id} is {order.status}: captured {captured}, refunded only {refunded}")
    if order.refunds_open and not disputed:
        found.append(f"order {order.id}: {order.refunds_open} refunds are still open")
    return found


def _history_of(order: OrderRow) -> list[str]:
    moves = list(order.history)
    if not moves or moves[0][0] != "" or moves[-1][1] != order.status:
        return [f"order {order.id} is {order.status}, its history says {moves}"]
    broken = any(before[1] != after[0] for before, after in pairwise(moves))
    illegal = [move for move in moves if move not in LEGAL]
    return [f"order {order.id}: illegal or missing moves in {moves}"] if broken or illegal else []

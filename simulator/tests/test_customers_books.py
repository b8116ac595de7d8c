"""The closing checks find what must not be, each kind of it, and nothing where all is well."""

from dataclasses import replace
from typing import Any

import pytest

from simulator.customers.books import LEGAL, Intent, OrderRow, Ours, intents, violations

MADE = [
    ("", "payment_pending"),
    ("payment_pending", "paid"),
    ("paid", "queued"),
    ("queued", "preparing"),
    ("preparing", "ready"),
    ("ready", "picked_up"),
]
SOLD = OrderRow(id="o1", status="picked_up", total_cents=720, history=MADE, ledger_cents=720, refunds_open=0)
PAID = Intent(id="pi_1", order_id="o1", captured_cents=720, refunded_cents=0, charges=1)
CANCELLED = replace(SOLD, status="cancelled", ledger_cents=0, history=[*MADE[:2], ("paid", "cancelled")])
REFUNDED = replace(PAID, refunded_cents=720)


def _found(order: OrderRow, *payments: Intent, **others: object) -> list[str]:
    return violations(Ours(orders={order.id: order}, **others), payments)  # type: ignore[arg-type]  # fields by name


def test_orders_that_add_up_are_left_alone() -> None:
    assert _found(SOLD, PAID) == []
    assert _found(CANCELLED, REFUNDED) == []
    unpaid = replace(CANCELLED, status="expired", history=[MADE[0], ("payment_pending", "expired")])
    assert _found(unpaid, replace(PAID, captured_cents=0, charges=0)) == []
    assert _found(unpaid) == []
    took: dict[str, Any] = {"disputed_cents": 720, "fees_cents": 1500}
    assert _found(replace(SOLD, ledger_cents=-1500, **took), replace(PAID, **took)) == []


@pytest.mark.parametrize(
    ("order", "payments", "says"),
    [
        (SOLD, [PAID, replace(PAID, id="pi_2")], "2 payments were charged"),
        (SOLD, [replace(PAID, charges=2)], "charged 2 times"),
        (SOLD, [replace(PAID, order_id="lost")], "no order lost"),
        (SOLD, [], "Stripe holds 0, our ledger 720"),
        (replace(SOLD, ledger_cents=700), [PAID], "our ledger 700"),
        (replace(SOLD, total_cents=700), [PAID], "total 700"),
        (SOLD, [replace(PAID, refunded_cents=20)], "refunded 20"),
        (replace(CANCELLED, ledger_cents=720), [PAID], "refunded only 0"),
        (SOLD, [replace(PAID, disputed_cents=720, fees_cents=1500)], "disputes took 720 and 1500 in fees"),
        (replace(SOLD, disputed_cents=720), [PAID], "by our ledger 720 and 0"),
        (replace(SOLD, refunds_open=1), [PAID], "1 refunds are still open"),
        (replace(SOLD, history=MADE[:-1]), [PAID], "its history says"),
        (replace(SOLD, history=[MADE[0], ("payment_pending", "picked_up")]), [PAID], "illegal or missing moves"),
        (replace(SOLD, history=[*MADE[:3], *MADE[4:]]), [PAID], "illegal or missing moves"),
    ],
)
def test_what_does_not_add_up_is_named(order: OrderRow, payments: list[Intent], says: str) -> None:
    found = _found(order, *payments)
    assert [line for line in found if says in line] != []


def test_findings_of_stock_doors_jobs_and_ledger_are_passed_on() -> None:
    assert _found(SOLD, PAID, stock=["s"], doors=["d"], jobs=["j"], ledger_unbalanced=2) == [
        "2 ledger transactions do not sum to zero",
        "s",
        "d",
        "j",
    ]


def test_only_limits_the_checks_to_the_runs_own_orders() -> None:
    stranger = replace(SOLD, id="o2", ledger_cents=1)
    ours = Ours(orders={"o1": SOLD, "o2": stranger})
    assert violations(ours, [PAID], only=frozenset({"o1"})) == []


def test_the_sandboxs_books_are_read() -> None:
    book = {
        "id": "pi_1",
        "metadata": {"order": "o1"},
        "amount_captured": 720,
        "amount_refunded": 0,
        "amount_disputed": 0,
        "dispute_fees": 0,
        "charges_succeeded": 1,
        "charged_at": 1_790_000_000,
    }
    paid = replace(PAID, charged_at=1_790_000_000)
    assert intents({"intents": [book, {**book, "id": "pi_9", "metadata": {}}]}) == [
        paid,
        replace(paid, id="pi_9", order_id=""),
    ]


def test_every_legal_move_leads_on_or_ends() -> None:
    known = {status for move in LEGAL for status in move}
    assert len(known) == 11  # ten and the beginning

"""Each invariant fires on a world that is broken in its way, and on no other; a whole world is judged as whole."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from chaos.invariants import IN_TIME, LASTING, STEADY, Answer, Told, View, judge
from chaos.rows import Row, Rows

_FETCHED = ("", "payment_pending", "paid", "queued", "preparing", "ready", "picked_up")
Break = Callable[[View], object]


def _whole() -> View:
    """One picked-up order, one that was paid, cancelled and paid back, one whose dispute was lost, one that was made
    again and failed, in both books.
    """
    rows = Rows(
        orders=[
            _order("o1", "picked_up", 500),
            _order("o2", "cancelled", 300),
            _order("o3", "picked_up", 200),
            _order("o4", "failed", 0) | {"remake_of": "o1"},
        ],
        moves=[
            *[(one, *pair) for one in ("o1", "o3") for pair in _chain(*_FETCHED)],
            *[("o2", *pair) for pair in _chain("", "payment_pending", "paid", "cancelled")],
            *[("o4", *pair) for pair in _chain("", "paid", "queued", "failed")],
        ],
        payments=[_payment("p1", "o1", 500), _payment("p2", "o2", 300) | {"refunding": 300}, _payment("p3", "o3", 200)],
        refunds=[_refund("r2", "p2", 300)],
        ledger=[
            _booked("charge:p1", "p1", receivable=500),
            _booked("charge:p2", "p2", receivable=300),
            _booked("refund:r2", "p2", receivable=-300),
            _booked("charge:p3", "p3", receivable=200),
            _booked("dispute:du_3:txn_1", "p3", receivable=-1700, disputed=200, fees=1500),
            _booked("dispute_lost:du_3", "p3", disputed=-200, losses=200),
        ],
        messages=[{"event": "evt_1", "kind": "intent", "subject": "pi_1", "state": "done"}],
        levels=[{"ingredient": "cola", "on_hand": 90, "reserved": 0, "moved": 90}],
        reservations=[
            {"order": "o1", "status": "consumed", "amounts": {"cola": 10}},
            {"order": "o2", "status": "released", "amounts": {"cola": 10}},
            {"order": "o3", "status": "consumed", "amounts": {"cola": 10}},
        ],
        tickets=[{"order": "o1", "status": "done"}, {"order": "o3", "status": "done"}],
        doors=[{"order": "o1", "door": "d1", "state": "closed"}],
        notices=[
            {"key": key, "channel": channel}
            for key in ("paid:o1", "paid:o2", "paid:o3", "ready:o1", "ready:o3", "refunded:r2")
            for channel in ("mail", "in_app")
        ],
        amends=[{"order": "o1", "remake": "o4", "kind": "remake", "state": "broken"}],
    )
    books = [
        _book("pi_1", "p1", "o1", 500, 0),
        _book("pi_2", "p2", "o2", 300, 300),
        _book("pi_3", "p3", "o3", 200, 0) | {"amount_disputed": 200},
    ]
    refunds = [
        {"id": "re_2", "amount": 300, "status": "succeeded", "payment_intent": "pi_2", "metadata": {"refund": "r2"}}
    ]
    moved = [{"amount": -200, "fee": 1500}]
    disputes = [{"id": "du_3", "payment_intent": "pi_3", "status": "lost", "balance_transactions": moved}]
    told = Told(answers=[Answer("k1", "{}", 201, "o1"), Answer("k1", "{}", 201, "o1")], paid={"o1": "paid"})
    return View(rows, books, refunds, disputes, told, '{"event": "order_paid"}', _lines())


def _lines() -> list[Row]:
    """What moved on the balance: o3's message came a day late."""
    day = 86_400
    return [
        _line("txn_a", "charge", "ch_1", 500, at=0),
        _line("txn_b", "charge", "ch_2", 300, at=0),
        _line("txn_c", "refund", "re_2", -300, at=day),
        _line("txn_d", "charge", "ch_3", 200, at=-day),
        _line("txn_1", "adjustment", "du_3", -200, at=day, fee=1500),
        _line("txn_e", "payout", "po_1", -900, at=day),
        _line("txn_f", "charge", "ch_of_another_system", 900, at=0),
    ]


def _line(key: str, kind: str, source: str, amount: int, *, at: int, fee: int = 0) -> Row:
    return {"id": key, "type": kind, "source": source, "amount": amount, "net": amount - fee, "created": at}


def _order(key: str, status: str, total: int) -> Row:
    named = {"id": key, "status": status, "total": total, "currency": "usd", "quote": f"q{key[1:]}"}
    return {**named, "remake_of": None}


def _refund(key: str, payment: str, amount: int) -> Row:
    return {
        **{"id": key, "payment": payment, "reason": "cancelled", "amount": amount, "status": "succeeded"},
        **{"failure": "", "provider_id": f"re_{key[1:]}"},
    }


def _disputed_and_cancelled(failure: str, *, heard_of: bool = True) -> View:
    """The third order cancelled after it was shown as paid; its refund failed for a reason, its dispute was won."""
    view = deepcopy(_whole())
    view.rows.orders[2]["status"] = "cancelled"
    view.rows.reservations[2]["status"] = "released"
    view.rows.tickets.pop()
    view.rows.moves[:] = [one for one in view.rows.moves if one[0] != "o3"]
    view.rows.moves.extend(("o3", *pair) for pair in _chain("", "payment_pending", "paid", "cancelled"))
    view.rows.refunds.append(_refund("r3", "p3", 200) | {"status": "failed", "failure": failure})
    view.rows.ledger[-2:] = [_booked("dispute:du_3:txn_1", "p3")]
    view.books[2]["amount_disputed"] = 0
    view.movements[4].update(amount=0, net=0)
    view.told.paid["o3"] = "paid"
    if heard_of:
        view.told.disputed.add("pi_3")
    return replace(view, provider_disputes=[])


def _chain(*statuses: str) -> list[tuple[str, str]]:
    return list(pairwise(statuses))


def _booked(key: str, payment: str, **accounts: int) -> Row:
    named = {"receivable": 0, "disputed": 0, "losses": 0, "fees": 0, **accounts}
    return {"key": key, "payment": payment, "store": "s1", "day": "1970-01-01", "sum": 0, "currencies": 1, **named}


def _payment(key: str, order: str, amount: int) -> Row:
    intent = f"pi_{key[1:]}"
    return {
        **{"id": key, "order": order, "status": "succeeded", "amount": amount, "currency": "usd", "intent": intent},
        **{"store": "s1", "charge": f"ch_{key[1:]}", "refunding": 0, "sent": True, "cancel_asked": False},
    }


def _book(key: str, payment: str, order: str, captured: int, refunded: int) -> Row:
    return {
        **{"id": key, "status": "succeeded", "amount": captured, "currency": "usd", "amount_captured": captured},
        **{
            "amount_refunded": refunded,
            "amount_disputed": 0,
            "charges_succeeded": 1,
            "metadata": {"payment": payment, "order": order},
        },
    }


def _judged(view: View) -> set[str]:
    found = judge(view, STEADY, Counter()) + judge(view, LASTING, Counter()) + judge(view, IN_TIME, Counter())
    return {line.partition(":")[0] for line in found}


def _set(rows: list[Row], number: int = 0, **changes: Any) -> bool:
    rows[number].update(changes)
    return True


def _told(view: View, **changes: Any) -> View:
    return replace(view, told=replace(view.told, **changes))


BROKEN: list[tuple[str, str, Break]] = [
    ("I1", "charged twice", lambda v: _set(list(v.books), charges_succeeded=2)),
    ("I1", "charged more than shown", lambda v: _set(list(v.books), amount_captured=501)),
    ("I1", "charged by two payments", lambda v: replace(v, books=[*v.books, _book("pi_9", "p9", "o1", 500, 500)])),
    ("I1", "charged in another currency", lambda v: _set(list(v.books), currency="eur")),
    ("I2", "charged for no order", lambda v: replace(v, books=[*v.books, _book("pi_9", "p9", "o9", 500, 0)])),
    ("I2", "cancelled and kept", lambda v: _set(list(v.books), 1, amount_refunded=0)),
    ("I3", "made unpaid", lambda v: _set(list(v.books), amount_captured=0, status="requires_payment_method")),
    ("I4", "paid back more than taken", lambda v: _set(list(v.books), 1, amount_refunded=301)),
    ("I4", "promised more than taken", lambda v: _set(v.rows.payments, refunding=501)),
    ("I4", "one refund twice", lambda v: replace(v, provider_refunds=[*v.provider_refunds, *v.provider_refunds])),
    (
        "I4",
        "disputed and won, its refund failed for another reason",
        lambda v: _disputed_and_cancelled("expired_or_canceled_card"),
    ),
    (
        "I13",
        "disputed and won, its refund failed for another reason",
        lambda v: _disputed_and_cancelled("expired_or_canceled_card"),
    ),
    (
        "I13",
        "refused for a dispute that nobody opened",
        lambda v: _disputed_and_cancelled("charge_disputed", heard_of=False),
    ),
    ("I4", "cancelled, half paid back", lambda v: _set(list(v.books), 1, amount_refunded=150)),
    ("I5", "entries that do not balance", lambda v: _set(v.rows.ledger, sum=1)),
    ("I5", "booked under another store", lambda v: _set(v.rows.ledger, store="s2")),
    ("I5", "booked for nothing", lambda v: v.rows.ledger.append(_booked("charge:none", "p9", receivable=5))),
    ("I5", "moved and not booked", lambda v: _set(list(v.movements), amount=501)),
    ("I5", "entries of two currencies", lambda v: _set(v.rows.ledger, currencies=2)),
    ("I5", "a charge that was not booked", lambda v: v.rows.ledger.pop(0)),
    ("I5", "a refund that was not booked", lambda v: v.rows.ledger.pop(2)),
    ("I5", "a dispute's money that was not booked", lambda v: v.rows.ledger.pop(4)),
    ("I5", "a lost dispute that was not written off", lambda v: v.rows.ledger.pop(5)),
    ("I5", "a dispute's fee that was not booked", lambda v: _set(v.rows.ledger, 4, receivable=-200, fees=0)),
    ("I5", "a won dispute still written off", lambda v: _set(list(v.provider_disputes), status="won")),
    ("I6", "an illegal move", lambda v: v.rows.moves.append(("o2", "cancelled", "paid"))),
    ("I6", "a missing move", lambda v: v.rows.moves.pop(2)),
    ("I6", "a status without its move", lambda v: v.rows.moves.pop()),
    ("I7", "a message stored twice", lambda v: v.rows.messages.append(dict(v.rows.messages[0]))),
    ("I7", "our message put aside as not ours", lambda v: _set(v.rows.messages, state="ignored")),
    ("I7", "a true message quarantined", lambda v: _set(v.rows.messages, state="quarantined")),
    ("I7", "a charge booked twice", lambda v: v.rows.ledger.append(dict(v.rows.ledger[0]))),
    ("I8", "two answers to one key", lambda v: v.told.answers.append(Answer("k1", "{}", 201, "o2"))),
    ("I8", "one key for two requests", lambda v: v.told.answers.append(Answer("k1", "{other}", 201, "o1"))),
    ("I8", "two orders of one quote", lambda v: _set(v.rows.orders, 1, quote="q1")),
    ("I9", "stock that moved without a word", lambda v: _set(v.rows.levels, on_hand=89)),
    ("I9", "held for nobody", lambda v: _set(v.rows.levels, reserved=10)),
    ("I9", "negative", lambda v: _set(v.rows.levels, on_hand=-1, moved=-1)),
    ("I9", "cancelled and still held", lambda v: _set(v.rows.reservations, 1, status="active")),
    ("I9", "made of nothing", lambda v: _set(v.rows.reservations, status="released")),
    ("I10", "made without a ticket", lambda v: v.rows.tickets.clear()),
    ("I10", "cancelled, no refund asked for", lambda v: v.rows.refunds.clear()),
    ("I10", "paid, and no receipt", lambda v: v.rows.notices.pop(0)),
    ("I10", "ready, and nobody told in the app", lambda v: v.rows.notices.pop(7)),
    ("I10", "paid back, and nobody told", lambda v: v.rows.notices.pop()),
    ("I10", "told twice", lambda v: v.rows.notices.append(dict(v.rows.notices[0]))),
    ("I10", "a remake that failed, not made good", lambda v: _set(v.rows.amends, state="granted")),
    ("I10", "a remake for nothing", lambda v: v.rows.amends.clear()),
    ("I6", "a remake that began unpaid", lambda v: v.rows.moves.append(("o4", "", "payment_pending"))),
    ("I10", "an order without a payment", lambda v: v.rows.payments.pop(0)),
    (
        "I10",
        "two orders behind one door",
        lambda v: v.rows.doors.extend([{"order": "o", "door": "d", "state": "held"}] * 2),
    ),
    ("I11", "a success not taken in", lambda v: _set(v.rows.payments, status="processing")),
    ("I11", "a cancellation not taken in", lambda v: _set(list(v.books), status="canceled")),
    ("I11", "a refund never sent", lambda v: _set(v.rows.refunds, status="requested")),
    ("I12", "an address in the log", lambda v: replace(v, logs="mail to shopper@example.com")),
    ("I12", "a card number in the log", lambda v: replace(v, logs="card 4242424242424242")),
    ("I12", "a secret in a job", lambda v: v.rows.jobs.append({"args": {"s": "pi_1_secret_abc"}})),
    ("I13", "shown as paid, then expired", lambda v: _set(v.rows.orders, status="expired")),
    ("I13", "answered 500", lambda v: _told(v, server_errors=["place was answered 500"])),
    ("I13", "a forged message taken", lambda v: _told(v, disagreements=["a message that is forged was answered 200"])),
]


@pytest.mark.req("D5")
def test_a_whole_world_is_judged_as_whole() -> None:
    counts: Counter[str] = Counter()
    view = _whole()
    assert judge(view, STEADY, counts) + judge(view, LASTING, counts) + judge(view, IN_TIME, counts) == []
    assert set(counts) == {f"I{number}" for number in range(1, 14)}


@pytest.mark.req("D5", "PAY-12")
def test_a_refund_refused_for_a_dispute_is_no_violation_but_a_persons_task() -> None:
    assert _judged(_disputed_and_cancelled("charge_disputed")) == set()


@pytest.mark.req("D5")
@pytest.mark.parametrize(("name", "what", "breaks"), BROKEN, ids=[f"{name} {what}" for name, what, _ in BROKEN])
def test_each_invariant_fires_on_a_world_broken_in_its_way(name: str, what: str, breaks: Break) -> None:
    view = deepcopy(_whole())
    broken = breaks(view)
    assert name in _judged(broken if isinstance(broken, View) else view), what


@pytest.mark.req("D5")
def test_every_invariant_has_a_world_that_breaks_it() -> None:
    assert {name for name, _, _ in BROKEN} == {f"I{number}" for number in range(1, 14)}

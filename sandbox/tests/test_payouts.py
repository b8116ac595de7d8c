"""Payouts and the balance: what was paid reaches the bank once, line by line, by the clock."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from sandbox.stripe.objects import fee_of
from sandbox.tests.running import Receiver, Sandbox, make_client

DAY = 86400


@pytest.fixture
def bank(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Sandbox]:
    """A sandbox of its own with a clock that stands still: a balance is everybody's, so others must not add to it."""
    sandbox = Sandbox(tmp_path_factory.mktemp("bank"), SANDBOX_WEBHOOK_URL=receiver.url)
    sandbox.start()
    sandbox.control("POST", "clock", held=True)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def books(bank: Sandbox) -> stripe.StripeClient:
    return make_client(bank)


def pay(books: stripe.StripeClient, bank: Sandbox, amount: int, token: str = "pm_card_visa") -> stripe.PaymentIntent:
    params: Any = {
        "amount": amount,
        "currency": "usd",
        "confirm": True,
        "payment_method": token,
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    intent = books.v1.payment_intents.create(params)
    bank.control("POST", "clock", advance_seconds=2)
    return intent


def days(bank: Sandbox, count: float) -> None:
    bank.control("POST", "clock", advance_seconds=count * DAY)


@pytest.mark.req("PAY-10")
def test_money_becomes_available_and_is_paid_out_line_by_line(
    books: stripe.StripeClient, bank: Sandbox, receiver: Receiver
) -> None:
    first, second = pay(books, bank, 1000), pay(books, bank, 2000)
    books.v1.refunds.create({"payment_intent": second.id, "amount": 300})
    net = 1000 - fee_of(1000) + 2000 - fee_of(2000) - 300
    told = books.v1.balance.retrieve()
    assert (told.available[0].amount, told.pending[0].amount) == (0, net)
    assert books.v1.payouts.list().data == []
    days(bank, 3)
    payout = books.v1.payouts.list().data[0]
    assert (payout.amount, payout.status, payout.automatic, payout.currency) == (net, "in_transit", True, "usd")
    lines = books.v1.balance_transactions.list({"payout": payout.id, "limit": 100}).data
    assert sorted((line.type, line.net) for line in lines) == [
        ("charge", 1000 - fee_of(1000)),
        ("charge", 2000 - fee_of(2000)),
        ("payout", -net),
        ("refund", -300),
    ]
    assert sum(line.net for line in lines) == 0
    assert {line.source for line in lines} >= {first.latest_charge, second.latest_charge, payout.id}
    told = books.v1.balance.retrieve()
    assert (told.available[0].amount, told.pending[0].amount) == (0, 0)
    days(bank, 1)
    receiver.wait_for(payout.id, "payout.paid")
    paid: Any = books.v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]})
    assert (paid.status, paid.balance_transaction.amount) == ("paid", -net)
    days(bank, 5)
    assert [item.id for item in books.v1.payouts.list().data] == [payout.id]


def test_what_is_not_two_days_old_waits_for_the_next_payout(books: stripe.StripeClient, bank: Sandbox) -> None:
    pay(books, bank, 1000)
    days(bank, 1.5)
    pay(books, bank, 500)
    days(bank, 1)
    assert bank.control("POST", "stripe/payouts")["payouts"] == []
    assert [item.amount for item in books.v1.payouts.list({"status": "in_transit"}).data] == [1000 - fee_of(1000)]


def test_debt_is_carried_until_newer_payments_outweigh_it(books: stripe.StripeClient, bank: Sandbox) -> None:
    intent = pay(books, bank, 1000)
    books.v1.refunds.create({"payment_intent": intent.id})
    days(bank, 4)
    assert books.v1.payouts.list().data == []
    pay(books, bank, 1000)
    days(bank, 4)
    assert [item.amount for item in books.v1.payouts.list().data] == [1000 - 2 * fee_of(1000)]


def test_payout_that_comes_back_goes_out_again(books: stripe.StripeClient, bank: Sandbox, receiver: Receiver) -> None:
    pay(books, bank, 1000)
    days(bank, 3)
    payout = books.v1.payouts.list().data[0]
    bank.control("POST", f"stripe/payouts/{payout.id}/fail")
    receiver.wait_for(payout.id, "payout.failed")
    failed: Any = books.v1.payouts.retrieve(payout.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_code) == ("failed", "account_closed")
    assert failed.failure_balance_transaction.amount == payout.amount
    assert books.v1.balance.retrieve().available[0].amount == payout.amount
    days(bank, 1)
    assert [item.amount for item in books.v1.payouts.list().data] == [payout.amount, payout.amount]


def test_dispute_and_its_fee_reach_the_payout(books: stripe.StripeClient, bank: Sandbox) -> None:
    pay(books, bank, 5000, "pm_card_createDispute")
    bank.control("POST", "clock", advance_seconds=10)
    pay(books, bank, 9000)
    days(bank, 3)
    payout = books.v1.payouts.list().data[0]
    assert payout.amount == 5000 - fee_of(5000) + 9000 - fee_of(9000) - 5000 - 1500
    lines = books.v1.balance_transactions.list({"payout": payout.id, "type": "adjustment"}).data
    assert [(line.amount, line.fee, line.net) for line in lines] == [(-5000, 1500, -6500)]

"""What we rely on at Stripe. Runs against the sandbox; the same tests hold against Stripe's test mode."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings

from codepop.core.db import transaction
from codepop.core.http import NetworkInsideTransaction
from codepop.gateways.limits import STRIPE, ProviderLimits
from codepop.gateways.payments import IntentRequest, IntentStatus, ProviderRefundStatus, Refused, Unavailable, Unknown
from codepop.gateways.payments.stripe import StripeGateway, gateway
from codepop.kit.ids import uuid7
from tests.stripe_side import DECLINED_CARD, GOOD_CARD, SECURE_CARD, confirm, sandbox, sdk

pytestmark = [pytest.mark.usefixtures("sandbox_url"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_faults(sandbox_url: str) -> Iterator[None]:
    gateway.cache_clear()  # a breaker that the test before opened is known for a second
    yield
    sandbox("/_sandbox/faults", method="DELETE")


def _request(amount_cents: int = 720) -> IntentRequest:
    return IntentRequest(
        payment_id=uuid7(),
        reference=uuid7(),
        amount_cents=amount_cents,
        currency="usd",
        description="CodePop order A-1042",
        statement_suffix="A-1042",
    )


def _key() -> str:
    return f"codepop:test:{uuid7()}"


def _minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


@pytest.mark.req("PAY-01", "PAY-15")
def test_the_same_key_gives_the_same_intent() -> None:
    request, key = _request(), _key()
    first = gateway().create_intent(request=request, key=key)
    again = gateway().create_intent(request=request, key=key)
    assert first == again
    assert (first.status, first.amount_cents, first.currency) == (IntentStatus.REQUIRES_METHOD, 720, "usd")
    assert first.payment_id == request.payment_id
    assert first.client_secret.startswith(first.id)
    assert first.client_secret not in repr(first)


def test_the_same_key_for_another_amount_is_refused() -> None:
    request, key = _request(), _key()
    gateway().create_intent(request=request, key=key)
    with pytest.raises(Refused):
        gateway().create_intent(request=_request(amount_cents=999), key=key)


def test_a_charge_succeeds_and_is_seen_by_fetching() -> None:
    intent = gateway().create_intent(request=_request(), key=_key())
    confirm(intent.id, GOOD_CARD)
    seen = gateway().fetch_intent(intent_id=intent.id)
    assert (seen.status, seen.captured_cents) == (IntentStatus.SUCCEEDED, 720)
    assert seen.last_charge_id.startswith("ch_")


@pytest.mark.parametrize(
    ("card", "code", "words"),
    [
        (DECLINED_CARD, "card_declined", "declined this card"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds", "not enough funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "security code"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "could not process"),
        ("pm_card_visa_chargeDeclinedStolenCard", "stolen_card", "declined this card"),
    ],
)
def test_a_declined_card_says_why_in_safe_words(card: str, code: str, words: str) -> None:
    intent = gateway().create_intent(request=_request(), key=_key())
    confirm(intent.id, card)
    seen = gateway().fetch_intent(intent_id=intent.id)
    assert (seen.status, seen.captured_cents, seen.failure_code) == (IntentStatus.REQUIRES_METHOD, 0, code)
    assert words in seen.failure_message
    assert "stolen" not in seen.failure_message


@pytest.mark.req("PAY-27")
def test_a_look_counts_the_declined_cards_also_while_another_is_being_checked() -> None:
    request = _request()
    intent = gateway().create_intent(request=request, key=_key())
    assert gateway().fetch_intent(intent_id=intent.id).declines == 0
    for _ in range(3):
        confirm(intent.id, DECLINED_CARD)
    assert gateway().fetch_intent(intent_id=intent.id).declines == 3
    found = gateway().find_intent(payment_id=request.payment_id, since=_minute_ago())
    assert found is not None
    assert found.declines == 3
    confirm(intent.id, SECURE_CARD)
    waiting = gateway().fetch_intent(intent_id=intent.id)
    assert (waiting.status, waiting.declines) == (IntentStatus.REQUIRES_ACTION, 3)


@pytest.mark.req("PAY-27")
def test_a_saving_is_cancelled_once_and_what_is_done_or_gone_stays_as_it_is() -> None:
    customer_id = gateway().create_customer(payer_id=uuid7(), key=_key())
    waiting, done = (gateway().start_saving(customer_id=customer_id, key=_key()).id for _ in range(2))
    sdk().v1.setup_intents.confirm(done, {"payment_method": GOOD_CARD, "return_url": "http://127.0.0.1/done"})
    for saving_id in (waiting, waiting, done, "seti_doesnotexist"):
        gateway().cancel_saving(saving_id=saving_id, key=_key())
    states = [sdk().v1.setup_intents.retrieve(one).status for one in (waiting, done)]
    assert states == ["canceled", "succeeded"]


def test_a_bank_may_want_to_check_first() -> None:
    intent = gateway().create_intent(request=_request(), key=_key())
    confirm(intent.id, SECURE_CARD)
    assert gateway().fetch_intent(intent_id=intent.id).status == IntentStatus.REQUIRES_ACTION


def test_an_intent_is_found_by_its_payment() -> None:
    request = _request()
    since = _minute_ago()
    assert gateway().find_intent(payment_id=request.payment_id, since=since) is None
    intent = gateway().create_intent(request=request, key=_key())
    found = gateway().find_intent(payment_id=request.payment_id, since=since)
    assert found is not None
    assert found.id == intent.id


def test_cancelling_ends_an_open_intent_and_leaves_a_charged_one() -> None:
    open_one = gateway().create_intent(request=_request(), key=_key())
    assert gateway().cancel_intent(intent_id=open_one.id, key=_key()).status == IntentStatus.CANCELLED
    assert gateway().cancel_intent(intent_id=open_one.id, key=_key()).status == IntentStatus.CANCELLED
    charged = gateway().create_intent(request=_request(), key=_key())
    confirm(charged.id)
    assert gateway().cancel_intent(intent_id=charged.id, key=_key()).status == IntentStatus.SUCCEEDED


@pytest.mark.req("PAY-08")
def test_refunds_are_keyed_listed_and_never_above_the_charge() -> None:
    intent = gateway().create_intent(request=_request(), key=_key())
    confirm(intent.id)
    refund_id, key = uuid7(), _key()
    refund = gateway().refund(intent_id=intent.id, refund_id=refund_id, amount_cents=200, key=key)
    again = gateway().refund(intent_id=intent.id, refund_id=refund_id, amount_cents=200, key=key)
    assert refund == again
    assert (refund.refund_id, refund.intent_id, refund.amount_cents) == (refund_id, intent.id, 200)
    assert refund.status == ProviderRefundStatus.SUCCEEDED
    assert gateway().fetch_refund(provider_refund_id=refund.id) == refund
    with pytest.raises(Refused):
        gateway().refund(intent_id=intent.id, refund_id=uuid7(), amount_cents=521, key=_key())
    assert gateway().list_refunds(intent_id=intent.id) == [refund]


def test_an_unknown_object_is_refused_with_its_code() -> None:
    with pytest.raises(Refused) as refused:
        gateway().fetch_intent(intent_id="pi_doesnotexist")
    assert refused.value.code == "resource_missing"
    assert refused.value.request_id


def _gateway(
    *, base_url: str | None = None, secret_key: str = "sk_test_sandbox", limits: ProviderLimits = STRIPE
) -> StripeGateway:
    return StripeGateway(
        secret_keys=(secret_key,),
        webhook_secrets=("whsec_sandbox",),
        base_url=base_url or settings.CODEPOP.stripe.base_url,
        limits=limits,
    )


def _impatient(seconds: float) -> ProviderLimits:
    """Return the limits with another time for creating an intent."""
    limit = replace(STRIPE.operations["create_intent"], answer_seconds=seconds)
    return replace(STRIPE, operations={**STRIPE.operations, "create_intent": limit})


def test_nobody_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        _gateway(base_url="http://127.0.0.1:9").create_intent(request=_request(), key=_key())


@pytest.mark.req("PAY-26")
def test_a_wrong_key_is_ours_to_mend_and_no_answer_to_the_question() -> None:
    """`Refused` would end refunds and quarantine messages for good because of a key."""
    with pytest.raises(Unavailable) as unavailable:
        _gateway(secret_key="not-a-key").fetch_intent(intent_id="pi_doesnotexist")
    assert unavailable.value.code == "key_refused"


@pytest.mark.req("PAY-15")
@pytest.mark.parametrize("kind", ["fail_after", "cut", "html", "outage", "refuse_before", "stored_500"])
def test_a_command_without_a_clear_answer_is_unknown_and_sent_only_once(kind: str) -> None:
    request, since = _request(), _minute_ago()
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["POST /v1/payment_intents"]})
    with pytest.raises(Unknown):
        gateway().create_intent(request=request, key=_key())
    sandbox("/_sandbox/faults", method="DELETE")
    happened = gateway().find_intent(payment_id=request.payment_id, since=since) is not None
    assert happened == (kind not in ("outage", "refuse_before"))


def test_a_time_out_is_unknown() -> None:
    sandbox("/_sandbox/faults", {"kind": "timeout_after", "endpoints": ["POST /v1/payment_intents"], "delay_ms": 3000})
    started = time.monotonic()
    with pytest.raises(Unknown):
        _gateway(limits=_impatient(0.3)).create_intent(request=_request(), key=_key())
    assert time.monotonic() - started < 2


def test_too_many_requests_are_tried_once_more_with_the_same_key() -> None:
    sandbox("/_sandbox/faults", {"kind": "rate_limit", "endpoints": ["POST /v1/payment_intents"], "remaining": 1})
    assert gateway().create_intent(request=_request(), key=_key()).amount_cents == 720
    sandbox("/_sandbox/faults", {"kind": "rate_limit", "endpoints": ["POST /v1/payment_intents"]})
    with pytest.raises(Unavailable):
        gateway().create_intent(request=_request(), key=_key())


@pytest.mark.parametrize("kind", ["cut", "html", "outage", "rate_limit"])
def test_a_look_that_fails_is_unavailable(kind: str) -> None:
    intent = gateway().create_intent(request=_request(), key=_key())
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["GET /v1/payment_intents/*"]})
    with pytest.raises(Unavailable):
        gateway().fetch_intent(intent_id=intent.id)


def test_nothing_is_sent_while_a_transaction_is_open() -> None:
    with pytest.raises(NetworkInsideTransaction), transaction():
        gateway().fetch_intent(intent_id="pi_doesnotexist")

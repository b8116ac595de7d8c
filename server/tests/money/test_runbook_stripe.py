"""Each diagnosis of docs/runbooks/stripe.md, run against a system in that state."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import stripe
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError
from django.test import Client

from codepop.core.alerts import open_alerts
from codepop.core.models import AuditEntry, InboxMessage, InboxState
from codepop.gateways.payments.stripe import WEBHOOK_EVENTS
from codepop.kit.clock import frozen, now
from codepop.ordering.tests.factories import make_order
from codepop.payments import services
from codepop.payments.models import Dispute, Payment
from codepop.payments.selectors import open_breaks
from tests.stripe_side import confirm, deliver, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
RUNBOOK = Path(__file__).resolve().parents[3] / "docs" / "runbooks" / "stripe.md"


@pytest.fixture(autouse=True)
def _own_books() -> Iterator[None]:
    sandbox("/_sandbox/reset", {})
    _subscribe(*WEBHOOK_EVENTS)
    yield
    sandbox("/_sandbox/stripe/keys", {"restore": settings.CODEPOP.stripe.secret_key})
    sandbox("/_sandbox/reset", {})


def _subscribe(*names: str) -> stripe.WebhookEndpoint:
    """Make an endpoint at our address, as the operator does in the provider's dashboard."""
    url = f"{settings.CODEPOP.public_url}/webhooks/stripe"
    return sdk().v1.webhook_endpoints.create({"url": url, "enabled_events": cast("Any", list(names))})


def _run(*words: str, **options: Any) -> tuple[str, int]:
    """Run a command; returns what it printed and its exit code."""
    said, code = io.StringIO(), 0
    try:
        call_command(*words, stdout=said, **options)
    except SystemExit as end:
        code = int(end.code or 0)
    return re.sub(r" +", " ", said.getvalue()), code


def _paid_there() -> Payment:
    payment = services.create_intent(reference=make_order().order.id)
    confirm(payment.intent_id or "")
    return payment


def test_the_runbook_names_only_commands_that_exist() -> None:
    text = RUNBOOK.read_text()
    named = set(re.findall(r"(?:\./run|manage\.py) ([a-z]+)", text))
    assert named == {"disputes", "doctor", "reconcile", "inbox"} <= set(get_commands())
    for section in text.split("\n## ")[1:]:
        assert all(word in section for word in ("*Shows:*", "*Diagnose:*", "*Do:*", "*Over when:*")), section[:30]


@pytest.mark.req("FAIL-01")
def test_outage() -> None:
    assert _run("doctor", "stripe")[1] == 0
    sandbox("/_sandbox/faults", {"kind": "outage"})
    said, code = _run("doctor", "stripe")
    assert "missing stripe.api no answer" in said
    assert code == 1
    sandbox("/_sandbox/faults", method="DELETE")
    assert "ok stripe.api answers" in _run("doctor", "stripe")[0]


@pytest.mark.req("PAY-17")
def test_webhook_not_arriving() -> None:
    payment = _paid_there()
    said, code = _run("doctor", "stripe")
    assert re.search(r"degraded stripe\.messages \d not delivered", said)
    assert code == 1
    assert _run("reconcile")[1] == 0
    payment.refresh_from_db()
    assert payment.status == "succeeded"
    assert "ok stripe.messages all delivered" in _run("doctor", "stripe")[0]


def test_key_leaked() -> None:
    foreign = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd"})
    confirm(foreign.id)
    said, code = _run("reconcile", days=30)
    assert f"unknown_charge {foreign.id} ours: nothing theirs: 500 usd" in said
    assert code == 1
    sandbox("/_sandbox/stripe/keys", {"revoke": settings.CODEPOP.stripe.secret_key})
    said, code = _run("doctor", "stripe")
    assert "missing stripe.api our key is refused" in said
    assert code == 1


@pytest.mark.req("PAY-12")
def test_an_endpoint_that_is_not_told_everything() -> None:
    endpoints = sdk().v1.webhook_endpoints
    assert "ok stripe.endpoint" in _run("doctor", "stripe")[0]
    for one in endpoints.list().data:
        endpoints.update(one.id, {"disabled": True})
    said, code = _run("doctor", "stripe")
    assert f"degraded stripe.endpoint no active endpoint at {settings.CODEPOP.public_url}/webhooks/stripe" in said
    assert code == 1
    kept = [name for name in WEBHOOK_EVENTS if name not in ("refund.failed", "charge.dispute.created")]
    few = _subscribe(*kept)
    assert "not subscribed to refund.failed, charge.dispute.created" in _run("doctor", "stripe")[0]
    endpoints.update(few.id, {"enabled_events": ["*"]})
    assert "ok stripe.endpoint" in _run("doctor", "stripe")[0]


@pytest.mark.req("PAY-12", "DB-12")
def test_a_held_message_is_listed_replayed_and_released_by_name() -> None:
    message = InboxMessage.objects.create(
        provider="stripe", external_id="evt_1", kind="intent", subject="pi_1", state=InboxState.QUARANTINED
    )
    said, code = _run("inbox")
    assert f"{message.id} quarantined intent pi_1" in said
    assert code == 1
    assert "degraded stripe.held 1 messages" in _run("doctor", "stripe")[0]
    with pytest.raises(CommandError, match="needs --by"):
        _run("inbox", release=message.id)
    _run("inbox", replay=message.id, by="ada", note="try again")
    message.refresh_from_db()
    assert message.state == InboxState.NEW
    with pytest.raises(CommandError, match="no such message"):
        _run("inbox", release=message.id, by="ada", note="not held")
    InboxMessage.objects.filter(id=message.id).update(state=InboxState.QUARANTINED)
    _run("inbox", release=message.id, by="bob", note="answered at Stripe")
    assert _run("inbox") == ("0 held for a person, 0 waiting\n", 0)
    entries = list(
        AuditEntry.objects.exclude(chain="accounts").order_by("id").values_list("actor", "action", "subject", "note")
    )
    assert entries == [
        ("ada", "inbox.replay", str(message.id), "try again"),
        ("bob", "inbox.release", str(message.id), "answered at Stripe"),
    ]
    with pytest.raises(DatabaseError, match="permission denied"):
        AuditEntry.objects.all().delete()


@pytest.mark.req("PAY-12", "D6")
def test_dispute() -> None:
    assert _run("disputes") == ("0 to answer, 0 with the bank\n", 0)
    payment = services.create_intent(reference=make_order().order.id)
    confirm(payment.intent_id or "", "pm_card_createDispute")
    services.refresh(payment_id=payment.id)
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    said, code = _run("disputes")
    dispute = Dispute.objects.get()
    assert f"{dispute.provider_dispute_id} needs_response {dispute.amount_cents} usd" in said
    assert f"/staff/disputes/{dispute.id}" in said
    assert (said.splitlines()[-1], code) == ("1 to answer, 0 with the bank", 1)
    assert open_alerts().filter(kind="dispute_open").count() == 1
    sdk().v1.disputes.update(dispute.provider_dispute_id, {"evidence": {"uncategorized_text": "fine"}, "submit": True})
    with frozen(now() + timedelta(hours=7)):
        assert _run("disputes")[0].splitlines()[-1] == "0 to answer, 1 with the bank"


@pytest.mark.req("PAY-17")
def test_reconciliation_break(client: Client) -> None:
    payment = _paid_there()
    deliver(client, payment.intent_id or "")
    run_jobs()
    foreign = sdk().v1.payment_intents.create({"amount": 500, "currency": "usd"})
    confirm(foreign.id)
    said, code = _run("reconcile")
    assert "1 differences need a person" in said
    assert code == 1
    assert "degraded stripe.differences 1 differences" in _run("doctor", "stripe")[0]
    [found] = open_breaks()
    with pytest.raises(CommandError, match="needs --by"):
        _run("reconcile", resolve=str(found.id))
    said, code = _run("reconcile", resolve=str(found.id), by="ada", note="given back at Stripe")
    assert "no differences" in said
    assert code == 0
    assert "no differences" in _run("reconcile", days=30)[0]

"""Stripe's answers as recorded, a file for each API version: the types allow them, our adapter reads them (PAY-22).

They are recorded from the sandbox, which speaks the pinned version only. When the `stripe` package's version moves,
`test_the_pinned_version_is_recorded` says what to record anew, by

    RECORD_STRIPE=1 ./run test server/tests/test_recorded_stripe.py

and `git diff --no-index` of the old file and the new one shows what Stripe calls differently. Old files stay: what was
stored or sent under an earlier version must still be read.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import stripe
from django.conf import settings

from codepop.gateways.payments import IntentStatus, ProviderRefundStatus
from codepop.gateways.payments.stripe import API_VERSION, charges, disputes, methods
from codepop.gateways.payments.stripe.intents import read_intent
from codepop.gateways.payments.stripe.refunds import read_refund
from codepop.gateways.payments.stripe.webhooks import read_event
from codepop.gateways.payments.webhooks import EventKind
from sandbox.tests.oracle import CLASSES, judge
from tests.stripe_side import DECLINED_CARD, GOOD_CARD, SECURE_CARD, confirm, events_of, sandbox

FOLDER = Path(__file__).parent / "recorded"
COMMAND = "RECORD_STRIPE=1 ./run test server/tests/test_recorded_stripe.py"
PAYMENT, ORDER = "019f0000-0000-7000-8000-000000000001", "019f0000-0000-7000-8000-000000000002"
Recorded = dict[str, Any]
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.json"))


def _raw(method: str, path: str, **data: Any) -> Any:
    """Ask as the SDK does, and keep the answer as it came."""
    answer = httpx.request(
        method,
        f"{settings.CODEPOP.stripe.base_url}/v1/{path}",
        data=data or None,
        headers={"Stripe-Version": stripe.api_version or ""},
        auth=(settings.CODEPOP.stripe.secret_key, ""),
        timeout=30,
    )
    return answer.json()


def _intent(card: str = "", **more: Any) -> str:
    asked = {
        "amount": 720,
        "currency": "usd",
        "automatic_payment_methods[enabled]": "true",
        "description": "CodePop order A-1042",
        "statement_descriptor_suffix": "A-1042",
        "metadata[payment]": PAYMENT,
        "metadata[order]": ORDER,
        **more,
    }
    made = str(_raw("POST", "payment_intents", **asked)["id"])
    if card:
        confirm(made, card)
    return made


def record() -> Recorded:
    """Let everything happen once that the adapter reads, and return the answers by name."""
    opened, paid, declined = _intent(), _intent(GOOD_CARD), _intent(DECLINED_CARD)
    waiting, stopped, disputed = _intent(SECURE_CARD), _intent(), _intent("pm_card_createDispute")
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    charge = _raw("GET", f"payment_intents/{paid}")["latest_charge"]
    given = _raw("POST", "refunds", payment_intent=paid, amount=200, **{"metadata[refund]": PAYMENT})
    customer = _raw("POST", "customers", **{"metadata[user]": ORDER})
    card = _raw("POST", "payment_methods/pm_card_visa/attach", customer=customer["id"])
    events = {event["type"]: event for event in (*events_of(declined), *events_of(paid), *events_of(disputed))}
    found = {
        "intent_open": _raw("GET", f"payment_intents/{opened}"),
        "intent_paid": _raw("GET", f"payment_intents/{paid}"),
        "intent_declined": _raw("GET", f"payment_intents/{declined}"),
        "intent_waiting": _raw("GET", f"payment_intents/{waiting}"),
        "intent_cancelled": _raw("POST", f"payment_intents/{stopped}/cancel"),
        "charge": _raw("GET", f"charges/{charge}?expand[]=balance_transaction"),
        "refund": _raw("GET", f"refunds/{given['id']}"),
        "dispute": _raw("GET", f"disputes?payment_intent={disputed}")["data"][0],
        "customer": customer,
        "card": card,
        "setup": _raw("POST", "setup_intents", customer=customer["id"], usage="off_session"),
        "intents_page": _raw("GET", "payment_intents?limit=2"),
        "error": _raw("POST", "refunds", payment_intent=paid, amount=721),
        **{f"event_{name}": events[name] for name in sorted(events) if name in EVENTS},
    }
    return {name: _without_secrets(one) for name, one in found.items()}


EVENTS = {
    "payment_intent.succeeded": EventKind.INTENT,
    "payment_intent.payment_failed": EventKind.INTENT,
    "charge.failed": EventKind.INTENT,
    "charge.refunded": EventKind.INTENT_REFUNDS,
    "refund.created": EventKind.REFUND,
    "charge.dispute.created": EventKind.DISPUTE,
}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {name: _without_secrets(one) for name, one in value.items()}
        return kept | ({"client_secret": "recorded"} if kept.get("client_secret") else {})
    return [_without_secrets(one) for one in value] if isinstance(value, list) else value


def _recorded(version: str) -> Recorded:
    found: Recorded = json.loads((FOLDER / f"{version}.json").read_text())
    return found


@pytest.fixture(scope="module")
def fresh(sandbox_url: str) -> Recorded:
    """What the sandbox says today; written down when RECORD_STRIPE is set."""
    found = record()
    if os.environ.get("RECORD_STRIPE"):
        text = json.dumps(found, indent=1, sort_keys=True)
        (FOLDER / f"{stripe.api_version}.json").write_text(text + "\n")
    return found


@pytest.mark.req("PAY-22")
def test_the_pinned_version_is_recorded(fresh: Recorded) -> None:
    version = stripe.api_version
    assert version == API_VERSION
    assert (FOLDER / f"{version}.json").exists(), (
        f"Nothing is recorded under {version}: record {', '.join(sorted(fresh))} by `{COMMAND}`, "
        f"compare with {', '.join(VERSIONS)}, and mend what gateways/payments/stripe reads."
    )


@pytest.mark.req("PAY-22")
def test_what_is_recorded_is_what_the_packages_types_allow() -> None:
    recorded = _recorded(API_VERSION)
    assert {name: problems for name, one in recorded.items() if (problems := judge(one))} == {}


@pytest.mark.req("PAY-22")
def test_the_sandbox_still_answers_in_the_recorded_form(fresh: Recorded) -> None:
    recorded = _recorded(API_VERSION)
    differing = [name for name in {*recorded, *fresh} if set(_form(recorded.get(name))) != set(_form(fresh.get(name)))]
    assert differing == [], f"record {', '.join(sorted(differing))} anew by `{COMMAND}`"


def _form(value: Any, place: str = "") -> Iterator[str]:
    """Yield each place of a document with its kind; ids and times are others each time."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _form(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from _form(inner, f"{place}[]")
    else:
        yield f"{place}: {type(value).__name__}"


def _as(name: str, recorded: Recorded) -> Any:
    """Build the SDK's object, as it stands in an answer."""
    cls: Any = CLASSES[recorded[name]["object"]]
    return cls.construct_from(recorded[name], "")


@pytest.mark.req("PAY-22")
@pytest.mark.parametrize("version", VERSIONS)
def test_our_adapter_reads_the_intents(version: str) -> None:
    recorded = _recorded(version)
    read = {name: read_intent(one) for name, one in recorded.items() if name.startswith("intent_")}
    assert {name: (one.status, one.captured_cents, one.failure_code) for name, one in read.items()} == {
        "intent_open": (IntentStatus.REQUIRES_METHOD, 0, ""),
        "intent_paid": (IntentStatus.SUCCEEDED, 720, ""),
        "intent_declined": (IntentStatus.REQUIRES_METHOD, 0, "card_declined"),
        "intent_waiting": (IntentStatus.REQUIRES_ACTION, 0, ""),
        "intent_cancelled": (IntentStatus.CANCELLED, 0, ""),
    }
    assert {(one.amount_cents, one.currency, str(one.payment_id)) for one in read.values()} == {(720, "usd", PAYMENT)}
    assert read["intent_paid"].last_charge_id == recorded["charge"]["id"]


@pytest.mark.req("PAY-22")
@pytest.mark.parametrize("version", VERSIONS)
def test_our_adapter_reads_charge_refund_dispute_and_card(version: str) -> None:
    recorded = _recorded(version)
    charge = charges._charge(_as("charge", recorded))
    assert (charge.amount_cents, charge.refunded_cents, charge.card_last4, charge.status) == (
        720,
        200,
        "4242",
        "succeeded",
    )
    assert charge.fee_cents == recorded["charge"]["balance_transaction"]["fee"]
    assert charge.created_at == datetime.fromtimestamp(recorded["charge"]["created"], UTC)
    refund = read_refund(_as("refund", recorded))
    assert (refund.amount_cents, refund.status, str(refund.refund_id)) == (200, ProviderRefundStatus.SUCCEEDED, PAYMENT)
    dispute = disputes._dispute(_as("dispute", recorded))
    assert (dispute.amount_cents, dispute.id) == (720, recorded["dispute"]["id"])
    card = methods._method(_as("card", recorded))
    assert (card.id, card.brand, card.last4) == (recorded["card"]["id"], "visa", "4242")


@pytest.mark.req("PAY-22", "PAY-12")
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", sorted(EVENTS))
def test_our_adapter_reads_the_events(version: str, name: str) -> None:
    event = _recorded(version)[f"event_{name}"]
    read = read_event(event)
    assert (read.name, read.kind, read.id) == (name, EVENTS[name], event["id"])
    assert read.subject.startswith(("pi_", "re_", "du_", "dp_", "pyr_"))

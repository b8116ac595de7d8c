"""The judge itself is judged: by Stripe's own example objects where they are at hand, and by planted defects."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.tests.oracle import CLASSES, judge
from sandbox.tests.running import ROOT

EXAMPLES = Path(os.environ.get("STRIPE_EXAMPLES", ROOT.parent / "shared" / "data" / "stripe" / "fixtures3.json"))
# Fields of the SDK's API version that are younger than Stripe's examples of August 2026.
YOUNGER = {
    "dispute.evidence_details.submission_method: missing",
    "customer_session.components.active_entitlements: missing",
    "customer_session.components.customer_portal: missing",
}


@pytest.mark.skipif(
    not EXAMPLES.exists(), reason="Stripe's example objects aren't part of the repository; set STRIPE_EXAMPLES"
)
@pytest.mark.parametrize("name", sorted(CLASSES))
def test_stripes_own_examples_pass(name: str) -> None:
    example = json.loads(EXAMPLES.read_text())["resources"][name]
    if name == "event":
        # The example event is about a plan, which the sandbox doesn't have.
        example["data"]["object"] = json.loads(EXAMPLES.read_text())["resources"]["charge"]
    assert set(judge(example)) <= YOUNGER


@pytest.fixture
def good(client: stripe.StripeClient, pay: Any) -> dict[str, Any]:
    intent = client.v1.payment_intents.retrieve(pay().id, {"expand": ["latest_charge"]})
    data: dict[str, Any] = json.loads(json.dumps(intent.to_dict()))
    return data


def _planted(good: dict[str, Any], defect: str) -> dict[str, Any]:
    match defect:
        case "missing field":
            del good["client_secret"], good["status"]
        case "unknown field":
            good["charges"] = {}
        case "wrong type":
            good["amount"] = "650"
        case "boolean for a number":
            good["amount"] = True
        case "null where none is allowed":
            good["metadata"] = None
        case "unknown word":
            good["status"] = "paid"
        case "defect in an expanded object":
            good["latest_charge"]["paid"] = "yes"
        case "defect in a nested object":
            good["payment_method_options"]["card"]["request_three_d_secure"] = "perhaps"
    return good


@pytest.mark.parametrize(
    "defect",
    [
        "missing field",
        "unknown field",
        "wrong type",
        "boolean for a number",
        "null where none is allowed",
        "unknown word",
        "defect in an expanded object",
        "defect in a nested object",
    ],
)
def test_planted_defect_is_found(good: dict[str, Any], defect: str) -> None:
    assert judge(good) == []
    assert len(judge(_planted(good, defect))) == 1

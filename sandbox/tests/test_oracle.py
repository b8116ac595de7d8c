"""The judge itself is judged: by Stripe's own example objects where they are at hand, by objects made of the SDK's
types, and by planted defects.
"""

import json
import types
import typing
from typing import Any

import pytest
import stripe

from sandbox.tests.oracle import CLASSES, EXAMPLES, fields_of, judge, may_be_none

# Fields of the SDK's API version that are younger than Stripe's examples of August 2026.
YOUNGER = {
    "dispute.evidence_details.submission_method: missing",
    "customer_session.components.active_entitlements: missing",
    "customer_session.components.customer_portal: missing",
}


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_judge_passes_examples_that_are_not_the_sandboxes(name: str) -> None:
    """Stripe's own examples where they are at hand; without them, objects written down here by hand from the SDK's
    types. The run's closing lines say which of the two it was.
    """
    if EXAMPLES.exists():
        examples = json.loads(EXAMPLES.read_text())["resources"]
        example = examples[name]
        if name == "event":
            # The example event is about a plan, which the sandbox doesn't have.
            example["data"]["object"] = examples["charge"]
        allowed = YOUNGER
    else:
        example, allowed = smallest(CLASSES[name], name), set()
    assert set(judge(example)) <= allowed


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_judge_passes_the_smallest_object_and_misses_each_of_its_fields(name: str) -> None:
    whole = smallest(CLASSES[name], name)
    assert judge(whole) == []
    for field in set(whole) - {"object"}:
        lacking = {key: value for key, value in whole.items() if key != field}
        if name == "event" and field == "data":
            continue
        assert judge(lacking) == [f"{name}.{field}: missing"]


def smallest(cls: type, name: str) -> dict[str, Any]:
    """An object with the required fields only, each with the first value its type allows."""
    made = {field: _value(kind) for field, kind in fields_of(cls).items() if not may_be_none(kind)}
    made["object"] = name
    if name == "event":
        made["data"] = {"object": smallest(stripe.Refund, "refund")}
    return made


def _value(kind: Any) -> Any:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return _value(arguments[0])
    if origin is typing.Literal:
        return arguments[0]
    if origin is list:
        return []
    if origin is not None:
        return {}
    if isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        parts: type = kind
        return {field: _value(part) for field, part in fields_of(parts).items() if not may_be_none(part)}
    return {int: 1, str: "text", bool: True, float: 1.0, Any: "anything"}[kind]


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

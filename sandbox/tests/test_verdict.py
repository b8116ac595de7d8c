"""The verdict is judged: it counts what was said, finds planted defects, and allows browsers their narrower view."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.tests.verdict import judge_records


@pytest.fixture
def intent(client: stripe.StripeClient, new_intent: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(client.v1.payment_intents.retrieve(new_intent().id).to_dict()))
    return data


def record(folder: Path, body: Any, **about: Any) -> None:
    """Append a line as the sandbox writes it."""
    standing = {"method": "GET", "path": "payment_intents/pi_3S1", "by_server": True, "params": {}, "status": 200}
    with (folder / "sandbox-1.jsonl").open("a") as file:
        file.write(json.dumps({"about": standing | about, "body": body}) + "\n")


def test_clean_record_has_no_problems(tmp_path: Path, intent: dict[str, Any]) -> None:
    record(tmp_path, intent)
    listed = {"object": "list", "data": [intent, intent], "has_more": False, "url": "/v1/payment_intents"}
    record(tmp_path, listed, path="payment_intents", params={"limit": "2"})
    with (tmp_path / "sandbox-1.jsonl").open("a") as file:
        file.write('{"about": {"method": "GET", "pa')
    assert judge_records(tmp_path).line() == "sandbox verdict: 3 objects, 2 requests, 0 problems"


def test_defects_of_both_sides_are_found_and_counted(tmp_path: Path, intent: dict[str, Any]) -> None:
    for _ in range(2):
        record(tmp_path, {**intent, "amount": "650"})
    record(tmp_path, intent, params={"colour": "red"})
    record(tmp_path, intent, method="POST", path="teapots")
    verdict = judge_records(tmp_path)
    assert verdict.line() == "sandbox verdict: 4 objects, 4 requests, 4 problems"
    assert verdict.listed() == [
        "       2 x GET /v1/payment_intents/*: payment_intent.amount: str where <class 'int'> belongs",
        "       1 x GET /v1/payment_intents/*: PaymentIntentRetrieve.colour: unknown parameter",
        "       1 x POST /v1/teapots: an address that the SDK has no call for",
    ]


def test_refused_requests_may_be_wrong(tmp_path: Path) -> None:
    error = {"error": {"type": "invalid_request_error", "message": "Received unknown parameter: colour"}}
    record(tmp_path, error, method="POST", path="payment_intents", params={"colour": "red"}, status=400)
    assert judge_records(tmp_path).line() == "sandbox verdict: 1 objects, 0 requests, 0 problems"


def test_browser_may_see_less_and_a_server_may_not(tmp_path: Path, intent: dict[str, Any]) -> None:
    narrow = {name: value for name, value in intent.items() if name != "metadata"}
    record(tmp_path, narrow, by_server=False)
    assert judge_records(tmp_path).problems == {}
    record(tmp_path, narrow)
    assert list(judge_records(tmp_path).problems) == ["GET /v1/payment_intents/*: payment_intent.metadata: missing"]


def test_sandbox_records_what_it_says(pay: Any, mark: str) -> None:
    """Without this, a verdict of no problems could be a verdict over nothing."""
    intent = pay(metadata={"order": mark})
    lines = [
        json.loads(line)
        for path in Path(os.environ["SANDBOX_RECORD"]).glob("*.jsonl")
        for line in path.read_text().splitlines()
        if mark in line
    ]
    told = [line["about"]["method"] for line in lines]
    assert told.count("POST") == 1
    assert told.count("EVENT") >= 3
    assert {line["body"].get("id") for line in lines} >= {intent.id}

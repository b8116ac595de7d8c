"""A webhook as it goes over the wire: body and signature, whole or spoilt by the faults that struck it."""

import hashlib
import hmac
import json
import time

from sandbox.faults import Fault
from sandbox.store import Json
from sandbox.stripe.account import Account, public, random_text

SPOILT_HOUR = 3600
HUGE_BYTES = 2_000_000
# One try is spoilt, the next is right, as after a repaired intermediary. These two kinds stay with their delivery.
LASTING = ("webhook_double", "webhook_early")


def sign(payload: bytes, secret: str, timestamp: int) -> str:
    """The v1 signature of a payload."""
    return hmac.new(secret.encode(), b"%d." % timestamp + payload, hashlib.sha256).hexdigest()


def live_secrets(endpoint: Json, now: float) -> list[str]:
    """The secrets that sign now: the newest, and older ones until their roll ends."""
    return [entry["secret"] for entry in endpoint["_secrets"] if entry["until"] is None or entry["until"] > now]


def notes_of(struck: list[Fault]) -> Json:
    """What a delivery keeps of the faults that struck it: kinds and their options."""
    return {fault.kind: fault.options for fault in struck}


def message(account: Account, event: Json, endpoint: Json, faults: Json) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one try. `faults` are kinds with their options."""
    body = json.dumps(_shown(account, event, faults)).encode()
    if "webhook_invalid_utf8" in faults:
        body = body[:-1] + b',"\xff":1}'
    stamp = account.now()
    stamp -= SPOILT_HOUR if "webhook_old_timestamp" in faults else 0
    stamp += SPOILT_HOUR if "webhook_future_timestamp" in faults else 0
    secrets = live_secrets(endpoint, time.time())
    if "webhook_other_secret" in faults:
        secrets = ["whsec_not_the_receivers"]
    signed = body + b" " if "webhook_bad_signature" in faults else body
    signatures = "".join(f",v1={sign(signed, secret, stamp)}" for secret in secrets)
    return body, {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": f"t={stamp}{signatures}",
        "User-Agent": "Stripe/1.0 (sandbox)",
    }


def _shown(account: Account, event: Json, faults: Json) -> Json:
    """The event, or the lie that a fault makes of it."""
    shown = public(event)
    item = shown["data"]["object"]
    if "webhook_wrong_amount" in faults and "amount" in item:
        wrong = {**item, "amount": item["amount"] + 1 + event["created"] % 500}
        shown["data"] = {**shown["data"], "object": wrong}
    if "webhook_wrong_account" in faults:
        stranger = {**item, "id": f"{event['_subject'].split('_')[0]}_3S{random_text(22)}"}
        shown["account"], shown["data"] = "acct_stranger", {**shown["data"], "object": stranger}
    if "webhook_unknown_type" in faults:
        shown["type"] = f"sandbox.{event['type']}.of_tomorrow"
    if "webhook_huge_body" in faults:
        size = int(faults["webhook_huge_body"].get("bytes", HUGE_BYTES))
        shown["filling"] = "x" * size
    return shown

"""The other side of the money: the sandbox's books, its faults, its messages, and a customer's card form."""

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import urllib3

Json = dict[str, Any]
SECRET_KEY, WEBHOOK_SECRET = "sk_test_sandbox", "whsec_sandbox"


class ProviderError(RuntimeError):
    """The sandbox refused what the driver asked of it."""


class Provider:
    """Speaks to one sandbox process, on connections of its own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = urllib3.connectionpool.connection_from_url(url, maxsize=1, retries=False, timeout=30)

    def _call(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Json]:
        answer = self._pool.urlopen(method, path, body=body, headers=headers, redirect=False)
        return answer.status, json.loads(answer.data) if answer.data[:1] in (b"{", b"[") else {}

    def control(self, method: str, path: str, **body: Any) -> Json:
        """Call the control API."""
        content = json.dumps(body) if method == "POST" else None
        status, answer = self._call(method, f"/_sandbox/{path}", content, {"Content-Type": "application/json"})
        if status != 200:
            raise ProviderError(f"{method} {path}: {answer}")
        return answer

    def stripe(self, method: str, path: str, **fields: str) -> Json:
        """Call the provider's API as the account's owner would, from its dashboard; returns the answer, errors too."""
        headers = {
            "Authorization": f"Bearer {SECRET_KEY}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        query = f"?{urlencode(fields)}" if method == "GET" and fields else ""
        return self._call(method, f"/v1/{path}{query}", urlencode(fields) if method == "POST" else None, headers)[1]

    def restart(self, *, seed: int, at: float) -> None:
        """Forget everything, draw ids from the seed, stand still at `at` and keep all messages for the driver."""
        self.control("POST", "reset", seed=seed)
        self.control("POST", "clock", held=True, now=at)
        self.control("POST", "stripe/delivery", mode="manual")

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock."""
        self.control("POST", "clock", advance_seconds=seconds)

    def fault(self, kind: str, **more: Any) -> None:
        """Let a fault strike every call."""
        self.control("POST", "faults", kind=kind, **more)

    def faults_struck(self) -> int:
        """Say how often the present faults struck, and switch them off.

        A fault that has used itself up is gone from the list, so it must be given more strikes than it will need.
        """
        found = self.control("GET", "faults")["faults"]
        self.control("DELETE", "faults")
        return sum(one["hits"] for one in found)

    def books(self) -> list[Json]:
        """Return every payment as the provider sees it."""
        found: list[Json] = self.control("GET", "stripe/books")["intents"]
        return found

    def refunds(self) -> list[Json]:
        """Return all refunds."""
        found: list[Json] = self.stripe("GET", "refunds", limit="100")["data"]
        return found

    def disputes(self) -> list[Json]:
        """Return all disputes with what each moved on the balance."""
        found: list[Json] = self.stripe("GET", "disputes", limit="100")["data"]
        return found

    def events(self) -> list[Json]:
        """Return what the provider has to tell, oldest first."""
        return self._all("events")[::-1]

    def movements(self) -> list[Json]:
        """Return the lines of the balance."""
        return self._all("balance_transactions")

    def _all(self, path: str) -> list[Json]:
        page = self.stripe("GET", path, limit="100")
        found: list[Json] = page["data"]
        while page["has_more"]:
            page = self.stripe("GET", path, limit="100", starting_after=found[-1]["id"])
            found += page["data"]
        return found

    def confirm(self, intent_id: str, card: str) -> Json:
        """Pay like the payment form: the answer is the intent, or the refusal."""
        return self.stripe(
            "POST", f"payment_intents/{intent_id}/confirm", payment_method=card, return_url="http://127.0.0.1/done"
        )

    def answer_bank(self, page: str, outcome: str) -> None:
        """Press `complete` or `fail` on the bank's page of a 3-D Secure check."""
        path = "/" + page.split("/", 3)[3]
        self._call("POST", path, f"outcome={outcome}", {"Content-Type": "application/x-www-form-urlencoded"})

    def refund_by_hand(self, intent_id: str, cents: int) -> Json:
        """Give money back from the dashboard, without CodePop."""
        return self.stripe("POST", "refunds", payment_intent=intent_id, amount=str(cents))


def signed(body: bytes, *, secret: str = WEBHOOK_SECRET, age_seconds: int = 0) -> str:
    """Return the signature header of a message; signatures go by the machines' real clocks."""
    stamp = int(time.time()) - age_seconds
    digest = hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"

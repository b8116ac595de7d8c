"""Idempotency keys after Stripe's rules: the first answer is kept once execution has begun, and replayed for a day."""

import hashlib
from dataclasses import dataclass

from sandbox.store import Json
from sandbox.stripe.account import Account
from sandbox.stripe.errors import invalid, key_in_use, key_reused

KEEP_SECONDS = 86400
MAX_LENGTH = 255


@dataclass(frozen=True)
class Replay:
    """A stored answer and the request that first got it."""

    status: int
    body: str
    request_id: str


class Keys:
    """The keys of the account. A key runs from `begin` until `store` or `release`."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._running: dict[str, str] = {}

    def begin(self, key: str, fingerprint: str) -> Replay | None:
        """Start work under a key, or return what is stored. Raises 409 while it runs, 400 when the parameters
        differ.
        """
        if len(key) > MAX_LENGTH:
            raise invalid(f"Idempotency keys can be at most {MAX_LENGTH} characters; yours has {len(key)}.")
        running = self._running.get(key)
        if running is not None:
            raise key_in_use(key) if running == fingerprint else key_reused(key)
        stored = self._account.store.get("idempotency_key", key)
        if stored and stored["created"] + KEEP_SECONDS > self._account.now():
            if stored["fingerprint"] != fingerprint:
                raise key_reused(key)
            return Replay(stored["status"], stored["body"], stored["request"])
        self._running[key] = fingerprint
        return None

    def store(self, key: str, status: int, body: str, request_id: str) -> None:
        """Keep the answer of the execution that `begin` started."""
        record: Json = {
            "id": key,
            "fingerprint": self._running[key],
            "status": status,
            "body": body,
            "request": request_id,
            "created": self._account.now(),
        }
        if self._account.store.get("idempotency_key", key):
            self._account.store.remove("idempotency_key", key)
        self._account.put("idempotency_key", record)

    def release(self, key: str) -> None:
        self._running.pop(key, None)


def fingerprint(method: str, path: str, scrubbed: str) -> str:
    """What a key is bound to. `scrubbed` are the parameters without card data."""
    return hashlib.sha256(f"{method} {path}\n{scrubbed}".encode()).hexdigest()

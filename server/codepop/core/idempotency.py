"""Same key and same payload give the same stored answer; the same key with another payload is refused.

A key belongs to its caller. Two forms:

- `IdempotentCall.replay()` and `.keep()` inside a command's own transaction: the claim, the effect and the
  answer are one commit. A concurrent second call waits on the unique index until the first commits, and
  then replays its answer; when the first rolls back, the second does the work. A refusal that must commit something
  all the same, such as a counted wrong code, gives the key back with `.withdraw()`.
- `run_once(call, operation)` for operations that reach a provider and so can't be one transaction. They
  must be idempotent themselves; the key only saves repeating them and keeps the answer the same.
- `IdempotentCall.find()` before and `.keep_first()` after such an operation: the same without a claim, for those
  that may well run twice at once (their rows decide), at half the statements.

Refusals are not kept: what was refused for a closed store may be asked again with the same key.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest

from codepop.core import rows
from codepop.core.db import require_transaction, transaction
from codepop.core.errors import AppError, Conflict, InvalidInput
from codepop.core.models import IdempotencyKey
from codepop.core.statements import fetch_one, run
from codepop.kit.clock import now

RUNNING_LIMIT = timedelta(seconds=30)
"""After this an unanswered claim counts as left behind by a crash: longer than any provider call's deadline."""
KEYS_KEPT = timedelta(hours=48)
"""Longer than any client retries."""


class KeyMissing(AppError):
    code = "idempotency_key_missing"
    http_status = 400
    message = "Send an Idempotency-Key header: 16 to 255 characters, new for each thing you want done once."


class KeyReused(AppError):
    code = "idempotency_key_reused"
    http_status = 422
    message = "This Idempotency-Key was used for another request. Use a new key for a new request."


class KeyInUse(Conflict):
    code = "idempotency_key_in_use"
    message = "The first request with this Idempotency-Key is still running. Ask again in a moment."


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as it is stored and replayed."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True)
class IdempotentCall:
    """One request that wants to happen once: who asks, under which key, for what."""

    caller: str
    key: str
    fingerprint: bytes

    @property
    def name(self) -> str:
        """Return a short text that is the same for the same caller and key, to derive a provider's key from."""
        return hashlib.sha256(f"{self.caller}\n{self.key}".encode()).hexdigest()[:32]

    def replay(self) -> Answer | None:
        """Claim the key in the open transaction; returns the stored answer when it was answered before.

        Raises KeyReused for another payload, KeyInUse while `run_once` works under the same key.
        """
        require_transaction()
        if _insert(self):
            return None
        row = IdempotencyKey.objects.select_for_update().get(caller=self.caller, key=self.key)
        return _answer_of(row, self)

    def keep(self, status: int, body: Mapping[str, Any]) -> Answer:
        """Store the answer under the claimed key, in the same transaction, and return it."""
        require_transaction()
        answer, sealed = _sealed(status, body)
        run(_KEEP, (status, sealed, self.caller, self.key))
        return answer

    def withdraw(self) -> None:
        """Give the claimed key back, in the same transaction: what was refused may be asked again with it."""
        require_transaction()
        IdempotencyKey.objects.filter(caller=self.caller, key=self.key, status=0).delete()

    def find(self) -> Answer | None:
        """Return the answer stored under this key, or None, without claiming it. Raises KeyReused, KeyInUse."""
        row = rows.find(IdempotencyKey, caller=self.caller, key=self.key)
        return _answer_of(row, self) if row else None

    def keep_first(self, status: int, body: Mapping[str, Any]) -> Answer:
        """Store the answer, unless another call under this key was quicker: then return what that one stored."""
        answer, sealed = _sealed(status, body)
        if fetch_one(_KEEP_FIRST, (self.caller, self.key, self.fingerprint, status, sealed)) is not None:
            return answer
        return self.find() or answer


_INSERT = """
    INSERT INTO core_idempotencykey (caller, key, fingerprint, status, answer) VALUES (%s, %s, %s, 0, '')
    ON CONFLICT (caller, key) DO NOTHING RETURNING id
"""

_KEEP = "UPDATE core_idempotencykey SET status = %s, answer = %s WHERE caller = %s AND key = %s"
_KEEP_FIRST = """
    INSERT INTO core_idempotencykey (caller, key, fingerprint, status, answer) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (caller, key) DO NOTHING RETURNING id
"""


def _sealed(status: int, body: Mapping[str, Any]) -> tuple[Answer, str]:
    """Return the answer as it will be replayed, and as the database keeps it."""
    text = json.dumps(body, cls=DjangoJSONEncoder)
    return Answer(status=status, body=json.loads(text)), IdempotencyKey._meta.get_field("answer").get_prep_value(text)


def _insert(call: IdempotentCall) -> bool:
    return fetch_one(_INSERT, (call.caller, call.key, call.fingerprint)) is not None


def _answer_of(row: IdempotencyKey, call: IdempotentCall) -> Answer:
    if bytes(row.fingerprint) != call.fingerprint:
        raise KeyReused
    if not row.status:
        raise KeyInUse(headers={"Retry-After": "1"})
    return Answer(status=row.status, body=json.loads(row.answer))


def idempotent_call(request: HttpRequest, *, caller: str) -> IdempotentCall:
    """Read the request's Idempotency-Key and bind it to the caller and to method, path and body.

    Raises KeyMissing without the header, InvalidInput for one that is too short or too long.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise KeyMissing
    if not 16 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise InvalidInput(fields={"Idempotency-Key": "Use 16 to 255 printable ASCII characters, such as a UUID."})
    asked = f"{request.method} {request.path}\n".encode() + request.body
    return IdempotentCall(caller=caller, key=key, fingerprint=hashlib.sha256(asked).digest())


def run_once(call: IdempotentCall, operation: Callable[[], Answer]) -> Answer:
    """Run an operation that is itself idempotent, once a key, with no transaction around it."""
    stored = _claim(call)
    if stored is not None:
        return stored
    try:
        answer = operation()
    except BaseException:
        with transaction():
            call.withdraw()
        raise
    with transaction():
        return call.keep(answer.status, answer.body)


def _claim(call: IdempotentCall) -> Answer | None:
    with transaction():
        if _insert(call):
            return None
        row = IdempotencyKey.objects.select_for_update().filter(caller=call.caller, key=call.key).first()
        if row is None:  # the first call failed and took its claim back in this very moment
            raise KeyInUse(headers={"Retry-After": "1"})
        if row.status or bytes(row.fingerprint) != call.fingerprint or row.created_at > now() - RUNNING_LIMIT:
            return _answer_of(row, call)
        row.created_at = now()
        row.save(update_fields=["created_at"])
        return None


def forget_keys(before: datetime) -> int:
    """Delete the keys from before this moment, with their answers; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]

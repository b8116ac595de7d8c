"""What an object, a request or a message is about: ids, keys and values of metadata, by which faults, the books and
the forgetting of old payments pick out one order's things.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.store import Json
from sandbox.stripe.account import KIND_OF_PREFIX, Account

NAMED = ("payment_intent", "charge", "customer", "payment_method")


def marks_of_object(account: Account, item: Json) -> Iterator[str]:
    """The object's id, its payment's, and what is written in the metadata of both."""
    yield item["id"]
    yield from (item.get("metadata") or {}).values()
    intent = payment_of(account, item)
    if intent is not None and intent is not item:
        yield intent["id"]
        yield from intent["metadata"].values()


def payment_of(account: Account, item: Json) -> Json | None:
    """The PaymentIntent that the object is, or belongs to."""
    if item.get("object") == "payment_intent":
        return item
    key = item.get("payment_intent")
    return account.store.get("payment_intent", key) if isinstance(key, str) else None


def marks_of_request(account: Account, path: str, raw: dict[str, Any], idempotency_key: str | None) -> Iterator[str]:
    """The key, the ids in address and parameters with what those are about, and metadata that is sent."""
    if idempotency_key:
        yield idempotency_key
    metadata = raw.get("metadata")
    if isinstance(metadata, dict):
        yield from (value for value in metadata.values() if isinstance(value, str))
    for key in _ids(path, raw):
        yield key
        item = find(account, key)
        if item is not None and "id" in item:
            yield from marks_of_object(account, item)


def _ids(path: str, raw: dict[str, Any]) -> Iterable[str]:
    parts = path.split("/")
    named = (raw.get(name) for name in NAMED)
    return [*parts[1:2], *(value for value in named if isinstance(value, str))]


def find(account: Account, key: str) -> Json | None:
    """The object with this id, whatever its kind."""
    kind = KIND_OF_PREFIX.get(key.split("_")[0])
    return account.store.get(kind, key) if kind else None

"""Forgetting old payments with everything that belongs to them, so that a long run stays in bounded memory."""

from sandbox.store import Json
from sandbox.stripe.account import Account
from sandbox.stripe.subjects import marks_of_object

ROOTS = ("payment_intent", "setup_intent", "customer")
PARTS = ("charge", "refund", "dispute", "payment_method", "setup_attempt")


def forget(account: Account, about: str) -> int:
    """Drop what is about ids or metadata that begin with `about`; the number of objects that went. Lines of the
    balance stay: they are money that was moved.
    """
    store = account.store
    subjects = {
        item["id"]
        for kind in ROOTS
        for item in store.all(kind).values()
        if any(mark.startswith(about) for mark in marks_of_object(account, item))
    }
    subjects |= {item["id"] for kind in PARTS for item in store.all(kind).values() if _belongs(item, subjects)}
    events = {item["id"] for item in store.all("event").values() if item["_subject"] in subjects}
    requests = {item["id"] for item in store.all("request").values() if item["object"] in subjects}
    keys = {item["id"] for item in store.all("idempotency_key").values() if item["request"] in requests}
    deliveries = {item["id"] for item in store.all("delivery").values() if item["event"] in events}
    tasks = {item["id"] for item in store.all("task").values() if item["subject"] in subjects | deliveries}
    gone = dict.fromkeys((*ROOTS, *PARTS), subjects) | {
        "event": events,
        "request": requests,
        "idempotency_key": keys,
        "delivery": deliveries,
        "task": tasks,
    }
    for kind, ids in gone.items():
        for key in ids:
            store.remove(kind, key)
    return len(subjects) + len(events) + len(requests) + len(keys) + len(deliveries) + len(tasks)


def _belongs(item: Json, subjects: set[str]) -> bool:
    names = ("payment_intent", "setup_intent", "customer", "_payment")
    return bool(subjects.intersection(item.get(name) for name in names))

"""The provider's own books: every payment with what was captured and given back, for whoever reconciles."""

from collections.abc import Iterable

from sandbox.store import Json, Store


def books_of(store: Store, intents: Iterable[Json]) -> Json:
    """One line for each intent, and the sums."""
    wanted = {intent["id"]: intent for intent in intents}
    refunds: dict[str, int] = {}
    for refund in store.all("refund").values():
        if refund["payment_intent"] in wanted and refund["status"] not in ("failed", "canceled"):
            refunds[refund["payment_intent"]] = refunds.get(refund["payment_intent"], 0) + refund["amount"]
    charges: dict[str, list[Json]] = {}
    for charge in store.all("charge").values():
        charges.setdefault(charge["payment_intent"], []).append(charge)
    moved: dict[str, list[Json]] = {}
    for dispute in store.all("dispute").values():
        moved.setdefault(dispute["payment_intent"], []).extend(dispute["balance_transactions"])
    books = [
        _book(intent, charges.get(key, []), refunds.get(key, 0), moved.get(key, [])) for key, intent in wanted.items()
    ]
    return {
        "intents": books,
        "amount_captured": sum(book["amount_captured"] for book in books),
        "amount_refunded": sum(book["amount_refunded"] for book in books),
    }


def _book(intent: Json, charges: list[Json], refunded: int, moved: list[Json]) -> Json:
    paid = [charge for charge in charges if charge["status"] == "succeeded" and charge["captured"]]
    return {
        "id": intent["id"],
        "status": intent["status"],
        "amount": intent["amount"],
        "currency": intent["currency"],
        "amount_captured": sum(charge["amount_captured"] for charge in paid),
        "amount_refunded": refunded,
        "amount_disputed": -sum(line["amount"] for line in moved),
        "dispute_fees": sum(line["fee"] for line in moved),
        "charges_succeeded": len(paid),
        "charged_at": max((charge["created"] for charge in paid), default=None),
        "charges_failed": sum(charge["status"] == "failed" for charge in charges),
        "disputed": any(charge["disputed"] for charge in charges),
        "metadata": intent["metadata"],
        "created": intent["created"],
        "customer": intent["customer"],
    }

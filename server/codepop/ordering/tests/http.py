"""A guest who orders over HTTP."""

import json
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from django.test import Client

from codepop.ordering.lines import request_document

if TYPE_CHECKING:
    from codepop.catalog.menu import DrinkLine
    from codepop.ordering.tests.factories import Shop

Json = dict[str, Any]


class Shopper:
    """Keeps the order's id and secret between calls; `last` is the latest answer's status."""

    def __init__(self, client: Client, *, email: str | None = "guest@example.com") -> None:
        self.client, self.email = client, email
        self.order_id, self.token, self.last = "", "", 0

    def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None, token: str | None = None
    ) -> Json:
        """Send one request with an Idempotency-Key and the order's secret; returns the JSON, whatever the status."""
        headers = {"Idempotency-Key": key or str(uuid4()), "X-Order-Token": self.token if token is None else token}
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            data=_text(body),
            content_type="application/json",
            headers={name: value for name, value in headers.items() if value},
        )
        self.last = response.status_code
        return cast("Json", response.json())

    def quote(self, shop: "Shop", lines: "list[DrinkLine]", **more: object) -> Json:
        """Ask for a price."""
        documents = [request_document(line) for line in lines]
        return self.call("POST", "/quotes", {"store_id": str(shop.store.id), "lines": documents, **more})

    def place(self, quote_id: str, *, key: str | None = None, **more: object) -> Json:
        """Order what was quoted; returns the order, or the refusal."""
        body = {"quote_id": quote_id, **({"contact_email": self.email} if self.email else {}), **more}
        answer = self.call("POST", "/orders", body, key=key)
        if self.last != 201:
            return answer
        self.order_id, self.token = answer["order"]["id"], answer["order_token"]
        return cast("Json", answer["order"])

    def pay(self, *, key: str | None = None) -> Json:
        """Get ready to pay."""
        return self.call("POST", f"/orders/{self.order_id}/payment", {}, key=key)

    def order(self) -> Json:
        """Look at the order."""
        return self.call("GET", f"/orders/{self.order_id}")

    def cancel(self, **body: object) -> Json:
        """Cancel the order."""
        return self.call("POST", f"/orders/{self.order_id}/cancel", body)


def _text(body: object) -> str:
    return "" if body is None else json.dumps(body)

"""The same cart in many tabs at once, over HTTP through all processes: one order and one charge for each cart."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import uuid4

import httpx
import pytest

from tools.system import System

T = TypeVar("T")
CARD = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2031"}
DONE = "payment_intent_unexpected_state"
PAID = "too_late"
"""What a tab is told that comes to pay when another one has paid."""
BUSY = frozenset({"idempotency_key_in_use", "lock_timeout"})
"""What a tab may be told while another one is just at the same payment: ask again."""


class Shop:
    """The public API and the provider's form, for as many tabs as there are."""

    def __init__(self, system: System, tabs: int) -> None:
        limits = httpx.Limits(max_connections=tabs, max_keepalive_connections=tabs)
        self.web = httpx.Client(base_url=f"{system.addresses['web']}/api/v1", timeout=90, limits=limits)
        self.stripe = httpx.Client(base_url=system.addresses["sandbox"], timeout=90, limits=limits)
        self.publishable = (self.web.get("/config").json()["stripe"]["publishable_key"], "")
        self.store = self.web.get("/stores", params={"q": "campus", "limit": 1}).json()["items"][0]
        drinks = self.web.get(f"/stores/{self.store['slug']}/menu").json()["drinks"]
        self.drink = next(one for one in drinks if one["available"])

    def close(self) -> None:
        """Hang up."""
        self.web.close()
        self.stripe.close()

    def cart(self) -> dict[str, str]:
        """Quote one drink; returns what every tab sends to order it, and the cart's key."""
        drink = self.drink
        line = {"drink_id": drink["id"], "size": drink["default_size"], "quantity": 1, "recipe": drink["recipe"]}
        quote = self.web.post("/quotes", json={"store_id": self.store["id"], "lines": [line]})
        assert quote.status_code == 201, quote.text
        return {"quote_id": quote.json()["id"], "key": uuid4().hex}

    def tab(self, cart: dict[str, str]) -> tuple[str, str]:
        """Order the cart and pay it, as one tab does; returns the order's id and how the confirmation ended."""
        placed = self._ask("/orders", {"quote_id": cart["quote_id"], "contact_email": "tabs@example.org"}, cart["key"])
        order_id, token = placed["order"]["id"], placed["order_token"]
        payment = self._ask(f"/orders/{order_id}/payment", {}, uuid4().hex, token)
        if "error" in payment:
            return order_id, payment["error"]["code"]
        secret = payment["client_secret"]
        method = self.stripe.post("/v1/payment_methods", data=CARD, auth=self.publishable).json()["id"]
        confirmed = self.stripe.post(
            f"/v1/payment_intents/{secret.partition('_secret_')[0]}/confirm",
            data={"client_secret": secret, "payment_method": method, "return_url": "http://127.0.0.1/"},
            auth=self.publishable,
        ).json()
        return order_id, confirmed.get("status") or confirmed["error"]["code"]

    def _ask(self, path: str, body: object, key: str, token: str = "") -> Any:
        headers = {"Idempotency-Key": key, **({"X-Order-Token": token} if token else {})}
        for _ in range(20):
            answer = self.web.post(path, json=body, headers=headers)
            if answer.is_success or answer.json()["error"]["code"] == PAID:
                return answer.json()
            assert answer.json()["error"]["code"] in BUSY, answer.text
        raise AssertionError(answer.text)

    def charges(self, order_ids: set[str]) -> dict[str, int]:
        """Return how many charges took money for each order, by the provider's own books."""
        books = self.stripe.get("/_sandbox/stripe/books").json()["intents"]
        found = dict.fromkeys(order_ids, 0)
        for one in books:
            if one["metadata"].get("order") in found:
                found[one["metadata"]["order"]] += one["charges_succeeded"]
        return found


def _at_once(acts: list[Callable[[], T]]) -> list[T]:
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        barrier.wait(timeout=60)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def shop(system: System) -> Iterator[Shop]:
    shop = Shop(system, tabs=50)
    yield shop
    shop.close()


@pytest.mark.req("PAY-15", "DB-02")
def test_fifty_tabs_with_one_cart_make_one_order_and_one_charge(shop: Shop) -> None:
    cart = shop.cart()
    ended = _at_once([lambda: shop.tab(cart)] * 50)
    orders = {order_id for order_id, _ in ended}
    assert len(orders) == 1
    assert shop.charges(orders) == dict.fromkeys(orders, 1)
    assert {"succeeded"} <= {how for _, how in ended} <= {"succeeded", DONE, PAID}


@pytest.mark.req("PAY-15", "DB-02")
def test_twenty_carts_in_two_tabs_each_make_twenty_charges(shop: Shop) -> None:
    carts = [shop.cart() for _ in range(20)]
    ended = _at_once([lambda cart=cart: shop.tab(cart) for cart in carts * 2])  # type: ignore[misc]
    orders = {order_id for order_id, _ in ended}
    assert len(orders) == 20
    assert [order_id for order_id, _ in ended[:20]] == [order_id for order_id, _ in ended[20:]]
    assert shop.charges(orders) == dict.fromkeys(orders, 1)

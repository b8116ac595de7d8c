"""Quotes and orders over HTTP: who may, what is refused and how, and that documents are what the contract says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.tests.factories import make_user
from codepop.core.models import IdempotencyKey
from codepop.inventory.models import Reservation
from codepop.inventory.tests.factories import set_stock
from codepop.kit.clock import frozen, now
from codepop.ordering.lines import request_document
from codepop.ordering.machine import Status
from codepop.ordering.models import Order, Quote
from codepop.ordering.schemas import OrderOut, OrdersOut, PlacedOut, QuoteOut
from codepop.ordering.tests.factories import MadeOrder, Shop, make_line, make_order, make_shop
from codepop.ordering.tests.http import Json, Shopper

pytestmark = pytest.mark.django_db

NOBODYS = "01920000-0000-7000-8000-000000000000"
"""An id that nothing has; constant, since every test process must collect the same tests."""


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)


def _quote(shopper: Shopper, shop: Shop) -> str:
    return str(shopper.quote(shop, [make_line(shop.menu)])["id"])


def _holding(client: Client, made: MadeOrder) -> Shopper:
    shopper = Shopper(client)
    shopper.order_id, shopper.token = str(made.order.id), made.token
    return shopper


# Documents


@pytest.mark.parametrize("status", Status)
def test_documents_are_what_the_contract_says(client: Client, shop: Shop, status: Status) -> None:
    shopper = _holding(client, make_order(status=status, shop=shop))
    answer = shopper.order()
    assert shopper.last == 200
    assert OrderOut.model_validate(answer).model_dump().keys() == answer.keys()
    assert answer["status"] == status
    for name in ("contact_email", "token_hash", "code_nonce"):
        assert name not in answer


def test_quotes_and_placed_orders_are_what_the_contract_says(shopper: Shopper, shop: Shop) -> None:
    quote = shopper.quote(shop, [make_line(shop.menu)], pickup={"mode": "now"}, contact_email="guest@example.com")
    assert shopper.last == 201
    assert QuoteOut.model_validate(quote).model_dump().keys() == quote.keys()
    key = str(uuid4())
    body = {"quote_id": quote["id"], "contact_email": "guest@example.com"}
    answer = shopper.call("POST", "/orders", body, key=key)
    assert PlacedOut.model_validate(answer).model_dump().keys() == answer.keys()
    order = answer["order"]
    assert (order["total_cents"], order["lines"]) == (quote["total_cents"], quote["lines"])
    assert order["pickup"] == {"mode": "now", "at": None}
    assert order["status_text"] == "Waiting for your payment."
    assert (order["can_pay"], order["can_cancel"], order["can_choose_pickup"]) == (True, True, True)
    assert [step["text"] for step in order["timeline"]] == ["Ordered"]
    shopper.order_id, shopper.token = order["id"], answer["order_token"]
    assert shopper.order() == order
    row = Order.objects.get()
    assert row.contact_email == "guest@example.com"
    assert answer["order_token"] not in repr(row.__dict__)


# Once


@pytest.mark.req("PAY-15")
def test_the_same_key_gives_the_same_answer(shopper: Shopper, shop: Shop) -> None:
    quote_id, key = _quote(shopper, shop), str(uuid4())
    body = {"quote_id": quote_id, "contact_email": "guest@example.com"}
    first = shopper.call("POST", "/orders", body, key=key)
    again = shopper.call("POST", "/orders", body, key=key)
    assert shopper.last == 201
    assert first == again
    assert Order.objects.count() == 1
    other = shopper.call("POST", "/orders", {**body, "contact_email": "other@example.com"}, key=key)
    assert (shopper.last, other["error"]["code"]) == (422, "idempotency_key_reused")
    second = shopper.call("POST", "/orders", body)
    assert (shopper.last, second["error"]["code"]) == (409, "quote_used")


@pytest.mark.parametrize("path", ["/orders", "/orders/{id}/payment", "/orders/{id}/cancel"])
def test_what_creates_or_spends_needs_a_key(client: Client, shop: Shop, path: str) -> None:
    made = make_order(shop=shop)
    body = {"quote_id": str(uuid4()), "contact_email": "a@example.com"} if path == "/orders" else {}
    answer = client.post(
        "/api/v1" + path.format(id=made.order.id),
        data=body,
        content_type="application/json",
        headers={"X-Order-Token": made.token},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_key_missing")


def test_a_refusal_is_not_kept(shopper: Shopper, shop: Shop) -> None:
    quote_id, key = _quote(shopper, shop), str(uuid4())
    set_stock(store=shop.store, ingredient=shop.menu.peach, on_hand=0)
    refused = shopper.place(quote_id, key=key)
    assert (shopper.last, refused["error"]["code"]) == (409, "quote_refused")
    assert refused["error"]["fields"] == {
        "lines.0.recipe.syrups.0": "Peach syrup is sold out: leave it out or choose another one."
    }
    assert (Order.objects.count(), Reservation.objects.count(), IdempotencyKey.objects.count()) == (0, 0, 0)
    assert Quote.objects.get().used_at is None
    set_stock(store=shop.store, ingredient=shop.menu.peach, on_hand=1000)
    shopper.place(quote_id, key=key)
    assert shopper.last == 201


# What changed meanwhile


@pytest.mark.req("PAY-01")
def test_a_price_that_changed_is_shown_again_before_it_is_ordered(shopper: Shopper, shop: Shop) -> None:
    quote_id = _quote(shopper, shop)
    shop.menu.peach.price_cents = 45
    shop.menu.peach.save()
    refused = shopper.place(quote_id)
    assert (shopper.last, refused["error"]["code"]) == (409, "quote_changed")
    assert refused["error"]["fields"] == {"lines.0.unit_price_cents": "Canyon Sunset is now $4.35 instead of $4.25."}
    fresh = refused["quote"]
    assert QuoteOut.model_validate(fresh).subtotal_cents == 435
    assert Order.objects.count() == 0
    assert shopper.place(fresh["id"])["subtotal_cents"] == 435


def _change_tax(shop: Shop) -> None:
    shop.store.tax_rate_bps = 800
    shop.store.save()


def _change_allergens(shop: Shop) -> None:
    shop.menu.peach.may_contain = ["soy"]
    shop.menu.peach.save()


@pytest.mark.req("PAY-01")
@pytest.mark.parametrize(("change", "field"), [(_change_tax, "tax_cents"), (_change_allergens, "lines.0.allergens")])
def test_tax_and_allergens_count_as_well(
    shopper: Shopper, shop: Shop, change: Callable[[Shop], None], field: str
) -> None:
    quote_id = _quote(shopper, shop)
    change(shop)
    refused = shopper.place(quote_id)
    assert (shopper.last, refused["error"]["code"]) == (409, "quote_changed")
    assert list(refused["error"]["fields"]) == [field]


def test_a_drink_that_left_the_menu_or_a_store_that_closed_refuses(shopper: Shopper, shop: Shop) -> None:
    quote_id = _quote(shopper, shop)
    shop.menu.peach.offered = False
    shop.menu.peach.save()
    refused = shopper.place(quote_id)
    assert (shopper.last, refused["error"]["code"]) == (409, "quote_refused")
    assert list(refused["error"]["fields"]) == ["lines.0.recipe.syrups.0"]
    shop.menu.peach.offered = True
    shop.menu.peach.save()
    shop.store.accepting_orders, shop.store.pause_reason = False, "A pipe burst."
    shop.store.save()
    refused = shopper.place(quote_id)
    assert (shopper.last, refused["error"]["code"]) == (409, "store_closed")
    assert "A pipe burst." in refused["error"]["message"]
    assert Order.objects.count() == 0


def test_an_old_quote_is_refused(shopper: Shopper, shop: Shop) -> None:
    quote_id = _quote(shopper, shop)
    with frozen(now() + timedelta(minutes=11)):
        refused = shopper.place(quote_id)
    assert (shopper.last, refused["error"]["code"]) == (409, "quote_expired")
    refused = shopper.place(str(uuid4()))
    assert (shopper.last, refused["error"]["code"]) == (404, "not_found")


# Who may


@pytest.mark.req("SEC-11")
def test_a_foreign_order_looks_like_none(client: Client, shop: Shop) -> None:
    made, other = make_order(shop=shop), make_order(shop=shop)
    shopper = _holding(client, made)
    paths = [
        ("GET", "", None),
        ("POST", "/payment", {}),
        ("POST", "/payment/refresh", {}),
        ("PUT", "/pickup", {"mode": "now"}),
        ("POST", "/cancel", {}),
        ("POST", "/reorder", {}),
    ]
    for method, path, body in paths:
        foreign = shopper.call(method, f"/orders/{other.order.id}{path}", body)
        assert shopper.last == 404, (method, path)
        absent = shopper.call(method, f"/orders/{uuid4()}{path}", body)
        assert (shopper.last, absent) == (404, foreign)
        nobody = shopper.call(method, f"/orders/{other.order.id}{path}", body, token="")
        assert (shopper.last, nobody["error"]["code"]) == (401, "not_signed_in")
    assert Order.objects.get(id=other.order.id).version == 1


@pytest.mark.req("CORE-04", "DB-03")
def test_people_with_an_account_see_their_own_orders_page_by_page(
    client: Client, shop: Shop, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    me, other = make_user(), make_user()
    mine = [make_order(shop=shop, customer_id=me.id).order for _ in range(22)]
    make_order(shop=shop, customer_id=other.id)
    client.force_login(me)
    shopper = Shopper(client)
    with django_assert_max_num_queries(9):
        first = shopper.call("GET", "/orders")
    OrdersOut.model_validate(first)
    second = shopper.call("GET", f"/orders?cursor={first['next']}")
    shown = [one["id"] for one in first["items"] + second["items"]]
    assert shown == [str(order.id) for order in reversed(mine)]
    assert (len(first["items"]), second["next"]) == (20, None)


def test_an_account_opens_its_own_order_without_the_secret(client: Client, shop: Shop) -> None:
    me = make_user()
    made = make_order(shop=shop, customer_id=me.id)
    client.force_login(me)
    assert Shopper(client).call("GET", f"/orders/{made.order.id}")["id"] == str(made.order.id)
    client.force_login(make_user())
    stranger = Shopper(client)
    stranger.call("GET", f"/orders/{made.order.id}")
    assert stranger.last == 404


@pytest.mark.req("DOM-04")
def test_a_guest_gives_an_address_for_the_receipt_and_an_account_need_not(client: Client, shop: Shop) -> None:
    guest = Shopper(client, email=None)
    quote_id = _quote(guest, shop)
    for given, hint in (
        ({}, "Give an e-mail address: we reach you there about the order."),
        ({"contact_email": "   "}, "Give an e-mail address: we reach you there about the order."),
        ({"contact_email": "nobody"}, "This is not an e-mail address."),
    ):
        refused = guest.place(quote_id, **given)
        assert (guest.last, refused["error"]["fields"]) == (422, {"contact_email": hint})
    client.force_login(make_user())
    guest.place(quote_id)
    assert guest.last == 201


# Bad input


def _body(shop: Shop, **changes: object) -> Json:
    line: Json = {**request_document(make_line(shop.menu))}
    recipe = {**line["recipe"], **changes.pop("recipe", {})}  # type: ignore[dict-item]
    return {"store_id": str(shop.store.id), "lines": [{**line, "recipe": recipe, **changes}]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 0}, "lines.0.quantity"),
        ({"quantity": -1}, "lines.0.quantity"),
        ({"quantity": 10**30}, "lines.0.quantity"),
        ({"quantity": "2"}, "lines.0.quantity"),
        ({"quantity": 1.5}, "lines.0.quantity"),
        ({"quantity": True}, "lines.0.quantity"),
        ({"size": "x" * 500}, "lines.0.size"),
        ({"size": None}, "lines.0.size"),
        ({"name": "x" * 300}, "lines.0.name"),
        ({"name": "a\u0000b"}, "lines.0.name"),
        ({"drink_id": "not-an-id"}, "lines.0.drink_id"),
        ({"price_cents": 1}, "lines.0.price_cents"),
        ({"recipe": {"sodas": [{"ingredient_id": "x", "share": 1}]}}, "lines.0.recipe.sodas.0.ingredient_id"),
        ({"recipe": {"sodas": "cola"}}, "lines.0.recipe.sodas"),
        ({"recipe": {"syrups": [{"ingredient_id": NOBODYS, "pumps": 10**9}]}}, "lines.0.recipe.syrups.0.pumps"),
    ],
    ids=str,
)
def test_bad_lines_are_refused_by_field(shopper: Shopper, shop: Shop, changes: Json, field: str) -> None:
    answer = shopper.call("POST", "/quotes", _body(shop, **changes))
    assert (shopper.last, list(answer["error"]["fields"])) == (422, [field])
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": "s99"}, "lines.0.size"),
        ({"drink_id": NOBODYS}, "lines.0.drink_id"),
        ({"quantity": 13}, "lines.0.quantity"),
        ({"recipe": {"sodas": []}}, "lines.0.recipe.sodas"),
        ({"recipe": {"ice": "lots"}}, "lines.0.recipe.ice"),
        ({"recipe": {"syrups": [{"ingredient_id": NOBODYS, "pumps": 1}]}}, "lines.0.recipe.syrups.0"),
    ],
    ids=str,
)
def test_lines_that_cannot_be_sold_are_refused_by_field(
    shopper: Shopper, shop: Shop, changes: Json, field: str
) -> None:
    answer = shopper.call("POST", "/quotes", _body(shop, **changes))
    assert (shopper.last, answer["error"]["code"]) == (409, "quote_refused")
    assert field in answer["error"]["fields"]


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '"x"', "{}", '{"store_id": 5}', '{"lines": [], "store_id": "x"}', "\xff"],
)
def test_a_malformed_body_is_refused_clearly(client: Client, body: str) -> None:
    for path in ("/api/v1/quotes", "/api/v1/orders"):
        answer = client.post(
            path,
            data=body.encode("latin-1"),
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code in (400, 422), (path, answer.content)
        assert answer.json()["error"]["code"]


@pytest.mark.parametrize("order_id", ["x", "1", "%00", "00000000-0000-0000-0000-00000000000g", "' OR 1=1"])
def test_bad_ids_are_never_our_fault(client: Client, order_id: str) -> None:
    answer = client.get(f"/api/v1/orders/{order_id}", headers={"X-Order-Token": "x"})
    assert answer.status_code in (404, 422)


def test_an_unknown_store_is_not_found(shopper: Shopper, shop: Shop) -> None:
    answer = shopper.call("POST", "/quotes", {**_body(shop), "store_id": str(uuid4())})
    assert (shopper.last, answer["error"]["code"]) == (404, "store_unknown")


@pytest.mark.req("DOM-05", "DOM-07")
def test_pickups_are_chosen_and_refused_over_http(client: Client, shop: Shop) -> None:
    shopper = _holding(client, make_order(status=Status.PAID, shop=shop))
    path = f"/orders/{shopper.order_id}/pickup"
    for body, status in (
        ({"mode": "at"}, 422),
        ({"mode": "at", "at": "2026-11-23T18:30:00"}, 422),
        ({"mode": "at", "at": "2020-01-01T00:00:00Z"}, 422),
        ({"mode": "soon"}, 422),
        ({}, 422),
    ):
        refused = shopper.call("PUT", path, body)
        assert (shopper.last, bool(refused["error"]["fields"])) == (status, True), body
    at = (now() + timedelta(hours=2)).isoformat()
    later = shopper.call("PUT", path, {"mode": "at", "at": at})
    assert later["status_text"].startswith("Paid. We start in time for ")
    assert shopper.call("PUT", path, {"mode": "now"})["status"] == "queued"


@pytest.mark.req("DB-08")
def test_a_customers_words_on_cancelling_lie_encrypted_and_not_in_the_history(client: Client, shop: Shop) -> None:
    shopper = _holding(client, make_order(shop=shop))
    words = "Ann Miller has to leave, call 555-0117"
    shopper.cancel(reason=words)
    order = Order.objects.get(id=shopper.order_id)
    assert (order.cancel_note, order.status_reason) == (words, "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(o)::text FROM ordering_order o UNION SELECT reason FROM ordering_ordertransition"
        )
        stored = " ".join(row[0] for row in cursor.fetchall())
    assert "555-0117" not in stored
    assert shopper.last == 200


def test_cancel_and_reorder_over_http(client: Client, shop: Shop) -> None:
    shopper = _holding(client, make_order(shop=shop))
    again = shopper.call("POST", f"/orders/{shopper.order_id}/reorder", {})
    assert again["lines"] == [request_document(make_line(shop.menu, name="Canyon Sunset"))]
    cancelled = shopper.cancel(reason="Too hungry")
    assert (cancelled["status"], cancelled["status_text"]) == ("cancelled", "Cancelled. Nothing was charged.")
    assert (cancelled["can_cancel"], cancelled["can_pay"]) == (False, False)
    refused = shopper.pay()
    assert (shopper.last, refused["error"]["code"]) == (409, "too_late")

"""A guest signs up: orders whose secrets they hold become theirs, and no others."""

from typing import Any

import pytest
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.tests.factories import make_user
from codepop.kit.ids import uuid7
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import MadeOrder, make_order, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def _claim(user: User | None, *orders: tuple[Any, str]) -> Any:
    client = Client()
    if user:
        client.force_login(user)
    body = {"orders": [{"order_id": str(order_id), "token": token} for order_id, token in orders]}
    return client.post("/api/v1/me/orders", body, content_type="application/json")


def _of(made: MadeOrder) -> tuple[Any, str]:
    return made.order.id, made.token


@pytest.mark.req("DOM-04", "SEC-11")
def test_whoever_holds_the_secrets_gets_the_orders_into_their_account() -> None:
    shop, me = make_shop(), make_user()
    first, second = make_order(shop=shop), make_order(shop=shop)
    answer = _claim(me, _of(first), _of(second))
    assert answer.status_code == 200
    assert set(answer.json()["claimed"]) == {str(first.order.id), str(second.order.id)}
    client = Client()
    client.force_login(me)
    assert len(client.get("/api/v1/orders").json()["items"]) == 2
    by_link = Client().get(f"/api/v1/orders/{first.order.id}", headers={"X-Order-Token": first.token})
    assert by_link.status_code == 200
    assert len(_claim(me, _of(first)).json()["claimed"]) == 1


@pytest.mark.req("DOM-04", "SEC-11")
def test_no_secret_no_order_and_the_answer_tells_nothing() -> None:
    shop, me, other = make_shop(), make_user(), make_user()
    made = make_order(shop=shop)
    theirs = make_order(shop=shop, customer_id=other.id)
    wrong = _claim(me, (made.order.id, "guess"), (theirs.order.id, "guess"), (uuid7(), made.token), _of(theirs))
    assert (wrong.status_code, wrong.json()) == (200, {"claimed": []})
    assert Order.objects.get(id=made.order.id).customer_id is None
    assert Order.objects.get(id=theirs.order.id).customer_id == other.id
    assert _claim(None, _of(made)).status_code == 401
    assert Order.objects.get(id=made.order.id).customer_id is None


@pytest.mark.req("DOM-04", "SEC-05")
def test_at_most_fifty_at_once() -> None:
    me = make_user()
    assert _claim(me, *[(uuid7(), "x")] * 51).status_code == 422
    assert _claim(me).json() == {"claimed": []}

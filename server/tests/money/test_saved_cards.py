"""Saved cards: kept by Stripe, known to us by ids, charged while their person is away only as agreed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.tests.factories import make_user
from codepop.core.db import transaction
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.kit.ids import uuid7
from codepop.ordering import services as ordering
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_line, make_shop
from codepop.ordering.tests.http import Json, Shopper
from codepop.payments import services as payments
from codepop.payments.models import Payer, Payment, PaymentStatus
from tests.stripe_side import confirm, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]

ALWAYS_ASKS = "pm_card_authenticationRequired"
DECLINES_LATER = "pm_card_chargeCustomerFail"


@pytest.fixture
def user() -> User:
    return make_user()


@pytest.fixture
def shopper(client: Client, user: User) -> Shopper:
    client.force_login(user)
    return Shopper(client, email=None)


@pytest.fixture
def clock() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


def _save(shopper: Shopper, card: str = "pm_card_visa") -> str:
    """Save a card as Stripe's form does; returns its id."""
    secret = shopper.call("POST", "/me/payment-methods/setup", {})["client_secret"]
    done = sdk().v1.setup_intents.confirm(
        secret.split("_secret_")[0], {"payment_method": card, "return_url": "http://127.0.0.1/done"}
    )
    assert done.status == "succeeded"
    return str(done.payment_method)


def _cards(shopper: Shopper) -> list[Json]:
    items: list[Json] = shopper.call("GET", "/me/payment-methods")["items"]
    return items


def _placed(shopper: Shopper, **more: object) -> Json:
    shop = make_shop()
    return shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"], **more)


def _intent_id(shopper: Shopper) -> str:
    secret: str = shopper.pay()["client_secret"]
    return secret.split("_secret_")[0]


@pytest.mark.req("PAY-09")
def test_cards_are_saved_listed_chosen_and_removed(shopper: Shopper) -> None:
    assert _cards(shopper) == []
    assert not Payer.objects.exists(), "nobody is made known to the provider before a card is saved"
    visa, mastercard = _save(shopper), _save(shopper, "pm_card_mastercard")
    listed = _cards(shopper)
    assert {card["id"]: (card["brand"], card["last4"], card["expired"], card["wallet"]) for card in listed} == {
        visa: ("visa", "4242", False, None),
        mastercard: ("mastercard", "4444", False, None),
    }
    assert [card["is_default"] for card in listed] == [True, False]
    chosen = shopper.call("PUT", "/me/payment-methods/default", {"id": visa})["items"]
    assert (chosen[0]["id"], chosen[0]["is_default"]) == (visa, True)
    left = shopper.call("DELETE", f"/me/payment-methods/{visa}")["items"]
    assert [(card["id"], card["is_default"]) for card in left] == [(mastercard, True)]
    assert sdk().v1.payment_methods.retrieve(visa).customer is None
    assert shopper.call("DELETE", f"/me/payment-methods/{visa}")["error"]["code"] == "payment_method_unknown"


@pytest.mark.req("PAY-09")
def test_only_ids_are_stored(shopper: Shopper, user: User) -> None:
    _save(shopper)
    _cards(shopper)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'payments_payer'"
        )
        columns = dict(cursor.fetchall())
        cursor.execute("SELECT to_jsonb(p)::text FROM payments_payer p")
        stored = json.loads(cursor.fetchone()[0])
    assert set(columns) == {
        "id",
        "created_at",
        "user_id",
        "sent_at",
        "attempt",
        "customer_id",
        "default_method_id",
        "forget_asked_at",
    }
    assert stored["customer_id"].startswith("cus_")
    assert stored["default_method_id"].startswith("pm_")
    assert not any(word in json.dumps(stored) for word in ("4242", "visa", user.email))
    customer = sdk().v1.customers.retrieve(stored["customer_id"])
    assert (customer.email, customer.name, customer.metadata.to_dict()) == (None, None, {"payer": stored["id"]})


@pytest.mark.req("PAY-09")
def test_an_expired_card_is_shown_as_such(shopper: Shopper) -> None:
    card = _save(shopper)
    sdk().v1.payment_methods.update(card, {"card": {"exp_month": 1, "exp_year": now().year}})
    with frozen(now().replace(month=2, day=1)):
        assert [one["expired"] for one in _cards(shopper)] == [True]


@pytest.mark.req("PAY-09")
def test_nobody_sees_or_touches_the_cards_of_another(shopper: Shopper, client: Client) -> None:
    card = _save(shopper)
    client.force_login(make_user())
    other = Shopper(client, email=None)
    assert _cards(other) == []
    assert other.call("DELETE", f"/me/payment-methods/{card}")["error"]["code"] == "payment_method_unknown"
    assert other.call("PUT", "/me/payment-methods/default", {"id": card})["error"]["code"] == "payment_method_unknown"
    client.logout()
    for method, path in (("GET", ""), ("POST", "/setup"), ("POST", "/sheet"), ("DELETE", f"/{card}")):
        Shopper(client).call(method, f"/me/payment-methods{path}", {} if method == "POST" else None)
    guest = Shopper(client)
    guest.call("GET", "/me/payment-methods")
    assert guest.last == 401
    assert sdk().v1.payment_methods.retrieve(card).customer is not None


@pytest.mark.req("PAY-09", "PAY-15")
@pytest.mark.parametrize("kind", ["fail_after", "cut", "stored_500"])
def test_a_lost_answer_makes_no_second_customer(shopper: Shopper, kind: str) -> None:
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["POST /v1/customers"], "remaining": 1})
    shopper.call("POST", "/me/payment-methods/setup", {})
    assert shopper.last == 503
    shopper.call("POST", "/me/payment-methods/setup", {})
    assert shopper.last == 200
    payer = Payer.objects.get()
    listed = sdk().v1.customers.list({"limit": 100}).auto_paging_iter()
    assert [one.id for one in listed if one.metadata.to_dict().get("payer") == str(payer.id)] == [payer.customer_id]


@pytest.mark.req("PAY-09", "PAY-15")
def test_a_failure_stored_under_a_key_keeps_no_card_from_being_removed(shopper: Shopper) -> None:
    card = _save(shopper)
    sandbox(
        "/_sandbox/faults",
        {"kind": "stored_before", "endpoints": ["POST /v1/payment_methods/*/detach"], "remaining": 1},
    )
    shopper.call("DELETE", f"/me/payment-methods/{card}")
    assert shopper.last == 503
    assert shopper.call("DELETE", f"/me/payment-methods/{card}")["items"] == []


@pytest.mark.req("PAY-09", "PAY-21")
def test_an_outage_says_so_instead_of_an_empty_list(shopper: Shopper) -> None:
    _save(shopper)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    answer = shopper.call("GET", "/me/payment-methods")
    assert (shopper.last, answer["error"]["code"]) == (503, "payment_provider_unavailable")


@pytest.mark.req("PAY-09")
def test_a_saved_card_pays_an_order_at_the_first_try(shopper: Shopper) -> None:
    card = _save(shopper)
    _placed(shopper, pickup={"mode": "now"})
    assert confirm(_intent_id(shopper), card)
    paid = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert paid["status"] == "queued"


@pytest.mark.req("PAY-09")
@pytest.mark.parametrize("save", [True, False])
def test_a_card_is_saved_while_paying_only_if_asked(shopper: Shopper, save: bool) -> None:
    _placed(shopper)
    intent_id = _intent_id(shopper)
    answer = shopper.call("PUT", f"/orders/{shopper.order_id}/payment/cards", {"save": True})
    assert (shopper.last, answer["client_secret"].split("_secret_")[0]) == (200, intent_id)
    if not save:
        shopper.call("PUT", f"/orders/{shopper.order_id}/payment/cards", {"save": False})
    assert confirm(intent_id)
    assert len(_cards(shopper)) == int(save)


@pytest.mark.req("PAY-09")
@pytest.mark.parametrize("wishes", [(False, True, False), (True, False, True)])
def test_the_last_word_about_saving_a_card_counts(shopper: Shopper, wishes: tuple[bool, ...]) -> None:
    _placed(shopper)
    intent_id = _intent_id(shopper)
    for save in wishes:
        shopper.call("PUT", f"/orders/{shopper.order_id}/payment/cards", {"save": save})
        assert shopper.last == 200
    assert (sdk().v1.payment_intents.retrieve(intent_id).setup_future_usage == "off_session") is wishes[-1]
    assert confirm(intent_id)
    assert len(_cards(shopper)) == int(wishes[-1])


@pytest.mark.req("PAY-09")
def test_a_guest_has_no_cards_to_use(client: Client) -> None:
    guest = Shopper(client)
    _placed(guest)
    guest.pay()
    guest.call("PUT", f"/orders/{guest.order_id}/payment/cards", {"save": True})
    assert guest.last in (401, 404)


def _lose_customer(shopper: Shopper) -> str:
    """Save a card, then have the customer deleted at the provider behind our back; returns the customer's id."""
    _save(shopper)
    assert len(_cards(shopper)) == 1
    customer_id = Payer.objects.get().customer_id or ""
    sdk().v1.customers.delete(customer_id)
    return customer_id


@pytest.mark.req("PAY-09")
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("PUT", 404), ("DELETE", 404)])
def test_with_a_customer_that_is_gone_the_cards_are_gone(shopper: Shopper, method: str, status: int) -> None:
    _lose_customer(shopper)
    path, body = {"GET": ("", None), "PUT": ("/default", {"id": "pm_gone"}), "DELETE": ("/pm_gone", None)}[method]
    shopper.call(method, f"/me/payment-methods{path}", body)
    payer = Payer.objects.get()
    assert shopper.last == status
    assert (payer.customer_id, payer.default_method_id, payer.sent_at, payer.attempt) == (None, "", None, 2)
    assert _cards(shopper) == []


@pytest.mark.req("PAY-09")
@pytest.mark.parametrize("path", ["setup", "sheet"])
def test_who_saves_a_card_after_their_customer_is_gone_gets_a_new_one(shopper: Shopper, path: str) -> None:
    gone = _lose_customer(shopper)
    key = str(uuid7())
    answers = [shopper.call("POST", f"/me/payment-methods/{path}", {}, key=key) for _ in range(2)]
    assert (shopper.last, answers[0]) == (200, answers[1])
    assert Payer.objects.get().customer_id not in (None, gone)
    _save(shopper, "pm_card_mastercard")
    assert [card["last4"] for card in _cards(shopper)] == ["4444"]


@pytest.mark.req("PAY-09", "PAY-01")
def test_who_has_a_customer_that_is_gone_still_pays(shopper: Shopper) -> None:
    _lose_customer(shopper)
    _placed(shopper, pickup={"mode": "now"})
    assert confirm(_intent_id(shopper))
    paid = shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    assert (paid["status"], Payer.objects.get().customer_id) == ("queued", None)


@pytest.mark.req("PAY-09")
def test_a_card_is_saved_while_paying_though_the_customer_is_gone(shopper: Shopper) -> None:
    _save(shopper)
    _placed(shopper)
    intent_id = _intent_id(shopper)
    sdk().v1.customers.delete(Payer.objects.get().customer_id or "")
    shopper.call("PUT", f"/orders/{shopper.order_id}/payment/cards", {"save": True})
    assert shopper.last == 200
    assert confirm(intent_id)
    assert len(_cards(shopper)) == 1


@pytest.mark.req("PAY-09")
def test_an_erased_person_leaves_nothing_at_the_provider(shopper: Shopper, user: User) -> None:
    card = _save(shopper)
    customer_id = Payer.objects.get().customer_id or ""
    for _ in range(2):
        with transaction():
            payments.forget_payer(user_id=user.id)
    assert _cards(shopper) == []
    run_jobs()
    assert getattr(sdk().v1.customers.retrieve(customer_id), "deleted", False) is True
    assert sdk().v1.payment_methods.retrieve(card).customer is None
    assert not Payer.objects.exists()
    payments.delete_payer(user_id=user.id)


@pytest.mark.req("PAY-09")
def test_a_phone_gets_a_session_for_its_sheet(shopper: Shopper) -> None:
    answer = shopper.call("POST", "/me/payment-methods/sheet", {})
    assert answer["customer_id"] == Payer.objects.get().customer_id
    assert answer["session_secret"].startswith("cuss_secret_")


def _agree(shopper: Shopper, minutes: int = 30) -> Json:
    body = {"minutes": minutes, "charge_saved_card": True}
    return shopper.call("POST", f"/orders/{shopper.order_id}/payment/wait", body)


def _away_with_card(shopper: Shopper, card: str = "pm_card_visa", **more: object) -> None:
    """An order during an outage, whose person agreed that the saved card is charged within half an hour."""
    _save(shopper, card)
    _cards(shopper)
    _placed(shopper, **more)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    shopper.pay()
    assert _agree(shopper)["payment_wait"]["charges_saved_card"] is True


def _charges() -> list[Any]:
    reference = str(Order.objects.get().id)
    listed = sdk().v1.payment_intents.list({"limit": 100}).auto_paging_iter()
    return [one for one in listed if one.metadata.to_dict().get("order") == reference and one.status == "succeeded"]


@pytest.mark.req("FAIL-01", "PAY-21", "PAY-09")
def test_the_saved_card_is_charged_by_itself_when_the_provider_is_back_in_time(
    shopper: Shopper, clock: FrozenTime
) -> None:
    _away_with_card(shopper, pickup={"mode": "now"})
    clock.advance(minutes=20)
    assert ordering.take_waiting_payments() == 0
    sandbox("/_sandbox/faults", method="DELETE")
    assert ordering.take_waiting_payments() == 1
    assert ordering.take_waiting_payments() == 0
    order = shopper.order()
    assert (order["status"], order["payment_wait"]) == ("queued", None)
    assert [one.amount_received for one in _charges()] == [order["total_cents"]]


@pytest.mark.req("FAIL-01")
@pytest.mark.parametrize("minutes", [29.6, 31])
def test_nothing_is_charged_by_itself_when_the_agreed_time_is_over(
    shopper: Shopper, clock: FrozenTime, minutes: float
) -> None:
    _away_with_card(shopper)
    clock.advance(minutes=minutes)
    sandbox("/_sandbox/faults", method="DELETE")
    ordering.take_waiting_payments()
    wait = shopper.order()["payment_wait"]
    assert (wait["state"], wait["charges_saved_card"]) == ("ready", False)
    assert _charges() == []


@pytest.mark.req("FAIL-01")
def test_nothing_is_charged_by_itself_for_what_a_closed_store_cannot_make(shopper: Shopper, clock: FrozenTime) -> None:
    _away_with_card(shopper, pickup={"mode": "now"})
    store = Order.objects.get().store
    store.accepting_orders, store.pause_reason = False, "No water."
    store.save()
    sandbox("/_sandbox/faults", method="DELETE")
    ordering.take_waiting_payments()
    assert shopper.order()["payment_wait"]["state"] == "ready"
    assert _charges() == []


@pytest.mark.req("FAIL-01", "PAY-04", "PAY-18")
@pytest.mark.parametrize("card", [ALWAYS_ASKS, DECLINES_LATER])
def test_a_saved_card_that_cannot_be_charged_alone_leaves_the_order_to_its_person(shopper: Shopper, card: str) -> None:
    if card == ALWAYS_ASKS:
        _save_attached(shopper, card)
        _placed(shopper)
        sandbox("/_sandbox/faults", {"kind": "outage"})
        shopper.pay()
        _agree(shopper)
    else:
        _away_with_card(shopper, card)
    sandbox("/_sandbox/faults", method="DELETE")
    ordering.take_waiting_payments()
    order = shopper.order()
    assert (order["status"], order["payment_wait"]["state"], order["can_pay"]) == ("payment_pending", "ready", True)
    assert order["status_text"] == order["payment"]["message"]
    assert confirm(Payment.objects.get().intent_id or "")
    assert shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})["status"] == "paid"
    assert len(_charges()) == 1


def _save_attached(shopper: Shopper, card: str) -> None:
    """Attach a card as an earlier payment did, without its bank's lasting permission."""
    shopper.call("POST", "/me/payment-methods/setup", {})
    sdk().v1.payment_methods.attach(card, {"customer": Payer.objects.get().customer_id or ""})
    assert len(_cards(shopper)) == 1


@pytest.mark.req("FAIL-01", "PAY-15")
def test_a_charge_whose_answer_got_lost_is_found_and_not_repeated(shopper: Shopper) -> None:
    _away_with_card(shopper, pickup={"mode": "now"})
    sandbox("/_sandbox/faults", method="DELETE")
    sandbox(
        "/_sandbox/faults",
        {"kind": "cut", "endpoints": ["POST /v1/payment_intents/*/confirm"], "remaining": 1},
    )
    assert ordering.take_waiting_payments() == 0
    assert Payment.objects.get().status == PaymentStatus.REQUIRES_METHOD
    ordering.take_waiting_payments()
    assert shopper.order()["status"] == "queued"
    assert len(_charges()) == 1


@pytest.mark.req("FAIL-01")
def test_who_cancels_meanwhile_is_not_charged(shopper: Shopper) -> None:
    _away_with_card(shopper)
    shopper.cancel()
    sandbox("/_sandbox/faults", method="DELETE")
    assert ordering.take_waiting_payments() == 0
    assert _charges() == []


@pytest.mark.req("FAIL-01", "PAY-09")
@pytest.mark.parametrize("intent_before", [False, True])
def test_an_order_whose_customer_is_gone_is_left_to_its_person(shopper: Shopper, intent_before: bool) -> None:
    _save(shopper)
    _cards(shopper)
    _placed(shopper)
    if intent_before:
        shopper.pay()
    sandbox("/_sandbox/faults", {"kind": "outage"})
    shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})
    shopper.pay()
    assert _agree(shopper)["payment_wait"]["charges_saved_card"] is True
    sandbox("/_sandbox/faults", method="DELETE")
    sdk().v1.customers.delete(Payer.objects.get().customer_id or "")
    assert ordering.take_waiting_payments() == 1
    order = shopper.order()
    assert (order["status"], order["payment_wait"]["state"], order["can_pay"]) == ("payment_pending", "ready", True)
    assert confirm(Payment.objects.get().intent_id or "")
    assert shopper.call("POST", f"/orders/{shopper.order_id}/payment/refresh", {})["status"] == "paid"


@pytest.mark.req("FAIL-01")
def test_without_a_saved_card_nobody_can_agree_to_be_charged(shopper: Shopper) -> None:
    _placed(shopper)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    shopper.pay()
    assert _agree(shopper)["error"]["code"] == "no_saved_card"
    assert shopper.order()["payment_wait"]["charges_saved_card"] is False

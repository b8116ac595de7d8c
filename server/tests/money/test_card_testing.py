"""Card testing: whoever tries card after card is stopped, everywhere at once; a good customer is not."""

from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address

import pytest
import stripe
from django.apps import apps
from django.db.models import Model
from django.test import Client

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff, make_user
from codepop.core.models import InboxMessage
from codepop.gateways.payments import Unavailable, Unknown
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.notifications.models import Message
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import MadeOrder, Shop, make_order, make_shop
from codepop.payments import services
from codepop.payments.models import GuardAlert, GuardKind, GuardMark, Payment
from codepop.payments.services import guard
from tests.stripe_side import DECLINED_CARD, confirm, events_of, post_event, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.20"


def _pay(made: MadeOrder, address: str = HERE, client: Client | None = None) -> tuple[int, dict[str, str]]:
    answer = (client or Client()).post(
        f"/api/v1/orders/{made.order.id}/payment",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7()), "X-Order-Token": made.token},
        REMOTE_ADDR=address,
    )
    return answer.status_code, {**answer.headers, "code": (answer.json().get("error") or {}).get("code", "")}


def _decline(made: MadeOrder, times: int) -> None:
    payment = Payment.objects.get(reference=made.order.id)
    for _ in range(times):
        confirm(payment.intent_id or "", DECLINED_CARD)
        services.refresh(payment_id=payment.id)


def _attack(shop: Shop, address: str, *, orders: int, cards: int) -> None:
    for _ in range(orders):
        made = make_order(shop=shop)
        if _pay(made, address)[0] == 200:
            _decline(made, cards)


@pytest.mark.req("PAY-27")
def test_a_good_customer_with_three_declines_pays_with_the_fourth_card() -> None:
    made = make_order()
    assert _pay(made)[0] == 200
    _decline(made, 3)
    assert _pay(made)[0] == 200
    payment = Payment.objects.get()
    confirm(payment.intent_id or "")
    services.refresh(payment_id=payment.id)
    assert Order.objects.get().status == Status.PAID
    assert not GuardAlert.objects.exists()


@pytest.mark.req("PAY-27")
def test_trying_card_after_card_stops_the_address_and_nobody_else() -> None:
    shop = make_shop()
    _attack(shop, HERE, orders=3, cards=9)
    alert = GuardAlert.objects.get()
    assert (alert.kind, alert.declines >= guard.LIMITS[GuardKind.ADDRESS]) == (GuardKind.ADDRESS, True)
    status, told = _pay(make_order(shop=shop))
    assert (status, told["code"]) == (429, "too_many_declines")
    assert 0 < int(told["Retry-After"]) <= guard.BLOCKED_FOR.total_seconds()
    assert _pay(make_order(shop=shop), ELSEWHERE)[0] == 200
    with frozen(now() + guard.BLOCKED_FOR + timedelta(seconds=1)):
        assert _pay(make_order(shop=shop))[0] == 200


@pytest.mark.req("PAY-27")
def test_a_person_is_stopped_from_wherever_they_come() -> None:
    shop, user = make_shop(), make_user()
    client = Client(enforce_csrf_checks=False)
    client.force_login(user, backend=BACKEND)
    for number in range(2):
        made = make_order(shop=shop, customer_id=user.id)
        assert _pay(made, f"203.0.113.{number}", client)[0] == 200
        _decline(made, 5)
    assert GuardAlert.objects.get().kind == GuardKind.PERSON
    assert _pay(make_order(shop=shop, customer_id=user.id), ELSEWHERE, client)[0] == 429


def _save_card(client: Client, address: str) -> tuple[int, str]:
    answer = client.post(
        "/api/v1/me/payment-methods/setup",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
        REMOTE_ADDR=address,
    )
    return answer.status_code, answer.headers.get("Retry-After", "")


@pytest.mark.req("PAY-27")
def test_who_is_stopped_tries_no_cards_by_saving_them_either() -> None:
    shop, user = make_shop(), make_user()
    person, neighbour = Client(), Client()
    person.force_login(user, backend=BACKEND)
    neighbour.force_login(make_user(), backend=BACKEND)
    assert _save_card(person, ELSEWHERE) == (200, "")
    for _ in range(2):
        made = make_order(shop=shop, customer_id=user.id)
        _pay(made, ELSEWHERE, person)
        _decline(made, 5)
    status, wait = _save_card(person, "192.0.2.4")
    assert (status, 0 < int(wait) <= guard.BLOCKED_FOR.total_seconds()) == (429, True)
    _attack(shop, HERE, orders=3, cards=9)
    assert _save_card(neighbour, HERE)[0] == 429
    assert _save_card(neighbour, ELSEWHERE)[0] == 200
    with frozen(now() + guard.BLOCKED_FOR + timedelta(seconds=1)):
        assert _save_card(person, "192.0.2.4")[0] == 200


def _tried_to_save(client: Client, address: str, *, cards: int) -> str:
    """Have cards declined while saving one, and the provider tell of it; returns the provider's id of the saving."""
    answer = client.post(
        "/api/v1/me/payment-methods/setup",
        {},
        content_type="application/json",
        headers={"Idempotency-Key": str(uuid7())},
        REMOTE_ADDR=address,
    )
    saving_id = str(answer.json()["client_secret"]).partition("_secret_")[0]
    _declined_there(saving_id, cards=cards)
    return saving_id


def _declined_there(saving_id: str, *, cards: int) -> None:
    for _ in range(cards):
        with pytest.raises(stripe.CardError):
            sdk().v1.setup_intents.confirm(
                saving_id, {"payment_method": DECLINED_CARD, "return_url": "https://shop.test/back"}
            )
    for event in events_of(saving_id):
        assert post_event(Client(), event) == 200
    run_jobs()


def _shopper() -> Client:
    client = Client()
    client.force_login(make_user(), backend=BACKEND)
    return client


@pytest.mark.req("PAY-27", "PAY-09")
def test_cards_declined_while_saving_them_stop_the_person_everywhere() -> None:
    person = _shopper()
    saving_id = _tried_to_save(person, HERE, cards=6)
    assert _save_card(person, ELSEWHERE)[0] == 200
    for event in events_of(saving_id):  # told again, under other ids: the same tries
        post_event(Client(), event | {"id": f"{event['id']}again"})
    run_jobs()
    assert not GuardAlert.objects.exists()
    _tried_to_save(person, ELSEWHERE, cards=4)
    alert = GuardAlert.objects.get()
    assert (alert.kind, alert.declines, alert.store_id) == (GuardKind.PERSON, 10, None)
    status, wait = _save_card(person, "192.0.2.4")
    assert (status, 0 < int(wait) <= guard.BLOCKED_FOR.total_seconds()) == (429, True)
    assert _save_card(_shopper(), HERE)[0] == 200
    with frozen(now() + guard.BLOCKED_FOR + timedelta(seconds=1)):
        assert _save_card(person, HERE)[0] == 200


@pytest.mark.req("PAY-27")
def test_declines_of_saving_and_of_paying_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guard.LIMITS, GuardKind.ADDRESS, 5)
    _tried_to_save(_shopper(), HERE, cards=3)
    made = make_order()
    assert _pay(made)[0] == 200
    _decline(made, 2)
    assert GuardAlert.objects.get().kind == GuardKind.ADDRESS
    assert _save_card(_shopper(), HERE)[0] == 429


@pytest.mark.req("PAY-27")
def test_an_alert_of_saving_is_seen_by_who_answers_for_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guard.LIMITS, GuardKind.PERSON, 1)
    shop, boss = make_shop(), make_staff(role=Role.SUPER_ADMIN, scope_kind=ScopeKind.CHAIN)
    chief, manager = Client(), Client()
    chief.force_login(boss, backend=BACKEND)
    manager.force_login(make_staff(role=Role.MANAGER, scope_id=shop.store.id), backend=BACKEND)
    _tried_to_save(_shopper(), HERE, cards=1)
    seen = f"/staff/attention/{GuardAlert.objects.get().id}/seen"
    words = "no store: while saving cards"
    pages = [who.get("/staff/attention").content.decode() for who in (chief, manager)]
    assert [words in page for page in pages] == [True, False]
    told = Message.objects.filter(kind="card_testing").values_list("user_id", "subject_id")
    assert set(told) == {(boss.id, "")}
    assert manager.post(seen).status_code == 404
    assert chief.post(seen).status_code == 302
    assert words not in chief.get("/staff/attention").content.decode()


def _opened(client: Client, address: str = HERE) -> str:
    return _tried_to_save(client, address, cards=0)


def _saving_status(saving_id: str) -> str:
    return sdk().v1.setup_intents.retrieve(saving_id).status


@pytest.mark.req("PAY-27", "PAY-09")
def test_a_form_to_save_a_card_takes_no_more_after_five_declines_and_another_may_be_opened() -> None:
    person = _shopper()
    saving_id = _tried_to_save(person, HERE, cards=guard.SAVING_LIMIT - 1)
    assert _saving_status(saving_id) == "requires_payment_method"
    _declined_there(saving_id, cards=1)
    assert _saving_status(saving_id) == "canceled"
    assert not GuardAlert.objects.exists()
    assert _saving_status(_opened(person)) == "requires_payment_method"


@pytest.mark.req("PAY-27")
def test_who_is_stopped_saves_no_card_by_a_form_opened_before() -> None:
    person, neighbour = _shopper(), _shopper()
    before, theirs = [_opened(person, ELSEWHERE) for _ in range(2)], _opened(neighbour)
    _tried_to_save(person, "192.0.2.3", cards=4)
    assert [_saving_status(one) for one in before] == ["requires_payment_method"] * 2
    _tried_to_save(person, "192.0.2.4", cards=4)
    _tried_to_save(person, "192.0.2.5", cards=2)
    assert GuardAlert.objects.get().kind == GuardKind.PERSON
    assert [_saving_status(one) for one in before] == ["canceled"] * 2
    assert _saving_status(theirs) == "requires_payment_method"


@pytest.mark.req("PAY-27")
def test_an_address_stopped_by_payments_saves_no_card_either() -> None:
    saving_id = _opened(_shopper())
    _attack(make_shop(), HERE, orders=3, cards=9)
    run_jobs()
    assert _saving_status(saving_id) == "canceled"


@pytest.mark.req("PAY-27")
def test_cards_tried_long_after_the_form_was_opened_count_from_when_they_are_tried() -> None:
    person = _shopper()
    savings = [_opened(person) for _ in range(2)]
    with frozen(now() + guard.WINDOW + timedelta(minutes=1)):
        for one in savings:
            _declined_there(one, cards=5)
        assert GuardAlert.objects.get().kind == GuardKind.PERSON
        assert _save_card(person, ELSEWHERE)[0] == 429


@pytest.mark.req("PAY-27")
def test_cards_that_pay_long_after_the_payment_was_opened_count_from_when_they_are_tried() -> None:
    shop = make_shop()
    made = [make_order(shop=shop) for _ in range(3)]
    assert [_pay(one)[0] for one in made] == [200, 200, 200]
    with frozen(now() + guard.WINDOW + timedelta(minutes=1)):
        for one in made:
            _decline(one, 9)
        assert GuardAlert.objects.get().kind == GuardKind.ADDRESS


@pytest.mark.req("PAY-27", "PAY-09")
def test_forms_left_open_take_no_card_after_an_hour() -> None:
    person = _shopper()
    left, done = _opened(person), _opened(person)
    sdk().v1.setup_intents.confirm(done, {"payment_method": "pm_card_visa", "return_url": "https://shop.test/back"})
    assert services.cancel_old_savings() == 0
    with frozen(now() + guard.SAVING_OPEN_FOR + timedelta(minutes=1)):
        fresh = _opened(person)
        assert services.cancel_old_savings() == 2
        run_jobs()
        assert services.cancel_old_savings() == 0
    assert [_saving_status(one) for one in (left, done, fresh)] == ["canceled", "succeeded", "requires_payment_method"]


@pytest.mark.req("PAY-27")
def test_a_form_is_ended_before_its_mark_is_forgotten() -> None:
    saving_id = _opened(_shopper())
    with frozen(now() + guard.MARKS_KEPT + timedelta(minutes=1)):
        assert services.forget_payers() == 2
    run_jobs()
    assert (_saving_status(saving_id), GuardMark.objects.count()) == ("canceled", 0)


@pytest.mark.req("PAY-27", "PAY-15")
@pytest.mark.parametrize("kind", ["outage", "cut", "stored_500"])
def test_ending_a_form_is_tried_again_until_the_provider_answers(kind: str) -> None:
    saving_id = _opened(_shopper())
    sandbox("/_sandbox/faults", {"kind": kind, "endpoints": ["POST /v1/setup_intents/*/cancel"], "remaining": 2})
    with pytest.raises((Unavailable, Unknown)):
        services.cancel_saving(saving_id=saving_id)
    assert not GuardMark.objects.exclude(ended_at=None).exists()
    sandbox("/_sandbox/faults", method="DELETE")
    services.cancel_saving(saving_id=saving_id)
    services.cancel_saving(saving_id=saving_id)
    assert _saving_status(saving_id) == "canceled"
    assert GuardMark.objects.exclude(ended_at=None).count() == 2


@pytest.mark.req("PAY-27", "PAY-14")
def test_a_saving_of_another_system_says_nothing_to_us() -> None:
    _declined_there(sdk().v1.setup_intents.create({}).id, cards=1)
    assert set(InboxMessage.objects.values_list("kind", "state")) == {("saving", "ignored")}


@pytest.mark.req("PAY-27")
def test_a_payment_that_saw_ten_cards_takes_no_more() -> None:
    made = make_order()
    _pay(made)
    _decline(made, 10)
    run_jobs()
    payment = Payment.objects.get()
    assert (payment.status, payment.failures) == ("cancelled", 10)
    assert GuardAlert.objects.get().kind == GuardKind.PAYMENT


def _declined_while_messages_wait(made: MadeOrder, times: int) -> Payment:
    """Have cards declined, and all that the provider tells of them taken in by one look."""
    intent_id = Payment.objects.get(reference=made.order.id).intent_id or ""
    for _ in range(times):
        confirm(intent_id, DECLINED_CARD)
    for event in events_of(intent_id):
        assert post_event(Client(), event) == 200
    run_jobs()
    return Payment.objects.get(reference=made.order.id)


@pytest.mark.req("PAY-27", "PAY-14")
def test_declines_whose_messages_come_together_all_count() -> None:
    shop = make_shop()
    made = [make_order(shop=shop) for _ in range(3)]
    assert [_pay(one)[0] for one in made] == [200, 200, 200]
    assert [_declined_while_messages_wait(one, 9).failures for one in made] == [9, 9, 9]
    assert [(alert.kind, alert.declines) for alert in GuardAlert.objects.all()] == [(GuardKind.ADDRESS, 27)]
    assert _declined_while_messages_wait(made[0], 0).failures == 9


@pytest.mark.req("PAY-27")
def test_a_payment_whose_limit_is_passed_between_two_looks_takes_no_more() -> None:
    made = make_order()
    _pay(made)
    assert _declined_while_messages_wait(made, 12).status == "cancelled"
    alert = GuardAlert.objects.get()
    assert (alert.kind, alert.declines) == (GuardKind.PAYMENT, 12)


@pytest.mark.req("PAY-27")
def test_declines_of_a_payment_that_is_given_up_before_anybody_looked_count() -> None:
    made = make_order()
    _pay(made)
    payment = Payment.objects.get()
    for _ in range(3):
        confirm(payment.intent_id or "", DECLINED_CARD)
    cancelled = services.cancel_intent(reference=payment.reference)
    assert (cancelled.status, cancelled.failures) == ("cancelled", 3)


@pytest.mark.req("PAY-27")
def test_an_attack_from_many_addresses_is_told_and_leaves_each_less_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(guard.LIMITS, GuardKind.STORE, 20)
    shop = make_shop()
    for number in range(3):
        _attack(shop, f"203.0.113.{number}", orders=1, cards=9)
    kinds = sorted(GuardAlert.objects.values_list("kind", flat=True))
    assert kinds == ["address", "store"]
    assert _pay(make_order(shop=shop), "203.0.113.2")[0] == 429
    assert _pay(make_order(shop=shop), ELSEWHERE)[0] == 200


def _everything_of(*models: type[Model]) -> bytes:
    """Return all values of all rows: texts as they are written, bytes as they are."""
    rows = (row for model in models for row in model._default_manager.values_list())
    values = (value for row in rows for value in row)
    return b"\0".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in values)


@pytest.mark.req("PAY-27")
def test_no_address_is_stored_and_hashes_are_forgotten_after_a_day() -> None:
    shop = make_shop()
    _attack(shop, HERE, orders=3, cards=9)
    assert guard.network_of("2001:db8:1:2:3:4:5:6") == guard.network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    before = bytes(GuardAlert.objects.get().key_hash)
    stored = _everything_of(*apps.get_app_config("payments").get_models())
    assert before in stored  # what is kept as bytes is searched too
    plain_hash = sha256(HERE.encode()).digest()
    for form in (HERE.encode(), HERE.encode().hex().encode(), ip_address(HERE).packed, plain_hash):
        assert form not in stored
    with frozen(now() + timedelta(hours=26)):
        assert services.forget_payers() == 3
    assert not GuardMark.objects.exists()
    assert bytes(GuardAlert.objects.get().key_hash) != before

"""A receipt for each paid order, once, with the order's own sums; and what goes wrong on its way."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.tests.factories import make_user
from codepop.core.alerts import open_alerts
from codepop.core.db import transaction
from codepop.kit.clock import frozen, now
from codepop.notifications import services
from codepop.notifications.kinds import Category, Channel, Kind
from codepop.notifications.models import FlawedAddress, Message, State
from codepop.notifications.services import Wish, delivery
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.services.making import mark_ready
from codepop.ordering.tests.factories import Shop, make_line, make_order, make_shop
from codepop.ordering.tests.http import Shopper
from codepop.ordering.texts import money_text
from tests.mail_side import attempts, fault, mailbox
from tests.stripe_side import GOOD_CARD, confirm, deliver, events_of, post_event, run_jobs, sandbox

GUEST = "guest@example.com"


def _pay(
    client: Client, *, shop: Shop | None = None, drinks: int = 2, times: int = 1, card: str = GOOD_CARD
) -> tuple[Shopper, str]:
    """Order and pay as a guest; each of Stripe's messages arrives `times` times."""
    shopper, shop = Shopper(client, email=GUEST), shop or make_shop()
    shopper.place(shopper.quote(shop, [make_line(shop.menu, quantity=drinks)])["id"])
    intent_id = str(shopper.pay()["client_secret"]).split("_secret_")[0]
    confirm(intent_id, card)
    for event in events_of(intent_id) * times:
        assert post_event(client, event) == 200
        run_jobs()
    return shopper, intent_id


@pytest.mark.req("PAY-06", "PAY-07")
def test_a_paid_order_has_one_receipt_and_one_notice_however_often_stripe_tells(client: Client) -> None:
    shopper, _ = _pay(client, times=3)
    for _ in range(3):
        services.deliver_due()
    [mail] = mailbox(GUEST)
    order = Order.objects.get()
    assert mail["subject"] == f"Your receipt for order {order.code}"
    [line] = order.lines.all()
    for part in (mail["text"], mail["html"]):
        assert line.name in part
        assert money_text(line.total_cents, "usd") in part
        assert money_text(order.subtotal_cents, "usd") in part
        assert money_text(order.tax_cents, "usd") in part
        assert money_text(order.total_cents, "usd") in part
        assert f"CODEPOP DRINKS* {order.code}"[:22] in part
        assert order.code in part
    assert order.subtotal_cents + order.tax_cents == order.total_cents
    assert sum(one.total_cents for one in order.lines.all()) == order.subtotal_cents
    [notice] = shopper.call("GET", f"/orders/{shopper.order_id}/notices")["notices"]
    assert (notice["kind"], notice["seen"]) == ("receipt", False)
    assert Message.objects.count() == 2


@pytest.mark.req("PAY-06")
def test_nothing_is_told_before_the_provider_says_paid(client: Client) -> None:
    shopper, shop = Shopper(client, email=GUEST), make_shop()
    shopper.place(shopper.quote(shop, [make_line(shop.menu)])["id"])
    shopper.pay()
    services.deliver_due()
    assert not Message.objects.exists()
    assert mailbox(GUEST) == []


@pytest.mark.req("PAY-07", "PAY-08")
def test_a_refund_is_told_with_its_amount_and_on_a_receipt_that_comes_later(client: Client) -> None:
    shopper, intent_id = _pay(client)
    shopper.cancel()
    run_jobs()
    for event in events_of(intent_id):
        post_event(client, event)
    run_jobs()
    services.deliver_due()
    amount = money_text(Order.objects.get().total_cents, "usd")
    subjects = {mail["subject"]: mail["text"] for mail in mailbox(GUEST)}
    code = Order.objects.get().code
    assert set(subjects) == {f"Your receipt for order {code}", f"Refund for order {code}"}
    assert f"{amount} of this was given back." in subjects[f"Your receipt for order {code}"]
    assert f"Given back: {amount}" in subjects[f"Refund for order {code}"]
    kinds = [one["kind"] for one in shopper.call("GET", f"/orders/{shopper.order_id}/notices")["notices"]]
    assert kinds == ["refunded", "receipt"]


@pytest.mark.req("PAY-08", "PAY-12")
def test_a_refund_that_came_back_is_told_anew_where_it_was_told_as_given(client: Client) -> None:
    shopper, intent_id = _pay(client, card="pm_card_refundFail")
    shopper.cancel()
    run_jobs()
    path = f"/orders/{shopper.order_id}/notices"
    told = shopper.call("GET", path)["notices"][0]
    assert "went back to your card" in told["text"]
    client.post(f"/api/v1{path}/{told['id']}/seen", headers={"X-Order-Token": shopper.token})
    sandbox("/_sandbox/clock", {"advance_seconds": 7 * 86400})
    deliver(client, intent_id)
    run_jobs()
    again = shopper.call("GET", path)["notices"][0]
    assert (again["id"], again["kind"], again["seen"]) == (told["id"], "refunded", False)
    assert "Your bank returned the refund of $" in again["text"]
    deliver(client, intent_id)
    run_jobs()
    for _ in range(2):
        services.deliver_due()
    code = Order.objects.get().code
    told_by_mail = [mail["subject"] for mail in mailbox(GUEST)]
    assert told_by_mail.count(f"Your bank returned the refund for order {code}") == 1


@pytest.mark.req("PAY-06", "SEC-11")
def test_notices_are_their_orders_own_and_seen_once(client: Client) -> None:
    shop = make_shop()
    shopper, _ = _pay(client, shop=shop)
    path = f"/orders/{shopper.order_id}/notices"
    [notice] = shopper.call("GET", path)["notices"]
    other = Shopper(client)
    other.order_id, other.token = shopper.order_id, "wrong"
    other.call("GET", path)
    assert other.last == 404
    address = f"/api/v1{path}/{notice['id']}/seen"
    assert client.post(address, headers={"X-Order-Token": "wrong"}).status_code == 404
    assert client.post(address, headers={"X-Order-Token": shopper.token}).status_code == 204
    assert client.post(address, headers={"X-Order-Token": shopper.token}).status_code == 204
    assert shopper.call("GET", path)["notices"][0]["seen"] is True
    elsewhere = make_order(status=Status.PAID, shop=shop)
    foreign = f"/api/v1/orders/{elsewhere.order.id}/notices/{notice['id']}/seen"
    assert client.post(foreign, headers={"X-Order-Token": elsewhere.token}).status_code == 404


# --- on the way -------------------------------------------------------------------------------------------------------


def _queue(*wishes: Wish) -> None:
    with transaction():
        services.queue(*wishes)


def _receipt(shop: Shop | None = None, **values: Any) -> Wish:
    order = make_order(status=Status.PAID, shop=shop).order
    facts: dict[str, Any] = {"key": f"paid:{order.id}", "kind": Kind.RECEIPT, "order_id": order.id}
    return Wish(**{**facts, **values})


@pytest.mark.req("MAIL-04")
@pytest.mark.parametrize("kind", ["smtp_greylist", "smtp_full"])
def test_a_passing_refusal_is_tried_again_later_and_arrives_once(kind: str) -> None:
    _queue(_receipt())
    fault(kind, remaining=2)
    with frozen(now()) as time:
        services.deliver_due()
        services.deliver_due()
        assert (mailbox(GUEST), attempts(GUEST)) == ([], 1)
        row = Message.objects.get()
        assert (row.state, row.attempts) == (State.QUEUED, 1)
        time.advance(seconds=13)
        services.deliver_due()
        time.advance(seconds=26)
        services.deliver_due()
        services.deliver_due()
    assert len(mailbox(GUEST)) == 1
    assert Message.objects.get().state == State.SENT


@pytest.mark.req("MAIL-04")
def test_a_worker_that_dies_after_the_servers_yes_sends_again_under_the_same_message_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _queue(_receipt())

    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with frozen(now()) as time:
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "_close", die)
            with pytest.raises(Killed):
                services.deliver_due()
        services.deliver_due()
        assert len(mailbox(GUEST)) == 1
        time.advance(seconds=91)
        services.deliver_due()
        services.deliver_due()
    assert [mail["message_id"] for mail in mailbox(GUEST)] == [f"<{Message.objects.get().id}@codepop.example>"] * 2


@pytest.mark.req("MAIL-04", "MAIL-06")
def test_an_address_that_does_not_exist_is_given_up_flagged_and_not_written_to_again() -> None:
    shop = make_shop()
    _queue(_receipt(shop))
    fault("smtp_refuse", remaining=1)
    services.deliver_due()
    row = Message.objects.get()
    assert (row.state, row.failure, row.next_try_at) == (State.DEAD, "recipient", None)
    assert FlawedAddress.objects.get().email == GUEST
    assert open_alerts().filter(kind="mail.dead", subject="recipient").exists()
    _queue(_receipt(shop))
    services.deliver_due()
    assert Message.objects.get(state=State.SKIPPED).failure == "flawed_address"
    assert (mailbox(GUEST), attempts(GUEST)) == ([], 1)


@pytest.mark.req("MAIL-04")
def test_what_was_given_up_can_be_queued_again_by_an_operator() -> None:
    _queue(_receipt())
    fault("smtp_spam", remaining=1)
    services.deliver_due()
    assert Message.objects.get().state == State.DEAD
    assert services.retry_dead(failure="recipient") == 0
    assert services.retry_dead() == 1
    services.deliver_due()
    assert len(mailbox(GUEST)) == 1


@pytest.mark.req("MAIL-12")
def test_the_providers_rate_holds_and_the_urgent_goes_first(settings: Any) -> None:
    from dataclasses import replace

    mail = replace(settings.CODEPOP.mail, per_minute=4)
    settings.CODEPOP = replace(settings.CODEPOP, mail=mail)
    user = make_user(email="ada@example.org")
    services.choose(user_id=user.id, choices={(Category.NEWS, Channel.MAIL): True}, source="api")
    with frozen(now()) as time:
        for number in range(6):
            campaign = services.make_campaign(subject=f"News {number}", paragraphs=["Peach is back."])
            services.queue_campaign(campaign_id=campaign)
        shop = make_shop()
        _queue(_receipt(shop), _receipt(shop))
        _queue(Wish(key="a", kind=Kind.PASSWORD_CHANGED, user_id=user.id))
        services.deliver_due()
        subjects = [mail["subject"] for mail in mailbox()][::-1]
        assert subjects[0] == "Your password was changed"
        assert [subject.split(" for")[0] for subject in subjects[1:3]] == ["Your receipt"] * 2
        assert len(subjects) <= 4
        services.deliver_due()
        assert len(mailbox()) <= 4
        for _ in range(8):
            time.advance(seconds=61)
            before = len(mailbox())
            services.deliver_due()
            assert len(mailbox()) - before <= 4
    assert len(mailbox()) == 9


@pytest.mark.req("MAIL-04", "PAY-07")
def test_two_workers_at_once_send_each_message_once() -> None:
    shop = make_shop()
    _queue(*(_receipt(shop) for _ in range(12)))
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        services.deliver_due()
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    ids = [mail["message_id"] for mail in mailbox(GUEST)]
    assert (len(ids), len(set(ids))) == (12, 12)


@pytest.mark.req("MAIL-16")
@pytest.mark.parametrize("guest", [True, False])
@pytest.mark.parametrize("wanted", [True, False, None])
def test_mail_about_order_events_comes_only_to_who_chose_it(guest: bool, wanted: bool | None) -> None:
    user = make_user(email="ada@example.org")
    if wanted is not None:
        services.choose(user_id=user.id, choices={(Category.ORDER_EVENTS, Channel.MAIL): wanted}, source="api")
    order = make_order(status=Status.PREPARING, customer_id=None if guest else user.id).order
    with transaction():
        mark_ready(order_id=order.id, expires_at=now() + timedelta(minutes=20))
    services.deliver_due()
    expected = [f"Order {order.code} is ready"] if wanted and not guest else []
    assert [mail["subject"] for mail in mailbox()] == expected
    if expected:
        headers = dict(mailbox()[0]["headers"])
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.req("MAIL-16")
@pytest.mark.parametrize("wanted", [True, False])
def test_a_notice_about_an_order_event_shows_unless_declined(client: Client, wanted: bool) -> None:
    user = make_user(email="ada@example.org")
    services.choose(user_id=user.id, choices={(Category.ORDER_EVENTS, Channel.IN_APP): wanted}, source="api")
    made = make_order(status=Status.PREPARING, customer_id=user.id)
    _queue(_receipt_notice(made.order.id))
    with transaction():
        mark_ready(order_id=made.order.id, expires_at=now() + timedelta(minutes=20))
    path = f"/api/v1/orders/{made.order.id}/notices"
    notices = client.get(path, headers={"X-Order-Token": made.token}).json()["notices"]
    assert [notice["kind"] for notice in notices] == (["ready"] if wanted else []) + ["receipt"]


def _receipt_notice(order_id: UUID) -> Wish:
    return Wish(key=f"paid:{order_id}", kind=Kind.RECEIPT, order_id=order_id, channel=Channel.IN_APP)


@pytest.mark.req("MAIL-14", "DB-08")
def test_the_log_of_sending_and_the_jobs_hold_neither_address_nor_content(client: Client, capsys: Any) -> None:
    _pay(client)
    _queue(Wish(key="x", kind=Kind.NO_ACCOUNT, address="nobody.canary@example.org"))
    run_jobs()
    services.deliver_due()
    assert len(mailbox("nobody.canary@example.org")) == 1
    with connection.cursor() as cursor:
        for table in ("notifications_message", "procrastinate_jobs"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            text = cursor.fetchone()[0].lower()
            assert "canary" not in text
            assert GUEST not in text
            assert "sunset" not in text
    assert Message.objects.get(key="x").address == ""
    said = capsys.readouterr()
    assert "canary" not in (said.out + said.err)
    assert Message.objects.filter(state=State.SENT, channel="mail").count() == 2


@pytest.mark.req("MAIL-05")
def test_failing_mail_raises_an_alert_and_recovery_closes_it() -> None:
    with frozen(now()) as time:
        shop = make_shop()
        _queue(*(_receipt(shop) for _ in range(21)))
        fault("smtp_full")
        for _ in range(2):
            services.deliver_due()
            time.advance(seconds=30)
        services.watch()
        assert open_alerts().filter(kind="mail.failing").exists()
        from tests.mail_side import call

        call("/faults", method="DELETE")
        time.advance(hours=1, seconds=5)
        services.deliver_due()
        services.watch()
        assert not open_alerts().filter(kind="mail.failing").exists()
    assert len(mailbox(GUEST)) == 21

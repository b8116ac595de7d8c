"""Each class of data is gone on time, and not before: one row just past its time, one just before it, for each rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection

from codepop.accounts.models import AddressWish, User
from codepop.accounts.tests.factories import make_user
from codepop.core.models import IdempotencyKey, InboxMessage, InboxState
from codepop.fulfilment.models import DeviceEvent, DoorAttempt
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.notifications.kinds import Flaw
from codepop.notifications.models import FlawedAddress, Message, State
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import make_order
from codepop.payments.models import GuardAlert, GuardMark, LedgerTransaction, Payment
from codepop.privacy import services
from codepop.privacy.models import Erasure, Export
from codepop.stores.models import Device
from codepop.stores.tests.factories import make_door_controller

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[[datetime], Any]


@dataclass(frozen=True)
class Case:
    """`make` writes a row whose time began at the moment given; `there` says whether it is still there."""

    make: Make
    there: Callable[[Any], bool]


def _stays(model: Any) -> Callable[[Any], bool]:
    return lambda pk: model._default_manager.filter(pk=pk).exists()


def _pk(row: Any) -> Any:
    return row.pk


def _age(model: Any, pk: Any, **times: datetime) -> Any:
    model._default_manager.filter(pk=pk).update(**times)
    return pk


def _session(at: datetime) -> str:
    return _pk(Session.objects.create(session_key=uuid7().hex, session_data="x", expire_date=at))


def _key(at: datetime) -> int:
    row = IdempotencyKey.objects.create(caller="guest", key=uuid7().hex, fingerprint=b"x")
    return _age(IdempotencyKey, row.pk, created_at=at)


def _inbox(at: datetime) -> int:
    row = InboxMessage.objects.create(provider="stripe", external_id=uuid7().hex, kind="x", state=InboxState.DONE)
    return _age(InboxMessage, row.pk, received_at=at)


def _unconfirmed(at: datetime) -> UUID:
    user = User.objects.create_user(f"{uuid7().hex}@example.org", None)
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
    return _age(User, user.pk, created_at=at)


def _counter(at: datetime) -> str:
    key = uuid7().hex
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_cache (cache_key, value, expires) VALUES (%s, 'x', %s)", [key, at])
    return key


def _counted(key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM core_cache WHERE cache_key = %s", [key])
        return cursor.fetchone() is not None


def _mark(at: datetime) -> int:
    payment = Payment.objects.get(reference=make_order_once().id)
    return _pk(GuardMark.objects.create(payment=payment, kind="person", key_hash=uuid7().bytes, at=at))


def _alert(at: datetime) -> UUID:
    times = {"first_at": at, "last_at": at, "until": at}
    store_id = make_order_once().store_id
    return _pk(GuardAlert.objects.create(kind="person", key_hash=uuid7().bytes, store_id=store_id, declines=9, **times))


def make_order_once() -> Order:
    return Order.objects.first() or make_order(status=Status.PICKED_UP).order


def _guest(at: datetime) -> UUID:
    order = make_order_once()
    if order.contact_email:
        order = _twin(order)
    Order.objects.filter(id=order.id).update(contact_email="guest@example.org", status_at=at)
    return order.id


def _twin(order: Order) -> Order:
    """A second order without a second menu."""
    order.pk, order.quote_id, order.token_hash, order._state.adding = uuid7(), uuid7(), uuid7().bytes, True
    order.number = Order.objects.order_by("-number").values_list("number", flat=True)[0] + 1
    order.save(force_insert=True)
    return order


def _has_address(pk: UUID) -> bool:
    return Order.objects.get(pk=pk).contact_email != ""


def _message(at: datetime, state: State = State.SENT, **more: Any) -> UUID:
    row = Message.objects.create(
        key=uuid7().hex, channel="mail", kind="receipt", urgency=1, state=state, done_at=at, **more
    )
    return _age(Message, row.pk, created_at=at)


def _dead(at: datetime) -> UUID:
    return _message(at, State.DEAD, address="ada@example.org")


def _flawed(at: datetime) -> UUID:
    return _pk(FlawedAddress.objects.create(email=f"{uuid7().hex}@example.org", flaw=Flaw.BOUNCED, at=at))


def _report(at: datetime) -> UUID:
    device = Device.objects.first() or make_door_controller()[0]
    seq = DeviceEvent.objects.count() + 1
    return _pk(DeviceEvent.objects.create(device=device, seq=seq, type="started", at=at))


def _attempt(at: datetime) -> int:
    store_id = make_order_once().store_id
    return _pk(DoorAttempt.objects.create(store_id=store_id, caller=uuid7().hex, last_failed_at=at))


def _export(at: datetime) -> UUID:
    return _pk(Export.objects.create(user=make_user(), state="ready", asked_at=at, expires_at=at, content="x"))


def _wish(at: datetime) -> UUID:
    row = EmailAddress.objects.create(user=make_user(email=f"{uuid7().hex}@example.org"), email="new@example.org")
    AddressWish.objects.create(address=row, asked_at=at)
    return _pk(row)


def _tombstone(at: datetime) -> UUID:
    row = Erasure.objects.create(person_id=uuid7(), by="person", state="done", asked_at=at, due_at=at, done_at=at)
    return _pk(row)


def _old_order(at: datetime) -> UUID:
    order = make_order_once()
    if order.created_at < now() - timedelta(days=365):
        order = _twin(order)
    return _age(Order, order.pk, created_at=at)


def _old_payment(at: datetime) -> UUID:
    """A payment with its booking; the owner writes the past, since nobody else may."""
    order = Order.objects.first()
    order = _twin(order) if order else make_order_once()
    payment = Payment.objects.filter(reference=order.id).first()
    if payment is None:
        payment = Payment.objects.all()[0]
        payment.pk, payment.reference, payment._state.adding = uuid7(), order.id, True
        payment.intent_id = uuid7().hex
        payment.save(force_insert=True)
    Payment.objects.filter(pk=payment.pk).update(created_at=at)
    booked = LedgerTransaction(
        key=uuid7().hex, kind="charge", payment=payment, store_id=payment.store_id, happened_at=at
    )
    booked.save(force_insert=True)
    return payment.pk


def _dead_has_address(pk: UUID) -> bool:
    return Message.objects.get(pk=pk).address != ""


CASES: dict[str, Case] = {
    "sessions": Case(_session, _stays(Session)),
    "answers to repeated requests": Case(_key, _stays(IdempotencyKey)),
    "providers' messages": Case(_inbox, _stays(InboxMessage)),
    "accounts never confirmed": Case(_unconfirmed, _stays(User)),
    "addresses asked for and not confirmed": Case(_wish, _stays(EmailAddress)),
    "counted tries": Case(_counter, _counted),
    "marks of the guard against card testing": Case(_mark, _stays(GuardMark)),
    "alerts of the guard against card testing": Case(_alert, _stays(GuardAlert)),
    "addresses of guests": Case(_guest, _has_address),
    "log of messages": Case(_message, _stays(Message)),
    "addresses that mail does not reach": Case(_flawed, _stays(FlawedAddress)),
    "addresses of mail that was given up": Case(_dead, _dead_has_address),
    "reports of machines": Case(_report, _stays(DeviceEvent)),
    "wrong door codes": Case(_attempt, _stays(DoorAttempt)),
    "files of people's data": Case(_export, _stays(Export)),
    "tombstones of the erased": Case(_tombstone, _stays(Erasure)),
    "orders": Case(_old_order, _stays(Order)),
    "revenue": Case(_old_payment, _stays(Payment)),
}
RULES = {rule.name: rule for rule in services.rules()}


@pytest.mark.req("SEC-01", "DB-17", "D16", "C39")
@pytest.mark.parametrize("name", sorted(RULES))
def test_it_is_gone_on_time_and_not_before(name: str) -> None:
    case, kept = CASES[name], RULES[name].kept
    with frozen(now()) as time:
        older = case.make(time.at - kept - timedelta(minutes=1))
        younger = case.make(time.at - kept + timedelta(minutes=1))
        services.cut_all()
        assert (case.there(older), case.there(younger)) == (False, True)
        if name not in ("orders", "revenue"):
            # The database's own clock judges these two: it can't be moved.
            time.advance(minutes=2)
            services.cut_all()
            assert not case.there(younger)


@pytest.mark.req("SEC-01", "PAY-10")
@pytest.mark.parametrize("name", ["privacy_cut_orders", "privacy_cut_ledger"])
def test_the_database_cuts_no_younger_books_whoever_asks(name: str) -> None:
    make_order_once()
    before = Order.objects.count(), Payment.objects.count()
    with pytest.raises(DatabaseError, match="kept for seven years"):
        _call(name)
    assert (Order.objects.count(), Payment.objects.count()) == before


def _call(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(now() - interval '6 years 364 days', 10)")


@pytest.mark.req("SEC-01")
def test_what_is_not_over_stays_however_old() -> None:
    order = make_order(status=Status.READY).order
    Order.objects.update(created_at=now() - timedelta(days=4000), contact_email="guest@example.org")
    waiting = _message(now() - timedelta(days=4000), State.QUEUED, next_try_at=now())
    services.cut_all()
    assert Order.objects.get().id == order.id
    assert Order.objects.get().contact_email == "guest@example.org"
    assert Message.objects.get().id == waiting

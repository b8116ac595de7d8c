"""Somebody is erased in the middle of things: what is under way ends first, the books stay, nothing leads to them."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import make_staff, make_user
from codepop.core.models import AuditEntry
from codepop.core.personal import Person
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.notifications import services as notifications
from codepop.ordering.machine import Status
from codepop.ordering.models import Order, OrderLine, OrderTransition
from codepop.ordering.tests.http import Shopper
from codepop.payments.models import LedgerEntry, Refund, RefundStatus
from codepop.privacy import services
from codepop.privacy.models import Erasure, ErasureState
from tests.mail_side import fault, mailbox
from tests.privacy.people import ADA, DRINK, end_order, order_and_pay, save_card, signed_in
from tests.stripe_side import run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


@pytest.fixture(autouse=True)
def _fresh_tombstones() -> Iterator[None]:
    settings.CODEPOP.tombstone_file.unlink(missing_ok=True)
    yield
    settings.CODEPOP.tombstone_file.unlink(missing_ok=True)


def _ask(shopper: Shopper) -> Any:
    answer = shopper.call("POST", "/me/privacy/erasure", {"confirm": "erase"})
    assert shopper.last == 202
    return answer["erasure"]


def _work() -> None:
    """The worker's jobs and sweeps, once."""
    services.advance_due()
    run_jobs()
    notifications.deliver_due()


def _dump() -> str:
    """Everything in the database that a person's words could stand in as they are, and the ciphertexts opened."""
    words = [str(list(Order.objects.values_list("contact_email", "status_reason", "customer_id", "status_actor")))]
    words += [str(list(OrderLine.objects.values_list("name"))), str(list(User.objects.values_list("email", "name")))]
    words += [str(list(OrderTransition.objects.values_list("actor", "reason")))]
    words += [str(list(Erasure.objects.values_list("email"))), str(list(EmailAddress.objects.values_list("email")))]
    with connection.cursor() as cursor:
        cursor.execute("SELECT args::text FROM procrastinate_jobs")
        words += [str(cursor.fetchall())]
    return "\n".join(words)


def _books() -> list[tuple[Any, ...]]:
    totals = Order.objects.order_by("id").values_list("id", "number", "total_cents", "tax_cents", "status")
    entries = LedgerEntry.objects.values("account").annotate(sum=Sum("amount_cents")).order_by("account")
    return [*totals, *[(one["account"], one["sum"]) for one in entries]]


@pytest.mark.req("DB-15", "SEC-02", "D16", "PAY-09", "C19")
def test_in_the_middle_of_things_all_ends_first_and_then_nothing_leads_to_them(time: FrozenTime) -> None:
    user, shopper = signed_in()
    customer_id = save_card(shopper)
    shop = order_and_pay(shopper)
    first = shopper.order_id
    second = Shopper(shopper.client, email=None)
    order_and_pay(second, shop)
    second.cancel(reason=f"{DRINK} was called off")
    fault("smtp_refuse", remaining=1000)
    assert _ask(shopper)["state"] == "asked"
    time.advance(days=7, seconds=1)
    sandbox("/_sandbox/faults", {"kind": "outage"})
    services.advance_due()
    [row] = Erasure.objects.all()
    assert row.state == ErasureState.ASKED
    assert "order" in row.waits_for
    assert "refund" in row.waits_for
    assert "mail" in row.waits_for
    sandbox("/_sandbox/faults", method="DELETE")
    for refund in Refund.objects.all():
        assert refund.status in (RefundStatus.REQUESTED, RefundStatus.PENDING)
    run_jobs(also_later=True)
    end_order(first, Status.PICKED_UP)
    for _ in range(6):
        time.advance(hours=1)
        _work()
    row.refresh_from_db()
    assert (row.state, row.waits_for) == (ErasureState.DONE, "")
    assert [refund.status for refund in Refund.objects.all()] == [RefundStatus.SUCCEEDED]
    assert getattr(sdk().v1.customers.retrieve(customer_id), "deleted", False) is True
    assert services.find(Person(frozenset({ADA}), user.id)) == []
    for secret in (ADA, "Ada", DRINK, str(user.id)):
        assert secret not in _dump()
    assert "We are erasing your data" in [mail["subject"] for mail in mailbox(ADA)]
    assert Order.objects.count() == 2
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"privacy.erased"}
    assert str(row.id) in settings.CODEPOP.tombstone_file.read_text()


@pytest.mark.req("SEC-02", "DB-15", "C18", "C19")
def test_the_books_are_the_same_to_the_cent() -> None:
    _, shopper = signed_in()
    order_and_pay(shopper)
    end_order(shopper.order_id, Status.PICKED_UP)
    notifications.deliver_due()
    before = _books()
    erasure = services.order_erasure(email=ADA)
    services.advance(erasure_id=erasure)
    run_jobs()
    assert services.advance(erasure_id=erasure).state == ErasureState.DONE
    assert _books() == before
    assert {name for (name,) in OrderLine.objects.values_list("name")} == {"Canyon Sunset"}


@pytest.mark.req("DB-15")
def test_within_the_week_a_person_may_think_again(time: FrozenTime) -> None:
    _, shopper = signed_in()
    asked = _ask(shopper)
    assert asked == _ask(shopper)
    _work()
    assert [mail["subject"] for mail in mailbox(ADA)] == ["Your account will be erased in a week"]
    time.advance(days=6, hours=23)
    services.advance_due()
    assert shopper.call("DELETE", "/me/privacy/erasure")["erasure"] is None
    time.advance(days=2)
    services.advance_due()
    assert User.objects.filter(email=ADA, is_active=True).exists()
    shopper.call("DELETE", "/me/privacy/erasure")
    assert shopper.last == 409


@pytest.mark.req("DB-15", "C22")
def test_from_the_beginning_on_nobody_signs_in_and_once_gone_the_address_is_free(time: FrozenTime) -> None:
    _, shopper = signed_in()
    _ask(shopper)
    _work()
    time.advance(days=7, seconds=1)
    services.advance_due()
    assert Erasure.objects.get().state == ErasureState.UNDER_WAY
    shopper.call("GET", "/me/privacy")
    assert shopper.last == 401
    _work()
    _work()
    assert Erasure.objects.get().state == ErasureState.DONE
    assert make_user(email=ADA).email == ADA


@pytest.mark.req("DB-15")
def test_while_the_provider_is_away_nothing_is_half_erased(time: FrozenTime) -> None:
    _, shopper = signed_in()
    save_card(shopper)
    erasure = services.order_erasure(email=ADA)
    services.advance(erasure_id=erasure)
    notifications.deliver_due()
    sandbox("/_sandbox/faults", {"kind": "outage"})
    assert services.advance_due() == 0
    assert Erasure.objects.get().state == ErasureState.UNDER_WAY
    assert User.objects.filter(email=ADA).exists()
    assert not settings.CODEPOP.tombstone_file.exists()
    time.advance(days=22)
    services.advance_due()
    sandbox("/_sandbox/faults", method="DELETE")


@pytest.mark.req("DB-15", "SEC-02")
def test_a_guest_is_found_and_erased_by_address_alone() -> None:
    shopper = Shopper(Client(), email=ADA)
    order_and_pay(shopper)
    end_order(shopper.order_id, Status.DISCARDED)
    notifications.deliver_due()
    assert {one.table for one in services.find(services.known(email=ADA))} >= {"ordering.Order", "payments.Payment"}
    erasure = services.order_erasure(email=ADA)
    services.advance(erasure_id=erasure)
    run_jobs()
    assert services.advance(erasure_id=erasure).state == ErasureState.DONE
    assert services.find(services.known(email=ADA)) == []
    assert shopper.order()["error"]["code"] in ("not_found", "not_signed_in")


@pytest.mark.req("SEC-11")
def test_the_last_super_admin_can_not_leave() -> None:
    boss = make_staff(role=Role.SUPER_ADMIN)
    erasure = services.order_erasure(email=boss.email)
    assert "super admin" in services.advance(erasure_id=erasure).waits_for
    make_staff(role=Role.SUPER_ADMIN)
    services.advance(erasure_id=erasure)
    assert Erasure.objects.get().state == ErasureState.UNDER_WAY


def _command(*words: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("privacy", *words, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


@pytest.mark.req("D16", "DB-15")
def test_the_command_finds_erases_and_proves_it() -> None:
    _, shopper = signed_in()
    save_card(shopper)
    order_and_pay(shopper)
    notifications.deliver_due()
    code, said = _command("find", ADA)
    assert code == 1
    for place in ("accounts.User", "account.EmailAddress", "ordering.Order", "payments.Payer", "sessions.Session"):
        assert place in said
    assert "sandbox mailbox" in said
    assert ADA not in said
    code, said = _command("erase", ADA)
    assert (code, "--yes" in said) == (2, True)
    assert not Erasure.objects.exists()
    code, said = _command("erase", ADA, "--yes", "--wait", "0")
    assert (code, "it waits: order" in said) == (3, True)
    end_order(shopper.order_id, Status.PICKED_UP)
    _work()
    code, said = _command("erase", ADA, "--yes", "--wait", "0")
    assert (code, said.strip()) == (0, "nothing")
    assert _command("find", ADA) == (0, "nothing\n")
    assert mailbox(ADA) == []

"""The staff's payment pages: found by code and id, nothing of other stores, Stripe asked live, forms that work once."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff
from codepop.aftersales.models import Amends, State
from codepop.ordering.machine import Status
from codepop.ordering.models import Order
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.models import Payment, Refund
from codepop.stores.tests.factories import make_store
from tests.stripe_side import confirm, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SEARCH_QUERIES = 12


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


def _client(role: Role = Role.MANAGER, scope_id: UUID | None = None, kind: ScopeKind = ScopeKind.STORE) -> Client:
    client = Client()
    client.force_login(make_staff(role=role, scope_kind=kind, scope_id=scope_id), backend=BACKEND)
    return client


def _charged(shop: Shop, *, quantity: int = 2) -> tuple[Order, Payment]:
    order = make_order(shop=shop, quantity=quantity).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "")
    payment = payments.refresh(payment_id=payment.id)
    for status in (Status.QUEUED, Status.PREPARING, Status.READY):
        fields: dict[str, Any] = {"door_number": 1, "code_nonce": 1} if status == Status.PREPARING else {}
        Order.objects.filter(id=order.id).update(status=status.value, **fields)
    order.refresh_from_db()
    return order, payment


def _two_shops() -> tuple[Shop, Shop]:
    first = make_shop()
    return first, make_shop(store=make_store(robots=1, doors=4), menu=first.menu)


@pytest.mark.req("PAY-10")
def test_a_payment_is_found_by_code_by_every_id_and_by_amount_day_and_state() -> None:
    shop = make_shop()
    order, payment = _charged(shop)
    other, _ = _charged(shop, quantity=1)
    client = _client(scope_id=shop.store.id)
    client.post(
        f"/staff/payments/{payment.id}/refund",
        {"form_key": str(uuid4()), "what": "amount", "amount": "1", "cause": "goodwill"},
    )
    run_jobs()
    refund = Refund.objects.get()
    day = f"{order.created_at:%Y-%m-%d}"
    finds = [
        f"text={order.code}",
        f"text={order.code.lower().replace('-', '')}",
        f"text={payment.intent_id}",
        f"text={payment.last_charge_id}",
        f"text={refund.provider_refund_id}",
        f"text={payment.id}",
        f"text={order.id}",
        f"amount={order.total_cents / 100:.2f}&from=2020-01-01&to=2099-01-01",
        "state=refunded",
    ]
    for query in finds:
        text = client.get(f"/staff/payments?{query}").content.decode()
        assert (order.code in text.partition("<tbody>")[2], other.code in text) == (True, False), query
    for query in ("amount=0.01", "state=disputed", f"to=2020-01-01&text={order.code}", "text=pi_unknown"):
        assert "No payment fits" in client.get(f"/staff/payments?{query}").content.decode(), query
    refused = client.get("/staff/payments?text=somebody@example.org")
    assert (refused.status_code, b"A-1042" in refused.content) == (422, True)
    assert day
    assert client.get("/staff/payments?amount=lots").status_code == 422


@pytest.mark.req("PAY-10", "PAY-28")
def test_nothing_of_another_store_is_found_counted_or_opened() -> None:
    mine, foreign = _two_shops()
    order, payment = _charged(foreign)
    client = _client(scope_id=mine.store.id)
    for query in ("", f"?text={order.code}", f"?text={payment.intent_id}", f"?text={order.id}"):
        assert "No payment fits" in client.get(f"/staff/payments{query}").content.decode()
    assert client.get(f"/staff/payments?store={foreign.store.slug}").status_code == 404
    assert client.get("/staff/payments?store=no-such-store").status_code == 404
    for page in ("", "/state", "/charge"):
        answers = [client.get(f"/staff/payments/{one}{page}") for one in (payment.id, uuid4())]
        assert [one.status_code for one in answers] == [404, 404]
    form = {"form_key": str(uuid4()), "what": "whole", "cause": "goodwill"}
    for page in ("/refund", "/remake"):
        assert client.post(f"/staff/payments/{payment.id}{page}", form).status_code == 404
    assert not Amends.objects.exists()
    region = _client(scope_id=foreign.store.region_id, kind=ScopeKind.REGION)
    assert region.get(f"/staff/payments/{payment.id}").status_code == 200


@pytest.mark.req("PAY-28")
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MANAGER, 200),
        (Role.ADMIN, 200),
        (Role.SUPER_ADMIN, 200),
        (Role.LOGISTICS, 403),
        (Role.REPAIR, 403),
    ],
)
def test_only_roles_of_the_policy_see_payments(role: Role, status: int) -> None:
    shop = make_shop()
    _, payment = _charged(shop)
    client = _client(role, scope_id=None if role == Role.SUPER_ADMIN else shop.store.id)
    pages = ("/staff/payments", f"/staff/payments/{payment.id}", f"/staff/payments/{payment.id}/charge")
    assert [client.get(page).status_code for page in pages] == [status] * 3
    assert Client().get(pages[0]).status_code == 302


@pytest.mark.req("PAY-11")
def test_the_charge_is_asked_live_and_an_outage_is_told() -> None:
    shop = make_shop()
    _, payment = _charged(shop)
    client = _client(scope_id=shop.store.id)
    page = client.get(f"/staff/payments/{payment.id}").content.decode()
    for words in (payment.intent_id or "", payment.last_charge_id, "Asked Stripe for the charge", "stripe receivable"):
        assert words in page
    assert "guest@example.com" not in page
    shown = client.get(f"/staff/payments/{payment.id}/charge").content.decode()
    for words in ("succeeded", "visa ending in 4242", "Stripe&#x27;s fee"):
        assert words in shown
    sandbox("/_sandbox/faults", {"kind": "outage"})
    away = client.get(f"/staff/payments/{payment.id}/charge")
    assert (away.status_code, b"Stripe does not answer right now" in away.content) == (200, True)
    assert client.get(f"/staff/payments/{payment.id}").status_code == 200


def _form(client: Client, payment: Payment) -> dict[str, str]:
    page = client.get(f"/staff/payments/{payment.id}").content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    drink = re.search(r'name="(drink-[^"]+)"', page)
    assert key
    assert drink
    return {"form_key": key[1], drink[1]: "1", "what": "drinks", "cause": "faulty_drink"}


@pytest.mark.req("PAY-31")
def test_the_form_gives_one_drink_back_however_often_it_is_sent() -> None:
    shop = make_shop()
    order, payment = _charged(shop)
    client = _client(scope_id=shop.store.id)
    form = _form(client, payment)
    for _ in range(2):
        assert client.post(f"/staff/payments/{payment.id}/refund", form).status_code == 302
    assert "asked for" in client.get(f"/staff/payments/{payment.id}/state").content.decode()
    run_jobs()
    state = client.get(f"/staff/payments/{payment.id}/state").content.decode()
    assert ("paid back" in state, "hx-trigger" in state) == (True, False)
    assert Refund.objects.get().amount_cents in (order.total_cents // 2, order.total_cents // 2 + 1)
    wrong = client.post(f"/staff/payments/{payment.id}/refund", form | {"form_key": str(uuid4()), "cause": ""})
    assert (wrong.status_code, b"Choose a reason" in wrong.content) == (422, True)


@pytest.mark.req("PAY-31")
def test_a_drink_given_back_and_one_made_again_from_one_page_are_two() -> None:
    shop = make_shop()
    order, payment = _charged(shop)
    client = _client(scope_id=shop.store.id)
    page = client.get(f"/staff/payments/{payment.id}").content.decode()
    refund_key, remake_key = re.findall(r'name="form_key" value="([^"]+)"', page)
    form = _form(client, payment)
    sent = client.post(f"/staff/payments/{payment.id}/refund", form | {"form_key": refund_key})
    assert sent.status_code == 302
    reused = client.post(f"/staff/payments/{payment.id}/remake", form | {"form_key": refund_key})
    assert (reused.status_code, b"This form was sent before" in reused.content) == (409, True)
    again = client.post(f"/staff/payments/{payment.id}/remake", form | {"form_key": remake_key})
    assert again.status_code == 302
    assert sorted(Amends.objects.values_list("kind", flat=True)) == ["refund", "remake"]
    assert Order.objects.filter(remake_of=order).count() == 1


@pytest.mark.req("PAY-10")
@pytest.mark.parametrize("query", ["to=9999-12-31", "text=%E2%84%AA-1042", "text=B-0042"])
def test_days_and_codes_beyond_the_usual_are_refused_in_words(query: str) -> None:
    shop = make_shop()
    _charged(shop)
    refused = _client(scope_id=shop.store.id).get(f"/staff/payments?{query}")
    assert (refused.status_code, b'role="alert"' in refused.content) == (422, True)


@pytest.mark.req("PAY-31")
def test_an_admin_approves_what_is_above_a_managers_limit(settings: Any) -> None:
    settings.REFUND_LIMITS = {"manager": (1, 1), "admin": (100_000, 100_000)}
    shop = make_shop()
    order, payment = _charged(shop)
    manager, admin = _client(scope_id=shop.store.id), _client(Role.ADMIN, scope_id=shop.store.id)
    form = _form(manager, payment) | {"what": "whole"}
    assert manager.post(f"/staff/payments/{payment.id}/refund", form).status_code == 302
    amends = Amends.objects.get()
    assert "waits for a second person" in manager.get(f"/staff/payments/{payment.id}").content.decode()
    decide = f"/staff/amends/{amends.id}/decide"
    assert manager.post(decide, {"answer": "yes"}).status_code == 403
    elsewhere = _client(Role.ADMIN, scope_id=make_store().id)
    assert elsewhere.post(decide, {"answer": "yes"}).status_code == 404
    assert admin.post(decide, {"answer": "yes"}).status_code == 302
    run_jobs()
    amends.refresh_from_db()
    assert (amends.state, Refund.objects.get().amount_cents) == (State.GRANTED, order.total_cents)


def _waiting(shop: Shop, manager: Client) -> tuple[Payment, Amends]:
    """A refund above the manager's limit."""
    _, payment = _charged(shop)
    form = _form(manager, payment) | {"what": "whole"}
    assert manager.post(f"/staff/payments/{payment.id}/refund", form).status_code == 302
    return payment, Amends.objects.get()


@pytest.mark.req("PAY-31")
def test_approve_is_shown_only_to_who_may_approve(settings: Any) -> None:
    settings.REFUND_LIMITS = {"manager": (1, 1), "admin": (100_000, 100_000)}
    shop = make_shop()
    manager, admin = _client(scope_id=shop.store.id), _client(Role.ADMIN, scope_id=shop.store.id)
    payment, amends = _waiting(shop, manager)

    def seen(who: Client) -> list[list[str]]:
        pages = [who.get(path).content.decode() for path in (f"/staff/payments/{payment.id}", "/staff/attention")]
        assert all(amends.get_cause_display() in page for page in pages)
        return [[word for word in ("Approve", "Decline", "Waits for somebody else") if word in page] for page in pages]

    assert seen(manager) == [["Waits for somebody else"]] * 2
    assert seen(admin) == [["Approve", "Decline"]] * 2
    settings.REFUND_LIMITS = {"manager": (1, 1), "admin": (2, 2)}
    assert seen(admin) == [["Decline", "Waits for somebody else"]] * 2
    Amends.objects.update(asked_by_id=admin.session["_auth_user_id"])
    settings.REFUND_LIMITS = {"admin": (100_000, 100_000)}
    assert seen(admin) == [["Waits for somebody else"]] * 2


@pytest.mark.req("PAY-30", "PAY-31")
@pytest.mark.parametrize("people", [1, 2])
def test_approving_twice_at_once_gives_back_one_time(settings: Any, people: int) -> None:
    settings.REFUND_LIMITS = {"manager": (1, 1), "admin": (100_000, 100_000)}
    shop = make_shop()
    payment, amends = _waiting(shop, _client(scope_id=shop.store.id))
    admins = [_client(Role.ADMIN, scope_id=shop.store.id) for _ in range(people)]
    start = Barrier(4)

    def approve(number: int) -> int:
        who = Client()
        who.cookies = admins[number % people].cookies
        try:
            start.wait(30)
            return who.post(f"/staff/amends/{amends.id}/decide", {"answer": "yes"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(approve, range(4))) == [302, 409, 409, 409]
    run_jobs()
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_cents) == ("succeeded", payment.amount_cents)
    given = sdk().v1.refunds.list({"payment_intent": payment.intent_id or ""}).data
    assert [one.amount for one in given] == [payment.amount_cents]


@pytest.mark.req("PAY-10")
def test_a_search_costs_the_same_with_few_and_with_many_rows() -> None:
    shop = make_shop()
    client = _client(scope_id=shop.store.id)
    counts = []
    for more in (2, 45):
        for _ in range(more):
            make_order(status=Status.PAID, shop=shop)
        with CaptureQueriesContext(connection) as seen:
            client.get("/staff/payments")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= SEARCH_QUERIES, counts
    text = client.get("/staff/payments").content.decode()
    assert text.count('class="linked"') == 40
    older = re.search(r'href="\?([^"]+)">Older payments', text)
    assert older
    assert client.get(f"/staff/payments?{older[1]}").content.decode().count('class="linked"') == 7

"""The staff's pages: who gets in, who sees which store, what a page shows and what it must not."""

import re
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import PASSWORD, make_staff, make_user
from codepop.fulfilment.tests.factories import Cooler, make_cooler, make_queued, make_ready
from codepop.ordering.machine import Status
from codepop.ordering.tests.factories import make_order
from codepop.stores.models import Store

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
STORE_QUERIES = 40
"""Most statements of a store's screen, sign-in and policy included."""
PAGES = ("", "/orders", "/money", "/stock", "/machines", "/panels")


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


def _client(*, role: Role, scope_kind: ScopeKind = ScopeKind.STORE, scope_id: UUID | None = None) -> Client:
    client = Client()
    client.force_login(make_staff(role=role, scope_kind=scope_kind, scope_id=scope_id), backend=BACKEND)
    return client


def _two_coolers() -> tuple[Cooler, Cooler]:
    first = make_cooler()
    return first, make_cooler(menu=first.shop.menu)


def _manager(cooler: Cooler) -> Client:
    return _client(role=Role.MANAGER, scope_id=cooler.store_id)


def _at(cooler: Cooler, page: str = "") -> str:
    return f"/staff/stores/{cooler.shop.store.slug}{page}"


# --- who gets in ------------------------------------------------------------------------------------------------------


@pytest.mark.req("SEC-11", "PAY-28")
@pytest.mark.parametrize(
    ("role", "open_pages"),
    [
        (Role.MANAGER, PAGES),
        (Role.ADMIN, PAGES),
        (Role.SUPER_ADMIN, PAGES),
        (Role.LOGISTICS, ("/stock",)),
        (Role.REPAIR, ("/machines",)),
    ],
)
def test_each_role_opens_its_own_pages_and_no_other(role: Role, open_pages: tuple[str, ...]) -> None:
    cooler = make_cooler()
    client = _client(role=role, scope_id=None if role == Role.SUPER_ADMIN else cooler.store_id)
    answers = {page: client.get(_at(cooler, page)).status_code for page in PAGES}
    assert answers == {page: 200 if page in open_pages else 403 for page in PAGES}


@pytest.mark.req("SEC-11", "PAY-28")
def test_another_store_looks_absent_on_every_page() -> None:
    mine, other = _two_coolers()
    client = _manager(mine)
    order = make_order(status=Status.PAID, shop=other.shop).order
    for page in (*PAGES, f"/orders/{order.id}"):
        foreign, unknown = client.get(_at(other, page)), client.get(f"/staff/stores/no-such-store{page}")
        assert foreign.status_code == unknown.status_code == 404
        assert _TOKEN.sub(b"", foreign.content) == _TOKEN.sub(b"", unknown.content)
    assert client.get(_at(mine, f"/orders/{order.id}")).status_code == 404
    assert client.post(_at(other, "/pause"), {"reason": "Mine now"}).status_code == 404
    assert Store.objects.get(id=other.store_id).accepting_orders


@pytest.mark.req("SEC-11")
def test_a_region_reaches_its_own_stores_only() -> None:
    mine, other = _two_coolers()
    region = mine.shop.store.region_id
    client = _client(role=Role.LOGISTICS, scope_kind=ScopeKind.REGION, scope_id=region)
    assert client.get(_at(mine, "/stock")).status_code == 200
    assert client.get(_at(other, "/stock")).status_code == 404


def test_guests_are_sent_to_the_sign_in_and_fragments_say_401() -> None:
    cooler = make_cooler()
    answer = Client().get(_at(cooler, "/orders?show=past"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/staff/sign-in?next=%2Fstaff%2Fstores%2F")
    assert Client().get(_at(cooler, "/panels"), headers={"HX-Request": "true"}).status_code == 401


def test_a_customer_without_a_role_is_told_so() -> None:
    client = Client()
    client.force_login(make_user(), backend=BACKEND)
    answer = client.get("/staff/")
    assert answer.status_code == 403
    assert b"This is not for your role" in answer.content


def test_unknown_addresses_below_staff_have_the_staffs_own_page() -> None:
    answer = _manager(make_cooler()).get("/staff/no/such/page")
    assert answer.status_code == 404
    assert b"There is nothing here" in answer.content


# --- signing in -------------------------------------------------------------------------------------------------------


def _sign_in(client: Client, email: str, password: str = PASSWORD, target: str = "") -> int:
    return client.post("/staff/sign-in", {"email": email, "password": password, "next": target}).status_code


@pytest.mark.req("SEC-08")
def test_signing_in_goes_to_the_page_that_was_asked_for() -> None:
    make_user(email="ada@example.org", password=PASSWORD)
    client = Client()
    wanted = {"email": "Ada@example.org", "password": PASSWORD, "next": "/staff/stores/x/orders?show=past"}
    answer = client.post("/staff/sign-in", wanted)
    assert answer.status_code == 302
    assert answer["Location"] == "/staff/stores/x/orders?show=past"
    assert client.post("/staff/sign-out").status_code == 302
    assert client.get("/staff/").status_code == 302


@pytest.mark.req("SEC-08")
@pytest.mark.parametrize(
    "target", ["https://evil.example/staff/", "//evil.example", "/", "/staff/../api/", "javascript:1"]
)
def test_signing_in_never_leads_elsewhere(target: str) -> None:
    make_user(email="ada@example.org", password=PASSWORD)
    answer = Client().post("/staff/sign-in", {"email": "ada@example.org", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/staff/")


@pytest.mark.req("SEC-08")
def test_a_refusal_does_not_tell_whether_the_address_is_known() -> None:
    make_user(email="ada@example.org", password=PASSWORD)
    known = Client().post("/staff/sign-in", {"email": "ada@example.org", "password": "not-it"})
    unknown = Client().post("/staff/sign-in", {"email": "eve@example.org", "password": "not-it"})
    assert known.status_code == unknown.status_code == 400
    assert b"fit together" in known.content
    assert known.content.count(b"<") == unknown.content.count(b"<")


@pytest.mark.req("SEC-08")
def test_guessing_is_stopped_after_five_tries() -> None:
    make_user(email="ada@example.org", password=PASSWORD)
    statuses = [_sign_in(Client(), "ada@example.org", "not-it") for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    assert _sign_in(Client(), "ada@example.org") == 429


@pytest.mark.req("SEC-08")
def test_a_second_factor_is_asked_for_before_anything_is_shown() -> None:
    user = make_user(email="ada@example.org", password=PASSWORD)
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    assert Authenticator.objects.filter(user=user).count() == 1
    client = Client()
    answer = client.post("/staff/sign-in", {"email": "ada@example.org", "password": PASSWORD, "next": "/staff/?all"})
    assert answer["Location"].startswith("/staff/sign-in/code?next=")
    assert client.get("/staff/").status_code == 302
    assert client.post("/staff/sign-in/code", {"code": "000000", "next": "/staff/?all"}).status_code == 400
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/staff/sign-in/code", {"code": code, "next": "/staff/?all"})["Location"] == "/staff/?all"
    assert client.get("/staff/").status_code == 403  # signed in, without a role


@pytest.mark.req("SEC-06")
def test_every_form_needs_its_token() -> None:
    cooler = make_cooler()
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff(scope_id=cooler.store_id), backend=BACKEND)
    refused = client.post(_at(cooler, "/pause"), {"reason": "Cleaning"})
    assert refused.status_code == 403
    assert b"security token" in refused.content
    assert Client(enforce_csrf_checks=True).post("/staff/sign-in", {"email": "a@b.c"}).status_code == 403
    client.get(_at(cooler))
    token = client.cookies["csrftoken"].value
    allowed = client.post(_at(cooler, "/pause"), {"reason": "Cleaning", "csrfmiddlewaretoken": token})
    assert allowed.status_code == 302


# --- what pages show --------------------------------------------------------------------------------------------------


@pytest.mark.req("OBS-13", "DOM-45")
def test_the_stores_screen_shows_its_machines_orders_and_stock() -> None:
    cooler = make_cooler()
    make_ready(cooler)
    made = make_queued(cooler)
    text = _manager(cooler).get(_at(cooler)).content.decode()
    for words in ("Robot 1", "Robot 2", "Promise kept today", "Sold today", "Canyon Sunset", made.order.code):
        assert words in text
    assert f"/live/v1/stores/{cooler.store_id}" in text
    assert "Sandbox:" in text
    assert "<script>" not in text


@pytest.mark.req("DB-08", "DOM-45")
def test_staff_never_sees_who_the_customer_is() -> None:
    cooler = make_cooler()
    made, _ = make_ready(cooler)
    client = _manager(cooler)
    for page in ("", "/orders", f"/orders/{made.order.id}"):
        text = client.get(_at(cooler, page)).content.decode()
        assert "guest@example.com" not in text
        assert made.token not in text
    detail = client.get(_at(cooler, f"/orders/{made.order.id}")).content.decode()
    assert "a guest" in detail
    assert "behind its door" in detail


@pytest.mark.req("OBS-13")
def test_pausing_needs_a_reason_and_customers_read_it() -> None:
    cooler = make_cooler()
    client = _manager(cooler)
    assert client.post(_at(cooler, "/pause"), {"reason": "  "}).status_code == 422
    assert Store.objects.get(id=cooler.store_id).accepting_orders
    assert client.post(_at(cooler, "/pause"), {"reason": "Closed for cleaning."}).status_code == 302
    row = Store.objects.get(id=cooler.store_id)
    assert (row.accepting_orders, row.pause_reason) == (False, "Closed for cleaning.")
    assert "Resume orders" in client.get(_at(cooler)).content.decode()
    assert client.get(_at(cooler, "/resume")).status_code == 405
    assert client.post(_at(cooler, "/resume")).status_code == 302
    assert Store.objects.get(id=cooler.store_id).accepting_orders


def test_one_store_opens_at_once_and_several_are_listed() -> None:
    mine, second = _two_coolers()
    assert _manager(mine).get("/staff/")["Location"] == _at(mine)
    client = _client(role=Role.SUPER_ADMIN)
    text = client.get("/staff/").content.decode()
    assert _at(mine) in text
    assert _at(second) in text
    repair = _client(role=Role.REPAIR, scope_id=mine.store_id)
    assert repair.get("/staff/")["Location"] == _at(mine, "/machines")


@pytest.mark.req("OBS-13", "DB-03")
def test_the_number_of_queries_does_not_grow_with_the_orders() -> None:
    cooler = make_cooler()
    client = _manager(cooler)
    for page in ("", "/orders", "/stock", "/machines"):
        client.get(_at(cooler, page))
    make_ready(cooler)
    make_queued(cooler)
    counts = []
    for _ in range(2):
        for page in ("", "/orders"):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(_at(cooler, page)).status_code == 200
            counts.append(len(seen))
        for _ in range(4):
            make_queued(cooler)
    assert counts[:2] == counts[2:]
    assert counts[0] <= STORE_QUERIES, counts

"""Revenue by store and day, payouts beside the ledger, disputes with their evidence, what needs a person."""

import csv
import io
import time
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff
from codepop.catalog.models import Drink
from codepop.core.db import transaction
from codepop.fulfilment.tests.factories import Cooler, code_of, make_cooler, make_ready
from codepop.kit.clock import now
from codepop.ordering.machine import Status
from codepop.ordering.models import Order, OrderLine
from codepop.ordering.tests.factories import Shop, make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.models import Dispute, GuardAlert, Payment, Payout, PayoutLine
from codepop.reporting import revenue
from codepop.stores.tests.factories import make_store
from tests.stripe_side import GOOD_CARD, confirm, deliver, run_jobs, sandbox, sdk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = ("attention", "batches", "disputes", "payments", "revenue", "revenue.csv")


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


def _client(role: Role = Role.MANAGER, scope_id: UUID | None = None) -> Client:
    client = Client()
    client.force_login(make_staff(role=role, scope_kind=ScopeKind.STORE, scope_id=scope_id), backend=BACKEND)
    return client


def _charged(shop: Shop, card: str = GOOD_CARD) -> tuple[Order, Payment]:
    order = make_order(shop=shop, quantity=2).order
    payment = payments.create_intent(reference=order.id)
    confirm(payment.intent_id or "", card)
    return order, payments.refresh(payment_id=payment.id)


def _two_shops() -> tuple[Shop, Shop]:
    first = make_shop()
    return first, make_shop(store=make_store(robots=1, doors=4), menu=first.menu)


@pytest.mark.req("PAY-28", "C40")
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
def test_each_money_page_opens_for_the_roles_of_the_policy_only(role: Role, status: int) -> None:
    shop = make_shop()
    client = _client(role, None if role == Role.SUPER_ADMIN else shop.store.id)
    assert {page: client.get(f"/staff/{page}").status_code for page in PAGES} == dict.fromkeys(PAGES, status)
    assert {page: Client().get(f"/staff/{page}").status_code for page in PAGES} == dict.fromkeys(PAGES, 302)


@pytest.mark.req("PAY-28", "PAY-23", "C40")
def test_a_days_revenue_is_the_ledgers_and_only_of_ones_own_stores() -> None:
    mine, foreign = _two_shops()
    sold = [_charged(mine)[0] for _ in range(2)]
    _charged(foreign)
    sold_id = sold[0].id
    with_tax = sum(order.total_cents for order in sold)
    with transaction():
        payments.request_refund(reference=sold_id, amount_cents=None, reason="cancelled", actor="test")
    run_jobs()
    day = now().astimezone(ZoneInfo(mine.store.timezone)).date()
    (row,) = revenue.by_day([mine.store.id], first=day, last=day)
    assert (row.orders, row.gross_cents) == (2, with_tax)
    assert (row.sales_cents, row.refunds_cents) == (
        sum(order.subtotal_cents for order in sold),
        sold[0].subtotal_cents,
    )
    assert (row.tax_cents, row.net_cents) == (sold[1].tax_cents, sold[1].subtotal_cents)
    manager = _client(scope_id=mine.store.id)
    answer = manager.get(f"/staff/revenue.csv?from={day}&to={day}")
    header, *rows = csv.reader(io.StringIO(answer.content.decode()))
    assert header[0] == "store"
    assert [one[0] for one in rows] == [mine.store.name]
    assert rows[0][4] == f"{with_tax // 100}.{with_tax % 100:02d}"
    assert manager.get(f"/staff/revenue?store={foreign.store.slug}").status_code == 404
    assert manager.get(f"/staff/revenue.csv?store={foreign.store.slug}").status_code == 404
    chain = _client(Role.SUPER_ADMIN).get(f"/staff/revenue?from={day}&to={day}").content.decode()
    assert mine.store.name in chain
    assert foreign.store.name in chain
    for wrong in ("from=tomorrow", f"from={day}&to={day - timedelta(days=1)}", "from=1990-01-01"):
        assert manager.get(f"/staff/revenue?{wrong}").status_code == 422


@pytest.mark.req("PAY-28")
@given(st.text(alphabet=st.characters(blacklist_characters="\x00\r\n"), max_size=12), st.integers(-(10**9), 10**9))
def test_no_cell_of_a_file_is_a_formula(text: str, number: int) -> None:
    for sign in "=+-@":
        file = revenue.as_csv(("a", "b"), [(f"{sign}A{text}", number)])
        _, (cell, amount) = csv.reader(io.StringIO(file))
        assert (cell, amount) == (f"'{sign}A{text}", str(number))


def _pay_out(lines: int, of: list[Payment]) -> QuerySet[PayoutLine]:
    """Let days pass at Stripe until so many movements of the payments are paid out: it settles in the background.

    Lost disputes of other tests may have put the account in debt, and a debt is not paid out: one big sale covers it.
    """
    sale: Any = {"amount": 5_000_000, "currency": "usd", "payment_method": GOOD_CARD, "confirm": True}
    sdk().v1.payment_intents.create(
        {**sale, "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    )
    ours = PayoutLine.objects.filter(payment__in=of)
    for _ in range(60):
        sandbox("/_sandbox/clock", {"advance_seconds": 86400})
        sandbox("/_sandbox/stripe/payouts", {})
        payments.read_payouts()
        if ours.count() == lines:
            break
        time.sleep(0.25)
    return ours


@pytest.mark.req("PAY-28")
def test_payouts_are_kept_with_their_movements_and_agree_with_the_ledger() -> None:
    shop, other = _two_shops()
    charged = [_charged(shop), _charged(shop), _charged(other)]
    with transaction():
        payments.request_refund(reference=charged[0][0].id, amount_cents=100, reason="goodwill:1", actor="test")
    run_jobs()
    ours = _pay_out(4, [payment for _, payment in charged])
    assert ours.count() == 4
    payments.read_payouts()
    assert ours.count() == 4
    assert set(Payout.objects.filter(id__in=ours.values("payout")).values_list("complete")) == {(True,)}
    days = list(Payout.objects.order_by("arrives_on").values_list("arrives_on", flat=True))
    span = {"first": days[0], "last": days[-1]}
    parts = revenue.payouts([shop.store.id], whole=False, **span)
    sums = sum(order.total_cents for order, _ in charged[:2])
    assert sum(part.charged_cents for part in parts) == sums
    assert sum(part.returned_cents for part in parts) == -100
    assert sum(part.ledger_cents for part in parts) == sums - 100
    assert [(part.agrees, part.amount_cents) for part in parts] == [(True, 0)] * len(parts)
    assert revenue.payouts([make_store().id], whole=False, **span) == []


# --- disputes ---------------------------------------------------------------------------------------------------------


def _fetched_and_disputed(cooler: Cooler, client: Client) -> tuple[Order, Dispute]:
    made, work = make_ready(cooler)
    Payment.objects.filter(reference=made.order.id).delete()
    with transaction():
        payments.open_payment(
            charge=payments.Charge(
                reference=made.order.id,
                store_id=cooler.store_id,
                amount_cents=made.order.total_cents,
                tax_cents=made.order.tax_cents,
                currency="usd",
                description="CodePop order",
                statement_suffix=made.order.code,
            )
        )
    payment = payments.create_intent(reference=made.order.id)
    confirm(payment.intent_id or "", "pm_card_createDispute")
    payments.refresh(payment_id=payment.id)
    assert code_of(made.order.id)
    cooler.controller.tell("door_opened", work.ticket_id, door_number=work.door_number)
    sandbox("/_sandbox/clock", {"advance_seconds": 60})
    deliver(client, payment.intent_id or "")
    run_jobs()
    payments.look_at_disputes()
    made.order.refresh_from_db()
    return made.order, Dispute.objects.get(payment__reference=made.order.id)


@pytest.mark.req("D6", "PAY-12")
def test_evidence_tells_what_the_machines_know_and_nothing_of_the_person(client: Client) -> None:
    cooler = make_cooler()
    order, dispute = _fetched_and_disputed(cooler, client)
    assert order.status == Status.PICKED_UP
    manager = _client(scope_id=cooler.store_id)
    assert "needs_response" not in manager.get("/staff/disputes").content.decode()
    OrderLine.objects.filter(order=order).update(name="For Ann, room 12")
    text = manager.get(f"/staff/disputes/{dispute.id}").content.decode()
    for words in ("Ann", "in full.", "agrees to this", "door report"):
        assert words not in text
    for words in ("Canyon Sunset", "Cooler door", "opened", "Picked up", "refunds an order"):
        assert words in text
    assert "guest@example.com" not in text
    assert "Our records don" not in text
    assert manager.post(f"/staff/disputes/{dispute.id}/answer").status_code == 302
    assert "being sent" in manager.get(f"/staff/disputes/{dispute.id}").content.decode()
    run_jobs()
    dispute.refresh_from_db()
    assert dispute.state == "under_review"
    assert dispute.evidence_by.startswith("staff:")
    again = manager.post(f"/staff/disputes/{dispute.id}/answer")
    assert (again.status_code, b"answered" in again.content) == (409, True)


@pytest.mark.req("D6")
def test_the_page_shows_what_was_sent_whatever_our_records_say_later(client: Client) -> None:
    cooler = make_cooler()
    _, dispute = _fetched_and_disputed(cooler, client)
    manager, page = _client(scope_id=cooler.store_id), f"/staff/disputes/{dispute.id}"
    assert "Evidence from our records" in manager.get(page).content.decode()
    manager.post(f"{page}/answer")
    Drink.objects.update(name="Desert Storm")
    for title in ("What is being sent", "What was sent"):
        text = manager.get(page).content.decode()
        assert (title in text, "Desert Storm" in text, "Canyon Sunset" in text) == (True, False, True)
        run_jobs()
    sent = sdk().v1.disputes.retrieve(dispute.provider_dispute_id).evidence.product_description
    assert escape(sent or "") in text


@pytest.mark.req("D6")
def test_an_answer_given_at_stripe_itself_is_told_as_such(client: Client) -> None:
    cooler = make_cooler()
    _, dispute = _fetched_and_disputed(cooler, client)
    sdk().v1.disputes.update(dispute.provider_dispute_id, {"evidence": {"uncategorized_text": "hm"}, "submit": True})
    payments.look_at_disputes()
    text = _client(scope_id=cooler.store_id).get(f"/staff/disputes/{dispute.id}").content.decode()
    assert ("answered at Stripe itself" in text, "Send this evidence" in text) == (True, False)


@pytest.mark.req("D6", "PAY-28")
def test_another_stores_dispute_looks_absent(client: Client) -> None:
    cooler = make_cooler()
    _, dispute = _fetched_and_disputed(cooler, client)
    foreign = _client(scope_id=make_store().id)
    for one in (dispute.id, uuid4()):
        assert foreign.get(f"/staff/disputes/{one}").status_code == 404
        assert foreign.post(f"/staff/disputes/{one}/answer").status_code == 404
    assert "No charge was ever disputed" in foreign.get("/staff/disputes").content.decode()
    assert "No dispute is open" in foreign.get("/staff/attention").content.decode()
    mine = _client(scope_id=cooler.store_id).get("/staff/attention").content.decode()
    assert str(dispute.id) in mine


@pytest.mark.req("PAY-27")
def test_alerts_of_card_testing_wait_until_somebody_looked() -> None:
    shop = make_shop()
    at = now()
    alert = GuardAlert.objects.create(
        kind="address", key_hash=b"1" * 32, store=shop.store, declines=30, first_at=at, last_at=at, until=at
    )
    manager = _client(scope_id=shop.store.id)
    assert "30 declined cards" in manager.get("/staff/attention").content.decode()
    assert _client(scope_id=make_store().id).post(f"/staff/attention/{alert.id}/seen").status_code == 404
    assert manager.post(f"/staff/attention/{alert.id}/seen").status_code == 302
    assert "Nobody tries card after card" in manager.get("/staff/attention").content.decode()

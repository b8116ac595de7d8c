"""Where both books disagree, and held messages: shown with a remedy to who may close them, closed by name."""

import pytest
from django.core.cache import cache
from django.db.models import QuerySet
from django.test import Client

from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff
from codepop.core.alerts import open_alerts
from codepop.core.models import AuditEntry, InboxMessage, InboxState
from codepop.ordering.tests.factories import make_order, make_shop
from codepop.payments import services as payments
from codepop.payments.models import BreakKind, ReconciliationBreak
from codepop.payments.selectors import open_breaks
from codepop.payments.services.breaks import record_break
from codepop.reporting.staff.differences import REMEDIES
from codepop.stores.tests.factories import make_store

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGE = "/staff/attention"


def _by_hand() -> "QuerySet[AuditEntry]":
    """What people did; the database's own entries about accounts stand in a chain of their own."""
    return AuditEntry.objects.exclude(chain="accounts")


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests() -> None:
    cache.clear()


def _client(role: Role, scope_id: object = None) -> Client:
    client = Client()
    person = make_staff(role=role, scope_kind=ScopeKind.STORE, scope_id=scope_id)  # type: ignore[arg-type]
    client.force_login(person, backend=BACKEND)
    return client


def _text(client: Client) -> str:
    return client.get(PAGE).content.decode()


def _differing() -> tuple[ReconciliationBreak, ReconciliationBreak, object]:
    """A difference on a payment of a store, and one that no payment explains; with the store's id."""
    shop = make_shop()
    payment = payments.create_intent(reference=make_order(shop=shop).order.id)
    record_break(kind=BreakKind.CHARGE_DIFFERS, subject="pi_ours", ours="500 usd", theirs="501", payment_id=payment.id)
    record_break(kind=BreakKind.UNKNOWN_CHARGE, subject="pi_nobody", ours="nothing", theirs="500 usd")
    ours, nobody = ReconciliationBreak.objects.order_by("id")
    return ours, nobody, shop.store.id


def _held() -> InboxMessage:
    return InboxMessage.objects.create(
        provider="stripe", external_id="evt_1", kind="intent", subject="pi_held", state=InboxState.QUARANTINED
    )


def test_each_kind_of_difference_has_a_remedy() -> None:
    assert set(REMEDIES) == set(BreakKind.values)


@pytest.mark.req("PAY-17", "PAY-28")
def test_differences_and_held_messages_are_shown_to_who_may_close_them() -> None:
    *_, store_id = _differing()
    _held()
    seen = {
        "chain": _text(_client(Role.SUPER_ADMIN)),
        "admin": _text(_client(Role.ADMIN, store_id)),
        "manager": _text(_client(Role.MANAGER, store_id)),
        "elsewhere": _text(_client(Role.ADMIN, make_store().id)),
    }
    shown = {who: {one for one in ("pi_ours", "pi_nobody", "pi_held") if one in text} for who, text in seen.items()}
    assert shown == {
        "chain": {"pi_ours", "pi_nobody", "pi_held"},
        "admin": {"pi_ours"},
        "manager": set(),
        "elsewhere": set(),
    }
    assert REMEDIES["charge_differs"][1] in seen["admin"]
    assert "Both books say the same." in seen["elsewhere"]
    assert "Stripe's books and ours" not in seen["manager"]


@pytest.mark.req("PAY-17", "PAY-28", "DB-12")
def test_a_difference_is_closed_with_a_note_by_who_answers_for_it() -> None:
    ours, nobody, store_id = _differing()
    admin, chain = _client(Role.ADMIN, store_id), _client(Role.SUPER_ADMIN)
    close = f"{PAGE}/differences/{ours.id}"
    assert _client(Role.MANAGER, store_id).post(close, {"note": "seen"}).status_code == 403
    assert _client(Role.ADMIN, make_store().id).post(close, {"note": "seen"}).status_code == 404
    assert admin.post(f"{PAGE}/differences/{nobody.id}", {"note": "seen"}).status_code == 404
    assert [admin.post(close, {"note": note}).status_code for note in ("", " ", "x" * 201)] == [422] * 3
    assert admin.get(close).status_code == 405
    assert len(open_breaks()) == 2
    assert not _by_hand().exists()
    assert admin.post(close, {"note": "given back at Stripe"}).status_code == 302
    assert [one.id for one in open_breaks()] == [nobody.id]
    assert admin.post(close, {"note": "again"}).status_code == 404
    assert chain.post(f"{PAGE}/differences/{nobody.id}", {"note": "the old shop's"}).status_code == 302
    assert not open_alerts().filter(kind="payments.reconciliation").exists()
    entries = list(_by_hand().order_by("id").values_list("action", "subject", "note"))
    assert entries == [
        ("reconciliation.resolve", "charge_differs:pi_ours", "given back at Stripe"),
        ("reconciliation.resolve", "unknown_charge:pi_nobody", "the old shop's"),
    ]
    assert all(actor.startswith("staff:") for actor in _by_hand().values_list("actor", flat=True))


@pytest.mark.req("PAY-12", "PAY-28", "DB-12")
@pytest.mark.parametrize(
    ("answer", "state", "action"), [("again", "new", "inbox.replay"), ("release", "ignored", "inbox.release")]
)
def test_a_held_message_is_looked_at_again_or_let_go_by_the_chains_people(answer: str, state: str, action: str) -> None:
    message, chain = _held(), _client(Role.SUPER_ADMIN)
    address = f"{PAGE}/messages/{message.id}"
    given = {"answer": answer, "note": "compared both"}
    assert _client(Role.ADMIN, make_shop().store.id).post(address, given).status_code == 404
    assert chain.post(address, {"answer": answer}).status_code == 422
    assert chain.post(address, {"answer": "burn", "note": "x"}).status_code == 422
    assert chain.post(f"{PAGE}/messages/999999", given).status_code == 404
    message.refresh_from_db()
    assert message.state == InboxState.QUARANTINED
    assert chain.post(address, given).status_code == 302
    message.refresh_from_db()
    assert message.state == state
    assert list(_by_hand().values_list("action", "subject", "note")) == [(action, str(message.id), "compared both")]
    assert "No message is held." in _text(chain)
    assert chain.post(address, given).status_code == 404

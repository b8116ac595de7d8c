"""The pages for people, access and the audit trail: what they show, whom they refuse, and looking as another role."""

import csv
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff, make_user
from codepop.core.audit import record_audit
from codepop.core.db import transaction
from codepop.core.models import AuditEntry
from codepop.kit.clock import frozen, now
from codepop.kit.ids import uuid7
from codepop.notifications.models import Message
from codepop.stores.models import Store
from codepop.stores.tests.factories import make_store

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LIST_QUERIES = 16
"""Most statements of the list of people, sign-in and policy included."""


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def _admin(store: Store) -> Client:
    return _client(make_staff(role=Role.ADMIN, scope_id=store.id))


def _super() -> Client:
    return _client(make_staff(role=Role.SUPER_ADMIN))


def _named(name: str, store: Store, role: Role = Role.MANAGER) -> User:
    user = make_staff(role=role, scope_id=store.id)
    User.objects.filter(id=user.id).update(name=name)
    return user


def _place(store: Store, **more: Any) -> dict[str, Any]:
    return {"role": "manager", "place": f"store:{store.id}", "reason": "starts on Monday", **more}


@pytest.mark.req("DOM-02")
def test_an_admin_sees_own_people_and_invites_one_by_mail() -> None:
    mine, other = make_store(), make_store()
    _named("Mina Here", mine)
    _named("Theo There", other)
    client = _admin(mine)
    text = client.get("/staff/people").content.decode()
    assert "Mina Here" in text
    assert "Theo There" not in text
    assert other.name not in text or mine.name == other.name
    answer = client.post("/staff/people", _place(mine, email="nia@example.org", name="Nia New"))
    user = User.objects.get(email="nia@example.org")
    assert (answer.status_code, answer["Location"]) == (302, f"/staff/people/{user.id}")
    assert list(Message.objects.filter(user=user).values_list("kind", flat=True)) == ["staff_invited"]
    page = client.get(answer["Location"]).content.decode()
    assert "Nia New" in page
    assert "nia@example.org" not in page


@pytest.mark.req("DOM-02")
@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"email": "no-address"}, 422, "no e-mail address"),
        ({"reason": ""}, 422, "Say why"),
        ({"role": "admin"}, 403, "above your role"),
        ({"role": "king"}, 422, "Choose a role and a place"),
        ({"place": "store:x"}, 422, "Choose a role and a place"),
        ({"place": "chain:"}, 404, "nothing here"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_in_words(wrong: dict[str, str], status: int, says: str) -> None:
    store = make_store()
    given = _place(store, email="nia@example.org", name="Nia") | wrong
    answer = _admin(store).post("/staff/people", given)
    assert answer.status_code == status
    assert says.lower() in answer.content.decode().lower()
    assert not User.objects.filter(email="nia@example.org").exists()


@pytest.mark.req("DOM-02", "SEC-10")
def test_locking_ends_the_sessions_at_once_and_unlocking_brings_none_back() -> None:
    store = make_store()
    person = make_staff(scope_id=store.id)
    theirs, admin = _client(person), _admin(store)
    assert theirs.get(f"/staff/stores/{store.slug}").status_code == 200
    change = f"/staff/people/{person.id}/change"
    assert admin.post(change, {"act": "lock", "reason": "lost phone"}).status_code == 302
    assert theirs.get(f"/staff/stores/{store.slug}").status_code == 302
    assert admin.post(change, {"act": "unlock", "reason": "found it"}).status_code == 302
    assert theirs.get(f"/staff/stores/{store.slug}").status_code == 302
    assert _client(person).get(f"/staff/stores/{store.slug}").status_code == 200
    wanted = ["people.lock", "people.unlock"]
    assert list(AuditEntry.objects.filter(chain=str(store.id)).values_list("action", flat=True)) == wanted


@pytest.mark.req("DOM-02", "SEC-11")
def test_what_an_admin_may_not_do_is_neither_offered_nor_done() -> None:
    store = make_store()
    peer = _named("Peer", store, Role.ADMIN)
    client = _admin(store)
    page = client.get(f"/staff/people/{peer.id}").content.decode()
    assert "higher role" in page
    for act in ("lock", "unlock", "disable", "remove"):
        answer = client.post(f"/staff/people/{peer.id}/change", {"act": act, "reason": "x"})
        assert (answer.status_code, b"above your role" in answer.content) == (403, True)
    grant = RoleGrant.objects.get(user=peer)
    taking = {"act": "take", "grant": str(grant.id), "reason": "x"}
    assert client.post(f"/staff/people/{peer.id}/change", taking).status_code == 403
    assert client.post(f"/staff/people/{peer.id}/change", {"act": "burn", "reason": "x"}).status_code == 422
    assert client.post("/staff/people/find", {"email": peer.email}).status_code == 404
    peer.refresh_from_db()
    assert (peer.is_active, RoleGrant.objects.filter(id=grant.id).exists()) == (True, True)


@pytest.mark.req("DOM-02", "DOM-03")
def test_a_super_admin_finds_any_account_and_gives_and_takes_roles() -> None:
    store, customer, client = make_store(), make_user(), _super()
    found = client.post("/staff/people/find", {"email": customer.email.upper()})
    assert found["Location"] == f"/staff/people/{customer.id}"
    assert client.post("/staff/people/find", {"email": "nobody@example.org"}).status_code == 404
    change = f"/staff/people/{customer.id}/change"
    given = {"act": "give", "role": "logistics", "place": f"region:{store.region_id}", "reason": "new task"}
    assert client.post(change, given).status_code == 302
    grant = RoleGrant.objects.get(user=customer)
    assert (grant.role, grant.scope_kind, grant.scope_id) == (Role.LOGISTICS, ScopeKind.REGION, store.region_id)
    assert client.post(change, {"act": "take", "grant": str(grant.id), "reason": "done"}).status_code == 302
    assert not RoleGrant.objects.filter(user=customer).exists()


@pytest.mark.req("DB-03")
def test_the_list_asks_the_database_no_more_for_many_people() -> None:
    store = make_store()
    client = _admin(store)
    client.get("/staff/people")  # what a process reads once
    for _ in range(3):
        _named("A", store)
    with CaptureQueriesContext(connection) as few:
        client.get("/staff/people")
    for _ in range(12):
        _named("B", store)
    with CaptureQueriesContext(connection) as many:
        client.get("/staff/people")
    assert len(few) == len(many) <= LIST_QUERIES


# --- the access report ------------------------------------------------------------------------------------------------


@pytest.mark.req("SEC-13")
def test_the_report_says_who_can_do_what_where_as_page_file_and_command(tmp_path: Any) -> None:
    mine, other = make_store(), make_store()
    person, foreign = _named("Mina", mine), _named("Theo", other)
    client = _admin(mine)
    assert b"2 without a second factor" in client.get("/staff/access").content
    rows = list(csv.DictReader(io.StringIO(client.get("/staff/access.csv").content.decode())))
    assert {row["person"] for row in rows} >= {str(person.id)}
    assert str(foreign.id) not in {row["person"] for row in rows}
    row = next(row for row in rows if row["person"] == str(person.id))
    assert (row["role"], row["where"], row["state"], row["second factor"]) == ("manager", mine.name, "active", "no")
    assert "staff:refund" in row["may do"].split()
    assert "staff:people" not in row["may do"].split()
    out, target = io.StringIO(), tmp_path / "access.csv"
    call_command("access", csv=target, stdout=out)
    assert f"{foreign.id}" in out.getvalue()
    assert "3 people hold 3 roles, 3 of them without a second factor" in out.getvalue()
    assert person.email not in target.read_text() + out.getvalue()


# --- the audit trail --------------------------------------------------------------------------------------------------


def _note(store: Store | None, action: str, note: str) -> None:
    with transaction():
        record_audit(actor="staff:x", action=action, subject="thing:1", note=note, where=store.id if store else None)


@pytest.mark.req("DB-12")
def test_each_reads_the_trail_of_their_own_stores_and_the_chain_reads_all() -> None:
    mine, other = make_store(), make_store()
    _note(mine, "store.pause", "mine-pause")
    _note(other, "store.pause", "other-pause")
    _note(None, "inbox.replay", "the-company")
    named = _named("Mina Okafor", mine)
    with transaction():
        record_audit(actor=f"staff:{named.id}", action="store.resume", subject="thing:1", where=mine.id)
    manager, chief = _client(make_staff(scope_id=mine.id)), _super()
    assert "Mina Okafor" in manager.get("/staff/audit").content.decode()
    assert "Mina Okafor" not in manager.get("/staff/audit.csv").content.decode()
    for page in ("/staff/audit", "/staff/audit.csv"):
        text = manager.get(page).content.decode()
        assert ("mine-pause" in text, "other-pause" in text, "the-company" in text) == (True, False, False)
        text = chief.get(page).content.decode()
        assert all(note in text for note in ("mine-pause", "other-pause", "the-company", "role.insert"))
    assert manager.get(f"/staff/audit?store={other.slug}").status_code == 404
    only = chief.get(f"/staff/audit?store={mine.slug}").content.decode()
    assert ("mine-pause" in only, "other-pause" in only) == (True, False)


@pytest.mark.req("DB-12")
def test_the_trail_is_filtered_and_paged() -> None:
    store = make_store()
    for number in range(53):
        _note(store, "stock.correct", f"note-{number:02d}-")
    _note(store, "store.pause", "the-pause")
    client = _client(make_staff(scope_id=store.id))
    first = client.get("/staff/audit").content.decode()
    assert ("the-pause" in first, "note-52-" in first, "note-00-" in first) == (True, True, False)
    older = first.split('<p class="pages"><a class="button" href="')[1].split('"')[0]
    second = client.get(f"/staff/audit{older}").content.decode()
    assert ("note-00-" in second, "the-pause" in second, "Older entries" in second) == (True, False, False)
    assert "the-pause" not in client.get("/staff/audit?kind=stock.").content.decode()
    assert "No entry fits." in client.get("/staff/audit?who=somebody").content.decode()
    assert "No entry fits." in client.get("/staff/audit?to=2020-01-01").content.decode()
    for wrong in ("kind=x", "from=yesterday", "before=x", "from=9999-12-31"):
        assert client.get(f"/staff/audit?{wrong}").status_code == 422, wrong


# --- looking as another role ------------------------------------------------------------------------------------------


@pytest.mark.req("DOM-03")
def test_a_super_admin_looks_as_a_manager_reads_and_changes_nothing() -> None:
    store, other = make_store(), make_store()
    client = _super()
    assert client.post("/staff/view", _place(store)).status_code == 302
    page = client.get(f"/staff/stores/{store.slug}")
    assert page.status_code == 200
    assert "You look as Store manager" in page.content.decode()
    assert client.get(f"/staff/stores/{other.slug}").status_code == 404
    assert client.get("/staff/people").status_code == 403
    before = AuditEntry.objects.count()
    for address, form in (
        (f"/staff/stores/{store.slug}/pause", {"reason": "x"}),
        ("/staff/people", _place(store, email="a@example.org", name="x")),
        ("/staff/view", _place(other)),
    ):
        answer = client.post(address, form)
        assert (answer.status_code, b"can change nothing" in answer.content) == (403, True), address
    assert client.put("/api/v1/me/mail", {"choices": []}, "application/json").status_code == 403
    assert Store.objects.get(id=store.id).accepting_orders
    assert AuditEntry.objects.count() == before
    assert client.post("/staff/view/end").status_code == 302
    assert client.get(f"/staff/stores/{other.slug}").status_code == 200
    acts = AuditEntry.objects.filter(action__startswith="view.").order_by("id")
    assert list(acts.values_list("action", "note")) == [("view.begin", "starts on Monday"), ("view.end", "")]


@pytest.mark.req("DOM-03")
def test_looking_ends_by_itself_and_when_the_own_role_is_taken() -> None:
    store = make_store()
    with frozen(now()) as clock:
        client = _super()
        client.post("/staff/view", _place(store))
        assert client.get("/staff/people").status_code == 403
        clock.advance(minutes=30)
        assert client.get("/staff/people").status_code == 200
    admin = make_staff(role=Role.ADMIN, scope_id=store.id)
    client = _client(admin)
    client.post("/staff/view", _place(store))
    assert "You look as" in client.get(f"/staff/stores/{store.slug}").content.decode()
    RoleGrant.objects.filter(user=admin).delete()
    assert client.get(f"/staff/stores/{store.slug}").status_code == 403


@pytest.mark.req("DOM-03", "SEC-11")
def test_nobody_looks_upwards_or_elsewhere() -> None:
    mine, other = make_store(), make_store()
    client = _admin(mine)
    tries: list[tuple[dict[str, Any], int]] = [
        (_place(other), 404),
        (_place(mine, role="admin"), 403),
        (_place(mine, role="super_admin"), 403),
        (_place(mine, place="chain:"), 404),
        (_place(mine, reason=""), 422),
        (_place(mine, place=f"store:{uuid7()}"), 404),
    ]
    for form, status in tries:
        assert client.post("/staff/view", form).status_code == status, form
    assert _super().post("/staff/view", _place(mine, role="super_admin", place="chain:")).status_code == 403
    assert _client(make_staff(scope_id=mine.id)).post("/staff/view", _place(mine)).status_code == 403
    assert not AuditEntry.objects.filter(action="view.begin").exists()

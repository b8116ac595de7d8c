"""Who may do what to whom: never to oneself, a peer, somebody above or elsewhere; a super admin always stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client

from codepop.accounts import directory, services
from codepop.accounts.errors import HigherRole, LastSuperAdmin, OwnAccount, ReasonWanted
from codepop.accounts.models import RoleGrant, User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.selectors import Grant, grants_of
from codepop.accounts.services import Manager
from codepop.accounts.services.locks import TRIES, count_try, lock_of
from codepop.accounts.tests.factories import PASSWORD, make_staff, make_user
from codepop.core.audit import check
from codepop.core.errors import AppError, InvalidInput, NotFound
from codepop.core.models import AuditEntry
from codepop.kit.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE, REGION = uuid7(), uuid7(), uuid7()
CHAIN = Grant(Role.SUPER_ADMIN, ScopeKind.CHAIN, None)


def _as(user: User) -> Manager:
    return Manager(user.id, grants_of(user.id), {HERE: REGION})


def _admin(store: UUID = HERE) -> Manager:
    return _as(make_staff(role=Role.ADMIN, scope_id=store))


def _super() -> Manager:
    return _as(make_staff(role=Role.SUPER_ADMIN))


def _manager_at(store: UUID) -> Grant:
    return Grant(Role.MANAGER, ScopeKind.STORE, store)


def _acts(user_id: UUID) -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(action__startswith="people.", subject__startswith=f"user:{user_id}")
    return list(rows.order_by("id").values_list("action", "note", "chain"))


@pytest.mark.req("DOM-02", "DB-12")
def test_an_admin_invites_a_manager_who_gets_account_role_and_mail() -> None:
    user_id = services.invite(
        by=_admin(), email="New@Example.org", name="Nia", grant=_manager_at(HERE), reason="starts"
    )
    person = directory.find_person(user_id)
    assert person
    assert (person.name, person.active, [one.grant for one in person.roles]) == ("Nia", True, [_manager_at(HERE)])
    assert not User.objects.get(id=user_id).has_usable_password()
    assert _acts(user_id) == [("people.invite", "starts", str(HERE))]
    again = services.invite(by=_admin(), email="new@example.org", name="Nia", grant=_manager_at(HERE), reason="lost it")
    assert (again, RoleGrant.objects.filter(user_id=user_id).count()) == (user_id, 1)


@pytest.mark.req("DOM-02", "SEC-08", "SEC-11")
def test_who_prepared_an_account_with_somebody_elses_address_gets_no_role() -> None:
    client = Client()
    body = {"email": "new@example.org", "password": PASSWORD}
    assert client.post("/_allauth/app/v1/auth/signup", body, content_type="application/json").status_code == 401
    stranger = User.objects.get()
    row = Authenticator.objects.create(user=stranger, type=Authenticator.Type.TOTP, data={})
    services.invite(by=_super(), email=stranger.email, name="Nia", grant=_manager_at(HERE), reason="starts")
    stranger.refresh_from_db()
    assert not stranger.has_usable_password()
    assert not Authenticator.objects.filter(id=row.id).exists()
    assert EmailAddress.objects.filter(user=stranger).values_list("verified", "primary").get() == (True, True)
    answer = client.post("/staff/sign-in", {"email": "new@example.org", "password": PASSWORD})
    assert answer.status_code != 302
    assert grants_of(stranger.id) == (_manager_at(HERE),)


_CLOSING: list[Callable[..., object]] = [
    services.lock_account,
    services.unlock_account,
    services.disable_account,
    services.remove_person,
]


@pytest.mark.req("DOM-02", "SEC-11")
@pytest.mark.parametrize("command", _CLOSING)
def test_an_admin_reaches_own_managers_and_nobody_else(command: Callable[..., object]) -> None:
    by = _admin()
    peer, above = make_staff(role=Role.ADMIN, scope_id=HERE), make_staff(role=Role.SUPER_ADMIN)
    foreign, both = make_staff(scope_id=THERE), make_staff(scope_id=HERE)
    RoleGrant.objects.create(user=both, role=Role.MANAGER, scope_kind=ScopeKind.STORE, scope_id=THERE)
    repair = make_staff(role=Role.REPAIR, scope_kind=ScopeKind.REGION, scope_id=REGION)
    before = (list(User.objects.order_by("id").values()), list(RoleGrant.objects.order_by("id").values()))
    for user in (peer, above, foreign, both, repair, make_user()):
        with pytest.raises(HigherRole):
            command(by=by, user_id=user.id, reason="because")
    with pytest.raises(OwnAccount):
        command(by=by, user_id=by.user_id, reason="because")
    with pytest.raises(NotFound):
        command(by=by, user_id=uuid7(), reason="because")
    mine = make_staff(scope_id=HERE)
    for reason in ("", "  ", "x" * 201):
        with pytest.raises(ReasonWanted):
            command(by=by, user_id=mine.id, reason=reason)
    rows = [row for row in User.objects.order_by("id").values() if row["id"] in {one["id"] for one in before[0]}]
    assert rows == before[0]
    assert not AuditEntry.objects.filter(action__startswith="people.").exists()
    command(by=by, user_id=mine.id, reason="because")
    assert [action for action, _, _ in _acts(mine.id)]
    assert check().findings == []


@pytest.mark.req("DOM-02", "SEC-11")
def test_an_admin_gives_and_takes_the_managers_role_of_the_own_store_only() -> None:
    by, mine = _admin(), make_staff(scope_id=HERE)
    wrong = [
        _manager_at(THERE),
        Grant(Role.ADMIN, ScopeKind.STORE, HERE),
        Grant(Role.REPAIR, ScopeKind.STORE, HERE),
        Grant(Role.MANAGER, ScopeKind.REGION, REGION),
        Grant(Role.MANAGER, ScopeKind.CHAIN, None),
        CHAIN,
    ]
    for grant in wrong:
        with pytest.raises(HigherRole):
            services.give_role(by=by, user_id=mine.id, grant=grant, reason="up")
        with pytest.raises(HigherRole):
            services.invite(by=by, email=f"{uuid7().hex}@example.org", name="x", grant=grant, reason="up")
    with pytest.raises(OwnAccount):
        services.give_role(by=by, user_id=by.user_id, grant=_manager_at(HERE), reason="me")
    person = make_user()
    services.give_role(by=by, user_id=person.id, grant=_manager_at(HERE), reason="starts")
    held = RoleGrant.objects.get(user=person)
    services.take_role(by=by, user_id=person.id, grant_id=held.id, reason="ended")
    assert grants_of(person.id) == ()
    assert [(action, note) for action, note, _ in _acts(person.id)] == [
        ("people.give_role", "starts"),
        ("people.take_role", "ended"),
    ]


@pytest.mark.req("DOM-02")
def test_an_admin_of_a_region_reaches_the_managers_of_its_stores() -> None:
    admin = make_staff(role=Role.ADMIN, scope_kind=ScopeKind.REGION, scope_id=REGION)
    mine, foreign = make_staff(scope_id=HERE), make_staff(scope_id=THERE)
    services.lock_account(by=_as(admin), user_id=mine.id, reason="away")
    with pytest.raises(HigherRole):
        services.lock_account(by=_as(admin), user_id=foreign.id, reason="away")


@pytest.mark.req("DOM-02", "SEC-10")
def test_lock_disable_and_remove_differ_in_what_stays() -> None:
    by = _super()
    locked, disabled, used, unused = (make_staff(scope_id=HERE) for _ in range(4))
    User.objects.filter(id=used.id).update(last_login=used.created_at)
    services.lock_account(by=by, user_id=locked.id, reason="lost phone")
    services.disable_account(by=by, user_id=disabled.id, reason="left")
    assert not services.remove_person(by=by, user_id=used.id, reason="moved on")
    assert services.remove_person(by=by, user_id=unused.id, reason="never came")
    state = {user.id: (user.is_active, user.grants.count()) for user in User.objects.all()}
    assert state[locked.id] == (False, 1)
    assert state[disabled.id] == (False, 0)
    assert state[used.id] == (True, 0)
    assert unused.id not in state
    for _ in range(TRIES):
        count_try(email=locked.email, network="198.51.100.7")
    assert lock_of(locked.id)
    services.unlock_account(by=by, user_id=locked.id, reason="found it")
    assert User.objects.get(id=locked.id).is_active
    assert lock_of(locked.id) is None


@pytest.mark.req("DOM-01", "DOM-03")
def test_a_super_admin_gives_every_role_in_its_kind_of_place() -> None:
    by, person = _super(), make_user()
    for role in Role:
        grant = CHAIN if role == Role.SUPER_ADMIN else Grant(role, ScopeKind.REGION, REGION)
        services.give_role(by=by, user_id=person.id, grant=grant, reason="needed")
    assert {grant.role for grant in grants_of(person.id)} == set(Role)
    for wrong in (Grant(Role.SUPER_ADMIN, ScopeKind.STORE, HERE), Grant(Role.MANAGER, ScopeKind.STORE, None)):
        with pytest.raises(InvalidInput):
            services.give_role(by=by, user_id=person.id, grant=wrong, reason="needed")


@pytest.mark.req("SEC-11")
def test_the_last_super_admin_stays_whoever_asks() -> None:
    first, second = _super(), _super()
    services.lock_account(by=first, user_id=second.user_id, reason="on leave")
    for command in (services.lock_account, services.disable_account, services.remove_person):
        with pytest.raises(LastSuperAdmin):
            command(by=second, user_id=first.user_id, reason="mine now")
    grant_id = RoleGrant.objects.get(user_id=first.user_id).id
    with pytest.raises(LastSuperAdmin):
        services.take_role(by=second, user_id=first.user_id, grant_id=grant_id, reason="mine now")
    assert User.objects.get(id=first.user_id).is_active


@pytest.mark.req("SEC-11")
def test_two_super_admins_who_remove_each_other_at_once_leave_one() -> None:
    pair = (_super(), _super())
    barrier = Barrier(2)

    def remove(at: int) -> str:
        try:
            barrier.wait()
            services.disable_account(by=pair[at], user_id=pair[1 - at].user_id, reason="mine")
            return "done"
        except AppError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(remove, (0, 1)))
    assert outcomes[-1] in ("done", "last_super_admin")
    assert User.objects.filter(is_active=True, grants__role=Role.SUPER_ADMIN).exists()
    assert outcomes.count("done") == 1

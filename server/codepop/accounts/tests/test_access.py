"""The policy table as it is applied: who may call at all, and whose objects are visible."""

from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from codepop.accounts import access
from codepop.accounts.access import CsrfFailed, SecondFactorNeeded, admit, require, token_digest
from codepop.accounts.models import User
from codepop.accounts.roles import Role, ScopeKind
from codepop.accounts.tests.factories import make_staff, make_user
from codepop.core.errors import Forbidden, NotFound, NotSignedIn
from codepop.core.sessions import SessionStore
from codepop.kit.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


def _request(
    *, user: User | None = None, token: str | None = None, method: str = "GET", second_factor: bool = True
) -> Any:
    headers = {"X-Order-Token": token} if token else {}
    request = RequestFactory().generic(method, "/", headers=headers)
    request.user = user or AnonymousUser()
    request.session = SessionStore()
    if user:
        request.COOKIES["sessionid"] = "a-session"
        record_authentication(request, user, "mfa" if second_factor else "password")
    return request


@pytest.mark.req("SEC-11")
def test_nobody_gets_past_an_operation_that_has_no_row() -> None:
    with pytest.raises(NotFound):
        admit(_request(user=make_staff(role=Role.SUPER_ADMIN)), "an_operation_without_a_row")


@pytest.mark.req("SEC-11")
def test_a_guest_without_the_orders_secret_is_asked_to_sign_in() -> None:
    with pytest.raises(NotSignedIn):
        admit(_request(), "get_order")
    assert admit(_request(token="secret"), "get_order").user is None


@pytest.mark.req("DOM-04")
def test_an_order_is_visible_to_its_secret_its_owner_and_its_stores_staff_only() -> None:
    owner, stranger = make_user(), make_user()
    store, other_store = uuid7(), uuid7()
    manager = make_staff(scope_id=store)
    other_manager = make_staff(scope_id=other_store)
    facts: dict[str, Any] = {"owner_id": owner.id, "token_hash": token_digest("secret"), "store_id": store}
    for good in (_request(user=owner), _request(token="secret"), _request(user=manager)):
        require(good, "get_order", **facts)
    for bad in (_request(user=stranger), _request(token="guess"), _request(user=other_manager), _request()):
        with pytest.raises(NotFound):
            require(bad, "get_order", **facts)


@pytest.mark.req("DOM-01")
def test_a_grant_covers_its_store_its_region_or_the_chain() -> None:
    store, region = uuid7(), uuid7()
    regional = make_staff(scope_kind=ScopeKind.REGION, scope_id=region)
    chain = make_staff(role=Role.SUPER_ADMIN)
    repair = make_staff(role=Role.REPAIR)
    for user in (regional, chain):
        require(_request(user=user), "staff:store", store_id=store, region_id=region)
    with pytest.raises(NotFound):
        require(_request(user=regional), "staff:store", store_id=store, region_id=uuid7())
    with pytest.raises(Forbidden):
        admit(_request(user=repair), "staff:store")


@pytest.mark.req("SEC-06")
def test_a_cookie_session_needs_its_csrf_token_to_change_anything() -> None:
    user = make_user()
    with pytest.raises(CsrfFailed):
        admit(_request(user=user, method="POST"), "place_order")
    assert admit(_request(user=user), "list_orders").user == user


def test_a_locked_account_is_nobody() -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    assert access.principal(_request(user=user)).user is None


@pytest.mark.req("SEC-09")
def test_a_role_counts_for_nothing_without_a_second_factor() -> None:
    manager = make_staff(role=Role.MANAGER)
    request = _request(user=manager, second_factor=False)
    with pytest.raises(SecondFactorNeeded):
        admit(request, "staff:store")
    assert admit(request, "list_orders").user == manager
    with pytest.raises(NotFound):
        require(request, "get_order", owner_id=make_user().id, token_hash=token_digest("s"), store_id=uuid7())


@pytest.mark.req("SEC-09")
def test_somebody_elses_second_factor_counts_for_nothing() -> None:
    other = _request(user=make_staff())
    request = _request(user=make_staff(), second_factor=False)
    request.session = other.session
    with pytest.raises(SecondFactorNeeded):
        admit(request, "staff:store")

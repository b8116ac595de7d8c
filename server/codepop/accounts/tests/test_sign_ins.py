"""The devices a person is signed in on: listed, ended one by one, all ended by a new password."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from codepop.accounts.devices import UNKNOWN, device_name
from codepop.accounts.models import SignIn, User
from codepop.accounts.personal import HOLDER
from codepop.accounts.services import (
    drop_factors,
    end_every_session,
    end_sessions_by_hand,
    end_sessions_of,
    note_use,
)
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.personal import Person
from codepop.core.sessions import SessionStore, forget_sessions, stored_key
from codepop.kit.clock import frozen, now

pytestmark = pytest.mark.django_db(transaction=True)
ADA = "ada@example.org"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "CodePop/1.0 CFNetwork/1490 Darwin/23 iPhone15,2"


@pytest.fixture(autouse=True)
def _no_limits_of_others() -> None:
    cache.clear()


def _post(path: str, body: dict[str, Any], **headers: str) -> Any:
    return Client().post(f"/_allauth/app/v1/{path}", body, content_type="application/json", headers=headers)


def _token(agent: str = PHONE, password: str = PASSWORD) -> str:
    answer = _post("auth/login", {"email": ADA, "password": password}, **{"User-Agent": agent})
    assert answer.status_code == 200
    return str(answer.json()["meta"]["session_token"])


def _call(token: str, method: str = "get", path: str = "/me/sessions") -> Any:
    return getattr(Client(), method)(f"/api/v1{path}", headers={"X-Session-Token": token})


def _devices(token: str) -> dict[str, bool]:
    return {one["device"]: one["current"] for one in _call(token).json()["sessions"]}


@pytest.mark.req("SEC-08")
def test_each_device_is_listed_and_can_be_signed_out_by_another() -> None:
    make_user(email=ADA, password=PASSWORD)
    phone, laptop = _token(), _token(FIREFOX)
    assert _devices(phone) == {"CodePop app on iPhone": True, "Firefox on Linux": False}
    [other] = [one for one in _call(phone).json()["sessions"] if not one["current"]]
    assert other["client"] == "app"
    assert _call(phone, "delete", f"/me/sessions/{other['id']}").status_code == 204
    assert _call(laptop, path="/me").status_code == 401
    assert _devices(phone) == {"CodePop app on iPhone": True}
    assert _call(phone, "delete", f"/me/sessions/{other['id']}").status_code == 404


@pytest.mark.req("SEC-08", "SEC-11")
def test_nobody_ends_somebody_elses_session() -> None:
    make_user(email=ADA, password=PASSWORD)
    theirs = _token()
    [session] = _call(theirs).json()["sessions"]
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.delete(f"/api/v1/me/sessions/{session['id']}").status_code == 404
    assert _call(theirs, path="/me").status_code == 200
    assert Client().get("/api/v1/me/sessions").status_code == 401


@pytest.mark.req("SEC-08")
def test_all_others_end_at_once() -> None:
    make_user(email=ADA, password=PASSWORD)
    one, two, three = _token(), _token(), _token()
    answer = _call(one, "delete")
    assert [session["current"] for session in answer.json()["sessions"]] == [True]
    assert [_call(token, path="/me").status_code for token in (one, two, three)] == [200, 401, 401]


@pytest.mark.req("SEC-08")
def test_signing_out_takes_the_device_off_the_list() -> None:
    make_user(email=ADA, password=PASSWORD)
    token = _token()
    Client().delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})
    assert not SignIn.objects.exists()
    assert _call(token, path="/me").status_code == 401


@pytest.mark.req("SEC-08", "DB-07")
def test_a_new_password_ends_every_other_session() -> None:
    make_user(email=ADA, password=PASSWORD)
    mine, stolen = _token(), _token()
    body = {"current_password": PASSWORD, "new_password": "quite-another-one"}
    answer = _post("account/password/change", body, **{"X-Session-Token": mine})
    assert answer.status_code == 200
    kept = answer.json()["meta"].get("session_token", mine)
    assert _call(stolen, path="/me").status_code == 401
    assert _call(kept, path="/me").status_code == 200
    assert list(_devices(kept).values()) == [True]
    assert Session.objects.count() == 1


@pytest.mark.req("SEC-08")
def test_when_a_device_was_last_seen_is_written_once_an_hour() -> None:
    user = make_user(email=ADA)
    client = Client()
    client.force_login(user)
    key = stored_key(str(client.session.session_key))
    with frozen(now()) as time:
        begin = SignIn.objects.get().seen_at
        note_use(user_id=user.id, session=key)
        note_use(user_id=user.id, session=key)
        assert SignIn.objects.get().seen_at == begin
        later = time.advance(hours=1, seconds=1)
        note_use(user_id=user.id, session=key)
        assert SignIn.objects.get().seen_at == later


@pytest.mark.req("SEC-08")
@pytest.mark.parametrize(
    "end",
    [
        lambda user, key: SessionStore(key).flush(),
        lambda user, key: end_sessions_of(user.id),
        lambda user, key: end_sessions_by_hand(user_id=user.id, by="ada", note="key in a chat"),
        lambda user, key: end_every_session(by="ada", note="keyset leaked"),
        lambda user, key: drop_factors(user_id=user.id, actor="operator", note="lost"),
        lambda user, key: HOLDER.begin(Person(user_id=user.id, emails=frozenset({user.email}))),
    ],
    ids=["itself", "service", "hand", "all", "factors", "erasure"],
)
def test_a_device_is_off_the_list_as_soon_as_its_session_ends(end: Callable[[User, str], object]) -> None:
    user, client = make_user(email=ADA), Client()
    client.force_login(user)
    assert SignIn.objects.count() == Session.objects.count() == 1
    end(user, str(client.session.session_key))
    assert SignIn.objects.count() == Session.objects.count() == 0


@pytest.mark.req("SEC-08", "SEC-01")
def test_what_is_over_is_deleted() -> None:
    client = Client()
    client.force_login(make_user())
    stays = Client()
    stays.force_login(make_user())
    Session.objects.filter(pk=stored_key(str(client.session.session_key))).update(
        expire_date=now() - timedelta(seconds=1)
    )
    forget_sessions(now())
    assert [row.session_id for row in SignIn.objects.all()] == [stored_key(str(stays.session.session_key))]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "CodePop app on iPhone"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18 Mobile Safari/604",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("okhttp/4.12", "CodePop app on Android"),
        ("<script>alert(1)</script>", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_device_is_named_as_its_person_knows_it(header: str, name: str) -> None:
    assert device_name(header) == name


@pytest.mark.req("SEC-08")
def test_a_person_says_what_they_want_to_be_called() -> None:
    make_user(email=ADA, password=PASSWORD)
    token = _token()
    headers = {"X-Session-Token": token}
    named = Client().patch("/api/v1/me", {"name": " Ada L. "}, content_type="application/json", headers=headers)
    assert (named.status_code, named.json()["name"]) == (200, "Ada L.")
    assert _call(token, path="/me").json()["name"] == "Ada L."
    for bad in ("x" * 81, "a\nb"):
        body = {"name": bad}
        assert Client().patch("/api/v1/me", body, content_type="application/json", headers=headers).status_code == 422

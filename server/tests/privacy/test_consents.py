"""What people agree to: recorded with version and time, asked again when it changes, taken back at once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.tests.factories import make_user
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.notifications.kinds import Category
from codepop.notifications.models import Message, State
from codepop.notifications.services import make_campaign, queue_campaign
from codepop.privacy import purposes
from codepop.privacy.models import Consent
from codepop.privacy.purposes import Purpose
from codepop.privacy.selectors import allows, people_who_agree
from codepop.privacy.services import decide

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NEWS = Purpose.NEWS_MAIL


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


@pytest.fixture
def user() -> User:
    return make_user()


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def _put(client: Client, *decisions: dict[str, Any]) -> Any:
    return client.put("/api/v1/me/privacy/consents", {"decisions": list(decisions)}, content_type="application/json")


def _consent(answer: Any, purpose: str) -> dict[str, Any]:
    return next(one for one in answer.json()["consents"] if one["purpose"] == purpose)


@pytest.mark.req("DB-16", "D16")
def test_nothing_optional_is_done_before_somebody_says_yes(user: User) -> None:
    assert not any(allows(user.id, purpose) for purpose in purposes.OPTIONAL)
    answer = _signed_in(user).get("/api/v1/me/privacy").json()
    assert {one["purpose"]: (one["given"], one["ask"]) for one in answer["consents"]} == {
        purpose.value: (False, True) for purpose in purposes.OPTIONAL
    }
    assert (answer["exports"], answer["erasure"]) == ([], None)


@pytest.mark.req("DB-16", "MAIL-10")
def test_a_yes_has_version_time_and_source_and_a_no_follows_it_as_proof(user: User, time: FrozenTime) -> None:
    client = _signed_in(user)
    first = time.at
    answer = _put(client, {"purpose": "news_mail", "given": True, "version": 1})
    assert answer.status_code == 200
    assert _consent(answer, "news_mail")["given"] is True
    assert list(people_who_agree(NEWS)) == [user.id]
    time.advance(days=2)
    _put(client, {"purpose": "news_mail", "given": False, "version": 1})
    assert not allows(user.id, NEWS)
    rows = Consent.objects.order_by("at").values_list("purpose", "version", "given", "source", "at")
    assert list(rows) == [("news_mail", 1, True, "api", first), ("news_mail", 1, False, "api", time.at)]


def _change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(purposes.PURPOSES, NEWS, replace(purposes.PURPOSES[NEWS], version=2))


@pytest.mark.req("DB-16", "D16")
def test_what_changes_is_asked_again_and_is_a_no_until_then(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = _signed_in(user)
    _put(client, {"purpose": "news_mail", "given": True, "version": 1})
    _change(monkeypatch)
    assert not allows(user.id, NEWS)
    assert list(people_who_agree(NEWS)) == []
    seen = _consent(client.get("/api/v1/me/privacy"), "news_mail")
    assert (seen["given"], seen["ask"], seen["version"], seen["current_version"]) == (False, True, 1, 2)
    refused = _put(client, {"purpose": "news_mail", "given": True, "version": 1})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "notice_changed")
    assert not allows(user.id, NEWS)
    _put(client, {"purpose": "news_mail", "given": True, "version": 2})
    assert allows(user.id, NEWS)


@pytest.mark.req("DB-16")
def test_a_no_to_an_old_version_counts(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(user_id=user.id, decisions={NEWS: (True, 1)}, source="api")
    _change(monkeypatch)
    assert _put(_signed_in(user), {"purpose": "news_mail", "given": False, "version": 1}).status_code == 200
    assert [row.given for row in Consent.objects.order_by("at", "id")] == [True, False]


@pytest.mark.req("DB-16", "MAIL-10")
def test_a_withdrawal_stops_the_mail_that_waits(user: User) -> None:
    decide(user_id=user.id, decisions={NEWS: (True, 1)}, source="api")
    campaign = make_campaign(subject="Peach", paragraphs=["It is back."])
    queue_campaign(campaign_id=campaign)
    assert Message.objects.get().state == State.QUEUED
    decide(user_id=user.id, decisions={NEWS: (False, 1)}, source="api")
    row = Message.objects.get()
    assert (row.state, row.failure) == (State.SKIPPED, "not_wanted")


@pytest.mark.req("DB-16")
def test_what_is_needed_is_not_agreed_to(user: User) -> None:
    answer = _put(
        _signed_in(user),
        {"purpose": "news_mail", "given": True, "version": 1},
        {"purpose": "books", "given": False, "version": 1},
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "not_optional")
    assert not Consent.objects.exists()


@pytest.mark.req("DB-16", "D16")
def test_the_notice_lists_each_purpose_with_its_reason_and_keeps_its_versions() -> None:
    client = Client()
    answer = client.get("/api/v1/privacy").json()
    assert {one["purpose"] for one in answer["purposes"]} == {purpose.value for purpose in Purpose}
    assert all(one["optional"] == (one["basis"] == "consent") for one in answer["purposes"])
    page = client.get("/privacy")
    assert page.status_code == 200
    for rule in purposes.PURPOSES.values():
        assert rule.title in page.content.decode().replace("&#x27;", "'")
    for version in answer["versions"]:
        assert client.get(version["url"]).status_code == 200
    assert client.get("/privacy/999").status_code == 404


@pytest.mark.req("MAIL-17")
def test_the_notice_says_what_we_write_to_people_about_and_how_it_ends() -> None:
    """A part about mail with one entry for each category; a transaction's mails are of two kinds."""
    page = Client().get("/privacy").content.decode()
    found = re.search(r'<h2 id="mail">.*?(<ul>.*?</ul>)(.*?)<h2', page, re.DOTALL)
    assert found
    entries = re.findall(r"<li>(.*?)</li>", found[1])
    assert [entry.split(":")[0] for entry in entries] == [
        "About your account",
        "About what you bought",
        "How an order is doing",
        "News",
    ]
    assert len(entries) == len(Category) + 1
    assert all("one click" in entry for entry in entries[2:])
    assert "comes back" in found[2]
    assert "our mail provider" in page


def test_nobody_sees_or_changes_anything_without_signing_in() -> None:
    client = Client()
    assert client.get("/api/v1/me/privacy").status_code == 401
    assert _put(client, {"purpose": "news_mail", "given": True, "version": 1}).status_code == 401
    assert client.post("/api/v1/me/privacy/exports").status_code == 401
    assert client.post("/api/v1/me/privacy/erasure", {"confirm": "erase"}, "application/json").status_code == 401

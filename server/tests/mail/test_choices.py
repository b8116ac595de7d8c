"""What can be declined is declined by one click, without log-in, and the next campaign skips."""

import re
from typing import Any

import pytest
from django.test import Client

from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.db import transaction
from codepop.notifications import services
from codepop.notifications.addresses import choices_token
from codepop.notifications.kinds import Category, Channel
from codepop.notifications.models import Choice, Message, State
from codepop.notifications.selectors import choices_of
from codepop.privacy.models import Consent
from tests.mail_side import mailbox
from tests.stripe_side import run_jobs

ADA = "ada@example.org"
NEWS = (Category.NEWS, Channel.MAIL)
READY = (Category.ORDER_EVENTS, Channel.MAIL)


def _reader(email: str = ADA) -> Any:
    user = make_user(email=email, password=PASSWORD)
    services.choose(user_id=user.id, choices={NEWS: True}, source="api")
    return user


def _campaign(subject: str = "Peach is back") -> None:
    services.make_campaign(subject=subject, paragraphs=["Only this month."])
    run_jobs()
    services.deliver_due()


@pytest.mark.req("MAIL-09")
def test_one_click_unsubscribes_without_log_in_and_the_next_campaign_skips() -> None:
    user = _reader()
    _campaign()
    [mail] = mailbox(ADA)
    headers = dict(mail["headers"])
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.sub(r"\s", "", headers["List-Unsubscribe"]).strip("<>")
    path = address.partition("/mail/")[2]
    client = Client(enforce_csrf_checks=True)
    assert client.get(f"/mail/{path}").status_code == 200
    assert choices_of(user.id)[NEWS] is True
    answer = client.post(f"/mail/{path}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert choices_of(user.id)[NEWS] is False
    assert address in mail["text"]
    assert "1 Example Way" in mail["text"]
    _campaign("Pumpkin is here")
    assert len(mailbox(ADA)) == 1


@pytest.mark.req("MAIL-09")
def test_what_is_queued_already_is_skipped_too() -> None:
    user = _reader()
    services.make_campaign(subject="Peach is back", paragraphs=["Only this month."])
    run_jobs()
    services.choose(user_id=user.id, choices={NEWS: False}, source="api")
    services.deliver_due()
    assert mailbox(ADA) == []
    assert Message.objects.get().failure == "not_wanted"


@pytest.mark.req("MAIL-10")
def test_news_comes_only_by_consent_which_is_recorded_and_erased() -> None:
    make_user(email="silent@example.org")
    user = _reader()
    _campaign()
    assert [mail["recipients"] for mail in mailbox()] == [[ADA]]
    services.choose(user_id=user.id, choices={NEWS: True}, source="api")
    services.choose(user_id=user.id, choices={NEWS: False}, source="page")
    said = Consent.objects.order_by("at", "id").values_list("purpose", "given", "source")
    assert list(said) == [("news_mail", True, "api"), ("news_mail", False, "page")]
    services.choose(user_id=user.id, choices={NEWS: True, READY: True}, source="api")
    services.make_campaign(subject="Later", paragraphs=[])
    run_jobs()
    theirs = list(Message.objects.filter(user_id=user.id).values_list("id", flat=True))
    with transaction():
        services.forget_person(user_id=user.id, messages=theirs)
    services.deliver_due()
    assert not Choice.objects.exists()
    assert not Message.objects.filter(user_id=user.id).exists()
    assert Message.objects.filter(state=State.SKIPPED, failure="erased").count() == 1
    assert len(mailbox(ADA)) == 1


@pytest.mark.req("MAIL-09", "MAIL-16")
def test_the_page_shows_and_takes_each_choice() -> None:
    user = _reader()
    path = f"/mail/choices/{choices_token(user.id)}"
    page = Client().get(path)
    assert 'name="news.mail" checked' in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
    saved = Client(enforce_csrf_checks=True).post(path, {"order_events.mail": "on"})
    assert "Saved" in saved.content.decode()
    assert choices_of(user.id) == {
        (Category.ORDER_EVENTS, Channel.MAIL): True,
        (Category.ORDER_EVENTS, Channel.IN_APP): False,
        (Category.NEWS, Channel.MAIL): False,
        (Category.NEWS, Channel.IN_APP): False,
    }


@pytest.mark.req("MAIL-09")
def test_a_link_that_we_never_made_opens_nothing() -> None:
    user = _reader()
    token = choices_token(user.id)
    for bad in (token[:-2], "x", f"{user.id}"):
        answer = Client().post(f"/mail/choices/{bad}", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404
    assert choices_of(user.id)[NEWS] is True


@pytest.mark.req("MAIL-16")
def test_the_app_reads_and_sets_the_same_choices() -> None:
    user = _reader()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    before = client.get("/api/v1/me/mail").json()
    assert {"category": "news", "channel": "mail", "allowed": True} in before["choices"]
    body = {"choices": [{"category": "news", "channel": "mail", "allowed": False}]}
    after = client.put("/api/v1/me/mail", body, content_type="application/json").json()
    assert {"category": "news", "channel": "mail", "allowed": False} in after["choices"]
    wrong = {"choices": [{"category": "transaction", "channel": "mail", "allowed": False}]}
    assert client.put("/api/v1/me/mail", wrong, content_type="application/json").status_code == 422
    assert Client().get("/api/v1/me/mail").status_code == 401


@pytest.mark.req("MAIL-09", "D16")
def test_an_old_mails_link_does_no_harm_when_the_account_is_gone() -> None:
    user = _reader()
    address = f"/mail/choices/{choices_token(user.id)}"
    user.delete()
    assert Client().get(address).status_code == 404
    assert Client().post(address, {"news.mail": "on"}).status_code == 404
    assert Client().post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Choice.objects.exists()
    assert not Consent.objects.filter(user_id=user.id, given=True, source="page").exists()

"""Accounts live by mail: sign-up, confirmation, reset, change of address; and what they must never tell."""

import time as real_time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.cache import cache
from django.db.models import Q
from django.test import Client

from codepop.accounts.models import AddressWish, SignIn
from codepop.accounts.services import note_wish
from codepop.accounts.tests.factories import PASSWORD, make_user
from codepop.core.alerts import open_alerts
from codepop.core.models import AuditEntry
from codepop.kit.clock import frozen, now
from codepop.notifications import services
from codepop.notifications.models import FlawedAddress, Message, State
from codepop.notifications.services import delivery
from tests.mail_side import call, fault, links, mailbox
from tests.racing import at_once
from tests.stripe_side import run_jobs

ADA = "ada.canary@example.org"
NEW = "ada.new@example.org"
User = get_user_model()


def _post(path: str, body: dict[str, Any], *, client: Client | None = None, **headers: str) -> Any:
    return (client or Client()).post(f"/_allauth/app/v1/{path}", body, content_type="application/json", headers=headers)


def _sign_up(email: str = ADA, *, ip: str = "127.0.0.1") -> Any:
    return _post("auth/signup", {"email": email, "password": PASSWORD}, client=Client(REMOTE_ADDR=ip))


def _log_in(email: str = ADA, password: str = PASSWORD) -> Any:
    return _post("auth/login", {"email": email, "password": password})


def _verify(key: str) -> Any:
    return _post("auth/email/verify", {"key": key})


def _key(email: str = ADA) -> str:
    """The key in the newest mail to an address."""
    run_jobs()
    return links(mailbox(email)[0])[0].rpartition("/")[2]


@pytest.mark.req("MAIL-01", "MAIL-03")
def test_an_account_works_once_its_address_is_confirmed_and_the_link_works_once() -> None:
    assert _sign_up().status_code == 401
    assert _log_in().status_code == 401
    assert not EmailAddress.objects.get().verified
    key = _key()
    assert _verify(key).status_code in (200, 401)
    assert EmailAddress.objects.get().verified
    assert _log_in().status_code == 200
    assert _verify(key).status_code == 400


@pytest.mark.req("MAIL-01")
def test_the_mail_leads_to_the_app_and_names_nobody() -> None:
    _sign_up()
    run_jobs()
    [mail] = mailbox(ADA)
    assert mail["subject"] == "Confirm your e-mail address"
    [link] = links(mail)
    assert link.startswith("http://127.0.0.1")
    assert "/account/verify/" in link
    assert link in mail["html"].replace("&amp;", "&")
    assert PASSWORD not in mail["raw"]


@pytest.mark.req("MAIL-03")
def test_a_link_is_good_for_24_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    _sign_up()
    key = _key()
    begin = real_time.time()
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: begin + 24 * 3600 + 60)
        assert _verify(key).status_code == 400
        patch.setattr(signing.time, "time", lambda: begin + 24 * 3600 - 60)
        assert _verify(key).status_code in (200, 401)


@pytest.mark.req("MAIL-03")
def test_a_link_confirms_its_own_address_and_no_other() -> None:
    _sign_up()
    _sign_up("bob@example.org")
    key = _key("bob@example.org")
    _verify(key)
    assert not EmailAddress.objects.get(email=ADA).verified
    assert EmailAddress.objects.get(email="bob@example.org").verified
    assert _verify(key[:-1] + ("A" if key[-1] != "A" else "B")).status_code == 400


@pytest.mark.req("MAIL-02", "MAIL-03", "SEC-08")
def test_a_password_is_reset_by_a_link_that_works_once_and_its_owner_is_told() -> None:
    make_user(email=ADA, password=PASSWORD)
    _log_in()
    assert _post("auth/password/request", {"email": ADA}).status_code == 200
    key = _key()
    assert _post("auth/password/reset", {"key": key, "password": "quite-another-one"}).status_code in (200, 401)
    assert not SignIn.objects.exists()
    assert not Session.objects.exists()
    assert _log_in(password="quite-another-one").status_code == 200
    assert _log_in().status_code == 400
    again = _post("auth/password/reset", {"key": key, "password": "a-third-password"})
    assert again.status_code == 400
    run_jobs()
    assert mailbox(ADA)[0]["subject"] == "Your password was changed"
    assert all(word not in mail["raw"] for mail in mailbox(ADA) for word in ("quite-another-one", PASSWORD))


@pytest.mark.req("MAIL-03")
def test_a_reset_link_is_good_for_24_hours_and_for_its_own_account(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(email=ADA, password=PASSWORD)
    bob = make_user(email="bob@example.org", password=PASSWORD)
    _post("auth/password/request", {"email": ADA})
    key = _key()
    from allauth.account.utils import user_pk_to_url_str

    swapped = f"{user_pk_to_url_str(bob)}-{key.partition('-')[2]}"
    assert _post("auth/password/reset", {"key": swapped, "password": "stolen-password"}).status_code == 400
    later = PasswordResetTokenGenerator._now
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: later(self) + timedelta(hours=24, minutes=1))
    assert _post("auth/password/reset", {"key": key, "password": "late-password"}).status_code == 400
    assert bob.check_password(PASSWORD)


@pytest.mark.req("MAIL-02", "SEC-08")
def test_answers_never_tell_whether_an_address_is_known() -> None:
    make_user(email=ADA, password=PASSWORD)
    known, unknown = _sign_up(ADA), _sign_up("nobody@example.org")
    assert known.status_code == unknown.status_code == 401
    assert known.json()["data"] == unknown.json()["data"]
    asked = [_post("auth/password/request", {"email": email}) for email in (ADA, "stranger@example.org")]
    assert (asked[0].status_code, asked[0].json()) == (asked[1].status_code, asked[1].json())
    again = [_resend(email) for email in ("first@example.org", "second@example.org")]
    assert {one.status_code for one in again} == {202}
    run_jobs()
    assert {mail["subject"] for mail in mailbox(ADA)} == {"You already have an account", "Choose a new password"}
    assert [mail["subject"] for mail in mailbox("stranger@example.org")] == ["There is no account with this address"]
    assert mailbox("first@example.org") == []


def _resend(email: str) -> Any:
    return Client().post("/api/v1/account/verification", {"email": email}, content_type="application/json")


@pytest.mark.req("FAIL-06", "MAIL-01")
def test_the_confirmation_is_sent_again_on_request_once_a_minute() -> None:
    _sign_up()
    run_jobs()
    limited = _resend(ADA)
    assert (limited.status_code, limited.json()["error"]["code"]) == (429, "too_many_requests")
    assert limited["Retry-After"] == "60"
    from django.core.cache import cache

    cache.clear()
    assert _resend(ADA.upper()).status_code == 202
    run_jobs()
    assert len(mailbox(ADA)) == 2
    assert _verify(_key()).status_code in (200, 401)
    cache.clear()
    assert _resend(ADA).status_code == 202
    run_jobs()
    assert len(mailbox(ADA)) == 2


def _token(client: Client, email: str) -> str:
    return str(
        _post("auth/login", {"email": email, "password": PASSWORD}, client=client).json()["meta"]["session_token"]
    )


def _confirm_it_is_you(token: str) -> None:
    assert _post("auth/reauthenticate", {"password": PASSWORD}, **{"X-Session-Token": token}).status_code == 200


@pytest.mark.req("MAIL-01", "SEC-08")
def test_a_changed_address_is_confirmed_first_and_both_are_told() -> None:
    make_user(email=ADA, password=PASSWORD)
    client = Client()
    token = _token(client, ADA)
    unconfirmed = _post("account/email", {"email": NEW}, **{"X-Session-Token": token})
    assert unconfirmed.status_code == 401
    assert "reauthenticate" in [flow["id"] for flow in unconfirmed.json()["data"]["flows"]]
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [ADA]
    _confirm_it_is_you(token)
    assert _post("account/email", {"email": NEW}, **{"X-Session-Token": token}).status_code == 200
    run_jobs()
    assert [mail["subject"] for mail in mailbox(ADA)] == ["Your e-mail address is being changed"]
    assert [mail["subject"] for mail in mailbox(NEW)] == ["Confirm your e-mail address"]
    assert User.objects.get().email == ADA
    assert _verify(_key(NEW)).status_code in (200, 401)
    run_jobs()
    assert User.objects.get().email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(NEW, True)]
    assert mailbox(ADA)[0]["subject"] == "Your e-mail address was changed"
    assert NEW not in mailbox(ADA)[0]["raw"]
    assert AuditEntry.objects.get(action="account.address").subject == f"user:{User.objects.get().id}"
    assert _log_in(NEW).status_code == 200


@pytest.mark.req("DOM-25", "SEC-10")
@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Short-1", False),
        ("password1", False),
        ("ada.canary", False),
        ("nzqtrwplkd", False),
        ("4071935826", False),
        ("nzqtrwplk7", True),
        ("Nzqtrwplkd", True),
        ("correcthorsebattery", True),
    ],
)
def test_a_password_is_long_uncommon_and_mixed(password: str, good: bool) -> None:
    answer = _post("auth/signup", {"email": ADA, "password": password})
    assert answer.status_code == (401 if good else 400)
    assert User.objects.exists() == good
    if not good:
        assert {error["param"] for error in answer.json()["errors"]} == {"password"}


@pytest.mark.req("DOM-25", "SEC-05")
def test_a_name_is_kept_and_is_no_part_of_the_password() -> None:
    body = {"email": ADA, "password": "lovelace-ada", "name": "Ada Lovelace"}
    assert _post("auth/signup", body).status_code == 400
    for bad in ("x" * 81, "a\nb", "4242 4242 4242 4242"):
        assert _post("auth/signup", {**body, "password": PASSWORD, "name": bad}).status_code == 400
    assert not User.objects.exists()
    assert _post("auth/signup", {**body, "password": PASSWORD}).status_code == 401
    assert User.objects.get().name == "Ada Lovelace"


@pytest.mark.req("DB-02", "SEC-07")
def test_signing_up_several_times_at_once_makes_one_account_and_tells_nobody_apart() -> None:
    answers = at_once([_sign_up] * 4)
    assert [(one.status_code, one.json()["data"]["flows"][0]["id"]) for one in answers] == [(401, "login")] * 4
    assert User.objects.count() == EmailAddress.objects.count() == 1
    assert _verify(_key_of_all()).status_code in (200, 401)
    assert _log_in().status_code == 200


@pytest.mark.req("DB-02", "MAIL-06")
def test_changing_to_one_address_several_times_at_once_is_one_change() -> None:
    _sign_up()
    _verify(_key())
    token = _log_in().json()["meta"]["session_token"]
    headers = {"X-Session-Token": token}
    assert _post("auth/reauthenticate", {"password": PASSWORD}, **headers).status_code == 200
    answers = at_once([lambda: _post("account/email", {"email": NEW}, **headers)] * 4)
    assert {one.status_code for one in answers} <= {200, 400, 429}
    assert 200 in {one.status_code for one in answers}
    assert EmailAddress.objects.filter(email=NEW).count() == 1


@pytest.mark.req("DB-02", "MAIL-06")
def test_a_wish_goes_with_its_address_at_whatever_moment_another_change_replaces_it() -> None:
    user = make_user(email=ADA)
    for _ in range(20):
        asked = EmailAddress.objects.create(user=user, email=NEW)
        at_once([partial(note_wish, email_address_id=asked.id), asked.delete])
        assert not AddressWish.objects.exists()
    asked = EmailAddress.objects.create(user=user, email=NEW)
    replacing = EmailAddress.objects.filter(id=asked.id)
    note_wish(email_address_id=asked.id)
    replacing._raw_delete(using="default")  # as by who looked for wishes before this one was noted
    assert not AddressWish.objects.exists()


@pytest.mark.req("MAIL-06", "MAIL-01", "D16")
def test_who_only_asks_for_an_address_keeps_nobody_from_signing_up_with_it() -> None:
    eve = make_user(email="eve@example.org", password=PASSWORD)
    headers = {"X-Session-Token": _log_in("eve@example.org").json()["meta"]["session_token"]}
    assert _post("auth/reauthenticate", {"password": PASSWORD}, **headers).status_code == 200
    assert _post("account/email", {"email": ADA}, **headers).status_code == 200
    assert AddressWish.objects.get().address.user == eve
    cache.clear()  # a minute later: each address gets one mail in that time
    assert _sign_up().status_code == 401
    ada = User.objects.get(email=ADA)
    assert list(EmailAddress.objects.filter(email=ADA).values_list("user", "verified")) == [(ada.id, False)]
    assert _verify(_key_of_all()).status_code in (200, 401)
    assert _log_in().status_code == 200


@pytest.mark.req("MAIL-04", "FAIL-06")
def test_a_server_so_slow_that_another_worker_takes_over_gets_each_mail_once() -> None:
    people = [make_user(email=f"person{number}@example.org") for number in range(3)]
    for user in people:
        _post("auth/password/request", {"email": user.email})
    with frozen(now()) as time:
        claimed = delivery._claim(Q(), delivery.BATCH)
        assert len(claimed) == 3
        assert delivery._deliver(claimed[0])
        time.advance(seconds=delivery.CLAIM.total_seconds() + 1)
        assert services.deliver_due() == 2
        assert [delivery._deliver(row) for row in claimed[1:]] == [False, False]
    assert [len(mailbox(user.email)) for user in people] == [1, 1, 1]


def _key_of_all() -> str:
    """The key in the one mail that confirms, among those that tell of an account that is there already."""
    run_jobs()
    return next(link for mail in mailbox(ADA) for link in links(mail) if "/account/verify/" in link).rpartition("/")[2]


@pytest.mark.req("MAIL-07")
@pytest.mark.parametrize("email", ["ada", "ada@", "ada@@example.org", "a da@example.org", "ädä@example.org", "a\n@b.c"])
def test_what_is_no_address_is_refused_before_anything_is_queued(email: str) -> None:
    assert _sign_up(email).status_code == 400
    assert not User.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.req("FAIL-06", "MAIL-04", "MAIL-05", "C33")
def test_a_mail_server_that_is_down_for_an_hour_loses_none_of_100_sign_ups() -> None:
    people = [f"person{number}@example.org" for number in range(100)]
    fault("smtp_outage")
    with frozen(now()) as time:
        for number, email in enumerate(people):
            assert _sign_up(email, ip=f"10.0.{number // 10}.{number}").status_code == 401
            time.advance(seconds=36)
            if number % 20 == 0:
                run_jobs()
                services.deliver_due()
                services.watch()
        run_jobs()
        services.watch()
        assert mailbox() == []
        assert {"mail.server", "mail.late"} <= set(open_alerts().values_list("kind", flat=True))
        assert Client().get("/api/v1/config").json()["mail"] == {"delayed": True}
        call("/faults", method="DELETE")
        for _ in range(4):
            time.advance(seconds=61)
            services.deliver_due()
        services.watch()
    assert sorted(mail["recipients"][0] for mail in mailbox()) == sorted(people)
    assert not open_alerts().filter(kind__startswith="mail.").exists()
    assert Client().get("/api/v1/config").json()["mail"] == {"delayed": False}
    for mail in mailbox():
        assert _verify(links(mail)[0].rpartition("/")[2]).status_code in (200, 401)
    assert EmailAddress.objects.filter(verified=True).count() == 100


# --- bounces ----------------------------------------------------------------------------------------------------------


def _event(email: str, kind: str = "HardBounce", record: str = "Bounce") -> dict[str, Any]:
    times = {"BouncedAt": "2026-11-25T10:00:00Z"}
    return {"RecordType": record, "Type": kind, "ID": 42, "Email": email, "MessageID": "m", "Metadata": {}, **times}


def _tell(event: Any, login: str = "mail:sandbox") -> Any:
    import base64

    word = base64.b64encode(login.encode()).decode()
    return Client().post(
        "/webhooks/mail", event, content_type="application/json", headers={"Authorization": f"Basic {word}"}
    )


@pytest.mark.req("MAIL-06")
def test_a_bounce_flags_the_address_asks_its_person_and_a_new_one_works() -> None:
    make_user(email=ADA, password=PASSWORD)
    token = _token(Client(), ADA)
    headers = {"X-Session-Token": token}
    assert Client().get("/api/v1/me/mail", headers=headers).json()["address_problem"] is None
    assert _tell(_event(ADA.upper())).status_code == 200
    assert _tell(_event(ADA)).status_code == 200
    assert Client().get("/api/v1/me/mail", headers=headers).json()["address_problem"] == "bounced"
    _post("auth/password/request", {"email": ADA})
    run_jobs()
    assert mailbox(ADA) == []
    assert Message.objects.get().state == State.SKIPPED
    _confirm_it_is_you(token)
    _post("account/email", {"email": NEW}, **headers)
    assert _verify(_key(NEW)).status_code in (200, 401)
    assert Client().get("/api/v1/me/mail", headers=headers).json()["address_problem"] is None
    _post("auth/password/request", {"email": NEW})
    run_jobs()
    assert mailbox(NEW)[0]["subject"] == "Choose a new password"


@pytest.mark.req("MAIL-06")
def test_an_address_that_is_confirmed_after_all_is_trusted_again() -> None:
    _sign_up()
    key = _key()
    _tell(_event(ADA))
    assert FlawedAddress.objects.exists()
    _verify(key)
    assert not FlawedAddress.objects.exists()


@pytest.mark.req("MAIL-06", "MAIL-09")
def test_a_complaint_flags_the_address_and_stops_what_can_be_declined() -> None:
    from codepop.notifications.kinds import Category, Channel
    from codepop.notifications.selectors import choices_of

    user = make_user(email=ADA)
    services.choose(user_id=user.id, choices={(Category.NEWS, Channel.MAIL): True}, source="api")
    assert _tell(_event(ADA, "SpamComplaint", "SpamComplaint")).status_code == 200
    assert FlawedAddress.objects.get().flaw == "complained"
    assert choices_of(user.id)[Category.NEWS, Channel.MAIL] is False


@pytest.mark.req("MAIL-06")
@pytest.mark.parametrize("kind", ["Transient", "AutoResponder", "DnsError"])
def test_what_is_no_bounce_flags_nothing(kind: str) -> None:
    assert _tell(_event(ADA, kind)).status_code == 200
    assert not FlawedAddress.objects.exists()


@pytest.mark.req("MAIL-06", "PAY-26")
def test_events_need_one_of_the_live_secrets_and_a_body_that_can_be_read(settings: Any) -> None:
    from codepop.notifications import webhooks

    for login in ("mail:wrong", "", "mail:next"):
        answer = _tell(_event(ADA), login)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")
    assert not FlawedAddress.objects.exists()
    for body in ("[]", "{", '{"RecordType": 7}', "null"):
        assert _tell(body).status_code in (200, 400)
    assert not FlawedAddress.objects.exists()
    settings.ANYMAIL = {"WEBHOOK_SECRET": ["mail:next", "mail:sandbox"]}
    webhooks._reader.cache_clear()
    try:
        assert [_tell(_event(ADA), login).status_code for login in ("mail:sandbox", "mail:next")] == [200, 200]
    finally:
        webhooks._reader.cache_clear()

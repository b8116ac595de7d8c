"""A person gets everything about them as one file: complete, theirs alone, for a week."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from codepop.accounts.tests.factories import confirm_identity
from codepop.kit.clock import FrozenTime, frozen, now
from codepop.notifications import services as notifications
from codepop.privacy import services
from codepop.privacy.models import Export
from codepop.privacy.purposes import Purpose
from tests.mail_side import mailbox
from tests.privacy.people import ADA, BACKEND, DRINK, order_and_pay, save_card, signed_in
from tests.racing import at_once
from tests.stripe_side import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox_url")]


@pytest.fixture
def time() -> Iterator[FrozenTime]:
    with frozen(now()) as held:
        yield held


def _fetch(client: Client, url: str) -> Any:
    return client.get(url)


def _opened(content: bytes) -> tuple[dict[str, Any], str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert sorted(archive.namelist()) == ["data.json", "index.html"]
        return json.loads(archive.read("data.json")), archive.read("index.html").decode()


@pytest.mark.req("DB-15", "D16")
def test_the_file_holds_everything_and_is_sealed_until_it_is_fetched(time: FrozenTime) -> None:
    user, shopper = signed_in()
    customer_id = save_card(shopper)
    order_and_pay(shopper)
    notifications.deliver_due()
    services.decide(user_id=user.id, decisions={Purpose.NEWS_MAIL: (True, 1)}, source="api")
    asked = shopper.call("POST", "/me/privacy/exports")
    assert (shopper.last, shopper.call("POST", "/me/privacy/exports")) == (202, asked)
    assert shopper.call("GET", "/me/privacy")["exports"][0]["url"] is None
    run_jobs()
    [export] = shopper.call("GET", "/me/privacy")["exports"]
    assert export["id"] == asked["id"]
    answer = _fetch(shopper.client, export["url"])
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "application/zip", "no-store")
    document, page = _opened(answer.content)
    rows = {section["title"]: section["rows"] for section in document["sections"]}
    assert rows["Account"][0] | {"email": ADA, "name": "Ada Canary"} == rows["Account"][0]
    assert rows["Orders"][0]["contact_email"] == ""  # an account has its address; another one is not kept
    assert rows["Drinks of your orders"][0]["name"] == DRINK
    assert rows["Saved cards, kept by the payment provider"][0]["customer_id"] == customer_id
    assert rows["Payments"][0]["status"] == "succeeded"
    assert rows["What you agreed to"][0]["purpose"] == "news_mail"
    assert {row["kind"] for row in rows["Messages we sent, without their content"]} >= {"receipt"}
    assert {section["table"] for section in document["sections"]} == {
        place.table for holder in services.holders() for place in holder.places
    }
    assert "Ada&#x27;s birthday" in page
    assert "argon2" not in answer.content.decode("latin-1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM privacy_export")
        assert cursor.fetchone()[0].startswith("e1:")
    notifications.deliver_due()
    assert "Your data are ready" in [mail["subject"] for mail in mailbox(ADA)]


@pytest.mark.req("DB-15", "SEC-11")
def test_it_is_for_its_person_alone_and_for_a_week(time: FrozenTime) -> None:
    user, shopper = signed_in()
    other, _ = signed_in("bob@example.org")
    asked = shopper.call("POST", "/me/privacy/exports")
    url = f"/api/v1/me/privacy/exports/{asked['id']}/file"
    assert _fetch(shopper.client, url).status_code == 404
    run_jobs()
    stranger = Client()
    assert _fetch(stranger, url).status_code == 401
    stranger.force_login(other, backend=BACKEND)
    confirm_identity(stranger)
    assert _fetch(stranger, url).status_code == 404
    assert _fetch(shopper.client, url).status_code == 200
    time.advance(days=7, seconds=1)
    shopper.client.force_login(user, backend=BACKEND)
    confirm_identity(shopper.client)
    assert _fetch(shopper.client, url).status_code == 404
    assert shopper.call("GET", "/me/privacy")["exports"] == []
    services.cut_all()
    assert not Export.objects.exists()


@pytest.mark.req("DB-15")
def test_asked_for_at_once_it_is_made_once_and_a_lost_job_is_made_good(time: FrozenTime) -> None:
    user, _ = signed_in()
    ids = at_once([lambda: services.ask_export(user_id=user.id)] * 4)
    assert len(set(ids)) == Export.objects.count() == 1
    time.at += timedelta(minutes=11)
    assert services.make_waiting_exports() == 1
    services.make_export(export_id=ids[0])
    assert Export.objects.get().state == "ready"

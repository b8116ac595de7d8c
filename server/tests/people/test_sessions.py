"""The runbook docs/runbooks/sessions.md, followed: a leaked key is named and ended, and so are all sessions."""

import io
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from codepop.accounts.models import User
from codepop.accounts.roles import Role
from codepop.accounts.tests.factories import confirm_identity, make_staff, make_user
from codepop.core.models import AuditEntry
from codepop.kit.clock import now

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
RUNBOOK = Path(__file__).resolve().parents[3] / "docs" / "runbooks" / "sessions.md"


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def _run(name: str = "sessions", **options: Any) -> str:
    out = io.StringIO()
    call_command(name, stdout=out, **options)
    return out.getvalue()


def _whose(key: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
    return _run(whose=True)


@pytest.mark.req("SEC-08")
def test_a_leaked_key_is_named_and_its_person_signed_out_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_staff(role=Role.MANAGER)
    first, second, other = _client(person), _client(person), _client(make_user())
    key = first.cookies["sessionid"].value
    said = _whose(key, monkeypatch)
    assert said.startswith(f"person {person.id}: manager; ends ")
    assert person.email not in said
    assert _run(end_person=person.id, by="ada", note="key in a chat") == "2 sessions ended\n"
    assert _whose(key, monkeypatch) == "This key opens no session: it is wrong, over, or was ended.\n"
    assert [client.get("/api/v1/me").status_code for client in (first, second, other)] == [401, 401, 200]
    entry = AuditEntry.objects.get(action="sessions.end")
    assert (entry.actor, entry.subject, entry.note) == ("ada", f"user:{person.id} 2", "key in a chat")


@pytest.mark.req("SEC-08")
def test_a_sessions_end_is_fixed_at_its_sign_in_whatever_is_written_into_it_later() -> None:
    client = _client(make_user())
    ends = Session.objects.get().expire_date
    assert timedelta(days=13, hours=23) < ends - now() <= timedelta(days=14)
    confirm_identity(client)
    assert client.get("/api/v1/me").status_code == 200
    assert Session.objects.get().expire_date == ends


@pytest.mark.req("SEC-08")
def test_everybody_is_signed_out_at_once() -> None:
    clients = [_client(make_user()), _client(make_staff())]
    assert _run().startswith("2 sessions of 2 people (1 with a role)")
    assert _run(end_all=True, by="ada", note="keyset leaked") == "2 sessions ended\n"
    assert _run().startswith("0 sessions of 0 people")
    assert [client.get("/api/v1/me").status_code for client in clients] == [401, 401]
    assert AuditEntry.objects.get(action="sessions.end_all").note == "keyset leaked"


def test_ending_wants_a_name_and_a_reason() -> None:
    client = _client(make_user())
    with pytest.raises(CommandError, match="needs --by"):
        _run(end_all=True, by="ada")
    assert client.get("/api/v1/me").status_code == 200


def test_the_runbook_names_commands_and_options_that_exist() -> None:
    lines = re.findall(r"^\./run (\w+) (.*)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    assert {name for name, _ in lines} == {"sessions", "audit"}
    known = {"--whose", "--end-person", "--end-all", "--by", "--note", "--json", "--against"}
    assert {word for _, rest in lines for word in rest.split() if word.startswith("--")} == known

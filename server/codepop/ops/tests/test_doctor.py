"""The checklist names what is missing and how to mend it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import override_settings

from codepop.core.alerts import raise_alert
from codepop.core.models import InboxMessage, InboxState
from codepop.ops.doctor import examine
from codepop.ops.findings import State
from tests.database_role import as_owner

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing of ours answers there, whatever else this test process has started."""


def _states() -> dict[str, State]:
    return {finding.part: finding.state for finding in examine()}


@pytest.mark.req("DEPLOY-01")
def test_what_is_missing_is_named_with_its_remedy() -> None:
    away = replace(settings.CODEPOP, public_url=NOBODY, live_url=NOBODY, sandbox_url=NOBODY)
    with override_settings(CODEPOP=away):
        findings = {finding.part: finding for finding in examine()}
    assert findings["database"].state == State.OK
    assert findings["database.migrations"].state == State.OK
    assert findings["web"].state == State.MISSING
    assert findings["worker"].state == State.MISSING
    assert findings["stripe"].state == State.DEGRADED
    assert all(finding.remedy for finding in findings.values() if finding.state != State.OK)


@pytest.mark.req("DEPLOY-01")
def test_late_and_quarantined_messages_are_seen() -> None:
    assert _states()["inbox"] == State.OK
    InboxMessage.objects.create(provider="p", external_id="1", kind="k", state=InboxState.QUARANTINED)
    InboxMessage.objects.create(provider="p", external_id="2", kind="k")
    InboxMessage.objects.filter(external_id="2").update(received_at=Now() - timedelta(minutes=6))
    states = _states()
    assert states["inbox"] == State.DEGRADED
    assert states["inbox.quarantine"] == State.DEGRADED


def test_the_doctor_shows_what_is_open() -> None:
    raise_alert("mail.failing", "9 of 10 failed")
    [finding] = [one for one in examine() if one.part == "alerts.mail.failing"]
    assert (finding.state, "9 of 10 failed" in finding.says) == (State.DEGRADED, True)


@pytest.mark.req("DB-05", "DEPLOY-01")
def test_a_role_that_may_do_too_much_is_named() -> None:
    assert _states()["database.rights"] == State.OK
    with as_owner():
        found = next(finding for finding in examine() if finding.part == "database.rights")
    assert found.state == State.DEGRADED
    assert "owns tables" in found.says
    assert "append-only tables" in found.says
    assert "docs/database.md" in found.remedy


@pytest.mark.req("DB-06")
def test_an_unencrypted_way_to_the_database_is_told_in_production() -> None:
    assert _states()["database.tls"] == State.OK
    with override_settings(CODEPOP=replace(settings.CODEPOP, production=True)):
        assert _states()["database.tls"] == State.MISSING
